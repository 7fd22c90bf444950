"""Texts of entries: looked at once for the words of lists, and written apart from the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import Line
from everystone.intake.value import perhaps
from everystone.ledger.kind import Kinds
from everystone.standards.language import Lists

HITS = "file SMALLINT, row BIGINT, line INTEGER, hits VARCHAR"


def look(desk: Desk, lines: Sequence[Line], lists: Lists, kinds: Kinds) -> None:
    """Fill the table `hits` with what the lists find in the texts of entries; other people's own words are not looked at."""
    terms = [term.says for each in lists.by_name.values() for term in each.terms]
    for line in lines:
        fields = [name for name in kinds.texts[line.part.name] if name in line.narrative]
        if terms and fields and not line.part.kind.verbatim:
            kind = (pa.int16(), pa.int64(), pa.int32(), pa.string())
            desk.put("hits", ("file", "row", "line", "hits"), _hits(desk, line, fields, lists, terms), kind)


def _hits(
    desk: Desk, line: Line, fields: Sequence[str], lists: Lists, terms: list[str]
) -> Iterator[tuple[int, int, int, str]]:
    texts = [line.narrative[name] for name in fields]
    where = " OR ".join(f"coalesce({perhaps(text, terms)}, false)" for text in texts)
    numbers = line.laid.number, line.part.number
    for row, *found in desk.each(f"SELECT row, {', '.join(texts)} FROM {line.source} WHERE {where}"):
        hits = lists.hits([(name, text) for name, text in zip(fields, found, strict=True) if text])
        if hits:
            yield numbers[0], row, numbers[1], json.dumps(hits)


def narrative(lines: Sequence[Line], first: int) -> str:
    """SQL for all texts of the entries in the table `sorted`, which are numbered from `first`."""
    texts = [
        f"SELECT s.rowid + {first} AS number, s.stream, s.key, {quoting.text(name)} AS field, {text} AS text "
        f"FROM sorted s JOIN {line.source} r ON r.row = s.row "
        f"WHERE s.file = {line.laid.number} AND s.line = {line.part.number} AND {text} IS NOT NULL"
        for line in lines
        for name, text in line.narrative.items()
    ]
    return f"{' UNION ALL '.join(texts)} ORDER BY number, field" if texts else ""
