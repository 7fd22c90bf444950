"""How the people of a case stand at the instant of asking: who is a child, who was harmed, who may harm."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache

from everystone.findings.asking import Asking, Fired, Test
from everystone.findings.frames import people_named
from everystone.findings.match import test_of
from everystone.findings.told import Told
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.people import age_on, listed
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.danger import Believed, DangerFile, Naming

DATES = 1 << 14  # dates of fields whose instants are kept at hand: some forty years of days


class Names:
    """A naming of the file, made ready: whom an entry names by it."""

    def __init__(self, said: Naming) -> None:
        self.kinds = listed(said.kind)
        self.fields = listed(said.whose)
        self.test: Test | None = test_of(said.where) if said.where else None
        self.alone = isinstance(said, Believed) and said.alone

    def entries(self, frame: Frame) -> Iterable[Entry]:
        """The entries of a frame that name somebody by it, surely."""
        for kind in self.kinds:
            if kind in frame.by_kind:
                for entry in frame.by_kind[kind]:
                    if self.test is None or self.test(about(frame, entry), entry):
                        yield entry

    def persons(self, entry: Entry) -> Sequence[str]:
        """The persons such an entry names."""
        return persons_of(entry, self.fields)


def about(frame: Frame, entry: Entry, role: str = "case", person: str = "") -> Asking:
    """An asking on account of one entry."""
    return Asking(frame, role, person, Fired(entry, entry.lo, entry.hi))


def persons_of(entry: Entry, fields: Sequence[str]) -> Sequence[str]:
    """The persons an entry names: its subjects ("subject") and those in fields."""
    if fields == ["subject"]:
        return entry.subjects
    named = [person for name in fields
             for person in (entry.subjects if name == "subject" else listed(entry.data.get(name)))]  # fmt: skip
    return list(dict.fromkeys(named))


class Who:
    """Who is who by the file, made ready once."""

    def __init__(self, said: DangerFile, words: Vocabulary) -> None:
        self.said = said
        self.harmed = [Names(each) for each in said.harmed.by]
        self.named = [Names(each) for each in said.may_harm]
        self.gone = [Names(each) for each in said.gone]
        self.around = [Names(each) for each in said.in_reach.around]
        self.span = lru_cache(maxsize=DATES)(words.calendar.span)
        self.called, self.grown_up = frozenset(said.child.called), frozenset(said.child.grown_up)


class Standing:
    """One case at one instant, by what a file says.

    `elsewhere` are entries of other streams that name the same people: they say who these people are, and never what
    was done in this case. `own` is the case alone, `frame` the case with them.
    `harmed` are, by case, those who were harmed: surely as a child, or (None) perhaps.
    `named` are, by case, those believed to harm: whether surely somebody who was a child, and since when (seconds).
    `gone` are those who neither harm nor are in reach any more. `endings` and `around` keep what was worked out.
    """

    def __init__(self, who: Who, own: Frame, elsewhere: Sequence[Entry] = ()) -> None:
        self.who, self.own, self.wide = who, own, bool(elsewhere)
        self.frame = frame = _widened(own, elsewhere) if elsewhere else own
        self.home = f"{frame.sort}/{frame.name}"
        self.instant = frame.instant
        self.today = frame.words.calendar.day_of(int(self.instant))
        self.endings: dict[tuple[object, str, str], Sequence[tuple[Entry, Told]]] = {}
        self.around: dict[str, Sequence[str]] = {}
        self._child: dict[str, Told] = {}
        self.gone = frozenset(name for names in who.gone for entry in names.entries(frame)
                              for name in names.persons(entry))  # fmt: skip
        reported = self._reported()
        self._with_harmed = frozenset(reported)
        self.harmed = {case: self._as_children(people) for case, people in reported.items()}
        self.named = self._believed()
        self.harmed_here = self.harmed.get(self.home, {})
        self.named_here = self.named.get(self.home, {})

    # ---- entries -----------------------------------------------------------------------------------------------

    def has(self, kinds: frozenset[str]) -> bool:
        """Whether any entry is of these kinds."""
        return not kinds.isdisjoint(self.frame.by_kind)

    def stream(self, entry: Entry) -> str:
        """The case an entry belongs to."""
        return entry.stream if self.wide else self.home

    def counts_here(self, entry: Entry, same: str | list[str] | None = None) -> bool:
        """Whether an entry may speak in this case: its own, or one of another about a person."""
        if not self.wide or entry.stream == self.home:
            return True
        return same != "case" and entry.kind not in self.frame.words.kinds.case_level

    def dated(self, entry: Entry, name: str) -> tuple[int, int] | None:
        """The first and last second of a date in a field; None where it is not recorded."""
        text = entry.data.get(name)
        return None if text is None or text == "" else self.who.span(str(text))

    def soon(self, instant: int) -> bool:
        """Whether an instant lies ahead, and near enough for a loss to be seen coming."""
        return self.instant <= instant <= self._horizon

    def not_held(self, kinds: Iterable[str], since: int | None = None) -> tuple[str, ...]:
        """Those among some kinds that the sources do not fully hold, from an instant (or the beginning) until now."""
        frame = self.own
        if frame.coverage.total:
            return ()
        first = frame.began if since is None else frame.words.calendar.day_of(since)
        return tuple(frame.coverage.least(kinds, first, self.today, frame.team_at(self.instant))[1])

    # ---- people ------------------------------------------------------------------------------------------------

    def child(self, name: str) -> Told:
        """Whether somebody is a child today; None where the age is not known."""
        if name not in self._child:
            self._child[name] = self._is_child(name)
        return self._child[name]

    def said_to_be_child(self, name: str) -> bool:
        """Whether only a word of the record, and no birth, makes somebody a child."""
        person = self.frame.people.by_name.get(name)
        return person is None or person.born is None

    def age(self, name: str) -> int | None:
        """The completed years of somebody today, the least where the birth is a span."""
        person = self.frame.people.by_name.get(name)
        ages = person.ages(self.today, self.today) if person else None
        return ages[0] if ages else None

    @cached_property
    def closed(self) -> bool:
        """Whether the case is closed; where that is not known it is not."""
        return self.own.holds(self.who.said.closed, "", self.instant) is True

    def may_be_children(self, names: Iterable[str]) -> list[str]:
        """Those among some people who are alive and not known to be grown up."""
        return [name for name in names if name not in self.gone and self.child(name) is not False]

    # ---- working out -------------------------------------------------------------------------------------------

    def _reported(self) -> dict[str, dict[str, list[Entry]]]:
        """By case, everybody who is named as harmed, with the entries that say so."""
        found: dict[str, dict[str, list[Entry]]] = {}
        for names in self.who.harmed:
            for entry in names.entries(self.frame):
                for name in names.persons(entry):
                    found.setdefault(self.stream(entry), {}).setdefault(name, []).append(entry)
        return found

    def _believed(self) -> dict[str, dict[str, tuple[Told, int]]]:
        found: dict[str, dict[str, tuple[Told, int]]] = {}
        for names in self.who.named:
            for entry in names.entries(self.frame):
                case = self.stream(entry)
                told = self._of_a_child(case, names.alone)
                for name in names.persons(entry) if told is not False else ():
                    if name not in self.gone:
                        people = found.setdefault(case, {})
                        people[name] = told, min(people[name][1], entry.lo) if name in people else entry.lo
        return found

    def _as_children(self, people: dict[str, list[Entry]]) -> dict[str, Told]:
        """Those harmed as a child, surely or perhaps; those surely grown up at the time are left out."""
        told = {name: self._as_child(name, entries) for name, entries in people.items()}
        return {name: said for name, said in told.items() if said is not False}

    @cached_property
    def _horizon(self) -> int:
        within = self.who.said.about_to_be_lost.within.duration
        until = self.frame.words.calendar.due(self.instant, within, self.frame.known_day)
        return self.instant if until is None else until

    def _is_child(self, name: str) -> Told:
        under = self.who.said.child.under
        person = self.frame.people.by_name.get(name)
        if person is None:
            return None
        ages = person.ages(self.today, self.today)
        if ages is not None:
            return True if ages[1] < under else False if ages[0] >= under else None
        if person.roles & self.who.called:
            return True if self._named_of_late(name) else None
        return False if person.roles & self.who.grown_up else None

    def _named_of_late(self, name: str) -> bool:
        """Whether an entry names somebody within the time for which the word "child" is believed."""
        kept, calendar = self.who.said.child.kept, self.frame.words.calendar
        naming = [entry.lo for entry in self.frame.entries if name in people_named(entry, self.frame.words)]
        if kept is None or not naming:
            return False
        until = calendar.due(max(naming), kept.duration, self.frame.known_day)
        return until is not None and self.instant <= until

    def _as_child(self, name: str, entries: Sequence[Entry]) -> Told:
        """Whether somebody was harmed as a child: not excused unless the record shows a grown-up age throughout."""
        under, person = self.who.said.child.under, self.frame.people.by_name.get(name)
        if person is None or person.born is None:
            return True
        spans = [span for entry in entries for field in self.who.said.harmed.between
                 if (span := self.dated(entry, field)) is not None]  # fmt: skip
        day_of = self.frame.words.calendar.day_of
        if spans:
            return age_on(person.born[1], day_of(min(lo for lo, _ in spans))) < under
        reported = day_of(min(entry.hi for entry in entries))
        return True if age_on(person.born[0], reported) < under else None

    def _of_a_child(self, case: str, alone: bool) -> Told:
        """Whether a case is about somebody harmed as a child; `alone`: also where nobody harmed is recorded."""
        told = self.harmed.get(case, {}).values()
        if any(told):
            return True
        if told:
            return None
        return alone and case not in self._with_harmed


def _widened(own: Frame, elsewhere: Sequence[Entry]) -> Frame:
    """A case with what other streams say of the same people. An entry that names nobody still means the case's own."""
    entries = {entry.key: entry for entry in [*own.entries, *own.describing, *elsewhere]}
    frame = Frame(own.sort, own.name, list(entries.values()), own.words, as_at=own.as_at, known_on=own.known_on,
                  coverage=own.coverage, facts=own.facts)  # fmt: skip
    frame.people.own = own.people
    return frame
