"""Four interview exercises, their edge cases, and brute force as the judge."""

import heapq
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable

Pair = tuple[int, int]


# --8<-- [start:show]
class LRUCache:
    """get and put: O(1). The oldest entry stands first."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.entries: OrderedDict[str, int] = OrderedDict()

    def get(self, key: str) -> int | None:
        if key not in self.entries:
            return None
        self.entries.move_to_end(key)  # a hit makes it the newest
        return self.entries[key]

    def put(self, key: str, value: int) -> None:
        self.entries[key] = value
        self.entries.move_to_end(key)  # also when the key was there
        if len(self.entries) > self.capacity:
            self.entries.popitem(last=False)


def merge(intervals: Iterable[Pair]) -> list[Pair]:
    """O(n log n) for the sort, then one pass."""
    merged: list[Pair] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:  # touching counts as one
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


# --8<-- [end:show]


# --8<-- [start:more]
def top_k(words: Iterable[str], k: int) -> list[tuple[str, int]]:
    """n words, d distinct: O(n + d log k). Ties go to the earlier word."""
    counts = Counter(words)
    # nsmallest keeps a heap of k entries instead of sorting all d.
    return heapq.nsmallest(k, counts.items(), key=lambda e: (-e[1], e[0]))


class TokenBucket:
    """allow: O(1), two numbers a client. Thousandths of a token: no floats."""

    def __init__(self, capacity: int, per_second: int, now_ms: int) -> None:
        self.capacity = capacity * 1000
        self.per_ms = per_second  # n tokens a second = n thousandths a ms
        self.tokens = self.capacity
        self.at = now_ms

    def allow(self, now_ms: int, cost: int = 1) -> bool:
        if now_ms > self.at:  # a clock that jumps back earns nothing
            gained = (now_ms - self.at) * self.per_ms
            self.tokens = min(self.capacity, self.tokens + gained)
            self.at = now_ms
        if cost * 1000 > self.tokens:
            return False
        self.tokens -= cost * 1000
        return True


# --8<-- [end:more]


class Random:
    """The same numbers in every language."""

    def __init__(self, seed: int) -> None:
        self.state = seed

    def below(self, bound: int) -> int:
        self.state = (self.state * 1103515245 + 12345) % 2**31
        return (self.state >> 16) % bound


def show_pairs(pairs: Iterable[Pair]) -> str:
    return " ".join(f"{start}-{end}" for start, end in pairs) or "none"


def show_counts(counts: Iterable[tuple[str, int]]) -> str:
    return " ".join(f"{word}:{count}" for word, count in counts) or "none"


def run_cache(capacity: int, steps: str) -> str:
    """Step 3 "a" puts a = 3, "?a" gets a. Answers, then entries, oldest first."""
    cache = LRUCache(capacity)
    shown: list[str] = []
    for number, step in enumerate(steps.split(), 1):
        if step.startswith("?"):
            value = cache.get(step[1:])
            shown.append("?-" if value is None else f"?{value}")
        else:
            cache.put(step, number)
    return " ".join([*shown, *(f"{k}{v}" for k, v in cache.entries.items())])


def slow_cache(capacity: int, steps: str) -> str:
    entries: list[tuple[str, int]] = []
    shown: list[str] = []
    for number, step in enumerate(steps.split(), 1):
        key = step.lstrip("?")
        value = dict(entries).get(key) if step.startswith("?") else number
        if step.startswith("?"):
            shown.append("?-" if value is None else f"?{value}")
        if value is not None:
            others = [entry for entry in entries if entry[0] != key]
            entries = [*others, (key, value)][-capacity:]
    return " ".join([*shown, *(f"{k}{v}" for k, v in entries)])


def slow_merge(intervals: list[Pair]) -> list[Pair]:
    """Paint half units on a line: 2 a .. 2 b, then read off the runs."""
    line = [False] * 130
    for start, end in intervals:
        for point in range(2 * start, 2 * end + 1):
            line[point] = True
    merged: list[Pair] = []
    start = -1
    for point, painted in enumerate(line):
        if painted and start < 0:
            start = point
        elif not painted and start >= 0:
            merged.append((start // 2, (point - 1) // 2))
            start = -1
    return merged


def careless_merge(intervals: list[Pair]) -> list[Pair]:
    """The usual slip: takes the new end instead of the larger one."""
    merged: list[Pair] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def slow_top(words: list[str], k: int) -> list[tuple[str, int]]:
    counts = [(word, words.count(word)) for word in sorted(set(words))]
    return sorted(counts, key=lambda entry: -entry[1])[:k]


def run_bucket(times: Iterable[int], cost: int = 1) -> str:
    bucket = TokenBucket(capacity=3, per_second=10, now_ms=0)
    return "".join("y" if bucket.allow(time, cost) else "n" for time in times)


def slow_bucket(times: Iterable[int]) -> str:
    """One millisecond at a time."""
    tokens, now, answers = 3000, 0, ""
    for time in times:
        while now < time:
            tokens, now = min(3000, tokens + 10), now + 1
        answers += "y" if tokens >= 1000 else "n"
        tokens -= 1000 if tokens >= 1000 else 0
    return answers


def case(label: str, got: str, want: str) -> None:
    print(f"  {label:<42}{got:<18}{'ok' if got == want else 'WANT ' + want}")


def agree(label: str, trial: Callable[[Random], bool]) -> None:
    same = sum(trial(Random(seed)) for seed in range(300))
    print(f"  {label:<42}{same} of 300")


def random_steps(random: Random) -> str:
    marks = [("?" if random.below(2) else "") for _ in range(30)]
    return " ".join(mark + "abcdef"[random.below(6)] for mark in marks)


def random_pairs(random: Random) -> list[Pair]:
    starts = [random.below(40) for _ in range(random.below(8))]
    return [(start, start + random.below(12)) for start in starts]


def random_words(random: Random) -> list[str]:
    return ["abcdefgh"[random.below(8)] for _ in range(random.below(30))]


def random_times(random: Random) -> list[int]:
    now, times = 0, []
    for _ in range(20):
        now += random.below(120)
        times.append(now)
    return times


def try_cache(random: Random) -> bool:
    steps = random_steps(random)
    return run_cache(3, steps) == slow_cache(3, steps)


def try_merge(random: Random) -> bool:
    pairs = random_pairs(random)
    return merge(pairs) == slow_merge(pairs)


def try_careless(random: Random) -> bool:
    pairs = random_pairs(random)
    return careless_merge(pairs) == slow_merge(pairs)


def try_top(random: Random) -> bool:
    words = random_words(random)
    return top_k(words, 3) == slow_top(words, 3)


def try_bucket(random: Random) -> bool:
    times = random_times(random)
    return run_bucket(times) == slow_bucket(times)


def main() -> None:
    print("LRU cache: ?answers, then entries, oldest first; a3 = put in step 3")
    case("room for 2: put a b, get a, put c", run_cache(2, "a b ?a c"), "?1 a1 c4")
    case("an old key: new value, and the newest", run_cache(2, "a b a c"), "a3 c4")
    case("a miss moves nothing", run_cache(2, "a b ?x c"), "?- b2 c4")
    print("merge")
    usual = [(8, 10), (1, 3), (15, 18), (2, 6)]
    case("unsorted, overlapping", show_pairs(merge(usual)), "1-6 8-10 15-18")
    case("touching", show_pairs(merge([(1, 4), (4, 7)])), "1-7")
    case("one inside another", show_pairs(merge([(1, 9), (2, 3)])), "1-9")
    case("empty", show_pairs(merge([])), "none")
    print("top k")
    case("b a b c a b, k = 2", show_counts(top_k("babcab", 2)), "b:3 a:2")
    case("a tie goes to the earlier word", show_counts(top_k("cab", 2)), "a:1 b:1")
    case("k above the number of words", show_counts(top_k("aa", 5)), "a:2")
    print("token bucket, 3 tokens, 10 a second")
    case(
        "four at once, one 99 and one 100 ms later",
        run_bucket([0] * 4 + [99, 100]),
        "yyynny",
    )
    case("idle for a day, then four", run_bucket([86_400_000] * 4), "yyyn")
    case(
        "the clock jumps back and returns", run_bucket([500, 500, 0, 500, 500]), "yyynn"
    )
    case("a request that costs 4", run_bucket([0, 9000], 4), "nn")
    print("random inputs, same answer as brute force")
    agree("LRU cache", try_cache)
    agree("merge", try_merge)
    agree("merge without max", try_careless)
    agree("top k", try_top)
    agree("token bucket", try_bucket)


if __name__ == "__main__":
    main()
