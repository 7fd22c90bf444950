"""Values of fields as SQL: each of its type as the ledger keeps it, and the tests that a bad one fails."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from everystone.intake import quoting
from everystone.intake.laid import Bad, Laid
from everystone.intake.mapping import Several, Value
from everystone.intake.when import trimmed
from everystone.ledger.kind import LISTS, FieldOf
from everystone.standards import document

LONGEST_TEXT = 100_000  # characters of one narrative
NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,9})?"
_SPACES = "' ' || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
_BLANK_BUT_SPACE = (
    r"\t\n\x0b\x0c\r\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
)
_BLANK = " " + _BLANK_BUT_SPACE
_SAID = {"true": ("true", "yes", "y", "1"), "false": ("false", "no", "n", "0")}


class Cell(NamedTuple):
    """One value as SQL text (NULL where not recorded), the tests it must pass, and the column it comes from."""

    sql: str
    bad: tuple[Bad, ...] = ()
    column: str = ""


class Piece(NamedTuple):
    """One field: its value as JSON, the persons it names (a list, or ""), its narrative ("" for other types)."""

    json: str
    bad: tuple[Bad, ...] = ()
    people: str = ""
    narrative: str = ""


def cell(said: Value, laid: Laid) -> Cell:
    """One value of a column, or a constant; spaces around it do not count."""
    if said.column is None:
        return Cell(quoting.text(said.prefix + constant(said.value)))
    return _mapped(trimmed(laid.column(said.column)), said, said.column)


def constant(value: Any) -> str:
    """A constant of the mapping as text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(document.plain(value))


def _mapped(sql: str, said: Value, column: str) -> Cell:
    bad: tuple[Bad, ...] = ()
    if said.empty:
        sql = f"CASE WHEN {sql} NOT IN ({quoting.texts(said.empty)}) THEN {sql} END"
    if said.map is not None:
        lines = " ".join(
            f"WHEN {quoting.text(each)} THEN {quoting.text(constant(word))}" for each, word in said.map.items()
        )
        if said.otherwise == "reject":
            bad = (Bad(f"{sql} NOT IN ({quoting.texts(said.map)})", column, "V02"),)
        sql = f"CASE {sql} {lines}{f' ELSE {sql}' if said.otherwise == 'keep' else ''} END"
    return Cell(f"{quoting.text(said.prefix)} || ({sql})" if said.prefix else sql, bad, column)


def listed(said: Several, laid: Laid) -> tuple[str, tuple[Bad, ...]]:
    """Several values as an SQL list without empty ones (never NULL)."""
    if said.columns is not None:
        cells = [_mapped(trimmed(laid.column(name)), said, name) for name in said.columns]
        whole = "[" + ", ".join(each.sql for each in cells) + "]"
        return _without_empty(whole), tuple(bad for each in cells for bad in each.bad)
    if isinstance(said.value, list):
        return "[" + quoting.texts(constant(each) for each in said.value) + "]", ()
    if said.column is None or said.split is None:
        one = cell(said, laid)
        return f"CASE WHEN {one.sql} IS NULL THEN []::VARCHAR[] ELSE [{one.sql}] END", one.bad
    parts = _parts(laid.column(said.column), said.split)
    each = _mapped("nullif(trim(e), '')", said, said.column)
    bad = tuple(
        test._replace(sql=f"len(list_filter({parts}, lambda e: coalesce({test.sql}, false))) > 0") for test in each.bad
    )
    return _without_empty(f"list_transform(coalesce({parts}, []), lambda e: {each.sql})"), bad


def _parts(whole: str, split: str) -> str:
    """SQL for the parts of a cell: split at a separator, or a list in JSON (what is none stands for itself)."""
    if split != "json":
        return f"string_split({whole}, {quoting.text(split)})"
    packed = f"TRY_CAST(TRY_CAST({whole} AS JSON) AS VARCHAR[])"
    return f"CASE WHEN left({whole}, 1) = '[' THEN coalesce({packed}, [{whole}]) ELSE [{whole}] END"


def _without_empty(whole: str) -> str:
    return f"list_filter({whole}, lambda e: e IS NOT NULL)"


# ---- by type -----------------------------------------------------------------------------------------------------


def piece(name: str, of: FieldOf, said: Several, laid: Laid) -> Piece:
    """The value of a field that is no date, of its type, as `Kinds.admit` would have it."""
    if of.type in LISTS:
        parts, bad = listed(said, laid)
        coded = f"list_transform({parts}, lambda e: {_coded('e', of)})" if of.meanings else parts
        people = coded if of.type == "people" else ""
        return Piece(f"CASE WHEN len({parts}) > 0 THEN CAST(to_json({coded}) AS VARCHAR) END", bad, people)
    if of.type == "text":
        return words(_text(said, laid))
    one = cell(said, laid)
    if of.type == "yes or no":
        return yes_or_no(name, one)
    if of.type in ("number", "age"):
        return number(name, one)
    word = _coded(one.sql, of)
    people = f"[{word}]" if of.type == "person" else ""
    return Piece(f"CAST(to_json({word}) AS VARCHAR)", one.bad, people)


def _text(said: Several, laid: Laid) -> Cell:
    """A text as it stands, spaces around it included."""
    if said.column is not None and said.map is None and not said.empty:
        return Cell(f"nullif({laid.column(said.column)}, '')", (), said.column)
    return cell(said, laid)


def words(one: Cell) -> Piece:
    """A narrative, in whose place its number of words stands."""
    text, bad, column = one
    # Nearly all texts have single spaces between their words, and counting those is much faster.
    odd = f"regexp_matches({text}, '^ |  | $|[{_BLANK_BUT_SPACE}]')"
    spaces = f"length({text}) - length(replace({text}, ' ', '')) + 1"
    counted = f"CASE WHEN {odd} THEN len(regexp_extract_all({text}, '[^{_BLANK}]+')) ELSE {spaces} END"
    too_long = Bad(f"length({text}) > {LONGEST_TEXT}", column, "C07", (f"{LONGEST_TEXT:,}",))
    return Piece(f"'{{\"words\":' || {counted} || '}}'", (*bad, too_long), narrative=text)


def yes_or_no(name: str, one: Cell) -> Piece:
    """A yes or no, in any of its usual spellings; the most usual are tried first, as that is much faster."""
    usual = {said: [*words, *(word.capitalize() for word in words)] for said, words in _SAID.items()}
    plain = f"lower(trim({one.sql}, {_SPACES}))"
    lines = " ".join(f"WHEN {quoting.among(one.sql, words)} THEN '{said}'" for said, words in usual.items())
    lines += " ".join(f" WHEN {quoting.among(plain, words)} THEN '{said}'" for said, words in _SAID.items())
    either = [word for words in usual.values() for word in words]
    unknown = f"NOT {quoting.among(one.sql, either)} AND NOT {quoting.among(plain, either)}"
    return Piece(f"CASE {lines} END", (*one.bad, Bad(unknown, one.column, "Y01", (name,))))


def number(name: str, one: Cell) -> Piece:
    """A plain number; one that is written as it is kept is tried first, as that is much faster."""
    plain = f"trim({one.sql}, {_SPACES})"
    read = f"TRY_CAST({plain} AS DOUBLE)"
    whole = f"CAST(CAST({read} AS BIGINT) AS VARCHAR)"
    said = f"CASE WHEN {read} = trunc({read}) THEN {whole} ELSE CAST({read} AS VARCHAR) END"
    as_kept = f"regexp_full_match({one.sql}, '0|-?[1-9][0-9]{{0,14}}')"
    is_number = f"regexp_full_match({plain}, {quoting.text(NUMBER)})"
    bad = Bad(f"NOT {as_kept} AND NOT {is_number}", one.column, "N01", (name,))
    return Piece(f"CASE WHEN {as_kept} THEN {one.sql} WHEN {is_number} THEN {said} END", (*one.bad, bad))


def _coded(sql: str, of: FieldOf) -> str:
    """A word, or the code that stands for it (`FieldOf.meanings`)."""
    if not of.meanings:
        return sql
    plain = f"replace(replace(lower(trim({sql}, {_SPACES})), '_', ' '), '-', ' ')"
    words: dict[str, list[str]] = {}
    for word, code in of.meanings.items():
        words.setdefault(code, []).append(word)
    lines = [f"WHEN {plain} IN ({quoting.texts(said)}) THEN {quoting.text(code)}" for code, said in words.items()]
    return f"CASE {' '.join(lines)} ELSE {sql} END"


def as_name(field: str) -> str:
    """A field's name as it stands before its value in a payload, as SQL."""
    return quoting.text(json.dumps(field, ensure_ascii=False) + ":")
