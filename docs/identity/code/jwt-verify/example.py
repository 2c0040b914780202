"""Issue access tokens and refuse forged ones: the key says its algorithm."""

import base64
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MAX_TOKEN_CHARACTERS = 8192
MAX_BRACKETS = 32
MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2
LEEWAY_SECONDS = 30
LIFETIME_SECONDS = 300
TYPES = ("at+jwt", "application/at+jwt")  # RFC 9068, section 4
NOW = 1_767_225_600  # seconds since 1970
MAX_SECONDS = 253_402_300_799  # the end of the year 9999

ISSUER = "https://login.shop.test"
AUDIENCE = "https://orders.shop.test"
# Samples: a real secret is 32 random bytes from a secret manager.
SECRET = b"sample-only-secret-of-32-bytes-1"
PUBLIC_KEY = b"-----BEGIN PUBLIC KEY-----\nsample\n-----END PUBLIC KEY-----\n"
NONES = ("none", "None", "NONE", "nOnE")

JsonObject = dict[str, Any]


class TokenError(Exception):
    """For the log: the caller learns no more than 401 and invalid_token."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key and the only algorithm that it may ever be used with."""

    alg: str
    material: bytes

    def __post_init__(self) -> None:
        if self.alg == "HS256" and len(self.material) < MIN_SECRET_BYTES:
            raise ValueError(f"an HS256 secret has {MIN_SECRET_BYTES} bytes or more")


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(part: str, name: str) -> bytes:
    """Strict base64url: the one spelling that encoding gives."""
    try:
        raw = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError:
        raise TokenError(f"{name} is not base64url") from None
    if encode(raw) != part:
        raise TokenError(f"{name} is not base64url")
    return raw


def unique(pairs: list[tuple[str, Any]]) -> JsonObject:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice")
    return found


def no_constant(text: str) -> None:
    raise ValueError(f"{text} is not JSON")


def read_object(part: str, name: str) -> JsonObject:
    raw = decode(part, name)
    try:
        text = raw.decode()
        # Those inside strings count too: cheap, and honest tokens have few.
        if text.count("[") + text.count("{") > MAX_BRACKETS:
            raise ValueError("too many brackets")
        value = json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)
    except ValueError:
        raise TokenError(f"{name} is not strict JSON") from None
    if not isinstance(value, dict):
        raise TokenError(f"{name} is not an object")
    return value


def write_object(value: JsonObject) -> str:
    return encode(json.dumps(value, separators=(",", ":")).encode())


def text_in(values: JsonObject, name: str) -> str:
    value = values.get(name)
    if not isinstance(value, str) or not value:
        raise TokenError(f"{name} is not a text")
    return value


def texts_in(values: JsonObject, name: str) -> tuple[str, ...]:
    value = values.get(name)
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in texts):
        raise TokenError(f"{name} is not a text or a list of texts")
    return tuple(texts)


def time_in(values: JsonObject, name: str) -> float:
    if name not in values:
        raise TokenError(f"{name} is missing")
    value = values[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= MAX_SECONDS:
        raise TokenError(f"{name} is not a time")
    return value


@dataclass(frozen=True, slots=True)
class Header:
    alg: str
    kid: str
    typ: str

    @classmethod
    def read(cls, part: str) -> "Header":
        values = read_object(part, "header")
        if "crit" in values:  # RFC 7515, section 4.1.11: refuse what is not understood
            raise TokenError("crit is not understood")
        return cls(*(text_in(values, name) for name in ("alg", "kid", "typ")))


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of RFC 9068, each of the right type; times in seconds since 1970."""

    issuer: str
    audience: tuple[str, ...]
    subject: str
    client_id: str
    token_id: str
    issued_at: float
    not_before: float
    expires: float

    @classmethod
    def read(cls, part: str) -> "Claims":
        values = read_object(part, "payload")
        return cls(
            issuer=text_in(values, "iss"),
            audience=texts_in(values, "aud"),
            subject=text_in(values, "sub"),
            client_id=text_in(values, "client_id"),
            token_id=text_in(values, "jti"),
            issued_at=time_in(values, "iat"),
            not_before=time_in({"nbf": 0} | values, "nbf"),  # the optional one
            expires=time_in(values, "exp"),
        )


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class Verifier:
    """What a token has to be is settled before it arrives."""

    keys: Mapping[str, Key]  # by kid: a closed set; each key names its algorithm
    issuer: str
    audience: str
    clock: Callable[[], float]  # seconds since 1970

    def verify(self, token: str) -> Claims:
        if len(token) > MAX_TOKEN_CHARACTERS:
            raise TokenError("token is too long")
        parts = token.split(".")
        if len(parts) != 3:
            raise TokenError("not three parts")
        header = Header.read(parts[0])
        key = self.keys.get(header.kid)
        if key is None:
            raise TokenError("unknown kid")
        if header.alg != key.alg:  # it has to agree, it never chooses
            raise TokenError("alg is not the key's")
        if header.typ not in TYPES:
            raise TokenError("typ is not at+jwt")
        if key.alg != "HS256":
            raise TokenError(f"{key.alg} is left to a library")
        # As text: another spelling of the same bytes is refused, too.
        expected = signature(key.material, f"{parts[0]}.{parts[1]}")
        if not hmac.compare_digest(expected, parts[2].encode(errors="replace")):
            raise TokenError("bad signature")
        claims = Claims.read(parts[1])  # unread until here
        now = self.clock()
        if claims.issuer != self.issuer:
            raise TokenError("wrong issuer")
        if self.audience not in claims.audience:
            raise TokenError("wrong audience")
        if now >= claims.expires + LEEWAY_SECONDS:
            raise TokenError("expired")
        if now < claims.not_before - LEEWAY_SECONDS:
            raise TokenError("not valid yet")
        if now < claims.issued_at - LEEWAY_SECONDS:
            raise TokenError("issued in the future")
        return claims


# --8<-- [end:show]

KEYS = {"hs-1": Key("HS256", SECRET), "rs-1": Key("RS256", PUBLIC_KEY)}


def signature(material: bytes, signed: str, digest: str = "sha256") -> bytes:
    return encode(hmac.digest(material, signed.encode(), digest)).encode()


def issue(kid: str, key: Key, claims: Claims) -> str:
    if key.alg != "HS256":
        raise ValueError(f"cannot sign with {key.alg}")
    one = len(claims.audience) == 1
    header = {"alg": key.alg, "kid": kid, "typ": "at+jwt"}
    payload = {
        "iss": claims.issuer,
        "aud": claims.audience[0] if one else claims.audience,
        "sub": claims.subject,
        "client_id": claims.client_id,
        "jti": claims.token_id,
        "iat": claims.issued_at,
        "nbf": claims.not_before,
        "exp": claims.expires,
    }
    texts = (json.dumps(part, separators=(",", ":")) for part in (header, payload))
    return sealed(*texts, key.material)


def sealed(header: str, payload: str, material: bytes, digest: str = "sha256") -> str:
    """Signs any text at all, so it is the forger's tool as well."""
    signed = f"{encode(header.encode())}.{encode(payload.encode())}"
    return f"{signed}.{signature(material, signed, digest).decode()}"


def believing(token: str) -> str:
    """What not to write: the token picks its algorithm, and claims go unread."""
    head, _, rest = token.partition(".")
    payload, _, given = rest.partition(".")
    try:
        values = read_object(head, "header")
        alg, key = text_in(values, "alg").lower(), KEYS.get(text_in(values, "kid"))
        raw = base64.urlsafe_b64decode(given + "==")
    except (TokenError, ValueError):
        return "refused"
    if alg == "none":
        return "accepted"
    if key is None or alg not in ("hs256", "hs512"):
        return "refused"
    mac = hmac.digest(key.material, f"{head}.{payload}".encode(), f"sha{alg[2:]}")
    return "accepted" if hmac.compare_digest(mac, raw) else "refused"


def swap(text: str, old: str, new: str) -> str:
    if old not in text:
        raise ValueError(f"nothing to replace: {old}")
    return text.replace(old, new)


def rows() -> list[tuple[str, list[str]]]:
    claims = Claims(
        issuer=ISSUER,
        audience=(AUDIENCE,),
        subject="user-42",
        client_id="web",
        token_id="t-1",
        issued_at=NOW,
        not_before=NOW,
        expires=NOW + LIFETIME_SECONDS,
    )
    good = issue("hs-1", KEYS["hs-1"], claims)
    head, body, mac = good.split(".")
    header = decode(head, "header").decode()
    payload = decode(body, "payload").decode()
    exp = f'"exp":{NOW + LIFETIME_SECONDS}'

    def with_header(old: str, new: str) -> str:
        return sealed(swap(header, old, new), payload, SECRET)

    def with_claim(old: str, new: str) -> str:
        return sealed(header, swap(payload, old, new), SECRET)

    def unsigned(alg: str) -> str:
        return with_header("HS256", alg).rpartition(".")[0] + "."

    hs512 = sealed(swap(header, "HS256", "HS512"), payload, SECRET, "sha512")
    confused = sealed(swap(header, "hs-1", "rs-1"), payload, PUBLIC_KEY)
    changed = swap(swap(payload, exp, '"exp":1'), "user-42", "admin")
    tampered = f"{head}.{encode(changed.encode())}.{mac}"
    # 32 bytes leave two bits of the last character unused.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    respelled = good[:-1] + letters[letters.index(good[-1]) + 1]
    deep = "[" * 2000 + "]" * 2000
    return [
        ("as issued", [good]),
        ("aud is a list", [with_claim(f'"{AUDIENCE}"', f'["a","{AUDIENCE}"]')]),
        ("expired, within the leeway", [with_claim(exp, f'"exp":{NOW - 29}')]),
        ("alg none, None, NONE, nOnE", [unsigned(alg) for alg in NONES]),
        ("alg HS512, same secret", [hs512]),
        ("HS256 by the RSA public key", [confused]),
        ("unknown kid", [with_header("hs-1", "hs-9")]),
        ("typ JWT, as in an ID token", [with_header("at+jwt", "JWT")]),
        ("payload changed, and expired", [tampered]),
        ("signature spelled otherwise", [respelled]),
        ("wrong issuer", [with_claim("//login", "//evil")]),
        ("wrong audience", [with_claim("//orders", "//mail")]),
        ("expired", [with_claim(exp, f'"exp":{NOW - 30}')]),
        ("not valid yet", [with_claim(f'"nbf":{NOW}', f'"nbf":{NOW + 31}')]),
        ("issued in the future", [with_claim(f'"iat":{NOW}', f'"iat":{NOW + 31}')]),
        ("exp missing", [with_claim(exp, '"x":0')]),
        ("exp a string", [with_claim(exp, f'"exp":"{NOW + 60}"')]),
        ("exp 1e999", [with_claim(exp, '"exp":1e999')]),
        ("exp NaN", [with_claim(exp, '"exp":NaN')]),
        ("exp twice", [with_claim(exp, f'"exp":1,{exp}')]),
        ("sub a number", [with_claim('"user-42"', "42")]),
        ("header nested 2,000 deep", [with_header("{", f'{{"x":{deep},')]),
        ("two parts", [good.rpartition(".")[0]]),
        ("16,000 characters", [with_claim('"t-1"', f'"{"t" * 12_000}"')]),
    ]


def main() -> None:
    verifier = Verifier(KEYS, ISSUER, AUDIENCE, clock=lambda: NOW)

    def verdict(token: str) -> str:
        try:
            return f"accepted: {verifier.verify(token).subject}"
        except TokenError as reason:
            return str(reason)

    print(f"{'token':<31}{'alg by token':<15}alg by key, claims checked")
    for label, tokens in rows():
        believed = sorted({believing(token) for token in tokens})
        verdicts = sorted({verdict(token) for token in tokens})
        print(f"{label:<31}{', '.join(believed):<15}{', '.join(verdicts)}")


if __name__ == "__main__":
    main()
