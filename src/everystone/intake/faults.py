"""What is wrong with the rows that are not taken, said row by row."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from everystone.intake import moment
from everystone.intake.desk import Desk
from everystone.intake.laid import Bad
from everystone.intake.line import Line
from everystone.intake.moment import Doubtful, Reading, read_one
from everystone.intake.rejects import KEPT, Reject, Rejects, reject


def report(desk: Desk, lines: Sequence[Line], names: Mapping[int, str], rejects: Rejects) -> None:
    """Add the rows of the table `bad` to the rejects, in order of file and row; `names` are those of the files."""
    room = max(KEPT - len(rejects.listed), 0)
    desk.do(f"CREATE TABLE listed AS SELECT * FROM bad ORDER BY file, row LIMIT {room}")
    found = [*_by_code(desk, names), *(each for line in lines for each in _of_line(desk, line))]
    for each in sorted(found):
        rejects.add(each)
    listed = dict(desk.rows("SELECT file, count(*) FROM listed GROUP BY file"))
    for file, n in desk.rows("SELECT file, count(*) FROM bad GROUP BY file"):
        rejects.count(names[file], n - listed.get(file, 0))


def _by_code(desk: Desk, names: Mapping[int, str]) -> Iterator[Reject]:
    found = desk.each("SELECT file, row, code, blamed, fills, value FROM listed WHERE code IS NOT NULL")
    for file, row, code, column, fills, value in found:
        yield reject(names[file], row, column, code, value, (fills,))


def _of_line(desk: Desk, line: Line) -> Iterator[Reject]:
    file, number, name = line.laid.number, line.part.number, line.laid.name
    wanted = f"file = {file} AND line = {number} AND fault IS NOT NULL"
    if not desk.one(f"SELECT count(*) FROM listed WHERE {wanted}"):
        return
    times = [_time(line, test) for test in line.tests]
    sql = (f"SELECT b.row, b.fault, {_chosen(line.values())} AS value, {_chosen(times)} AS t "
           f"FROM (FROM listed WHERE {wanted}) b JOIN {line.rows()} r ON r.row = b.row")  # fmt: skip
    for row, fault, value, time in desk.each(sql):
        test = line.tests[fault]
        how = None if test.time is None else line.moments.all[test.time].how
        code, fills = (test.code, test.fills) if how is None else _doubt(time, how)
        yield reject(name, row, test.column, code, value, fills)


def _time(line: Line, test: Bad) -> str:
    if test.time is None:
        return "NULL"
    written, how = line.moments.all[test.time]
    return moment.normal(written, how)


def _chosen(values: Sequence[str]) -> str:
    """SQL for the value that the failed test looked at."""
    lines = " ".join(f"WHEN {place} THEN {value}" for place, value in enumerate(values))
    return f"CASE b.fault {lines} END"


def _doubt(time: str | None, how: Reading) -> tuple[str, Sequence[object]]:
    """The code of a time that could not be read, and what fills its sentence."""
    try:
        read_one(time or "", how)
    except Doubtful as doubt:
        return doubt.code, (re.sub(r"[{}]", "", doubt.says),)
    return "D01", ()
