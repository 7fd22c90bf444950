"""The bars of a working day: clicks to the act that clears a card, keystrokes of a record, forty plain words on a card.

In a browser for every act that a card of the small force offers, and in full (`make proof`) for every card and post of a
demonstration; in words for everything that the packs can put on a card, and in keystrokes for every kind that can be recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from everystone.standards.pack import Pack
from everystone.work.acts import read_acts
from everystone.work.cards import Card
from everystone.work.posts import read_duty
from everystone.work.recording import Asked, asked_of, offered, recordable
from tests.account.test_browser import needs_chromium
from tests.web.test_browser import WIDTHS, Seat, address, browser

__all__ = ["address", "browser"]
HEIGHT = {"phone": 844, "desk": 800}
MOST_CLICKS, MOST_WORDS, MOST_SECONDS = 3, 40, 60

# ---- words on a card ----------------------------------------------------------------------------------------------------

#: A code, an abbreviation, or the number of a standard: three capitals and a number, two capitals and more, letters with digits.
CODE = re.compile(r"\b[A-Z]{2,}(?:-\d+)?s?\b|\b[A-Za-z]+\d\w*\b|\bs\d+\b|\w+_\w+|\w+\.\w+")
CHILD = "V0000497"  # as the force's own system calls a child: the one reference on a card


def card(because: str, step: str, by: str) -> Card:
    return Card(CHILD, CHILD, "C0000497", 0, because, "known", step, by, "North", "O1", True, 1, 1_772_610_300)


def possible(pack: Pack) -> Iterator[Card]:
    """Every card that the packs can make: of the file of danger, and of each standard that fails."""
    from everystone.findings.wording import left_undone  # noqa: F401 - the sentence below is its

    for says in _says(pack.danger.model_dump() if pack.danger else {}):
        filled = says["because"].format(called="The bail condition about the child who was harmed", end="Wednesday 4 March 2026 at 17:54",
                                        kinds="“Safeguarding considered”, “Child seen”, “Attendance made”")  # fmt: skip
        yield card(filled, says["step"], says["by"])
    for loaded in pack.standards.values():
        said, still = loaded.standard, loaded.standard.still_possible
        because = f"Not on the record as it should be: “{said.title}”, due by Wednesday 30 September 2026 at 17:54; 12 more questions."
        yield card(
            because, f"{still.what[:1].upper()}{still.what[1:]}." if still else "", still.by if still else said.who_acts
        )


def _says(said: Any) -> Iterator[dict[str, str]]:
    """Everything in a file that says why, what to do and who."""
    if isinstance(said, dict):
        if {"because", "step", "by"} <= said.keys():
            yield said
        for each in said.values():
            yield from _says(each)
    elif isinstance(said, list | tuple):
        for each in said:
            yield from _says(each)


def words_of(child: str, why: str, step: str, who: str, due: str = "Due since 4 March 2026.") -> str:
    return f"{child} {why} {step} For: {who.rstrip('.')}. {due}"


def test_whatever_a_pack_can_put_on_a_card_is_said_in_forty_plain_words(pack: Pack) -> None:
    found = list(possible(pack))
    assert len(found) > len(pack.standards) + 20
    for each in found:
        said = each.brief
        assert said.why, each
        assert said.step, each
        assert said.who, each
        words = words_of(CHILD, *said)
        assert len(words.split()) <= MOST_WORDS, words
        assert CODE.findall(words.removeprefix(CHILD)) == [], words


def test_a_code_would_be_noticed() -> None:
    for said in ("OFF-01 is open", "Prints and DNA", "SOA2003-s5", "child.seen", "open_case", "s83"):
        assert CODE.search(said), said
    assert not CODE.search("Detention reviewed at 6 then 9 hours, “Child seen”, by 17:54 on 4 March 2026.")


# ---- a new record -------------------------------------------------------------------------------------------------------

#: Somebody who types 200 characters a minute (40 words), and needs 1.1 seconds to point and click, or to go to the next field.
#: Our own figures for an ordinary officer at a desk; a sentence is 80 characters.
KEYS_A_SECOND, POINT, SENTENCE = 200 / 60, 1.1, 80
KEYS = {"long": SENTENCE, "date": 10, "choose": 2, "yes or no": 2, "line": 8}
MOST_FIELDS = 5


def shortest(kind: str, pack: Pack, elsewhere: frozenset[str]) -> str:
    """The fewest letters of the title of a kind by which it is offered."""
    title = pack.words.kinds.by_name[kind].title.lower()
    tries = [word[:n] for n in range(3, 30) for word in re.findall(r"\w+", title) if len(word) >= n]
    return next(str(each) for each in tries if kind in {offer.kind for offer in offered(each, pack.words, elsewhere)})


def seconds(typed: str, asked: Iterable[Asked]) -> float:
    """How long a record takes: find the kind, say about whom and when, fill in the first five fields with one sentence, send it."""
    fields = list(asked)[:MOST_FIELDS]
    keys = len(typed) + len("yesterday 14:30") + sum(KEYS[each.how] for each in fields)
    more = (
        sum(each.how == "long" for each in fields[1:]) * SENTENCE
        if sum(each.how == "long" for each in fields) > 1
        else 0
    )
    return (keys - more) / KEYS_A_SECOND + (5 + len(fields)) * POINT


def test_every_kind_is_recorded_in_a_minute_and_found_by_typing(pack: Pack) -> None:
    acts, duty = read_acts(pack), read_duty(pack)
    assert duty
    elsewhere = acts.with_a_page | {duty.handover.left.kind, duty.handover.accepted.kind}
    kinds = [name for name in pack.words.kinds.by_name if recordable(name, pack.words, elsewhere)]
    assert len(kinds) > 200
    for name in kinds:
        typed = shortest(name, pack, elsewhere)
        took = seconds(typed, asked_of(pack.words.kinds.by_name[name], pack.words))
        assert took <= MOST_SECONDS, f"{name}: {took:.0f} s"


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("width", WIDTHS)
def test_a_record_typed_in_a_browser(browser: Any, address: tuple[Any, str], width: str) -> None:
    """From the card to the record, by keys that are really pressed: counted, none but when it happened required, three clicks."""
    live, at = address
    seat = Seat(browser, live, at, "lead", viewport={"width": WIDTHS[width], "height": HEIGHT[width]})
    page, keys, points = seat.open("/today"), 0, 0

    def typed(label: str, text: str) -> None:
        nonlocal keys, points
        field = page.get_by_label(label, exact=True)
        field.fill("")
        field.press_sequentially(text)
        keys, points = keys + len(text), points + 1

    seat.click("link", re.compile("Record it here.*C1"))
    typed("A word or two of it", "safety plan")
    with page.expect_event("load"):
        page.keyboard.press("Enter")
    seat.click("link", re.compile("^Safety plan made"))
    assert page.locator("main [required]").count() <= MOST_FIELDS
    page.get_by_role("checkbox", name="C1, child").check()
    typed("When it happened", "07:40")
    typed("About", "X1")
    typed("Review by", "2026-06-01")
    seat.click("button", "Record it")
    assert page.get_by_role("heading", name="Recorded: Safety plan made").is_visible()
    assert seat.clicks <= MOST_CLICKS
    assert (keys + 1) / KEYS_A_SECOND + (points + 1 + seat.clicks) * POINT <= MOST_SECONDS
    assert seat.complaints == []


# ---- from Today to the act that clears a card -----------------------------------------------------------------------------

#: What a card leads to: the control on Today, what is filled in, what is pressed at the end ("" where the control is all).
ACTS: dict[str, tuple[tuple[tuple[str, str], ...], dict[str, str], str]] = {
    "seen": ((("button", "I have read this"),), {}, ""),
    "done": ((("link", "Done, in the other system"),), {"What was done": "Referred by telephone."}, "Say so"),
    "reason": ((("link", "Accept a reason"),), {"The reason": "The carer is away.", "Until which day": "{day}"}, "Accept it"),
    "direct": ((("link", "Open the case"), ("link", "Give a direction")),
               {"What is to be done": "See the child today.", "By when": "{day}"}, "Give it"),
    "allocate": ((("link", "Open the case"), ("link", "Allocate the case")),
                 {"Why this person, if the record does not show them as qualified": "Until Monday."}, "Allocate it"),
}  # fmt: skip


def offering(seat: Seat, name: str) -> list[int]:
    """The places on Today of the cards that offer an act to this person."""
    role, called = ACTS[name][0][0]
    cards = seat.open("/today").locator(".es-card")
    control = re.compile(f"^{called}")
    return [n for n in range(cards.count()) if cards.nth(n).get_by_role(role, name=control).count()]


def act(seat: Seat, n: int, name: str, day: str, height: int) -> int:
    """Do one act about the card at a place of Today; the clicks it took. Every step is on the first screen of its page."""
    page, (way, fields, last) = seat.open("/today"), ACTS[name]
    one = page.locator(".es-card").nth(n)
    child = one.get_by_role("heading").bounding_box()
    first = one.get_by_role(way[0][0], name=re.compile(f"^{way[0][1]}"))
    step = first.bounding_box()
    assert step["y"] + step["height"] - child["y"] <= height, "the child and the step are on one screen"
    seat.clicks = 0
    seat.press(first)
    for role, called in way[1:]:
        seat.click(role, re.compile(f"^{called}"))
    for label, text in fields.items():
        page.get_by_label(label, exact=True).fill(text.format(day=day))
    if name == "allocate":
        page.locator("select[name=lead]").select_option(index=1)
    if last:
        button = page.get_by_role("button", name=last)
        assert (
            button.bounding_box()["y"] + button.bounding_box()["height"] <= page.evaluate("window.scrollY") + height
        ), f"{name}: sent without scrolling"
        seat.press(button)
    assert page.locator(".govuk-error-summary").count() == 0, page.locator("main").inner_text()[:300]
    return seat.clicks


@pytest.mark.browser
@needs_chromium
@pytest.mark.parametrize("width", WIDTHS)
def test_every_act_of_a_card_takes_three_clicks_and_no_scrolling(
    browser: Any, address: tuple[Any, str], width: str
) -> None:
    live, at = address
    size = {"width": WIDTHS[width], "height": HEIGHT[width]}
    seats = {name: Seat(browser, live, at, name, viewport=size) for name in ("lead", "supervisor", "inspector")}
    for seat in seats.values():
        step = seat.open("/today").locator(".es-card").first.get_by_role("link", name=re.compile("^Done"))
        assert step.bounding_box()["y"] + step.bounding_box()["height"] <= HEIGHT[width], "without scrolling"
    done: dict[str, int] = {}
    for name, mine in (("lead", ("seen", "done")), ("supervisor", ("direct", "reason")), ("inspector", tuple(ACTS))):
        for each in mine:
            for n in offering(seats[name], each)[:1]:
                done[each] = max(done.get(each, 0), act(seats[name], n, each, "2026-03-06", HEIGHT[width]))
        assert seats[name].complaints == []
    assert done.keys() == ACTS.keys()
    assert max(done.values()) <= MOST_CLICKS
