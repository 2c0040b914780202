"""Recognize questions that no heading asks: paragraphs, lists, `<details>` and tables of them.

`**Q:** ...`, lists of questions, folded answers and FAQ tables: a function for each form; each
leaves alone what is a section already.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence

from markdown_it.token import Token

from guide.intake.model import Block, Change, ChangeKind, Section
from guide.intake.reading.markdown import blocks_of, inline_text, parse, render
from guide.intake.shape.phrasing import (
    Labelled,
    asks,
    has_mark,
    sets_task,
    unanswered,
    unbold,
    unlabelled,
)

BY = "questions"
_DETAILS = re.compile(r"(?P<slashes>/{3,})[ ]+details[ ]*\|[ ]*(?P<title>.+)")
_SAYS_QUESTIONS = re.compile(r"question|interview|faq|q ?& ?a|面试|问题|问答|题", re.IGNORECASE)
_QUESTION_CELL = re.compile(r"(?:question|q|问题?|вопрос|pregunta|frage)s?", re.IGNORECASE)
_NUMBER_CELL = re.compile(r"\W*(?:no|nr|num|number|id|序号|编号)?\W*", re.IGNORECASE)
_MIN_ITEMS = 2

Node = Block | Section


class QuestionForms:
    """Makes sections of the questions among the blocks of a section; notes what it takes off."""

    def __init__(self, first_line: int, changes: list[Change]) -> None:
        self._first_line = first_line
        self._changes = changes

    def read(self, section: Section) -> Sequence[Node]:
        """Return what stands in `section`, with a section for each question in its blocks."""
        content: Sequence[Node] = section.content
        for form in (self._details, self._tables, self._lists, self._paragraphs):
            content = form(section, content)
        return content

    def _details(self, section: Section, content: Sequence[Node]) -> Sequence[Node]:
        done: list[Node] = []
        at = 0
        for opening, start, end in _folded(content):
            title = unlabelled(unbold(opening["title"]))
            first = content[start]
            if isinstance(first, Block) and (asks(title.text) or title.label):
                done += content[at:start]
                inside = content[start + 1 : end]
                done.append(self._question(section, title, first, inside, content[end].end_line))
                at = end + 1
        return [*done, *content[at:]]

    def _tables(self, section: Section, content: Sequence[Node]) -> Sequence[Node]:
        done: list[Node] = []
        for each in content:
            rows = _cells(each.tokens) if isinstance(each, Block) and each.kind == "table" else []
            at = _question_column(rows)
            if at is None:
                done.append(each)
                continue
            header = [unbold(text) for text, _ in rows[0]]
            self._note("removed", each.line, "the header of a table of questions", " ".join(header))
            for row in rows[1:]:
                done.append(self._row(section, header, row, at))
        return done

    def _row(
        self, section: Section, header: Sequence[str], row: Sequence[tuple[str, int]], at: int
    ) -> Section:
        """A row of a table of questions; `at` is the column with the question."""
        text, line = row[at]
        line += self._first_line
        for number, _ in row[:at]:
            if number:
                self._note("removed", line, "the number of the question", number)
        cells = zip(header[at + 1 :], (answer for answer, _ in row[at + 1 :]), strict=False)
        answers = [(name, answer) for name, answer in cells if answer]
        several = len(header) > at + 2
        blocks = [
            block
            for name, answer in answers
            for block in placed(f"**{name}.** {answer}" if several else answer, line)
        ]
        place = Block("paragraph", (), line, line)
        return self._question(section, unlabelled(unbold(text)), place, blocks, line)

    def _lists(self, section: Section, content: Sequence[Node]) -> Sequence[Node]:
        done: list[Node] = []
        for each in content:
            items = self._asking_items(section, each) if isinstance(each, Block) else []
            for title, first, rest in items:
                end = max([first.end_line, *(block.end_line for block in rest)])
                done.append(self._question(section, title, first, rest, end))
            if not items:
                done.append(each)
        return done

    def _asking_items(
        self, section: Section, block: Block
    ) -> list[tuple[Labelled, Block, Sequence[Block]]]:
        """The items of a list if all of them ask, each as title, first block and answer."""
        if block.kind not in ("ordered_list", "bullet_list"):
            return []
        items: list[tuple[Labelled, Block, Sequence[Block]]] = []
        for tokens in _items(block.tokens):
            blocks = blocks_of(tokens, self._first_line)
            if not blocks or blocks[0].kind != "paragraph":
                return []
            text = render(blocks[:1])
            asked, _, rest = _split_asked(text)
            title = unlabelled(unbold(asked))
            if not sets_task(title.text):
                return []
            answer = (*placed(rest, blocks[0].line), *blocks[1:]) if rest else blocks[1:]
            items.append((title, blocks[0], answer))
        marked = sum(has_mark(title.text) for title, _, _ in items) * 2 > len(items)
        told = _SAYS_QUESTIONS.search(section.title) is not None
        return items if len(items) >= _MIN_ITEMS and (marked or told) else []

    def _paragraphs(self, section: Section, content: Sequence[Node]) -> Sequence[Node]:
        done: list[Node] = []
        question: tuple[Labelled, Block, list[Block]] | None = None

        def finish() -> None:
            nonlocal question
            if question:
                title, first, rest = question
                end = max([first.end_line, *(each.end_line for each in rest)])
                done.append(self._question(section, title, first, rest, end))
            question = None

        for each in content:
            title, rest = _asked_paragraph(each) if isinstance(each, Block) else (None, ())
            if title is not None and isinstance(each, Block):
                finish()
                question = (title, each, list(rest))
            elif isinstance(each, Section) or question is None:
                finish()
                done.append(each)
            else:
                question[2].append(each)
        finish()
        return done

    def _question(
        self,
        parent: Section,
        title: Labelled,
        first: Block,
        content: Sequence[Node],
        end_line: int,
    ) -> Section:
        if title.label:
            self._note("removed", first.line, "the number of the question", title.label)
        self._note("changed", first.line, f"into a question: {title.text.strip()}")
        return Section(
            title=title.text.strip(),
            depth=parent.depth + 1,
            line=first.line,
            end_line=max(end_line, first.line),
            content=tuple(content),
            role="question",
            heading=title.text.strip(),
        )

    def _note(self, kind: ChangeKind, line: int, message: str, before: str = "") -> None:
        self._changes.append(Change(kind, BY, line, message, before))


def _question_column(rows: Sequence[Sequence[tuple[str, int]]]) -> int | None:
    """The column of questions: the first, or the second after one of numbers."""
    header = [unbold(text) for text, _ in rows[0]] if rows else []
    for at, name in enumerate(header[:2]):
        numbered = at == 0 or _NUMBER_CELL.fullmatch(header[0])
        if numbered and at + 1 < len(header) and _QUESTION_CELL.fullmatch(name):
            return at
    return None


def _asked_paragraph(block: Block) -> tuple[Labelled | None, Sequence[Block]]:
    """A paragraph that is a question, and what of its answer stands in the same paragraph."""
    if block.kind != "paragraph":
        return None, ()
    text = render([block])
    title = unlabelled(text)
    is_bold = unbold(text) != text.strip() and has_mark(unbold(text))
    if not (title.label and title.is_named) and not is_bold:
        return None, ()
    lines = text.split("\n")
    end = next((i for i, line in enumerate(lines[1:], 1) if unanswered(line).label), len(lines))
    asked = " ".join(lines[:end]).removesuffix("<br>")
    title = unlabelled(unbold(asked))
    rest = "\n".join(lines[end:])
    title = dataclasses.replace(title, text=unbold(title.text))
    return title, placed(rest, block.line + end) if rest else ()


def _split_asked(text: str) -> tuple[str, str, str]:
    """Cut an item's first paragraph into its question and the answer that follows on it."""
    bold = re.match(r"\*\*(?P<title>[^*]+)\*\*[ ]*[:：.—–-]?[ ]*\n?", text)
    if bold and asks(unlabelled(bold["title"]).text):
        return bold["title"], "", text[bold.end() :].strip()
    first, newline, rest = text.partition("\n")
    first = first.removesuffix("<br>")
    if newline and has_mark(first):
        return first, newline, rest
    return " ".join(text.split()), "", ""


def placed(text: str, line: int) -> tuple[Block, ...]:
    """The blocks of `text`, as of line `line` of the document."""
    return parse(text, line).blocks


def _folded(content: Sequence[Node]) -> Iterator[tuple[re.Match[str], int, int]]:
    """Yield the details blocks at the top of `content`: opening, its index, that of its end."""
    index = 0
    while index < len(content):
        opening = _DETAILS.match(_line(content[index]))
        if opening is None:
            index += 1
            continue
        slashes = opening["slashes"]
        ends = (i for i in range(index + 1, len(content)) if _line(content[i]) == slashes)
        end = next(ends, None)
        if end is None:
            return
        yield opening, index, end
        index = end + 1


def _line(node: Node) -> str:
    is_line = isinstance(node, Block) and node.kind == "house_block"
    return node.tokens[0].content if is_line and isinstance(node, Block) else ""


def _items(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the tokens in each item at the top of a list."""
    start, level = 0, tokens[0].level + 1
    for index, token in enumerate(tokens):
        if token.type == "list_item_open" and token.level == level:
            start = index + 1
        elif token.type == "list_item_close" and token.level == level:
            yield tokens[start:index]


def _cells(tokens: Sequence[Token]) -> list[list[tuple[str, int]]]:
    """The rows of a table, each cell as inline Markdown with the line of its row."""
    rows: list[list[tuple[str, int]]] = []
    line = 0
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
            line = token.map[0] if token.map else line
        elif token.type == "inline":
            cell = Block("paragraph", (token,), line, line)
            rows[-1].append((inline_text(cell), line))
    return rows
