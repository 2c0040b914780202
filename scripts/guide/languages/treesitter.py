"""Programming languages that tree-sitter parses, and the fragments each of them may be.

The grammars take statements and declarations alike at the top, so a Go file without its package
clause or Java statements without a class are whole to them. What they do not take (a method by
itself, an object literal) is read inside a wrapper. Where no reading succeeds, the one that gets
furthest is reported.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter

from guide.languages.problem import SyntaxProblem


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How code in one language is read: the wheel, its factory, wrappers for fragments."""

    package: str
    factory: str = "language"
    wrappers: tuple[tuple[str, str], ...] = ()


_CLASS = ("class Fragment {", "}")
_SCRIPT_WRAPPERS = (("(", ")"),)
_GRAMMARS: Mapping[str, _Grammar] = {
    "bash": _Grammar("tree_sitter_bash"),
    "css": _Grammar("tree_sitter_css"),
    "dockerfile": _Grammar("tree_sitter_containerfile"),
    "go": _Grammar("tree_sitter_go"),
    "java": _Grammar("tree_sitter_java", wrappers=(_CLASS,)),
    "javascript": _Grammar("tree_sitter_javascript", wrappers=_SCRIPT_WRAPPERS),
    "lua": _Grammar("tree_sitter_lua"),
    "typescript": _Grammar(
        "tree_sitter_typescript", factory="language_typescript", wrappers=_SCRIPT_WRAPPERS
    ),
}
_LONGEST_TOKEN = 24


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first syntax problem of the reading that gets furthest; none if one succeeds."""
    # Grammars of line-based languages want the last line to end.
    text = code if code.endswith("\n") else code + "\n"
    problem = _first_problem(language, text)
    if problem is None:
        return ()
    problems = [problem]
    for before, after in _GRAMMARS[language].wrappers:
        wrapped = _first_problem(language, f"{before}\n{text}{after}\n")
        if wrapped is None:
            return ()
        last = min(wrapped.line - 1, text.count("\n"))
        problems.append(SyntaxProblem(max(last, 1), wrapped.column, wrapped.message))
    return (max(problems, key=lambda each: (each.line, each.column)),)


def _first_problem(language: str, text: str) -> SyntaxProblem | None:
    source = text.encode()
    tree = tree_sitter.Parser(_language(language)).parse(source)
    if not tree.root_node.has_error:
        return None
    node = min(_errors(tree.root_node), key=lambda each: each.start_byte, default=tree.root_node)
    line = text.split("\n")[node.start_point.row].encode()
    column = len(line[: node.start_point.column].decode(errors="replace")) + 1
    if node.is_missing:
        message = f"`{node.type}` is missing here"
    else:
        token = source[node.start_byte : node.end_byte].decode(errors="replace").split("\n")[0]
        message = f"unexpected `{token[:_LONGEST_TOKEN].strip()}`"
    return SyntaxProblem(node.start_point.row + 1, column, message)


def _errors(root: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Yield the error and missing nodes, the innermost of nested ones."""
    pending = [root]
    while pending:
        node = pending.pop()
        inner = [child for child in node.children if child.has_error or child.is_missing]
        if node.is_missing or (node.is_error and not inner):
            yield node
        pending.extend(inner)


@cache
def _language(name: str) -> tree_sitter.Language:
    grammar = _GRAMMARS[name]
    module = importlib.import_module(grammar.package)
    return tree_sitter.Language(getattr(module, grammar.factory)())
