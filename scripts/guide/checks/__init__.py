"""The rules that keep broken pages from being published; each reports findings, none prints."""

from guide.checks.built import check_site
from guide.checks.finding import Finding
from guide.checks.reporters import REPORTERS
from guide.checks.runner import Report, check_sources, report

__all__ = ["REPORTERS", "Finding", "Report", "check_site", "check_sources", "report"]
