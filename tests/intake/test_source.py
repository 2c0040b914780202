"""Documents are read in any encoding that can be told; what is no text is refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.intake.model import IntakeError
from guide.intake.reading.source import MAX_BYTES, read_document

GERMAN = "# Gewässer\n\nÜber die Größe der Flüsse, Bäche und Seen; schön und übermäßig lang.\n"
CHINESE = "# 后端面试\n\n缓存是什么？缓存把数据放在离用户更近的地方，用过期时间换取速度。\n"


@pytest.mark.parametrize(
    ("text", "encoding", "named"),
    [
        (GERMAN, "utf-8", "utf-8"),
        (GERMAN, "utf-8-sig", "utf-8"),
        (GERMAN, "utf-16", "utf-16"),
        (CHINESE, "utf-16-be", None),
        (CHINESE * 4, "gb18030", None),
    ],
)
def test_an_encoding_is_told(tmp_path: Path, text: str, encoding: str, named: str | None) -> None:
    path = tmp_path / "notes.md"
    raw = text.encode(encoding)
    path.write_bytes(b"\xfe\xff" + raw if encoding == "utf-16-be" else raw)
    document = read_document(path)
    assert document.source.text == text
    assert named is None or document.source.encoding == named


def test_line_ends_and_marks_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(b"\xef\xbb\xbf# T\r\n\r\nText\x07.\r\n")
    document = read_document(path)
    assert document.source.text == "# T\n\nText.\n"
    assert [change.message for change in document.changes] == [
        "a byte order mark",
        "the line ends, to LF",
        "1 control characters and invisible ones",
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "this is a binary file (NUL at byte 8), not Markdown"),
        (b"a" * (MAX_BYTES + 1), "the file has 5,000,001 bytes; a document may have 5,000,000"),
    ],
)
def test_what_is_no_document_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "notes.md"
    path.write_bytes(content)
    with pytest.raises(IntakeError) as refused:
        read_document(path)
    assert str(refused.value) == message


def test_a_folder_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(IntakeError, match="this is a folder"):
        read_document(tmp_path)
    with pytest.raises(IntakeError, match="cannot be read: No such file or directory"):
        read_document(tmp_path / "none.md")
