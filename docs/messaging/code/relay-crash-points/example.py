"""Crash every process before every step; count orders and effects afterwards."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

ORDERS = 5
SCHEDULES = 2000
STEPS = ("save", "publish", "mark", "effect", "ack")
# Every step of every process announces itself; a schedule may raise Crash there.
Before = Callable[[str], None]


class Crash(Exception):  # noqa: N818 - it is what happens, not an error to handle
    """The process that was about to take the step is gone."""


@dataclass
class World:
    """What survives crashes: the databases and the broker."""

    orders: set[int] = field(default_factory=set)
    outbox: list[int] = field(default_factory=list)
    queue: list[int] = field(default_factory=list)
    inbox: set[int] = field(default_factory=set)
    effects: Counter[int] = field(default_factory=Counter)


# --8<-- [start:show]
def save_then_publish(world: World, order: int, before: Before) -> None:
    before("save")
    world.orders.add(order)
    before("publish")
    world.queue.append(order)


def save_with_outbox(world: World, order: int, before: Before) -> None:
    before("save")
    world.orders.add(order)  # these two lines are one commit
    world.outbox.append(order)


def relay(world: World, before: Before) -> None:
    while world.outbox:
        before("publish")
        world.queue.append(world.outbox[0])
        before("mark")
        world.outbox.pop(0)


def with_inbox(world: World, before: Before) -> None:
    while world.queue:
        before("effect")
        message = world.queue[0]
        if message not in world.inbox:
            world.inbox.add(message)  # these two lines are one commit
            world.effects[message] += 1
        before("ack")
        world.queue.pop(0)


# --8<-- [end:show]


def publish_then_save(world: World, order: int, before: Before) -> None:
    before("publish")
    world.queue.append(order)
    before("save")
    world.orders.add(order)


def ack_first(world: World, before: Before) -> None:
    while world.queue:
        before("ack")
        message = world.queue.pop(0)
        before("effect")
        world.effects[message] += 1


def effect_first(world: World, before: Before) -> None:
    while world.queue:
        before("effect")
        world.effects[world.queue[0]] += 1
        before("ack")
        world.queue.pop(0)


Place = Callable[[World, int, Before], None]
Consume = Callable[[World, Before], None]
DESIGNS: list[tuple[str, Place, Consume]] = [
    ("save, pub", save_then_publish, effect_first),
    ("pub, save", publish_then_save, effect_first),
    ("ack first", save_with_outbox, ack_first),
    ("outbox", save_with_outbox, effect_first),
    ("+ inbox", save_with_outbox, with_inbox),
]


def run(place: Place, consume: Consume, orders: Iterable[int], before: Before) -> World:
    """Place the orders; then restart what crashed until nothing is left to do."""
    world = World()
    for order in orders:
        try:
            place(world, order, before)
        except Crash:
            continue  # the customer gets an error and does not come back
    while world.outbox or world.queue:
        try:
            relay(world, before)
            consume(world, before)
        except Crash:
            continue
    return world


def one_crash(place: Place, consume: Consume, victim: str) -> str:
    """Crash once, before the step of that name, and tell what one order came to."""
    left = [victim]

    def before(step: str) -> None:
        if step in left:
            left.remove(step)
            raise Crash

    world = run(place, consume, [1], before)
    if left:
        return "-"
    orders, effects = len(world.orders), world.effects[1]
    return f"{orders}/{effects}{verdict(orders, effects)}"


def verdict(orders: int, effects: int) -> str:
    if orders == 0:
        return " ghost" if effects else ""
    return (" lost", "", " doubled")[min(effects, 2)]


class Random:
    """A generator that is the same in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, bound: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 16) % bound


def schedules(label: str, place: Place, consume: Consume) -> str:
    """Run many schedules in which one step in five crashes."""
    crashes = stored = right = 0
    seen: Counter[str] = Counter()
    for seed in range(SCHEDULES):
        random = Random(seed)
        met = 0

        def before(_: str, random: Random = random) -> None:
            nonlocal met
            if random.below(5) == 0:
                met += 1
                raise Crash

        world = run(place, consume, range(ORDERS), before)
        words = [
            verdict(int(order in world.orders), world.effects[order]).strip()
            for order in range(ORDERS)
        ]
        seen.update(words)
        crashes += met
        stored += len(world.orders)
        right += words.count("") == ORDERS
    cells = (crashes, stored, seen["lost"], seen["ghost"], seen["doubled"], right)
    return f"{label:<12}" + "".join(f"{cell:>11}" for cell in cells)


def main() -> None:
    heads = "".join(f"{label:<13}" for label, _, _ in DESIGNS)
    print("One order, one crash: orders stored / effects of its message")
    print(f"{'before':<10}{heads}".rstrip())
    for step in STEPS:
        cells = "".join(f"{one_crash(p, c, step):<13}" for _, p, c in DESIGNS)
        print(f"{step:<10}{cells}".rstrip())
    print(f"\n{SCHEDULES} schedules of {ORDERS} orders, one step in five crashes")
    columns = ("crashes", "orders", "lost", "ghosts", "doubled", "all right")
    print(" " * 12 + "".join(f"{column:>11}" for column in columns))
    for label, place, consume in DESIGNS:
        print(schedules(label, place, consume))


if __name__ == "__main__":
    main()
