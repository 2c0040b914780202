"""Make a failing file as small as possible while it fails for the same reason."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from fuzzing.harness import Failure, Harness


def shrink(failure: Failure, harness: Harness, seconds: float = 30.0) -> Failure:
    """Remove lines, then bytes, in ever smaller runs; stop after `seconds`."""
    if failure.case.kind != "file":
        return failure
    deadline = time.monotonic() + seconds
    lines = failure.case.data.split(b"\n")
    smaller = _shrink(failure, harness, lines, b"\n", deadline)
    single = [bytes([each]) for each in smaller.case.data]
    return _shrink(smaller, harness, single, b"", deadline)


def _shrink(
    failure: Failure, harness: Harness, parts: Sequence[bytes], glue: bytes, deadline: float
) -> Failure:
    kept = list(parts)
    run = max(1, len(kept) // 2)
    while run:
        start = 0
        while start < len(kept):
            if time.monotonic() > deadline:
                return failure
            rest = kept[:start] + kept[start + run :]
            again = harness.run(dataclasses.replace(failure.case, data=glue.join(rest)))
            if again and (again.kind, again.where) == (failure.kind, failure.where):
                failure, kept = again, rest
            else:
                start += run
        run //= 2
    return failure
