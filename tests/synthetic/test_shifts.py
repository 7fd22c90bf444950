"""The alarm budget: how many new cards a supervisor gets in a shift, and whether a team in trouble is still found.

A card is new where somebody stands in tier 0, 1 or 2 at the start of a shift who did not at the start of the last.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from everystone.findings.danger import Danger, foremost
from everystone.findings.elsewhere import among
from everystone.findings.frames import Instants, people_named, stream_frame
from everystone.findings.placed import FIND_OUT, Placed
from everystone.ledger.case import Facts
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise
from tests.conftest import PROOF
from tests.synthetic.made import streams

MOST = 3  # new cards for each supervisor and shift
CASES, DAYS = (6000, 14) if PROOF else (800, 3)
LATE = 0.7  # cases are numbered as they come: in a small force only the later are looked at, the others are long closed
AS_AT = date(2026, 6, 30)
SHIFTS = ("07:00", "15:00", "23:00")
SUPERVISORS = 2  # sergeants of each team, as this many cases give


class Live(NamedTuple):
    """A case with what is heard of its people elsewhere."""

    stream: str
    entries: Sequence[Entry]
    heard: Sequence[Entry]


def live(folder: Path, first: int, pack: Pack, danger: Danger) -> list[Live]:
    """The cases of a force from one number on."""
    held = streams(folder, [f"C{number:07}" for number in range(first, CASES + 1)], pack)
    sharing: dict[str, set[str]] = defaultdict(set)
    officers = {entry.by for entries in held.values() for entry in entries}  # who acts in a case is nobody's child
    for stream, entries in held.items():
        for person in {name for entry in entries for name in people_named(entry, pack.words)} - officers:
            sharing[person].add(stream)
    kinds = danger.kinds
    return [Live(stream, held[stream], _heard(stream, held, sharing, kinds, pack)) for stream in held
            if stream.startswith("case/")]  # fmt: skip


def _heard(
    stream: str, held: Mapping[str, Sequence[Entry]], sharing: Mapping[str, set[str]], kinds: Iterable[str], pack: Pack
) -> list[Entry]:
    people = {name for entry in held[stream] for name in people_named(entry, pack.words)}
    others = {other for name in people for other in sharing.get(name, ()) if other.startswith("case/")}
    return among({name: held[name] for name in others | {stream}}, frozenset(kinds), stream, pack.words)


def cards(cases: Iterable[Live], at: int, pack: Pack, danger: Danger) -> dict[str, Placed]:
    """Who stands in the first three tiers at an instant, as known then; one card each. Seconds UTC."""
    when, placed = Instants(at, at, Coverage()), list[Placed]()
    for case in cases:
        heard = [entry for entry in case.heard if entry.recorded <= at]
        frame = stream_frame("case", case.stream[5:], case.entries, pack.words, when, Facts(), heard)
        placed += danger.places(frame, [], heard)
    return {each.person or each.frame: each for each in foremost(placed) if each.tier <= FIND_OUT}


@pytest.fixture(scope="module")
def danger(pack: Pack) -> Danger:
    """The order of the pack."""
    return Danger(pack)


def test_a_healthy_force_gives_few_new_cards_and_has_few(
    tmp_path: Path, pack: Pack, danger: Danger, figures: dict[str, Any]
) -> None:
    synthesise(CASES, 11, tmp_path)
    cases = live(tmp_path, 1 if PROOF else int(CASES * LATE), pack, danger)
    span = pack.words.calendar.span
    starts = [span(f"{AS_AT - timedelta(days=back)}T{hour}")[0] for back in range(DAYS, 0, -1) for hour in SHIFTS]
    standing = [cards(cases, at, pack, danger) for at in starts]
    new = Counter[tuple[int, str]]()
    for place in range(1, len(standing)):
        new.update((place, standing[place][name].team) for name in standing[place].keys() - standing[place - 1].keys())
    figures["new cards, most for a supervisor and shift in a healthy force"] = (
        max(new.values(), default=0) / SUPERVISORS
    )
    figures["new cards, mean for a supervisor and shift in a healthy force"] = round(
        new.total() / (len(starts) - 1) / 8 / SUPERVISORS, 4
    )
    figures["cards standing in a healthy force, share of its cases"] = round(len(standing[-1]) / CASES, 4)
    assert any(standing)
    assert max(new.values(), default=0) <= MOST  # of a whole team, even were one of its supervisors away
    assert len(standing[-1]) < 0.05 * len(cases)


def test_the_team_in_trouble_is_found(tmp_path: Path, pack: Pack, danger: Danger, figures: dict[str, Any]) -> None:
    synthesise(CASES, 11, tmp_path, ["unseen-children"])
    cases = live(tmp_path, 1, pack, danger)
    standing = cards(cases, pack.words.calendar.span(AS_AT.isoformat())[1], pack, danger)
    (first, most), (_, next_most) = Counter(each.team for each in standing.values()).most_common(2)
    figures["cards standing, the team in trouble against the next"] = [most, next_most]
    assert first == "Harbour Team" and most >= 1.5 * next_most
