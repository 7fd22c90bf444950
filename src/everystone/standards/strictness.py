"""Strict loading: whatever a standard says is read, and rests on standards that are there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from everystone.ledger.fault import Fault
from everystone.ledger.state import State
from everystone.standards import document
from everystone.standards.condition import Condition
from everystone.standards.grammar import Body, Check, Forbidden, Limb, Recent, Response, Rhythm, StillPossible
from everystone.standards.item import Item, Items, several
from everystone.standards.limit import Every, Field_, Within
from everystone.standards.named import ROLES, Misfit, Misfits, Named, Path, near, placed

if TYPE_CHECKING:
    from everystone.standards.pack import Loaded, Pack


def check(pack: Pack) -> None:
    """Every standard of a pack, against its kinds, states, tables and other standards.

    Raises Fault with file and line for the first thing that names nothing, is never read, or can never be so.
    """
    strict = Strict(pack.words, pack.standards, pack.lists.by_name)
    for loaded in pack.standards.values():
        for misfit in strict.misfits(loaded):
            line = document.line_of(loaded.path.read_text(encoding="utf-8"), misfit.path)
            raise Fault(f"{loaded.id}: {misfit.says}", where=f"{loaded.path}:{line}")


def check_state(name: str, state: State, kinds: Mapping[str, Any]) -> Misfits:
    """What a state names that no kind has; paths are those of a file of states."""
    for side, edges in (("starts", state.starts), ("ends", state.ends)):
        for number, edge in enumerate(edges):
            path: Path = (name, side, number)
            for kind in edge.kinds:
                if kind not in kinds:
                    yield Misfit((*path, "kind"), f"The kind {kind!r} is not known.{near(kind, kinds)}")
            has = {field for kind in edge.kinds if kind in kinds for field in kinds[kind].fields}
            for field in (*edge.where, *edge.present, edge.value, edge.begins_at, edge.ends_at):
                if field is not None and has and field not in has:
                    yield Misfit(path, f"{' or '.join(edge.kinds)} has no field {field!r}.{near(field, has)}")


_SPELT = {"unless_recent": "unless recent"}
_ITEMS = frozenset({"before", "since", "until", "beat", "never", "moved_by"})
_WITHOUT_NAMES = frozenset({"which", "choose", "same_day", "fails_as"})


class Strict(Named):
    """One standard after another, against the words, the tables and the other standards."""

    # ---- a whole standard ----------------------------------------------------------------------------------

    def misfits(self, loaded: Loaded) -> Misfits:
        """Everything in one standard that cannot be used, in the order of its versions."""
        standard = loaded.standard
        self._walked = set[tuple[Path, frozenset[str]]]()
        yield from self._frame(standard.frame)
        yield from self._roots(loaded)
        for dated in loaded.versions:
            self.trigger, self.asked = self.kinds_of(dated.body.after), standard.asked_for
            for (_, body), homes in zip(dated.bodies, dated.homes, strict=True):
                if standard.finished:
                    yield from self._unread(body, homes)
                yield from self._body(body, homes)
            yield from self._table(dated.homes, [when for when, _ in dated.bodies])
            yield from self._asked_for()
        yield from self._still_possible(standard.still_possible)
        if standard.in_force_at not in ("trigger", "alleged date"):
            yield from self.kind(standard.in_force_at, ("in_force_at",))

    def _frame(self, sort: str) -> Misfits:
        """What it is asked of: a case, a person, an officer, or a sort of stream that a pack declares."""
        known = {"case", "person", "officer", *self.words.streams}
        if sort not in known:
            meant = near(sort, known)
            yield Misfit(
                ("frame",), f"There are no frames of {sort!r}.{meant} Sorts of stream stand in tables/streams.yaml."
            )

    def _still_possible(self, said: StillPossible | None) -> Misfits:
        """What can be put right: its limit, its condition on the trigger, the entries that show it done."""
        if said is None:
            return
        if said.within is not None:
            yield from self.limit(said.within, ("still_possible", "within"))
        if said.while_ is not None:
            yield from self.condition(said.while_, ("still_possible", "while"), self.trigger)
        for item, place in placed(said.done, ("still_possible", "done")):
            yield from self.leaf(item, place)

    def _roots(self, loaded: Loaded) -> Misfits:
        for root in loaded.standard.roots:
            yield from self._other(loaded, root, ("follows",), lambda each: each.standard.roots)
        for dated in loaded.versions:
            for item, path in placed(dated.body.after, (*dated.homes[0]["after"], "after")):
                if item.not_met is not None:
                    yield from self._other(loaded, item.not_met, (*path, "not_met"), _needs)

    def _other(self, loaded: Loaded, name: str, path: Path, rests_on: Callable[[Loaded], Iterable[str]]) -> Misfits:
        """A standard that another one names: it is there, of the same frame, and does not lead back."""
        other = self.standards.get(name)
        if other is None:
            meant = near(name, self.standards)
            yield Misfit(path, f"There is no standard {name!r}.{meant} Name one of these packs.")
            return
        if other.standard.frame != loaded.standard.frame:
            frame = other.standard.frame
            yield Misfit(path, f"{name} is asked of another frame ({frame}), so the two never meet.")
        walked, ahead = set[str](), [name]
        while ahead:
            each = ahead.pop()
            if each == loaded.id:
                yield Misfit(path, f"{loaded.id} rests on itself by way of {name}. Take one of them out.")
                return
            if each not in walked and each in self.standards:
                walked.add(each)
                ahead += rests_on(self.standards[each])

    def _asked_for(self) -> Misfits:
        match = re.fullmatch(r"each (\w+)(?: in (\w+))?", self.asked)
        if match and match[1] not in ROLES:
            yield from self.field(match[2] or match[1], ("asked_for",), self.trigger)
        elif not match and self.asked != "case":
            roles = ", ".join(f"each {role}" for role in sorted(ROLES))
            yield Misfit(("asked_for",), f"Write case, {roles}, each FIELD, or each FIELD in FIELDS.")

    # ---- bodies --------------------------------------------------------------------------------------------

    def _unread(self, body: Body, homes: Mapping[str, Path]) -> Misfits:
        """Keys that would never be read, and a limit that nothing gives."""
        if isinstance(body, Rhythm | Forbidden) and body.within is not None:
            instead = "`every`" if isinstance(body, Rhythm) else "`until`"
            yield Misfit((*homes["within"], "within"), f"`within` is not read here. Write {instead}.")
        if isinstance(body, Response):
            if body.within is None and body.until is None and body.before is None:
                yield Misfit(homes["expect"], "Nothing says by when. Write `within`, `until` or `before`.")
            if body.moved_by is not None and body.until is None:
                path = *homes["moved_by"], "moved_by"
                yield Misfit(path, "Only a limit `until` a field is moved. Write `until`.")

    def _table(self, homes: Sequence[Mapping[str, Path]], whens: Sequence[Condition | None]) -> Misfits:
        """The lines of `choose`: each but the last under a condition, and none with triggers of its own."""
        for number, (home, when) in enumerate(zip(homes, whens, strict=True)):
            if len(whens) > 1 and (when is None) != (number == len(whens) - 1):
                yield Misfit(home["when"], "Each line of `choose` has a `when`, and the last has none.")
            for key in ("after", "which", "choose"):
                if home.get(key, ()) == home["when"]:
                    path = *home[key], key
                    yield Misfit(path, f"A line of `choose` cannot say `{key}` anew. Say it above.")
            if when is not None:
                yield from self.condition(when, (*home["when"], "when"), self.trigger)

    def _body(self, body: Body, homes: Mapping[str, Path]) -> Misfits:
        for key in sorted(body.model_fields_set - _WITHOUT_NAMES):
            spelt = _SPELT.get(key, key)
            said, path = getattr(body, key), (*homes[spelt], spelt)
            if (path, self.trigger) in self._walked:
                continue
            self._walked.add((path, self.trigger))
            if key == "after":
                yield from self._triggers(said, path)
            elif key == "unless":
                yield from self._unless(said, path)
            elif key == "unless_recent":
                yield from self._recent(said, path)
            elif key == "expect":
                yield from self._expected(said, path)
            elif key == "require" and isinstance(body, Check):
                yield from self.condition(said, path, self.trigger)
            elif key == "then" and said is not None:
                yield from self._limb(said, path, body.expect if isinstance(body, Response) else [])
            elif isinstance(said, Within):
                yield from self.limit(said, path)
            elif isinstance(said, Every):
                yield from self.every(said, path)
            elif isinstance(said, Field_):
                yield from self.dated(said, path, getattr(body, "moved_by", None))
            elif key == "clock_stops_while":
                for number, state in enumerate(said):
                    yield from self.state(state, (*path, number))
            elif key in _ITEMS and not isinstance(said, str):
                for item, place in placed(said, path):
                    yield from self.leaf(item, place)

    def _triggers(self, items: Items, path: Path) -> Misfits:
        for item, place in placed(items, path):
            if item.state is not None:
                yield from self.whole_state(item, place)
            elif item.kind is not None:
                yield from self.leaf(item, place, counted=True)
            for key in ("any", "all"):
                for part, inner in placed(getattr(item, key), (*place, key)):
                    yield from self.leaf(part, inner)

    def _expected(self, items: Items, path: Path) -> Misfits:
        for item, place in placed(items, path):
            if item.any is None and item.all is None:
                yield from self.leaf(item, place)
            for key in ("any", "all"):
                yield from self._expected(getattr(item, key) or [], (*place, key))

    def _unless(self, items: Sequence[Item], path: Path) -> Misfits:
        for item, place in placed(list(items), path):
            if item.kind is not None:
                yield from self.leaf(item, place)
            elif item.state is not None and item.lasts is None:
                yield from self.whole_state(item, place)
            else:
                yield Misfit(place, "This would never excuse. Write lines of {kind: ...} or {state: NAME}.")

    def _recent(self, said: Sequence[Recent], path: Path) -> Misfits:
        for number, recent in enumerate(said):
            yield from self.leaf(recent.item, (*path, number, "item"))

    def _limb(self, limb: Limb, path: Path, first: Items) -> Misfits:
        if isinstance(limb.when, Condition):
            yield from self.condition(limb.when, (*path, "when"), self.trigger)
        outer = self.trigger
        self.trigger = self.kinds_of(first) if limb.counted_from == "first" else outer
        yield from self._expected(limb.expect, (*path, "expect"))
        for item, place in placed(limb.before, (*path, "before")):
            yield from self.leaf(item, place)
        if limb.within is not None:
            yield from self.limit(limb.within, (*path, "within"))
        if limb.until is not None:
            yield from self.dated(limb.until, (*path, "until"))
        if limb.then is not None:
            yield from self._limb(limb.then, (*path, "then"), limb.expect)
        self.trigger = outer


def _needs(loaded: Loaded) -> Iterable[str]:
    """The standards on whose missed dues this one rests."""
    return [item.not_met for dated in loaded.versions for item in several(dated.body.after) if item.not_met]
