"""How much a file weighs on its way to the reader: compressed by gzip at its default level."""

from __future__ import annotations

import gzip

_LEVEL = 6


def compressed_size(content: bytes) -> int:
    """Bytes that a server sends for `content`."""
    return len(gzip.compress(content, _LEVEL))
