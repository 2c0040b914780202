"""Load typed configuration from five sources, fail fast, reload atomically."""

import json
import re
import socket
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIRST = "sample-only-7f3a91"
ROTATED = "sample-only-c02d55"
printed: list[str] = []


def say(line: str) -> None:
    printed.append(line)
    print(line)


class Secret:
    """Its text leaves only through reveal(); every other way prints a mask."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "[redacted]"


class ConfigError(Exception):
    def __init__(self, *errors: str) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class Source:
    kind: str
    values: dict[str, str]
    may_hold_secrets: bool = False

    def label(self, key: str) -> str:
        match self.kind:
            case "default":
                return "default"
            case "env":
                return f"env APP_{key.upper()}"
            case "flag":
                return f"flag --{key.replace('_', '-')}"
        return f"{self.kind} {key}"


@dataclass(frozen=True, slots=True)
class Config:
    port: int
    timeout_ms: int
    pool_size: int
    log_level: str
    db_password: Secret


@dataclass(frozen=True, slots=True)
class Loaded:
    config: Config
    origin: dict[str, str]
    version: int = 1


def integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch("-?[0-9]{1,9}", text):
            raise ValueError(f'"{text}" is not an integer')
        if not low <= int(text) <= high:
            raise ValueError(f"{text} is not in {low}..{high}")
        return int(text)

    return parse


def one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(f'"{text}" is not one of {", ".join(allowed)}')
        return text

    return parse


def secret(shortest: int) -> Callable[[str], Secret]:
    def parse(text: str) -> Secret:
        if len(text) < shortest:  # says nothing of the text itself
            raise ValueError(f"shorter than {shortest} characters")
        return Secret(text)

    return parse


DEFAULTS = {"port": "8080", "timeout_ms": "2000", "pool_size": "10"}
DEFAULTS["log_level"] = "info"

# --8<-- [start:show]
FIELDS: dict[str, Callable[[str], Any]] = {
    "port": integer(1, 65_535),
    "timeout_ms": integer(50, 60_000),
    "pool_size": integer(1, 100),
    "log_level": one_of("debug", "info", "warn", "error"),
    "db_password": secret(12),  # no default: required
}
SECRETS = ("db_password",)
NEEDS_RESTART = ("port", "pool_size")


def load(sources: list[Source]) -> Loaded:
    """Weakest source first. A whole configuration, or all that is wrong."""
    errors: list[str] = []
    found: dict[str, tuple[str, str]] = {}
    for source in sources:
        for key, text in sorted(source.values.items()):
            label = source.label(key)
            if key not in FIELDS:
                errors.append(f"{label}: unknown{did_you_mean(source, key)}")
            elif key in SECRETS and not source.may_hold_secrets:
                errors.append(f"{label}: a secret does not belong here")
            else:
                found[key] = (label, text)  # the stronger source wins

    values: dict[str, Any] = {}
    for key, parse in FIELDS.items():
        if key not in found:
            errors.append(f"{key}: missing")
            continue
        label, text = found[key]
        try:
            values[key] = parse(text)
        except ValueError as error:
            errors.append(f"{label}: {error}")
    if errors:
        raise ConfigError(*errors)
    return Loaded(Config(**values), {key: found[key][0] for key in FIELDS})


class Live:
    """One reference to an immutable value: replaced as a whole or not at all."""

    def __init__(self, read: Callable[[], list[Source]]) -> None:
        self.read = read
        self.current = load(read())

    def reload(self) -> None:
        old, new = self.current, load(self.read())  # may raise: old stays
        for key in NEEDS_RESTART:
            if getattr(new.config, key) != getattr(old.config, key):
                raise ConfigError(f"{new.origin[key]}: needs a restart")
        if new.config != old.config:
            self.current = Loaded(new.config, new.origin, old.version + 1)


# --8<-- [end:show]


def did_you_mean(source: Source, key: str) -> str:
    best = min(FIELDS, key=lambda name: distance(key, name))
    if distance(key, best) > 2:
        return ""
    return f"; did you mean {source.label(best).split(' ')[-1]}?"


def distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        last, row = row, [i]
        for j, y in enumerate(b, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y)))
    return row[-1]


def read_file(file: Path) -> dict[str, str]:
    try:
        content = json.loads(file.read_text())
    except OSError:
        raise ConfigError(f"file {file.name}: cannot be read") from None
    except ValueError:
        raise ConfigError(f"file {file.name}: not valid JSON") from None
    if not isinstance(content, dict):
        raise ConfigError(f"file {file.name}: not an object")
    return {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in content.items()
    }


def read_sources(file: Path, environ: dict[str, str], args: list[str]) -> list[Source]:
    env: dict[str, str] = {}
    mounted: dict[str, str] = {}
    for name, value in environ.items():
        key = name.removeprefix("APP_").lower()
        if name.startswith("APP_") and key.endswith("_file"):
            key = key.removesuffix("_file")
            try:
                mounted[key] = Path(value).read_text().rstrip("\n")
            except OSError:
                raise ConfigError(f"secret file {key}: cannot be read") from None
        elif name.startswith("APP_"):
            env[key] = value
    flags: dict[str, str] = {}
    for arg in args:
        name, _, value = arg.removeprefix("--").partition("=")
        flags[name.replace("-", "_")] = value
    return [
        Source("default", DEFAULTS),
        Source("file", read_file(file)),
        Source("env", env, may_hold_secrets=True),
        Source("secret file", mounted, may_hold_secrets=True),
        Source("flag", flags),
    ]


def replace(path: Path, text: str) -> None:
    """A reader sees the old file or the new one, never half of it."""
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    temporary.replace(path)


def boot(read: Callable[[], list[Source]]) -> tuple[Live, socket.socket] | None:
    """Configuration first: only a valid one gets a listener."""
    try:
        live = Live(read)
    except ConfigError as error:
        for line in error.errors:
            say(f"   {line}")
        return None
    return live, socket.create_server(("127.0.0.1", 0))


def attempt(live: Live, title: str) -> None:
    verdict = "accepted"
    try:
        live.reload()
    except ConfigError as error:
        verdict = f"refused: {error}"
    now = live.current
    say(f"   {title:<20} v{now.version} {now.config.timeout_ms:>5}  {verdict}")


def main(folder: Path) -> None:
    file, mounted = folder / "app.json", folder / "db_password"
    say("1  every error at once, before anything listens")
    broken = {"timout_ms": 1500, "pool_size": 500, "db_password": FIRST}
    replace(file, json.dumps(broken))
    environ = {"APP_PORT": "80 80", "APP_LOG_LEVL": "info", "HOME": "/root"}
    args = ["--log-level=verbose"]
    service = boot(lambda: read_sources(file, environ, args))
    say(f"   listening: {'no' if service is None else 'yes'}")

    say("2  the strongest source wins, and is remembered")
    replace(file, json.dumps({"timeout_ms": 1500, "pool_size": 15}))
    replace(mounted, FIRST + "\n")
    environ = {
        "APP_POOL_SIZE": "20",
        "APP_LOG_LEVEL": "warn",
        "APP_DB_PASSWORD": "sample-only-from-env",
        "APP_DB_PASSWORD_FILE": str(mounted),
    }
    args = ["--log-level=debug"]
    service = boot(lambda: read_sources(file, environ, args))
    assert service is not None
    live, listener = service
    for key, label in live.current.origin.items():
        say(f"   {key:<12} {getattr(live.current.config, key)!s:<11} {label}")
    as_json = json.dumps(live.current.config.db_password, default=str)
    dump = "yes" if FIRST in repr(live.current) else "no"
    say(f"   db_password as JSON: {as_json}, in a full dump: {dump}")
    say(f"   listening: {'yes' if listener.fileno() >= 0 else 'no'}")

    say("3  reload while running")
    request = live.current.config  # a request takes its snapshot once
    replace(file, json.dumps({"timeout_ms": 900}))
    attempt(live, "timeout_ms 900")
    say(f"   a request that began before still has {request.timeout_ms}")
    file.write_text('{"timeout_ms": 7')
    attempt(live, "file half written")
    replace(file, json.dumps({"timeout_ms": 700, "port": 9000}))
    attempt(live, "700 and port 9000")
    replace(file, json.dumps({"timeout_ms": 900}))
    replace(mounted, ROTATED + "\n")
    attempt(live, "secret rotated")
    rotated = live.current.config.db_password == Secret(ROTATED)
    say(f"   new password loaded: {'yes' if rotated else 'no'}")
    leaked = any(text in line for text in (FIRST, ROTATED) for line in printed)
    say(f"   a secret was printed: {'yes' if leaked else 'no'}")
    listener.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        main(Path(name))
