"""What needs attention first: the danger of a person, never of a rule. Here is the order of the tiers and no more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from everystone.findings.answer import DOES_NOT_APPLY, MET, NOT_MET, Answer
from everystone.findings.concern import Concerns
from everystone.findings.placed import JUSTICE, KNOWN, RECORD, RIGHTS, Left, Placed, Reason
from everystone.findings.precedence import FAR, Precedence
from everystone.findings.reach import Reach
from everystone.findings.standing import Standing, Who
from everystone.findings.wording import because, left_undone, three_sentences
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.standards.danger import DangerFile
from everystone.standards.pack import Pack

__all__ = ["Danger", "Placed", "foremost"]

#: The tier of what a standard's failing threatens. Where a pack says who is in danger, a failed standard alone never
#: puts anybody in the first three: what threatens a child's safety then stands with justice.
THREATENED = {"child-safety": JUSTICE, "justice": JUSTICE, "rights": RIGHTS, "record": RECORD}
WITHOUT_A_FILE = {"child-safety": 2, "justice": JUSTICE, "rights": RIGHTS, "record": RECORD}


class Danger:
    """The order of danger as a pack declares it; without a declaration cases stand by what is threatened, then due."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.rules = Rules(pack.danger, pack) if pack.danger is not None else None
        #: What of another case is heard in one that shares a person with it; nothing, where a pack says nothing.
        self.kinds = pack.danger.kinds | pack.words.kinds.describing if pack.danger is not None else frozenset[str]()

    def places(self, frame: Frame, answers: Sequence[Answer], elsewhere: Sequence[Entry] = ()) -> list[Placed]:
        """Where each person of a case stands: one row each, with the most urgent reason; the most urgent first.

        `answers` are those about the case and its people; consequences folded under a root count for nothing here.
        `elsewhere` are entries of other cases in which somebody of this one is named, of the kinds that are heard.
        """
        failed = [each for each in answers if each.answer == NOT_MET and not each.root]
        frame = frame.with_found()
        if self.rules is None:
            return self._by_what_is_threatened(frame, failed)
        if frame.sort != "case" or (not failed and self.rules.beginning.isdisjoint(frame.by_kind)):
            return []
        return self.rules.places(frame, failed, elsewhere)

    def tiered(self, answers: Sequence[Answer], placed: Sequence[Placed]) -> list[Answer]:
        """The answers with the tier of the person they are about, else of what they threaten.

        An answer about a whole case stands with its most urgent person; what is met, or does not apply, has no tier.
        """
        by_person = {each.person: each.tier for each in sorted(placed, key=lambda each: -each.tier)}
        by_frame = {each.frame: each.tier for each in sorted(placed, key=lambda each: -each.tier)}
        return [self._with_tier(answer, by_person, by_frame) for answer in answers]

    def three_sentences(
        self, frame: Frame, answers: Sequence[Answer], placed: Sequence[Placed]
    ) -> tuple[str, str, str]:
        """What may be unsafe, what went wrong at the root, what can still be done."""
        return three_sentences(self.pack, frame, answers, placed)

    def _with_tier(self, answer: Answer, by_person: Mapping[str, int], by_frame: Mapping[str, int]) -> Answer:
        if answer.answer in (MET, DOES_NOT_APPLY):
            return answer
        sort, _, name = answer.frame.partition("/")
        tier = by_person.get(answer.asked_for or (name if sort == "person" else ""))
        if tier is None and not answer.asked_for:
            tier = by_frame.get(answer.frame)
        if tier is None:
            order = THREATENED if self.rules else WITHOUT_A_FILE
            tier = order[self.pack.standards[answer.standard].standard.threatens]
        return answer._replace(tier=tier)

    def _by_what_is_threatened(self, frame: Frame, failed: Sequence[Answer]) -> list[Placed]:
        if not failed:
            return []
        by_tier = tiers_of(failed, self.pack, WITHOUT_A_FILE)
        tier = min(by_tier)
        due = oldest(by_tier[tier], frame)
        order = f"{tier}.{FAR + due:015d}.{frame.name}"
        said = left_undone(by_tier[tier], self.pack, frame.words)
        return [Placed("", f"{frame.sort}/{frame.name}", tier, order, said, KNOWN, by_tier[tier][0].team)]


def foremost(placed: Iterable[Placed]) -> list[Placed]:
    """One row for each person of many frames, the most urgent, in order; rows that name nobody stand each alone."""
    first: dict[str, Placed] = {}
    for each in sorted(placed, key=lambda each: (each.order, each.frame)):
        first.setdefault(each.person or each.frame, each)
    return list(first.values())


def tiers_of(failed: Sequence[Answer], pack: Pack, order: dict[str, int]) -> dict[int, list[Answer]]:
    """Answers by the tier of what they threaten, those due first at the head."""
    found: dict[int, list[Answer]] = {}
    for each in sorted(failed, key=lambda each: (each.due is None, each.due or 0, each.standard)):
        found.setdefault(order[pack.standards[each.standard].standard.threatens], []).append(each)
    return found


def oldest(failed: Sequence[Answer], frame: Frame) -> int:
    """The first instant at which one of them was due; now, where none says."""
    return min((each.due for each in failed if each.due is not None), default=frame.instant)


class Rules:
    """A pack's file of danger, made ready once, asked of one case after another."""

    def __init__(self, said: DangerFile, pack: Pack) -> None:
        self.pack, self.beginning = pack, said.beginning
        self.who, self.reach, self.concerns = Who(said, pack.words), Reach(said), Concerns(said)
        self.precedence = Precedence(said, pack.words)

    def places(self, frame: Frame, failed: Sequence[Answer], elsewhere: Sequence[Entry]) -> list[Placed]:
        """The rows of one case, the most urgent first."""
        standing = Standing(self.who, frame, elsewhere)
        reasons: dict[str, list[Reason]] = {}
        for reason in (*self.reach.reasons(standing), *self.concerns.reasons(standing)):
            reasons.setdefault(reason.person, []).append(reason)
        for reason in self._undone(standing, failed, reasons) if failed else ():
            reasons[reason.person] = [reason]
        team = frame.team_at(frame.instant) if reasons else ""
        placed = [self._placed(standing, each, team) for each in reasons.values()]
        return sorted(placed, key=lambda each: each.order)

    def _placed(self, standing: Standing, reasons: Sequence[Reason], team: str) -> Placed:
        """The row of one person: the most urgent reason, which has been so since the oldest of its tier."""
        tier = min(each.tier for each in reasons)
        urgent = [each for each in reasons if each.tier == tier]
        since = min(each.since for each in urgent)
        orders = [self.precedence.order(standing, each._replace(since=since)) for each in urgent]
        order = min(orders)
        reason = urgent[orders.index(order)]
        return Placed(
            person=reason.person,
            frame=standing.home,
            tier=tier,
            order=order,
            because=because(reason, standing.frame.words),
            confidence=reason.confidence,
            team=team,
            step=reason.says.step,
            done_by=reason.says.by,
        )

    # ---- what standards leave undone -------------------------------------------------------------------------------

    def _undone(self, standing: Standing, failed: Sequence[Answer], urgent: Mapping[str, object]) -> Iterable[Reason]:
        """A reason for everybody whom a failed standard concerns and nothing more urgent: what it threatens most."""
        people = standing.own.people
        cared_for = list(standing.harmed_here) or people.children or people.suspects or [""]
        asked_for = {answer.asked_for for answer in failed}
        mine: dict[str, list[Answer]] = {person: [] for person in cared_for if person not in urgent}
        concerned = {each: _concerned(standing, cared_for, each) for each in asked_for} if mine else {}
        for answer in failed if mine else ():
            for person in concerned[answer.asked_for]:
                if person in mine:
                    mine[person].append(answer)
        for person, answers in mine.items():
            if answers:
                yield self._left(standing, person, answers)

    def _left(self, standing: Standing, person: str, answers: Sequence[Answer]) -> Reason:
        """What somebody's failed standards leave: the tier of the most that is threatened, its oldest first."""
        by_tier = tiers_of(answers, self.pack, THREATENED)
        tier = min(by_tier)
        standard = self.pack.standards[by_tier[tier][0].standard].standard
        still = standard.still_possible
        says = Left(
            left_undone(by_tier[tier], self.pack, standing.frame.words),
            f"{still.what[:1].upper()}{still.what[1:]}." if still else "",
            still.by if still else standard.who_acts,
        )
        return Reason(person, tier, 0, oldest(by_tier[tier], standing.frame), says, KNOWN)


def _concerned(standing: Standing, cared_for: Sequence[str], asked_for: str) -> Iterable[str]:
    """On whose cards an answer stands: of the one harmed it is about, else of those harmed by them, else of all."""
    if asked_for in cared_for:
        return [asked_for]
    return standing.frame.people.victims_of.get(asked_for, set()) & set(cared_for) or cared_for
