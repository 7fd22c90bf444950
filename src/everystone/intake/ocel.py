"""Reading object-centric logs (OCEL 2.0) in their three forms: JSON, XML and SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from everystone.intake import loose
from everystone.intake.desk import Desk
from everystone.intake.jsonlines import read_object
from everystone.intake.laid import Laid
from everystone.intake.loose import Row
from everystone.intake.mapping import How
from everystone.intake.markup import Markup
from everystone.intake.plain import unpacked
from everystone.intake.rejects import Rejects, reject
from everystone.ledger.fault import Fault

LARGEST = 64 << 20  # bytes of a log that is read whole
_NO_LOG = "This is no object-centric log in the form of OCEL 2.0. Export it as such."


@dataclass
class _Log:
    """A log: entries with their types and related objects, objects with their types and what they said when."""

    entry_types: set[str] = field(default_factory=set)
    entries: list[tuple[str, str, str, Row, list[tuple[str, str]]]] = field(default_factory=list)
    objects: dict[str, str] = field(default_factory=dict)
    attributes: dict[str, list[tuple[str, str, str]]] = field(default_factory=dict)  # of an object: time, name, value


def read_ocel(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out a log, rows numbered from 1: one an entry, with the objects of each type as a list in JSON.

    Where `records` names a type of object, one row for each entry and each object of that type it is related to, with
    what that object said at the time. Raises Fault where the file is damaged, too large or another form. An entry of
    a type that is not declared, or related to an object that is not, is rejected.
    """
    try:
        log = _READERS[path.name.lower().removesuffix(".gz").rpartition(".")[2]](path, name)
    except (KeyError, TypeError, AttributeError, ValueError, sqlite3.Error, UnicodeError) as fault:
        raise Fault(_NO_LOG, where=name) from fault
    if how.records and how.records not in set(log.objects.values()):
        known = ", ".join(sorted(set(log.objects.values())))
        raise Fault(f"There are no objects of the type {how.records!r}. There are: {known}.", where=name)
    return loose.lay_out(desk, number, name, _rows(log, name, how.records, rejects), rejects)


def _rows(log: _Log, name: str, wanted: str | None, rejects: Rejects) -> Iterator[tuple[int, Row]]:
    place = 0
    for key, sort, time, attributes, related in log.entries:
        whole = {**attributes, "ocel:eid": key, "ocel:activity": sort, "ocel:timestamp": time, **_by_type(log, related)}
        chosen = [each for each in related if log.objects.get(each[0]) == wanted] if wanted else [("", "")]
        bad = ("ocel:activity", sort) if sort not in log.entry_types else None
        bad = bad or next((("ocel:oid", each) for each, _ in related if each not in log.objects), None)
        if bad:
            place += 1
            rejects.add(reject(name, place, bad[0], "J02", bad[1]))
            continue
        for each, qualifier in chosen:
            place += 1
            yield place, {**whole, "ocel:oid": each, "ocel:qualifier": qualifier, **_said(log, each, time)}


def _by_type(log: _Log, related: list[tuple[str, str]]) -> Row:
    found: dict[str, list[str]] = {}
    for each, _ in related:
        found.setdefault(f"ocel:type:{log.objects.get(each, '')}", []).append(each)
    return {column: json.dumps(sorted(set(each)), ensure_ascii=False) for column, each in found.items()}


def _said(log: _Log, key: str, time: str) -> Row:
    """What an object said at a time: the latest of each of its attributes."""
    said = sorted(log.attributes.get(key, ()))
    return {f"ocel:object:{name}": value for at, name, value in said if at <= time or at.startswith("1970-01-01")}


# ---- three forms -------------------------------------------------------------------------------------------------


def _from_json(path: Path, name: str) -> _Log:
    with unpacked(path) as file:
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Fault(f"The log is larger than {LARGEST >> 20} MB. Export it in the SQLite form.", where=name)
    said = read_object(content.decode("utf-8-sig"))
    log = _Log({each["name"] for each in said["eventTypes"]})
    for each in said["objects"]:
        log.objects[each["id"]] = each["type"]
        log.attributes[each["id"]] = [
            (at["time"], at["name"], _text(at["value"])) for at in each.get("attributes") or ()
        ]
    for each in said["events"]:
        attributes = {at["name"]: _text(at["value"]) for at in each.get("attributes") or ()}
        related = [(at["objectId"], at.get("qualifier") or "") for at in each.get("relationships") or ()]
        log.entries.append((each["id"], each["type"], each["time"], attributes, related))
    return log


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)


def _from_xml(path: Path, name: str) -> _Log:
    if path.stat().st_size > LARGEST:
        raise Fault(f"The log is larger than {LARGEST >> 20} MB. Export it in the SQLite form.", where=name)
    reader = _Xml(name)
    for _ in reader.read(path):
        pass
    if not reader.log.entry_types:
        raise ValueError(_NO_LOG)
    return reader.log


class _Xml(Markup):
    """Reads the XML form."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.log = _Log()
        self._object = ""
        self._attribute: dict[str, str] = {}
        self._text: list[str] = []

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """A type, an object, an entry, or something in one of them."""
        parent = self.inside[-2] if len(self.inside) > 1 else ""
        if tag == "event-type":
            self.log.entry_types.add(attributes["name"])
        elif tag == "object" and parent == "objects" and "event" not in self.inside and "type" in attributes:
            self._object = attributes["id"]
            self.log.objects[self._object] = attributes["type"]
        elif tag == "event":
            self.log.entries.append((attributes["id"], attributes["type"], attributes["time"], {}, []))
        elif tag in ("relationship", "object") and "event" in self.inside:
            self.log.entries[-1][4].append((attributes["object-id"], attributes.get("qualifier", "")))
        elif tag == "attribute":
            self._attribute, self._text = attributes, []

    def say(self, text: str) -> None:
        """The value of an attribute."""
        self._text.append(text)

    def end(self, tag: str) -> None:
        """An attribute is whole."""
        if tag != "attribute" or "event-types" in self.inside or "object-types" in self.inside:
            return
        value, name = "".join(self._text).strip(), self._attribute["name"]
        if "event" in self.inside:
            self.log.entries[-1][3][name] = value
        else:
            self.log.attributes.setdefault(self._object, []).append((self._attribute["time"], name, value))


def _from_sqlite(path: Path, name: str) -> _Log:
    """The SQLite form, opened to be read only; a file with views or triggers is refused, as they run what they like."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as book:
        book.execute("PRAGMA trusted_schema = OFF")
        book.execute("PRAGMA cell_size_check = ON")
        sorts = {sort for (sort,) in book.execute("SELECT DISTINCT type FROM sqlite_master")}
        if sorts & {"view", "trigger"}:
            raise Fault("The log holds views or triggers, which a log never needs. It was refused.", where=name)
        log = _Log({sort for (sort,) in book.execute("SELECT ocel_type FROM event_map_type")})
        log.objects = dict(book.execute("SELECT ocel_id, ocel_type FROM object"))
        for (table,) in book.execute("SELECT ocel_type_map FROM object_map_type").fetchall():
            for row in _table(book, f"object_{table}"):
                changed = row.pop("ocel_changed_field", "")
                key, time = row.pop("ocel_id"), row.pop("ocel_time", "")
                said = [(time, each, value) for each, value in row.items() if value and changed in ("", each)]
                log.attributes.setdefault(key, []).extend(said)
        related: dict[str, list[tuple[str, str]]] = {}
        for key, each, qualifier in book.execute(
            "SELECT ocel_event_id, ocel_object_id, ocel_qualifier FROM event_object"
        ):
            related.setdefault(key, []).append((each, qualifier or ""))
        for sort, table in book.execute("SELECT ocel_type, ocel_type_map FROM event_map_type").fetchall():
            for row in _table(book, f"event_{table}"):
                key, time = row.pop("ocel_id"), row.pop("ocel_time", "")
                log.entries.append((key, sort, time, row, related.get(key, [])))
    return log


def _table(book: sqlite3.Connection, table: str) -> Iterator[Row]:
    quoted = table.replace('"', '""')
    rows = book.execute(f'SELECT * FROM "{quoted}"')
    names = [each[0] for each in rows.description]
    for row in rows:
        yield {name: _text(value) for name, value in zip(names, row, strict=True)}


_READERS = {"jsonocel": _from_json, "xmlocel": _from_xml, "sqlite": _from_sqlite}
