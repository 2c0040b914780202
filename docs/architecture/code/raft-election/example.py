"""Raft in virtual time: a split vote, a commit, a cut, a repaired log."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

NAMES = ("n1", "n2", "n3", "n4", "n5")
MAJORITY = len(NAMES) // 2 + 1
HEARTBEAT = 50
SEED = 1


class Entry(NamedTuple):
    term: int
    value: str


@dataclass(frozen=True)
class Message:
    kind: str
    sender: str
    term: int
    index: int = 0  # of the sender's last entry, or of the one before the new ones
    index_term: int = 0
    entries: tuple[Entry, ...] = ()
    commit: int = 0
    ok: bool = False


class World:
    """The clock, the network and the dice. Time jumps from event to event."""

    def __init__(self) -> None:
        self.now = 0
        self._events: list[tuple[int, int, Callable[[], None]]] = []
        self._sequence = 0
        self._dice = SEED
        self.nodes: dict[str, Node] = {}
        self.down = {"n5"}
        self.island: set[str] = set()  # who is cut off from the others

    def random(self, below: int) -> int:
        self._dice = (self._dice * 1103515245 + 12345) % 2**31
        return (self._dice >> 8) % below

    def after(self, delay: int, run: Callable[[], None]) -> None:
        self._sequence += 1
        heapq.heappush(self._events, (self.now + delay, self._sequence, run))

    def send(self, to: str, message: Message) -> None:
        def deliver() -> None:
            cut = (message.sender in self.island) != (to in self.island)
            if not cut and not self.down & {to, message.sender}:
                self.nodes[to].receive(message)

        self.after(5 + self.random(10), deliver)

    def say(self, who: str, text: str) -> None:
        print(f"{self.now:>4}  {who:<6}  {text}")

    def run_until(self, time: int) -> None:
        while self._events and self._events[0][0] <= time:
            self.now, _, run = heapq.heappop(self._events)
            run()
        self.now = time


class Node:
    def __init__(self, world: World, name: str, first_timeout: int) -> None:
        self.world, self.name = world, name
        self.peers = [n for n in NAMES if n != name]
        self.role = "follower"
        # On disk in a real server, flushed before any answer: term, vote, log.
        self.term, self.voted_for = 0, ""
        self.log: list[Entry] = []
        self.commit = 0
        self.votes: set[str] = set()
        self.match: dict[str, int] = {}  # leader: how many entries a peer has for sure
        self.next: dict[str, int] = {}  # leader: how many it is believed to have
        self.timer = 0
        self.wait_for_leader(first_timeout)

    def receive(self, m: Message) -> None:
        self.adopt(m.term)
        match m.kind:
            case "ask_vote":
                self.on_ask_vote(m)
            case "vote":
                self.on_vote(m)
            case "append":
                self.on_append(m)
            case "appended":
                self.on_appended(m)

    # --8<-- [start:show]
    def adopt(self, term: int) -> None:
        """A higher term in any message deposes leaders and candidates."""
        if term <= self.term:
            return
        if self.role == "leader":
            self.say(f"sees term {term}, steps down")
            self.wait_for_leader()
        self.term, self.voted_for, self.role = term, "", "follower"

    def on_ask_vote(self, m: Message) -> None:
        """One vote a term, and only for a log that is at least as complete."""
        complete = (m.index_term, m.index) >= (self.last_term(), len(self.log))
        free = self.voted_for in ("", m.sender)
        ok = m.term == self.term and free and complete
        if ok:
            self.voted_for = m.sender
            self.say(f"votes for {m.sender} in term {m.term}")
            self.wait_for_leader()
        self.send(m.sender, "vote", ok=ok)

    def on_append(self, m: Message) -> None:
        """Accept entries only behind an entry that both sides agree on."""
        if m.term < self.term:  # a deposed leader: the answer tells it the term
            return self.send(m.sender, "appended")
        self.role = "follower"
        self.wait_for_leader()
        if self.term_at(m.index) != m.index_term:  # gap or conflict: go further back
            return self.send(m.sender, "appended")
        for i, entry in enumerate(m.entries, start=m.index):
            if i < len(self.log) and self.log[i].term != entry.term:
                self.say(f"drops {self.shown(i)}, never committed")
                del self.log[i:]
            if i == len(self.log):
                self.log.append(entry)
        end = m.index + len(m.entries)
        self.advance(min(m.commit, end))
        self.send(m.sender, "appended", ok=True, index=end)

    def count_copies(self) -> None:
        """Leader: commit what a majority has, if its last entry is of this term."""
        copies = sorted([len(self.log), *self.match.values()], reverse=True)
        on_majority = copies[MAJORITY - 1]
        if self.term_at(on_majority) == self.term:
            self.advance(on_majority)

    # --8<-- [end:show]

    def on_vote(self, m: Message) -> None:
        if self.role == "candidate" and m.term == self.term and m.ok:
            self.votes.add(m.sender)
            if len(self.votes) == MAJORITY:
                self.lead()

    def on_appended(self, m: Message) -> None:
        if self.role != "leader" or m.term != self.term:
            return
        if not m.ok:
            self.next[m.sender] = max(0, self.next[m.sender] - 1)
            return self.send_entries(m.sender)
        self.next[m.sender] = self.match[m.sender] = max(m.index, self.match[m.sender])
        self.count_copies()

    def wait_for_leader(self, timeout: int = 0) -> None:
        self.timer += 1  # makes every earlier timer void
        mine = self.timer
        timeout = timeout or 150 + self.world.random(150)
        self.world.after(timeout, lambda: self.timer == mine and self.campaign())

    def campaign(self) -> None:
        if self.name in self.world.down:
            return self.wait_for_leader()
        if self.role == "candidate":
            self.say(f"got {len(self.votes)} votes of 5 in term {self.term}")
        self.term, self.voted_for, self.role = self.term + 1, self.name, "candidate"
        self.votes = {self.name}
        self.say(f"hears no leader, asks for votes in term {self.term}")
        for peer in self.peers:
            self.send(peer, "ask_vote", len(self.log), self.last_term())
        self.wait_for_leader()

    def lead(self) -> None:
        self.role = "leader"
        self.timer += 1
        self.next = dict.fromkeys(self.peers, len(self.log))
        self.match = dict.fromkeys(self.peers, 0)
        self.say(f"LEADS term {self.term} with {len(self.votes)} votes of 5")
        self.beat(self.term)

    def beat(self, term: int) -> None:
        if self.role == "leader" and self.term == term:
            for peer in self.peers:
                self.send_entries(peer)
            self.world.after(HEARTBEAT, lambda: self.beat(term))

    def send_entries(self, peer: str) -> None:
        at = self.next[peer]
        entries = tuple(self.log[at:])
        self.send(peer, "append", at, self.term_at(at), entries, self.commit)

    def write(self, value: str) -> None:
        self.log.append(Entry(self.term, value))
        self.say(f"accepts {value} as entry {len(self.log)} of term {self.term}")

    def advance(self, commit: int) -> None:
        for i in range(self.commit, commit):
            if self.role == "leader":
                copies = 1 + sum(has > i for has in self.match.values())
                self.say(f"COMMITS {self.shown(i)}, on {copies} of 5")
        self.commit = max(self.commit, commit)

    def send(
        self,
        to: str,
        kind: str,
        index: int = 0,
        index_term: int = 0,
        entries: tuple[Entry, ...] = (),
        commit: int = 0,
        ok: bool = False,
    ) -> None:
        message = Message(
            kind, self.name, self.term, index, index_term, entries, commit, ok
        )
        self.world.send(to, message)

    def term_at(self, count: int) -> int:
        """The term of the last of that many entries; -1 if there are fewer."""
        if count > len(self.log):
            return -1
        return self.log[count - 1].term if count else 0

    def last_term(self) -> int:
        return self.term_at(len(self.log))

    def shown(self, i: int) -> str:
        return f"{self.log[i].value}/term {self.log[i].term}"

    def say(self, text: str) -> None:
        self.world.say(self.name, text)


def logs(world: World) -> None:
    """Nodes with the same log on one line; a stroke before what is not committed."""
    same: dict[str, list[str]] = {}
    for node in world.nodes.values():
        entries = [f"{value}/{term}" for term, value in node.log]
        entries.insert(node.commit, "|")
        same.setdefault(" ".join(entries), []).append(node.name)
    for log, names in same.items():
        print(f"      {' '.join(names):<16}{log}")


def leader(world: World) -> Node:
    """The leader outside the island."""
    nodes = world.nodes.values()
    return next(n for n in nodes if n.role == "leader" and n.name not in world.island)


def main() -> None:
    world = World()
    for name, first in zip(NAMES, (160, 160, 290, 295, 299), strict=True):
        world.nodes[name] = Node(world, name, first)
    world.say("world", "n5 is down; n1 and n2 time out together")
    world.run_until(700)
    old = leader(world)
    old.write("x=1")
    world.run_until(800)
    world.down.clear()
    world.say("world", "n5 starts")
    world.run_until(1000)
    world.island = {old.name, old.peers[0]}
    world.say("world", f"the network cuts off {old.name} and {old.peers[0]}")
    old.write("x=2")
    world.run_until(1500)
    leader(world).write("x=3")
    world.run_until(1650)
    logs(world)
    world.island = set()
    world.say("world", "the cut is repaired")
    world.run_until(1850)
    logs(world)


if __name__ == "__main__":
    main()
