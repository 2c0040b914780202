"""The tests of one use case on every adapter, and who imports whom."""

import ast
import tempfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from adapters import FileOrders, MemoryOrders
from domain import DuplicateError, Order, Orders, PlaceOrder, RefusedError, sale
from handlers import fat_handler, thin_handler

HERE = Path(__file__).parent
OURS = ("domain", "adapters", "handlers")
VALUES = {"collections", "dataclasses", "datetime", "typing"}


class CarelessOrders:
    """An adapter with the mistake that the tests must find."""

    def __init__(self) -> None:
        self._orders: dict[str, Order] = {}

    def add(self, order: Order) -> None:
        self._orders[order.number] = order

    def find(self, number: str) -> Order | None:
        return self._orders.get(number)


# --8<-- [start:show]
def use_case(orders: Orders, hour: int = 10) -> PlaceOrder:
    """The composition root of the tests: everything is passed in."""
    return PlaceOrder(orders, sale, lambda: datetime(2026, 3, 2, hour), 2500)


def prices(orders: Orders) -> bool:
    place = use_case(orders)
    return place("A-3", 3).cents == 7500 and place("A-4", 4).cents == 9000


def ships_next_day(orders: Orders) -> bool:
    before, after = use_case(orders, 13), use_case(orders, 14)
    days = before("A-1", 1).ships.day, after("A-2", 1).ships.day
    return days == (2, 3)


def refused_is_not_stored(orders: Orders) -> bool:
    try:
        use_case(orders)("A-1", 21)
    except RefusedError:
        return orders.find("A-1") is None
    return False


def read_back(orders: Orders) -> bool:
    use_case(orders)("A-1", 4)
    return orders.find("A-1") == Order("A-1", 9000, date(2026, 3, 2))


def second_is_refused(orders: Orders) -> bool:
    place = use_case(orders)
    place("A-1", 1)
    try:
        place("A-1", 2)
    except DuplicateError:
        found = orders.find("A-1")
        return found is not None and found.cents == 2500
    return False


# --8<-- [end:show]
TESTS: dict[str, Callable[[Orders], bool]] = {
    "three cost 75.00, four 90.00 in the sale": prices,
    "an order at 14:00 ships the next day": ships_next_day,
    "a refused order is not stored": refused_is_not_stored,
    "a stored order is read back unchanged": read_back,
    "the same number twice is refused": second_is_refused,
}
REQUESTS = {
    "four pieces": "number=A-1&quantity=4",
    "the same number again": "number=A-1&quantity=1",
    "no pieces": "number=A-2&quantity=0",
    "quantity is a word": "number=A-3&quantity=many",
}


def run_tests(temporary: Path) -> None:
    def new_files() -> FileOrders:
        return FileOrders(Path(tempfile.mkdtemp(dir=temporary)))

    makers: tuple[Callable[[], Orders], ...] = (MemoryOrders, new_files, CarelessOrders)
    print(f"{'tests of the use case, no database':<44}memory  files  careless")
    for name, test in TESTS.items():
        marks = ["ok" if test(make()) else "FAIL" for make in makers]
        print(f"  {name:<42}{marks[0]:<8}{marks[1]:<7}{marks[2]}")


def compare_handlers(temporary: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir=temporary))
    place_order = use_case(MemoryOrders())
    print(f"\n{'one request through both handlers':<44}fat         thin")
    for name, body in REQUESTS.items():
        answers = [fat_handler(folder, body), thin_handler(place_order, body)]
        short = [
            f"{status} {text.split()[0]}" if status == 201 else str(status)
            for status, text in answers
        ]
        print(f"  {name:<42}{short[0]:<12}{short[1]}")
    _, text = thin_handler(place_order, "number=A-4&quantity=1")
    print(f"  {'day of shipping, under test':<42}{'real clock':<12}{text.split()[-1]}")


def imports(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").split(".")[0])
    return found


def check_imports() -> None:
    print("\nwho imports whom")
    sources = {name: (HERE / f"{name}.py").read_text("utf-8") for name in OURS}
    for name, source in sources.items():
        ours = [other for other in OURS if other in imports(source)]
        print(f"  {name:<10}{', '.join(ours) or 'nothing of ours'}")
    clean = imports(sources["domain"]) <= VALUES
    planted = imports(sources["domain"] + "\nfrom adapters import FileOrders\n")
    print(f"  domain keeps to its allow-list: {'yes' if clean else 'no'}")
    print(
        f"  with a planted import of adapters: {'yes' if planted <= VALUES else 'no'}"
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        run_tests(Path(name))
        compare_handlers(Path(name))
    check_imports()


if __name__ == "__main__":
    main()
