"""What the theme's script is told: once in the script that is published, not in every page."""

from __future__ import annotations

import json
import re
from pathlib import Path

_SETTINGS = re.compile(
    r"<script\b(?=[^>]*\bid=\"?__config\b)[^>]*>(?P<json>.*?)</script>\s*", re.DOTALL
)
# The theme looks for an element. Addresses in it are those of the home page; the script that
# makes it stands in assets/javascripts/.
_TELL = """{
const site = new URL("../..", document.currentScript.src);
const settings = %s;
for (const name of ["base", "search"]) settings[name] = new URL(settings[name], site).href;
const element = document.createElement("script");
Object.assign(element, { id: "__config", type: "application/json" });
element.textContent = JSON.stringify(settings);
document.body.append(element);
}
"""


def take_settings(site: Path) -> str | None:
    """Take the settings out of every page of `site`; return the script that tells them instead.

    None if there are none on the home page.
    """
    found = _SETTINGS.search((site / "index.html").read_text(encoding="utf-8"))
    if found is None:
        return None
    for file in sorted(site.rglob("*.html")):
        page = file.read_text(encoding="utf-8")
        file.write_text(_SETTINGS.sub("", page), encoding="utf-8")
    return _TELL % json.dumps(json.loads(found["json"]), separators=(",", ":"))
