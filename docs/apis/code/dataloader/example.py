"""Run GraphQL queries over a table and count the SQL statements they need."""

import asyncio
import functools
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

MAX_TOKENS = 1000
MAX_DEPTH = 6
MAX_COST = 1000  # objects that one answer may hold
MAX_FIRST = 50

Row = dict[str, Any]


@dataclass
class Field:
    alias: str
    name: str
    first: int = 10
    selection: list["Field"] = field(default_factory=list)


@dataclass(frozen=True)
class Kind:
    """The type of a field: an object, or a list of objects; scalars have none."""

    of: str
    many: bool = False


SCHEMA: dict[str, dict[str, Kind | None]] = {
    "Query": {"users": Kind("User", many=True), "posts": Kind("Post", many=True)},
    "User": {"name": None, "posts": Kind("Post", many=True)},
    "Post": {"title": None, "author": Kind("User"), "reviewer": Kind("User")},
}


class QueryError(Exception):
    """The query is refused; nothing has been executed."""


class Parser:
    """Selections, aliases and the argument first: a small part of GraphQL."""

    def __init__(self, query: str) -> None:
        tokens = re.findall(r"\w+|[^\s\w]", query)
        if len(tokens) > MAX_TOKENS:
            raise QueryError(f"{len(tokens)} tokens, limit {MAX_TOKENS}")
        self.tokens = iter(tokens)
        self.next = next(self.tokens, "")

    def take(self, pattern: str) -> str:
        token = self.next
        if not re.fullmatch(pattern, token):
            raise QueryError(f"unexpected {token!r}")
        self.next = next(self.tokens, "")
        return token

    def selection(self) -> list[Field]:
        self.take(r"\{")
        fields = []
        while self.next != "}":
            alias = name = self.take(r"[a-z]\w*")
            if self.next == ":":
                self.take(":")
                name = self.take(r"[a-z]\w*")
            node = Field(alias, name)
            if self.next == "(":
                self.take(r"\(")
                self.take("first")
                self.take(":")
                node.first = int(self.take(r"\d{1,9}"))
                self.take(r"\)")
            if self.next == "{":
                node.selection = self.selection()
            fields.append(node)
        self.take(r"\}")
        return fields


class Database:
    """Two tables in memory; it keeps a log of the statements it was sent."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.users = [{"id": n, "name": f"user {n}"} for n in range(1, 51)]
        self.posts = [
            {
                "id": n,
                "title": f"post {n}",
                "author_id": 99 if n == 2 else (n - 1) % 50 + 1,  # 99 was deleted
                "reviewer_id": None if n % 3 == 0 else n % 50 + 1,
            }
            for n in range(1, 201)
        ]

    async def first(self, table: str, first: int) -> list[Row]:
        self.log.append(f"{table} LIMIT {first}")
        return getattr(self, table)[:first]

    async def users_by_id(self, ids: list[int]) -> dict[int, Row]:
        rows = [row for row in reversed(self.users) if row["id"] in ids]
        order = ", ".join(str(row["id"]) for row in rows)
        wanted = ", ".join(map(str, ids))
        self.log.append(f"users WHERE id IN ({wanted}), rows come as {order}")
        return {row["id"]: row for row in rows}

    async def posts_of(self, ids: list[int], first: int) -> dict[int, list[Row]]:
        wanted = ", ".join(map(str, ids))
        self.log.append(f"posts WHERE author_id IN ({wanted}), {first} for each")
        found: dict[int, list[Row]] = {}
        for row in self.posts:
            mine = found.setdefault(row["author_id"], [])
            if row["author_id"] in ids and len(mine) < first:
                mine.append(row)
        return found


# --8<-- [start:show]
class DataLoader:
    """Collects the keys of one tick, asks once, remembers for one request."""

    def __init__(self, batch: Callable[[list[int]], Awaitable[dict]]) -> None:
        self.batch = batch
        self.cache: dict[int, asyncio.Future] = {}
        self.queue: list[int] = []

    def load(self, key: int) -> asyncio.Future:
        if key not in self.cache:  # also while its statement runs
            self.cache[key] = asyncio.get_running_loop().create_future()
            self.queue.append(key)
            if len(self.queue) == 1:  # runs after the fields now waiting their turn
                self.task = asyncio.create_task(self.dispatch())
        return self.cache[key]

    async def dispatch(self) -> None:
        keys, self.queue = self.queue, []
        try:
            found = await self.batch(keys)  # one statement
        except Exception as error:
            for key in keys:
                self.cache[key].set_exception(error)
            return
        for key in keys:
            self.cache[key].set_result(found.get(key))  # by key, not by position


def cost(fields: list[Field], kind: str) -> int:
    """Count the objects the answer may hold; aliases count as what they are."""
    total = 0
    for node in fields:
        child = SCHEMA[kind][node.name]
        if child is not None:
            times = node.first if child.many else 1
            total += times * (1 + cost(node.selection, child.of))
    return total


# --8<-- [end:show]


def depth(fields: list[Field]) -> int:
    return max((1 + depth(node.selection) for node in fields), default=0)


def refuse_excess(fields: list[Field]) -> None:
    """Run after validation and before the first resolver."""
    if (levels := depth(fields)) > MAX_DEPTH:  # first: it bounds what cost multiplies
        raise QueryError(f"depth {levels}, limit {MAX_DEPTH}")
    if (total := cost(fields, "Query")) > MAX_COST:
        raise QueryError(f"cost {total}, limit {MAX_COST}")


class Batched:
    """What resolvers read from: one for each request, never shared."""

    def __init__(self, db: Database) -> None:
        self.first = db.first
        self.user = DataLoader(db.users_by_id).load
        self.loader = functools.cache(  # the argument is part of the key
            lambda first: DataLoader(functools.partial(db.posts_of, first=first))
        )

    async def posts(self, author: int, first: int) -> list[Row]:
        return await self.loader(first).load(author) or []


class Naive:
    """A statement for each call."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self.first = db.first

    async def user(self, key: int) -> Row | None:
        return (await self.db.users_by_id([key])).get(key)

    async def posts(self, author: int, first: int) -> list[Row]:
        return (await self.db.posts_of([author], first)).get(author, [])


async def resolve(data: Naive | Batched, kind: str, row: Row, node: Field) -> Any:
    match kind, node.name:
        case "Query", table:
            return await data.first(table, node.first)
        case "User", "posts":
            return await data.posts(row["id"], node.first)
        case "Post", "author":
            if (author := await data.user(row["author_id"])) is None:
                raise LookupError(f"no user {row['author_id']}")
            return author
        case "Post", "reviewer":
            key = row["reviewer_id"]
            return None if key is None else await data.user(key)
        case _:
            return row[node.name]


@dataclass
class Execution:
    data: Naive | Batched
    errors: list[str] = field(default_factory=list)

    async def object(self, fields: list[Field], kind: str, row: Row, path: str) -> Row:
        """Resolve the fields of an object side by side, those of its parts too."""

        async def value(node: Field) -> Any:
            here = f"{path}.{node.alias}".lstrip(".")
            try:
                found = await resolve(self.data, kind, row, node)
            except LookupError as error:  # null here, the rest of the answer stays
                self.errors.append(f"{here}: {error}")
                return None
            child = SCHEMA[kind][node.name]
            if child is None or found is None:
                return found
            if not child.many:
                return await self.object(node.selection, child.of, found, here)
            items = [
                self.object(node.selection, child.of, item, f"{here}.{index}")
                for index, item in enumerate(found)
            ]
            return await asyncio.gather(*items)

        values = await asyncio.gather(*map(value, fields))
        return dict(zip((node.alias for node in fields), values, strict=True))


def validate(fields: list[Field], kind: str) -> None:
    for node in fields:
        if node.name not in SCHEMA[kind]:
            raise QueryError(f"{kind} has no field {node.name}")
        child = SCHEMA[kind][node.name]
        if (child is None) != (not node.selection):
            raise QueryError(f"selection of {node.name} does not fit its type")
        if not 1 <= node.first <= MAX_FIRST:
            raise QueryError(f"first must be 1 to {MAX_FIRST}")
        if child is not None:
            validate(node.selection, child.of)


async def run(query: str, data: Naive | Batched) -> tuple[Row, list[str]]:
    fields = Parser(query).selection()
    validate(fields, "Query")
    refuse_excess(fields)
    execution = Execution(data)
    return await execution.object(fields, "Query", {}, ""), execution.errors


SCREEN = "{ users(first: %d) { name posts(first: 2) { title author { name } } } }"
EDGES = "{ posts(first: 4) { author { name } reviewer { name } title } }"


async def main() -> None:
    print(SCREEN % 3)
    for users in (3, 10, 50):
        one, two = Database(), Database()
        naive = await run(SCREEN % users, Naive(one))
        batched = await run(SCREEN % users, Batched(two))
        same = "same data" if naive == batched else "other data"
        counts = f"naive {len(one.log):3} statements, DataLoader {len(two.log)}, {same}"
        print(f"  {users:2} users: {counts}")
        if users == 3:
            print("\n".join(f"    {statement}" for statement in two.log))

    print(EDGES)
    db = Database()
    answer, errors = await run(EDGES, Batched(db))
    print(f"    {db.log[-1]}")
    for index, post in enumerate(answer["posts"]):
        author, reviewer = (
            person["name"] if (person := post[role]) else "null"
            for role in ("author", "reviewer")
        )
        print(f"  posts.{index}: author {author}, reviewer {reviewer}")
    print(f"  error at {'; '.join(errors)}")

    print("user 1 is renamed")
    query = "{ posts(first: 1) { author { name } } }"
    shared = Batched(db)
    await run(query, shared)
    db.users[0] = {"id": 1, "name": "Ada"}
    for label, data in ("new loader", Batched(db)), ("shared loader", shared):
        answer, _ = await run(query, data)
        print(f"  {label + ':':15}{answer['posts'][0]['author']['name']}")

    print(f"limits: {MAX_TOKENS} tokens, depth {MAX_DEPTH}, cost {MAX_COST}")
    nested = "{ users(first: 50) { posts(first: 50) { author { posts { title } } } } }"
    aliases = " ".join(f"a{n}: users(first: 20) {{ name }}" for n in range(60))
    hostile = {
        "posts of their authors, and so on": "{ posts(first: 1) "
        + "{ author { posts(first: 1) " * 3
        + "{ title } "
        + "} } " * 3
        + "}",
        "lists in lists in lists": nested,
        "60 aliases of 20 users": "{ " + aliases + " }",
        "one field 2000 times": "{ users { " + "name " * 2000 + "} }",
        "a million users": "{ users(first: 1000000) { name } }",
    }
    for label, query in hostile.items():
        db = Database()
        try:
            await run(query, Batched(db))
        except QueryError as error:
            print(f"  {label + ':':35}{error}; {len(db.log)} statements")


if __name__ == "__main__":
    asyncio.run(main())
