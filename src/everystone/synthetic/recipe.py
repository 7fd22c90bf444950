"""Reading what a pack says of its invented force: a folder of data, the pack's calendar and its kinds."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError

import everystone
from everystone.ledger.calendar import Calendar, read_calendar
from everystone.ledger.fault import Fault

FOLDER = "synthetic"


@dataclass(frozen=True)
class Recipe:
    """An invented force as a pack describes it: `said` is what its files say, `holds` the kinds its systems hold."""

    said: Mapping[str, Any]
    calendar: Calendar
    holds: tuple[str, ...]
    where: str
    pack: Path

    def fields(self) -> dict[str, dict[str, dict[str, Any]]]:
        """The fields of every kind that is held: of which type, and which words it may hold."""
        found: dict[str, dict[str, dict[str, Any]]] = {}
        for group in self.said["holds"]["groups"]:
            for kind, said in _read(self.pack / "kinds" / f"{group}.yaml").items():
                fields = said.get("fields") or {}
                found[kind] = {
                    name: {"type": of["type"], "values": of.get("values", [])} for name, of in fields.items()
                }
        return found

    def part(self, name: str) -> Mapping[str, Any]:
        """One part, by its key. Raises Fault where it is missing."""
        found = self.said.get(name)
        if not isinstance(found, dict):
            raise Fault(f"An invented force needs the part {name!r}. Add it.", where=self.where)
        return found

    def named(self, part: str, name: str) -> Any:
        """One named thing of a part. Raises Fault where there is none of that name."""
        found = self.part(part)
        if name not in found:
            known = ", ".join(str(each) for each in found)
            raise Fault(f"{part} has nothing named {name!r}. It has: {known}.", where=self.where)
        return found[name]


def shipped() -> Path:
    """The folder of the shipped pack that describes an invented force (the first by name)."""
    package = Path(everystone.__file__)
    for shelf in (package.parent / "packs", package.parents[2] / "packs"):
        for path in sorted(shelf.glob(f"*/{FOLDER}")):
            return path.parent
    raise Fault(f"No shipped pack describes an invented force. Name a pack with a folder {FOLDER}.")


def read_recipe(pack: Path) -> Recipe:
    """What a pack's folder says of its invented force. Raises Fault with file and line."""
    said = _together(sorted((pack / FOLDER).glob("*.yaml")))
    if not said:
        raise Fault(f"This pack describes no invented force. It would do so in a folder {FOLDER}.", where=str(pack))
    calendar = read_calendar(_read(pack / "tables" / "calendar.yaml"))
    groups = said.get("holds", {}).get("groups", [])
    holds = [kind for group in groups for kind in _names(pack / "kinds" / f"{group}.yaml")]
    return Recipe(said, calendar, tuple(holds), str(pack / FOLDER), pack)


def _together(paths: Iterable[Path]) -> dict[str, Any]:
    """What several files say as one; a part may go on in another file, and nothing is said twice."""
    said: dict[str, Any] = {}
    for path in paths:
        for part, inner in _read(path).items():
            known = said.setdefault(part, {} if isinstance(inner, dict) else inner)
            if not isinstance(inner, dict):
                continue
            for name in sorted(known.keys() & inner.keys()):
                raise Fault(f"{part} has {name!r} twice. Keep one of them.", where=str(path))
            known.update(inner)
    return said


def _names(path: Path) -> list[str]:
    """The keys at the margin of a file: a whole reading would take a hundred times as long for the same."""
    return re.findall(r"^([^\s#:][^:]*):", _text(path), re.MULTILINE)


def _read(path: Path) -> dict[Any, Any]:
    return _parsed(_text(path), str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as fault:
        raise Fault("This file cannot be read. Check its name.", where=str(path)) from fault


@lru_cache(maxsize=64)
def _parsed(text: str, where: str) -> dict[Any, Any]:
    """What a YAML text holds; kept, since worlds are made in pairs."""
    try:
        found = YAML(typ="safe", pure=True).load(text)
    except MarkedYAMLError as fault:
        mark = fault.problem_mark
        line = f"{where}:{mark.line + 1}" if mark else where
        raise Fault(f"This is not YAML that can be read: {fault.problem}. Mend this line.", where=line) from fault
    if not isinstance(found, dict):
        raise Fault("This file should hold keys and values, and it does not.", where=where)
    return dict(_plain(found))


def _plain(value: Any) -> Any:
    """Days as text, everything else as it stands."""
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {_plain(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return value
