"""Register a passkey and sign in with it, on $PORT; ids and challenges are samples."""

import base64
import hashlib
import itertools
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from example import (
    BE,
    NOW,
    ORIGIN,
    RP_ID,
    UP,
    UV,
    Assertion,
    Challenges,
    Credential,
    RefusedError,
    encode,
    read,
    verify,
)

MAX_BODY = 4096  # bytes
NUMBERS = itertools.count(1)
CHALLENGES = Challenges(lambda: bytes([next(NUMBERS)]) * 32, lambda: NOW)
SIGNED_IN = {"s-1": "ada"}  # Ada came in with her password
USER_HANDLES = {"ada": b"user-handle-1"}  # opaque and random, never an e-mail
CREDENTIALS: dict[str, tuple[str, Credential]] = {}


def decode(text: object) -> bytes:
    if not isinstance(text, str):
        raise RefusedError("not a text")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        raise RefusedError("not base64url") from None


def cbor(raw: bytes, at: int = 0) -> tuple[Any, int]:
    """The part of CBOR (RFC 8949) that authenticators use: value and place after it."""
    kind, low = raw[at] >> 5, raw[at] & 0x1F
    at += 1
    if low >= 24:
        size = 1 << (low - 24)
        low, at = int.from_bytes(raw[at : at + size]), at + size
    if kind == 0:
        return low, at
    if kind == 1:
        return -1 - low, at
    if kind in (2, 3):
        part = raw[at : at + low]
        return (part if kind == 2 else part.decode()), at + low
    if kind == 5:
        pairs = {}
        for _ in range(low):
            key, at = cbor(raw, at)
            pairs[key], at = cbor(raw, at)
        return pairs, at
    raise RefusedError("not the CBOR of an authenticator")


def register(user: str, body: dict[str, Any], challenge: bytes | None) -> str:
    """WebAuthn Level 3, section 7.1."""
    response = body["response"]
    client = read(decode(response["clientDataJSON"]))
    if challenge is None or client["challenge"] != encode(challenge):
        raise RefusedError("another challenge")
    if client["type"] != "webauthn.create" or client["origin"] != ORIGIN:
        raise RefusedError("another type or origin")
    attestation, _ = cbor(decode(response["attestationObject"]))
    if attestation["fmt"] != "none":
        raise RefusedError("unasked attestation")
    data: bytes = attestation["authData"]
    flags = data[32]
    if data[:32] != hashlib.sha256(RP_ID.encode()).digest():
        raise RefusedError("another RP ID")
    if not flags & UP or not flags & UV or not flags & 0x40:
        raise RefusedError("flags")
    end = 55 + int.from_bytes(data[53:55])  # after the AAGUID: length and id
    key, _ = cbor(data, end)
    if (key[1], key[3], key[-1]) != (2, -7, 1):  # EC2, ES256, P-256
        raise RefusedError("unasked algorithm")
    numbers = [int.from_bytes(key[name]) for name in (-2, -3)]
    public = ec.EllipticCurvePublicNumbers(*numbers, ec.SECP256R1()).public_key()
    credential_id = encode(data[55:end])
    if credential_id in CREDENTIALS:
        raise RefusedError("known already")
    counter = int.from_bytes(data[33:37])
    CREDENTIALS[credential_id] = (user, Credential(public, bool(flags & BE), counter))
    return credential_id


def sign_in(body: dict[str, Any], challenge: bytes | None) -> str:
    response = body["response"]
    user, credential = CREDENTIALS.get(body["id"], ("", None))
    if credential is None or decode(response["userHandle"]) != USER_HANDLES[user]:
        raise RefusedError("no such credential")
    parts = (response[k] for k in ("clientDataJSON", "authenticatorData", "signature"))
    verify(credential, Assertion(*map(decode, parts)), challenge)
    return user


class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413)
            return
        try:
            body = json.loads(self.rfile.read(int(length)) or b"{}")
            self.route(body)
        except (RefusedError, ValueError, KeyError, TypeError, IndexError):
            problem = {"title": "That did not work", "status": 403}
            self.answer(403, problem, "application/problem+json")

    def route(self, body: dict[str, Any]) -> None:
        cookie = self.headers.get("Cookie", "").rpartition("=")[2]
        match self.path:
            case "/passkeys/options":
                self.answer(200, self.creation_options(SIGNED_IN[cookie], cookie))
            case "/passkeys":
                user = SIGNED_IN[cookie]
                created = register(user, body, CHALLENGES.take(cookie))
                self.answer(201, {"id": created})
            case "/sign-in/options":
                options = {
                    "challenge": encode(CHALLENGES.issue("p-1")),
                    "rpId": RP_ID,
                    "allowCredentials": [],
                    "userVerification": "required",
                    "timeout": 300_000,
                }
                self.answer(200, options, cookie="__Host-pre=p-1")
            case "/sign-in":
                user = sign_in(body, CHALLENGES.take(cookie))
                SIGNED_IN["s-2"] = user
                self.answer(204, cookie="__Host-session=s-2")
            case _:
                self.answer(404, {})

    def creation_options(self, user: str, session: str) -> dict[str, Any]:
        return {
            "challenge": encode(CHALLENGES.issue(session)),
            "rp": {"id": RP_ID, "name": "Shop"},
            "user": {
                "id": encode(USER_HANDLES[user]),
                "name": "ada@example.com",
                "displayName": "Ada",
            },
            "pubKeyCredParams": [{"type": "public-key", "alg": -7}],
            "excludeCredentials": [],
            "authenticatorSelection": {
                "residentKey": "required",
                "userVerification": "required",
            },
            "attestation": "none",
        }

    def answer(
        self,
        status: int,
        content: dict[str, Any] | None = None,
        media_type: str = "application/json",
        cookie: str = "",
    ) -> None:
        self.send_response(status)
        if cookie:
            settings = "Path=/; Secure; HttpOnly; SameSite=Lax"
            self.send_header("Set-Cookie", f"{cookie}; {settings}")
        self.send_header("Cache-Control", "no-store")
        raw = b""
        if content is not None:
            raw = json.dumps(content, indent=2).encode()
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Site) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
