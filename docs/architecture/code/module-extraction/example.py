"""Import rules, one contract test for two deployments, and what only one has."""

import ast
from collections.abc import Callable
from pathlib import Path

from orders import Orders
from stock import LocalStock, RefusedError, Stock
from stockhttp import HttpStock, Service

HERE = Path(__file__).parent
RULES = {"stock": set(), "stockhttp": {"stock"}, "orders": {"stock"}}
FILES = {
    "stock": ["stock/__init__.py", "stock/_ledger.py"],
    "stockhttp": ["stockhttp.py"],
    "orders": ["orders/__init__.py"],
}
TIMEOUT = 2.0


def violations(module: str, source: str) -> list[str]:
    """Imports of other modules that no rule allows, or that reach inside one."""
    found = []
    for node in ast.walk(ast.parse(source)):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            owner, *rest = name.split(".")
            private = any(part.startswith("_") for part in rest)
            other = owner in RULES and owner != module
            if other and (owner not in RULES[module] or private):
                found.append(name)
    return found


def check_imports() -> None:
    sources = {
        module: "\n".join((HERE / file).read_text("utf-8") for file in files)
        for module, files in FILES.items()
    }
    print("import rules: orders -> stock, stockhttp -> stock")
    planted = {
        "the code as it is": ("", ""),
        "planted: orders imports the ledger": (
            "orders",
            "from stock._ledger import Ledger",
        ),
        "planted: stock imports orders": ("stock", "import orders"),
    }
    for name, (module, line) in planted.items():
        changed = {**sources, module: sources.get(module, "") + "\n" + line}
        broken = [found for key in RULES for found in violations(key, changed[key])]
        print(f"  {name:<40}{'refused' if broken else 'kept'}")


# --8<-- [start:show]
def lowers_what_is_left(stock: Stock) -> bool:
    stock.reserve("A-1", "tea", 2)
    return stock.left("tea") == 3


def too_many_change_nothing(stock: Stock) -> bool:
    try:
        stock.reserve("A-1", "tea", 6)
    except RefusedError:
        return stock.left("tea") == 5
    return False


def same_order_reserves_once(stock: Stock) -> bool:
    stock.reserve("A-1", "tea", 2)
    stock.reserve("A-1", "tea", 2)
    return stock.left("tea") == 3


def unknown_is_refused(stock: Stock) -> bool:
    try:
        stock.reserve("A/1?", "coal & co", 1)
    except RefusedError:
        return stock.left("coal & co") == 0
    return False


def released_comes_back(stock: Stock) -> bool:
    stock.reserve("A-1", "tea", 2)
    stock.release("A-1")
    stock.release("A-1")
    return stock.left("tea") == 5


CONTRACT: dict[str, Callable[[Stock], bool]] = {
    "a reservation lowers what is left": lowers_what_is_left,
    "more than is left changes nothing": too_many_change_nothing,
    "the same order reserves once": same_order_reserves_once,
    "an unknown article is refused": unknown_is_refused,
    "what is released comes back, once": released_comes_back,
}
# --8<-- [end:show]


def run_contract() -> None:
    print(f"\n{'contract test of stock':<42}in process  over HTTP")
    for name, test in CONTRACT.items():
        local = test(LocalStock({"tea": 5}))
        service = Service(LocalStock({"tea": 5}))
        try:
            remote = test(HttpStock(service.port, TIMEOUT))
        finally:
            service.stop()
        marks = ["ok" if passed else "FAIL" for passed in (local, remote)]
        print(f"  {name:<40}{marks[0]:<12}{marks[1]}")


def place_orders() -> None:
    local = LocalStock({"tea": 5})
    state = Orders(local).place("A-1", "tea", 2)
    service = Service(LocalStock({"tea": 5}))
    remote = HttpStock(service.port, TIMEOUT)
    orders = Orders(remote)

    def place(order: str) -> str:
        return f"{orders.place(order, 'tea', 2)}, {remote.left('tea')} left"

    def row(name: str, in_process: str, over_http: str) -> None:
        print(f"  {name:<40}{in_process:<16}{over_http}")

    print(f"\n{'a customer orders 2 of 5':<42}in process      over HTTP")
    row("all well", f"{state}, {local.left('tea')} left", place("A-1"))
    remote.release("A-1")
    try:
        service.hold_next.set()
        late = orders.place("A-2", "tea", 2)
        if not service.applied.wait(5):
            raise RuntimeError("the service never applied the reservation")
        late += f", {remote.left('tea')} left"
        row("the answer is later than the timeout", "cannot happen", late)
        row("  asked again, same order id", "-", place("A-2"))
        row("  careless: asked again, new order id", "-", place("A-2b"))
    finally:
        service.stop()
    row("the service is down", "cannot happen", orders.place("A-3", "tea", 1))


def main() -> None:
    check_imports()
    run_contract()
    place_orders()


if __name__ == "__main__":
    main()
