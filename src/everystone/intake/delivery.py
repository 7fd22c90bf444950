"""The same extract next month, laid beside what its source delivered before: only what is new is taken.

Rows are known by their key. One that says the same as before gives nothing; one that says something else gives a
correction of its entry; one that is missing is listed as gone, where the delivery holds such rows at all, and its entry
stays. A correction, and a row that an earlier delivery ought to have had, are known from the date of this delivery, so
that what could be seen on the date of an earlier one stays what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.write import written
from everystone.ledger.book.parquet import CHANGES, ENTRIES, NARRATIVE, ParquetBook
from everystone.ledger.book.rows import ROW_GROUP
from everystone.ledger.calendar import Calendar
from everystone.ledger.coverage import Holding
from everystone.ledger.delivery import Change, Delivery, latest, still_gone
from everystone.ledger.fault import Fault

#: What two versions of a row are compared by. `recorded` is the source's own; which entry it corrects is ours to say.
_SAID = ("kind", "stream", "lo", "hi", "recorded", "by", "role", "rank", "team", "data", "channel", "late_reason",
         "quote_of")  # fmt: skip
#: A correction bears the key of its row and the date of its delivery; one that leaves a case is followed by this.
_LEFT = "/left"
_OWN = f"@[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}(T[0-9:]{{8}}Z)?({_LEFT})?$"


class Earlier(NamedTuple):
    """What there is of a source before a delivery: its entries in books, its deliveries, what became of its rows."""

    book: ParquetBook
    deliveries: Sequence[Delivery]
    changes: Sequence[Change]


def deliver(
    desk: Desk, fresh: ParquetBook, given: Delivery, earlier: Earlier, into: ParquetBook, calendar: Calendar,
    hold: Callable[[], None] = lambda: None,
) -> Delivery:  # fmt: skip
    """Write what a delivery adds to its source as the next part of a book: new entries, corrections, the list of changes.

    `fresh` is the delivery alone, as it was just taken (on the desk the table `rejected` has the keys of rows of it that
    could not be used); `hold` is called just before the part is in place. Raises
    Fault, and writes nothing, where two deliveries of one date say different things of one row.
    """
    comparing = _Comparing(desk, given, earlier, calendar, into.last + 1)
    comparing.lay("fresh", fresh)
    comparing.lay("before", earlier.book)
    comparing.compare()
    done = comparing.counted()
    if not comparing.repeats(done):
        _write(desk, fresh, earlier.book, into, done, hold)
    return done


class _Comparing:
    """The rows of a delivery beside those that its source delivered before, in tables on the desk."""

    def __init__(self, desk: Desk, given: Delivery, earlier: Earlier, calendar: Calendar, first: int) -> None:
        self.desk, self.given, self.earlier, self.calendar, self.first = desk, given, earlier, calendar, first
        self.last = latest(earlier.deliveries)
        self.newer = self.last is None or given.end > self.last.end
        self.older = self.last is not None and given.end < self.last.end

    def lay(self, name: str, book: ParquetBook) -> None:
        """A table of the source's entries in a book: the key of the row, the key of the entry, what it says as a digest."""
        said = ", ".join(quoting.name(each) for each in (*_SAID, "withdraws"))
        stored = f"read_parquet([{_files(book.parts)}])" if book.parts else "nothing"
        self.desk.show("nothing", ENTRIES.empty_table())
        own = f"live AND regexp_matches(key, '{_OWN}')"
        self.desk.do(f"""
            CREATE TABLE {name} AS SELECT CASE WHEN {own} THEN regexp_replace(key, '{_OWN}', '') ELSE key END AS key,
              key AS version, number, stream, kind, lo, recorded, team, corrects, withdraws,
              md5(concat_ws(chr(31), {said}, array_to_string(subjects, chr(30)), t.texts)) AS said
            FROM {stored} LEFT JOIN ({_texts(book)}) t USING (number) WHERE source = {quoting.text(self.given.source)}""")

    def compare(self) -> None:
        """Make the table `compared` (a line for each key of either side), `taken` and `changes` of it."""
        self._refuse_own_keys()
        self._refuse_keys_of_others()
        self._stand()
        self.desk.do("""
            CREATE TABLE compared AS SELECT coalesce(f.key, s.key) AS key, f.number AS fresh, s.number AS held, s.version,
              s.chain, s.stream AS stood, coalesce(f.stream, s.stream) AS stream,
              CASE WHEN f.key IS NULL THEN 'missing' WHEN s.key IS NULL THEN 'new'
                   WHEN f.said = s.said THEN 'same' ELSE 'changed' END AS how
            FROM fresh f FULL JOIN standing s ON s.key = f.key""")
        if not self.newer:
            self._settle_what_is_not_newer()
        self._take_up()
        self._list()

    def _refuse_own_keys(self) -> None:
        taken = self.desk.one(f"SELECT key FROM fresh WHERE regexp_matches(key, '{_OWN}') LIMIT 1")
        if taken:
            raise Fault(
                f"The row key {taken!r} ends like those of the corrections that the ledger makes itself. Nothing was taken. "
                "Add another column to `row_key`."
            )

    def _refuse_keys_of_others(self) -> None:
        """A row of another name of the same source would be taken twice."""
        parts = _files(self.earlier.book.parts)
        found = self.desk.rows(f"""
            SELECT f.key, e.source FROM fresh f JOIN read_parquet([{parts}]) e ON e.key = f.key
            WHERE e.source <> {quoting.text(self.given.source)} LIMIT 1""") if parts else []  # fmt: skip
        for key, source in found:
            raise Fault(
                f"The row key {key!r} came before, from {source!r}; this mapping is named {self.given.source!r}. Nothing was "
                "taken. Give a mapping of the same source the same `name`, or `row_key` a `prefix`."
            )

    def _stand(self) -> None:
        """The table `standing`: of each row the version that stands, and the entry with which its chain in that case begins."""
        self.desk.do(f"""
            CREATE TABLE corrected AS SELECT key, arg_max(version, number) AS version, arg_max(said, number) AS said,
              arg_max(stream, number) AS stream, max(number) AS number,
              arg_max(version, CASE WHEN corrects = '' THEN number END) AS chain
            FROM before WHERE version <> key AND NOT ends_with(version, '{_LEFT}') GROUP BY key""")
        self.desk.do("""
            CREATE TABLE standing AS SELECT b.key, coalesce(c.version, b.version) AS version, coalesce(c.said, b.said) AS said,
              coalesce(c.stream, b.stream) AS stream, coalesce(c.number, b.number) AS number, coalesce(c.chain, b.version) AS chain
            FROM before b LEFT JOIN corrected c USING (key) WHERE b.version = b.key""")

    def _settle_what_is_not_newer(self) -> None:
        """A delivery that is not the newest corrects nothing: it repeats a version, or says otherwise."""
        if self.older:
            self.desk.do("""
                UPDATE compared SET how = 'same' WHERE how = 'changed' AND key IN (
                  SELECT f.key FROM fresh f JOIN before b ON b.key = f.key AND b.said = f.said)""")
            self.desk.do("UPDATE compared SET how = 'otherwise' WHERE how = 'changed'")
            return
        contradicted = self.desk.one("SELECT min(key) FROM compared WHERE how = 'changed'")
        if contradicted is not None:
            raise Fault(
                f"A delivery of {self.given.source} with the date {self.given.as_of} was taken before and says something "
                f"else of the row {contradicted!r}. Nothing was taken. If this one is of another day, state it in the "
                "mapping, as `as_of`."
            )

    def _take_up(self) -> None:
        """The table `taken`: which entries are written, made of which, under which number and key, known from when.

        A row that moved to another case is withdrawn from the one (`held` says of which entry it is made) and begins
        anew in the other.
        """
        late = " OR ".join(
            f"(f.recorded <= {each.end} AND {self._covered(each.holdings)})"
            for each in self.earlier.deliveries
            if each.end < self.given.end
        )
        own = f"key || {quoting.text('@' + self.given.as_of)}"
        self.desk.do(f"""
            CREATE TABLE taken AS SELECT {self.first - 1} + row_number() OVER (ORDER BY stream, fresh, entry) AS number, *
            FROM (
              SELECT 'new' AS how, f.stream, fresh, NULL AS held, c.key AS entry, f.corrects, f.withdraws, '' AS version,
                {late or "false"} AS late
              FROM compared c JOIN fresh f ON f.number = fresh WHERE how = 'new'
              UNION ALL SELECT 'changed', c.stream, fresh, NULL, {own.replace("key", "c.key")},
                CASE WHEN c.stream = stood THEN c.version ELSE '' END, f.withdraws, c.version, true
              FROM compared c JOIN fresh f ON f.number = fresh WHERE how = 'changed'
              UNION ALL SELECT 'left', stood, NULL, held, {own} || '{_LEFT}', '', chain, version, true
              FROM compared WHERE how = 'changed' AND stream <> stood)""")

    def _list(self) -> None:
        """The table `changes`, in order: by what they are and by key."""
        keys = ((key,) for key in sorted(still_gone(self.earlier.changes)))
        self.desk.create("gone", {"key": ("VARCHAR", pa.string())}, keys)
        held_by = self.given if self.newer else self.last
        assert held_by is not None  # noqa: S101 - what is not newer comes after another
        missing, rows = ("missing", "before") if self.newer else ("new", "fresh")
        listed = (self.newer or self.older) and self.given.whole and held_by.whole
        self.desk.do(f"""
            CREATE TABLE lost AS SELECT c.key, c.stream, {self._covered(held_by.holdings)} AS covered
            FROM compared c JOIN {rows} r ON r.number = coalesce(c.held, c.fresh)
            ANTI JOIN gone ON gone.key = c.key ANTI JOIN rejected ON rejected.key = c.key
            WHERE how = '{missing}' AND {str(listed).lower()}""")
        newer = str(self.newer).lower()
        self.desk.do(f"""
            CREATE TABLE changes AS FROM (
              SELECT 'changed' AS what, stream, entry AS key, version AS before FROM taken WHERE how = 'changed'
              UNION ALL SELECT 'late', stream, entry, '' FROM taken WHERE how = 'new' AND late AND {newer}
              UNION ALL SELECT 'gone', stream, key, '' FROM lost WHERE covered
              UNION ALL SELECT 'returned', stood, key, '' FROM compared SEMI JOIN gone USING (key)
                WHERE how IN ('same', 'changed') AND {newer}
              UNION ALL SELECT 'otherwise', stood, key, '' FROM compared WHERE how = 'otherwise'
            ) ORDER BY what, key""")

    def _covered(self, holdings: Sequence[Holding]) -> str:
        """SQL that is true of a row (kind, lo, team) which some holding covers."""
        return f"({' OR '.join(self._covers(each) for each in holdings if each.how != 'not carried') or 'false'})"

    def _covers(self, holding: Holding) -> str:
        tests = [f"kind IN ({quoting.texts(sorted(holding.kinds))})"]
        if holding.first is not None:
            tests.append(f"lo >= {self.calendar.span(holding.first.isoformat())[0]}")
        if holding.last is not None:
            tests.append(f"lo <= {self.calendar.span(holding.last.isoformat())[1]}")
        if holding.teams:
            tests.append(f"team IN ({quoting.texts(sorted(holding.teams))})")
        return f"({' AND '.join(tests)})"

    def repeats(self, done: Delivery) -> bool:
        """Whether it was taken before: a delivery of its date is there, and nothing comes of this one."""
        there = any(each.end == done.end for each in self.earlier.deliveries)
        return there and not done.new and not self.desk.one("SELECT count(*) FROM changes")

    def counted(self) -> Delivery:
        """The delivery with its counts."""
        new, same = (self.desk.one(f"SELECT count(*) FROM compared WHERE how = '{how}'") for how in ("new", "same"))
        outside = self.desk.one("SELECT count(*) FROM lost WHERE NOT covered") if self.newer else 0
        return self.given._replace(new=new, same=same, outside=outside)


# ---- writing -----------------------------------------------------------------------------------------------------


def _write(
    desk: Desk, fresh: ParquetBook, before: ParquetBook, into: ParquetBook, done: Delivery, hold: Callable[[], None]
) -> None:  # fmt: skip
    """The next part of a book; the entries come last, as they are what makes the others count."""
    entries, texts = into.next_part()
    halves = {
        into.changes_beside(entries): written(into.changes_beside(entries), CHANGES, _listed(desk)),
        texts: written(texts, NARRATIVE, _narrative(desk, fresh)),
        entries: written(entries, done.in_schema(ENTRIES), _entries(desk, fresh, before, done)),
    }
    hold()
    for place, half in halves.items():
        half.replace(place)


def _listed(desk: Desk) -> Iterator[pa.RecordBatch]:
    return desk.batches("SELECT what, stream, key, before FROM changes ORDER BY what, key", ROW_GROUP)


def _entries(desk: Desk, fresh: ParquetBook, before: ParquetBook, done: Delivery) -> Iterator[pa.RecordBatch]:
    ours = {
        "number": "t.number", "key": "t.entry", "corrects": "t.corrects", "withdraws": "t.withdraws",
        "live": "e.live OR t.late", "accepted": f"CASE WHEN t.late THEN {done.end} ELSE e.accepted END",
    }  # fmt: skip
    columns = ", ".join(
        f"{ours.get(name, f'e.{quoting.name(name)}')} AS {quoting.name(name)}" for name in ENTRIES.names
    )
    told = []
    if fresh.parts:
        told.append(f"SELECT {columns} FROM read_parquet([{_files(fresh.parts)}]) e JOIN taken t ON t.fresh = e.number")
    if desk.one("SELECT count(*) FROM taken WHERE how = 'left'"):
        told.append(f"SELECT {columns} FROM read_parquet([{_files(before.parts)}]) e JOIN taken t ON t.held = e.number")
    return desk.batches(f"FROM ({' UNION ALL '.join(told)}) ORDER BY number", ROW_GROUP) if told else iter(())


def _narrative(desk: Desk, fresh: ParquetBook) -> Iterator[pa.RecordBatch]:
    files = _files(fresh.narratives)
    return desk.batches(
        f"SELECT t.number, n.stream, t.entry AS key, n.field, n.text FROM read_parquet([{files}]) n "
        "JOIN taken t ON t.fresh = n.number ORDER BY t.number, n.field", ROW_GROUP) if files else iter(())  # fmt: skip


def _files(paths: Sequence[Path]) -> str:
    return quoting.texts(str(path) for path in paths)


def _texts(book: ParquetBook) -> str:
    """SQL for a digest of the texts of each entry of a book."""
    files = _files(book.narratives)
    if not files:
        return "SELECT 0::BIGINT AS number, '' AS texts WHERE false"
    digest = "md5(string_agg(field || chr(31) || md5(text), chr(30) ORDER BY field))"
    return f"SELECT number, {digest} AS texts FROM read_parquet([{files}]) GROUP BY number"
