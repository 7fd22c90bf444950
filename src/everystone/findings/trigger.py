"""Triggers: the entries, states and missed duties that begin a duty, and for whom."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, Answer
from everystone.findings.asking import Asking, Fired
from everystone.findings.match import Matcher
from everystone.findings.persons import aged
from everystone.findings.told import Told
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed
from everystone.ledger.state import Interval, State
from everystone.standards.item import Counted, Item

ROLES = ("child", "victim", "suspect", "officer", "anyone")


class AskedFor(NamedTuple):
    """Who gets an answer of their own: a role, or each element of a field paired by another ("reference")."""

    role: str
    field: str = ""
    paired: str = ""


def asked_for(said: str) -> AskedFor:
    """`case`, `each child`, `each action_id in action_ids`, `each exhibit_id`."""
    match = re.fullmatch(r"each (\w+)(?: in (\w+))?", said)
    if match is None:
        return AskedFor("case")
    if match[1] in ROLES:
        return AskedFor(match[1])
    return AskedFor("reference", match[2] or match[1], match[1])


Doubt = tuple[str, tuple[str, ...]] | None  # why it cannot be told whether a duty began, and about what


class Begun(NamedTuple):
    """A duty begun: what is asked, whether the trigger surely fired, and if not why (reason, about what)."""

    asking: Asking
    certain: bool
    reason: str = ""
    about: tuple[str, ...] = ()


class Triggers:
    """The triggers of one standard's version, made ready."""

    def __init__(
        self, items: Sequence[Item], asked: AskedFor, expected: Sequence[Matcher], which: str, previous: bool = False
    ) -> None:
        """`previous`: each duty is told which trigger of the same person came before its own."""
        self.asked, self.which, self.expected, self.previous = asked, which, expected, previous
        self.plain = [Matcher(item) for item in items if item.kind and not item.counted]
        self.counted = [(Matcher(item), item.counted) for item in items if item.kind and item.counted]
        self.together = [[Matcher(part) for part in item.all] for item in items if item.all]
        self.lasting = [item for item in items if item.state]
        self.missed = [(item.not_met, item.counted) for item in items if item.not_met]
        self.after_not_met = [name for name, _ in self.missed]
        for item in items:
            self.plain.extend(Matcher(part) for part in item.any or () if part.kind and not part.counted)

        self.special = bool(self.counted or self.together or self.lasting or self.after_not_met)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds without which nothing fires (empty where states or other standards may fire it)."""
        matchers = [
            *self.plain,
            *(matcher for matcher, _ in self.counted),
            *(m for part in self.together for m in part),
        ]
        if self.lasting or self.after_not_met or any(matcher.any_kind for matcher in matchers):
            return frozenset()
        return frozenset(kind for matcher in matchers for kind in matcher.kinds)

    def waking(self, states: Mapping[str, State]) -> frozenset[str]:
        """The kinds of which a frame holds one wherever anything fires but for a missed duty ("any": any kind)."""
        items = (
            *self.plain,
            *(matcher for matcher, _ in self.counted),
            *(each for part in self.together for each in part),
        )
        lasting = (states[str(item.state)].starting_kinds for item in self.lasting)
        return frozenset[str]().union(*(matcher.kinds for matcher in items), *lasting)

    def begun(self, frame: Frame, prior: Mapping[str, Sequence[Answer]]) -> list[Begun]:
        """Every duty begun in a frame, in order, one for each person asked for and trigger."""
        found = self._found(frame, prior)
        begun = found if len(found) < 2 else self._choose(sorted(found, key=_in_order))
        return begun if self.which == "each" else [self._surely_chosen(each) for each in begun]

    def _found(self, frame: Frame, prior: Mapping[str, Sequence[Answer]]) -> list[Begun]:
        if len(self.plain) == 1 and not self.special:
            return self._by_entries(frame, self.plain[0])
        found: dict[tuple[str, str, int], Begun] = {}
        for matcher in self.plain:
            for each in self._by_entries(frame, matcher):
                _keep(found, each)
        for each in self._all(frame, prior) if self.special else ():
            _keep(found, each)
        return list(found.values())

    def _all(self, frame: Frame, prior: Mapping[str, Sequence[Answer]]) -> Iterable[Begun]:
        for matcher, counted in self.counted:
            yield from self._by_count(frame, matcher, counted)
        for matchers in self.together:
            yield from self._by_all(frame, matchers)
        for item in self.lasting:
            yield from self._by_state(frame, item)
        for standard, number in self.missed:
            missed = self._by_missed(frame, prior.get(standard, ()))
            yield from self._by_number(frame, missed, number) if number else missed

    def _choose(self, begun: list[Begun]) -> list[Begun]:
        if self.which == "each":
            return list(_with_previous(begun)) if self.previous else begun
        chosen: dict[str, Begun] = {}
        for each in begun if self.which == "last" else reversed(begun):
            if each.certain or each.asking.person not in chosen:
                chosen[each.asking.person] = each
        return sorted(chosen.values(), key=lambda each: each.asking.fired.lo)

    def _surely_chosen(self, begun: Begun) -> Begun:
        """The first (or last) trigger, in doubt where the sources could have left out one before (or after) it."""
        asking, frame = begun.asking, begun.asking.frame
        if not begun.certain or frame.coverage.total:
            return begun
        if self.which == "last":
            missing = asking.covered(self.kinds, frame.day(asking.fired.lo), frame.instant)
        elif frame.began is not None and asking.trigger is frame.entries[0]:
            return begun
        else:
            missing = asking.covered(self.kinds, frame.began, asking.fired.hi)
        return begun._replace(certain=False, reason="not carried", about=missing) if missing else begun

    # ---- for whom ----------------------------------------------------------------------------------------------

    def _by_entries(self, frame: Frame, matcher: Matcher) -> list[Begun]:
        """The duties begun by the entries that a matcher means."""
        asked, begun = self._already_asked(frame), list[Begun]()
        for entry in matcher.among(frame):
            would = asked.get(entry.source.key)
            for each in self._asked(frame, entry) if would is None else would:
                fits = matcher.fits_as_trigger(each.asking, entry)
                if fits is None and each.certain:
                    begun.append(Begun(each.asking, False, "not recorded", (entry.kind,)))
                elif fits is not False:
                    begun.append(each)
        return begun

    def _already_asked(self, frame: Frame) -> dict[str, list[Begun]]:
        """The duties that would begin with each entry, by its key, as far as they were worked out for any standard."""
        asked: dict[str, list[Begun]] | None = frame.askings.get(self.asked)
        if asked is None:
            asked = frame.askings[self.asked] = {}
        return asked

    def would_begin(self, frame: Frame, entry: Entry) -> Sequence[Begun]:
        """The duties that would begin with an entry if it fired, one for each person asked for."""
        would = self._already_asked(frame).get(entry.source.key)
        return self._asked(frame, entry) if would is None else would

    def surely_chosen(self, begun: Begun) -> Begun:
        """A first or last trigger as it stands, in doubt where the sources could have left out another."""
        return begun if self.which == "each" else self._surely_chosen(begun)

    def _asked(self, frame: Frame, entry: Entry) -> Sequence[Begun]:
        """The duties that would begin with an entry, worked out for all standards."""
        fired, role = Fired(entry, entry.lo, entry.hi), self.asked.role
        if role == "case":
            found = [Begun(Asking(frame, role, "", fired), True)]
        else:
            found = [
                Begun(Asking(frame, role, person, fired), doubt is None, *(doubt or ()))
                for person, doubt in self.persons(frame, entry)
            ]
        self._already_asked(frame)[entry.source.key] = found
        return found

    def persons(self, frame: Frame, entry: Entry) -> Iterable[tuple[str, Doubt]]:
        """Who gets an answer on account of an entry, each with what is in doubt about it."""
        role = self.asked.role
        if role == "reference":
            named = entry.data.get(self.asked.field) or entry.data.get(self.asked.paired)
            for value in dict.fromkeys(listed(named)):
                yield value, None
            return
        reached = self._reached(frame, entry, role)
        several = reached is None and entry.kind not in frame.words.kinds.case_level
        for person in frame.people.candidates(role) if reached is None else sorted(reached):
            if frame.sort in ("person", "officer") and person != frame.name:
                continue
            young: Told = True
            if role == "child":
                young = under_age(frame, person, entry)
            if young is not False:
                yield (
                    person,
                    ("several and no link", ())
                    if several
                    else (("not recorded", ("born",)) if young is None else None),
                )

    def _reached(self, frame: Frame, entry: Entry, role: str) -> frozenset[str] | None:
        if role == "officer":
            return frame.people.named(entry, "officer")
        if role == "anyone":
            return frozenset(entry.subjects)
        return frame.people.reached(entry, role)

    # ---- counts, several together, states, missed duties -------------------------------------------------------

    def _by_count(self, frame: Frame, matcher: Matcher, counted: Counted) -> Iterable[Begun]:
        yield from self._by_number(frame, self._by_entries(frame, matcher), counted)

    def _by_number(self, frame: Frame, begun: Iterable[Begun], counted: Counted) -> Iterable[Begun]:
        by_person: dict[str, list[Begun]] = {}
        for one in sorted(begun, key=lambda one: one.asking.fired.lo):
            by_person.setdefault(one.asking.person, []).append(one)
        for each in by_person.values():
            yield from self._reaching(frame, each, counted)

    def _reaching(self, frame: Frame, each: Sequence[Begun], counted: Counted) -> Iterable[Begun]:
        window: list[Begun] = []
        fired: Fired | None = None
        for begun in each:
            now = begun.asking.fired
            window = [old for old in window if self._inside(frame, old.asking.fired, now, counted)]
            if fired is not None and (not window or self._answered(begun.asking, fired)):
                fired = None
            window.append(begun)
            sure = sum(self._weight(frame, old.asking.trigger, counted) for old in window if old.certain)
            perhaps = sum(self._weight(frame, old.asking.trigger, counted) for old in window)
            if fired is None and perhaps >= counted.reaches:
                fired = now
                yield (begun if sure >= counted.reaches else begun._replace(certain=False, reason="not recorded"))

    def _inside(self, frame: Frame, old: Fired, new: Fired, counted: Counted) -> bool:
        if counted.within is None:
            return True
        until = frame.words.calendar.due(old.lo, counted.within.duration, frame.known_day)
        return until is None or new.lo <= until

    def _weight(self, frame: Frame, entry: Entry, counted: Counted) -> int:
        if counted.weigh is None:
            return 1
        return counted.weights.get(str(frame.field(entry, counted.weigh)), 1)

    def _answered(self, asking: Asking, last: Fired) -> bool:
        """Whether what was expected came between the last firing and this one."""
        for matcher in self.expected:
            for entry in matcher.among(asking.frame):
                if last.lo <= entry.lo <= asking.fired.lo and matcher.fits(asking, entry):
                    return True
        return False

    def _by_all(self, frame: Frame, matchers: Sequence[Matcher]) -> Iterable[Begun]:
        firsts: dict[str, dict[int, Begun]] = {}
        for number, matcher in enumerate(matchers):
            for begun in self._by_entries(frame, matcher):
                firsts.setdefault(begun.asking.person, {}).setdefault(number, begun)
        for parts in firsts.values():
            if len(parts) == len(matchers):
                last = max(parts.values(), key=lambda each: each.asking.fired.lo)
                doubtful = next((part for part in parts.values() if not part.certain), None)
                yield last if doubtful is None else last._replace(certain=False, reason=doubtful.reason)

    def _by_state(self, frame: Frame, item: Item) -> Iterable[Begun]:
        for person, intervals in frame.state(str(item.state)).items():
            for interval in intervals:
                if interval.key not in frame.place:
                    continue
                entry = frame.entries[frame.place[interval.key]]
                reached: int | None = interval.lo
                if item.lasts is not None:
                    reached = frame.words.calendar.due(interval.lo, item.lasts.duration, frame.known_day)
                if reached is not None and reached < interval.hi and reached <= frame.instant:
                    fired = Fired(entry, reached, reached)
                    for each in self._asked(frame, entry):
                        asked = each.asking.person
                        if asked in ("", person) or not person:
                            asking = Asking(frame, self.asked.role, asked, fired)
                            yield _perhaps_otherwise(each._replace(asking=asking), str(item.state), interval)

    def _by_missed(self, frame: Frame, answers: Sequence[Answer]) -> Iterable[Begun]:
        by_root = {frame.root(entry): entry for entry in frame.entries}
        for answer in answers:
            entry = by_root.get(answer.trigger)
            if entry is None or answer.due is None or answer.answer not in (NOT_MET, CANNOT_BE_TOLD):
                continue
            asking = Asking(frame, self.asked.role, answer.asked_for, Fired(entry, answer.due, answer.due, n=answer.n))
            yield Begun(asking, answer.answer == NOT_MET, answer.reason, answer.about)


def _in_order(begun: Begun) -> tuple[int, str]:
    _, key, instant = begun.asking.place
    return instant, key


def _keep(found: dict[tuple[str, str, int], Begun], begun: Begun) -> None:
    """One duty for each person and trigger; one that surely began stands before one in doubt."""
    place = begun.asking.place
    if place not in found or (begun.certain and not found[place].certain):
        found[place] = begun


def _perhaps_otherwise(begun: Begun, state: str, interval: Interval) -> Begun:
    """A state that lasted, in doubt where the sources may not hold what began it sooner, or what ended it before that."""
    frame = begun.asking.frame
    if frame.coverage.total or not begun.certain:
        return begun
    of = frame.words.states[state]
    missing = begun.asking.covered(of.ending_kinds, frame.day(interval.lo), begun.asking.fired.hi)
    if frame.began is None or begun.asking.trigger is not frame.entries[0]:
        missing += begun.asking.covered(of.starting_kinds, frame.began, interval.lo)
    return (
        begun._replace(certain=False, reason="not carried", about=tuple(dict.fromkeys(missing))) if missing else begun
    )


def _with_previous(begun: Iterable[Begun]) -> Iterable[Begun]:
    before: dict[str, Fired] = {}
    for each in begun:
        old = each.asking
        asking = Asking(old.frame, old.role, old.person, old.fired, before.get(old.person))
        before[old.person] = old.fired
        yield each._replace(asking=asking)


def under_age(frame: Frame, person: str, entry: Entry) -> Told:
    """Whether somebody is under 18 at an entry: what makes anybody a child."""
    return aged(frame.people, person, (frame.day(entry.lo), frame.day(entry.hi)), None, 18)
