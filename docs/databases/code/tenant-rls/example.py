"""Tenants share a table; the database adds the tenant to every statement."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import postgres
from postgres import Connection, PostgresError

DATABASE = os.environ["PGDATABASE"]
OWNER, APP = f"{DATABASE}_owner", f"{DATABASE}_app"  # roles belong to the whole server
SCHEMA = f"""
    CREATE ROLE {OWNER} LOGIN;
    CREATE ROLE {APP} LOGIN;
    GRANT CREATE, USAGE ON SCHEMA public TO {OWNER};
    GRANT USAGE ON SCHEMA public TO {APP};
    CREATE TABLE invoices (
        tenant_id bigint NOT NULL, id bigint NOT NULL, cents integer NOT NULL,
        PRIMARY KEY (tenant_id, id)
    );
    INSERT INTO invoices VALUES (1, 1, 500), (1, 2, 700), (2, 1, 900), (2, 2, 40);
    ALTER TABLE invoices OWNER TO {OWNER};
    GRANT SELECT, INSERT, UPDATE, DELETE ON invoices TO {APP};
"""
BYPASSES = f"""
    CREATE VIEW plain_view AS SELECT * FROM invoices;
    CREATE VIEW invoker_view WITH (security_invoker = true) AS SELECT * FROM invoices;
    CREATE FUNCTION definer() RETURNS bigint LANGUAGE sql SECURITY DEFINER
    SET search_path = public, pg_temp RETURN (SELECT count(*) FROM invoices);
    GRANT SELECT ON plain_view, invoker_view TO {APP};
"""
CLEAN_UP = f"""
    DROP TABLE invoices CASCADE; -- views and functions on it go, too
    DROP OWNED BY {OWNER}, {APP};
    DROP ROLE {OWNER}, {APP};
"""
COUNT = "SELECT count(*) FROM invoices"


# --8<-- [start:show]
POLICY = """
    ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
    ALTER TABLE invoices FORCE ROW LEVEL SECURITY;
    CREATE POLICY tenant ON invoices
    USING (tenant_id = NULLIF(current_setting('app.tenant', true), '')::bigint)
"""  # without a WITH CHECK of its own, USING is asked of new rows as well

NOT_BOUND = """
    SELECT rolsuper OR rolbypassrls OR pg_has_role(relowner, 'MEMBER')
    FROM pg_roles, pg_class
    WHERE rolname = current_user AND pg_class.oid = 'invoices'::regclass
"""


class UnboundRoleError(Exception):
    """Policies do not hold for this role, or it could switch them off."""


def check_role(db: Connection) -> None:
    """Refuse to start rather than to serve every tenant's rows."""
    if db.query(NOT_BOUND)[0][0]:
        raise UnboundRoleError


@contextmanager
def tenant_transaction(db: Connection, tenant: int) -> Iterator[None]:
    """The only way to the data; the tenant comes from the verified identity."""
    with db.transaction():
        db.query("SELECT set_config('app.tenant', $1, true)", str(tenant))
        yield


# --8<-- [end:show]


def connect_as(role: str) -> Connection:
    kept = os.environ.get("PGUSER", "")
    os.environ["PGUSER"] = role
    try:
        return postgres.connect()
    finally:
        os.environ["PGUSER"] = kept


def tell(label: str, outcome: object) -> None:
    print(f"{label:<48}{outcome}")


def attempt(db: Connection, tenant: int, sql: str) -> str:
    try:
        with tenant_transaction(db, tenant):
            return f"{db.execute(sql)} rows"
    except PostgresError as error:
        return error.code


def count(db: Connection, sql: str = COUNT) -> str:
    return f"{db.query(sql)[0][0]} rows"


def requests(app: Connection) -> None:
    tell("no tenant set: read", count(app))
    for tenant in 1, 2:
        with tenant_transaction(app, tenant):
            (row,) = app.query("SELECT count(*), sum(cents) FROM invoices")
        tell(f"tenant {tenant}: read, no WHERE", f"{row[0]} rows, {row[1]} cents")
    foreign = "UPDATE invoices SET cents = 0 WHERE tenant_id = 2"
    tell("tenant 1: change rows of tenant 2", attempt(app, 1, foreign))
    insert = "INSERT INTO invoices VALUES (2, 3, 1)"
    tell("tenant 1: insert for tenant 2", attempt(app, 1, insert))
    give = "UPDATE invoices SET tenant_id = 2, id = 9 WHERE id = 1"
    tell("tenant 1: give a row to tenant 2", attempt(app, 1, give))
    tell("no tenant set: insert", refused(app, "INSERT INTO invoices VALUES (1, 3, 1)"))
    tell("next request on this connection: read", count(app))
    app.execute("SET app.tenant = '1'")
    tell("the same after a plain SET: the leak", count(app))
    app.execute("RESET app.tenant")
    tell("TRUNCATE, which asks no policy", refused(app, "TRUNCATE invoices"))


def refused(db: Connection, sql: str) -> str:
    try:
        db.execute(sql)
    except PostgresError as error:
        return error.code
    return "done"


def bypasses(admin: Connection, owner: Connection, app: Connection) -> None:
    print("\nNo tenant set, yet:")
    tell("  the owner, FORCE", count(owner))
    owner.execute("ALTER TABLE invoices NO FORCE ROW LEVEL SECURITY")
    tell("  the owner, no FORCE", count(owner))
    owner.execute("ALTER TABLE invoices FORCE ROW LEVEL SECURITY")
    tell("  a superuser, even with FORCE", count(admin))
    admin.execute(BYPASSES)
    tell("  service: a superuser's view", count(app, "SELECT count(*) FROM plain_view"))
    invoker = "SELECT count(*) FROM invoker_view"
    tell("  service: the view with security_invoker", count(app, invoker))
    tell("  service: a SECURITY DEFINER function", count(app, "SELECT definer()"))


def starts(db: Connection, check: Callable[[Connection], None]) -> str:
    try:
        check(db)
    except UnboundRoleError:
        return "refused"
    return "starts"


def main() -> None:
    with postgres.connect() as admin:
        admin.execute(SCHEMA)
        with connect_as(OWNER) as owner, connect_as(APP) as app:
            owner.execute(POLICY)
            for name, db in ("superuser", admin), ("owner", owner), ("service", app):
                tell(f"start-up check as {name}", starts(db, check_role))
            print()
            requests(app)
            bypasses(admin, owner, app)
        admin.execute(CLEAN_UP)


if __name__ == "__main__":
    main()
