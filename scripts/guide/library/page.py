"""One page as a typed object: front matter, sections, questions, fences, links, diagrams."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass
from typing import Literal

from guide.library.diagram_text import DiagramText, describe
from guide.library.fences import Fence, FenceScanner, StrayFence
from guide.library.front_matter import (
    FrontMatter,
    TopicFrontMatter,
    key_lines,
    read_front_matter,
    split,
)
from guide.library.headings import HeadingReader, Section, explicit_ids
from guide.library.includes import Include, IncludeReader
from guide.library.links import Link, find_links
from guide.library.masking import mask_comments, mask_fences, mask_inline_code
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

PageKind = Literal["topic", "page", "generated"]
WORDS_PER_MINUTE = 200
"""Reading speed for technical text with code; the usual figure for prose is 240."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """A Mermaid fence with what its text says about itself."""

    fence: Fence
    text: DiagramText


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the guide. `path` is relative to docs/; lines count from 1 in the whole file."""

    path: str
    kind: PageKind
    meta: FrontMatter | None
    body: str
    body_line: int
    sections: tuple[Section, ...]
    questions: tuple[Question, ...]
    quiz: tuple[QuizItem, ...]
    fences: tuple[Fence, ...]
    strays: tuple[StrayFence, ...]
    includes: tuple[Include, ...]
    diagrams: tuple[Diagram, ...]
    links: tuple[Link, ...]
    ids: frozenset[str]
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
    def topic(self) -> TopicFrontMatter | None:
        """The front matter if this is a valid topic page."""
        return self.meta if isinstance(self.meta, TopicFrontMatter) else None

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

    def __init__(self, config: SiteConfig, areas: Container[str]) -> None:
        converter = config.markdown()
        self._fences = FenceScanner(converter)
        self._includes = IncludeReader(converter)
        self._headings = HeadingReader(config.extension_configs.get("toc", {}))
        self._areas = areas

    @property
    def includes(self) -> IncludeReader:
        """The reader that resolves snippet includes."""
        return self._includes

    def read(self, path: str, text: str, problems: list[Problem], generated: bool = False) -> Page:
        """Parse the page `path` (relative to docs/); append what is wrong to `problems`."""
        parts = split(text)
        area, _, name = path.rpartition("/")
        is_topic = area in self._areas and name != "index.md" and not generated
        meta = read_front_matter(f"docs/{path}", parts.yaml, is_topic, problems)
        body, first = parts.body, parts.body_line
        scan = self._fences.scan(body, first)
        fences = tuple(self._with_includes(fence) for fence in scan.fences)
        text_only = mask_comments(mask_fences(body, scan.fences, first))
        prose = mask_inline_code(text_only)
        sections = self._headings.read(text_only, first)
        lines = body.split("\n")
        return Page(
            path=path,
            kind="generated" if generated else "topic" if is_topic else "page",
            meta=meta,
            body=body,
            body_line=first,
            sections=sections,
            questions=tuple(
                read_question(section, lines, first)
                for section in children(sections, QUESTIONS_HEADING)
                if is_topic
            ),
            quiz=tuple(
                read_quiz_item(section, lines, first)
                for section in children(sections, QUIZ_HEADING)
                if is_topic
            ),
            fences=fences,
            strays=scan.strays,
            includes=self._includes.find(body, first),
            diagrams=tuple(
                Diagram(fence, describe(fence.code))
                for fence in fences
                if fence.language == "mermaid"
            ),
            links=find_links(prose, first),
            ids=frozenset(section.id for section in sections) | explicit_ids(prose),
            head_lines=key_lines(parts.yaml),
            words=len(re.findall(r"\w[\w'-]*", text_only)),
        )

    def _with_includes(self, fence: Fence) -> Fence:
        found = self._includes.find(fence.code, fence.code_line)
        if not found:
            return fence
        try:
            code = self._includes.resolve(fence.code)
        except LookupError:
            code = ""
        return dataclasses.replace(fence, code=code, included_from=found[0].path)
