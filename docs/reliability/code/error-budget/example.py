"""Error-budget arithmetic, and five alert policies on one synthetic month."""

from collections.abc import Callable
from itertools import accumulate

DAY, MONTH = 1440, 30 * 1440  # minutes
PER_MINUTE = 10_000  # requests
ALLOWED = 10  # errors a minute that an SLO of 99.9 percent permits

# name, first minute, minutes, errors a minute while it lasts
EVENTS = [
    ("blip, 30% fail", 3 * DAY, 2, 3_000),
    ("bad release, 20% fail", 9 * DAY, 30, 2_000),
    ("slow leak, 0.4% fail", 15 * DAY, 2 * DAY, 40),
    ("outage, all fail", 22 * DAY, 10, 10_000),
]


def month() -> list[int]:
    errors = [1] * MONTH  # a hundredth of a percent always fails
    for _, start, minutes, rate in EVENTS:
        errors[start : start + minutes] = [rate] * minutes
    return errors


# --8<-- [start:show]
TOTAL = list(accumulate(month(), initial=0))  # errors before each minute


def burns(now: int, window: int, tenths: int) -> bool:
    """Burn rate over tenths / 10, in the window that ends now?"""
    length = min(window, now)
    errors = TOTAL[now] - TOTAL[now - length]
    return 10 * errors > tenths * ALLOWED * length


POLICIES: dict[str, Callable[[int], bool]] = {
    "10m > 1": lambda now: burns(now, 10, 10),
    "1h > 14.4": lambda now: burns(now, 60, 144),
    "1h and 5m > 14.4": lambda now: burns(now, 60, 144) and burns(now, 5, 144),
    "6h and 30m > 6": lambda now: burns(now, 360, 60) and burns(now, 30, 60),
    "3d and 6h > 1": lambda now: burns(now, 3 * DAY, 10) and burns(now, 360, 10),
}


def watch(alert: Callable[[int], bool], start: int, minutes: int) -> str:
    """Minutes from start to firing, and from end to silence."""
    end = start + minutes
    states = [(now, alert(now)) for now in range(start, end + 4 * DAY)]
    fired = next((now for now, on in states if on), None)
    if fired is None:
        return "-"
    quiet = next(now for now, on in states if now >= max(fired, end) and not on)
    return f"{short(fired - start)} / {short(quiet - end)}"


def short(minutes: int) -> str:
    return f"{minutes // 60}h{minutes % 60:02d}" if minutes >= 90 else f"{minutes}m"


# --8<-- [end:show]


def main() -> None:
    print("SLO     budget of 30 days   gone at full outage   at burn rate 14.4")
    for slo, per_million in (("99%", 10_000), ("99.9%", 1_000), ("99.99%", 100)):
        seconds = MONTH * 60 * per_million // 1_000_000
        print(
            f"{slo:<8}{PER_MINUTE * MONTH * per_million // 10**6:>9,} requests"
            f"{seconds // 60:>15}m {seconds % 60:02d}s{MONTH * 10 // 144 // 60:>18}h"
        )
    budget = ALLOWED * MONTH
    print("\nevent                    day   errors   burn   of budget   left after")
    for name, start, minutes, rate in EVENTS:
        end = start + minutes
        cost = TOTAL[end] - TOTAL[start]
        left = 1000 * (budget - TOTAL[end]) // budget
        print(
            f"{name:<24}{start // DAY:>4}{cost:>9,}{rate // ALLOWED:>7}"
            f"{100 * cost / budget:>10.1f}%{left / 10:>11.1f}%"
        )
    print(f"{'end of the month':<54}{100 * (budget - TOTAL[-1]) / budget:>12.1f}%")
    print("\nfires after / quiet after the end")
    print(f"{'':<19}{'blip':<12}{'release':<12}{'leak':<17}outage")
    for name, alert in POLICIES.items():
        cells = [watch(alert, start, minutes) for _, start, minutes, _ in EVENTS]
        line = f"{name:<19}{cells[0]:<12}{cells[1]:<12}{cells[2]:<17}{cells[3]}"
        print(line.rstrip())


if __name__ == "__main__":
    main()
