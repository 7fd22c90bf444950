"""What somebody can do about a card: which entry each act writes, and how long it holds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, NamedTuple

from pydantic import Field

from everystone.ledger.calendar import Calendar
from everystone.ledger.duration import Duration
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Strict
from everystone.standards import document
from everystone.standards.pack import Pack

FILE = "work.yaml"
ACT = ("frame", "person", "act", "because", "by_whom", "at", "until", "entry")


class Act(Strict):
    """One act as a pack's file declares it: the kind it writes, its words, how long it holds (a length, or a field's date).

    `longest` bounds a field's date: no act holds for longer, whatever day it names. `about` is the field that says what it
    is about.
    """

    kind: str
    says: str
    holds: dict[str, int] | None = None
    until: str = ""
    longest: dict[str, int] | None = None
    about: str = "because"
    to: str = ""
    due: str = ""
    lead: str = ""
    team: str = ""


class Sealed(Strict):
    """Entries of an open kind that are sealed for what they say: the kind, and the fields with their values."""

    kind: str
    where: dict[str, Any] = Field(min_length=1)


class OfFindings(Strict):
    """What can be said of one finding: a reply, a reason that is accepted until a day, that it is wrong, and the decision on it."""

    reply: Act
    accept: Act
    challenge: Act
    uphold: Act
    refuse: Act

    def by_kind(self) -> dict[str, tuple[str, Act]]:
        """What is said by each kind: its name here, and the act."""
        return {getattr(self, name).kind: (name, getattr(self, name)) for name in type(self).model_fields}


class Acts(Strict):
    """What can be done about a card or a case (None where a pack does not offer it), and what is sealed for what it says.

    `gates` are what an open finding may threaten so that it bars closing: a gate stands before nothing else.
    """

    acknowledge: Act | None = None
    done_elsewhere: Act | None = None
    accept_reason: Act | None = None
    direct: Act | None = None
    allocate: Act | None = None
    review: Act | None = None
    ask_closing: Act | None = None
    refuse_closing: Act | None = None
    sign_closing: Act | None = None
    close: Act | None = None
    pass_gate: Act | None = None
    open_outside: Act | None = None
    review_opening: Act | None = None
    judge_opening: Act | None = None
    gates: tuple[str, ...] = ()
    findings: OfFindings | None = None
    sealed: tuple[Sealed, ...] = ()

    def by_kind(self) -> dict[str, tuple[str, Act]]:
        """The acts by the kind that each writes, with its name."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        return {act.kind: (name, act) for name, act in named.items() if isinstance(act, Act)}

    @property
    def with_a_page(self) -> frozenset[str]:
        """The kinds that a page of their own writes, under its own rule: nobody records them as they like."""
        return frozenset((*self.by_kind(), *(self.findings.by_kind() if self.findings else ())))

    @property
    def from_outside(self) -> frozenset[str]:
        """The kinds that somebody writes who does not work on the case: whoever wrote one has not acted in it."""
        said = [self.findings.uphold.kind, self.findings.refuse.kind] if self.findings else []
        outside = (self.open_outside, self.review_opening)
        return frozenset([*said, *(each.kind for each in outside if each is not None)])


class Done(NamedTuple):
    """An act that still holds: what, by whom, when (seconds UTC), until when (None: until the card changes)."""

    act: str
    by: str
    at: int
    until: int | None


def read_acts(pack: Pack) -> Acts:
    """What a pack's work file offers. Raises Fault for one that cannot be used."""
    for folder in pack.folders:
        path = folder / FILE
        if path.is_file():
            acts = document.checked(Acts, document.plain(document.read(path)), str(path))
            for kind in (*acts.with_a_page, *(each.kind for each in acts.sealed)):
                if kind not in pack.words.kinds:
                    raise Fault(f"{FILE} names the kind {kind!r}, which no pack has.", where=str(path))
            return acts
    return Acts()


def act_rows(entries: Iterable[Entry], acts: Acts, calendar: Calendar, today: date) -> Iterable[tuple[object, ...]]:
    """The acts among the entries of a case, one row a person, with the end of each."""
    by_kind = acts.by_kind()
    for entry in entries:
        if entry.kind in by_kind:
            name, act = by_kind[entry.kind]
            for person in entry.subjects or ("",):
                yield (entry.stream, person, name, str(entry.data.get(act.about, "")), entry.by, entry.lo,
                       end_of(entry, act, calendar, today), entry.key)  # fmt: skip


def end_of(entry: Entry, act: Act, calendar: Calendar, today: date) -> int | None:
    """Until when an act holds (seconds UTC): the end of the day that it names, or after its length; None without either.

    A day beyond the longest that the pack allows counts as the longest, from wherever the entry came.
    """
    if act.until and entry.data.get(act.until):
        named = calendar.span(str(entry.data[act.until]))[1]
        last = last_day(act, calendar, entry.lo)
        return named if last is None else min(named, calendar.span(last.isoformat())[1])
    if act.holds:
        ((unit, n),) = act.holds.items()
        return calendar.due(entry.lo, Duration(n, unit), today)  # type: ignore[arg-type]  # as the file says it
    return None


def last_day(act: Act, calendar: Calendar, at: int) -> date | None:
    """The last day until which an act of an instant (seconds UTC) can hold; None where the pack sets none."""
    return calendar.day_of(at) + timedelta(**act.longest) if act.longest else None
