"""Whatever a program does, all of it is ended, and what it did is reported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from guide.examples.job import Limits, Outcome
from guide.examples.leftovers import MARK, end_marked
from guide.examples.sandbox import Sandbox
from mini_project import GREETING, MiniProject
from site_server import RUN_GUIDE, run_guide
from support import ROOT, marked

pytestmark = pytest.mark.engines

QUICK = Limits(seconds=3, memory=300 << 20, output=100_000, processes=20)
Run = Callable[[str], Outcome]


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "runs") as opened:
        yield opened


@pytest.fixture
def run(sandbox: Sandbox) -> Run:
    """Run a Python program; nothing that carries its mark is left afterwards."""

    def run_program(program: str) -> Outcome:
        with sandbox.scratch() as work:
            command = [sys.executable, "-I", "-S", "-c", program]
            outcome = sandbox.run(command, work, sandbox.environment(work), QUICK)
        assert marked(f"{sandbox.mark}-") == []
        return outcome

    return run_program


def until(condition: Callable[[], bool], seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    ("program", "end", "detail"),
    [
        ("while True: pass", "time", "more than 3 s"),
        ("while True: print('x' * 1000)", "output", "more than 100,000 bytes"),
        ("import os\nos.write(1, b'x' * 200_000_000)", "output", "more than 100,000 bytes"),
        ("import os\nwhile True: os.fork()", "processes", "more than 20 at a time"),
        (
            "import os\nwhile True:\n  if os.fork() == 0: os.setsid()",
            "processes",
            "more than 20 at a time",
        ),
        ("a = []\nwhile True: a.append(bytearray(9_000_000))", "memory", "more than 300 MiB"),
        (
            "import os, time\nif os.fork() == 0:\n  a = bytearray(4 << 27)\ntime.sleep(9)",
            "memory",
            "more than 300 MiB",
        ),
    ],
    ids=[
        "loop",
        "print",
        "print at once",
        "fork",
        "fork into sessions",
        "memory",
        "child's memory",
    ],
)
def test_a_program_without_end_is_stopped(run: Run, program: str, end: str, detail: str) -> None:
    outcome = run(program)

    assert (outcome.end, outcome.detail) == (end, detail)
    assert len(outcome.stdout) <= QUICK.output


def test_a_program_that_kills_its_group_kills_only_itself(run: Run) -> None:
    outcome = run("import os, signal\nos.killpg(0, signal.SIGKILL)")

    assert (outcome.end, outcome.code) == ("exit", -signal.SIGKILL)


def test_what_a_program_leaves_running_is_ended_and_named(run: Run) -> None:
    outcome = run(
        "import os, time\n"
        "if os.fork() == 0:\n"
        "  os.setsid()\n"
        "  if os.fork() == 0: time.sleep(60)\n"
        "  os._exit(0)\n"
        "os.wait()\n"
        "print('done')"
    )

    assert (outcome.end, outcome.code, outcome.stdout) == ("exit", 0, "done\n")
    assert len(outcome.left) == 1


def test_a_helper_that_ends_soon_after_the_program_is_not_called_left(run: Run) -> None:
    outcome = run("import os, time\nif os.fork() == 0: time.sleep(0.5)")

    assert (outcome.end, outcome.left) == ("exit", ())


def test_a_program_that_kills_its_supervisor_is_ended_too(run: Run) -> None:
    outcome = run(
        "import os, signal, time\n"
        "if os.fork() == 0:\n"
        "  os.setsid()\n"
        "  time.sleep(60)\n"
        "os.kill(os.getppid(), signal.SIGKILL)\n"
        "time.sleep(60)"
    )

    assert outcome.end == "abandoned"
    assert "killed the process that watched it" in outcome.detail


def test_a_supervisor_is_used_again_unless_something_killed_it(sandbox: Sandbox) -> None:
    command = [sys.executable, "-I", "-S", "-c", "import os\nprint(os.getppid())"]

    def supervisor() -> int:
        with sandbox.scratch() as work:
            return int(sandbox.run(command, work, sandbox.environment(work), QUICK).stdout)

    first = supervisor()
    assert supervisor() == first
    psutil.Process(first).kill()
    psutil.Process(first).wait(10)
    assert supervisor() != first


def test_the_end_of_one_program_is_not_that_of_another(sandbox: Sandbox) -> None:
    marks = [sandbox.environment(sandbox.folder / name / "work")[MARK] for name in ("1", "10")]
    with subprocess.Popen(
        ["sleep", "60"], env={MARK: marks[1], "PATH": os.environ["PATH"]}
    ) as other:
        assert end_marked(marks[0]) == 0
        assert other.poll() is None
        assert end_marked(marks[1]) == 1


def test_a_program_that_ignores_signals_is_ended(run: Run) -> None:
    program = (
        "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: pass"
    )

    assert run(program).end == "time"


def test_a_program_that_does_not_exist_is_no_crash(sandbox: Sandbox) -> None:
    with sandbox.scratch() as work:
        outcome = sandbox.run(["/nowhere/program"], work, sandbox.environment(work), QUICK)

    assert outcome.end == "no start"
    assert "/nowhere/program" in outcome.detail


def test_bytes_that_are_no_text_are_shown(run: Run) -> None:
    assert run("import os\nos.write(1, b'a\\xffb')").stdout == "a\\xffb"


def test_a_program_inherits_no_secrets(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "secret")

    outcome = run("import json, os\nprint(json.dumps(dict(os.environ)))")

    environment = json.loads(outcome.stdout)
    assert "secret" not in outcome.stdout
    assert str(ROOT) not in outcome.stdout
    assert set(environment) - {"LC_CTYPE"} == {"PATH", "HOME", "TMPDIR", "LANG", "TZ", MARK}


def test_a_program_has_no_open_files_but_three(run: Run) -> None:
    assert run("import os\nprint(sorted(os.listdir('/proc/self/fd'))[:3])").stdout == (
        "['0', '1', '2']\n"
    )


def test_every_program_has_an_empty_folder_that_is_gone_afterwards(sandbox: Sandbox) -> None:
    folders = []
    for _ in range(2):
        with sandbox.scratch() as work:
            assert list(work.iterdir()) == []
            (work / "left").write_text("x")
            folders.append(work)

    assert folders[0] != folders[1]
    assert not any(folder.exists() for folder in folders)


@pytest.mark.skipif(sys.platform != "linux", reason="others keep no folder in memory")
@pytest.mark.parametrize(("free", "in_memory"), [(64 << 30, True), (1 << 30, False)])
def test_scratch_folders_are_in_memory_only_where_that_is_plenty(
    free: int, in_memory: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = os.statvfs("/dev/shm")
    if there.f_bavail * there.f_frsize < 2 << 30 or there.f_flag & os.ST_NOEXEC:
        in_memory = False
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=free))

    with Sandbox(tmp_path / "runs") as sandbox:
        parent = sandbox.folder.parent

    assert parent == Path("/dev/shm" if in_memory else tempfile.gettempdir())


# It prints nothing: that would end it where the process that reads was killed.
SLEEPER = "import time\ntime.sleep(100)\n"


def start(project: MiniProject) -> subprocess.Popen[bytes]:
    """Start a run whose example sleeps, and wait until it does."""
    project.example("languages: [python]\ntimeout: 100", {"example.py": SLEEPER})
    runner = subprocess.Popen(
        [*RUN_GUIDE, "examples"],
        cwd=project.root,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert until(lambda: len(sleepers(project)) == 1), "it does not start"
    return runner


def entry(project: MiniProject) -> dict[str, str]:
    (file,) = project.path(".cache/examples/runs").glob("*.json")
    found: dict[str, str] = json.loads(file.read_text())
    return found


def sleepers(project: MiniProject) -> list[int]:
    """The example's own process, once it runs."""
    try:
        mark = entry(project)["mark"]
    except (ValueError, OSError):
        return []
    return [pid for pid in marked(mark) if "example.py" in command(pid)]


def command(pid: int) -> list[str]:
    try:
        words: list[str] = psutil.Process(pid).cmdline()
    except psutil.Error:
        return []
    return words


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(project: MiniProject, number: signal.Signals) -> None:
    runner = start(project)
    left = entry(project)

    runner.send_signal(number)

    assert runner.wait(20) != 0
    assert marked(left["mark"]) == []
    assert not Path(left["scratch"]).exists()
    assert not list(project.path(".cache/examples/runs").glob("*.json"))


def test_the_program_of_a_killed_run_ends_by_itself(project: MiniProject) -> None:
    runner = start(project)
    left = entry(project)

    runner.kill()
    runner.wait()

    assert until(lambda: marked(left["mark"]) == [])
    with Sandbox(project.path(".cache/examples/runs")):
        assert not Path(left["scratch"]).exists(), "the next run removes its folder"


def test_the_next_run_ends_what_a_killed_one_left(project: MiniProject) -> None:
    runner = start(project)
    left = entry(project)
    (program,) = sleepers(project)
    supervisor = psutil.Process(program).ppid()
    runner.send_signal(signal.SIGSTOP)
    assert until(lambda: psutil.Process(runner.pid).status() == psutil.STATUS_STOPPED)
    os.kill(supervisor, signal.SIGKILL)
    runner.kill()
    runner.wait()
    assert until(lambda: not psutil.pid_exists(supervisor))
    assert psutil.pid_exists(program), "nobody was left to end it"
    project.example("languages: [python]", {"example.py": 'print("hello")\n'})

    done = run_guide(project.root, "examples")

    assert done.returncode == 0, done.stdout
    assert until(lambda: not psutil.pid_exists(program))
    assert not Path(left["scratch"]).exists()
    assert not list(project.path(".cache/examples/runs").glob("*.json"))


def test_a_run_leaves_other_runs_alone(project: MiniProject) -> None:
    runner = start(project)
    (program,) = sleepers(project)
    try:
        with Sandbox(project.path(".cache/examples/runs")):
            pass
        assert psutil.pid_exists(program)
    finally:
        runner.terminate()
        runner.wait(20)


def test_a_damaged_ledger_does_no_harm(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    runs = tmp_path / "runs"
    runs.mkdir()
    (runs / "a.json").write_text("{")
    gone = {"pid": 1 << 22, "started": 0, "mark": "nobody has this", "scratch": str(victim)}
    (runs / "b.json").write_text(json.dumps(gone))

    with Sandbox(runs):
        pass

    assert list(runs.iterdir()) == []
    assert victim.is_dir(), "only folders that a run made are removed"


@pytest.mark.parametrize(
    ("action", "changed"),
    [
        ("(root / 'docs/index.md').write_text('mine')", "docs/index.md"),
        ("(root / 'docs/new.md').write_text('new')", "docs/new.md"),
        ("(root / 'docs/tags.yml').unlink()", "docs/tags.yml"),
        (
            "import os\n"
            "page = root / 'docs/index.md'\n"
            "before = page.stat()\n"
            "page.write_text(page.read_text().replace('Start', 'start'))\n"
            "os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))",
            "docs/index.md",
        ),
    ],
    ids=["write", "create", "remove", "set back"],
)
def test_a_write_into_the_checkout_fails(project: MiniProject, action: str, changed: str) -> None:
    program = f"from pathlib import Path\nroot = Path({str(project.root)!r})\n{action}\n"
    project.example("languages: [python]", {"example.py": f"{program}print('hello')\n"})

    done = run_guide(project.root, "examples", "docs/http/code")

    assert done.returncode == 1
    assert (
        f"{GREETING}/example.py: while it ran, the checkout changed: {changed}\n"
        "  An example writes only to its own folder. If it was you, run it again.\n"
    ) in done.stdout


def test_a_large_output_is_reported_with_the_example(project: MiniProject) -> None:
    program = "import os\nfor _ in range(1000): os.write(1, b'x' * 1_000_000)\n"
    project.example("languages: [python]", {"example.py": program})

    done = run_guide(project.root, "examples")

    assert f"{GREETING}/example.py: printed too much: more than 1,048,576 bytes\n" in done.stdout
    assert len(done.stdout) < 1000


def test_no_folder_of_a_run_is_left(project: MiniProject, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    done = run_guide(project.root, "examples", TMPDIR=str(scratch))

    assert done.returncode == 0, done.stdout
    assert list(scratch.iterdir()) == []
