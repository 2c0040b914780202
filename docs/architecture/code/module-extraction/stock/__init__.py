"""The module stock as other modules see it."""

from typing import Protocol

from stock._ledger import Ledger


# --8<-- [start:show]
class RefusedError(Exception):
    """The rules of stock say no. Nothing was changed."""


class UnavailableError(Exception):
    """Stock was not reached. Nothing was changed."""


class UnknownError(Exception):
    """No answer in time. The change may have been made, or may still be."""


class Stock(Protocol):
    def reserve(self, order: str, article: str, pieces: int) -> None:
        """Once for an order, however often it is called."""

    def release(self, order: str) -> None: ...

    def left(self, article: str) -> int: ...


class LocalStock:
    def __init__(self, pieces: dict[str, int]) -> None:
        self._ledger = Ledger(pieces)

    def reserve(self, order: str, article: str, pieces: int) -> None:
        if not self._ledger.take(order, article, pieces):
            raise RefusedError(article)

    def release(self, order: str) -> None:
        self._ledger.give_back(order)

    def left(self, article: str) -> int:
        return self._ledger.left(article)


# --8<-- [end:show]
