"""How each language's program is vetted, compiled and run, and on which engines.

A runner takes a workplace that already holds the files. It returns what the program printed, or
raises FailedError with the reason. Warnings of a compiler or vet are errors.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from guide.examples import exchange, redis_session, sql_script, sql_sessions, toolchains
from guide.examples.job import Limits, Outcome
from guide.examples.sandbox import Running, Sandbox
from guide.examples.servers import Servers
from guide.examples.toolchains import Tool
from guide.library.examples import PROGRAM_FILES, EngineName, Example, ExampleLanguage

_COMPILE = Limits(seconds=120, memory=3 << 30, processes=128)
_SERVER_READY_WITHIN = 20.0
"""Seconds."""
_ENDS = {
    "time": "did not end in time",
    "memory": "took too much memory",
    "output": "printed too much",
    "processes": "started too many processes",
    "abandoned": "ended without an outcome",
    "no start": "did not start",
}
_WIDEST = 2_000
"""Characters of a program's messages that a report shows."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where one program runs: its folder, its environment, what it may use."""

    folder: Path
    sandbox: Sandbox
    servers: Servers
    environment: Mapping[str, str]

    def run(self, command: Sequence[str], limits: Limits) -> Outcome:
        """Run a command here."""
        return self.sandbox.run(command, self.folder, self.environment, limits)


@dataclass(frozen=True, slots=True)
class Printed:
    """What a program printed; `count` is how many statements, commands or messages it was."""

    text: str
    count: int | None = None


class FailedError(Exception):
    """The program did not do what it should; the text says what happened instead."""


Runner = Callable[[Workplace, Example], Printed]


def tools(example: Example, language: ExampleLanguage) -> list[Tool]:
    """Everything that running this program takes; raises MissingToolError."""
    needed = [_TOOLS[language]()]
    if language in ("python", "http"):
        needed += [toolchains.package(name) for name in example.about.packages]
    if language not in example.about.compiled and language != "http":
        needed += [_ENGINES[engine]() for engine in _engines(example, language)]
        needed += [toolchains.command(name) for name in example.about.requires]
    return needed


def compile_only(place: Workplace, language: ExampleLanguage) -> None:
    """Vet and compile without running; raises FailedError."""
    _COMPILERS[language](place)


def run(place: Workplace, example: Example, language: ExampleLanguage) -> Printed:
    """Run the program of `language`; raises FailedError."""
    return _RUNNERS[language](place, example)


@contextlib.contextmanager
def engines(
    servers: Servers, example: Example, language: ExampleLanguage
) -> Iterator[Mapping[str, str]]:
    """The servers that the program uses, as environment variables that say where they are."""
    found: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        for engine in _engines(example, language):
            context = servers.database() if engine == "postgres" else servers.redis()
            found |= stack.enter_context(context)
        yield found


def free_port() -> int:
    """A port on loopback that nothing uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _engines(example: Example, language: ExampleLanguage) -> tuple[EngineName, ...]:
    own: dict[ExampleLanguage, tuple[EngineName, ...]] = {
        "sql": ("postgres",),
        "redis": ("redis",),
        "http": (),
    }
    return own.get(language, example.about.engines)


def _limits(example: Example) -> Limits:
    return Limits(seconds=example.about.timeout)


def _python(place: Workplace, example: Example) -> Printed:
    command = [*_python_command(example), PROGRAM_FILES["python"]]
    return _finish(place.run(command, _limits(example)))


def _python_command(example: Example) -> list[str]:
    # Nothing is written, and a warning is an error.
    command = [str(toolchains.python().path), "-B", "-E", "-s", "-W", "error"]
    # Where no package is asked for, there is the standard library only.
    return command if example.about.packages else [*command, "-S"]


def _go(place: Workplace, example: Example) -> Printed:
    _build_go(place)
    return _finish(place.run([str(place.folder / "example")], _limits(example)))


def _build_go(place: Workplace) -> None:
    go = str(toolchains.go().path)
    # Both with -trimpath: otherwise the standard library is compiled once for each.
    _must_succeed("go vet", place.run([go, "vet", "-trimpath", "."], _COMPILE))
    # Linking is quicker without tables for debuggers.
    command = [go, "build", "-trimpath", "-ldflags=-s -w", "-o", "example", "."]
    _must_succeed("go build", place.run(command, _COMPILE))


def _javascript(place: Workplace, example: Example) -> Printed:
    return _finish(place.run([str(toolchains.node().path), "example.mjs"], _limits(example)))


def _check_javascript(place: Workplace) -> None:
    command = [str(toolchains.node().path), "--check", "example.mjs"]
    _must_succeed("node --check", place.run(command, _COMPILE))


def _java(place: Workplace, example: Example) -> Printed:
    _build_java(place)
    # Quick to start is worth more here than quick in the end.
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto"]
    command = [str(toolchains.java().path), *options, "-cp", "classes", "Main"]
    return _finish(place.run(command, _limits(example)))


def _build_java(place: Workplace) -> None:
    sources = sorted(str(file) for file in place.folder.glob("*.java"))
    compiler = [str(toolchains.java().beside("javac")), "-J-XX:TieredStopAtLevel=1"]
    options = ["-Xlint:all", "-Werror", "-encoding", "UTF-8", "-d", "classes"]
    _must_succeed("javac", place.run([*compiler, *options, *sources], _COMPILE))


def _check_python(place: Workplace) -> None:
    program = "import ast, sys; ast.parse(open(sys.argv[1], encoding='utf-8').read())"
    command = [str(toolchains.python().path), "-B", "-I", "-S", "-c", program]
    _must_succeed("python", place.run([*command, PROGRAM_FILES["python"]], _COMPILE))


def _sql(place: Workplace, example: Example) -> Printed:
    psql = str(toolchains.postgres().beside("psql"))
    script = PROGRAM_FILES["sql"]
    command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", script]
    if sql_script.has_sessions((place.folder / script).read_text(encoding="utf-8")):
        command = [sys.executable, "-I", "-m", sql_sessions.__name__, psql, script]
    printed = _finish(place.run(command, _limits(example)))
    count = place.servers.statements(place.environment["PGDATABASE"])
    return Printed(printed.text, count)


def _redis(place: Workplace, example: Example) -> Printed:
    text = (place.folder / PROGRAM_FILES["redis"]).read_text(encoding="utf-8")
    address = Path(place.environment["REDIS_SOCKET"])
    try:
        session = redis_session.run_commands(address, text, example.about.timeout)
    except (OSError, redis_session.ProtocolError) as error:
        raise FailedError(f"the session with Redis broke: {error}") from error
    return Printed(session.transcript, session.commands)


def _http(place: Workplace, example: Example) -> Printed:
    text = (place.folder / PROGRAM_FILES["http"]).read_text(encoding="utf-8")
    port = int(place.environment["PORT"])
    command = [*_python_command(example), str(example.about.server)]
    limits = Limits(seconds=example.about.timeout + _SERVER_READY_WITHIN)
    with place.sandbox.start(command, place.folder, place.environment, limits) as running:
        try:
            _await_port(port, running)
            replayed = exchange.replay(text, port, example.about.timeout)
        except (OSError, exchange.ExchangeError) as error:
            said = running.end().stderr.strip()
            raise FailedError(_lines(f"{example.about.server}: {error}", said)) from error
        outcome = running.end()
    if outcome.stderr:
        raise FailedError(_lines("wrote to its standard error:", outcome.stderr))
    return Printed(replayed.text, replayed.messages)


def _await_port(port: int, running: Running) -> None:
    until = time.monotonic() + _SERVER_READY_WITHIN
    while time.monotonic() < until and not running.has_ended:
        with contextlib.suppress(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        time.sleep(0.02)
    raise exchange.ExchangeError(f"it does not listen on 127.0.0.1:{port}, which PORT says")


def _finish(outcome: Outcome) -> Printed:
    """The output of a program that ended well."""
    if outcome.end != "exit":
        raise FailedError(_lines(f"{_ENDS[outcome.end]}: {outcome.detail}", outcome.stderr))
    if outcome.code != 0:
        raise FailedError(_lines(_exit(outcome.code), outcome.stderr or outcome.stdout))
    if outcome.left:
        names = ", ".join(sorted(set(outcome.left)))
        raise FailedError(f"left {len(outcome.left)} of its processes running ({names})")
    if outcome.stderr:
        raise FailedError(_lines("wrote to its standard error:", outcome.stderr))
    return Printed(outcome.stdout)


def _must_succeed(step: str, outcome: Outcome) -> None:
    if outcome.end != "exit" or outcome.code != 0:
        said = outcome.stderr + outcome.stdout
        what = outcome.detail or _exit(outcome.code)
        raise FailedError(_lines(f"{step}: {what}", said))


def _exit(code: int | None) -> str:
    if code is not None and code < 0:
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}"


def _lines(first: str, rest: str) -> str:
    rest = rest.strip("\n")
    if len(rest) > _WIDEST:
        rest = f"{rest[:_WIDEST]}\n..."
    return f"{first}\n{rest}" if rest else first


_TOOLS: Mapping[ExampleLanguage, Callable[[], Tool]] = {
    "python": toolchains.python,
    "go": toolchains.go,
    "javascript": toolchains.node,
    "java": toolchains.java,
    "sql": toolchains.postgres,
    "redis": toolchains.redis,
    "http": toolchains.python,
}
_ENGINES: Mapping[EngineName, Callable[[], Tool]] = {
    "postgres": toolchains.postgres,
    "redis": toolchains.redis,
}
_RUNNERS: Mapping[ExampleLanguage, Runner] = {
    "python": _python,
    "go": _go,
    "javascript": _javascript,
    "java": _java,
    "sql": _sql,
    "redis": _redis,
    "http": _http,
}
_COMPILERS: Mapping[ExampleLanguage, Callable[[Workplace], None]] = {
    "python": _check_python,
    "go": _build_go,
    "javascript": _check_javascript,
    "java": _build_java,
}
