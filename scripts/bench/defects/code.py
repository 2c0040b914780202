"""Code that no longer parses, in example files and in fences."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Callable, Iterator

from defects.registry import Inject, defect
from defects.tree import Injection, NoPlaceError, Page, Tree, choose, insert_block

FAMILY = "code"
_PLAIN = re.compile(r"^[^\"'`#/\\]*$")
"""A line without strings, comments and regular expressions: its brackets count."""

BROKEN: dict[str, tuple[tuple[str, ...], ...]] = {
    "python": (
        ("def total(prices:", "    return sum(prices)"),
        ("def total(prices)", "    return sum(prices)"),
        ('print("total: 3)',),
        ("for price in prices:", "print(price)"),
    ),
    "go": (
        ("func total(prices []int) int {", "\treturn len(prices)"),
        ("func total(prices []int int {", "\treturn len(prices)", "}"),
        ('func main() { fmt.Println("total) }',),
    ),
    "javascript": (
        ("const total = prices.reduce((a, b) => a + b;",),
        ("function total(prices) {", "  return prices.length;"),
        ('console.log("total);',),
    ),
    "sql": (
        ("SELECT id, total FROM orders WHERE (total > 10;",),
        ("SELECT id, total FORM orders;",),
        ("INSERT INTO orders (id, note) VALUES (1, 'late);",),
        ("CREATE TABLE orders (id bigint PRIMARY KEY, total numeric NOT NULL;",),
    ),
    "json": (
        ('{"id": 42, "total": 3',),
        ('{"id": 42, "total": 3,}',),
        ('{"id": 42 "total": 3}',),
        ('{id: 42, "total": 3}',),
    ),
    "yaml": (
        ("services:", "  api:", '    image: "shop/api:1.2', "    ports: [8080]"),
        ("services:", "  api:", "   image: shop/api", "    ports: [8080]"),
        ("ports: [8080, 9090", "name: api"),
        ("name api", "ports: [8080]"),
    ),
    "http": (
        ("GET /orders/42", "Host: api.shop.test"),
        ("GET /orders/42 HTTP/1.1", "Host api.shop.test", ""),
        ("GET /orders/42 HTTP/1.1", "Accept : text/plain", "Host: api.shop.test", ""),
        ("HTTP/1.1 2000 OK", "Content-Length: 0", ""),
    ),
    "mermaid": (
        (
            "flowchart LR",
            "  accTitle: Two steps",
            "  accDescr: A leads to B.",
            "  A[One --> B[Two]",
        ),
        (
            "flowchart LR",
            "  accTitle: Two steps",
            "  accDescr: A leads to B.",
            "  A[One] -> B[Two]",
        ),
        (
            "flowchrt LR",
            "  accTitle: Two steps",
            "  accDescr: A leads to B.",
            "  A[One] --> B[Two]",
        ),
        ("sequenceDiagram", "  accTitle: A call", "  accDescr: A calls B.", "  A->B Hello"),
    ),
    "bash": (('curl -H "Accept: text/plain https://api.shop.test/',), ("if true; then echo yes",)),
    "toml": (("[server", "port = 8080"), ("[server]", "port = ")),
    "graphql": (("query { order(id: 42) { total }",),),
    "dockerfile": (("FORM python:3.11", "COPY . /app"),),
    "nginx": (("server {", "  listen 80", "}"),),
}


def _fence(language: str, variants: tuple[tuple[str, ...], ...]) -> Inject:
    def inject(rng: random.Random, tree: Tree) -> Injection:
        lines = rng.choice(variants)
        made = insert_block(rng, tree.topics, f"```{language}", *lines, "```", at=1)
        rest = tuple((made.file, made.line + extra) for extra in range(1, len(lines)))
        return Injection(made.file, made.text, made.line, lines[0], rest)

    return inject


for _language, _variants in BROKEN.items():
    defect(FAMILY, f"code-{_language}-fence")(_fence(_language, _variants))


@defect(FAMILY, "code-python-file")
def python_file(rng: random.Random, tree: Tree) -> Injection:
    """A bracket, quote or colon is lost in a Python example."""
    return _in_file(rng, tree, ".py", "()[]{}:\"'", _is_no_python)


@defect(FAMILY, "code-go-file")
def go_file(rng: random.Random, tree: Tree) -> Injection:
    """A bracket is lost in a Go example."""
    return _in_file(rng, tree, ".go", "()[]{}", None)


@defect(FAMILY, "code-javascript-file")
def javascript_file(rng: random.Random, tree: Tree) -> Injection:
    """A bracket is lost in a JavaScript example."""
    return _in_file(rng, tree, ".mjs", "()[]{}", None)


@defect(FAMILY, "code-http-file")
def http_file(rng: random.Random, tree: Tree) -> Injection:
    """A header of an HTTP example loses its colon."""

    def spots(page: Page) -> list[int]:
        return [row for row, line in enumerate(page.lines) if re.match(r"[A-Z][\w-]+: ", line)]

    page, row = choose(rng, _files(tree, ".http"), spots)
    line = page.lines[row].replace(":", "", 1)
    return Injection(page.file, page.edited(row, line), row + 1, line, _including(tree, page.file))


@defect(FAMILY, "code-mermaid-bracket")
def mermaid_bracket(rng: random.Random, tree: Tree) -> Injection:
    """A node of a diagram loses its closing bracket."""

    def spots(page: Page) -> list[tuple[int, int]]:
        found = []
        for start, end in page.fences():
            if page.lines[start].strip() == "```mermaid" and "flowchart" in page.lines[start + 1]:
                for row in range(start + 2, end):
                    line = page.lines[row]
                    if "acc" not in line and line.count("]") == line.count("[") == 1:
                        found.append((row, line.index("]")))
        return found

    page, (row, column) = choose(rng, tree.topics, spots)
    line = page.lines[row][:column] + page.lines[row][column + 1 :]
    return Injection(page.file, page.edited(row, line), row + 1, line.strip())


@defect(FAMILY, "code-mermaid-arrow")
def mermaid_arrow(rng: random.Random, tree: Tree) -> Injection:
    """An arrow of a sequence diagram loses its colon."""

    def spots(page: Page) -> list[tuple[int, re.Match[str]]]:
        return page.find(r"^\s+\w+-+>>\w+: ", "code")

    page, (row, _) = choose(rng, tree.topics, spots)
    line = page.lines[row].replace(":", "", 1)
    return Injection(page.file, page.edited(row, line), row + 1, line.strip())


def _in_file(
    rng: random.Random,
    tree: Tree,
    suffix: str,
    characters: str,
    broken: Callable[[str], bool] | None,
) -> Injection:
    def spots(page: Page) -> list[tuple[int, int]]:
        return [
            (row, column)
            for row in _shown(page)
            for column, character in enumerate(page.lines[row])
            if character in characters and (broken or _PLAIN.match(page.lines[row]))
        ]

    for _ in range(100):
        page, (row, column) = choose(rng, _files(tree, suffix), spots)
        line = page.lines[row][:column] + page.lines[row][column + 1 :]
        text = page.edited(row, line)
        if broken is None or broken(text):
            about = f"without `{page.lines[row][column]}`: {line.strip()}"
            return Injection(page.file, text, row + 1, about, _including(tree, page.file))
    raise NoPlaceError(f"no {suffix} file breaks")


def _shown(page: Page) -> Iterator[int]:
    """Lines between the section markers: what a page includes."""
    inside = False
    for row, line in enumerate(page.lines):
        if "--8<-- [" in line:
            inside = "[start:" in line
        elif inside:
            yield row


def _is_no_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return True
    return False


def _files(tree: Tree, suffix: str) -> list[Page]:
    return [
        Page.of(name, text)
        for name, text in tree.texts.items()
        if name.endswith(suffix) and "/code/" in name
    ]


def _including(tree: Tree, file: str) -> tuple[tuple[str, int], ...]:
    return tree.mentions(f'"{file.removeprefix("docs/")}')
