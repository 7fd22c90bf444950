"""Files as they come: CSV in its many forms, logs in XES, and those that are not what their name says."""

from __future__ import annotations

import gzip
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from everystone.intake import csv as reader
from everystone.intake.csv import read_csv
from everystone.intake.desk import laid_out
from everystone.intake.mapping import How
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.intake.taking import took

ROWS = "case,at,what\nC1,2024-01-05 10:00,phone\nC2,2024-01-06 11:00,desk\n"
ENTRY = "{kind: report.made, stream: {column: case}, happened: {column: at}, fields: {channel: {column: what}}}"
MAPPING = f"tables: [{{file: 'a.*', entries: [{ENTRY}]}}]"


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("a.csv", ROWS, ""),
        ("a.csv", "\ufeff" + ROWS, ""),
        ("a.csv", ROWS.replace("\n", "\r\n"), ""),
        ("a.csv", ROWS.rstrip("\n"), ""),
        ("a.csv", ROWS.replace("phone", '"phone"'), ""),
        ("a.csv", ROWS.replace("desk\n", "desk\n\n"), ""),
        ("a.csv.gz", gzip.compress(ROWS.encode(), mtime=0), ""),
        ("a.tsv", ROWS.replace(",", "\t"), ""),
        ("a.txt", ROWS.replace(",", ";"), "delimiter: ';'"),
        ("a.csv", ROWS.encode("utf-16"), ""),
        ("a.csv", ROWS.encode("utf-32"), ""),
        ("a.csv", ROWS.encode("utf-16-le"), "encoding: utf-16-le"),
        ("a.csv", ROWS.encode("cp1252"), "encoding: cp1252"),
    ],
)
def test_the_same_rows_however_they_are_written(
    kinds: Pack, tmp_path: Path, name: str, content: str | bytes, how: str
) -> None:
    mapping = f"tables: [{{file: 'a.*', {how}{', ' if how else ''}entries: [{ENTRY}]}}]"
    found = took(kinds, tmp_path, {name: content}, mapping)
    assert found.column("stream") == ["case/C1", "case/C2"]
    assert found.column("data") == ['{"channel":"phone"}', '{"channel":"desk"}']
    assert found.taken.rows[name] == (2, 2, 0, 0)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", "", "The file has no rows"),
        ("a.csv", "case,at,what\n", "The file has no rows"),
        ("a.csv", "case,at,Case\nC1,2024-01-01,x\n", "Columns 1 and 3 are both"),
        ("a.csv", "case;at;what\nC1;2024-01-01;x\n", "the delimiter looks like ';'"),
        ("a.csv", 'case,at,what\nC1,2024-01-01,"never closed\nC2,2024-01-02,x\n', "never closed"),
        ("a.csv", 'case,at,"what\n', "The header cannot be read"),
        ("a.csv", b"PK\x03\x04 and more", "This is a workbook or an archive, not text"),
        ("a.csv", b"PAR1 and more", "This is a Parquet file, not text"),
        ("a.csv", "case,at\nC1,2024-01-01\n", "The file has no column 'what'"),
        ("a.csv.gz", b"\x1f\x8b\x08 and then nothing", "cut off or damaged"),
        ("a.csv.gz", gzip.compress(ROWS.encode(), mtime=0)[:-9], "cut off or damaged"),
        ("a.csv.gz", ROWS, "cut off or damaged"),
        ("a.doc", ROWS, "Files of this sort cannot be read"),
        ("a.xes", "<log><trace>", "cut off, damaged, or not XML"),
        ("a.xes", "<log/>", "The file has no rows"),
        ("a.xes", '<!DOCTYPE log [<!ENTITY a "b">]><log/>', "document type or entities"),
        ("a.xes", "<log>" + "<list>" * 40, "nests elements more than 32 deep"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_whole(
    kinds: Pack, tmp_path: Path, name: str, content: str | bytes, says: str
) -> None:
    with pytest.raises(Fault) as refused:
        took(kinds, tmp_path, {name: content}, MAPPING)
    assert says in refused.value.public
    assert name in refused.value.where
    assert not list((tmp_path / "ledger").glob("*.parquet"))


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        ("C3,2024-01-07", "", "C04"),
        ("C3,2024-01-07,x,y", "", "C04"),
        ('C3,2024-01-07,"x"y', "", "C05"),
        (b"C3,2024-01-07,caf\xe9", "what", "E01"),
        ("C3,2024-01-07,a\0b", "what", "E04"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_others_are_taken(
    kinds: Pack, tmp_path: Path, row: str | bytes, column: str, code: str
) -> None:
    broken = row if isinstance(row, bytes) else row.encode()
    content = ROWS.encode().replace(b"C2,", broken + b"\nC2,")
    found = took(kinds, tmp_path, {"a.csv": content}, MAPPING)
    assert found.rejects == [(3, column, code)]
    assert found.column("stream") == ["case/C1", "case/C2"]
    assert found.taken.rows["a.csv"] == (3, 2, 0, 1)


LOG = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<string key="concept:name" value="a log"/>
<trace><string key="concept:name" value="T1"/>
  <event><string key="concept:name" value="made"/><date key="time:timestamp" value="2024-01-05T10:00:00.000+00:00"/><string key="extra" value="x"/></event>
  <event><string key="concept:name" value="closed"/><date key="time:timestamp" value="2024-01-06T10:00:00.000+00:00"/></event>
</trace>
<trace><event><string key="concept:name" value="made"/><date key="time:timestamp" value="2024-02-05T10:00:00+01:00"/></event><string key="concept:name" value="T2"/></trace>
%s</log>"""
LOG_MAPPING = """
tables:
  - file: "a.xes*"
    entries:
      - kind: {column: concept:name, map: {made: report.made, closed: case.closed}}
        happened: {column: time:timestamp}
"""


@pytest.mark.parametrize("name", ["a.xes", "a.xes.gz"])
def test_a_log_takes_its_case_from_the_trace_wherever_that_is_named(kinds: Pack, tmp_path: Path, name: str) -> None:
    content = (LOG % "").encode()
    found = took(
        kinds, tmp_path, {name: gzip.compress(content, mtime=0) if name.endswith("gz") else content}, LOG_MAPPING
    )
    assert found.column("stream") == ["case/T1", "case/T1", "case/T2"]
    assert found.column("kind") == ["report.made", "case.closed", "report.made"]
    assert [each % 86_400 for each in found.column("lo")] == [36_000, 36_000, 32_400]


def test_entries_of_a_log_that_cannot_be_used_are_named(kinds: Pack, tmp_path: Path) -> None:
    stray = '<event><string key="concept:name" value="made"/></event>'
    twice = '<trace><event><string key="concept:name" value="made"/><string key="concept:name" value="closed"/></event></trace>'
    found = took(kinds, tmp_path, {"a.xes": LOG % (stray + twice)}, LOG_MAPPING)
    assert found.rejects == [(4, "", "X02"), (5, "concept:name", "X03")]
    assert found.taken.rows["a.xes"] == (5, 3, 0, 2)


CELL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=5))
def test_what_a_spreadsheet_writes_is_read_back_cell_by_cell(tmp_path: Path, rows: list[tuple[str, str, str]]) -> None:
    """Any cells, quoted as RFC 4180 says, whichever of the two ways reads them."""
    quoted = [
        "\n".join(",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [("a", "b", "c"), *rows])
    ]
    path = tmp_path / "any.csv"
    path.write_bytes(quoted[0].encode())
    with laid_out(tmp_path) as desk:
        laid = read_csv(desk, 0, path, "any.csv", How(), Rejects())
        found = desk.rows(f"SELECT row, c0, c1, c2 FROM {laid.table} ORDER BY row")
        slow = list(reader._Records(path, ",", "any.csv", ["a", "b", "c"], Rejects()))
    expected = [(place, *(cell or None for cell in row)) for place, row in enumerate(rows, 2)]
    assert [(row, *(cell or None for cell in cells)) for row, *cells in found] == expected
    assert slow == expected


def test_bounds(kinds: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A packed file that unpacks beyond its bounds, and a cell that grows beyond all measure, are refused early."""
    monkeypatch.setattr("everystone.intake.plain.LARGEST", 1 << 20)
    bomb = gzip.compress(b"case,at,what\n" + b"C1,2024-01-05,phone\n" * 1_000_000, mtime=0)
    with pytest.raises(Fault, match="unpacks to more than"):
        took(kinds, tmp_path, {"a.csv.gz": bomb}, MAPPING)
    with pytest.raises(Fault, match="never closed"):
        took(kinds, tmp_path, {"a.csv.gz": b"", "a.csv": 'case,at,what\nC1,2024-01-05,"' + "x" * 3_000_000}, MAPPING)


def test_a_huge_file_is_read_a_piece_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row by row, as U+0000 makes it, no more than one piece is held in memory."""
    monkeypatch.setattr("everystone.intake.desk.CHUNK", 2_000)
    path = tmp_path / "big.csv"
    path.write_bytes(b"a,b\n1,\0\n" + b"1,0123456789\n" * 100_000)
    with laid_out(tmp_path) as desk:
        tracemalloc.start()
        rejects = Rejects()
        laid = read_csv(desk, 0, path, "big.csv", How(), rejects)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (laid.read, rejects.total) == (100_001, 1)
    assert most < 8 << 20  # the whole would take four times that
