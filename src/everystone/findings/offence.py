"""What was alleged: the properties of offences from the pack's table, and the dates at which they are said to lie."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from everystone.findings.asking import Asking, Test
from everystone.findings.told import Told, every, some
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed


def test_of(said: str | dict[str, Any]) -> Test:
    """Whether an offence has properties: one that is true, or each with its value (or one of a list)."""
    wanted = {said: True} if isinstance(said, str) else said

    def test(asking: Asking, entry: Entry) -> Told:
        return every(some(_compared(value, want) for value in values(asking, entry, name))
                     for name, want in wanted.items())  # fmt: skip

    return test


def _compared(got: Any, want: Any) -> Told:
    if got is Unknown:
        return None
    if want is True:
        return bool(got)
    if want is False:
        return not got
    return got in want if isinstance(want, list) else got == want


class Unknown:
    """Stands for a property that neither the entry nor the table gives."""


def values(asking: Asking, entry: Entry, name: str) -> list[Any]:
    """Every value of a property for an entry: its own field, else its offence codes in the table.

    Without either it is that of the crimes recorded against that suspect, or of that victim; where none is recorded,
    that of the other entries about them that give a code (a disposal, a charge, a result).
    """
    place = name, entry.key, asking.role, asking.person
    found: list[Any] | None = asking.frame.memo.get(place)
    if found is None:
        found = asking.frame.memo[place] = _values(asking, entry, name)
    return found


def _values(asking: Asking, entry: Entry, name: str) -> list[Any]:
    own = _own(asking, entry, name)
    if own and own != [Unknown]:
        return own
    place = "others", name, asking.role, asking.person, entry.subjects
    found: list[Any] | None = asking.frame.memo.get(place)
    if found is None:
        found = asking.frame.memo[place] = _of_others(asking, entry, name)
    return found


def _of_others(asking: Asking, entry: Entry, name: str) -> list[Any]:
    """What other entries say of a property: the same for all entries about the same people."""
    for others in (crimes(asking, entry), _coded(asking, entry)):
        found = [value for each in others for value in _own(asking, each, name)]
        if found:
            return found
    return [Unknown]


def _own(asking: Asking, entry: Entry, name: str) -> list[Any]:
    """What an entry itself says of a property, worked out once: its own field, else its codes in the table."""
    place = "own", name, entry.source.key
    found: list[Any] | None = asking.frame.memo.get(place)
    if found is None:
        said = [got for spelt in (name, f"offence_{name}") if (got := entry.data.get(spelt)) is not None]
        offences = asking.frame.words.offences
        found = asking.frame.memo[place] = said[:1] or [
            offences.get(code, {}).get(name, Unknown) for code in codes(asking, entry)
        ]
    return found


def codes(asking: Asking, entry: Entry) -> list[str]:
    """The offence codes that an entry's own fields give."""
    names = asking.frame.words.kinds.offences.get(entry.kind, ())
    return [code for name in names for code in listed(entry.data.get(name))]


def _coded(asking: Asking, entry: Entry) -> Sequence[Entry]:
    """The entries that give an offence code and are about the one asked for, else about those the entry names."""
    whose = {asking.person} if asking.person else set(entry.subjects)
    return [each for each in _with_codes(asking) if not whose.isdisjoint(each.subjects)]


def _with_codes(asking: Asking) -> Sequence[Entry]:
    """All entries of the frame that give an offence code, in order; worked out once."""
    frame = asking.frame
    found: list[Entry] | None = frame.memo.get("coded")
    if found is None:
        kinds = frozenset(kind for kind in frame.words.kinds.offences if kind in frame.by_kind)
        found = frame.memo["coded"] = [each for each in frame.of_kinds(kinds) if codes(asking, each)]
    return found


def crimes(asking: Asking, entry: Entry) -> Sequence[Entry]:
    """The crimes on the record that concern an entry: of the suspect or victim asked for, else of those it names."""
    found = _with_parties(asking)
    whose = {asking.person} if asking.person and asking.role != "officer" else set(entry.subjects)
    ours = [crime for crime, parties in found if not whose.isdisjoint(parties)]
    return ours or ([] if _several(asking, found) else [crime for crime, _ in found])


def _several(asking: Asking, found: Sequence[tuple[Entry, frozenset[str]]]) -> bool:
    """Whether the crimes are about different people, so that none of them can stand for another."""
    return asking.person != "" and len({parties for _, parties in found}) > 1


def _with_parties(asking: Asking) -> Sequence[tuple[Entry, frozenset[str]]]:
    """All crimes of the frame, each with those whom it names; worked out once."""
    frame, named = asking.frame, asking.people.named
    found: list[tuple[Entry, frozenset[str]]] | None = frame.memo.get("crimes")
    if found is None:
        crimes = [each for kind in frame.words.kinds.links for each in frame.by_kind.get(kind, ())]
        found = frame.memo["crimes"] = [(each, named(each, "victim") | named(each, "suspect")) for each in crimes]
    return found


def alleged(asking: Asking, entry: Entry) -> tuple[date, date] | None:
    """The days between which it is said to have happened; None where the record gives none.

    An entry's own interval, else that of the crimes it concerns, each of which takes the report's that names the
    same victim where it has none.
    """
    place = "alleged", entry.key, asking.role, asking.person
    if place not in asking.frame.memo:
        asking.frame.memo[place] = _alleged(asking, entry)
    span: tuple[date, date] | None = asking.frame.memo[place]
    return span


def _alleged(asking: Asking, entry: Entry) -> tuple[date, date] | None:
    own = _interval(asking, entry)
    if own:
        return own
    if entry.kind in asking.frame.words.kinds.links:
        return _reported(asking, entry)
    place = "alleged", asking.role, asking.person, entry.subjects
    if place not in asking.frame.memo:  # the same for all entries about the same people
        asking.frame.memo[place] = _over(
            _interval(asking, each) or _reported(asking, each) for each in crimes(asking, entry)
        )
    span: tuple[date, date] | None = asking.frame.memo[place]
    return span or _reported(asking, entry)


def _over(spans: Iterable[tuple[date, date] | None]) -> tuple[date, date] | None:
    """From the first day of some spans to the last; None where there are none."""
    told = [span for span in spans if span]
    return (min(span[0] for span in told), max(span[1] for span in told)) if told else None


def possible(asking: Asking, entry: Entry) -> tuple[date, date] | None:
    """Where no dates are alleged, the days on which it can have happened: since the offence exists, until the entry."""
    rows = [asking.frame.words.offences.get(code, {}) for code in codes(asking, entry)]
    if not rows or not all(row.get("from") for row in rows):
        return None
    day = asking.frame.day(entry.hi)
    return min(min(_in_force(row)[0] for row in rows), day), day


def _interval(asking: Asking, entry: Entry) -> tuple[date, date] | None:
    place = "interval", entry.source.key
    if place not in asking.frame.memo:
        asking.frame.memo[place] = _written(asking, entry)
    span: tuple[date, date] | None = asking.frame.memo[place]
    return span


def _written(asking: Asking, entry: Entry) -> tuple[date, date] | None:
    """The days between which an entry itself says that it happened."""
    since, to = entry.data.get("alleged_from"), entry.data.get("alleged_to")
    if not since and not to:
        return None
    calendar = asking.frame.words.calendar
    first, last = calendar.span(str(since or to)), calendar.span(str(to or since))
    return calendar.day_of(first[0]), calendar.day_of(last[1])


def _reported(asking: Asking, crime: Entry) -> tuple[date, date] | None:
    victims = asking.people.named(crime, "victim")
    for kind in asking.frame.words.kinds.opening:
        for report in asking.frame.by_kind.get(kind, ()):
            span = _interval(asking, report)
            if span and (not victims or victims & asking.people.named(report, "victim")):
                return span
    return None


def in_force_throughout(_: str) -> Test:
    """Whether every offence of an entry was in force for the whole alleged interval."""

    def test(asking: Asking, entry: Entry) -> Told:
        span, spoken = alleged(asking, entry), codes(asking, entry)
        if span is None or not spoken:
            return None
        rows = [asking.frame.words.offences.get(code) for code in spoken]
        if any(row is None or not row.get("from") for row in rows):
            return None
        stretches = sorted(_in_force(row) for row in rows if row)
        if any(last < span[0] or first > span[1] for first, last in stretches):
            return False
        return _together(stretches, span)

    return test


def _in_force(row: Mapping[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(str(row["from"])), date.fromisoformat(str(row["to"])) if row.get("to") else date.max


def _together(stretches: Sequence[tuple[date, date]], span: tuple[date, date]) -> bool:
    """Whether stretches in order cover every day of a span: charged in the alternative, each must bear on it."""
    reached = span[0]
    for first, last in stretches:
        if first > reached:
            return False
        if last >= span[1]:
            return True
        reached = max(reached, last + timedelta(days=1))
    return False
