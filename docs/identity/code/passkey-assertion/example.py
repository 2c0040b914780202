"""Verify a passkey's assertion: the signature is the last check, not the only one."""

import base64
import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

ORIGIN = "https://login.shop.test"
RP_ID = "shop.test"
CHALLENGE_SECONDS = 300
UP, UV, BE, BS = 0x01, 0x04, 0x08, 0x10  # present, verified, may be synced, is synced
ES256 = ec.ECDSA(hashes.SHA256())
NOW = 1_767_225_600  # seconds since 1970


class RefusedError(Exception):
    """For the log: the caller only learns that it failed."""


@dataclass
class Credential:
    """A row, written at registration."""

    public_key: ec.EllipticCurvePublicKey
    may_be_synced: bool
    counter: int


@dataclass(frozen=True)
class Assertion:
    client_data: bytes  # JSON, written by the browser
    auth_data: bytes  # written by the authenticator
    signature: bytes  # over auth_data and the hash of client_data


class Challenges:
    """What was asked of whom, until when; in production 32 random bytes each."""

    def __init__(self, draw: Callable[[], bytes], clock: Callable[[], int]) -> None:
        self._draw, self._clock = draw, clock
        self._open: dict[str, tuple[bytes, int]] = {}

    def issue(self, session: str) -> bytes:
        challenge = self._draw()
        self._open[session] = (challenge, self._clock() + CHALLENGE_SECONDS)
        return challenge

    def take(self, session: str) -> bytes | None:
        """Once: right or wrong, the answer uses it up."""
        challenge, until = self._open.pop(session, (None, 0))
        return challenge if self._clock() < until else None


# --8<-- [start:show]
def verify(credential: Credential, got: Assertion, challenge: bytes | None) -> None:
    """WebAuthn Level 3, section 7.2. The challenge was taken from the session."""
    if challenge is None:
        raise RefusedError("no challenge is open")
    client = read(got.client_data)
    if client["type"] != "webauthn.get":
        raise RefusedError("not an assertion")
    if client["challenge"] != encode(challenge):
        raise RefusedError("another challenge")
    if client["origin"] != ORIGIN:  # whole strings, from a short list
        raise RefusedError("another origin")
    if client.get("crossOrigin"):
        raise RefusedError("in a frame of another origin")
    if len(got.auth_data) < 37:
        raise RefusedError("authenticator data is cut off")
    rp_id_hash, flags = got.auth_data[:32], got.auth_data[32]
    counter = int.from_bytes(got.auth_data[33:37])
    if rp_id_hash != hashlib.sha256(RP_ID.encode()).digest():
        raise RefusedError("another RP ID")
    if not flags & UP:
        raise RefusedError("nobody was present")
    if not flags & UV:
        raise RefusedError("user not verified")
    if bool(flags & BE) != credential.may_be_synced or flags & (BE | BS) == BS:
        raise RefusedError("backup flags contradict")
    signed = got.auth_data + hashlib.sha256(got.client_data).digest()
    try:
        credential.public_key.verify(got.signature, signed, ES256)
    except InvalidSignature:
        raise RefusedError("bad signature") from None
    # Synced passkeys stay at 0; one that counts has to count up.
    if (counter or credential.counter) and counter <= credential.counter:
        raise RefusedError("counter stood still: a copy?")
    credential.counter = counter


# --8<-- [end:show]


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def read(client_data: bytes) -> dict[str, Any]:
    """From outside: it may be no JSON, no object, or hold no text."""
    try:
        client = json.loads(client_data)
    except ValueError:
        client = None
    names = ("type", "challenge", "origin")
    if not isinstance(client, dict) or any(name not in client for name in names):
        raise RefusedError("client data is not readable")
    return client


def flip(raw: bytes, at: int, bit: int) -> bytes:
    return raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :]


def signature_only(credential: Credential, got: Assertion) -> None:
    """What not to write: anything that the key has ever signed will do."""
    signed = got.auth_data + hashlib.sha256(got.client_data).digest()
    try:
        credential.public_key.verify(got.signature, signed, ES256)
    except InvalidSignature:
        raise RefusedError("bad signature") from None


@dataclass(frozen=True)
class Scene:
    """What a browser and an authenticator put in; most of it no user could change."""

    label: str
    type: str = "webauthn.get"
    origin: str = ORIGIN
    framed: bool = False
    rp_id: str = RP_ID
    flags: int = UP | UV
    counter: int = 8
    challenge: str = "fresh"  # or "replayed", "late", "another's"
    spoil: str = ""


SCENES = (
    Scene("as it should be"),
    Scene("page at login-shop.test", origin="https://login-shop.test"),
    Scene("in a frame of another site", framed=True),
    Scene("the same response again", challenge="replayed"),
    Scene("challenge of another session", challenge="another's"),
    Scene("six minutes later", challenge="late"),
    Scene("made for RP ID evil.test", rp_id="evil.test"),
    Scene("a registration's type", type="webauthn.create"),
    Scene("no touch (UP missing)", flags=UV),
    Scene("no PIN or face (UV missing)", flags=UP),
    Scene("synced, yet not syncable", flags=UP | UV | BS),
    Scene("counter 7 again", counter=7),
    Scene("one bit changed", spoil="bit"),
    Scene("signed by another key", spoil="key"),
)


def sign(
    scene: Scene, key: ec.EllipticCurvePrivateKey, challenge: bytes | None
) -> Assertion:
    client = {
        "type": scene.type,
        "challenge": encode(challenge or b""),
        "origin": scene.origin,
        "crossOrigin": scene.framed,
    }
    client_data = json.dumps(client, separators=(",", ":")).encode()
    rp_id_hash = hashlib.sha256(scene.rp_id.encode()).digest()
    auth_data = rp_id_hash + bytes([scene.flags]) + scene.counter.to_bytes(4)
    signed = auth_data + hashlib.sha256(client_data).digest()
    return Assertion(client_data, auth_data, key.sign(signed, ES256))


def main() -> None:
    now = NOW
    numbers = itertools.count(1)
    samples = Challenges(lambda: bytes([next(numbers)]) * 32, lambda: now)
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))

    def verdict(check: Callable[[], None]) -> str:
        try:
            check()
        except RefusedError as reason:
            return str(reason)
        return "signed in"

    def play(scene: Scene, stored: Credential) -> tuple[str, str]:
        nonlocal now
        challenge = samples.issue("ada")
        asked = samples.issue("bob") if scene.challenge == "another's" else challenge
        got = sign(scene, other if scene.spoil == "key" else key, asked)
        if scene.spoil == "bit":  # one that no check looks at: the signature tells
            got = replace(got, auth_data=flip(got.auth_data, at=32, bit=0x80))
        if scene.challenge == "replayed":
            verify(replace(stored), got, samples.take("ada"))
        now += 360 if scene.challenge == "late" else 1
        naive = verdict(lambda: signature_only(stored, got))
        strict = verdict(lambda: verify(stored, got, samples.take("ada")))
        return naive, strict

    print(f"{'response':<31}{'signature only':<16}all checks")
    for scene in SCENES:
        naive, strict = play(scene, Credential(key.public_key(), False, 7))
        print(f"{scene.label:<31}{naive:<16}{strict}")
    synced = Credential(key.public_key(), True, 0)
    for label in ("synced passkey, counter 0", "the next time, counter 0"):
        scene = Scene(label, flags=UP | UV | BE | BS, counter=0)
        naive, strict = play(scene, synced)
        print(f"{label:<31}{naive:<16}{strict}")


if __name__ == "__main__":
    main()
