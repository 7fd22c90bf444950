"""A small invented ledger for reports: a few cases told once and copied under other references."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from everystone.findings.frames import Instants
from everystone.findings.review import open_book, review
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.entry import Entry
from everystone.standards import document
from everystone.standards.pack import Pack
from everystone.standards.story import end_of, tell

TEAMS = ("North", "South", "Harbour", "Valley")
AS_AT = "2012-03-31"
HOSTILE = "</style><script>document.title=1</script><img src=x onerror=document.title=2>"

CASES = """
- case: Oak
  people:
    C1: {role: victim, born: 2004-02-17, name: Rowan Thistlewood}
    K1: {role: suspect, born: 1970-11-05, name: Ellis Varden}
    O1: {role: officer, rank: constable, detective: true}
    S1: {role: officer, rank: sergeant}
  timeline: |
    2011-06-10 17:30  report.received       C1  by O1  {channel: phone, reporter_role: parent, alleged_from: 2011-06-10, alleged_to: 2011-06-10, precision: day, child_at_risk_now: true, account: "a neighbour at 14 Quarry Lane was asked to keep away from the garden"}
    2011-06-10 19:30  suspect.identified    K1  by O1  {basis: "a grey van with a broken lamp stood there", relationship: neighbour, age: 40, access_to_children: true}
    #c 2011-06-12 15:30  crime.recorded        C1  by O1  {crime_ref: Oak-C, offence_code: SOA2003-s7, offence_mode: either_way, sexual: true, victim: C1, suspect: K1}
    2011-06-12 15:30 recorded 2011-07-02 10:00  crime.recorded  C1  by O1  corrects #c  {crime_ref: Oak-C, offence_code: SOA2003-s7, offence_mode: either_way, sexual: true, victim: C1, suspect: K1}
    2011-06-13 09:00  case.allocated        K1  by S1  {lead: O1}
    2011-08-29 11:00 recorded 2011-09-20 11:00  note.added            K1  by O1  {text: "waiting to hear from the other office about the van"}
    #n 2011-08-30 11:00  note.added            K1  by O1  {text: "written into the wrong file by somebody in a hurry"}
    2011-09-01 11:00  note.added            K1  by O1  withdraws #n  {text: "not this case"}
    2011-09-12 15:00  case.closed           K1  by O1  {reason: "nothing more that anybody could think of doing"}
- case: Elm
  people:
    C2: {role: child, born: 2006-05-21, name: Sorrel Mackintosh-Pye}
    O2: {role: officer, rank: constable}
  timeline: |
    2012-03-29 16:00  missing.reported      C2  by O2  {text: "last seen by the swings near the bandstand"}
    2012-03-29 18:00  note.added            C2  by O2  {text: "the aunt was telephoned and had not heard anything"}
- case: Ash
  people:
    C3: {role: victim, born: 2001-09-09, name: Bryony Oakes}
    K3: {role: suspect, born: 1980-01-02, name: Lorne Adair}
    O3: {role: officer, rank: constable, detective: true}
    S3: {role: officer, rank: sergeant}
  timeline: |
    2011-04-01 10:00  report.received       C3  by O3  {channel: letter, reporter_role: school, alleged_from: 2011-03-01, alleged_to: 2011-03-20, precision: day, child_at_risk_now: false, account: "the head teacher wrote about a change since the winter"}
    2011-04-01 12:00  child.seen            C3  by O3  {alone: true, place: school, by_role: police}
    2011-04-01 13:00  safeguarding.considered  C3  by O3  {text: "lives with the grandmother and two brothers", outcome: safe with relative, level: medium}
    2011-04-02 09:00  crime.recorded        C3  by O3  {crime_ref: Ash-C, offence_code: SOA2003-s7, offence_mode: either_way, sexual: true, victim: C3, suspect: K3}
    2011-04-02 09:30  case.allocated        K3  by S3  {lead: O3}
    2011-05-02 09:00  review.done           C3  by S3  {text: "spoken through with the lead and a plan was set"}
"""


def stories() -> list[dict[str, Any]]:
    """The cases as mappings, for more of the same kind to be added."""
    said = document.parse("cases:\n" + CASES, "the invented cases")
    return [document.plain(each) for each in said["cases"]]


def write_book(folder: Path, pack: Pack, copies: int, said: Sequence[Mapping[str, Any]] | None = None) -> ParquetBook:
    """A Parquet book with so many copies of each case; people and references of a copy are its own."""
    book = open_book(folder, pack)
    told = [(tell(each, pack, "an invented case"), str(each["case"])) for each in said or stories()]
    book.append(
        entry
        for story, name in told
        for copy in range(1, copies + 1)
        for entry in _copied(story.entries, pack, name, copy)
    )
    return book


def reviewed(
    folder: Path, pack: Pack, copies: int, said: Sequence[Mapping[str, Any]] | None = None
) -> tuple[ParquetBook, Instants]:
    """Such a book with its review written beside it in `folder/out`."""
    book = write_book(folder / "ledger", pack, copies, said)
    at = end_of(AS_AT, pack.words)
    when = Instants(at, at, book.coverage())
    review(folder / "ledger", pack, when, folder / "out", processes=1)
    return book, when


def _copied(entries: Iterable[Entry], pack: Pack, name: str, copy: int) -> Iterable[Entry]:
    mine = f"{name}-{copy:05d}"
    for entry in entries:
        fields = [field for field, _ in pack.words.kinds.people.get(entry.kind, ())]
        data = {field: _renamed(value, mine) if field in fields else value for field, value in entry.data.items()}
        sort, _, stream = entry.stream.partition("/")
        yield entry._replace(
            stream=f"{sort}/{mine if sort == 'case' else _renamed(stream, mine)}",
            subjects=tuple(_renamed(list(entry.subjects), mine)),
            by=_renamed(entry.by, mine), data=data, source=entry.source._replace(key=_renamed(entry.source.key, mine)),
            capacity=entry.capacity._replace(team=entry.capacity.team or TEAMS[copy % len(TEAMS)]),
            corrects=_renamed(entry.corrects, mine), withdraws=_renamed(entry.withdraws, mine),
        )  # fmt: skip


def _renamed(value: Any, mine: str) -> Any:
    if isinstance(value, list):
        return [_renamed(each, mine) for each in value]
    return f"{value}-{mine}" if value else value
