"""Variants of one example in several languages become linked tabs.

Only what says so itself is grouped: code blocks that each have a label with their language, or
that follow one another and use the same names. What stands in list items and quotes stays.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guide.intake.code.fences import language
from guide.intake.code.same_code import are_variants
from guide.intake.code.tab_names import Label, read_label
from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import plain_title, render, verbatim
from guide.intake.slugs import heading_slug
from guide.languages import LANGUAGES, canonical
from guide.library.tabs import TAB_ORDER

BY = "tabs"
_PROGRAMS = frozenset({"python", "go", "javascript", "typescript", "java", "lua"})
_DOCUMENTS = frozenset({"yaml", "json", "toml", "xml"})
_RESULTS = frozenset({"output", "text", "console"})
_HOUSE = re.compile(r"(?P<slashes>/{3,})[ \t]*(?P<name>[\w-]*)")


@dataclass(frozen=True, slots=True)
class _Variant:
    """What one tab shows; `label` is what named it, as written, if that is no longer shown."""

    language: str
    blocks: tuple[Block, ...]
    line: int
    end_line: int
    label: str = ""


def tabs(document: Document) -> Document:
    """Return the document with the variants of each example in tabs."""
    anchors = dict(document.anchors)
    changes: list[Change] = []
    # A document that has one title has its chapters below it; no chapter is a label.
    chapters = 2 if len(document.root.sections) == 1 else 1
    root = _section(document.root, chapters, changes, anchors)
    return document.noting(changes, root=root, anchors=anchors)


def _section(
    section: Section, chapters: int, changes: list[Change], anchors: dict[str, int]
) -> Section:
    content: list[Block | Section] = []
    opened = _Opened()
    at = 0
    while at < len(section.content):
        each = section.content[at]
        if isinstance(each, Section):
            break
        run, after = _run(section.content, at) if opened.may_hold_tabs else ((), at)
        if run and not _opens_tab(section.content[after : after + 1]):
            content.extend(_tabbed(run, opened.slashes, changes))
            opened.ended_tab = True
            at = after
            continue
        # A run that is left must not be taken for a shorter one.
        end = max(after, at + 1)
        for block in section.content[at:end]:
            assert isinstance(block, Block)
            opened.read(block)
            content.append(block)
        at = end
    rest = section.content[at:]
    if opened.may_hold_tabs and section.depth >= chapters:
        run, trailing, after = _sections(rest)
        if run:
            for variant, part in zip(run, rest, strict=False):
                assert isinstance(part, Section)
                anchors.setdefault(heading_slug(plain_title(part.title)), variant.line)
            content += [*_tabbed(run, opened.slashes, changes), *trailing]
            rest = rest[after:]
    content += [
        _section(each, chapters, changes, anchors) if isinstance(each, Section) else each
        for each in rest
    ]
    return dataclasses.replace(section, content=tuple(content))


class _Opened:
    """The generic blocks (`/// details`) that are open at a place of a section."""

    def __init__(self) -> None:
        self.ended_tab = False
        self._stack: list[tuple[str, str]] = []

    @property
    def may_hold_tabs(self) -> bool:
        """Whether tabs here would neither stand in others nor join a set before them."""
        return not self.ended_tab and all(name != "tab" for _, name in self._stack)

    @property
    def slashes(self) -> str:
        """What tabs here are marked with: another number than the blocks around them."""
        marks = "///"
        while any(marks == slashes for slashes, _ in self._stack):
            marks += "/"
        return marks

    def read(self, block: Block) -> None:
        """Follow a block that opens or closes one, or is neither."""
        self.ended_tab = False
        match = _HOUSE.match(block.tokens[0].content) if block.kind == "house_block" else None
        if match and match["name"]:
            self._stack.append((match["slashes"], match["name"]))
        elif match and self._stack and self._stack[-1][0] == match["slashes"]:
            self.ended_tab = self._stack.pop()[1] == "tab"


def _opens_tab(following: Sequence[Block | Section]) -> bool:
    return any(
        isinstance(each, Block)
        and each.kind == "house_block"
        and re.match(r"/{3,}[ \t]*tab\b", each.tokens[0].content) is not None
        for each in following
    )


def _run(content: Sequence[Block | Section], at: int) -> tuple[tuple[_Variant, ...], int]:
    """The variants that start at `at`, if any, and the index after what was looked at."""
    for read in (_labelled, _bare):
        found = list(read(content, at))
        if len(found) > 1:
            end = at + sum(len(part) for _, part in found)
            variants = tuple(variant for variant, _ in found)
            return (variants if _are_one(variants) else ()), end
    return (), at


def _are_one(variants: Sequence[_Variant]) -> bool:
    """Whether each is in another language, and all are of one kind."""
    languages = {variant.language for variant in variants}
    of_one_kind = languages <= _PROGRAMS or languages <= _DOCUMENTS
    if len(languages) < len(variants) or not of_one_kind:
        return False
    labelled = all(variant.label or len(variant.blocks) > 1 for variant in variants)
    return labelled or are_variants([_code(variant.blocks[-1]) for variant in variants])


def _labelled(
    content: Sequence[Block | Section], at: int
) -> Iterator[tuple[_Variant, Sequence[Block]]]:
    """Yield each code block from `at` on that a label of the same form stands before."""
    form = None
    while at + 1 < len(content):
        before, fence = content[at], content[at + 1]
        if not (isinstance(before, Block) and isinstance(fence, Block)):
            return
        label = _label(before)
        if label is None or label.language in _RESULTS or form not in (None, label.form):
            return
        if label.language != _language(fence):
            return
        form = label.form
        blocks = (before, fence) if label.says_more else (fence,)
        text = "" if label.says_more else render([before])
        yield (
            _Variant(label.language, blocks, before.line, fence.end_line, text),
            (before, fence),
        )
        at += 2


def _bare(
    content: Sequence[Block | Section], at: int
) -> Iterator[tuple[_Variant, Sequence[Block]]]:
    """Yield the programs that follow one another from `at` on."""
    before = content[at - 1] if at else None
    if isinstance(before, Block) and _label(before):
        return
    for each in content[at:]:
        name = _language(each) if isinstance(each, Block) else ""
        if not isinstance(each, Block) or name not in _PROGRAMS:
            return
        yield _Variant(name, (each,), each.line, each.end_line), (each,)


def _sections(
    content: Sequence[Block | Section],
) -> tuple[tuple[_Variant, ...], tuple[Block, ...], int]:
    """The sections at the start of `content` that are variants, what stands after the last one,
    and the index after them.
    """
    found: list[tuple[_Variant, int]] = []
    for each in content:
        variant = _headed(each) if isinstance(each, Section) else None
        if variant is None:
            break
        found.append(variant)
    variants = [variant for variant, _ in found]
    if len(found) < 2 or not _are_one(variants):
        return (), (), 0
    trailing: tuple[Block, ...] = ()
    # What only the last one has after its code belongs to all of them.
    if not any(after for _, after in found[:-1]) and found[-1][1]:
        last, after = found[-1]
        trailing = last.blocks[-after:]
        variants[-1] = dataclasses.replace(last, blocks=last.blocks[:-after])
    return tuple(variants), trailing, len(found)


def _headed(section: Section) -> tuple[_Variant, int] | None:
    """A section that a language names and that holds one program; and how much is after it."""
    label = read_label(section.title)
    if label is None or section.sections or section.role != "section":
        return None
    languages = [_language(block) for block in section.blocks]
    programs = [index for index, name in enumerate(languages) if name and name not in _RESULTS]
    if len(programs) != 1 or languages[programs[0]] != label.language:
        return None
    if any(block.kind == "house_block" for block in section.blocks):
        return None
    blocks = section.blocks
    if label.says_more:
        blocks = (verbatim(f"**{section.title}**", section.line), *blocks)
    variant = _Variant(label.language, blocks, section.line, section.end_line, section.heading)
    after = languages[programs[0] + 1 :]
    results = next((n for n, name in enumerate(after) if name not in _RESULTS), len(after))
    return variant, len(after) - results


def _tabbed(variants: Sequence[_Variant], slashes: str, changes: list[Change]) -> Iterator[Block]:
    """Yield the blocks of a set of tabs, in the guide's order."""
    ordered = sorted(variants, key=lambda variant: _rank(variant.language))
    names = ", ".join(LANGUAGES[variant.language].title for variant in ordered)
    labels = "\n".join(variant.label for variant in variants if variant.label)
    message = "variants of one example, into tabs"
    changes.append(Change("changed", BY, variants[0].line, message, labels, names))
    for variant in ordered:
        yield verbatim(f"{slashes} tab | {LANGUAGES[variant.language].title}", variant.line)
        yield from variant.blocks
        yield verbatim(slashes, variant.end_line)


def _rank(name: str) -> int:
    title = LANGUAGES[name].title
    return TAB_ORDER.index(title) if title in TAB_ORDER else len(TAB_ORDER)


def _label(block: Block) -> Label | None:
    return read_label(block.text) if block.kind == "paragraph" else None


def _language(block: Block | Section) -> str:
    if isinstance(block, Section) or block.kind != "fence":
        return ""
    return canonical(language(block.tokens[0])) or ""


def _code(block: Block) -> str:
    return block.tokens[0].content
