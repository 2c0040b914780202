"""Images beside a document: which may come along, under which name, and what they show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import unquote

from guide.intake.slugs import free, slug

MAX_BYTES = 2_000_000
_STARTS = {
    ".png": (b"\x89PNG\r\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF87a", b"GIF89a"),
    ".webp": (b"RIFF",),
    ".svg": (b"<",),
}
_SCRIPT = re.compile(
    rb"<script|<foreignobject|<!entity|javascript:|\son\w+\s*=|(?:href|src)\s*=\s*[\"'](?!#|data:image/)"
    rb"|url\(\s*[\"']?(?!#)|@import",
    re.IGNORECASE,
)
_SAYS_NOTHING = frozenset(
    "a alt alternative an chart diagram drawing fig figure file graph graphic here icon"
    " illustration image images img logo of photo pic picture placeholder png screenshot screen"
    " shot svg text that the this todo untitled".split()
)
_FILE = re.compile(r"[\w./-]+\.(?:png|jpe?g|gif|svg|webp|avif)", re.IGNORECASE)


class ImageError(Exception):
    """Why an image does not come along."""


class Images:
    """Collects the images that a document shows; `beside` is its folder, None if it has none."""

    def __init__(self, beside: Path | None, folder: str) -> None:
        self._beside = beside.resolve() if beside else None
        self._folder = folder
        self._names: dict[Path, str] = {}

    @property
    def copies(self) -> Mapping[Path, str]:
        """The files to be copied, and to which paths under docs/."""
        return {path: f"{self._folder}/images/{name}" for path, name in self._names.items()}

    def add(self, target: str) -> str:
        """Return how a page links to the image at `target`; raise ImageError if it may not."""
        path = self._find(target)
        if path not in self._names:
            name = slug(path.stem, "image")
            taken = {Path(each).stem for each in self._names.values()}
            self._names[path] = f"{free(name, taken)}{path.suffix.lower()}"
        return f"images/{self._names[path]}"

    def _find(self, target: str) -> Path:
        if self._beside is None:
            raise ImageError("the document has no folder")
        name = unquote(re.split(r"[?#]", target, maxsplit=1)[0])
        try:
            path = (self._beside / name).resolve()
            if Path(name).is_absolute() or not path.is_relative_to(self._beside):
                raise ImageError("it is outside the document's folder")
            if not path.is_file():
                raise ImageError("there is no such file")
            if path.stat().st_size > MAX_BYTES:
                raise ImageError(f"it is larger than {MAX_BYTES // 1_000_000} MB")
            starts = _STARTS.get(path.suffix.lower())
            data = path.read_bytes()
        except (OSError, ValueError, RuntimeError):
            raise ImageError("it cannot be read") from None
        if starts is None or not data.lstrip(b"\xef\xbb\xbf \r\n").startswith(starts):
            raise ImageError("it is no image of a kind that the site shows")
        if path.suffix.lower() == ".svg" and _SCRIPT.search(data):
            raise ImageError("it runs scripts or loads other files")
        return path


def says_something(text: str) -> bool:
    """Tell whether an alternative text describes anything."""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    return _FILE.fullmatch(text.strip()) is None and bool(words - _SAYS_NOTHING)


def described(target: str, places: Iterable[str]) -> str:
    """What an image without words may show: by its file's name, else where it stands."""
    name = unquote(re.split(r"[?#]", target, maxsplit=1)[0]).rstrip("/").rpartition("/")[2]
    words = re.sub(r"[-_.\s]+", " ", name.rpartition(".")[0] or name).strip()
    is_name = re.search(r"[a-z]{3}", words.lower()) and not re.search(r"\d{5}|[0-9a-f]{16}", words)
    for text in ((words[:1].upper() + words[1:]) if is_name else "", *places):
        if says_something(text):
            return text
    return "Image of the document"
