"""The targets of a raw text's links and images, as written, each as often as it stands there."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from guide.intake.reporting.raw_text import RawText, decoded

_INLINE = re.compile(
    r"\]\([ \t]*\n?[ \t]*(?:<?(?P<template>\{[{%][^{}\n]*[%}]\}[^\s()<>]*)>?|<(?P<angle>[^<>\n]*)>|"
    r"(?P<bare>(?:\\.|[^\s()\\]|\((?:\\.|[^\s()\\]|\([^\s()]*\))*\))+))"
    r"(?=[ \t]*\n?[ \t]*(?:\)|[\"'(]))"
)
_DEFINITION = re.compile(
    r"^[ \t>]*(?:[-*+][ \t]+)?\[(?!\^)[^\[\]\n]*\]:[ \t]*"
    r"(?:<(?P<angle>[^<>\n]*)>|(?P<bare>\S+))[ \t]*(?:[\"'(].*)?$",
    re.MULTILINE,
)
_ATTRIBUTE = re.compile(
    r"""<[A-Za-z][^<>]*?\s(?:href|src)\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)'|([^\s"'<>]+))""",
    re.IGNORECASE,
)
_URL = re.compile(
    r"(?P<url>(?:https?|ftp)://[A-Za-z0-9\-._~:/?#\[@!$&'()*+,;=%\\]+"
    r"|(?<![\w.@/-])www\.[A-Za-z0-9\-._~:/?#\[@!$&'()*+,;=%\\]+)",
    re.IGNORECASE,
)
_MAIL = re.compile(r"<(?:mailto:)?([\w.+-]{1,64}@[\w.-]{1,255})>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_TRAILING_ENTITY = re.compile(r"&(?:[A-Za-z]+|#[0-9]+);$")
_TRAILING = "?!.,:;*_~'\"\\"


def links(raw: RawText) -> Counter[str]:
    """Count the targets in a text's prose: of links, images, definitions and attributes."""
    return targets(raw.prose)


def quoted(raw: RawText) -> Counter[str]:
    """Count the targets that stand in a text's code, and its code spans themselves."""
    found = targets("\n".join((*raw.code, *raw.spans)))
    return found + Counter(_clean(span.strip()) for span in raw.spans)


def targets(text: str) -> Counter[str]:
    """Count the targets in any text."""
    found: Counter[str] = Counter()
    for pattern in (_INLINE, _DEFINITION):
        found.update(_clean(_target(match)) for match in pattern.finditer(text))
        text = pattern.sub(lambda match: match[0][0] + " ", text)
    found.update(_clean(_target(match)) for match in _ATTRIBUTE.finditer(text))
    text = _ATTRIBUTE.sub(" ", text)
    found.update(_MAIL.findall(text))
    found.update(_bare(text))
    del found[""]
    return found


def _target(match: re.Match[str]) -> str:
    return next((found for found in match.groups() if found), "")


def _bare(text: str) -> Iterator[str]:
    if "://" not in text and "www." not in text.lower():
        return
    for match in _URL.finditer(text):
        url = match["url"]
        if text[match.end() - 1] == ";":
            url = _TRAILING_ENTITY.sub("", url)
        url = url.rstrip(_TRAILING)
        while url.endswith(")") and url.count("(") < url.count(")"):
            url = url[:-1].rstrip(_TRAILING)
        if url.lower().startswith("www."):
            url = f"https://{url}"
        yield _clean(url)


def _clean(target: str) -> str:
    return decoded(_ESCAPE.sub(r"\1", target)).strip()
