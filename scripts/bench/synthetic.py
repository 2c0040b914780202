"""A guide of any size: copies of its topic pages, each with ids, questions and words of its own.

Everything that must agree does (map, navigation, front matter), so that the checks find nothing
and do all their work. Words change places with others of the same length, so that the copies are
as long as their originals and no near-duplicates of them.
"""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import yaml

from defects.tree import Page, Tree

_PROTECTED = re.compile(
    r"(`+[^`]*`+|\[[^\[\]]*\]\([^)]*\)|\]\([^)]*\)|<[^>]*>|\[x\]|\{[^}]*\}|https?://\S+|&\w+;"
    r"|\*\*(?:In 30 seconds|In depth|Follow-ups|Listen for|Must|Bonus|Red flag)[.:]\*\*)"
)
_WORD = re.compile(r"(?<![\w'’-])[a-z]{4,}(?![\w'’-])")
_QUESTION = re.compile(r"^(### .*?)( \{ #)(.*)$")


def grow(root: Path, pages: int, seed: int = 1) -> int:
    """Add topic pages to the project at `root` until it has `pages` written pages; return them."""
    tree = Tree.read(root)
    entries: dict[str, dict[str, Any]] = {
        each["slug"]: each for each in yaml.safe_load(tree.texts["docs/topics.yml"])["topics"]
    }
    originals = [page for page in tree.topics if _slug(page) in entries]
    added_topics, added_nav = [], []
    for number in range(pages - len(tree.pages)):
        original = originals[number % len(originals)]
        suffix = f"v{number + 1}"
        entry = entries[_slug(original)]
        copy = {
            **entry,
            "slug": f"{entry['slug']}-{suffix}",
            "title": f"{entry['title']} {suffix}",
            "questions": [_asked(each, suffix) for each in entry["questions"]],
        }
        file = root / "docs" / entry["area"] / f"{copy['slug']}.md"
        text = _text(original, suffix, random.Random(f"{seed}/{number}"))
        file.write_text(text, "utf-8")
        added_topics.append(f"  - {json.dumps(copy, ensure_ascii=False, default=str)}")
        added_nav.append(f"  - {entry['area']}/{copy['slug']}.md")
    _append(root / "docs" / "topics.yml", added_topics)
    _append(root / "mkdocs.yml", added_nav)
    return len(tree.pages) + len(added_topics)


def _text(page: Page, suffix: str, rng: random.Random) -> str:
    own = {match["id"] for _, match in page.find(r"\{ #(?P<id>[\w-]+)", "heading")}
    words = _exchange(page, rng)
    lines = []
    asking = False
    for line, kind in zip(page.lines, page.kinds, strict=True):
        if kind == "head":
            line = re.sub(r'^title: "?(.*?)"?$', rf'title: "\1 {suffix}"', line)
            line = re.sub(r"^aliases: .*$", f"aliases: [{_slug(page)} {suffix}]", line)
        elif kind == "heading":
            if line.startswith("## "):
                asking = line in ("## Interview questions", "## Check yourself")
            match = _QUESTION.match(line)
            if match and asking:
                line = f"{_asked(match[1], suffix)}{match[2]}{match[3]}"
            if line.startswith("# "):
                line = f"{line} {suffix}"
            line = re.sub(r"\{ #([\w-]+)", rf"{{ #\1-{suffix}", line)
        elif kind in ("prose", "list", "table"):
            parts = _PROTECTED.split(line)
            parts[::2] = [_WORD.sub(lambda each: words[each[0]], part) for part in parts[::2]]
            line = "".join(parts)
            line = re.sub(
                r"\]\(#([\w-]+)\)",
                lambda each: f"](#{each[1]}-{suffix})" if each[1] in own else each[0],
                line,
            )
        lines.append(line)
    return "\n".join(lines)


def _exchange(page: Page, rng: random.Random) -> dict[str, str]:
    """Each word of `page` and another of the same length in its place, one to one."""
    by_length: dict[int, list[str]] = {}
    for word in sorted({word for line in page.lines for word in _WORD.findall(line)}):
        by_length.setdefault(len(word), []).append(word)
    exchanged = {}
    for words in by_length.values():
        exchanged.update(zip(words, rng.sample(words, len(words)), strict=True))
    return exchanged


def _asked(question: str, suffix: str) -> str:
    return (
        f"{question[:-1]} {suffix}{question[-1]}"
        if question[-1] in "?."
        else f"{question} {suffix}"
    )


def _slug(page: Page) -> str:
    return Path(page.file).stem


def _append(file: Path, lines: list[str]) -> None:
    text = file.read_text("utf-8")
    file.write_text("\n".join([text.rstrip("\n"), *lines, ""]), "utf-8")
