"""The desk on which an extract is laid out while it is taken: a database in memory, and a private folder beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from everystone.intake import quoting

CHUNK = 50_000  # rows handed over at a time
MEMORY = 1_200  # MB, for the database alone; beyond it rows go to the folder


class Desk:
    """A connection, a folder beside it, and the few ways in which rows come and go."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
        self.connection, self.folder, self.memory = connection, folder, MEMORY
        self._numbers = count()

    def next_number(self) -> int:
        """A number that nothing on this desk has yet."""
        return next(self._numbers)

    def do(self, sql: str) -> None:
        """Run a statement; where the database's memory is too small for it, with twice as much, up to half of the machine's."""
        while True:
            try:
                self.connection.execute(sql).fetchall()
            except duckdb.OutOfMemoryException:
                self.memory *= 2
                if self.memory > _machine() // 2:
                    raise
                self.connection.execute(f"SET memory_limit = '{self.memory}MB'")
            else:
                return

    def clear(self, *beginnings: str) -> None:
        """Do away with the tables whose names begin so, and give their room back."""
        for (name,) in self.rows("SELECT table_name FROM duckdb_tables()"):
            if name.startswith(beginnings):
                self.do(f"DROP TABLE {quoting.name(name)}")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        return self.connection.execute(sql).fetchall()

    def one(self, sql: str) -> Any:
        """The one value of an answer."""
        found = self.rows(sql)
        return found[0][0] if found else None

    def each(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a large answer, some at a time; other statements may run meanwhile."""
        for batch in self.batches(sql, CHUNK):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    def batches(self, sql: str, size: int) -> Iterator[pa.RecordBatch]:
        """A large answer as Arrow batches, in its order."""
        yield from self.connection.cursor().sql(sql).to_arrow_reader(size)

    def show(self, name: str, table: pa.Table) -> None:
        """Show the database an Arrow table by a name, in place of the one that had it before."""
        self.connection.register(name, table)

    def create(self, table: str, columns: Mapping[str, tuple[str, pa.DataType]], rows: Iterable[Sequence[Any]]) -> None:
        """Make a table of rows; `columns` are their names, each with its type for the database and for Arrow."""
        self.do(f"CREATE OR REPLACE TABLE {table} ({', '.join(f'{name} {sql}' for name, (sql, _) in columns.items())})")
        self.put(table, list(columns), rows, [kind for _, kind in columns.values()])

    def put(self, table: str, names: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[pa.DataType]) -> int:
        """Add rows to a table by the names of their columns; how many there were."""
        schema, taken = pa.schema(list(zip(names, types, strict=True))), 0
        source = iter(rows)
        while chunk := list(islice(source, CHUNK)):
            columns = [pa.array(column, kind) for column, kind in zip(zip(*chunk, strict=True), types, strict=True)]
            self.show("chunk", pa.Table.from_arrays(columns, schema=schema))
            self.do(f"INSERT INTO {quoting.name(table)} BY NAME SELECT * FROM chunk")
            taken += len(chunk)
        return taken


@contextmanager
def laid_out(folder: Path) -> Iterator[Desk]:
    """A desk inside a folder; what a stopped run left there is cleared first, and everything at the end."""
    place = folder / ".intake"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    connection = duckdb.connect()
    try:
        for setting, value in _settings(place):
            connection.execute(f"SET {setting} = {quoting.text(value)}")
        yield Desk(connection, place)
    finally:
        connection.close()
        shutil.rmtree(place, ignore_errors=True)


def _machine() -> int:
    """The memory of this machine in MB; of one that does not say, so little that nothing more is taken."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 20
    except (AttributeError, ValueError, OSError):
        return 0


def _settings(place: Path) -> Iterable[tuple[str, str]]:
    yield "threads", str(min(os.cpu_count() or 1, 4))
    yield "memory_limit", f"{MEMORY}MB"
    yield "temp_directory", str(place / "spilled")
    yield "preserve_insertion_order", "true"
    yield "autoinstall_known_extensions", "false"
    yield "autoload_known_extensions", "false"
    yield "TimeZone", "UTC"
    yield "enable_progress_bar", "false"  # it would be drawn into what the command prints
