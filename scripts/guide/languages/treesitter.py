"""Programming languages that tree-sitter parses, and the fragments each of them may be.

The grammars take statements and declarations alike at the top, so a Go file without its package
clause or Java statements without a class are whole to them. What they do not take (a method or a
constructor by itself, an object literal) is read inside a wrapper. Where no reading succeeds, the
one that gets furthest is reported.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter

from guide.languages.problem import SyntaxProblem, at_offset
from guide.languages.treesitter_errors import Failure, diagnose, explain


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How code in one language is read."""

    package: str
    factory: str = "language"
    wrappers: tuple[tuple[str, str], ...] = ()
    """What may stand before and after a fragment; both on lines of their own."""


_CLASS = ("class Fragment {", "}")
_SCRIPT_WRAPPERS = (("(", ")"), _CLASS)
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


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem of the reading that gets furthest, or what the grammar lets pass."""
    grammar = _language(language)
    # Grammars of line-based languages want the last line to end.
    text = code if code.endswith("\n") else code + "\n"
    tree = _parse(grammar, text.encode())
    if tree is not None:
        return tuple(_STRICTER[language](code, tree)) if language in _STRICTER else ()
    failures = [diagnose(grammar, text, 0, 0)]
    for before, after in _GRAMMARS[language].wrappers:
        wrapped = f"{before}\n{text}{after}\n"
        tree = _parse(grammar, wrapped.encode())
        if tree is not None and _encloses(tree, before):
            return ()
        if tree is None:
            failures.append(diagnose(grammar, wrapped, len(before) + 1, len(after) + 1))
    return (explain(code, furthest(failures), grammar),)


def furthest(failures: list[Failure]) -> Failure:
    """Return the failure that comes last in the code; the first such, for the plainest reading."""
    return max(failures, key=lambda failure: failure.offset)


@cache
def _language(name: str) -> tree_sitter.Language:
    grammar = _GRAMMARS[name]
    module = importlib.import_module(grammar.package)
    return tree_sitter.Language(getattr(module, grammar.factory)())


def _parse(grammar: tree_sitter.Language, source: bytes) -> tree_sitter.Tree | None:
    """Return the tree; None if there is an error, without the costly search for a repair."""
    parser = tree_sitter.Parser(grammar)
    try:
        tree = parser.parse(
            lambda offset, _: source[offset : offset + 65536],
            progress_callback=lambda _, has_error: has_error,
        )
    except ValueError:
        return None
    return None if tree.root_node.has_error else tree


def _encloses(tree: tree_sitter.Tree, before: str) -> bool:
    """Return whether the wrapper's own brackets pair up: code cannot close one and open another."""
    opening = tree.root_node.descendant_for_byte_range(len(before) - 1, len(before))
    if opening is None or opening.parent is None:
        return False
    last = opening.parent.children[-1]
    return last.end_byte == len(tree.root_node.text.rstrip()) if tree.root_node.text else False


def _strict_bash(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    offset = 0
    for line in code.split("\n"):
        if line.startswith("$ "):
            hint = "leave it out so that the command can be copied, or use `console`"
            yield at_offset(code, offset, "a prompt is not part of the command", hint)
        offset += len(line) + 1


_GO_TOP_LEVEL = frozenset(
    """
    package_clause import_declaration function_declaration method_declaration type_declaration
    var_declaration const_declaration comment
    """.split()
)


def _strict_go(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """Hold a file with a package clause to what a file may hold."""
    nodes = tree.root_node.named_children
    if not any(node.type == "package_clause" for node in nodes):
        return
    for node in nodes:
        if node.type not in _GO_TOP_LEVEL:
            yield SyntaxProblem(
                node.start_point.row + 1,
                _column(code, node.start_point),
                "a statement outside a function",
                "leave out the package clause if this is a fragment",
            )


def _column(code: str, point: tree_sitter.Point) -> int:
    line = code.split("\n")[point.row].encode()
    return len(line[: point.column].decode(errors="replace")) + 1


_STRICTER: Mapping[str, Callable[[str, tree_sitter.Tree], Iterator[SyntaxProblem]]] = {
    "bash": _strict_bash,
    "go": _strict_go,
}
