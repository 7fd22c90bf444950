"""A whole working day on both databases: feed, Today, handover, allocation, done in the other system, feed, cleared."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest

from everystone.standards.pack import Pack
from everystone.web import clock
from tests.web.test_acting import card, form, officer, text
from tests.web.test_duty import hand_over

DAY, MINUTE = 86_400, 60
SEEN = "1,Cedar,child.seen,C3,2026-03-03 16:00,2026-03-03 18:00,school,"
PLAN = "2,Alder,safety_plan.made,C1,2026-03-04 09:30,2026-03-04 09:40,,2026-06-01"
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
"""


class World:
    """The site, its one feed, and a clock that the test moves."""

    def __init__(self, live: Any, folder: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack) -> None:
        from django.conf import settings

        from everystone.work.feeds import Feed

        self.live, self.drop, self.calendar = live, folder / "drop", pack.words.calendar
        self.now: int = live.now
        self.drop.mkdir()
        (folder / "mapping.yaml").write_text(MAPPING.format(kinds=", ".join(pack.words.kinds.by_name)))
        feeds = [Feed(name="Crimes", mapping=folder / "mapping.yaml", drop=self.drop, dated="%Y%m%dT%H%M", every=180)]
        monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"feeds": feeds}))
        monkeypatch.setattr(clock, "now", lambda: self.now)
        monkeypatch.setattr(clock, "real", lambda: self.now)

    def at(self, said: str) -> World:
        self.now = self.calendar.span(f"2026-03-04 {said}")[0]
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

    def today(self, who: str) -> str:
        return text(self.live.as_(who).get("/today"))


@pytest.fixture
def day(fresh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pack: Pack) -> World:
    return World(fresh, tmp_path, monkeypatch, pack)


def test_a_whole_working_day(day: World) -> None:
    live = day.live
    day.at("06:15").feed("20260304T0610", SEEN)
    officer(live, "O8", "pip2", "child_abuse")

    assert "Today, Wednesday 4 March 2026 at 07:45" in day.at("07:45").today("inspector")
    assert "C1 tonight" in day.today("inspector")
    assert "As known at 06:10 from CRIMES" in text(live.as_("lead").get("/case/Cedar"))

    hand_over(live.as_("supervisor"), words="The school rings back about C1.")
    page = live.as_("inspector").get("/handover")
    line = re.search(r'name="line" value="([^"]+)"', page.content.decode())
    assert line
    live.as_("inspector").post("/handover/accept", {"line": line[1]})
    assert "Accepted by D1" in text(live.as_("supervisor").get("/handover"))

    client = live.as_("supervisor")
    page = client.get("/case/Alder/allocate").content.decode()
    client.post("/case/Alder/allocate", {**form(page), "lead": "O8"})
    assert "C1 tonight" in day.at("08:30").today("O8")
    assert "C1 tonight" not in day.today("lead"), "it is with another lead now"

    client = live.as_("lead")
    page = client.get(f"/case/Cedar/done?card={card(live, 'Cedar').mark}").content.decode()
    client.post("/case/Cedar/done", {**form(page), "text": "Referred by telephone."})
    assert "Waiting 1 child" in day.today("lead")

    client = live.as_("O8")
    page = client.get(f"/case/Alder/done?card={card(live, 'Alder').mark}").content.decode()
    day.at("09:45")
    client.post(
        "/case/Alder/done", {**form(page), "text": "A safety plan was agreed with the mother.", "reference": "SP-1"}
    )
    assert "Done, in the other system: O8" in day.today("O8")
    assert "C1 tonight" in day.today("inspector"), "said to be done takes nothing down that keeps a child safe tonight"

    day.at("12:20").feed("20260304T1210", SEEN, PLAN)
    for who in ("O8", "supervisor", "inspector"):
        assert "C1 tonight" not in day.today(who), who
    assert "Safety plan" in text(live.as_("O8").get("/case/Alder"))
