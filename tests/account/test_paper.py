"""The report on paper: a tagged PDF that a screen reader reads in order, each page of which bears its mark."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.account.paper import HIDDEN, printed
from everystone.account.report import MARKS
from everystone.findings.explain import LIMITS
from tests.account.conftest import World
from tests.account.test_report import AUDIENCES, CLOSED, what_identifies

Report = Callable[[str], Path]


def tags(part: Any) -> Iterator[Any]:
    """Every element of the structure, in the order in which it is read."""
    if isinstance(part, pikepdf.Array):
        for each in part:
            yield from tags(each)
    elif isinstance(part, pikepdf.Dictionary) and "/S" in part:
        yield part
        yield from tags(part.get("/K"))


def names(pdf: pikepdf.Pdf) -> list[str]:
    return [str(each.S).removeprefix("/") for each in tags(pdf.Root.StructTreeRoot.K)]


def words(pdf: pikepdf.Pdf) -> list[str]:
    """The text of each page, by way of the typefaces' own tables from glyphs to letters."""
    return [" ".join(_words_on(page)) for page in pdf.pages]


def _words_on(page: Any) -> Iterator[str]:
    letters: dict[bytes, str] = {}
    for each in pikepdf.parse_content_stream(page):
        if not isinstance(each, pikepdf.ContentStreamInstruction):
            continue
        operands, operator = each.operands, each.operator
        if str(operator) == "Tf":
            letters = _letters(page.Resources.Font[str(operands[0])])
        elif str(operator) in ("Tj", "TJ"):
            parts = operands[0] if str(operator) == "TJ" else operands
            raw = b"".join(bytes(part) for part in parts if isinstance(part, pikepdf.String))
            yield "".join(letters.get(raw[place : place + 2], "?") for place in range(0, len(raw), 2))


def _letters(font: Any) -> dict[bytes, str]:
    if "/ToUnicode" not in font:
        return {}
    table = font.ToUnicode.read_bytes().decode("latin-1")
    pairs = re.findall(r"<([0-9a-fA-F]{4})> <([0-9a-fA-F]+)>", table)
    return {bytes.fromhex(glyph): bytes.fromhex(letter).decode("utf-16-be") for glyph, letter in pairs}


@pytest.fixture(scope="module")
def paper(report: Report) -> Callable[[str], pikepdf.Pdf]:
    return lambda audience: pikepdf.open(report(audience).with_suffix(".pdf"))


@pytest.mark.parametrize("audience", AUDIENCES)
def test_it_is_tagged_and_says_its_language_and_title(audience: str, paper: Callable[[str], pikepdf.Pdf]) -> None:
    pdf = paper(audience)
    assert pdf.Root.MarkInfo.Marked
    assert str(pdf.Root.Lang) == "en-GB"
    assert "as at Saturday 31 March 2012" in str(pdf.docinfo["/Title"])
    assert pdf.Root.ViewerPreferences.DisplayDocTitle
    assert b"pdfuaid:part>1<" in pdf.Root.Metadata.read_bytes(), "it says of itself that it keeps PDF/UA-1"
    assert all(page.get("/Tabs") == "/S" for page in pdf.pages), "and is gone through in the order of its structure"


@pytest.mark.parametrize("audience", AUDIENCES)
def test_headings_come_in_order_and_tables_have_heads(audience: str, paper: Callable[[str], pikepdf.Pdf]) -> None:
    pdf = paper(audience)
    found = names(pdf)
    assert found.count("Title") == 1
    levels = [int(name[1]) for name in found if re.fullmatch(r"H\d", name)]
    assert levels and levels[0] == 1 and all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert found.count("Caption") == found.count("Table") + found.count("Figure")
    tables = [each for each in tags(pdf.Root.StructTreeRoot.K) if each.S == "/Table"]
    assert tables
    for table in tables:
        inside = [str(each.S) for each in tags(table.K)]
        assert "/THead" in inside
        heads = [each for each in tags(table.K) if each.S == "/TH"]
        assert heads and all("/Scope" in str(each.A) for each in heads)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_drawing_is_said_in_words(audience: str, paper: Callable[[str], pikepdf.Pdf]) -> None:
    pdf = paper(audience)
    drawings = [each for each in tags(pdf.Root.StructTreeRoot.K) if each.S == "/Figure"]
    assert drawings
    assert all("answers that were due" in str(each.get("/Alt", "")) for each in drawings)


@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_page_bears_the_mark_and_the_last_the_limits(audience: str, paper: Callable[[str], pikepdf.Pdf]) -> None:
    pages = words(paper(audience))
    squeezed = [page.replace(" ", "") for page in pages]
    assert len(pages) > 1
    assert all(MARKS[audience].replace(" ", "") in page for page in squeezed)
    assert LIMITS.replace(" ", "") in "".join(squeezed)


@pytest.mark.parametrize("audience", CLOSED)
def test_those_who_oversee_learn_of_nobody_on_paper(
    audience: str, paper: Callable[[str], pikepdf.Pdf], world: World
) -> None:
    shown = "".join(words(paper(audience))).replace(" ", "")
    assert "standards" in shown
    identifying = {text.replace(" ", "") for text in what_identifies(world) if len(text) > 3}
    assert not {text for text in identifying if len(text) > 3 and text in shown}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_it_is_private(audience: str, report: Report) -> None:
    assert report(audience).with_suffix(".pdf").stat().st_mode & 0o077 == 0


def page(text: str) -> str:
    said = text.replace("&", "&amp;").replace("<", "&lt;")
    return f"<html><head><title>T {said}</title></head><body><h1>T</h1><p>{said}</p><ul><li>{said}<ul><li>{said}</li></ul></li></ul></body></html>"


@given(st.text(max_size=60))
def test_whatever_stands_in_a_record_is_printed_as_text(text: str) -> None:
    assert printed(page(text), "mark").startswith(b"%PDF")


@pytest.mark.parametrize(
    "text",
    ['#panic("x")', '#include "/etc/hosts"', "= Heading", "*bold*", "$x$", "\\", "]", "//", "```", "@ref", "<label>"],
)
def test_what_looks_like_a_command_is_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(page(text), text))
    with pikepdf.open(path) as pdf:
        assert "".join(words(pdf)).replace(" ", "").count(text.replace(" ", "")) >= 4
        assert [name for name in names(pdf) if name[0] == "H"] == []


def test_a_letter_that_is_not_held_is_shown_by_its_code(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    path.write_bytes(printed(page("李 \U0001f600 Żółć Ŵyn"), "mark"))
    with pikepdf.open(path) as pdf:
        shown = "".join(words(pdf)).replace(" ", "")
    assert "<U+674E>" in shown and "<U+1F600>" in shown and "Żółć" in shown and "Ŵyn" in shown


def test_every_letter_that_is_said_to_be_held_is_held() -> None:
    held = "".join(letter for letter in map(chr, range(0x20, 0x2100)) if not HIDDEN.fullmatch(letter))
    assert len(held) > 400
    assert printed(page(held), "mark").startswith(b"%PDF")
