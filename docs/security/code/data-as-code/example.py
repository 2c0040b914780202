"""Four interpreters that are not SQL, each attacked and defended."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

NAME = "ada; echo INJECTED"
BODY = '{"name": "ada", "key": {"$ne": ""}}'
USER = "ada\r\nINFO sign-in ok user=root"
USERS = [{"name": "ada", "key": "sample-key-1"}, {"name": "bob", "key": "sample-key-2"}]
TIMEOUT_SECONDS = 5


class BadRequestError(Exception):
    """Becomes 400."""


# --8<-- [start:show]
def report_by_shell(name: str) -> str:
    return run(["sh", "-c", f"echo report for {name}"])  # what not to write


def report(name: str) -> str:
    return run(["echo", "report for", name])  # no shell: nothing reads it as code


def sign_in_with_any_object(body: str) -> str:
    got = json.loads(body)
    return find({"name": got["name"], "key": got["key"]})  # what not to write


def sign_in(body: str) -> str:
    got = json.loads(body)
    for field in ("name", "key"):
        if not isinstance(got.get(field), str):
            raise BadRequestError(f"{field} is not a text")
    return find({"name": got["name"], "key": got["key"]})


def log_line_pasted(user: str) -> str:
    return f"WARN sign-in failed user={user}"  # what not to write


def log_line(user: str) -> str:
    return json.dumps({"level": "WARN", "event": "sign-in failed", "user": user})


def read_pasted(folder: Path, name: str) -> str:
    return Path(f"{folder}/{unquote(name)}").read_text()  # what not to write


def read(folder: Path, name: str) -> str:
    text = unquote(name)  # once, as the framework does
    if "\\" in text or "\0" in text:  # a separator on Windows; the end in C
        raise BadRequestError("refused")
    base = folder.resolve()
    path = (base / text).resolve()  # follows links and leaves no ".."
    if not path.is_relative_to(base):
        raise BadRequestError("refused")
    return path.read_text()


# --8<-- [end:show]


def run(command: list[str]) -> str:
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, timeout=TIMEOUT_SECONDS
    )
    return " | ".join(done.stdout.splitlines())


def find(query: dict[str, Any]) -> str:
    """A document store in small: an object as a value is an operator."""

    def matches(found: str, wanted: Any) -> bool:
        if isinstance(wanted, dict) and "$ne" in wanted:
            return found != wanted["$ne"]
        return found == wanted

    for user in USERS:
        if all(matches(user[field], wanted) for field, wanted in query.items()):
            return f"signed in as {user['name']}"
    return "nobody"


def outcome(work: Any, *args: Any) -> str:
    try:
        return work(*args)
    except BadRequestError as error:
        return str(error)
    except OSError:
        return "no such file"


def row(label: str, text: str) -> None:
    print(f"  {label:<22}{text}")


def paths(place: Path) -> None:
    folder = place / "uploads"
    (folder / "2026").mkdir(parents=True)
    (folder / "2026" / "june.txt").write_text("June")
    secret = place / "secret.txt"
    secret.write_text("SECRET")
    (folder / "link").symlink_to(place)
    print(f"{'file name':<24}{'pasted':<16}contained")
    for label, name in (
        ("2026/june.txt", "2026/june.txt"),
        ("../secret.txt", "../secret.txt"),
        ("2026/../../secret.txt", "2026/../../secret.txt"),
        ("%2e%2e%2fsecret.txt", "%2e%2e%2fsecret.txt"),
        ("%252e%252e%252f...", "%252e%252e%252fsecret.txt"),
        ("an absolute path", str(secret)),
        ("link/secret.txt", "link/secret.txt"),
        ("..\\secret.txt", "..\\secret.txt"),
    ):
        pasted, contained = (outcome(way, folder, name) for way in (read_pasted, read))
        row(label, f"{pasted:<16}{contained}")


def main() -> None:
    print(f"shell, name: {NAME}")
    row("text to a shell", report_by_shell(NAME))
    row("list of arguments", report(NAME))
    print(f"filter, body: {BODY}")
    row("passed on", sign_in_with_any_object(BODY))
    row("texts only", outcome(sign_in, BODY))
    print(f"log, user: {json.dumps(USER)}")
    row("pasted", f"{len(log_line_pasted(USER).splitlines())} lines")
    row("encoded", f"{len(log_line(USER).splitlines())} line")
    with tempfile.TemporaryDirectory() as place:
        paths(Path(place))


if __name__ == "__main__":
    main()
