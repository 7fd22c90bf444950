"""Payloads that stand in one column as JSON: taken apart to one row a field, so that many kinds cost what one does."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid
from everystone.intake.moment import READ, Reading, Times, read_all
from everystone.intake.payload import NO_TEXTS, Moments, Payload
from everystone.intake.value import Cell, number, words, yes_or_no
from everystone.ledger.kind import LISTS, Kind, Kinds

#: What a line takes from the table of sound payloads.
PAYLOAD = Payload("u_data", ("u_people",), "u_texts", "CAST(u_texts AS VARCHAR)", "len(u_texts) > 0")
#: Rows with a payload that cannot be used, found before any entry is made of them.
FLAWED = "file SMALLINT, row BIGINT, code VARCHAR, blamed VARCHAR, fills VARCHAR, value VARCHAR"

_FIELDS = {
    "kind": ("VARCHAR", pa.string()), "field": ("VARCHAR", pa.string()), "prefix": ("VARCHAR", pa.string()),
    "type": ("VARCHAR", pa.string()), "listed": ("BOOLEAN", pa.bool_()), "verbatim": ("BOOLEAN", pa.bool_()),
    "id": ("SMALLINT", pa.int16()),
}  # fmt: skip
#: The words of a field that stand for a code: one row each, as a map would be copied for every row of the field.
_CODINGS = {"id": ("SMALLINT", pa.int16()), "says": ("VARCHAR", pa.string()), "stands": ("VARCHAR", pa.string())}
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

    def __init__(self, desk: Desk, kinds: Kinds, times: Times) -> None:
        self.desk, self.times = desk, times
        desk.do(f"CREATE TABLE flawed ({FLAWED})")
        fields = list(
            enumerate(_Field(name, kind, field) for name, kind in kinds.by_name.items() for field in kind.fields)
        )
        desk.create("fields", _FIELDS, (each.row(place) for place, each in fields))
        desk.create("codings", _CODINGS, ((place, *said) for place, each in fields for said in each.codes()))

    def table(self, of: Packed) -> str:
        """The name of a table of payloads: cell, u_data, u_people, u_texts.

        Equal payloads of one kind are taken apart once, as the cell of the first row that has them; the table with `_of`
        after its name says for any row which cell it has.
        """
        name = f"unpacked_{of.number}"
        cell = of.laid.column(of.column)
        self.desk.do(f"""
            CREATE TABLE {name}_cells AS
            SELECT * EXCLUDE (keys), cell IS NULL OR coalesce(len(list_distinct(keys)) = len(keys), false) AS sound FROM (
              SELECT *, {_keys("cell")} AS keys FROM (
                SELECT min(row) AS row, m_kind, {cell} AS cell FROM {of.rows} GROUP BY ALL))""")
        self.desk.do(f"""
            CREATE TABLE {name}_of AS SELECT r.row, c.row AS cell FROM {of.rows} r JOIN {name}_cells c
            ON c.m_kind IS NOT DISTINCT FROM r.m_kind AND c.cell IS NOT DISTINCT FROM r.{cell}""")
        self.desk.do(f"CREATE TABLE {name}_said AS {_said(f'{name}_cells')}")
        self._flaw(of, "'J01'", "''", "cell", f"{name}_cells WHERE NOT sound")
        self._flaw(
            of, "code", "CASE code WHEN 'C07' THEN '100,000' ELSE field END", "t", f"{name}_said WHERE code IS NOT NULL"
        )
        pieces = f"{self._pieces(name)} UNION ALL BY NAME {self._dates(of, name)}"
        self.desk.do(f"""
            CREATE TABLE {name} AS SELECT row AS cell, '{{' || coalesce(p.data, '') || '}}' AS u_data,
              coalesce(p.people, []) AS u_people, coalesce(x.texts, {NO_TEXTS}) AS u_texts
            FROM {name}_cells LEFT JOIN (
              SELECT row, array_to_string(list_sort(list(data)), ',') AS data,
                flatten(list(people) FILTER (people IS NOT NULL)) AS people
              FROM ({pieces}) GROUP BY row) p USING (row)
            LEFT JOIN ({self._texts(name)}) x USING (row)""")
        self.desk.do(f"DROP TABLE {name}_said; DROP TABLE {name}_cells")
        return name

    def _pieces(self, name: str) -> str:
        """SQL for each field but dates: its name and value as JSON, the people it names."""
        by_type = " ".join(f"WHEN {quoting.text(each)} THEN {piece.json}" for each, piece in _BY_TYPE.items())
        return f"""
            SELECT row, prefix || CASE type {by_type} ELSE CAST(to_json(word) AS VARCHAR) END AS data,
              CASE type WHEN 'person' THEN [word] END AS people
            FROM (SELECT s.*, coalesce(stands, t) AS word FROM {name}_said s
                  LEFT JOIN codings c ON c.id = s.id AND says = lower(trim(t)) WHERE NOT listed AND type <> 'date')
            UNION ALL BY NAME
            SELECT row, prefix || nullif(CAST(to_json(words) AS VARCHAR), '[]') AS data,
              CASE type WHEN 'people' THEN words END AS people
            FROM (SELECT s.*, list_transform({_ELEMENTS}, lambda e: coalesce(codes[lower(trim(e))], e)) AS words
                  FROM {name}_said s LEFT JOIN (SELECT id, map(list(says), list(stands)) AS codes FROM codings GROUP BY id)
                  USING (id) WHERE listed)"""

    def _texts(self, name: str) -> str:
        """SQL for the texts of each row."""
        return f"""
            SELECT row, list_sort(list({{'field': field, 'text': t}})) AS texts FROM {name}_said
            WHERE type = 'text' AND t IS NOT NULL GROUP BY row"""

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
            f"FROM (SELECT * FROM {found}) JOIN (SELECT row AS own, cell AS row FROM unpacked_{of.number}_of) USING (row)"
        )


class _Field(NamedTuple):
    """A field of a kind, as rows of the tables `fields` and `codings`."""

    kind: str
    of: Kind
    name: str

    def row(self, place: int) -> tuple[object, ...]:
        """Its row among the fields, in order of their columns."""
        what = self.of.fields[self.name].type
        return self.kind, self.name, f"{json.dumps(self.name)}:", what, what in LISTS, self.of.verbatim, place

    def codes(self) -> Iterable[tuple[str, str]]:
        """Each word that stands for a code, with the code (of two that it might stand for the first)."""
        said = self.of.fields[self.name].codes
        return {word: code for code, words in reversed(said.items()) for word in (*words, code)}.items()


def _keys(cell: str) -> str:
    """SQL for the names in an object of JSON, NULL where it is none."""
    return f"CASE WHEN json_valid({cell}) THEN CASE WHEN json_type({cell}) = 'OBJECT' THEN json_keys({cell}) END END"


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
