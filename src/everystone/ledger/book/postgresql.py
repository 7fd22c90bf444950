"""PostgreSQL as the ledger uses it, by psycopg 3: the gate at start-up, and a lock on the head's row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg

from everystone.ledger.book.database import Database
from everystone.ledger.fault import Fault


class Postgresql(Database):
    """A database on a PostgreSQL server, by psycopg 3."""

    name, lock = "postgresql", " FOR UPDATE"
    one_statement = True
    words = {"bytes": "BYTEA", "number": "BIGINT"}  # noqa: RUF012 - never changed
    errors = (psycopg.Error,)

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement with `?` for values; gives back the cursor."""
        return self.connection.execute(_marked(sql) if values else sql, values or None, binary=True)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row, sent together."""
        with self.connection.cursor() as cursor:
            cursor.executemany(_marked(sql), rows)

    def begin(self) -> None:
        """Begin a transaction; the one lock is the head's row."""
        self.run("BEGIN")

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already."""
        return bool(self.connection.info.transaction_status != psycopg.pq.TransactionStatus.IDLE)

    def unsure(self, fault: Exception) -> bool:
        """Whether a commit that ended so may have been kept: yes where the server said nothing more, no where it said no."""
        return bool(self.connection.closed)

    def full(self, fault: Exception) -> bool:
        """Whether the disk is full, or a limit on the size of a file was met."""
        return isinstance(fault, (psycopg.errors.DiskFull, psycopg.errors.IoError)) or "could not extend file" in str(
            fault
        )

    def has(self, table: str) -> bool:
        """Whether there is a table of this name where tables are looked for first."""
        return self.one("SELECT to_regclass(?)", (table,))[0] is not None

    def triggers(self) -> dict[str, str]:
        """Every trigger of the ledger that is switched on: its name, its text and that of its function."""
        found = self.run(
            "SELECT t.tgname, pg_get_triggerdef(t.oid) || ' ' || p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') "
            "AND c.relnamespace = current_schema()::regnamespace AND c.relname LIKE 'ledger@_%' ESCAPE '@'"
        )
        return dict(found.fetchall())

    def gate(self) -> None:
        """Refuse a server or connection that could lose what it acknowledged."""
        if not self.connection.autocommit:
            raise Fault("The ledger begins and ends its own transactions. Open the connection with autocommit=True.")
        for setting in ("synchronous_commit", "fsync", "full_page_writes"):
            (found,) = self.one(f"SHOW {setting}")
            if found != "on":
                raise Fault(
                    f"PostgreSQL must run with {setting}=on; this server says {setting}={found}, which can lose what was "
                    "acknowledged. Change it in postgresql.conf."
                )


def _marked(sql: str) -> str:
    """A statement with its `?` as the driver writes them; a `%` of its own stays one."""
    return sql.replace("%", "%%").replace("?", "%s")
