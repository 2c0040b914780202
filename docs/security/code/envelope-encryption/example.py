"""Encrypt fields under a key per person; rotate, look up, erase, forget."""

import hashlib
import hmac
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
DAY = 86_400  # seconds
NOW = 1_767_225_600  # seconds since 1970
KEEP_DAYS = 90
BATCH = 2

Random = Callable[[int], bytes]


class UnreadableError(Exception):
    """No key, or a ciphertext that was not made for this place."""


# --8<-- [start:show]
def seal(key: bytes, plain: bytes, place: str, random: Random) -> bytes:
    """AES-256-GCM. The place is authenticated, not stored: nobody can move it."""
    nonce = random(NONCE_BYTES)  # once per key, ever: a second time breaks GCM
    return nonce + AESGCM(key).encrypt(nonce, plain, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, place.encode())
    except InvalidTag:
        raise UnreadableError("refused") from None


@dataclass
class People:
    kms: "Kms"  # wraps and unwraps; its keys never leave it
    index_key: bytes  # a key of its own, never a data key
    random: Random
    keys: dict[int, "Wrapped"] = field(default_factory=dict)  # backed up apart
    fields: dict[tuple[int, str], bytes] = field(default_factory=dict)
    index: dict[bytes, int] = field(default_factory=dict)

    def read(self, person: int, column: str) -> str:
        if person not in self.keys:
            raise UnreadableError("no key")
        key = self.kms.unwrap(self.keys[person], f"key|{person}")
        place = f"people|{person}|{column}"
        return unseal(key, self.fields[person, column], place).decode()

    def erase(self, person: int) -> None:
        del self.keys[person]  # from now on every copy of the fields is noise
        for at in [at for at in self.fields if at[0] == person]:
            del self.fields[at]
        self.index = {k: v for k, v in self.index.items() if v != person}


# --8<-- [end:show]


def blind(people: People, email: str) -> bytes:
    """Equal for equal e-mails, and no guessing without the key."""
    return hmac.digest(people.index_key, email.strip().lower().encode(), "sha256")


def rotate(people: People) -> int:
    """Wraps all data keys under the current version; no field changes."""
    for person, wrapped in people.keys.items():
        key = people.kms.unwrap(wrapped, f"key|{person}")
        people.keys[person] = people.kms.wrap(key, f"key|{person}")
    return len(people.keys)


def add(people: People, person: int, email: str, phone: str) -> None:
    key = people.random(32)
    people.keys[person] = people.kms.wrap(key, f"key|{person}")
    for column, text in (("email", email), ("phone", phone)):
        sealed = seal(key, text.encode(), f"people|{person}|{column}", people.random)
        people.fields[person, column] = sealed
    people.index[blind(people, email)] = person


@dataclass(frozen=True)
class Wrapped:
    version: int
    sealed: bytes


class Kms:
    """Stands for a key management service. Versions of one key-encryption key."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._versions: dict[int, bytes] = {}
        self.new_version()

    def new_version(self) -> None:
        self.current = len(self._versions) + 1
        self._versions[self.current] = sample(f"key-encryption key {self.current}")

    def destroy(self, version: int) -> None:
        self._versions[version] = b""

    def wrap(self, key: bytes, context: str) -> Wrapped:
        kek = self._versions[self.current]
        place = f"{context}|{self.current}"
        return Wrapped(self.current, seal(kek, key, place, self._random))

    def unwrap(self, wrapped: Wrapped, context: str) -> bytes:
        kek = self._versions[wrapped.version]
        if not kek:
            raise UnreadableError("key-encryption key destroyed")
        return unseal(kek, wrapped.sealed, f"{context}|{wrapped.version}")


def sample(label: str) -> bytes:
    """In production: 32 bytes from the system's generator, or a KMS."""
    return hashlib.sha256(f"sample {label}".encode()).digest()


def counting() -> Random:
    """Sample randomness, so that all languages agree. Production: os.urandom."""
    numbers = itertools.count(1)
    return lambda size: sample(f"random {next(numbers)}")[:size]


def row(label: str, text: object) -> None:
    print(f"  {label:<42}{text}")


def attempt(people: People, person: int, column: str) -> str:
    try:
        return people.read(person, column)
    except UnreadableError as error:
        return str(error)


def with_field(people: People, at: tuple[int, str], sealed: bytes) -> str:
    """What somebody who may write to the table could do."""
    changed = replace(people, fields=people.fields | {at: sealed})
    return attempt(changed, *at)


def forget(created: list[int], now: int) -> list[int]:
    """The retention job: small batches, so that no lock is held for long."""
    batches = []
    while True:
        old = [at for at in sorted(created) if at < now - KEEP_DAYS * DAY][:BATCH]
        if not old:
            return batches
        for at in old:
            created.remove(at)
        batches.append(len(old))


def main() -> None:
    random = counting()
    kms = Kms(random)
    people = People(kms, sample("index key"), random)
    add(people, 1, "ada@example.com", "+44 20 7946 0001")
    add(people, 2, "bob@example.com", "+44 20 7946 0002")
    print("stored")
    row("ada's e-mail, first bytes", people.fields[1, "email"].hex()[:32])
    row("read", attempt(people, 1, "email"))
    row(
        "found as '  ADA@Example.com '",
        people.index[blind(people, "  ADA@Example.com ")],
    )
    print("tampered")
    target, raw = (1, "email"), people.fields[1, "email"]
    bent = raw[:-1] + bytes([raw[-1] ^ 1])
    bobs, phone = people.fields[2, "email"], people.fields[1, "phone"]
    row("bob's e-mail put into ada's row", with_field(people, target, bobs))
    row("ada's phone put into her e-mail", with_field(people, target, phone))
    row("one bit changed", with_field(people, target, bent))
    print("key-encryption key rotated")
    before = dict(people.fields)
    kms.new_version()
    row("data keys rewrapped", rotate(people))
    row("fields changed", sum(before[at] != people.fields[at] for at in before))
    kms.destroy(1)
    row("read, version 1 destroyed", attempt(people, 1, "email"))
    print("ada erased, a backup restored")
    fields, keys = dict(people.fields), dict(people.keys)
    people.erase(1)
    row("live table", attempt(people, 1, "email"))
    row("backup of the fields", attempt(replace(people, fields=fields), 1, "email"))
    both = replace(people, fields=fields, keys=keys)
    row("backup that holds the keys too", attempt(both, 1, "email"))
    kms.new_version()
    rotate(people)
    kms.destroy(2)
    row("the same, its key version destroyed", attempt(both, 1, "email"))
    row("bob, live", attempt(people, 2, "email"))
    created = [NOW - days * DAY for days in (10, 89, 90, 91, 200, 400)]
    batches = forget(created, NOW)
    print("retention, 90 days")
    row("deleted in batches", " + ".join(map(str, batches)))
    row("left", len(created))


if __name__ == "__main__":
    main()
