"""Conditions of the grammar, turned into tests of one entry in one asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from everystone.findings import offence, persons, texts
from everystone.findings.asking import Asking, Test
from everystone.findings.told import Told, all_of, any_of, other, some
from everystone.ledger.entry import Entry
from everystone.standards.condition import AddsUp, Condition, Gap, InState, ListOf, Number, RankOf


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


# ---- states ----------------------------------------------------------------------------------------------------


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
    "age": persons.age,
    "number": _number,
    "adds_up": _adds_up,
    "rank_of": _rank_of,
    "list_": _list,
    "someone": persons.someone,
    "sex": persons.sex,
    "gap": _gap,
    "qualified": persons.qualified,
    "words": texts.long,
    "hits": texts.with_hits,
    "reasons": texts.with_reasons,
    "copied": texts.copied,
    "state": _state,
    "offence": offence.test_of,
    "offence_in_force": offence.in_force_throughout,
    "same_person": persons.same_person,
    "open_cases": persons.open_cases,
    "not_on_record": _not_on_record,
}
