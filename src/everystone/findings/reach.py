"""Who is in reach of a person believed to harm, and what protects: by what a pack's file says of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.findings.lasting import Lasts, Stretch
from everystone.findings.match import Matcher, test_of
from everystone.findings.placed import FIND_OUT, KNOWN, LOSS, NOT_KNOWN, READ, TONIGHT, Reason
from everystone.findings.standing import Names, Standing, about
from everystone.findings.told import Told
from everystone.ledger.entry import Entry
from everystone.ledger.state import NEVER
from everystone.standards.danger import DangerFile, Keeping, Protecting, Saying, Statement


class Said(NamedTuple):
    """What the record says of one person's reach: whether (None: not known), since when, whom, and how it shows."""

    reaches: Told
    since: int
    named: frozenset[str]
    others: bool
    inferred: bool


NAMED = "named as within reach"
NOTHING_SAID = Said(None, 0, frozenset(), False, False)


class Shield(NamedTuple):
    """What keeps a person from one child: until when (None: nothing does), what it is, what of it is not known."""

    until: int | None
    called: str
    lost: bool
    doubtful: str


class Says:
    """One sort of entry that says whether somebody can reach children, made ready."""

    def __init__(self, said: Statement) -> None:
        self.said, self.names = said, Names(said)
        self.yes = test_of(said.yes) if said.yes else None
        self.no = test_of(said.no) if said.no else None
        self.others = test_of(said.others) if said.others else None

    def of(self, standing: Standing, person: str) -> Iterable[tuple[Entry, Says]]:
        """The entries that speak of one person."""
        for entry in self.names.entries(standing.frame):
            if person in self.names.persons(entry):
                yield entry, self

    def after(self, standing: Standing, entry: Entry, person: str, before: Said) -> Said:
        """What stands once this entry has spoken, and not before."""
        asking = about(standing.frame, entry)
        yes: Told = self.yes(asking, entry) if self.yes else True
        if yes:
            return self._yes(standing, entry, person, before)
        no: Told = self.no(asking, entry) if self.no else False
        if no:
            return Said(False, 0, frozenset(), False, False)
        untold = (yes is None or no is None) and before.reaches is False
        return before._replace(reaches=None, since=entry.lo) if untold else before

    def _yes(self, standing: Standing, entry: Entry, person: str, before: Said) -> Said:
        listed = self._listed(entry)
        others: Told = self.others(about(standing.frame, entry), entry) if self.others else None
        if not listed and not others:
            listed = None
        named = set(_around(standing, person) if listed is None else listed)
        here = standing.stream(entry) == standing.home
        unnamed = here and bool(others)
        if listed is None or not self.said.nobody_else:
            named |= before.named
            unnamed = unnamed or (before.others and others is None)
            unnamed = unnamed or (here and listed is None and not standing.may_be_children(named))
        since = before.since if before.reaches else entry.lo
        return Said(True, since, frozenset(named), unnamed, self.said.inferred)

    def _listed(self, entry: Entry) -> Sequence[str] | None:
        """The children that the entry itself names; None where it says nothing of which."""
        if self.said.children == "harmed":
            return None
        if self.said.children == "subject":
            return entry.subjects
        named = entry.data.get(self.said.children)
        return None if named is None else [str(each) for each in named]


def _around(standing: Standing, person: str) -> Sequence[str]:
    """Those harmed in the cases of a person, and the other children who are named there."""
    found = standing.around.get(person)
    if found is None:
        found = standing.around[person] = list(dict.fromkeys(_in_cases_of(standing, person)))
    return found


def _in_cases_of(standing: Standing, person: str) -> Iterable[str]:
    cases = {case for case, people in standing.named.items() if person in people}
    for case in cases:
        yield from standing.harmed.get(case, ())
    for names in standing.who.around:
        for entry in names.entries(standing.frame):
            if standing.stream(entry) in cases:
                yield from names.persons(entry)


class Keeps(Lasts):
    """Something that keeps a person from reaching others, made ready."""

    def __init__(self, said: Keeping) -> None:
        super().__init__(said)
        self.lost = said.lost
        self.protecting = said if isinstance(said, Protecting) else None
        where = self.protecting.where if self.protecting else None
        self.where = test_of(where) if where else None
        self.restated = [Matcher(item) for item in self.protecting.restated_by] if self.protecting else []

    @property
    def of_child(self) -> bool:
        """Whether it is the child's own, and not of the person named."""
        return self.protecting is not None and self.protecting.of == "the child"

    def covers(self, standing: Standing, stretch: Stretch, person: str, child: str | None) -> Told:
        """Whether it keeps a person from a child (None: children whom nobody named)."""
        said = self.protecting
        if said is None:
            return True
        if said.covers == "the harmed" and child not in standing.harmed.get(standing.stream(stretch.entry), ()):
            return False
        only = stretch.entry.data.get(said.only) if said.only else None
        if only and (person if self.of_child else child) not in only:
            return False
        return True if self.where is None else self._stated(standing, stretch.entry, person)

    def _stated(self, standing: Standing, entry: Entry, person: str) -> Told:
        """Its condition, on the entry or on the last that restated it; unless restated, not recorded is not so."""
        assert self.where is not None  # noqa: S101 - asked only where there is one
        asking = about(standing.frame, entry, "suspect", person)
        told: Told = self.where(asking, entry) is True
        for matcher in self.restated:
            for found in matcher.among(standing.frame) if standing.has(matcher.kinds) else ():
                if told is not False and found.lo >= entry.lo and matcher.fits(asking, found):
                    told = self.where(asking, found)
        return told


class Reach:
    """All that a file says of reach and protection, made ready once."""

    def __init__(self, said: DangerFile) -> None:
        self.said = said
        self.says = [Says(each) for each in said.in_reach.said_by]
        self.away = [Keeps(each) for each in said.out_of_reach]
        self.where_not_known = [Lasts(each) for each in said.where_not_known]
        protects = [Keeps(each) for each in said.protects]
        self.holding = [*self.away, *(each for each in protects if not each.of_child)]
        self.sheltering = [each for each in protects if each.of_child]

    def reasons(self, standing: Standing) -> Iterable[Reason]:
        """Why somebody stands in one of the first three tiers on account of reach."""
        for person, (sure, since) in standing.named_here.items():
            said = self._said(standing, person)
            if said.reaches is not False:
                yield from self._of_one(standing, person, sure, since, said)

    def _said(self, standing: Standing, person: str) -> Said:
        place = standing.frame.place
        spoken = [each for says in self.says for each in says.of(standing, person)]
        said = NOTHING_SAID
        for entry, says in sorted(spoken, key=lambda each: place[each[0].key]) if len(spoken) > 1 else spoken:
            said = says.after(standing, entry, person, said)
        return said

    def _of_one(self, standing: Standing, person: str, sure: Told, since: int, said: Said) -> Iterable[Reason]:
        children: list[str | None] = []
        if said.reaches:
            children = [*standing.may_be_children(sorted(said.named)), *([None] if said.others else [])]
        else:
            children = [*standing.may_be_children(_around(standing, person))] or [None]
        holding = [(keeps, stretch) for keeps in self.holding for stretch in keeps.of(standing, "suspect", person)]
        for child in children:
            shield = self._shield(standing, holding, person, child)
            reason = self._reason(standing, person, child, shield, sure, since, said)
            if reason is not None:
                yield reason._replace(named=person)

    def _shield(
        self, standing: Standing, holding: list[tuple[Keeps, Stretch]], person: str, child: str | None
    ) -> Shield:
        own = (
            [(keeps, stretch) for keeps in self.sheltering for stretch in keeps.of(standing, "child", child)]
            if child
            else []
        )
        best, doubtful = Shield(None, "", False, ""), ""
        for keeps, stretch in (*holding, *own):
            runs = stretch.runs(standing.instant)
            covers = keeps.covers(standing, stretch, person, child) if runs is not False else False
            if runs and covers:
                until = stretch.hi if keeps.lost else NEVER
                if best.until is None or until > best.until:
                    best = Shield(until, keeps.said.called, keeps.lost, "")
            elif runs is not False and covers is not False:
                doubtful = doubtful or keeps.said.called
        return best._replace(doubtful=doubtful)

    def _reason(
        self,
        standing: Standing,
        person: str,
        child: str | None,
        shield: Shield,
        sure: Told,
        since: int,
        said: Said,
    ) -> Reason | None:
        row, says = child or person, self.said.says
        if shield.until is not None and not (shield.lost and standing.soon(shield.until)):
            return None
        if not said.reaches:
            return _find_out(row, says.reach_not_known, since)
        doubt = self._doubt(standing, person, child, shield, sure)
        if doubt is not None:
            return _find_out(row, doubt, since, called=shield.doubtful or NAMED)
        if shield.until is not None:
            return Reason(row, LOSS, shield.until, said.since, says.protection_ends, KNOWN, called=shield.called)
        missing = standing.not_held(self.said.protection_shows_in)
        if missing:
            return _find_out(row, says.not_held, since, kinds=missing)
        inferred = said.inferred or child is None or standing.closed or standing.said_to_be_child(child)
        return Reason(row, TONIGHT, 0, said.since, says.named if child else says.unnamed, READ if inferred else KNOWN)

    def _doubt(self, standing: Standing, person: str, child: str | None, shield: Shield, sure: Told) -> Saying | None:
        """The first fact that is not known and that might lower the danger."""
        says = self.said.says
        if shield.doubtful:
            return says.end_not_known
        if any(stretch.runs(standing.instant) is not False
               for lasts in self.where_not_known for stretch in lasts.of(standing, "suspect", person)):  # fmt: skip
            return says.where_not_known
        if child is not None and standing.child(child) is None:
            return says.age_not_known
        return says.harm_not_known if sure is None else None


def _find_out(row: str, says: Saying, since: int, called: str = "", kinds: tuple[str, ...] = ()) -> Reason:
    return Reason(row, FIND_OUT, 0, since, says, NOT_KNOWN, called=called, kinds=kinds)
