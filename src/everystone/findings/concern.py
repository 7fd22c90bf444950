"""What needs somebody until it is answered: tonight, before it is lost, or to be found out first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from everystone.findings.lasting import Lasts, Stretch
from everystone.findings.match import Matcher
from everystone.findings.placed import FIND_OUT, KNOWN, LOSS, NOT_KNOWN, TONIGHT, Reason
from everystone.findings.standing import Standing
from everystone.findings.told import Told
from everystone.ledger.entry import Entry
from everystone.standards.danger import Concern, DangerFile
from everystone.standards.item import several


class Needs(Lasts):
    """One concern of the file, made ready. What cannot be told of its beginning is found out first."""

    surely = False

    def __init__(self, said: Concern, tier: int) -> None:
        super().__init__(said, ever=said.answered == "ever")
        self.concern, self.tier = said, tier
        self.counted = [(Matcher(item), item.counted) for item in several(said.after) if item.counted]
        self.kinds |= frozenset(kind for matcher, _ in self.counted for kind in matcher.kinds)
        self.shows_in = said.shows_in or sorted({kind for _, matcher in self.ends for kind in matcher.kinds})

    def reasons(self, standing: Standing) -> Iterable[Reason]:
        """The reasons it gives in one case."""
        if not standing.has(self.kinds) or (self.concern.not_while_closed and standing.closed):
            return
        if self.concern.while_one_may_harm and self._nobody_is_left(standing):
            return
        for matcher in self.begins:
            for entry in self._entries(standing, matcher):
                for role, person, rows in self._asked(standing, entry):
                    stretch = self.stretch(standing, role, person, entry, matcher)
                    if stretch is not None:
                        yield from self._of(standing, stretch, rows)
        for matcher, counted in self.counted:
            yield from self._several(standing, matcher, counted.reaches)

    def _nobody_is_left(self, standing: Standing) -> bool:
        """Whether everybody who was named in this case is gone."""
        named = {name for names in standing.who.named for entry in names.entries(standing.frame)
                 if standing.stream(entry) == standing.home for name in names.persons(entry)}  # fmt: skip
        return bool(named) and named <= standing.gone

    def _entries(self, standing: Standing, matcher: Matcher) -> Sequence[Entry]:
        """The entries of this case that may begin it; others of the same people are their own case's concern."""
        entries = [entry for entry in matcher.among(standing.frame) if standing.stream(entry) == standing.home]
        if self.concern.which == "each":
            return entries
        last = {person: entry for entry in entries for person in self.named(entry)}
        return list({entry.key: entry for entry in last.values()}.values())

    # ---- whose concern it is -------------------------------------------------------------------------------------

    def _asked(self, standing: Standing, entry: Entry) -> Iterable[tuple[str, str, Sequence[str]]]:
        """Of whom it is asked (role and person), and on whose cards it stands."""
        named, row = self.named(entry), self.concern.row
        suspect = standing.frame.words.kinds.subject_role.get(entry.kind) == "suspect"
        if row == "subject":
            for person in named:
                yield "suspect" if suspect else "child", person, [person]
        elif row == "child or person named":
            rows = self._child_or_named(standing, named)
            if rows:
                yield "case", "", rows
        elif suspect:
            for person in named:
                yield "suspect", person, self._children_first(standing)
        else:
            for person in self._children_first(standing):
                if person in named or entry.kind in standing.frame.words.kinds.case_level or not named:
                    yield "child", person, [person]

    def _child_or_named(self, standing: Standing, named: Sequence[str]) -> Sequence[str]:
        harmed = [name for name in named if name in standing.harmed_here]
        if named and not harmed:
            return []
        return standing.may_be_children(harmed) or list(standing.named_here) or harmed or [""]

    def _children_first(self, standing: Standing) -> Sequence[str]:
        """Those harmed in this case: the children among them, else all of them, where it is not a question of safety."""
        children = standing.may_be_children(standing.harmed_here)
        return children if children or self.tier == FIND_OUT else list(standing.harmed_here)

    # ---- what it comes to ----------------------------------------------------------------------------------------

    def _is_past(self, standing: Standing, lo: int, hi: int) -> bool:
        """Whether its time has not come, or has run out and nothing is said beyond it."""
        if self.tier == LOSS:
            return not standing.soon(hi)
        return lo > standing.instant or (hi < standing.instant and self.concern.beyond is None)

    def _of(self, standing: Standing, stretch: Stretch, rows: Sequence[str]) -> Iterable[Reason]:
        if stretch.ended:
            return
        doubtful = stretch.ended is None or not stretch.sure
        missing = standing.not_held(self.shows_in, stretch.lo) if self.ends else ()
        for row in rows:
            yield from self._placed(standing, row, stretch, doubtful, missing)

    def _placed(
        self, standing: Standing, row: str, stretch: Stretch, doubtful: bool, missing: tuple[str, ...]
    ) -> Iterable[Reason]:
        says, since = self.concern.says, stretch.lo
        told = self._told_of(standing, row)
        if told is False:
            return
        if standing.instant > stretch.hi and self.concern.beyond is not None:
            yield Reason(row, FIND_OUT, 0, since, self.concern.beyond, NOT_KNOWN)
        elif self.tier == FIND_OUT:
            yield Reason(row, FIND_OUT, 0, since, says, NOT_KNOWN)
        elif missing:
            yield Reason(row, FIND_OUT, 0, since, standing.who.said.says.not_held, NOT_KNOWN, kinds=missing)
        elif told is None:
            unknown = standing.who.said.says.age_not_known
            yield Reason(row, FIND_OUT, 0, since, unknown, NOT_KNOWN, called=self.said.called)
        elif doubtful:
            yield Reason(row, FIND_OUT, 0, since, says, NOT_KNOWN)
        else:
            yield Reason(row, self.tier, stretch.hi if self.tier == LOSS else 0, since, says, KNOWN)

    def _told_of(self, standing: Standing, row: str) -> Told:
        """Whether it concerns somebody: a child, or one whose card it is for want of a child."""
        if row in standing.gone:
            return False
        if self.concern.row != "subject":
            return True
        child = standing.child(row)
        return True if child is None and self.concern.age_not_known == "as a child" else child

    def _several(self, standing: Standing, matcher: Matcher, reaches: int) -> Iterable[Reason]:
        """A number of entries that nobody has answered yet."""
        waiting: dict[str, list[Stretch]] = {}
        for entry in self._entries(standing, matcher):
            for role, person, _ in self._asked(standing, entry):
                stretch = self.stretch(standing, role, person, entry, matcher)
                if stretch is not None and not stretch.ended:
                    waiting.setdefault(person, []).append(stretch)
        for person, stretches in waiting.items():
            if len(stretches) >= reaches:
                yield from self._of(standing, stretches[0], [person])


class Concerns:
    """All concerns of a file, made ready, those for tonight first."""

    def __init__(self, said: DangerFile) -> None:
        lost = said.about_to_be_lost.each
        self.each = [
            *(Needs(concern, TONIGHT) for concern in said.tonight),
            *(Needs(concern, LOSS) for concern in lost),
            *(Needs(concern, FIND_OUT) for concern in said.find_out),
        ]

    def reasons(self, standing: Standing) -> Iterable[Reason]:
        """The reasons that all of them give in one case."""
        for needs in self.each:
            yield from needs.reasons(standing)
