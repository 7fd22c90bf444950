"""What laying another body's list beside the record gives: four outcomes, each with reasons, worded as a question.

A difference under the same reference is told apart from the rest, to professional standards only. For everybody else
the claim stands on the other body's list, as it does; nothing told to them changes with what the sealed part holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import pyarrow as pa

from everystone.intake.reconciliation.claims import Claim
from everystone.intake.reconciliation.held import Held, in_words, silences
from everystone.intake.reconciliation.likeness import Degree, dates
from everystone.intake.reconciliation.lists import Listed, Row
from everystone.intake.reconciliation.pairing import Pair, Told, compare, pair
from everystone.ledger.coverage import Coverage
from everystone.standards.bodies import ClaimsTo

BOTH = "claimed, and on their list"
NOT_THEIRS = "claimed, not on their list"
NOT_OURS = "on their list, never recorded by us"
DIFFERENT = "same reference, different facts"
UNTOLD = "cannot be told"
OUTCOMES = (NOT_THEIRS, NOT_OURS, UNTOLD, BOTH)  # what everybody is told, in this order


class Line(NamedTuple):
    """One outcome, as everybody may read it."""

    outcome: str
    claim: str
    case: str
    our_reference: str
    our_person: str
    our_date: str
    their_row: str
    their_reference: str
    their_person: str
    their_date: str
    reasons: str
    question: str


class Difference(NamedTuple):
    """One fact on which two records under the same reference differ; for professional standards only."""

    outcome: str
    claim: str
    case: str
    written_by: str
    our_reference: str
    their_reference: str
    their_row: str
    fact: str
    ours: str
    theirs: str
    question: str


@dataclass(frozen=True)
class Reconciled:
    """A list laid beside the record: what everybody may read, and apart from it what professional standards may."""

    of: ClaimsTo
    held: Held
    lines: Sequence[Line]
    differences: Sequence[Difference]
    unread: str = ""  # what of the list could not be read, in a sentence

    @property
    def counts(self) -> dict[str, int]:
        """How many of each outcome that everybody is told."""
        found = Counter(line.outcome for line in self.lines)
        return {outcome: found[outcome] for outcome in OUTCOMES}

    def to_arrow(self) -> pa.Table:
        """What everybody may read, as an Arrow table."""
        return _table(self.lines, Line._fields)

    def sealed_to_arrow(self) -> pa.Table:
        """What professional standards may read, as an Arrow table."""
        return _table(self.differences, Difference._fields)


def reconcile(
    claims: Sequence[Claim], listed: Listed, of: ClaimsTo, *, by: Sequence[str], held: Held | None = None,
    coverage: Coverage | None = None, missing: Sequence[tuple[int, int]] = (),
) -> Reconciled:  # fmt: skip
    """Lay a list beside claims, compared by some of reference, person and date.

    `held` says from when to when the list was kept, else the days of its own rows do; `missing` are the first and
    last days of stretches known to be missing from it; where it fell silent otherwise shows in its rows. `coverage`
    says what the record could have held. A claim outside the one, a row outside the other cannot be told.
    """
    return _Laid(claims, listed, of, by, coverage or Coverage()).reconciled(held, missing)


class _Laid:
    """Claims and rows with their pairs."""

    def __init__(
        self, claims: Sequence[Claim], listed: Listed, of: ClaimsTo, by: Sequence[str], coverage: Coverage
    ) -> None:
        self.claims, self.rows, self.of, self.coverage, self.listed = claims, listed.rows, of, coverage, listed
        self.ours = [_only(claim.told, by) for claim in claims]
        self.theirs = [_only(row.told, by) for row in self.rows]
        self.pairs = {each.ours: each for each in pair(self.ours, self.theirs, of.days)}
        self.again = dict(self._said_again())
        self.beside = dict(self._beside())

    def reconciled(self, held: Held | None, missing: Sequence[tuple[int, int]]) -> Reconciled:
        held = self._held(held, missing)
        lines = [*self._claim_lines(held), *self._row_lines()]
        lines.sort(key=lambda line: (OUTCOMES.index(line.outcome), line.case, line.claim, line.their_row.zfill(9)))
        return Reconciled(self.of, held, lines, list(self._differences()), _unread(self.listed))

    # ---- what belongs together beside the pairs ------------------------------------------------------------------

    def _said_again(self) -> Iterator[tuple[int, Pair]]:
        """A claim without reference about the same person and days as one of the same case that is on their list."""
        by_case: dict[str, list[Pair]] = defaultdict(list)
        for each in self.pairs.values():
            by_case[self.ours[each.ours].case].append(each)
        for place, claim in enumerate(self.ours):
            if place in self.pairs or claim.reference:
                continue
            for each in by_case.get(claim.case, ()):
                found = Pair(place, each.theirs, *compare(claim, self.ours[each.ours], self.of.days))
                if found.stands:
                    yield place, found
                    break

    def _beside(self) -> Iterator[tuple[int, Pair]]:
        """A row of theirs under a reference that is on the record, about a person of that claim."""
        by_reference = {self.theirs[each.theirs].reference: each for each in self.pairs.values()}
        taken = {each.theirs for each in self.pairs.values()}
        for place, row in enumerate(self.theirs):
            each = by_reference.get(row.reference) if row.reference and place not in taken else None
            if each is not None:
                found = Pair(each.ours, place, *compare(self.ours[each.ours], row, self.of.days))
                if found.person.degree != Degree.UNLIKE:
                    yield place, found

    def _held(self, said: Held | None, missing: Sequence[tuple[int, int]]) -> Held:
        """From when to when the list was kept, as said or by its rows, and where it is silent.

        A row under our own reference counts for the day that we have, where the list's own may be typed wrong.
        """
        days = {place: row.told.day for place, row in enumerate(self.rows)}
        for each in self.pairs.values():
            if each.reference.degree == Degree.SAME and self.claims[each.ours].told.day is not None:
                days[each.theirs] = self.claims[each.ours].told.day
        known = [day for day in days.values() if day is not None]
        held = said or Held(min(known, default=None), max(known, default=None))
        return held._replace(silences=(*missing, *silences(known)))

    # ---- what everybody is told ----------------------------------------------------------------------------------

    def _claim_lines(self, held: Held) -> Iterator[Line]:
        for place, claim in enumerate(self.claims):
            found = self.pairs.get(place) or self.again.get(place)
            if found is not None:
                row = self.rows[found.theirs]
                yield _line(BOTH, claim, row, _why(found), "")
            elif not self.ours[place].reference and not self.ours[place].people:
                yield _line(UNTOLD, claim, None, "the claim gives nothing of what is compared but a day", "")
            elif held.surely(claim.told.day, self.of.days):
                yield _line(NOT_THEIRS, claim, None, "nothing on it fits by what is compared", self._asks(claim, held))
            else:
                yield _line(UNTOLD, claim, None, held.outside(claim.told.day, self.of.days, self.of.title), "")

    def _row_lines(self) -> Iterator[Line]:
        taken = {each.theirs for each in self.pairs.values()}
        for place, row in enumerate(self.rows):
            if place in taken:
                continue
            if place in self.beside:
                yield _line(
                    BOTH, self.claims[self.beside[place].ours], row, "another entry under the same reference", ""
                )
            elif self._ours_holds(row):
                question = (f"The list of {self.of.title} has an entry{_on(row.date)}{_under(row.reference)} that does not "
                            "stand in this extract. Was it written down elsewhere, or under another reference?")  # fmt: skip
                yield _theirs(NOT_OURS, row, "nothing in the extract fits by what is compared", question)
            else:
                yield _theirs(UNTOLD, row, "the extract could not have held this: it does not cover the day", "")

    def _ours_holds(self, row: Row) -> bool:
        if self.coverage.total or row.told.day is None:
            return True
        day = date.fromordinal(row.told.day)
        return self.coverage.held(self.of.claims[0].kind, day, day, "") == "complete"

    def _asks(self, claim: Claim, held: Held) -> str:
        kept = f", kept from {in_words(held.first)} to {in_words(held.last)}," if held.first and held.last else ""
        return (f"The record says that this {claim.says}{_on(claim.date, 'on')}{_under(claim.reference)}. "
                f"The list of {self.of.title}{kept} has no entry that fits. Where can their answer be found?")  # fmt: skip

    # ---- what professional standards are told --------------------------------------------------------------------

    def _differences(self) -> Iterator[Difference]:
        for place in sorted(self.pairs):
            found, claim = self.pairs[place], self.claims[place]
            row = self.rows[found.theirs]
            for fact, ours, theirs in self._facts(found, claim, row):
                question = (f"Under one reference the two records say different things ({fact}). "
                            "Which of them is right, and how did the other come about?")  # fmt: skip
                yield Difference(DIFFERENT, "; ".join(claim.keys), claim.case, "; ".join(claim.by), claim.reference,
                                 row.reference, str(row.number), fact, ours, theirs, question)  # fmt: skip

    def _facts(self, found: Pair, claim: Claim, row: Row) -> Iterator[tuple[str, str, str]]:
        if found.person.degree == Degree.UNLIKE:
            yield "person", claim.person, row.person
        theirs_on, dated = self.theirs[found.theirs].day, self.ours[found.ours].day is not None
        if dated and theirs_on is not None and not any(self._may_be(days, theirs_on) for days in claim.days):
            yield "date", claim.date, row.date
        ours = {known for each in claim.decisions if (known := self.of.decision(each)) is not None}
        theirs = self.of.decision(row.decision) if row.decision else None
        if ours and theirs is not None and theirs not in ours:
            yield "decision", ", ".join(claim.decisions), row.decision

    def _may_be(self, days: tuple[int, int], theirs: int) -> bool:
        """Whether their entry may be of a day, allowing for typing."""
        first, last = days
        inside = first - self.of.days <= theirs <= last + self.of.days
        return inside or any(dates(day, theirs, self.of.days).degree != Degree.UNLIKE for day in days)


def _unread(listed: Listed) -> str:
    if not listed.unusable and not listed.undated:
        return ""
    return f"Of their list {listed.unusable:,} rows and {listed.undated:,} dates could not be read."


def _only(told: Told, by: Sequence[str]) -> Told:
    """A row with the facts that are to be compared, and without the others."""
    return Told(
        told.reference if "reference" in by else "",
        told.people if "person" in by else (),
        told.day if "date" in by else None,
        told.case,
    )


def _why(found: Pair) -> str:
    """Why two rows are taken for one: no more than it takes, so that a fact which differs leaves no trace here."""
    if found.reference.degree == Degree.SAME:
        return found.reference.why
    parts = [found.reference.why] if found.reference.degree < Degree.UNLIKE else []
    if found.reference.degree != Degree.NEAR or found.person.degree > Degree.NEAR:
        return "; ".join([*parts, *(each.why for each in (found.person, found.date) if each.why)])
    return "; ".join([*parts, found.person.why])


def _line(outcome: str, claim: Claim, row: Row | None, reasons: str, question: str) -> Line:
    return Line(outcome, "; ".join(claim.keys), claim.case, claim.reference, claim.person, claim.date,
                str(row.number) if row else "", row.reference if row else "", "", "", reasons, question)  # fmt: skip


def _theirs(outcome: str, row: Row, reasons: str, question: str) -> Line:
    return Line(outcome, "", row.told.case, "", "", "", str(row.number), row.reference, row.person, row.date, reasons,
                question)  # fmt: skip


def _on(text: str, word: str = "of") -> str:
    return f" {word} {text}" if text else ""


def _under(reference: str) -> str:
    return f" under the reference {reference}" if reference else ""


def _table(rows: Sequence[tuple[str, ...]], names: Sequence[str]) -> pa.Table:
    columns: Mapping[str, Sequence[str]] = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    return pa.table(columns, schema=pa.schema([(name, pa.string()) for name in names]))
