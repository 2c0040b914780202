"""Accept a file: stream, limit, look at the first bytes, hash, quarantine, promote."""

import hashlib
import itertools
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from email import message_from_bytes
from pathlib import Path

PIECE = 64 * 1024


class RefusedError(Exception):
    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")


# --8<-- [start:show]
TYPES = {  # what the first bytes must be, and the extension that we give
    "image/png": (b"\x89PNG\r\n\x1a\n", ".png"),
    "image/jpeg": (b"\xff\xd8\xff", ".jpg"),
    "application/pdf": (b"%PDF-", ".pdf"),
}


@dataclass(frozen=True)
class Upload:
    """The row in the database; the bytes are elsewhere, under the id."""

    id: str
    label: str  # the client's name, for display only
    media_type: str  # detected, not declared
    size: int
    sha256: str
    state: str = "quarantined"


def detect(head: bytes) -> str:
    for media_type, (magic, _) in TYPES.items():
        if head.startswith(magic):
            return media_type
    raise RefusedError(415, "not a PNG, JPEG or PDF")


def receive(
    label: str, pieces: Iterable[bytes], folder: Path, limit: int, new_id: str
) -> Upload:
    """Write the pieces to quarantine; leave nothing there if they are refused."""
    target = folder / "quarantine" / new_id
    digest, size, head, media_type = hashlib.sha256(), 0, b"", ""
    file = target.open("xb")  # outside try: a file that was there is not ours
    try:
        with file:
            for piece in pieces:
                size += len(piece)
                if size > limit:
                    raise RefusedError(413, f"more than {limit} bytes")
                if not media_type and len(head := head + piece) >= 8:
                    media_type = detect(head)
                digest.update(piece)
                file.write(piece)
        media_type = media_type or detect(head)
    except BaseException:
        target.unlink()
        raise
    return Upload(new_id, label, media_type, size, digest.hexdigest())


def promote(upload: Upload, folder: Path, is_clean: Callable[[Path], bool]) -> Upload:
    """Later, in a worker: publish what the scanner passes, delete the rest."""
    source = folder / "quarantine" / upload.id
    if not is_clean(source):
        source.unlink()
        return replace(upload, state="rejected")
    source.rename(folder / "public" / (upload.id + TYPES[upload.media_type][1]))
    return replace(upload, state="available")


# --8<-- [end:show]


class Multipart:
    """The parts of a multipart/form-data body, read as they arrive."""

    def __init__(self, source: Iterator[bytes], boundary: str) -> None:
        self._source = source
        self._buffer = bytearray(b"\r\n")
        self._delimiter = f"\r\n--{boundary}".encode()

    def parts(self) -> Iterator[tuple[str, Iterator[bytes]]]:
        for _ in self._until(self._delimiter):
            pass  # what stands before the first part
        while self._take(2) == b"\r\n":
            headers = b""
            for piece in self._until(b"\r\n\r\n"):
                headers += piece
                if len(headers) > 8192:
                    raise RefusedError(431, "headers of a part too large")
            name = message_from_bytes(headers + b"\r\n\r\n").get_filename("")
            yield name.replace("\\", "/").split("/")[-1], self._until(self._delimiter)

    def _until(self, mark: bytes) -> Iterator[bytes]:
        """Pieces up to the mark, which may be split between two of the source."""
        keep = len(mark) - 1
        while (at := self._buffer.find(mark)) < 0:
            if len(self._buffer) > keep:
                yield self._take(len(self._buffer) - keep)
            self._more()
        yield self._take(at)
        self._take(len(mark))

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._more()
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken

    def _more(self) -> None:
        piece = next(self._source, None)
        if piece is None:
            raise RefusedError(400, "the body ends before its boundary")
        self._buffer += piece


LIMIT = 100_000
BOUNDARY = "sample-boundary"
PNG = TYPES["image/png"][0]
CASES = (
    ("cat.png", "image/png", PNG, 20_000, True),
    ("../../etc/cron.d/job.jpg", "image/jpeg", b"\xff\xd8\xff\xe0", 1_000, True),
    ("photo.jpg", "image/jpeg", PNG, 500, True),
    ("invoice.pdf", "application/pdf", b"%PDF-1.7 SAMPLE-MALWARE", 100, True),
    ("cute.png", "image/png", b"<?php echo 'hello';", 100, True),
    ("huge.png", "image/png", PNG, 50_000_000, True),
    ("cut.png", "image/png", PNG, 5_000, False),
)


class Request:
    """A body that counts how much of it was asked for."""

    def __init__(
        self, name: str, declared: str, head: bytes, filler: int, whole: bool
    ) -> None:
        opening = (
            f"--{BOUNDARY}\r\nContent-Disposition: form-data; "
            f'name="file"; filename="{name}"\r\nContent-Type: {declared}\r\n\r\n'
        )
        closing = f"\r\n--{BOUNDARY}--\r\n" if whole else ""
        self._ends = (opening.encode() + head, closing.encode())
        self._filler = filler
        self.read = 0

    def pieces(self) -> Iterator[bytes]:
        sizes = (min(PIECE, self._filler - at) for at in range(0, self._filler, PIECE))
        fillers = (b"x" * size for size in sizes)
        for piece in itertools.chain(self._ends[:1], fillers, self._ends[1:]):
            self.read += len(piece)
            yield piece


def is_clean(path: Path) -> bool:
    return b"SAMPLE-MALWARE" not in path.read_bytes()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for area in ("quarantine", "public"):
            (folder / area).mkdir()
        uploads = []
        for number, case in enumerate(CASES, 1):
            request = Request(*case)
            try:
                for label, pieces in Multipart(request.pieces(), BOUNDARY).parts():
                    # In production: secrets.token_hex(16).
                    new_id = f"{number:032x}"
                    upload = receive(label, pieces, folder, LIMIT, new_id)
                    uploads.append(upload)
                    print(
                        f"{case[0]:<25}201 as {upload.label}, {upload.media_type},"
                        f" {upload.size} bytes, {upload.sha256[:8]}"
                    )
            except RefusedError as error:
                print(f"{case[0]:<25}{error}")
            if case[3] > LIMIT:
                early = "yes" if request.read * 100 < case[3] else "no"
                print(f"{'':<25}read less than 1 %: {early}")

        def names(area: str) -> str:
            found = sorted(path.name.lstrip("0") for path in (folder / area).iterdir())
            return " ".join(found) or "nothing"

        print(f"quarantine: {names('quarantine')}; public: {names('public')}")
        for upload in uploads:
            print(f"{upload.label:<25}{promote(upload, folder, is_clean).state}")
        print(f"quarantine: {names('quarantine')}; public: {names('public')}")


if __name__ == "__main__":
    main()
