"""What professional standards alone may read of a review, kept apart from what everybody at the force may."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from pathlib import Path

import duckdb

from everystone.findings.tally import COUNTS, FINDINGS
from everystone.ledger.book.rows import write

#: An answer that is folded under one which is not told stands on its own, without a word of it.
_TOLD = """
    WITH kept AS (SELECT * FROM read_parquet($whole, file_row_number=true, hive_partitioning=false)
                  WHERE NOT list_contains($sealed, standard)),
    apart AS (SELECT key FROM read_parquet($whole, hive_partitioning=false) WHERE list_contains($sealed, standard))
    SELECT kept.* REPLACE (
        CASE WHEN apart.key IS NULL THEN root ELSE '' END AS root,
        CASE WHEN apart.key IS NULL THEN marks ELSE list_filter(marks, lambda each: each <> 'folded under') END AS marks)
    FROM kept LEFT JOIN apart ON apart.key = kept.root ORDER BY file_row_number
"""
_COUNTED = "SELECT * FROM read_parquet($whole, hive_partitioning=false) WHERE NOT list_contains($sealed, standard)"


def sealed_beside(folder: Path) -> Path:
    """The folder for professional standards only that belongs to a folder which others read."""
    whole = folder if folder.name not in ("", "..") else folder.resolve()
    return whole.parent / f"{whole.name}-sealed"


def tell(whole: Path, folder: Path, sealed: Collection[str]) -> None:
    """Write into `folder` what a review wrote into `whole`, as if the `sealed` standards had not been asked."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false; SET threads=1")
    for name, sql, schema in (("findings.parquet", _TOLD, FINDINGS), ("counts.parquet", _COUNTED, COUNTS)):
        told = connection.sql(sql, params={"whole": str(whole / name), "sealed": sorted(sealed)}).to_arrow_table()
        write(told.select(schema.names).cast(schema), folder / name)
    shutil.copy(whole / "danger.parquet", folder / "danger.parquet")
