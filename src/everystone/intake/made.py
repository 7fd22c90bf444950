"""The entries that all lines make, laid together: in two steps, as only few times need Python to read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import MADE, Line
from everystone.intake.moment import read_all

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_READ = ("written", "said", "lo", "hi")
_TYPES = (pa.string(), pa.string(), pa.int64(), pa.int64())


def make(desk: Desk, lines: Sequence[Line], tell: Callable[[float], None]) -> dict[str, str]:
    """Make the entries of all lines, in the view `made` with file, row and line.

    Columns in which all lines say the same are left out of it; they are returned with what they say, as SQL.
    """
    common = {
        name: lines[0].columns[name]
        for name in MADE
        if _LITERAL.fullmatch(lines[0].columns[name]) and len({line.columns[name] for line in lines}) == 1
    }
    parts = []
    for place, line in enumerate(lines):
        tell(place / len(lines))
        parts.extend(_made(desk, line, list(common)))
    desk.do(f"CREATE VIEW made AS {' UNION ALL BY NAME '.join(parts)}")
    return common


def _made(desk: Desk, line: Line, common: Sequence[str]) -> list[str]:
    """The tables of a line as SQL: what the database could read, and what Python had to read times for."""
    number, rows = line.part.number, f"doubtful_{line.part.number}"
    head = f"{line.laid.number}::SMALLINT AS file, {number}::INTEGER AS line"
    desk.do(f"CREATE TABLE made_{number} AS {line.made(common)}")
    doubtful = f"coalesce(fault IN ({line.untold()}), false)"
    if not desk.one(f"SELECT count(*) FROM made_{number} WHERE {doubtful}"):
        return [f"SELECT {head}, * FROM made_{number}"]
    some = f"SELECT row FROM made_{number} WHERE {doubtful}"
    desk.do(f"CREATE TABLE {rows} AS SELECT * FROM {line.laid.table} SEMI JOIN ({some}) USING (row)")
    desk.do(f"CREATE TABLE later_{number} AS {line.made_of(rows, common, _resolved(desk, line, rows))}")
    return [f"SELECT {head}, * FROM made_{number} WHERE NOT {doubtful}", f"SELECT {head}, * FROM later_{number}"]


def _resolved(desk: Desk, line: Line, rows: str) -> dict[int, str]:
    """The tables of the times that Python read, by their number."""
    found = {}
    for n, each in enumerate(line.moments.all):
        table = found[n] = f"read_{line.part.number}_{n}"
        desk.do(f"CREATE TABLE {table} (written VARCHAR, said VARCHAR, lo BIGINT, hi BIGINT)")
        texts = [text for (text,) in desk.rows(line.times(rows, n))]
        desk.put(table, _READ, read_all(texts, each.how), _TYPES)
    return found


def stored(common: Mapping[str, str]) -> str:
    """The columns of `made` that a ledger keeps, as SQL."""
    working = ("digest", "keyed", "texted", "look", "fault")
    return ", ".join(f"m.{quoting.name(name)}" for name in MADE if name not in working and name not in common)
