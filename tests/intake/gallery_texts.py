"""A gallery of bad files, each with the one thing that should be said of it. Its first room: texts."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import NamedTuple

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


LONG = ("x" * 201 + "\n") * 5_000


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


def texts() -> Iterator[Picture]:
    """Every picture of this room."""
    for each in (_texts, _rows, _times, _numbers, _names):
        yield from each()


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
        ("a long cell never closed", _csv(good + 'C2,2024-01-05,"' + LONG * 2), "never closed"),
        (
            "a long cell closed far below",
            _csv(good + 'C2,2024-01-05,"' + LONG * 2 + '",1,no,y\n'),
            "2,020,000 characters on 10,001",
        ),
        (
            "a cell of which no end is in sight",
            _csv(good + 'C2,2024-01-05,"' + LONG * 20),
            "it cannot be told where it ends",
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
    yield _row("a cell too long, not quoted", f"C2,2024-01-05,{'x' * 3_000_000},1,no,y", "C08", "what")
    yield _row("a cell too long, quoted", f'C2,2024-01-05,"{"x" * 10_000_000}",1,no,y', "C08", "what")
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
