"""Draw one diagram with the embedded Mermaid; whatever goes wrong comes back as data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guide.diagrams.config import MERMAID_CONFIG, layout_css
from guide.diagrams.speed import remember_stylesheet
from guide.diagrams.svg import canonical
from guide.library.diagram_text import describe

_PREFIX = re.compile(r"^(?:Mermaid rendering failed: )?(?:\w*Error: )?(?:Parsing failed: )?\s*")
_JISON = re.compile(
    r"(?:Parse|Lexical) error on line (?P<line>\d+)[:.](?:.*, got '(?P<got>[^']*)')?",
    re.DOTALL,
)
_LANGIUM = re.compile(r"(?:Lexer|Parse) error on line (?P<line>\d+), column \d+: (?P<text>[^\n]*)")
_COMMENT = re.compile(r"^\s*%%(?!\{)")
_ANONYMOUS_COMMIT = re.compile(r"^\s*commit\b(?!.*\bid\s*:)")


@dataclass(frozen=True, slots=True)
class DiagramError:
    """Why a diagram cannot be drawn; `line` counts from 1 within the source, if known."""

    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Drawn:
    """A canonical SVG, or the error that prevented it."""

    svg: str
    error: DiagramError | None = None


def draw(source: str) -> Drawn:
    """Draw one diagram in this process; never raises for a broken source."""
    text = describe(source)
    if not text.kind:
        return Drawn("", DiagramError("it is empty"))
    if text.kind == "gitGraph" and (line := _commit_without_id(source)):
        reason = 'this commit has no `id: "..."`, and a random one would be drawn'
        return Drawn("", DiagramError(reason, line))
    # Loading the JavaScript engine takes a while: only where something is drawn.
    import mermaidx  # type: ignore[import-untyped]

    remember_stylesheet()
    try:
        raw = mermaidx.render(
            source, "quickjs", theme="base", config=MERMAID_CONFIG, css=layout_css(text.kind)
        ).svg()
    except Exception as error:
        return Drawn("", explain(str(error), source))
    try:
        return Drawn(canonical(raw, text))
    except ValueError as error:
        return Drawn("", DiagramError(f"its `{text.kind}` cannot be used: {error}"))


def _commit_without_id(source: str) -> int:
    """Return the line of the first such commit of a git graph, or 0."""
    for number, line in enumerate(source.splitlines(), 1):
        if _ANONYMOUS_COMMIT.match(line):
            return number
    return 0


def explain(message: str, source: str) -> DiagramError:
    """Turn a parser's message into one sentence and a line of the source."""
    message = _PREFIX.sub("", message)
    if message.startswith("No diagram type detected"):
        kind = describe(source).kind
        return DiagramError(f"`{kind}` is not a kind of diagram", 1)
    if match := _JISON.search(message):
        line = source_line(source, int(match["line"]))
        # Mermaid's lexer calls the end of the source "1" in some kinds.
        at_end = match["got"] in ("EOF", "1") or (match["got"] or "").startswith("EOF_IN")
        text = source.splitlines()[line - 1].strip()
        reason = "ends too early; is something left open?" if at_end else "does not fit the syntax"
        return DiagramError(f"the diagram {reason}" if at_end else f"`{text}` {reason}", line)
    if match := _LANGIUM.search(message):
        sentence = re.split(r"\. Parse error|, skipped", match["text"])[0]
        return DiagramError(sentence, source_line(source, int(match["line"])))
    first = message.strip().splitlines()
    return DiagramError(first[0] if first else "the parser gave no reason")


def source_line(source: str, reported: int) -> int:
    """Translate a parser's line into the source's: comment lines are dropped before parsing."""
    lines = source.splitlines()
    kept = [n for n, line in enumerate(lines, 1) if not _COMMENT.match(line)]
    while kept and not lines[kept[-1] - 1].strip():
        kept.pop()
    return kept[min(reported, len(kept)) - 1] if kept else 1
