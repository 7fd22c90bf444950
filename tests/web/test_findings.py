"""What is said of a finding: a reply, a reason accepted until a day by a second person, a check said to be wrong and decided."""

from __future__ import annotations

from typing import Any

import pytest

from everystone.web import clock
from tests.web.site import challenge
from tests.web.test_acting import entries, form, text

DAY = 86_400


@pytest.fixture
def live(fresh: Any) -> Any:
    """A site of its own for each test here, since they change it."""
    return fresh


def findings(live: Any, case: str, *, kept_up: bool) -> list[str]:
    """The findings of a case that a duty inspector alone can accept a reason for, or all others."""
    from everystone.web.store import asking, tables

    duty = asking().duty
    assert duty
    never = {name for each in duty.cannot_be_missed for name in each.standards}
    rows = tables().run(
        "SELECT key, standard, tier FROM work_finding WHERE frame = ? AND answer = 'not met' AND root = '' ORDER BY key",
        (f"case/{case}",),
    )
    return [key for key, standard, tier in rows.fetchall() if (tier == 0 or standard in never) is kept_up]


def say(live: Any, who: str, case: str, key: str, do: str, **said: str) -> Any:
    client, path = live.as_(who), f"/case/{case}/finding/{key}/{do}"
    return client.post(path, {**form(client.get(path).content.decode()), **said})


def up(live: Any, who: str, case: str) -> list[str]:
    """The children of a case on somebody's list today."""
    from everystone.web.store import MACHINE, worklists
    from everystone.work.cards import cards

    with worklists(MACHINE, clock.now()) as lists:
        lists.current([("frame", f"case/{case}")])
        return [card.because for card in cards(lists.database, [None], clock.now()).shown if card.case == case]


def as_if_nothing_was_said(live: Any, case: str) -> list[str]:
    from everystone.web.store import MACHINE, worklists
    from everystone.work.opened import open_stream

    with worklists(MACHINE, clock.now()) as lists:
        opened = open_stream(lists.book, lists.asking, f"case/{case}", clock.now())
        return [each.because for each in lists.asking.danger.places(opened.frame, opened.answers)]


def test_a_reply_stands_with_the_finding_and_changes_no_answer(live: Any) -> None:
    (key, *_) = findings(live, "Birch", kept_up=False)
    before = up(live, "other officer", "Birch")
    assert say(live, "other officer", "Birch", key, "reply", text="The statement is in the post.").status_code == 302
    page = text(live.as_("other supervisor").get(f"/case/Birch/finding/{key}"))
    assert "Reply: O2." in page
    assert "The statement is in the post." in page
    assert "Reply: O2, 4 March 2026, 07:45." in text(live.as_("other officer").get("/case/Birch"))
    assert up(live, "other officer", "Birch") == before


def test_an_accepted_reason_takes_it_off_today_until_its_day_and_it_returns_by_itself(
    live: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = findings(live, "Cedar", kept_up=False)
    before = up(live, "lead", "Cedar")
    assert keys
    assert before
    for key in keys:
        answer = say(live, "supervisor", "Cedar", key, "accept", text="The carer is away.", until="2026-03-06")
        assert answer.status_code == 302
    assert up(live, "lead", "Cedar") != as_if_nothing_was_said(live, "Cedar") == before
    shown = text(live.as_("lead").get("/case/Cedar"))
    assert "Reason accepted: S1, 4 March 2026, 07:45, until Friday 6 March 2026." in shown
    entry = entries(live, "Cedar")[0]
    assert (entry.by, entry.capacity.role, entry.data["until"]) == ("S1", "supervisor", "2026-03-06")
    monkeypatch.setattr(clock, "now", lambda: live.now + 3 * DAY)
    assert up(live, "lead", "Cedar") == as_if_nothing_was_said(live, "Cedar"), "nobody ticked, nobody wrote: it is back"


def test_who_may_accept_a_reason(live: Any) -> None:
    from everystone.web.models import Post

    (key, *_) = findings(live, "Birch", kept_up=False)
    path = f"/case/Birch/finding/{key}/accept"
    assert live.as_("other supervisor").get(path).status_code == 200
    assert live.as_("other officer").get(path).status_code == 404, "the lead"
    assert live.as_("supervisor").get(path).status_code == 404, "of another team"
    say(live, "other supervisor", "Birch", key, "reply", text="The lab is late.")
    own = say(live, "other supervisor", "Birch", key, "accept", text="The lab is late.", until="2026-03-06")
    assert "You gave the reason; somebody else accepts it." in text(own)
    post = Post.objects.get(person=live.people["other officer"])
    Post.objects.create(person=post.person, role="supervisor", team="South", since=post.since)
    assert live.as_("other officer").get(path).status_code == 404, "a lead who is a supervisor too is no second person"


def test_what_cannot_be_missed_only_an_inspector_accepts_and_then_it_is_told_no_more(live: Any) -> None:
    from everystone.web.store import asking, tables
    from everystone.work.telling import up as told_of

    duty = asking().duty
    assert duty

    def told() -> list[str]:
        return sorted({each.item for each in told_of(tables(), duty, live.now) if each.frame == "case/Birch"})

    keys, before = findings(live, "Birch", kept_up=True), told()
    refused = live.as_("other supervisor").get(f"/case/Birch/finding/{keys[0]}/accept")
    assert refused.status_code == 404
    assert "a duty inspector alone can accept a reason" in text(refused)
    for key in keys:
        assert say(live, "inspector", "Birch", key, "accept", text="Looked at.", until="2026-03-05").status_code == 302
    assert "2" in before
    assert told() == []
    live.now += 2 * DAY
    assert told() == before


def test_a_check_said_to_be_wrong_waits_for_the_policy_lead_and_is_off_once_upheld(live: Any) -> None:
    (key, *_) = findings(live, "Cedar", kept_up=False)
    lead = live.as_("policy lead")
    assert lead.get(f"/case/Cedar/finding/{key}").status_code == 404, "nobody says that it is wrong"
    say(live, "lead", "Cedar", key, "wrong", text="It is on page 4 of the paper file.")
    assert "case Cedar" in text(lead.get("/challenges"))
    shown = text(lead.get(f"/case/Cedar/finding/{key}"))
    assert "It is on page 4 of the paper file." in shown
    assert lead.get("/case/Cedar").status_code == 404, "the finding, not the case"
    say(live, "policy lead", "Cedar", key, "decide", decided="uphold", text="The mapping misses that page.")
    assert "case Cedar" not in text(lead.get("/challenges"))
    assert lead.get(f"/case/Cedar/finding/{key}").status_code == 404
    page = text(live.as_("lead").get(f"/case/Cedar/finding/{key}"))
    assert "Decided: the check was wrong: Q1." in page
    assert "The mapping misses that page." in page
    assert "This check is wrong" in page, "it can be said again"


def test_a_check_decided_to_be_right_stays(live: Any) -> None:
    (key, *_) = findings(live, "Cedar", kept_up=False)
    before = up(live, "lead", "Cedar")
    say(live, "lead", "Cedar", key, "wrong", text="No.")
    say(live, "policy lead", "Cedar", key, "decide", decided="refuse", text="It is asked of every case.")
    assert up(live, "lead", "Cedar") == before


def test_nobody_decides_on_what_they_said_themselves(live: Any) -> None:
    from everystone.web.models import Post
    from everystone.web.store import MACHINE, worklists

    with worklists(MACHINE, live.now) as lists:
        key = challenge(lists, "Cedar", live.now - DAY)
    post = Post.objects.get(person=live.people["policy lead"])
    Post.objects.create(person=live.people["other officer"], role=post.role, since=post.since)
    own = say(live, "other officer", "Cedar", key, "decide", decided="uphold", text="I am right.")
    assert "somebody else decides on it" in text(own)


def test_shares_of_each_standard_are_kept_from_the_site(live: Any) -> None:
    from typer.testing import CliRunner

    from everystone.cli import app

    (key, *_) = findings(live, "Cedar", kept_up=False)
    say(live, "supervisor", "Cedar", key, "accept", text="The carer is away.", until="2026-03-06")
    said = CliRunner().invoke(app, ["standards", "precision", str(live.path)])
    assert said.exit_code == 0, said.output
    assert "excused 1 of " in " ".join(said.output.split())
    assert "challenged 1 of " in " ".join(said.output.split()), "that of Birch"


def test_made_anew_it_is_the_same(live: Any) -> None:
    from everystone.web.store import MACHINE, worklists

    (key, *_) = findings(live, "Cedar", kept_up=False)
    say(live, "supervisor", "Cedar", key, "accept", text="The carer is away.", until="2026-03-06")
    with worklists(MACHINE, live.now) as lists:
        assert lists.rebuild()
