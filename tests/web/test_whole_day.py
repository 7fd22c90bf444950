"""A whole working day in a browser, on both databases: each post at a seat of its own, a feed, and a clock that the test moves."""

from __future__ import annotations

import os
import re
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from everystone.standards.pack import Pack
from everystone.web import clock
from tests.account.test_browser import needs_chromium
from tests.web.conftest import BOTH
from tests.web.test_acting import officer
from tests.web.test_browser import Seat, address, browser

__all__ = ["address", "browser"]
pytestmark = [
    pytest.mark.browser,
    needs_chromium,
    pytest.mark.parametrize("address", BOTH, indirect=True),
]

MINUTE = 60
OWN = r'value="\w+"|<section aria-labelledby="read">.*?</section>'  # what is another at each opening: a form's mark, the reading itself
#: By post: how its first page begins, what its head offers, and an address of somebody else's.
VIEWS = {
    "lead": ("Today", ["Today", "Duty", "Other systems"], "/board"),
    "supervisor": ("Today", ["Today", "Board", "Duty", "Handover", "Told", "Other systems"], "/case/Birch"),
    "inspector": ("Today", ["Today", "Board", "Duty", "Handover", "Told", "Other systems"], "/sealed"),
    "standards": ("Sealed", ["Told", "Sealed matters", "Opened outside duties"], "/case/Alder"),
    "policy lead": ("", ["Challenges"], "/today"),
    "keeper": ("", ["Other systems", "People"], "/today"),
}
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SEEN = "1,Cedar,child.seen,C3,2026-03-03 16:00,2026-03-03 18:00,school,"
PLAN = "2,Alder,safety_plan.made,C1,2026-03-04 09:30,2026-03-04 09:40,,2026-06-01"
CLOSED = "3,Birch,case.closed,,2026-03-04 08:50,2026-03-04 08:55,no further action,"
MAPPING = """
name: CRIMES
zone: Europe/London
holds:
  - {{kinds: [{kinds}]}}
tables:
  - file: log.csv
    stream: {{column: case, prefix: case/}}
    row_key: [key]
    happened: {{column: when}}
    recorded: {{column: written}}
    subjects: {{column: who}}
    entries:
      - {{kind: child.seen, when: {{what: child.seen}}, fields: {{place: {{column: note}}}}}}
      - {{kind: safety_plan.made, when: {{what: safety_plan.made}}, fields: {{about: {{value: X1}}, review_by: {{column: until}}}}}}
      - {{kind: case.closed, when: {{what: case.closed}}, fields: {{reason: {{column: note}}}}}}
"""


class World:
    """The site, its one feed, its people each at a browser, and the clock."""

    def __init__(
        self, browser: Any, at: tuple[Any, str], folder: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack
    ) -> None:
        from django.conf import settings

        from everystone.work.feeds import Feed

        self.browser, (self.live, self.address) = browser, at
        self.seats: dict[str, Seat] = {}
        self.drop, self.calendar = folder / "drop", pack.words.calendar
        self.now: int = self.live.now
        self.drop.mkdir()
        (folder / "mapping.yaml").write_text(MAPPING.format(kinds=", ".join(pack.words.kinds.by_name)))
        feeds = [Feed(name="Crimes", mapping=folder / "mapping.yaml", drop=self.drop, dated="%Y%m%dT%H%M", every=180)]
        monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"feeds": feeds}))
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(clock, "real", lambda: self.now)

    def at(self, said: str) -> World:
        self.now = self.calendar.span(f"2026-03-{said}" if " " in said else f"2026-03-04 {said}")[0]
        return self

    def feed(self, name: str, *rows: str) -> None:
        from everystone.web.feeding import take_feeds

        folder = self.drop / name
        folder.mkdir()
        (folder / "log.csv").write_text("\n".join(["key,case,what,who,when,written,note,until", *rows]) + "\n")
        for place in (folder / "log.csv", folder):
            os.utime(place, (self.now - 5 * MINUTE,) * 2)
        (done,) = list(take_feeds())
        assert [each.fault for each in done.items] == [""]

    def tick(self) -> None:
        from everystone.web.ticking import tick

        tick(self.now)

    def seat(self, who: str, size: dict[str, int] = WIDE) -> Seat:
        """Where somebody sits: the same browser, signed in, for the whole day."""
        if who not in self.seats:
            self.seats[who] = Seat(self.browser, self.live, self.address, who, viewport=size)
        return self.seats[who]

    def reads(self, who: str, path: str = "/today") -> str:
        """What somebody reads on a page that they open now."""
        return shown(self.seat(who).open(path))

    def in_order(self) -> None:
        """No browser complained; everybody goes home."""
        assert {who: seat.complaints for who, seat in self.seats.items() if seat.complaints} == {}
        self.seats.clear()


def shown(page: Any) -> str:
    return re.sub(r"\s+", " ", page.locator("body").inner_text())


@pytest.fixture
def day(browser: Any, address: tuple[Any, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack) -> World:
    return World(browser, address, tmp_path, monkeypatch, pack)


def test_a_whole_working_day(day: World) -> None:
    """Feed, Today, handover accepted, allocated, done in the other system, waiting, feed, cleared."""
    day.at("06:15").feed("20260304T0610", SEEN)
    officer(day.live, "O8", "pip2", "child_abuse")
    lead, sergeant, inspector = day.seat("lead", PHONE), day.seat("supervisor"), day.seat("inspector")
    other = day.seat("O8", PHONE)

    assert "Today, Wednesday 4 March 2026 at 07:45" in day.at("07:45").reads("inspector")
    assert "C1 tonight" in shown(inspector.page)
    for card in inspector.page.locator(".es-card").all():
        said = " ".join(part.inner_text() for part in card.locator("h3, p:not(.es-small):not(.es-card__known)").all())
        assert len(re.sub(r" For: ", " ", said).split()) <= 41, said
    assert "As known at 06:10 from CRIMES" in day.reads("lead", "/case/Cedar")

    sergeant.open("/handover")
    sergeant.click("link", "Hand over to the next shift")
    sergeant.page.get_by_label("To which post").select_option("duty inspector")
    sergeant.page.get_by_label("What is left to do for C1").fill("The school rings back about C1.")
    sergeant.page.get_by_label("By when, for C1").fill("2026-03-04 15:00")
    sergeant.click("button", "Hand over")
    inspector.open("/handover")
    inspector.click("button", re.compile("I accept this line.*C1"))
    assert "Accepted by D1" in day.reads("supervisor", "/handover")

    sergeant.open("/board")
    sergeant.click("link", "Alder")
    sergeant.click("link", "Allocate the case")
    sergeant.page.locator("select[name=lead]").select_option("O8")
    sergeant.click("button", "Allocate it")
    assert "C1 tonight" in day.at("08:30").reads("O8")
    assert "C1 tonight" not in day.reads("lead"), "it is with another lead now"

    lead.click("link", re.compile("other system.*C3"))
    lead.page.get_by_label("What was done").fill("Referred by telephone.")
    lead.click("button", "Say so")
    assert "Waiting 1 child" in day.reads("lead")

    other.open("/today")
    other.click("link", re.compile("other system.*C1"))
    day.at("09:45")
    other.page.get_by_label("What was done").fill("A safety plan was agreed with the mother.")
    other.click("button", "Say so")
    assert "Done, in the other system: O8" in day.reads("O8")
    assert "C1 tonight" in day.reads("inspector"), "said to be done takes nothing down that keeps a child safe tonight"

    day.at("12:20").feed("20260304T1210", SEEN, PLAN)
    for who in ("O8", "supervisor", "inspector"):
        assert "C1 tonight" not in day.reads(who), who
    written = other.open("/case/Alder").get_by_role("region", name="What was written down").inner_text()
    assert "CRIMES" in written.split("4 March 2026 at 09:30")[1], "from the other system, beside what was said here"
    day.in_order()


def test_closed_in_the_source_while_a_child_is_not_safe(day: World) -> None:
    """The delivery brings the closing; with the next tick the posts of that team and of the force have it on screen."""
    day.at("06:15").feed("20260304T0610", SEEN)
    assert "None in the last week" in day.reads("inspector", "/other-systems")
    day.at("09:05").feed("20260304T0900", SEEN, CLOSED)
    day.at("09:06").tick()
    for who in ("inspector", "other supervisor"):
        assert "C2" in day.reads(who, "/told"), who
        assert "Closed there while a child’s safety is open 1 child" in day.reads(who, "/other-systems"), who
    assert "C2" not in day.reads("supervisor", "/told"), "of another team"
    assert "C2" not in day.reads("supervisor", "/other-systems")
    day.in_order()


def test_a_contradicted_claim_reaches_professional_standards_and_nobody_else(day: World) -> None:
    """They open it with a purpose; for everybody else each page is the same, byte for byte."""
    from everystone.web.store import MACHINE, worklists
    from tests.web.test_sealed import CLAIM, DENIED, entry

    def others() -> list[str]:
        pages = [
            day.seat(who).open(path).content()
            for who, path in (
                ("lead", "/today"), ("lead", "/case/Alder"), ("supervisor", "/board"), ("supervisor", "/case/Alder"),
                ("inspector", "/today"), ("inspector", "/told"), ("keeper", "/people"), ("policy lead", "/challenges"),
            )
        ]  # fmt: skip
        return [re.sub(OWN, "", page, flags=re.DOTALL) for page in pages]

    with worklists(MACHINE, day.now) as lists:
        lists.take([entry(day.live, *CLAIM, claim_type="cps")])
    others()
    before = others()
    with worklists(MACHINE, day.now) as lists:
        lists.take([entry(day.live, *DENIED, act="cps", agreed=False)])
    day.tick()
    for one, other in zip(before, others(), strict=True):
        assert "\n".join(unified_diff(one.splitlines(), other.splitlines(), lineterm="", n=0)) == ""

    standards = day.seat("standards")
    assert "Alder" in day.reads("standards", "/told")
    standards.open("/sealed")
    standards.page.get_by_label("For what do you open them?").fill("what came in overnight")
    standards.click("button", "Open them")
    assert "case/Alder" in shown(standards.page)
    standards.click("link", re.compile("Open the matter.*Alder"))
    day.in_order()


def test_each_post_begins_at_its_own_page_and_has_no_other(day: World) -> None:
    """What stands in the head of the page is what the post has; what others have is not there, and it is said who has it."""
    for who, (first, has, lacks) in VIEWS.items():
        page = day.seat(who).open("/")
        assert page.get_by_role("heading", level=1).inner_text().startswith(first), who
        head = page.get_by_label("Pages").get_by_role("link")
        assert head.all_inner_texts() == has, who
        refused = day.reads(who, lacks)
        assert "There is no such page, or it is not open to you" in refused, who
    complaints = {each for seat in day.seats.values() for each in seat.complaints}
    assert all("404" in each for each in complaints), complaints


def test_two_people_on_one_case_at_once(day: World) -> None:
    """Both open the form before either sends it: both entries stand, each sees the other's."""
    first, second = day.seat("lead", PHONE), day.seat("supervisor")
    for seat, words in ((first, "From the lead."), (second, "From the supervisor.")):
        page = seat.open("/case/Alder/record/note.added")
        page.get_by_role("checkbox", name="C1, child").check()
        page.get_by_label("Text", exact=True).fill(words)
    for seat in (first, second):
        seat.click("button", "Record it")
    for who in ("lead", "supervisor"):
        read = day.reads(who, "/case/Alder")
        assert "From the lead." in read, who
        assert "From the supervisor." in read, who
    day.in_order()


def test_three_days_without_the_tick(day: World) -> None:
    """What was said to be done, and never delivered, is back by itself; the tick that comes then changes nothing on screen."""
    lead = day.seat("lead")
    lead.open("/today")
    lead.click("link", re.compile("other system.*C3"))
    lead.page.get_by_label("What was done").fill("Referred by telephone.")
    lead.click("button", "Say so")
    assert "Waiting 1 child" in day.reads("lead")
    day.in_order()
    day.at("07 07:45")
    before = [day.reads(who) for who in ("lead", "supervisor", "inspector")]
    assert "Waiting" not in before[0]
    assert "C3" in before[0]
    day.tick()
    assert [day.reads(who) for who in ("lead", "supervisor", "inspector")] == before
    day.in_order()
