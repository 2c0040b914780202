"""What changed files mean: pages to render, files to copy, or a site to make anew.

A page that could be read keeps its last good state until it can be read again: a fence that is
not closed yet, or half a line of front matter, would show the rest of the page as code or text.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from guide.checks import Finding
from guide.checks.rules import block_closed, fence_closed, fence_header, snippet_path
from guide.checks.suppression import apply_suppressions
from guide.library import Library, Page, Problem, ProjectError
from guide.library.examples import example_of
from guide.library.reading import DATA_RULE, read_example_again, read_page_again
from guide.library.site_config import CONFIG_FILE, read_site_config
from guide.library.source_file import read_source
from guide.library.verification import VERIFICATION_FILE
from guide.library.yaml_document import YamlError, parse_yaml

MAX_PAGES = 8
"""More pages than these (another branch was checked out) are not rendered one by one."""
_READABLE = (fence_closed, fence_header, block_closed)


@dataclass(frozen=True, slots=True)
class Change:
    """What changed files mean; `library` has the pages and examples as they are now.

    `pages` (to render) and `files` (to copy) are relative to docs/. Other pages are `behind` if
    they derive something from these; `reason` says why they change in more than that, and is
    empty if they do not. `broken` is what keeps files from being read.
    """

    library: Library
    pages: tuple[str, ...]
    files: tuple[str, ...]
    behind: bool
    reason: str
    broken: tuple[Finding, ...]


def understand(library: Library, changed: Iterable[str]) -> Change:
    """Say what the files `changed`, relative to the project, mean for the site of `library`."""
    reading = _Reading(library)
    for path in sorted(changed):
        reading.take(path)
    return reading.result()


class _Reading:
    """Takes changed files one by one."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._root = library.root
        self._pages: dict[str, Page] = {}
        self._files: list[str] = []
        self._behind = False
        self._reasons: list[str] = []
        self._broken: list[Finding] = []

    def take(self, path: str) -> None:
        """Look at one changed file; `path` is relative to the project."""
        name = path.removeprefix("docs/")
        was_there = name != path and name in self._library.files
        is_there = (self._root / path).is_file()
        if path == CONFIG_FILE:
            self._settings()
        elif not was_there or not is_there:
            if was_there or is_there:  # else it came and went
                self._reasons.append(f"{path} {'is gone' if was_there else 'is new or a template'}")
        elif path.endswith(f"/{VERIFICATION_FILE}"):
            self._behind = True
        elif path in self._library.data:
            self._data(path)
        elif name.endswith(".md"):
            self._page(name)
        else:
            self._file(name)

    def result(self) -> Change:
        """Sum up what was taken."""
        pages = tuple(self._pages)
        reasons = list(self._reasons)
        if len(pages) > MAX_PAGES:
            reasons.append(f"{len(pages)} pages changed")
            pages = ()
        more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
        return Change(
            dataclasses.replace(self._library, pages={**self._library.pages, **self._pages}),
            pages=pages,
            files=tuple(self._files),
            behind=bool(self._pages or reasons or self._behind),
            reason=f"{reasons[0]}{more}" if reasons else "",
            broken=tuple(self._broken),
        )

    def _settings(self) -> None:
        try:
            read_site_config(self._root)
        except ProjectError as error:
            self._broken.append(Finding(CONFIG_FILE, 1, 1, DATA_RULE, str(error)))
        else:
            self._reasons.append(f"{CONFIG_FILE} changed")

    def _data(self, path: str) -> None:
        source = read_source(self._root, path)
        problems = [] if source.text is not None else list(source.problems)
        try:
            parse_yaml(path, source.text or "", DATA_RULE)
        except YamlError as error:
            problems.append(error.problem)
        self._broken += findings(problems)
        if not problems:
            self._reasons.append(f"{path} changed")

    def _page(self, name: str, shows_other: bool = False) -> None:
        problems: list[Problem] = []
        before = self._library.pages.get(name)
        now = read_page_again(self._library, name, problems)
        if now is None:
            self._broken += findings(problems)
            return
        broken = _obstacles(self._library, now, problems)
        if broken and (before is None or not _obstacles(self._library, before)):
            self._broken += broken
        elif before is None or before.kind != now.kind:
            self._reasons.append(
                f"docs/{name} is {'a page' if now.is_published else 'a draft'} now"
            )
        elif shows_other or before.key != now.key:
            if _frame(before) != _frame(now):
                self._reasons.append(f"{_what_differs(before, now)} of docs/{name} changed")
            self._pages[name] = now
            self._pages_that_show(name)

    def _file(self, name: str) -> None:
        self._files.append(name)
        for example in self._library.examples:
            if example.folder == example_of(name):
                now = read_example_again(self._library, example)
                if now == example:
                    return
                self._behind = True
                examples = (now if each is example else each for each in self._library.examples)
                self._library = dataclasses.replace(self._library, examples=tuple(examples))
        self._pages_that_show(name)

    def _pages_that_show(self, name: str) -> None:
        """Pages that include the file `name`, or say what was done with its example."""
        folder = example_of(name) or name
        for page in self._library.written_pages:
            if page.path not in self._pages and any(
                include.path == name or example_of(include.path) == folder
                for include in page.includes
            ):
                self._page(page.path, shows_other=True)


def findings(problems: Iterable[Problem]) -> list[Finding]:
    """What was wrong while reading, as it is reported; what does no harm is left out."""
    return [
        Finding(each.path, each.line, each.column, each.rule, each.message, each.hint)
        for each in problems
        if not each.mendable
    ]


def _obstacles(library: Library, page: Page, problems: Iterable[Problem] = ()) -> list[Finding]:
    """What keeps `page` from being read as it is meant."""
    found = [each for rule in _READABLE for each in rule.RULE.check(page, library.reader)]
    found += snippet_path.RULE.check(dataclasses.replace(library, pages={page.path: page}))
    rules = {each.rule for each in found}
    # It also judges the comments that allow something, which keep nobody from reading.
    kept = [each for each in apply_suppressions([page], found) if each.rule in rules]
    if page.meta is None:
        unreadable = Finding(page.file, 1, 1, "front-matter", "the front matter cannot be read")
        kept += findings(problems) or [unreadable]
    return kept


def _frame(page: Page) -> tuple[object, ...]:
    """What other pages show of `page` around themselves, and the places they lead to."""
    return page.title, _head(page), frozenset(page.ids)


def _what_differs(before: Page, now: Page) -> str:
    if before.title != now.title:
        return "the title"
    return "the front matter" if _head(before) != _head(now) else "an id"


def _head(page: Page) -> str:
    return page.source.removesuffix(page.body)
