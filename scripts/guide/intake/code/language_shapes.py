"""Texts whose language is settled by their form as a whole, not by words in their lines.

Each recognizer takes a text and returns what it found, or None. `certain_shape` tries those that
are right wherever they succeed; `picture_or_output` only looks at what no language has claimed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from guide.languages import verify


@dataclass(frozen=True, slots=True)
class Shape:
    """The canonical name of a language, and by what it was known."""

    language: str
    reason: str
    confidence: float = 0.95


_LONGEST = 8000
"""Characters that are looked at where it is a matter of proportions."""
_WIDEST = 500
"""Characters of a line that are."""
_METHOD = r"(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE|CONNECT)"
_START = re.compile(r"(?:[A-Z][A-Z-]*\s+\S+\s+HTTP/\d(?:\.\d)?|HTTP/\d(?:\.\d)?\s+\d{3}\b.*)\s*$")
_BARE_REQUEST = re.compile(rf"{_METHOD}\s+(?:/|https?://)\S*\s*$")
_ENDPOINT = re.compile(rf"(?:[-*•\d.]+\s+)?{_METHOD}\s+(?:/|https?://)\S*(?:\s.*)?$")
_HEADER = re.compile(r"[A-Za-z][A-Za-z0-9-]*:\s*\S.*$")
_KNOWN_HEADER = re.compile(
    r"(?i)(?:accept|authorization|cache-control|connection|content|cookie|date|etag|expires|forwarded"
    r"|host|idempotency-key|if|last-modified|link|location|origin|pragma|range|referer|retry-after"
    r"|sec|server|set-cookie|strict-transport-security|traceparent|transfer-encoding|upgrade"
    r"|user-agent|vary|via|www-authenticate|x|ratelimit|access-control|referrer-policy|deprecation"
    r"|sunset)(?:-[a-z0-9-]+)?:\s"
)
_MERMAID = re.compile(
    r"(?:(?:graph|flowchart(?:-elk)?)\s+(?:TB|TD|BT|RL|LR)\b|(?:sequenceDiagram|erDiagram|gitGraph"
    r"|classDiagram(?:-v2)?|stateDiagram(?:-v2)?|requirementDiagram|quadrantChart|zenuml"
    r"|C4(?:Context|Container|Component|Dynamic|Deployment)|(?:xychart|block|sankey|architecture"
    r"|packet|radar|treemap)(?:-beta)?)\b(?!\s*[=(.,])"
    r"|(?:gantt|journey|mindmap|timeline|kanban|graph|flowchart|pie)(?:\s+(?:TB|TD|LR))?\s*(?:;|$)|pie\s+(?:title|showData)\b)"
)
_SHELL_PROMPT = re.compile(
    r"^\s*(?:\(\w+\)\s*)?(?:[\w.-]+@[\w.-]+[:\s]?\S*\s?[$#%>]|\$|(?:PS )?[A-Z]:\\[^>\n]*>"
    r"|❯|➜)\s+\S"
)
_SESSION_PROMPT = re.compile(r"^\s*[A-Z]\d?> \S")
_CLIENT_PROMPT = re.compile(r"^(?:\w+[=-][#>]|mysql>|sqlite>|mongo(?:sh)?>|>>>|In \[\d+\]:)\s+\S")
_REDIS_LINE = re.compile(r"(?:[\w.-]*(?::\d+)?(?:\[\d+\])?(?:\([A-Z]+\))?> ?)?[A-Z][A-Z.]+(?:\s|$)")
_REDIS_PROMPT = re.compile(
    r"(?:redis\S*|\d[\d.]*:\d+(?:\[\d+\])?(?:\([A-Z]+\))?|[\w.-]+:6379)> ?\S"
)
_NO_REDIS = re.compile(r"(?!EVAL)(?:.*(?:[;,{(=]\s*$|\s=\s|\bFROM\b))")
_LONGEST_REGEX = 300
_REGEX_PART = re.compile(r"\\[dwsbDWSB]|\[[^\]\s]+\][+*?{]|\(\?(?:[:=!]|<[=!\w])|\{\d+,?\d*\}")


def certain_shape(code: str) -> Shape | None:
    """Return the language of a text whose form leaves no doubt; None if there is some."""
    lines = [line for line in code.split("\n") if line.strip()]
    if not lines:
        return None
    for recognize in _CERTAIN:
        shape = recognize(code, lines)
        if shape is not None:
            return shape
    return None


def _mermaid(code: str, lines: Sequence[str]) -> Shape | None:
    rest = re.sub(r"\A\s*---\n[\s\S]*?\n---\n", "", code) if lines[0].strip() == "---" else code
    first = next((each for each in _stripped(rest) if each and not each.startswith("%%")), "")
    if _MERMAID.match(first) is None:
        return None
    return Shape("mermaid", f"begins with Mermaid's `{first.split()[0]}`")


def _http(code: str, lines: Sequence[str]) -> Shape | None:
    first = lines[0].strip()
    second = lines[1].strip() if len(lines) > 1 else ""
    if _START.match(first):
        if not second or _HEADER.match(second) or _START.match(second) or "\n\n" in code.strip():
            return Shape("http", "start line and headers of HTTP")
        return None
    if _BARE_REQUEST.match(first) and _HEADER.match(second):
        return Shape("http", "request line, without a version, and headers of HTTP", 0.85)
    return None


def _endpoints(_: str, lines: Sequence[str]) -> Shape | None:
    plain = [each.strip() for each in lines if not each.lstrip().startswith(("#", "//"))]
    listed = sum(bool(_ENDPOINT.match(each)) for each in plain)
    if not listed or listed < 0.6 * len(plain):
        return None
    return Shape("text", "a list of endpoints, which is no HTTP message", 0.85)


def _header_list(_: str, lines: Sequence[str]) -> Shape | None:
    if all(_KNOWN_HEADER.match(each) and not each.rstrip().endswith(";") for each in lines):
        return Shape("text", "header lines without a start line of HTTP", 0.8)
    return None


def _json(code: str, lines: Sequence[str]) -> Shape | None:
    if not code.lstrip().startswith(("{", "[")) or code.rstrip()[-1] not in "}]":
        return None
    if is_json(code):
        return Shape("json", "parses as JSON")
    one_a_line = len(lines) > 1 and all(
        each.lstrip().startswith(("{", "[")) and each.rstrip().endswith(("}", "]"))
        for each in lines
    )
    if one_a_line and all(is_json(each) for each in lines):
        return Shape("jsonl", "each line parses as JSON")
    return None


def is_json(code: str) -> bool:
    """Return whether a text is JSON, whatever its document may mean."""
    try:
        json.loads(code, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _redis(code: str, lines: Sequence[str]) -> Shape | None:
    has_prompt = any(_REDIS_PROMPT.match(each.strip()) for each in lines)
    commands = [each.strip() for each in lines if not each.lstrip().startswith("#")]
    if not has_prompt:
        if not commands or not all(_REDIS_LINE.match(each) for each in commands):
            return None
        if any(_NO_REDIS.match(each) for each in commands):
            return None
    if verify("redis", code):
        return None
    if not has_prompt and all(len(each.split()) < 2 for each in commands):
        return None
    return Shape("redis", "every line is a command of Redis")


def _transcript(code: str, lines: Sequence[str]) -> Shape | None:
    prompts = sum(bool(_SHELL_PROMPT.match(each)) for each in lines)
    if prompts and (_SHELL_PROMPT.match(lines[0]) or lines[0].startswith("#")):
        return Shape("console", "commands after a shell's prompt")
    sessions = sum(bool(_SESSION_PROMPT.match(each)) for each in lines)
    if _CLIENT_PROMPT.match(lines[0]) or sessions > 1:
        return Shape("console", "commands after a client's prompt")
    return None


def _regex(code: str, lines: Sequence[str]) -> Shape | None:
    if (
        len(code) > _LONGEST_REGEX
        or len(lines) > 3
        or not all(_looks_like_regex(each.strip()) for each in lines)
    ):
        return None
    if any(verify("regex", each.strip()) for each in lines):
        return None
    return Shape("regex", "parses as a regular expression and has its marks", 0.85)


def _looks_like_regex(line: str) -> bool:
    anchored = line.startswith("^") and line.endswith("$") and len(line) > 3
    marks = len(_REGEX_PART.findall(line))
    return (anchored and marks >= 1) or (marks >= 2 and re.search(r"[\s;\"'=]", line) is None)


_CERTAIN: tuple[Callable[[str, Sequence[str]], Shape | None], ...] = (
    _mermaid,
    _http,
    _endpoints,
    _header_list,
    _json,
    _redis,
    _transcript,
    _regex,
)


_DRAWN = re.compile(r"[\u2500-\u259f\u25b2-\u25c4\u2190-\u21ff]")
_BOX = re.compile(r"\+[-=]{2,}[-=+]*\+|[|+]\s*-{3,}\s*[|+]|-{3,}\+-{2,}|<?[-=]{2,}>")
_ARROW = re.compile(r"\s(?:->|=>|-{2,}>|<-{1,2}|→|←|⇒|↔|==>)\s|[→←↔⇒]")
_RULE = re.compile(r"^\s*(?:\|?[\s:|+]*-{3,}[-\s:|+]*|={3,}[=\s]*)$")
_LOG = re.compile(
    r"^\[?(?:\d{4}-\d\d-\d\d[T ]\d\d:\d\d|\d\d:\d\d:\d\d|(?:ERROR|WARN|INFO|DEBUG|FATAL)\b)"
)
_TRACE = re.compile(
    r"^(?:Traceback \(most recent|goroutine \d+ \[|Exception in thread|\s+at [\w.$<>]+\(|panic: )"
)
_CODE_MARK = re.compile(r"[;{}]\s*$|\w\([^)\n]*\)|\s:?=\s|[!=]=|^\s*(?://|--|#!)")
_PROSE = re.compile(r"^\s*(?:[-*•\d.)]+\s+)?[^\W\d_][\w'’,-]*(?:\s+[\w'’,:;.%()/\"“”-]+){3,}\s*$")
_COLUMNS = re.compile(r"\S {2,}\S")


def picture_or_output(code: str) -> Shape | None:
    """Return `text` for drawings, tables, logs and prose; None for what may still be code."""
    lines = [line[:_WIDEST] for line in code[:_LONGEST].split("\n") if line.strip()]
    count = len(lines)
    if not lines:
        return None

    def share(pattern: re.Pattern[str]) -> float:
        return sum(bool(pattern.search(line)) for line in lines) / count

    code_share = share(_CODE_MARK)
    drawn = max(share(_DRAWN), share(_BOX))
    if drawn >= 0.3 and code_share < 0.5:
        return Shape("text", "drawn with lines and arrows", 0.85)
    if share(_LOG) >= 0.5 or share(_TRACE) >= 0.3:
        return Shape("text", "a log or a stack trace", 0.85)
    if code_share < 0.3:
        if any(_RULE.match(line) for line in lines) and count > 2:
            return Shape("text", "a table ruled with dashes", 0.8)
        if share(_ARROW) >= 0.4:
            return Shape("text", "steps with arrows between them", 0.75)
        if count > 2 and share(_COLUMNS) >= 0.6:
            return Shape("text", "columns of words", 0.7)
        if count > 1 and share(_PROSE) >= 0.6:
            return Shape("text", "lines of prose", 0.7)
    return None


_KEY = re.compile(r"^\s*(?:- )*\{?(?:[\w./$*-]+|\"[^\"\n]+\"|'[^'\n]+'):(?:\s+(?P<value>[^\n]*))?$")
_ITEM = re.compile(r"^\s*- \S")
_SENTENCE = re.compile(r"^[A-Za-z][\w'’]*(?: [\w'’(),/-]+){4,}")
_YAML_WORD = re.compile(
    r"^\s*(?:- )?(?:apiVersion|kind|metadata|spec|services|image|volumes|ports|environment|jobs"
    r"|steps|runs-on|replicas|containers|openapi|paths|components|labels|name|version|depends_on):"
)
_FLOW = re.compile(r":\s*\[[^\]\n]*\]\s*$|^\s*- \{[\w-]+: [^\n]*\}\s*$")
_BLOCK = re.compile(r":\s*[|>][+-]?\d*\s*$")


def yaml_score(code: str) -> float:
    """Return how much a text looks like YAML, on the scale of the signs."""
    keys = items = others = nested = words = sentences = flows = 0
    block = -1
    previous = ""
    for line in (each[:_WIDEST] for each in code[:_LONGEST].split("\n")):
        indent = len(line) - len(line.lstrip())
        if not line.strip() or line.lstrip().startswith("#") or line in ("---", "..."):
            continue
        if block >= 0 and indent > block:
            continue
        block = indent if _BLOCK.search(line) else -1
        key = _KEY.match(line)
        if key is not None and not line.rstrip().endswith((";", "{", ",", "(")):
            keys += 1
            flows += bool(_FLOW.search(line))
            words += bool(_YAML_WORD.match(line))
            sentences += bool(_SENTENCE.match(key["value"] or ""))
        elif _ITEM.match(line):
            items += 1
        else:
            others += 1
        nested += bool(previous.rstrip().endswith(":") and indent >= _indent(previous))
        previous = line
    total = keys + items + others
    if not keys or keys + items < 0.85 * total or sentences > 0.5 * keys or items > 3 * keys:
        return 0.0
    return min(keys, 6) * 0.9 + min(nested, 3) * 1.0 + min(words, 3) * 1.0 + min(flows, 2) * 1.5


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _stripped(text: str) -> list[str]:
    return [line.strip() for line in text.split("\n")]
