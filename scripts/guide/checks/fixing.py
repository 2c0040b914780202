"""Apply the fixes that findings carry, to files, all at once and atomically."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from guide.checks.finding import Edit, Finding
from guide.library.source_file import read_source
from guide.library.writing import write_text


def fix_files(root: Path, findings: Iterable[Finding]) -> Mapping[str, int]:
    """Apply the fixes of `findings` to the project at `root`; return how many in which file.

    Of fixes that overlap the first one counts; a second run applies the others. A file that can
    no longer be read is left alone.
    """
    by_path: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.fix:
            by_path[finding.path].append(finding)
    done = {}
    for path, fixable in by_path.items():
        text = read_source(root, path).text
        if text is None:
            continue
        fixed, count = apply_edits(text, [finding.fix for finding in fixable])
        write_text(root / path, fixed)
        done[path] = count
    return done


def apply_edits(text: str, fixes: Iterable[tuple[Edit, ...]]) -> tuple[str, int]:
    """Return `text` with those fixes applied that overlap no earlier one, and their number."""
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    chosen: list[tuple[int, int, str]] = []
    count = 0
    for fix in sorted(set(fixes)):
        spans = [
            (
                starts[edit.line - 1] + edit.column - 1,
                starts[edit.end_line - 1] + edit.end_column - 1,
                edit.text,
            )
            for edit in fix
        ]
        if all(
            end <= first or start >= last for start, end, _ in spans for first, last, _ in chosen
        ):
            chosen += spans
            count += 1
    for start, end, replacement in sorted(chosen, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text, count
