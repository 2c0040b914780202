"""Render single pages of a site that was built as a whole, in the same steps as that build."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from dataclasses import dataclass

import jinja2
from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation

from guide.checks import Finding
from guide.library import Library
from guide.preview.edits import understand


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done about changed files: pages `rendered`, `files` copied, in how many seconds.

    For `behind`, `reason` and `broken` see `Change`.
    """

    rendered: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    behind: bool = False
    reason: str = ""
    broken: tuple[Finding, ...] = ()
    seconds: float = 0.0


class Renderer:
    """What is left of a whole build: enough to render any of its pages again.

    The library that the hooks work with is in `config.extra["guide"]`.
    """

    def __init__(
        self, config: MkDocsConfig, files: Files, nav: Navigation, env: jinja2.Environment
    ) -> None:
        self._config = config
        self._files = files
        self._nav = nav
        self._env = env

    @property
    def library(self) -> Library:
        """The library as the pages show it now."""
        library: Library = self._config.extra["guide"].library
        return library

    def apply(self, changed: Iterable[str]) -> Outcome:
        """Bring the site up to the files `changed`, as far as single pages can be."""
        began = time.perf_counter()
        change = understand(self.library, changed)
        hooks = self._config.extra["guide"]
        self._config.extra["guide"] = dataclasses.replace(hooks, library=change.library)
        for name in change.files:
            file = self._files.get_file_from_path(name)
            if file is not None and file.inclusion != InclusionLevel.EXCLUDED:
                file.copy_file()
        rendered, broken = [], list(change.broken)
        for name in change.pages:
            try:
                if self._render(name):
                    rendered.append(name)
            except Exception as error:  # whatever hooks, plugins and templates raise
                message = f"{type(error).__name__}: {error}"
                broken.append(Finding(f"docs/{name}", 1, 1, "render", message))
        return Outcome(
            tuple(rendered),
            change.files,
            change.behind,
            change.reason,
            tuple(broken),
            time.perf_counter() - began,
        )

    def _render(self, name: str) -> bool:
        """Write the page `name`; False if the build had none there."""
        file = self._files.get_file_from_path(name)
        if file is None or file.page is None:
            return False
        _populate_page(file.page, self._config, self._files)
        _build_page(
            file.page,
            self._config,
            self._pages,
            self._nav,
            self._env,
            excluded=file.inclusion == InclusionLevel.DRAFT,
        )
        level = self._config.validation.links.anchors
        file.page.validate_anchor_links(files=self._files, log_level=level)
        return True

    @property
    def _pages(self) -> list[File]:
        return list(self._files.documentation_pages(inclusion=InclusionLevel.is_in_serve))
