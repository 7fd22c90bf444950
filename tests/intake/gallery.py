"""A gallery of bad files: each made here, each with the one thing that should be said of it."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

HEAD = "case,at,what,n,urgent,note\n"
GOOD = "C1,2024-01-05 10:00,phone,3,yes,called\n"
TABLE = """
tables:
  - file: "a.*"
    %s
    row_key: [case]
    entries:
      - kind: report.made
        stream: {column: case}
        happened: {column: at%s}
        fields:
          channel: {column: what%s}
          callers: {column: n}
          urgent: {column: urgent}
          account: {column: note}
"""


class Picture(NamedTuple):
    """One bad file: what is wrong with it, its name and content, how it is read, and what is said of it.

    `says` is a piece of the sentence where the file is refused whole; else `code` is that of the reject of its one bad
    row, with the column.
    """

    title: str
    name: str
    content: bytes
    says: str = ""
    code: str = ""
    column: str = ""
    how: str = ""
    time: str = ""
    value: str = ""

    @property
    def mapping(self) -> str:
        return TABLE % (self.how, self.time, self.value)


def gallery() -> list[Picture]:
    """Every picture."""
    return [
        *_texts(),
        *_rows(),
        *_times(),
        *_numbers(),
        *_names(),
        *_workbooks(),
        *_parquets(),
        *_json(),
        *_xml(),
        *_logs(),
        *_ocel(),
        *_archives(),
        *_queries(),
    ]


# ---- CSV ---------------------------------------------------------------------------------------------------------


def _csv(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _texts() -> Iterator[Picture]:
    good = HEAD + GOOD
    whole = [
        ("empty", b"", "no rows"),
        ("only a byte-order mark", b"\xef\xbb\xbf", "no rows"),
        ("only a header", _csv(HEAD), "no rows"),
        ("only blank lines", b"\n\n\n", "no rows"),
        ("two columns of one name", _csv(good.replace("what", "case")), "Columns 1 and 3 are both"),
        ("two columns that differ by case", _csv(good.replace("what", "CASE")), "Columns 1 and 3 are both"),
        ("two columns that differ by spaces", _csv(good.replace("what", " case ")), "Columns 1 and 3 are both"),
        (
            "two columns that differ in how an accent is written",
            _csv(good.replace("what", "caf\u00e9").replace("note", "cafe\u0301")),
            "are both",
        ),
        ("a column is missing", _csv(good.replace("what", "other")), "no column 'what'"),
        ("a column is nearly there", _csv(good.replace("urgent", "urgnt")), "Was 'urgnt' meant?"),
        ("semicolons", _csv(good.replace(",", ";")), "the delimiter looks like ';'"),
        ("tabs", _csv(good.replace(",", "\t")), "the delimiter looks like '\\t'"),
        ("bars", _csv(good.replace(",", "|")), "the delimiter looks like '|'"),
        ("a header that is not closed", _csv('case,"at\n' + GOOD), "The header cannot be read"),
        ("a hidden character in the header", _csv(good.replace("what", "wh\x07at")), "hidden control character"),
        ("a quotation mark never closed", _csv(good + 'C2,2024-01-05,"x\nC3,2024-01-05,x,1,no,y\n'), "never closed"),
        (
            "a cell of 10 million characters",
            _csv(good + 'C2,2024-01-05,"' + "x" * 10_000_000 + '",1,no,y\n'),
            "never closed",
        ),
        ("a workbook by another name", b"PK\x03\x04" + b"\0" * 40, "a workbook or an archive"),
        ("an old workbook by another name", b"\xd0\xcf\x11\xe0" + b"\0" * 40, "an old workbook"),
        ("a Parquet file by another name", b"PAR1" + b"\0" * 40, "a Parquet file"),
        ("UTF-16 without its mark", good.encode("utf-16-le"), "without its mark"),
        ("UTF-32 without its mark", good.encode("utf-32-be"), "without its mark"),
        ("UTF-16 cut off", good.encode("utf-16")[:-1], "The file is not text in utf-16"),
    ]
    yield from (Picture(title, "a.csv", content, says) for title, content, says in whole)
    for encoding, says in [
        ("klingon", "encoding 'klingon' is not known"),
        ("ascii", "not text in ascii"),
        ("utf-16", "not text in utf-16"),
        ("shift_jis", "not text in shift_jis"),
    ]:
        yield Picture(
            f"not {encoding}",
            "a.csv",
            (good + "C2,2024-01-05,caf\u00e9\u2020,1,no,y\n").encode(),
            says,
            how=f"encoding: {encoding}",
        )
    packed = gzip.compress(good.encode())
    for title, content in [("cut off", packed[:-12]), ("not packed", good.encode()), ("empty", b""), ("a changed byte", packed[:20] + b"\xff" + packed[21:]),
                           ("only its first bytes", b"\x1f\x8b\x08"), ("rubbish behind it", packed + b"rubbish"), ("a wrong sum", packed[:-8] + b"\0" * 4 + packed[-4:])]:  # fmt: skip
        yield Picture(f"gz: {title}", "a.csv.gz", content, "no rows" if title == "empty" else "cut off or damaged")
    yield Picture("a sort of file nobody reads", "a.docx", b"x", "Files of this sort cannot be read")
    yield Picture("a packed workbook", "a.xlsx.gz", gzip.compress(b"x"), "Files of this sort cannot be read")


def _row(title: str, row: str | bytes, code: str, column: str = "", **more: str) -> Picture:
    broken = row if isinstance(row, bytes) else _csv(row)
    return Picture(
        title,
        "a.csv",
        _csv(HEAD + GOOD) + broken + b"\n" + _csv("C9,2024-01-09,desk,,,\n"),
        code=code,
        column=column,
        **more,
    )


def _rows() -> Iterator[Picture]:
    yield _row("too few cells", "C2,2024-01-05,phone", "C04")
    yield _row("too many cells", "C2,2024-01-05,phone,1,no,y,z", "C04")
    yield _row("one cell", "C2", "C04")
    yield _row("text behind a closing quotation mark", 'C2,2024-01-05,"pho"ne,1,no,y', "C05")
    yield _row("a text too long", f"C2,2024-01-05,phone,1,no,{'x' * 100_001}", "C07", "note")
    yield _row("Latin-1 in UTF-8", b"C2,2024-01-05,caf\xe9,1,no,y", "E01", "what")
    yield _row("a broken sequence of UTF-8", b"C2,2024-01-05,x\xf0\x9f\x98,1,no,y", "E01", "what")
    yield _row("an overlong sequence of UTF-8", b"C2,2024-01-05,\xc0\xaf,1,no,y", "E01", "what")
    yield _row("half of a surrogate pair", b"C2,2024-01-05,\xed\xa0\x80,1,no,y", "E01", "what")
    yield _row("NUL in a word", b"C2,2024-01-05,a\0b,1,no,y", "E04", "what")
    yield _row("NUL in a text", b"C2,2024-01-05,phone,1,no,a\0b", "E04", "note")
    yield _row("no case", ",2024-01-05,phone,1,no,y", "V01", "case")
    yield _row("spaces for a case", "  ,2024-01-05,phone,1,no,y", "V01", "case")
    yield _row("not yes or no", "C2,2024-01-05,phone,1,perhaps,y", "Y01", "urgent")
    yield _row("ja", "C2,2024-01-05,phone,1,ja,y", "Y01", "urgent")
    yield _row(
        "a word that the map does not name",
        "C2,2024-01-05,fax,1,no,y",
        "V02",
        "what",
        value=", map: {phone: phone, desk: desk}",
    )
    yield Picture(
        "one key, two contents",
        "a.csv",
        _csv(HEAD + GOOD + GOOD.replace("called", "wrote")),
        code="K02",
        column="row_key",
    )
    yield Picture(
        "one key, two times", "a.csv", _csv(HEAD + GOOD + GOOD.replace("10:00", "10:01")), code="K02", column="row_key"
    )


def _times() -> Iterator[Picture]:
    for written, code in [
        ("", "V01"), ("yesterday", "D01"), ("2024-02-30", "D01"), ("2023-02-29", "D01"), ("2024-13-01", "D01"), ("2024-00-10", "D01"),
        ("2024-01-32", "D01"), ("20240105", "D01"), ("2024-W01-1", "D01"), ("2024-005", "D01"), ("2024-1-5", "D01"), ("05/01/2024", "D01"),
        ("01/05/2024", "D01"), ("2024-01-05 24:00", "D01"), ("2024-01-05 10:60", "D01"), ("2024-06-30 23:59:60", "D01"), ("2024-01-05 10", "D01"),
        ("10:00", "D01"), ("2024-01-05 10:00 PM", "D01"), ("2024-01-05T10:00+25:00", "D01"), ("1704448800", "D01"), ("1704448800000", "D01"),
        ("45296", "D01"), ("\u0662\u0660\u0662\u0664-01-05", "D01"), ("\uff12\uff10\uff12\uff14-01-05", "D01"), ("2024\u201301\u201305", "D01"),
        ("summer 2003", "D01"), ("0001-01-01", "D03"), ("1066-10-14", "D03"), ("1753-01-01", "D03"), ("1900-01-01", "D03"),
        ("9999-12-31", "D03"), ("2099-12-31", "D03"), ("2024-03-31 01:30", "D06"), ("2024-10-27 01:30", "D06"), ("NULL", "D01"), ("-", "D01"),
    ]:  # fmt: skip
        yield _row(f"time: {written or 'none'}", f"C2,{written},phone,1,no,y", code, "at")
    form = ', format: ["%d/%m/%Y %H:%M", "%d/%m/%Y", "%Y-%m-%d %H:%M", "%Y-%m-%d"]'
    for written, code in [
        ("31/02/2024", "D01"),
        ("13/13/2024", "D01"),
        ("5/1/24x", "D01"),
        ("31/03/2024 01:30", "D06"),
        ("01/01/1900", "D03"),
        ("31/12/9999", "D03"),
    ]:
        yield _row(f"time in a form: {written}", f"C2,{written},phone,1,no,y", code, "at", time=form)
    serial = ', format: [serial, "%Y-%m-%d %H:%M", "%Y-%m-%d"]'
    for written in ("60", "0", "-5", "99999999", "1e5", "45296,5"):
        cell = f'"{written}"' if "," in written else written
        yield _row(f"time as a number: {written}", f"C2,{cell},phone,1,no,y", "D01", "at", time=serial)


def _numbers() -> Iterator[Picture]:
    for written in ("NaN", "Infinity", "-inf", "1e400", "1_000", '"1,234.5"', '"1.234,5"', "\uff11\uff12", "\u0663", "0x10", "12%", "12 kg", "1 000", "1.", ".5",
                    "--1", "1e3", "\u00bd", "9" * 16):  # fmt: skip
        yield _row(f"number: {written}", f"C2,2024-01-05,phone,{written},no,y", "N01", "n")


def _names() -> Iterator[Picture]:
    for title, char in [("right to left", "\u202e"), ("left to right", "\u202a"), ("no width", "\u200b"), ("joiner", "\u200d"), ("isolate", "\u2066"),
                        ("word joiner", "\u2060"), ("a mark inside", "\ufeff"), ("bell", "\x07"), ("escape", "\x1b"), ("delete", "\x7f"), ("line break", "\n")]:  # fmt: skip
        case = f'"C{char}2"'
        yield _row(f"a reference with a hidden character: {title}", f"{case},2024-01-05,phone,1,no,y", "E06")
    for title, case in [
        ("a Cyrillic a", "\u0410B1"),
        ("a Cyrillic o inside", "CASE-N\u041e1"),
        ("a Greek omicron", "R\u039f2"),
        ("a Latin letter in Greek", "\u0391\u0392x"),
    ]:
        yield _row(f"a reference in two alphabets: {title}", f"{case},2024-01-05,phone,1,no,y", "E07")
    yield _row("a reference too long", f"{'C' * 301},2024-01-05,phone,1,no,y", "E06")


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


def _parquet(**columns: Any) -> bytes:
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
    good = _parquet()
    whole = [
        ("empty file", b"", "damaged or no Parquet"), ("text", b"case,at\n", "damaged or no Parquet"), ("cut off", good[:-20], "damaged or no Parquet"),
        ("only its ends", b"PAR1PAR1", "damaged or no Parquet"), ("a broken footer", good[:-40] + b"\xff" * 20 + good[-20:], "damaged or no Parquet"),
        ("a footer too long", good[:-8] + struct.pack("<I", 1 << 31) + b"PAR1", "damaged or no Parquet"),
        ("a nested column", _parquet(note=[{"a": 1}]), "Flat columns are wanted"), ("lists of lists", _parquet(note=[[[1]]]), "Flat columns are wanted"),
        ("a binary column", _parquet(note=[b"\xff"]), "Flat columns are wanted"), ("a missing column", _parquet(note=["x"]).replace(b"urgent", b"urgant"), "no column 'urgent'"),
        ("columns that differ by case", _parquet(CASE=["x"]), "are both"), ("no rows", _parquet(case=pa.array([], pa.string()), at=pa.array([], pa.string()), what=[], n=[], urgent=[], note=[]), "no rows"),
    ]  # fmt: skip
    yield from (Picture(f"parquet: {title}", "a.parquet", content, says) for title, content, says in whole)
    yield Picture("parquet: NUL", "a.parquet", _parquet(note=["a\0b"]), code="E04", column="note")
    yield Picture(
        "parquet: a day before all calendars", "a.parquet", _parquet(at=["0001-01-01"]), code="D03", column="at"
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
        yield Picture(f"OCEL in SQLite: {title}", "a.sqlite", _sqlite(script), says)
    yield Picture("OCEL in SQLite: no database", "a.sqlite", b"not a database at all" * 50, "OCEL 2.0")
    yield Picture(
        "OCEL in SQLite: cut off",
        "a.sqlite",
        _sqlite("CREATE TABLE event_map_type (ocel_type, ocel_type_map)")[:4_500],
        "OCEL 2.0",
    )


def _sqlite(script: str) -> bytes:
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
        ("a bad file in it", zipped(("a.csv", b"")), "no rows"), ("two files of one name", zipped(("x/a.csv", good), ("x/a.csv", good)), "Two files of this name"),
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
