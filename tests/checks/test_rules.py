"""Every rule finds what it is for, at its place; leaves look-alikes alone; and has its page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from guide.checks import Finding, check_sources
from guide.checks.built import check_site
from guide.checks.catalog import all_rules, built_rules
from guide.checks.fixing import fix_files
from guide.drawing import draw_diagrams
from mini_project import MiniProject, make_mini_project
from rule_cases import Case, Expected, all_cases, marked, read_cases
from small_site import URL, make_small_site
from support import ROOT

PAGES = ROOT / "docs" / "about" / "rules"
ALL_RULES, BUILT_RULES = all_rules(), built_rules()
IN_CODE = {
    "example-verified": "tests/cli/test_build.py::test_an_example_that_changed_is_not_published",
    "file-link": "tests/library/test_reading.py::test_a_link_out_of_docs_is_refused_unread",
    "file-newlines": "tests/checks/test_fixing.py::test_windows_line_ends_are_converted",
    "file-size": "tests/library/test_reading.py::test_bad_input_is_one_clear_finding",
    "file-unreadable": "tests/library/test_reading.py::test_a_file_that_cannot_be_read",
    "id-recorded": "tests/cli/test_recording.py::test_what_is_not_recorded_is_not_published",
    "nothing-checked": "tests/checks/test_reports_and_data.py::test_nothing_to_check_is_a_finding",
    "offline-files": "tests/checks/test_built_offline.py",
    "page-weight": "tests/checks/test_built_weight.py",
    "render": "tests/cli/test_build.py::test_a_warning_of_the_renderer_stops_the_build",
    "site-complete": "tests/checks/test_built_completeness.py",
}
"""Rules about things that a text fixture cannot hold, and the tests that hold them."""


@pytest.mark.parametrize("case", all_cases("failing"), ids=lambda case: case.id)
def test_a_defect_is_found_at_its_place(case: Case, project: MiniProject, tmp_path: Path) -> None:
    expected, findings = run(case, project, tmp_path)

    assert_same(expected, findings)
    assert any(each.rule == case.rule for each in expected), "the rule itself finds nothing"


@pytest.mark.parametrize(
    "case", [*all_cases("passing"), *all_cases("fixed")], ids=lambda case: case.id
)
def test_what_keeps_the_rule_is_left_alone(
    case: Case, project: MiniProject, tmp_path: Path
) -> None:
    _, findings = run(case, project, tmp_path)

    assert [finding for finding in findings if finding.severity == "error"] == []


FIXABLE = """
    link-bare-failing link-path-failing link-redirect-failing link-target-failing
    list-indent-failing tab-labels-failing text-damage-failing text-damage-failing-invisible
""".split()


@pytest.mark.parametrize(
    "case", [case for case in all_cases("failing") if case.id in FIXABLE], ids=lambda case: case.id
)
def test_fix_makes_exactly_the_fixed_case(case: Case, project: MiniProject, tmp_path: Path) -> None:
    _, findings = run(case, project, tmp_path)
    fixed = next(
        each for each in read_cases(case.rule) if (each.kind, each.name) == ("fixed", case.name)
    )
    wanted = make_mini_project(tmp_path / "wanted")
    change(fixed, wanted)

    fix_files(project.root, findings)

    for path in {each.path for each in case.changes}:
        assert project.read(path) == wanted.read(path)


@pytest.mark.parametrize("rule", sorted(ALL_RULES))
def test_every_rule_has_fixtures(rule: str) -> None:
    if rule in IN_CODE:
        path, _, name = IN_CODE[rule].partition("::")
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert not name or name in names
        return

    kinds = [case.kind for case in read_cases(rule)]

    assert {"failing", "fixed", "passing"} <= set(kinds)
    names = {kind: {c.name for c in read_cases(rule) if c.kind == kind} for kind in set(kinds)}
    assert names["failing"] == names["fixed"]


@pytest.mark.parametrize("rule", sorted(ALL_RULES))
def test_every_rule_has_its_page(rule: str) -> None:
    text = (PAGES / f"{rule}.md").read_text(encoding="utf-8")

    assert re.findall(r"^#+ (.+)$", outside_fences(text), re.MULTILINE)[:3] == [
        f"`{rule}`",
        "What",
        "Why",
    ]
    assert f"\nEvery page {ALL_RULES[rule]}.\n" in text
    if rule not in IN_CODE:
        bad = next(case for case in read_cases(rule) if case.kind == "failing")
        good = next(case for case in read_cases(rule) if case.kind == "fixed")
        assert example(text, "Bad") == bad.snippet
        assert example(text, "Good") == good.snippet
        assert bad.snippet != good.snippet


def test_no_page_is_about_a_rule_that_is_gone() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"index"}

    assert pages == set(ALL_RULES)


def test_the_list_of_rules_is_complete() -> None:
    rows = re.findall(
        r"^\| \[([\w-]+)\]\(\1\.md\) \| (.+) \|$", (PAGES / "index.md").read_text(), re.M
    )

    assert dict(rows) == dict(ALL_RULES)
    assert len(rows) == len(ALL_RULES)


def run(case: Case, project: MiniProject, tmp_path: Path) -> tuple[list[Expected], list[Finding]]:
    """Apply the case; return what it expects and what is found."""
    if case.rule in BUILT_RULES:
        site = tmp_path / "site"
        make_small_site(site)
        expected = change(case, MiniProject(tmp_path))
        return expected, list(check_site(site, URL).findings)
    expected = change(case, project)
    library = project.library()
    drawn = []
    if case.rule == "diagram-syntax":
        drawn = draw_diagrams(library, tmp_path / "diagrams", lambda done, total: None)
    return expected, list(check_sources(library, drawn).findings)


def change(case: Case, project: MiniProject) -> list[Expected]:
    expected = list(case.elsewhere)
    for each in case.changes:
        before = project.read(each.path) if each.old is not None else ""
        text, marks = marked(each.path, each.apply(before))
        project.write(each.path, text)
        expected += marks
    return expected


def assert_same(expected: Iterable[Expected], findings: Iterable[Finding]) -> None:
    wanted = sorted((e.path, e.line, e.column, e.rule) for e in expected)
    found = sorted((f.path, f.line, f.column, f.rule) for f in findings)
    assert found == wanted, [f"{f.path}:{f.line}:{f.column} {f.rule} {f.message}" for f in findings]
    for each in expected:
        messages = [
            f"{f.message} | {f.hint}"
            for f in findings
            if (f.path, f.line, f.column, f.rule) == (each.path, each.line, each.column, each.rule)
        ]
        assert any(each.says in message for message in messages), (each.says, messages)


def outside_fences(text: str) -> str:
    return re.sub(r"^(`{3,})[^`\n]*\n.*?^\1$", "", text, flags=re.MULTILINE | re.DOTALL)


def example(text: str, heading: str) -> str:
    """The fence under a heading of a rule's page."""
    match = re.search(
        rf"^## {heading}\n+(?:<!--.*?-->\n+)?(`{{3,}})[^\n]*\n(.*?)\n\1$",
        text,
        re.MULTILINE | re.DOTALL,
    )
    assert match, f"no example under {heading}"
    return match[2].replace(";--8<--", "--8<--")
