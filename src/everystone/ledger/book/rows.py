"""Rows some at a time: asked for, cut into ranges, and written as Parquet files, so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

ROW_GROUP = 20_000  # rows read together: about what a review asks in one go
SORTED = 100_000  # rows put in order together: some 100 MB


def some_at_a_time(found: duckdb.DuckDBPyRelation) -> Iterator[tuple[Any, ...]]:
    """The rows of a question, of which no more are held than were asked for."""
    for batch in found.to_arrow_reader(ROW_GROUP):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def cut(sizes: Iterable[tuple[str, int]], most: int) -> Iterator[tuple[str, str]]:
    """Names that come in order, cut into ranges from one to another: each the least that has so many rows."""
    first, last, held = "", "", 0
    for name, size in sizes:
        first, last, held = first or name, name, held + size
        if held >= most:
            yield first, last
            first, held = "", 0
    if first:
        yield first, last


def write(table: pa.Table, path: Path) -> None:
    """A Parquet file written whole or not at all, readable by its owner only."""
    half = path.with_suffix(".half")
    pq.write_table(table, half, compression="zstd", row_group_size=ROW_GROUP)
    half.chmod(0o600)
    half.replace(path)


def write_all(found: duckdb.DuckDBPyRelation, path: Path) -> None:
    """The rows of a question as such a file, some at a time, so that memory does not grow with them."""
    rows = found.to_arrow_reader(ROW_GROUP)
    write_batches(rows.schema, rows, path)


def write_in_order(found: duckdb.DuckDBPyRelation, path: Path, first: str, then: str, schema: pa.Schema) -> None:
    """The columns of a schema in order of two columns of a question, of which the first is a text.

    Wide rows are more than the database can sort in little memory: they are written as they come, and put in order some
    at a time, from one value of the first column to another.
    """
    loose = path.with_suffix(".loose")
    write_all(found, loose)
    columns = ", ".join(f'"{name}"' for name in schema.names)
    asked = f"SELECT {columns} FROM read_parquet($rows) WHERE {first} BETWEEN $begin AND $end ORDER BY {first}, {then}"
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar=false; SET threads=1; SET TimeZone='UTC'")
        counted = connection.read_parquet(str(loose)).aggregate(f"{first}, count(*)", first).order(first)
        ranges = [
            {"rows": str(loose), "begin": begin, "end": end} for begin, end in cut(some_at_a_time(counted), SORTED)
        ]
        batches = (batch.cast(schema) for each in ranges
                   for batch in connection.sql(asked, params=each).to_arrow_reader(ROW_GROUP))  # fmt: skip
        write_batches(schema, batches, path)
    loose.unlink()


def write_batches(schema: pa.Schema, batches: Iterable[pa.RecordBatch], path: Path) -> None:
    """Rows as such a file, as they come."""
    half = path.with_suffix(".half")
    with pq.ParquetWriter(half, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch, ROW_GROUP)
    half.chmod(0o600)
    half.replace(path)
