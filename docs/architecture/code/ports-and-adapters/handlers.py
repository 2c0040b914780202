"""The outside, driving side: one endpoint, written fat and written thin."""

from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

from domain import DuplicateError, PlaceOrder, RefusedError


def money(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02}"


def read_form(body: str) -> tuple[str, int]:
    """The number and the quantity; ValueError if one is missing or unreadable."""
    form = parse_qs(body)
    number = form.get("number", [""])[0]
    if not 1 <= len(number) <= 40:
        raise ValueError("number: 1 to 40 characters")
    return number, int(form.get("quantity", [""])[0])


# --8<-- [start:show]
def fat_handler(folder: Path, body: str) -> tuple[int, str]:
    try:
        number, quantity = read_form(body)
    except ValueError:
        return 400, "number and quantity, please"
    if not 1 <= quantity <= 20:
        return 422, "1 to 20 pieces"
    cents = quantity * 2500
    if cents >= 10_000:
        cents = cents * 9 // 10
    now = datetime.now()
    ships = now.date() + timedelta(days=now.hour >= 14)
    try:
        with (folder / number.encode().hex()).open("x", encoding="ascii") as out:
            out.write(f"{cents} {ships}")
    except FileExistsError:
        return 409, "number taken"
    return 201, f"{money(cents)} ships {ships}"


def thin_handler(place_order: PlaceOrder, body: str) -> tuple[int, str]:
    try:
        number, quantity = read_form(body)
    except ValueError:  # of the form only: one from inside would be a bug
        return 400, "number and quantity, please"
    try:
        order = place_order(number, quantity)
    except RefusedError as refusal:
        return 422, str(refusal)
    except DuplicateError:
        return 409, "number taken"
    return 201, f"{money(order.cents)} ships {order.ships}"


# --8<-- [end:show]
