"""Reading Parquet: flat columns, each written as an extract would write it, read by the database at once."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid, cells, checked_header
from everystone.intake.mapping import How
from everystone.intake.rejects import Rejects, reject
from everystone.ledger.fault import Fault

#: Types whose own text is what an extract would write; `"NULL"` is that of a column in which nothing stands.
_AS_THEY_ARE = {"VARCHAR", "DATE", "UUID", "TIME", "BOOLEAN", "DECIMAL", "HUGEINT", '"NULL"'}
_AS_THEY_ARE |= {unsigned + size for unsigned in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")}


def read_parquet(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out a file, rows numbered from 1. Raises Fault where it is damaged, or a column is nested or binary."""
    source = f"read_parquet({quoting.text(str(path))}, file_row_number = true)"
    try:
        header = checked_header(pq.read_schema(path).names, name)
        described = desk.rows(
            f"SELECT column_name, column_type FROM (DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {source})"
        )
        columns = [
            f"{as_text(quoting.name(each), kind, each, name)} AS c{place}"
            for place, (each, kind) in enumerate(described)
        ]
        desk.do(f"CREATE TABLE laid_{number} AS SELECT file_row_number + 1 AS row, {', '.join(columns)} FROM {source}")
    except (duckdb.Error, pa.ArrowException, OSError, UnicodeError) as fault:
        raise Fault("The file is cut off, damaged or no Parquet file. Export it again.", where=name) from fault
    return refuse_hidden(desk, Laid(number, name, f"laid_{number}", cells(header), 0), rejects)


def as_text(column: str, kind: str, called: str, where: str) -> str:
    """SQL for a column of some type as an extract would write it. Raises Fault for a type that is not flat."""
    sort = kind.partition("(")[0]
    if kind.endswith("[]") and kind.count("[") == 1 and "STRUCT" not in kind and "MAP" not in kind:
        return f"CASE WHEN len({column}) > 0 THEN CAST(to_json({column}) AS VARCHAR) END"
    if sort in _AS_THEY_ARE or sort.startswith("ENUM"):
        return f"CAST({column} AS VARCHAR)"
    if sort in ("DOUBLE", "FLOAT"):
        whole = f"isfinite({column}) AND {column} = trunc({column}) AND abs({column}) < 1e15"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE CAST({column} AS VARCHAR) END"
    if sort == "TIMESTAMP WITH TIME ZONE":
        return f"strftime({column} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ')"
    if sort.startswith("TIMESTAMP"):
        return f"strftime(CAST({column} AS TIMESTAMP), '%Y-%m-%dT%H:%M:%S')"
    raise Fault(f"The column {called!r} is of the type {kind[:60]}. Flat columns are wanted.", where=where)


def refuse_hidden(desk: Desk, laid: Laid, rejects: Rejects) -> Laid:
    """The rows, but for those with U+0000 in a cell; all are counted as read."""
    laid.read = desk.one(f"SELECT count(*) FROM {laid.table}")
    found = "".join(
        f" WHEN contains({column}, chr(0)) THEN {place}" for place, column in enumerate(laid.columns.values())
    )
    which = f"CASE{found} END"
    names = list(laid.columns)
    for row, place in desk.each(f"SELECT row, {which} FROM {laid.table} WHERE {which} IS NOT NULL ORDER BY row"):
        rejects.add(reject(laid.name, row, names[place], "E04"))
    desk.do(f"DELETE FROM {laid.table} WHERE {which} IS NOT NULL")
    return laid
