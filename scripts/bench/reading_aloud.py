"""Print what a screen reader would say on a page, in order, from Chromium's accessibility tree.

It is not a screen reader: each says things in its own words and leaves things out by its own rules.
But all of them start from this tree, so what is missing, unnamed, doubled or out of order here is
so for every listener.

Examples:
  python scripts/bench/reading_aloud.py /security/cors/
  python scripts/bench/reading_aloud.py --types --landmarks
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workspace import ROOT, BenchError

sys.path.insert(0, str(ROOT / "tests"))
from page_types import PAGE_TYPES
from site_server import PREFIX, serve

if TYPE_CHECKING:
    from playwright.sync_api import Page

LANDMARKS = (
    "banner",
    "navigation",
    "main",
    "search",
    "complementary",
    "contentinfo",
    "form",
    "region",
)
SILENT = frozenset(
    {"none", "generic", "InlineTextBox", "ListMarker", "LineBreak", "RootWebArea", "LabelText"}
)
"""Roles of which a listener hears nothing but what they hold."""
SAID_STATES = ("checked", "expanded", "pressed", "disabled", "invalid", "required", "selected")
PHRASES = frozenset(
    {"StaticText", "strong", "emphasis", "code", "mark", "time", "superscript", "subscript"}
)
"""What is read as part of the sentence around it."""
WHOLE = frozenset(
    {"heading", "link", "button", "img", "image", "option", "tab", "columnheader", "rowheader"}
)
"""Roles that are said by their name; what they hold is in it."""


@dataclass(slots=True)
class Node:
    """What the tree says about one thing."""

    role: str
    name: str
    description: str
    properties: dict[str, Any]
    children: list[Node] = field(default_factory=list)


def tree(page: Page) -> Node:
    """The accessibility tree of the page; what is ignored gives its place to what it holds."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    by_id = {each["nodeId"]: each for each in nodes}

    def build(given: dict[str, Any]) -> Iterator[Node]:
        children = [
            node for id in given.get("childIds", []) if id in by_id for node in build(by_id[id])
        ]
        if given["ignored"]:
            yield from children
            return
        node = Node(
            given["role"]["value"],
            " ".join(str(given.get("name", {}).get("value", "")).split()),
            " ".join(str(given.get("description", {}).get("value", "")).split()),
            {each["name"]: each["value"].get("value") for each in given.get("properties", [])},
            children,
        )
        yield node

    (root,) = build(nodes[0])
    return root


def said(node: Node, depth: int = 0, *, landmarks: bool = False) -> Iterator[str]:
    """The lines that a listener hears, indented by what they are in."""
    role = node.role
    if role == "StaticText":
        if node.name and not landmarks:
            yield "  " * depth + node.name
        return
    words = "" if role in SILENT else _words(node)
    shown = bool(words) and (not landmarks or role in LANDMARKS or role == "heading")
    if shown:
        yield "  " * depth + words
    if role in WHOLE and node.name and not _holds_controls(node):
        return
    run: list[str] = []  # words that are read in one go
    for child in node.children:
        if not landmarks and child.role in PHRASES and not _holds_controls(child):
            run += _texts(child)
            continue
        if run:
            yield "  " * (depth + shown) + " ".join(run)
            run = []
        yield from said(child, depth + shown, landmarks=landmarks)
    if run:
        yield "  " * (depth + shown) + " ".join(run)


def _texts(node: Node) -> list[str]:
    if node.role == "StaticText":
        return [node.name] if node.name else []
    return [text for child in node.children for text in _texts(child)]


def _words(node: Node) -> str:
    states = []
    for name in SAID_STATES:
        value = node.properties.get(name)
        if value not in (None, False, "false"):
            states.append(name if value in (True, "true") else f"{name} {value}")
        elif name in ("expanded", "pressed") and value is not None:
            states.append(f"not {name}")
    level = node.properties.get("level")
    role = f"{node.role} {level}" if node.role == "heading" else node.role
    parts = [role, f'"{node.name}"' if node.name else "", ", ".join(states)]
    line = " ".join(part for part in parts if part)
    return f"{line} ({node.description})" if node.description else line


def _holds_controls(node: Node) -> bool:
    return any(
        child.role in ("link", "button", "checkbox", "radio", "textbox") or _holds_controls(child)
        for child in node.children
    )


def faults(root: Node) -> list[str]:
    """What no listener should meet: things without a name, headings that skip a level, doubles."""
    found = []
    level = 0
    names: dict[tuple[str, str], int] = {}
    for node in _all(root):
        named = node.role in WHOLE or node.role in ("checkbox", "radio", "textbox", "combobox")
        if named and not node.name and node.role not in ("columnheader", "rowheader"):
            found.append(f"{node.role} without a name")
        if node.role == "heading":
            new = int(node.properties.get("level", 0))
            if new > level + 1:
                found.append(f'heading {new} "{node.name}" after a heading {level}')
            level = new
        if node.role in LANDMARKS and (node.name or node.role not in ("form", "region")):
            names[node.role, node.name] = names.get((node.role, node.name), 0) + 1
    found += [
        f'{role} "{name}" {number} times' for (role, name), number in names.items() if number > 1
    ]
    return found


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("paths", nargs=-1)
@click.option("--types", is_flag=True, help="One page of each type.")
@click.option("--landmarks", is_flag=True, help="Landmarks and headings only.")
@click.option("--width", default=1280, show_default=True)
@click.option(
    "--site",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=ROOT / "site",
    help="A built site.",
)
def main(paths: tuple[str, ...], types: bool, landmarks: bool, width: int, site: Path) -> None:
    """Print what is said on each page; exit 1 if something should not be met."""
    wanted = [*paths, *(PAGE_TYPES.values() if types else ())]
    if not wanted:
        raise click.UsageError("Name a page, like /security/cors/, or say --types.")
    wrong = 0
    try:
        for path, root in _trees(site, wanted, width):
            click.echo(f"== {path}")
            for line in said(root, landmarks=landmarks):
                click.echo(line)
            for fault in faults(root):
                wrong += 1
                click.echo(f"!! {path}: {fault}")
    except BenchError as error:
        raise click.ClickException(str(error)) from error
    raise SystemExit(bool(wrong))


def _trees(site: Path, paths: list[str], width: int) -> Iterator[tuple[str, Node]]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        raise BenchError("chromium is not installed")
    with serve(site) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            reduced_motion="reduce",
            service_workers="block",
        )
        page = context.new_page()
        for path in paths:
            page.goto(f"http://127.0.0.1:{server.server_port}{PREFIX}{path.lstrip('/')}")
            page.keyboard.press("Shift")  # the sign of a reader that a topic page waits for
            page.wait_for_load_state("networkidle")
            yield path, tree(page)
        browser.close()


if __name__ == "__main__":
    main()
