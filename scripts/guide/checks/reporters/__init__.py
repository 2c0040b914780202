"""Reporters turn a report into text; the caller prints it."""

from collections.abc import Callable, Mapping

from guide.checks.reporters import github, json_document, text
from guide.checks.runner import Report

REPORTERS: Mapping[str, Callable[[Report], str]] = {
    "text": text.render,
    "github": github.render,
    "json": json_document.render,
}
