"""Write what examples print, and what their runs found, beside them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from guide.examples.runner import Failed, Passed, Result, Run
from guide.library.examples import PROGRAM_FILES
from guide.library.verification import VERIFICATION_FILE, LanguageVerdict, Verification
from guide.library.writing import write_text


def update_expectations(root: Path, run: Run, again: Run) -> tuple[list[str], list[str]]:
    """Rewrite expectations on which all languages agree, in two runs.

    Return the files written, and for each expectation that was left alone why.
    """
    written, refused = [], []
    repeated = _by_expectation(again.results)
    for name, results in _by_expectation(run.results).items():
        failed = [each for each in results if isinstance(each, Failed)]
        texts = {each.printed for each in failed}
        text = failed[0].printed if len(texts) == 1 else None
        if not failed or texts == {None}:
            continue  # nothing to write, or nothing printed
        if text is None or len(failed) < len(results):
            refused.append(f"{name}: not rewritten, because the languages do not agree")
        elif any(not isinstance(each, Failed) or each.printed != text for each in repeated[name]):
            refused.append(f"{name}: not rewritten, because a second run prints something else")
        else:
            write_text(root / name, text)
            written.append(name)
    return written, refused


def record_verdicts(root: Path, run: Run) -> list[str]:
    """Write verified.json of each example that ran; return the files that changed.

    A language that could not be run here keeps its record, which holds as long as its files
    stay the same.
    """
    written = []
    for results in _by_example(run.results).values():
        example = results[0].program.example
        verdicts = {
            language: recorded
            for language, recorded in example.recorded.languages.items()
            if language in example.about.languages
        }
        for result in results:
            if isinstance(result, Passed):
                program = result.program
                verdicts[program.language] = LanguageVerdict(
                    verdict="compiled" if program.is_only_compiled else "ran",
                    content=example.content(program.language),
                    engines=result.engines,
                    count=result.count,
                )
        order = [language for language in PROGRAM_FILES if language in verdicts]
        text = Verification(languages={each: verdicts[each] for each in order}).to_json()
        name = f"docs/{example.folder}/{VERIFICATION_FILE}"
        file = root / name
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_text(file, text)
            written.append(name)
    return written


def _by_expectation(results: Iterable[Result]) -> dict[str, list[Result]]:
    """Results under the file that holds what they must print."""
    grouped: dict[str, list[Result]] = {}
    for each in results:
        if not each.program.is_only_compiled:
            grouped.setdefault(each.program.expectation, []).append(each)
    return grouped


def _by_example(results: Iterable[Result]) -> dict[str, list[Result]]:
    grouped: dict[str, list[Result]] = {}
    for each in results:
        grouped.setdefault(each.program.example.folder, []).append(each)
    return grouped
