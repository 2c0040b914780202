"""The search index holds what readers look for, small, and cuts words as the browser does."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from guide.library.words import STOP_WORDS, plain, words
from guide.search import search_index
from mini_project import MiniProject
from support import ROOT, needs, this_guide

SCRIPTS = ROOT / "docs" / "assets" / "javascripts" / "search"


def in_node(program: str, given: object, tmp_path: Path) -> object:
    """Run a program that has `words.js` as `w` and the input as `given`; return what it gives."""
    try:
        node = toolchains.node()
    except MissingToolError as error:
        needs(None, str(error))
    script = tmp_path / "program.mjs"
    script.write_text(
        f'import * as w from "{SCRIPTS.as_uri()}/words.js";\n'
        'import { readFileSync } from "node:fs";\n'
        'const given = JSON.parse(readFileSync(0, "utf8"));\n'
        f"console.log(JSON.stringify({program}));\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [node.path, script], input=json.dumps(given), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_browser_cuts_words_as_the_index_does(tmp_path: Path) -> None:
    texts = [plain(page.source) for page in this_guide().written_pages]
    texts += [
        "Cache-Control: max-age=0",
        "n+1",
        "HTTP/2, TLS 1.3",
        "naïve café",
        "don’t",
        "a.b.c.d.e.f",
    ]

    assert in_node("given.map(w.words)", texts, tmp_path) == [list(words(text)) for text in texts]


def test_the_browser_drops_the_same_words(tmp_path: Path) -> None:
    asked = [*sorted(STOP_WORDS), "cache", "put", "get"]

    kept = in_node("given.filter(word => !w.isStopWord(word))", asked, tmp_path)

    assert kept == [word for word in asked if word not in STOP_WORDS]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("caching", "cache"),
        ("caches", "cached"),
        ("idempotent", "idempotency"),
        ("retries", "retry"),
        ("optimisation", "optimization"),
        ("normalise", "normalized"),
        ("handshakes", "handshake"),
        ("authorisation", "authorizing"),
        ("statuses", "status"),
        ("postgres", "postgresql"),
        ("dbs", "databases"),
        ("k8s", "kubernetes"),
    ],
)
def test_forms_and_short_names_share_their_stem(left: str, right: str, tmp_path: Path) -> None:
    stems = in_node("given.map(w.stem)", [left, right], tmp_path)

    assert isinstance(stems, list)
    assert stems[0] == stems[1]


@pytest.mark.parametrize(
    ("left", "right", "errors"),
    [
        ("preflight", "preflight", 0),
        ("prefligth", "preflight", 1),
        ("prefflight", "preflight", 1),
        ("preflght", "preflight", 1),
        ("orefligt", "preflight", 2),
        ("origin", "preflight", 3),
    ],
)
def test_typing_errors_are_counted(left: str, right: str, errors: int, tmp_path: Path) -> None:
    assert in_node("w.distance(given[0], given[1], 2)", [left, right], tmp_path) == errors


def listed(project: MiniProject) -> set[tuple[str, str]]:
    """Addresses and titles of all places."""
    return {(place[0], place[1]) for place in search_index(project.library())["places"]}


def test_every_kind_of_place_is_listed(project: MiniProject) -> None:
    assert {
        ("", "Mini guide"),
        ("http/#caching", "HTTP caching"),
        ("http/methods/", "HTTP methods"),
        ("http/methods/#methods-prefetch", "A prefetcher calls a link. Which method is meant?"),
        ("http/methods/#methods-safe", "Safe"),
        ("http/methods/#methods-safe", "Which methods are safe?"),
        ("http/methods/#pitfalls", "Pitfalls: HTTP methods"),
    } <= listed(project)


def test_options_diagrams_code_and_labels_are_left_out(project: MiniProject) -> None:
    found = search_index(project.library())["words"].split()

    for word in ("representation", "flowchart", "acctitle", "hello"):
        assert word not in found
    assert "prefetcher" in found
    assert "crawler" in found


def test_aliases_and_terms_are_names(project: MiniProject) -> None:
    index = search_index(project.library())
    named = {
        phrase: {index["places"][number][0].partition("#")[0] for number in numbers}
        for phrase, numbers in index["phrases"].items()
    }

    assert named["verbs"] == {"http/methods/"}
    assert named["safe"] == {"http/methods/"}
    assert named["http caching"] == {"http/"}


def test_the_index_is_the_same_every_time(project: MiniProject) -> None:
    assert search_index(project.library()) == search_index(project.library())
