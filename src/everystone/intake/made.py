"""The entries that all lines make, laid together: in two steps, as only few times need Python to read them."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import MADE, Line
from everystone.intake.moment import READ, read_all

_LITERAL = re.compile(r"'(?:[^']|'')*'")


def make(desk: Desk, lines: Sequence[Line], tell: Callable[[float], None]) -> dict[str, str]:
    """Make the entries of all lines, in the table `made` with file, row and line.

    Columns in which all lines say the same are left out of it; they are returned with what they say, as SQL.
    """
    common = _common(lines)
    columns = [f"{quoting.name(name)} {kind}" for name, kind in MADE.items() if name not in common]
    desk.do(f"CREATE TABLE made (file SMALLINT, row BIGINT, line INTEGER, {', '.join(columns)})")
    for place, line in enumerate(lines):
        tell(place / len(lines))
        desk.do(f"INSERT INTO made BY NAME {line.entries(common)}")
        _read_the_rest(desk, line, common)
    return common


def _common(lines: Sequence[Line]) -> dict[str, str]:
    """What all entries say alike, and what follows from another column: carrying it through a sort costs much."""
    same = {name: lines[0].columns[name] for name in MADE if len({line.columns[name] for line in lines}) == 1}
    common = {name: said for name, said in same.items() if _LITERAL.fullmatch(said)}
    if same.get("names") == "m_subjects":
        common["names"] = "subjects"
    return common


def _read_the_rest(desk: Desk, line: Line, common: Collection[str]) -> None:
    """Make those entries again that have a time which the database could not read and Python may."""
    doubtful = f"line = {line.part.number} AND fault IN ({line.untold()})"
    if not desk.one(f"SELECT count(*) FROM made WHERE {doubtful}"):
        return
    desk.do(f"CREATE OR REPLACE TABLE wanted AS SELECT row FROM made WHERE {doubtful}")
    desk.do(f"CREATE OR REPLACE TABLE doubtful AS {line.laid.only('wanted')}")
    desk.create("times", READ, _read(line, desk.rows(line.moments.unread(line.rows("doubtful")))))
    desk.do(f"DELETE FROM made WHERE {doubtful}")
    desk.do(f"INSERT INTO made BY NAME {line.entries(common, 'doubtful', 'times')}")


def _read(line: Line, found: Sequence[tuple[int, str]]) -> Iterator[tuple[object, ...]]:
    for n, each in enumerate(line.moments.all):
        for read in read_all((text for place, text in found if place == n), each.how):
            yield (n, *read)


def stored(common: Mapping[str, str]) -> str:
    """The columns of `made` that a ledger keeps, as SQL."""
    working = ("digest", "keyed", "texted", "fault")
    return ", ".join(f"m.{quoting.name(name)}" for name in MADE if name not in working and name not in common)
