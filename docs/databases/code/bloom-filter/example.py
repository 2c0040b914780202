"""A Bloom filter beside its formula; HyperLogLog and count-min beside the truth."""

import hashlib
from collections import Counter
from math import exp, log


# --8<-- [start:show]
def hash_pair(key: str) -> tuple[int, int]:
    """Two 64-bit hashes of a key; any good hash will do, SHA-256 is slow."""
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big")


class BloomFilter:
    """m bits and k probes; the i-th probe is h1 + i * h2."""

    def __init__(self, bits: int, probes: int) -> None:
        self.bits, self.probes = bits, probes
        self._array = bytearray((bits + 7) // 8)

    def _positions(self, pair: tuple[int, int]) -> list[int]:
        first, second = pair
        step = second | 1  # never 0, or all probes would be one
        return [(first + i * step) % self.bits for i in range(self.probes)]

    def add(self, pair: tuple[int, int]) -> None:
        for at in self._positions(pair):
            self._array[at >> 3] |= 1 << (at & 7)

    def may_contain(self, pair: tuple[int, int]) -> bool:
        """False is certain. True means: go and look."""
        return all(self._array[at >> 3] >> (at & 7) & 1 for at in self._positions(pair))


def expected_rate(bits: int, probes: int, keys: int) -> float:
    """All probes of an absent key hit bits that other keys have set."""
    return (1 - exp(-probes * keys / bits)) ** probes


# --8<-- [end:show]


class HyperLogLog:
    """4,096 registers: each keeps the longest run of zero bits it has seen."""

    def __init__(self) -> None:
        self._registers = bytearray(4096)

    def add(self, key: str) -> None:
        value = hash_pair(key)[0]
        register, rest = value >> 52, value & ((1 << 52) - 1)
        rank = 52 - rest.bit_length() + 1
        self._registers[register] = max(self._registers[register], rank)

    def estimate(self) -> int:
        m = 4096
        raw = 0.7213 / (1 + 1.079 / m) * m * m / sum(2.0**-r for r in self._registers)
        empty = self._registers.count(0)
        if raw <= 2.5 * m and empty:  # few keys: count the empty registers instead
            raw = m * log(m / empty)
        return round(raw)


class CountMin:
    """Rows of counters; the smallest of a key's counters is the least wrong."""

    def __init__(self, width: int, depth: int) -> None:
        self._width = width
        self._rows = [[0] * width for _ in range(depth)]

    def add(self, key: str) -> None:
        first, second = hash_pair(key)
        for i, row in enumerate(self._rows):
            row[(first + i * (second | 1)) % self._width] += 1

    def count(self, key: str) -> int:
        first, second = hash_pair(key)
        return min(
            row[(first + i * (second | 1)) % self._width]
            for i, row in enumerate(self._rows)
        )


def main() -> None:
    keys = 10_000
    present = [hash_pair(f"order:{n}") for n in range(keys)]
    absent = [hash_pair(f"ghost:{n}") for n in range(100_000)]
    print("Bloom filter: 10,000 keys added, 100,000 absent keys asked")
    print("bits a key  probes  false positives  measured  formula  false negatives")
    for bits_per_key, probes in (
        *((5, 3), (8, 6), (10, 7), (16, 11)),
        *((10, 1), (10, 3), (10, 14)),
    ):
        bloom = BloomFilter(bits_per_key * keys, probes)
        for pair in present:
            bloom.add(pair)
        wrong = sum(map(bloom.may_contain, absent))
        lost = keys - sum(map(bloom.may_contain, present))
        rate = expected_rate(bloom.bits, probes, keys)
        print(
            f"{bits_per_key:>10}{probes:>8}{wrong:>17}{wrong / 1000:>8.2f} %"
            f"{rate * 100:>7.2f} %{lost:>17}"
        )
    overfull = BloomFilter(10 * keys, 7)
    for pair in absent[:40_000]:
        overfull.add(pair)
    wrong = sum(map(overfull.may_contain, absent[40_000:]))
    rate = expected_rate(overfull.bits, 7, 40_000)
    print("the filter for 10,000 keys (10 bits, 7 probes) holding 40,000:")
    print(f"{wrong:>35}{wrong / 600:>8.2f} %{rate * 100:>7.2f} %")

    print("\nHyperLogLog, 4,096 registers; standard error 1.04 / sqrt(4096) = 1.63 %")
    sketch = HyperLogLog()
    for n in range(1, 100_001):
        sketch.add(f"user:{n}")
        if n in (1_000, 50_000, 100_000):
            guess = sketch.estimate()
            print(f"{n:>7} distinct, estimate {guess:>6}, {(guess - n) / n:>+7.2%}")

    stream = [f"page:{k}" for k in range(1, 5_001) for _ in range(10_000 // k)]
    counts, sketched = Counter(stream), CountMin(width=2_000, depth=4)
    for page in stream:
        sketched.add(page)
    bound = int(2.718281828 / 2_000 * len(stream))
    print(f"\ncount-min, 4 rows of 2,000: {len(stream)} views of {len(counts)} pages")
    for page in ("page:1", "page:50", "page:4000"):
        print(f"{page:<10} true {counts[page]:>6}, sketch {sketched.count(page):>6}")
    errors = [sketched.count(page) - true for page, true in counts.items()]
    above = sum(error > bound for error in errors)
    below = sum(error < 0 for error in errors)
    print(f"undercounted: {below}; over by more than {bound}: {above}")


if __name__ == "__main__":
    main()
