"""Telling by channels that leave the system: caught by servers that take, fail, are slow or stay silent; no content in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.web.catcher import FAILS, SENDS_ON, SILENT, SLOW, Gateway, Mailbox, catching

HOUR, DAY = 3_600, 86_400
NUMBERS = {"duty sergeant, North": "+1", "duty sergeant, South": "+2", "duty inspector": "+3", "on-call detective inspector": "+4",
           "superintendent": "+5", "control room": "+6", "professional standards": "+7",
           "deputy head of professional standards": "+8", "custody": "+9"}  # fmt: skip


@pytest.fixture
def caught(both: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Gateway, Mailbox]]:
    """The site with a gateway and a mail server; what it wrote down of telling is undone after the test."""
    from django.conf import settings
    from django.db import transaction

    from everystone.web.site import Address, Telling
    from everystone.web.store import tables

    with catching() as (gateway, mailbox):
        posts = {name: Address(text=to, mail=f"x{to[1:]}@here" if to == "+3" else "") for name, to in NUMBERS.items()}
        telling = Telling(posts=posts, gateway=f"http://127.0.0.1:{gateway.port}/send", sender="site@here", mail_tls=False,
                          mail_server=f"127.0.0.1:{mailbox.port}", wait=0.6, sheets={"North": "north@here"})  # fmt: skip
        monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"telling": telling}))
        with transaction.atomic():
            yield both, gateway, mailbox
            transaction.set_rollback(True)
        tables()


def tick(live: Any, later: int = 0) -> Any:
    from everystone.web.ticking import tick

    return tick(live.now + later)


def outcomes(case: str) -> list[tuple[str, str]]:
    from everystone.web.store import tables

    rows = tables().run(
        "SELECT DISTINCT post, outcome FROM told WHERE frame = ? AND item = '1' ORDER BY post", (f"case/{case}",)
    )
    return [(post, outcome) for post, outcome in rows.fetchall()]


def test_two_posts_are_told_once_and_the_message_holds_nothing_of_the_case(caught: Any) -> None:
    live, gateway, mailbox = caught
    done = tick(live)
    assert done.up > 0
    assert done.not_reached == 0
    received = gateway.received()
    assert "+3" in received
    assert len(received) == len(set(received)), "one message a post, however much it is about"
    assert ("duty inspector", "told") in outcomes("Alder")
    said = " ".join([*(each["text"] for each in gateway.caught), *(each["text"] for each in mailbox.caught)])
    for told in ("Alder", "C1", "X1", "O1", "North", "Everystone", "child", "http"):
        assert not re.search(rf"\b{told}\b", said, re.IGNORECASE), f"a message says {told}"
    tick(live, 60)
    assert gateway.received() == received, "the next minute tells nobody again"


def test_a_message_that_fails_is_told_to_the_next_post(caught: Any) -> None:
    live, gateway, _ = caught
    gateway.moods["+3"] = FAILS
    assert tick(live).not_reached == 1
    assert ("duty inspector", "not delivered") in outcomes("Alder")
    assert any("did not arrive: duty inspector" in each["text"] for each in gateway.caught)
    assert dict(outcomes("Alder"))["control room"] == "told", "nobody else is on duty; it ends outside the team"


@pytest.mark.parametrize("mood", [SILENT, SENDS_ON])
def test_a_gateway_that_says_nothing_or_sends_on_has_not_delivered(caught: Any, mood: str) -> None:
    live, gateway, _ = caught
    gateway.mood = mood
    done = tick(live)
    assert done.told == 0
    assert {outcome for _, outcome in outcomes("Alder")} == {"not delivered", "nobody on duty"}
    gateway.mood = "takes"
    assert tick(live, 11 * 60).told > 0, "it is tried again when it is back"


def test_a_slow_gateway_delivers(caught: Any) -> None:
    live, gateway, _ = caught
    gateway.mood = SLOW
    assert tick(live).not_reached == 0


def test_a_letter_that_is_refused_is_not_made_good_by_a_text(caught: Any) -> None:
    """A post with two channels is reached where both took it: a text that failed is not made good by a mailbox at night."""
    live, _, mailbox = caught
    mailbox.mood = FAILS
    tick(live)
    assert ("duty inspector", "not delivered") in outcomes("Alder")


def test_the_next_post_after_an_hour_and_seen_clears_nothing(caught: Any) -> None:
    live, gateway, _ = caught
    tick(live)
    first = len(gateway.caught)
    tick(live, HOUR)
    assert len(gateway.caught) > first


def test_what_the_case_no_longer_shows_is_over_without_a_word(caught: Any) -> None:
    from everystone.web.store import MACHINE, tables, worklists
    from tests.work.test_worklists import seen

    live, _, _ = caught
    tick(live)
    with worklists(MACHINE, live.now + 60) as lists:
        kinds = lists.asking.pack.words.kinds
        data = kinds.admit("safety_plan.made", {"review_by": "2026-06-01", "about": "X1"})
        lists.take([seen("plan", live.now + 60, kind="safety_plan.made", data=data)])
    tick(live, 120)
    rows = (
        tables()
        .run("SELECT item, ended FROM told WHERE frame = 'case/Alder' AND item = '1' AND person = 'C1'")
        .fetchall()
    )
    assert {ended for _, ended in rows} == {live.now + 120}


def test_telling_is_on_record_and_of_what_is_sealed_no_case_is_named(caught: Any) -> None:
    from everystone.web.store import MACHINE, tables, worklists
    from everystone.work.tables import insert

    live, gateway, _ = caught
    with worklists(MACHINE, live.now) as lists:
        insert(lists.database, "work_finding", ("frame", "key", "standard", "version", "asked_for", "begun_by", "n", "answer", "reason",
               "evidence", "marks", "root", "team", "about"),
               [("case/Birch", "k", "INV-14", "2020-01-01", "", "e", 0, "not met", "no record", "[]", "[]", "", "South", "[]")])  # fmt: skip
    tick(live)
    assert {"+7", "+8"} <= set(gateway.received())
    with worklists(MACHINE, live.now) as lists:
        shown = [each.data for each in lists.book.readings_of("everystone") if "told" in each.data]
    by_post = {each["told"]: each["cases"] for each in shown}
    assert "Alder" in by_post["duty inspector"]
    assert by_post["professional standards"] == []
    tables().run("DELETE FROM work_finding WHERE standard = 'INV-14' AND key = 'k'")


def test_two_ticks_at_once_tell_once(caught: Any) -> None:
    from everystone.web.store import tables

    live, gateway, _ = caught
    tables().run("UPDATE told_turn SET until = ?", (live.now + 60,))
    assert tick(live).busy
    assert gateway.caught == []
    assert not tick(live, 61).busy, "one that was stopped holds nobody up for long"


def test_a_case_that_a_write_elsewhere_touches_waits_no_longer_than_until_the_next_minute(caught: Any) -> None:
    """Whatever else is due, and while an earlier tick still waits for a gateway: its row is as of the very next tick."""
    from everystone.web.store import MACHINE, tables, worklists
    from tests.work.test_worklists import seen

    live, _, _ = caught
    with worklists(MACHINE, live.now) as lists:
        lists.take([seen("f1", live.now, child="X1", case="Cedar", kind="person.died", data={})])
        assert ("case/Alder",) in tables().run("SELECT frame FROM work_due").fetchall()
    tables().run("UPDATE work_frame SET turns_at = 1")
    tables().run("UPDATE told_turn SET until = ?", (live.now + 120,))
    assert tick(live, 60).busy
    assert tables().run("SELECT frame FROM work_due").fetchall() == []
    assert tables().one("SELECT COUNT(*) FROM work_frame WHERE asked < ?", (live.now + 60,))[0] == 0
    assert tables().one("SELECT COUNT(*) FROM work_placed WHERE frame = 'case/Alder' AND tier = 0")[0] == 0


def test_without_a_channel_nobody_is_told_and_nothing_is_lost(both: Any) -> None:
    from everystone.web import beginning

    done = beginning.tick()
    assert (done.told, done.not_reached, done.up > 0) == (0, 0, True)
    assert not beginning.tells()


# ---- the weekly sheet -----------------------------------------------------------------------------------------------


def test_the_weekly_sheet_goes_on_monday_once_with_references_and_weeks_alone(caught: Any) -> None:
    live, _, mailbox = caught
    monday = 33 * DAY  # the world stands on a Wednesday
    assert tick(live, monday - DAY).sheets == 0
    tick(live, monday)
    sheets = [each for each in mailbox.caught if each["to"] == "north@here"]
    assert len(sheets) == 1
    assert "Alder: no recorded progress for" in sheets[0]["text"]
    assert not re.search(r"\b(C1|X1|O1|S1)\b", sheets[0]["text"])
    tick(live, monday + HOUR)
    assert len([each for each in mailbox.caught if each["to"] == "north@here"]) == 1


# ---- the daily figure -----------------------------------------------------------------------------------------------


def test_the_chief_officer_gets_one_figure_a_day_without_a_case_or_a_name(
    caught: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings

    live, _, mailbox = caught
    telling = settings.SITE.telling.model_copy(update={"chief": "chief@here"})
    monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"telling": telling}))

    def sent() -> list[str]:
        return [each["text"] for each in mailbox.caught if each["to"] == "chief@here"]

    tick(live)
    tick(live, HOUR)
    (text,) = sent()
    assert re.search(r"Of what cannot be missed \d+ stand now, in \d+ cases?\.", text)
    assert ": Somebody may reach a child now" in text
    assert not re.search(r"\b(Alder|Birch|Cedar|C1|X1|O1|S1)\b", text)
    tick(live, 17 * HOUR)
    assert len(sent()) == 1, "not before six of the next day"
    tick(live, 24 * HOUR)
    assert "first told 1 day ago" in sent()[1]
    mailbox.mood = "fails"
    tick(live, 48 * HOUR)
    mailbox.mood = "takes"
    tick(live, 49 * HOUR)
    assert len(sent()) == 3, "one that did not arrive is sent again"


# ---- the file of the site -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "said"), [
    ('gateway = "http://sms.example/"\n[telling.posts]', "https"),
    ('[telling.posts."duty inspector"]\ntext = "+1"', "no gateway"),
    ('[telling.posts."duty inspector"]\nmail = "x@y"', "no mail_server"),
])  # fmt: skip
def test_a_channel_that_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    from everystone.ledger.fault import Fault
    from everystone.web.site import read_site
    from tests.web.test_site import GOOD

    path = tmp_path / "site.toml"
    path.write_text(f"{GOOD}\n[telling]\n{text}\n")
    with pytest.raises(Fault, match=said):
        read_site(path)
