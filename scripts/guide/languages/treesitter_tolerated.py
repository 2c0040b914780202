"""What tree-sitter's grammars let pass although the languages do not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping

import tree_sitter

from guide.languages.problem import SyntaxProblem, at_offset, quoted

_RESERVED = frozenset({"then", "else", "elif", "fi", "do", "done", "esac"})
_GO_STATEMENTS = ("statement", "short_var_declaration")
_JAVA_STATEMENTS = frozenset(
    """
    assignment_expression method_invocation object_creation_expression switch_expression
    update_expression
    """.split()
)
_CSS_TOKEN = re.compile(
    r"""
      /\*.*?\*/ | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | url\([^"')]*\) | \\.
    | (?P<unclosed>["'])
    """,
    re.VERBOSE | re.DOTALL,
)
_CSS_HOLDS_ANYTHING = re.compile(
    r"""/\*.*?\*/|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\([^()]*\)""", re.DOTALL
)
_EXEC_FORMS = frozenset({"cmd_instruction", "entrypoint_instruction", "shell_instruction"})


def tolerated(language: str, code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """Yield what is wrong in code that its grammar takes as it is."""
    if language in _TOLERATED:
        yield from _TOLERATED[language](code, tree)


def _named(tree: tree_sitter.Tree, *kinds: str) -> Iterator[tree_sitter.Node]:
    """Yield the nodes of some kinds, in the order of their places."""
    cursor = tree.walk()
    while True:
        if cursor.node is not None and cursor.node.type in kinds:
            yield cursor.node
        if cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return


def _text(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode()


def _at(
    code: str, node: tree_sitter.Node, message: str, hint: str | None = None, skip: int = 0
) -> SyntaxProblem:
    """Return a problem `skip` characters into a node."""
    offset = len(code.encode()[: node.start_byte].decode())
    return at_offset(code, offset + skip, message, hint)


def _bash(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """A prompt parses as a command named `$`, and so does a closing word that closes nothing."""
    if code.startswith("$ "):
        hint = "leave it out so that the command can be copied, or use `console`"
        yield at_offset(code, 0, "a prompt is not part of the command", hint)
    for node in _named(tree, "command_name"):
        if _text(node) in _RESERVED:
            hint = "nothing is open here that it belongs to"
            yield _at(code, node, f"unexpected `{_text(node)}`", hint)
            return


def _css(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """A lone quote parses as part of a value, and so does the next declaration."""
    for match in _CSS_TOKEN.finditer(code):
        if match["unclosed"]:
            yield at_offset(code, match.start(), "the string is never closed")
            return
    for node in _named(tree, "declaration"):
        text = _text(node)
        # What may hold a colon of its own, blanked out; the value of `--name` may hold anything.
        shown = _CSS_HOLDS_ANYTHING.sub(lambda match: " " * len(match.group()), text)
        first = shown.find(":")
        colon = shown.find(":", first + 1)
        if colon > 0 and not text.startswith("--"):
            begin = shown.rfind("\n", 0, colon) if "\n" in shown[first:colon] else -1
            end = len(shown[:begin].rstrip()) if begin > 0 else colon
            message = "`;` is missing" if begin > 0 else "a second `:` in one declaration"
            yield _at(code, node, message, "each declaration ends with `;`", end)
            return


def _dockerfile(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """A list that is not JSON runs as a shell command, brackets and all."""
    for node in _named(tree, *_EXEC_FORMS):
        name, _, arguments = _text(node).partition(" ")
        arguments = arguments.strip()
        if not arguments.startswith("[") and not arguments.endswith('"]'):
            continue
        try:
            words = json.loads(re.sub(r"\\\n", " ", arguments))
        except ValueError:
            words = None
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            message = f"the list after `{name}` is not JSON"
            yield _at(code, node, message, 'write it as `["command", "argument"]`')
            return


def _go(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """A file with a package clause holds declarations only; the grammar takes statements too."""
    nodes = tree.root_node.named_children
    if not any(node.type == "package_clause" for node in nodes):
        return
    for node in nodes:
        if node.type.endswith(_GO_STATEMENTS):
            hint = "leave out the package clause if this is a fragment"
            yield _at(code, node, "a statement outside a function", hint)


def _hcl(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """Line breaks are white space to the grammar; HCL ends strings, arguments and blocks there."""
    for node in _named(tree, "template_literal"):
        if "\n" in _text(node) and (start := _quote_of(node)) is not None:
            yield _at(code, start, "the string is never closed")
            return
    for body in _named(tree, "body", "object"):
        lines: dict[str, int] = {}
        for node, following in zip(body.children, [*body.children[1:], None], strict=True):
            both = {node.type, following.type} if following is not None else set()
            if both and both <= {"attribute", "block", "object_elem"}:
                assert following is not None
                if node.end_point.row == following.start_point.row:
                    message = f"a line break is missing before {quoted(_text(following))}"
                    yield _at(code, following, message)
                    return
            if node.type == "attribute":
                name = _text(node.children[0])
                if name in lines:
                    message = f"the argument `{name}` is set twice"
                    yield _at(code, node, message, f"first on line {lines[name]}")
                    return
                lines[name] = node.start_point.row + 1


def _quote_of(node: tree_sitter.Node) -> tree_sitter.Node | None:
    """Return the string that a literal belongs to; None for a heredoc, which has lines."""
    parent = node.parent
    while parent is not None and parent.type not in ("heredoc_template", "body"):
        if parent.type in ("quoted_template", "string_lit"):
            return parent
        parent = parent.parent
    return None


def _java(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """Only some expressions are statements; the grammar takes any, a comparison for example."""
    for node in _named(tree, "expression_statement"):
        expression, parent = node.named_child(0), node.parent
        if parent is not None and parent.type == "switch_rule":
            continue  # `default -> text;` is the value of a switch
        if expression is not None and expression.type not in _JAVA_STATEMENTS:
            yield _at(code, node, f"{quoted(_text(node))} is not a statement")
            return


def _javascript(code: str, tree: tree_sitter.Tree) -> Iterator[SyntaxProblem]:
    """A regular expression is part of the program that must parse."""
    for node in _named(tree, "regex"):
        # Loaded only for programs that hold one.
        from guide.languages import regex

        for problem in regex.verify("regex", _text(node)):
            yield _at(code, node, problem.message, problem.hint, problem.column - 1)
            return


_TOLERATED: Mapping[str, Callable[[str, tree_sitter.Tree], Iterator[SyntaxProblem]]] = {
    "bash": _bash,
    "css": _css,
    "dockerfile": _dockerfile,
    "go": _go,
    "hcl": _hcl,
    "java": _java,
    "javascript": _javascript,
    "typescript": _javascript,
}
