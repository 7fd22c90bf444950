"""Conditions of the grammar, turned into tests of one entry in one asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from everystone.findings import offence, texts
from everystone.findings.asking import Asking
from everystone.findings.told import Told, all_of, any_of, every, other, some
from everystone.ledger.entry import Entry
from everystone.ledger.people import People, listed
from everystone.standards.condition import (
    AddsUp,
    Age,
    Condition,
    Gap,
    InState,
    ListOf,
    Number,
    OpenCases,
    Qualified,
    RankOf,
    Sex,
    Someone,
)  # fmt: skip

Test = Callable[[Asking, Entry], Told]


def own_tests(said: Condition) -> Iterable[Test]:
    """The tests of a condition that look at the fields of the entry itself and at nothing else."""
    for name, wanted in said.fields.items():
        yield _field(name, wanted)
    if said.is_ is not None:
        kinds = frozenset([said.is_] if isinstance(said.is_, str) else said.is_)
        yield lambda asking, entry: entry.kind in kinds
    if said.present is not None:
        yield from map(_present, [said.present] if isinstance(said.present, str) else said.present)


def _present(name: str) -> Test:
    return lambda asking, entry: asking.frame.field(entry, name) not in (None, [])


def plain_tests(said: Condition, whole: Callable[[Condition], Test]) -> Iterable[Test]:
    """The other tests, but for those that look at other entries; `whole` makes the test of a part of it."""
    if said.all is not None:
        yield all_of([whole(part) for part in said.all])
    if said.any is not None:
        yield any_of([whole(part) for part in said.any])
    if said.not_ is not None:
        yield _not(whole(said.not_))
    for name, make in _MAKERS.items():
        part = getattr(said, name)
        if part is not None:
            yield make(part)


def _not(test: Test) -> Test:
    return lambda asking, entry: other(test(asking, entry))


def _field(name: str, wanted: Any) -> Test:
    values = wanted if isinstance(wanted, list) else [wanted]

    def test(asking: Asking, entry: Entry) -> Told:
        got = entry.data.get(name)
        if got is None or got == "":
            got = asking.frame.field(entry, name)
            if got is None:
                return None
        if isinstance(got, list):
            return any(each in values for each in got)
        return got in values

    return test


def _number(said: Number) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        got = asking.frame.field(entry, said.of)
        if not isinstance(got, int | float):
            return None
        return (
            (said.at_least is None or got >= said.at_least)
            and (said.at_most is None or got <= said.at_most)
            and (said.over is None or got > said.over)
            and (said.under is None or got < said.under)
        )

    return test


def _adds_up(said: AddsUp) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        total = asking.frame.field(entry, said.to)
        parts = [part for name in said.parts if (part := asking.frame.field(entry, name)) is not None]
        return None if total is None or not parts else sum(parts) == total

    return test


def _rank_of(said: RankOf) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        got = asking.frame.field(entry, said.of)
        return None if got is None else asking.frame.words.rank_at_least(str(got), said.at_least)

    return test


def _list(said: ListOf) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        got = asking.frame.field(entry, said.of)
        if got is None:
            return None
        got = got if isinstance(got, list) else [got]
        return (
            (said.any_of is None or any(each in got for each in said.any_of))
            and (said.all_of is None or all(each in got for each in said.all_of))
            and (said.none_of is None or not any(each in got for each in said.none_of))
        )

    return test


def _gap(said: Gap) -> Test:
    def instant(asking: Asking, entry: Entry, name: str) -> tuple[int, int] | None:
        if name == "happened":
            return entry.lo, entry.hi
        if name == "trigger":
            return asking.fired.lo, asking.fired.hi
        if name == "recorded":
            return entry.recorded, entry.recorded
        text = entry.data.get(name)
        return asking.frame.words.calendar.span(str(text)) if text else None

    def test(asking: Asking, entry: Entry) -> Told:
        since, to = instant(asking, entry, said.since), instant(asking, entry, said.to)
        if since is None or to is None:
            return None
        calendar, known = asking.frame.words.calendar, asking.frame.known_day
        least = calendar.due(since[0], said.at_most.duration, known)
        most = least if since[0] == since[1] else calendar.due(since[1], said.at_most.duration, known)
        if least is None or most is None:
            return None
        return True if to[1] <= least else False if to[0] > most else None

    return test


# ---- people ----------------------------------------------------------------------------------------------------


def _whose(asking: Asking, entry: Entry, of: str) -> Sequence[str]:
    if of == "asked":
        return [asking.person] if asking.person else entry.subjects
    if of == "subject":
        return entry.subjects
    if of in ("victim", "suspect"):
        named = asking.people.named(entry, of) if entry is not asking.trigger else ()
        return sorted(named) or asking.persons(of)
    return asking.frame.persons_in(entry, of)


def _age(said: Age) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        whose = _whose(asking, entry, said.of)
        days = _days(asking, entry, said.at)
        if not whose or days is None:
            return None
        return some(aged(asking.people, name, days, said.at_least, said.under) for name in whose)

    return test


def _days(asking: Asking, entry: Entry, at: str) -> tuple[date, date] | None:
    if at == "alleged":
        return offence.alleged(asking, entry) or offence.possible(asking, entry)
    span = asking.fired if at == "trigger" else entry
    return asking.frame.day(span.lo), asking.frame.day(span.hi)


def aged(people: People, name: str, days: tuple[date, date], at_least: int | None, under: int | None) -> Told:
    """Whether somebody's age over a span of days is at least one number and under another; None if it cannot be told."""
    person = people[name]
    ages = person.ages(*days)
    if ages is None:
        if "child" in person.roles and under == 18 and at_least is None:
            return True
        return None
    low, high = ages
    old_enough: Told = at_least is None or low >= at_least
    if not old_enough:
        old_enough = None if at_least is not None and high >= at_least else False
    young_enough: Told = under is None or high < under
    if not young_enough:
        young_enough = None if under is not None and low < under else False
    return every((old_enough, young_enough))


def _someone(said: Someone) -> Test:
    def fits(asking: Asking, entry: Entry, name: str) -> Told:
        person = asking.people.by_name.get(name)
        roles = (person.roles if person else None) or {name}  # a list of people may hold words such as "parent"
        if roles & set(said.not_role) or (said.role and not roles & set(said.role)):
            return False
        if any(_linked(asking, name, field) for field in said.not_linked):
            return False
        if said.at_least is None:
            return True
        if "adult" in roles:
            return True
        if name == "child":  # a word in a list of people, and nobody by name
            return False
        days = asking.frame.day(entry.lo), asking.frame.day(entry.hi)
        return aged(asking.people, name, days, said.at_least, None)

    def test(asking: Asking, entry: Entry) -> Told:
        names = asking.frame.persons_in(entry, said.within)
        others = [name for name in names if name != asking.person]
        return some(fits(asking, entry, name) for name in others)

    return test


def _linked(asking: Asking, name: str, field: str) -> bool:
    """Whether a field of people ties somebody to the one asked for, in either description."""
    if not asking.person:
        return False
    pairs = (name, asking.person), (asking.person, name)
    return any(tied in listed(asking.frame.details(one).get(field)) for one, tied in pairs)


def _sex(said: Sex) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        recorded = [asking.frame.details(name).get("sex") for name in _whose(asking, entry, said.of)]
        return some(None if sex is None else sex == said.is_ for sex in recorded) if recorded else None

    return test


def _same_person(fields: list[str]) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        named = [frozenset(_person_in(asking, entry, name)) for name in fields]
        return None if not all(named) else bool(frozenset.intersection(*named))

    return test


def _person_in(asking: Asking, entry: Entry, name: str) -> Sequence[str]:
    if name == "by":
        return [entry.by] if entry.by else []
    if name == "subject":
        return entry.subjects
    if name == "lead":
        lead = asking.lead(entry.lo)
        return [lead] if lead else []
    if name == "whoever led":
        return sorted(asking.led(entry.lo))
    if name in ("asked", "linked"):
        return (
            [asking.person] if name == "asked" else asking.persons("victim" if asking.role == "suspect" else "suspect")
        )
    return asking.frame.persons_in(entry, name)


def _qualified(said: Qualified) -> Test:
    values = frozenset([said.value] if isinstance(said.value, str) else said.value)

    def since(asking: Asking, began: int, instant: int) -> bool:
        calendar, most = asking.frame.words.calendar, said.for_at_most
        return most is None or instant <= (calendar.due(began, most.duration, asking.frame.known_day) or began)

    def holds(asking: Asking, entry: Entry, name: str) -> Told:
        held = [each for each in asking.frame.state(said.fact).get(name, ()) if each.value in values]
        if any(each.at(entry.lo) and since(asking, each.lo, entry.lo) for each in held):
            return True
        kinds = asking.frame.words.states[said.fact].kinds
        return None if asking.covered(kinds, None, entry.lo) else False

    def test(asking: Asking, entry: Entry) -> Told:
        names = _person_in(asking, entry, said.who) or ([entry.by] if entry.by else [])
        return every(holds(asking, entry, name) for name in names) if names else None

    return test


def _open_cases(said: OpenCases) -> Test:
    def test(asking: Asking, entry: Entry) -> Told:
        counts = []
        for name in _person_in(asking, entry, said.of):
            led = asking.frame.facts.open_cases.get(name, ())
            counts.append(sum(1 for interval in led if interval.lo <= entry.lo < interval.hi))
        return None if not counts else max(counts) > said.over

    return test


# ---- states and other entries ----------------------------------------------------------------------------------


def _state(said: str | InState) -> Test:
    wanted = InState(name=said) if isinstance(said, str) else said

    def test(asking: Asking, entry: Entry) -> Told:
        frame = asking.frame
        instant = {"entry": entry.lo, "trigger": asking.fired.lo, "asking": frame.instant}[wanted.at]
        answer = some(_in_state(asking, name, wanted, instant) for name in _of_state(asking, entry, wanted))
        if frame.coverage.total or answer is None:
            return answer
        state = frame.words.states[wanted.name]
        rests_on = state.ending_kinds if answer else state.starting_kinds
        return None if asking.covered(rests_on, frame.began, instant) else answer

    return test


def _in_state(asking: Asking, name: str, wanted: InState, instant: int) -> Told:
    if wanted.value is None:
        return asking.frame.holds(wanted.name, name, instant)
    holds = asking.frame.holds(wanted.name, name, instant)
    if not holds:
        return holds
    value = asking.frame.value(wanted.name, name, instant)
    return None if value is None else value == wanted.value


def _of_state(asking: Asking, entry: Entry, wanted: InState) -> Sequence[str]:
    of = asking.frame.words.states[wanted.name].of
    if of == "case":
        return ("",)
    if wanted.of == "lead":
        lead = asking.lead(asking.frame.instant if wanted.at == "asking" else entry.lo)
        return [lead] if lead else []
    if wanted.of == "subject":
        return entry.subjects
    if of in ("victim", "suspect", "child") and wanted.of == "asked":
        return asking.persons("suspect" if of == "suspect" else "victim")
    return [asking.person]


def _not_on_record(_: str) -> Test:
    return lambda asking, entry: None


_MAKERS: dict[str, Callable[[Any], Test]] = {
    "age": _age,
    "number": _number,
    "adds_up": _adds_up,
    "rank_of": _rank_of,
    "list_": _list,
    "someone": _someone,
    "sex": _sex,
    "gap": _gap,
    "qualified": _qualified,
    "words": texts.long,
    "hits": texts.with_hits,
    "reasons": texts.with_reasons,
    "copied": texts.copied,
    "state": _state,
    "offence": offence.test_of,
    "offence_in_force": offence.in_force_throughout,
    "same_person": _same_person,
    "open_cases": _open_cases,
    "not_on_record": _not_on_record,
}
