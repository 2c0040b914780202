"""Pages as MkDocs rendered them before, as long as nothing changed that they are made of.

Converting Markdown takes most of a build. What a page is made of: its text, the files it includes,
the files there are for links to lead to, the settings, and all code, which is the memo's concern.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents

from guide.library import Library
from guide.library.memo import digest
from guide.library.reading import included

_KIND = "rendered"


@dataclass(frozen=True, slots=True)
class _Rendered:
    """All that rendering leaves in a page; `links` are by the path of the file they lead to."""

    content: str
    toc: TableOfContents
    title: str | None
    anchors: frozenset[str]
    links: dict[str, dict[str, str]]


class KeptRendering:
    """Renders the pages of one build, or takes what an earlier build made of the same.

    A page with `unfinished` in it is not kept: it shows a diagram that may be drawn next time.
    """

    def __init__(
        self, library: Library, config: MkDocsConfig, files: Files, *, unfinished: str
    ) -> None:
        self._library = library
        self._unfinished = unfinished
        targets = sorted(f"{file.src_uri} {file.url} {file.inclusion}" for file in files)
        self._setting = digest(library.config.syntax, repr(config.validation), *targets)

    def watch(self, page: Page) -> None:
        """Have MkDocs come here to render `page`."""
        page.render = partial(self._render, page)  # type: ignore[method-assign]

    def _render(self, page: Page, config: MkDocsConfig, files: Files) -> None:
        text = page.markdown or ""
        contents = included(self._library.root, text, self._library.files)
        key = digest(self._setting, page.file.src_uri, text, *contents)
        found: _Rendered | None = self._library.memo.find(_KIND, key)
        if found is not None:
            _restore(page, found, files)
            return
        watcher = _Watcher()
        logger = logging.getLogger("mkdocs")
        logger.addHandler(watcher)
        try:
            Page.render(page, config, files)
        finally:
            logger.removeHandler(watcher)
        # What was said about a page has to be said again.
        if not watcher.has_heard and self._unfinished not in (page.content or ""):
            self._library.memo.keep(_KIND, key, _rendered(page))


def _rendered(page: Page) -> _Rendered:
    return _Rendered(
        page.content or "",
        page.toc,
        page._title_from_render,
        frozenset(page.present_anchor_ids or ()),
        {file.src_uri: anchors for file, anchors in (page.links_to_anchors or {}).items()},
    )


def _restore(page: Page, rendered: _Rendered, files: Files) -> None:
    page.content = rendered.content
    page.toc = rendered.toc
    page._title_from_render = rendered.title
    page.present_anchor_ids = set(rendered.anchors)
    targets = {files.get_file_from_path(path): links for path, links in rendered.links.items()}
    page.links_to_anchors = {file: links for file, links in targets.items() if file is not None}


class _Watcher(logging.Handler):
    """Notes whether anything was said."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.has_heard = False

    def emit(self, record: logging.LogRecord) -> None:
        """Called by logging."""
        self.has_heard = True
