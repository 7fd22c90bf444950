"""What if: another figure's answers gained and lost, held against what each figure says of every duty."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from everystone.findings import whatif as of_whatif
from everystone.findings.whatif import Gained, figure, whatif
from everystone.ledger.fault import Fault
from everystone.library import Extract, read, review
from everystone.standards import document
from everystone.standards.pack import load
from everystone.synthetic import synthesise

AS_AT = "2026-06-30"
YEAR = date(2025, 1, 1), date(2025, 12, 31)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """A small invented force, taken into a ledger."""
    folder = tmp_path_factory.mktemp("force")
    synthesise(100, 7, folder / "world", ["unseen-children"])
    return read([folder / "world"], folder / "world" / "mapping.yaml", folder / "ledger")


def asked(extract: Extract, folder: Path, standard: str, *figures: str, days: tuple[date, date] = YEAR) -> list[Gained]:
    given = dict(map(figure, figures))
    when = extract.instants(AS_AT)
    return whatif(extract.ledger.folder, extract.pack, when, standard, given, *days, folder, processes=1)


def test_the_same_figure_gains_and_loses_nothing(extract: Extract, tmp_path: Path) -> None:
    rows = asked(extract, tmp_path, "INV-01", "within=3wd")
    assert rows and all((row.gained, row.lost) == (0, 0) for row in rows)


def test_a_shorter_one_gains_what_came_in_between_and_a_longer_one_loses_it(extract: Extract, tmp_path: Path) -> None:
    calendar = extract.pack.words.calendar
    reviewed = review(extract, AS_AT, tmp_path / "review", processes=1).to_arrow().to_pylist()
    late = [each["reason"] for each in reviewed if (each["standard"], each["answer"]) == ("INV-01", "not met")
            and YEAR[0] <= calendar.day_of(int(each["due"].timestamp())) <= YEAR[1]]  # fmt: skip
    rows = asked(extract, tmp_path, "INV-01", "within=2y")
    assert sum(row.today for row in rows) == len(late)
    assert sum(row.lost for row in rows) >= late.count("late by") > 0


def test_a_shorter_one_loses_nothing_though_it_ends_before_the_time_begins(extract: Extract, tmp_path: Path) -> None:
    reviewed = review(extract, AS_AT, tmp_path / "review", processes=1).to_arrow().to_pylist()
    late = next(each for each in reviewed if (each["standard"], each["reason"]) == ("INV-01", "late by"))
    day = extract.pack.words.calendar.day_of(int(late["due"].timestamp()))
    rows = asked(extract, tmp_path, "INV-01", "within=1wd", days=(day, day))
    assert sum(row.today for row in rows) > 0
    assert sum(row.lost for row in rows) == 0


#: Each with a figure: plain, with a further limb, asked of persons, of another stream, beginning anywhere, of each child, of
#: each exhibit with a limb of its own.
OF_EACH_SORT = (
    ("INV-01", "within"),
    ("SAF-03", "within"),
    ("OFF-04", "within"),
    ("CON-02", "within"),
    ("MIS-06", "within"),
    ("INV-06", "within"),
)
CLEARED = ("INV-01", "SAF-03", "INV-06")  # those whose streams columns can clear for a time


@pytest.mark.parametrize(("standard", "key"), OF_EACH_SORT)
def test_what_it_reads_no_stream_for_says_nothing(
    extract: Extract, tmp_path: Path, standard: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the streams that hold nothing which begins a duty, nor those that columns clear for a time."""
    ever, month = (date(2010, 1, 1), date(2026, 12, 31)), (date(2025, 3, 1), date(2025, 3, 31))
    rows = asked(extract, tmp_path / "few", standard, f"{key}=1h", days=ever)
    fewer = asked(extract, tmp_path / "fewer", standard, f"{key}=1h", days=month) if standard in CLEARED else None
    monkeypatch.setattr(of_whatif, "_left", lambda *_: None)
    monkeypatch.setattr(of_whatif, "_waking", lambda _: frozenset())
    assert rows == asked(extract, tmp_path / "all", standard, f"{key}=1h", days=ever)
    assert fewer in (None, [row for row in rows if row.month == "2025-03"])


def test_another_figure_says_what_a_pack_with_that_figure_says(extract: Extract, tmp_path: Path) -> None:
    pack, ever = extract.pack, (date(2010, 1, 1), date(2026, 12, 31))
    gained = asked(extract, tmp_path / "asked", "INV-01", "within=1h", days=ever)
    home = Path(shutil.copytree(pack.folders[0], tmp_path / "pack", ignore=shutil.ignore_patterns("stories")))
    path = home / pack.standards["INV-01"].path.relative_to(pack.folders[0])
    said = dict(document.plain(document.read(path)))
    said["versions"] = [{**said["versions"][-1], "since": "0001-01-01", "within": {"hours": 1}}]
    path.write_text(json.dumps(said), encoding="utf-8")
    other = replace(extract, pack=load([str(home)]))
    rows = review(other, AS_AT, tmp_path / "review", processes=1).to_arrow().to_pylist()
    missed = [each for each in rows if (each["standard"], each["answer"]) == ("INV-01", "not met")]
    assert sum(row.today + row.gained - row.lost for row in gained) == len(missed) > 0


@pytest.mark.parametrize(
    ("standard", "said", "says"),
    [
        ("INV-01", "within=soon", "is no figure"),
        ("INV-01", "within=5 fortnights", "is no figure"),
        ("INV-01", "without=5d", "states no figure 'without'"),
        ("XXX-99", "within=5d", "No standard bears the reference 'XXX-99'"),
    ],
)
def test_what_is_no_figure_of_it_is_refused(
    extract: Extract, tmp_path: Path, standard: str, said: str, says: str
) -> None:
    with pytest.raises(Fault, match=says):
        asked(extract, tmp_path, standard, said)
