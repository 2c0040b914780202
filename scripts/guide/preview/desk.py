"""The desk: which process renders, which one builds, and how far the site is.

There is at most one renderer, which knows the site that is shown, and one build in the background.
A build that is whole takes over: its folder is served and its process renders from then on, first
of all what changed while it was made. Nothing that was shown goes back to an older state.
"""

from __future__ import annotations

import itertools
import logging
import multiprocessing
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from guide.checks import Finding
from guide.preview import sources
from guide.preview.live import Live, Status
from guide.preview.renderer import Outcome, Renderer
from guide.preview.worker import Build, Built, build_and_render, render

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]

CATCHING_UP = "Indexes and other pages are catching up."
UP_TO_DATE = "Everything is up to date."


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that builds or renders; `stamps` are the files as they were before it began."""

    process: BaseProcess
    line: Connection
    stamps: sources.Stamps
    folder: Path
    reason: str = ""
    began: float = 0.0

    def stop(self) -> None:
        """End the process and forget its site."""
        self.process.terminate()
        self.process.join()
        self.line.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Desk:
    """Takes changed files and passes them on; `update` and `close` are all it is asked for.

    `build` says how to make a whole site, `places` are the files and folders that it is made from,
    and `log` takes a line for the author.
    """

    def __init__(self, build: Build, places: Sequence[Path], live: Live, log: Log) -> None:
        self._build = build
        self._root = Path(build.config_file).parent
        self._places = places
        self._live = live
        self._log = log
        self._folder = Path(tempfile.mkdtemp(prefix="guide-preview-"))
        self._numbers = itertools.count(1)
        self._lock = threading.RLock()
        self._stamps: sources.Stamps = {}
        self._renderer: Worker | None = None
        self._builder: Worker | None = None
        self._wanted: str | None = None
        """Why a whole build is needed: empty if only to catch up, None if it is not."""
        self._broken: dict[str, list[Finding]] = {}
        self._failed: tuple[Finding, ...] = ()

    def begin(self, renderer: Renderer, site: Path, stamps: sources.Stamps) -> None:
        """Take over the whole build that this process has just made in the folder `site`.

        The files were as in `stamps` when it began. Where processes cannot be forked, every change
        waits for a whole build until there was one.
        """
        self._stamps = stamps
        if "fork" in multiprocessing.get_all_start_methods():
            context = multiprocessing.get_context("fork")
            here, there = context.Pipe()
            process = context.Process(target=render, args=(renderer, there), daemon=True)
            process.start()
            there.close()
            self._renderer = Worker(process, here, stamps, site)
        else:
            self._wanted = ""
            self._go_on()
        self.update()

    def update(self) -> None:
        """Files have changed: show what can be shown at once, and see to the rest."""
        with self._lock:
            now = sources.stamps(self._places)
            changed = sources.changed(self._stamps, now)
            self._stamps = now
            if changed:
                self._failed = ()  # a build may succeed now
                self._take(self._ask(changed), changed)
                self._go_on()

    def close(self) -> None:
        """Stop all processes and remove what they made."""
        with self._lock:
            for worker in (self._builder, self._renderer):
                if worker is not None:
                    worker.stop()
            self._builder = self._renderer = None
            shutil.rmtree(self._folder, ignore_errors=True)

    def _ask(self, changed: Iterable[str]) -> Outcome:
        """Let the renderer do what it can about `changed`."""
        names = [_relative(self._root, path) for path in changed]
        if self._renderer is not None:
            try:
                self._renderer.line.send(names)
                outcome: Outcome = self._renderer.line.recv()
                return outcome
            except (OSError, EOFError):  # it died
                self._renderer.process.join()
                self._renderer = None
        return Outcome(behind=True, reason=f"{names[0]} changed")

    def _take(self, outcome: Outcome, changed: Iterable[str]) -> None:
        """Remember what is still to do after `outcome`, and say it."""
        for path in changed:
            self._broken.pop(_relative(self._root, path), None)
        for finding in outcome.broken:
            self._broken.setdefault(finding.path, []).append(finding)
            self._log.error(_line(finding))
        if outcome.behind:
            self._wanted = outcome.reason or self._wanted or ""
        if outcome.files or outcome.rendered:
            names = ", ".join((*outcome.rendered, *outcome.files))
            rest = "; indexes and other pages follow" if outcome.behind else ""
            self._log.info(f"refreshed {names} in {outcome.seconds:.1f} s{rest}")
        if outcome.reason:
            self._log.info(f"{outcome.reason}: all pages are made anew in the background")
        if outcome.broken:
            self._log.error("the last good state is shown until this is mended")
        if outcome.files:
            self._live.files_changed()

    def _go_on(self) -> None:
        """Begin the build that is wanted, if nothing is in its way, and tell the browsers."""
        if self._wanted is not None and not self._broken and not self._failed:
            if self._builder is not None and self._wanted and not self._builder.reason:
                # What it would bring up to date is about to change altogether.
                self._builder.stop()
                self._builder = None
            if self._builder is None:
                self._start(self._wanted)
                self._wanted = None
        self._live.tell(self._status())

    def _start(self, reason: str) -> None:
        folder = self._folder / str(next(self._numbers))
        context = multiprocessing.get_context("spawn")
        here, there = context.Pipe()
        stamps, began = sources.stamps(self._places), time.monotonic()
        build = replace(self._build, folder=str(folder))
        process = context.Process(target=build_and_render, args=(build, there), daemon=True)
        process.start()
        there.close()
        self._builder = Worker(process, here, stamps, folder, reason, began)
        threading.Thread(target=self._await, args=(self._builder,), daemon=True).start()

    def _await(self, builder: Worker) -> None:
        """Wait for the end of a build, in a thread of its own."""
        try:
            built: Built = builder.line.recv()
        except (OSError, EOFError):
            message = "the process that built the site ended before it was done"
            built = Built((Finding("mkdocs.yml", 1, 1, "render", message),))
        with self._lock:
            if builder is self._builder:
                self._builder = None
                self._finish(builder, built)

    def _finish(self, builder: Worker, built: Built) -> None:
        if built.broken:
            builder.stop()
            self._failed = built.broken
            self._wanted = self._wanted or builder.reason
            for finding in built.broken:
                self._log.error(_line(finding))
            self._log.error("the last good site is shown; the next change tries again")
        elif self._broken:  # it may have read what is broken
            builder.stop()
            self._wanted = self._wanted or builder.reason
        else:
            self._take_over(builder)
        self._go_on()

    def _take_over(self, builder: Worker) -> None:
        before, self._renderer = self._renderer, builder
        self._wanted = None
        now = sources.stamps(self._places)
        changed = sources.changed(builder.stamps, now)
        self._stamps = now
        if changed:
            self._take(self._ask(changed), changed)
        self._live.show(builder.folder)
        if before is not None:
            before.stop()
        if self._wanted is None:
            self._log.info(
                f"everything is up to date after {time.monotonic() - builder.began:.1f} s"
            )

    def _status(self) -> Status:
        for finding in itertools.chain(*self._broken.values(), self._failed):
            text = f"{finding.path}:{finding.line}: {finding.message}. The last good page is shown."
            return Status("broken", text)
        if self._builder is None:
            return Status("current", UP_TO_DATE)
        reason = self._builder.reason
        return Status("behind", f"{CATCHING_UP} ({reason})" if reason else CATCHING_UP)


def _line(finding: Finding) -> str:
    hint = f" ({finding.hint})" if finding.hint else ""
    return f"{finding.path}:{finding.line}:{finding.column} {finding.message}{hint}"


def _relative(root: Path, path: str) -> str:
    return Path(path).relative_to(root).as_posix() if Path(path).is_relative_to(root) else path
