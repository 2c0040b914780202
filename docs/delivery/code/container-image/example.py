"""Cache keys of Dockerfiles, computed: which steps does a change rebuild?

A model of the documented rules, not a builder: nothing is built here.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

HERE = Path(__file__).parent


@dataclass(frozen=True)
class File:
    content: str
    mtime: int = 0


@dataclass(frozen=True)
class Step:
    stage: str
    text: str

    @property
    def words(self) -> list[str]:
        return self.text.split()


Context = Mapping[str, File]


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


# --8<-- [start:show]
def cache_keys(steps: Sequence[Step], context: Context) -> list[str]:
    """One key a step; a step is taken from the cache if its key is there."""
    keys: list[str] = []
    last: dict[str, str] = {}  # of each stage
    for step in steps:
        instruction, *rest = step.words
        if instruction == "FROM":  # a stage or an image
            key = last.get(rest[0], digest("image", rest[0]))
        else:
            key = digest(last[step.stage], step.text)  # parent and own text
        if instruction in ("COPY", "ADD"):
            key = digest(key, copied(rest, last, context))
        last[step.stage] = key
        keys.append(key)
    return keys


def copied(words: list[str], last: Mapping[str, str], context: Context) -> str:
    """Identify what is copied: the contents, never the modification times."""
    options = [word for word in words if word.startswith("--")]
    for option in options:
        if option.startswith("--from="):
            # BuildKit looks at the files; the stage's key is the cautious guess.
            return last[option.removeprefix("--from=")]
    *sources, _target = words[len(options) :]
    chosen = [
        digest(path, file.content)
        for path, file in sorted(context.items())
        if any(inside(path, source) for source in sources)
    ]
    return digest(*chosen)


def rebuilt(steps: Sequence[Step], before: Context, after: Context) -> list[bool]:
    keys = zip(cache_keys(steps, before), cache_keys(steps, after), strict=True)
    return [old != new for old, new in keys]


# --8<-- [end:show]


def inside(path: str, source: str) -> bool:
    return source == "." or PurePosixPath(path).is_relative_to(PurePosixPath(source))


def parse(name: str) -> list[Step]:
    """Steps of a Dockerfile; enough of its grammar for the files beside this one."""
    text = re.sub(r"\\\n\s*", "", (HERE / name).read_text())
    steps: list[Step] = []
    stage = ""
    for number, line in enumerate(text.splitlines()):
        if not line or line.startswith("#"):
            continue
        words = line.split()
        if words[0] == "FROM":
            stage = words[3] if "AS" in words else f"stage {number}"
        steps.append(Step(stage, " ".join(words)))
    return steps


def sent(context: Context, patterns: Sequence[str]) -> Context:
    """What a .dockerignore lets through: the last pattern that matches decides."""
    return {path: file for path, file in context.items() if not _out(path, patterns)}


def _out(path: str, patterns: Sequence[str]) -> bool:
    out = False
    for pattern in patterns:
        keeps = pattern.startswith("!")
        if re.match(_regex(pattern.removeprefix("!").rstrip("/")), path):
            out = not keeps
    return out


def _regex(pattern: str) -> str:
    """A pattern matches a path or a folder above it; * stays within one name."""
    parts = {"**/": "(?:.*/)?", "*": "[^/]*"}
    pieces = re.split(r"(\*\*/|\*)", pattern)
    return "".join(parts.get(each, re.escape(each)) for each in pieces) + "(?:/|$)"


PROJECT: Context = {
    ".env": File("PASSWORD=sample"),
    ".git/HEAD": File("ref: refs/heads/main"),
    "README.md": File("Stock service"),
    "cmd/stock/main.go": File("package main"),
    "go.mod": File("module stock"),
    "go.sum": File("h1:aaaa"),
    "internal/stock.go": File("package internal"),
    "internal/stock_test.go": File("package internal"),
    "requirements.lock": File("uvicorn==1.0.0"),
    "stock_api/main.py": File("app = None"),
}
CHANGES = {
    "README.md edited": ["README.md"],
    "a test edited": ["internal/stock_test.go"],
    "a source file edited": ["internal/stock.go", "stock_api/main.py"],
    "a dependency added": ["go.mod", "go.sum", "requirements.lock"],
    "only times changed": [],
}
DOWNLOADS = ("go mod download", "pip install")


def changed(context: Context, paths: Sequence[str]) -> Context:
    return {
        path: File(file.content + "+" * (path in paths), mtime=1)
        for path, file in context.items()
    }


def patterns_for(name: str) -> list[str]:
    """The file that BuildKit prefers to a .dockerignore for all Dockerfiles."""
    file = HERE / f"{name}.Dockerfile.dockerignore"
    lines = file.read_text().splitlines() if file.exists() else []
    return [line for line in lines if line and not line.startswith("#")]


def main() -> None:
    names = ("naive", "go", "python")
    rows = [["", *names], ["files sent"], ["  .env among them"]]
    for name in names:
        context = sent(PROJECT, patterns_for(name))
        rows[1].append(str(len(context)))
        rows[2].append("yes" if ".env" in context else "no")
    rows.append(["steps rebuilt after"])
    for change, paths in CHANGES.items():
        rows.append([f"  {change}"])
        for name in names:
            steps, patterns = parse(f"{name}.Dockerfile"), patterns_for(name)
            before, after = (
                sent(PROJECT, patterns),
                sent(changed(PROJECT, paths), patterns),
            )
            news = rebuilt(steps, before, after)
            again = [step.text for step, new in zip(steps, news, strict=True) if new]
            loads = any(each in text for text in again for each in DOWNLOADS)
            cell = f"{len(again)} of {len(steps)}{', download' if loads else ''}"
            rows[-1].append(cell)
    for first, *cells in rows:
        print((f"{first:<24}" + "".join(f"{each:<18}" for each in cells)).rstrip())

    print("\ngo.Dockerfile, a source file edited")
    steps = parse("go.Dockerfile")
    before = sent(PROJECT, patterns_for("go"))
    edited = changed(PROJECT, CHANGES["a source file edited"])
    after = sent(edited, patterns_for("go"))
    for step, new in zip(steps, rebuilt(steps, before, after), strict=True):
        text = re.sub(r"--mount=\S+ ", "", step.text)
        print(f"  {'rebuilt' if new else 'cached':<9}{text[:60]}")


if __name__ == "__main__":
    main()
