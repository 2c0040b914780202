"""Reading an A/B test: significance, sample ratio, sample size, peeking."""

from dataclasses import dataclass
from math import ceil, erfc, sqrt


# --8<-- [start:show]
@dataclass(frozen=True)
class Group:
    users: int
    converted: int

    @property
    def rate(self) -> float:
        return self.converted / self.users


def z_score(a: Group, b: Group) -> float:
    """Two proportions; under "no difference" both share the pooled rate."""
    pooled = (a.converted + b.converted) / (a.users + b.users)
    error = sqrt(pooled * (1 - pooled) * (1 / a.users + 1 / b.users))
    return (b.rate - a.rate) / error


def p_value(z: float) -> float:
    """How often chance alone gives a difference this large, either way."""
    return erfc(abs(z) / sqrt(2))


def interval(a: Group, b: Group) -> tuple[float, float]:
    """95 percent confidence interval of the difference."""
    error = sqrt(a.rate * (1 - a.rate) / a.users + b.rate * (1 - b.rate) / b.users)
    gap = b.rate - a.rate
    return gap - 1.96 * error, gap + 1.96 * error


def sample_ratio(a: int, b: int, share_a: float) -> tuple[float, float]:
    """Chi-square with one degree of freedom: is the split the planned one?"""
    expected = (a + b) * share_a, (a + b) * (1 - share_a)
    chi2 = sum((n - e) ** 2 / e for n, e in zip((a, b), expected, strict=True))
    return chi2, erfc(sqrt(chi2 / 2))


def sample_size(base: float, target: float) -> int:
    """Users a variant: 5 percent false alarms, 80 percent power."""
    spread = base * (1 - base) + target * (1 - target)
    return ceil((1.959964 + 0.841621) ** 2 * spread / (target - base) ** 2)


# --8<-- [end:show]


class Dice:
    def __init__(self, seed: int) -> None:
        self._x = seed

    def converted(self, users: int) -> int:
        """How many of `users` convert at a rate of 20 percent."""
        x, count = self._x, 0
        for _ in range(users):
            x = (x * 1103515245 + 12345) % 2**31
            count += (x >> 8) % 100 < 20
        self._x = x
        return count


def experiment_without_difference(dice: Dice, looks: int) -> list[float]:
    """The z score at each look; 100 more users a variant between two looks."""
    scores, a, b = [], 0, 0
    for look in range(1, looks + 1):
        a += dice.converted(100)
        b += dice.converted(100)
        scores.append(abs(z_score(Group(100 * look, a), Group(100 * look, b))))
    return scores


def show(title: str, a: Group, b: Group) -> None:
    z, (low, high) = z_score(a, b), interval(a, b)
    print(title)
    print(
        f"  {100 * a.rate:.2f}% against {100 * b.rate:.2f}%"
        f"  z {z:.2f}  p {p_value(z):.4f}"
        f"  difference {100 * low:+.2f} to {100 * high:+.2f} points"
    )


def main() -> None:
    show("25,000 users a variant", Group(25_000, 1000), Group(25_000, 1100))
    show("2,500 users a variant", Group(2500, 100), Group(2500, 110))
    print("planned 50:50")
    for a, b in ((25_000, 24_870), (25_000, 24_100)):
        chi2, p = sample_ratio(a, b, 0.5)
        verdict = "do not read the result" if p < 0.001 else "fits"
        print(f"  {a} and {b}  chi-square {chi2:5.2f}  p {p:.6f}  {verdict}")
    print("users a variant to find a change from 4.00%")
    for target in (0.05, 0.044, 0.042):
        print(f"  to {100 * target:.2f}%  {sample_size(0.04, target):>7}")
    dice = Dice(2026)
    runs = [experiment_without_difference(dice, 10) for _ in range(1000)]
    print("1,000 experiments without any difference, winners declared")
    print(f"  one look at the end, limit 1.96   {sum(r[-1] > 1.96 for r in runs):>5}")
    print(f"  ten looks, limit 1.96             {sum(max(r) > 1.96 for r in runs):>5}")
    print(f"  ten looks, limit 2.555 (Pocock)   {sum(max(r) > 2.555 for r in runs):>5}")


if __name__ == "__main__":
    main()
