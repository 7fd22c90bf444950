"""Which standards an extract can be asked at all: those of which it holds what begins the duty and what would answer it."""

from __future__ import annotations

from collections.abc import Collection

from everystone.ledger.coverage import Coverage
from everystone.standards.grammar import Body, Response, Rhythm
from everystone.standards.item import Item, Items, several
from everystone.standards.pack import Loaded, Pack


def askable(pack: Pack, coverage: Coverage) -> list[str]:
    """The finished standards, by reference, that this extract can be asked; all of them where it holds everything.

    A standard can be asked where, at some time and for some team, an entry that begins it and one that would answer it
    could stand there. Whether one does is another question.
    """
    held = {kind for each in coverage.holdings or () if each.how != "not carried" for kind in each.kinds}
    return [each.id for each in pack.finished if coverage.total or _held(each, pack, held)]


def _held(loaded: Loaded, pack: Pack, held: Collection[str]) -> bool:
    bodies = [body for dated in loaded.versions for _, body in dated.bodies]
    return any(_any(body.after, pack, held) and _any(_answers(body), pack, held) for body in bodies)


def _answers(body: Body) -> Items | None:
    """What would answer a duty; None where the entry that begins it is looked at itself."""
    if isinstance(body, Response):
        return body.expect
    return body.beat if isinstance(body, Rhythm) else None


def _any(items: Items | None, pack: Pack, held: Collection[str]) -> bool:
    return items is None or any(_carried(each, pack, held) for each in several(items))


def _carried(item: Item, pack: Pack, held: Collection[str]) -> bool:
    if item.all:
        return all(_carried(each, pack, held) for each in item.all)
    if item.any:
        return any(_carried(each, pack, held) for each in item.any)
    if item.state:
        return not pack.words.states[item.state].starting_kinds.isdisjoint(held)
    if item.not_met:
        return _held(pack.standards[item.not_met], pack, held)
    return "any" in item.kinds or not set(item.kinds).isdisjoint(held)
