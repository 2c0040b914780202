"""The rules that keep broken pages from being published; each reports findings, none prints.

`guide.checks.built` holds those for the built site: only a build loads what they need.
"""

from guide.checks.finding import Edit, Finding
from guide.checks.report import Report, report
from guide.checks.reporters import REPORTERS
from guide.checks.runner import check_pages, check_sources

__all__ = ["REPORTERS", "Edit", "Finding", "Report", "check_pages", "check_sources", "report"]
