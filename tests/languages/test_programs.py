"""Programs: the place that a compiler would name, and a message that says what to do."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

WHOLE_OR_FRAGMENT = [
    ("python", "async with pool.acquire() as link:\n    return await link.fetch(query)"),
    ("python", "for row in rows:\n    yield row\nreturn 1"),
    ("python", "    def method(self) -> None:\n        ..."),
    ("go", "type Order struct {\n\tID string\n}\n\nfunc (o Order) Total() int { return 0 }"),
    ("go", "defer rows.Close()\nfor rows.Next() {\n\tcount++\n}"),
    ("go", 'package main\n\nimport "fmt"\n\n// A comment.\nfunc main() { fmt.Println(x) }'),
    ("javascript", "const response = await fetch(url);\nreturn response.json();"),
    ("javascript", "{ status: 'paid', \"total\": 3 }"),
    ("javascript", "async get(id) {\n  return this.#orders.get(id);\n}"),
    ("typescript", "interface Order { id: string; total?: number }"),
    ("java", "Order(String id) {\n  this.id = id;\n}"),
    ("java", "@Override\npublic String toString() { return id; }"),
    ("java", "var order = new Order();\nSystem.out.println(order);"),
    ("bash", 'case $1 in\n  a) echo "${A:-b}" ;;\nesac'),
    ("bash", "cat <<'EOF' | psql\nSELECT 1;\nEOF"),
    ("lua", 'local n = redis.call("INCR", KEYS[1])\nreturn n'),
    ("css", "@media (min-width: 40rem) { a { color: var(--accent) } }"),
    ("dockerfile", 'FROM a AS build\nRUN --mount=type=cache,target=/c \\\n  make\nCMD ["a"]'),
    ("dockerfile", "COPY --from=build /a /b"),
    ("dockerfile", 'CMD ["a", \\\n  "b"]\nRUN [ -f a ] && b'),
    ("css", "/* it's */ a { background: url(data:b); --c: d: e; f: 'g:h' }"),
    ("bash", "for a in b; do echo done; done"),
    ("java", "int f(int x) {\n  return switch (x) {\n    case 1 -> x;\n    default -> 0;\n  };\n}"),
    ("java", "x = y > z ? 1 : 2;\ni++;\nnew Order(id);\nRunnable r = () -> f();"),
    ("javascript", "const parts = text.match(/(?<year>\\d{4})[/\\]]/u);"),
    (
        "hcl",
        'resource "aws_instance" "api" {\n  count = 2\n  tags  = { Name = "a-${count.index}" }\n}',
    ),
    ("terraform", 'dynamic "x" {\n  for_each = var.a ? [1] : []\n  content { y = x.value }\n}'),
    ("tf", 'a = [for k, v in var.b : upper(k) if v != ""]\nc = <<-EOT\n  ${var.d}\nEOT'),
    ("python", "match = re.search('\\d', text) is None\nx = 1 is 1"),
]

BROKEN = [
    ("python", "x = 'é' +\n", SyntaxProblem(1, 10, "invalid syntax")),
    ("python", "def f():\n    x = (1,\n", SyntaxProblem(2, 9, "'(' was never closed")),
    ("python", "  a = 1\n  b = = 2", SyntaxProblem(2, 7, "invalid syntax")),
    ("python", "return 1\nbreak", SyntaxProblem(2, 1, "'break' outside loop")),
    ("python", "x = 1\n  y = 2", SyntaxProblem(2, 3, "unexpected indent")),
    (
        "python",
        ">>> 1\n1",
        SyntaxProblem(1, 1, "invalid syntax", "a session with prompts and output is `console`"),
    ),
    (
        "go",
        "func f() int {\n\treturn 1\n",
        SyntaxProblem(2, 10, "`}` is missing", "`{` on line 1 is not closed"),
    ),
    (
        "go",
        "for i := range 3 {\n\tf(\n}",
        SyntaxProblem(3, 1, "`)` is missing", "`(` on line 2 is not closed"),
    ),
    ("go", 'x := 1\nf("é)\n', SyntaxProblem(2, 3, "the string is never closed")),
    (
        "go",
        "package main\n\nfun main() {}",
        SyntaxProblem(3, 5, "unexpected `main`", "did you mean `func`?"),
    ),
    (
        "go",
        "package main\n\nx := 1",
        SyntaxProblem(
            3,
            1,
            "a statement outside a function",
            "leave out the package clause if this is a fragment",
        ),
    ),
    (
        "go",
        "if err != nil {\n\t...\n}",
        SyntaxProblem(2, 2, "unexpected `...`", "write the omission as a comment"),
    ),
    ("java", "void f() { int x = 1 }", SyntaxProblem(1, 21, "`;` is missing")),
    ("java", "Order(int x) { this.x = x }", SyntaxProblem(1, 26, "`;` is missing")),
    (
        "java",
        "class A {\n  pubic void f() {}\n}",
        SyntaxProblem(2, 14, "unexpected `f`", "did you mean `public`?"),
    ),
    ("java", 'String s = "abc;\nint x = 1;', SyntaxProblem(1, 12, "the string is never closed")),
    ("javascript", "const é = 'ü' + ;", SyntaxProblem(1, 17, "unexpected `;`")),
    ("javascript", "f(a, b;", SyntaxProblem(1, 7, "`)` is missing")),
    ("javascript", "const s = `abc;\nf();", SyntaxProblem(1, 11, "the string is never closed")),
    ("javascript", "retrun x;", SyntaxProblem(1, 8, "unexpected `x`", "did you mean `return`?")),
    (
        "javascript",
        "const x = { ... };",
        SyntaxProblem(1, 13, "unexpected `...`", "write the omission as a comment"),
    ),
    (
        "javascript",
        "}",
        SyntaxProblem(1, 1, "unexpected `}`", "nothing is open here that it could close"),
    ),
    ("typescript", "const a: = 1", SyntaxProblem(1, 10, "unexpected `=`")),
    ("bash", "if true; then\n  echo a\n", SyntaxProblem(2, 9, "`fi` is missing")),
    ("bash", "echo 'abc\nfoo", SyntaxProblem(1, 6, "the string is never closed")),
    (
        "bash",
        "$ ls",
        SyntaxProblem(
            1,
            1,
            "a prompt is not part of the command",
            "leave it out so that the command can be copied, or use `console`",
        ),
    ),
    ("lua", "if x then return 1", SyntaxProblem(1, 19, "`end` is missing")),
    (
        "css",
        "a {\n  color: red;",
        SyntaxProblem(2, 14, "`}` is missing", "`{` on line 1 is not closed"),
    ),
    (
        "dockerfile",
        "FROM a\nCOPPY a b",
        SyntaxProblem(2, 1, "unexpected `COPPY`", "did you mean `COPY`?"),
    ),
    (
        "dockerfile",
        'FROM a\nCMD ["b", "c",]',
        SyntaxProblem(
            2, 1, "the list after `CMD` is not JSON", 'write it as `["command", "argument"]`'
        ),
    ),
    (
        "bash",
        "echo a; then\n  b\nfi",
        SyntaxProblem(1, 9, "unexpected `then`", "nothing is open here that it belongs to"),
    ),
    ("css", "a { content: b'; }", SyntaxProblem(1, 15, "the string is never closed")),
    (
        "css",
        "a {\n  color: red\n  margin: 0;\n}",
        SyntaxProblem(2, 13, "`;` is missing", "each declaration ends with `;`"),
    ),
    (
        "css",
        "a { color: red margin: 0 }",
        SyntaxProblem(1, 22, "a second `:` in one declaration", "each declaration ends with `;`"),
    ),
    ("java", "f();\na > b;", SyntaxProblem(2, 1, "`a > b;` is not a statement")),
    (
        "javascript",
        "x = /a(b/g;",
        SyntaxProblem(1, 7, "`)` is missing", "this `(` is never closed"),
    ),
    (
        "python",
        "  pairs = [\n    (1, 2)\n    (3, 4)]",
        SyntaxProblem(2, 5, "'tuple' object is not callable", "perhaps a comma is missing"),
    ),
    (
        "hcl",
        'resource "a" "b" {\n  count = [1, 2\n}',
        SyntaxProblem(3, 1, "`]` is missing", "`[` on line 2 is not closed"),
    ),
    (
        "hcl",
        'variable "a" {\n  type = string\n',
        SyntaxProblem(2, 16, "`}` is missing", "`{` on line 1 is not closed"),
    ),
    ("hcl", "type: string", SyntaxProblem(1, 5, "unexpected `:`")),
    (
        "hcl",
        'module "a" {\n  ...\n}',
        SyntaxProblem(2, 3, "unexpected `...`", "write the omission as a comment"),
    ),
    ("hcl", 'a = "b\nc"', SyntaxProblem(1, 5, "the string is never closed")),
    (
        "hcl",
        "a {\n  b = 1 c = 2\n}",
        SyntaxProblem(2, 9, "a line break is missing before `c = 2`"),
    ),
    (
        "hcl",
        "a {\n  b = 1\n  c {\n    b = 2\n  }\n  b = 3\n}",
        SyntaxProblem(6, 3, "the argument `b` is set twice", "first on line 2"),
    ),
    ("hcl", 'a = "b', SyntaxProblem(1, 5, "the string is never closed")),
    ("dockerfile", "FROM\nRUN x", SyntaxProblem(1, 5, "the line ends too early")),
]


@pytest.mark.parametrize(("language", "code"), WHOLE_OR_FRAGMENT)
def test_whole_programs_and_honest_fragments_pass(language: str, code: str) -> None:
    assert verify(language, code) == ()


@pytest.mark.parametrize(("language", "code", "problem"), BROKEN)
def test_a_mistake_is_named_where_a_compiler_would(
    language: str, code: str, problem: SyntaxProblem
) -> None:
    assert verify(language, code) == (problem,)


@pytest.mark.parametrize(
    ("language", "code"),
    [("javascript", "a) + (b"), ("java", "} class B {"), ("javascript", "f() {} } class B {")],
)
def test_a_fragment_cannot_close_the_wrapper_it_is_read_in(language: str, code: str) -> None:
    assert verify(language, code) != ()
