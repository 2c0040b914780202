"""List users by query string: operators slip in, a list of words keeps them out."""

import json
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

Document = dict[str, str]
Filter = dict[str, str | dict[str, str]]

USERS: list[Document] = [
    {"id": "1", "name": "ana", "status": "active", "reset_code": "s7"},
    {"id": "2", "name": "ben", "status": "blocked", "reset_code": "c2"},
    {"id": "3", "name": "cy", "status": "active", "reset_code": "a4"},
    {"id": "4", "name": "dee", "status": "active", "reset_code": "k9"},
]
BRACKETS = re.compile(r"(\w+)\[([^]]+)]")


class BadRequestError(Exception):
    """What the caller reads in a 400."""


@dataclass(frozen=True)
class Statement:
    sql: str
    values: list[str | int]


MAX_LIMIT = 100
LIKE_SPECIAL, BACKSLASHED = re.compile(r"[\\%_]"), r"\\\g<0>"


def like_pattern(q: str) -> str:
    if not 2 <= len(q) <= 50:
        raise BadRequestError("q is 2 to 50 characters")
    return f"%{LIKE_SPECIAL.sub(BACKSLASHED, q)}%"


def parse_limit(text: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", text) or not 1 <= int(text) <= MAX_LIMIT:
        raise BadRequestError(f"limit is 1 to {MAX_LIMIT}")
    return int(text)


def nested(query: str) -> Filter:
    """Read a[b]=c as {"a": {"b": "c"}}, as qs does for Express 4."""
    found: Filter = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        brackets = BRACKETS.fullmatch(name)
        if brackets:
            found[brackets[1]] = {brackets[2]: value}
        else:
            found[name] = value
    return found


def matches(value: str, wanted: str | dict[str, str]) -> bool:
    """Compare as a document database does: an object holds operators."""
    if isinstance(wanted, str):
        return value == wanted
    checks = {"$ne": value.__ne__, "$gte": value.__ge__}
    return all(checks[operator](operand) for operator, operand in wanted.items())


def naive(query: str) -> str:
    """Filter and sort by whatever was sent."""
    given = nested(query)
    wanted = given.get("status", {})
    users = [user for user in USERS if matches(user["status"], wanted)]
    users.sort(key=lambda user: user[str(given.get("sort", "id"))])
    return " ".join(user["id"] for user in users)


# --8<-- [start:show]
STATUSES = ("active", "blocked")
SORTS = {  # word in the URL, text in the SQL
    "name": "name ASC, id ASC",
    "-name": "name DESC, id DESC",
    "joined": "created_at ASC, id ASC",
    "-joined": "created_at DESC, id DESC",
}


def listing(tenant: int, query: str) -> Statement:
    """Check every word against a list and bind every value."""
    given = {"sort": "name", "limit": "20"}
    seen: set[str] = set()
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name not in ("status", "q", "sort", "limit"):
            raise BadRequestError(f"unknown parameter {name}")
        if name in seen:
            raise BadRequestError(f"{name} is given twice")
        seen.add(name)
        given[name] = value

    values: list[str | int] = [tenant]  # from the session, never from the URL
    where = "tenant_id = $1"
    if "status" in given:
        if given["status"] not in STATUSES:
            raise BadRequestError("status is active or blocked")
        values.append(given["status"])
        where += f" AND status = ${len(values)}"
    if "q" in given:
        values.append(like_pattern(given["q"]))
        where += f" AND name ILIKE ${len(values)}"
    if given["sort"] not in SORTS:
        raise BadRequestError("sort is [-]name or [-]joined")
    values.append(parse_limit(given["limit"]) + 1)
    order = SORTS[given["sort"]]
    return Statement(f"{where} ORDER BY {order} LIMIT ${len(values)}", values)


# --8<-- [end:show]

TENANT = 7
HARMLESS = ["status=active", "status=active&q=50%25&sort=-joined&limit=2"]
ATTACKS = [
    "status[$ne]=none",
    "sort=reset_code",
    "status=active&status=blocked",
    "role=admin",
    "tenant_id=8",
    "q=%25",
    "limit=1000000",
    "sort=name,password",
]


def main() -> None:
    print("nested parser, any field")
    for query in [HARMLESS[0], *ATTACKS[:2]]:
        filters = json.dumps(nested(query), separators=(",", ":"))
        print(f"  {query:<19}{filters:<30}users {naive(query)}")
    print("known words only")
    for query in HARMLESS:
        statement = listing(TENANT, query)
        print(f"  {query}")
        for line in re.split(r" (?=ORDER)", statement.sql):
            print(f"    {line}")
        print("    " + ", ".join(map(str, statement.values)))
    for query in ATTACKS:
        try:
            listing(TENANT, query)
            outcome = "accepted"
        except BadRequestError as error:
            outcome = f"400 {error}"
        print(f"  {query:<30}{outcome}")


if __name__ == "__main__":
    main()
