"""When an answer turns by itself: until then nothing changes, whoever asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from everystone.findings.danger import Danger
from everystone.findings.elsewhere import among
from everystone.findings.frames import Instants, case_frame, facts_of
from everystone.findings.reference import Questions, ask
from everystone.ledger.state import NEVER
from everystone.standards.pack import Pack
from everystone.standards.story import Order, read_stories
from everystone.work.turning import Now, next_turn
from tests.conftest import PROOF, ROOT

STORIES = sorted((ROOT / "packs" / "england_wales" / "stories" / "danger").glob("*.yaml"))
DAY = 86_400


def test_it_notes_the_next_instant_with_which_it_is_compared() -> None:
    now = Now(100)
    assert now < 200
    assert now >= 50
    assert now < 150
    assert now <= 119
    assert now.turns_at == 120


def test_a_length_added_turns_that_much_earlier() -> None:
    now = Now(100)
    assert not now + 30 >= 180
    assert now.turns_at == 150


def test_time_left_turns_with_the_hour() -> None:
    now = Now(1_000)
    assert (1_000 + 2 * 3_600 + 5) - now == 2 * 3_600 + 5
    assert now.turns_at == 1_000 + 6


def test_what_is_past_does_not_turn() -> None:
    now = Now(100)
    assert not now < 50
    assert now.turns_at == NEVER


@pytest.mark.parametrize("path", STORIES if PROOF else STORIES[::5], ids=lambda path: path.stem[:30])
def test_nothing_changes_until_it_turns(path: Path, pack: Pack) -> None:
    """Every answer and place of every case: the same one second before the instant named, and long after where none is."""
    (told,) = read_stories(path, pack)
    assert isinstance(told, Order)
    questions, danger = Questions(pack), Danger(pack)
    streams = {name: entries for case in told.cases for name, entries in case.streams.items()}
    cases = [name for name in streams if name.startswith("case/")]

    def asked(name: str, now: Now) -> tuple[object, int]:
        when = Instants(now, now, told.cases[0].coverage)
        frame = case_frame(
            name.removeprefix("case/"), streams[name], pack.words, when, facts_of(streams, pack.words, when)
        )
        answers = ask(frame, questions)
        placed = danger.places(frame, answers, among(streams, danger.kinds, name, pack.words))
        return (answers, placed), next_turn([frame], now, pack.words.calendar)

    for name in cases:
        assert told.cases[0].as_at is not None
        now = told.cases[0].as_at
        for _ in range(3):
            said, turns_at = asked(name, Now(now))
            later = [turns_at - 1] if turns_at < NEVER else [now + 40 * DAY, now + 400 * DAY, now + 4_000 * DAY]
            for instant in later:
                assert asked(name, Now(instant))[0] == said, f"{name} changed before {turns_at}, by {instant}"
            if turns_at == NEVER:
                break
            now = turns_at
