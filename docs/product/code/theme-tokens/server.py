"""Serve theme tokens, a page in two languages and its draft, on $PORT."""

import hashlib
import hmac
import json
import os
import re
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

KEY = b"sample-preview-key"  # a sample: real ones come from a vault
NOW = 1_800_000_000  # seconds since 1970; fixed, so that the trace is the same
BRAND = {"colorSpace": "srgb", "components": [0, 0.47, 0.42]}
THEME = {"brand": {"$type": "color", "$value": BRAND}}
PUBLISHED = {"en": {"title": "Tea"}, "de": {"title": "Tee"}}
DRAFTS = {
    "home": {"version": 8, "title": "Tea, new harvest"},
    "prices": {"version": 8, "title": "Prices from May"},
}

RANGE = re.compile(
    r"\s*(en|de)(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.\d{0,3})?)\s*)?", re.IGNORECASE
)

Answer = tuple[int, dict[str, str], object]


def negotiate(accept: str) -> str:
    """The better of two languages; locale-negotiation has the whole lookup."""
    found = [each for item in accept.split(",") if (each := RANGE.fullmatch(item))]
    found.sort(key=lambda each: -float(each[2] or 1))
    return found[0][1].lower() if found and float(found[0][2] or 1) else "en"


# --8<-- [start:show]
def preview_token(page: str, version: int, expires: int) -> str:
    """Opens one version of one page for some minutes. Cut: take 32 digits or more."""
    signed = f"{page}.{version}.{expires}"
    return f"{signed}.{hmac.digest(KEY, signed.encode(), 'sha256').hex()[:8]}"


def draft(page: str, token: str) -> Answer:
    """Another origin than the public one, or at least another cache rule."""
    headers = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
    found = DRAFTS.get(page)
    fields = token.split(".")
    if found is None or len(fields) != 4 or not fields[2].isdecimal():
        return 404, headers, {"title": "No such preview"}
    expected = preview_token(page, found["version"], int(fields[2]))
    if not hmac.compare_digest(token.encode(), expected.encode()):
        return 404, headers, {"title": "No such preview"}
    if int(fields[2]) <= NOW:
        return 403, headers, {"title": "This preview has expired"}
    headers["Referrer-Policy"] = "no-referrer"  # the token is in the address
    return 200, headers, found


def page(language: str, accept: str) -> Answer:
    """/home negotiates and is not stored by shared caches; /de/home is."""
    headers = {"Vary": "Accept-Language"}  # on the default too
    if not language:
        language = negotiate(accept)
        headers["Cache-Control"] = "private, max-age=60"
        headers["Content-Location"] = f"/{language}/home"
    else:
        headers = {"Cache-Control": "public, max-age=60, s-maxage=600"}
    headers["Content-Language"] = language
    return 200, headers, PUBLISHED[language]


def tokens() -> Answer:
    """Ask again each time, and pay only for changes."""
    return 200, {"Cache-Control": "public, no-cache"}, THEME


# --8<-- [end:show]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        match url.path.split("/")[1:]:
            case ["themes", "shop", "tokens"]:
                answer = tokens()
            case ["preview", name]:
                answer = draft(name, parse_qs(url.query).get("token", [""])[0])
            case ["home"]:
                answer = page("", self.headers.get("Accept-Language", ""))
            case ["en" | "de" as language, "home"]:
                answer = page(language, "")
            case _:
                answer = 404, {"Cache-Control": "no-store"}, {"title": "No such page"}
        self.respond(*answer)

    def respond(self, status: int, headers: dict[str, str], content: object) -> None:
        body = json.dumps(content, separators=(",", ":")).encode()
        cacheable = headers["Cache-Control"] != "no-store"
        if cacheable:
            # Cut to 8 digits for the page: take 32 or more.
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:8]}"'
            if headers["ETag"] in self.headers.get("If-None-Match", ""):
                status = 304
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status != 304:
            kind = "application/json" if status == 200 else "application/problem+json"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
