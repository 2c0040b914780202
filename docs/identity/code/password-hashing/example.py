"""Store passwords so that a stolen table, an old row or a guessed name helps little."""

import base64
import hashlib
import hmac
import re
import secrets
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

SALT_BYTES = 16
HASH_BYTES = 32
TODAY = 600_000  # iterations: OWASP Password Storage Cheat Sheet
MAX_ITERATIONS = 2_000_000
MAX_PASSWORD_BYTES = 1024
MIN_CHARACTERS = 15  # NIST SP 800-63B-4, for a password without a second factor
ROW = re.compile(
    r"\$pbkdf2-sha256\$i=([1-9][0-9]{0,8})"
    r"\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})"
)

Kdf = Callable[[bytes, bytes, int], bytes]


class Users:
    """A table of users: one string for each name."""

    def __init__(self, rows: dict[str, str]) -> None:
        self._rows = rows
        self._lock = threading.Lock()

    def row(self, name: str) -> str:
        return self._rows.get(name, "")

    def replace(self, name: str, old: str, new: str) -> None:
        """UPDATE ... WHERE row = old: never undo a change made in between."""
        with self._lock:
            if self._rows.get(name) == old:
                self._rows[name] = new


def prepare(typed: str) -> bytes | None:
    """NFC, for keyboards spell one accent in two ways; refused, never cut off."""
    if len(typed) > MAX_PASSWORD_BYTES:
        return None
    try:
        password = unicodedata.normalize("NFC", typed).encode()
    except UnicodeEncodeError:
        return None
    return password if len(password) <= MAX_PASSWORD_BYTES else None


def flaw(typed: str) -> str:
    """For new passwords only; a list of breached ones would be asked here, too."""
    password = prepare(typed)
    if password is None:
        return "too long"
    return "too short" if len(password.decode()) < MIN_CHARACTERS else "none"


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class Stored:
    """Kept as one string: $pbkdf2-sha256$i=600000$salt$hash."""

    iterations: int
    salt: bytes
    hash: bytes


# Argon2id is the first choice where a library for it is allowed.
def pbkdf2(password: bytes, salt: bytes, iterations: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password, salt, iterations, HASH_BYTES)


class Passwords:
    def __init__(
        self,
        users: Users,
        kdf: Kdf = pbkdf2,
        random: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._users, self._kdf, self._random = users, kdf, random
        self._nobody = Stored(TODAY, random(SALT_BYTES), random(HASH_BYTES))

    def hash(self, password: bytes) -> str:
        salt = self._random(SALT_BYTES)  # a new one for each hash
        return write(Stored(TODAY, salt, self._kdf(password, salt, TODAY)))

    def sign_in(self, name: str, typed: str) -> bool:
        password = prepare(typed)
        if password is None:
            return False
        row = self._users.row(name)
        stored = read(row)
        # No such user, or a row that would ask for hours of work.
        if stored is None or stored.iterations > MAX_ITERATIONS:
            stored = self._nobody
        computed = self._kdf(password, stored.salt, stored.iterations)
        missing = TODAY - stored.iterations
        same = hmac.compare_digest(computed, stored.hash)
        if not same or stored is self._nobody:
            if missing > 0:  # or an old row would answer sooner
                self._kdf(password, stored.salt, missing)
            return False
        if missing > 0:  # now is when the password is known
            self._users.replace(name, row, self.hash(password))
        return True


# --8<-- [end:show]


def read(row: str) -> Stored | None:
    found = ROW.fullmatch(row)
    if not found:
        return None
    salt, digest = (base64.b64decode(text + "==") for text in found.groups()[1:])
    return Stored(int(found[1]), salt, digest)


def write(stored: Stored) -> str:
    salt, digest = (
        base64.b64encode(raw).rstrip(b"=").decode()
        for raw in (stored.salt, stored.hash)
    )
    return f"$pbkdf2-sha256$i={stored.iterations}${salt}${digest}"


class Samples:
    """Stands in for the system's random bytes: 1, 1, ..., then 2, 2, ..."""

    def __init__(self) -> None:
        self._calls = 0

    def __call__(self, size: int) -> bytes:
        self._calls += 1
        return bytes([self._calls]) * size


class Meter:
    """Counts the iterations that a kdf is asked for."""

    def __init__(self, kdf: Kdf) -> None:
        self._kdf = kdf
        self.iterations = 0

    def __call__(self, password: bytes, salt: bytes, iterations: int) -> bytes:
        self.iterations += iterations
        return self._kdf(password, salt, iterations)

    def reading(self) -> int:
        iterations, self.iterations = self.iterations, 0
        return iterations


ADA = "correct horse battery staple"
# One code point for each accented letter, then letter and accent apart.
BOB = "Cr\u00e8me br\u00fbl\u00e9e at seven"
BOB_APART = "Cre\u0300me bru\u0302le\u0301e at seven"
ADA_ROW = (
    "$pbkdf2-sha256$i=600000$c2FtcGxlLXNhbHQtYWRhMQ"
    "$nhrwDiuJI/bNNhTHkszxty/g5CBBYIGBVg4WMSbv72M"
)
# So few iterations only keep this program quick.
BOB_ROW = (
    "$pbkdf2-sha256$i=60000$c2FtcGxlLXNhbHQtYm9iMQ"
    "$Uyqj7wSHvg2sp5b1UETm9oya0xwiIJmDwZneuBsMnMQ"
)


def attempts() -> None:
    users = Users({"ada": ADA_ROW, "bob": BOB_ROW})
    meter = Meter(pbkdf2)
    passwords = Passwords(users, meter, Samples())
    print(f"{'attempt':<32}{'outcome':<12}{'iterations':>10}  row afterwards")
    for label, name, typed in (
        ("ada, right password", "ada", ADA),
        ("ada, wrong password", "ada", ADA.upper()),
        ("bob, right password, old row", "bob", BOB),
        ("bob, accents typed otherwise", "bob", BOB_APART),
        ("ada, 1,025 bytes", "ada", "a" * 1025),
    ):
        before = users.row(name)
        outcome = "signed in" if passwords.sign_in(name, typed) else "refused"
        fate = "kept" if users.row(name) == before else "replaced"
        print(f"{label:<32}{outcome:<12}{meter.reading():>10}  {fate}")
    head, _, digest = users.row("bob").rpartition("$")
    print(f"\nbob's new row, as every language writes it:\n  {head}\n  ${digest}")


def refusals() -> None:
    rows = (
        ("today's", ADA_ROW),
        ("an old one, i=60000", BOB_ROW),
        ("damaged, i=999999999", ADA_ROW.replace("600000", "999999999")),
        ("damaged, hash cut short", ADA_ROW[:-1]),
        ("of another scheme", "$2b$10$" + "a" * 53),
        ("none, for want of a user", ""),
    )
    # Nothing is computed here: this asks only how much work there would be.
    meter = Meter(lambda password, salt, iterations: bytes(HASH_BYTES))
    passwords = Passwords(Users(dict(rows)), meter, Samples())
    print(f"\n{'row, at a wrong password':<32}{'outcome':<12}{'iterations':>10}")
    for label, _ in rows:
        outcome = "signed in" if passwords.sign_in(label, "guess") else "refused"
        print(f"{label:<32}{outcome:<12}{meter.reading():>10}")


def main() -> None:
    attempts()
    refusals()
    print("\nnew password                    flaw")
    for label, typed in (
        ("14 characters", "a" * 14),
        ("15 characters", "a" * 15),
        ("14 characters, accents apart", "e\u0301" * 14),
    ):
        print(f"{label:<32}{flaw(typed)}")


if __name__ == "__main__":
    main()
