"""Every page is valid HTML for the checker of the W3C."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from support import ROOT, needs

if TYPE_CHECKING:
    from site_server import ServedSite

VNU = ROOT / "scripts" / "npm" / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
# It asks for a stack of its own size; a short run gains nothing from Java's slower compiler.
JAVA = ["java", "-Xss2m", "-XX:TieredStopAtLevel=1", "-jar", str(VNU)]
# A page that is read from a file has no own address to match; browsers hold pages to the policy.
NOT_FROM_FILES = ".*violates Content Security Policy.*"
BROKEN = "<!doctype html><html lang=en><title>Broken</title><p><ul><li>one</ul></p>\n"


def problems(*places: Path) -> list[tuple[Path, str]]:
    """The file and the text of each error and warning; information is none."""
    what = ["--skip-non-html", "--skip-info-messages", "--filterpattern", NOT_FROM_FILES]
    how = ["--format", "json", "--stdout", "--exit-zero-always"]
    done = subprocess.run(
        [*JAVA, *what, *how, *map(str, places)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        (Path(unquote(urlsplit(each["url"]).path)), f"line {each['lastLine']}: {each['message']}")
        for each in json.loads(done.stdout)["messages"]
    ]


def test_every_page_of_the_site_is_valid_html(built_site: ServedSite, tmp_path: Path) -> None:
    needs(shutil.which("java"), "java")
    needs(str(VNU) if VNU.exists() else None, "vnu-jar (make setup)")
    broken = tmp_path / "broken.html"
    broken.write_text(BROKEN)

    found = problems(built_site.folder, broken)

    assert [each for each in found if each[0] != broken] == []
    # The checker works, and it has looked at what came before.
    assert Counter(path for path, _ in found) == {broken: 1}
