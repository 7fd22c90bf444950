"""Texts of entries: set apart from the rows, looked at once for the words of lists, and handed out beside the entries."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.line import Line
from everystone.ledger.kind import Kinds
from everystone.standards.language import Lists
from everystone.standards.spelling import Spelling, pattern_of

_HITS = "file SMALLINT, row BIGINT, line INTEGER, hits VARCHAR"
_TYPES = (pa.int16(), pa.int64(), pa.int32(), pa.string())
_TEXTS = "file SMALLINT, row BIGINT, line INTEGER, kind VARCHAR, texts STRUCT(field VARCHAR, text VARCHAR)[]"

#: SQL for all texts of the entries in the view `placed`, in their order.
NARRATIVE = """
    SELECT number, stream, key, u.field AS field, u.text AS text FROM (
        SELECT n.number, n.stream, n.key, unnest(t.texts) AS u FROM texts t JOIN placed n USING (row, line))
    ORDER BY number, field
"""


def set_apart(desk: Desk, lines: Sequence[Line], common: Mapping[str, str]) -> None:
    """Fill the table `texts` with those of entries, after which the rows they came from are not needed any more.

    `common` is what all entries say alike, as SQL.
    """
    desk.do(f"CREATE TABLE texts ({_TEXTS})")
    kind, texted, fault = (common.get(name, name) for name in ("kind", "texted", "fault"))
    for line in lines:
        if line.has_texts:
            number = line.part.number
            mine = f"SELECT row, {kind} AS m_kind FROM made WHERE line = {number} AND {texted} AND {fault} IS NULL"
            desk.do(
                f"INSERT INTO texts SELECT {line.laid.number}, row, {number}, m_kind, {line.texts} "
                f"FROM {line.laid.table} JOIN ({mine}) USING (row)"
            )


def look(desk: Desk, lists: Lists, kinds: Kinds) -> bool:
    """Fill the table `hits` with what the lists find in the table `texts`; whether they find anything.

    Only texts are looked at in which a word of a list might stand or that are compared, and a text that comes again (a
    form's own words) only once; other people's own words by lists of accounts.
    """
    desk.do(f"CREATE TABLE hits ({_HITS})")
    return desk.put("hits", ("file", "row", "line", "hits"), _hits(desk, lists, kinds), _TYPES) > 0


def _hits(desk: Desk, lists: Lists, kinds: Kinds) -> Iterator[tuple[int, int, int, str]]:
    once = "SELECT list(file) AS files, list(row) AS rows, list(line) AS lines, kind, texts FROM texts GROUP BY kind, texts"
    for files, rows, lines, kind, texts in desk.each(f"SELECT * FROM ({once}) WHERE {_looked_at(lists, kinds)}"):
        order = kinds.texts[kind]
        fields = sorted(((each["field"], each["text"]) for each in texts), key=lambda each: order.index(each[0]))
        hits = lists.hits_of(kinds.by_name[kind], fields)
        if hits:
            said = json.dumps(hits)
            yield from ((*place, said) for place in zip(files, rows, lines, strict=True))


def _looked_at(lists: Lists, kinds: Kinds) -> str:
    """SQL that is true of the texts of a kind that Python looks at."""
    whole = "array_to_string(list_transform(texts, lambda each: each.text), chr(10))"
    ours, theirs = (perhaps(whole, lists.terms(of_accounts=of_accounts)) for of_accounts in (False, True))
    verbatim = [name for name, kind in kinds.by_name.items() if kind.verbatim]
    return (f"{quoting.among('kind', sorted(kinds.compared))} "
            f"OR CASE WHEN {quoting.among('kind', verbatim)} THEN {theirs} ELSE {ours} END")  # fmt: skip


# ---- where a word of a list might stand --------------------------------------------------------------------------

TOGETHER = 25  # terms of one pattern: with many more the database's automaton outgrows its memory and turns slow
_FOLDED = "[\u0131\u0130\u017f\u212a]"  # letters that Python takes for plain ones when case is ignored, and the database does not
#: Shorter than what Python looks for, and wider: a sieve.
_SIEVE = Spelling(
    letter="[^ ]", blank="[^0-9A-Za-z'\u2019]", apostrophe="['\u2019]", hyphen="[-\u2011]", ending="[a-z'\u2019]*"
)


def perhaps(text: str, terms: Sequence[str]) -> str:
    """SQL that is true wherever a term of a list might stand in a text, so that Python looks only there."""
    if not terms:
        return "false"
    spelt = sorted({pattern_of(each, _SIEVE) for each in terms})
    tests = [_stands(text, spelt[place : place + TOGETHER]) for place in range(0, len(spelt), TOGETHER)]
    return f"({' OR '.join([*tests, f'regexp_matches({text}, {quoting.text(_FOLDED)})'])})"


def _stands(text: str, terms: Sequence[str]) -> str:
    edge = "[^0-9A-Za-z_-]"  # wider than the edge of a word that Python sees
    pattern = f"(?:^|{edge})(?:{'|'.join(terms)})"
    return f"regexp_matches({text}, {quoting.text(pattern)}, 'i')"
