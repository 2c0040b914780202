"""The module orders. It knows the interface of stock, and not where it runs."""

from stock import RefusedError, Stock, UnavailableError, UnknownError


# --8<-- [start:show]
class Orders:
    def __init__(self, stock: Stock) -> None:
        self._stock = stock

    def place(self, order: str, article: str, pieces: int) -> str:
        try:
            self._stock.reserve(order, article, pieces)
        except RefusedError:
            return "refused"
        except UnavailableError:
            return "try later"
        except UnknownError:
            return "pending"  # ask again with the same order id
        return "placed"


# --8<-- [end:show]
