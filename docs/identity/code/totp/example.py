"""Verify one-time codes so that none works twice and few can be guessed."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterable

STEP_SECONDS = 30
SKEW_STEPS = 1  # a clock may be half a minute off, either way
MAX_FAILURES = 5
DIGITS = 6
RECOVERY_BYTES = 15  # 120 random bits: a fast hash is enough for them
NOW = 1_767_412_800  # seconds since 1970


# --8<-- [start:show]
def code(key: bytes, step: int, digits: int = DIGITS, name: str = "sha1") -> str:
    """RFC 4226: four bytes of the MAC, at a place that its last byte names."""
    mac = hmac.digest(key, step.to_bytes(8), name)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


class SecondFactor:
    """One user's row. The lock stands for the database's row lock."""

    def __init__(self, key: bytes, recovery: Iterable[str]) -> None:
        self._key = key  # encrypted at rest: the server needs it in the clear
        self._recovery = {digest(text) for text in recovery}
        self._last_step = -1
        self._failures = 0
        self._lock = threading.Lock()

    def verify(self, typed: str, now: int) -> str:
        with self._lock:
            if self._failures >= MAX_FAILURES:
                return "locked"
            self._failures += 1  # paid in advance, given back on success
            today, given = now // STEP_SECONDS, typed.encode(errors="replace")
            for step in range(today - SKEW_STEPS, today + SKEW_STEPS + 1):
                right = hmac.compare_digest(code(self._key, step).encode(), given)
                if right and step > self._last_step:
                    self._last_step, self._failures = step, 0
                    return "accepted"
            return "refused"

    def recover(self, typed: str) -> str:
        """Works when locked: nobody guesses 120 bits."""
        with self._lock:
            found = digest(typed)
            if found not in self._recovery:
                return "refused"
            self._recovery.remove(found)
            self._failures = 0
            return "accepted"


# --8<-- [end:show]


def digest(recovery_code: str) -> bytes:
    """However it was typed: spaces, hyphens and case do not count."""
    text = recovery_code.replace("-", "").replace(" ", "").upper()
    return hashlib.sha256(text.encode()).digest()


def recovery_codes(count: int) -> list[str]:
    """Samples. In production: base32 of 15 bytes from the system's generator."""
    codes = []
    for i in range(1, count + 1):
        raw = hashlib.sha256(f"sample recovery code {i}".encode()).digest()
        text = base64.b32encode(raw[:RECOVERY_BYTES]).decode()
        codes.append("-".join(text[at : at + 6] for at in range(0, 24, 6)))
    return codes


class Forgetful:
    """What not to write: it compares, and remembers nothing."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def verify(self, typed: str, now: int) -> str:
        today = now // STEP_SECONDS
        steps = range(today - SKEW_STEPS, today + SKEW_STEPS + 1)
        return "accepted" if typed in [code(self._key, s) for s in steps] else "refused"


def vectors() -> None:
    """RFC 6238, appendix B: the seed repeats the ten digits to the hash's size."""
    print(f"{'RFC 6238, appendix B':<22}{'SHA-1':<11}{'SHA-256':<11}SHA-512")
    seed = b"1234567890" * 7
    hashes = (("sha1", 20), ("sha256", 32), ("sha512", 64))
    for seconds in (59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000):
        step = seconds // STEP_SECONDS
        codes = [code(seed[:size], step, 8, name) for name, size in hashes]
        print(f"{seconds:>11} s         {'   '.join(codes)}")


def guesses(factor: Forgetful | SecondFactor) -> str:
    for guess in range(10**DIGITS):
        verdict = factor.verify(str(guess).zfill(DIGITS), NOW)
        if verdict == "accepted":
            return f"in at {guess:,}"
        if verdict == "locked":
            return "locked"
    return "kept out"


def main() -> None:
    vectors()
    key = b"sample key 20 bytes!"  # a sample: draw 20 random bytes
    codes = recovery_codes(10)
    forgetful, factor = Forgetful(key), SecondFactor(key, codes)
    today = NOW // STEP_SECONDS
    print(f"\n{'typed':<38}{'compares only':<16}remembers")
    for label, step, seconds in (
        ("code of the step before", today - 1, 0),
        ("the same again", today - 1, 5),
        ("code of this step", today, 10),
        ("the same again", today, 15),
        ("code of the next step, a fast clock", today + 1, 20),
        ("code of this step, now behind", today, 25),
        ("code two steps ahead", today + 2, 25),
    ):
        typed, now = code(key, step), NOW + seconds
        verdicts = forgetful.verify(typed, now), factor.verify(typed, now)
        print(f"{label:<38}{verdicts[0]:<16}{verdicts[1]}")
    tries = guesses(forgetful), guesses(factor)
    print(f"{'000000, 000001, 000002 and so on':<38}{tries[0]:<16}{tries[1]}")
    later = NOW + 60
    typed = code(key, today + 2)
    right = forgetful.verify(typed, later), factor.verify(typed, later)
    print(f"{'the right code, a minute later':<38}{right[0]:<16}{right[1]}")
    spelled = codes[0].lower().replace("-", " ")
    for label in ("a recovery code", "the same again"):
        print(f"{label:<38}{'':<16}{factor.recover(spelled)}")
    print(f"{'the right code, once more':<38}{'':<16}{factor.verify(typed, later)}")


if __name__ == "__main__":
    main()
