"""Links of a document lead where things stand now; images come along or become links.

A link that leads nowhere becomes its text with the target in code: no reader clicks in vain, and
nothing is lost.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from markdown_it.token import Token

from guide.intake.code.fences import line_of
from guide.intake.model import Block, Change, ChangeKind, Document, DraftPage, Section
from guide.intake.pages.anchors import Anchors, Place
from guide.intake.pages.html_links import rewrite_html
from guide.intake.pages.images import ImageError, Images, described, says_something
from guide.intake.pages.link_targets import Targets
from guide.intake.reading.markdown import inline_text, parse, plain_text, plain_title

BY = "links"
_REMOTE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_DATA = re.compile(r"data:", re.IGNORECASE)
_MARKUP = re.compile(r"\]\(|<[A-Za-z]|://")
_NONE: Mapping[str, Anchors] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Linked:
    """Pages whose links work, what was done, and files to copy: from where, to where in docs/."""

    pages: tuple[DraftPage, ...]
    changes: tuple[Change, ...]
    copies: Mapping[Path, str]


def rewrite_links(
    anchors: Anchors,
    document: Document,
    *,
    beside: Path | None = None,
    neighbors: Mapping[str, Anchors] = _NONE,
    there: Container[str] = (),
) -> Linked:
    """Rewrite the links of the pages in `anchors`, which are those of `document`.

    `beside` is the folder that the document lies in, where its images are; `neighbors` are other
    documents of the same run by file name; `there` holds the paths under docs/ that exist.
    """
    targets = Targets(anchors, document.source.name, neighbors, there)
    images = Images(beside, anchors.folder)
    changes: list[Change] = []
    roots = [
        _Page(number, page, targets, images, changes).rewritten()
        for number, page in enumerate(anchors.pages)
    ]
    pages = tuple(
        dataclasses.replace(page, root=_with_ids(root, number, targets.ids))
        for number, (page, root) in enumerate(zip(anchors.pages, roots, strict=True))
    )
    return Linked(pages, tuple(changes), images.copies)


class _Page:
    """Rewrites what stands on one page."""

    def __init__(
        self,
        number: int,
        page: DraftPage,
        targets: Targets,
        images: Images,
        changes: list[Change],
    ) -> None:
        self._number = number
        self._page = page
        self._targets = targets
        self._images = images
        self._changes = changes
        self._line = 1
        self._section = page.root

    def rewritten(self) -> Section:
        """What stands on the page, with links that work."""
        return self._in_section(self._page.root)

    def _in_section(self, section: Section) -> Section:
        title = section.title
        self._section, self._line = section, section.line
        if _MARKUP.search(title):
            block = parse(f"# {title}", section.line).blocks[0]
            changed = self._in_block(block)
            title = title if changed is block else inline_text(changed)
        content: list[Block | Section] = []
        for each in section.content:
            if isinstance(each, Section):
                content.append(self._in_section(each))
                self._section = section
            else:
                content.append(self._in_block(each))
        return dataclasses.replace(section, title=title, content=tuple(content))

    def _in_block(self, block: Block) -> Block:
        tokens = []
        for token in block.tokens:
            self._line = line_of(block, token)
            if token.type == "inline" and _has_links(token):
                tokens.append(self._in_inline(token))
            elif token.type == "html_block":
                tokens.append(self._in_html(token))
            else:
                tokens.append(token)
        if all(new is old for new, old in zip(tokens, block.tokens, strict=True)):
            return block
        return dataclasses.replace(block, tokens=tuple(tokens))

    def _in_html(self, token: Token) -> Token:
        def note(message: str, before: str, after: str) -> None:
            self._note("changed" if after else "flagged", message, before, after)

        def resolve(target: str) -> str:
            return self._targets.resolve(target, self._number).target

        content = rewrite_html(token.content, resolve, note)
        return token if content == token.content else token.copy(content=content)

    def _in_inline(self, token: Token) -> Token:
        noted = len(self._changes)
        children = list(_apart(self._links(token.children or ())))
        return token if len(self._changes) == noted else token.copy(children=children)

    def _links(self, children: Sequence[Token]) -> Iterator[Token]:
        """Yield inline tokens with their links and images rewritten."""
        at = 0
        while at < len(children):
            token = children[at]
            if token.type == "link_open":
                end = next(
                    (n for n in range(at, len(children)) if children[n].type == "link_close"), at
                )
                inside = [
                    new for each in children[at + 1 : end] for new in self._image(each, linked=True)
                ]
                yield from self._link(token, inside, children[end])
                at = end + 1
            else:
                yield from self._image(token, linked=False)
                at += 1

    def _link(self, opening: Token, inside: list[Token], closing: Token) -> Iterator[Token]:
        target = str(opening.attrs.get("href", ""))
        found = self._targets.resolve(target, self._number)
        words = plain_text(inside).strip()
        if not found.target:
            self._note("flagged", found.reason, target)
            yield from _with_code(inside, words, target)
            return
        if not words and not any(each.type == "image" for each in inside):
            words = self._title(found.place) or found.target
            self._note("inferred", "the text of a link that has none", "", words)
            inside = [_text(words)]
        if found.target != target:
            self._note("changed", "where a link leads", target, found.target)
            opening = opening.copy(attrs={**opening.attrs, "href": found.target})
        yield from (opening, *inside, closing)

    def _title(self, place: Place | None) -> str:
        return self._targets.title(place) if place else ""

    def _image(self, token: Token, *, linked: bool) -> Iterator[Token]:
        if token.type != "image":
            yield token
            return
        source = str(token.attrs.get("src", ""))
        shown = self._shown(token, source)
        title = str(token.attrs.get("title") or "")
        said = f"{source} {title}".rstrip()
        if _DATA.match(source):
            self._note("flagged", "an image in the text itself, which is left out", said)
            yield _words(shown)
        elif _REMOTE.match(source):
            self._note("changed", "an image of another site: a link, or its text", said)
            if linked:
                yield _words(shown)
            else:
                href = f"https:{source}" if source.startswith("//") else source
                yield from _linking(shown, href)
        elif self._targets.is_there(source):
            yield _with(token, source, shown)
        else:
            yield from self._local(token, source, shown)

    def _local(self, token: Token, source: str, shown: str) -> Iterator[Token]:
        try:
            target = self._images.add(source)
        except ImageError as error:
            said = f"{source} {token.attrs.get('title') or ''}".rstrip()
            self._note("flagged", f"an image that does not come along: {error}", said)
            yield from _with_code([_words(shown)], shown, source)
            return
        if target != source:
            self._note("changed", "an image, copied beside the page", source, target)
        yield _with(token, target, shown)

    def _shown(self, token: Token, source: str) -> str:
        """The words of an image; proposed where it has none that say something."""
        words = plain_text(token.children or ()).strip()
        if says_something(words):
            return words
        proposed = described(source, (plain_title(self._section.title), self._page.title))
        self._note("flagged", "words for an image that has none: a proposal", words, proposed)
        return proposed

    def _note(self, kind: ChangeKind, message: str, before: str, after: str = "") -> None:
        self._changes.append(Change(kind, BY, self._line, message, before, after))


def _has_links(token: Token) -> bool:
    return any(child.type in ("link_open", "image") for child in token.children or ())


def _with_code(inside: list[Token], words: str, target: str) -> Iterator[Token]:
    """Yield the text of a link that leads nowhere, and its target in code."""
    code = Token("code_inline", "code", 0, markup="`", content=target)
    if not target or words == target:
        yield from inside if not target else [code]
    elif not words:
        yield code
    else:
        yield from (*inside, _text(" ("), code, _text(")"))


def _text(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _words(text: str) -> Token:
    """The words of an image: no part of the words beside it."""
    return Token("text", "", 0, content=text, meta={"apart": True})


def _apart(tokens: Iterator[Token]) -> Iterator[Token]:
    """Yield tokens with a blank between the words of an image and a word that touches them."""
    end = ""
    was_apart = False
    for token in tokens:
        is_apart = "apart" in token.meta
        if token.content:
            if (is_apart or was_apart) and end.isalnum() and token.content[0].isalnum():
                yield _text(" ")
            end, was_apart = token.content[-1], is_apart
        elif not token.nesting:
            end = ""
        yield token


def _with(token: Token, source: str, shown: str) -> Token:
    """An image with this source and these words."""
    if source == token.attrs.get("src") and shown == plain_text(token.children or ()).strip():
        return token
    attrs = {**token.attrs, "src": source}
    return token.copy(attrs=attrs, content=shown, children=[_text(shown)])


def _linking(text: str, target: str) -> tuple[Token, ...]:
    opening = Token("link_open", "a", 1, attrs={"href": target})
    return opening, _words(text), Token("link_close", "a", -1)


def _with_ids(root: Section, page: int, ids: Mapping[Place, str]) -> Section:
    """Give sections the ids by which links find them."""
    numbers = iter(range(sum(1 for _ in root.walk())))

    def named(section: Section) -> Section:
        name = ids.get(Place(page, next(numbers)), section.id)
        content = tuple(
            named(each) if isinstance(each, Section) else each for each in section.content
        )
        return dataclasses.replace(section, id=name, content=content)

    return named(root)
