"""The inside: rules, the use case and the ports it needs. Nothing here does I/O."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol


# --8<-- [start:show]
@dataclass(frozen=True)
class Order:
    number: str
    cents: int
    ships: date


class RefusedError(Exception):
    """A business rule says no."""


class DuplicateError(Exception):
    """The number is taken."""


class Orders(Protocol):
    """Port: what the use case needs from a store, in its own words."""

    def add(self, order: Order) -> None:
        """Store the order, or raise DuplicateError; one atomic step."""

    def find(self, number: str) -> Order | None: ...


Pricing = Callable[[int], int]  # a strategy: list price in, price out


def list_price(cents: int) -> int:
    return cents


def sale(cents: int) -> int:
    return cents * 9 // 10 if cents >= 10_000 else cents


@dataclass(frozen=True)
class PlaceOrder:
    orders: Orders
    pricing: Pricing
    clock: Callable[[], datetime]
    unit_cents: int

    def __call__(self, number: str, quantity: int) -> Order:
        if not 1 <= quantity <= 20:
            raise RefusedError("1 to 20 pieces")
        now = self.clock()
        ships = now.date() + timedelta(days=now.hour >= 14)
        order = Order(number, self.pricing(quantity * self.unit_cents), ships)
        self.orders.add(order)
        return order


# --8<-- [end:show]
