"""Reporters turn a report into text; the caller prints it."""

from collections.abc import Callable, Mapping

from guide.checks.report import Report
from guide.checks.reporters import github, json_document, text


def _sarif(report: Report) -> str:
    from guide.checks.reporters import sarif  # its model is slow to load and seldom asked for

    return sarif.render(report)


REPORTERS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "github": github.render,
    "json": json_document.render,
    "sarif": _sarif,
}
