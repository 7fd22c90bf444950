"""Recording by hand: kinds found by typing, and when something happened as people write it."""

from __future__ import annotations

import pytest

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.work.recording import asked_of, data_of, happened, offered


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("now", "2026-03-04 07:45"), ("", "2026-03-04 07:45"), ("06:10", "2026-03-04 06:10"), ("today 6.10", "2026-03-04 06:10"),
        ("yesterday 14:30", "2026-03-03 14:30"), ("Yesterday at 14:30", "2026-03-03 14:30"), ("3 March 14:30", "2026-03-03 14:30"),
        ("3 mar 14:30", "2026-03-03 14:30"), ("24 December 09:00", "2025-12-24 09:00"), ("2026-03-01 09:00", "2026-03-01 09:00"),
    ],
)  # fmt: skip
def test_when_it_happened_as_people_write_it(pack: Pack, typed: str, meant: str) -> None:
    calendar = pack.words.calendar
    now = calendar.span("2026-03-04 07:45")[0]
    assert happened(typed, now, calendar) == calendar.span(meant)


def test_a_day_alone_is_a_day(pack: Pack) -> None:
    calendar = pack.words.calendar
    now = calendar.span("2026-03-04 07:45")[0]
    assert happened("yesterday", now, calendar) == calendar.span("2026-03-03")
    assert happened("today", now, calendar) == (calendar.span("2026-03-04")[0], now), "no later than now"


@pytest.mark.parametrize("typed", ["tomorrow", "23:59", "32 March", "2027-01-01", "soon", "3 xyz 14:30"])
def test_what_is_no_time_or_lies_ahead_is_refused(pack: Pack, typed: str) -> None:
    calendar = pack.words.calendar
    with pytest.raises(Fault):
        happened(typed, calendar.span("2026-03-04 07:45")[0], calendar)


def test_kinds_are_found_by_a_word_of_them(pack: Pack) -> None:
    assert offered("child seen", pack.words)[0].kind == "child.seen"
    assert "safety_plan.made" in [each.kind for each in offered("safety plan", pack.words)]
    assert offered("", pack.words) == offered("zzz", pack.words) == []


def test_what_is_sealed_is_never_offered(pack: Pack) -> None:
    for name, kind in pack.words.kinds.by_name.items():
        if kind.sealed:
            assert name not in [each.kind for each in offered(kind.title, pack.words)]


def test_lists_are_parted_at_commas_and_empty_fields_left_out(pack: Pack) -> None:
    kind = pack.words.kinds.by_name["strategy.held"]
    said = {"agencies": "police, social care", "reference": "", "s47_started": "yes"}
    assert data_of(kind, said) == {"agencies": ["police", "social care"], "s47_started": "yes"}
    assert [each.name for each in asked_of(kind, pack.words)] == list(kind.fields)


def test_a_field_is_called_by_its_own_kind_and_by_another_only_where_all_agree(pack: Pack) -> None:
    """What a direction calls its text is not what a review calls its own."""
    kinds = pack.words.kinds
    assert asked_of(kinds.by_name["direction.given"], pack.words)[1].called == "What is to be done"
    assert "text" not in kinds.called
    assert kinds.called["from_post"] == "post that leaves it"
