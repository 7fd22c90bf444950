"""Who somebody of a case is called on screen: by the part in it, as a child while under eighteen; never by a label."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from everystone.ledger.case import Frame
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Pack

ADULT = 18  # years
TABLE = "roles.yaml"


class Called(NamedTuple):
    """Somebody of a case: the name in the record, what they are called, when born ("" where it is not on the record)."""

    name: str
    called: str
    born: str


def titles(pack: Pack) -> Mapping[str, tuple[str, str]]:
    """What each part is called on screen, grown up and under eighteen."""
    found: dict[str, tuple[str, str]] = {}
    for folder in pack.folders:
        path = folder / "tables" / TABLE
        if path.is_file():
            for row in document.read(path)["rows"]:
                found[str(row["role"])] = str(row["title"]), str(row["title_under_18"])
    return found


def people_of(frame: Frame, words: Mapping[str, tuple[str, str]]) -> list[Called]:
    """Everybody of a case but its officers: children first, then by name."""
    today = frame.words.calendar.day_of(int(frame.instant))
    found = []
    for name, person in frame.people.by_name.items():
        if name not in frame.facts.entries:
            born, role = str(person.details.get("born", "")), str(person.details.get("role") or "named")
            young = _under_age(born, today, frame)
            found.append((not young, Called(name, words.get(role, (role, role))[young], born)))
    return [called for _, called in sorted(found)]


def _under_age(born: str, today: date, frame: Frame) -> bool:
    """Whether somebody may still be under eighteen by the date of birth on record."""
    try:
        last = frame.words.calendar.day_of(frame.words.calendar.span(born)[1]) if born else None
    except Fault:
        return False
    return last is not None and (today.year - last.year - ((today.month, today.day) < (last.month, last.day))) < ADULT
