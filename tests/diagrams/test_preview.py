from __future__ import annotations

from pathlib import Path

from guide.diagrams.preview import PREVIEW_SCRIPT, install_preview_script


def test_the_script_is_installed_once_and_repaired_when_it_differs(tmp_path: Path):
    path = install_preview_script(tmp_path)
    assert path == tmp_path / PREVIEW_SCRIPT
    script = path.read_bytes()
    assert b'globalThis["mermaid"] = ' in script
    before = path.stat().st_mtime_ns
    install_preview_script(tmp_path)
    assert path.stat().st_mtime_ns == before
    path.write_bytes(script[:100])
    install_preview_script(tmp_path)
    assert path.read_bytes() == script
    assert [file.name for file in path.parent.iterdir()] == ["mermaid.js"]
