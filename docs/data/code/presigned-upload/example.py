"""Sign an upload so that the store can check it without asking the application."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode, urlsplit

NOW = 1_795_500_000  # a fixed clock: seconds since 1970
SECRET = b"sample-key-shared-by-application-and-store"  # in production: a secret store

# --8<-- [start:show]
BOUND = ("content-length", "content-type", "if-none-match")


def signature(
    method: str, path: str, expires: int, headers: Mapping[str, str], secret: bytes
) -> str:
    """Covers everything that the client must not choose."""
    lines = [method, path, str(expires), *(f"{n}:{headers.get(n, '')}" for n in BOUND)]
    return hmac.new(secret, "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def presign(
    path: str, size: int, media_type: str, now: int, secret: bytes
) -> tuple[str, dict[str, str]]:
    """The application's half: a URL for five minutes, and headers to send with it."""
    headers = {
        "content-length": str(size),
        "content-type": media_type,
        "if-none-match": "*",  # create, never replace
    }
    expires = now + 300
    signed = signature("PUT", path, expires, headers, secret)
    return f"{path}?{urlencode({'expires': expires, 'signature': signed})}", headers


def check(
    method: str, target: str, headers: Mapping[str, str], now: int, secret: bytes
) -> str | None:
    """The store's half: why the request is refused, before its body is read."""
    url = urlsplit(target)
    query = parse_qs(url.query)
    expires = query.get("expires", [""])[0]
    if not (expires.isascii() and expires.isdecimal() and len(expires) <= 12):
        return "no signature"
    expected = signature(method, url.path, int(expires), headers, secret)
    given = query.get("signature", [""])[0]
    if not hmac.compare_digest(expected.encode(), given.encode()):
        return "the signature does not fit this request"
    return "the signature has expired" if now > int(expires) else None


# --8<-- [end:show]


def main() -> None:
    url, headers = presign("/quarantine/7f3a", 18, "application/pdf", NOW, SECRET)
    cases = (
        ("as signed", url, {}, 0),
        ("another key", url.replace("7f3a", "7f3b"), {}, 0),
        ("another type", url, {"content-type": "text/html"}, 0),
        ("another length", url, {"content-length": "5000000000"}, 0),
        ("without if-none-match", url, {"if-none-match": ""}, 0),
        ("a later expiry", url.replace("expires=1", "expires=2"), {}, 0),
        ("after 300 seconds", url, {}, 300),
        ("after 301 seconds", url, {}, 301),
    )
    for label, target, changed, later in cases:
        refusal = check("PUT", target, headers | changed, NOW + later, SECRET)
        print(f"{label:<23}{refusal or 'accepted'}")
    refusal = check("GET", url, headers, NOW, SECRET)
    print(f"{'GET instead of PUT':<23}{refusal}")


if __name__ == "__main__":
    main()
