"""The same few rows in every form a force can export, taken through the same mapping, with the same entries at the end."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.intake.taking import took

ROWS = [
    {"case": "C1", "at": "2024-01-05 10:00", "urgent": True, "callers": 3, "born": "2015-02-03"},
    {"case": "C2", "at": "2024-07-06 11:30", "urgent": False, "callers": 2.5, "born": ""},
]
ENTRY = """
    entries:
      - kind: report.made
        stream: {column: case}
        happened: {column: at}
        fields: {urgent: {column: urgent}, callers: {column: callers}, alleged: {column: born}}
"""
EXPECTED = [
    ("case/C1", 1704448800, '{"alleged":"2015-02-03","callers":3,"urgent":true}'),
    ("case/C2", 1720261800, '{"callers":2.5,"urgent":false}'),
]


def workbook(*sheets: tuple[str, list[list[Any]]], **options: Any) -> bytes:
    """A workbook of sheets, each given by its cells."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, options)
    day, minute = book.add_format({"num_format": "dd/mm/yyyy"}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
    for name, rows in sheets:
        sheet = book.add_worksheet(name)
        for y, row in enumerate(rows):
            for x, cell in enumerate(row):
                if isinstance(cell, datetime):
                    sheet.write_datetime(y, x, cell, minute)
                elif isinstance(cell, date):
                    sheet.write_datetime(y, x, datetime(cell.year, cell.month, cell.day), day)
                elif isinstance(cell, tuple):
                    sheet.merge_range(y, x, y + cell[1], x + cell[2], cell[0])
                elif cell is not None:
                    sheet.write(y, x, cell)
    book.close()
    return made.getvalue()


def cells() -> list[list[Any]]:
    """The rows as a spreadsheet holds them: dates and numbers as such."""
    return [
        list(ROWS[0]),
        ["C1", datetime(2024, 1, 5, 10), True, 3, date(2015, 2, 3)],
        ["C2", datetime(2024, 7, 6, 11, 30), False, 2.5, None],
    ]


def parquet() -> bytes:
    made = io.BytesIO()
    table = pa.table({
        "case": ["C1", "C2"], "at": pa.array([datetime(2024, 1, 5, 10), datetime(2024, 7, 6, 11, 30)], pa.timestamp("ms")),
        "urgent": [True, False], "callers": [3.0, 2.5], "born": pa.array([date(2015, 2, 3), None], pa.date32()),
    })  # fmt: skip
    pq.write_table(table, made)
    return made.getvalue()


def zipped(**files: str | bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


CSV = "case,at,urgent,callers,born\nC1,2024-01-05 10:00,yes,3,2015-02-03\nC2,2024-07-06 11:30,N,2.50,\n"
LINES = "\n".join(json.dumps(row) for row in ROWS)
XML = """<?xml version="1.0"?><Message xmlns="urn:any"><Header><Year>2024</Year></Header>
<Report urgent="true"><case>C1</case><at>2024-01-05 10:00</at><callers>3</callers><born>2015-02-03</born></Report>
<Report urgent="false"><case>C2</case><at>2024-07-06 11:30</at><callers>2.5</callers></Report></Message>"""


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [
        ("a.csv", CSV, ""),
        ("a.xlsx", workbook(("Reports", cells())), ""),
        ("a.xlsx", workbook(("Notes", [["x"]]), ("Reports", cells())), "sheet: Reports"),
        ("a.xlsx", workbook(("R", [["A title"], [], *cells()])), "header: 3"),
        ("a.parquet", parquet(), ""),
        ("a.jsonl", LINES, ""),
        ("a.ndjson", "\ufeff" + LINES + "\n\n", ""),
        ("a.xml", XML.replace("urgent=", "x=").replace("<case>", "<urgent>yes</urgent><case>", 1).replace('x="false"><case>', 'x=""><urgent>no</urgent><case>'), "records: Report"),
        ("a.zip", zipped(**{"in/a.csv": CSV, "__MACOSX/a.csv": "x", "in/.hidden": "x"}), ""),
    ],
)  # fmt: skip
def test_the_same_rows_in_every_form(kinds: Pack, tmp_path: Path, name: str, content: str | bytes, how: str) -> None:
    mapping = f"tables:\n  - file: '{'*.csv' if name.endswith('zip') else 'a.*'}'\n    {how}{ENTRY}"
    found = took(kinds, tmp_path, {name: content}, mapping)
    assert found.taken.rejects == []
    assert [(each["stream"], each["lo"], each["data"]) for each in found.entries] == EXPECTED
    (counts,) = found.taken.rows.values()
    assert counts == (2, 2, 0, 0)


def test_a_header_in_two_merged_rows_and_merged_cells_that_speak_for_several_rows(kinds: Pack, tmp_path: Path) -> None:
    content = workbook(("S", [
        [("Report", 0, 1), None, ("Child", 0, 1)],
        ["case", "made on", "seen on", "place"],
        [("C1", 1, 0), date(2024, 1, 5), 45297, "home"],
        [None, date(2024, 1, 6), 45298.5, "school"],
    ]))  # fmt: skip
    mapping = """
tables:
  - file: a.xlsx
    header: [1, 2]
    entries:
      - kind: child.seen
        stream: {column: Report / case}
        happened: {column: Child / seen on, format: serial}
        fields: {place: {column: Child / place}}
"""
    found = took(kinds, tmp_path, {"a.xlsx": content}, mapping)
    assert [(each["stream"], each["hi"] - each["lo"], each["data"]) for each in found.entries] == [
        ("case/C1", 86_399, '{"place":"home"}'), ("case/C1", 0, '{"place":"school"}')
    ]  # fmt: skip
    assert found.entries[0]["lo"] == 1704499200  # 6 January 2024


def test_children_of_a_record_become_rows_joined_by_its_key(kinds: Pack, tmp_path: Path) -> None:
    content = """<M><Child><Visit on="2024-01-05"/><Ids><Id>k1</Id></Ids><Need>a</Need><Need>b</Need><Visit on="2024-02-06"><Place>home</Place></Visit></Child>
<Child><Ids><Id>k2</Id></Ids></Child></M>"""
    mapping = """
tables:
  - file: a.xml
    records: Child/Visit
    entries: [{kind: child.seen, stream: {column: Child/Ids/Id, prefix: person/}, happened: {column: "@on"}, fields: {place: {column: Place}}}]
  - file: a.xml
    records: Child
    as_of: x
    entries: [{kind: report.made, stream: {column: Ids/Id, prefix: person/}, happened: {value: 2024-01-01}, fields: {tags: {column: Need, split: json}}}]
""".replace("    as_of: x\n", "")
    found = took(kinds, tmp_path, {"a.xml": content}, mapping)
    assert [(each["stream"], each["kind"], each["data"]) for each in found.entries] == [
        ("person/k1", "report.made", '{"tags":["a","b"]}'), ("person/k1", "child.seen", "{}"),
        ("person/k1", "child.seen", '{"place":"home"}'), ("person/k2", "report.made", "{}"),
    ]  # fmt: skip
    assert {name: rows.read for name, rows in found.taken.rows.items()} == {
        "a.xml, records Child": 2,
        "a.xml, records Child/Visit": 2,
    }


def test_what_is_nested_in_a_line_of_json_is_a_column_of_its_own(kinds: Pack, tmp_path: Path) -> None:
    lines = [
        '{"case": "C1", "when": {"at": "2024-01-05"}, "kids": ["k1", "k2"], "said": {"urgent": true, "tags": ["x"]}}',
        '{"case": "C1", "case": "C2"}',
        "[]",
    ]
    mapping = """
tables:
  - file: a.jsonl
    stream: {column: case}
    happened: {column: when.at}
    subjects: {column: kids, split: json}
    entries: [{kind: report.made, data: said}]
"""
    found = took(kinds, tmp_path, {"a.jsonl": "\n".join(lines)}, mapping)
    assert (found.entries[0]["subjects"], found.entries[0]["data"]) == (["k1", "k2"], '{"tags":["x"],"urgent":true}')
    assert found.rejects == [(2, "", "J01"), (3, "", "J01")]


OCEL = """
tables:
  - file: "*ocel20_example.*"
    %s
    stream: {column: ocel:eid}
    entries:
      - kind: report.made
        when: {"ocel:activity": [Create Purchase Order, Insert Invoice]}
        happened: {column: "ocel:timestamp", zone: Europe/Berlin}  # the XML and the SQLite say no zone
        subjects: {column: "ocel:type:Purchase Order", split: json}
        fields: {channel: {column: po_creator}}
"""


def test_the_three_forms_of_an_object_centric_log_say_the_same(kinds: Pack, tmp_path: Path, shared: Path) -> None:
    said = []
    for form in ("jsonocel", "xmlocel", "sqlite"):
        home = tmp_path / form
        home.mkdir()
        name = f"ocel20_example.{form}"
        content = (shared / "data" / "event-logs" / "ocel" / name).read_bytes()
        found = took(kinds, home, {name: content}, OCEL % "")
        assert found.taken.rejects == []
        assert {tuple(each["subjects"]) for each in found.entries} == {(), ("PO1",), ("PO2",)}
        of_invoices = (OCEL % "records: Invoice").replace("column: ocel:eid", 'column: "ocel:oid"')
        other = took(kinds, home, {name: content}, of_invoices, ledger="invoices")
        assert {each["stream"] for each in other.entries} == {"case/R1", "case/R2", "case/R3"}
        said.append(
            [
                [(each["stream"], each["lo"], each["subjects"], each["data"]) for each in of.entries]
                for of in (found, other)
            ]
        )
    assert said[0] == said[1] == said[2]


def test_a_query_is_a_source_and_its_address_stands_in_no_file(
    kinds: Pack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    pytest.importorskip("adbc_driver_sqlite")
    book = sqlite3.connect(tmp_path / "force.db")
    book.execute("CREATE TABLE report (ref TEXT, made TEXT, n INTEGER, secret TEXT)")
    book.executemany(
        "INSERT INTO report VALUES (?, ?, ?, ?)",
        [("C1", "2024-01-05 10:00", 3, "x"), ("C2", "2024-07-06 11:30", None, "y")],
    )
    book.commit()
    monkeypatch.setenv("FORCE_DATABASE", f"sqlite:{tmp_path / 'force.db'}")
    mapping = """
tables:
  - file: a.sql
    connection: FORCE_DATABASE
    entries: [{kind: report.made, stream: {column: case}, happened: {column: made}, fields: {callers: {column: n}}}]
"""
    found = took(kinds, tmp_path, {"a.sql": 'SELECT ref AS "case", made, n FROM report -- ;\n;'}, mapping)
    assert [(each["stream"], each["data"]) for each in found.entries] == [
        ("case/C1", '{"callers":3}'),
        ("case/C2", "{}"),
    ]
    for text, says in [
        ("DROP TABLE report", "one query"),
        ("SELECT 1; DROP TABLE report", "one query"),
        ("SELECT nothing FROM nowhere", "did not answer"),
    ]:
        with pytest.raises(Fault, match=says):
            took(kinds, tmp_path, {"a.sql": text}, mapping, ledger="other")
    with pytest.raises(Fault, match="environment variable"):
        took(kinds, tmp_path, {"a.sql": "SELECT 1"}, mapping.replace("FORCE_DATABASE", "NOT_SET"), ledger="other")
