"""A page that is rendered by itself is the one that a whole build makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import mkdocs.commands.build
import pytest
from mkdocs.config import load_config

from guide.preview.renderer import Renderer
from mini_project import MiniProject

METHODS = "docs/http/methods.md"


@pytest.fixture
def renderer(
    project: MiniProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Renderer]:
    """The renderer of a whole build of the project into `site`."""
    monkeypatch.chdir(project.root)
    site = str(tmp_path / "site")
    config = load_config(config_file=str(project.path("mkdocs.yml")), site_dir=site)
    config.plugins.on_startup(command="serve", dirty=False)
    mkdocs.commands.build.build(config, serve_url="http://127.0.0.1:8000/")
    yield config.extra["renderer"]
    config.plugins.on_startup(command="build", dirty=False)


def test_every_page_is_rendered_again_byte_for_byte(
    project: MiniProject, renderer: Renderer, tmp_path: Path
) -> None:
    def site() -> dict[Path, bytes]:
        return {file: file.read_bytes() for file in (tmp_path / "site").rglob("*.html")}

    built = site()
    for file in (METHODS, "docs/index.md"):
        text = project.read(file)
        project.write(file, f"{text}\n\nA line more.\n")
        assert renderer.apply([file]).rendered == (file.removeprefix("docs/"),)
        assert sum(content != built[path] for path, content in site().items()) == 1

        project.write(file, text)
        renderer.apply([file])
        assert site() == built


def test_what_cannot_be_rendered_is_named_and_the_page_left_alone(
    project: MiniProject, renderer: Renderer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "site" / "http" / "methods" / "index.html"
    built = page.read_bytes()
    project.replace(METHODS, "Links that delete.", "Links that order.")
    monkeypatch.setattr("guide.preview.renderer._build_page", lambda *_, **__: 1 // 0)

    outcome = renderer.apply([METHODS])

    (finding,) = outcome.broken
    assert (finding.path, finding.rule) == (METHODS, "render")
    assert "ZeroDivisionError" in finding.message
    assert page.read_bytes() == built
