"""Checks of the built site, on the HTML that readers get."""

from __future__ import annotations

from pathlib import Path

from guide.checks.built import (
    anchor,
    content_security,
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
from guide.checks.built.pages import check_pages
from guide.checks.built.rule import BuiltPageRule, BuiltRule
from guide.checks.built.site import built_site, site_files
from guide.checks.finding import Finding
from guide.checks.report import Report, report
from guide.library.memo import Memo

RULES: tuple[BuiltPageRule | BuiltRule, ...] = (
    target.RULE,
    anchor.RULE,
    third_party.RULE,
    content_security.RULE,
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


def check_site(root: Path, url: str, memo: Memo | None = None) -> Report:
    """Run every rule over the site in `root`, which will be published at `url`.

    What `memo` holds of pages that did not change is not checked again.
    """
    memo = memo or Memo()
    files = site_files(root)
    paths = sorted(path for path in files if path.endswith(".html"))
    page_rules = [rule for rule in RULES if isinstance(rule, BuiltPageRule)]
    pages, findings = check_pages(root, url, paths, page_rules, memo)
    site = built_site(root, url, files, pages)
    references = sum(len(page.references) for page in site.pages.values())
    counts = {"built pages": len(site.pages), "built references": references}
    for rule in RULES:
        if isinstance(rule, BuiltRule):
            findings += rule.check(site)
    if not site.pages or not references:
        findings.append(
            Finding("site", 1, 1, "nothing-checked", "the built site has no pages or no links")
        )
    return report(findings, counts)
