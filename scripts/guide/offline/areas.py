"""What an area needs to be read without a network: its pages and the images that they show."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from urllib.parse import unquote, urljoin

from guide.offline.files import kept_files

PATH = "practice/offline.json"
_IMAGE = re.compile(rb"""<(?:img|source)\b[^>]*?\bsrc=["']([^"'?#]+)""")


def areas_json(
    areas: Mapping[str, Sequence[str]],
    paths: Iterable[str],
    shell: Iterable[str],
    read: Callable[[str], bytes],
) -> str:
    """The files of each area as the browser loads them: [address, hash, bytes], pages first."""
    there = frozenset(paths)
    others = there - frozenset(shell)
    listed = {}
    for area, wanted in areas.items():
        pages = [page for page in wanted if page in there]
        files = kept_files(_with_images(pages, others, read), read)
        listed[area] = [[file.url, file.hash, file.size] for file in files]
    return json.dumps(listed, separators=(",", ":"))


def _with_images(
    pages: Sequence[str], others: frozenset[str], read: Callable[[str], bytes]
) -> list[str]:
    images = {path for page in pages for path in _images(page, read(page)) if path in others} - set(
        pages
    )
    return [*pages, *sorted(images)]


def _images(page: str, html: bytes) -> Iterable[str]:
    for match in _IMAGE.finditer(html):
        yield urljoin(page, unquote(match[1].decode()))
