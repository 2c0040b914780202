"""What a script asks for by a literal URL: imports, workers, requests, sources it assigns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter
import tree_sitter_javascript

_QUERY = """
(import_statement source: (_) @import)
(export_statement source: (_) @import)
(call_expression function: (_) @callee arguments: (arguments) @arguments)
(new_expression constructor: (_) @callee arguments: (arguments) @arguments)
(assignment_expression
  left: (member_expression property: (property_identifier) @property)
  right: (_) @value
  (#any-of? @property "src" "srcset"))
"""
_URL_ARGUMENT: Mapping[str, int] = {
    "fetch": 0,
    "import": 0,
    "importScripts": 0,
    "sendBeacon": 0,
    "addModule": 0,
    "register": 0,
    "Request": 0,
    "Worker": 0,
    "SharedWorker": 0,
    "EventSource": 0,
    "WebSocket": 0,
    # XMLHttpRequest.open(method, url); window.open(url) is a link.
    "open": 1,
    "setAttribute": 1,
}
_ABSOLUTE = re.compile(r"(?:(?:https?|wss?):)?//[^/]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ScriptRequest:
    """A URL that a script fetches, and its line in the script (from 1)."""

    url: str
    line: int


@cache
def script_requests(code: str) -> tuple[ScriptRequest, ...]:
    """Return the modules `code` imports and the absolute URLs that it requests.

    Relative URLs of requests are left out: they depend on the page. So are URLs that the script
    computes or hands on through variables, which only a browser test can see.
    """
    language, query = _javascript()
    root = tree_sitter.Parser(language).parse(code.encode()).root_node
    return tuple(sorted(set(_requests(query, root)), key=lambda request: request.line))


@cache
def _javascript() -> tuple[tree_sitter.Language, tree_sitter.Query]:
    language = tree_sitter.Language(tree_sitter_javascript.language())
    return language, tree_sitter.Query(language, _QUERY)


def _requests(query: tree_sitter.Query, root: tree_sitter.Node) -> Iterator[ScriptRequest]:
    for _, captures in tree_sitter.QueryCursor(query).matches(root):
        if "import" in captures:
            (source,) = captures["import"]
            # A bare name needs an import map and is no URL.
            if (url := _literal(source)) and (url[0] in "./" or _ABSOLUTE.match(url)):
                yield ScriptRequest(url, source.start_point.row + 1)
            continue
        if "value" in captures:
            (value,) = captures["value"]
        else:
            (callee,), (arguments,) = captures["callee"], captures["arguments"]
            position = _URL_ARGUMENT.get(_text(callee).rpartition(".")[2])
            if position is None or len(arguments.named_children) <= position:
                continue
            if _text(callee).endswith("setAttribute") and not _names_source(arguments):
                continue
            value = arguments.named_children[position]
        url = _literal(value)
        if _ABSOLUTE.match(url):
            yield ScriptRequest(url, value.start_point.row + 1)


def _names_source(arguments: tree_sitter.Node) -> bool:
    return _literal(arguments.named_children[0]) in ("src", "srcset")


def _literal(node: tree_sitter.Node) -> str:
    """Return the text of a literal, or the literal start of a computed text; "" if none."""
    if node.type == "string":
        return _text(node)[1:-1].replace("\\/", "/")
    if node.type == "template_string":
        return _text(node)[1:-1].partition("${")[0]
    if node.type == "binary_expression":
        return _literal(node.named_children[0])
    if node.type == "new_expression" and _text(node).startswith("new URL("):
        arguments = node.child_by_field_name("arguments")
        return _literal(arguments.named_children[0]) if arguments else ""
    return ""


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()
