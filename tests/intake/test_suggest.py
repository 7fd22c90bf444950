"""A first mapping: it loads, what it makes can be looked at, it holds nothing as complete, and it says what it could not place."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from everystone.cli import app
from everystone.findings.review import open_book
from everystone.intake.fitting import read_mapping
from everystone.intake.profile import stem, tokens_of
from everystone.intake.suggest import suggest
from everystone.intake.take import take
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack, load
from everystone.synthetic.force import synthesise
from tests.conftest import ROOT

ROWS = "CaseRef,DateReport,Channel,IsUrgent,closed_on,Officer,Child ID,Colour\n" + "".join(
    f"R{n},{n % 28 + 1:02d}/03/2024 10:{n:02d},phone,{'Y' if n % 2 else 'N'},{'' if n % 3 else '01/01/1900' if n % 2 else f'{n % 28 + 1:02d}/04/2024'},o{n % 3},k{n},red\n"
    for n in range(30)
)


def test_columns_are_placed_by_what_they_are_called_and_what_stands_in_them(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text(ROWS.replace(",", ";"), encoding="cp1252")
    text = suggest([tmp_path / "reports.csv"], kinds)
    (tmp_path / "mapping.yaml").write_text(text)
    mapping = read_mapping(tmp_path / "mapping.yaml", kinds.words.kinds)
    (table,) = mapping.tables
    assert (table.delimiter, table.stream and table.stream.column, table.by and table.by.column) == (
        ";",
        "CaseRef",
        "Officer",
    )
    report, closed = table.entries
    assert (report.kind, report.happened and report.happened.formats) == ("report.made", ["%d/%m/%Y %H:%M"])
    assert {name: said.column for name, said in report.fields.items()} == {"channel": "Channel", "urgent": "IsUrgent"}
    assert (closed.kind, closed.happened and closed.happened.empty) == ("case.closed", ["01/01/1900"])
    assert all(each.how == "partial" for each in mapping.holds)
    assert "# Not placed:\n#   reports.csv: columns Colour" in text
    taken = take([tmp_path / "reports.csv"], tmp_path / "mapping.yaml", kinds, tmp_path / "ledger")
    assert (taken.rejected, taken.kinds) == (0, {"case.closed": 5, "report.made": 30})


def test_cases_persons_and_officers_are_told_apart_and_several_in_a_cell_are_split(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "child seen.csv").write_text(
        "Log No|Record|Nominals|Happened|Keyed|Staff Role|Staff No|Place\n"
        + "".join(
            f"L{n}|case/C{n % 9}|K{n}{';K0' if n == 29 else ''}|0{n % 9 + 1}/02/2024 10:00|11/02/2024 09:00|officer|o{n % 4}|home\n"
            for n in range(30)
        )
    )
    text = suggest([tmp_path / "child seen.csv"], kinds)
    (tmp_path / "mapping.yaml").write_text(text)
    (table,) = read_mapping(tmp_path / "mapping.yaml", kinds.words.kinds).tables
    assert table.stream and (table.stream.column, table.stream.prefix) == ("Record", "")
    assert table.subjects and (table.subjects.column, table.subjects.split) == ("Nominals", ";")
    assert (table.by and table.by.column, table.row_key and table.row_key.columns) == ("Staff No", ["Log No"])
    taken = take([tmp_path / "child seen.csv"], tmp_path / "mapping.yaml", kinds, tmp_path / "ledger")
    assert (taken.rejected, taken.kinds) == (0, {"child.seen": 30})
    assert open_book(tmp_path / "ledger", kinds).read("case/C2")[-1].subjects == ("K29", "K0")


def test_an_export_that_names_things_as_the_ledger_does_is_taken_by_those_names(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "key,case,kind,subjects,happened,channel,corrects,data\n"
        + "".join(
            f"e{n},C{n % 5},{'child.seen' if n % 2 else 'case.closed'},K1,2024-01-0{n + 1},phone,{'e1' if n == 3 else ''},{{}}\n"
            for n in range(9)
        )
    )
    text = suggest([tmp_path / "log.csv"], kinds)
    assert "    channel: {column: channel}  # 1.00\n    corrects: {column: corrects}  # 1.00\n" in text
    assert "kind: {column: kind}" in text


def test_tables_that_belong_together_are_proposed_to_be_joined(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text(
        "Case Ref,Reported On,Nominal No,Officer,n\n"
        + "".join(f"R{n},{n % 28 + 1:02d}/03/2024 10:00,N{n % 5},o{n % 4},{n % 3}\n" for n in range(30))
    )
    (tmp_path / "nominals.csv").write_text(
        "Nominal No,Date Of Birth,Sex\n" + "".join(f"N{n},0{n + 1}/02/2010,{'MF'[n % 2]}\n" for n in range(5))
    )
    (tmp_path / "officers.csv").write_text("id,Rank,Officer\n" + "".join(f"{n},constable,o{n}\n" for n in range(4)))
    (tmp_path / "child seen.csv").write_text("Case Ref,Place\n" + "".join(f"R{n},home\n" for n in range(0, 30, 2)))
    (tmp_path / "colours.csv").write_text("n,Colour\n0,red\n1,blue\n2,green\n3,grey\n")
    text = suggest([tmp_path], kinds)
    (tmp_path / "mapping.yaml").write_text(text)
    seen, reports = read_mapping(tmp_path / "mapping.yaml", kinds.words.kinds).tables
    assert [(each.file, each.on, each.columns) for each in reports.join] == [
        ("nominals.csv", {"Nominal No": "Nominal No"}, ["Date Of Birth", "Sex"]),
        ("officers.csv", {"Officer": "Officer"}, ["Rank"]),
    ]
    assert [each.kind for each in reports.entries] == ["report.made", "person.known"]
    assert (reports.stream and reports.stream.column, reports.subjects and reports.subjects.column) == (
        "Case Ref",
        "Nominal No",
    )
    assert [(each.file, each.columns) for each in seen.join] == [("reports.csv", ["Reported On"])]
    assert "The time is that of another table: check" in text
    assert "nominals.csv: it is only looked up, from reports.csv" in text
    taken = take([tmp_path], tmp_path / "mapping.yaml", kinds, tmp_path / "ledger")
    assert (taken.rejected, taken.kinds) == (0, {"child.seen": 15, "person.known": 30, "report.made": 30})


def test_what_was_reported_is_a_report_and_a_word_like_no_kind_is_left_to_be_placed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        "case,activity,at\n1,Reported,2024-01-05\n1,Case closed,2024-01-06\n1,Painted,2024-01-07\n"
    )
    text = suggest([tmp_path / "a.csv"], load())
    assert "Reported: report.received" in text and "Case closed: case.closed" in text
    assert "            # Painted:  # like no kind" in text


def test_nothing_that_can_be_placed_is_said_so(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    with pytest.raises(Fault, match="like a kind of the packs"):
        suggest([tmp_path / "a.csv"], kinds)


def test_a_year_that_no_calendar_knows_stops_no_proposal(kinds: Pack, tmp_path: Path) -> None:
    (tmp_path / "reports.csv").write_text(ROWS.replace("closed_on", "BirthDate").replace("01/01/1900", "13/04/1066"))
    assert "report.made" in suggest([tmp_path / "reports.csv"], kinds)


def test_words_of_names() -> None:
    assert {"cin", "referral"} <= tokens_of("CINreferralDate")
    assert {"xml", stem("file")} <= tokens_of("XMLFile")
    assert stem("reported") == stem("reports") == "report"


@pytest.mark.parametrize(
    ("packs", "files"),
    [
        ([], ["childrens-social-care/cin_fake/CIN_Census_2026.xml"]),
        ([], ["event-logs/ocel/ocel20_example.jsonocel"]),
        pytest.param([], ["event-logs/bpic2013_closed_problems.xes.gz"], marks=pytest.mark.proof),
        pytest.param([], ["event-logs/receipt.csv"], marks=pytest.mark.proof),
        (["city_of_london"], ["police/city-of-london-street.csv.gz", "police/city-of-london-stop-and-search.csv.gz"]),
        pytest.param(["help_desk"], ["event-logs/helpdesk.xes.gz"], marks=pytest.mark.proof),
    ],
)  # fmt: skip
def test_real_files_go_from_a_proposal_to_entries(
    shared: Path, tmp_path: Path, packs: list[str], files: list[str]
) -> None:
    pack = load([str(ROOT / "examples" / name) for name in packs]) if packs else load()
    paths = [shared / "data" / file for file in files]
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(suggest(paths, pack))
    taken = take(paths, mapping, pack, tmp_path / "ledger", first=200)
    assert sum(taken.kinds.values()) > 0
    assert taken.rejected <= sum(rows.read for rows in taken.rows.values()) * 0.05


@pytest.mark.parametrize(
    ("packs", "files", "as_at"),
    [
        ([], ["childrens-social-care/cin_fake/CIN_Census_2026.xml"], "2026-03-31"),
        pytest.param(
            ["city_of_london"],
            ["police/city-of-london-street.csv.gz", "police/city-of-london-stop-and-search.csv.gz"],
            "2019-06-30",
            marks=pytest.mark.proof,
        ),
        pytest.param([], ["event-logs/receipt.csv"], "2013-01-31", marks=pytest.mark.proof),
        pytest.param([], ["event-logs/bpic2013_closed_problems.xes.gz"], "2012-06-30", marks=pytest.mark.proof),
        pytest.param([], ["event-logs/ocel/ocel20_example.jsonocel"], "2022-12-31", marks=pytest.mark.proof),
        pytest.param([], ["event-logs/ocel/ocel20_example.sqlite"], "2022-12-31", marks=pytest.mark.proof),
    ],
    ids=["census", "city", "permit", "problems", "objects", "objects in a database"],
)
def test_real_files_go_from_a_proposal_to_a_finished_report(
    shared: Path, tmp_path: Path, packs: list[str], files: list[str], as_at: str
) -> None:
    """With the mapping that was proposed, as it stands, and nothing but the commands."""
    named = [each for name in packs for each in ("--pack", str(ROOT / "examples" / name))]
    paths = [str(shared / "data" / file) for file in files]
    mapping, out = str(tmp_path / "mapping.yaml"), tmp_path / "out"
    for command in (
        ["intake", "suggest", *paths, *named, "--out", mapping],
        ["review", *paths, *named, "--mapping", mapping, "--as-at", as_at, "--audience", "force", "--out", str(out)],
    ):
        done = CliRunner().invoke(app, command)
        assert done.exit_code == 0, (done.output, done.exception)
    assert (out / "report.html").stat().st_size > 10_000
    assert len((out / "rejects.csv").read_text().splitlines()) == 1


@pytest.mark.proof
def test_two_exports_of_one_force_put_the_same_five_children_first_with_the_mappings_that_were_proposed(
    tmp_path: Path,
) -> None:
    first = []
    for layout in ("", "file by kind"):
        force, out, mapping = (str(tmp_path / f"{each} {layout}") for each in ("force", "out", "mapping.yaml"))
        synthesise(300, 5, Path(force), ["silent-cases"], layout=layout)
        for told in ("mapping.yaml", "truth.parquet"):
            (Path(force) / told).unlink()
        for command in (
            ["intake", "suggest", force, "--out", mapping],
            ["review", force, "--mapping", mapping, "--as-at", "2026-06-30", "--audience", "force", "--out", out],
        ):
            done = CliRunner().invoke(app, command)
            assert done.exit_code == 0, (done.output, done.exception)
        placed = sorted((each["tier"], each["order"], each["person"], each["frame"])
                        for each in pq.read_table(Path(out) / "danger.parquet").to_pylist())  # fmt: skip
        first.append([each[2:] for each in placed[:5] if each[0] < 3])
    assert len(first[0]) == 5 and first[0] == first[1]


def test_the_commands(tmp_path: Path) -> None:
    extract, mapping = tmp_path / "reports.csv", tmp_path / "mapping.yaml"
    extract.write_text(ROWS)
    runner = CliRunner()
    assert runner.invoke(app, ["intake", "suggest", str(extract), "--out", str(mapping)]).exit_code == 0
    again = runner.invoke(app, ["intake", "suggest", str(extract), "--out", str(mapping)])
    assert isinstance(again.exception, Fault)  # it is there already
    shown = runner.invoke(app, ["intake", "preview", str(extract), "--mapping", str(mapping)])
    assert "reports.csv: 20 used, 0 not wanted, 0 rejected" in shown.stdout
    assert "2024-03-02 10:01  " in shown.stdout and "case/R1  about k1" in shown.stdout
