"""The text that the parser's block rules read."""

from __future__ import annotations

from markdown_it.rules_block import StateBlock


def line_at(state: StateBlock, line: int) -> str:
    """A line of what is parsed, without its indentation."""
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
