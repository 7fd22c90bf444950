"""Texts of entries: looked at once for the words of lists, and handed out apart from the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import Line
from everystone.intake.payload import by_kind
from everystone.ledger.kind import Kinds
from everystone.standards.language import Lists

_HITS = "file SMALLINT, row BIGINT, line INTEGER, hits VARCHAR"


def look(desk: Desk, lines: Sequence[Line], lists: Lists, kinds: Kinds) -> bool:
    """Fill the table `hits` with what the lists find in the texts of entries; whether they find anything.

    Only texts are looked at in which a word of a list might stand; other people's own words by lists of accounts.
    """
    desk.do(f"CREATE TABLE hits ({_HITS})")
    found = 0
    for line in lines:
        where = f"file = {line.laid.number} AND line = {line.part.number} AND look AND fault IS NULL"
        if desk.one(f"SELECT count(*) FROM made WHERE {where}"):
            types = (pa.int16(), pa.int64(), pa.int32(), pa.string())
            rows = _hits(desk, line, where, lists, kinds)
            found += desk.put("hits", ("file", "row", "line", "hits"), rows, types)
    return found > 0


def _hits(desk: Desk, line: Line, where: str, lists: Lists, kinds: Kinds) -> Iterator[tuple[int, int, int, str]]:
    order = {name: place for fields in kinds.texts.values() for place, name in enumerate(fields)}
    sql = (f"SELECT row, {_texts(line)}, {_verbatim(line)} FROM (SELECT * FROM {line.rows()} "
           f"SEMI JOIN (SELECT row FROM made WHERE {where}) USING (row))")  # fmt: skip
    for row, texts, verbatim in desk.each(sql):
        fields = sorted(
            ((each["field"], each["text"]) for each in texts if each["text"]), key=lambda each: order[each[0]]
        )
        hits = lists.hits(fields, verbatim=verbatim)
        if hits:
            yield line.laid.number, row, line.part.number, json.dumps(hits)


def _texts(line: Line) -> str:
    """SQL for the texts of an entry, as a list of field and text."""
    found = []
    for kinds, each in line.payloads:
        texts = [f"{{'field': {quoting.text(name)}, 'text': {text}}}" for name, text in each.narrative]
        found.append((kinds, f"[{', '.join(texts)}]" if texts else "NULL"))
    return by_kind(found)


def _verbatim(line: Line) -> str:
    """SQL of whether an entry holds other people's own words."""
    return by_kind([(kinds, "true" if each.verbatim else "false") for kinds, each in line.payloads])


def narrative(lines: Sequence[Line]) -> str:
    """SQL for all texts of the entries in the table `numbered`, in their order; "" where there are none."""
    texts = [
        f"SELECT number, stream, key, u.field AS field, u.text AS text FROM (SELECT n.number, n.stream, n.key, "
        f"unnest({_texts(line)}) AS u FROM {line.rows()} r JOIN numbered n ON n.row = r.row "
        f"WHERE n.file = {line.laid.number} AND n.line = {line.part.number}) WHERE u.text IS NOT NULL"
        for line in lines
        if any(each.narrative for _, each in line.payloads)
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(texts)}) ORDER BY number, field" if texts else ""
