"""Brings the schema up to date: `python -m blog.migrate`."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import asyncpg

from blog.settings import Settings

FOLDER = Path(__file__).resolve().parent.parent / "migrations"
LOCK = 7_316_002  # any number that nothing else in this database uses
HISTORY = """
    CREATE TABLE IF NOT EXISTS migrations (
        name       text PRIMARY KEY,
        digest     text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class ChangedMigrationError(Exception):
    """A migration that was applied is not what it was."""


# --8<-- [start:show]
async def migrate(url: str, files: Sequence[Path] = ()) -> list[str]:
    """Apply what is new, in the order of names, all or nothing; say what it was."""
    connection = await asyncpg.connect(url, timeout=5)
    try:
        async with connection.transaction():
            # Of two deployments at once the second waits, and finds nothing to do.
            await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute(HISTORY)
            return [
                file.name
                for file in sorted(files or FOLDER.glob("*.sql"))
                if await is_new(connection, file.name, file.read_text("utf-8"))
            ]
    finally:
        await connection.close(timeout=5)


async def is_new(connection: asyncpg.Connection, name: str, sql: str) -> bool:
    digest = hashlib.sha256(sql.encode()).hexdigest()
    applied = await connection.fetchval(
        "SELECT digest FROM migrations WHERE name = $1", name
    )
    if applied is None:
        await connection.execute(sql)
        await connection.execute(
            "INSERT INTO migrations (name, digest) VALUES ($1, $2)", name, digest
        )
    elif applied != digest:
        raise ChangedMigrationError(
            f"{name} was applied and changed since: add a new one"
        )
    return applied is None


# --8<-- [end:show]


async def main() -> None:
    settings = Settings.from_environment(os.environ)
    for name in await migrate(settings.database_url.get_secret_value()):
        print(f"applied {name}")


if __name__ == "__main__":
    asyncio.run(main())
