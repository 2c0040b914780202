"""An interview's arithmetic: few inputs, two significant digits, units on each line."""

# --8<-- [start:show]
DAY = 100_000  # seconds: 86,400 for people who divide in their head
FEW = 10  # of anything: no reason for another design


def per_second(per_day: int) -> int:
    return rough(per_day // DAY)


def stored(per_day: int, size: int, years: int, growth: int, copies: int) -> int:
    """Bytes after some years; each year's intake grows by that many percent."""
    total, intake = 0, per_day * 365 * size
    for _ in range(years):
        total += intake
        intake = intake * (100 + growth) // 100
    return rough(total * copies)


def bits(rate: int, size: int) -> int:
    """Bits a second: links are sold in bits, disks in bytes."""
    return rough(rate * size * 8)


def inside(rate: int, stay: int) -> int:
    """Little's law: arrivals a second times seconds that each stays."""
    return rough(rate * stay)


def rough(value: int) -> int:
    """Two significant digits: the inputs do not deserve more."""
    unit = 10 ** max(len(str(value)) - 2, 0)
    return (value + unit // 2) // unit * unit


def needs(value: int, one: int, name: str) -> str:
    """How many of a thing the figure asks for."""
    count = -(-value // one)  # rounded up
    return f"{count} {name}" + ("  DECIDES" if count > FEW else "")


def say(value: int, unit: str = "") -> str:
    """260000000000 and B give 260 GB."""
    for power, prefix in ((12, "T"), (9, "G"), (6, "M"), (3, "k")):
        whole, rest = divmod(value, 10**power)
        if whole:
            tenth = rest * 10 // 10**power
            digits = f"{whole}.{tenth}" if whole < 10 and tenth else f"{whole}"
            return f"{digits} {prefix}{unit}".rstrip()
    return f"{value} {unit}".rstrip()


# --8<-- [end:show]

KB, GB, TB = 1_000, 10**9, 10**12
# What one of a thing carries: assumptions, to be measured.
SERVER, UPLINK, NODE = 1_000, 10 * GB, 16 * GB  # requests/s; bit/s; bytes of memory
DISK, PRIMARY = 4 * TB, 500  # bytes; orders a second, several commits each

VISITORS, PAGES, PEAK = 4_000_000, 15, 5  # a day; requests each; evening to average
PAGE = 100 * KB  # bytes with pictures
EVENTS, EVENT = 20_000, 50 * KB  # on sale at once; page data and seat map
TICKETS, TICKET, YEARS, GROWTH, COPIES = 80_000, KB, 5, 30, 3
FANS, RELOAD = 1_000_000, 5  # people at a sale's opening; seconds between reloads
SEATS, SEATS_PER_ORDER, SALE = 50_000, 2, 20 * 60  # one hall, sold in 20 minutes
BUYERS, STAY, CLICKS = 50, 480, 10  # percent who buy; seconds inside; requests each


def line(label: str, working: str, result: str, verdict: str = "") -> None:
    print(f"{label:<19}{working:<27}{result:>10}  {verdict}".rstrip())


def ordinary_day() -> None:
    rate = per_second(VISITORS * PAGES)
    evening = rate * PEAK
    working = f"{say(VISITORS)} x {PAGES} / {DAY:,} s"
    line("requests", working, say(rate, "/s"), needs(rate, SERVER, "server"))
    line(
        "evening peak",
        f"x {PEAK}",
        say(evening, "/s"),
        needs(evening, SERVER, "servers"),
    )
    edge = bits(evening, PAGE)
    working = f"{say(evening)} x {say(PAGE, 'B')} x 8"
    line("bandwidth", working, say(edge, "bit/s"), needs(edge, UPLINK, "uplink"))
    hot = EVENTS * EVENT
    working = f"{EVENTS:,} events x {say(EVENT, 'B')}"
    line("cache", working, say(hot, "B"), needs(hot, NODE, "node"))
    first = stored(TICKETS, TICKET, 1, GROWTH, 1)
    kept = stored(TICKETS, TICKET, YEARS, GROWTH, COPIES)
    line(
        "tickets, one year",
        f"{say(TICKETS)} a day x {say(TICKET, 'B')}",
        say(first, "B"),
    )
    working = f"+{GROWTH} % a year, {COPIES} copies"
    line(f"  {YEARS} years", working, say(kept, "B"), needs(kept, DISK, "disk"))


def opening() -> None:
    outside = FANS // RELOAD
    working = f"{say(FANS)} fans, reload in {RELOAD} s"
    line("outside", working, say(outside, "/s"), needs(outside, SERVER, "servers"))
    sold = SEATS // SEATS_PER_ORDER
    orders = rough(sold // SALE)
    working = f"{say(sold)} in {SALE // 60} minutes"
    line("orders", working, say(orders, "/s"), needs(orders, PRIMARY, "primary"))
    let_in = orders * 100 // BUYERS
    line("let in", f"{BUYERS} percent buy", say(let_in, "/s"), "the gate's rate")
    line("fans inside", f"x {STAY // 60} minutes each", say(inside(let_in, STAY)))
    within = let_in * CLICKS
    line(
        "their requests",
        f"x {CLICKS} each",
        say(within, "/s"),
        needs(within, SERVER, "server"),
    )
    line(
        "outside to inside", f"{say(outside)} / {say(within)}", f"{outside // within} x"
    )


def main() -> None:
    ordinary_day()
    print()
    opening()


if __name__ == "__main__":
    main()
