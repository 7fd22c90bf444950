"""Streams cleared in columns: none in which the reference says of any duty, by either figure, that it is not met and due then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest

from everystone.findings import cleared
from everystone.findings.answer import NOT_MET
from everystone.findings.cleared import left
from everystone.findings.frames import Instants, frames_of, stream_frame
from everystone.findings.owed import Asked, asked_plainly
from everystone.findings.reference import Questions, ask
from everystone.findings.review import open_book
from everystone.findings.whatif import _varied
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Facts
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.standards.limit import Within
from everystone.standards.pack import Loaded, Pack
from everystone.standards.story import tell
from tests.conftest import PROOF
from tests.findings.bulk.drawn import BEGINNINGS, Drawn
from tests.findings.told import with_standard

EACH = 400 if PROOF else 26  # cases drawn around each standard
MOST = (date(2013, 1, 1), date(2026, 12, 31))
#: Around the instants at which drawn cases begin, and all of them.
TIMES = (
    (date(2023, 6, 5), date(2023, 6, 12)),
    (date(2024, 3, 31), date(2024, 4, 3)),
    (date(2024, 10, 27), date(2024, 12, 1)),
    MOST,
)
ASKED_AT = (("2026-06-30", "2026-06-30"), ("2024-04-04", "2024-04-02"), ("2024-11-05", "2024-11-20"))
FIGURES: tuple[dict[str, Any], ...] = (
    {"hours": 2}, {"days": 1}, {"days": 0}, {"working days": 2}, {"working days": 40}, {"months": 1},
    {"working days": 2, "counting": "beginning with the next working day"},
)  # fmt: skip


class Told(Drawn):
    """Draws the entries of cases around one standard, all of one ledger."""

    def __init__(self, loaded: Loaded, pack: Pack) -> None:
        super().__init__(loaded, pack, EACH)
        self.standard = loaded.id

    def cases(self, count: int) -> Iterator[tuple[str, list[Entry]]]:
        for number in range(count):
            name, self.tame = f"{self.standard} {number}", number % 2 == 1
            began = self.words.calendar.span(self.random.choice(BEGINNINGS))[0]
            yield f"{self.sort}/{name}", [*self._people(name, began), *self._entries(name, began)]


def _plain(pack: Pack) -> Iterator[tuple[Loaded, Pack, Asked]]:
    """The standards of which streams can be cleared, each beside itself with another figure."""
    for loaded in pack.finished[:: 1 if PROOF else 2]:
        if isinstance(loaded.versions[-1].body.within, Within):
            figure = Random(loaded.id).choice(FIGURES)
            varied = _varied(pack, loaded, {"within": Within.model_validate(figure)})
            asked = asked_plainly(Questions(varied))
            if asked is not None:
                yield loaded, varied, asked


@pytest.fixture(scope="module")
def drawn(
    pack: Pack, tmp_path_factory: pytest.TempPathFactory
) -> tuple[ParquetBook, dict[str, dict[str, list[Entry]]]]:
    """A ledger of cases drawn around every such standard, and its streams by standard."""
    book = open_book(tmp_path_factory.mktemp("drawn") / "ledger", pack)
    streams = {loaded.id: dict(Told(loaded, pack).cases(EACH)) for loaded, _, _ in _plain(pack)}
    book.append(entry for each in streams.values() for entries in each.values() for entry in entries)
    return book, streams


def test_no_stream_is_cleared_in_which_a_duty_counts(
    pack: Pack,
    drawn: tuple[ParquetBook, dict[str, dict[str, list[Entry]]]],
    figures: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cleared, "MANY", 0)
    book, streams = drawn
    calendar, told, wrong = pack.words.calendar, Counter[str](), list[tuple[str, ...]]()
    for number, (loaded, varied, asked) in enumerate(_plain(pack)):
        as_at, known_on = (calendar.end_of(date.fromisoformat(each)) for each in ASKED_AT[number % len(ASKED_AT)])
        when, questions = Instants(as_at, known_on, Coverage()), Questions(varied)
        missed: dict[str, list[int]] = {}
        for stream, entries in streams[loaded.id].items():
            sort, _, name = stream.partition("/")
            frame = stream_frame(sort, name, entries, pack.words, when, Facts())
            missed[stream] = [
                each.due for each in ask(frame, questions) if each.answer == NOT_MET and each.due is not None
            ]
        for first, last in TIMES if PROOF else (TIMES[number % 3], MOST):
            since, until = calendar.start_of(first), calendar.end_of(last)
            found = left(book, asked, pack.words, when, since, until)
            kept = set(book.streams() if found is None else found)
            counts = {stream for stream, dues in missed.items() if any(since <= due <= until for due in dues)}
            wrong += [(loaded.id, stream, str(first)) for stream in sorted(counts - kept)]
            told["left though nothing counts"] += len((kept - counts) & set(missed))
            told["left" if (first, last) == MOST else "left in a short time"] += len(counts)
            told["cleared" if (first, last) == MOST else "cleared in a short time"] += len(set(missed) - kept)
    assert wrong == []
    assert min(told[each] for each in ("left", "left in a short time", "cleared", "cleared in a short time")) > EACH
    figures["what if: drawn cases left and cleared"] = dict(told)


SEEN = """
asked_for: each child
response:
  after: {kind: report.received}
  expect: {kind: child.seen}
  within: {days: 1}
"""
TWICE = f"""{SEEN}
  then:
    when: {{on record: {{kind: strategy.not_held}}}}
    counted_from: first
    expect: {{kind: strategy.held}}
    within: {{days: 1}}
"""
FIRST = SEEN.replace("asked_for: each child", "").replace("within", "which: first\n  within")
REPORT, LOOK = "#r 2024-03-04 10:00 report.received C1 by O1\n", "#s 2024-03-04 15:00 child.seen C1 by O1\n"
AGAIN = "2024-03-14 10:00 report.received C1 by O1\n"
MARCH, LATER = (date(2024, 3, 1), date(2024, 3, 31)), (date(2024, 4, 1), date(2024, 4, 30))
ATTACKS: dict[str, tuple[str, str, tuple[date, date], bool]] = {
    "what is expected came in time": (SEEN, REPORT + LOOK, MARCH, False),
    "nothing came": (SEEN, REPORT, MARCH, True),
    "nothing came, and it was due before the time": (SEEN, REPORT, LATER, False),
    "it was withdrawn": (SEEN, REPORT + LOOK + "2024-03-20 09:00 child.seen C1 by O1 withdraws #s\n", MARCH, True),
    "it was moved to another day": (
        SEEN, REPORT + LOOK + "2024-03-09 15:00 recorded 2024-03-20 09:00 child.seen C1 by O1 corrects #s\n", MARCH, True),
    "it was not known yet": (SEEN, REPORT + LOOK.replace("child", "recorded 2024-05-02 09:00 child"), MARCH, True),
    "of two children it names one": (SEEN, REPORT.replace("C1", "C1,C2") + LOOK, MARCH, True),
    "it names both": (SEEN, REPORT.replace("C1", "C1,C2") + LOOK.replace("C1", "C1,C2"), MARCH, False),
    "it came first": (SEEN, LOOK.replace("15:00", "09:00") + REPORT, MARCH, True),
    "of what begins it only the month is known": (SEEN, REPORT.replace("-04 10:00", ""), LATER, True),
    "what begins it was moved into the time": (
        SEEN, REPORT + LOOK + "2024-04-09 10:00 recorded 2024-04-10 09:00 report.received C1 by O1 corrects #r\n", LATER, True),
    "a further limb has a limit of its own": (
        TWICE, REPORT + LOOK + "2024-03-04 16:00 strategy.not_held C1 by O1 {reason: none}\n", MARCH, True),
    "a further limb is not asked": (TWICE, REPORT + LOOK, MARCH, False),
    "only the first begins a duty": (FIRST, REPORT + LOOK + AGAIN, MARCH, False),
    "the first was withdrawn": (
        FIRST, REPORT + LOOK + AGAIN + "2024-03-05 10:00 report.received C1 by O1 withdraws #r\n", MARCH, True),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_stream_is_left_where_a_duty_counts(
    pack: Pack, tmp_path: Path, attack: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleared, "MANY", 0)
    body, timeline, days, counts = ATTACKS[attack]
    written, calendar = with_standard(pack, body), pack.words.calendar
    people = {
        "C1": {"role": "victim", "born": "2014-05"},
        "C2": {"role": "victim", "born": "2012-05"},
        "O1": {"role": "officer"},
    }
    story = tell({"case": "Oak", "people": people, "timeline": timeline}, written, attack)
    book = open_book(tmp_path, written)
    book.append(entry for entries in story.streams.values() for entry in entries)
    at = calendar.end_of(date(2024, 4, 30))
    when, questions = Instants(at, at, Coverage()), Questions(written)
    dues = [each.due for frame in frames_of(story.streams, pack.words, when) for each in ask(frame, questions)
            if each.answer == NOT_MET and each.due is not None]  # fmt: skip
    since, until = calendar.start_of(days[0]), calendar.end_of(days[1])
    assert any(since <= due <= until for due in dues) is counts
    asked = asked_plainly(questions)
    assert asked is not None
    assert left(book, asked, pack.words, when, since, until) == (["case/Oak"] if counts else [])


@pytest.mark.parametrize(
    "said",
    [
        "since: previous",
        "not_before: {hours: 1}",
        "recorded_within: {days: 1}",
        "until: {field: until}",
        "clock_stops_while: [protection enquiry]",
        "before: {kind: strategy.held}",
    ],
)
def test_what_moves_the_limit_clears_nothing(pack: Pack, said: str) -> None:
    assert asked_plainly(Questions(with_standard(pack, f"{SEEN}  {said}\n"))) is None


@pytest.mark.parametrize(
    ("standard", "why"),
    [
        ("MIS-06", "is asked of persons"),
        ("CUS-05", "is a rhythm"),
        ("CAP-05", "is counted from something else"),
        ("SUP-03", "rests on a missed duty"),
    ],
)
def test_what_columns_cannot_tell_clears_nothing(pack: Pack, standard: str, why: str) -> None:
    loaded = pack.standards[standard]
    assert asked_plainly(Questions(_varied(pack, loaded, {}))) is None, why
