"""While serving, a diagram that was just edited is drawn in the browser, from this machine."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mini_project import MiniProject

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(url: str, text: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                if text in response.read().decode():
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    pytest.fail(f"{url} did not show {text!r} within {seconds:.0f} s")


@pytest.fixture
def served(project: MiniProject, tmp_path: Path) -> Iterator[tuple[MiniProject, str]]:
    address = f"127.0.0.1:{free_port()}"
    log = (tmp_path / "serve.log").open("w")
    server = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address],
        cwd=project.root,
        env={**os.environ, "GUIDE_SITE_URL": f"http://{address}/"},
        stdout=log,
        stderr=log,
    )
    try:
        wait_for(f"http://{address}/http/methods/", "HTTP methods")
        yield project, f"http://{address}"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=20)
        log.close()


def test_an_edited_diagram_is_previewed_without_an_outside_request(
    served: tuple[MiniProject, str], chromium: Browser
) -> None:
    project, url = served
    assert not project.path(".cache/diagrams").exists() or not list(
        project.path(".cache/diagrams").iterdir()
    )
    project.replace("docs/http/methods.md", "B[Server]", "B[Edited server]")
    wait_for(f"{url}/http/methods/", "Edited server")
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{url}/http/methods/")
    drawing = page.locator("div.mermaid svg")
    drawing.wait_for(timeout=30_000)

    assert "Edited server" in (drawing.text_content() or "")
    assert drawing.bounding_box()["width"] > 50
    assert [each for each in asked if not each.startswith((url, "data:", "blob:"))] == []
    assert any(each.endswith("/assets/preview/mermaid.js") for each in asked)
    page.close()


def test_a_plain_strict_build_publishes_static_drawings_and_no_script(
    project: MiniProject,
) -> None:
    preview = project.path("docs/assets/preview/mermaid.js")
    preview.parent.mkdir(parents=True)
    preview.write_text("// left over from serving")

    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    html = project.read("site/http/methods/index.html")
    assert html.count("<svg") >= 1
    assert "From client to server" in html
    assert "mermaid" not in html.lower()
    assert not project.path("site/assets/preview").exists()
