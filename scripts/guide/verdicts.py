"""Nothing is published whose examples were not run as they are."""

from __future__ import annotations

from guide.checks import Finding
from guide.library import Library
from guide.library.examples import LANGUAGE_NAMES

RULE = "example-verified"


def check_verified(library: Library) -> list[Finding]:
    """One finding for each program that changed since its last run, or never had one."""
    return [
        Finding(
            f"docs/{example.program(language)}",
            1,
            1,
            RULE,
            _message(language in example.recorded.languages, LANGUAGE_NAMES[language]),
            f"run `guide examples --update docs/{example.folder}` and commit what it writes",
        )
        for example in library.examples
        for language in example.about.languages
        if example.verdict(language) is None
    ]


def _message(was_run: bool, language: str) -> str:
    if was_run:
        return f"the example changed since its {language} was last run"
    return f"the example's {language} was never run"
