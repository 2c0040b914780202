"""The outcome of a run as text for people: what failed and why, then what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from guide.examples.runner import Failed, Passed, Run, Skipped
from guide.library.examples import COUNTED, LANGUAGE_NAMES, PROGRAM_FILES


def summarize(run: Run, missing_is_failure: bool) -> str:
    """All failures with their differences, what was skipped, and counts by language."""
    blocks = [_failure(each) for each in run.results if isinstance(each, Failed)]
    skipped = [each for each in run.results if isinstance(each, Skipped)]
    word = "cannot be run here" if missing_is_failure else "skipped"
    blocks += [f"{each.program.name}: {word}: {each.reason}" for each in skipped]
    if run.changed:
        blocks.append(f"The checkout changed during the run: {', '.join(run.changed)}")
    blocks.append("\n".join(_summary(run)))
    return "\n\n".join(blocks)


def is_clean(run: Run, missing_is_failure: bool) -> bool:
    """Whether everything passed that had to."""
    bad = (Failed, Skipped) if missing_is_failure else Failed
    return not run.changed and not any(isinstance(each, bad) for each in run.results)


def _failure(failed: Failed) -> str:
    first, *rest = failed.message.split("\n")
    return "\n".join([f"{failed.program.name}: {first}", *(f"  {line}" for line in rest)])


def _summary(run: Run) -> Iterator[str]:
    passed = [each for each in run.results if isinstance(each, Passed)]
    known = sum(each.is_known for each in passed)
    examples = len({each.program.example.folder for each in run.results})
    kinds = Counter(type(each) for each in run.results)
    parts = [f"{kinds[Passed]:,} passed"]
    parts += [f"{kinds[Failed]:,} failed"] if kinds[Failed] else []
    parts += [f"{kinds[Skipped]:,} not run"] if kinds[Skipped] else []
    remembered = f"; {known:,} of them unchanged since they passed" if known else ""
    counts = f"{_plural(examples, 'example')}, {_plural(len(run.results), 'program')}"
    yield f"{counts}: {', '.join(parts)}{remembered}"
    for language in PROGRAM_FILES:
        own = [each for each in passed if each.program.language == language]
        if own:
            counted = sum(each.count or 0 for each in own)
            more = f", {_plural(counted, COUNTED[language])}" if language in COUNTED else ""
            engine = own[0].engines[0]
            yield f"  {LANGUAGE_NAMES[language]:<12}{len(own):>4} passed{more} ({engine})"
    engines = Counter(engine for each in passed for engine in set(each.engines[1:]))
    for engine, number in sorted(engines.items()):
        yield f"  {engine} used by {_plural(number, 'program')}"


def _plural(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s' * (number != 1)}"
