"""HTTP messages as they cross the wire, read by h11; several in one block, one after another.

A message begins with a request line or a status line, at the top or after a blank line. The head
must be valid HTTP/1.1 (`HTTP/2` and `HTTP/3` are read as curl prints them, in the same form), a
body must agree with its `Content-Length`, and a JSON body must be JSON. A head without its body is
an honest fragment as long as it promises no length.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import h11

from guide.languages import json_text
from guide.languages.problem import SyntaxProblem, quoted

_VERSION = r"HTTP/(?:1\.0|1\.1|2|3)"
_REQUEST_LINE = re.compile(rf"(?P<method>[A-Z][A-Z-]*) (?P<target>\S+) {_VERSION}")
_STATUS_LINE = re.compile(rf"{_VERSION} (?P<status>[1-5]\d\d)(?: .*)?")
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NOT_IN_VALUE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NO_BODY = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class _Message:
    """One message; every line number is relative to the block and counts from 1."""

    line: int
    start: str
    headers: tuple[str, ...]
    body: str
    """The lines after the blank line, joined by line feeds, without the last line break."""

    @property
    def body_line(self) -> int:
        return self.line + len(self.headers) + 2

    @property
    def status(self) -> int | None:
        match = _STATUS_LINE.fullmatch(self.start)
        return int(match["status"]) if match else None

    @property
    def method(self) -> str | None:
        match = _REQUEST_LINE.fullmatch(self.start)
        return match["method"] if match else None

    def header(self, name: str) -> str | None:
        """Return the value of the first header of this name."""
        for header in self.headers:
            key, _, value = header.partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def header_line(self, name: str) -> int:
        """Return the line of the first header of this name, which must be there."""
        keys = [header.partition(":")[0].lower() for header in self.headers]
        return self.line + 1 + keys.index(name)


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem of each message, in a start line, a header or the body."""
    problems: list[SyntaxProblem] = []
    asked: str | None = None
    for message in _split(code.split("\n")):
        asked = message.method or asked
        problem = _start_problem(message) or _head_problem(message, asked)
        problem = problem or _body_problem(message, asked)
        if problem is not None:
            problems.append(problem)
    return tuple(problems)


def message_starts(lines: Sequence[str]) -> list[int]:
    """Numbers of the `lines`, from 0, with which messages begin.

    The first is the first that is not blank, whatever it says.
    """
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return [first] + [
        number
        for number in range(first + 1, len(lines))
        if not lines[number - 1].strip() and _is_start(lines[number])
    ]


def _is_start(line: str) -> bool:
    return bool(_REQUEST_LINE.fullmatch(line) or _STATUS_LINE.fullmatch(line))


def _split(lines: Sequence[str]) -> Iterator[_Message]:
    starts = message_starts(lines)
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        part = list(lines[start:end])
        while not part[-1].strip():
            part.pop()
        blank = next((at for at, line in enumerate(part) if not line.strip()), len(part))
        yield _Message(start + 1, part[0], tuple(part[1:blank]), "\n".join(part[blank + 1 :]))


def _start_problem(message: _Message) -> SyntaxProblem | None:
    line = message.start
    if _is_start(line):
        foreign = re.search(r"[^\x21-\x7e]", line.rpartition(" ")[0].replace(" ", ""))
        if message.method is None or foreign is None:
            return None
        what = f"{quoted(foreign.group())} cannot be in a request target"
        column = line.index(foreign.group()) + 1
        return SyntaxProblem(message.line, column, what, "percent-encode its UTF-8 bytes")
    words = line.split()
    what = "this is neither a request line nor a status line"
    hint: str | None = "`GET /orders HTTP/1.1` or `HTTP/1.1 200 OK`"
    column = 1
    if words[0].startswith("HTTP/"):
        what, hint = "this status line is not valid", "`HTTP/1.1 200 OK`"
        if re.match(_VERSION + " ", line):
            what, column = "the status must be a number from 100 to 599", line.index(" ") + 2
    elif len(words) == 2 and words[0].isupper():
        what = "the HTTP version is missing"
        hint, column = f"`{line.strip()} HTTP/1.1`", len(line.rstrip()) + 1
    elif len(words) == 3 and words[2].startswith("HTTP/"):
        if not re.fullmatch(_VERSION, words[2]):
            what, hint = f"unknown version {quoted(words[2])}", "`HTTP/1.1`"
            column = line.index(words[2]) + 1
        elif not words[0].isupper():
            what, hint = "a method is written in upper case", f"`{words[0].upper()}`"
        else:
            what, hint = "one space separates the parts of a request line", None
    elif len(words) > 3 and words[-1].startswith("HTTP/"):
        what, hint = "a request target holds no spaces", "encode them as `%20`"
        column = line.index(words[2], line.index(words[1]) + len(words[1]))
    return SyntaxProblem(message.line, column, what, hint)


def _head_problem(message: _Message, asked: str | None) -> SyntaxProblem | None:
    for number, header in enumerate(message.headers, start=message.line + 1):
        problem = _header_problem(number, header)
        if problem is not None:
            return problem
    # h11 says what is wrong but not where: the shortest head that it rejects ends there.
    for count in range(len(message.headers) + 1):
        complaint = _ask_h11(message.start, message.headers[:count], asked, with_host=True)
        if complaint is not None:
            return SyntaxProblem(message.line + count, 1, complaint)
    complaint = _ask_h11(message.start, message.headers, asked, with_host=False)
    if complaint is not None:
        return SyntaxProblem(message.line, 1, complaint, "add a `Host` header")
    status = message.status
    if status is not None and (status < 200 or status == 204):
        for name in ("content-length", "transfer-encoding"):
            if message.header(name) is not None:
                what = f"a {status} response has no `{name.title()}`"
                return SyntaxProblem(message.header_line(name), 1, what)
    return None


def _header_problem(number: int, header: str) -> SyntaxProblem | None:
    if header[0] in " \t":
        what = "a header line starts with its name, not with a space"
        return SyntaxProblem(number, 1, what, "put the whole value on one line")
    name, colon, value = header.partition(":")
    if not colon:
        if _is_start(header):
            return SyntaxProblem(number, 1, "a blank line is missing before this message")
        hint = "a blank line separates headers and body"
        return SyntaxProblem(number, 1, f"this header has no colon: {quoted(header)}", hint)
    valid = _NAME.match(name)
    if valid is None or valid.end() < len(name):
        column = (valid.end() if valid else 0) + 1
        bad = quoted(name[column - 1 : column]) if name[column - 1 : column].strip() else "a space"
        return SyntaxProblem(number, column, f"{bad} cannot be in a header name")
    control = _NOT_IN_VALUE.search(value)
    if control is not None:
        column = len(name) + 2 + control.start()
        return SyntaxProblem(number, column, "a header value cannot hold a control character")
    return None


def _ask_h11(
    start: str, headers: Sequence[str], asked: str | None, *, with_host: bool
) -> str | None:
    """Return h11's complaint about a head, if any; `with_host` adds a Host where none is given."""
    start = re.sub(r"HTTP/[23]", "HTTP/1.1", start)
    lines = [start, *headers]
    is_request = not start.startswith("HTTP/")
    if is_request and with_host and not any(each.lower().startswith("host:") for each in headers):
        lines.append("Host: example.com")
    head = ("\r\n".join(lines) + "\r\n\r\n").encode()
    try:
        if is_request:
            connection = h11.Connection(h11.SERVER)
        else:
            connection = h11.Connection(h11.CLIENT)
            connection.send(_question(asked))
        connection.receive_data(head)
        connection.next_event()
    except h11.RemoteProtocolError as error:
        text = str(error).partition(": bytearray")[0]
        return text[0].lower() + text[1:]
    return None


def _question(asked: str | None) -> h11.Request:
    """Return a request to which any response may be the answer."""
    headers = [("Host", "example.com"), ("Connection", "upgrade"), ("Upgrade", "websocket")]
    return h11.Request(method=asked or "GET", target="/", headers=headers)


def _body_problem(message: _Message, asked: str | None) -> SyntaxProblem | None:
    length, status = message.header("content-length"), message.status
    if message.body:
        if status is not None and (status < 200 or status in _NO_BODY):
            what = f"a {status} response has no body"
            return SyntaxProblem(message.body_line, 1, what, "or is a start line misspelt here?")
        framing = ("content-type", "content-length", "transfer-encoding")
        if all(message.header(name) is None for name in framing):
            what = "a body that no header announces"
            return SyntaxProblem(message.body_line, 1, what, "or is a start line misspelt here?")
    elif status == 304 or (status is not None and asked == "HEAD"):
        return None
    size = len(message.body.encode())
    if length is not None and int(length) != size:
        line = message.header_line("content-length")
        column = message.headers[line - message.line - 1].rindex(length) + 1
        what = f"`Content-Length` is {length}, but the body has {size} bytes"
        return SyntaxProblem(line, column, what)
    return _json_problem(message) if message.body else None


def _json_problem(message: _Message) -> SyntaxProblem | None:
    kind = (message.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != "application/json" and not kind.endswith("+json"):
        return None
    if message.header("transfer-encoding") is not None:
        return None
    for each in json_text.verify("json", message.body):
        line = each.line + message.body_line - 1
        return SyntaxProblem(line, each.column, each.message, each.hint)
    return None
