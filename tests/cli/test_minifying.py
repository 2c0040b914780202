"""Published scripts and style sheets are small; what is not ours stays as it is."""

from __future__ import annotations

from pathlib import Path

from guide.minifying import minify


def test_only_the_named_scripts_and_style_sheets_become_smaller(tmp_path: Path) -> None:
    script = "// why\nexport const twice = number => {\n  const result = 2 * number\n"
    script += "  return result\n}\n"
    for name in ("ours.js", "theirs.js", "data.json"):
        (tmp_path / name).write_text(script)
    (tmp_path / "ours.css").write_text("/* why */\n.a {\n  color: #ffffff;\n}\n")

    minify(tmp_path, ["ours.js", "ours.css", "data.json", "page.md"])

    assert (tmp_path / "ours.js").read_text() == (
        "export const twice=number=>{const result=2*number\nreturn result}"
    )
    assert (tmp_path / "ours.css").read_text() == ".a{color:#ffffff}"
    assert (tmp_path / "theirs.js").read_text() == script
    assert (tmp_path / "data.json").read_text() == script
