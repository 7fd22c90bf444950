"""The entries that all lines make, laid together: in two steps, as only few times need Python to read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import FIRST_ROW
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
    number, untold = line.part.number, line.untold()
    table, later = f"made_{number}", f"later_{number}"
    head = f"{line.laid.number}::SMALLINT AS file, {number}::INTEGER AS line"
    desk.do(f"CREATE TABLE {table} AS {line.made(common, None)}")
    direct, where = bool(line.laid.direct), "true"
    if direct:
        head, where = f"{head}, rowid + {FIRST_ROW} AS row", "wanted"
    doubtful = f"coalesce(fault IN ({untold}), false)"
    if not desk.one(f"SELECT count(*) FROM {table} WHERE {where} AND {doubtful}"):
        return [_part(table, head, where)]
    place = f"rowid + {FIRST_ROW} AS row" if direct else "row"
    desk.do(f"CREATE TABLE doubtful_{number} AS SELECT {place} FROM {table} WHERE {where} AND {doubtful}")
    resolved = _resolved(desk, line, f"doubtful_{number}")
    desk.do(f"CREATE TABLE {later} AS {line.made(common, resolved, f'doubtful_{number}')}")
    plain = f"{line.laid.number}::SMALLINT AS file, {number}::INTEGER AS line"
    return [_part(table, head, f"{where} AND NOT {doubtful}"), _part(later, plain, "true")]


def _part(table: str, head: str, where: str) -> str:
    left_out = " EXCLUDE (wanted)" if where.startswith("wanted") else ""
    return f"SELECT {head}, *{left_out} FROM {table} WHERE {where}"


def _resolved(desk: Desk, line: Line, only: str) -> dict[int, str]:
    """The tables of the times that Python read, by their number."""
    found = {}
    for n, each in enumerate(line.moments.all):
        table = found[n] = f"read_{line.part.number}_{n}"
        desk.do(f"CREATE TABLE {table} (written VARCHAR, said VARCHAR, lo BIGINT, hi BIGINT)")
        texts = [text for (text,) in desk.rows(line.times(only, n))]
        desk.put(table, _READ, read_all(texts, each.how), _TYPES)
    return found


def stored(common: Mapping[str, str]) -> str:
    """The columns of `made` that a ledger keeps, as SQL."""
    working = ("digest", "keyed", "texted", "look", "fault")
    return ", ".join(f"m.{quoting.name(name)}" for name in MADE if name not in working and name not in common)
