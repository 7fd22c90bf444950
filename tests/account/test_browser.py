"""The report in a browser: on a phone, at a quarter of its speed, on paper, without script."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PHONE = {"width": 390, "height": 844}
SLOWER = 4  # times slower than this machine
READABLE = 2_000  # milliseconds
LONGEST_TASK = 200  # milliseconds
TRIES = 8

needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine; install the package chromium to run this"
)
pytestmark = [pytest.mark.browser, needs_chromium]
Report = Callable[[str], Path]

#: Notes how long each task of the page took; added by the test, since the page runs nothing itself.
WATCH = """
window.tasks = [];
new PerformanceObserver(list => window.tasks.push(...list.getEntries().map(each => each.duration)))
  .observe({type: 'longtask', buffered: true});
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


def opened(browser: Any, path: Path, **given: Any) -> tuple[Any, list[str]]:
    """A page with the report, and what the browser complained of."""
    page = browser.new_page(**given)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda fault: complaints.append(str(fault)))
    page.goto(path.as_uri())
    return page, complaints


def open_everything(page: Any) -> None:
    """Open every fold, as somebody would who reads it all."""
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")


@pytest.mark.parametrize("audience", ["force", "reviewer", "oversight", "public"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_sideways_scrolling_on_a_phone_and_no_complaint(
    browser: Any, report: Report, audience: str, scheme: str
) -> None:
    page, complaints = opened(browser, report(audience), viewport=PHONE, color_scheme=scheme)
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    wide = "[...document.querySelectorAll('body *')].filter(each => each.getBoundingClientRect().right > 390.5 && "
    assert (
        page.evaluate(wide + "getComputedStyle(each).position !== 'absolute').map(each => each.outerHTML.slice(0, 80))")
        == []
    )
    assert complaints == []
    page.close()


@pytest.mark.proof
def test_readable_soon_and_never_stuck_at_a_quarter_of_its_speed(browser: Any, report: Report) -> None:
    """The best of several tries counts: what other programs do on the machine meanwhile is not the page's doing."""
    tries = []
    for _ in range(TRIES):
        tries.append(timed(browser, report("force")))
        if tries[-1][0] < READABLE and tries[-1][1] < LONGEST_TASK:
            return
    pytest.fail(f"first paint and longest task in milliseconds, of {TRIES} tries: {tries}")


def timed(browser: Any, path: Path) -> tuple[float, float]:
    """When something was first painted, and how long the longest task took, at a quarter of this machine's speed."""
    page = browser.new_page(viewport=PHONE)
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(WATCH)
    page.goto(path.as_uri())
    page.wait_for_timeout(500)
    first = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    longest = max(page.evaluate("window.tasks"), default=0.0)
    page.close()
    return first, longest


def test_a_card_leads_to_its_case_without_script(browser: Any, report: Report) -> None:
    page, _ = opened(browser, report("force"), java_script_enabled=False, viewport=PHONE)
    link = page.locator(".card h4 a").first
    place = str(link.get_attribute("href")).removeprefix("#")
    assert not page.locator(f"#{place}").is_visible()
    link.click()
    page.locator(f"#{place}").wait_for(state="visible", timeout=5_000)
    assert page.locator(f"#{place} .timeline").count() == 1
    page.close()


def test_the_keyboard_reaches_the_report_first_and_is_seen(browser: Any, report: Report) -> None:
    page, _ = opened(browser, report("force"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser: Any, report: Report, scheme: str) -> None:
    page, _ = opened(browser, report("force"), color_scheme=scheme)
    low = page.evaluate(CONTRAST)
    assert low == []
    page.close()


@pytest.mark.parametrize("audience", ["force", "oversight"])
def test_it_prints(browser: Any, report: Report, audience: str) -> None:
    page, complaints = opened(browser, report(audience))
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 2
    assert complaints == []
    page.close()


#: The texts whose contrast with the nearest ground behind them is under 4.5 (WCAG 2.2, 1.4.3).
CONTRAST = """() => {
  const parts = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = colour => {
    const [r, g, b] = parts(colour).slice(0, 3).map(each => each / 255)
      .map(each => each <= 0.03928 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (parts(colour)[3] !== 0) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  return [...document.querySelectorAll('p, li, td, th, small, a, summary, h1, h2, h3, h4, dt, dd, .tag, caption')]
    .filter(each => each.textContent.trim() && each.getClientRects().length)
    .filter(each => {
      const [a, b] = [light(getComputedStyle(each).color), light(ground(each))];
      return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
    }).map(each => each.outerHTML.slice(0, 80));
}"""
