"""What must hold for the pages of any document: they are whole, sound, and stay as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from guide.checks import Finding
from guide.intake.model import IntakeError
from guide.intake.relating.relating import Relater
from guide.library import Library
from guide.normalizing.drafts import Normalized, Options, normalize

_NAME = "random"


class Laboratory:
    """Normalizes texts beside one library and looks at what comes out; nothing is written there."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._relater = Relater(library)

    def assert_holds(self, text: str) -> None:
        """Fail with the document and its pages unless everything holds that must hold."""
        done = self._normalized(text, _NAME)
        if done is None:
            return
        conservation = done.report.conservation
        assert conservation.whole, _shown(text, done, f"lost: {conservation}")
        assert not done.findings, _shown(text, done, "\n".join(map(str, done.findings)))
        for path, page in done.texts.items():
            again = self._normalized(page, Path(path).stem)
            assert again is not None, _shown(text, done, f"{path} is refused")
            assert again.texts == {path: page}, _shown(text, done, f"again: {again.texts}")

    def _normalized(self, text: str, stem: str) -> Normalized | None:
        """The document as pages, or None where it is refused."""
        with tempfile.TemporaryDirectory(prefix="intake-") as folder:
            path = Path(folder) / f"{stem}.md"
            path.write_text(text, encoding="utf-8", newline="")
            try:
                return normalize(
                    self._library, self._relater, path, Options(name=_NAME), draw_nothing
                )
            except IntakeError:
                return None


def draw_nothing(library: Library) -> Sequence[Finding]:
    """For what draws nothing: it takes long, and whether it succeeds is looked at elsewhere."""
    return ()


def _shown(text: str, done: Normalized, fault: str) -> str:
    pages = "\n".join(f"--- {path}\n{page}" for path, page in done.texts.items())
    return f"{fault}\n--- the document\n{text}\n{pages}"
