"""The twelve standards of peers.sql, made ready for DuckDB: what stands, by subject, and what a force would have as tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from everystone.ledger.civil import day_at, place_of_day
from everystone.standards.pack import Pack

SQL = Path(__file__).with_name("peers.sql")

_STANDS = """
    CREATE VIEW raw AS SELECT * FROM read_parquet('{ledger}/part-*.entries.parquet');
    CREATE TABLE e AS SELECT stream, CASE WHEN corrects = '' THEN key ELSE corrects END AS key, kind, lo, lo // 60 AS minute, make_timestamp(lo * 1000000) AS moment, "by", role,
        coalesce(height, -1) AS height, subjects, data, hits
        FROM raw LEFT JOIN ranks USING (rank)
        WHERE recorded <= {now} AND lo <= {now} AND key NOT IN (
            SELECT corrects FROM raw WHERE corrects <> '' UNION SELECT withdraws FROM raw WHERE withdraws <> '');
    CREATE TABLE s AS SELECT * EXCLUDE (subjects), unnest(subjects) AS person FROM e;
    CREATE TABLE born AS SELECT person, max(CAST(data ->> 'born' AS TIMESTAMP)) + INTERVAL 18 YEAR AS adult FROM s
        WHERE kind = 'person.described' AND length(data ->> 'born') = 10 GROUP BY person;
"""


class Query(NamedTuple):
    """One standard: its reference, its SQL, what that leaves out, where that may matter, and on account of which kind it asks."""

    standard: str
    text: str
    leaves_out: str
    apart: str
    of: str


def queries() -> Iterator[Query]:
    """All of them, in the order of the file."""
    for part in re.split(r"^-- (?=[A-Z]{2,3}-\d\d$)", SQL.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]:
        standard, *lines = part.split("\n")
        said = dict(line.removeprefix("-- ").split(": ", 1) for line in lines if line.startswith("-- "))
        text = "\n".join(line for line in lines if not line.startswith("-- ")).strip().rstrip(";")
        yield Query(standard, text, said["leaves out"], said["apart"], said.get("asks on account of", ""))


def prepared(ledger: Path, pack: Pack, now: int) -> duckdb.DuckDBPyConnection:
    """The entries that stand, by subject as well, with the calendar, ranks and offences beside them."""
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false; SET threads=2")
    for name, table in _tables(pack).items():
        connection.register(name, table)
    for each in _STANDS.format(ledger=ledger, now=now).split(";\n"):
        if each.strip():
            connection.execute(each)
    return connection


def _tables(pack: Pack) -> dict[str, pa.Table]:
    calendar, words = pack.words.calendar, pack.words
    days, workday, known_on = list[dict[str, object]](), 0, date(2026, 6, 30)
    for place in range(place_of_day(date(1990, 1, 1)), place_of_day(date(2030, 1, 1))):
        day = day_at(place)
        works = calendar.is_working(day, known_on)
        workday += works
        days.append({"day": place, "date": day.isoformat(), "first": calendar.starts[place],
                     "last": calendar.starts[place + 1] - 1, "workday": workday, "works": works})  # fmt: skip
    offences = [
        {"code": code, "mode": row.get("mode"), "adult": row.get("adult"), "notifiable": bool(row.get("notifiable"))}
        for code, row in words.offences.items()
    ]
    return {
        "limits": pa.Table.from_pylist(days),
        "offence": pa.Table.from_pylist(offences),
        "ranks": pa.table({"rank": list(words.ranks), "height": list(words.ranks.values())}),
        "substantive": pa.table({"kind": sorted(words.kinds.substantive)}),
    }
