"""State-based CRDTs: merge in any order, as often as you like."""

from copy import deepcopy
from dataclasses import dataclass, field

# --8<-- [start:show]
Tag = tuple[str, int]  # replica, number: unique for ever


@dataclass
class GCounter:
    """Grows only. Each replica raises its own entry."""

    counts: dict[str, int] = field(default_factory=dict)

    def add(self, replica: str, amount: int = 1) -> None:
        self.counts[replica] = self.counts.get(replica, 0) + amount

    def value(self) -> int:
        return sum(self.counts.values())

    def merge(self, other: "GCounter") -> None:
        for replica, count in other.counts.items():
            self.counts[replica] = max(self.counts.get(replica, 0), count)


@dataclass
class Note:
    """Last write wins: the larger (clock, replica) keeps its text."""

    stamp: tuple[int, str] = (0, "")
    text: str = ""

    def write(self, replica: str, text: str) -> None:
        self.stamp, self.text = (self.stamp[0] + 1, replica), text

    def merge(self, other: "Note") -> None:
        if other.stamp > self.stamp:
            self.stamp, self.text = other.stamp, other.text


@dataclass
class OrSet:
    """Observed-remove set: a remove covers only the adds it has seen."""

    added: dict[Tag, str] = field(default_factory=dict)  # tag to item
    removed: set[Tag] = field(default_factory=set)  # tombstones

    def add(self, tag: Tag, item: str) -> None:
        self.added[tag] = item

    def remove(self, item: str) -> None:
        self.removed |= {tag for tag, it in self.added.items() if it == item}

    def items(self) -> list[str]:
        live = self.added.keys() - self.removed
        return sorted({self.added[tag] for tag in live})

    def merge(self, other: "OrSet") -> None:
        self.added |= other.added
        self.removed |= other.removed


# --8<-- [end:show]


@dataclass
class Replica:
    name: str
    likes: GCounter = field(default_factory=GCounter)
    taken: GCounter = field(default_factory=GCounter)  # likes minus taken: PN-counter
    note: Note = field(default_factory=Note)
    cart: OrSet = field(default_factory=OrSet)
    plain: int = 0  # what not to do: one integer, the larger wins
    tags: int = 0

    def new_tag(self) -> Tag:
        self.tags += 1
        return self.name, self.tags

    def merge(self, other: "Replica") -> None:
        self.likes.merge(other.likes)
        self.taken.merge(other.taken)
        self.note.merge(other.note)
        self.cart.merge(other.cart)
        self.plain = max(self.plain, other.plain)

    def visible(self) -> tuple[int, int, str, list[str]]:
        likes = self.likes.value()
        return likes, likes - self.taken.value(), self.note.text, self.cart.items()


class Random:
    """The same small generator in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, limit: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 16) % limit


def shown(replica: Replica) -> str:
    return " ".join(replica.cart.items()) or "empty"


def sync(a: Replica, b: Replica) -> None:
    a.merge(b)
    b.merge(a)


def trace() -> None:
    a, b = Replica("A"), Replica("B")
    a.cart.add(a.new_tag(), "milk")
    sync(a, b)
    print(f"both carts {shown(a)}; then, without hearing of each other:")
    a.cart.remove("milk")
    b.cart.add(b.new_tag(), "milk")
    a.likes.add("A", 3)
    b.likes.add("B", 2)
    a.plain, b.plain = 3, 2
    a.note.write("A", "ring twice")
    b.note.write("B", "leave at door")
    print("A removes milk, likes 3, notes ring twice")
    print("B adds milk, likes 2, notes leave at door")
    sync(a, b)
    sync(a, b)
    print(f"merged twice: cart {shown(a)}, likes {a.likes.value()}", end=", ")
    print(f"plain integer {a.plain}, note {a.note.text}")
    a.cart.remove("milk")
    sync(a, b)
    print(f"A removes milk, B's add seen: cart {shown(b)}", end=", ")
    print(f"{len(b.cart.removed)} tombstones")


@dataclass
class Tally:
    operations: int = 0
    delivered: int = 0
    repeated: int = 0
    overtaken: int = 0
    lost: int = 0
    converged: int = 0
    counters_right: int = 0
    carts_right: int = 0
    plain_right: int = 0


@dataclass
class Truth:
    """What an observer of all changes expects, without any merging."""

    likes: int = 0
    taken: int = 0
    added: dict[Tag, str] = field(default_factory=dict)
    removed: set[Tag] = field(default_factory=set)

    def cart(self) -> list[str]:
        return sorted({self.added[tag] for tag in self.added.keys() - self.removed})


def operate(replica: Replica, random: Random, step: int, truth: Truth) -> None:
    """One random change, made with what this replica knows."""
    item = ("milk", "bread", "tea")[random.below(3)]
    match random.below(5):
        case 0:
            replica.likes.add(replica.name)
            replica.plain += 1
            truth.likes += 1
        case 1:
            replica.taken.add(replica.name)
            truth.taken += 1
        case 2:
            replica.note.write(replica.name, f"note {step}")
        case 3:
            tag = replica.new_tag()
            replica.cart.add(tag, item)
            truth.added[tag] = item
        case _:
            truth.removed |= {t for t, it in replica.cart.added.items() if it == item}
            replica.cart.remove(item)


@dataclass
class Message:
    target: int
    number: int
    state: Replica


class Network:
    """Delivers in any order; repeats and, if allowed to, loses."""

    def __init__(self, replicas: list[Replica], random: Random, tally: Tally) -> None:
        self.replicas, self.random, self.tally = replicas, random, tally
        self.flying: list[Message] = []
        self.sent = 0
        self.newest: dict[tuple[int, str], int] = {}

    def send(self, source: int, target: int) -> None:
        self.sent += 1
        state = deepcopy(self.replicas[source])
        self.flying.append(Message(target, self.sent, state))

    def deliver(self, may_lose: bool) -> None:
        chosen = self.random.below(len(self.flying))
        fate = self.random.below(10)
        message = self.flying[chosen]
        if fate > 0:  # at 0 it stays in flight and will arrive again
            del self.flying[chosen]
        if fate == 1 and may_lose:
            self.tally.lost += 1
            return
        link = (message.target, message.state.name)
        self.tally.delivered += 1
        self.tally.repeated += fate == 0
        self.tally.overtaken += message.number < self.newest.get(link, 0)
        self.newest[link] = max(message.number, self.newest.get(link, 0))
        self.replicas[message.target].merge(message.state)


def schedule(seed: int, tally: Tally) -> None:
    random, truth = Random(seed), Truth()
    replicas = [Replica(name) for name in "ABC"]
    network = Network(replicas, random, tally)
    for step in range(90):
        match random.below(3):
            case 0:
                tally.operations += 1
                operate(replicas[random.below(3)], random, step, truth)
            case 1:
                source = random.below(3)
                network.send(source, (source + 1 + random.below(2)) % 3)
            case _:
                if network.flying:
                    network.deliver(may_lose=True)
    for source in range(3):  # quiet now: the last states do arrive
        for target in range(3):
            if target != source:
                network.send(source, target)
    while network.flying:
        network.deliver(may_lose=False)

    views = [replica.visible() for replica in replicas]
    likes, score, _, cart = views[0]
    tally.converged += views[0] == views[1] == views[2]
    tally.counters_right += (likes, score) == (truth.likes, truth.likes - truth.taken)
    tally.carts_right += cart == truth.cart()
    tally.plain_right += replicas[0].plain == truth.likes


def main() -> None:
    trace()
    tally = Tally()
    for seed in range(1, 301):
        schedule(seed, tally)
    print(f"\n300 schedules, 3 replicas, {tally.operations} changes")
    print(
        f"states delivered {tally.delivered}, of these repeated {tally.repeated}",
        end="",
    )
    print(f", overtaken {tally.overtaken}; lost {tally.lost}")
    print(f"all three replicas equal   {tally.converged} of 300")
    print(f"likes and score exact      {tally.counters_right} of 300")
    print(f"cart as expected           {tally.carts_right} of 300")
    print(f"plain integer exact        {tally.plain_right} of 300")


if __name__ == "__main__":
    main()
