"""The tables in which the worklists stand, beside the ledger's own in the same database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from everystone.ledger.book.backup import BESIDE, Beside
from everystone.ledger.book.database import Database, statements

SCHEMA = Path(__file__).parent / "schema"
WORDS = {
    "sqlite": {"number": "INTEGER", "text": "TEXT"},
    "postgresql": {"number": "BIGINT", "text": 'TEXT COLLATE "C"'},
}
#: The files of tables, each by a table that shows whether it was run.
FILES = {
    "work_reached": "1.sql",
    "told": "told.sql",
    "work_feed": "feeds.sql",
    "work_said": "said.sql",
    "work_holds": "holds.sql",
    "work_met": "met.sql",
    "work_text": "texts.sql",
}
#: Tables with a row, or several, for each frame that was asked.
OF_FRAMES = (
    "work_frame",
    "work_finding",
    "work_placed",
    "work_led",
    "work_act",
    "work_line",
    "work_silence",
    "work_said",
    "work_met",
    "work_awaited",
)
#: Every table that follows from the ledger and from nothing else; they are made anew where they are of another release.
TABLES = (
    "work_named",
    *OF_FRAMES,
    "work_duty",
    "work_leave",
    "work_from",
    "work_typed",
    "work_sealed",
    "work_due",
    "work_read",
    "work_text",
    "work_run",
)


#: What is in none of them is kept when they are made anew, in files that never change: a later release adds another file.
KEPT = tuple(first for first in FILES if first not in ("work_reached", *TABLES))
BEING_MADE = "anew "


def make_tables(database: Database) -> bool:
    """Make the tables where they are not there yet.

    Whether those that follow from the ledger were of another release: then they are empty now, everything is to be asked
    anew, and `note_made` says when that was done. Stopped in between and begun again, it goes on.
    """
    begun = made_as(database) == BEING_MADE + _digest()
    anew = begun or (database.has("work_reached") and made_as(database) != _digest())
    with database.transaction():
        if anew and not begun:
            for table in ("work_reached", *TABLES):
                database.run(f"DROP TABLE IF EXISTS {table}")
        for first, name in FILES.items():
            if not database.has(first):
                _run(database, name)
        _note(database, BEING_MADE + _digest() if anew else _digest())
    return anew


def make_kept(database: Database) -> None:
    """Make those tables alone that follow from nothing: a backup is restored into them."""
    for first in KEPT:
        if not database.has(first):
            _run(database, FILES[first])


def _of_backup() -> Iterator[str]:
    """The tables of the files that follow from nothing."""
    for first in KEPT:
        for statement in statements(str(SCHEMA / FILES[first])):
            if statement.startswith("CREATE TABLE "):
                yield statement.split()[2]


def are_current(database: Database) -> bool:
    """Whether every table is there, as this release makes it, and was filled."""
    return made_as(database) == _digest() and all(database.has(first) for first in FILES)


def note_made(database: Database) -> None:
    """Note that everything was asked anew into the tables of this release."""
    with database.transaction():
        _note(database, _digest())


def made_as(database: Database) -> str:
    """By which files the tables were made that follow from the ledger, as a digest; "" where that was not noted."""
    found = database.one("SELECT files FROM work_made") if database.has("work_made") else None
    return str(found[0]) if found else ""


@cache
def _digest() -> str:
    said = "".join((SCHEMA / name).read_text(encoding="utf-8") for first, name in FILES.items() if first not in KEPT)
    return sha256(said.encode()).hexdigest()[:16]


def _note(database: Database, files: str) -> None:
    if not database.has("work_made"):
        _run(database, "made.sql")
    database.run("DELETE FROM work_made")
    database.run("INSERT INTO work_made (only_one, files) VALUES (1, ?)", (files,))


def _run(database: Database, name: str) -> None:
    for statement in statements(str(SCHEMA / name)):
        for word, meant in WORDS[database.name].items():
            statement = statement.replace("{" + word + "}", meant)
        database.run(statement)


def empty(database: Database) -> None:
    """Take everything out, to make it anew."""
    for table in TABLES:
        database.run(f"DELETE FROM {table}")
    database.run("UPDATE work_reached SET position = 0")


def insert(database: Database, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Add rows; one that is there already under its key is left as it is."""
    if rows:
        marks = ", ".join("?" * len(columns))
        database.many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)


def among(values: Sequence[Any]) -> str:
    """Question marks for a list of values; `(NULL)`, which nothing is among, for none."""
    return f"({', '.join('?' * len(values)) or 'NULL'})"


BESIDE["worklists"] = Beside(make_kept, tuple(_of_backup()))
