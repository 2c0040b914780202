"""Keep the manifest of published addresses (docs/ids.txt) complete."""

from __future__ import annotations

from guide.checks import Finding
from guide.library import Library
from guide.library.permanence import MANIFEST, addresses, write_manifest
from guide.library.writing import write_text

RULE = "id-recorded"


def unrecorded(library: Library) -> list[str]:
    """Addresses that would be published without being recorded."""
    recorded = set(library.published)
    return [address for address in addresses(library.pages) if address not in recorded]


def check_recorded(library: Library) -> list[Finding]:
    """One finding if anything is missing: what is not recorded could vanish unnoticed."""
    missing = unrecorded(library)
    if not missing:
        return []
    others = f" and {len(missing) - 1:,} others" if len(missing) > 1 else ""
    return [
        Finding(
            MANIFEST,
            1,
            1,
            RULE,
            f"`{missing[0]}`{others} would be published without being recorded",
            "run `guide check --fix` and commit the file",
        )
    ]


def record(library: Library) -> int:
    """Add what is missing to the manifest; return how many addresses that were.

    Old addresses stay where they are, so that a lost one still has its neighbors.
    """
    missing = unrecorded(library)
    if missing:
        present = list(addresses(library.pages))
        write_text(library.root / MANIFEST, write_manifest(_merge(library.published, present)))
    return len(missing)


def _merge(recorded: tuple[str, ...], present: list[str]) -> list[str]:
    """All addresses, page by page: those present in reading order, lost ones after the address
    that they followed.
    """
    merged = list(present)
    known = set(present)
    before = ""
    for address in recorded:
        if address and address not in known:
            merged.insert(merged.index(before) + 1 if before else 0, address)
            known.add(address)
        before = address or before
    return merged
