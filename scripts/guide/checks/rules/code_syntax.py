"""Every fence parses in its language, whole or as an honest fragment."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.checks.syntax import syntax_problems
from guide.languages import canonical, language_of
from guide.library import Page
from guide.library.examples import example_of
from guide.library.page import PageReader


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report syntax errors at their place in the page; for included code, at the include."""
    for fence in page.fences:
        language = canonical(fence.language)
        if language is None or not fence.code.strip():
            continue
        is_script = example_of(fence.included_from) is not None
        # Then the rule about examples parses the whole file.
        is_part = is_script and language_of(fence.included_from) in (language, "yaml")
        for problem in syntax_problems(
            reader.memo, language, fence.code, is_script=is_script, is_part=is_part
        ):
            line = fence.code_line + problem.line - 1
            column = fence.column + problem.column - 1
            where = ""
            if fence.included_from:
                line, column = fence.code_line, fence.column
                where = f"{fence.included_from}, line {problem.line} of the part shown: "
            message = f"{where}not valid {language}: {problem.message}"
            yield Finding(page.file, line, column, RULE.id, message, problem.hint or "")


RULE = PageRule("code-syntax", "shows only code that parses", check)
