"""What a standard owes on account of a trigger, as far as columns can tell: what is expected, by when, of whom.

Only of responses counted from plain triggers by the calendar. What cannot be told is left out or told not to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from everystone.findings.asking import Test
from everystone.findings.bulk.dues import Dues
from everystone.findings.frames import NAMING
from everystone.findings.match import test_of
from everystone.findings.reference import Questions
from everystone.findings.response import LimbPlan, ResponsePlan
from everystone.findings.trigger import Triggers
from everystone.ledger.duration import Duration
from everystone.ledger.people import CARED_FOR
from everystone.standards.condition import Condition
from everystone.standards.item import Item, Items, several

#: The keys of a condition that look at nothing but the entry's own fields.
OF_ITS_FIELDS = frozenset({"present", "is_", "number", "adds_up", "rank_of", "list_", "all", "any", "not_"})


class Owed(NamedTuple):
    """What is expected on account of a trigger, and within how long by each figure; at all only beside the `stirring` kinds."""

    expect: Items
    within: list[Duration]
    stirring: frozenset[str]


class Asked(NamedTuple):
    """What columns must know of standards of which they can clear streams.

    Where an entry of the `stirring` kinds stands, a limb may speak whose limit columns do not know. Only the first of the
    `once` kinds begins a duty, and what comes after it none.
    """

    frame: str
    role: str
    triggers: list[Item]
    owed: list[Owed]
    stirring: frozenset[str]
    once: frozenset[str]

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of entry that can begin a duty."""
        return frozenset(kind for item in self.triggers for kind in item.kinds)


def asked_plainly(questions: Questions) -> Asked | None:
    """What is asked, if it is counted from plain triggers by the calendar and of streams; None where it is not."""
    kinds = questions.pack.words.kinds
    versions = [version for question in questions.ordered for version in question.versions]
    frames = {question.frame for question in questions.ordered}
    if len(frames) != 1 or not frames.isdisjoint(NAMING) or not all(each.triggers.kinds for each in versions):
        return None
    owed, unknown = list[Owed](), set[str]()
    for _, plan in (line for version in versions for line in version.lines):
        if not isinstance(plan, ResponsePlan) or not _from_trigger(plan):
            return None
        if not _owes(plan, plan.body.expect, frozenset(), owed, unknown):
            return None
    triggers = [item for version in versions for item in _items(version.triggers)]
    role = versions[0].triggers.asked.role
    first = role == "case" and all(each.triggers.which == "first" for each in versions)
    once = _any_such(triggers) if first and len(triggers) == len(versions) else frozenset[str]()
    asked = Asked(frames.pop(), role, triggers, owed, frozenset(unknown), once)
    told = asked.kinds.union(unknown, *(each.stirring for each in owed))
    return asked if told.isdisjoint(kinds.officer_level | kinds.describing) else None  # those stand in frames of others


def _items(triggers: Triggers) -> Iterator[Item]:
    """Every item that begins a duty, alone, counted or with others: the limit is counted from an entry that it means."""
    for matcher in (*triggers.plain, *(each for each, _ in triggers.counted), *chain(*triggers.together)):
        yield matcher.item


def _any_such(triggers: Iterable[Item]) -> frozenset[str]:
    """The kinds of which every entry surely begins a duty."""
    plain = (each for each in triggers if each.where is None and each.by is None and each.counted is None)
    return frozenset(kind for item in plain for kind in item.kinds)


def _from_trigger(plan: ResponsePlan) -> bool:
    """Whether an entry after the trigger and by the end meets it, however late it was written down."""
    body = plan.body
    return not (plan.already or body.since or body.not_before or body.recorded_within)


def _owes(
    plan: ResponsePlan | LimbPlan, expect: Items, stirring: frozenset[str], owed: list[Owed], unknown: set[str]
) -> bool:
    """Takes what a plan and its further limbs owe; whether that can be told of at all."""
    limit = plan.limit
    if not (limit.plain and limit.within and Dues(limit, []).at_once):
        return False
    same = next((each for each in owed if (each.expect, each.stirring) == (expect, stirring)), None)
    if same is None:
        owed.append(same := Owed(expect, [], stirring))
    same.within.append(limit.within.duration)
    if plan.then is None:
        return True
    limb = plan.then.limb
    kinds = _stirring(limb.when) if isinstance(limb.when, Condition) else frozenset()
    if limb.counted_from == "trigger":
        return _owes(plan.then, limb.expect, stirring or kinds, owed, unknown)
    unknown |= kinds
    return bool(kinds)


def _stirring(said: Condition) -> frozenset[str]:
    """Kinds without any of which a condition surely is not fulfilled; none where that cannot be said."""
    for item in (said.on_record, said.later, said.earlier):
        if item is not None and item.kinds and "any" not in item.kinds:
            return frozenset(item.kinds)
    each = [_stirring(part) for part in said.any or ()]
    return frozenset[str]().union(*each) if all(each) else frozenset()


# ---- items that columns can tell ---------------------------------------------------------------------------------


def alternatives(items: Items) -> Iterator[Item]:
    """The items any one of which is enough."""
    for item in several(items):
        if item.any is not None:
            yield from alternatives(item.any)
        elif item.kind is not None:
            yield item


def of_itself(item: Item) -> bool:
    """Whether an entry's own fields, and whom it names, say that it is meant."""
    paired = item.same in (None, "asked", "case")
    return item.by is None and paired and "any" not in item.kinds and (item.where is None or _of_fields(item.where))


def _of_fields(said: Condition) -> bool:
    parts = (*(said.all or ()), *(said.any or ()), *((said.not_,) if said.not_ else ()))
    asked = {name for name in type(said).model_fields if getattr(said, name) is not None}
    return asked <= OF_ITS_FIELDS and all(map(_of_fields, parts))


def surely_takes(given: str, role: str) -> bool:
    """Whether a subject in the role that a kind gives is one of those in the role asked for, whoever it is (`People`)."""
    if role == "victim":  # only a victim of that case is
        return False
    return given == role or (given in CARED_FOR and role in ("child", "anyone"))


def own_tests(said: Condition) -> Iterator[Test]:
    """What a condition asks of the entry's own fields: all of it where it is `_of_fields`."""
    for part in said.all or ():
        yield from own_tests(part)
    own = {name: value for name, value in said if value is not None and name in OF_ITS_FIELDS - {"all"}} | said.fields
    for name, value in own.items():
        alone = Condition.model_validate({name: value})
        if _of_fields(alone):
            yield test_of(alone)
