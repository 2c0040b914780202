"""The policy in a page lets run what the guide wrote, and nothing that came into it some other way.

The policies are read here as a browser reads them, not compared with what the build meant to write:
so a weaker policy, a script changed after it was hashed and a page without a policy are all found.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping

from selectolax.lexbor import LexborNode

from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding

Problem = tuple[LexborNode, str, str]
"""An element, what is wrong with it, and what to do."""
Policy = Mapping[str, tuple[str, ...]]

_META = 'meta[http-equiv="content-security-policy" i]'
_NEEDED = ("default-src", "script-src", "base-uri", "form-action")
"""What forbids everything that nothing else allows; the last two do not follow the first."""
_SOURCES = ("'none'", "'self'")
_IMAGE_SOURCES = (*_SOURCES, "data:")
_HASH = re.compile(r"'sha256-[A-Za-z0-9+/]{43}='")
_DATA = re.compile(r"(?:[\w.+-]+/(?:[\w.-]+\+)?json)?", re.IGNORECASE)
_HANDLER = re.compile(r"""[\s/"']on[a-z]+\s*=""", re.IGNORECASE)
"""Whether there may be any: looking at each element takes longer."""
_URLS = ("href", "src", "action", "formaction", "data", r"xlink\:href")
# Browsers skip blanks and control characters before the scheme, and line breaks and tabs in it.
_SCRIPT_URL = re.compile(r"[\x00-\x20]*" + r"[\t\r\n]*".join("javascript:"), re.IGNORECASE)


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report pages without a strict policy, and what their policy would not let run."""
    for node, message, hint in _problems(page):
        yield Finding(f"site/{page.path}", line_of(page, node), 1, RULE.id, message, hint)


def _problems(page: BuiltPage) -> Iterator[Problem]:
    yield from _inline_code(page)
    meta = page.tree.css_first(_META)
    if meta is None:
        root = page.tree.root
        if root is not None:
            yield (
                root,
                "the page has no Content-Security-Policy",
                "build the site with `guide build`",
            )
        return
    policy = _read(meta.attributes.get("content") or "")
    yield from _weaknesses(meta, policy)
    yield from _uncovered(page, meta)
    for script in page.tree.css("script:not([src])"):
        if _runs(script) and _hash(script.text()) not in policy.get("script-src", ()):
            message = f"the policy does not name this script: {_start(script.text())}"
            yield script, message, "hash it as it is published, or move it into a file"


def _weaknesses(meta: LexborNode, policy: Policy) -> Iterator[Problem]:
    for name in _NEEDED:
        if name not in policy:
            yield meta, f"the policy has no `{name}`", f"add `{name} 'none'`"
    for name, sources in policy.items():
        allowed = _IMAGE_SOURCES if name == "img-src" else _SOURCES
        for source in sources:
            if source in allowed or (name == "script-src" and _HASH.fullmatch(source)):
                continue
            yield meta, f"the policy is weak: `{name} {source}`", "take the source out"


def _uncovered(page: BuiltPage, meta: LexborNode) -> Iterator[Problem]:
    """A policy in the page holds from where it stands on, and only in the head."""
    head = page.tree.head
    if meta.parent is None or head is None or meta.parent.mem_id != head.mem_id:
        yield meta, "browsers ignore a policy outside the head", "put it first in the head"
        return
    for node in head.iter():
        if node.mem_id == meta.mem_id:
            return
        if node.tag != "meta" or "charset" not in node.attributes:
            yield node, f"`<{node.tag}>` stands before the policy", "put the policy first"


def _inline_code(page: BuiltPage) -> Iterator[Problem]:
    """What no hash can name: event handlers, script addresses, styles in the page."""
    for node in page.tree.css("*") if _HANDLER.search(page.html) else ():
        for name in node.attributes:
            if name.startswith("on"):
                yield node, f"`{name}` holds a script", "listen to the event in a module"
    for name in _URLS:
        for node in page.tree.css(f"[{name}]"):
            if _SCRIPT_URL.match(node.attributes[name.replace("\\", "")] or ""):
                hint = "use a button, and a module that listens"
                yield node, f"the address in `<{node.tag}>` is a script", hint
    for node in page.tree.css("[style]"):
        yield node, "`style` is refused by the policy", "use a class"
    for node in page.tree.css("style"):
        yield node, "`<style>` is refused by the policy", "put it into a style sheet"


def _runs(script: LexborNode) -> bool:
    kind = script.attributes.get("type") or ""
    return not (kind and _DATA.fullmatch(kind.strip()))


def _read(policy: str) -> Policy:
    parts = [part.split() for part in policy.split(";") if part.strip()]
    directives: dict[str, tuple[str, ...]] = {}
    for name, *sources in parts:
        directives.setdefault(name.lower(), tuple(sources))  # of two, the first holds
    return directives


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _start(script: str) -> str:
    first = " ".join(script.split())
    return f"`{first[:40]}…`" if len(first) > 40 else f"`{first}`"


RULE = BuiltPageRule("content-security", "runs only scripts of its own, by a strict policy", check)
