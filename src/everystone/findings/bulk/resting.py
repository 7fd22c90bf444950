"""On what a small question rests: the entry alone, whom is asked for, or the trigger. It is asked once for each of that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from everystone.findings.asking import Test
from everystone.findings.bulk.columns import Column, column_of
from everystone.findings.match import Matcher, test_of
from everystone.standards.condition import Age, Condition, Sex
from everystone.standards.item import ACTOR_OF, Item, Who


class Rests(IntEnum):
    """The least that an answer rests on, beside the entry that is tested."""

    ENTRY = 0
    ASKED = 1
    TRIGGER = 2


class Part(NamedTuple):
    """One of the questions that must all be answered with yes; `said` tells equal ones.

    One that joins others (`how`: all, any, not) is put together from what those in `parts` give, each asked once wherever it
    stands; one that `column` answers is asked of no entry by itself.
    """

    rests: Rests
    said: str
    test: Test
    how: str = ""
    parts: Sequence[Part] = ()
    column: Column | None = None


ABOUT = "same asked"  # the question whether an entry is about the one asked for
OF_THE_ENTRY = frozenset(
    {"number", "adds_up", "rank_of", "list_", "words", "hits", "reasons", "copied", "not_on_record"}
)
_WORDS = {"case": Rests.ENTRY, "asked": Rests.ASKED, "linked": Rests.ASKED}


def parts_of(said: Condition, *, as_trigger: bool = False) -> Iterable[Part]:
    """A condition taken apart into those that must all hold; `as_trigger`: it is asked of the trigger itself."""
    for name, value in _said(said):
        if name == "all":
            for part in value:
                yield from parts_of(part, as_trigger=as_trigger)
        else:
            yield _part(name, value, as_trigger=as_trigger)


def _part(name: str, value: Any, *, as_trigger: bool) -> Part:
    test, said = test_of(Condition.model_validate({name: value})), f"{name} {_text(value)}"
    if name in ("any", "not_"):
        joined = [_joined(each, as_trigger=as_trigger) for each in (value if name == "any" else [value])]
        return Part(max(part.rests for part in joined), said, test, name, joined)
    rests = Rests.TRIGGER if as_trigger and _of_others(value) else _of_key(name, value)
    return Part(rests, said, test, column=column_of(name, value))


def _joined(said: Condition, *, as_trigger: bool) -> Part:
    """A whole condition as one question."""
    parts = list(parts_of(said, as_trigger=as_trigger))
    return parts[0] if len(parts) == 1 else Part(max(part.rests for part in parts), "", test_of(said), "all", parts)


def _of_others(value: object) -> bool:
    """Whether it asks of victims or suspects, who are looked for in another way where the entry is the trigger."""
    return isinstance(value, Age | Sex) and value.of in ("victim", "suspect")


def _said(said: Condition) -> Iterable[tuple[str, Any]]:
    for name in type(said).model_fields:
        value = getattr(said, name)
        if value is not None:
            yield name, value
    yield from said.fields.items()


def _text(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    return repr(value)


def _of(said: Condition) -> Rests:
    return max((_of_key(name, value) for name, value in _said(said)), default=Rests.ENTRY)


def _of_key(name: str, value: object) -> Rests:
    """On what one key of a condition rests."""
    if name in OF_THE_ENTRY or name in ("present", "is_"):
        return Rests.ENTRY
    if isinstance(value, list) and value and isinstance(value[0], Condition):
        return max(_of(part) for part in value)
    if isinstance(value, Condition):
        return _of(value)
    if isinstance(value, Item):  # another entry, which is looked for in the frame
        return max(Rests.ASKED, _of_item(value))
    if name == "gap":
        return Rests.TRIGGER if "trigger" in (value.since, value.to) else Rests.ENTRY  # type: ignore[attr-defined]
    if name in ("age", "state") and getattr(value, "at", "") == "trigger":
        return Rests.TRIGGER
    return Rests.ENTRY if name not in Condition.model_fields else Rests.ASKED


def _of_item(item: Item) -> Rests:
    where = _of(item.where) if item.where else Rests.ENTRY
    by = max((rests for rests, _ in _by_parts(item.by)), default=Rests.ENTRY) if item.by else Rests.ENTRY
    return max(where, by, *(_of_word(word) for word in _words(item)))


def _words(item: Item) -> list[str]:
    return ["asked"] if item.same is None else [item.same] if isinstance(item.same, str) else item.same


def _of_word(word: str) -> Rests:
    """On what a word that pairs an entry with the trigger rests."""
    return _WORDS.get(word, Rests.TRIGGER)


def _by_parts(who: Who) -> Iterable[tuple[Rests, Who]]:
    """Who must have done it, taken apart."""
    for name in who.model_fields_set - {"not_", "not"}:
        alias = Who.model_fields[name].alias or name
        rests = Rests.ENTRY if name in ("channel", "since") else Rests.ASKED
        yield rests, Who.model_validate({alias: getattr(who, name)})
    for word in who.not_:
        trigger = word.startswith(ACTOR_OF) or word not in ("lead", "subject")
        yield Rests.TRIGGER if trigger else Rests.ASKED, Who.model_validate({"not": [word]})


class Meant:
    """An item made ready: the questions of the entry alone, of whom is asked for, of the trigger."""

    def __init__(self, item: Item, *, as_trigger: bool = False) -> None:
        """`as_trigger`: the entry that is tested is the trigger, and not paired with itself."""
        self.kinds = frozenset(item.kinds)
        self.parts = list(parts_of(item.where, as_trigger=as_trigger)) if item.where else []
        for rests, who in _by_parts(item.by) if item.by else ():
            self.parts.append(Part(rests, f"by {who!r}", Matcher(Item(kind=item.kind, by=who)).fits_as_trigger))
        for word in _words(item) if not as_trigger else ():
            if word != "case":
                self.parts.append(Part(_of_word(word), f"same {word}", Matcher(Item(kind=item.kind, same=word)).fits))
        self.parts.sort(key=lambda part: part.rests)

    def resting_on(self, rests: Rests) -> list[Part]:
        """Its questions of one sort."""
        return [part for part in self.parts if part.rests is rests]
