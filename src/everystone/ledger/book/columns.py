"""Entries made from the columns of a table that was read from an entries file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import Any, TypeVar

import pyarrow as pa

from everystone.ledger.entry import Capacity, Entry, Hit, Source

APART = frozenset({"subjects", "names", "content", "whose"})  # made otherwise, or no part of an entry
Made = TypeVar("Made")


def entries_of(table: pa.Table) -> Iterator[Entry]:
    """Rows of an entries file as entries, made column by column, which is quicker than row by row."""
    of: dict[str, list[Any]] = {name: table[name].to_pylist() for name in table.column_names if name not in APART}
    who, source = ("role", "rank", "team"), ("source", "channel", "key", "live")
    return map(Entry._make, zip(
        of["number"], of["stream"], of["kind"], _tuples(table["subjects"]), of["lo"], of["hi"], of["recorded"],
        of["accepted"], of["by"], _each_once(Capacity._make, zip(*(of[name] for name in who), strict=True)),
        _each_once(json.loads, of["data"]), map(Source._make, zip(*(of[name] for name in source), strict=True)),
        of["corrects"], of["withdraws"], of["late_reason"], of["quote_of"],
        (tuple(each or ()) for each in of["attachments"]), _each_once(_hits, of["hits"]), strict=True,
    ))  # fmt: skip


def _tuples(column: pa.ChunkedArray) -> Iterator[tuple[Any, ...]]:
    """A column of lists as tuples, without a list for each."""
    for chunk in column.chunks:
        values, ends = chunk.values.to_pylist(), chunk.offsets.to_pylist()
        yield from (tuple(values[first:last]) for first, last in pairwise(ends))


def _each_once(make: Callable[[Any], Made], column: Iterable[Any]) -> Iterator[Made]:
    """What is made of each value of a column; of equal values once, as nothing of an entry is ever changed."""
    made: dict[Any, Made] = {}
    for value in column:
        if value not in made:
            made[value] = make(value)
        yield made[value]


def _hits(text: str) -> tuple[Hit, ...]:
    return tuple(Hit(*each) for each in json.loads(text)) if text else ()
