"""Acting on a card: what each act writes, what it does to the card, who may, and once however often it is sent."""

from __future__ import annotations

import re
from difflib import unified_diff
from typing import Any

import pytest

from everystone.web import clock

DAY = 86_400


@pytest.fixture
def live(fresh: Any) -> Any:
    """A site of its own for each test here, since they change it."""
    return fresh


def card(live: Any, case: str) -> Any:
    from everystone.web.store import tables
    from everystone.work.cards import of_case

    return of_case(tables(), case, clock.now())[0]


def entries(live: Any, case: str) -> list[Any]:
    from everystone.web.store import MACHINE, ledger

    with ledger(MACHINE, clock.now()) as book:
        return [entry for entry in book.read(f"case/{case}") if entry.source.live]


def form(page: str) -> dict[str, str]:
    """What a form on a page already holds."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def done(live: Any, who: str, case: str, **more: str) -> tuple[Any, dict[str, str]]:
    client, path = live.as_(who), f"/case/{case}/done"
    page = client.get(f"{path}?card={card(live, case).mark}").content.decode()
    given = {**form(page), "text": "Referred by telephone.", "reference": "SC-1", **more}
    return client.post(path, given), given


def text(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_seen_is_not_cleared(live: Any) -> None:
    client = live.as_("lead")
    page = client.get("/today").content.decode()
    assert "I have read this" in page
    once = re.findall(r'name="once" value="(\w+)"', page)[0]
    client.post("/case/Alder/seen", {"once": once, "card": card(live, "Alder").mark})
    after = text(client.get("/today"))
    assert (
        "Read, and being looked into: O1, 4 March 2026, 07:45; until 4 March 2026, 08:45. Read is not cleared." in after
    )
    assert "2 children" in after


def test_seen_runs_out_after_an_hour(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client = live.as_("lead")
    client.post("/case/Alder/seen", {"once": "a" * 32, "card": card(live, "Alder").mark})
    monkeypatch.setattr(clock, "now", lambda: live.now + 3_601)
    assert "Read, and being looked into" not in text(client.get("/today"))


def test_done_in_the_other_system_waits_for_the_feed_and_returns(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    answer, _ = done(live, "lead", "Cedar")
    assert answer["Location"] == "/case/Cedar"
    (entry,) = entries(live, "Cedar")
    assert (entry.by, entry.subjects, entry.data["text"], entry.capacity.team) == (
        "O1",
        ("C3",),
        "Referred by telephone.",
        "North",
    )
    today = text(live.as_("lead").get("/today"))
    assert "1 child." in today
    assert "Waiting 1 child" in today
    monkeypatch.setattr(clock, "now", lambda: live.now + DAY + 60)
    assert "2 children" in text(live.as_("lead").get("/today")), "the feed did not show it in time"


def test_what_keeps_a_child_safe_tonight_stays_up_whatever_is_said_to_be_done(live: Any) -> None:
    done(live, "lead", "Alder")
    today = text(live.as_("lead").get("/today"))
    assert "2 children" in today
    assert "Done, in the other system: O1" in today


def test_the_same_form_twice_is_one_entry(live: Any) -> None:
    _, given = done(live, "lead", "Cedar")
    live.now += 5
    again = live.as_("lead").post("/case/Cedar/done", given)
    assert again.status_code == 302
    assert len(entries(live, "Cedar")) == 1


def test_the_same_form_with_other_words_is_refused(live: Any) -> None:
    _, given = done(live, "lead", "Cedar")
    answer = live.as_("lead").post("/case/Cedar/done", {**given, "text": "Something else."})
    assert "sent before with other words" in text(answer)
    assert len(entries(live, "Cedar")) == 1


def test_no_field_says_none(live: Any) -> None:
    page = live.as_("lead").get(f"/case/Cedar/done?card={card(live, 'Cedar').mark}").content.decode()
    assert "<textarea" in page
    assert "None" not in page


def test_an_empty_form_says_what_to_write_and_keeps_what_was_typed(live: Any) -> None:
    answer, _ = done(live, "lead", "Cedar", text="", reference="SC-77")
    page = answer.content.decode()
    assert "There is a problem" in page
    assert "Write in one sentence what was done." in page
    assert "SC-77" in page
    assert entries(live, "Cedar") == []


def test_a_reason_puts_a_card_away_until_its_day(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client, path = live.as_("supervisor"), "/case/Cedar/reason"
    page = client.get(f"{path}?card={card(live, 'Cedar').mark}").content.decode()
    past = client.post(path, {**form(page), "text": "School holidays.", "until": "2026-03-01"})
    assert "Give today or a later day." in past.content.decode()
    assert client.post(path, {**form(page), "text": "School holidays.", "until": "2026-03-06"}).status_code == 302
    assert "Reason accepted: S1" in text(live.as_("lead").get("/today"))
    monkeypatch.setattr(clock, "now", lambda: live.now + 3 * DAY)
    assert "Waiting" not in text(live.as_("lead").get("/today"))


def test_no_reason_holds_for_longer_than_the_pack_says_and_who_can_is_said(live: Any) -> None:
    client, path = live.as_("supervisor"), "/case/Cedar/reason"
    page = client.get(f"{path}?card={card(live, 'Cedar').mark}").content.decode()
    answer = client.post(path, {**form(page), "text": "School holidays.", "until": "2026-04-02"})
    assert (
        "It holds until 2026-04-01 at the longest. Give that day or an earlier one; after it somebody looks again."
        in text(answer)
    )
    assert "A supervisor of the team, or the duty inspector, who does not lead the case can accept a reason." in text(
        answer
    )
    assert entries(live, "Cedar") == []
    assert client.post(path, {**form(page), "text": "School holidays.", "until": "2026-04-01"}).status_code == 302


def test_a_reason_that_came_from_elsewhere_holds_no_longer_either(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from everystone.ledger.entry import Capacity, Entry, Source
    from everystone.web.store import MACHINE, worklists

    said = {"because": card(live, "Cedar").because, "text": "For ever.", "until": "2036-03-04"}
    with worklists(MACHINE, live.now) as lists:
        lists.take([Entry(0, "case/Cedar", "card.reason_accepted", ("C3",), live.now, live.now, live.now, live.now, "S1",
                          Capacity("supervisor"), said, Source("paper", "force", "for-ever"))])  # fmt: skip
    assert "Reason accepted: S1" in text(live.as_("lead").get("/today"))
    monkeypatch.setattr(clock, "now", lambda: live.now + 30 * DAY)
    assert "Reason accepted: S1" not in text(live.as_("lead").get("/today"))


def test_a_reason_for_what_is_open_tonight_is_for_the_duty_inspector(live: Any) -> None:
    path = f"/case/Alder/reason?card={card(live, 'Alder').mark}"
    refused = live.as_("supervisor").get(path)
    assert refused.status_code == 404
    assert "a duty inspector alone can accept a reason" in text(refused)
    assert live.as_("inspector").get(path).status_code == 200
    assert live.as_("lead").get(path).status_code == 404


def test_a_direction_stands_with_the_case(live: Any) -> None:
    client = live.as_("supervisor")
    page = client.get("/case/Alder/direct").content.decode()
    client.post("/case/Alder/direct", {**form(page), "text": "See the child today.", "due": "2026-03-04"})
    shown = text(client.get("/case/Alder"))
    assert "S1 gave O1 a direction, to be done by 4 March 2026" in shown
    assert "See the child today." in shown


def officer(live: Any, reference: str, *courses: str) -> None:
    """Another officer of North, with courses on record."""
    from everystone.ledger.entry import Capacity, Entry, Source
    from everystone.web import policy
    from everystone.web.models import Person, Post
    from everystone.web.store import MACHINE, pack, worklists

    person = Person.objects.create_user(reference, f"Somebody ({reference})", None)
    Post.objects.create(person=person, role=policy.OFFICER, team="North", since=pack().words.calendar.day_of(live.now))
    live.people[reference] = person
    at = live.now - 100 * DAY
    done = [Entry(0, f"officer/{reference}", "training.completed", (reference,), at, at, at, at, "T1", Capacity("staff"),
                  {"course": course}, Source("training", "force", f"{reference}-{course}")) for course in courses]  # fmt: skip
    if done:
        with worklists(MACHINE, live.now) as lists:
            lists.take(done)


def test_whoever_is_not_on_record_as_qualified_takes_a_reason(live: Any) -> None:
    officer(live, "O7")
    officer(live, "O8", "pip2", "child_abuse")
    client = live.as_("supervisor")
    page = client.get("/case/Alder/allocate").content.decode()
    able, lacking = page.split("Not on record as qualified: with a reason only")
    assert "O8 (leads 0)<" in able
    assert "O7 (leads" not in able
    assert (
        "O7 (leads 0); “Lead investigator qualified for child abuse”: no qualification on record for that day"
        in lacking
    )
    refused = client.post("/case/Alder/allocate", {**form(page), "lead": "O7"})
    assert "Write why: “Lead investigator qualified for child abuse”" in text(refused)
    assert entries(live, "Alder") == []
    client.post("/case/Alder/allocate", {**form(page), "lead": "O7", "text": "Until Monday, beside O8."})
    (entry,) = entries(live, "Alder")
    assert (entry.data["lead"], entry.data["reason"]) == ("O7", "Until Monday, beside O8.")


def test_another_lead_has_the_cards_at_once(live: Any) -> None:
    officer(live, "O7", "pip2", "child_abuse")
    client = live.as_("supervisor")
    page = client.get("/case/Alder/allocate").content.decode()
    assert "O7 (leads 0)" in page
    assert not re.search(r"\bO2\b", page), "of another team"  # letters in the form's own secret are no name
    client.post("/case/Alder/allocate", {**form(page), "lead": "O7"})
    assert "C1" in text(live.as_("O7").get("/today"))
    assert "C1" not in text(live.as_("lead").get("/today"))


def test_a_card_that_was_cleared_meanwhile_is_not_there(live: Any) -> None:
    answer = live.as_("lead").get("/case/Alder/done?card=000000000000")
    assert answer.status_code == 404


# ---- the case ------------------------------------------------------------------------------------------------------------


def test_a_case_opens_with_three_sentences_and_says_what_was_corrected_and_late(live: Any) -> None:
    page = text(live.as_("lead").get("/case/Alder"))
    heads = ["What may be unsafe", "Who stands where", "What was asked of the record", "Who has read it"]
    assert sorted(heads, key=page.rindex) == sorted(heads, key=heads.index)
    assert "C1: The person named has access and no record shows a protective measure in force." in page
    assert "Corrected. Before, written down 27 February 2026, 10:00" in page
    assert "Waiting for the head of the school." in page
    assert "More than a day after it happened." in page


def test_people_are_called_by_their_part_and_never_by_a_label(live: Any) -> None:
    page = text(live.as_("lead").get("/case/Alder"))
    assert "C1: child, born 2016-05-02" in page
    assert "X1: person named, born 1984" in page


def test_a_case_as_known_on_a_day_knows_nothing_later(live: Any) -> None:
    client = live.as_("lead")
    page = text(client.get("/case/Alder?known_on=2026-02-20"))
    assert "As known at the end of Friday 20 February 2026." in page
    assert "Waiting for the" not in page
    assert "Choose a day up to today" in text(client.get("/case/Alder?known_on=2027-01-01"))
    assert "Choose a day, for example" in text(client.get("/case/Alder?known_on=yesterday"))


def test_whoever_reads_a_case_is_named_in_it(live: Any) -> None:
    live.as_("inspector").get("/case/Alder")
    page = text(live.as_("lead").get("/case/Alder"))
    assert "D1: Case, last 4 March 2026, 07:45" in page
    assert "O1: Case, last 4 March 2026, 07:45" in page


def test_who_read_a_case_is_made_anew_from_the_log(live: Any) -> None:
    from everystone.web.store import MACHINE, worklists
    from everystone.work.readings import readers_of

    live.as_("inspector").get("/case/Alder")
    with worklists(MACHINE, live.now) as lists:
        before = readers_of(lists.database, "Alder")
        assert lists.rebuild()
        assert readers_of(lists.database, "Alder") == before != []


def test_what_professional_standards_are_told_changes_nobody_elses_page(live: Any) -> None:
    """A sealed entry in the case: byte for byte the same page for everybody else."""
    from everystone.ledger.entry import Capacity, Entry, Source
    from everystone.web.store import MACHINE, worklists

    def shown() -> list[str]:
        pages = [
            live.as_(who).get(path).content.decode()
            for who in ("lead", "supervisor")
            for path in ("/today", "/case/Alder")
        ]
        return [
            re.sub(r'value="\w+"|<section aria-labelledby="read">.*?</section>', "", page, flags=re.DOTALL)
            for page in pages
        ]

    before = shown()
    sealed = Entry(0, "case/Alder", "integrity.concern", ("O1",), live.now - 60, live.now - 60, live.now - 60, live.now - 60, "P1",
                   Capacity("professional standards"), {"type": "false_entry", "text": "Not for others."},
                   Source("site", "force", "site/sealed", live=True))  # fmt: skip
    with worklists(MACHINE, live.now) as lists:
        lists.take([sealed])
    for one, other in zip(before, shown(), strict=True):
        assert "\n".join(unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)) == ""


# ---- recording -----------------------------------------------------------------------------------------------------------


def recorded(live: Any, kind: str, case: str = "Alder", **said: str) -> Any:
    client, path = live.as_("lead"), f"/case/{case}/record/{kind}"
    page = client.get(path).content.decode()
    return client.post(path, {**form(page), "happened": "now", "do": "record", **said})


def test_a_safety_plan_that_is_recorded_settles_what_was_open(live: Any) -> None:
    page = text(live.as_("lead").get("/case/Alder/record?find=safety+plan"))
    assert "Safety plan made" in page
    shown = text(recorded(live, "safety_plan.made", subjects="C1", about="X1", review_by="2026-06-01"))
    assert "Recorded: Safety plan made" in shown
    (entry,) = entries(live, "Alder")
    assert (entry.kind, entry.subjects, entry.data["about"], entry.lo) == (
        "safety_plan.made",
        ("C1",),
        ["X1"],
        live.now,
    )
    assert "tonight" not in text(live.as_("lead").get("/today"))


def test_when_it_happened_stands_apart_from_when_it_was_recorded(live: Any) -> None:
    recorded(live, "child.seen", subjects="C1", happened="yesterday 14:30", alone="yes", place="school")
    (entry,) = entries(live, "Alder")
    assert entry.recorded - entry.lo == 17 * 3_600 + 15 * 60
    assert entry.data["alone"] is True


def test_what_cannot_be_used_is_said_and_nothing_typed_is_lost(live: Any) -> None:
    answer = recorded(live, "child.seen", subjects="C1", happened="tomorrow", place="school")
    assert "Nothing was recorded" in text(answer)
    assert 'value="school"' in answer.content.decode() or ">school<" in answer.content.decode()
    assert entries(live, "Alder") == []
    again = live.as_("lead").get("/case/Alder/record/child.seen").content.decode()
    assert "This is the draft that you kept." in again


def test_a_draft_is_kept_offered_and_given_up(live: Any) -> None:
    recorded(live, "note.added", subjects="C1", text="Half a sentence", do="keep")
    client = live.as_("lead")
    assert "Begun and not finished Note" in text(client.get("/case/Alder/record"))
    assert "Half a sentence" in text(client.get("/case/Alder/record/note.added"))
    assert "Half a sentence" not in text(live.as_("supervisor").get("/case/Alder/record/note.added")), (
        "a draft is one's own"
    )
    recorded(live, "note.added", do="forget")
    assert "Begun and not finished" not in text(client.get("/case/Alder/record"))
    assert entries(live, "Alder") == []


def test_words_are_asked_about_once_and_never_changed(live: Any) -> None:
    said = {"subjects": "C1", "text": "She is streetwise and put herself at risk."}
    asked = recorded(live, "note.added", **said)
    assert "Whose words are these?" in text(asked)
    assert entries(live, "Alder") == []
    page = asked.content.decode()
    live.as_("lead").post("/case/Alder/record/note.added", {**form(page), **said, "happened": "now", "do": "record"})
    (entry,) = entries(live, "Alder")
    assert entry.data["text"] == said["text"]
    assert entry.hits, "a list's words are found at the door, as in any other entry"


def test_somebodys_own_words_are_never_asked_about(live: Any) -> None:
    recorded(live, "child.voice", subjects="C1", verbatim="I am streetwise")
    assert len(entries(live, "Alder")) == 1


def test_sealed_and_unknown_kinds_and_those_with_a_rule_of_their_own_are_not_there(live: Any) -> None:
    for kind in ("integrity.concern", "role.restricted", "nothing.such", "finding.excused", "case.closed", "access.opened",
                 "case.allocated", "signoff.closure", "gate.passed", "card.reason_accepted", "handover.accepted"):  # fmt: skip
        assert live.as_("lead").get(f"/case/Alder/record/{kind}").status_code == 404


def test_somebody_who_is_not_in_the_case_is_refused(live: Any) -> None:
    assert "Somebody chosen is not in this case" in text(recorded(live, "child.seen", subjects="C2"))


def test_two_people_on_one_case_at_once_both_stand(live: Any) -> None:
    """Two forms opened before either is sent: both are taken, in order, and each sees the other's."""
    first, second = live.as_("lead"), live.as_("supervisor")
    path = "/case/Alder/record/note.added"
    pages = [client.get(path).content.decode() for client in (first, second)]
    for client, page, words in zip((first, second), pages, ("From the lead.", "From the supervisor."), strict=True):
        client.post(path, {**form(page), "subjects": "C1", "text": words, "happened": "now", "do": "record"})
    assert [entry.data["text"] for entry in entries(live, "Alder")] == ["From the lead.", "From the supervisor."]
    shown = text(first.get("/case/Alder"))
    assert "From the lead." in shown
    assert "From the supervisor." in shown


# ---- the board -----------------------------------------------------------------------------------------------------------


def test_the_board_holds_the_running_cases_of_the_team(live: Any) -> None:
    page = text(live.as_("supervisor").get("/board"))
    assert "2 running cases. O1 leads 2." in page
    assert page.index("Alder") < page.index("Cedar")
    assert "Birch" not in page
    assert "Damson" not in text(live.as_("inspector").get("/board")), "closed"


def test_the_board_by_silence_begins_with_the_longest(live: Any) -> None:
    """By the last step of substance: that somebody has seen a card, or opened the case, is none."""

    def first() -> list[str]:
        page = text(live.as_("inspector").get("/board?by=silence")).split("By lead", 1)[1]  # beneath what is pinned
        return sorted(("Alder", "Birch", "Cedar"), key=page.index)

    before = first()
    live.as_("lead").post("/case/Alder/seen", {"once": "a" * 32, "card": card(live, "Alder").mark})
    assert first() == before == ["Birch", "Alder", "Cedar"]
