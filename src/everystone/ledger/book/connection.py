"""Opening a database for the ledger: a file for SQLite, an address for PostgreSQL. Unsafe ones are refused here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from everystone.ledger.book.database import Database
from everystone.ledger.book.sqlite import Sqlite, driver_of, open_sqlite
from everystone.ledger.fault import Fault

SERVER = ("postgresql://", "postgres://")


def database(connection: Any) -> Database:
    """How to speak to a connection. Raises Fault for one that could lose what it acknowledged."""
    if driver_of(connection):
        lite = Sqlite(connection)
        lite.gate()
        return lite
    from everystone.ledger.book.postgresql import Postgresql

    server = Postgresql(connection)
    with server.in_words():
        server.gate()
    return server


def open_database(place: str) -> Any:
    """A connection to a file (made, private to its owner, where there is none) or to a postgresql:// address."""
    if place.startswith(SERVER):
        import psycopg

        try:
            return psycopg.connect(place, autocommit=True)
        except psycopg.OperationalError as fault:
            raise Fault("The database server cannot be reached at the address given. Check that it runs.") from fault
    return open_sqlite(Path(place))
