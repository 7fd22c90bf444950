"""A supervisor's review: beside what is open, directions become actions, near copies are marked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.web.test_acting import entries, form, text

WORDS = "The file was gone through with the lead. The statements are in and the phone is with the unit. The family has been told."


@pytest.fixture
def live(fresh: Any) -> Any:
    """A site of its own for each test here, since they change it."""
    return fresh


def reviewed(live: Any, who: str, case: str, **said: str) -> Any:
    client, path = live.as_(who), f"/case/{case}/review"
    return client.post(path, {**form(client.get(path).content.decode()), "level": "periodic", **said})


def test_directions_become_actions_together_with_the_review(live: Any) -> None:
    answer = reviewed(live, "supervisor", "Alder", text=WORDS, direction1="See the child today.", due1="2026-03-04",
                      direction2="Ask the school.", due2="2026-03-06")  # fmt: skip
    assert answer.status_code == 302
    found = [(entry.kind, entry.by, entry.data.get("to"), entry.data.get("due")) for entry in entries(live, "Alder")]
    assert sorted(found, key=str) == [
        ("direction.given", "S1", "O1", "2026-03-04"), ("direction.given", "S1", "O1", "2026-03-06"),
        ("review.done", "S1", None, None)]  # fmt: skip
    page = text(live.as_("lead").get("/case/Alder"))
    assert "S1 gave O1 a direction, to be done by 6 March 2026" in page
    assert "S1 reviewed the case (periodic)" in page


def test_near_copies_are_marked_and_it_is_not_said_where_the_other_stands(live: Any) -> None:
    reviewed(live, "inspector", "Birch", text=WORDS)
    live.now += 60
    reviewed(live, "supervisor", "Alder", text=WORDS.replace("phone", "tablet"))
    page = text(live.as_("supervisor").get("/case/Alder/review"))
    assert "near copy" in page
    assert "This review has nearly the same words as an earlier one of another case." in page
    assert "Birch" not in page
    assert "near copy" not in text(live.as_("inspector").get("/case/Birch/review")), (
        "the first of two is never the copy"
    )
    live.now += 60
    reviewed(live, "supervisor", "Alder", text=WORDS.replace("phone", "laptop"))
    assert "nearly the same words as an earlier one of this case" in text(
        live.as_("supervisor").get("/case/Alder/review")
    )


def test_a_direction_without_a_day_or_for_yesterday_is_refused_and_nothing_is_written(live: Any) -> None:
    assert "A direction has a day" in text(
        reviewed(live, "supervisor", "Alder", text=WORDS, direction1="See the child.")
    )
    late = reviewed(live, "supervisor", "Alder", text=WORDS, direction1="See the child.", due1="2026-03-01")
    assert "Give today or a later day." in text(late)
    assert entries(live, "Alder") == []


def test_the_page_shows_what_is_open_and_whoever_leads_does_not_review(live: Any) -> None:
    page = text(live.as_("supervisor").get("/case/Alder/review"))
    assert "The child is seen and spoken to" in page
    assert "No review is on the record yet." in page
    assert live.as_("lead").get("/case/Alder/review").status_code == 404
