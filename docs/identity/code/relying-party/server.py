"""Serve the provider and the shop on $PORT, by Host.

The trace sends the shop's back-channel requests itself, one after the other; the
shop then takes the ID token that the provider answered to its token request.
"""

import base64
import hashlib
import json
import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlencode, urlsplit

import example
from example import CLAIMS, CLIENT_ID, ISSUER, Accounts, Json, RefusedError

MAX_BODY = 4096  # bytes
NOW = 1_767_225_600
CALLBACK = "https://shop.test/callback"
LOGIN = "__Host-login=sample-login-1"
BASIC = base64.b64encode(f"{CLIENT_ID}:sample-secret".encode()).decode()
COOKIE = "Path=/; Secure; HttpOnly; SameSite=Lax"


def s256(text: str) -> str:
    return example.encode(hashlib.sha256(text.encode()).digest())


class Provider(example.MockProvider):
    def __init__(self) -> None:
        super().__init__()
        self.codes: dict[str, dict[str, str]] = {}
        self.answers: dict[str, Json] = {}

    def authorize(self, query: dict[str, str]) -> str:
        if query["client_id"] != CLIENT_ID or query["redirect_uri"] != CALLBACK:
            raise RefusedError("invalid_request")
        self.codes["sample-code-1"] = query
        back = {"code": "sample-code-1", "state": query["state"], "iss": ISSUER}
        return f"{CALLBACK}?{urlencode(back)}"

    def token(self, form: dict[str, str]) -> Json:
        query = self.codes.pop(form.get("code", ""), None)
        proof = s256(form.get("code_verifier", ""))
        if query is None or not example.same(proof, query["code_challenge"]):
            raise RefusedError("invalid_grant")
        times = {"iat": NOW, "exp": NOW + 300, "nonce": query["nonce"]}
        self.answers[form["code"]] = {
            "access_token": "sample-access-1",
            "token_type": "Bearer",
            "expires_in": 300,
            "id_token": example.issue(example.KEY_1, CLAIMS | times),
        }
        return self.answers[form["code"]]


class Shop:
    """What one browser began: kept in its session, under the login cookie."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.accounts = provider, Accounts()
        self.document = example.discover(provider.fetch, ISSUER)
        keys = example.KeyCache(provider.fetch, f"{ISSUER}/keys", lambda: NOW)
        self.party = example.RelyingParty(ISSUER, CLIENT_ID, keys, lambda: NOW)
        self.began: dict[str, dict[str, str]] = {}

    def begin(self) -> str:
        once = {"state": "sample-state-1", "nonce": "sample-nonce-1"}
        self.began[LOGIN] = once
        query = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": CALLBACK,
            "scope": "openid email",
            **once,
            # Of RFC 7636, appendix B.
            "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
            "code_challenge_method": "S256",
        }
        return f"{self.document['authorization_endpoint']}?{urlencode(query)}"

    def finish(self, cookie: str, query: dict[str, str]) -> str:
        once = self.began.pop(cookie, None)
        if once is None or not example.same(query.get("state", ""), once["state"]):
            raise RefusedError("state of another browser")
        if query.get("iss") != ISSUER:
            raise RefusedError("iss of another provider")
        token = self.provider.answers[query["code"]]["id_token"]
        claims = self.party.check(token, once["nonce"])
        return self.accounts.sign_in(example.from_claims(claims))


PROVIDER = Provider()
SHOP = Shop(PROVIDER)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 5  # seconds

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = dict(parse_qsl(url.query))
        route = f"{self.headers.get('Host')}{url.path}"
        try:
            if route == "shop.test/login":
                self.redirect(302, SHOP.begin(), LOGIN)
            elif route == "shop.test/callback":
                SHOP.finish(self.headers.get("Cookie", ""), query)
                self.redirect(303, "/account", "__Host-session=sample-session-1")
            elif route == "id.example.com/authorize":
                self.redirect(302, PROVIDER.authorize(query))
            elif route in (
                "id.example.com/.well-known/openid-configuration",
                "id.example.com/keys",
            ):
                self.document(200, PROVIDER.fetch(f"https://{route}"))
            else:
                self.document(404, {"error": "not_found"})
        except RefusedError:
            self.document(400, {"error": "sign_in_failed"})

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > MAX_BODY:
            self.send_error(413)
            return
        form = dict(parse_qsl(self.rfile.read(int(length)).decode(errors="replace")))
        if self.headers.get("Authorization") != f"Basic {BASIC}":
            self.document(401, {"error": "invalid_client"})
            return
        try:
            self.document(200, PROVIDER.token(form))
        except RefusedError:
            self.document(400, {"error": "invalid_grant"})

    def redirect(self, status: int, target: str, cookie: str = "") -> None:
        self.send_response(status)
        self.send_header("Location", target)
        if cookie:
            self.send_header("Set-Cookie", f"{cookie}; {COOKIE}")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def document(self, status: int, value: Json) -> None:
        body = json.dumps(value).encode()
        public = self.command == "GET" and status == 200
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "max-age=600" if public else "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep stderr quiet."""


def main() -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    with HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
