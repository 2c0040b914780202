"""The outside, driven side: two stores behind the port Orders."""

import threading
from datetime import date
from pathlib import Path

from domain import DuplicateError, Order


# --8<-- [start:show]
class MemoryOrders:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        with self._lock:  # look and write as one step
            if order.number in self._orders:
                raise DuplicateError(order.number)
            self._orders[order.number] = order

    def find(self, number: str) -> Order | None:
        return self._orders.get(number)


class FileOrders:
    """One file an order; the file system refuses the second of a name."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def add(self, order: Order) -> None:
        try:
            with self._file(order.number).open("x", encoding="ascii") as out:
                out.write(f"{order.cents} {order.ships}")
        except FileExistsError as error:
            raise DuplicateError(order.number) from error

    def find(self, number: str) -> Order | None:
        try:
            text = self._file(number).read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        cents, ships = text.split()
        return Order(number, int(cents), date.fromisoformat(ships))

    def _file(self, number: str) -> Path:
        return self._folder / number.encode().hex()  # no name escapes the folder


# --8<-- [end:show]
