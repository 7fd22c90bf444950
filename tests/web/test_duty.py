"""Duty, handover and what was told, as people use the pages: rosters taken or refused, lines accepted, seen never cleared."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

ONCE = "0" * 31
CSV = b"officer,post,from,to\nS1,duty sergeant,2026-03-04 07:00,2026-03-04 17:00\nE1,on-call DI,2026-03-04 07:00,2026-03-05 07:00\n"


@pytest.fixture
def site(both: Any) -> Iterator[Any]:
    """The site; what a test writes is undone."""
    from django.db import transaction

    with transaction.atomic():
        yield both
        transaction.set_rollback(True)


def send(client: Any, content: bytes, n: int = 1, name: str = "roster.csv") -> Any:
    file = SimpleUploadedFile(name, content)
    return client.post("/duty/roster", {"once": f"{ONCE}{n}", "roster": file}, follow=True)


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# ---- duty -----------------------------------------------------------------------------------------------------------


def test_a_roster_is_taken_and_stands_on_the_page(site: Any) -> None:
    from everystone.web.models import Person

    Person.objects.create_user("E1", "Somebody (E1)", "x" * 20)
    inspector = site.as_("inspector")
    before = text(inspector.get("/duty"))
    assert "On-call detective inspector Nobody on the roster. What is told to this post goes to the next" in before
    shown = text(send(inspector, CSV))
    assert "The roster was taken." in shown
    assert "On-call detective inspector E1 , until 5 March 2026, 07:00" in shown.replace("E1,", "E1 ,")
    assert "Control room Held at every hour" in shown


def test_a_second_roster_takes_the_place_of_the_first_and_of_no_other_post(site: Any) -> None:
    from everystone.web.models import Person
    from everystone.web.store import tables

    for name in ("E1", "E2"):
        Person.objects.create_user(name, name, "x" * 20)
    inspector = site.as_("inspector")
    send(inspector, CSV)
    send(inspector, CSV.replace(b"E1", b"E2"), 2)
    rows = tables().run("SELECT officer, post FROM work_duty ORDER BY post, officer, lo").fetchall()
    assert [row[0] for row in rows if row[1] == "on-call detective inspector"] == ["E2"]
    assert ("D1", "duty inspector") in [tuple(row) for row in rows], (
        "a post that the file does not name is left as it was"
    )
    send(inspector, CSV.replace(b"E1", b"E2"), 3)
    assert len(tables().run("SELECT officer FROM work_duty").fetchall()) == len(rows), (
        "the same roster again changes nothing"
    )


def test_a_roster_that_cannot_be_used_says_which_rows_and_takes_nothing(site: Any) -> None:
    from everystone.web.store import tables

    before = tables().one("SELECT COUNT(*) FROM work_duty")
    shown = text(send(site.as_("inspector"), CSV.replace(b"on-call DI", b"caretaker")))
    assert "row 3" in shown
    assert "Nothing was taken" in shown
    assert "Neither the record nor this site knows E1" in text(send(site.as_("inspector"), CSV))
    assert tables().one("SELECT COUNT(*) FROM work_duty") == before


def test_leave_and_cover_move_the_post_and_no_reason_is_asked(site: Any) -> None:
    supervisor = site.as_("supervisor")
    page = supervisor.get("/duty/leave").content.decode()
    assert "reason" not in re.findall(r'name="(\w+)"', page)
    given = {"once": f"{ONCE}1", "officer": "S1", "first": "2026-03-04", "last": "2026-03-06", "cover": "S1"}
    assert "nobody covers for themselves" in text(supervisor.post("/duty/leave", given))
    shown = text(supervisor.post("/duty/leave", {**given, "cover": "S2"}, follow=True))
    assert "S2, North, for S1" in shown
    assert "S1, until" in shown
    again = text(
        supervisor.post("/duty/leave", {**given, "once": f"{ONCE}2", "officer": "D1", "cover": ""}, follow=True)
    )
    assert "no cover D1 is on the roster as duty inspector" in again


def test_who_may_not_keep_the_roster_is_told_who_can(site: Any) -> None:
    answer = site.as_("lead").get("/duty/roster")
    assert answer.status_code == 404
    assert "Supervisors and duty inspectors keep the roster." in text(answer)
    assert "Take a roster" not in text(site.as_("lead").get("/duty"))


# ---- handover -------------------------------------------------------------------------------------------------------


def hand_over(client: Any, due: str = "2026-03-04 15:00", words: str = "Ring the school about the plan.") -> Any:
    page = client.get("/handover/leave").content.decode()
    mark = re.findall(r'name="text-(\w+)"', page)[0]
    given = {"once": f"{ONCE}1", "to": "duty inspector", f"text-{mark}": words, f"due-{mark}": due}
    return client.post("/handover/leave", given, follow=True)


def test_a_line_is_left_then_accepted_by_another_and_by_nobody_twice(site: Any) -> None:
    supervisor, inspector = site.as_("supervisor"), site.as_("inspector")
    assert "Left by you and still yours 1 line" in text(hand_over(supervisor))
    page = inspector.get("/handover")
    assert "Ring the school about the plan." in text(page)
    key = re.search(r'name="line" value="([^"]+)"', page.content.decode())
    assert key
    supervisor.post("/handover/accept", {"line": key[1]})
    assert "still yours 1 line" in text(supervisor.get("/handover")), "nobody accepts what they left themselves"
    for _ in range(2):
        shown = text(inspector.post("/handover/accept", {"line": key[1]}, follow=True))
    assert "Accepted in the last day 1 line" in shown
    assert "Accepted by D1" in text(supervisor.get("/handover"))
    assert "still yours" not in text(supervisor.get("/handover"))


def test_another_team_sees_no_line_and_accepts_none(site: Any) -> None:
    hand_over(site.as_("supervisor"))
    key = re.search(r'name="line" value="([^"]+)"', site.as_("inspector").get("/handover").content.decode())
    assert key
    other = site.as_("other supervisor")
    assert "Ring the school" not in text(other.get("/handover"))
    other.post("/handover/accept", {"line": key[1]})
    assert "still yours 1 line" in text(site.as_("supervisor").get("/handover"))


@pytest.mark.parametrize(("due", "words", "said"), [
    ("yesterday", "x", "no date or time"), ("2026-03-03 09:00", "x", "still to come"), ("2026-03-04 15:00", "", "at least one line")])  # fmt: skip
def test_a_line_that_cannot_be_used_is_refused_and_what_was_typed_stays(
    site: Any, due: str, words: str, said: str
) -> None:
    answer = hand_over(site.as_("supervisor"), due, words)
    assert said in text(answer)
    assert f'value="{due}"' in answer.content.decode()
    assert "Nothing was left to you" in text(site.as_("inspector").get("/handover"))


# ---- pinned, told, seen ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["/board", "/board?by=lead", "/duty", "/handover", "/case/Alder", "/case/Alder?known_on=2026-03-03"],
)
def test_what_cannot_be_missed_stands_above_every_page_and_filter(site: Any, path: str) -> None:
    page = site.as_("inspector").get(path).content.decode()
    pinned, first = page.find("Must not wait:"), page.find("<h1")
    assert 0 < pinned < first
    lines = re.findall(r"<li>(.*?)</li>", page[pinned:first], re.DOTALL)
    assert "The person named has access and no record shows a protective measure in force." in lines[0]
    assert (
        len({re.sub(r"<[^>]+>", "", line).strip().split(":")[0] for line in lines}) == len(lines) or "case" in path
    ), "one line a child"


def test_on_today_the_children_of_tonight_are_the_first_cards_and_nobody_stands_there_twice(site: Any) -> None:
    page = site.as_("inspector").get("/today").content.decode()
    pinned, first = page.find("Must not wait:"), page.find("<h1")
    assert 0 < pinned < first
    assert "2 of them stand on the cards below." in page[pinned:first]
    assert "no record shows a protective measure in force" not in page[pinned:first]
    card = page[page.find('<li class="es-card') :].split("</li>", 1)[0]
    assert "The person named has access and no record shows a protective measure in force." in card
    assert "No message about it has been sent yet." in card


def test_it_stands_on_the_page_of_another_case_of_that_child_without_naming_the_case(site: Any) -> None:
    from everystone.web.store import MACHINE, worklists
    from tests.work.test_worklists import seen

    with worklists(MACHINE, site.now) as lists:
        lists.take([seen("there", site.now, child="C1", case="Birch")])
    page = site.as_("other supervisor").get("/case/Birch").content.decode()
    pinned = page[page.find("Must not wait:") : page.find("<h1")]
    assert "C1" in pinned
    assert "In another case." in pinned
    assert "Alder" not in pinned


def test_each_post_sees_its_own_and_a_list_says_no_more(site: Any) -> None:
    assert "Alder" in text(site.as_("supervisor").get("/told"))
    assert "Alder" not in text(site.as_("other supervisor").get("/told"))
    assert "Must not wait" not in text(site.as_("other supervisor").get("/case/Birch")).split("Case Birch", 1)[1][:10]


def test_seen_clears_nothing_and_is_on_record(site: Any) -> None:
    from everystone.web.store import MACHINE, worklists

    inspector = site.as_("inspector")
    given = {"frame": "case/Alder", "person": "C1", "item": "1"}
    shown = text(inspector.post("/told/seen", given, follow=True))
    assert "read by D1; read is not cleared" in shown
    assert "Read by D1" in text(inspector.get("/today"))
    site.as_("other supervisor").post("/told/seen", given)
    assert "seen by S2" not in text(inspector.get("/told")), "nobody answers for another team's child"
    with worklists(MACHINE, site.now) as lists:
        assert any(each.data.get("seen") == "1" for each in lists.book.readings_of("D1"))


def test_what_is_sealed_is_seen_by_professional_standards_alone(site: Any) -> None:
    """Paired: with and without a disputed statement, every other post's pages are the same to the byte."""
    from everystone.web.store import tables
    from everystone.work.tables import insert

    def pages() -> list[str]:
        shown = [site.as_(name).get(path).content.decode() for name in ("other supervisor", "inspector")
                 for path in ("/today", "/told", "/case/Birch")]  # fmt: skip
        return [re.sub(r'name="(csrfmiddlewaretoken|once)" value="\w+"|\d+ times', "", page) for page in shown]

    before = [pages() for _ in range(3)][-1]  # who has read a case, and how often, settles
    assert "Nothing of your cases stands here now" in text(site.as_("standards").get("/told"))
    insert(tables(), "work_finding", ("frame", "key", "standard", "version", "asked_for", "begun_by", "n", "answer", "reason",
           "evidence", "marks", "root", "team", "about"),
           [("case/Birch", "k", "INV-14", "2020-01-01", "", "e", 0, "not met", "no record", "[]", "[]", "", "South", "[]")])  # fmt: skip
    assert pages() == before
    assert "A statement is disputed" in text(site.as_("standards").get("/told"))
