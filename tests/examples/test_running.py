"""`guide examples` compares what programs print, and says of each what it found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mini_project import GREETING, MiniProject
from site_server import run_guide

pytestmark = pytest.mark.engines

GO = """\
    package main

    import "fmt"

    func main() {
    \tfmt.Println("hello")
    }
    """
JAVA = """\
    class Main {
        public static void main(String[] args) {
            System.out.println("hello");
        }
    }
    """
FOUR = {
    "example.py": 'print("hello")\n',
    "main.go": GO,
    "go.mod": "module example\n\ngo 1.24\n",
    "example.mjs": 'console.log("hello");\n',
    "Main.java": JAVA,
    "expected.txt": "hello\n",
}
ALL = "languages: [python, go, javascript, java]"
TWO = "languages: [python, javascript]"
PYTHON = "languages: [python]"


def test_every_language_prints_the_same(project: MiniProject) -> None:
    project.example(ALL, FOUR)

    done = run_guide(project.root, "examples", CI="true")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("1 example, 4 programs: 4 passed\n  Python         1 passed")
    assert "  Java           1 passed (Java " in done.stdout


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("example.py", "Python"),
        ("main.go", "Go"),
        ("example.mjs", "JavaScript"),
        ("Main.java", "Java"),
    ],
)
def test_one_wrong_character_fails_with_its_difference(
    project: MiniProject, file: str, language: str
) -> None:
    project.example(ALL, FOUR)
    project.replace(f"{GREETING}/{file}", "hello", "hallo")

    done = run_guide(project.root, "examples", CI="true")

    assert done.returncode == 1
    assert done.stdout.startswith(
        f"{GREETING}/{file}: prints something else than expected\n"
        "  --- expected.txt\n"
        f"  +++ what {file} gives\n"
        "  @@ -1 +1 @@\n"
        "  -hello\n"
        "  +hallo\n"
        "\n"
        "1 example, 4 programs: 3 passed, 1 failed\n"
    )
    assert f"  {language:<12}" not in done.stdout


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ('print("hello ")', "  +hello·\n"),
        ('print("hello", end="")', "  +\\ no newline at the end\n"),
        ('print("hello\\r")', "  +hello␍\n"),
    ],
    ids=["space", "newline", "return"],
)
def test_what_cannot_be_seen_is_shown(project: MiniProject, printed: str, shown: str) -> None:
    project.example(PYTHON, {"example.py": printed + "\n"})

    assert shown in run_guide(project.root, "examples").stdout


@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("import sys\nsys.exit(3)\n", "ended with exit code 3"),
        ("import os, signal\nos.kill(0, signal.SIGKILL)\n", "was ended by signal 9"),
        ('import sys\nprint("hello")\nprint("oh", file=sys.stderr)\n', "wrote to its standard er"),
        ("1 is 1\n", '"is" with a literal'),
        ("import yaml\n", "ModuleNotFoundError: No module named 'yaml'"),
    ],
    ids=["code", "signal", "stderr", "warning", "not in the standard library"],
)
def test_a_program_must_end_well(project: MiniProject, program: str, says: str) -> None:
    project.example(PYTHON, {"example.py": program})

    done = run_guide(project.root, "examples")

    assert done.returncode == 1
    assert f"{GREETING}/example.py: " in done.stdout
    assert says in done.stdout


@pytest.mark.parametrize(
    ("language", "file", "old", "new", "says"),
    [
        ("go", "main.go", 'Println("hello")', 'Printf("%d", "hello")', "go vet: "),
        ("go", "main.go", "Println", "Printnl", "undefined: fmt.Printnl"),
        ("java", "Main.java", '"hello"', "new java.util.Date(126, 0, 1)", "[deprecation]"),
    ],
    ids=["vet", "compiler", "lint"],
)
def test_warnings_of_compilers_are_errors(
    project: MiniProject, language: str, file: str, old: str, new: str, says: str
) -> None:
    project.example(f"languages: [{language}]", FOUR)
    project.replace(f"{GREETING}/{file}", old, new)

    done = run_guide(project.root, "examples", CI="true")

    assert done.returncode == 1
    assert says in done.stdout


def test_what_is_only_compiled_is_not_run(project: MiniProject) -> None:
    project.example("languages: [java]\ncompiled: [java]", FOUR)
    project.replace(f"{GREETING}/Main.java", "hello", "not what is expected")

    done = run_guide(project.root, "examples", "--update", CI="true")

    assert done.returncode == 0, done.stdout
    record = json.loads(project.read(f"{GREETING}/verified.json"))
    assert record["languages"]["java"]["verdict"] == "compiled"


def test_a_second_run_knows_what_passed(project: MiniProject) -> None:
    project.example(TWO, FOUR)
    run_guide(project.root, "examples")
    project.replace(f"{GREETING}/example.mjs", "console.log", "console.info")

    done = run_guide(project.root, "examples")

    assert done.stdout.startswith(
        "1 example, 2 programs: 2 passed; 1 of them unchanged since they passed\n"
    )


def test_a_new_expectation_is_a_new_run(project: MiniProject) -> None:
    project.example(PYTHON, FOUR)
    run_guide(project.root, "examples")
    project.write(f"{GREETING}/expected.txt", "hullo\n")

    assert run_guide(project.root, "examples").returncode == 1


def test_a_failure_is_not_remembered(project: MiniProject) -> None:
    project.example(PYTHON, {"example.py": "raise SystemExit(1)\n"})
    run_guide(project.root, "examples")

    assert "unchanged" not in run_guide(project.root, "examples").stdout


class TestUpdate:
    def test_writes_what_all_languages_print(self, project: MiniProject) -> None:
        project.example(TWO, {**FOUR, "expected.txt": "old\n"})

        done = run_guide(project.root, "examples", "--update")

        assert done.returncode == 0, done.stdout + done.stderr
        assert project.read(f"{GREETING}/expected.txt") == "hello\n"
        assert f"Wrote {GREETING}/expected.txt" in done.stderr
        record = json.loads(project.read(f"{GREETING}/verified.json"))["languages"]
        (greeting,) = project.library().examples
        assert {name: each["verdict"] for name, each in record.items()} == {
            "python": "ran",
            "javascript": "ran",
        }
        assert record["python"]["content"] == greeting.content("python")
        assert record["javascript"]["engines"][0].startswith("Node.js ")

    def test_leaves_everything_where_languages_disagree(self, project: MiniProject) -> None:
        project.example(TWO, {**FOUR, "expected.txt": "old\n"})
        project.write(f"{GREETING}/example.mjs", 'console.log("hi");\n')
        before = project.read(f"{GREETING}/verified.json")

        done = run_guide(project.root, "examples", "--update")

        assert done.returncode == 1
        assert project.read(f"{GREETING}/expected.txt") == "old\n"
        assert project.read(f"{GREETING}/verified.json") == before
        assert "expected.txt: not rewritten, because the languages do not agree" in done.stderr

    def test_does_not_outvote_a_language_that_still_prints_it(self, project: MiniProject) -> None:
        project.example(TWO, FOUR)
        project.write(f"{GREETING}/example.mjs", 'console.log("hi");\n')

        assert run_guide(project.root, "examples", "--update").returncode == 1
        assert project.read(f"{GREETING}/expected.txt") == "hello\n"

    def test_writes_nothing_that_differs_from_run_to_run(self, project: MiniProject) -> None:
        program = "import time\n\nprint(time.monotonic_ns())\n"
        project.example(PYTHON, {**FOUR, "example.py": program})

        done = run_guide(project.root, "examples", "--update")

        assert done.returncode == 1
        assert project.read(f"{GREETING}/expected.txt") == "hello\n"
        assert "not rewritten, because a second run prints something else" in done.stderr

    def test_a_second_one_writes_nothing(self, project: MiniProject) -> None:
        project.example(PYTHON, FOUR)
        run_guide(project.root, "examples", "--update")

        assert "Wrote" not in run_guide(project.root, "examples", "--update").stderr


def test_a_missing_engine_is_skipped_with_its_reason(project: MiniProject) -> None:
    project.example(f"{PYTHON}\nrequires: [frobnicate]", FOUR)

    done = run_guide(project.root, "examples", CI="")

    assert done.returncode == 0
    assert done.stdout == (
        f"{GREETING}/example.py: skipped: frobnicate is not here: install frobnicate\n"
        "\n"
        "1 example, 1 program: 0 passed, 1 not run\n"
    )


def test_a_missing_command_is_named_with_its_package(
    project: MiniProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    project.example(f"{PYTHON}\nrequires: [promtool]", FOUR)

    done = run_guide(project.root, "examples", CI="")

    assert "promtool is not here: install promtool (Debian: prometheus)\n" in done.stdout


def test_a_missing_engine_fails_in_ci(project: MiniProject) -> None:
    project.example(f"{PYTHON}\nrequires: [frobnicate]", FOUR)

    done = run_guide(project.root, "examples", CI="true")

    assert done.returncode == 1
    assert "example.py: cannot be run here: frobnicate is not here" in done.stdout


def test_the_record_of_an_engine_that_is_missing_here_is_kept(project: MiniProject) -> None:
    project.example(f"{PYTHON}\nrequires: [frobnicate]", FOUR)
    record = project.read(f"{GREETING}/verified.json")

    run_guide(project.root, "examples", "--update", CI="")

    assert project.read(f"{GREETING}/verified.json") == record


class TestPackagesOfPython:
    """What `packages` names can be imported, and nothing else that is not the library's."""

    PROGRAM = 'import cryptography\n\nprint("hello")\n'

    def test_can_be_imported_where_the_example_asks_for_them(self, project: MiniProject) -> None:
        project.example(f"{PYTHON}\npackages: [cryptography]", {**FOUR, "example.py": self.PROGRAM})

        done = run_guide(project.root, "examples", "--update", CI="true")

        assert done.returncode == 0, done.stdout
        assert "cryptography " in project.read(f"{GREETING}/verified.json")

    def test_cannot_be_imported_elsewhere(self, project: MiniProject) -> None:
        project.example(PYTHON, {**FOUR, "example.py": self.PROGRAM})

        done = run_guide(project.root, "examples", CI="true")

        assert done.returncode == 1
        assert "No module named 'cryptography'" in done.stdout

    def test_are_named_where_they_are_missing(self, project: MiniProject) -> None:
        project.example(f"{PYTHON}\npackages: [frobnicate]", FOUR)

        done = run_guide(project.root, "examples", CI="")

        assert "skipped: frobnicate is not here: pip install frobnicate" in done.stdout


def test_files_of_another_example_stand_beside_the_program(project: MiniProject) -> None:
    project.example(PYTHON, {**FOUR, "words.py": 'GREETING = "hello"\n'})
    other = "docs/http/code/other"
    program = "from words import GREETING\n\nprint(GREETING)\n"
    project.example(
        f"{PYTHON}\nuses: [http/code/greeting]",
        {"example.py": program, "expected.txt": "hello\n"},
        other,
    )

    assert run_guide(project.root, "examples", other).returncode == 0
    project.replace(f"{GREETING}/words.py", "hello", "hullo")
    assert run_guide(project.root, "examples", other).returncode == 1


def test_of_files_with_one_name_the_latest_stands_beside_the_program(project: MiniProject) -> None:
    later, last = "docs/http/code/later", "docs/http/code/last"
    words = {name: f'SAID = "{name}"\n' for name in ("one", "two", "own")}
    one = {f"{name}.py": words["one"] for name in ("example", "first", "second", "third")}
    two = {f"{name}.py": words["two"] for name in ("example", "second", "third")}
    program = "import first, second, third\n\nprint(first.SAID, second.SAID, third.SAID)\n"
    project.example(PYTHON, one)
    project.example(PYTHON, two, later)
    project.example(
        f"{PYTHON}\nuses: [http/code/greeting, http/code/later]",
        {"example.py": program, "third.py": words["own"], "expected.txt": "one two own\n"},
        last,
    )

    done = run_guide(project.root, "examples", last)

    assert done.returncode == 0, done.stdout
    example = next(each for each in project.library().examples if each.folder == last[5:])
    beside = {name: used.folder for name, used in example.beside("python").items()}
    assert beside == {"first.py": "http/code/greeting", "second.py": "http/code/later"}


def test_a_file_in_no_language_of_the_example_is_data_for_it(project: MiniProject) -> None:
    program = 'import pathlib\n\nprint(pathlib.Path("data/one.sql").read_text(), end="")\n'
    files = {"example.py": program, "data/one.sql": "SELECT 1;\n", "expected.txt": "SELECT 1;\n"}
    project.example(PYTHON, files)

    assert run_guide(project.root, "examples").returncode == 0
    project.replace(f"{GREETING}/data/one.sql", "1", "2")
    assert run_guide(project.root, "examples").returncode == 1


@pytest.mark.parametrize(
    ("path", "programs"),
    [
        (GREETING, 1),
        (f"{GREETING}/example.py", 1),
        ("docs/http", 2),
        ("docs/http/methods.md", 1),
        (".", 2),
    ],
)
def test_a_path_chooses_examples(project: MiniProject, path: str, programs: int) -> None:
    project.example(PYTHON, FOUR)
    project.example(PYTHON, FOUR, "docs/http/code/other")

    done = run_guide(project.root, "examples", path)

    assert f" {programs} program" in done.stdout.splitlines()[0]


def test_a_path_without_examples_says_so(project: MiniProject) -> None:
    done = run_guide(project.root, "examples", "docs/index.md")

    assert done.returncode == 2
    assert done.stderr == "guide: no example in docs/index.md\n"


def test_a_guide_without_examples_does_not_pass(project: MiniProject) -> None:
    for name in ("example.yml", "example.py", "expected.txt", "verified.json"):
        project.path(f"{GREETING}/{name}").unlink()

    done = run_guide(project.root, "examples")

    assert done.returncode == 2
    assert "the guide has no examples" in done.stderr
