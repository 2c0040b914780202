"""Put the preview into the server of `mkdocs serve`, after its first whole build."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from urllib.parse import urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import get_plugin_logger

from guide.preview.desk import Desk
from guide.preview.live import Live
from guide.preview.worker import Build

_REPLACED = ("Detected file changes", "Reloading browsers")
"""What the server says of each change; the desk says it with more."""


def places(config: MkDocsConfig) -> list[Path]:
    """The files and folders that the site is made from."""
    return [Path(each) for each in (config.docs_dir, config.config_file_path, *config.watch)]


def start(server: LiveReloadServer, config: MkDocsConfig) -> Desk:
    """Let `server` pass changes to a new desk, and serve what that has; it has to be closed."""
    site = Path(config.site_dir)

    def show(folder: Path) -> None:
        server.root = str(folder)

    live = Live(site, urlsplit(config.site_url or "/").path, show)
    build = Build(
        config_file=config.config_file_path,
        strict=config.strict,
        use_directory_urls=config.use_directory_urls,
        serve_url=config.site_url or "/",
        folder=str(site),
    )
    for notice in ("NO_MKDOCS_2_WARNING", "DISABLE_MKDOCS_2_WARNING"):  # said once is enough
        os.environ.setdefault(notice, "true")
    desk = Desk(build, places(config), live, get_plugin_logger("preview"))
    desk.begin(config.extra["renderer"], site, config.extra["sources"])
    server.builder = desk.update
    server.error_handler = live.not_found
    server.set_app(live.around(server.serve_request))
    # There is no public place for the script in the page.
    server._inject_js_into_html = live.page  # type: ignore[method-assign]
    logging.getLogger("mkdocs.livereload").addFilter(
        lambda record: not record.getMessage().endswith(_REPLACED)
    )
    return desk
