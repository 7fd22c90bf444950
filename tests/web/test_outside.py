"""Opening a case outside one's own duties: a reason first, on the record before anything is shown, told at once, over by itself."""

from __future__ import annotations

import re
from typing import Any

import pytest

from everystone.web import clock
from tests.web.site import PASSWORD
from tests.web.test_acting import entries, form, text

WHY = "The person named was seen at the school of another child."
SAID = {"emergency": "the person named may be near another child", "text": WHY}


@pytest.fixture
def live(fresh: Any) -> Any:
    """A site of its own for each test here, since they change it."""
    return fresh


def again(live: Any, who: str) -> Any:
    """Somebody who said their password again just now."""
    client = live.as_(who)
    answer = client.get("/outside")
    assert answer["Location"] == "/account/again?next=/outside"
    assert client.post(answer["Location"], {"password": PASSWORD}).status_code == 302
    return client


def opened(live: Any, who: str, case: str, **said: str) -> tuple[Any, Any]:
    client = again(live, who)
    given = {**form(client.get("/outside").content.decode()), **SAID, "case": case, **said}
    return client, client.post("/outside", given)


def test_a_case_opens_for_hours_with_the_reason_on_its_record_first(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert live.as_("other officer").get("/case/Alder").status_code == 404
    client, answer = opened(live, "other officer", "Alder")
    assert answer["Location"] == "/case/Alder"
    (entry,) = entries(live, "Alder")
    assert (entry.by, entry.data["reason"], entry.data["emergency"]) == ("O2", WHY, SAID["emergency"])
    page = text(client.get("/case/Alder"))
    assert "You opened this case outside your duties, until 4 March 2026, 11:45." in page
    assert "O2: Outside own duties, last 4 March 2026, 07:45" in text(live.as_("lead").get("/case/Alder"))
    assert WHY in text(live.as_("lead").get("/case/Alder"))
    monkeypatch.setattr(clock, "now", lambda: live.now + 4 * 3600 - 1)
    assert client.get("/case/Alder").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: live.now + 4 * 3600 + 1)
    assert live.as_("other officer").get("/case/Alder").status_code == 404, (
        "over by itself; it made nobody part of the case"
    )


def test_it_is_offered_where_a_case_is_refused_and_nowhere_else(live: Any) -> None:
    """A refused page about no case is no reason to open one."""
    client = live.as_("other officer")
    assert "open a case outside your duties" in text(client.get("/case/Alder"))
    assert "open a case outside your duties" not in text(client.get("/board"))
    assert "open a case outside your duties" not in text(client.get("/no-such-page"))


def test_it_is_to_read_only(live: Any) -> None:
    client, _ = opened(live, "other supervisor", "Alder")
    assert client.get("/case/Alder").status_code == 200
    for path in ("record", "record/note.added", "direct", "allocate", "closing/ask", "done", "reason"):
        assert client.get(f"/case/Alder/{path}").status_code == 404, path
    page = client.get("/case/Alder").content.decode()
    assert "Done, in the other system" not in page
    assert "Alder" not in text(client.get("/board")), "on no list"


def test_its_supervisor_and_professional_standards_are_told(live: Any) -> None:
    from everystone.web.store import asking, tables
    from everystone.work.posts import holders
    from everystone.work.telling import owed, up

    opened(live, "other officer", "Alder")
    duty = asking().duty
    assert duty
    about = [each for each in up(tables(), duty, live.now) if each.item == "13"]
    assert [(each.case, each.person) for each in about] == [("Alder", "O2")]
    todo = owed(about, {}, duty, holders(tables(), live.now)[0], live.now)
    assert set(todo.to_tell) == {("duty sergeant", "North"), ("professional standards", "")}
    assert "O2 : Somebody opened this case outside their own duties." in text(live.as_("supervisor").get("/case/Alder"))
    assert "Somebody opened this case outside their own duties." in text(live.as_("supervisor").get("/told"))
    assert "O2 Somebody opened" in text(live.as_("standards").get("/told")).replace("North, case Alder ", "")
    assert WHY in text(live.as_("standards").get("/openings"))
    assert [each for each in up(tables(), duty, live.now + 5 * 3600) if each.item == "13"] == []


def reviewed(live: Any, who: str = "standards", **said: str) -> Any:
    client = live.as_(who)
    given = {**form(client.get("/case/Birch/opening").content.decode()),
             "found": "it is to be looked into", "text": "The school was asked; nobody there had rung.", **said}  # fmt: skip
    return client.post("/case/Birch/opening", given)


def waits(live: Any, item: str, at: int) -> list[tuple[str, str]]:
    from everystone.web.store import asking, tables
    from everystone.work.telling import up

    duty = asking().duty
    assert duty
    return [(each.case, each.person) for each in up(tables(), duty, at) if each.item == item]


def test_a_second_person_reviews_it_and_what_was_found_is_sealed(live: Any) -> None:
    """Whatever was found, everybody else reads the same: that it was reviewed."""
    page = text(live.as_("standards").get("/openings"))
    assert "O1, case Birch" in page
    assert "Review it" in page
    assert "What was read in that time" in text(live.as_("standards").get("/case/Birch/opening"))
    assert "Choose what you found." in text(reviewed(live, found=""))
    assert reviewed(live)["Location"] == "/openings"
    assert "Reviewed by a second person." in text(live.as_("standards").get("/openings"))
    assert live.as_("standards").get("/case/Birch/opening").status_code == 404
    shown = text(live.as_("other supervisor").get("/case/Birch"))
    assert "P1 reviewed that the case was opened outside duties" in shown
    assert "looked into" not in shown
    assert "The school was asked" not in shown
    client = live.as_("standards")
    client.post("/sealed", {"purpose": "The opening of Birch."})
    assert "P1 found of the opening by O1: it is to be looked into" in text(client.get("/sealed/matter/case/Birch"))


def test_what_nobody_reviewed_in_a_week_is_told_until_somebody_did(live: Any) -> None:
    assert waits(live, "15 sealed", live.now) == []
    later = live.now + 6 * 86_400
    assert waits(live, "15 sealed", later) == [("Birch", "O1")]
    reviewed(live)
    assert waits(live, "15 sealed", later) == []


def test_the_third_in_a_month_is_told_and_the_fourth_again(live: Any) -> None:
    from everystone.web.store import MACHINE, worklists
    from tests.web.site import opening

    with worklists(MACHINE, live.now) as lists:
        opening(lists, "Cedar", "O2", live.now - 3 * 86_400)
        opening(lists, "Alder", "O2", live.now - 40 * 86_400)
        opening(lists, "Cedar", "O1", live.now - 86_400)
        assert waits(live, "16 sealed", live.now) == [], "two each in a month"
        opening(lists, "Cedar", "O1", live.now - 3_600)
    assert waits(live, "16 sealed", live.now) == [("Cedar", "O1")]
    assert "for at least the third time in a month" in text(live.as_("standards").get("/told"))
    for name in ("inspector", "supervisor"):
        assert "third time" not in text(live.as_(name).get("/told"))


def test_nobody_reviews_their_own_opening(live: Any) -> None:
    """An entry of a review by whoever opened the case, from wherever it came, reviews nothing."""
    from everystone.ledger.entry import Capacity, Entry, Source
    from everystone.web.store import MACHINE, worklists
    from everystone.work.outside import unreviewed

    with worklists(MACHINE, live.now) as lists:
        (before,) = unreviewed(lists.database, live.now)
        lists.take([Entry(0, "case/Birch", "access.reviewed", (), live.now, live.now, live.now, live.now, "O1",
                          Capacity("professional standards"), {"opening": before.entry}, Source("paper", "force", "own"))])  # fmt: skip
        assert unreviewed(lists.database, live.now) == [before]


def test_a_case_of_which_nobody_wrote_whose_it_is_stays_where_it_was(live: Any) -> None:
    """Such a case is with the team of who acted last; whoever opens it from outside has not acted in it."""
    from everystone.ledger.entry import Capacity
    from everystone.web.store import MACHINE, about_case, worklists
    from tests.work.test_worklists import seen

    with worklists(MACHINE, live.now) as lists:
        lists.take(
            [seen("e1", live.now - 60, case="Elm", child="C9")._replace(capacity=Capacity("officer", team="South"))]
        )
    assert about_case("Elm", live.now).team == "South"  # type: ignore[union-attr]
    _, answer = opened(live, "lead", "Elm")
    assert answer["Location"] == "/case/Elm"
    assert about_case("Elm", live.now).team == "South"  # type: ignore[union-attr]
    assert live.as_("supervisor").get("/case/Elm").status_code == 404
    assert live.as_("other supervisor").get("/case/Elm").status_code == 200


def test_kept_away_is_kept_away_and_says_the_same_as_no_such_case(live: Any) -> None:
    from everystone.web.models import KeptAway

    KeptAway.objects.create(person=live.people["other officer"], case="Alder")
    said = []
    for case in ("Alder", "Nowhere"):
        _, answer = opened(live, "other officer", case)
        assert answer.status_code == 200
        said.append(text(answer))
    assert said[0] == said[1]
    assert "There is no case of that reference that can be opened in this way." in said[0]
    assert entries(live, "Alder") == []


def test_no_reason_no_case(live: Any) -> None:
    _, answer = opened(live, "other officer", "Alder", text="work")
    assert "Write why in a sentence." in text(answer)
    assert entries(live, "Alder") == []


def test_nothing_sealed_opens(live: Any) -> None:
    """With a sealed matter beside the case and without, byte for byte the same page."""
    from everystone.ledger.entry import Capacity, Entry, Source
    from everystone.web.store import MACHINE, worklists
    from everystone.work.conduct import write

    client, _ = opened(live, "other officer", "Alder")
    before = text(client.get("/case/Alder"))
    sealed = Entry(0, "case/Alder", "integrity.concern", ("O1",), live.now, live.now, live.now, live.now, "P1",
                   Capacity("professional standards"), {"type": "false_entry", "text": "Not for others."},
                   Source("site", "force", "site/sealed", live=True))  # fmt: skip
    with worklists(MACHINE, live.now) as lists:
        write(lists.book, lists.asking, sealed, live.now)
    after = text(client.get("/case/Alder"))
    assert re.sub(r", \d+ times", "", after) == re.sub(r", \d+ times", "", before)
    assert client.get("/sealed").status_code == 404


def test_whose_case_it_is_needs_no_reason(live: Any) -> None:
    _, answer = opened(live, "other officer", "Birch")
    assert answer["Location"] == "/case/Birch"
    assert entries(live, "Birch") == []


def test_the_password_again_before_it(live: Any) -> None:
    client = live.as_("other officer")
    answer = client.post("/outside", {**SAID, "case": "Alder", "once": "a" * 32})
    assert answer["Location"] == "/account/again?next=/outside"
    assert entries(live, "Alder") == []
