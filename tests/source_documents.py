"""The five documents that the guide grew from, cut into units as their inventory says.

They are no part of the repository; `pytest --sources PATH` says where they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from guide.intake.model import UnitText
from guide.intake.relating.unit_families import HEADED, LEAVES

_BULLET = re.compile(r"\s*[-*]\s+\*\*(?P<lead>.+?)\*\*:?\s*(?P<rest>.*)", re.DOTALL)
_LABEL = re.compile(r"\*\*(?P<label>.+?)\*\*:?")


@dataclass(frozen=True)
class SourceDocument:
    """The units of one document, and for each the topic that the ledger has as its main home."""

    number: int
    units: tuple[UnitText, ...]
    homes: Mapping[str, str]


def read_source_documents(folder: Path) -> list[SourceDocument]:
    """Read all documents in `folder`; only titles and texts of the documents become units."""
    data = yaml.safe_load((folder / "source-units.yml").read_text(encoding="utf-8"))
    documents = []
    for source in data["sources"]:
        entries = [entry for entry in data["units"] if entry["source"] == source["n"]]
        lines = (folder / source["file"]).read_text(encoding="utf-8").split("\n")
        documents.append(
            SourceDocument(
                number=source["n"],
                units=tuple(_Cutter(lines, entries).unit(entry) for entry in entries),
                homes={entry["id"]: entry["topics"][0] for entry in entries},
            )
        )
    return documents


class _Cutter:
    def __init__(self, lines: Sequence[str], entries: Sequence[Mapping[str, Any]]) -> None:
        self._lines = lines
        self._taken = {number for entry in entries for number in _span(entry)}

    def unit(self, entry: Mapping[str, Any]) -> UnitText:
        block = [self._lines[number - 1] for number in _span(entry)]
        title, text = "", "\n".join(block)
        if entry["kind"] in HEADED and len(block) == 1:
            title, text = self._headed(entry["line"])
        elif entry["kind"] == "bullet" and (match := _BULLET.fullmatch(text)):
            title, text = match["lead"], match["rest"]
        elif entry["kind"] in LEAVES:
            title, text = self._labeled(entry["line"], block)
        return UnitText(entry["id"], entry["kind"], title, text, entry.get("parent"))

    def _headed(self, number: int) -> tuple[str, str]:
        """A heading and what stands under it up to the next heading or unit."""
        head = self._lines[number - 1]
        if not head.startswith(("#", "-")):
            return "", head
        own = []
        for line in range(number + 1, len(self._lines) + 1):
            if line in self._taken or self._lines[line - 1].startswith("#"):
                break
            own.append(self._lines[line - 1])
        text = "\n".join(line for line in own if not line.startswith("```"))
        return head.lstrip("#- "), text.strip()

    def _labeled(self, number: int, block: list[str]) -> tuple[str, str]:
        """A list or code with its heading, or else the bold line or heading above it."""
        if block[0].startswith("#"):
            return block[0].lstrip("# "), "\n".join(block[1:])
        text = "\n".join(line for line in block if not line.startswith("```"))
        above = number - 1
        while above > 0 and not self._lines[above - 1].strip("` "):
            above -= 1
        label = self._lines[above - 1].strip() if above else ""
        match = _LABEL.fullmatch(label)
        if match and match["label"] != "Answer":
            return match["label"], text
        is_heading = label.startswith("#") and above not in self._taken
        return (label.lstrip("# ") if is_heading else ""), text


def _span(entry: Mapping[str, Any]) -> range:
    return range(entry["line"], entry.get("end", entry["line"]) + 1)
