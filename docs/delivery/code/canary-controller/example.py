"""A canary controller on seeded traffic: 1, 5, 25, 50, then 100 percent."""

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, sqrt

PER_SECOND = 50
STABLE_FAILS = 100  # of 10,000 requests


class Dice:
    def __init__(self, seed: int) -> None:
        self._x = seed

    def below(self, limit: int) -> bool:
        """True for `limit` of 10,000 throws."""
        self._x = (self._x * 1103515245 + 12345) % 2**31
        return (self._x >> 8) % 10_000 < limit


# --8<-- [start:show]
STEPS = [1, 5, 25, 50]  # percent; at 100 nothing is left to compare with
LOOK = 100  # judge at every 100th canary request, never before
FEWEST = 10  # errors of the canary, or the difference may be luck
ENOUGH = 2000  # canary requests that end a step


@dataclass
class Arm:
    requests: int = 0
    errors: int = 0


def z_score(canary: Arm, stable: Arm) -> float:
    """The difference of the error rates, in standard errors."""
    total = canary.requests + stable.requests
    pooled = (canary.errors + stable.errors) / total
    spread = pooled * (1 - pooled) * (1 / canary.requests + 1 / stable.requests)
    gap = canary.errors / canary.requests - stable.errors / stable.requests
    return gap / sqrt(spread) if spread else 0.0


def comparison(canary: Arm, stable: Arm) -> bool:
    if canary.requests % LOOK or canary.errors < FEWEST:
        return False
    return z_score(canary, stable) > 3


def total_threshold(canary: Arm, stable: Arm) -> bool:
    total = canary.requests + stable.requests
    return total >= 1000 and (canary.errors + stable.errors) / total > 0.02


def impatient(canary: Arm, stable: Arm) -> bool:
    return canary.errors * stable.requests > 2 * stable.errors * canary.requests


Judge = Callable[[Arm, Arm], bool]


def roll_out(fails: int, is_bad: Judge) -> None:
    dice, elapsed = Dice(2026), 0
    for weight in STEPS:
        canary, stable, bad = Arm(), Arm(), False
        while canary.requests < ENOUGH and not bad:
            elapsed += 1
            to_canary = dice.below(weight * 100)
            arm = canary if to_canary else stable
            arm.requests += 1
            arm.errors += dice.below(fails if to_canary else STABLE_FAILS)
            bad = to_canary and stable.requests > 0 and is_bad(canary, stable)
        report(weight, canary, stable, "abort" if bad else "next", elapsed)
        if bad:
            return
    print("  100%")


# --8<-- [end:show]


def report(weight: int, canary: Arm, stable: Arm, verdict: str, elapsed: int) -> None:
    seconds = elapsed // PER_SECOND
    print(
        f"  {weight:>2}%  canary {canary.errors:>3} of {canary.requests:>4}"
        f"  stable {stable.errors:>4} of {stable.requests:>6}"
        f"  z {z_score(canary, stable):5.2f}"
        f"  {verdict:<5} at {seconds // 60:>3}:{seconds % 60:02}"
    )


def seconds_to_see_doubling(base: float, weight: int) -> int:
    """At z > 3, with a chance of 80 percent (z 0.8416)."""
    ratio = (100 - weight) / weight  # stable requests for each of the canary
    double = 2 * base
    pooled = (double + ratio * base) / (1 + ratio)
    calm = 3 * sqrt(pooled * (1 - pooled) * (1 + 1 / ratio))
    worse = 0.8416 * sqrt(double * (1 - double) + base * (1 - base) / ratio)
    needed = ((calm + worse) / base) ** 2
    return ceil(needed / (PER_SECOND * weight / 100))


def main() -> None:
    print("as good as stable, judged without a minimum sample")
    roll_out(100, impatient)
    print("as good as stable, compared")
    roll_out(100, comparison)
    print("fails 10 of 100, judged by the total error rate (limit 2%)")
    roll_out(1000, total_threshold)
    print("fails 10 of 100, compared")
    roll_out(1000, comparison)
    print("fails 2 of 100, compared")
    roll_out(200, comparison)
    print("minutes to see a doubling (50 requests/s)    1%     5%    25%    50%")
    for label, base in (("1% to 2%", 0.01), ("0.1% to 0.2%", 0.001)):
        minutes = [ceil(seconds_to_see_doubling(base, w) / 60) for w in STEPS]
        print(f"  {label:<37}", "".join(f"{m:>7}" for m in minutes))


if __name__ == "__main__":
    main()
