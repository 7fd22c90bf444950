"""Backups of a ledger and, apart from it, of its keys; restoring them; and a drill that shows that it works.

A backup is itself a ledger: one SQLite file of the same tables, whichever database the live one is on, which `verify`
reads and which restores to either. Entries never change, so it is taken while writers go on: the heads say how far.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from everystone.ledger.book.database import Database
from everystone.ledger.book.erasure import finish
from everystone.ledger.book.keys import KEPT_DAYS, Keys, found_keys, open_keys
from everystone.ledger.book.log import COLUMNS, LOGS, Head, Stream, make_tables, place_of, write_head
from everystone.ledger.book.sql import Reader, SqlBook
from everystone.ledger.book.sqlite import Sqlite, open_sqlite
from everystone.ledger.book.verify import Verdict, verify
from everystone.ledger.fault import Fault
from everystone.ledger.seal.tree import HEIGHT, tile_levels


class Beside(NamedTuple):
    """Tables beside the ledger's own that follow from nothing else: how they are made, and what they are called."""

    make: Callable[[Database], None]
    tables: Sequence[str]


#: What else is backed up, registered by the room that it belongs to. It is in clear, so it goes with the keys.
BESIDE: dict[str, Beside] = {}
AT_ONCE = 5_000
_STAMP = "%Y-%m-%dT%H%M%SZ"
_REQUESTS = "tag, digest, first, taken, repeated"


# ---- backing up ----------------------------------------------------------------------------------------------------


def back_up(book: SqlBook, folder: Path, keys_folder: Path, now: int) -> tuple[Path, Path]:
    """Write a backup of the ledger and one of its keys, each in its own folder; gives back both files.

    `now` (seconds UTC) names the files. Backups of keys older than 35 days are removed. Raises Fault where both would
    lie in one folder: whoever has both reads everything.
    """
    if folder.resolve() == keys_folder.resolve():
        raise Fault(
            "The ledger and its keys would lie in one folder. Nothing was written. Give the keys a folder apart."
        )
    stamp = datetime.fromtimestamp(now, UTC).strftime(_STAMP)
    ledger_file, keys_file = folder / f"ledger-{stamp}.sqlite", keys_folder / f"keys-{stamp}.sqlite"
    for path in (ledger_file, keys_file):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists():
            raise Fault(f"{path.name} is there already. Nothing was written.")
    heads = _copy_ledger(book, ledger_file)
    with _closing(open_keys(str(keys_file))) as target:
        _copy_keys(book.keys.database, found_keys(target, book.keys.log, book.keys.owner_secret()).database)
        _copy_beside(book.database, target)
    said = {
        "written_by": "everystone", "at": stamp, "sizes": {name: head.size for name, head in heads.items()},
        "destroyed_keys": book.keys.destroyed(),
    }  # fmt: skip
    _beside(ledger_file).write_text(json.dumps(said, indent=1), encoding="utf-8")
    _beside(ledger_file).chmod(0o600)
    for path in (ledger_file, keys_file):
        path.with_name(path.name + "-journal").unlink(missing_ok=True)
    drop_old_keys(keys_folder, now)
    return ledger_file, keys_file


def drop_old_keys(folder: Path, now: int) -> list[Path]:
    """Remove backups of keys that are older than 35 days, so that a destroyed key is gone everywhere by then."""
    oldest = datetime.fromtimestamp(now, UTC) - timedelta(days=KEPT_DAYS)
    dropped = []
    for path in folder.glob("keys-*.sqlite"):
        written = datetime.strptime(path.stem.removeprefix("keys-"), _STAMP).replace(tzinfo=UTC)
        if written < oldest:
            path.unlink()
            dropped.append(path)
    return dropped


def _copy_ledger(book: SqlBook, path: Path) -> dict[str, Head]:
    heads = _heads(book.database)
    with _closing(Sqlite(open_sqlite(path))) as target:
        _carry(book.database, target, heads)
    return heads


def _heads(database: Database) -> dict[str, Head]:
    """The heads of all logs at one instant: one statement sees one state of the database."""
    columns = ", ".join(Head._fields)
    each = (f"SELECT '{name}', {columns} FROM {name}_head" for name in LOGS)
    return {row[0]: Head(*row[1:]) for row in database.run(" UNION ALL ".join(each)).fetchall()}


def _carry(source: Database, target: Database, heads: dict[str, Head]) -> None:
    """Copy everything up to the heads into a database that holds no ledger yet, as one transaction."""
    with target.transaction():
        make_tables(target)
        for name, head in heads.items():
            for table, columns, by, upto in _tables(name, head):
                _copy(source, target, table, columns, by, upto)
            write_head(target, name, head)
        requests = source.run(
            f"SELECT {_REQUESTS} FROM ledger_request WHERE first <= ?", (heads[LOGS[0]].size,)
        ).fetchall()
        if requests:
            target.many(f"INSERT INTO ledger_request ({_REQUESTS}) VALUES (?, ?, ?, ?, ?)", requests)


def _tables(name: str, head: Head) -> Iterator[tuple[str, str, str, tuple[int, int]]]:
    """Each table of a log with its columns, the column it is read by, and the range that the head covers."""
    yield f"{name}_stream", ", ".join(Stream._fields), "id", (0, head.streams)
    yield name, COLUMNS, "number", (0, head.size)
    for level in range(tile_levels(head.size)):
        full = head.size >> (HEIGHT * (level + 1))
        yield f"{name}_tile", "place, hashes", "place", (place_of((level, 0)) - 1, place_of((level, 0)) + full - 1)


def _copy(source: Database, target: Database, table: str, columns: str, by: str, within: tuple[int, int]) -> None:
    marks = ", ".join("?" * (columns.count(",") + 1))
    after, last = within
    while after < last:
        upto = min(after + AT_ONCE, last)
        rows = source.run(
            f"SELECT {columns} FROM {table} WHERE {by} > ? AND {by} <= ? ORDER BY {by}", (after, upto)
        ).fetchall()
        if len(rows) != upto - after:
            raise Fault(
                f"The ledger lacks rows that it should have ({table}). Nothing was written. Run `everystone verify --all`."
            )
        target.many(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
        after = upto


def _copy_keys(source: Database, target: Database) -> None:
    with target.transaction():
        for table, columns in (("key_secret", "id, secret, destroyed"), ("key_mark", "log, size, root")):
            rows = source.run(f"SELECT {columns} FROM {table}").fetchall()
            if rows:
                target.many(f"INSERT INTO {table} ({columns}) VALUES (?, ?, ?)", rows)


def _copy_beside(source: Database, target: Database) -> None:
    """What stands beside the ledger, where it does: made as it is made anywhere, then filled."""
    with target.transaction():
        for make, tables in BESIDE.values():
            held = [table for table in tables if source.has(table)]
            if held:
                make(target)
            for table in held:
                _copy_whole(source, target, table)


def _copy_whole(source: Database, target: Database, table: str) -> None:
    found = source.run(f"SELECT * FROM {table}")
    columns, rows = [each[0] for each in found.description], found.fetchall()
    if rows:
        target.run(f"DELETE FROM {table}")  # rows with which it is made
        marks = ", ".join("?" * len(columns))
        target.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


# ---- restoring -----------------------------------------------------------------------------------------------------


def restore(
    ledger_file: Path, keys_file: Path, ledger: Database, keys: Database, reader: Reader, clock: Callable[[], int]
) -> Verdict:
    """Put a backup into two empty places, and verify what came of it.

    Keys may be of another day than the ledger: the verdict names the entries whose keys are missing, and a key that was
    destroyed before the ledger's backup stays destroyed. Raises Fault for a backup that is not one.
    """
    for path in (ledger_file, keys_file):
        if not path.exists():
            raise Fault(f"{path.name} is not there. Nothing was restored.")
    said = _beside(ledger_file)
    told = json.loads(said.read_text(encoding="utf-8"))["destroyed_keys"] if said.exists() else {}
    destroyed = {int(number): day for number, day in told.items()}
    with _closing(Sqlite(open_sqlite(ledger_file))) as source, _closing(open_keys(str(keys_file))) as old:
        held = Keys(old)
        _carry(source, ledger, _heads(source))
        restored = found_keys(keys, held.log, held.owner_secret())
        _copy_keys(old, restored.database)
        _copy_beside(old, ledger)
        restored.destroy(destroyed.keys() - restored.destroyed().keys(), max(destroyed.values(), default=0))
    book = SqlBook(ledger, restored, reader, clock)
    finish(book)
    return verify(book)


# ---- the drill -----------------------------------------------------------------------------------------------------


def drill(book: SqlBook, now: int) -> Verdict:
    """Back up, restore into a place of its own, verify, and hold every row against the live ledger; nothing is left.

    The verdict's fault says what was not equal; its checkpoints are those of the restored ledger.
    """
    with TemporaryDirectory(prefix="everystone-drill-") as folder:
        place = Path(folder)
        files = back_up(book, place / "ledger", place / "keys", now)
        with (
            _closing(Sqlite(open_sqlite(place / "restored"))) as ledger,
            _closing(open_keys(str(place / "restored-keys"))) as keys,
        ):
            verdict = restore(*files, ledger, keys, book.reader, book.clock)
            for name, checkpoint in verdict.checkpoints.items():
                size = checkpoint.size
                if verdict.sound and _digest(ledger, name, size) != _digest(book.database, name, size):
                    verdict.fault = f"The restored ledger is not equal to the live one ({name})."
        return verdict


def _digest(database: Database, log: str, size: int) -> str:
    """One digest over the stored rows of a log up to a number."""
    found = sha256()
    for after in range(0, size, AT_ONCE):
        rows: list[Any] = database.run(
            f"SELECT {COLUMNS} FROM {log} WHERE number > ? AND number <= ? ORDER BY number",
            (after, min(after + AT_ONCE, size)),
        ).fetchall()
        for row in rows:
            found.update(repr(tuple(bytes(each) if isinstance(each, memoryview) else each for each in row)).encode())
    return found.hexdigest()


def _beside(ledger_file: Path) -> Path:
    return ledger_file.with_suffix(".json")


@contextmanager
def _closing(database: Database) -> Iterator[Database]:
    try:
        yield database
    finally:
        database.connection.close()
