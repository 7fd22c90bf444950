"""The second room of the gallery: bad workbooks, Parquet, JSON, XML, logs, archives and queries."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.intake.gallery_texts import GOOD, HEAD, Picture


def forms() -> Iterator[Picture]:
    """Every picture of this room."""
    for each in (_workbooks, _parquets, _json, _xml, _logs, _ocel, _archives, _queries):
        yield from each()


# ---- workbooks ---------------------------------------------------------------------------------------------------


def workbook(*rows: Sequence[Any], sheets: tuple[str, ...] = ("Data",), **options: Any) -> bytes:
    """A workbook with the same rows on each of its sheets; a string that begins with = is a formula."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(made, {"strings_to_formulas": True, **options})
    for name in sheets:
        sheet = book.add_worksheet(name)
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    book.close()
    return made.getvalue()


def changed(content: bytes, **parts: bytes | None) -> bytes:
    """An archive with some of its parts replaced, added or (None) left out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, part in parts.items():
            if part is not None:
                new.writestr(name, part)
    return made.getvalue()


def _workbooks() -> Iterator[Picture]:
    head, good = HEAD.strip().split(","), ["C1", "2024-01-05 10:00", "phone", 3, True, "called"]
    book = workbook(head, good)
    whole = [
        ("a web page by another name", b"<html><table></table></html>", "This is no workbook", ""),
        ("a text by another name", (HEAD + GOOD).encode(), "This is no workbook", ""),
        ("empty file", b"", "This is no workbook", ""),
        ("a protected workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "has a password or is of an old sort", ""),
        ("cut off", book[: len(book) // 2], "cut off or damaged", ""),
        ("the end is missing", book[:-30], "cut off or damaged", ""),
        ("an archive that is no workbook", changed(book, **{"xl/workbook.xml": None}), "This is no workbook", ""),
        ("no sheet in it", changed(book, **{"xl/worksheets/sheet1.xml": None}), "cut off or damaged", ""),
        ("a broken sheet", changed(book, **{"xl/worksheets/sheet1.xml": b"<worksheet><sheetData><row"}), "cut off or damaged", ""),
        ("macros", changed(book, **{"xl/vbaProject.bin": b"x"}), "macros or links", ""),
        ("links to others", changed(book, **{"xl/externalLinks/externalLink1.xml": b"<x/>"}), "macros or links", ""),
        ("days from 1904", changed(book, **{"xl/workbook.xml": zipfile.ZipFile(io.BytesIO(book)).read("xl/workbook.xml").replace(b"<workbookPr ", b'<workbookPr date1904="1" ')}), "from 1904", ""),
        ("a formula", workbook(head, ["C1", "2024-01-05", "phone", "=1+2", True, "x"]), "A cell holds a formula or an error", ""),
        ("a formula over a range", workbook(head, good, ["C2", "2024-01-05", "=A1&B1", 1, False, "x"]), "A cell holds a formula or an error", ""),
        ("an error", changed(book, **{"xl/worksheets/sheet1.xml": zipfile.ZipFile(io.BytesIO(book)).read("xl/worksheets/sheet1.xml").replace(b'<c r="D2"><v>3', b'<c r="D2" t="e"><v>#REF!')}), "A cell holds a formula or an error", ""),
        ("several sheets", workbook(head, good, sheets=("May", "June")), "It has several sheets: May, June", ""),
        ("no such sheet", book, "There is no sheet 'July'", "sheet: July"),
        ("no such header", book, "There is no row 90", "header: 90"),
        ("only a header", workbook(head), "no rows", ""),
        ("nothing at all", workbook(), "There is no row 1", ""),
        ("two columns of one name", workbook([*head, "case"], [*good, "x"]), "Columns 1 and 7 are both", ""),
        ("a missing column", workbook(head[:-1], good[:-1]), "no column 'note'", ""),
        ("a bomb", lying(book, 210 << 20), "unpacks to more than 200 MB", ""),
    ]  # fmt: skip
    yield from (Picture(f"workbook: {title}", "a.xlsx", content, says, how=how) for title, content, says, how in whole)
    for title, cell, code, column in [
        ("rounded number", 1.23e15, "N02", "n"),
        ("a negative rounded number", -4e18, "N02", "n"),
    ]:
        bad = ["C2", "2024-01-05", "phone", cell, False, "x"]
        yield Picture(f"workbook: {title}", "a.xlsx", workbook(head, good, bad), code=code, column=column)
    yield Picture(
        "workbook: a word for a date",
        "a.xlsx",
        workbook(head, good, ["C2", "soon", "phone", 1, False, "x"]),
        code="D01",
        column="at",
    )
    yield Picture(
        "workbook: a day as a number",
        "a.xlsx",
        workbook(head, good, ["C2", 45296, "phone", 1, False, "x"]),
        code="D01",
        column="at",
    )


# ---- Parquet -----------------------------------------------------------------------------------------------------


def parquet(**columns: Any) -> bytes:
    """A file of one row, with other columns in place of some."""
    made = io.BytesIO()
    given = {
        "case": ["C1"],
        "at": ["2024-01-05"],
        "what": ["phone"],
        "n": [1],
        "urgent": [True],
        "note": ["x"],
        **columns,
    }
    pq.write_table(pa.table(given), made)
    return made.getvalue()


def _parquets() -> Iterator[Picture]:
    good = parquet()
    whole = [
        ("empty file", b"", "damaged or no Parquet"), ("text", b"case,at\n", "damaged or no Parquet"), ("cut off", good[:-20], "damaged or no Parquet"),
        ("only its ends", b"PAR1PAR1", "damaged or no Parquet"), ("a broken footer", good[:-40] + b"\xff" * 20 + good[-20:], "damaged or no Parquet"),
        ("a footer too long", good[:-8] + struct.pack("<I", 1 << 31) + b"PAR1", "damaged or no Parquet"),
        ("a nested column", parquet(note=[{"a": 1}]), "Flat columns are wanted"), ("lists of lists", parquet(note=[[[1]]]), "Flat columns are wanted"),
        ("a binary column", parquet(note=[b"\xff"]), "Flat columns are wanted"), ("a missing column", parquet(note=["x"]).replace(b"urgent", b"urgant"), "no column 'urgent'"),
        ("columns that differ by case", parquet(CASE=["x"]), "are both"), ("no rows", parquet(case=pa.array([], pa.string()), at=pa.array([], pa.string()), what=[], n=[], urgent=[], note=[]), "no rows"),
    ]  # fmt: skip
    yield from (Picture(f"parquet: {title}", "a.parquet", content, says) for title, content, says in whole)
    yield Picture("parquet: NUL", "a.parquet", parquet(note=["a\0b"]), code="E04", column="note")
    yield Picture(
        "parquet: a day before all calendars", "a.parquet", parquet(at=["0001-01-01"]), code="D03", column="at"
    )


# ---- JSON, XML, logs ---------------------------------------------------------------------------------------------


def _json() -> Iterator[Picture]:
    good = {"case": "C1", "at": "2024-01-05", "what": "phone"}
    said = json.dumps(good)
    for title, line, code in [
        ("a key twice", '{"case": "C2", "case": "C3"}', "J01"), ("a list", "[1, 2]", "J01"), ("a word", '"x"', "J01"), ("cut off", said[:-3], "J01"),
        ("a comma too many", said[:-1] + ",}", "J01"), ("a comment", said + " // x", "J01"), ("single quotes", "{'case': 'C2'}", "J01"),
        ("NaN", '{"case": NaN}', "J01"), ("Infinity", '{"n": -Infinity}', "J01"), ("1e400", '{"n": 1e400}', "J01"), ("nested 100,000 deep", "[" * 100_000, "J01"),
        ("objects nested 60 deep", '{"a":' * 60 + "1" + "}" * 60, "J01"), ("half of a surrogate pair", '{"case": "\\ud800"}', "J01"), ("NUL", '{"case": "a\\u0000b"}', "E04"),
        ("two objects", said + said, "J01"), ("a number of 5,000 figures", '{"n": ' + "9" * 5_000 + "}", "J01"), ("not JSON", "case,at", "J01"),
    ]:  # fmt: skip
        yield Picture(f"JSON line: {title}", "a.jsonl", f"{said}\n{line}\n".encode(), code=code)
    yield Picture("JSON line: Latin-1", "a.jsonl", said.encode() + b'\n{"case": "caf\xe9"}\n', code="E01")
    yield Picture("JSON lines: empty", "a.jsonl", b"", "no rows")
    yield Picture(
        "JSON lines: 11 MB on one line", "a.jsonl", b'{"case": "' + b"x" * 11_000_000 + b'"}', "longer than 10 MB"
    )
    yield Picture(
        "JSON lines: 3,000 columns",
        "a.jsonl",
        json.dumps({f"k{n}": n for n in range(3_000)}).encode(),
        "more than 2,000 columns",
    )


def _xml() -> Iterator[Picture]:
    record = "<Report><case>C1</case><at>2024-01-05</at></Report>"
    for title, content, says, how in [
        ("empty", "", "not XML", "records: Report"), ("text", "case,at", "not XML", "records: Report"), ("cut off", f"<M>{record}", "not XML", "records: Report"),
        ("tags that cross", "<M><a><b></a></b></M>", "not XML", "records: Report"), ("an entity of its own", '<!DOCTYPE m [<!ENTITY a "b">]><M>&a;</M>', "document type or entities", "records: Report"),
        ("a billion laughs", '<!DOCTYPE m [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><M>&b;</M>', "document type or entities", "records: Report"),
        ("a file from outside", '<!DOCTYPE m [<!ENTITY a SYSTEM "file:///etc/passwd">]><M>&a;</M>', "document type or entities", "records: Report"),
        ("a document type from outside", '<!DOCTYPE m SYSTEM "http://example.org/m.dtd"><M/>', "document type or entities", "records: Report"),
        ("an entity nobody declared", "<M>&who;</M>", "not XML", "records: Report"), ("nested 40 deep", "<a>" * 40, "more than 32 deep", "records: Report"),
        ("an encoding nobody knows", '<?xml version="1.0" encoding="klingon"?><M/>', "not XML", "records: Report"), ("NUL", "<M>\0</M>", "not XML", "records: Report"),
        ("no record of that name", f"<M>{record}</M>", "no rows", "records: Reprot"), ("records not stated", f"<M>{record}{record}</M>", "These may be: Report", ""),
        ("two roots", "<M/><M/>", "not XML", "records: Report"),
    ]:  # fmt: skip
        yield Picture(f"XML: {title}", "a.xml", content.encode(), says, how=how)
    yield Picture("XML: an attribute twice", "a.xml", b'<M><Report a="1" a="2"/></M>', "not XML", how="records: Report")
    yield Picture(
        "XML: a bad date",
        "a.xml",
        b"<M><Report><case>C2</case><at>soon</at></Report></M>",
        code="D01",
        column="at",
        how="records: Report",
    )


def _logs() -> Iterator[Picture]:
    for title, content, says in [("empty", "", "not XML"), ("no entries", "<log><trace/></log>", "no rows"), ("entities", '<!DOCTYPE l [<!ENTITY a "b">]><log/>', "document type"),
                                 ("cut off", "<log><trace><event>", "not XML"), ("nested", "<log>" * 50, "more than 32 deep")]:  # fmt: skip
        yield Picture(f"log: {title}", "a.xes", content.encode(), says)
    event = '<event><string key="case" value="C{}"/><date key="at" value="2024-01-05"/>{}</event>'
    outside = f"<log><trace>{event.format(1, '')}</trace>{event.format(2, '')}</log>"
    yield Picture("log: outside a trace", "a.xes", outside.encode(), code="X02")
    doubled = "<string key='what' value='phone'/><string key='what' value='desk'/>"
    twice = f"<log><trace>{event.format(1, doubled)}</trace></log>"
    yield Picture("log: says it twice", "a.xes", twice.encode(), code="X03", column="what")


def _ocel() -> Iterator[Picture]:
    log = {"objectTypes": [{"name": "T", "attributes": []}], "eventTypes": [{"name": "made", "attributes": []}],
           "objects": [{"id": "o1", "type": "T"}],
           "events": [{"id": "e1", "type": "made", "time": "2024-01-05T10:00:00Z", "relationships": [{"objectId": "o1", "qualifier": "q"}]}]}  # fmt: skip
    old: dict[str, Any] = {"ocel:events": {}, "ocel:objects": {}}
    for title, content, says in [("empty", b"", "OCEL 2.0"), ("not JSON", b"{", "OCEL 2.0"), ("a list", b"[]", "OCEL 2.0"), ("version 1", json.dumps(old).encode(), "OCEL 2.0"),
                                 ("no types", json.dumps({**log, "eventTypes": 3}).encode(), "OCEL 2.0"), ("an entry without a time", json.dumps({**log, "events": [{"id": "e1", "type": "made"}]}).encode(), "OCEL 2.0"),
                                 ("no entries", json.dumps({**log, "events": []}).encode(), "no rows")]:  # fmt: skip
        yield Picture(f"OCEL: {title}", "a.jsonocel", content, says)
    events: list[dict[str, Any]] = [{"id": "e2", "type": "unmade", "time": "2024-01-05T10:00:00Z"}]
    yield Picture(
        "OCEL: a type not declared",
        "a.jsonocel",
        json.dumps({**log, "events": events}).encode(),
        code="J02",
        column="ocel:activity",
    )
    events = [{"id": "e2", "type": "made", "time": "2024-01-05T10:00:00Z", "relationships": [{"objectId": "o9"}]}]
    yield Picture(
        "OCEL: an object not declared",
        "a.jsonocel",
        json.dumps({**log, "events": events}).encode(),
        code="J02",
        column="ocel:oid",
    )
    yield Picture(
        "OCEL: no objects of that type",
        "a.jsonocel",
        json.dumps(log).encode(),
        "no objects of the type 'U'",
        how="records: U",
    )
    for title, content, says in [("empty", b"", "not XML"), ("another XML", b"<M/>", "OCEL 2.0"), ("entities", b'<!DOCTYPE l [<!ENTITY a "b">]><log/>', "document type"),
                                 ("version 1", b"<log><events><event><string key='id' value='e1'/></event></events></log>", "OCEL 2.0")]:  # fmt: skip
        yield Picture(f"OCEL in XML: {title}", "a.xmlocel", content, says)
    for title, script, says in [("no tables", "", "OCEL 2.0"), ("other tables", "CREATE TABLE x (y)", "OCEL 2.0"), ("a view", "CREATE VIEW event AS SELECT 1", "views or triggers"),
                                ("a trigger", "CREATE TABLE x (y); CREATE TRIGGER t AFTER INSERT ON x BEGIN SELECT 1; END", "views or triggers")]:  # fmt: skip
        yield Picture(f"OCEL in SQLite: {title}", "a.sqlite", sqlite(script), says)
    yield Picture("OCEL in SQLite: no database", "a.sqlite", b"not a database at all" * 50, "OCEL 2.0")
    yield Picture(
        "OCEL in SQLite: cut off",
        "a.sqlite",
        sqlite("CREATE TABLE event_map_type (ocel_type, ocel_type_map)")[:4_500],
        "OCEL 2.0",
    )


def sqlite(script: str) -> bytes:
    """A database made by a script."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        book = sqlite3.connect(path)
        book.executescript(script + ";")
        book.execute("VACUUM")
        book.commit()
        book.close()
        return path.read_bytes()


# ---- archives and queries ----------------------------------------------------------------------------------------


def zipped(*files: tuple[str | zipfile.ZipInfo, bytes]) -> bytes:
    """An archive of files, in their order."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(name, content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def _archives() -> Iterator[Picture]:
    good = (HEAD + GOOD).encode()
    twice = zipped(("x/a.csv", good), ("x/b.csv", good)).replace(b"x/b.csv", b"x/a.csv")
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = 0o120777 << 16
    plain = zipped(("a.csv", good))
    locked = bytearray(plain)
    locked[6] |= 1
    locked[plain.index(b"PK\x01\x02") + 8] |= 1
    for title, content, says in [
        ("empty file", b"", "cut off or damaged"), ("nothing in it", zipped(), "no rows"), ("text", good, "cut off or damaged"), ("cut off", plain[:-25], "cut off or damaged"),
        ("a changed byte", plain[:40] + b"\xff\xff" + plain[42:], "cut off or damaged"), ("climbs out", zipped(("../a.csv", good)), "unsafe file name"),
        ("an absolute name", zipped(("/etc/a.csv", good)), "unsafe file name"), ("a drive", zipped(("C:\\a.csv", good)), "unsafe file name"),
        ("backslashes", zipped(("..\\a.csv", good)), "unsafe file name"), ("a link", zipped((link, b"/etc/passwd")), "unsafe file name or a link"),
        ("another archive", zipped(("inner.zip", plain)), "holds another archive"), ("too many files", zipped(*((f"{n}.csv", b"") for n in range(1_001))), "more than 1,000 files"),
        ("a password", bytes(locked), "has a password"), ("nothing the mapping speaks of", zipped(("b.csv", good)), "no file that the mapping speaks of"),
        ("a bad file in it", zipped(("a.csv", b"")), "no rows"), ("two files of one name", twice, "Two files of this name"),
        ("states a wrong size", lying(plain, 10), "cut off or damaged"),
    ]:  # fmt: skip
        yield Picture(f"zip: {title}", "extract.zip", content, says)


def lying(content: bytes, size: int) -> bytes:
    """An archive that states another size for its first file than it has."""
    changed = bytearray(content)
    place = content.index(b"PK\x01\x02")
    changed[place + 24 : place + 28] = struct.pack("<I", size)
    return bytes(changed)


def _queries() -> Iterator[Picture]:
    for title, content in [
        ("empty", b""),
        ("a change", b"DELETE FROM x"),
        ("two queries", b"SELECT 1; SELECT 2"),
        ("a change behind a comment", b"/* SELECT */ DROP TABLE x"),
    ]:
        yield Picture(
            f"query: {title}", "a.sql", content, "one query that begins with SELECT", how="connection: NOWHERE"
        )
    yield Picture("query: no address", "a.sql", b"SELECT 1", "environment variable", how="connection: NOWHERE")
    yield Picture(
        "query: too long", "a.sql", b"SELECT " + b"1," * 60_000, "longer than a query", how="connection: NOWHERE"
    )
