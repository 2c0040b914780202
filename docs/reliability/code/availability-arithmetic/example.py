"""Availability in series, in parallel, k of n, and why the formula flatters."""

from collections.abc import Iterable
from fractions import Fraction
from math import comb, prod

MINUTES = 30 * 24 * 60  # a month of 30 days


# --8<-- [start:show]
def series(parts: Iterable[Fraction]) -> Fraction:
    """All are needed."""
    return prod(parts, start=Fraction(1))


def parallel(parts: Iterable[Fraction]) -> Fraction:
    """One is enough, and they fail independently."""
    return 1 - prod((1 - part for part in parts), start=Fraction(1))


def k_of_n(k: int, n: int, part: Fraction) -> Fraction:
    """At least k of n equal parts, independent."""
    return sum(
        (comb(n, up) * part**up * (1 - part) ** (n - up) for up in range(k, n + 1)),
        start=Fraction(0),
    )


def pair_with_shared_cause(part: Fraction, shared: Fraction) -> Fraction:
    """Two in parallel; this share of each one's failures hits both at once."""
    down = 1 - part
    return (1 - shared * down) * (1 - ((1 - shared) * down) ** 2)


def from_repairs(hours_between_failures: int, minutes_to_repair: int) -> Fraction:
    """Availability = MTBF / (MTBF + MTTR), with MTBF counted as time up."""
    up = Fraction(hours_between_failures * 60)
    return up / (up + minutes_to_repair)


# --8<-- [end:show]


def percent(text: str) -> Fraction:
    return Fraction(text) / 100


def digits(value: Fraction, places: int) -> str:
    """Rounded half up, without floating point."""
    scaled = int(value * 10**places + Fraction(1, 2))
    whole, rest = divmod(scaled, 10**places)
    return f"{whole}.{rest:0{places}}"


def show(label: str, value: Fraction) -> None:
    down = digits((1 - value) * MINUTES, 2)
    print(f"{label:<42}{digits(value * 100, 4):>9} %{down:>9} min")


def main() -> None:
    print(f"{'':<42}{'available':>11}{'down a month':>13}")
    for text in ("99", "99.9", "99.95", "99.99", "99.999"):
        show(f"{text} %", percent(text))
    three, two = percent("99.9"), percent("99")
    print()
    show("series: 5 parts at 99.9 %", series([three] * 5))
    show("series: 20 parts at 99.9 %", series([three] * 20))
    show("parallel: 2 at 99 %", parallel([two] * 2))
    show("parallel: 3 at 99 %", parallel([two] * 3))
    show("2 of 3 at 99 %", k_of_n(2, 3, two))
    show("3 of 3 at 99 % (no spare)", k_of_n(3, 3, two))
    print()
    for text in ("1", "10", "50"):
        show(f"2 at 99 %, {text} % of failures shared", shared(two, text))
    pair = parallel([two] * 2)
    show("2 at 99 % behind a balancer at 99.95 %", series([percent("99.95"), pair]))
    print()
    show("fails every 30 days, 60 min to repair", from_repairs(720, 60))
    show("fails every 60 days, 60 min to repair", from_repairs(1440, 60))
    show("fails every 30 days, 5 min to repair", from_repairs(720, 5))


def shared(part: Fraction, text: str) -> Fraction:
    return pair_with_shared_cause(part, percent(text))


if __name__ == "__main__":
    main()
