"""Reading any XML by the path of the elements that are its rows; what stands around them comes along as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from everystone.intake import loose
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.loose import Row
from everystone.intake.mapping import How
from everystone.intake.markup import Markup
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault

LARGEST = 200_000  # elements in one record, which is held in memory until it is whole


def read_xml(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out the elements that `records` names (`Child`, `Child/Plans/Plan`), rows numbered in their order.

    A column is the path from a record to an element that holds text (`Name/First`), or to an attribute (`@id`); one
    that comes several times is a list in JSON. What the elements above a record say stands beside it under their names
    (`Child/Name/First`), so that rows of children are joined to their parent by its key. Raises Fault where the file is
    no sound XML, declares entities or a document type, or nests too deep, and where `records` is not stated.
    """
    if not how.records:
        raise Fault(f"Say under `records` which elements are rows. {_suggested(path, name)}", where=name)
    steps = tuple(each for each in how.records.strip("/").split("/") if each)
    return loose.lay_out(desk, number, name, _rows(path, _Records(name, steps)), rejects)


def records_in(path: Path, name: str) -> list[str]:
    """The likely paths of records: elements that come again and again or stand in a list named after them, and the

    elements that come several times in one of these.
    """
    outline = _Outline(name)
    for _ in outline.read(path):
        pass
    found = [each for each in sorted(outline.parents, key=len) if len(each) > 1 and outline.may_be_records(each)]
    outer = [each for each in found if not any(each[: len(other)] == other for other in found if other != each)]
    nested = [
        each[len(other) - 1 :]
        for other in outer
        for each in found
        if each in outline.several and each[: len(other)] == other
    ]
    return [
        "/".join(each)
        for each in dict.fromkeys([*(each[-1:] for each in outer), *(each for each in nested if len(each) > 1)])
    ]


def _suggested(path: Path, name: str) -> str:
    found = records_in(path, name)[:5]
    return f"These may be: {', '.join(found)}." if found else ""


def _rows(path: Path, records: _Records) -> Iterator[tuple[int, Row]]:
    place = 0
    for _ in records.read(path):
        rows, records.rows = records.rows, []
        for row in rows:
            place += 1
            yield place, row


class _Outline(Markup):
    """Notes the paths of elements: which hold others, and which come several times in one element."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.parents: set[tuple[str, ...]] = set()
        self.several: set[tuple[str, ...]] = set()
        self._seen: list[set[str]] = [set()]

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """One more."""
        path = tuple(self.inside)
        self.parents.add(path[:-1])
        if attributes:
            self.parents.add(path)
        if tag in self._seen[-1]:
            self.several.add(path)
        self._seen[-1].add(tag)
        self._seen.append(set())

    def end(self, tag: str) -> None:
        """One is whole."""
        self._seen.pop()

    def may_be_records(self, path: tuple[str, ...]) -> bool:
        """Whether elements of a path come several times in one element, or stand in a list named after them."""
        above, tag = path[-2].lower(), path[-1].lower()
        return path in self.several or (above != tag and above.startswith(tag) and len(above) <= len(tag) + 3)


@dataclass
class _Element:
    tag: str
    texts: list[str] = field(default_factory=list)
    leaves: list[tuple[str, str]] = field(default_factory=list)  # attributes
    children: list[_Element] = field(default_factory=list)


class _Records(Markup):
    """Holds the record at hand, from the first step of the path on; makes its rows once it is whole."""

    def __init__(self, name: str, steps: tuple[str, ...]) -> None:
        super().__init__(name)
        self.steps = steps
        self.rows: list[Row] = []
        self._open: list[_Element] = []
        self._held = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """The record, or an element in it."""
        if not self._open and tag != self.steps[0]:
            return
        if not self._open:
            self._held = 0
        self._held += 1 + len(attributes)
        if self._held > LARGEST:
            raise Fault(
                f"A record {self.steps[0]} holds more than {LARGEST:,} elements. Name a smaller one.", where=self.name
            )
        element = _Element(tag, leaves=[(f"@{key.rpartition(':')[2]}", value) for key, value in attributes.items()])
        if self._open:
            self._open[-1].children.append(element)
        self._open.append(element)

    def say(self, text: str) -> None:
        """Text of the element at hand."""
        if self._open:
            self._open[-1].texts.append(text)

    def end(self, tag: str) -> None:
        """An element is whole; with the outermost its rows are."""
        if self._open:
            element = self._open.pop()
            if not self._open:
                self.rows.extend(_rows_of(element, self.steps[1:], {}))


def _rows_of(element: _Element, steps: tuple[str, ...], above: Row) -> Iterator[Row]:
    if not steps:
        yield {**above, **_columns(_leaves(element))}
        return
    ours = {f"{element.tag}/{name}": text for name, text in _columns(_leaves(element, leave_out=steps[0])).items()}
    for child in element.children:
        if child.tag == steps[0]:
            yield from _rows_of(child, steps[1:], {**above, **ours})


def _leaves(element: _Element, prefix: str = "", leave_out: str = "") -> Iterator[tuple[str, str]]:
    """The texts and attributes in an element, by their path from it."""
    for name, value in element.leaves:
        yield prefix + name, value
    text = "".join(element.texts).strip()
    if not element.children and text:
        yield prefix.rstrip("/") or "text()", text
    for child in element.children:
        if child.tag != leave_out:
            yield from _leaves(child, f"{prefix}{child.tag}/")


def _columns(leaves: Iterator[tuple[str, str]]) -> Row:
    found: dict[str, list[str]] = {}
    for name, text in leaves:
        if text:
            found.setdefault(name, []).append(text)
    return {
        name: texts[0] if len(texts) == 1 else json.dumps(texts, ensure_ascii=False) for name, texts in found.items()
    }
