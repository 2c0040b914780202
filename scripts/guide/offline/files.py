"""Which files of the built site devices keep, and how each is told from its next version."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

OFFLINE_PAGE = "503.html"
"""Stands in for a page that is not on the device; a page named like an error has absolute links."""
_ALWAYS = ("index.html", OFFLINE_PAGE, "assets/images/favicon.svg", "practice/study.json")
_SHELL = re.compile(r"assets/(?:stylesheets|javascripts)/.+\.(?:css|js)")
# The theme's own search, in place of which ours runs, and the drawing script of the preview.
_UNUSED = re.compile(r"assets/(?:javascripts/(?:lunr|workers)|preview)/")
_HASH_LENGTH = 16


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file by its address under the site's root, with a hash of its contents and its bytes."""

    url: str
    hash: str
    size: int


def shell_paths(paths: Iterable[str], tools: Iterable[str]) -> list[str]:
    """Of all files of the site those that every device keeps, `tools` (more pages) among them."""
    wanted = {*_ALWAYS, *tools}
    return sorted(
        path
        for path in paths
        if path in wanted or (_SHELL.fullmatch(path) and not _UNUSED.match(path))
    )


def kept_files(paths: Iterable[str], read: Callable[[str], bytes]) -> list[KeptFile]:
    """The files at `paths`, each read by `read`."""
    return [_kept(path, read(path)) for path in paths]


def version(files: Iterable[KeptFile]) -> str:
    """A name for these very contents at these addresses."""
    return _digest(json.dumps([[file.url, file.hash] for file in files]).encode())


def file_url(path: str) -> str:
    """Address of a file under the site's root: a page's is that of its folder."""
    return re.sub(r"(^|/)index\.html$", r"\1", path)


def _kept(path: str, content: bytes) -> KeptFile:
    return KeptFile(file_url(path), _digest(content), len(content))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:_HASH_LENGTH]
