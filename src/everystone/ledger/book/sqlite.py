"""SQLite as the ledger uses it: the gate at start-up, and the rights of a connection.

SQLite before 3.51.3 may corrupt a database in WAL mode when a checkpoint and a write meet, so there the journal is a
kept file (PERSIST); from 3.51.3 it is WAL. Both with synchronous=FULL: NORMAL loses what was acknowledged at a power
cut, and the ordinary DELETE journal does too until its folder is synced. Anything else is refused at start-up. Any
driver with the interface of Python's own may be handed in; the version that counts is that of the driver.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

from everystone.ledger.book.database import Database
from everystone.ledger.fault import Fault

WAL_SAFE_FROM = (3, 51, 3)
FULL = 2
#: How long a writer waits for another, in seconds.
PATIENCE = 30
#: What every connection to a file is set to, beside its journal and its page size.
KEPT = ("recursive_triggers=ON", "secure_delete=ON")
_CHANGEABLE = ("ledger_copy",)


class Sqlite(Database):
    """A database in one file."""

    name, lock = "sqlite", ""
    one_statement = False
    words = {"bytes": "BLOB", "number": "INTEGER"}  # noqa: RUF012 - never changed

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.driver: Any = driver_of(connection)
        self.errors = (self.driver.Error,)
        self.run = connection.execute  # type: ignore[method-assign,assignment]
        self.many = connection.executemany  # type: ignore[method-assign,assignment]

    def begin(self) -> None:
        """Begin a transaction that writes; it holds the one lock from here."""
        self.run("BEGIN IMMEDIATE")

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already."""
        return bool(self.connection.in_transaction)

    def unsure(self, fault: Exception) -> bool:
        """Whether a commit that ended so may have been kept all the same."""
        return not self.full(fault)

    def full(self, fault: Exception) -> bool:
        """Whether the disk is full, or a limit on the size of the file was met."""
        return str(fault) in ("database or disk is full", "disk I/O error")

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        return self.one("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)) is not None

    def triggers(self) -> dict[str, str]:
        """Every trigger of the ledger: its name and its text."""
        found = self.run(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'ledger@_%' ESCAPE '@'"
        )
        return dict(found.fetchall())

    def gate(self, mode: str = "") -> None:
        """Refuse a connection that could lose what it acknowledged; `mode` where another journal than `journal()` is asked."""
        mode = mode or journal(self.driver.sqlite_version_info)
        found = self.one("PRAGMA journal_mode")[0], self.one("PRAGMA synchronous")[0]
        if self.connection.isolation_level is not None:
            raise Fault(
                "The ledger begins and ends its own transactions. Open the connection with isolation_level=None."
            )
        if found != (mode, FULL):
            raise Fault(
                f"SQLite {self.driver.sqlite_version} must run with journal_mode={mode} and synchronous={FULL} (FULL); this "
                f"connection has journal_mode={found[0]} and synchronous={found[1]}, which can lose what was acknowledged. "
                "Open it with open_database, or set both pragmas."
            )


def driver_of(connection: object) -> Any:
    """The SQLite driver that made a connection, or None for one of another database."""
    drivers = (sys.modules[each.__module__] for each in type(connection).__mro__)
    return next((each for each in drivers if hasattr(each, "sqlite_version_info")), None)


def journal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """The journal mode under which this version of SQLite keeps what it acknowledged."""
    return "wal" if version >= WAL_SAFE_FROM else "persist"


def open_sqlite(path: Path, mode: str = "", driver: Any = sqlite3) -> sqlite3.Connection:
    """A connection to a file with the settings that the gate asks for, and rights that forbid what triggers forbid.

    `driver`: Python's own, or another with its interface that brings a newer SQLite.
    """
    if not path.exists():
        _make(path)
    connection: sqlite3.Connection = driver.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    settings = ("page_size=8192", f"journal_mode={mode or journal(driver.sqlite_version_info)}", f"synchronous={FULL}",
                "foreign_keys=ON", *KEPT, "trusted_schema=OFF")  # fmt: skip
    for pragma in settings:
        connection.execute(f"PRAGMA {pragma}")
    restrict(connection)
    return connection


def restrict(connection: sqlite3.Connection) -> None:
    """Give a connection to a file the rights that the ledger allows: its tables are read and added to, no more."""
    connection.set_authorizer(_may)


def _make(path: Path) -> None:
    """An empty file, private to its owner, whose name is on disk: a power cut leaves no ledger without a file."""
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _may(action: int, first: str | None, second: str | None, _base: str | None, _by: str | None) -> int:
    """SQLite has no roles; these are the rights of a connection: the ledger's tables are read and added to, no more."""
    table = (
        second
        if action in (sqlite3.SQLITE_DROP_TRIGGER, sqlite3.SQLITE_DROP_INDEX, sqlite3.SQLITE_ALTER_TABLE)
        else first
    )
    if action == sqlite3.SQLITE_PRAGMA and first in ("writable_schema", "journal_mode", "synchronous") and second:
        return sqlite3.SQLITE_DENY
    if not (table or "").startswith("ledger_") or table in _CHANGEABLE:
        return sqlite3.SQLITE_OK
    changes_head = action == sqlite3.SQLITE_UPDATE and str(table).endswith("_head")
    taken_away = action in (
        sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE, sqlite3.SQLITE_DROP_TABLE, sqlite3.SQLITE_DROP_TRIGGER,
        sqlite3.SQLITE_DROP_INDEX, sqlite3.SQLITE_ALTER_TABLE,
    )  # fmt: skip
    return sqlite3.SQLITE_DENY if taken_away and not changes_head else sqlite3.SQLITE_OK
