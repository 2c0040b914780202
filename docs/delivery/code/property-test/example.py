"""Merge overlapping bookings; examples pass on bugs, a property finds and shrinks."""

from collections.abc import Callable, Iterator
from itertools import pairwise

Booking = tuple[int, int]  # start and end in hours; the end is not included
Merge = Callable[[list[Booking]], list[Booking]]
CASES = 200
EXAMPLES = [
    ([], []),
    ([(9, 11), (10, 12)], [(9, 12)]),
    ([(9, 10), (11, 12)], [(9, 10), (11, 12)]),
]


class Lcg:
    """One small generator, so that a seed means the same in every language."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def below(self, limit: int) -> int:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return (self._state >> 16) % limit


def merge(bookings: list[Booking]) -> list[Booking]:
    merged: list[Booking] = []
    for start, end in sorted(bookings):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def unsorted(bookings: list[Booking]) -> list[Booking]:
    merged: list[Booking] = []
    for start, end in bookings:
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def last_end(bookings: list[Booking]) -> list[Booking]:
    merged: list[Booking] = []
    for start, end in sorted(bookings):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def touching(bookings: list[Booking]) -> list[Booking]:
    merged: list[Booking] = []
    for start, end in sorted(bookings):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


# --8<-- [start:show]
def generate(random: Lcg) -> list[Booking]:
    starts = [random.below(20) for _ in range(random.below(8))]
    return [(start, start + 1 + random.below(5)) for start in starts]


def holds(merge: Merge, bookings: list[Booking]) -> bool:
    """For any input: the same hours are covered, and gaps separate the results."""
    result = merge(bookings)
    gaps = all(last[1] < following[0] for last, following in pairwise(result))
    return gaps and hours(result) == hours(bookings)


def hours(bookings: list[Booking]) -> set[int]:
    """The slow model: no cleverness that could share a bug with merge."""
    return {hour for start, end in bookings for hour in range(start, end)}


def smaller(bookings: list[Booking]) -> Iterator[list[Booking]]:
    """Every input one step simpler: a booking less, shorter, earlier; all earlier."""
    for i, (start, end) in enumerate(bookings):
        before, after = bookings[:i], bookings[i + 1 :]
        yield before + after
        if end - start > 1:
            yield [*before, (start, end - 1), *after]
        if start > 0:
            yield [*before, (start - 1, end - 1), *after]
    if bookings and min(bookings)[0] > 0:
        yield [(start - 1, end - 1) for start, end in bookings]


def shrink(merge: Merge, failing: list[Booking]) -> list[Booking]:
    """Go on with the first simpler input that still fails, until none does."""
    for candidate in smaller(failing):
        if not holds(merge, candidate):
            return shrink(merge, candidate)
    return failing


def find(merge: Merge, seed: int) -> tuple[int, list[Booking]] | None:
    random = Lcg(seed)
    for case in range(1, CASES + 1):
        bookings = generate(random)
        if not holds(merge, bookings):
            return case, bookings
    return None


# --8<-- [end:show]


def text(bookings: list[Booking]) -> str:
    return " ".join(f"{start}-{end}" for start, end in bookings)


def report(name: str, merge: Merge, seed: int) -> None:
    passed = sum(merge(given) == wanted for given, wanted in EXAMPLES)
    print(f"{name}: {passed} of {len(EXAMPLES)} examples pass")
    found = find(merge, seed)
    if found is None:
        print(f"  property holds on {CASES} cases, seed {seed}")
        return
    case, bookings = found
    least = shrink(merge, bookings)
    print(f"  seed {seed}, case {case} breaks it: {text(bookings)}")
    print(f"  shrunk to {text(least)}: merged {text(merge(least))}")
    again = find(merge, seed)
    print(f"  same seed again: {'the same case' if again == found else 'another'}")


def main() -> None:
    report("merge", merge, 2026)
    report("mutant: input not sorted", unsorted, 2026)
    report("mutant: last end instead of the latest", last_end, 2026)
    report("mutant: < instead of <=", touching, 2026)


if __name__ == "__main__":
    main()
