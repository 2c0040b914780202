"""The same six inputs, concatenated into SQL and bound to it."""

import hashlib
from collections.abc import Callable

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE members (
        name     text PRIMARY KEY,
        email    text NOT NULL,
        key_hash text NOT NULL,
        role     text NOT NULL DEFAULT 'member',
        nickname text NOT NULL DEFAULT '',
        greeting text NOT NULL DEFAULT ''
    );
    CREATE TABLE products (name text PRIMARY KEY, price integer NOT NULL);
    INSERT INTO members (name, email, key_hash, role) VALUES
        ('ada', 'ada@example.com', 'sample-hash-1', 'admin'),
        ('bob', 'bob@example.com', 'sample-hash-2', 'member'),
        ('mallory', 'mallory@example.com', 'sample-hash-3', 'member');
    INSERT INTO products VALUES
        ('lamp', 45), ('rug 50% wool', 80), ('rug 500 knots', 300), ('vase', 20);
"""
RESET = "UPDATE members SET role = 'member', greeting = '' WHERE name = 'mallory'"


# --8<-- [start:show]
class Vulnerable:
    """What not to write: the database gets one text and cannot tell who wrote what."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def sign_in(self, name: str, key_hash: str) -> list[str]:
        sql = f"SELECT name FROM members WHERE name = '{name}'"
        return column(self.db.query(f"{sql} AND key_hash = '{key_hash}'"))

    def search(self, term: str, sort: str = "name") -> list[str]:
        sql = f"SELECT name, price FROM products WHERE name LIKE '%{term}%'"
        return column(self.db.query(f"{sql} ORDER BY {sort}"))

    def greet(self, name: str) -> None:
        ((nickname,),) = self.db.query(
            "SELECT nickname FROM members WHERE name = $1", name
        )  # bound, and yet: what comes back is still data
        self.db.execute(
            f"UPDATE members SET greeting = 'Hi {nickname}' WHERE name = '{name}'"
        )


SORTS = {"name": "name", "price": "price, name"}  # the only SQL to choose from


class Bound:
    def __init__(self, db: Connection) -> None:
        self.db = db

    def sign_in(self, name: str, key_hash: str) -> list[str]:
        sql = "SELECT name FROM members WHERE name = $1 AND key_hash = $2"
        return column(self.db.query(sql, name, key_hash))

    def search(self, term: str, sort: str = "name") -> list[str]:
        if sort not in SORTS:
            raise ValueError("unknown sort key")
        for special in ("\\", "%", "_"):  # the backslash first
            term = term.replace(special, "\\" + special)
        sql = "SELECT name FROM products WHERE name LIKE '%' || $1 || '%'"
        return column(self.db.query(f"{sql} ORDER BY {SORTS[sort]}", term))

    def greet(self, name: str) -> None:
        sql = "UPDATE members SET greeting = 'Hi ' || nickname WHERE name = $1"
        self.db.execute(sql, name)


# --8<-- [end:show]

Shop = Vulnerable | Bound

BYPASS = "ada' --"
UNION = "zzz%' UNION SELECT email, 0 FROM members --"
NICKNAME = "M', role = 'admin' WHERE name = 'mallory' --"
BLIND = (
    "(CASE WHEN (SELECT role FROM members WHERE name = 'ada') = 'admin'"
    " THEN price ELSE -price END)"
)


def column(rows: list[tuple[postgres.Value, ...]]) -> list[str]:
    return [str(row[0]) for row in rows]


def digest(key: str) -> str:
    """Enough for a random key; a password needs a slow hash."""
    return hashlib.sha256(key.encode()).hexdigest()


def told(names: list[str]) -> str:
    return ", ".join(names) or "nobody"


def login(shop: Shop) -> str:
    return told(shop.sign_in(BYPASS, digest("a wrong key")))


def union(shop: Shop) -> str:
    return f"{sum('@' in name for name in shop.search(UNION))} e-mail addresses"


def second_order(shop: Shop) -> str:
    set_nickname = "UPDATE members SET nickname = $1 WHERE name = 'mallory'"
    shop.db.execute(set_nickname, NICKNAME)
    shop.greet("mallory")
    return mallory(shop.db)


def blind(shop: Shop) -> str:
    first = shop.search("", BLIND)[0]
    return "yes, ada is admin" if first == "vase" else "no"


def percent(shop: Shop) -> str:
    return f"{len(shop.search('50%'))} found"


def sorted_by_price(shop: Shop) -> str:
    return f"first {shop.search('', 'price')[0]}"


def outcome(work: Callable[[], str]) -> str:
    try:
        return work()
    except ValueError as error:
        return str(error)
    except PostgresError as error:
        return error.code


def mallory(db: Connection) -> str:
    """Her role; then she is a member again."""
    ((role,),) = db.query("SELECT role FROM members WHERE name = 'mallory'")
    db.execute(RESET)
    return f"mallory is {role}"


def stacked(db: Connection) -> None:
    """A script may hold several statements; a statement with values may not."""
    name = "x'; UPDATE members SET role = 'admin' WHERE name = 'mallory'; --"
    sql = f"SELECT name FROM members WHERE name = '{name}'"
    db.execute(sql)
    print(f"  {'as a script':<18}{mallory(db)}")
    code = outcome(lambda: told(column(db.query(sql))))
    print(f"  {'as one statement':<18}{mallory(db)}, {code}")


def bound_order(db: Connection) -> str:
    """A value is no column: every row has the same one, so nothing is sorted."""
    sql = "EXPLAIN (COSTS OFF) SELECT name FROM products ORDER BY $1::text"
    plan = column(db.query(sql, "price"))
    return "not sorted" if not any("Sort Key: price" in line for line in plan) else "?"


def main() -> None:
    with postgres.connect() as db:
        db.execute(SCHEMA)
        shops: tuple[Shop, Shop] = (Vulnerable(db), Bound(db))
        print(f"{'input':<32}{'concatenated':<22}bound or listed")
        for label, attack in (
            ("sign in as ada' --", login),
            ("search with UNION SELECT email", union),
            ("nickname stored, used later", second_order),
            ("sort by (CASE WHEN secret ...", blind),
            ("sort by price", sorted_by_price),
            ("search for 50%", percent),
        ):
            one, other = (outcome(lambda s=shop, a=attack: a(s)) for shop in shops)
            print(f"{label:<32}{one:<22}{other}")
        print(f"ORDER BY $1 with 'price' bound: {bound_order(db)}")
        print("\ntwo statements in one name, concatenated")
        stacked(db)
        print("\nthe vulnerable code, as a role that may only read products")
        few_privileges(db)


def few_privileges(db: Connection) -> None:
    """SET ROLE stands for a login of its own: injected SQL could RESET a role."""
    role = "reader_" + column(db.query("SELECT current_database()"))[0]
    ((quoted,),) = db.query("SELECT quote_ident($1)", role)  # names cannot be bound
    db.execute(f"CREATE ROLE {quoted}; GRANT SELECT ON products TO {quoted}")
    try:
        db.execute(f"SET ROLE {quoted}")
        shop = Vulnerable(db)
        found = told(shop.search("lamp"))
        print(f"  {'search for lamp':<32}{found}")
        print(f"  {'search with UNION SELECT email':<32}{outcome(lambda: union(shop))}")
        print(f"  {'change mallory':<32}{outcome(lambda: second_order(shop))}")
    finally:
        db.execute("RESET ROLE")
        db.execute(f"DROP OWNED BY {quoted}; DROP ROLE {quoted}")


if __name__ == "__main__":
    main()
