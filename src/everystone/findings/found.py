"""Found in the text: what a named person accepted settles a finding, and does nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from everystone.findings.answer import DOES_NOT_APPLY, MET, Answer
from everystone.standards.grammar import Limb, Response, Rhythm
from everystone.standards.item import Items, several
from everystone.standards.pack import Loaded

MARK = "found in the text"

Given = Mapping[str, Sequence[Answer]]


def settled(plain: Given, found: Given, entries: Set[str], loaded: Mapping[str, Loaded]) -> dict[str, list[Answer]]:
    """The answers of a frame, those settled by an entry found in a text marked so.

    `plain` are the answers without such entries, `found` with them; `entries` their keys. Only an answer that is met
    because of one of them takes the place of another. So they begin no duty, spoil nothing, and prove no other body's act: a
    standard that asks for that body's own word, or for the proof of a claim, keeps its answer.
    """
    answers: dict[str, list[Answer]] = {}
    gone: set[str] = set()
    for name, given in plain.items():
        better = {} if asks_for_proof(loaded[name]) else {each.key: each for each in found.get(name, ())}
        answers[name] = [_settled(each, better.get(each.key), entries) for each in given]
        gone.update(each.key for each in answers[name] if MARK in each.marks)
    return (
        {name: _still_begun(name, given, answers, found, loaded) for name, given in answers.items()}
        if gone
        else answers
    )


def asks_for_proof(loaded: Loaded) -> bool:
    """Whether a standard rests on another body's own word, or on the proof of a claim."""
    return any(
        isinstance(body, Response) and (body.recorded_within is not None or _others(body.expect) or _limb(body.then))
        for dated in loaded.versions for _, body in dated.bodies
    )  # fmt: skip


def expected(loaded: Loaded) -> frozenset[str]:
    """The kinds of entry that a standard looks for."""
    kinds: set[str] = set()
    for dated in loaded.versions:
        for _, body in dated.bodies:
            items = body.expect if isinstance(body, Response) else body.beat if isinstance(body, Rhythm) else []
            kinds |= _kinds(items)
    return frozenset(kinds)


def _kinds(items: Items) -> set[str]:
    return {
        kind for item in several(items) for kind in (*item.kinds, *_kinds([*(item.any or ()), *(item.all or ())]))
    }  # fmt: skip


def _others(items: Items) -> bool:
    return any(
        (item.by is not None and item.by.since is not None) or _others([*(item.any or ()), *(item.all or ())])
        for item in several(items)
    )


def _limb(limb: Limb | None) -> bool:
    return limb is not None and (_others(limb.expect) or _limb(limb.then))


def _settled(plain: Answer, found: Answer | None, entries: Set[str]) -> Answer:
    if (
        found is None
        or plain.answer in (MET, DOES_NOT_APPLY)
        or found.answer != MET
        or entries.isdisjoint(found.evidence)
    ):
        return plain
    return found._replace(marks=(*found.marks, MARK))


def _still_begun(
    name: str, given: list[Answer], answers: Given, found: Given, loaded: Mapping[str, Loaded]
) -> list[Answer]:
    """The answers without those of duties that only a missed duty began which is settled now."""
    rests_on = {item.not_met for dated in loaded[name].versions for item in several(dated.body.after) if item.not_met}
    if not any(MARK in each.marks for other in rests_on for each in answers.get(other, ())):
        return given
    begun = {each.key for each in found.get(name, ())}
    return [each for each in given if each.key in begun]
