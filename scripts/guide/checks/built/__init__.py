"""Checks of the built site, on the HTML that readers get."""

from __future__ import annotations

from pathlib import Path

from guide.checks.built import (
    anchor,
    empty_page,
    html_valid,
    offline_files,
    page_identity,
    page_language,
    page_weight,
    raw_markdown,
    site_complete,
    static_diagram,
    target,
    third_party,
    unique_id,
)
from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import read_built_site
from guide.checks.finding import Finding
from guide.checks.report import Report, report

RULES: tuple[BuiltRule, ...] = (
    target.RULE,
    anchor.RULE,
    third_party.RULE,
    unique_id.RULE,
    static_diagram.RULE,
    raw_markdown.RULE,
    empty_page.RULE,
    page_identity.RULE,
    page_language.RULE,
    html_valid.RULE,
    site_complete.RULE,
    page_weight.RULE,
    offline_files.RULE,
)


def check_site(root: Path, url: str) -> Report:
    """Run every rule over the site in `root`, which will be published at `url`."""
    site = read_built_site(root, url)
    references = sum(len(page.references) for page in site.pages.values())
    counts = {"built pages": len(site.pages), "built references": references}
    findings = [finding for rule in RULES for finding in rule.check(site)]
    if not site.pages or not references:
        findings.append(
            Finding("site", 1, 1, "nothing-checked", "the built site has no pages or no links")
        )
    return report(findings, counts)
