"""A shop in documents: what one read answers, and what no read answers."""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

Document = dict[str, Any]
Step = Callable[[], None]


class Collection:
    """Documents by id, of any shape; counts what it opens and what it writes."""

    def __init__(self, *documents: Document) -> None:
        self._stored: dict[str, str] = {}
        self.opened = self.written = 0
        for document in documents:
            self.put(document)
        self.written = 0

    def get(self, key: str) -> Document:
        self.opened += 1
        return json.loads(self._stored[key])

    def find(self, matches: Callable[[Document], bool]) -> list[Document]:
        """Without an index, every document is opened."""
        return [doc for doc in map(self.get, self._stored) if matches(doc)]

    def put(self, document: Document) -> None:
        """Write one whole document: the unit that is atomic."""
        self._stored[document["id"]] = json.dumps(document)
        self.written += 1

    def set(self, key: str, **fields: Any) -> None:
        self.put(json.loads(self._stored[key]) | fields)


# --8<-- [start:show]
def order_page(orders: Collection, key: str) -> Document:
    """Easy: the document is the screen."""
    return current(orders.get(key))


def sold(orders: Collection) -> Counter[str]:
    """Hard: the answer lies across all documents."""
    pieces: Counter[str] = Counter()
    for order in map(current, orders.find(lambda order: True)):
        for line in order["lines"]:
            pieces[line["sku"]] += line["quantity"]
    return pieces


def change_email(
    customers: Collection, orders: Collection, key: str, email: str
) -> None:
    """Hard: the copies must be found, and a crash leaves some of them old."""
    customers.set(key, email=email)
    for order in orders.find(lambda order: order["customer"]["id"] == key):
        orders.set(order["id"], customer={"id": key, "email": email})


def current(order: Document) -> Document:
    """The schema, in the reader: version 1 had a price and one piece a line."""
    if order["version"] == 1:
        for line in order["lines"]:
            line.update(quantity=1, cents=round(line.pop("price") * 100))
    return order | {"version": 2}


def place(
    orders: Collection, stock: Collection, order: Document, between: Step
) -> None:
    """Two documents are two writes, unless the store has transactions."""
    orders.put(order)
    between()
    for line in order["lines"]:
        left = stock.get(line["sku"])["left"] - line["quantity"]
        stock.set(line["sku"], left=left)


# --8<-- [end:show]


def new_order(key: str, customer: str, status: str, *lines: Document) -> Document:
    who = {"id": customer, "email": f"{customer}@shop.test"}
    old = any("price" in line for line in lines)
    return {
        "id": key,
        "version": 1 if old else 2,
        "customer": who,
        "status": status,
        "lines": lines,
    }


def keyboard(quantity: int) -> Document:
    return {"sku": "KB", "quantity": quantity, "cents": 8900}


def mouse(quantity: int) -> Document:
    return {"sku": "MS", "quantity": quantity, "cents": 2500}


def book(quantity: int) -> Document:
    return {"sku": "BK", "quantity": quantity, "cents": 3200}


def crash() -> None:
    raise ConnectionError("the process died here")


def step(title: str, *collections: Collection) -> None:
    opened = sum(collection.opened for collection in collections)
    written = sum(collection.written for collection in collections)
    print(f"{title:<44}{opened:>6}{written:>9}")
    for collection in collections:
        collection.opened = collection.written = 0


def main() -> None:
    customers = Collection(
        *({"id": key, "email": f"{key}@shop.test"} for key in ("ada", "ben", "cem"))
    )
    old = [{"sku": "KB", "price": 89.0}, {"sku": "MS", "price": 25.0}]
    orders = Collection(
        new_order("A1", "ada", "paid", *old),
        new_order("A2", "ben", "open", mouse(2)),
        new_order("A3", "ada", "open", book(1), mouse(1)),
        new_order("A4", "ada", "paid", keyboard(1)),
        new_order("A5", "cem", "paid", book(2)),
    )
    stock = Collection({"id": "KB", "left": 5})
    everything = (customers, orders, stock)
    print(f"{'5 orders, 3 customers':<44}{'opened':>6}{'written':>9}")

    page = order_page(orders, "A1")
    cents = sum(line["quantity"] * line["cents"] for line in page["lines"])
    step("easy: the page of order A1", *everything)
    print(f"  {page['customer']['email']}, {len(page['lines'])} lines, {cents} cents")

    pieces = sold(orders)
    step("hard: pieces sold of each product", *everything)
    print("  " + ", ".join(f"{sku} {pieces[sku]}" for sku in sorted(pieces)))

    change_email(customers, orders, "ada", "ada@home.test")
    step("hard: ada changes her address", *everything)

    orders.set("A3", statsu="paid")
    step("accepted: statsu = paid for A3", *everything)
    unpaid = orders.find(lambda order: order["status"] == "open")
    step("hard: which orders are open, no index", *everything)
    print("  " + ", ".join(order["id"] for order in unpaid))

    try:
        place(orders, stock, new_order("A6", "ben", "open", keyboard(1)), crash)
    except ConnectionError:
        step("half: a crash between order and stock", *everything)
    left = stock.get("KB")["left"]
    sold_now = sold(orders)["KB"]
    print(f"  KB sold: {sold_now}, in stock before and after: 5, {left}")


if __name__ == "__main__":
    main()
