"""Guard one route with three interchangeable authenticators, and attack it."""

import base64
import contextlib
import hashlib
import hmac
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NEXT_YEAR = datetime(2027, 11, 21, tzinfo=UTC)
YESTERDAY = datetime(2026, 11, 20, tzinfo=UTC)
ITERATIONS = 600_000  # OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256
READ = "reports:read"
SCOPES = frozenset({READ})


@dataclass(frozen=True, slots=True)
class Principal:
    name: str
    scopes: frozenset[str]


class RejectedError(Exception):
    """Why a credential was refused: for the log, never for the caller."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    challenges: list[str]
    body: dict[str, str]


class Authenticator(Protocol):
    @property
    def scheme(self) -> str: ...
    def authenticate(self, credentials: str) -> Principal: ...


@dataclass(frozen=True, slots=True)
class Account:
    principal: Principal
    salt: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Basic:
    """A name and a password for a machine; the table holds slow hashes."""

    accounts: dict[str, Account]
    nobody: Account
    scheme: str = "Basic"

    def authenticate(self, credentials: str) -> Principal:
        try:
            raw = base64.b64decode(credentials, validate=True).decode()
        except ValueError:
            raise RejectedError("not base64") from None
        name, colon, password = raw.partition(":")
        if not colon:
            raise RejectedError("no colon")
        account = self.accounts.get(name, self.nobody)  # the same work for all
        right = hmac.compare_digest(slow_hash(password, account.salt), account.hash)
        if account is self.nobody:
            raise RejectedError("unknown user")
        if not right:
            raise RejectedError("wrong password")
        return account.principal


@dataclass(frozen=True, slots=True)
class Token:
    principal: Principal
    expires: datetime


@dataclass(frozen=True, slots=True)
class Bearer:
    """Opaque tokens, found by their hash."""

    tokens: dict[bytes, Token]
    scheme: str = "Bearer"

    def authenticate(self, credentials: str) -> Principal:
        token = self.tokens.get(sha256(credentials))
        if token is None:
            raise RejectedError("unknown token")
        if token.expires <= NOW:
            raise RejectedError("token expired")
        return token.principal


@dataclass(frozen=True, slots=True)
class Key:
    hash: bytes  # of a random secret, so a fast hash is enough
    principal: Principal
    expires: datetime
    revoked: bool = False


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class ApiKeys:
    """shop_k1_secret: looked up by k1, compared by hash."""

    keys: dict[str, Key]
    nobody: Key
    scheme: str = "ApiKey"

    def authenticate(self, credentials: str) -> Principal:
        brand, _, rest = credentials.partition("_")
        key_id, _, secret = rest.partition("_")
        key = self.keys.get(key_id, self.nobody)
        right = hmac.compare_digest(sha256(secret), key.hash)
        if brand != "shop" or key is self.nobody:
            raise RejectedError("unknown key")
        if not right:
            raise RejectedError(f"wrong secret for {key_id}")
        if key.revoked:
            raise RejectedError(f"{key_id} is revoked")
        if key.expires <= NOW:
            raise RejectedError(f"{key_id} expired")
        return key.principal


def guard(
    authenticators: list[Authenticator],
    scope: str,
    handler: Callable[[Principal], Response],
    log: Callable[[str], None],
) -> Callable[[str], Response]:
    by_scheme = {each.scheme.lower(): each for each in authenticators}

    def guarded(authorization: str) -> Response:
        scheme, _, credentials = authorization.partition(" ")
        chosen = by_scheme.get(scheme.lower())  # names ignore case
        if chosen is None:
            log("no usable credentials")
            return unauthorized([challenge(each) for each in authenticators])
        try:
            principal = chosen.authenticate(credentials.strip(" "))
        except RejectedError as why:  # the caller is not told which
            log(str(why))
            return unauthorized([challenge(chosen, "invalid_token")])
        if scope not in principal.scopes:
            log(f"{principal.name} lacks the scope")
            return forbidden(challenge(chosen, "insufficient_scope"), chosen)
        log(f"{principal.name} by {chosen.scheme}")
        return handler(principal)

    return guarded


# --8<-- [end:show]


def challenge(authenticator: Authenticator, error: str = "") -> str:
    """Only Bearer defines errors (RFC 6750); Basic names its charset (RFC 7617)."""
    base = f'{authenticator.scheme} realm="reports"'
    if authenticator.scheme == "Basic":
        return f'{base}, charset="UTF-8"'
    if authenticator.scheme == "Bearer" and error:
        wanted = f', scope="{READ}"' if error == "insufficient_scope" else ""
        return f'{base}, error="{error}"{wanted}'
    return base


def unauthorized(challenges: list[str]) -> Response:
    return Response(401, challenges, {"title": "Unauthorized"})


def forbidden(text: str, chosen: Authenticator) -> Response:
    challenges = [text] if chosen.scheme == "Bearer" else []
    return Response(403, challenges, {"title": "Forbidden"})


def report(principal: Principal) -> Response:
    return Response(200, [], {"report": "2026-11", "for": principal.name})


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def slow_hash(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)


# Sample credentials; a real secret is 32 random bytes and is shown once.
PASSWORD = "sample password of the batch job"
SECRET = "sample-secret-of-the-batch-job"
TOKEN = "sample-token-of-ada"
OLD_TOKEN = "sample-token-of-yesterday"
POOR_TOKEN = "sample-token-without-scopes"
BATCH = Principal("batch", SCOPES)
ADA = Principal("ada", SCOPES)
POOR = Principal("guest", frozenset())
NOBODY = Principal("nobody", frozenset())


def basic() -> Basic:
    salt = b"sample-salt-0001"
    account = Account(BATCH, salt, slow_hash(PASSWORD, salt))
    nobody = Account(NOBODY, b"sample-salt-0002", bytes(32))
    return Basic({"batch": account}, nobody)


def api_keys() -> ApiKeys:
    stored = sha256(SECRET)
    keys = {
        "k1": Key(stored, BATCH, NEXT_YEAR),
        "k2": Key(stored, BATCH, NEXT_YEAR, revoked=True),
        "k3": Key(stored, BATCH, YESTERDAY),
        "k4": Key(stored, POOR, NEXT_YEAR),
    }
    return ApiKeys(keys, Key(bytes(32), NOBODY, YESTERDAY))


def bearer() -> Bearer:
    tokens = {
        sha256(TOKEN): Token(ADA, NEXT_YEAR),
        sha256(OLD_TOKEN): Token(ADA, YESTERDAY),
        sha256(POOR_TOKEN): Token(POOR, NEXT_YEAR),
    }
    return Bearer(tokens)


def naive(offered: list[Authenticator]) -> Callable[[str], Response]:
    """What often ships: the row exists and its hash matches, so come in."""

    def guarded(authorization: str) -> Response:
        parts = authorization.split(" ")
        for each in offered:
            if len(parts) == 2 and parts[0] == each.scheme:
                principal = row_of(each, parts[1])
                if principal:
                    return report(principal)
        return Response(401, [], {"error": "Invalid token"})

    return guarded


def row_of(authenticator: Authenticator, credentials: str) -> Principal | None:
    """Hashed storage and a safe comparison; the rest of the row is not read."""
    match authenticator:
        case ApiKeys(keys=keys):
            _, _, rest = credentials.partition("_")
            key_id, _, secret = rest.partition("_")
            key = keys.get(key_id)
            if key and hmac.compare_digest(sha256(secret), key.hash):
                return key.principal
        case Bearer(tokens=tokens):
            token = tokens.get(sha256(credentials))
            return token and token.principal
        case _:
            with contextlib.suppress(RejectedError):
                return authenticator.authenticate(credentials)
    return None


def missing(_: str) -> Response:
    return Response(404, [], {"title": "Not Found"})


def handler_for(routes: dict[str, Callable[[str], Response]]) -> type:
    class Endpoint(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5  # seconds

        def do_GET(self) -> None:
            route = routes.get(self.path, missing)
            answer = route(self.headers.get("Authorization", ""))
            sent = json.dumps(answer.body, separators=(",", ":")).encode()
            kind = "json" if answer.status == 200 else "problem+json"
            self.send_response(answer.status)
            for each in answer.challenges:
                self.send_header("WWW-Authenticate", each)
            self.send_header("Content-Type", f"application/{kind}")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet: the table is the log."""

    return Endpoint


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


REQUESTS = (
    ("no credentials", ""),
    ("Basic, right password", f"Basic {encoded(f'batch:{PASSWORD}')}"),
    ("basic, in lower case", f"basic {encoded(f'batch:{PASSWORD}')}"),
    ("Basic, wrong password", f"Basic {encoded('batch:guess')}"),
    ("Basic, unknown user", f"Basic {encoded('eve:guess')}"),
    ("Basic, no colon", f"Basic {encoded('batch')}"),
    ("Basic, not base64", "Basic batch:guess"),
    ("ApiKey, right secret", f"ApiKey shop_k1_{SECRET}"),
    ("ApiKey, wrong secret", "ApiKey shop_k1_guess"),
    ("ApiKey, unknown prefix", f"ApiKey shop_k9_{SECRET}"),
    ("ApiKey, no prefix", f"ApiKey {SECRET}"),
    ("ApiKey, revoked", f"ApiKey shop_k2_{SECRET}"),
    ("ApiKey, expired", f"ApiKey shop_k3_{SECRET}"),
    ("ApiKey, without scope", f"ApiKey shop_k4_{SECRET}"),
    ("Bearer, good token", f"Bearer {TOKEN}"),
    ("Bearer, two spaces", f"Bearer  {TOKEN}"),
    ("Bearer, made-up token", "Bearer guess"),
    ("Bearer, expired", f"Bearer {OLD_TOKEN}"),
    ("Bearer, without scope", f"Bearer {POOR_TOKEN}"),
    ("Digest, not offered", "Digest guess"),
)


def get(port: int, path: str, authorization: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        headers = {"Authorization": authorization} if authorization else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, ", ".join(answer.headers.get_all("WWW-Authenticate", []))
    finally:
        connection.close()


def short(challenges: str) -> str:
    """The error, or else the schemes."""
    _, _, error = challenges.partition('error="')
    if error:
        return error.partition('"')[0]
    schemes = [s for s in ("Basic", "ApiKey", "Bearer") if f"{s} realm" in challenges]
    return " ".join(schemes) or "-"


def main() -> None:
    log: list[str] = []
    offered: list[Authenticator] = [basic(), api_keys(), bearer()]
    routes = {
        "/reports": guard(offered, READ, report, log.append),
        "/naive": naive(offered),
    }
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(routes))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        print(f"{'credentials':<23}naive  guard  {'challenge':<20}log of the guard")
        for label, authorization in REQUESTS:
            naive_status, _ = get(server.server_port, "/naive", authorization)
            status, challenges = get(server.server_port, "/reports", authorization)
            line = f"{label:<23}{naive_status}    {status}    {short(challenges):<20}"
            print(line + log[-1])
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    main()
