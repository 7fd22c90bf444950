"""Whether a mapping fits the packs: every kind and field is known, every option belongs to its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from everystone.intake.mapping import EntryFrom, FieldFrom, Mapping, Table, Value
from everystone.intake.value import constant
from everystone.ledger.fault import Fault
from everystone.ledger.kind import LISTS, FieldOf, Kinds
from everystone.standards import document

Steps = tuple[str | int, ...]


def read_mapping(path: Path, kinds: Kinds) -> Mapping:
    """The mapping in a file. Raises Fault with file and line for anything in it that cannot be used with these kinds."""
    mapping = document.checked(Mapping, document.read(path), str(path))
    for steps, says in _faults(mapping, kinds):
        line = document.line_of(path.read_text(encoding="utf-8"), steps)
        raise Fault(says, where=f"{path}:{line}")
    return mapping


def _faults(mapping: Mapping, kinds: Kinds) -> Iterator[tuple[Sequence[str | int], str]]:
    if mapping.zone is not None and not _is_zone(mapping.zone):
        yield ("zone",), f"{mapping.zone!r} is not in the time zone database, as Area/City."
    for number, holds in enumerate(mapping.holds):
        for kind in holds.kinds:
            if kind not in kinds:
                yield ("holds", number, "kinds"), _unknown(kind)
    for number, table in enumerate(mapping.tables):
        for place, entry in enumerate(table.entries):
            yield from _of_entry(("tables", number, "entries", place), table, entry, kinds)


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def _of_entry(at: Steps, table: Table, entry: EntryFrom, kinds: Kinds) -> Iterator[tuple[Steps, str]]:
    if table.told(entry).happened is None:
        yield at, "Say when it `happened`, here or for the whole table."
    possible = kinds_of(entry, kinds)
    for kind in possible:
        if kind not in kinds:
            yield (*at, "kind"), _unknown(kind)
            return
    for name, said in entry.fields.items():
        fields = [of for kind in possible if (of := kinds.by_name[kind].fields.get(name)) is not None]
        if not fields:
            known = sorted({field for kind in possible for field in kinds.by_name[kind].fields})
            yield (
                (*at, "fields", name),
                f"{possible[0]} has no field {name!r}. It has: {', '.join(known) or 'none'}.",
            )
        for of in fields:
            yield from ((((*at, "fields", name)), says) for says in _of_field(of, said))
    yield from _constants(at, entry, possible, kinds)


def kinds_of(entry: EntryFrom, kinds: Kinds) -> list[str]:
    """The kinds that an entry may be, in order of name; every kind of the packs where a column names them."""
    if isinstance(entry.kind, str):
        return [entry.kind]
    return sorted(set(entry.kind.map.values()) if entry.kind.map is not None else kinds.by_name)


def _of_field(of: FieldOf, said: FieldFrom) -> Iterator[str]:
    if of.type not in LISTS and (said.split is not None or said.columns is not None):
        yield f"This field holds one {of.type}, so that `split` and `columns` have no meaning. Leave them out."
    if of.type != "date" and (said.format or said.precision or said.zone or said.twice):
        yield f"This field is a {of.type}, so that format, precision, zone and twice have no meaning. Leave them out."
    if of.type == "date" and said.map is not None:
        yield "A date is not mapped word by word. Use `format`, or `empty` for what stands for a date not known."


def _constants(at: Steps, entry: EntryFrom, possible: Sequence[str], kinds: Kinds) -> Iterator[tuple[Steps, str]]:
    """Constants, and the words of maps, that are not of the type of their field."""
    for name, said in entry.fields.items():
        for kind in possible:
            if name in kinds.by_name[kind].fields:
                for value in _given(said):
                    try:
                        kinds.admit(kind, {name: value})
                    except Fault as fault:
                        yield (*at, "fields", name), fault.public


def _given(said: Value) -> Iterator[object]:
    if said.value is not None:
        yield ([constant(each) for each in said.value] if isinstance(said.value, list) else document.plain(said.value))
    yield from (document.plain(each) for each in (said.map or {}).values())


def _unknown(kind: str) -> str:
    return f"The kind {kind!r} is not known to the packs in use. Correct it, or name a pack that has it."
