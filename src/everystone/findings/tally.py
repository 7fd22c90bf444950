"""What a review wrote: the findings, the numbers of every answer, where people stand; range by range, then as one."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings.answer import DOES_NOT_APPLY, MET, Answer
from everystone.findings.bulk.evaluator import Answered, counted
from everystone.findings.danger import Placed
from everystone.findings.found import MARK
from everystone.ledger.book.rows import write, write_in_order
from everystone.ledger.case import Frame
from everystone.standards.pack import Pack

FINDINGS = pa.schema([
    ("standard", pa.string()), ("version", pa.string()), ("frame", pa.string()), ("asked_for", pa.string()),
    ("trigger", pa.string()), ("n", pa.int32()), ("answer", pa.string()), ("reason", pa.string()),
    ("due", pa.timestamp("ms", tz="UTC")), ("evidence", pa.list_(pa.string())), ("marks", pa.list_(pa.string())),
    ("tier", pa.int8()), ("root", pa.string()), ("team", pa.string()), ("key", pa.string()),
    ("about", pa.list_(pa.string())),
])  # fmt: skip
COUNTS = pa.schema([
    ("standard", pa.string()), ("version", pa.string()), ("answer", pa.string()), ("reason", pa.string()),
    ("team", pa.string()), ("month", pa.string()), ("n", pa.int64()),
])  # fmt: skip
PLACED = pa.schema([
    ("person", pa.string()), ("frame", pa.string()), ("tier", pa.int8()), ("order", pa.string()), ("because", pa.string()),
    ("confidence", pa.string()), ("team", pa.string()), ("step", pa.string()), ("done_by", pa.string()),
])  # fmt: skip
RUN = "run"  # says in the folder of a run what is asked in it
PARTS = ("findings", "counts", "danger", "done")  # the files of a range; the last one says that the others are whole


class Asked(NamedTuple):
    """How much was asked; `told` says how the bulk evaluator came by its answers (none, where it was not asked)."""

    frames: int
    findings: int
    told: Mapping[str, int] = MappingProxyType({})


def part(parts: Path, number: int, what: str) -> Path:
    """The file of one range in the folder where the parts of a run are kept."""
    return parts / f"{number:07d}.{what}"


class Tally:
    """What a range gave: rows to list, and numbers of everything."""

    def __init__(self) -> None:
        self.rows: list[Answer] = []
        self.placed: list[Placed] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.frames: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.told: Counter[str] = Counter()  # how the bulk evaluator came by its answers
        self.months: dict[date, str] = {}

    def take_met(self, answered: Answered) -> None:
        """What many frames gave together: in how many each standard has an answer, and what was proved met."""
        self.answered.update(answered.by_standard())
        self.told.update(answered.told)
        for (standard, version, team, month), n in counted(answered.met):
            self.counts[standard, version, MET, "", team, month] += n

    def take(self, frame: Frame, answers: Sequence[Answer], placed: Sequence[Placed]) -> None:
        """The rows of one frame, and their numbers."""
        self.frames[frame.sort] += 1
        self.placed.extend(placed)
        for answer in answers:
            month = "" if answer.due is None else self._month(frame.day(answer.due))
            reason = MARK if MARK in answer.marks else answer.reason  # what was found in a text is counted apart
            self.counts[answer.standard, answer.version, answer.answer, reason, answer.team, month] += 1
            if answer.answer not in (MET, DOES_NOT_APPLY):
                self.rows.append(answer)

    def _month(self, day: date) -> str:
        month = self.months.get(day)
        if month is None:
            month = self.months[day] = f"{day.year}-{day.month:02d}"
        return month

    def write(self, parts: Path, number: int) -> None:
        """Three files and the mark that they are whole."""
        columns = {name: [getattr(answer, name) for answer in self.rows] for name in FINDINGS.names}
        columns["due"] = [None if due is None else due * 1000 for due in columns["due"]]
        write(pa.Table.from_pydict(columns, FINDINGS), part(parts, number, "findings"))
        counted = list(zip(*((*place, n) for place, n in self.counts.items()), strict=True)) or [()] * len(COUNTS)
        write(pa.Table.from_arrays([pa.array(column, each.type) for column, each in zip(counted, COUNTS, strict=True)],
                                   schema=COUNTS), part(parts, number, "counts"))  # fmt: skip
        write(
            pa.Table.from_pylist([each._asdict() for each in self.placed], PLACED),
            part(parts, number, "danger"),
        )
        said = {"frames": self.frames, "answered": self.answered, "told": self.told}
        done = part(parts, number, "done")
        done.with_suffix(".half").write_text(json.dumps(said), encoding="utf-8")
        done.with_suffix(".half").replace(done)


def merge(numbers: Sequence[int], parts: Path, out: Path, pack: Pack) -> Asked:
    """Put the files of all ranges together under `out`, and take their folder away."""
    frames: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for each in numbers:
        said = json.loads(part(parts, each, "done").read_text(encoding="utf-8"))
        frames.update(said["frames"])
        answered.update(said["answered"])
        told.update(said["told"])
    for name, what, schema in (("findings.parquet", "findings", FINDINGS), ("danger.parquet", "danger", PLACED)):
        files = [str(part(parts, each, what)) for each in numbers]
        in_order(
            "SELECT * FROM read_parquet($files, file_row_number=true, hive_partitioning=false)",
            {"files": files},
            schema,
            out / name,
        )
    _counts(numbers, parts, out, pack, frames, answered)
    take_away(parts)
    return Asked(sum(frames.values()), int(pq.read_metadata(out / "findings.parquet").num_rows), told)


def take_away(parts: Path) -> None:
    """Remove the folder of a run, first the mark by which it is gone on from: half of it is nothing to go on from."""
    (parts / RUN).unlink(missing_ok=True)
    shutil.rmtree(parts)


def in_order(rows: str, given: Mapping[str, Any], schema: pa.Schema, path: Path) -> None:
    """Write rows by frame, and those of one frame as they came: so they stand alike, in whatever ranges they were asked.

    `rows` is a question for the columns of the schema and the place of each row in its file; a frame stands in one file.
    """
    with duckdb.connect() as connection:
        connection.execute("SET enable_progress_bar=false; SET threads=1; SET TimeZone='UTC'")
        write_in_order(connection.sql(rows, params=dict(given)), path, "frame", "file_row_number", schema)


def _counts(
    numbers: Sequence[int], parts: Path, out: Path, pack: Pack, frames: Counter[str], answered: Counter[str]
) -> None:
    none = [
        dict(zip(COUNTS.names, (each.id, "", DOES_NOT_APPLY, "", "", "", frames[each.standard.frame] - answered[each.id]),
                 strict=True))
        for each in pack.finished if frames[each.standard.frame] > answered[each.id]
    ]  # fmt: skip
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false; SET threads=1")
    connection.register("none", pa.Table.from_pylist(none, COUNTS))
    rows: pa.Table = connection.sql(
        "SELECT standard, version, answer, reason, team, month, sum(n)::BIGINT AS n "
        "FROM (FROM read_parquet($files, hive_partitioning=false) UNION ALL FROM none) GROUP BY ALL ORDER BY ALL",
        params={"files": [str(part(parts, each, "counts")) for each in numbers]},
    ).to_arrow_table()
    write(rows.cast(COUNTS), out / "counts.parquet")
