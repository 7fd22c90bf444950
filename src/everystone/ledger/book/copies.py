"""Every derived copy of a ledger: registered with its place and the position it has reached, and made anew on request.

A copy that is not here would keep what was erased. A house test fails on code that reads entries by position, which is
what a copy is made with, and is not registered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from everystone.ledger.book.mirror import Mirror
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.fault import Fault

Fields = Mapping[str, Sequence[str]]
Progress = Callable[[float], None]


class Copy(Protocol):
    """A derived copy: it follows the ledger by position, and can be made anew."""

    name: str

    def here(self) -> bool:
        """Whether it is still where it was registered, within reach of this program."""

    def position(self) -> int:
        """The number of the last entry that it has."""

    def follow(self, ledger: SqlBook, progress: Progress | None = None) -> int:
        """Add what is new; gives back the position reached."""

    def rebuild(self, ledger: SqlBook, progress: Progress | None = None) -> bool:
        """Make it anew from the ledger and put it in place; whether it was equal to the one that was there."""


#: By name: how a copy at a place is opened, with the narrative and person fields of a pack.
COPIES: dict[str, Callable[[Path, Fields, Fields], Copy]] = {Mirror.name: Mirror}


class Registered(NamedTuple):
    """One line of the ledger's register of copies."""

    name: str
    place: str
    position: int


def registered(ledger: SqlBook) -> list[Registered]:
    """Every copy of this ledger, where it lies, how far it has come."""
    rows = ledger.database.run("SELECT name, place, position FROM ledger_copy ORDER BY name, place").fetchall()
    return [Registered(*row) for row in rows]


def follow(
    ledger: SqlBook, name: str, place: Path, texts: Fields, people: Fields, progress: Progress | None = None
) -> int:
    """Bring a copy up to the ledger, registering it before its first entry; gives back the position reached."""
    copy, where = COPIES[name](place, texts, people), str(place.resolve())
    note(ledger, name, where, copy.position())
    reached = copy.follow(ledger, progress)
    note(ledger, name, where, reached)
    return reached


def rebuild(
    ledger: SqlBook, name: str, texts: Fields, people: Fields, progress: Progress | None = None
) -> dict[str, bool | None]:
    """Make the copies of a name (all for "") anew; says for each place whether the old one was equal to the new.

    None where the place is not there any more, or not on this machine: whoever has that copy keeps what was erased.
    """
    chosen = [each for each in registered(ledger) if name in ("", each.name)]
    if name and not chosen:
        raise Fault(f"No copy of the name {name!r} is registered. Known: {', '.join(sorted(COPIES))}.")
    equal: dict[str, bool | None] = {}
    for each in chosen:
        copy = COPIES[each.name](Path(each.place), texts, people)
        if not copy.here():
            equal[each.place] = None
            continue
        equal[each.place] = copy.rebuild(ledger, progress)
        note(ledger, each.name, each.place, copy.position())
    return equal


def note(ledger: SqlBook, name: str, where: str, reached: int) -> None:
    """Write into the ledger's register where a copy lies and how far it has come."""
    with ledger.transaction():
        ledger.database.run(
            "INSERT INTO ledger_copy (name, place, position) VALUES (?, ?, ?) "
            "ON CONFLICT (name, place) DO UPDATE SET position = excluded.position",
            (name, where, reached),
        )
