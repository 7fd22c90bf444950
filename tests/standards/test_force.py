"""A force's own pack: it adds and tightens, it never weakens, and its own standards are off until switched on."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from textwrap import dedent

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from everystone.account.shadow import shadow, shadow_run
from everystone.cli import app
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED, Pack, load

OWN = """
    id: LOC-01
    title: Own look within a day
    asks: Was the case looked at within a day?
    threatens: record
    who_acts: detective sergeant
    follows: SUP-01
    response: {after: {kind: case.allocated}, expect: {kind: review.done}, within: {hours: 24}}
    versions:
      - {since: 2026-01-01, basis: local, checked: verified, sources: [{name: Force policy}]}
"""
ON = """
    switched_on:
      - standard: LOC-01
        since: 2026-03-02
        owner: head of child protection
        reason: the shadow run found what nobody had seen
        shadow_run: {from: 2026-01-05, to: 2026-03-01, rows_a_week: 3.5, acted_on: 0.6}
"""


@pytest.fixture
def force(tmp_path: Path) -> Path:
    (tmp_path / "standards" / "own").mkdir(parents=True)
    (tmp_path / "standards" / "own" / "LOC-01.yaml").write_text(dedent(OWN))
    return tmp_path


def says(force: Path, said: str) -> None:
    (force / "force.yaml").write_text("force: An invented force\n" + dedent(said))


def of_basis(pack: Pack, *basis: str) -> str:
    """A standard with a plain limit whose last version rests on one of these."""
    return next(each.id for each in pack.finished if each.versions[-1].version.basis in basis
                and len(each.versions[-1].bodies) == 1 and each.versions[-1].until is None
                and (limit := each.versions[-1].body.within) is not None and limit.duration.n > 1)  # fmt: skip


def setting(pack: Pack, standard: str, more: int, since: str = "2026-06-01") -> str:
    limit = pack.standards[standard].versions[-1].body.within
    assert limit is not None
    said = limit.model_dump(by_alias=True, exclude_none=True)
    unit = next(key for key, value in said.items() if isinstance(value, int))
    figure = {**said, unit: said[unit] + more}
    return (f"parameters:\n  - {{standard: {standard}, set: {{within: {figure}}}, since: {since}, owner: superintendent, "
            "reason: agreed with the board}\n").replace("'", '"')  # fmt: skip


def test_own_standards_are_off_until_they_are_switched_on(force: Path) -> None:
    says(force, "")
    pack = load([SHIPPED, str(force)])
    assert "LOC-01" not in pack.standards and "LOC-01" in pack.off
    assert "LOC-01" in load([SHIPPED, str(force)], shadow=True).standards
    says(force, ON)
    pack = load([SHIPPED, str(force)])
    assert "LOC-01" in pack.standards and "LOC-01" not in pack.off


def test_local_standards_of_the_pack_beside_it_are_off_as_well_and_no_others(pack: Pack, force: Path) -> None:
    says(force, "")
    mine = load([SHIPPED, str(force)])
    local = {each.id for each in pack.finished if {one.version.basis for one in each.versions} == {"local"}}
    assert mine.off == local | {"LOC-01"} and len(local) > 10
    assert set(pack.standards) - set(mine.standards) == local
    one = min(local)
    says(force, ON.replace("LOC-01", one))
    assert one in load([SHIPPED, str(force)]).standards


def test_what_rests_on_more_than_local_policy_is_never_off(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "guidance")
    says(force, ON.replace("LOC-01", name))
    with pytest.raises(Fault, match="always on"):
        load([SHIPPED, str(force)])


def test_a_pack_that_is_no_forces_own_is_on_when_it_is_named(force: Path) -> None:
    assert "LOC-01" in load([SHIPPED, str(force)]).standards


def test_a_shadow_run_of_a_week_is_too_short(force: Path) -> None:
    says(force, ON.replace("to: 2026-03-01", "to: 2026-01-12"))
    with pytest.raises(Fault, match="four weeks or longer"):
        load([SHIPPED, str(force)])


def test_what_is_switched_on_is_there(force: Path) -> None:
    says(force, ON.replace("LOC-01", "LOC-02"))
    with pytest.raises(Fault, match=r"no standard 'LOC-02' to switch on") as fault:
        load([SHIPPED, str(force)])
    assert fault.value.where == f"{force / 'force.yaml'}:4"


def test_a_tighter_figure_is_a_version_of_its_own_with_owner_and_reason(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "guidance", "national practice", "own", "local")
    says(force, setting(pack, name, -1))
    mine = load([SHIPPED, str(force)], shadow=True)
    before, (*_, after) = pack.standards[name].versions[-1], mine.standards[name].versions
    assert after.version.basis == "local" and after.version.note == "agreed with the board"
    assert "superintendent" in after.version.sources[0].name
    assert before.body.within is not None and after.body.within is not None
    assert after.body.within.duration.n == before.body.within.duration.n - 1
    assert after.version.since == date(2026, 6, 1)


def test_what_rests_on_law_stays(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "law", "code")
    says(force, setting(pack, name, -1))
    with pytest.raises(Fault, match=rf"Write a standard of your own that `follows: {name}`"):
        load([SHIPPED, str(force)])


def test_what_a_guide_says_is_not_loosened(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "guidance", "national practice")
    says(force, setting(pack, name, 1))
    with pytest.raises(Fault, match="A force may tighten, not loosen"):
        load([SHIPPED, str(force)])


def test_a_figure_of_our_own_may_be_set_either_way(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "own", "local")
    says(force, setting(pack, name, 1))
    mine = load([SHIPPED, str(force)], shadow=True)
    assert mine.standards[name].versions[-1].version.basis == "local"


def test_figures_in_another_unit_do_not_compare(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "own", "local")
    says(
        force,
        f"parameters:\n  - {{standard: {name}, set: {{within: {{minutes: 1}}}}, since: 2026-06-01, owner: a, reason: b}}\n",
    )
    with pytest.raises(Fault, match="in the same unit"):
        load([SHIPPED, str(force)])


def test_the_day_lies_after_the_last_version(pack: Pack, force: Path) -> None:
    name = of_basis(pack, "own", "local")
    says(force, setting(pack, name, -1, since="1990-01-01"))
    with pytest.raises(Fault, match="Say a later day"):
        load([SHIPPED, str(force)])


def test_rows_a_week_and_the_share_acted_on(tmp_path: Path) -> None:
    def row(reason: str, day: int, answer: str = "not met") -> dict[str, object]:
        return {"standard": "LOC-01", "answer": answer, "reason": reason, "due": datetime(2026, 1, day, 12, tzinfo=UTC)}

    rows = [row("late by", 5), row("late by", 6), row("no record shows", 7), row("no record shows", 30),
            row("", 8, "not yet due")]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "findings.parquet")
    (one, other) = shadow(tmp_path / "findings.parquet", ["LOC-01", "LOC-02"], date(2026, 1, 1), date(2026, 1, 14))
    assert one.rows_a_week == 1.5
    assert one.acted_on == pytest.approx(2 / 3)
    assert (other.rows_a_week, other.acted_on) == (0, None)
    with pytest.raises(ValueError, match="before it begins"):
        shadow(tmp_path / "findings.parquet", ["LOC-01"], date(2026, 1, 14), date(2026, 1, 1))


MAPPING = """
name: a log
zone: Europe/London
as_of: 2026-03-31
holds: [{kinds: [case.allocated, review.done, case.closed]}]
tables:
  - file: log.csv
    stream: {column: case}
    row_key: [case, kind]
    happened: {column: at}
    entries:
      - {kind: case.allocated, when: {kind: allocated}, fields: {lead: {column: who}}}
      - {kind: review.done, when: {kind: review}, fields: {level: periodic}}
"""


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Four cases allocated in one week: two looked at a day late, one never, one in time."""
    rows = ["case,kind,at,who"]
    for name, looked in (("A", "2026-01-08 12:00"), ("B", "2026-01-08 13:00"), ("C", ""), ("D", "2026-01-06 12:00")):
        rows += [f"{name},allocated,2026-01-06 10:00,D1", *([f"{name},review,{looked},S1"] if looked else [])]
    extract = tmp_path / "extract"
    extract.mkdir()
    (extract / "log.csv").write_text("\n".join(rows))
    (extract / "mapping.yaml").write_text(MAPPING)
    return extract


def test_a_shadow_run_from_the_command_line(force: Path, log: Path) -> None:
    says(force, "")
    said = CliRunner().invoke(app, ["standards", "shadow", str(log), "--pack", SHIPPED, "--pack", str(force), "--from",
                                    "2026-01-05", "--to", "2026-02-01", "--standard", "LOC-01"])  # fmt: skip
    assert said.exit_code == 1 and "four weeks or longer" in str(said.exception)
    said = CliRunner().invoke(app, ["standards", "shadow", str(log), "--pack", SHIPPED, "--pack", str(force), "--from",
                                    "2026-01-05", "--to", "2026-03-01", "--standard", "LOC-01"])  # fmt: skip
    assert said.exit_code == 0, said.output
    assert "LOC-01  0.4 rows a week, 67% acted on" in said.output
    (line,) = [each for each in said.output.splitlines() if "shadow_run" in each]
    says(force, "switched_on:\n  - {standard: LOC-01, since: 2026-03-02, owner: a, reason: b,\n" + line)
    assert "LOC-01" in load([SHIPPED, str(force)]).standards


def test_only_what_is_off_has_a_shadow_run(force: Path, log: Path) -> None:
    says(force, "")
    with pytest.raises(Fault, match="SUP-08 is not off"):
        shadow_run(
            [log / "log.csv"],
            log / "mapping.yaml",
            [SHIPPED, str(force)],
            (date(2026, 1, 5), date(2026, 3, 1)),
            None,
            ["SUP-08"],
        )
