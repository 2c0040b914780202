"""What devices keep is chosen by one rule, named by its contents, and the same in every build."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from guide.offline import kept_files, service_worker, shell_paths, version, write_offline

SITE = {
    "index.html": "<h1>Home</h1>",
    "404.html": "<h1>Page not found</h1>",
    "503.html": "<h1>Not on this device</h1>",
    "sw-notes.txt": "nothing to keep",
    "practice/study.json": "{}",
    "practice/review/index.html": "<h1>Review</h1>",
    "http/index.html": "<h1>HTTP</h1>",
    "http/tls/index.html": '<h1>TLS</h1><img alt="" src="../../assets/images/tls.png">',
    "assets/images/favicon.svg": "<svg/>",
    "assets/images/tls.png": "png",
    "assets/javascripts/guide.js": "start()",
    "assets/javascripts/guide.js.map": "{}",
    "assets/javascripts/lunr/lunr.js": "not used",
    "assets/javascripts/workers/search.js": "not used",
    "assets/stylesheets/tools/review.css": "p {}",
    "search/search_index.json": "{}",
}
SHELL = [
    "503.html",
    "assets/images/favicon.svg",
    "assets/javascripts/guide.js",
    "assets/stylesheets/tools/review.css",
    "index.html",
    "practice/review/index.html",
    "practice/study.json",
]
TOOLS = ["practice/review/index.html"]
AREAS = {"http": ["http/index.html", "http/tls/index.html", "http/planned/index.html"]}


def read(path: str) -> bytes:
    return SITE[path].encode()


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for path, text in SITE.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path


def written(site: Path) -> tuple[str, dict[str, list[list[str | int]]]]:
    write_offline(site, TOOLS, AREAS)
    areas = json.loads((site / "practice/offline.json").read_text())
    return (site / "sw.js").read_text(), areas


def test_the_shell_is_home_tools_styles_scripts_and_what_they_load() -> None:
    assert shell_paths(SITE, TOOLS) == SHELL


def test_pages_have_the_address_of_their_folder() -> None:
    urls = [file.url for file in kept_files(SHELL, read)]

    assert urls == [path.removesuffix("index.html") for path in SHELL]


def test_the_same_files_make_the_same_worker_and_version(site: Path) -> None:
    first, areas = written(site)

    assert written(site) == (first, areas)


@pytest.mark.parametrize("path", SHELL)
def test_another_content_of_a_kept_file_is_another_version(site: Path, path: str) -> None:
    first, _ = written(site)
    (site / path).write_text("other")

    second, _ = written(site)

    assert second != first
    assert version_of(second) != version_of(first)


@pytest.mark.parametrize("path", sorted(set(SITE) - set(SHELL)))
def test_a_file_that_not_every_device_keeps_changes_no_version(site: Path, path: str) -> None:
    first, _ = written(site)
    (site / path).write_text("other")

    assert written(site)[0] == first


def test_an_area_lists_its_published_pages_and_their_images_with_sizes(site: Path) -> None:
    _, areas = written(site)

    assert [(url, size) for url, _, size in areas["http"]] == [
        ("http/", len(SITE["http/index.html"])),
        ("http/tls/", len(SITE["http/tls/index.html"])),
        ("assets/images/tls.png", 3),
    ]


def test_the_published_worker_states_its_files_and_carries_no_comments() -> None:
    files = kept_files(SHELL, read)
    script = service_worker(files)

    assert version_of(script) == version(files)
    assert all(json.dumps([file.url, file.hash]) in script for file in files)
    assert [line for line in script.splitlines()[1:] if line.strip().startswith(("//", "/*"))] == []


def version_of(script: str) -> str:
    match = re.search(r'^const VERSION = "(\w+)"$', script, re.MULTILINE)
    assert match
    return match[1]
