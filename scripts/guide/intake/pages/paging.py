"""Cut the outline into pages: one per level or chapter of questions, and by size."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from guide.intake.markup.notes import notes_for, notes_section
from guide.intake.model import Block, Change, Document, DraftPage, Section
from guide.intake.pages.describing import plain_front
from guide.intake.pages.layout import laid_out
from guide.intake.reading.markdown import escaped, parse, plain_text
from guide.intake.shape.front import Front
from guide.intake.slugs import file_slug, free, slug

BY = "pages"
PAGE_SIZE = 40_000
"""Characters from which on a document is more than one page."""
MAX_PAGE = 90_000
"""Characters from which on a chapter is more than one page; the guide reads none over 150,000."""
_MIN_QUESTIONS = 2
_NOTION = re.compile(r" [0-9a-f]{32}$")
"""What Notion puts after the title of a page that it exports."""
_OVERVIEW = "overview"


@dataclass(frozen=True, slots=True)
class Paged:
    """The pages of a document, and the document with what was noted on the way."""

    pages: tuple[DraftPage, ...]
    document: Document
    title: str


def page(document: Document, front: Front) -> Paged:
    """Cut `document` into pages, each with a title of its own and sections from level 2 down."""
    changes: list[Change] = []
    root, title = _titled(document, front, changes)
    name = file_slug(document.source.name, "document")
    if front.is_house:
        pages = [_page(name, title, root, front)]
    else:
        pages = _with_notes(root, lambda rest: list(_cut(name, title, rest, front)))
        if len(pages) > 1 and all(each.root.heading != root.heading for each in pages):
            message = "the title, which no page of several has; the navigation has it"
            changes.append(Change("removed", BY, root.line, message, root.heading))
    pages = [laid_out(each, changes) for each in pages]
    return Paged(_named(pages), document.noting(changes), title)


def _titled(document: Document, front: Front, changes: list[Change]) -> tuple[Section, str]:
    """The document under one title, which its only first heading gives, or else its name."""
    root = document.root
    first = [each for each in root.content if isinstance(each, Section)]
    head = first[0] if first and first[0].role == "section" else None
    if head is not None and len(first) > 1 and not _NOTION.search(head.title):
        head = None
    if head is not None:
        at = root.content.index(head)
        content = (*root.content[:at], *head.content, *root.content[at + 1 :])
        root = dataclasses.replace(head, content=content, depth=0)
    heading = _NOTION.sub("", _plain(head.title)) if head else ""
    title = plain_front(front.title or heading or _humanized(document.source.name))
    if head is not None and title != head.heading:
        said = "the title: the front matter's" if heading != title else "the title, as plain text"
        changes.append(Change("changed", BY, head.line, said, head.heading, title))
    elif front.title and title != front.title and not front.is_house:
        changes.append(Change("changed", BY, 1, "the title, as plain text", front.title, title))
    if head is None and not front.title:
        changes.append(Change("inferred", BY, 1, f"the title, from the file's name: {title}"))
    return root, title


def _with_notes(root: Section, cut: Callable[[Section], list[DraftPage]]) -> list[DraftPage]:
    """Cut the root without its footnotes; each page gets those that it names, at its end."""
    notes = notes_section(root)
    if notes is None or notes not in root.content:
        return cut(root)
    rest = tuple(each for each in root.content if each is not notes)
    pages = cut(dataclasses.replace(root, content=rest))
    named: set[str] = set()
    for number, page in enumerate(pages):
        own = notes_for(page.root, notes)
        if own is not None:
            pages[number] = _followed(page, own)
            named |= {each.id for each in own.sections}
    unnamed = tuple(each for each in notes.sections if each.id not in named)
    if unnamed:
        pages[-1] = _followed(pages[-1], dataclasses.replace(notes, content=unnamed))
    return pages


def _followed(page: DraftPage, notes: Section) -> DraftPage:
    """The page with notes at its end, after those that it has."""
    content = list(page.root.content)
    last = content[-1] if content else None
    if isinstance(last, Section) and last.title == notes.title:
        content[-1] = dataclasses.replace(last, content=(*last.content, *notes.content))
    else:
        content.append(notes)
    return dataclasses.replace(page, root=dataclasses.replace(page.root, content=tuple(content)))


def _cut(name: str, title: str, root: Section, front: Front) -> Iterator[DraftPage]:
    """Yield a page for each chapter of questions if there are several, and one for the rest."""
    chapters = [each for each in root.sections if _is_of_questions(each)]
    if len(chapters) < 2 and _size(root) <= PAGE_SIZE:
        yield _page(name, title, root, front)
        return
    if len(chapters) < 2:
        chapters = [each for each in root.sections if each.role == "section"]
    cut = {id(each) for each in chapters}
    kept = tuple(each for each in root.content if id(each) not in cut)
    if any(isinstance(each, Section) or each.kind != "hr" for each in kept) or not chapters:
        rest = dataclasses.replace(root, content=kept)
        yield from _parts(_OVERVIEW if chapters else name, title, rest, front)
    for chapter in chapters:
        heading = _plain(chapter.title)
        yield from _parts(slug(heading, "chapter"), heading, chapter, front)


def _parts(name: str, title: str, section: Section, front: Front) -> Iterator[DraftPage]:
    """Yield a section as one page, or as several where it is too long for one."""
    parts: list[list[Block | Section]] = [[]]
    size = 0
    for each in _pieces(section.content):
        length = _size(each)
        if size + length > MAX_PAGE and parts[-1]:
            parts.append([])
            size = 0
        parts[-1].append(each)
        size += length
    for number, content in enumerate(parts, 1):
        part = dataclasses.replace(section, content=tuple(content))
        several = len(parts) > 1
        yield _page(
            f"{name}-{number}" if several else name,
            f"{title}, part {number}" if several else title,
            part,
            front,
        )


def _pieces(content: Sequence[Block | Section]) -> Iterator[Block | Section]:
    """Yield what stands in a section; what is too long for a page in pieces with its title."""
    for each in content:
        if isinstance(each, Block) or _size(each) <= MAX_PAGE or len(each.content) < 2:
            yield each
            continue
        middle = _middle(each.content)
        rest = dataclasses.replace(
            each, title=f"{each.title} (continued)", id="", content=each.content[middle:]
        )
        yield from _pieces([dataclasses.replace(each, content=each.content[:middle]), rest])


def _middle(content: Sequence[Block | Section]) -> int:
    """The index that cuts `content` into halves of about the same size."""
    sizes = list(itertools.accumulate(map(_size, content)))
    return min(range(1, len(content)), key=lambda index: abs(sizes[index - 1] * 2 - sizes[-1]))


def _page(name: str, title: str, root: Section, front: Front) -> DraftPage:
    level = root.level or front.level
    return DraftPage(
        name=name,
        title=title,
        description=front.description,
        root=dataclasses.replace(root, title=escaped(title), depth=1),
        level=level,
        tags=front.tags,
    )


def _named(pages: Iterable[DraftPage]) -> tuple[DraftPage, ...]:
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    named = []
    for each in pages:
        name = free(each.name, taken, numbers)
        taken.add(name)
        named.append(dataclasses.replace(each, name=name))
    return tuple(named)


def _is_of_questions(section: Section) -> bool:
    """Whether a section is a chapter of questions, not one that asks something in passing."""
    asked = sum(each.role == "question" for each in section.walk())
    return section.role == "section" and asked >= _MIN_QUESTIONS


def _size(node: Block | Section) -> int:
    if isinstance(node, Block):
        return sum(len(token.content) for token in node.tokens)
    return len(node.title) + sum(map(_size, node.content))


def _plain(title: str) -> str:
    """The title as plain text, which front matter wants."""
    blocks: Sequence[Block] = parse(f"# {title}").blocks
    text = plain_text(blocks[0].tokens) if blocks else title
    return plain_front(" ".join(text.split()))


def _humanized(name: str) -> str:
    words = re.sub(r"[-_.\s]+", " ", re.sub(r"^\d+[-_. ]+", "", name)).strip()
    return words[:1].upper() + words[1:] or "Untitled"
