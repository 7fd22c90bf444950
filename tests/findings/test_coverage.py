"""What an extract does not hold never becomes "not met": tables left out, periods cut off, teams left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date

import pytest

from everystone.findings.answer import NOT_MET
from everystone.findings.frames import Instants, frames_of
from everystone.findings.reference import Questions, ask
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from everystone.standards.story import end_of
from everystone.synthetic import failings_of, synthesise
from tests.conftest import PROOF
from tests.synthetic.made import by_case, streams

AS_AT = date(2026, 6, 30)
CUT = date(2023, 1, 1)
EACH = 12 if PROOF else 1  # cases tried for each kind
Streams = Mapping[str, list[Entry]]
Asked = tuple[str, str, str, str, int]


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> list[Streams]:
    """Cases and matters of an invented force with every failing, the longest first, each with its officers' own records."""
    folder = tmp_path_factory.mktemp("extract")
    synthesise(400, 5, folder, list(failings_of()))
    whole = streams(folder, by_case(folder), pack)
    found = [_with_officers(name, whole) for name in whole if not name.startswith("officer/")]
    return sorted(found, key=lambda each: -sum(map(len, each.values())))


def _with_officers(stream: str, whole: Streams) -> Streams:
    acting = {f"officer/{name}" for entry in whole[stream] for name in (entry.by, *entry.subjects)} & whole.keys()
    return {name: whole[name] for name in (stream, *sorted(acting))}


def not_met(entries: Streams, holdings: list[Holding], pack: Pack, questions: Questions) -> set[Asked]:
    """What is not met in an extract that holds so much."""
    as_at = end_of(AS_AT.isoformat(), pack.words)
    when = Instants(as_at, as_at, Coverage(holdings))
    given = [answer for frame in frames_of(entries, pack.words, when) for answer in ask(frame, questions)]
    return {
        (each.standard, each.frame, each.asked_for, each.trigger, each.n) for each in given if each.answer == NOT_MET
    }


def without(kind: str, entries: Streams, gone: Callable[[Entry], bool]) -> Streams:
    """The same without some entries of a kind."""
    return {name: [entry for entry in each if entry.kind != kind or not gone(entry)] for name, each in entries.items()}


def test_no_table_left_out_and_no_period_cut_off_turns_an_answer_into_not_met(cases: list[Streams], pack: Pack) -> None:
    every, questions = frozenset(pack.words.kinds.by_name), Questions(pack)
    missed, cut = (pack.words.calendar.start_of(day) for day in (date(2022, 1, 1), CUT))
    ways: dict[str, tuple[Callable[[Entry], bool], Callable[[frozenset[str]], list[Holding]]]] = {
        "left out": (lambda entry: True, lambda kind: []),
        "begins in 2023": (lambda entry: entry.lo < cut, lambda kind: [Holding(kind, CUT, AS_AT)]),
        "ends in 2022": (lambda entry: entry.lo >= cut, lambda kind: [Holding(kind, None, date(2022, 12, 31))]),
        "misses a year": (
            lambda entry: missed <= entry.lo < cut,
            lambda kind: [Holding(kind, None, date(2021, 12, 31)), Holding(kind, CUT, AS_AT)],
        ),
    }
    found, tried = {}, Counter[str]()
    for entries in cases:
        kinds = {entry.kind for each in entries.values() for entry in each}
        wanted = sorted(kind for kind in kinds if tried[kind] < EACH)
        if not wanted:
            continue
        tried.update(wanted)
        whole = not_met(entries, [Holding(every, None, AS_AT)], pack, questions)
        for kind in wanted:
            rest = Holding(every - {kind}, None, AS_AT)
            for way, (gone, held) in ways.items():
                less = not_met(without(kind, entries, gone), [rest, *held(frozenset({kind}))], pack, questions)
                if less - whole:
                    found[kind, way] = sorted(less - whole)[:3]
    assert len(tried) > 150
    assert not found
