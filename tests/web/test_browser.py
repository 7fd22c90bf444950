"""Every page in a browser: on a phone and at a desk, light and dark; nothing complains, nothing is a barrier."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest

from tests.account.test_browser import CHROMIUM, QUIET, needs_chromium
from tests.conftest import PROOF
from tests.web.site import PASSWORD
from tests.web.test_door import finding_of

WIDTHS = {"phone": 390, "desk": 1280}
SHOTS = os.environ.get("EVERYSTONE_SHOTS")  # a folder in which to leave a picture of each page, to be looked at
pytestmark = [pytest.mark.browser, needs_chromium]


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Silent(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def address(request: pytest.FixtureRequest, sites: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, str]]:
    """A site of its own, served on this machine; on SQLite where a test does not name the database."""
    from django.core.wsgi import get_wsgi_application

    from tests.web.conftest import at_its_instant

    monkeypatch.setenv(
        "DJANGO_ALLOW_ASYNC_UNSAFE", "1"
    )  # the browser's own loop runs in this thread; the site's do not
    live = at_its_instant(sites(getattr(request, "param", "sqlite"), fresh=True), monkeypatch)
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Silent)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield live, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Seat:
    """Somebody at a browser; what it complains of is kept, and clicks are counted."""

    def __init__(self, browser: Any, live: Any, address: str, name: str, **given: Any) -> None:
        self.context = browser.new_context(**given)
        session = live.as_(name).cookies["session"].value
        self.context.add_cookies([{"name": "session", "value": session, "url": address}])
        self.page, self.address = self.context.new_page(), address
        self.page.set_default_timeout(10_000)
        self.complaints: list[str] = []
        self.clicks = 0
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda fault: self.complaints.append(str(fault)))

    def open(self, path: str) -> Any:
        self.page.goto(self.address + path)
        return self.page

    def click(self, role: str, name: str | re.Pattern[str]) -> None:
        self.press(self.page.get_by_role(role, name=name).first)

    def press(self, control: Any) -> None:
        """Press what leads to another page, and wait until that page is there: a click itself waits for nothing."""
        self.clicks += 1
        with self.page.expect_event("load"):
            control.click()


#: Every page with data, by who opens it; {finding} is one of Birch.
WALK = {
    "inspector": ["/today", "/board", "/case/Alder", "/case/Alder?known_on=2026-02-25", "/case/Alder/allocate",
                  "/case/Birch/finding/{finding}", "/case/Birch/finding/{finding}/accept", "/case/Birch/review", "/case/Birch/closing",
                  "/case/Birch/closing/ask", "/nothing", "/duty", "/told", "/handover", "/handover/leave", "/other-systems"],
    "lead": ["/today", "/case/Alder/record?find=plan", "/case/Alder/record/safety_plan.made", "/account", "/account/sessions", "/outside",
             "/standards", "/account/passkeys", "/account/passkeys/new"],
    "standards": ["/sealed", "/openings", "/case/Birch/opening", "/told"],
    "policy lead": ["/challenges", "/case/Birch/finding/{finding}/decide"],
    "keeper": ["/people", "/people/O1"],
}  # fmt: skip


def filled(live: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something on every page: a feed that is late and one that could not be read, a line left, something told, a matter."""
    from django.conf import settings

    from everystone.web import store
    from everystone.web.models import KeptAway
    from everystone.work import conduct
    from everystone.work.feeds import FEED, Feed
    from everystone.work.tables import insert
    from everystone.work.telling import STEP
    from tests.work.test_worklists import seen

    feeds = [Feed(name="Crimes", mapping=Path("m.yaml"), drop=Path("drop"), every=60)]
    monkeypatch.setattr(settings, "SITE", settings.SITE.model_copy(update={"feeds": feeds}))
    database, now = store.tables(), live.now
    rows = [("Crimes", f"d{n}", "p", "CRIMES" if not fault else "", now - n * 7_200, now - n * 7_200, "2026-03-04", 5 - n, 3, 1, 0, 9, 2, fault)
            for n, fault in ((1, ""), (2, "The file has no rows. Nothing was taken."))]  # fmt: skip
    insert(database, "work_feed", FEED, rows)
    for post in ("duty inspector", "on-call detective inspector"):
        insert(
            database,
            "told",
            STEP,
            [("case/Alder", "C1", "1", post, "", "told" if post[0] == "d" else "not delivered", "", now - 600)],
        )
    line = {
        "to_post": "duty inspector",
        "from_post": "supervisor",
        "due": "2026-03-04 15:00",
        "text": "Ring the school.",
    }
    with store.worklists(store.MACHINE, now) as lists:
        lists.take([seen("h1", now - 60, kind="handover.left", data=line, by="S1")])
        concern = seen("k1", now, kind="conduct.became_known", data={}, child="O2", by="P1")
        conduct.write(lists.book, lists.asking, concern, now)
    KeptAway.objects.create(person=live.people["lead"], case="Birch")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [("phone", "dark"), ("desk", "light"), *([("phone", "light"), ("desk", "dark")] if PROOF else [])],
)
def test_no_page_with_data_has_a_barrier(
    browser: Any, address: tuple[Any, str], width: str, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """axe over every page with data, no sideways scrolling, no complaint of the browser."""
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
    live, at = address
    filled(live, monkeypatch)
    finding = finding_of("Birch")
    for name, paths in WALK.items():
        size = {"width": WIDTHS[width], "height": 900}
        seat = Seat(browser, live, at, name, viewport=size, color_scheme=scheme, bypass_csp=True)
        for path in paths:
            page = seat.open(path.format(finding=finding))
            if "/account/again" in page.url:
                page.fill("[name=password]", PASSWORD)
                seat.press(page.locator("main button[type=submit]"))
            page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
            page.evaluate(axe)
            found = page.evaluate(
                "axe.run().then(r => r.violations.map(v => v.id + ': ' + v.nodes.slice(0, 2).map(n => n.html.slice(0, 120))))"
            )
            assert found == [], f"{name} {path}"
            assert page.evaluate("document.documentElement.scrollWidth") == WIDTHS[width], path
            if SHOTS:
                page.screenshot(
                    path=f"{SHOTS}/{width}-{scheme}-{name}-{re.sub('[^a-z]+', '-', path)}.png", full_page=True
                )
        assert [each for each in seat.complaints if "404" not in each] == []
        seat.context.close()


def test_today_prints_on_one_side(browser: Any, address: tuple[Any, str]) -> None:
    live, at = address
    seat = Seat(browser, live, at, "inspector")
    printed = seat.open("/today").pdf(format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_a_case_page_is_small(browser: Any, address: tuple[Any, str]) -> None:
    """At most 120 KB as it comes over the wire without a cache, and 20 KB with one."""
    import gzip

    live, at = address
    seat = Seat(browser, live, at, "lead")
    answers: list[Any] = []
    seat.page.on("response", lambda answer: answers.append(answer))
    seat.open("/case/Alder").wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(answer.body())) for answer in answers}
    page = next(size for url, size in sizes.items() if url.endswith("/case/Alder"))
    assert page <= 20_000
    assert sum(sizes.values()) <= 120_000
