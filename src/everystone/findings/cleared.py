"""Streams cleared before any entry of theirs is made: columns prove that none of their duties counts in a what-if.

A duty of a response counted from its trigger by the calendar is *not met*, and due in a time, only if an entry of a kind
that can begin it stands in the stream, whatever became of that entry, whose limit ends in that time by one of the figures;
and never where what is expected surely came by the soonest end. A stream without such an entry is cleared. Where a
standard has any construct for which this is not so, no stream is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from everystone.findings.asking import Asking
from everystone.findings.bulk.columns import UNKNOWN, ends_known
from everystone.findings.bulk.once import NOTHING_FIRED
from everystone.findings.bulk.rows import FAR, Mask
from everystone.findings.elsewhere import OFFICER
from everystone.findings.frames import Instants
from everystone.findings.owed import Asked, Owed, alternatives, of_itself, own_tests, surely_takes
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Frame
from everystone.ledger.duration import Duration
from everystone.ledger.entry import FOUND, Capacity, Entry, Source
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.item import Item

MANY = 20_000  # entries that can begin a duty: of fewer it costs more to find the first than to ask of all


def left(
    book: ParquetBook, asked: Asked, words: Vocabulary, when: Instants, since: int, until: int, *, threads: int = 2
) -> list[str] | None:
    """The streams in which a duty due from one instant to another may be not met, in order; None: perhaps in all."""
    ledger = _Ledger(book, asked, words, when, threads)
    begun = ledger.begun(since, until)
    found = ledger.holding(asked.stirring)
    for owed in asked.owed:
        due = ledger.due_between(begun, owed, since, until)
        met = ledger.met(owed, due)
        found |= set(due["stream"].filter(pa.array(~met)).to_pylist())
    if any(stream.startswith(OFFICER) for stream in found):  # what stands in it stands beside others, too
        return None
    return sorted(stream for stream in found if stream.startswith(f"{asked.frame}/"))


class _Ledger:
    """The columns of a ledger, as they are asked in SQL, up to what is seen and known."""

    def __init__(self, book: ParquetBook, asked: Asked, words: Vocabulary, when: Instants, threads: int) -> None:
        self.book, self.asked, self.words, self.when, self.threads = book, asked, words, when, threads
        self.known_on = words.calendar.day_of(when.known_on)
        self.of_everybody = asked.role in ("case", "reference")
        frame = Frame("", "", (), words, as_at=when.as_at, known_on=when.known_on)
        self.asking = Asking(frame, "case", "", NOTHING_FIRED)

    def query(self, sql: str, **values: Any) -> pa.Table:
        """What SQL gives, with lists for the names of values."""
        return self.book.query(sql, values, self.threads).to_arrow_table()

    @cached_property
    def _moved(self) -> pa.Array:
        """The keys of what anything corrects or withdraws."""
        return self.query(_MOVED)["key"].combine_chunks()

    def in_force(self, columns: str, kinds: Collection[str], first: int, last: int) -> pa.Table:
        """Columns of the entries of some kinds between two instants that surely are seen: nothing ever moved one."""
        rows = self.query(
            _IN_FORCE.format(columns=columns), kinds=sorted(kinds), first=first, last=last,
            as_at=self.when.as_at, known_on=self.when.known_on, found=FOUND,
        )  # fmt: skip
        return rows.filter(pc.invert(pc.is_in(rows["key"], self._moved)))

    def holding(self, kinds: frozenset[str]) -> set[str]:
        """The streams that hold an entry of some kinds."""
        if not kinds:
            return set()
        sql = "SELECT DISTINCT stream FROM entries WHERE kind IN (SELECT unnest($kinds))"
        return set(self.query(sql, kinds=sorted(kinds))["stream"].to_pylist())

    def begun(self, since: int, until: int) -> pa.Table:
        """The entries that can begin a duty due from one instant to another; as they stand, whatever became of them."""
        people = "[]::VARCHAR[] AS subjects, [] AS names" if self.of_everybody else "subjects, names"
        rows = self.query(
            f"SELECT number, stream, kind, {people}, lo, hi, {_fields_of(self.asked.triggers)} FROM entries "  # noqa: S608 - names of columns
            "WHERE kind IN (SELECT unnest($kinds)) AND hi >= $first AND lo <= $last",
            kinds=sorted(self.asked.kinds), first=self._first(since), last=until,
        )  # fmt: skip
        rows = self._but_later_ones(rows, until)
        may = {number for item in self.asked.triggers for number in self._perhaps(item, rows)}
        return rows.filter(pc.is_in(rows["number"], pa.array(sorted(may), pa.int64())))

    def _but_later_ones(self, rows: pa.Table, until: int) -> pa.Table:
        """Those before which none surely began the one duty, where there are many."""
        if not self.asked.once or len(rows) < MANY:
            return rows
        connection = duckdb.connect()
        connection.register("began", self.in_force("stream, lo", self.asked.once, -FAR, until))
        connection.register("rows", rows)
        later = connection.sql(
            "SELECT number FROM rows JOIN (SELECT stream, min(lo) AS first FROM began GROUP BY stream) USING (stream) "
            "WHERE first < lo"
        ).to_arrow_table()
        return rows.filter(pc.invert(pc.is_in(rows["number"], later["number"].combine_chunks())))

    def _first(self, since: int) -> int:
        """The first second of a day before which nothing began that is due at an instant or later."""
        calendar, durations = self.words.calendar, {each for owed in self.asked.owed for each in owed.within}
        day = calendar.place_of(since) or 0
        while day > 0 and not all(self._over(calendar.starts[day], each, since) for each in durations):
            day -= 1
        return calendar.starts[day]

    def _over(self, start: int, duration: Duration, since: int) -> bool:
        due = self.words.calendar.due(start, duration, self.known_on)
        return due is not None and due < since

    def _perhaps(self, item: Item, rows: pa.Table) -> Iterable[int]:
        """The numbers of those rows that an item may mean: none of what it asks of their own fields is wrong."""
        rows = rows.filter(pc.is_in(rows["kind"], pa.array(item.kinds)))
        tests = list(own_tests(item.where)) if item.where else []
        if not tests:
            numbers: list[int] = rows["number"].to_pylist()
            return numbers
        return [each.number for each in _entries(rows) if all(test(self.asking, each) is not False for test in tests)]

    def due_between(self, begun: pa.Table, owed: Owed, since: int, until: int) -> pa.Table:
        """The triggers whose limit ends from one instant to another by any figure, with the `soonest` of its ends.

        Where the calendar does not tell the end, nothing is told to be missed.
        """
        if owed.stirring:
            begun = begun.filter(self._stirred(begun, owed.stirring))
        ends = np.stack([
            ends_known(self.words.calendar, within, begun[name].to_numpy(), self.known_on)
            for within in owed.within for name in ("lo", "hi")
        ])  # fmt: skip
        soonest, latest = np.where(ends == UNKNOWN, FAR, ends).min(axis=0), ends.max(axis=0)
        due = (latest >= since) & (soonest <= until)
        return begun.append_column("soonest", pa.array(soonest)).filter(pa.array(due))

    def _stirred(self, begun: pa.Table, kinds: frozenset[str]) -> pa.Array:
        """Which triggers stand beside an entry of some kinds; all may where one stands in the stream of an officer."""
        streams = sorted(self.holding(kinds))
        if any(stream.startswith(OFFICER) for stream in streams):
            return pa.array(np.ones(len(begun), np.bool_))
        return pc.is_in(begun["stream"], pa.array(streams, pa.string()))

    def met(self, owed: Owed, due: pa.Table) -> Mask:
        """Of which triggers what is owed surely came in time: an entry that nothing corrected, and told by its own fields."""
        met = np.zeros(len(due), np.bool_)
        items = [item for item in alternatives(owed.expect) if of_itself(item)]
        if not items or not len(due):
            return met
        kinds = {kind for item in items for kind in item.kinds}
        columns = f"number, stream, kind, subjects, lo, hi, {_fields_of(items)}"
        came = self.in_force(columns, kinds, pc.min(due["hi"]).as_py(), pc.max(due["soonest"]).as_py())
        connection = duckdb.connect()
        connection.register("due", due.append_column("n", pa.array(np.arange(len(due)))))
        connection.register("came", came)
        for item in items:
            pairs = connection.sql(_IN_TIME, params=self._about(item)).to_arrow_table()
            here = came.filter(pc.is_in(came["number"], pairs["number"]))
            met[pairs["n"].filter(pc.is_in(pairs["number"], self._surely(item, here))).to_numpy()] = True
        return met

    def _surely(self, item: Item, rows: pa.Table) -> pa.Array:
        """The numbers of those rows that an item means."""
        tests = list(own_tests(item.where)) if item.where else []
        if not tests:
            return rows["number"].combine_chunks()
        found = [each.number for each in _entries(rows) if all(test(self.asking, each) for test in tests)]
        return pa.array(found, pa.int64())

    def _about(self, item: Item) -> dict[str, Sequence[str]]:
        """Which kinds of entry are about everybody asked for on account of a trigger, and which about those they name."""
        kinds, role = self.words.kinds, self.asked.role
        surely = {name for name, given in kinds.subject_role.items() if surely_takes(given, role)}
        everybody = item.same == "case" or self.of_everybody
        free = {kind for kind in item.kinds if everybody or kind in kinds.case_level}
        return {"free": sorted(free), "named": sorted(surely.intersection(item.kinds) - free),
                "sure": sorted(surely & self.asked.kinds)}  # fmt: skip


_IN_FORCE = """
    SELECT {columns}, key FROM entries WHERE kind IN (SELECT unnest($kinds)) AND lo BETWEEN $first AND $as_at AND hi <= $last
    AND corrects = '' AND withdraws = '' AND channel <> $found
    AND CASE WHEN live THEN accepted ELSE recorded END <= $known_on
"""
_MOVED = """
    SELECT corrects AS key FROM entries WHERE corrects <> ''
    UNION ALL SELECT withdraws FROM entries WHERE withdraws <> ''
"""
# `free` kinds are about everybody asked for; of `named` ones those are who stand in both, where the trigger's kind is `sure`.
_IN_TIME = """
    SELECT due.n, came.number FROM due JOIN came
    ON due.stream = came.stream AND came.lo >= due.hi AND came.hi <= due.soonest
    WHERE list_contains($free, came.kind) OR (
        list_contains($named, came.kind) AND list_contains($sure, due.kind) AND len(due.subjects) > 0
        AND list_has_all(came.subjects, due.names))
"""


def _fields_of(items: Iterable[Item]) -> str:
    """The columns of fields, as far as items look at any."""
    return "data, late_reason" if any(item.where for item in items) else "'{}' AS data, '' AS late_reason"


def _entries(rows: pa.Table) -> Iterator[Entry]:
    """Entries with nothing but their fields."""
    columns = (rows[name].to_pylist() for name in ("number", "stream", "kind", "lo", "hi", "data", "late_reason"))
    for number, stream, kind, lo, hi, data, late in zip(*columns, strict=True):
        yield Entry(
            number, stream, kind, (), lo, hi, 0, 0, "", Capacity(), json.loads(data), Source(), late_reason=late
        )
