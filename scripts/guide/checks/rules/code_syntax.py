"""Every fence parses in its language, whole or as an honest fragment."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.languages import canonical, verify
from guide.library import Library


def check(library: Library) -> Iterator[Finding]:
    """Report syntax errors at their place in the page, or in the file that was included."""
    for page in library.pages.values():
        for fence in page.fences:
            language = canonical(fence.language)
            unresolved = fence.included_from and not fence.code
            if language is None or unresolved:
                continue
            for problem in verify(language, fence.code):
                if fence.included_from:
                    line, column = fence.code_line, fence.column
                    message = f"{fence.included_from}, line {problem.line} of the part shown: "
                else:
                    line = fence.code_line + problem.line - 1
                    column = fence.column + problem.column - 1
                    message = ""
                yield Finding(
                    page.file,
                    line,
                    column,
                    RULE.id,
                    f"{message}not valid {language}: {problem.message}",
                    problem.hint or "",
                )


RULE = Rule("code-syntax", "shows only code that parses", check, needs_data=False)
