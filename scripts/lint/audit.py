"""Ask whether a known vulnerability concerns what the guide depends on: `make audit`.

pip-audit looks up what requirements.lock pins, npm what the lock files of scripts/ pin. Both exit
with 1 for a finding and for a service that cannot be reached alike, and pip-audit lets pass what
the service does not know; so their reports are read here. Exit codes: 0 nothing is known, 1 a
vulnerability is known, 2 the question was not answered for everything.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOUND, UNANSWERED = 1, 2
LOCK = "requirements.lock"
TIMEOUT = 600


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service said: lines about vulnerabilities, and lines about what it left open."""

    asked: int = 0
    found: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


def read_pip(output: str) -> Answer:
    """Read the JSON report of pip-audit."""
    report = _object(output)
    packages = report.get("dependencies")
    if not packages:
        return Answer(open=(f"{LOCK}: the service gave no report",))
    found = [
        f"{LOCK}: {each['name']} {each['version']}: {vulnerability['id']}, "
        f"mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for each in packages
        for vulnerability in each.get("vulns", ())
    ]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    left = (f"{LOCK}: {len(skipped)} packages are unknown to the service: {_some(skipped)}",)
    return Answer(len(packages) - len(skipped), tuple(found), left if skipped else ())


def read_npm(lock: str, output: str) -> Answer:
    """Read the JSON report of `npm audit` about the file `lock`."""
    report = _object(output)
    if "vulnerabilities" not in report:
        reason = report.get("message") or "no report"
        return Answer(open=(f"{lock}: the service did not answer: {reason}",))
    found = [
        f"{lock}: {name} {each['range']}: {each['severity']}"
        for name, each in sorted(report["vulnerabilities"].items())
    ]
    return Answer(report["metadata"]["dependencies"]["total"], tuple(found))


def exit_code(answers: Sequence[Answer]) -> int:
    """A finding counts more than an open question: it can be acted upon."""
    if any(answer.found for answer in answers):
        return FOUND
    return UNANSWERED if any(answer.open for answer in answers) else 0


def main() -> int:
    """Ask both services, print what they say, return the exit code."""
    tool = Path(sys.executable).with_name("pip-audit")
    lock = ["--require-hashes", "--disable-pip", "--requirement", LOCK]
    answers = [read_pip(_run([str(tool), *lock, "--format", "json", "--progress-spinner", "off"]))]
    for folder in sorted(Path("scripts").glob("*/package-lock.json")):
        npm = ["npm", "--prefix", str(folder.parent), "audit", "--json"]
        answers.append(read_npm(folder.as_posix(), _run(npm)))
    for answer in answers:
        for line in (*answer.found, *answer.open):
            print(line)
    code = exit_code(answers)
    asked = f"{sum(answer.asked for answer in answers)} packages"
    print(
        {
            0: f"No vulnerability is known of {asked}.",
            FOUND: "Known vulnerabilities: upgrade with `make lock` or npm, then run the tests.",
            UNANSWERED: f"Not all was answered ({asked} were): run it again where the services "
            "of PyPI and npm can be reached.",
        }[code]
    )
    return code


def _run(command: Sequence[str]) -> str:
    """What a tool prints; its status says nothing here."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        return ""
    if not done.stdout:
        print(*done.stderr.splitlines()[-3:], sep="\n", file=sys.stderr)
    return done.stdout


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _some(names: Sequence[str]) -> str:
    more = len(names) - 5
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")


if __name__ == "__main__":
    sys.exit(main())
