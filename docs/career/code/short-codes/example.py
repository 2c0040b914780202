"""Short codes: leased counter blocks, a keyed permutation, base 62."""

import hmac
from collections.abc import Iterator

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY = b"sample key, never rotated"
FIRST = 5_000_000_000  # where the counter stands today
ROUNDS = 8


def base62(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def number_of(code: str) -> int:
    number = 0
    for character in code:
        number = number * 62 + ALPHABET.index(character)
    return number


# --8<-- [start:show]
class Allocator:
    """The counter: one row in a database. It moves on before a block is used."""

    def __init__(self, block: int) -> None:
        self.next, self.block, self.calls = FIRST, block, 0

    def lease(self) -> Iterator[int]:
        self.calls += 1
        self.next += self.block
        return iter(range(self.next - self.block, self.next))


class Codes:
    """A Feistel network: 0 to 62**length - 1, each once, in the key's order."""

    def __init__(self, key: bytes, length: int) -> None:
        self.key, self.length, self.size = key, length, 62**length
        self.half = -(-(self.size - 1).bit_length() // 2)  # bits of each half
        self.mask = (1 << self.half) - 1

    def code(self, number: int) -> str:
        return base62(self._walk(number, list(range(ROUNDS))), self.length)

    def number(self, code: str) -> int:
        return self._walk(number_of(code), list(reversed(range(ROUNDS))))

    def _walk(self, value: int, rounds: list[int]) -> int:
        value = self._mix(value, rounds)
        while value >= self.size:  # in the bits, but not a code: walk on
            value = self._mix(value, rounds)
        return value

    def _mix(self, value: int, rounds: list[int]) -> int:
        left, right = value >> self.half, value & self.mask
        for number in rounds:
            digest = hmac.digest(self.key, b"%d:%d" % (number, right), "sha256")
            pad = int.from_bytes(digest[:4]) & self.mask
            left, right = right, left ^ pad
        return right << self.half | left  # swapped: reversed rounds undo it


# --8<-- [end:show]


class Server:
    def __init__(self, allocator: Allocator) -> None:
        self.allocator = allocator
        self.numbers: Iterator[int] = iter(())

    def take(self) -> int:
        number = next(self.numbers, None)
        if number is None:
            self.numbers = self.allocator.lease()
            number = next(self.numbers)
        return number

    def crash(self) -> int:
        """Forget the block; return how many numbers nobody will ever use."""
        gap = len(list(self.numbers))
        self.numbers = iter(())
        return gap


def issue(codes: Codes) -> int:
    allocator = Allocator(1_000)
    servers = [Server(allocator) for _ in range(3)]
    issued: dict[str, int] = {}
    repeats, gap, seed = 0, 0, 7
    for turn in range(20_000):
        if turn == 10_000:
            gap = servers[1].crash()
        seed = (seed * 1103515245 + 12345) % 2**31
        number = servers[(seed >> 16) % 3].take()
        code = codes.code(number)
        repeats += code in issued
        issued[code] = number
    kept = sum(len(list(server.numbers)) for server in servers)
    print(
        f"issued {len(issued)}, duplicates {repeats}, allocator calls {allocator.calls}"
    )
    print(f"lost in the crash {gap}, still held {kept}", end=", ")
    print(f"sum {len(issued) + gap + kept}")
    back = all(codes.number(code) == number for code, number in issued.items())
    print(f"every code back to its number: {'yes' if back else 'no'}")
    return allocator.next


def neighbors(codes: Codes) -> None:
    print("number      plain    permuted")
    for number in range(FIRST, FIRST + 3):
        print(f"{number}  {base62(number, 7)}  {codes.code(number)}")


def whole_space() -> None:
    small = Codes(KEY, 2)
    seen = {small.code(number) for number in range(small.size)}
    print(f"2 characters: {small.size} numbers, {len(seen)} codes")


def draw(number: int, size: int) -> int:
    digest = hmac.digest(KEY, b"draw %d" % number, "sha256")
    return int.from_bytes(digest[:6]) % size


def guesses(codes: Codes, issued_up_to: int) -> None:
    tried, inside = 10_000, 0
    for number in range(tried):
        guess = base62(draw(number, codes.size), codes.length)
        inside += codes.number(guess) < issued_up_to
    print(f"random guesses {tried}: {inside} below the counter", end=", ")
    print(f"expected {tried * issued_up_to // codes.size}")


def random_codes() -> None:
    size, wanted = 62**4, 50_000
    taken: set[int] = set()
    draws = 0
    while len(taken) < wanted:
        taken.add(draw(draws, size))  # add is the unique index: once or not at all
        draws += 1
    print(f"random, 4 characters: {wanted} codes took {draws - wanted} retries", end="")
    print(f", expected {wanted * wanted // (2 * size)}")


def main() -> None:
    codes = Codes(KEY, 7)
    issued_up_to = issue(codes)
    neighbors(codes)
    whole_space()
    guesses(codes, issued_up_to)
    random_codes()


if __name__ == "__main__":
    main()
