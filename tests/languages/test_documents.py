"""SQL, GraphQL, Protocol Buffers, nginx and markup."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

GOOD = [
    ("sql", "INSERT INTO t (a) VALUES ($1) ON CONFLICT (a) DO NOTHING RETURNING *;"),
    ("sql", "BEGIN;\nSELECT * FROM jobs FOR UPDATE SKIP LOCKED LIMIT 1;\nCOMMIT;"),
    ("sql", "CREATE POLICY p ON t USING (tenant_id = current_setting('app.tenant')::uuid);"),
    ("sql", "EXPLAIN (ANALYZE, BUFFERS) SELECT 1"),
    ("graphql", "type Query { order(id: ID!): Order }\n\nextend type Order { total: Int! }"),
    ("protobuf", "string id = 1;\nrepeated int64 amounts = 2;"),
    ("protobuf", "rpc Watch(WatchRequest) returns (stream Order);"),
    ("nginx", "location /api/ {\n  proxy_pass http://api;\n}"),
    ("nginx", "limit_req_zone $binary_remote_addr zone=a:10m rate=5r/s;"),
    ("nginx", 'map $a $b {\n  default 0;\n  "~^x{2}$" 1;\n}'),
    ("nginx", "events { worker_connections 1024; }\nhttp { include mime.types; }"),
    ("html", "<ul><li>a<li>b</ul><script>if (a < b) {}</script>"),
    ("html", '<svg viewBox="0 0 1 1"><path d="M0 0"/></svg>'),
    ("html", "<p title='a>b' data-x=\"it's\">1 < 2 -> 3 &lt;/p></p><!-- a -->"),
    ("xml", '<?xml version="1.0"?>\n<a xmlns:b="urn:c"><b:d/></a>'),
]

BROKEN = [
    ("sql", "SELECT 1;\nSELEC 2;", SyntaxProblem(2, 1, "unexpected `SELEC`")),
    (
        "sql",
        "SELECT é, FROM t",
        SyntaxProblem(1, 11, "unexpected `FROM`", "remove the comma before it"),
    ),
    (
        "sql",
        "CREATE TABLE t (\n  a int,\n)",
        SyntaxProblem(3, 1, "unexpected `)`", "remove the comma before it"),
    ),
    (
        "sql",
        "SELECT a FROM t WHERE b = :b",
        SyntaxProblem(1, 27, "unexpected `:`", "a parameter is written `$1`"),
    ),
    ("sql", "SELECT 'abc", SyntaxProblem(1, 8, "unterminated quoted string: `'abc`")),
    ("sql", "SELECT (1\n", SyntaxProblem(1, 10, "the statement ends too early")),
    (
        "sql",
        "SELECT ... FROM t",
        SyntaxProblem(1, 8, "unexpected `...`", "write the omission as a comment: `-- ...`"),
    ),
    ("graphql", "{ order(id: ) }", SyntaxProblem(1, 13, "unexpected ')'")),
    (
        "graphql",
        "{ order { ... } }",
        SyntaxProblem(1, 11, "unexpected `...`", "write the omission as a comment: `# ...`"),
    ),
    (
        "protobuf",
        "message A {\n  string id = 1\n}",
        SyntaxProblem(3, 1, "unexpected `}`, expected `;` or `[`"),
    ),
    (
        "protobuf",
        "string id = 1",
        SyntaxProblem(1, 14, "the definition ends too early, expected `;` or `[`"),
    ),
    ("protobuf", "} message B {", SyntaxProblem(1, 1, "unexpected `}`")),
    (
        "nginx",
        "server {\n  listen 80\n  server_name a;\n}",
        SyntaxProblem(2, 12, "`;` is missing after `listen`"),
    ),
    (
        "nginx",
        "http {\n  server {\n    listen 80;\n  }\n",
        SyntaxProblem(4, 4, "`}` is missing", "`http` on line 1 is not closed"),
    ),
    ("nginx", "a b;\n}", SyntaxProblem(2, 1, "unexpected `}`", "no block is open here")),
    (
        "nginx",
        "server { listen; }",
        SyntaxProblem(1, 10, "invalid number of arguments in `listen` directive"),
    ),
    ("html", "<div>\n<b>x</div>", SyntaxProblem(2, 5, "`</b>` is missing before `</div>`")),
    ("html", "<p>é</i>", SyntaxProblem(1, 5, "`</i>` closes nothing that is open")),
    ("html", "a\n<div>", SyntaxProblem(2, 1, "`<div>` is never closed")),
    (
        "html",
        "<div/>",
        SyntaxProblem(1, 1, "`<div/>` does not close the element", "write `<div></div>`"),
    ),
    ("html", "<p>a\n<b>c</b>/p>", SyntaxProblem(2, 9, "`<` is missing before `/p>`")),
    ("html", "!-- a -->", SyntaxProblem(1, 1, "`<` is missing before `!--`")),
    (
        "html",
        "<! a -->",
        SyntaxProblem(1, 1, "a comment begins with `<!--` and ends with `-->`"),
    ),
    ("html", '<a href="b>c</a> "', SyntaxProblem(1, 1, "this tag is never finished")),
    ("html", "<a href=b'>c</a>", SyntaxProblem(1, 1, "a quote or `>` is missing in this tag")),
    ("html", "<p>a</p\n<b>c</b>", SyntaxProblem(1, 5, "`>` is missing in this tag")),
    ("xml", "<a>é<b></a>", SyntaxProblem(1, 10, "mismatched tag")),
]


@pytest.mark.parametrize(("language", "code"), GOOD)
def test_what_the_real_parser_takes_passes(language: str, code: str) -> None:
    assert verify(language, code) == ()


@pytest.mark.parametrize(("language", "code", "problem"), BROKEN)
def test_a_mistake_is_named_and_placed(language: str, code: str, problem: SyntaxProblem) -> None:
    assert verify(language, code) == (problem,)
