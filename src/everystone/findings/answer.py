"""An answer: one of five, with its reason, as data."""

from __future__ import annotations

import hashlib
from typing import Any, Literal, NamedTuple

Said = Literal["met", "not met", "not yet due", "does not apply", "cannot be told"]

MET: Said = "met"
NOT_MET: Said = "not met"
NOT_YET_DUE: Said = "not yet due"
DOES_NOT_APPLY: Said = "does not apply"
CANNOT_BE_TOLD: Said = "cannot be told"

EARLIER = "an earlier text of"  # with which case: what an answer is about whose text nearly copies another

#: From the worst to the least: what stands for a standard with several limbs, or a story with several answers.
WORST: tuple[Said, ...] = (NOT_MET, CANNOT_BE_TOLD, NOT_YET_DUE, MET, DOES_NOT_APPLY)

#: The columns of a written row, in order: those of `Answer`, and its key.
COLUMNS = (
    "standard", "version", "frame", "asked_for", "trigger", "n", "answer", "reason", "due", "evidence", "marks",
    "tier", "root", "team", "key", "about",
)  # fmt: skip


class Answer(NamedTuple):
    """One answer of one standard: the row that every evaluator returns.

    `version` is the day from which it held; `frame` is sort/name; `asked_for` the person or reference ("" for the
    frame itself); `trigger` the key at the root of its chain of corrections; `n` numbers the dues of a rhythm;
    `due` is seconds UTC or None; `evidence` are keys of entries; `about` says what the reason is about (kinds,
    fields, or a sentence of the standard); `root` is the key of the answer it is folded under. `key` is what it
    keeps through corrections and versions; it is worked out when asked for, as most answers are only counted.
    """

    standard: str
    version: str
    frame: str
    asked_for: str
    trigger: str
    n: int
    answer: Said
    reason: str = ""
    due: int | None = None
    evidence: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    tier: int | None = None
    root: str = ""
    team: str = ""
    about: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """16 hexadecimal digits of a SHA-256 over what is asked, of whom, on account of what, for the how-manieth time."""
        return key_of(self.standard, self.frame, self.asked_for, self.trigger, self.n)

    @property
    def row(self) -> dict[str, Any]:
        """The answer as it is written, by column."""
        return {name: getattr(self, name) for name in COLUMNS}


def key_of(standard: str, frame: str, asked_for: str, trigger: str, n: int) -> str:
    """What an answer keeps through corrections and versions: 16 hexadecimal digits of a SHA-256."""
    spoken = "\x1f".join((standard, frame, asked_for, trigger, str(n)))
    return hashlib.sha256(spoken.encode()).hexdigest()[:16]


def worst(answers: list[Answer]) -> Answer:
    """The worst of several answers (the earlier of equals)."""
    return min(answers, key=lambda each: WORST.index(each.answer))
