"""The MkDocs adapter: hands the guide's pages, diagrams and context to the site generator.

These are MkDocs hooks (see mkdocs.yml); every decision is taken in the packages they call.
State travels in `config.extra["guide"]`, because MkDocs reads its configuration anew for
every rebuild while serving.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from guide import indexes
from guide.dates import changed_at, last_change
from guide.diagrams.fence import PREVIEW, DiagramFormatter
from guide.diagrams.preview import PREVIEW_SCRIPT, install_preview_script
from guide.export import study
from guide.export.cards import Card
from guide.export.cutting import CardError, cards_of
from guide.export.drawings import DrawingStyle
from guide.export.files import drawing_style, exported_files
from guide.keeping import cache_folder
from guide.library import Library
from guide.offline import write_offline
from guide.offline_pages import area_files, tool_files
from guide.project import load
from guide.publishing.bundling import BundlingError, bundle, drop_unused, one_sheet, theme_sheets
from guide.publishing.content_security import write_policies
from guide.publishing.kept_rendering import KeptRendering
from guide.publishing.lifeline import end_with_parent
from guide.publishing.published_nav import published_nav
from guide.rendering.answers import AnswerExtension
from guide.rendering.badges import with_badges
from guide.rendering.compact import compact
from guide.rendering.downloads import with_downloads
from guide.rendering.explained import ExplainedExtension
from guide.rendering.moved import moved_anchors
from guide.rendering.quiet import quiet
from guide.rendering.quiz import QuizExtension
from guide.rendering.tables import TableExtension
from guide.rendering.theme import mended
from guide.search import SearchIndex
from guide.topic_context import topic_context

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

    from guide.preview.desk import Desk


@dataclass(frozen=True, slots=True)
class _Site:
    library: Library
    repository: str
    branch: str
    drawing_style: DrawingStyle
    sheets: tuple[str, ...]
    figures: indexes.Figures
    cards: dict[str, tuple[Card, ...]] = field(default_factory=dict)

    def edit_url(self, path: str) -> str:
        return f"{self.repository}/edit/{self.branch}/docs/{path}" if self.repository else ""


def on_startup(command: str, dirty: bool) -> None:
    """Calm the plugin that reports every diagram it looks at."""
    logging.getLogger("mkdocs.plugins.mermaid2.util").setLevel(logging.WARNING)
    global _serving, _previewing
    _serving = command == "serve"
    _previewing = _serving and not dirty
    end_with_parent()


_serving = False
_previewing = False
_desk: Desk | None = None


def on_serve(
    server: LiveReloadServer, config: MkDocsConfig, builder: Callable[[], None]
) -> LiveReloadServer:
    """Let an edited page be there at once, and the rest of the site follow in the background."""
    if _previewing:
        from guide.preview import start  # what it loads, a build does not need

        global _desk
        _desk = start.start(server, config)
    return server


def on_shutdown() -> None:
    """Stop what serving started."""
    if _desk is not None:
        _desk.close()


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Plug in the diagram fence and the quiz markup; read the library."""
    root = Path(config.config_file_path).parent
    if _serving:
        install_preview_script(root / "docs")
    if _previewing:
        from guide.preview import sources, start

        config.extra["sources"] = sources.stamps(start.places(config))
    formatter = DiagramFormatter(
        cache_folder(root) / "diagrams", preview=_serving, report=get_plugin_logger("guide").error
    )
    config.mdx_configs.setdefault("pymdownx.superfences", {})["custom_fences"] = [
        {"name": "mermaid", "class": "diagram", "format": formatter}
    ]
    ours = [QuizExtension(), AnswerExtension(), ExplainedExtension(), TableExtension()]
    config.markdown_extensions += ours  # type: ignore[arg-type]
    library = load(root)
    moved = {each.old: each.new for each in library.redirects if "#" not in each.old}
    if config.nav and not _serving:
        config.nav = published_nav(config.nav, {page.path for page in library.drafts})
    config.plugins["redirects"].config["redirect_maps"] = moved
    config.extra["guide"] = _Site(
        library=library,
        repository=os.environ.get("GUIDE_REPOSITORY_URL", "").rstrip("/"),
        branch=os.environ.get("GUIDE_BRANCH", "main"),
        drawing_style=drawing_style(root),
        sheets=tuple(map(str, config.extra_css)),
        figures=indexes.figures(library),
    )
    config.extra["published"] = not _serving
    if not _serving:  # overrides/main.html names the one sheet that is made of them
        config.extra_css = []
    replace_index(config, library)
    spare_drawn_pages(config)
    return config


def replace_index(config: MkDocsConfig, library: Library) -> None:
    """Put our search index in the place of the one that the theme's plugin would make."""
    plugin: Any = config.plugins.get("material/search")
    if plugin is not None:
        plugin.search_index = SearchIndex(library)


def spare_drawn_pages(config: MkDocsConfig) -> None:
    """Let the live-preview plugin read no page but those with something for it to draw.

    It takes apart every page that holds the word "mermaid", which takes longer than rendering it.
    """
    handlers = config.plugins.events["post_page"]
    read = config.plugins["mermaid2"].on_post_page

    def read_if_needed(output: str, **about: Any) -> str | None:
        return read(output, **about) if PREVIEW in output else output

    handlers[handlers.index(read)] = read_if_needed


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages; keep drafts and the preview script out of what is published."""
    library: Library = config.extra["guide"].library
    for page in library.drafts:
        draft = files.get_file_from_path(page.path)
        if draft is not None:
            draft.inclusion = InclusionLevel.DRAFT
    for path, text in indexes.generate(library).items():
        files.append(File.generated(config, path, content=text))
    files.append(File.generated(config, study.PATH, content=study.study_json(library)))
    script = files.get_file_from_path(PREVIEW_SCRIPT)
    if script is not None and not _serving:
        script.inclusion = InclusionLevel.EXCLUDED
    config.extra["rendering"] = KeptRendering(library, config, files, unfinished=PREVIEW)
    return files


def on_nav(nav: Navigation, config: MkDocsConfig, files: Files) -> Navigation:
    """Keep the navigation for the preview, which renders single pages with it."""
    if _previewing:
        config.extra["preview_nav"] = nav
    return nav


def on_env(env: jinja2.Environment, config: MkDocsConfig, files: Files) -> jinja2.Environment:
    """Keep of this build what the preview needs to render single pages."""
    if _previewing:
        from guide.preview.renderer import Renderer

        config.extra["renderer"] = Renderer(config, files, config.extra["preview_nav"], env)
    return env


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Say under each example what was done with it; list what there is to take along."""
    library: Library = config.extra["guide"].library
    config.extra["rendering"].watch(page)
    written = library.pages.get(page.file.src_uri)
    if written and written.path == indexes.EXPORTS_PAGE:
        pdf = bool(os.environ.get("GUIDE_PDF"))
        return with_downloads(library, written, decks=not _serving, pdf=pdf)
    return with_badges(library, written) if written and written.includes else markdown


def on_pre_page(page: Page, config: MkDocsConfig, files: Files) -> Page:
    """Date each page by its review or last commit, never by the clock."""
    site: _Site = config.extra["guide"]
    page.update_date = last_change(site.library, page.file.src_uri).isoformat()
    return page


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Cut the page's cards out of it; keep the anchors that moved: they lead on."""
    site: _Site = config.extra["guide"]
    library = site.library
    written = library.pages.get(page.file.src_uri)
    if written is not None and written.kind == "topic" and not _serving:
        try:
            cards = cards_of(library, written, html, page.canonical_url or "", site.drawing_style)
            site.cards[written.path] = cards
        except CardError as error:
            get_plugin_logger("guide").error(str(error))
    return quiet(html) + moved_anchors(library, page.file.src_uri, page.url)


def on_page_context(
    context: dict[str, Any], page: Page, config: MkDocsConfig, nav: Navigation
) -> dict[str, Any]:
    """Give the theme what it shows around a page."""
    site: _Site = config.extra["guide"]
    written = site.library.pages.get(page.file.src_uri)
    if written is not None:
        edit_url = site.edit_url(written.path) if written.kind != "generated" else ""
        context["topic"] = topic_context(site.library, written, edit_url)
    context["figures"] = site.figures
    return context


def on_post_build(config: MkDocsConfig) -> None:
    """Finish what is published."""
    site: _Site = config.extra["guide"]
    library, folder = site.library, Path(config.site_dir)
    library.memo.save()
    if _serving:
        return
    try:
        drop_unused(folder)
        bundle(Path(config.docs_dir), folder, library.files)
        one_sheet(folder, theme_sheets(folder), site.sheets)
    except BundlingError as error:
        raise PluginError(str(error)) from error
    address, changed = config.site_url or "", changed_at(library)
    for path, content in exported_files(library, site.cards, address, changed).items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    write_policies(folder)
    write_offline(folder, tool_files(library), area_files(library))


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Mend the theme's HTML, and make what is published smaller."""
    return _finished(output)


def on_post_template(output: str, template_name: str, config: MkDocsConfig) -> str:
    """Mend the theme's HTML of pages that are no documents (404 and 503)."""
    return _finished(output) if template_name.endswith(".html") else output


def _finished(html: str) -> str:
    whole = mended(html)
    return whole if _serving else compact(whole)
