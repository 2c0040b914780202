"""Geohash cells: what one prefix misses, and how nine cells and a distance find it."""

from math import asin, cos, radians, sin, sqrt

PLACES = {
    "bakery": (51.4780, -0.0002),  # west of the meridian of Greenwich
    "grocer": (51.4770, 0.0040),
    "harbor": (51.1279, 1.3134),
}
HERE = (51.4780, 0.0000)


# --8<-- [start:show]
ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"


def geohash(place: tuple[float, float], length: int) -> str:
    """Halve the world by longitude and latitude in turn; five bits are a character."""
    lat, lng = place
    ranges = [[-180.0, 180.0, lng], [-90.0, 90.0, lat]]
    bits = 0
    for step in range(length * 5):
        low, high, value = ranges[step % 2]
        middle = (low + high) / 2
        upper = value >= middle
        ranges[step % 2][0 if upper else 1] = middle
        bits = bits << 1 | upper
    return "".join(ALPHABET[bits >> 5 * n & 31] for n in reversed(range(length)))


def nine_cells(place: tuple[float, float], length: int) -> set[str]:
    """The cell of a place and the eight around it, away from poles and date line."""
    height = 180 / 2 ** (length * 5 // 2)
    width = 360 / 2 ** ((length * 5 + 1) // 2)
    lat, lng = place
    steps = (-1, 0, 1)
    return {
        geohash((lat + y * height, lng + x * width), length)
        for y in steps
        for x in steps
    }


def meters(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great-circle distance (haversine) on a sphere of 6,371 km."""
    (lat1, lng1), (lat2, lng2) = [tuple(map(radians, place)) for place in (a, b)]
    north, east = sin((lat2 - lat1) / 2) ** 2, sin((lng2 - lng1) / 2) ** 2
    half = north + cos(lat1) * cos(lat2) * east
    return 2 * 6_371_000 * asin(sqrt(half))


def nearby(cells: set[str], radius: float) -> list[str]:
    """Candidates by cell, then the exact distance."""
    found = [name for name, place in PLACES.items() if geohash(place, 6) in cells]
    near = sorted((meters(HERE, PLACES[name]), name) for name in found)
    return [f"{name} {away:.0f} m" for away, name in near if away <= radius]


for name, place in {"here": HERE, **PLACES}.items():
    print(f"{name:<7} {geohash(place, 6)}")
print("own cell:  ", nearby({geohash(HERE, 6)}, 500))
print("nine cells:", nearby(nine_cells(HERE, 6), 500))
# --8<-- [end:show]
