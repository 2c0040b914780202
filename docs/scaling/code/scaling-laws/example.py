"""What N machines are worth: linear, Amdahl, and the Universal Scalability Law."""

from math import isqrt


# --8<-- [start:show]
def amdahl(n: int, serial: int) -> int:
    """Speedup in hundredths; `serial` is the share that cannot be split, in 1/1000."""
    return 100 * 1000 * n // (1000 + serial * (n - 1))


def usl(n: int, contention: int, crosstalk: int) -> int:
    """The same, and each of n has to agree with every other: `crosstalk` / 1000."""
    return 100 * 1000 * n // (1000 + contention * (n - 1) + crosstalk * n * (n - 1))


def peak(contention: int, crosstalk: int) -> int:
    """The N after which more is less: root of (1 - contention) / crosstalk, rounded."""
    return (isqrt(4 * (1000 - contention) // crosstalk) + 1) // 2


def machines_for(target: int, contention: int, crosstalk: int) -> int | None:
    """The fewest machines that reach a speedup; None if no number does."""
    for n in range(1, peak(contention, crosstalk) + 1):
        if usl(n, contention, crosstalk) >= target:
            return n
    return None


# --8<-- [end:show]


def number(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100 // 10}"


def main() -> None:
    contention, crosstalk = 50, 1
    print(
        "speedup over one machine: 5 % serial; USL adds 0.1 % for each pair, both ways"
    )
    print("machines  linear  Amdahl   USL  a USL machine is worth")
    for n in (1, 2, 4, 8, 16, 24, 31, 48, 64, 128):
        value = usl(n, contention, crosstalk)
        bar = "#" * ((value + 25) // 50)
        print(
            f"{n:>8}{n:>8}{number(amdahl(n, contention)):>8}{number(value):>6}"
            f"{value // n:>6} %  {bar}"
        )
    ceiling = number(100 * 1000 // contention)
    print(f"Amdahl's ceiling, with machines without end: {ceiling}")
    best = peak(contention, crosstalk)
    print(f"USL's peak: {best} machines, {number(usl(best, contention, crosstalk))}")

    print("\nmachines needed      for 4 x   for 8 x  for 12 x  peak at")
    for label, alpha, beta in (
        ("as measured", 50, 1),
        ("half the serial part", 25, 1),
        ("twice the crosstalk", 50, 2),
    ):
        cells = "".join(
            f"{machines_for(target * 100, alpha, beta) or 'never':>10}"
            for target in (4, 8, 12)
        )
        print(f"{label:<20}{cells[2:]}{peak(alpha, beta):>9}")


if __name__ == "__main__":
    main()
