"""One page as a typed object: front matter, sections, questions, fences, links, diagrams."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, KeysView, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import markdown
from pymdownx.snippets import SnippetMissingError

from guide.library.blocks import Block, StrayBlock, scan_blocks
from guide.library.diagram_text import DiagramText, describe
from guide.library.fences import Fence, FenceScanner, StrayFence
from guide.library.front_matter import (
    DraftFrontMatter,
    FrontMatter,
    PageKind,
    TopicFrontMatter,
    key_lines,
    read_front_matter,
    split,
)
from guide.library.headings import HeadingReader, Section, explicit_ids
from guide.library.includes import Include, IncludeReader
from guide.library.links import Definition, Link, find_definitions, find_links
from guide.library.masking import mask_comments, mask_fences, mask_inline_code
from guide.library.memo import Memo
from guide.library.problem import Problem
from guide.library.questions import (
    QUESTIONS_HEADING,
    QUIZ_HEADING,
    Question,
    QuizItem,
    children,
    read_question,
    read_quiz_item,
)
from guide.library.site_config import SiteConfig

DRAFTS = "intake"
"""Folder under docs/ for documents on their way in: nothing in it is published."""
WORDS_PER_MINUTE = 200
"""Reading speed for technical text with code; the usual figure for prose is 240."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """A Mermaid fence with what its text says about itself."""

    fence: Fence
    text: DiagramText


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide. `path` is relative to docs/; lines count from 1 in the whole file.

    `source` is the whole file, `body` what follows the front matter, `text` the body without
    fences and comments, `prose` the same without inline code: blanks stand where those were.
    `anchors` are the ids of the page with their lines, in reading order.
    """

    path: str
    key: str
    kind: PageKind
    meta: FrontMatter | None
    source: str
    body: str
    body_line: int
    text: str
    prose: str
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    quiz: tuple[QuizItem, ...]
    fences: tuple[Fence, ...]
    strays: tuple[StrayFence, ...]
    includes: tuple[Include, ...]
    diagrams: tuple[Diagram, ...]
    links: tuple[Link, ...]
    definitions: tuple[Definition, ...]
    blocks: tuple[Block, ...]
    stray_blocks: tuple[StrayBlock, ...]
    anchors: Mapping[str, int]
    words: int
    head_lines: Mapping[str, int]

    def head_line(self, key: str) -> int:
        """Line of a front matter key, or of the front matter."""
        return self.head_lines.get(key, 1)

    @property
    def file(self) -> str:
        """Path relative to the project root, as findings name it."""
        return f"docs/{self.path}"

    @property
    def ids(self) -> KeysView[str]:
        """Ids that links may point to."""
        return self.anchors.keys()

    @property
    def slug(self) -> str:
        """File name without extension."""
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def area(self) -> str:
        """Folder of the page; empty at the top level."""
        return self.path.rpartition("/")[0]

    @property
    def title(self) -> str:
        """Title from the front matter, or else from the first heading."""
        if self.meta is not None:
            return self.meta.title
        return self.sections[0].title if self.sections else self.slug

    @property
    def is_published(self) -> bool:
        """Whether readers get the page; drafts are shown while serving only."""
        return self.kind != "draft"

    @property
    def topic(self) -> TopicFrontMatter | None:
        """The front matter if this is a valid topic page."""
        return self.meta if isinstance(self.meta, TopicFrontMatter) else None

    @property
    def study(self) -> DraftFrontMatter | None:
        """The front matter if this is a valid topic page or draft."""
        return self.meta if isinstance(self.meta, DraftFrontMatter) else None

    @property
    def items(self) -> tuple[Question | QuizItem, ...]:
        """Everything that readers answer: interview questions, then check-yourself items."""
        return (*self.questions, *self.quiz)

    @property
    def minutes(self) -> int:
        """Reading time in minutes, at least 1."""
        return max(1, round(self.words / WORDS_PER_MINUTE))

    @property
    def lead(self) -> str:
        """The paragraph under the title: the 30-second answer, as Markdown."""
        if not self.sections:
            return ""
        lines = self.body.split("\n")
        start = self.sections[0].line - self.body_line + 1
        end = self.sections[1].line - self.body_line if len(self.sections) > 1 else len(lines)
        return "\n".join(lines[start:end]).strip()


class PageReader:
    """Reads pages with the site's Markdown settings; keep one, making it is slow."""

    def __init__(self, config: SiteConfig, areas: Container[str], memo: Memo) -> None:
        self._config = config
        self._areas = areas
        self.memo = memo

    @cached_property
    def _converter(self) -> markdown.Markdown:
        return self._config.markdown()

    @cached_property
    def _fences(self) -> FenceScanner:
        return FenceScanner(self._converter)

    @cached_property
    def _headings(self) -> HeadingReader:
        return HeadingReader(self._config.extension_configs.get("toc", {}))

    @cached_property
    def includes(self) -> IncludeReader:
        """The reader that resolves snippet includes."""
        return IncludeReader(self._converter)

    @cached_property
    def block_names(self) -> frozenset[str]:
        """Names that a generic block (`/// name`) may have."""
        processors = self._converter.parser.blockprocessors
        if "blocks" not in processors:
            return frozenset()
        processor: Any = processors["blocks"]
        return frozenset(processor.blocks)

    def render(self, body: str) -> str:
        """Convert Markdown to HTML as the site does; raise LookupError if an include fails."""
        self._converter.reset()
        try:
            return self._converter.convert(body)
        except (SnippetMissingError, OSError, UnicodeDecodeError) as error:
            raise LookupError(str(error)) from error

    def read(
        self, path: str, text: str, problems: list[Problem], key: str = "", generated: bool = False
    ) -> Page:
        """Parse the page `path` (relative to docs/); append what is wrong to `problems`.

        `key` identifies the text and all that it includes.
        """
        parts = split(text)
        area, _, name = path.rpartition("/")
        by_place = self._kind(area, name, generated)
        kind, meta = read_front_matter(f"docs/{path}", parts.yaml, by_place, problems)
        is_study = kind in ("topic", "draft")
        body, first = parts.body, parts.body_line
        scan = self._fences.scan(body, first)
        fences = tuple(self._with_includes(fence) for fence in scan.fences)
        text_only = mask_comments(mask_fences(body, scan.fences, first))
        prose = mask_inline_code(text_only)
        sections = self._headings.read(text_only, first)
        lines = body.split("\n")
        blocks = scan_blocks(text_only, first, self.block_names)
        return Page(
            path=path,
            key=key,
            kind=kind,
            meta=meta,
            source=text,
            body=body,
            body_line=first,
            text=text_only,
            prose=prose,
            sections=sections,
            questions=tuple(
                read_question(section, lines, first)
                for section in children(sections, QUESTIONS_HEADING)
                if is_study
            ),
            quiz=tuple(
                read_quiz_item(section, lines, first)
                for section in children(sections, QUIZ_HEADING)
                if is_study
            ),
            fences=fences,
            strays=scan.strays,
            includes=self.includes.find(body, first),
            diagrams=tuple(
                Diagram(fence, describe(fence.code))
                for fence in fences
                if fence.language == "mermaid"
            ),
            links=find_links(prose, first, text_only),
            definitions=find_definitions(prose, first),
            blocks=blocks.blocks,
            stray_blocks=blocks.strays,
            anchors=_anchors(sections, explicit_ids(prose, first)),
            head_lines=key_lines(parts.yaml),
            words=len(re.findall(r"\w[\w'-]*", text_only)),
        )

    def _kind(self, area: str, name: str, generated: bool) -> PageKind:
        """What a page is by its place, before its front matter is read."""
        if generated:
            return "generated"
        if area.partition("/")[0] == DRAFTS:
            return "draft"
        return "topic" if area in self._areas and name != "index.md" else "page"

    def _with_includes(self, fence: Fence) -> Fence:
        found = self.includes.find(fence.code, fence.code_line)
        if not found:
            return fence
        try:
            code = self.includes.resolve(fence.code)
        except LookupError:
            code = ""
        return dataclasses.replace(fence, code=code, included_from=found[0].path)


def _anchors(sections: Sequence[Section], explicit: Mapping[str, int]) -> dict[str, int]:
    lines = {section.id: section.line for section in reversed(sections)}
    lines = {**explicit, **lines}
    return dict(sorted(lines.items(), key=lambda item: item[1]))
