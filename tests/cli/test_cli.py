"""The command line as somebody would use it: what it prints, what it writes, how it refuses."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone.findings.sealed import sealed_in
from everystone.standards.pack import Pack

COLUMNS = ["standard", "version", "frame", "asked_for", "trigger", "n", "answer", "reason", "due", "evidence", "marks",
           "tier", "root", "team", "key"]  # fmt: skip


def everystone(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a program of its own."""
    program = Path(sys.executable).parent / "everystone"
    return subprocess.run([str(program), *map(str, arguments)], capture_output=True, text=True, check=False, cwd=cwd)


ROWS = """key,case,kind,person,when,by,rank,team
{n}-1,C{n},report,V{n},2024-03-04 10:00,O1,constable,North Team
{n}-2,C{n},seen,V{n},2024-03-04 {hour}:00,O1,constable,North Team
{n}-3,C{n},allocated,,2024-03-05 09:00,S1,sergeant,North Team
{n}-4,C{n},closed,,2024-03-{day} 09:00,O1,constable,North Team
"""
MAPPING = """
name: small-extract
zone: Europe/London
channel: force
as_of: 2026-06-30
holds:
  - {kinds: [report.received, child.seen, case.allocated, case.closed, signoff.closure, review.done, person.described]}
tables:
  - file: entries.csv
    entries:
      - kind: {column: kind, map: {report: report.received, seen: child.seen, allocated: case.allocated, closed: case.closed}}
        stream: {column: case, prefix: case/}
        row_key: [key]
        subjects: {column: person}
        happened: {column: when}
        by: {column: by}
        capacity: {role: officer, rank: {column: rank}, team: {column: team}}
"""


@pytest.fixture(scope="session")
def force(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small extract of twenty cases, each closed by one person alone."""
    folder = tmp_path_factory.mktemp("force") / "extract"
    folder.mkdir()
    head, *lines = ROWS.splitlines()
    rows = [line.format(n=n, hour=11 + n % 8, day=10 + n) for n in range(1, 21) for line in lines]
    (folder / "entries.csv").write_text("\n".join([head, *rows]) + "\n")
    (folder / "mapping.yaml").write_text(MAPPING)
    return folder


@pytest.fixture(scope="session")
def reviewed(force: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The force's own review of it."""
    folder = tmp_path_factory.mktemp("review") / "out"
    done = everystone("review", force, "--mapping", force / "mapping.yaml", "--as-at", "2026-06-30",
                      "--audience", "force", "--out", folder)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "What needs attention first" in done.stdout
    return folder


def test_a_review_writes_what_it_says(reviewed: Path) -> None:
    names = {path.name for path in reviewed.iterdir()}
    assert {"report.html", "findings.parquet", "counts.parquet", "rejects.csv", "coverage.csv", "run.json"} <= names
    table = pq.read_table(reviewed / "findings.parquet")
    assert table.column_names[:15] == COLUMNS
    assert set(table["answer"].to_pylist()) <= {"not met", "not yet due", "cannot be told"}
    assert reviewed.stat().st_mode & 0o077 == 0


def test_what_is_told_to_professional_standards_alone_stands_in_a_folder_of_its_own(reviewed: Path, pack: Pack) -> None:
    apart = reviewed.with_name("out-sealed")
    assert apart.stat().st_mode & 0o077 == 0
    asked, told = (set(pq.read_table(each / "counts.parquet")["standard"].to_pylist()) for each in (apart, reviewed))
    assert asked - told == asked & sealed_in(pack) != set()


def test_the_same_review_again_gives_the_same_answers(reviewed: Path, force: Path) -> None:
    before = pq.read_table(reviewed / "findings.parquet").sort_by("key").to_pylist()
    done = everystone("review", force, "--mapping", force / "mapping.yaml", "--as-at", "2026-06-30",
                      "--audience", "force", "--processes", 1, "--out", reviewed)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert pq.read_table(reviewed / "findings.parquet").sort_by("key").to_pylist() == before


def test_a_review_takes_the_place_of_none_of_another_source_or_for_another_audience(
    reviewed: Path, force: Path, tmp_path: Path
) -> None:
    def content() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in sorted(reviewed.rglob("*")) if path.is_file()}

    before = content()
    (tmp_path / "another.yaml").write_text(MAPPING.replace("small-extract", "another"))
    command = ("review", force, "--as-at", "2026-06-30", "--out", reviewed)
    for more, this in (
        (["--audience", "reviewer"], "small-extract for the audience reviewer"),
        (["--audience", "force", "--mapping", tmp_path / "another.yaml"], "another for the audience force"),
    ):
        refused = everystone(*command, *more)
        assert refused.returncode == 2
        assert (
            f"{reviewed} holds a review of small-extract for the audience force. This one, of {this}" in refused.stderr
        )
        assert f"everystone forget {reviewed}" in refused.stderr
    assert content() == before


def test_the_default_audience_is_told_nothing_about_a_case(force: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = everystone("review", force, "--mapping", force / "mapping.yaml", "--as-at", "2026-06-30", "--out", out)
    assert done.returncode == 0, done.stderr
    report = {f"report.{kind}" for kind in ("html", "pdf", "xlsx")}
    assert {path.name for path in out.iterdir()} == {*report, "counts.parquet", "release.json", "run.json"}
    whole = done.stdout + "".join(path.read_text() for path in out.iterdir() if path.suffix in (".html", ".json"))
    assert "C17" not in whole and "V17" not in whole
    assert min((n for n in pq.read_table(out / "counts.parquet")["n"].to_pylist() if n), default=10) >= 10


def test_a_second_extract_is_reviewed_beside_the_first(reviewed: Path, force: Path, tmp_path: Path) -> None:
    rows = (force / "entries.csv").read_text()
    changed = rows.replace("17-4,C17,closed,,2024-03-27", "17-4,C17,closed,,2024-03-28").replace(
        rows.splitlines()[6] + "\n", ""
    )
    (tmp_path / "entries.csv").write_text(changed)
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("as_of: 2026-06-30", "as_of: 2026-07-31"))
    command = ("review", tmp_path / "entries.csv", "--as-at", "2026-07-31", "--audience", "force", "--since")
    done = everystone(*command, reviewed, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "1 changed, 1 gone, 0 here again, 78 as before" in done.stdout
    lines = [line.split(",") for line in (tmp_path / "out" / "changes.csv").read_text().splitlines()]
    assert [line[0] for line in lines] == ["what", "changed", "changed", "gone"]
    assert [lines[2][at] for at in (4, 8, 10)] == ["17-4@2026-07-31", "recorded", "2024-03-28 09:00:00Z"]
    assert "SUP-04" in lines[1][-1]  # nobody else signed: the finding stands, on what the row says now
    refused = everystone(*command, tmp_path / "out", "--out", tmp_path / "out")
    assert "lies in the folder that would be written" in refused.stderr
    assert (tmp_path / "out" / "changes.csv").exists()
    assert "keeps no ledger of an earlier review" in everystone(*command, force, "--out", tmp_path / "new").stderr


def test_putright_tells_an_overseer_one_figure(force: Path, tmp_path: Path) -> None:
    done = everystone(
        "putright", force, "--mapping", force / "mapping.yaml", "--as-at", "2026-06-30", "--out", tmp_path / "out"
    )
    assert done.returncode == 0, done.stderr
    assert "have nothing left open." in done.stdout and "V17" not in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"putright.html", "run.json"}


def test_an_extract_in_which_nothing_is_found_wanting_has_its_report(force: Path, tmp_path: Path) -> None:
    head, *rows = (force / "entries.csv").read_text().splitlines()
    (tmp_path / "entries.csv").write_text("\n".join([head, *(row for row in rows if ",allocated," in row)]) + "\n")
    (tmp_path / "mapping.yaml").write_text(MAPPING.replace("report.received, child.seen, ", ""))
    for audience in ("force", "reviewer", "oversight"):
        done = everystone("review", tmp_path / "entries.csv", "--as-at", "2026-06-30", "--audience", audience,
                          "--out", tmp_path / audience)  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert (tmp_path / audience / "report.html").exists()


def test_ask_says_each_answer_in_a_sentence(force: Path) -> None:
    arguments = ("ask", force, "--mapping", force / "mapping.yaml", "--case", "C7", "--as-at", "2026-06-30")
    spoken = everystone(*arguments)
    assert spoken.returncode == 0, spoken.stderr
    rows = json.loads(everystone(*arguments, "--json").stdout)
    assert list(rows[0])[:15] == COLUMNS
    assert all(row["sentence"] for row in rows)
    assert any(row["answer"] == "met" for row in rows)


def test_a_case_that_is_not_there_is_a_fault_with_what_to_do(force: Path) -> None:
    done = everystone("ask", force, "--mapping", force / "mapping.yaml", "--case", "C99", "--as-at", "2026-06-30")
    assert done.returncode == 2
    assert "No case 'C99'" in done.stderr


def test_try_ends_with_the_count_and_its_status(tmp_path: Path) -> None:
    story = tmp_path / "gorse.yaml"
    text = """
case: Gorse
people: {C1: {role: victim, born: 2014}, O1: {role: officer, rank: constable}}
timeline: |
  2024-03-04 10:00  report.received  C1  by O1  {allegation: crime}
  2024-03-04 12:00  crime.recorded   C1  by O1  {victim: C1}
as_at: 2024-03-31
%s: [REC-01]
"""
    story.write_text(text % "expect_none")
    assert everystone("try", story).stdout.rstrip().endswith("1 stories, 1 as told, 0 otherwise")
    story.write_text(text % "expect")
    done = everystone("try", story)
    assert (done.returncode, done.stdout.rstrip().splitlines()[-1]) == (1, "1 stories, 0 as told, 1 otherwise")


def test_forget_removes_only_what_this_program_wrote(tmp_path: Path) -> None:
    strange, ours = tmp_path / "strange", tmp_path / "ours"
    for folder, text in ((strange, '{"written_by": "somebody"}'), (ours, '{"written_by": "everystone"}')):
        folder.mkdir()
        (folder / "run.json").write_text(text)
    assert everystone("forget", strange).returncode == 2
    assert strange.exists()
    assert everystone("forget", tmp_path / "nothing").returncode == 2
    assert everystone("forget", ours).returncode == 0
    assert not ours.exists()


def test_a_folder_with_other_files_is_not_written_to(force: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    (tmp_path / "ledger").mkdir()
    done = everystone("review", force, "--mapping", force / "mapping.yaml", "--as-at", "2026-06-30", "--out", tmp_path)
    assert done.returncode == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["ledger", "thesis.txt"]


def test_the_mapping_that_lies_with_the_extract_is_used(force: Path, tmp_path: Path) -> None:
    told = ("--case", "C7", "--as-at", "2026-06-30")
    named = everystone("ask", force, "--mapping", force / "mapping.yaml", *told)
    assert everystone("ask", force, *told).stdout == named.stdout
    alone = tmp_path / "entries.csv"
    alone.write_text((force / "entries.csv").read_text())
    done = everystone("ask", alone, *told)
    assert done.returncode == 2
    assert "--mapping" in done.stderr


@pytest.mark.parametrize("arguments", [("--help",), ("review", "--help"), ("standards", "list"), ("standards", "show", "SUP-04"),
                                       ("standards", "schema", "standard"), ("standards", "schema", "kind")])  # fmt: skip
def test_help_and_standards_answer(arguments: tuple[str, ...]) -> None:
    done = everystone(*arguments)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) > 200


@pytest.mark.parametrize("as_at", ["2026-02-30", "yesterday", "30/06/2026"])
def test_a_date_that_is_none_is_refused_plainly(force: Path, as_at: str) -> None:
    done = everystone("ask", force, "--mapping", force / "mapping.yaml", "--case", "C1", "--as-at", as_at)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
