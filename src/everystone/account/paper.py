"""A page on paper: the same words as a tagged PDF, which a screen reader reads and whose every page bears the mark."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple

from everystone.account.page import TEMPLATES

#: PDF/UA-1: language, title, headings in order, tables with heads, drawings with words.
STANDARD: Final = "ua-1"
LEFT_OUT = frozenset({"head", "nav", "header", "style", "script"})
BLOCKS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "ul", "ol", "dl", "table", "figure", "details", "article", "section", "div"}
)
Block = dict[str, Any]
#: The letters that the typeface does not hold: it has Latin with its accents, Greek, Cyrillic, British typography.
HIDDEN = re.compile(
    r"[^\t\n -~\u00a0-\u017f\u0391-\u03a1\u03a3-\u03c9\u0400-\u045f\u2003\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]"
)


class Element(NamedTuple):
    """A part of a page: its tag, its attributes, what is in it."""

    tag: str
    attrs: dict[str, str]
    inside: list[Element | str]

    def all(self, *tags: str) -> Iterator[Element]:
        """Every element of these tags inside it, in order, those inside one another left out."""
        for each in self.inside:
            if isinstance(each, Element):
                if each.tag in tags:
                    yield each
                else:
                    yield from each.all(*tags)


def printed(page: str, mark: str, written: str = "") -> bytes:
    """A page of ours (HTML) as a tagged PDF (PDF/UA-1). `written` is the day it was written, as 2026-11-20.

    A letter that the typeface does not hold is shown by its code, as <U+674E>: nothing is lost in silence.
    """
    import typst

    tree = _Tree(page).root
    body = next(tree.all("body"))
    said = {
        "mark": mark, "title": _text(next(tree.all("title"))), "written": written,
        "blocks": [*_blocks(body.inside)],
    }  # fmt: skip
    return typst.compile(
        str(TEMPLATES / "paper.typ"), root=str(TEMPLATES), format="pdf", pdf_standards=STANDARD, ignore_system_fonts=True,
        sys_inputs={"said": json.dumps(said)},
    )  # fmt: skip


class _Tree(HTMLParser):
    """The elements of a page. Only pages of our own are read, in which every element is closed."""

    EMPTY = frozenset({"meta", "link", "br", "rect"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.root = Element("", {}, [])
        self.open = [self.root]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, [])
        self.open[-1].inside.append(element)
        if tag not in self.EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.open[-1].inside.append(Element(tag, {name: value or "" for name, value in attrs}, []))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(data)


# ---- what stands on the paper ------------------------------------------------------------------------------------


def _blocks(inside: Iterable[Element | str]) -> Iterator[Block]:
    for each in inside:
        if isinstance(each, Element) and not (
            each.tag in LEFT_OUT or each.attrs.get("class") in ("skip", "marked", "mark", "screen")
        ):
            yield from _MADE.get(each.tag, _inner)(each)


def _inner(element: Element) -> Iterator[Block]:
    yield from _blocks(element.inside)


def _heading(element: Element) -> Iterator[Block]:
    yield {"is": "heading", "level": int(element.tag[1]) - 1, "text": _text(element)}


def _paragraph(element: Element) -> Iterator[Block]:
    if text := _text(element):
        yield {"is": "small" if element.attrs.get("class") in ("limits", "asat") else "text", "text": text}


def _list(element: Element) -> Iterator[Block]:
    if items := [_item(each) for each in element.all("li")]:
        card = element.attrs.get("class") == "cards"
        yield {"is": "cards" if card else "list", "items": [item["blocks"] for item in items] if card else items}


def _item(element: Element) -> Block:
    if any(element.all("article")):
        return {"blocks": [*_blocks(element.inside)]}
    own = [each for each in element.inside if not (isinstance(each, Element) and each.tag in ("ul", "ol"))]
    return {
        "text": _text(element._replace(inside=own)),
        "items": [_item(each) for inner in element.all("ul", "ol") for each in inner.all("li")],
    }


def _terms(element: Element) -> Iterator[Block]:
    said = [_text(each) for each in element.all("dt", "dd")]
    yield {"is": "terms", "items": [[*pair] for pair in zip(said[::2], said[1::2], strict=True)]}


def _table(element: Element) -> Iterator[Block]:
    caption = " ".join(_text(each) for each in element.all("caption"))
    heads, *rows = [[_cell(cell) for cell in row.all("th", "td")] for row in element.all("tr")]
    yield {"is": "table", "caption": caption, "heads": heads, "rows": rows}


def _cell(element: Element) -> str:
    """A cell in one run of words; of a fold in it what is inside: the first sentence, or the list."""
    folds = [*element.all("details")]
    own = element._replace(inside=[each for each in element.inside if each not in folds])
    inside = [
        "; ".join(_text(item) for item in fold.all("li")) or _text(next(fold.all("p"))) for fold in folds
    ]  # fmt: skip
    return "\n".join(filter(None, [_text(own), *inside]))


def _figure(element: Element) -> Iterator[Block]:
    (drawing,) = element.all("svg")
    bars = [{"class": each.attrs["class"], "x": float(each.attrs.get("x", 0)), "width": float(each.attrs["width"])}
            for each in drawing.all("rect")]  # fmt: skip
    caption = " ".join(_text(each) for each in element.all("figcaption"))
    yield {"is": "bar", "says": drawing.attrs["aria-label"], "bars": bars, "caption": caption}


def _fold(element: Element) -> Iterator[Block]:
    summary = next(element.all("summary"))
    rest = [each for each in element.inside if each is not summary]
    heading = next(summary.all("h3"), None)
    if heading is not None:
        yield {"is": "heading", "level": 2, "text": _text(summary)}
    elif element.attrs.get("class") != "small":
        yield {"is": "strong", "text": _text(summary)}
    yield from _blocks(rest)


_MADE = {
    "h1": _heading, "h2": _heading, "h3": _heading, "h4": _heading, "p": _paragraph, "ul": _list, "ol": _list, "dl": _terms,
    "table": _table, "figure": _figure, "details": _fold,
}  # fmt: skip


def _text(element: Element) -> str:
    """The words of an element as they are read, drawings left out; a line break stays one."""
    return re.sub(r"[ \t\n]*\v[ \t\n\v]*", "\n", re.sub(r"[ \t\n]+", " ", _words(element))).strip()


def _words(element: Element) -> str:
    said = []
    for each in element.inside:
        if isinstance(each, str):
            said.append(HIDDEN.sub(lambda letter: f"<U+{ord(letter[0]):04X}>", unicodedata.normalize("NFC", each)))
        elif each.tag == "br":
            said.append("\v")
        elif each.tag != "svg":
            said.append(_words(each))
    return "".join(said)
