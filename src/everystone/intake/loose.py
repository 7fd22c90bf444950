"""Rows whose columns are not known beforehand, as logs, XML and JSON have them: each row says which it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pyarrow as pa

from everystone.intake import desk as desks
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid, cells
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault

MOST_COLUMNS = 2_000

Row = dict[str, str]


def lay_out(desk: Desk, number: int, name: str, rows: Iterable[tuple[int, Row]], rejects: Rejects) -> Laid:
    """Lay out rows, each with its place; a column that no row has is merely not recorded."""
    table = f"laid_{number}"
    columns: dict[str, int] = {}
    read, source = 0, iter(rows)
    while chunk := list(islice(source, desks.CHUNK)):
        fresh = [key for key in dict.fromkeys(key for _, row in chunk for key in row) if key not in columns]
        columns.update(zip(fresh, range(len(columns), len(columns) + len(fresh)), strict=True))
        if len(columns) > MOST_COLUMNS:
            raise Fault(f"The file has more than {MOST_COLUMNS:,} columns. It was refused.", where=name)
        _widen(desk, table, [columns[key] for key in fresh], begin=not read)
        names = ["row", *(f"c{place}" for place in columns.values())]
        told: Iterator[tuple[int | str | None, ...]] = (
            (place, *(row.get(key) or None for key in columns)) for place, row in chunk
        )
        read += desk.put(table, names, told, [pa.int64(), *(pa.string() for _ in columns)])
    if not read:
        _widen(desk, table, [], begin=True)
    return Laid(number, name, table, cells(list(columns)), read + rejects.by_file.get(name, 0), loose=True)


def _widen(desk: Desk, table: str, places: Sequence[int], *, begin: bool) -> None:
    """Add columns to a table, which is made first where this is the beginning of it."""
    if begin:
        desk.do(f"CREATE TABLE {table} (row BIGINT{''.join(f', c{place} VARCHAR' for place in places)})")
        return
    for place in places:
        desk.do(f"ALTER TABLE {table} ADD COLUMN c{place} VARCHAR")
