"""What needs attention first: the danger of a person, never of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from everystone.findings.answer import NOT_MET, Answer
from everystone.ledger.case import Frame
from everystone.standards.pack import Pack

TIER_OF = {"child-safety": 2, "justice": 3, "rights": 4, "record": 5}


class Placed(NamedTuple):
    """One person of one frame: in which tier, where in it (`order` sorts as text), and why in one sentence."""

    person: str
    frame: str
    tier: int
    order: str
    because: str
    confidence: str
    team: str


class Danger:
    """The order of danger as a pack declares it; without a declaration findings are ordered by what they threaten."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack

    def places(self, frame: Frame, answers: Sequence[Answer]) -> list[Placed]:
        """Where each person of a frame stands."""
        failed = [each for each in answers if each.answer == NOT_MET and not each.root]
        tiers = [TIER_OF[self.pack.standards[each.standard].standard.threatens] for each in failed]
        if not tiers:
            return []
        return [Placed("", f"{frame.sort}/{frame.name}", min(tiers), "", "", "", failed[0].team)]

    def tiered(self, answers: Sequence[Answer], placed: Sequence[Placed]) -> list[Answer]:
        """The answers with the tier of the person they are about, else of what they threaten."""
        return list(answers)
