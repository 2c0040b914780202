"""Where a link of a document leads once the document is pages of the guide."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from guide.intake.pages.anchors import Anchors, Place
from guide.intake.reading.markdown import plain_title
from guide.intake.slugs import free, heading_slug, slug

_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*):")
_KEPT = frozenset({"http", "https", "mailto", "tel", "ftp"})
_HOST_FIRST = re.compile(
    r"(?:www\.|(?:[\w-]+\.)+(?:com|org|net|io|dev|edu|gov|info)(?:[/:?#]|$))", re.IGNORECASE
)
_MARKDOWN = (".md", ".markdown", ".mkd", ".mdown", ".mdx", "")
_ID = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Resolved:
    """A link's new target, or why it has none; `place` is the section that it leads to."""

    target: str = ""
    reason: str = ""
    place: Place | None = None


class Targets:
    """Resolves the links of one document; gives ids to the sections that links lead to.

    `name` is the document's own file name without its extension, `neighbors` are the documents
    that come into the guide with it, by file name, `there` the paths that exist under docs/.
    """

    def __init__(
        self,
        anchors: Anchors,
        name: str,
        neighbors: Mapping[str, Anchors],
        there: Container[str],
    ) -> None:
        self.ids: dict[Place, str] = {}
        self._anchors = anchors
        self._name = name
        self._neighbors = {key.casefold(): value for key, value in neighbors.items()}
        self._there = there
        self._used: dict[int, dict[str, int]] = {}

    def resolve(self, target: str, page: int) -> Resolved:
        """Where `target` leads from a page."""
        path, _, anchor = target.strip().partition("#")
        scheme = _SCHEME.match(path)
        if scheme:
            if scheme["scheme"].lower() in _KEPT:
                return Resolved(target)
            return Resolved(reason="a link that browsers should not follow")
        if path.startswith("//"):
            return Resolved(f"https:{target.strip()}")
        if _HOST_FIRST.match(path):
            return Resolved(f"https://{target.strip()}")
        if not path and not anchor:
            return Resolved(reason="a link without a target")
        if not path or self._is_own(path):
            return self._inside(anchor, page)
        if self.is_there(path):
            return Resolved(target)
        neighbor = self._neighbor(path)
        if neighbor is not None:
            return self._beside(neighbor, anchor)
        return Resolved(reason="a link to a file that does not come along")

    def is_there(self, path: str) -> bool:
        """Whether the guide has this file already."""
        name = unquote(path.partition("?")[0])
        return posixpath.normpath(posixpath.join(self._anchors.folder, name)) in self._there

    def title(self, place: Place) -> str:
        """What the section at a place is called."""
        return plain_title(self._anchors.section(place).title)

    def _is_own(self, path: str) -> bool:
        stem, extension = posixpath.splitext(unquote(path).removeprefix("./"))
        return extension.lower() in _MARKDOWN and stem == self._name

    def _inside(self, anchor: str, page: int) -> Resolved:
        place = self._anchors.find(anchor) if anchor else Place(0, 0)
        if place is None:
            return Resolved(reason="a link to a heading that does not exist")
        name = self._id(place)
        file = f"{self._anchors.pages[place.page].name}.md"
        if not name:
            return Resolved(file, place=place)
        return Resolved(f"#{name}" if place.page == page else f"{file}#{name}", place=place)

    def _id(self, place: Place) -> str:
        """The id of a section, given now if it has none; none for a page."""
        if place.section == 0:
            return ""
        section = self._anchors.section(place)
        if section.id:
            return section.id
        if place not in self.ids:
            text = plain_title(section.title)
            name = heading_slug(text)
            used = self._used.setdefault(place.page, {})
            if not used:
                used |= _used_ids(self._anchors, place.page)
            if not _ID.fullmatch(name) or used.get(name, 0) > 1:
                name = free(slug(text), used)
            used[name] = used.get(name, 0) + 1
            self.ids[place] = name
        return self.ids[place]

    def _neighbor(self, path: str) -> Anchors | None:
        name = posixpath.basename(unquote(path.partition("?")[0])).casefold()
        return self._neighbors.get(name) or self._neighbors.get(f"{name}.md")

    def _beside(self, other: Anchors, anchor: str) -> Resolved:
        """A place in another document: a section that has an id, else its page."""
        place = other.find(anchor) if anchor else Place(0, 0)
        if place is None:
            return Resolved(reason="a link to a heading that does not exist")
        file = f"{other.folder}/{other.pages[place.page].name}.md"
        section = other.section(place) if place.section else None
        mark = f"#{section.id or heading_slug(plain_title(section.title))}" if section else ""
        return Resolved(posixpath.relpath(file, self._anchors.folder) + mark.rstrip("#"))


def _used_ids(anchors: Anchors, page: int) -> dict[str, int]:
    """How often each id of a page is taken, by sections that have it or get it of their titles."""
    used: dict[str, int] = {}
    for section in anchors.pages[page].root.walk():
        name = section.id or heading_slug(plain_title(section.title))
        used[name] = used.get(name, 0) + 1
    return used
