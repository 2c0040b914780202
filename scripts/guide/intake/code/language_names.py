"""What documents call the languages of their code blocks, beyond the names that fences may use."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guide.languages import canonical

_DECORATION = re.compile(r"^(?:\{?\s*\.|(?:lang|language)-|highlight-(?:source-)?|brush:\s*)|\}$")
_ALIASES: Mapping[str, str] = {
    "ascii": "text",
    "curl": "bash",
    "cypher shell": "console",
    "dockerfile compose": "yaml",
    "docker-compose": "yaml",
    "ecmascript": "javascript",
    "grpc": "protobuf",
    "helm": "yaml",
    "http request": "http",
    "http response": "http",
    "ipython": "python",
    "javascriptreact": "javascript",
    "json5": "json",
    "jsonc": "json",
    "json-ld": "json",
    "jsonld": "json",
    "k8s": "yaml",
    "kubernetes": "yaml",
    "ksh": "bash",
    "log": "output",
    "logs": "output",
    "mariadb": "sql",
    "mysql": "sql",
    "nginx conf": "nginx",
    "no-highlight": "text",
    "nohighlight": "text",
    "node.js": "javascript",
    "nodejs": "javascript",
    "none": "text",
    "oracle": "sql",
    "plain text": "text",
    "plsql": "sql",
    "pom": "xml",
    "protocol buffers": "protobuf",
    "pseudo": "text",
    "pseudocode": "text",
    "py2": "python",
    "pycon": "console",
    "redis cli": "redis",
    "shell script": "bash",
    "shellscript": "bash",
    "soap": "xml",
    "sqlite": "sql",
    "stdout": "output",
    "t-sql": "sql",
    "tree": "text",
    "tsql": "sql",
    "tsx": "typescript",
    "xhtml": "html",
    "zsh": "bash",
}
"""Names of languages that the guide knows by another name."""
_FOREIGN_TITLES: Mapping[str, str] = {
    "Assembly": "asm assembly assembler nasm x86asm",
    "AsciiDoc": "asciidoc adoc",
    "Batch": "bat batch cmd dos",
    "C": "c h",
    "C#": "c# cs csharp c-sharp dotnet",
    "C++": "c++ cpp cc cxx hpp cplusplus",
    "Clojure": "clojure clj",
    "Cypher": "cypher",
    "Dart": "dart flutter",
    "diff": "diff patch udiff",
    "Elixir": "elixir ex exs",
    "environment file": "env dotenv",
    "Erlang": "erlang erl",
    "F#": "f# fs fsharp",
    "Gherkin": "gherkin feature cucumber",
    "Groovy": "groovy gradle jenkinsfile",
    "Haskell": "haskell hs",
    "INI": "ini cfg conf properties",
    "Julia": "julia jl",
    "Kotlin": "kotlin kt kts",
    "LaTeX": "latex tex math",
    "Less": "less",
    "Makefile": "makefile make mk",
    "Objective-C": "objective-c objectivec objc",
    "OCaml": "ocaml ml",
    "Perl": "perl pl",
    "PHP": "php php5 php7 php8",
    "PlantUML": "plantuml puml uml",
    "PowerShell": "powershell ps1 ps pwsh posh",
    "PromQL": "promql",
    "Prolog": "prolog",
    "R": "r rlang",
    "Rego": "rego",
    "Ruby": "ruby rb erb",
    "Rust": "rust rs",
    "Sass": "sass scss",
    "Scala": "scala sc",
    "Solidity": "solidity sol",
    "Svelte": "svelte",
    "Swift": "swift",
    "Thrift": "thrift",
    "Vim script": "vim viml",
    "Visual Basic": "vb vbnet vb.net vba vbscript",
    "Vue": "vue",
    "Zig": "zig",
}
_FOREIGN = {name: title for title, names in _FOREIGN_TITLES.items() for name in names.split()}


def named_language(label: str) -> str | None:
    """Return the canonical name of the language that a label means; None if there is none."""
    name = _plain(label)
    return canonical(name) or _ALIASES.get(name)


def foreign_language(label: str) -> str | None:
    """Return the title of the language that a label means and that the guide does not know."""
    return _FOREIGN.get(_plain(label))


def _plain(label: str) -> str:
    name = " ".join(label.lower().split())
    while (shorter := _DECORATION.sub("", name).strip()) != name:
        name = shorter
    return name
