"""What is still possible, asked today: whether a finding can be put right, soon no longer, no more, or has been."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.asking import Asking, Fired, Test
from everystone.findings.match import Matcher, test_of
from everystone.findings.trigger import asked_for
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.standards.grammar import Rhythm, StillPossible
from everystone.standards.item import Items, several
from everystone.standards.pack import Loaded, Pack

Status = Literal["open", "closing soon", "lost", "done"]
OPEN: Status = "open"
SOON: Status = "closing soon"
LOST: Status = "lost"
DONE: Status = "done"
STATUSES: tuple[Status, ...] = (SOON, OPEN, LOST, DONE)  # in the order in which they are told

NEAR = 14 * 86_400  # seconds before its end from which something is closing soon
LATE = "late by"


class Step(NamedTuple):
    """What one finding leaves to be done: how it stands, until when (seconds UTC, None: no end is known), who, what."""

    status: Status
    until: int | None
    says: StillPossible


class Still:
    """The still-possible of every standard of a pack, made ready once."""

    def __init__(self, pack: Pack) -> None:
        self.steps = {
            each.id: _Ready(each, each.standard.still_possible)
            for each in pack.finished if each.standard.still_possible is not None
        }  # fmt: skip

    def step(self, frame: Frame, answer: Answer) -> Step | None:
        """How it stands with one answer of a frame at the frame's instant; None where nothing failed or nothing is named."""
        ready = self.steps.get(answer.standard)
        return ready.step(frame, answer) if ready is not None and answer.answer == NOT_MET else None


class _Ready:
    def __init__(self, loaded: Loaded, says: StillPossible) -> None:
        self.says, self.role = says, asked_for(loaded.standard.asked_for).role
        body = loaded.versions[-1].body
        done = says.done if says.done is not None else body.beat if isinstance(body, Rhythm) else None
        self.done = _matchers(done)
        self.while_: Test | None = test_of(says.while_) if says.while_ is not None else None

    def step(self, frame: Frame, answer: Answer) -> Step:
        trigger = _entry(frame, answer.trigger)
        asking = Asking(frame, self.role, answer.asked_for, Fired(trigger, trigger.lo, trigger.hi)) if trigger else None
        until = self._until(frame, answer, trigger)
        return Step(self._status(frame, answer, asking, until), until, self.says)

    def _status(self, frame: Frame, answer: Answer, asking: Asking | None, until: int | None) -> Status:
        if answer.reason == LATE or (asking is not None and self._is_done(asking, answer)):
            return DONE
        if asking is not None and self.while_ is not None and self.while_(asking, asking.trigger) is False:
            return LOST
        if until is None:
            return OPEN
        return LOST if until < frame.instant else SOON if until - frame.instant <= NEAR else OPEN

    def _is_done(self, asking: Asking, answer: Answer) -> bool:
        since = answer.due if answer.due is not None else asking.fired.hi
        return any(
            entry.lo > since and matcher.fits(asking, entry) is True
            for matcher in self.done for entry in matcher.among(asking.frame)
        )  # fmt: skip

    def _until(self, frame: Frame, answer: Answer, trigger: Entry | None) -> int | None:
        """The end of what can be worked out; nothing is lost while its beginning is not known."""
        if self.says.within is None:
            return None
        from_trigger = self.says.counted_from == "trigger" or answer.due is None
        start = (trigger.hi if trigger else None) if from_trigger else answer.due
        if start is None:
            return None
        return frame.words.calendar.due(start, self.says.within.duration, frame.known_day)


def _matchers(items: Items | None) -> list[Matcher]:
    return [Matcher(item) for item in several(items) if item.kind is not None]


def _entry(frame: Frame, root: str) -> Entry | None:
    return next((entry for entry in frame.entries if entry.key == root or frame.root(entry) == root), None)


def concerned(frame: Frame, answer: Answer) -> Sequence[str]:
    """Whom an answer concerns: the one harmed it is about, else those harmed by the one it is about, else all of the frame."""
    people = frame.people
    asked = answer.asked_for or (frame.name if frame.sort == "person" else "")
    if asked in people.children:
        return [asked]
    return sorted(people.victims_of.get(asked, set())) or people.children or [asked]
