"""One bracket, quote or closing word less is noticed in every language."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from guide.languages import LANGUAGES, verify


@dataclass(frozen=True, slots=True)
class Sample:
    """Valid code, and what each piece of it is that must not be missing."""

    language: str
    code: str
    pieces: str
    """A pattern: each match of it is deleted in turn."""
    harmless: tuple[str, ...] = ()
    """Lines that stay valid without a piece, as they then are."""


BRACKETS = r"[(){}\[\]\"'`]"
SAMPLES = [
    Sample(
        "bash",
        'if [ -f "$1" ]; then\n  for name in a b; do\n    echo "$(cat \'$name\')"\n  done\nfi',
        rf"{BRACKETS}|\b(?:if|then|do|done|fi)\b",
        harmless=(
            'if  -f "$1" ]; then',
            "echo \"$cat '$name')\"",
        ),
    ),
    Sample(
        "bash",
        "load() {\n  case $1 in\n    a) echo ${A:-b} ;;\n  esac\n}\nwhile [[ $x ]]; do\n"
        "  cat <<EOF\n$x\nEOF\ndone",
        rf"{BRACKETS}|\b(?:case|esac|do|done)\b|(?<=\n)EOF",
        harmless=("a) echo $A:-b} ;;",),
    ),
    Sample("css", 'a[href^="x"]:not(.b) {\n  color: rgb(0 0 0);\n}\n', BRACKETS),
    Sample(
        "css",
        "@media (min-width: 4rem) {\n  a::before { content: 'a'; color: red }\n}\n",
        r"[(){}';:]",
        harmless=(
            "a:before { content: 'a'; color: red }",
            "a:before { content: 'a'; color: red }",
        ),
    ),
    Sample(
        "dockerfile",
        'FROM alpine AS build\nRUN make "all"\nCOPY --from=build a b\nCMD ["a", "b"]',
        r"[\[\]\",]|\b[A-Z](?=[A-Z]+\b)",
    ),
    Sample(
        "dockerfile",
        "ARG A=1\nFROM alpine:${A}\nWORKDIR /a\nENV B='c d'\nEXPOSE 80\nENTRYPOINT [\"a\"]",
        r"[\[\]{}\"']|\b[A-Z](?=[A-Z]+\b)",
        harmless=("FROM alpine:$A}",),
    ),
    Sample(
        "go",
        "package main\n\nfunc sum(xs []int) (int, error) {\n\tfor _, x := range xs {\n"
        "\t\tprintln(\"a\", 'b', x, xs[0])\n\t}\n\treturn 0, nil\n}",
        BRACKETS,
    ),
    Sample(
        "go",
        'type A struct {\n\tB map[string]int `json:"b"`\n}\n\nfunc (a *A) C(f func(int) bool) {'
        '\n\tif f(1) {\n\t\ta.B = map[string]int{"a": 1}\n\t}\n}',
        BRACKETS,
        harmless=(
            'B map[string]int `json:b"`',
            'B map[string]int `json:"b`',
        ),
    ),
    Sample(
        "graphql", 'query A($id: ID!) {\n  order(id: $id, tags: ["a"]) { id }\n}', r"[(){}\[\]\":]"
    ),
    Sample(
        "graphql",
        '"""About"""\ntype Order @key(fields: "id") {\n  items: [Item!]!\n}',
        r"[(){}\[\]\":]",
    ),
    Sample(
        "hcl",
        'resource "a" "b" {\n  c = [1, { d = "e" }]\n  f = g(h[0], (i))\n}',
        rf"{BRACKETS}|=",
    ),
    Sample(
        "hcl",
        'a = "b-${c.d}"\ne = { for k, v in f : k => v }\ng {\n  h = <<EOT\ni\nEOT\n}',
        rf"{BRACKETS}|[=:]|(?<=\n)EOT",
        harmless=('a = "b-$c.d}"',),
    ),
    Sample(
        "html",
        '<div class="a">\n  <p>Text <b>bold</b></p>\n</div>',
        r"[<>/\"]",
        harmless=("<p>Text <b>bold</b><p>",),
    ),
    Sample(
        "html",
        "<!doctype html>\n<ul><li><a href='/a'>A</a></li></ul>\n<!-- note -->",
        r"[<>/']|--",
        harmless=(
            "<ul><li><a href='a'>A</a></li></ul>",
            "<ul><li><a href='/a'>A</a><li></ul>",
        ),
    ),
    Sample("http", "GET /a HTTP/1.1\nHost: shop.test\nAccept: */*", r"[:]|/(?=1)|HTTP|1\.1"),
    Sample(
        "http",
        'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"a": [1, 2]}',
        r"[:{}\[\]\",]|/(?=1)|HTTP|1\.1",
    ),
    Sample(
        "java",
        'class A {\n  int[] b = {1, 2};\n  void c(String d) {\n    if (d.equals("e")) {\n'
        "      f('g', b[0]);\n    }\n  }\n}",
        rf"{BRACKETS}|;",
    ),
    Sample(
        "java",
        "List<String> a = new ArrayList<>();\nfor (var b : a) {\n  c(b);\n}",
        rf"{BRACKETS}|[;<>]",
    ),
    Sample(
        "javascript",
        "function a(b) {\n  const c = [1, { d: 'e' }];\n  return `x${b(c)}`;\n}",
        BRACKETS,
        harmless=("return `x$b(c)}`;",),
    ),
    Sample(
        "javascript",
        'import { a } from "b";\n\nexport class C {\n  async d() {\n'
        "    if (await a()) { e(/f(g)/); }\n  }\n}",
        BRACKETS,
    ),
    Sample("json", '{\n  "a": [1, {"b": null}],\n  "c": "d"\n}', r"[{}\[\]\",:]"),
    Sample("json", '[[], {}, "e", 1.5, true]', r"[{}\[\]\"]"),
    Sample("jsonl", '{"a": [1]}\n{"b": "c"}', r"[{}\[\]\":]"),
    Sample("jsonl", '["a", {"b": 1}]\n[2]', r"[{}\[\]\":]"),
    Sample(
        "lua",
        'local function a(b)\n  if b then\n    return {["c"] = b[1]}\n  end\nend',
        rf"{BRACKETS}|\b(?:then|end)\b",
    ),
    Sample(
        "lua",
        "for i = 1, #KEYS do\n  while true do redis.call('DEL', KEYS[i]) end\nend",
        rf"{BRACKETS}|\b(?:do|end)\b",
    ),
    Sample(
        "nginx",
        'server {\n  listen 80;\n  location / {\n    return 200 "a";\n  }\n}',
        r"[{};\"]",
        harmless=('return 200 a";',),
    ),
    Sample(
        "nginx",
        "events { }\nhttp {\n  log_format a '$b';\n  server_tokens off;\n}",
        r"[{};']",
        harmless=("log_format a $b';",),
    ),
    Sample(
        "openapi",
        '{"openapi": "3.1.0", "info": {"title": "a", "version": "1"}, "paths": {}}',
        r"[{}\",:]",
    ),
    Sample(
        "openapi",
        "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {}",
        r"[{}',:]",
        harmless=("info: {title: a, version: 1'}",),
    ),
    Sample(
        "protobuf",
        'syntax = "proto3";\n\nmessage A {\n  string b = 1 [deprecated = true];\n}',
        r"[{}\[\]\";=]",
    ),
    Sample(
        "protobuf", "service A {\n  rpc B(C) returns (stream D);\n}\nenum E { F = 0; }", r"[(){};=]"
    ),
    Sample(
        "python", "def a(b: list[int]) -> dict:\n    return {\"c\": [f(b), 'd']}", rf"{BRACKETS}|:"
    ),
    Sample(
        "python",
        'class A:\n    """B."""\n\n    async def c(self) -> None:\n        x = (1, [2])',
        r'[()\[\]]|"""|:',
    ),
    Sample("redis", "SET a \"b c\"\nHSET d e 'f'", r"[\"']"),
    Sample("redis", '> EVAL "return 1" 0\n1\n> XADD s * a b', r"[\"]|EVAL|XADD"),
    Sample("regex", r"^(a|[b-c]+)\.(?:d{2})$", r"[()\[\]]", harmless=("^(a|b-c]+)\\.(?:d{2})$",)),
    Sample("regex", r"/^(?<n>[^/]+)\/x$/g", r"[()\[\]]", harmless=("/^(?<n>^/]+)\\/x$/g",)),
    Sample("sql", "SELECT a, (b + 1) FROM c WHERE d = 'e' AND f IN (1, 2);", r"[()']"),
    Sample(
        "sql",
        "CREATE TABLE a (\n  \"b\" int PRIMARY KEY,\n  c varchar(9) DEFAULT 'd'\n);",
        r"[()\"',]",
    ),
    Sample("toml", "[a]\nb = \"c\"\nd = [1, 2]\n\n[[e]]\nf = {g = 'h'}", r"[\[\]{}\"'=]"),
    Sample("toml", '[a."b"]\nc = """\nd\n"""', r'[\[\]=]|"""'),
    Sample(
        "typescript",
        "interface A<T> {\n  b: Array<T>;\n  c?(d: string[]): void;\n}",
        rf"{BRACKETS}|[<>]",
    ),
    Sample(
        "typescript",
        "const a = <T,>(b: T): { c: T } => ({ c: b });\nf<string>('d');",
        rf"{BRACKETS}|[<>]",
        harmless=(
            "fstring>('d');",
            "f<string('d');",
        ),
    ),
    Sample("xml", '<a b="c">\n  <d/>\n  <e>f</e>\n</a>', r"[<>/\"]", harmless=("d/>",)),
    Sample("xml", "<?xml version='1.0'?>\n<!-- n -->\n<a><![CDATA[b]]></a>", r"[<>'\[]|--"),
    Sample(
        "yaml",
        "a: [1, {b: \"c\"}]\nd:\n  - e\n  - 'f'",
        r"[\[\]{}\"']",
        harmless=(
            'a: [1, {b: c"}]',
            "- f'",
        ),
    ),
    Sample("yaml", "a: &b {c: 1}\nd: *b", r"[&{}]"),
    Sample(
        "github-workflow",
        "on: [push]\njobs:\n  a:\n    runs-on: b\n    steps: [{run: 'c'}]",
        r"[\[\]{}':]",
        harmless=("steps: [{run: c'}]",),
    ),
    Sample(
        "github-workflow",
        'on:\n  push:\n    branches: ["a"]\njobs:\n  b: {runs-on: c}',
        r"[\[\]{}\":]",
        harmless=('branches: [a"]',),
    ),
]


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda each: each.language)
def test_each_piece_is_needed(sample: Sample) -> None:
    assert verify(sample.language, sample.code) == ()

    unnoticed = []
    for piece in re.finditer(sample.pieces, sample.code):
        code = sample.code[: piece.start()] + sample.code[piece.end() :]
        if not verify(sample.language, code):
            line = code.count("\n", 0, piece.start())
            unnoticed.append(code.split("\n")[line].strip())

    assert tuple(unnoticed) == sample.harmless


def test_every_language_that_is_parsed_has_two_samples() -> None:
    counts = {
        name: sum(each.language == name for each in SAMPLES)
        for name, language in LANGUAGES.items()
        if not language.exempt
    }

    assert set(counts.values()) == {2}
