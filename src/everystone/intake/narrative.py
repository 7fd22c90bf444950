"""Texts of entries: looked at once for the words of lists, and handed out apart from the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import Line
from everystone.ledger.kind import Kinds
from everystone.standards.language import Lists

_HITS = "file SMALLINT, row BIGINT, line INTEGER, hits VARCHAR"


def look(desk: Desk, lines: Sequence[Line], lists: Lists, kinds: Kinds, common: Mapping[str, str]) -> bool:
    """Fill the table `hits` with what the lists find in the texts of entries; whether they find anything.

    `common` is what all entries say alike, as SQL.

    Only texts are looked at in which a word of a list might stand or that are compared, and a text that comes again (a
    form's own words) only once; other people's own words by lists of accounts.
    """
    desk.do(f"CREATE TABLE hits ({_HITS})")
    wanted = _wanted(kinds, common)
    some = {number for (number,) in desk.rows(f"SELECT DISTINCT line FROM ({wanted})")}
    types = (pa.int16(), pa.int64(), pa.int32(), pa.string())
    return (
        sum(
            desk.put("hits", ("file", "row", "line", "hits"), _hits(desk, line, lists, kinds, wanted), types)
            for line in lines
            if line.part.number in some
        )
        > 0
    )


def _hits(desk: Desk, line: Line, lists: Lists, kinds: Kinds, wanted: str) -> Iterator[tuple[int, int, int, str]]:
    mine = f"SELECT row, m_kind FROM ({wanted}) WHERE line = {line.part.number}"
    texts_of = f"SELECT row, m_kind, {line.texts} AS texts FROM {line.laid.table} JOIN ({mine}) USING (row)"
    for rows, kind, texts in desk.each(f"SELECT list(row), m_kind, texts FROM ({texts_of}) GROUP BY m_kind, texts"):
        order = kinds.texts[kind]
        fields = sorted(((each["field"], each["text"]) for each in texts), key=lambda each: order.index(each[0]))
        hits = lists.hits_of(kinds.by_name[kind], fields)
        if hits:
            said = json.dumps(hits)
            yield from ((line.laid.number, row, line.part.number, said) for row in rows)


def _wanted(kinds: Kinds, common: Mapping[str, str]) -> str:
    """SQL for the rows whose texts are looked at: line, row and kind."""
    kind, texted, seen, fault = (common.get(name, name) for name in ("kind", "texted", "look", "fault"))
    compared = f"{texted} AND {kind} IN ({quoting.texts(sorted(kinds.compared))})" if kinds.compared else "false"
    return f"SELECT line, row, {kind} AS m_kind FROM made WHERE ({seen} OR ({compared})) AND {fault} IS NULL"


def narrative(lines: Sequence[Line]) -> str:
    """SQL for all texts of the entries in the view `placed`, in their order; "" where there are none."""
    texts = [
        f"SELECT number, stream, key, u.field AS field, u.text AS text FROM (SELECT n.number, n.stream, n.key, "
        f"unnest({line.texts}) AS u FROM {line.laid.table} r JOIN placed n ON n.row = r.row "
        f"WHERE n.line = {line.part.number})"
        for line in lines
        if line.has_texts
    ]
    return f"SELECT * FROM ({' UNION ALL '.join(texts)}) ORDER BY number, field" if texts else ""
