"""Payloads that stand in one column as JSON: taken apart to one row a field, so that many kinds cost what one does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.moment import READ, Reading, Times, read_all
from everystone.intake.payload import NO_TEXTS, Moments, Payload
from everystone.intake.value import Cell, Terms, number, perhaps, words, yes_or_no
from everystone.ledger.kind import LISTS, Kinds

#: What a line takes from the table of sound payloads.
PAYLOAD = Payload("u_data", ("u_people",), "u_texts", "CAST(u_texts AS VARCHAR)", "len(u_texts) > 0", "u_look")
#: Rows with a payload that cannot be used, found before any entry is made of them.
FLAWED = "file SMALLINT, row BIGINT, code VARCHAR, blamed VARCHAR, fills VARCHAR, value VARCHAR"

_FIELDS = {
    "kind": ("VARCHAR", pa.string()), "field": ("VARCHAR", pa.string()), "prefix": ("VARCHAR", pa.string()),
    "type": ("VARCHAR", pa.string()),
    "listed": ("BOOLEAN", pa.bool_()), "verbatim": ("BOOLEAN", pa.bool_()),
    "codes": ("MAP(VARCHAR, VARCHAR)", pa.map_(pa.string(), pa.string())),
}  # fmt: skip
_BY_TYPE = {"text": words(Cell("t")), "yes or no": yes_or_no("", Cell("t")), "number": number("", Cell("t")),
            "age": number("", Cell("t"))}  # fmt: skip


class Packed(NamedTuple):
    """Where payloads stand: the file, the rows with their kinds (`row`, `m_kind`, all columns) as SQL, the column."""

    number: int
    laid: Laid
    rows: str
    column: str


class Unpacking:
    """Takes payloads apart as the kinds of the packs would have them; rows with a flawed one go to the table `flawed`."""

    def __init__(self, desk: Desk, kinds: Kinds, times: Times, terms: Terms) -> None:
        self.desk, self.times, self.terms = desk, times, terms
        desk.do(f"CREATE TABLE flawed ({FLAWED})")
        desk.create("fields", _FIELDS, _fields(kinds))

    def table(self, of: Packed) -> str:
        """The name of a table of payloads: row, u_data, u_people, u_texts, u_look; flawed ones are not in it.

        Equal payloads of one kind are taken apart once, as that of the first row that has them: `own` is any row.
        """
        name = f"unpacked_{of.number}"
        cell = of.laid.column(of.column)
        self.desk.do(f"""
            CREATE TABLE {name}_cells AS SELECT *, cell IS NULL OR ({_sound("cell")}) AS sound FROM (
              SELECT min(row) AS row, m_kind, {cell} AS cell FROM {of.rows} GROUP BY ALL)""")
        self.desk.do(f"""
            CREATE TABLE {name}_rows AS SELECT r.row AS own, c.row FROM {of.rows} r JOIN {name}_cells c
            ON c.m_kind IS NOT DISTINCT FROM r.m_kind AND c.cell IS NOT DISTINCT FROM r.{cell}""")
        self.desk.do(f"CREATE TABLE {name}_said AS {_said(f'{name}_cells')}")
        self._flaw(of, "'J01'", "''", "cell", f"{name}_cells WHERE NOT sound")
        self._flaw(
            of, "code", "CASE code WHEN 'C07' THEN '100,000' ELSE field END", "t", f"{name}_said WHERE code IS NOT NULL"
        )
        pieces = f"{self._pieces(name)} UNION ALL BY NAME {self._dates(of, name)}"
        self.desk.do(f"""
            CREATE TABLE {name} AS SELECT own AS row, '{{' || coalesce(p.data, '') || '}}' AS u_data,
              coalesce(p.people, []) AS u_people, coalesce(x.texts, {NO_TEXTS}) AS u_texts, coalesce(x.look, false) AS u_look
            FROM {name}_rows LEFT JOIN (
              SELECT row, array_to_string(list_sort(list(data)), ',') AS data,
                flatten(list(people) FILTER (people IS NOT NULL)) AS people
              FROM ({pieces}) GROUP BY row) p USING (row)
            LEFT JOIN ({self._texts(name)}) x USING (row)
            WHERE own NOT IN (SELECT row FROM flawed WHERE file = {of.laid.number})""")
        self.desk.do(f"DROP TABLE {name}_said; DROP TABLE {name}_cells; DROP TABLE {name}_rows")
        return name

    def _pieces(self, name: str) -> str:
        """SQL for each field but dates: its name and value as JSON, the people it names."""
        by_type = " ".join(f"WHEN {quoting.text(each)} THEN {piece.json}" for each, piece in _BY_TYPE.items())
        plain = "CASE WHEN listed THEN nullif(CAST(to_json(words) AS VARCHAR), '[]') ELSE CAST(to_json(word) AS VARCHAR) END"
        return f"""
            SELECT row, prefix || CASE type {by_type} ELSE {plain} END AS data,
              CASE type WHEN 'person' THEN [word] WHEN 'people' THEN words END AS people
            FROM (SELECT *, CASE WHEN NOT listed THEN {_coded("t")} END AS word,
              CASE WHEN listed THEN list_transform({_ELEMENTS}, lambda e: {_coded("e")}) END AS words FROM {name}_said)
            WHERE type <> 'date'"""

    def _texts(self, name: str) -> str:
        """SQL for the texts of each row, and whether a word of a list might stand in one (looked at once each)."""
        ours, theirs = (perhaps("t", terms) if terms else "false" for terms in self.terms)
        texts = f"(SELECT row, field, verbatim, t FROM {name}_said WHERE type = 'text' AND t IS NOT NULL)"
        return f"""
            SELECT row, list_sort(list({{'field': field, 'text': t}})) AS texts, bool_or(look) AS look
            FROM {texts} JOIN (
              SELECT verbatim, t, CASE WHEN verbatim THEN {theirs} ELSE {ours} END AS look
              FROM (SELECT DISTINCT verbatim, t FROM {texts})) USING (verbatim, t)
            GROUP BY row"""

    def _dates(self, of: Packed, name: str) -> str:
        """SQL for the dates, those read by Python that the database could not read."""
        moments, how = Moments(self.times), Reading((), None, self.times.zone, self.times.twice)
        moments.read("t", of.column, how)
        dates = f"(SELECT row, field, prefix, t FROM {name}_said WHERE type = 'date' AND t IS NOT NULL)"
        unread = [text for _, text in self.desk.rows(moments.unread(dates))]
        self.desk.create(f"{name}_read", READ, ((0, *each) for each in read_all(unread, how)))
        worked_out = moments.worked_out(dates, f"{name}_read")
        if unread:
            doubtful = f"{worked_out} JOIN {name}_read ON written = t0 WHERE lo0 IS NULL"
            self._flaw(of, "code", "says", "t", doubtful)
        return f"""
            SELECT row, prefix || to_json(said0) AS data, NULL AS people FROM {worked_out}"""

    def _flaw(self, of: Packed, code: str, fills: str, value: str, found: str) -> None:
        column = quoting.text(of.column)
        blamed = column if value == "cell" else f"{column} || '.' || field"
        self.desk.do(
            f"INSERT INTO flawed SELECT {of.laid.number}, own, {code}, {blamed}, {fills}, {value} "
            f"FROM (SELECT * FROM {found}) JOIN unpacked_{of.number}_rows USING (row)"
        )


def _fields(kinds: Kinds) -> Iterator[tuple[object, ...]]:
    for kind, of in kinds.by_name.items():
        for name, field in of.fields.items():
            codes = {word: code for code, said in reversed(field.codes.items()) for word in (*said, code)}
            yield (
                kind,
                name,
                f"{json.dumps(name)}:",
                field.type,
                field.type in LISTS,
                of.verbatim,
                list(codes.items()) or None,
            )


def _sound(cell: str) -> str:
    keys = f"json_keys({cell})"
    whole = f"json_valid({cell}) AND json_type({cell}) = 'OBJECT'"
    return f"CASE WHEN {whole} THEN len(list_distinct({keys})) = len({keys}) ELSE false END"


def _said(cells: str) -> str:
    """SQL for what payloads say, one row a field; `t` is NULL where it says nothing, `code` says why it cannot be used."""
    bad = " ".join(f"WHEN type = {quoting.text(each)} AND {piece.bad[-1].sql} THEN {quoting.text(piece.bad[-1].code)}"
                   for each, piece in _BY_TYPE.items())  # fmt: skip
    return f"""
        SELECT * EXCLUDE (raw), CASE WHEN type IS NULL THEN CASE WHEN t IS NOT NULL THEN 'V04' END {bad} END AS code FROM (
          SELECT *, CASE WHEN type = 'text' THEN nullif(raw, '') ELSE nullif(trim(raw), '') END AS t FROM (
            SELECT row, e.key AS field, e.value ->> '$' AS raw, f.* EXCLUDE (kind, field)
            FROM (SELECT row, m_kind, unnest(map_entries(json_transform(cell, '"MAP(VARCHAR, JSON)"'))) AS e
                  FROM {cells} WHERE sound) c
            LEFT JOIN fields f ON f.kind = c.m_kind AND f.field = e.key))"""


_ELEMENTS = """list_filter(list_transform(
    CASE WHEN left(t, 1) = '[' THEN TRY_CAST(TRY_CAST(t AS JSON) AS VARCHAR[]) ELSE [t] END,
    lambda e: nullif(trim(e), '')), lambda e: e IS NOT NULL)"""


def _coded(word: str) -> str:
    """SQL for a word, or the code that stands for it."""
    return f"CASE WHEN codes IS NULL THEN {word} ELSE coalesce(codes[lower(trim({word}))], {word}) END"
