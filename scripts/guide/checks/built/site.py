"""The built site as data: every page, stylesheet and script, and what they refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from guide.checks.built.address import Target, resolve
from guide.checks.built.page import BuiltPage
from guide.checks.built.references import (
    Found,
    Reference,
    resolved,
    script_references,
    stylesheet_references,
)


@dataclass(frozen=True, slots=True)
class BuiltSite:
    """All of a built site. `url` is where it will be published, with a trailing slash."""

    root: Path
    url: str
    pages: Mapping[str, BuiltPage]
    stylesheets: Mapping[str, tuple[Reference, ...]]
    scripts: Mapping[str, tuple[Reference, ...]]
    files: frozenset[str]

    def origins(self) -> Iterator[tuple[str, tuple[Reference, ...]]]:
        """Yield every file that refers to others, with its references."""
        yield from ((page.path, page.references) for page in self.pages.values())
        yield from self.stylesheets.items()
        yield from self.scripts.items()

    def resolve(self, origin: str, url: str) -> Target | None:
        """File and anchor that `url` on the file `origin` leads to; None if it is elsewhere.

        A URL on the same host but outside the site leads to a path that starts with "/".
        """
        return resolve(self.url, origin, url)


def site_files(root: Path) -> frozenset[str]:
    """The files below `root`, relative to it."""
    return frozenset(
        file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()
    )


def built_site(
    root: Path, url: str, files: frozenset[str], pages: Mapping[str, BuiltPage]
) -> BuiltSite:
    """The site of `pages` and other `files` built in `root`, to be published at `url`."""

    def references(
        suffix: str, read: Callable[[str], Iterator[Found]]
    ) -> dict[str, tuple[Reference, ...]]:
        return {
            path: resolved(url, path, read((root / path).read_text(encoding="utf-8")))
            for path in sorted(files)
            if path.endswith(suffix)
        }

    return BuiltSite(
        root,
        url,
        pages,
        references(".css", stylesheet_references),
        references(".js", script_references),
        files,
    )
