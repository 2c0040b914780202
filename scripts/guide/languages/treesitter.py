"""Programming languages that tree-sitter parses, and the fragments each of them may be.

The grammars take statements and declarations alike at the top, so a Go file without its package
clause or Java statements without a class are whole to them. What they do not take (a method or a
constructor by itself, an object literal) is read inside a wrapper. Where no reading succeeds, the
one that gets furthest is reported.
"""

from __future__ import annotations

import importlib
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import tree_sitter

from guide.languages.problem import SyntaxProblem
from guide.languages.treesitter_errors import diagnose, explain
from guide.languages.treesitter_tolerated import tolerated


@dataclass(frozen=True, slots=True)
class _Grammar:
    """How code in one language is read: the wheel, its factory, wrappers for fragments."""

    package: str
    factory: str = "language"
    wrappers: tuple[tuple[str, str], ...] = ()
    """What may stand before and after a fragment, on lines of their own."""


_CLASS = ("class Fragment {", "}")
_EXPRESSION = ("(", ")")
_PATIENCE = 1.0
"""Seconds. Valid code takes milliseconds; only the repair of a long, hopeless text takes more."""
_HASTE = 0.1
"""Seconds that all readings may take together where languages are only compared."""
_GRAMMARS: Mapping[str, _Grammar] = {
    "bash": _Grammar("tree_sitter_bash"),
    "css": _Grammar("tree_sitter_css"),
    "dockerfile": _Grammar("tree_sitter_containerfile"),
    "go": _Grammar("tree_sitter_go"),
    "hcl": _Grammar("tree_sitter_hcl"),
    "java": _Grammar("tree_sitter_java", wrappers=(_CLASS,)),
    "javascript": _Grammar("tree_sitter_javascript", wrappers=(_EXPRESSION, _CLASS)),
    "lua": _Grammar("tree_sitter_lua"),
    "typescript": _Grammar(
        "tree_sitter_typescript", "language_typescript", wrappers=(_EXPRESSION, _CLASS)
    ),
}


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first syntax problem of the reading that gets furthest; none if one succeeds."""
    grammar = _language(language)
    # Grammars of line-based languages want the last line to end.
    text = code if code.endswith("\n") else code + "\n"
    tree = _parse(grammar, text)
    if tree is not None:
        return tuple(tolerated(language, code, tree))
    failures = [diagnose(grammar, text)]
    for before, after in _GRAMMARS[language].wrappers:
        tree = _parse(grammar, f"{before}\n{text}{after}\n")
        if tree is None:
            failure = diagnose(grammar, text, f"{before}\n", f"{after}\n")
            # Without either, the code has closed the wrapper itself.
            failures += [failure] if failure.token or failure.opened else []
        elif _encloses(tree, before):
            return ()
    # The first of equals, which is the plainest reading.
    return (explain(code, max(failures, key=lambda each: each.offset), grammar),)


def parses(language: str, code: str) -> bool:
    """Return whether `verify` finds no problem, in a fraction of the time if it finds one."""
    grammar = _language(language)
    deadline = time.process_time() + _HASTE
    text = code if code.endswith("\n") else code + "\n"
    tree = _parse(grammar, text, deadline)
    if tree is not None:
        return not any(True for _ in tolerated(language, code, tree))
    for before, after in _GRAMMARS[language].wrappers:
        tree = _parse(grammar, f"{before}\n{text}{after}\n", deadline)
        if tree is not None and _encloses(tree, before):
            return True
    return False


@cache
def _language(name: str) -> tree_sitter.Language:
    grammar = _GRAMMARS[name]
    module = importlib.import_module(grammar.package)
    return tree_sitter.Language(getattr(module, grammar.factory)())


def _parse(
    grammar: tree_sitter.Language, text: str, deadline: float | None = None
) -> tree_sitter.Tree | None:
    """Return the tree; None if there is an error, without waiting for a costly repair."""
    source = text.encode()
    parser = tree_sitter.Parser(grammar)
    end = time.process_time() + _PATIENCE if deadline is None else deadline
    try:
        tree = parser.parse(
            lambda offset, _: source[offset : offset + 65536],
            progress_callback=lambda _, has_error: has_error or time.process_time() > end,
        )
    except ValueError:  # raised when the callback ends the parse
        return None
    return None if tree.root_node.has_error else tree


def _encloses(tree: tree_sitter.Tree, before: str) -> bool:
    """Return whether the wrapper's own brackets pair up: code must not close the one it is in."""
    root = tree.root_node
    opening = root.descendant_for_byte_range(len(before) - 1, len(before))
    while opening is not None and opening.child_count == 0:
        opening = opening.parent
    last = root.children[-1]
    return opening is not None and opening.end_byte == last.end_byte and last is not opening
