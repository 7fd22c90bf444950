"""Strict loading of danger.yaml: whatever it names is there, and every sentence can be filled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path as File

from everystone.ledger.fault import Fault
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards import document
from everystone.standards.danger import (
    Concern,
    DangerFile,
    Ending,
    Lasting,
    Moving,
    Naming,
    Part,
    Protecting,
    Saying,
    Statement,
)
from everystone.standards.item import Item
from everystone.standards.named import NUMBERS, PEOPLE, Misfit, Misfits, Named, Path, Scope, placed

FILLED = {"called": "", "end": "", "kinds": ""}  # what a sentence may leave open


def check_danger(said: DangerFile, words: Vocabulary, file: File) -> None:
    """A file of danger against the kinds and states. Raises Fault with file and line for the first misfit."""
    for misfit in Urgent(words).misfits(said):
        line = document.line_of(file.read_text(encoding="utf-8"), misfit.path)
        raise Fault(misfit.says, where=f"{file}:{line}")


class Urgent(Named):
    """The parts of the file, one after another."""

    def __init__(self, words: Vocabulary) -> None:
        super().__init__(words, {})
        self.asked = "each child"

    def misfits(self, said: DangerFile) -> Misfits:
        """Everything in the file that names nothing."""
        yield from self._namings(said.gone, ("gone",))
        yield from self._namings(said.harmed.by, ("harmed", "by"))
        yield from self._namings(said.may_harm, ("may_harm",))
        yield from self._namings(said.in_reach.around, ("in_reach", "around"))
        yield from self._namings(said.in_reach.said_by, ("in_reach", "said_by"))
        yield from self._namings(said.gravity.by, ("gravity", "by"))
        for key in ("out_of_reach", "where_not_known", "protects", "tonight", "find_out"):
            yield from self._lastings(getattr(said, key), (key,))
        yield from self._lastings(said.about_to_be_lost.each, ("about_to_be_lost", "each"))
        yield from self._listed(said.protection_shows_in, ("protection_shows_in",))
        yield from self._listed(said.newest, ("newest",))
        yield from self.kind(said.repeats.kind, ("repeats", "kind"))
        yield from self.state(said.closed, ("closed",))
        for name in type(said.says).model_fields:
            yield from _fillable(getattr(said.says, name), ("says", name))

    def _listed(self, kinds: Sequence[str], path: Path) -> Misfits:
        for number, kind in enumerate(kinds):
            yield from self.kind(kind, (*path, number))

    # ---- who is named --------------------------------------------------------------------------------------------

    def _namings(self, namings: Sequence[Naming], path: Path) -> Misfits:
        for number, naming in enumerate(namings):
            yield from self._naming(naming, (*path, number))

    def _naming(self, said: Naming, path: Path) -> Misfits:
        scope = frozenset([said.kind] if isinstance(said.kind, str) else said.kind)
        for kind in sorted(scope):
            yield from self.kind(kind, (*path, "kind"))
        if said.where is not None:
            yield from self.condition(said.where, (*path, "where"), scope)
        yield from self._people(said.whose, (*path, "whose"), scope)
        if isinstance(said, Statement):
            for key in ("yes", "no", "others"):
                part = getattr(said, key)
                if part is not None:
                    yield from self.condition(part, (*path, key), scope)
            if said.children not in ("harmed", "subject"):
                yield from self.field(said.children, (*path, "children"), scope, PEOPLE, "people")

    def _people(self, said: str | list[str], path: Path, scope: Scope) -> Misfits:
        for name in [said] if isinstance(said, str) else said:
            if name != "subject":
                yield from self.field(name, path, scope, PEOPLE, "people")

    # ---- what lasts ----------------------------------------------------------------------------------------------

    def _lastings(self, lastings: Sequence[Lasting], path: Path) -> Misfits:
        for number, said in enumerate(lastings):
            yield from self._lasting(said, (*path, number))

    def _lasting(self, said: Lasting, path: Path) -> Misfits:
        self.trigger = scope = self.kinds_of(said.after)
        for item, place in placed(said.after, (*path, "after")):
            yield from self.leaf(item, place, counted=True)
        yield from self._people(said.whose, (*path, "whose"), scope)
        yield from self._instant(said.begins, (*path, "from"), scope)
        yield from self._instant(said.until, (*path, "until"), scope)
        for item, place in (*_each(said.moved_by, (*path, "moved_by")), *_each(said.ends, (*path, "ends"))):
            yield from self._turning(item, place)
        if isinstance(said, Protecting):
            yield from self._protecting(said, path, scope)
        if isinstance(said, Concern):
            yield from self._listed(said.shows_in, (*path, "shows_in"))
            yield from _fillable(said.says, (*path, "says"))
            if said.beyond is not None:
                yield from _fillable(said.beyond, (*path, "beyond"))

    def _instant(self, said: str | Part | None, path: Path, scope: Scope) -> Misfits:
        if isinstance(said, Part):
            yield from self.field(said.months_in, (*path, "months_in"), scope, NUMBERS, "a number")
        elif said is not None:
            yield from self.field(said, path, scope, {"date"}, "a date")

    def _turning(self, item: Item, path: Path) -> Misfits:
        yield from self.leaf(item, path)
        scope = self.kinds_of(item)
        if isinstance(item, Ending):
            yield from self._instant(item.at, (*path, "at"), scope)
        if isinstance(item, Moving):
            yield from self._instant(item.until, (*path, "until"), scope)
            if item.hours is not None:
                yield from self.field(item.hours, (*path, "hours"), scope, NUMBERS, "a number")

    def _protecting(self, said: Protecting, path: Path, scope: Scope) -> Misfits:
        if said.where is not None:
            yield from self.condition(said.where, (*path, "where"), scope)
        if said.only:
            yield from self.field(said.only, (*path, "only"), scope, PEOPLE, "people")
        for item, place in _each(said.restated_by, (*path, "restated_by")):
            yield from self.leaf(item, place)


def _each(items: Sequence[Item], path: Path) -> Iterable[tuple[Item, Path]]:
    return [(item, (*path, number)) for number, item in enumerate(items)]


def _fillable(said: Saying, path: Path) -> Misfits:
    """A sentence leaves open only what can be filled in."""
    try:
        said.because.format(**FILLED)
    except (KeyError, IndexError, ValueError, AttributeError):
        may = ", ".join(f"{{{name}}}" for name in FILLED)
        yield Misfit((*path, "because"), f"A sentence may leave open only: {may}. Write plain words for the rest.")
