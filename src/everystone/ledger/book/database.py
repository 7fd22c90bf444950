"""SQLite and PostgreSQL as the ledger uses them: a connection handed in, gates at start-up, one shape of transaction.

SQLite before 3.51.3 may corrupt a database in WAL mode when a checkpoint and a write meet, so there the journal is a
kept file (PERSIST); from 3.51.3 it is WAL. Both with synchronous=FULL: NORMAL loses what was acknowledged at a power
cut, and the ordinary DELETE journal does too until its folder is synced. Anything else is refused at start-up.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from everystone.ledger.fault import Fault

WAL_SAFE_FROM = (3, 51, 3)
SCHEMA = Path(__file__).parent / "schema"
FULL = 2
#: How long a writer waits for another, in seconds.
PATIENCE = 30
SERVER = ("postgresql://", "postgres://")
#: What every connection to a file is set to, beside its journal and its page size.
KEPT = ("recursive_triggers=ON", "secure_delete=ON")
_CHANGEABLE = ("ledger_copy",)


class Unsure(Fault):
    """The database went away while it was asked to commit: taken or not, nobody here knows. Send again, same keys."""


class Database:
    """One connection and how to speak to it. Use `database(connection)` to make one."""

    words: dict[str, str]
    name: str
    lock: str
    errors: tuple[type[Exception], ...]

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.depth = 0  # 1 in a transaction of our own; more in a part of one, ours or the caller's

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement with `?` for values; gives back the cursor."""
        raise NotImplementedError

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        raise NotImplementedError

    def begin(self) -> None:
        """Begin a transaction that writes."""
        raise NotImplementedError

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already (the caller's, or one of ours)."""
        raise NotImplementedError

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row, or None."""
        return self.run(sql, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside a transaction of the caller it is a part of that one, and commits with it.

        Raises Fault where the database refuses, Unsure where it went away during the commit.
        """
        with self.in_words():
            if self.inside:
                yield from self._part()
            else:
                yield from self._whole()

    def _whole(self) -> Iterator[None]:
        self.begin()
        self.depth = 1
        try:
            yield
        except BaseException:
            with suppress(*self.errors):
                self.run("ROLLBACK")
            raise
        else:
            self._commit()
        finally:
            self.depth = 0

    def _part(self) -> Iterator[None]:
        before, self.depth = self.depth, self.depth + 2
        self.run("SAVEPOINT ledger")
        try:
            yield
        except BaseException:
            with suppress(*self.errors):
                self.run("ROLLBACK TO SAVEPOINT ledger")
                self.run("RELEASE SAVEPOINT ledger")
            raise
        else:
            self.run("RELEASE SAVEPOINT ledger")
        finally:
            self.depth = before

    def _commit(self) -> None:
        try:
            self.run("COMMIT")
        except self.errors as fault:
            with suppress(*self.errors):
                self.run("ROLLBACK")
            if self.full(fault):
                raise
            raise Unsure(
                "The database went away while it was saving. Whether it was saved is not known here. "
                "Send the same again with the same keys: what was saved is not taken twice."
            ) from fault

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """What the database refuses is raised as Fault."""
        try:
            yield
        except self.errors as fault:
            if self.full(fault):
                raise Fault(
                    "The disk of the ledger is full. Nothing was taken, and what was there is still there. "
                    "Make room, then send the same again."
                ) from fault
            raise Fault(
                f"The database did not do as it was asked ({fault.__class__.__name__}: {str(fault).splitlines()[0]}). "
                "Nothing was taken. Send the same again."
            ) from fault

    def full(self, fault: Exception) -> bool:
        """Whether an error says that there is no more room."""
        raise NotImplementedError

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        raise NotImplementedError

    def triggers(self) -> dict[str, str]:
        """Every trigger of the ledger that is switched on: its name and its text."""
        raise NotImplementedError

    def script(self, name: str, logs: Sequence[str] = ()) -> None:
        """Run a schema file; a statement with `{log}` is run once for each log."""
        for statement in statements(name):
            for word, meant in self.words.items():
                statement = statement.replace("{" + word + "}", meant)
            for each in [statement.replace("{log}", log) for log in logs] if "{log}" in statement else [statement]:
                self.run(each)


def statements(name: str) -> list[str]:
    """The statements of a schema file, comments left out."""
    lines = [line for line in (SCHEMA / name).read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split("\n\n") if part.strip()]


class Sqlite(Database):
    """A database in one file."""

    name, lock = "sqlite", ""
    words = {"bytes": "BLOB", "number": "INTEGER"}  # noqa: RUF012 - never changed
    errors = (sqlite3.Error,)

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self.run = connection.execute  # type: ignore[method-assign,assignment]
        self.many = connection.executemany  # type: ignore[method-assign,assignment]

    def begin(self) -> None:
        """Begin a transaction that writes; it holds the one lock from here."""
        self.run("BEGIN IMMEDIATE")

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already."""
        return bool(self.connection.in_transaction)

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

    def gate(self, journal: str) -> None:
        """Refuse a connection that could lose what it acknowledged. `journal`: the mode that must be on."""
        found = self.one("PRAGMA journal_mode")[0], self.one("PRAGMA synchronous")[0]
        if self.connection.isolation_level is not None:
            raise Fault(
                "The ledger begins and ends its own transactions. Open the connection with isolation_level=None."
            )
        if found != (journal, FULL):
            raise Fault(
                f"SQLite {sqlite3.sqlite_version} must run with journal_mode={journal} and synchronous={FULL} (FULL); this "
                f"connection has journal_mode={found[0]} and synchronous={found[1]}, which can lose what was acknowledged. "
                "Open it with open_database, or set both pragmas."
            )


class Postgresql(Database):
    """A database on a PostgreSQL server, by psycopg 3."""

    name, lock = "postgresql", " FOR UPDATE"
    words = {"bytes": "BYTEA", "number": "BIGINT"}  # noqa: RUF012 - never changed

    def __init__(self, connection: Any) -> None:
        import psycopg

        super().__init__(connection)
        self.errors = (psycopg.Error,)
        self._idle = psycopg.pq.TransactionStatus.IDLE
        self._full = (psycopg.errors.DiskFull, psycopg.errors.IoError)

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement with `?` for values; gives back the cursor."""
        return self.connection.execute(sql.replace("?", "%s"), values or None, binary=True)

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row, sent together."""
        with self.connection.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)

    def begin(self) -> None:
        """Begin a transaction; the one lock is the head's row."""
        self.run("BEGIN")

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already."""
        return bool(self.connection.info.transaction_status != self._idle)

    def full(self, fault: Exception) -> bool:
        """Whether the disk is full, or a limit on the size of a file was met."""
        return isinstance(fault, self._full) or "could not extend file" in str(fault)

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


def database(connection: Any) -> Database:
    """How to speak to a connection. Raises Fault for one that could lose what it acknowledged."""
    if isinstance(connection, sqlite3.Connection):
        lite = Sqlite(connection)
        lite.gate(journal())
        return lite
    server = Postgresql(connection)
    with server.in_words():
        server.gate()
    return server


def journal(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> str:
    """The journal mode under which this version of SQLite keeps what it acknowledged."""
    return "wal" if version >= WAL_SAFE_FROM else "persist"


def open_database(place: str) -> Any:
    """A connection to a file (made, private to its owner, where there is none) or to a postgresql:// address."""
    if place.startswith(SERVER):
        import psycopg

        try:
            return psycopg.connect(place, autocommit=True)
        except psycopg.OperationalError as fault:
            raise Fault("The database server cannot be reached at the address given. Check that it runs.") from fault
    return open_sqlite(Path(place))


def open_sqlite(path: Path, mode: str | None = None) -> sqlite3.Connection:
    """A connection to a file with the settings that the gate asks for, and rights that forbid what triggers forbid."""
    if not path.exists():
        _make(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    for pragma in ("page_size=8192", f"journal_mode={mode or journal()}", f"synchronous={FULL}", "foreign_keys=ON",
                   *KEPT, "trusted_schema=OFF"):  # fmt: skip
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
