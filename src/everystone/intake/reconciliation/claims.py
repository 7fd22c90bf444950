"""What the record claims of another body: entries of the kinds that the pack names, the body's own word left out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from everystone.intake.reconciliation.likeness import bare
from everystone.intake.reconciliation.lists import Listed, day_of, named
from everystone.intake.reconciliation.pairing import Told
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.civil import LAST
from everystone.ledger.entry import Entry, in_force
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.bodies import BodiesFile, ClaimOf, ClaimsTo, Names

VAGUE = 3 * 86_400  # seconds from which a span is no day that could be compared


class Claim(NamedTuple):
    """One claim, however often it was written: the entries that say so, what they say as written and as compared.

    `days` are, for each of its entries, from which to which day theirs may lie; `says` ends the sentence "the record says
    that this ...".
    """

    keys: tuple[str, ...]
    case: str
    says: str
    reference: str
    person: str
    date: str
    decisions: tuple[str, ...]
    days: tuple[tuple[int, int], ...]
    by: tuple[str, ...]
    told: Told


def claims_in(book: ParquetBook, words: Vocabulary, file: BodiesFile, body: str) -> list[Claim]:
    """The claims to a body in a ledger, in order of case and key; said again under the same reference they are one."""
    of = file.named(body)
    entries = _standing(book, sorted({each.kind for each in of.claims}), words)
    called = _called(book, file.names, {name for entry in entries for name in entry.subjects})
    found: dict[tuple[object, ...], list[tuple[Entry, ClaimOf]]] = defaultdict(list)
    for entry in entries:
        claim = next((each for each in of.claims if _is(each, entry)), None)
        if claim is not None and not words.proves(entry.source.channel, of.body):
            found[_place(entry, claim, words)].append((entry, claim))
    return sorted((_claim(said, called, words) for said in found.values()), key=lambda each: (each.case, each.keys))


def claims_listed(listed: Listed, of: ClaimsTo) -> list[Claim]:
    """The claims of a plain list, one a row, known by its row."""
    says = of.claims[-1].says
    return [
        Claim((f"row {row.number}",), row.told.case or f"row {row.number}", says, row.reference, row.person, row.date,
              (row.decision,) if row.decision else (), () if row.told.day is None else ((row.told.day, row.told.day),), (),
              row.told._replace(case=row.told.case or f"row {row.number}"))
        for row in listed.rows
    ]  # fmt: skip


def _standing(book: ParquetBook, kinds: Sequence[str], words: Vocabulary) -> list[Entry]:
    """The entries of some kinds with what corrects or withdraws them, as known at the end of the extract."""
    table = book.query(
        "SELECT * FROM entries WHERE kind IN (SELECT unnest(?)) OR corrects <> '' OR withdraws <> ''", [list(kinds)]
    ).to_arrow_table()
    end = words.calendar.span(LAST.isoformat())[1]
    return [entry for entry in in_force(list(entries_of(table)), end, end)[0] if entry.kind in kinds]


def _called(book: ParquetBook, names: Names | None, people: set[str]) -> Mapping[str, list[str]]:
    """The names by which the record calls people."""
    called: dict[str, list[str]] = defaultdict(list)
    if names is None or not people:
        return called
    texts = book.narrative("", "\U0010ffff")
    table = book.query("SELECT key, subjects FROM entries WHERE kind = ?", [names.kind]).fetchall()
    for key, subjects in table:
        name = texts.get(key, {}).get(names.field)
        for person in subjects if name else ():
            if person in people:
                called[person].append(str(name))
    return called


def _is(claim: ClaimOf, entry: Entry) -> bool:
    return claim.kind == entry.kind and all(
        entry.data.get(field) in (wanted if isinstance(wanted, list) else [wanted])
        for field, wanted in claim.where.items()
    )


def _place(entry: Entry, claim: ClaimOf, words: Vocabulary) -> tuple[object, ...]:
    """What makes two entries one claim: the same reference in one case; without one, the same act of the same day."""
    reference = bare(_text(entry, claim.reference))
    return (
        (entry.stream, reference)
        if reference
        else (entry.stream, entry.kind, entry.subjects, _day(entry, claim, words))
    )


def _claim(said: Sequence[tuple[Entry, ClaimOf]], called: Mapping[str, list[str]], words: Vocabulary) -> Claim:
    (first, claim), *_ = said
    people = list(dict.fromkeys(name for entry, _ in said for name in entry.subjects))
    days = tuple(sorted({days for entry, each in said if (days := _days(entry, each, words)) is not None}))
    known = [day for entry, each in said if (day := _day(entry, each, words)) is not None]
    reference = _text(first, claim.reference)
    names = named([*people, *(name for person in people for name in called.get(person, ()))])
    case = first.stream.removeprefix("case/")
    told = Told(bare(reference), names, min(known, default=None), case)
    return Claim(
        tuple(entry.key for entry, _ in said), case, claim.says, reference, ", ".join(people),
        words.calendar.local(first.lo).date().isoformat(),
        tuple(dict.fromkeys(text for entry, each in said if (text := _text(entry, each.decision)))),
        days, tuple(dict.fromkeys(entry.by for entry, _ in said if entry.by)), told,
    )  # fmt: skip


def _text(entry: Entry, field: str | None) -> str:
    value: Any = entry.data.get(field) if field else None
    return "" if value in (None, "") else str(value)


def _day(entry: Entry, claim: ClaimOf, words: Vocabulary) -> int | None:
    """The day on which it is claimed to have happened; None where only a longer span is known."""
    said = _text(entry, claim.date)
    if said and (day := day_of(said)) is not None:
        return day
    return words.calendar.day_of(entry.lo).toordinal() if entry.hi - entry.lo <= VAGUE else None


def _days(entry: Entry, claim: ClaimOf, words: Vocabulary) -> tuple[int, int] | None:
    """From which day to which their own entry may be dated."""
    day = _day(entry, claim, words)
    if day is None:
        return None
    return day - (0 if _text(entry, claim.date) else claim.earlier), day + claim.later
