"""Run examples, side by side, and say of each program whether it prints what the page shows."""

from __future__ import annotations

import difflib
import os
import posixpath
import shutil
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from guide.examples import programs, toolchains
from guide.examples.passed import PassedRuns
from guide.examples.programs import FailedError, Printed, Workplace
from guide.examples.sandbox import Sandbox, SandboxClosedError
from guide.examples.servers import ServerError, Servers
from guide.examples.toolchains import MissingToolError
from guide.examples.watch import CheckoutWatch
from guide.library import Library
from guide.library.examples import PROGRAM_FILES, Example, ExampleLanguage

Track = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Program:
    """One language of an example: what is run, and named in reports."""

    example: Example
    language: ExampleLanguage

    @property
    def name(self) -> str:
        """As `docs/http/code/status-table/main.go`."""
        return f"docs/{self.example.program(self.language)}"

    @property
    def expectation(self) -> str:
        """The file that holds what it must print; for an exchange, the exchange itself."""
        name = self.example.expected(self.language) or PROGRAM_FILES[self.language]
        return f"docs/{self.example.folder}/{name}"

    @property
    def is_only_compiled(self) -> bool:
        """Whether there is nothing to compare."""
        return self.language in self.example.about.compiled


@dataclass(frozen=True, slots=True)
class Passed:
    """It printed what is expected, now or, with the same content and tools, before."""

    program: Program
    engines: tuple[str, ...]
    count: int | None = None
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """It did not run well, or printed something else: then `printed` holds it."""

    program: Program
    message: str
    printed: str | None = None
    engines: tuple[str, ...] = ()
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """This machine lacks what it needs."""

    program: Program
    reason: str


Result = Passed | Failed | Skipped


@dataclass(frozen=True, slots=True)
class Run:
    """All results in the order of the examples, and files of the checkout that changed."""

    results: tuple[Result, ...]
    changed: tuple[str, ...]


def run_examples(
    library: Library,
    examples: Sequence[Example],
    cache: Path,
    jobs: int,
    track: Track = lambda done, total: None,
) -> Run:
    """Run every program of `examples`; `cache` keeps what passed and what compilers keep."""
    work = [Program(each, language) for each in examples for language in each.about.languages]
    passed = PassedRuns(cache / "passed")
    watch = CheckoutWatch(library.root)
    changed: list[str] = []
    results: dict[int, Result] = {}
    with Sandbox(cache / "runs") as sandbox:
        servers = Servers(sandbox)
        floor = _Floor(library, sandbox, servers, watch, passed, _go_cache(cache))
        pool = ThreadPoolExecutor(max_workers=jobs)
        try:
            waiting = {pool.submit(floor.settle, each): at for at, each in enumerate(work)}
            for done, future in enumerate(as_completed(waiting), start=1):
                results[waiting[future]] = future.result()
                track(done, len(work))
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            sandbox.stop()
            pool.shutdown()
            servers.close()
        changed = watch.changes()
    return Run(tuple(results[at] for at in range(len(work))), tuple(changed))


class _Floor:
    """Where programs run; used by several threads."""

    def __init__(
        self,
        library: Library,
        sandbox: Sandbox,
        servers: Servers,
        watch: CheckoutWatch,
        passed: PassedRuns,
        go_cache: Path,
    ) -> None:
        self._library = library
        self._sandbox = sandbox
        self._servers = servers
        self._watch = watch
        self._passed = passed
        self._go_cache = go_cache
        self._running: set[str] = set()
        self._lock = threading.Lock()

    def settle(self, program: Program) -> Result:
        """The result for one program: known, run now, or impossible here."""
        example, language = program.example, program.language
        try:
            tools = programs.tools(example, language)
        except MissingToolError as error:
            return Skipped(program, str(error))
        engines = tuple(toolchains.titles(tools))
        key = (language, example.content(language), *engines)
        known = self._passed.find(key)
        if known is not None:
            return Passed(program, engines, known.count, is_known=True)
        result = self._watched(program, engines)
        if isinstance(result, Passed):
            self._passed.keep(key, result.count)
        return result

    def _watched(self, program: Program, engines: tuple[str, ...]) -> Result:
        """Run it, and blame it for what changes in the checkout meanwhile."""
        with self._lock:
            self._running.add(program.name)
        try:
            result = self._run(program, engines)
        finally:
            changed = self._watch.changes()
            with self._lock:
                others = sorted(self._running - {program.name})
                self._running.discard(program.name)
        if changed:
            suspects = f", or {' or '.join(others)}," if others else ""
            message = (
                f"while it{suspects} ran, the checkout changed: {', '.join(changed)}\n"
                "An example writes only to its own folder. If it was you, run it again."
            )
            return Failed(program, message)
        return result

    def _run(self, program: Program, engines: tuple[str, ...]) -> Result:
        try:
            printed = self._print(program)
        except FailedError as error:
            return Failed(program, str(error))
        except (ServerError, OSError) as error:
            return Failed(program, f"could not be run: {error}")
        except SandboxClosedError:
            return Failed(program, "was interrupted")
        if printed is None:
            return Passed(program, engines)
        expected = self._expected(program)
        if printed.text != expected:
            difference = _difference(program, expected, printed.text)
            return Failed(program, difference, printed.text, engines, printed.count)
        return Passed(program, engines, printed.count)

    def _print(self, program: Program) -> Printed | None:
        """Run or only compile it in a folder with copies of its files."""
        example, language = program.example, program.language
        with self._sandbox.scratch() as folder:
            docs = self._library.root / "docs"
            for name, each in example.beside(language).items():
                _copy(docs / each.folder, [name], folder)
            _copy(docs / example.folder, example.sources(language), folder)
            environment = self._sandbox.environment(
                folder, PORT=str(programs.free_port()), **self._go_environment()
            )
            if program.is_only_compiled:
                place = Workplace(folder, self._sandbox, self._servers, environment)
                programs.compile_only(place, language)
                return None
            with programs.engines(self._servers, example, language) as found:
                place = Workplace(folder, self._sandbox, self._servers, {**environment, **found})
                return programs.run(place, example, language)

    def _go_environment(self) -> dict[str, str]:
        """Go keeps compiled packages between runs, and fetches nothing."""
        return {
            "GOCACHE": str(self._go_cache.absolute()),
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=mod",
            "GOPROXY": "off",
            "CGO_ENABLED": "0",
        }

    def _expected(self, program: Program) -> str:
        file = self._library.root / program.expectation
        return file.read_text(encoding="utf-8") if file.exists() else ""


def _go_cache(cache: Path) -> Path:
    """Where Go keeps what it compiled: as GOCACHE says, or with the other caches."""
    given = os.environ.get("GOCACHE", "")
    return Path(given) if given else cache.parent / "go-build"


def _copy(source: Path, names: Iterable[str], folder: Path) -> None:
    for name in names:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, target)


def _difference(program: Program, expected: str, printed: str) -> str:
    """A unified diff; what cannot be seen is said."""
    lines = difflib.unified_diff(
        _visible(expected),
        _visible(printed),
        fromfile=posixpath.basename(program.expectation),
        tofile=f"what {PROGRAM_FILES[program.language]} gives",
        lineterm="",
        n=2,
    )
    return "\n".join(["prints something else than expected", *lines])


def _visible(text: str) -> list[str]:
    """Lines with their trailing spaces shown; a missing last newline is a line of its own."""
    lines = [_marked(line) for line in text.split("\n")]
    if lines[-1] == "":
        lines.pop()
    else:
        lines.append("\\ no newline at the end")
    return lines


def _marked(line: str) -> str:
    bare = line.rstrip()
    return bare + line[len(bare) :].replace(" ", "·").replace("\t", "→").replace("\r", "␍")
