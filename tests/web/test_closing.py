"""Closing by two people: asked by one, signed by another of the rank it takes; a gate with a reasoned way through, told upward."""

from __future__ import annotations

from typing import Any

import pytest

from everystone.web import clock
from tests.web.test_acting import entries, form, text

DAY = 86_400


@pytest.fixture
def live(fresh: Any) -> Any:
    """A site of its own for each test here, since they change it."""
    return fresh


def step(live: Any, who: str, case: str, name: str, **said: str) -> Any:
    client, path = live.as_(who), f"/case/{case}/closing/{name}"
    return client.post(path, {**form(client.get(path).content.decode()), **said})


def closing(live: Any, who: str, case: str) -> str:
    return text(live.as_(who).get(f"/case/{case}/closing"))


def kinds(live: Any, case: str) -> list[tuple[str, str]]:
    return [(entry.kind, entry.by) for entry in sorted(entries(live, case), key=lambda each: each.number)]


def up(live: Any) -> list[tuple[str, str, str]]:
    from everystone.web.store import asking, tables
    from everystone.work.telling import up as told_of

    duty = asking().duty
    assert duty
    return [(each.case, each.item, each.person) for each in told_of(tables(), duty, clock.now())]


def test_asked_by_one_and_signed_by_another(live: Any) -> None:
    """Cedar leaves a child's safety open, so the inspector lets it through first."""
    assert step(live, "lead", "Cedar", "ask", text="The family moved; the other force has it.").status_code == 302
    assert "Cedar : O1 asked at 07:45" in text(live.as_("supervisor").get("/board"))
    assert "nobody can sign yet" in closing(live, "supervisor", "Cedar")
    assert live.as_("supervisor").get("/case/Cedar/closing/sign")["Location"] == "/case/Cedar/closing"
    assert live.as_("supervisor").get("/case/Cedar/closing/gate").status_code == 404, "a duty inspector alone"
    step(live, "inspector", "Cedar", "gate", text="Handed over by telephone.", until="2026-03-05")
    assert "D1 let it through until Thursday 5 March 2026" in closing(live, "supervisor", "Cedar")
    assert live.as_("lead").get("/case/Cedar/closing/sign").status_code == 404, "the lead is no second person"
    assert (
        step(live, "supervisor", "Cedar", "sign", text="Read the file; the other force confirmed.").status_code == 302
    )
    assert kinds(live, "Cedar") == [
        ("closure.asked", "O1"),
        ("gate.passed", "D1"),
        ("signoff.closure", "S1"),
        ("case.closed", "O1"),
    ]
    assert "The case is closed." in closing(live, "lead", "Cedar")
    assert "Cedar" not in text(live.as_("supervisor").get("/board")).split("By danger", 1)[1]
    gate = entries(live, "Cedar")[1]
    assert gate.data["open"], "what was open then is on the record"


def test_what_the_standard_says_of_it_afterwards(live: Any) -> None:
    """The two entries satisfy the standard that asks for a second person of rank."""
    from everystone.web.store import tables

    test_asked_by_one_and_signed_by_another(live)
    rows = (
        tables()
        .run("SELECT standard, reason FROM work_finding WHERE frame = 'case/Cedar' AND answer = 'not met'")
        .fetchall()
    )
    assert "SUP-04" not in [standard for standard, _ in rows]


def test_the_way_through_a_gate_ends_with_its_day_and_is_told_upward_while_it_holds(
    live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(live, "lead", "Cedar", "ask", text="Nothing more to do.")
    step(live, "inspector", "Cedar", "gate", text="Handed over by telephone.", until="2026-03-05")
    assert ("Cedar", "12", "D1") in up(live)
    monkeypatch.setattr(clock, "now", lambda: live.now + 2 * DAY)
    assert "nobody can sign yet" in closing(live, "supervisor", "Cedar")
    assert ("Cedar", "12", "D1") not in up(live)
    step(live, "supervisor", "Cedar", "sign", text="Signed too late.")
    assert "case.closed" not in [kind for kind, _ in kinds(live, "Cedar")]


def test_rank_is_what_the_standard_asks(live: Any) -> None:
    """A sexual offence against a child takes an inspector: the sergeant is told so and cannot sign."""
    step(live, "lead", "Alder", "ask", text="Sent to the prosecutor.")
    step(live, "inspector", "Alder", "gate", text="The prosecutor has it.", until="2026-03-05")
    sergeant = step(live, "supervisor", "Alder", "sign", text="Read.")
    assert "The record does not show the rank that this takes." in text(sergeant)
    assert step(live, "inspector", "Alder", "sign", text="Read.").status_code == 302
    assert kinds(live, "Alder")[-2:] == [("signoff.closure", "D1"), ("case.closed", "O1")]


def test_whoever_asked_does_not_sign(live: Any) -> None:
    step(live, "inspector", "Birch", "ask", text="Nothing more to do.")
    step(live, "inspector", "Birch", "gate", text="For a day.", until="2026-03-05")
    own = step(live, "inspector", "Birch", "sign", text="Read.")
    assert "You asked for it; a second person signs." in text(own)
    assert "case.closed" not in [kind for kind, _ in kinds(live, "Birch")]


def test_not_agreed_is_on_the_record_and_it_can_be_asked_again(live: Any) -> None:
    step(live, "lead", "Cedar", "ask", text="Nothing more to do.")
    step(live, "supervisor", "Cedar", "refuse", text="The school has not answered.")
    assert "Nobody asked for this case to be closed." in closing(live, "lead", "Cedar")
    assert "The school has not answered." in text(live.as_("lead").get("/case/Cedar"))
    live.now += 60
    assert step(live, "lead", "Cedar", "ask", text="It has now.").status_code == 302
    assert "It has now." in closing(live, "supervisor", "Cedar")


def test_an_accepted_reason_is_no_gate_while_it_holds(live: Any) -> None:
    from everystone.web.store import MACHINE, worklists
    from everystone.work.closing import closing as closing_of
    from everystone.work.opened import open_stream

    def gates() -> list[str]:
        with worklists(MACHINE, clock.now()) as lists:
            opened = open_stream(lists.book, lists.asking, "case/Cedar", clock.now())
            return [each.key for each in closing_of(opened, lists.asking, clock.now()).gates]

    (key, *more) = gates()
    path = f"/case/Cedar/finding/{key}/accept"
    client = live.as_("inspector")
    client.post(path, {**form(client.get(path).content.decode()), "text": "Told by telephone.", "until": "2026-03-05"})
    assert gates() == more
    live.now += 2 * DAY
    assert key in gates()


def test_no_gate_stands_before_anything_but_closing(live: Any) -> None:
    """With every gate up, whatever keeps a child safe is recorded, directed and allocated as ever."""
    client, path = live.as_("lead"), "/case/Cedar/record/referral.social_care"
    page = client.get(path).content.decode()
    answer = client.post(path, {**form(page), "subjects": "C3", "happened": "now", "do": "record"})
    assert "Recorded" in text(answer)
    path = "/case/Cedar/direct"
    sergeant = live.as_("supervisor")
    given = {**form(sergeant.get(path).content.decode()), "text": "See the child.", "due": "2026-03-04"}
    assert sergeant.post(path, given).status_code == 302


def test_the_same_signature_twice_closes_once(live: Any) -> None:
    step(live, "lead", "Cedar", "ask", text="Nothing more to do.")
    step(live, "inspector", "Cedar", "gate", text="For a day.", until="2026-03-05")
    client, path = live.as_("supervisor"), "/case/Cedar/closing/sign"
    given = {**form(client.get(path).content.decode()), "text": "Read."}
    for _ in range(2):
        assert client.post(path, given).status_code == 302
    assert [kind for kind, _ in kinds(live, "Cedar")].count("case.closed") == 1
