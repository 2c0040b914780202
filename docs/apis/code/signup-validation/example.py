"""Check one sign-up payload layer by layer, and try to become admin with it."""

import io
import json
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

MAX_BYTES = 16 * 1024
MAX_DEPTH = 8
RESERVED = frozenset({"admin", "root", "support"})
NOUNS = {str: "a string", int: "an integer", bool: "true or false"}


class RefusedError(Exception):
    """Stops before the schema: the bytes are not a usable document."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def handle_rule(name: str) -> str:
    """One script keeps look-alikes out; which one is a product decision."""
    for letter in name:
        latin = "LATIN" in unicodedata.name(letter, "") and letter.isalpha()
        if not (latin or letter in "0123456789_"):
            return "only Latin letters, digits and _"
    return "is reserved" if name in RESERVED else ""


def email_rule(address: str) -> str:
    """Shape only: whether it exists is found out by writing to it."""
    local, _, domain = address.rpartition("@")
    labels = domain.split(".")
    bad = any(unicodedata.category(c) == "Cc" for c in address)
    if bad or not local or not all(labels) or any(c.isspace() for c in domain):
        return "must look like name@domain"
    return ""


def fold(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).lower())


def same(text: str) -> str:
    return text


def accept(_: str) -> str:
    return ""


# --8<-- [start:show]
@dataclass(frozen=True, slots=True)
class Field:
    kind: type
    low: int  # characters of a string, value of an integer
    high: int
    default: object = None  # None: required
    clean: Callable[[str], str] = same
    rule: Callable[[str], str] = accept


SCHEMA = {
    "user_name": Field(str, 3, 20, clean=fold, rule=handle_rule),
    "email": Field(str, 3, 254, rule=email_rule),
    "age": Field(int, 16, 130),
    "newsletter": Field(bool, 0, 1),
    "invites": Field(int, 0, 5, default=0),
    "bio": Field(str, 0, 160, default=""),
}


def validate(payload: dict[str, object]) -> tuple[dict[str, object], list[str]]:
    values: dict[str, object] = {}
    errors = []
    for name, field in SCHEMA.items():
        if name not in payload:  # absent, which is not the same as falsy
            if field.default is None:
                errors.append(f"{name}: is required")
            values[name] = field.default
            continue
        value = payload[name]
        if type(value) is not field.kind:  # isinstance would take true for 1
            errors.append(f"{name}: must be {NOUNS[field.kind]}")
            continue
        message = ""
        if isinstance(value, str):
            value = field.clean(value)  # normalize first, then check
            message = field.rule(value)
            if not field.low <= len(value) <= field.high:
                message = f"must have {field.low} to {field.high} characters"
        elif isinstance(value, int) and not field.low <= value <= field.high:
            message = f"must be {field.low} to {field.high}"
        if message:
            errors.append(f"{name}: {message}")
        values[name] = value
    errors += [f"{name}: unknown field" for name in payload if name not in SCHEMA]
    return values, errors


# --8<-- [end:show]


def too_deep(text: str) -> bool:
    """Count brackets outside strings, before a parser recurses into them."""
    depth = 0
    quoted = escaped = False
    for letter in text:
        if escaped:
            escaped = False
        elif quoted and letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif not quoted and letter in "]}":
            depth -= 1
    return False


def not_json(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def parse(stream: io.BufferedIOBase) -> dict[str, object]:
    body = stream.read(MAX_BYTES + 1)  # never more than the limit and one
    if len(body) > MAX_BYTES:
        raise RefusedError(413, f"more than {MAX_BYTES} bytes")
    try:
        text = body.decode()
        if too_deep(text):
            raise RefusedError(400, f"nested deeper than {MAX_DEPTH}")
        document = json.loads(text, parse_constant=not_json)
    except ValueError:
        raise RefusedError(400, "not JSON") from None
    if not isinstance(document, dict):
        raise RefusedError(400, "not an object")
    return document


@dataclass(slots=True)
class User:
    """The row in the database: more than a visitor may set."""

    user_name: str = ""
    email: str = ""
    age: int = 0
    newsletter: bool = False
    invites: int = 0
    bio: str = ""
    role: str = "member"


class Shop:
    def __init__(self) -> None:
        self.users: dict[str, User] = {}

    def sign_up(self, body: bytes) -> tuple[int, str]:
        try:
            payload = parse(io.BytesIO(body))
        except RefusedError as refused:
            return refused.status, str(refused)
        values, errors = validate(payload)
        if errors:
            return 422, "; ".join(errors)
        name = str(values["user_name"])
        if name in self.users:  # in production: the unique index decides
            return 409, "user_name: is taken"
        user = User()
        for field in SCHEMA:  # only the fields of the schema
            setattr(user, field, values[field])
        self.users[name] = user
        return 201, ""


def bind_everything(body: bytes) -> User:
    user = User()
    for name, value in json.loads(body).items():
        setattr(user, name, value)
    return user


def bind_known(body: bytes) -> User:
    payload = json.loads(body)
    user = User()
    for name in SCHEMA:
        setattr(user, name, payload.get(name, getattr(user, name)))
    return user


GOOD = {
    "user_name": "ada",
    "email": "ada@example.com",
    "age": 36,
    "newsletter": True,
}


def changed(**changes: object) -> bytes:
    merged = {**GOOD, **changes}
    return json.dumps({k: v for k, v in merged.items() if v != "absent"}).encode()


def escaped(text: str) -> str:
    return "".join(c if c < "\x7f" else f"\\u{ord(c):04x}" for c in text)


def row(label: str, status: object, message: str) -> str:
    return f"  {label:<22}{status:<7}{message}".rstrip()


def main() -> None:
    print("payload                 status errors")
    for label, body in (
        ("good", changed()),
        ("false, 0 and empty", changed(newsletter=False, invites=0, bio="")),
        ("odd but valid e-mail", changed(email='"ada l"+tag@localhost')),
        ("17 KB", changed(bio="x" * 17_000)),
        ("100 brackets deep", b"[" * 100 + b"]" * 100),
        ("cut off", changed()[:-1]),
        ("NaN", b'{"age": NaN}'),
        ("e-mail missing", changed(email="absent")),
        ("null", changed(newsletter=None)),
        ("age as a string", changed(age="36")),
        ("age as true", changed(age=True)),
        ("two out of range", changed(age=7, invites=6)),
        ("e-mail ..@x..y", changed(email="..@x..y")),
        ("misspelled field", changed(newsleter=True)),
    ):
        status, message = Shop().sign_up(body)
        print(row(label, status, message))

    print("\nrole=admin in the body  status role stored")
    attack = changed(role="admin")
    print(row("binds everything", 201, bind_everything(attack).role))
    print(row("binds known fields", 201, bind_known(attack).role))
    status, message = Shop().sign_up(attack)
    print(row("strict schema", status, f"none, {message}"))

    print("\nuser name, one shop     status outcome")
    shop = Shop()
    for name in ("Zoe\u0308", "ZO\u00cb", "\uff41dmin", "\u0430dmin", "ad\u200dmin"):
        status, message = shop.sign_up(changed(user_name=name))
        stored = "" if message else f"stored as {escaped(list(shop.users)[-1])}"
        print(row(escaped(name), status, message or stored))


if __name__ == "__main__":
    main()
