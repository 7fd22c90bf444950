"""Reading JSON lines: an object to each line, what is nested in it also as columns of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

from everystone.intake import loose
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.loose import Row
from everystone.intake.mapping import How
from everystone.intake.plain import unpacked
from everystone.intake.rejects import Rejects, reject
from everystone.ledger.fault import Fault

LONGEST_LINE = 10_000_000  # bytes; one that is longer is no line of an extract
DEEPEST = 50  # objects and lists inside one another


def read_jsonlines(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out a file (.jsonl, .ndjson, also .gz), rows numbered by line; a line that is no sound object is rejected.

    A member of an object is a column `outer.inner`; the object itself, and a list, stand as JSON.
    """
    return loose.lay_out(desk, number, name, _rows(path, name, rejects), rejects)


def _rows(path: Path, name: str, rejects: Rejects) -> Iterator[tuple[int, Row]]:
    with unpacked(path) as file:
        for place, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), 1):
            if len(line) > LONGEST_LINE:
                raise Fault("A line is longer than 10 MB. This is not JSON to the line.", where=f"{name}, row {place}")
            text = line.removeprefix(b"\xef\xbb\xbf").strip() if place == 1 else line.strip()
            if not text:
                continue
            try:
                yield place, flat(read_object(text.decode("utf-8")))
            except UnicodeDecodeError:
                rejects.add(reject(name, place, "", "E01"))
            except ValueError as fault:
                rejects.add(reject(name, place, "", "E04" if str(fault) == "hidden" else "J01"))


def read_object(text: str) -> dict[str, Any]:
    """A JSON object. Raises ValueError for anything else, for a key that stands twice, for a number that is none."""
    if max(text.count("["), text.count("{")) > DEEPEST and _depth(text) > DEEPEST:
        raise ValueError("nested too deep")
    if "\\u0000" in text or "\0" in text:
        raise ValueError("hidden")
    found = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse, parse_float=_finite)
    if not isinstance(found, dict):
        raise ValueError("no object")
    json.dumps(found, ensure_ascii=False).encode("utf-8")  # half of a surrogate pair cannot be stored
    return found


def flat(said: dict[str, Any], prefix: str = "") -> Row:
    """An object as columns of text."""
    row: Row = {}
    for key, value in said.items():
        if isinstance(value, dict | list):
            row[prefix + key] = json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
            if isinstance(value, dict):
                row.update(flat(value, f"{prefix}{key}."))
        elif value is not None:
            row[prefix + key] = value if isinstance(value, str) else json.dumps(value)
    return row


def _depth(text: str) -> int:
    deepest = depth = 0
    in_string = escaped = False
    for char in text:
        if in_string:
            in_string = escaped or char != '"'
            escaped = char == "\\" and not escaped
        elif char == '"':
            in_string = True
        elif char in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in "]}":
            depth -= 1
    return deepest


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(text)
    return number
