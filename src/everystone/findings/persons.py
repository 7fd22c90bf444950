"""Conditions on people: how old somebody is, who stands in a list, who acted, what they were qualified for, what they led."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from everystone.findings import offence
from everystone.findings.asking import Asking, Test
from everystone.findings.told import Told, every, some
from everystone.ledger.entry import Entry
from everystone.ledger.people import People, listed
from everystone.standards.condition import Age, OpenCases, Qualified, Sex, Someone


def _whose(asking: Asking, entry: Entry, of: str) -> Sequence[str]:
    if of == "asked":
        return [asking.person] if asking.person else entry.subjects
    if of == "subject":
        return entry.subjects
    if of in ("victim", "suspect"):
        named = asking.people.named(entry, of) if entry is not asking.trigger else ()
        return sorted(named) or asking.persons(of)
    return asking.frame.persons_in(entry, of)


def age(said: Age) -> Test:
    """Whether anybody meant is of some age."""

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


def someone(said: Someone) -> Test:
    """Whether anybody else in a list of people is of some part, age or tie."""

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


def sex(said: Sex) -> Test:
    """Whether anybody meant is recorded as of a sex."""

    def test(asking: Asking, entry: Entry) -> Told:
        recorded = [asking.frame.details(name).get("sex") for name in _whose(asking, entry, said.of)]
        return some(None if sex is None else sex == said.is_ for sex in recorded) if recorded else None

    return test


def same_person(fields: list[str]) -> Test:
    """Whether the same person stands in all of some fields."""

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


def qualified(said: Qualified) -> Test:
    """Whether all who acted, or led, were qualified (or acting up) at the time."""
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


def open_cases(said: OpenCases) -> Test:
    """Whether anybody meant led more than so many cases at the time."""

    def test(asking: Asking, entry: Entry) -> Told:
        counts = []
        for name in _person_in(asking, entry, said.of):
            led = asking.frame.facts.open_cases.get(name, ())
            counts.append(sum(1 for interval in led if interval.lo <= entry.lo < interval.hi))
        return None if not counts else max(counts) > said.over

    return test
