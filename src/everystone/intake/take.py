"""Taking an extract: read, mapped, checked to the row, and written as a new part of a ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

from everystone.intake.delivery import Earlier, deliver
from everystone.intake.desk import Desk, laid_out
from everystone.intake.extracts import Extracts
from everystone.intake.faults import report
from everystone.intake.fitting import kinds_of, read_mapping
from everystone.intake.keys import keys_of_rejected, settle, taken
from everystone.intake.laid import Laid
from everystone.intake.line import Line
from everystone.intake.lines import Parts
from everystone.intake.made import make
from everystone.intake.mapping import Mapping as MappingFile
from everystone.intake.moment import Times
from everystone.intake.narrative import look, set_apart
from everystone.intake.packed import Unpacking
from everystone.intake.rejects import Reject, Rejects
from everystone.intake.unnamed import Unnamed, unnamed
from everystone.intake.write import Part
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.civil import CivilDays
from everystone.ledger.coverage import Holding
from everystone.ledger.delivery import Delivery, latest
from everystone.ledger.kind import Kinds
from everystone.standards.pack import Pack

Progress = Callable[[str, float], None]


class Rows(NamedTuple):
    """The rows of a file: read = used + not wanted + rejected, to the row."""

    read: int
    used: int
    not_wanted: int
    rejected: int


@dataclass(frozen=True)
class Taken:
    """What was taken: the ledger, the rows of each file, the entries of each kind, and what could not be used.

    `rejects` lists the first 100,000 of the `rejected`; `repeated` counts entries that were there already, unchanged.
    `as_of` is the end of the newest extract of the source (a date, or an instant; "" where there are no entries);
    `passed_over` are files of a folder of which the mapping does not speak; `delivery` is what this one was; `unnamed` are
    the words for which the mapping names no kind.
    """

    book: ParquetBook
    rows: Mapping[str, Rows]
    kinds: Mapping[str, int]
    rejects: Sequence[Reject]
    rejected: int
    repeated: int
    as_of: str
    passed_over: Sequence[str]
    delivery: Delivery
    unnamed: Unnamed = field(default_factory=Unnamed)

    @property
    def files(self) -> dict[str, dict[str, int]]:
        """The rows of each file, for a run's own record."""
        return {
            name: {
                "read": rows.read,
                "used": rows.used,
                "not wanted": rows.not_wanted,
                "rejected": rows.rejected,
            }
            for name, rows in self.rows.items()
        }


def take(
    extracts: Sequence[Path], mapping: Path, pack: Pack, folder: Path, progress: Progress | None = None, *,
    accepted: int | None = None, first: int | None = None, as_of: str = "",
) -> Taken:  # fmt: skip
    """Take extracts (files, or folders of them) through a mapping into the ledger in `folder`, as one new part.

    With `first` only so many rows of each file are taken, to look at what they become. An entry is accepted at
    `accepted` (seconds UTC), by default when the source says it was recorded. Where the ledger has a part already, this
    is a further delivery: what its source said before adds nothing, what it says otherwise is a correction (`delivery`).
    `as_of` is the date or instant of the delivery where it is known from elsewhere than the mapping or the rows.
    Raises Fault, and takes nothing, where a file or the mapping as a whole cannot be used.
    """
    kinds = pack.words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    book = ParquetBook(folder, kinds.texts, people)
    with laid_out(folder) as desk:
        if not book.parts:
            return _take(desk, extracts, mapping, pack, book, progress, accepted, first, as_of)
        fresh = ParquetBook(desk.folder / "fresh", kinds.texts, people)
        with laid_out(fresh.folder) as beside:
            taken = _take(beside, extracts, mapping, pack, fresh, progress, accepted, first, as_of)
            desk.show("rejected", beside.connection.sql(keys_of_rejected()).to_arrow_table())
        return _added(desk, taken, book, pack)


def _take(
    desk: Desk, extracts: Sequence[Path], mapping: Path, pack: Pack, book: ParquetBook, progress: Progress | None,
    accepted: int | None, first: int | None, as_of: str,
) -> Taken:  # fmt: skip
    """Take an extract by itself, into an empty book."""
    tell = progress or (lambda _what, _share: None)
    said = read_mapping(mapping, pack.words.kinds)
    files = Extracts(extracts, said)
    rejects = Rejects()
    laid = files.lay_out(desk, rejects, lambda share: tell("Reading", 0.2 * share))
    if first is not None:
        told = {part.name for table in said.tables for part in files.of(table)}
        laid = {name: _cut(desk, each, first) if name in told else each for name, each in laid.items()}
    lines = list(_lines(desk, said, files, laid, pack))
    common = make(desk, lines, lambda share: tell("Mapping", 0.2 + 0.4 * share))
    repeated = settle(desk)
    report(desk, lines, {each.number: each.name for each in laid.values()}, rejects)
    words = unnamed(desk, said, files, lines)
    set_apart(desk, lines, common)
    desk.clear("rows_", "laid_", "unpacked_")
    hits = look(desk, pack.lists, pack.words.kinds)
    tell("Writing", 0.7)
    delivery = _delivery(desk, said, files, pack, as_of)
    part = Part(desk, book, said.name, accepted)
    part.write(common, hits, delivery, lambda: book.hold(delivery.holdings))
    rows, made = _rows(desk, laid, rejects, lines), dict(sorted(part.kinds.items()))
    tell("Taken", 1.0)
    return Taken(book, rows, made, rejects.listed, rejects.total, repeated, delivery.as_of, files.passed_over,
                 delivery._replace(new=sum(made.values())), words)  # fmt: skip


def _added(desk: Desk, taken: Taken, book: ParquetBook, pack: Pack) -> Taken:
    """What was just taken by itself, added to a book that has earlier deliveries."""
    held = book.coverage().holdings or ()
    more = [each for each in taken.delivery.holdings if each not in held]
    deliveries = book.deliveries(taken.delivery.source)
    changes = [change for _, changed in deliveries for change in changed]
    earlier = Earlier(book, [each for each, _ in deliveries], changes)
    done = deliver(desk, taken.book, taken.delivery, earlier, book, pack.words.calendar, lambda: book.hold(more))
    newest = latest([*earlier.deliveries, done])
    return replace(
        taken, book=book, repeated=taken.repeated + done.same, as_of=newest.as_of if newest else "", delivery=done
    )


def _delivery(desk: Desk, said: MappingFile, files: Extracts, pack: Pack, as_of: str) -> Delivery:
    """Which delivery this is: its source, its date, what it holds, how it was read."""
    as_of = as_of or (said.as_of.isoformat() if said.as_of else _latest(desk))
    end = pack.words.calendar.span(as_of)[1] if as_of else 0
    read_as = said.model_dump_json(exclude={"as_of", "holds"}, exclude_defaults=True)
    digest = hashlib.sha256(read_as.encode()).hexdigest()[:16]
    return Delivery(said.name, as_of, end, digest, tuple(_holdings(said, files, pack, as_of)),
                    whole=said.brings == "everything")  # fmt: skip


def _cut(desk: Desk, laid: Laid, first: int) -> Laid:
    """The first rows of a file."""
    desk.do(f"CREATE VIEW {laid.table}_first AS SELECT * FROM {laid.table} ORDER BY row LIMIT {first}")
    return replace(laid, table=f"{laid.table}_first", read=min(laid.read, first))


def _lines(desk: Desk, said: MappingFile, files: Extracts, laid: Mapping[str, Laid], pack: Pack) -> Iterator[Line]:
    """The lines of every table for each of its files."""
    home, kinds = pack.words.calendar.zone, pack.words.kinds
    times = Times(desk, said.zone or home, said.twice, home)
    unpacking = Unpacking(desk, kinds, times)
    parts = Parts(desk, kinds, unpacking, said.channel, lambda join: [laid[each.name] for each in files.of(join)])
    for table in said.tables:
        for each in files.of(table):
            for rows, part in parts.of(table, laid[each.name]):
                yield Line(part, rows, times)


def _latest(desk: Desk) -> str:
    """The latest instant at which anything that is taken was recorded."""
    latest = desk.one(f"SELECT max(recorded) FROM told WHERE {taken(desk)}")
    return "" if latest is None else f"{CivilDays('UTC').local(latest):%Y-%m-%dT%H:%M:%SZ}"


def _holdings(said: MappingFile, files: Extracts, pack: Pack, as_of: str) -> Iterator[Holding]:
    """What is held: as the mapping states, up to the end of the extract, but for kinds whose every file is missing."""
    calendar = pack.words.calendar
    end = calendar.day_of(calendar.span(as_of)[1]) if as_of else None
    there, missing = _kinds_by_presence(said, files, pack.words.kinds)
    for holds in said.holds:
        kinds = frozenset(holds.kinds) - (missing - there)
        if kinds:
            yield holds.holding(kinds, end)


def _kinds_by_presence(said: MappingFile, files: Extracts, kinds: Kinds) -> tuple[set[str], set[str]]:
    there: set[str] = set()
    missing: set[str] = set()
    for table in said.tables:
        made = {kind for entry in table.entries for kind in kinds_of(entry, kinds)}
        (there if files.of(table) else missing).update(made)
    return there, missing


def _rows(desk: Desk, laid: Mapping[str, Laid], rejects: Rejects, lines: Sequence[Line]) -> dict[str, Rows]:
    rows = {}
    for name, each in laid.items():
        rejected = rejects.by_file.get(name, 0)
        numbers = [line.part.number for line in lines if line.laid.number == each.number]
        used = _used(desk, each.number, numbers) if numbers else each.read - rejected  # looked up only
        rows[name] = Rows(each.read, used, each.read - used - rejected, rejected)
    return rows


def _used(desk: Desk, file: int, lines: Sequence[int]) -> int:
    """How many rows of a file made entries; only where several lines read them may one row make several."""
    counted = "count(*)" if len(lines) == 1 else "count(DISTINCT row)"
    bad = f"SELECT row FROM bad WHERE file = {file}"
    return int(
        desk.one(f"SELECT {counted} FROM made ANTI JOIN ({bad}) USING (row) WHERE file = {file} AND fault IS NULL")
    )
