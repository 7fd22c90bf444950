"""The tables in which the worklists stand, beside the ledger's own in the same database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from everystone.ledger.book.database import Database, statements

SCHEMA = Path(__file__).parent / "schema"
WORDS = {
    "sqlite": {"number": "INTEGER", "text": "TEXT"},
    "postgresql": {"number": "BIGINT", "text": 'TEXT COLLATE "C"'},
}
#: The files of tables, each by a table that shows whether it was run.
FILES = {"work_reached": "1.sql", "told": "told.sql", "work_feed": "feeds.sql", "work_said": "said.sql"}
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
)
#: Every table of the first file, none of which holds anything that does not follow from the ledger.
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
)


def make_tables(database: Database) -> None:
    """Make the tables where they are not there yet."""
    for first, name in FILES.items():
        if not database.has(first):
            with database.transaction():
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
