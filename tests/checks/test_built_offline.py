"""Manifest and service worker of a built site name only what is there, as it is."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from guide.offline import kept_files, service_worker
from small_site import SmallSite

FILES = ["assets/a.css", "assets/a.js", "index.html"]
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (192).to_bytes(4, "big") * 2
MANIFEST: dict[str, Any] = {
    "name": "Small site",
    "short_name": "Small",
    "start_url": "./",
    "icons": [{"src": "icon.png", "sizes": "192x192", "type": "image/png"}],
    "shortcuts": [{"name": "Page", "url": "page/"}],
}


@pytest.fixture
def offline(site: SmallSite) -> SmallSite:
    """The small site, installable."""
    worker = '<meta name="service-worker" content="../sw.js">'
    site.edit("<title>", f'<link rel="manifest" href="../m.webmanifest">{worker}<title>')
    site.write("m.webmanifest", json.dumps(MANIFEST, indent=2))
    (site.root / "icon.png").write_bytes(PNG)
    install(site)
    assert site.findings() == []
    return site


def install(site: SmallSite) -> None:
    files = kept_files(FILES, lambda path: (site.root / path).read_bytes())
    site.write("sw.js", service_worker(files))


def test_a_page_without_them_is_left_alone(site: SmallSite) -> None:
    assert site.findings() == []


@pytest.mark.parametrize(
    ("member", "value", "message"),
    [
        ("name", "", "1: the manifest has no `name`"),
        ("start_url", "gone/", "4: `gone/` leads to gone/index.html, which is not in the site"),
        (
            "shortcuts",
            [{"name": "Gone", "url": "gone/"}],
            "15: `gone/` leads to gone/index.html, which is not in the site",
        ),
        (
            "icons",
            [{"src": "icon.png", "sizes": "512x512", "type": "image/png"}],
            "7: `icon.png` is no PNG of 512x512",
        ),
        (
            "icons",
            [{"src": "gone.png", "sizes": "512x512", "type": "image/png"}],
            "7: `gone.png` leads to gone.png, which is not in the site",
        ),
    ],
)
def test_a_manifest_names_what_is_there(
    offline: SmallSite, member: str, value: object, message: str
) -> None:
    offline.write("m.webmanifest", json.dumps({**MANIFEST, member: value}, indent=2))

    assert offline.messages("offline-files") == [f"m.webmanifest:{message}"]


def test_a_manifest_is_json(offline: SmallSite) -> None:
    offline.write("m.webmanifest", '{\n  "name": }')

    assert offline.messages("offline-files") == [
        "m.webmanifest:2: the manifest is no JSON: Expecting value"
    ]


def test_a_registered_worker_is_there(offline: SmallSite) -> None:
    (offline.root / "sw.js").unlink()

    assert offline.messages("offline-files") == [
        "sw.js:1: pages register a service worker that is not there"
    ]


def test_a_worker_installs_only_what_is_there_and_as_it_is(offline: SmallSite) -> None:
    offline.write("assets/a.js", "/* edited after the build */")
    offline.edit('["assets/a.css"', '["assets/b.css"', "sw.js")

    assert offline.messages("offline-files") == [
        "sw.js:4: the service worker installs `assets/b.css`, which is not in the site",
        "sw.js:5: the service worker expects other contents of `assets/a.js`",
    ]


def test_a_worker_that_lists_nothing_is_found(offline: SmallSite) -> None:
    offline.write("sw.js", "const FILES = [\n]")

    assert offline.messages("offline-files") == ["sw.js:1: the service worker lists no files"]


def test_what_every_device_fetches_has_a_budget(offline: SmallSite) -> None:
    noise = random.Random(1).randbytes(460_000).hex()
    offline.write("assets/big.css", f"/* {noise} */")
    files = kept_files([*FILES, "assets/big.css"], lambda path: (offline.root / path).read_bytes())
    offline.write("sw.js", service_worker(files))

    (message,) = offline.messages("offline-files")

    assert message.startswith("sw.js:1: every device fetches 5")
