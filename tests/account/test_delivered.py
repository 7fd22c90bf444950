"""What a further delivery changed, in the force's report: which rows of the past, and which findings rest on them."""

from __future__ import annotations

import shutil
from html import unescape
from pathlib import Path

from everystone.account.delivered import SHOWN, Noting
from everystone.account.report import write_report
from everystone.findings.sealed import sealed_in
from everystone.intake.changes import Changed
from everystone.standards.pack import Pack
from tests.account.conftest import World

SAID = ["Since the delivery of 2012-02-29: 3 new rows, 2 changed, 1 gone, 90 as before."]


def row(what: str, key: str, field: str = "", standards: str = "", delivery: str = "2012-03-31") -> Changed:
    return Changed(what, delivery, "2012-02-29", "case/Oak", key, "child.seen", "2011-06-10 12:00", "2011-06-10 13:00",
                   field, "before words", "after words", standards)  # fmt: skip


def test_rows_on_which_findings_rest_come_first_and_none_is_lost_to_the_table() -> None:
    given = [row("changed", f"k{n:03}", standards="REC-03" if n > 90 else "") for n in range(100)]
    given += [row("gone", "k500"), row("late", "k600"), row("gone", "k700", delivery="2012-02-29")]
    noting = Noting(given)
    assert [*noting] == given, "everything goes into the table"
    told = noting.told(SAID)
    assert told.rows_in_all == 101, "what is late, and what earlier deliveries did, is in the table alone"
    assert len(told.rows) == SHOWN
    assert [each.key for each in told.rows[:9]] == [f"k{n:03}" for n in range(91, 100)]
    assert told.rows[9].key == "k500"


def test_a_row_is_told_once_with_its_fields_and_without_its_values() -> None:
    noting = Noting([row("changed", "k1", "alone"), row("changed", "k1", "place")])
    assert [*noting]
    (one,) = noting.told(SAID).rows
    assert (one.field, one.before, one.after) == ("alone, place", "", "")


def test_it_stands_in_the_report_and_says_nothing_of_what_is_sealed(world: World, pack: Pack, tmp_path: Path) -> None:
    for path in world.out.glob("*.parquet"):
        shutil.copy(path, tmp_path)
    sealed = min(sealed_in(pack))
    noting = Noting([row("changed", "k1", "alone", f"REC-03; {sealed}"), row("gone", "k2", "", sealed)])
    assert [*noting]
    shown = unescape(
        write_report(tmp_path, "force", pack, world.book, world.when, {}, delivered=noting.told(SAID)).read_text()
    )
    section = shown.split('id="delivered">What changed since the last delivery')[1].split("</section>")[0]
    assert SAID[0] in section and "changed: alone" in section and "REC-03" in section
    assert sealed not in shown and "words" not in section
    assert '<a href="#delivered">' in shown
