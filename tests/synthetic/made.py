"""Invented forces for the tests, and their rows as the ledger would hold them."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from everystone.ledger.entry import Capacity, Entry, Source
from everystone.standards.pack import Pack

Row = dict[str, str]
_LISTS = ("of", "household_of")


def rows(path: Path) -> list[Row]:
    """The rows of a CSV, by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_case(folder: Path) -> dict[str, list[Row]]:
    """The rows of entries.csv by case, and those of matters.csv by the name of the matter."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows(folder / "entries.csv"):
        found[row["case"]].append(row)
    for row in rows(folder / "matters.csv"):
        found[row["stream"].partition("/")[2]].append(row)
    return found


def streams(folder: Path, cases: Iterable[str], pack: Pack) -> dict[str, list[Entry]]:
    """The streams of some cases and matters, and of all officers."""
    wanted, found = set(cases), defaultdict[str, list[Entry]](list)
    for number, (stream, row) in enumerate(_streamed(folder, wanted)):
        found[stream].append(_entry(number, stream, row, pack))
    return dict(found)


def _streamed(folder: Path, cases: set[str]) -> Iterator[tuple[str, Row]]:
    for file, column, prefix in (
        ("people.csv", "case", "case/"),
        ("officers.csv", "officer", "officer/"),
        ("entries.csv", "case", "case/"),
        ("records.csv", "officer", "officer/"),
        ("matters.csv", "stream", ""),
    ):
        for row in rows(folder / file):
            if not prefix:
                if row[column].partition("/")[2] in cases:
                    yield row[column], row
            elif prefix == "officer/" or row[column] in cases:
                yield prefix + row[column], row


def _entry(number: int, stream: str, row: Row, pack: Pack) -> Entry:
    if "kind" not in row:
        return _described(number, stream, row, pack)
    lo, hi = pack.words.calendar.span(row["happened"])
    recorded = pack.words.calendar.span(row["recorded"])[1]
    entry = Entry(
        number=number, stream=stream, kind=row["kind"], subjects=tuple(filter(None, row["subjects"].split(";"))),
        lo=lo, hi=hi, recorded=recorded, accepted=recorded, by=row["actor"],
        capacity=Capacity(row["actor_role"], row["actor_rank"], row["team"]),
        data=pack.words.kinds.admit(row["kind"], json.loads(row["data"])),
        source=Source("invented", row["channel"], row["key"]),
        corrects=row["corrects"], withdraws=row["withdraws"], late_reason=row["late_reason"], quote_of=row["quote_of"],
    )  # fmt: skip
    return pack.lists.seen(entry, pack.words.kinds)


def _described(number: int, stream: str, row: Row, pack: Pack) -> Entry:
    person = row.get("person") or row["officer"]
    said: dict[str, Any] = {name: value.split(";") if name in _LISTS else value for name, value in row.items() if value}
    kind = next(iter(pack.words.kinds.describing))
    data = {name: said[name] for name in said if name in pack.words.kinds.by_name[kind].fields}
    at = pack.words.calendar.span(row["recorded"])[1]
    return Entry(
        number=number, stream=stream, kind=kind, subjects=(person,), lo=at, hi=at, recorded=at, accepted=at, by="",
        capacity=Capacity(), data=pack.words.kinds.admit(kind, data), source=Source("invented", "force", f"{stream}/{person}"),
    )  # fmt: skip
