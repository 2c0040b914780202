"""Sign in with OpenID Connect: discovery, keys, ID tokens, accounts."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

ISSUER = "https://id.example.com"
CLIENT_ID = "shop"
SKEW_SECONDS = 30
CACHE_SECONDS = 600
REFETCH_SECONDS = 60
# The head of a SHA-256 digest in RFC 8017, section 9.2.
DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")

Json = dict[str, Any]
Fetch = Callable[[str], Json]


class RefusedError(Exception):
    """For the log; the browser learns that signing in failed."""


def encode(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str) -> bytes:
    try:
        raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise RefusedError("not base64url") from None
    if encode(raw) != part:
        raise RefusedError("not base64url")
    return raw


def read_object(part: str) -> Json:
    try:
        value = json.loads(decode(part))
    except ValueError:
        raise RefusedError("not JSON") from None
    if not isinstance(value, dict):
        raise RefusedError("not an object")
    return value


def padded(signed: bytes, size: int) -> int:
    """PKCS #1 v1.5: the whole message that a signature must give back."""
    tail = DIGEST_INFO + hashlib.sha256(signed).digest()
    filler = b"\xff" * (size - len(tail) - 3)
    return int.from_bytes(b"\x00\x01" + filler + b"\x00" + tail)


@dataclass(frozen=True, slots=True)
class PublicKey:
    n: int
    e: int

    def verify(self, signed: bytes, signature: bytes) -> bool:
        """RS256 by arithmetic, for want of RSA in the library of Python."""
        size = (self.n.bit_length() + 7) // 8
        number = int.from_bytes(signature)
        if len(signature) != size or number >= self.n:
            return False
        return pow(number, self.e, self.n) == padded(signed, size)


def read_key(jwk: Json) -> PublicKey:
    n, e = (int.from_bytes(decode(jwk[name])) for name in ("n", "e"))
    return PublicKey(n, e)


def discover(fetch: Fetch, issuer: str) -> Json:
    """The issuer is configuration; the document must agree with it, exactly."""
    document = fetch(f"{issuer}/.well-known/openid-configuration")
    if document["issuer"] != issuer:
        raise RefusedError("issuer differs")
    return document


class KeyCache:
    def __init__(self, fetch: Fetch, url: str, clock: Callable[[], int]) -> None:
        self._fetch, self._url, self._clock = fetch, url, clock
        self._keys: dict[str, PublicKey] = {}
        self._fetched: int | None = None

    def get(self, kid: str) -> PublicKey:
        now = self._clock()
        age = CACHE_SECONDS if self._fetched is None else now - self._fetched
        unknown = kid not in self._keys and age >= REFETCH_SECONDS
        if unknown or age >= CACHE_SECONDS:
            self._fetched = now  # a failing fetch is not repeated at once either
            try:
                self._load()
            except OSError:  # write it to the log; known keys stay in use
                if kid not in self._keys:
                    raise
        if kid not in self._keys:
            raise RefusedError("unknown kid")
        return self._keys[kid]

    def _load(self) -> None:
        found = self._fetch(self._url)["keys"]
        rsa = [key for key in found if key["kty"] == "RSA"]
        self._keys = {key["kid"]: read_key(key) for key in rsa}


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class RelyingParty:
    issuer: str
    client_id: str
    keys: KeyCache
    clock: Callable[[], int]

    def check(self, id_token: str, nonce: str) -> Json:
        """The claims of an ID token that answers this browser's request."""
        parts = id_token.split(".")
        if len(parts) != 3:
            raise RefusedError("not three parts")
        header = read_object(parts[0])
        if header.get("alg") != "RS256":  # agreed at registration
            raise RefusedError("alg is not RS256")
        key = self.keys.get(str(header.get("kid")))
        if not key.verify(f"{parts[0]}.{parts[1]}".encode(), decode(parts[2])):
            raise RefusedError("bad signature")
        claims = read_object(parts[1])
        if claims.get("iss") != self.issuer:
            raise RefusedError("another issuer")
        if claims.get("aud") not in (self.client_id, [self.client_id]):
            raise RefusedError("not for me alone")
        expires, now = claims.get("exp"), self.clock()
        if type(expires) is not int or now >= expires + SKEW_SECONDS:
            raise RefusedError("expired")
        given = claims.get("nonce")
        if not isinstance(given, str) or not same(given, nonce):
            raise RefusedError("nonce of another sign-in")
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise RefusedError("no sub")
        return claims


# --8<-- [end:show]


def same(left: str, right: str) -> bool:
    return hmac.compare_digest(left.encode(), right.encode())


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signed in, whatever the protocol was."""

    issuer: str
    subject: str
    email: str
    verified: bool


def from_claims(claims: Json) -> Identity:
    verified = claims.get("email_verified") is True
    return Identity(claims["iss"], claims["sub"], claims.get("email", ""), verified)


def from_github(user: Json, emails: list[Json]) -> Identity:
    """OAuth only: no ID token, so GET /user with a token fetched by ourselves.

    The number stays; the login can be renamed and then taken by somebody else.
    """
    primary = next(each for each in emails if each["primary"])
    subject = str(int(user["id"]))
    return Identity(
        "https://github.com", subject, primary["email"], primary["verified"]
    )


class Accounts:
    """One table of accounts, one of identities with (issuer, subject) as its key."""

    def __init__(self) -> None:
        self.emails: list[str] = []
        self._by_identity: dict[tuple[str, str], int] = {}

    def create(self, email: str) -> int:
        self.emails.append(email)
        return len(self.emails)

    def sign_in(self, who: Identity) -> str:
        account = self._by_identity.get((who.issuer, who.subject))
        if account is not None:
            if who.verified and who.email not in self.emails:
                self.emails[account - 1] = who.email  # for mail, never for log-in
            return f"account {account}"
        if who.email and who.email in self.emails:
            return "log in first, then link"
        self.link(self.create(who.email if who.verified else ""), who)
        return f"account {len(self.emails)}, new"

    def link(self, account: int, who: Identity) -> None:
        """Only for a user who is logged in to the account, a moment ago."""
        self._by_identity[who.issuer, who.subject] = account


class AccountsByEmail(Accounts):
    """What not to write: whoever shows the address gets the account."""

    def sign_in(self, who: Identity) -> str:
        if who.email in self.emails:
            return f"account {self.emails.index(who.email) + 1}"
        return f"account {self.create(who.email)}, new"


@dataclass(frozen=True, slots=True)
class SampleKey:
    """From primes of a plain form, which anybody can guess: a sample only."""

    kid: str
    p: int
    q: int
    e: int = 65_537

    @property
    def n(self) -> int:
        return self.p * self.q

    def sign(self, signed: bytes) -> bytes:
        d = pow(self.e, -1, (self.p - 1) * (self.q - 1))
        return pow(padded(signed, 256), d, self.n).to_bytes(256)

    def jwk(self) -> Json:
        n, e = encode(self.n.to_bytes(256)), encode(self.e.to_bytes(3))
        names = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid}
        return names | {"n": n, "e": e}


KEY_1 = SampleKey("key-1", 2**1024 - 105, 2**1023 + 1155)
KEY_2 = SampleKey("key-2", 2**1024 - 179, 2**1023 + 1493)


class MockProvider:
    def __init__(self) -> None:
        self.keys = [KEY_1]
        self.fetches = 0
        self.down = False

    def fetch(self, url: str) -> Json:
        if url.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": ISSUER,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        self.fetches += 1
        if self.down:
            raise ConnectionError(url)
        return {"keys": [key.jwk() for key in self.keys]}


def issue(key: SampleKey, claims: Json, **header: str) -> str:
    names = {"alg": "RS256", "kid": key.kid} | header
    parts = (json.dumps(part, separators=(",", ":")) for part in (names, claims))
    signed = ".".join(encode(part.encode()) for part in parts)
    return f"{signed}.{encode(key.sign(signed.encode()))}"


def unsigned(claims: Json) -> str:
    return issue(KEY_1, claims, alg="none").rpartition(".")[0] + "."


def by_public_key(claims: Json) -> str:
    signed = issue(KEY_1, claims, alg="HS256").rpartition(".")[0]
    mac = hmac.digest(KEY_1.n.to_bytes(256), signed.encode(), "sha256")
    return f"{signed}.{encode(mac)}"


class ManualClock:
    now = 0

    def __call__(self) -> int:
        return self.now


CLAIMS: Json = {
    "iss": ISSUER,
    "sub": "1001",
    "aud": CLIENT_ID,
    "exp": 300,
    "iat": 0,
    "nonce": "n-1",
    "email": "ada@example.com",
    "email_verified": True,
}


def tokens() -> list[tuple[str, str]]:
    swapped = issue(KEY_1, CLAIMS).split(".")
    swapped[1] = encode(json.dumps(CLAIMS | {"sub": "1"}).encode())
    two = {"aud": [CLIENT_ID, "mail"]}
    return [
        ("as issued", issue(KEY_1, CLAIMS)),
        ("alg none", unsigned(CLAIMS)),
        ("HS256 by the public key", by_public_key(CLAIMS)),
        ("claims swapped", ".".join(swapped)),
        ("another issuer", issue(KEY_1, CLAIMS | {"iss": "https://evil.test"})),
        ("another client's token", issue(KEY_1, CLAIMS | {"aud": "mail"})),
        ("two audiences", issue(KEY_1, CLAIMS | two)),
        ("expired", issue(KEY_1, CLAIMS | {"exp": -30})),
        ("replayed in another sign-in", issue(KEY_1, CLAIMS | {"nonce": "n-2"})),
    ]


def verdict(party: RelyingParty, token: str) -> str:
    try:
        return f"accepted: sub {party.check(token, 'n-1')['sub']}"
    except RefusedError as reason:
        return str(reason)


def oidc(sub: str, email: str, issuer: str = ISSUER) -> Identity:
    claims = CLAIMS | {"iss": issuer, "sub": sub, "email": email}
    return from_claims(claims | {"email_verified": issuer == ISSUER})


def github(number: int, login: str, email: str, verified: bool) -> Identity:
    emails = [{"email": email, "primary": True, "verified": verified}]
    return from_github({"id": number, "login": login}, emails)


def sign_ins() -> list[tuple[str, Identity]]:
    return [
        ("Ada signs up", oidc("1001", "ada@example.com")),
        (
            "Eve, unverified, Ada's e-mail",
            oidc("9", "ada@example.com", "https://t2.test"),
        ),
        ("Ada, e-mail now ada@new.test", oidc("1001", "ada@new.test")),
        ("Bob gets Ada's old address", oidc("1002", "ada@example.com")),
        ("GitHub 77, Ada's, unverified", github(77, "eve", "ada@new.test", False)),
        ("GitHub 88, login grace", github(88, "grace", "grace@example.com", True)),
        ("GitHub 88, all renamed", github(88, "hopper", "grace@new.test", True)),
    ]


def main() -> None:
    clock, provider = ManualClock(), MockProvider()
    document = discover(provider.fetch, ISSUER)
    keys = KeyCache(provider.fetch, document["jwks_uri"], clock)
    party = RelyingParty(document["issuer"], CLIENT_ID, keys, clock)

    row("ID token", "verdict", "fetches of keys")
    for title, token in tokens():
        row(title, verdict(party, token), provider.fetches)
    clock.now = 60
    body = issue(KEY_1, CLAIMS).partition(".")[2]
    headers = ({"alg": "RS256", "kid": f"forged-{n}"} for n in range(100))
    forged = (f"{encode(json.dumps(header).encode())}.{body}" for header in headers)
    verdicts = {verdict(party, token) for token in forged}
    row("100 unknown kids in a second", verdicts.pop(), provider.fetches)
    provider.keys = [KEY_1, KEY_2]
    clock.now = 120
    row(
        "new key, a minute later",
        verdict(party, issue(KEY_2, CLAIMS)),
        provider.fetches,
    )
    clock.now, provider.down = 720, True
    late = issue(KEY_2, CLAIMS | {"exp": 900})
    row("keys due, provider down", verdict(party, late), provider.fetches)
    try:
        discover(provider.fetch, "https://id.example.net")
    except RefusedError as reason:
        row("discovery, another's document", str(reason), provider.fetches)

    print()
    row("sign-in", "linked by e-mail", "by issuer and subject")
    by_email, accounts = AccountsByEmail(), Accounts()
    for title, who in sign_ins():
        row(title, by_email.sign_in(who), accounts.sign_in(who))
    work = github(66, "ada", "ada@work.test", True)
    accounts.link(1, work)  # Ada, logged in by ID token, adds her GitHub
    row("GitHub 66, linked by Ada", by_email.sign_in(work), accounts.sign_in(work))


def row(first: str, second: str, third: str | int) -> None:
    print(f"{first:<31}{second:<25}{third}")


if __name__ == "__main__":
    main()
