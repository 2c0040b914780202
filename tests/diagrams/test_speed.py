from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import mermaidx
from guide.diagrams.config import MERMAID_CONFIG, layout_css
from guide.diagrams.speed import remember_stylesheet

if "fast" in sys.argv:
    remember_stylesheet()
for source in ("flowchart TD\\n  A[(One)] -->|two| B{Three}", "flowchart LR\\n  C --> D"):
    drawing = mermaidx.render(
        source, theme="base", config=MERMAID_CONFIG,
        css=layout_css("flowchart") if "fast" in sys.argv else None,
    )
    print(drawing.svg())
"""


def drawn(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout


def test_measuring_with_fewer_rules_and_a_memory_changes_no_byte():
    fast = drawn("fast")
    assert fast.count("<svg") == 2
    assert fast == drawn()
