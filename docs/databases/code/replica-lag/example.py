"""A leader and its followers: stale reads, own writes, quorums, failover."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations


# --8<-- [start:show]
@dataclass(frozen=True)
class Entry:
    committed_at: int  # milliseconds
    key: str
    value: str


@dataclass
class Follower:
    """Applies the leader's log in order, each entry `lag` later."""

    name: str
    lag: int
    applied: int = 0  # how many entries of the log
    data: dict[str, str] = field(default_factory=dict)

    def catch_up(self, log: Sequence[Entry], now: int) -> None:
        while self.applied < len(log):
            entry = log[self.applied]
            if entry.committed_at + self.lag > now:
                break
            self.data[entry.key] = entry.value
            self.applied += 1


class Leader:
    def __init__(self) -> None:
        self.log: list[Entry] = []
        self.data: dict[str, str] = {}

    def write(self, key: str, value: str, now: int) -> int:
        """The position in the log that a reader must have seen to see this."""
        self.log.append(Entry(now, key, value))
        self.data[key] = value
        return len(self.log)


@dataclass
class Session:
    """What one user has written or read: lives in a cookie or a session store."""

    seen: int = 0

    def read(
        self, key: str, leader: Leader, followers: Iterable[Follower]
    ) -> tuple[str, str]:
        """From the first follower that has applied enough, else from the leader."""
        for follower in followers:
            if follower.applied >= self.seen:
                self.seen = follower.applied  # time does not run backwards either
                return follower.name, follower.data.get(key, "nothing")
        self.seen = len(leader.log)
        return "leader", leader.data.get(key, "nothing")


# --8<-- [end:show]


def lag_and_sessions() -> None:
    leader, near, far = Leader(), Follower("near", 20), Follower("far", 900)
    leader.write("bio", "old", 0)
    mine, other = Session(), Session()
    mine.seen = leader.write("bio", "new", 1000)
    print("near is 20 ms behind, far 900 ms; Ann saves her bio at 1000")
    for now in (1005, 1030, 1900):
        for follower in (near, far):
            follower.catch_up(leader.log, now)
        name, value = mine.read("bio", leader, [far, near])
        print(
            f"{now}  any replica: near {near.data['bio']}, far {far.data['bio']};"
            f" Ann's session: {value} from {name}"
        )
        if now == 1030:
            first = other.read("bio", leader, [near, far])
            again = other.read("bio", leader, [far, near])
            print(f"      Bob, near first: {first[1]}; far first: {again[1]}")


def quorums() -> None:
    print("\nreads that meet the latest write, over all choices of replicas")
    for n, w, r in ((3, 1, 1), (3, 2, 1), (3, 2, 2), (3, 3, 1), (5, 2, 3), (5, 3, 3)):
        pairs = [
            not set(written).isdisjoint(read)
            for written in combinations(range(n), w)
            for read in combinations(range(n), r)
        ]
        verdict = "R+W>N" if r + w > n else "R+W<=N"
        print(f"N={n} W={w} R={r}  {sum(pairs):>3} of {len(pairs):>3}  {verdict}")
    seen = sum(0 in read for read in combinations(range(3), 2))
    print(f"N=3 W=2, write failed after 1 replica: {seen} of 3 reads show it anyway")


def failover() -> None:
    print(
        "\n8 writes, 10 ms apart; the leader dies at 75; followers 30 and 60 ms behind"
    )
    for replies_needed in (0, 1):
        old, followers = Leader(), [Follower("f30", 30), Follower("f60", 60)]
        confirmed = []
        for number in range(8):
            now = number * 10
            position = old.write("count", str(number), now)
            replies = [now, *(now + follower.lag for follower in followers)]
            if replies[replies_needed] <= 75:
                confirmed.append(position)
        for follower in followers:
            follower.catch_up(old.log, 75)
        heir = max(followers, key=lambda follower: follower.applied)
        lost = sum(position > heir.applied for position in confirmed)
        print(
            f"wait for {replies_needed} followers: {len(confirmed)} confirmed,"
            f" {heir.applied} on the new leader, {lost} confirmed and lost"
        )
    new = Leader()
    new.log = old.log[: heir.applied]
    for number in range(3):
        position = new.write("count", f"new {number}", 200 + number)
    print(
        f"position {position}: old leader {old.log[position - 1].value},"
        f" new leader {new.log[position - 1].value}"
    )


def main() -> None:
    lag_and_sessions()
    quorums()
    failover()


if __name__ == "__main__":
    main()
