"""Entries of one extract that bear the same key: said again, or said otherwise."""

from __future__ import annotations

from everystone.intake import quoting
from everystone.intake.desk import Desk

#: Rows that are not taken: the first of their faults (a line and the number of its test), or the code of another.
_BAD = "file SMALLINT, row BIGINT, line INTEGER, fault SMALLINT, code VARCHAR, blamed VARCHAR, fills VARCHAR, value VARCHAR"
_PLACE = "file, row, line"
_AGAIN = "SELECT key FROM told WHERE fault IS NULL GROUP BY key HAVING count(*) > 1"


def settle(desk: Desk) -> int:
    """Settle which entries of `made` are taken; how many were said before and are not taken again.

    Rows that are `flawed` or have a fault go to the table `bad`, and so do rows whose key stands elsewhere with other
    content. Equal rows of one file that have no key of their own are told apart by number: they are not one row said
    twice. Any other entry said again with the same content goes to the table `skipped`. The view `told` is `made` with
    the keys that stand in the end.
    """
    desk.do(f"CREATE TABLE bad ({_BAD})")
    desk.do("CREATE TABLE skipped (file SMALLINT, row BIGINT, line INTEGER)")
    desk.do("CREATE VIEW told AS SELECT * FROM made")
    desk.do("""
        INSERT INTO bad SELECT DISTINCT ON (file, row) file, row, NULL, NULL, code, blamed, fills, value FROM flawed
        ORDER BY file, row, blamed""")
    desk.do("""
        INSERT INTO bad SELECT file, row, min(line), arg_min(fault, line), NULL, NULL, NULL, NULL
        FROM made ANTI JOIN bad USING (file, row) WHERE fault IS NOT NULL GROUP BY file, row""")
    desk.do(f"CREATE TABLE again AS {_AGAIN}")
    if desk.one("SELECT count(*) FROM again"):
        _tell_apart(desk)
        _refuse_contradictions(desk)
        _skip_repeats(desk)
    return int(desk.one("SELECT count(*) FROM skipped"))


def taken(desk: Desk, alias: str = "told") -> str:
    """SQL that is true of the entries that are taken."""
    tests = [f"{alias}.fault IS NULL"]
    for table, columns in (("bad", ("file", "row")), ("skipped", ("file", "row", "line"))):
        if desk.one(f"SELECT count(*) FROM {table}"):
            same = " AND ".join(f"x.{column} = {alias}.{column}" for column in columns)
            tests.append(f"NOT EXISTS (FROM {table} x WHERE {same})")
    return " AND ".join(tests)


def keys_of_rejected() -> str:
    """SQL for the keys of the rows that are not taken, as far as they have one: such a row is there, it is not gone."""
    return "SELECT DISTINCT key FROM told JOIN bad USING (file, row) WHERE key IS NOT NULL"


def _tell_apart(desk: Desk) -> None:
    """Equal rows of one file, known by their digest: the second is #2, and so on."""
    desk.do(f"""
        CREATE TABLE renamed AS SELECT {_PLACE}, '#' || n AS mark FROM (
          SELECT {_PLACE}, row_number() OVER (PARTITION BY file, key ORDER BY row, line) AS n
          FROM told SEMI JOIN again USING (key) WHERE digest AND fault IS NULL) WHERE n > 1""")
    if desk.one("SELECT count(*) FROM renamed"):
        desk.do("""
            CREATE OR REPLACE VIEW told AS SELECT m.* REPLACE (
              m.key || coalesce(r.mark, '') AS key,
              CASE WHEN m.keyed THEN m.stream || coalesce(r.mark, '') ELSE m.stream END AS stream)
            FROM made m LEFT JOIN renamed r ON r.file = m.file AND r.row = m.row AND r.line = m.line""")
        desk.do(f"CREATE OR REPLACE TABLE again AS {_AGAIN}")


def _refuse_contradictions(desk: Desk) -> None:
    """Of rows that say different things under one key none is taken: nobody can tell which is right."""
    _refuse(desk, "K02", f"""
        SELECT key, count(DISTINCT (file, row)) AS n FROM told SEMI JOIN again USING (key)
        WHERE {taken(desk)} GROUP BY key HAVING count(DISTINCT content) > 1""")  # fmt: skip


def _refuse(desk: Desk, code: str, differing: str) -> None:
    desk.do(f"""
        INSERT INTO bad SELECT file, row, NULL, NULL, {quoting.text(code)}, 'row_key', any_value(d.n), any_value(d.key)
        FROM told JOIN ({differing}) d USING (key) WHERE {taken(desk)} GROUP BY file, row""")


def _skip_repeats(desk: Desk) -> None:
    desk.do(f"""
        INSERT INTO skipped SELECT {_PLACE} FROM told SEMI JOIN again USING (key) WHERE {taken(desk)}
        QUALIFY row_number() OVER (PARTITION BY key ORDER BY file, row, line) > 1""")
