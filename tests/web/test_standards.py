"""Standards: figures of the whole force as known at an instant, and the manual itself."""

from __future__ import annotations

import re
from typing import Any

from tests.web.test_acting import text


def figures(live: Any) -> dict[str, Any]:
    from everystone.web.store import tables
    from everystone.work.rates import rates

    return {each.standard: each for each in rates(tables())}


def test_a_figure_counts_every_answer_that_could_be_told(live: Any) -> None:
    """By asking every frame anew: the same numbers as those that are kept at hand."""
    from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET
    from everystone.web.store import MACHINE, worklists
    from everystone.work.opened import open_stream

    found: dict[tuple[str, str], int] = {}
    with worklists(MACHINE, live.now) as lists:
        names = [name for (name,) in lists.database.run("SELECT frame FROM work_frame WHERE home = frame").fetchall()]
        seen = {}
        for name in names:
            opened = open_stream(lists.book, lists.asking, name, live.now)
            seen.update({each.key: each for each in opened.all_answers})
        for each in seen.values():
            found[each.standard, each.answer] = found.get((each.standard, each.answer), 0) + 1
    shown = figures(live)
    assert len(shown) > 20
    for standard, rate in shown.items():
        met, not_met, untold = (found.get((standard, answer), 0) for answer in (MET, NOT_MET, CANNOT_BE_TOLD))
        assert (rate.told.x, rate.told.n) == (met + not_met, met + not_met + untold), standard
        assert (rate.met.x, rate.met.n) == (met, met + not_met) if rate.met else met + not_met == 0


def test_the_page_says_n_interval_coverage_and_as_of_when(live: Any) -> None:
    page = text(live.as_("lead").get("/standards"))
    assert "as known on 4 March 2026, 07:45" in page
    assert re.search(
        r"On the record: [\d.]+% of \d+, likely between [\d.]+% and [\d.]+%\. Could be told: [\d.]+% of \d+\.", page
    )
    assert "Of 1 finding: " in page or "findings: acted on" in page


def test_what_professional_standards_are_told_first_has_no_figure(live: Any) -> None:
    from everystone.web.store import asking, pack

    page = text(live.as_("inspector").get("/standards"))
    for name in asking().sealed:
        title = pack().standards[name].standard.title
        if pack().standards[name].standard.finished:
            assert "No figure is shown here." in page.split(title, 1)[1][:600], name


def test_the_manual_is_the_one_that_is_written(live: Any) -> None:
    from everystone.account.manual.site import Manual
    from everystone.web.store import pack

    client = live.as_("policy lead")
    first = client.get("/standards/manual/index.html")
    assert first.content.decode() == Manual(pack()).makers()["index.html"]()
    policy = first["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script" not in policy
    name = pack().finished[0].id.lower()
    assert client.get(f"/standards/manual/{name}.html").status_code == 200
    assert client.get("/standards/manual/..%2Fsecret.txt").status_code == 404
    assert client.get("/standards/manual/nothing.html").status_code == 404
    assert live.as_("keeper").get("/standards").status_code == 404
