"""A place in the order of danger, and a reason for one."""

from __future__ import annotations

from typing import NamedTuple

from everystone.standards.danger import Saying

#: The tiers, each sayable in words.
TONIGHT, LOSS, FIND_OUT, JUSTICE, RIGHTS, RECORD = range(6)
#: The same in words; the third is a lane of its own and never called danger.
LANES = (
    "Act tonight",
    "About to be lost for good",
    "Find out: no record says whether the child is safe",
    "The investigation",
    "Rights",
    "The record",
)

#: How sure a place is.
KNOWN, READ, NOT_KNOWN = "known", "inferred from the record", "not known"


class Placed(NamedTuple):
    """One person of one frame: in which tier, where in it (`order` sorts as text), and why in one sentence.

    `person` is "" where the record names nobody. `confidence` is one of: known, inferred from the record, not
    known. `step` is what can be done about it, `done_by` by whom.
    """

    person: str
    frame: str
    tier: int
    order: str
    because: str
    confidence: str
    team: str
    step: str = ""
    done_by: str = ""


class Left(NamedTuple):
    """What answers leave undone: as a `Saying`, but made of a case and not of a file."""

    because: str
    step: str
    by: str


class Reason(NamedTuple):
    """Why one person stands in a tier: by `until` it is lost (tier 1 only), `since` it has been so (seconds).

    `called`, `kinds` and `until` fill the sentence that `says` holds; a reason from answers has a sentence ready.
    `named` is the person believed to harm from whose reach it comes, "" where it comes from elsewhere.
    """

    person: str
    tier: int
    until: int
    since: int
    says: Saying | Left
    confidence: str
    called: str = ""
    kinds: tuple[str, ...] = ()
    named: str = ""
