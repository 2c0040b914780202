"""A built site of two pages that every rule accepts, for tests to break in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from guide.checks import Finding
from guide.checks.built import check_site

URL = "https://example.org/guide/"
POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; script-src 'self'; base-uri 'none'; form-action 'none'\">"
)
HOME = f"""<!doctype html>
<html lang="en"><head>{POLICY}<title>Home</title><meta name="description" content="Where to begin.">
</head><body><main><h1>Home</h1>
<p>Begin with the only other <a href="page/">page</a> of this site; it says all there is to say.</p>
</main></body></html>
"""
PAGE = f"""<!doctype html>
<html lang="en"><head>{POLICY}<title>Page</title><meta name="description" content="All of it.">
<link rel="stylesheet" href="../assets/a.css"><script type="module" src="../assets/a.js"></script>
</head><body><main>
<h1 id="top">Page</h1>
<p>These are more than fifteen words of text, which is what a page needs to be one.</p>
<a href="#top">top</a> <a href="..">home</a> <a href="https://elsewhere.org/x">out</a>
<a href="https://example.org/guide/page/#top">absolute</a>
<svg role="img"><title id="t">x</title></svg>
</main></body></html>
"""
SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<url><loc>https://example.org/guide/</loc></url>
<url><loc>https://example.org/guide/page/</loc></url>
</urlset>
"""


@dataclass(frozen=True, slots=True)
class SmallSite:
    """The site in `root`; its page to break is `page/index.html`."""

    root: Path

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def edit(self, old: str, new: str, path: str = "page/index.html") -> None:
        text = (self.root / path).read_text()
        assert old in text
        self.write(path, text.replace(old, new))

    def add(self, html: str) -> None:
        """Append `html` to the main content of the page, on line 10."""
        self.edit("</main>", f"{html}\n</main>")

    def findings(self) -> list[Finding]:
        return list(check_site(self.root, URL).findings)

    def messages(self, rule: str, *others: str) -> list[str]:
        """What `rule` reports, as `path:line: message`; only `others` may report more."""
        found = self.findings()
        assert {finding.rule for finding in found} <= {rule, *others}
        return [
            re.sub(r"^site/", "", f"{finding.path}:{finding.line}: {finding.message}")
            for finding in found
            if finding.rule == rule
        ]


def make_small_site(root: Path) -> SmallSite:
    site = SmallSite(root)
    site.write("index.html", HOME)
    site.write("page/index.html", PAGE)
    site.write("assets/a.css", "p { background: url(b.svg) }")
    site.write("assets/a.js", "/* https://example.org/licence */")
    site.write("assets/b.svg", "<svg/>")
    site.write("sitemap.xml", SITEMAP)
    return site
