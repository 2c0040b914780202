"""What is no study document is refused in one sentence, and nothing is written."""

from __future__ import annotations

import base64
import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mini_project import MiniProject
from site_server import run_guide
from unseen_documents import guide

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
MAX_SECONDS = 20.0
"""What takes longer would not end for minutes: a guard, no measurement."""
UNUSABLE = {
    "empty.md": b"",
    "blanks.md": b" \n\t\n\r\n   \n",
    "mark.md": b"\xef\xbb\xbf",
    "picture.png": PNG,
    "picture.md": PNG,
    "program.md": b"\x7fELF\x02\x01\x01\0\0\0\0" + bytes(range(256)) * 8,
    "nul.md": b"# Notes\n\nA\0B\n",
    "random.md": random.Random(3).randbytes(4096),
    "bytes.md": bytes(random.Random(3).choices(range(128, 256), k=4096)),
    "images.md": b"![](a.png)\n\n![](b.png)\n\n<img src='c.png'>\n",
    "front.md": b"---\ntitle: Nothing else\n---\n",
    "comment.md": b"<!-- nothing\nto see -->\n",
    "rules.md": b"---\n\n***\n\n___\n",
    "definitions.md": b"[a]: https://example.com/\n",
}
HOSTILE = {
    "one line": "word " * 100_000,
    "one word": "a" * 1_000_000,
    "quotes": ">" * 10_000 + " a",
    "lists": "- " * 10_000 + "a",
    "deeper and deeper": "".join(f"{'  ' * depth}- a\n" for depth in range(1_000)),
    "brackets": "[" * 10_000 + "a" + "]" * 10_000,
    "images": "![" * 10_000 + "a",
    "parentheses": "[a](" + "(" * 10_000,
    "backticks": "`" * 1_000_000,
    "backticks apart": "` " * 50_000,
    "backticks of every length": " ".join("`" * length for length in range(1, 600)),
    "stars": "*a **" * 20_000,
    "underscores": "_" * 100_000 + "a",
    "tags": "<div>" * 10_000 + "a",
    "spans in a line": "a <b>" * 10_000,
    "details": "<details><summary>a</summary>\n\n" * 1_000,
    "comments": "<!--" * 10_000,
    "a table": "|" * 10_000 + "\n" + "|-" * 5_000 + "|\n" + "|a" * 5_000 + "|",
    "headings": "# a\n\n" * 2_000,
    "empty headings": "#\n" * 5_000,
    "dollars": "$" * 20_000 + "a",
    "footnotes": "".join(f"a[^{n}]\n\n[^{n}]: b[^{n + 1}]\n\n" for n in range(500)),
    "definitions": "".join(f"[a{n}]: https://example.com/{n}\n" for n in range(5_000)) + "\n[a1] a",
    "backslashes": "\\" * 100_000,
    "entities": "&" * 100_000 + "a",
    "fences": "```\na\n" * 2_001,
    "containers": ":::tip\n" * 2_000 + "a",
    "blocks": "/// note\n" * 500 + "a",
    "surrogates and others": "a \u202e\ufeff\ufffe\U000e0001 b\u2028c\u2029d\x85e\n" * 100,
}


def tree(project: MiniProject) -> dict[str, bytes]:
    """Everything that a normalizer may write to."""
    files = [project.path("mkdocs.yml"), *project.path("docs").rglob("*")]
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for path in files
        if path.is_file()
    }


def refusal(project: MiniProject, path: Path) -> str:
    """Normalize `path`, which must be refused without a trace; return what was said."""
    before = tree(project)
    done = guide(project.root, "normalize", str(path))

    assert done.returncode == 2, done.stdout + done.stderr
    assert path.name in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().split("\n")) <= 2
    assert tree(project) == before
    assert not project.path("docs/intake").exists()
    return done.stderr


@pytest.mark.parametrize("name", UNUSABLE)
def test_what_has_no_text_is_refused(project: MiniProject, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(UNUSABLE[name])

    refusal(project, path)


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    project: MiniProject, tmp_path: Path
) -> None:
    path = tmp_path / "large.md"
    with path.open("wb") as file:
        file.truncate(50_000_000)  # sparse: it takes no space
    began = time.process_time()

    said = refusal(project, path)

    assert "50,000,000 bytes" in said
    assert time.process_time() - began < MAX_SECONDS


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere.md")


def _circle(path: Path) -> None:
    path.symlink_to(path.name)


def _nothing(path: Path) -> None:
    """It is missing."""


@pytest.mark.parametrize("make", [_folder, _dangling, _circle, _nothing, os.mkfifo])
def test_what_is_no_file_is_refused(
    project: MiniProject, tmp_path: Path, make: Callable[[Path], None]
) -> None:
    path = tmp_path / "notes.md"
    make(path)

    refusal(project, path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_refused(project: MiniProject, tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_text("# Notes\n\nText.\n", encoding="utf-8")
    path.chmod(0)

    refusal(project, path)


def test_the_exit_code_is_that_of_the_command(project: MiniProject, tmp_path: Path) -> None:
    path = tmp_path / "empty.md"
    path.write_bytes(b"")

    done = run_guide(project.root, "normalize", str(path))

    assert (done.returncode, done.stdout) == (2, "")
    assert "empty" in done.stderr


def test_one_bad_file_among_good_ones_stops_all(project: MiniProject, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad.md"
    good.write_text("# Good\n\n## What is good?\n\nThis.\n", encoding="utf-8")
    bad.write_bytes(b"")
    before = tree(project)

    done = guide(project.root, "normalize", str(good), str(bad))

    assert done.returncode == 2
    assert "bad.md" in done.stderr
    assert tree(project) == before


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_made_to_hurt_ends_soon_and_either_way_cleanly(
    project: MiniProject, tmp_path: Path, name: str
) -> None:
    path = tmp_path / "hostile.md"
    path.write_text(f"# Notes\n\nText.\n\n{HOSTILE[name]}\n", encoding="utf-8", newline="")
    before = tree(project)
    began = time.process_time()

    done = guide(project.root, "normalize", str(path))

    assert time.process_time() - began < MAX_SECONDS
    assert "Traceback" not in done.stderr
    if done.returncode:
        assert "hostile.md" in done.stdout + done.stderr
        assert tree(project) == before
    else:
        assert guide(project.root, "check", "docs/intake").returncode == 0
