"""Whether an entry is the one an item means: its kind, its conditions, by whom, about whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from everystone.findings import condition
from everystone.findings.asking import Asking, Fired, Test
from everystone.findings.told import Told, all_of, every, other
from everystone.ledger.case import Frame, Row
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed
from everystone.ledger.state import NEVER
from everystone.standards.condition import Condition
from everystone.standards.item import ACTOR_OF, Item, Who

Pairing = Callable[[Asking, Entry], Told]
MINUTE, DAY = 60, 86_400


def ordered(first: Entry | Fired, second: Entry | Fired, *, same_day: bool) -> Told:
    """Whether the second came at or after the first.

    In the same minute either order serves. Overlapping spans that are not both to the minute have no order, unless
    the same day counts and both lie within one day.
    """
    if first.lo == first.hi and second.lo == second.hi:
        return second.lo // 60 >= first.lo // 60
    if second.lo >= first.hi:
        return True
    if second.hi < first.lo:
        return False
    return True if same_day and max(first.hi, second.hi) - min(first.lo, second.lo) <= DAY + 3600 else None


def test_of(said: Condition) -> Test:
    """The test that a condition stands for."""
    return all_of([*condition.own_tests(said), *_dear_tests(said)])


def _dear_tests(said: Condition) -> list[Test]:
    """The tests that take longer than a look at the entry's own fields, with what it says of other entries."""
    tests = list(condition.plain_tests(said, test_of))
    if said.earlier is not None:
        tests.append(_beside(said.earlier, lambda entry, found: ordered(found, entry, same_day=False)))
    if said.later is not None:
        tests.append(_beside(said.later, lambda entry, found: ordered(entry, found, same_day=False), after=True))
    if said.none_earlier is not None:
        earlier = _beside(said.none_earlier, lambda entry, found: ordered(found, entry, same_day=False))
        tests.append(lambda asking, entry: other(earlier(asking, entry)))
    if said.on_record is not None:
        tests.append(_beside(said.on_record, lambda entry, found: True))
    return tests


def _beside(item: Item, placed: Callable[[Entry, Entry], Told], *, after: bool = False) -> Test:
    matcher = Matcher(item)

    def test(asking: Asking, entry: Entry) -> Told:
        answer: Told = False
        for found in matcher.among(asking.frame):
            here = False if found is entry else placed(entry, found)
            both = False if here is False else every((here, matcher.fits(asking, found)))
            if both:
                return True
            if both is None:
                answer = None
        if answer is not False or asking.frame.coverage.total:
            return answer
        first = asking.frame.day(entry.lo) if after else asking.frame.began
        return None if asking.covered(matcher.kinds, first, asking.frame.instant) else False

    return test


class Matcher:
    """One item of one sort `kind`, made ready: its tests are put together once, the quick ones first.

    `fits` tells whether an entry (of one of its kinds) is meant; `fits_as_trigger` whether it fires: conditions and
    actor only, since a trigger is not paired with itself.
    """

    def __init__(self, item: Item) -> None:
        self.item = item
        self.kinds = frozenset(item.kinds)
        self.sorted_kinds = tuple(sorted(self.kinds))
        self.any_kind = "any" in self.kinds
        own = list(condition.own_tests(item.where)) if item.where else []
        dear = _dear_tests(item.where) if item.where else []
        by = _by(item.by) if item.by else []
        paired = [_pairing(word) for word in _words(item.same)] or [about_the_asked]
        self.fits: Test = all_of([*own, *paired, *dear, *by])
        self.fits_as_trigger: Test = all_of([*own, *dear, *by])
        self._by = all_of(by) if by else None
        self._but_for_the_actor = all_of([*own, *paired, *dear])

    def among(self, frame: Frame) -> Row:
        """The entries of its kinds, in order."""
        return frame.entries if self.any_kind else frame.of_kinds(self.kinds)

    def fits_but_for_the_actor(self, asking: Asking, entry: Entry) -> bool:
        """Whether it would be meant if somebody else had done it."""
        return (
            self._by is not None and self._but_for_the_actor(asking, entry) is True and self._by(asking, entry) is False
        )


def first_after(matchers: Sequence[Matcher], asking: Asking, fired: Fired, *, but: Entry | None = None) -> int:
    """When the first entry comes that surely is one of those meant and comes after what fired; NEVER if none does."""
    first = NEVER
    for matcher in matchers:
        for entry in matcher.among(asking.frame).reaching(fired.lo - MINUTE):
            if entry.lo >= first:
                break
            if entry is not but and ordered(fired, entry, same_day=False) and matcher.fits(asking, entry):
                first = entry.lo
    return first


def about_the_asked(asking: Asking, entry: Entry) -> Told:
    """Whether an entry is about the one asked for, worked out once; a case-level kind is about all in the case."""
    about = asking.about
    if about is None:
        return True
    key = entry.source.key
    if key not in about:
        about[key] = _is_about(asking, entry)
    return about[key]


def _is_about(asking: Asking, entry: Entry) -> Told:
    if entry.kind in asking.frame.words.kinds.case_level:
        return True
    meant = asking.people.meant(entry, asking.role)
    return None if meant is None else asking.person in meant


def _words(same: str | list[str] | None) -> list[str]:
    return [] if same is None else [same] if isinstance(same, str) else same


def _pairing(word: str) -> Pairing:
    if word == "case":
        return lambda asking, entry: True
    if word == "asked":
        return about_the_asked
    if word == "person":
        return _same_person
    if word == "linked":
        return _linked
    if word == "concerned":
        return _concerned
    if word == "actor":
        return lambda asking, entry: entry.by == asking.trigger.by if entry.by and asking.trigger.by else None
    if word == "about the lead":
        return _about_the_lead
    if word.startswith("episode: "):
        return _in_episode(word.removeprefix("episode: "))
    if word.startswith("cites: "):
        return _cites(word.removeprefix("cites: "))
    if " as " in word:
        return _not_another(*word.split(" as "))
    return _same_reference(word)


def _same_person(asking: Asking, entry: Entry) -> Told:
    ours = set(asking.trigger.subjects)
    theirs = set(entry.subjects)
    for name, _ in asking.frame.words.kinds.people.get(entry.kind, ()):
        theirs.update(listed(entry.data.get(name)))
    return bool(ours & theirs) if ours else about_the_asked(asking, entry)


def _concerned(asking: Asking, entry: Entry) -> Told:
    """Whether it names a subject of the trigger or somebody linked with one; a side that names nobody excludes nobody."""
    ours, theirs = set(asking.trigger.subjects), set(entry.subjects)
    for links in (asking.people.victims_of, asking.people.suspects_of):
        ours |= {name for each in asking.trigger.subjects for name in links.get(each, ())}
    return not ours or not theirs or bool(ours & theirs)


def _linked(asking: Asking, entry: Entry) -> Told:
    role = "victim" if asking.role == "suspect" else "suspect"
    if entry.kind in asking.frame.words.kinds.case_level:
        return True
    meant = asking.people.meant(entry, role)
    return None if meant is None else bool(set(meant) & set(asking.persons(role)))


def _about_the_lead(asking: Asking, entry: Entry) -> Told:
    lead = asking.lead(entry.lo - 60) or asking.lead(entry.lo)
    return lead in entry.subjects if lead else False


def _in_episode(state: str) -> Pairing:
    def test(asking: Asking, entry: Entry) -> Told:
        for interval in asking.frame.state(state).get(asking.person, ()):
            if interval.lo <= asking.fired.lo <= interval.hi_sure:
                inside = interval.lo <= entry.lo and entry.hi <= interval.hi_sure
                if inside:
                    return about_the_asked(asking, entry)
        begins = asking.frame.words.states[state].starting_kinds
        return None if asking.covered(begins, asking.frame.began, asking.fired.hi) else False

    return test


def _cites(name: str) -> Pairing:
    def test(asking: Asking, entry: Entry) -> Told:
        cited = listed(entry.data.get(name))
        trigger = asking.trigger
        return bool({trigger.key, asking.frame.root(trigger)} & set(cited))

    return test


def _same_reference(name: str) -> Pairing:
    def test(asking: Asking, entry: Entry) -> Told:
        theirs = entry.data.get(name)
        ours = asking.person if asking.role == "reference" else asking.trigger.data.get(name)
        if theirs in (None, "") or ours in (None, ""):
            return about_the_asked(asking, entry) if asking.role != "reference" else False
        return bool(set(listed(theirs)) & set(listed(ours)))

    return test


def _not_another(theirs: str, ours: str) -> Pairing:
    """Whether a field of it is that of another field of the trigger, or one of the two was not recorded."""

    def test(asking: Asking, entry: Entry) -> Told:
        mine, its = listed(asking.trigger.data.get(ours)), listed(entry.data.get(theirs))
        return not mine or not its or bool(set(mine) & set(its))

    return test


# ---- by whom ---------------------------------------------------------------------------------------------------


def _by(who: Who) -> list[Test]:
    tests: list[Test] = []
    if who.rank is not None:
        tests.append(_rank(who.rank))
    if who.role is not None:
        roles = frozenset([who.role] if isinstance(who.role, str) else who.role)
        tests.append(lambda asking, entry: role in roles if (role := _role(asking, entry)) else None)
    for flag in ("detective", "custody"):
        wanted = getattr(who, flag)
        if wanted is not None:
            tests.append(_flag(flag, wanted))
    if who.channel is not None:
        channel = who.channel
        tests.append(lambda asking, entry: entry.source.channel == channel)
    if who.since is not None:
        tests.append(_other_body)
    tests.extend(_excluding(word) for word in who.not_)
    return tests


def _role(asking: Asking, entry: Entry) -> str:
    return entry.capacity.role or str(asking.frame.details(entry.by).get("role", "")) if entry.by else ""


def _rank(least: str) -> Callable[[Asking, Entry], Told]:
    def test(asking: Asking, entry: Entry) -> Told:
        words = asking.frame.words
        name = words.kinds.rank_field.get(entry.kind)
        rank = entry.data.get(name) if name else None
        rank = rank or entry.capacity.rank or asking.frame.details(entry.by).get("rank")
        return words.rank_at_least(str(rank), least) if rank else None

    return test


def _flag(flag: str, wanted: bool) -> Callable[[Asking, Entry], Told]:
    def test(asking: Asking, entry: Entry) -> Told:
        details = asking.frame.details(entry.by) if entry.by else {}
        if not details:
            return None
        return bool(details.get(flag, False)) is wanted

    return test


def _other_body(asking: Asking, entry: Entry) -> Told:
    """An entry of the force never proves another body's act: only that body's own channel does."""
    body = asking.frame.words.kinds.of_another_body.get(entry.kind)
    return True if asking.frame.words.proves(entry.source.channel, body) else None


def _not_the_lead(asking: Asking, entry: Entry) -> Told:
    lead = asking.lead(entry.lo)
    return not (lead and entry.by and lead == entry.by)


def _not_the_actor(asking: Asking, entry: Entry) -> Told:
    return not (entry.by and asking.trigger.by and entry.by == asking.trigger.by)


def _not_named_in(field: str) -> Callable[[Asking, Entry], Told]:
    return lambda asking, entry: not entry.by or entry.by not in listed(asking.trigger.data.get(field))


def _not_the_actor_of(kind: str) -> Callable[[Asking, Entry], Told]:
    def test(asking: Asking, entry: Entry) -> Told:
        before = (each for each in asking.frame.by_kind.get(kind, ()) if each.lo <= asking.fired.lo)
        return not entry.by or all(each.by != entry.by for each in before)

    return test


def _excluding(word: str) -> Callable[[Asking, Entry], Told]:
    if word in _EXCLUDED:
        return _EXCLUDED[word]
    return _not_the_actor_of(word.removeprefix(ACTOR_OF)) if word.startswith(ACTOR_OF) else _not_named_in(word)


_EXCLUDED: dict[str, Callable[[Asking, Entry], Told]] = {
    "lead": _not_the_lead,
    "whoever led": lambda asking, entry: entry.by not in asking.led(entry.lo),
    "actor of the trigger": _not_the_actor,
    "subject": lambda asking, entry: entry.by not in entry.subjects,
    "subject of the trigger": lambda asking, entry: entry.by not in asking.trigger.subjects,
}
