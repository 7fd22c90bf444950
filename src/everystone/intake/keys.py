"""Entries that bear the same key: said again, said otherwise, or in the ledger already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid

#: Rows that are not taken: the first of their faults (a line and the number of its test), or the code of another.
BAD = "file SMALLINT, row BIGINT, line INTEGER, fault SMALLINT, code VARCHAR, column_ VARCHAR, n BIGINT, value VARCHAR"
_PLACE = "file, row, line"


def settle(desk: Desk, parts: Sequence[Path]) -> int:
    """Settle which entries made are taken; how many were said before and are not taken again.

    Rows with a fault go to the table `bad`, and so do rows whose key stands elsewhere with other content, here or in
    the earlier `parts` of the ledger. Equal rows of one file that have no key of their own are told apart by number:
    they are not one row said twice. Any other entry said again with the same content goes to the table `skipped`.
    """
    desk.do("""
        INSERT INTO bad SELECT file, row, min(line), arg_min(fault, line), NULL, NULL, NULL, NULL
        FROM made ANTI JOIN bad USING (file, row) WHERE fault IS NOT NULL GROUP BY file, row""")
    desk.do("CREATE TABLE again AS SELECT key FROM made WHERE fault IS NULL GROUP BY key HAVING count(*) > 1")
    if desk.one("SELECT count(*) FROM again"):
        _tell_apart(desk)
        _refuse_contradictions(desk)
        _skip_repeats(desk)
    if parts:
        _against_the_ledger(desk, parts)
    return int(desk.one("SELECT count(*) FROM skipped"))


def refuse_unknown(desk: Desk, laid: Laid, column: str, test: str) -> None:
    """Put the rows whose kind no pack knows into the table `bad`."""
    desk.do(f"""
        INSERT INTO bad SELECT {laid.number}, row, NULL, NULL, 'V03', {quoting.text(column)}, NULL, {laid.column(column)}
        FROM {laid.table} l WHERE {test}
        AND NOT EXISTS (FROM bad WHERE bad.file = {laid.number} AND bad.row = l.row)""")


def taken(alias: str = "made") -> str:
    """SQL that is true of the entries that are taken."""
    beside = " AND ".join(
        f"NOT EXISTS (FROM {table} x WHERE {' AND '.join(f'x.{column} = {alias}.{column}' for column in columns)})"
        for table, columns in (("bad", ("file", "row")), ("skipped", ("file", "row", "line")))
    )
    return f"{alias}.fault IS NULL AND {beside}"


def _tell_apart(desk: Desk) -> None:
    """Equal rows of one file, known by their digest: the second is #2, and so on."""
    numbered = f"""
        SELECT {_PLACE}, row_number() OVER (PARTITION BY file, key ORDER BY row, line) AS n
        FROM made SEMI JOIN again USING (key) WHERE digest AND fault IS NULL"""
    desk.do(f"""
        UPDATE made SET key = made.key || '#' || t.n,
          stream = CASE WHEN keyed THEN made.stream || '#' || t.n ELSE made.stream END
        FROM ({numbered} QUALIFY n > 1) t
        WHERE made.file = t.file AND made.row = t.row AND made.line = t.line""")
    desk.do(
        "CREATE OR REPLACE TABLE again AS SELECT key FROM made WHERE fault IS NULL GROUP BY key HAVING count(*) > 1"
    )


def _refuse_contradictions(desk: Desk) -> None:
    """Of rows that say different things under one key none is taken: nobody can tell which is right."""
    differing = f"""
        SELECT key, count(DISTINCT (file, row)) AS n FROM made SEMI JOIN again USING (key)
        WHERE {taken()} GROUP BY key HAVING count(DISTINCT content) > 1"""
    _refuse(desk, differing, "K02")


def _refuse(desk: Desk, differing: str, code: str) -> None:
    desk.do(f"""
        INSERT INTO bad SELECT file, row, NULL, NULL, {quoting.text(code)}, 'row_key', any_value(d.n), any_value(d.key)
        FROM made JOIN ({differing}) d USING (key) WHERE {taken()} GROUP BY file, row""")


def _skip_repeats(desk: Desk) -> None:
    desk.do(f"""
        INSERT INTO skipped SELECT {_PLACE} FROM made SEMI JOIN again USING (key) WHERE {taken()}
        QUALIFY row_number() OVER (PARTITION BY key ORDER BY file, row, line) > 1""")


def _against_the_ledger(desk: Desk, parts: Sequence[Path]) -> None:
    files = quoting.texts(str(part) for part in parts)
    desk.do(f"""
        CREATE TABLE before AS SELECT made.key, b.content = made.content AS same FROM made
        JOIN (SELECT key, content FROM read_parquet([{files}])) b ON b.key = made.key WHERE {taken()}""")
    _refuse(desk, "SELECT key, 1 AS n FROM before WHERE NOT same", "K03")
    desk.do(f"INSERT INTO skipped SELECT {_PLACE} FROM made SEMI JOIN before USING (key) WHERE {taken()}")
