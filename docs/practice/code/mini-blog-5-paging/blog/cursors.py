"""Where the next page begins: a position that clients carry and cannot change."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
MAC_BYTES = 16


class InvalidCursorError(Exception):
    """Not ours, changed, or of another list."""


@dataclass(frozen=True)
class Position:
    """A place in the order of the list, just behind a post."""

    published_at: datetime
    id: int

    @classmethod
    def before_all(cls) -> Self:
        """Newest first, so it is later than anything."""
        return cls(datetime(9999, 12, 31, tzinfo=UTC), 0)


# --8<-- [start:show]
class Cursors:
    def __init__(self, key: bytes) -> None:
        self._key = key

    def encode(self, position: Position, author: str | None) -> str:
        """Keep the microseconds: a rounded time would skip or repeat posts."""
        microseconds = (position.published_at - EPOCH) // MICROSECOND
        content = json.dumps([1, microseconds, position.id, author]).encode()
        return base64.urlsafe_b64encode(self._mac(content) + content).decode()

    def decode(self, cursor: str, author: str | None) -> Position:
        try:
            data = base64.b64decode(cursor, altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidCursorError from error
        mac, content = data[:MAC_BYTES], data[MAC_BYTES:]
        # First the seal, in constant time; only then is the content read.
        if not hmac.compare_digest(mac, self._mac(content)):
            raise InvalidCursorError
        version, microseconds, post_id, filtered_by = json.loads(content)
        if (version, filtered_by) != (1, author):
            raise InvalidCursorError
        return Position(EPOCH + microseconds * MICROSECOND, post_id)

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)[:MAC_BYTES]


# --8<-- [end:show]
