"""An invented force: the same from the same seed, written as it is made, neutral, and edited only where it is said."""

from __future__ import annotations

import json
import re
import shutil
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.synthetic import failings_of, synthesise
from everystone.synthetic.chance import SIZE, minutes_of, skips, weighted
from everystone.synthetic.clock import number_of
from everystone.synthetic.recipe import read_recipe, shipped
from everystone.synthetic.scope import Scope
from tests.synthetic.made import by_case, rows

CASES, SEED = 600, 5
FILES = (
    "entries.csv",
    "people.csv",
    "officers.csv",
    "records.csv",
    "matters.csv",
    "mapping.yaml",
    "world.json",
    "truth.parquet",
)
NEVER_SAID = ("blood", "naked", "genital", "weapon", "injur", "bruis", "assault", "rape", "porn", "streetwise")


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A force in which nothing was edited."""
    folder = tmp_path_factory.mktemp("healthy")
    synthesise(CASES, SEED, folder)
    return folder


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same force with every failing."""
    folder = tmp_path_factory.mktemp("troubled")
    synthesise(CASES, SEED, folder, list(failings_of()))
    return folder


# ---- the same and not the same ---------------------------------------------------------------------------------


def test_the_same_seed_makes_the_same_bytes(healthy: Path, tmp_path: Path) -> None:
    synthesise(CASES, SEED, tmp_path)
    assert all((tmp_path / name).read_bytes() == (healthy / name).read_bytes() for name in FILES)


def test_another_seed_makes_another_force(healthy: Path, tmp_path: Path) -> None:
    synthesise(CASES, SEED + 1, tmp_path)
    assert (tmp_path / "entries.csv").read_bytes() != (healthy / "entries.csv").read_bytes()


def test_paired_worlds_differ_in_edited_cases_only(healthy: Path, troubled: Path) -> None:
    before, after = by_case(healthy), by_case(troubled)
    truth = pq.read_table(troubled / "truth.parquet").to_pylist()
    differing = {case for case in before.keys() | after.keys() if before.get(case) != after.get(case)}
    assert differing == {row["case"] for row in truth} and differing
    for name in ("people.csv", "officers.csv", "records.csv", "mapping.yaml"):
        assert (healthy / name).read_bytes() == (troubled / name).read_bytes()


def test_edited_keys_are_those_that_differ(healthy: Path, troubled: Path) -> None:
    before, after = by_case(healthy), by_case(troubled)
    edited: dict[str, set[str]] = {}
    for row in pq.read_table(troubled / "truth.parquet").to_pylist():
        edited.setdefault(row["case"], set()).add(row["key"])
    for case, keys in edited.items():
        old, new = ({row["key"]: row for row in world[case]} for world in (before, after))
        changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
        assert {re.sub(r"-[cdw]$", "", key) for key in changed} == keys


def test_a_failing_stays_with_its_team_and_names_what_it_reaches(troubled: Path) -> None:
    said = read_recipe(shipped()).part("failings")
    entries = by_case(troubled)
    for row in pq.read_table(troubled / "truth.parquet").to_pylist():
        teams = {entry["team"] for entry in entries[row["case"]]}
        sort, _, name = row["reach"][0].partition("/")
        assert name == row["case"] and len(row["reach"]) > 2
        failing = said[row["failing"]]
        assert failing["team"] in teams if sort == "case" else failing["matter"]
        assert not row["person"] or any(frame.endswith(f"/{row['person']}") for frame in row["reach"])


def test_one_failing_leaves_the_others_alone(troubled: Path, healthy: Path, tmp_path: Path) -> None:
    synthesise(CASES, SEED, tmp_path, ["bare-closure"])
    alone = pq.read_table(tmp_path / "truth.parquet").to_pylist()
    together = pq.read_table(troubled / "truth.parquet").to_pylist()
    assert alone == [row for row in together if row["failing"] == "bare-closure"]
    assert pq.read_table(healthy / "truth.parquet").num_rows == 0


# ---- what is in it ---------------------------------------------------------------------------------------------


def test_it_is_written_as_it_is_made(tmp_path: Path) -> None:
    told: list[tuple[int, int, int]] = []
    path = tmp_path / "entries.csv"
    synthesise(2200, SEED, tmp_path, progress=lambda done, of: told.append((done, of, path.stat().st_size)))
    assert [done for done, _, _ in told] == [1000, 2000, 2200] and {of for _, of, _ in told} == {2200}
    assert 0 < told[0][2] < told[1][2]


def test_about_thirty_entries_a_case(healthy: Path) -> None:
    world = json.loads((healthy / "world.json").read_text())
    assert 26 <= world["entries_a_case"] <= 36
    assert world["cases"] == CASES == sum(name.startswith("C0") for name in by_case(healthy))
    assert world["seed"] == SEED and world["as_at"] == "2026-06-30" and len(world["teams"]) == 8
    assert sum(world["kinds"].values()) == world["entries"]
    small, whole = (healthy / "entries.csv").stat().st_size, CASES * 12_000
    assert small < whole


def test_every_entry_is_one_that_the_pack_knows(healthy: Path, pack: Pack) -> None:
    holds = set(read_recipe(shipped()).holds)
    for name in ("entries.csv", "records.csv", "matters.csv"):
        for row in rows(healthy / name):
            pack.words.kinds.admit(row["kind"], json.loads(row["data"]))
            assert row["kind"] in holds
            assert row["channel"] and row["actor"]
            assert not row["actor_rank"] or row["actor_rank"] in pack.words.ranks


def test_every_word_is_one_of_those_the_pack_lists(healthy: Path, pack: Pack) -> None:
    for row in [*rows(healthy / "entries.csv"), *rows(healthy / "matters.csv")]:
        fields = pack.words.kinds.by_name[row["kind"]].fields
        for name, value in json.loads(row["data"]).items():
            known = {*fields[name].values, *(word for words in fields[name].codes.values() for word in words)}
            given = value if isinstance(value, list) else [value]
            if fields[name].type in ("word", "words") and fields[name].values and value is not None:
                assert {str(each) for each in given} <= known, f"{row['kind']} {name}"


def test_nothing_happens_after_the_day_of_asking_or_before_it_is_written(healthy: Path) -> None:
    end = datetime.fromisoformat("2026-07-01T00:00+01:00")
    for row in rows(healthy / "entries.csv"):
        recorded = datetime.fromisoformat(row["recorded"])
        assert recorded < end
        if len(row["happened"]) > 10:
            assert datetime.fromisoformat(row["happened"]) <= recorded


def test_records_are_late_corrected_tied_and_partial_as_records_are(healthy: Path) -> None:
    entries = rows(healthy / "entries.csv")
    exact = [row for row in entries if len(row["happened"]) > 10]
    late = [row for row in exact if not row["corrects"] and _hours(row) > 72]
    tied = sum(a["case"] == b["case"] and a["happened"] == b["happened"] for a, b in pairwise(entries))
    assert 0.03 < len(late) / len(entries) < 0.05
    assert 0.012 < sum(bool(row["corrects"]) for row in entries) / len(entries) < 0.028
    assert 0.04 < tied / len(entries) < 0.08
    assert 0 < len(entries) - len(exact) < 0.02 * len(entries)
    assert any(row["withdraws"] for row in entries) and any(row["late_reason"] for row in entries)
    keys = [row["key"] for row in entries]
    assert len(keys) == len(set(keys)) and {row["corrects"] for row in entries if row["corrects"]} <= set(keys)


def _hours(row: dict[str, str]) -> float:
    span = datetime.fromisoformat(row["recorded"]) - datetime.fromisoformat(row["happened"])
    return span.total_seconds() / 3600


def test_all_sorts_of_case_are_there(healthy: Path) -> None:
    world = json.loads((healthy / "world.json").read_text())
    assert len(world["shapes"]) == len(read_recipe(shipped()).part("shapes"))
    closed = {row["case"] for row in rows(healthy / "entries.csv") if row["kind"] == "case.closed"}
    assert 0.6 * CASES < len(closed) < CASES
    for kind in (
        "case.reopened",
        "charge.made",
        "bail.granted",
        "detention.authorised",
        "missing.reported",
        "decision.nfa",
    ):
        assert world["kinds"].get(kind), kind
    for kind in ("training.completed", "duty.rostered", "officer.posted"):
        assert world["kinds"].get(kind), kind


# ---- nobody real, nothing graphic ------------------------------------------------------------------------------


def test_narratives_are_neutral(healthy: Path, pack: Pack) -> None:
    sentences = {
        sentence
        for said in read_recipe(shipped()).part("narratives").values()
        for slot in said["slots"]
        for sentence in (slot if isinstance(slot, list) else [slot])
    }
    for sentence in sentences:
        assert not any(word in sentence.lower() for word in NEVER_SAID), sentence
        assert not re.search(r'["\\]|(?<=\w )[A-Z][a-z]+(?! )', sentence), (
            f"a name, or a sign that cannot stand: {sentence}"
        )
    for number, row in enumerate(rows(healthy / "entries.csv")):
        if number % 7 == 0:
            assert not _hits(row, pack), row


def _hits(row: dict[str, str], pack: Pack) -> list[str]:
    texts = [name for name in pack.words.kinds.texts[row["kind"]] if json.loads(row["data"]).get(name)]
    said = " ".join(str(json.loads(row["data"])[name]) for name in texts).lower()
    return [word for word in NEVER_SAID if word in said]


def test_people_are_plainly_invented(healthy: Path) -> None:
    people = rows(healthy / "people.csv")
    assert all(row["name"].startswith("Invented ") for row in people if row["role"] != "officer")
    assert {row["role"] for row in people} >= {"victim", "child", "parent", "suspect", "officer"}
    assert {len(row["born"]) for row in people if row["role"] != "officer"} == {4, 7, 10}


def test_somebody_comes_again_in_the_next_case(tmp_path: Path) -> None:
    synthesise(2500, SEED, tmp_path)
    cases: dict[str, set[str]] = {}
    for row in rows(tmp_path / "people.csv"):
        if row["role"] == "suspect":
            cases.setdefault(row["person"], set()).add(row["case"])
    assert any(len(found) > 1 for found in cases.values())


# ---- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("cases", [99, 1_000_001])
def test_too_few_and_too_many_are_refused(cases: int, tmp_path: Path) -> None:
    with pytest.raises(Fault, match="100 to 1,000,000"):
        synthesise(cases, SEED, tmp_path)


def test_an_unknown_failing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"'asleep'.*silent-cases"):
        synthesise(100, SEED, tmp_path, ["asleep"])


@pytest.mark.parametrize(
    ("wrong", "right", "message"),
    [
        ("after: report, in: at once, feilds", "after: report, in: at once, fields", "no key 'feilds'"),
        ("after: incidentt", "after: report", "No step is named 'incidentt'"),
        ("in: at onc,", "in: at once,", "nothing named 'at onc'"),
    ],
)
def test_a_slip_in_the_pack_is_refused(wrong: str, right: str, message: str, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    for part in ("kinds", "tables", "synthetic"):
        shutil.copytree(shipped() / part, pack / part)
    blocks = pack / "synthetic" / "blocks.yaml"
    blocks.write_text(blocks.read_text().replace(right, wrong, 1))
    with pytest.raises(Fault, match=message):
        synthesise(100, SEED, tmp_path / "out", pack=pack)


# ---- clocks and chances ----------------------------------------------------------------------------------------


def test_office_hours_leave_out_nights_weekends_and_holidays() -> None:
    scope = Scope(read_recipe(shipped()))
    office, times = scope.clocks["office"], scope.times
    thursday = times.instant(number_of("2024-03-28"), 17 * 60)  # before a Good Friday; the clocks change that Sunday
    assert times.written(office(thursday, 59)) == "2024-03-28T17:59+00:00"
    assert times.written(office(thursday, 61)) == "2024-04-02T08:01+01:00"
    assert times.written(office(thursday, 60 + 599)) == "2024-04-02T17:59+01:00"
    assert office(thursday, 0) == thursday
    night = times.instant(number_of("2024-04-02"), 3 * 60)
    assert times.written(office(night, 30)) == "2024-04-02T08:30+01:00"


def test_written_times_agree_with_the_calendar() -> None:
    scope = Scope(read_recipe(shipped()))
    first = scope.times.instant(number_of("2025-10-25"), 0)
    for hour in range(60):
        instant = first + hour * 3600
        assert scope.times.written(instant) == scope.times.calendar.local(instant).isoformat(timespec="minutes")


def test_delays_keep_their_median_their_end_and_their_slips() -> None:
    table = minutes_of({"hours": 10, "spread": 0.5, "most": 20, "late": {"chance": 0.05, "times": 6}}, 0.1)
    assert len(table) == SIZE and sorted(table)[SIZE // 2] == pytest.approx(600, rel=0.06)
    assert sum(minutes > 20 * 60 for minutes in table) == 20 and 0 not in table
    quick = minutes_of({"minutes": 10, "most": 30}, 0.1)
    assert quick.count(0) == SIZE // 10 and max(quick) <= 30
    assert weighted({"a": 3, "b": 1}) == ["a", "a", "a", "b"]
    assert sum(skips(0.02)) / SIZE == pytest.approx(49, rel=0.05)
    with pytest.raises(Fault, match="minutes, hours, days"):
        minutes_of({"weeks": 1}, 0)
