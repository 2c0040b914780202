"""Inside the module stock: its tables. No other module imports this."""

import threading


class Ledger:
    def __init__(self, pieces: dict[str, int]) -> None:
        self._lock = threading.Lock()
        self._pieces = dict(pieces)
        self._taken: dict[str, tuple[str, int]] = {}

    def take(self, order: str, article: str, pieces: int) -> bool:
        with self._lock:
            if order in self._taken:
                return self._taken[order] == (article, pieces)
            if not 1 <= pieces <= self._pieces.get(article, 0):
                return False
            self._pieces[article] -= pieces
            self._taken[order] = article, pieces
            return True

    def give_back(self, order: str) -> None:
        with self._lock:
            article, pieces = self._taken.pop(order, ("", 0))
            if pieces:
                self._pieces[article] += pieces

    def left(self, article: str) -> int:
        with self._lock:
            return self._pieces.get(article, 0)
