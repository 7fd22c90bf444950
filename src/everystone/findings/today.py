"""What today's version of a standard would have said of the same duty, beside what the version of that day says."""

from __future__ import annotations

from datetime import date

from everystone.findings.answer import Answer
from everystone.findings.explain import day_in_words, outcome
from everystone.findings.reference import Questions, ask
from everystone.ledger.case import Frame
from everystone.standards.pack import Pack


class Today:
    """Every standard of a pack in its latest version only, as if it had always held; asked once of each frame."""

    def __init__(self, pack: Pack) -> None:
        self.pack, self.questions = pack, Questions(pack)
        for question in self.questions.ordered:
            question.versions = question.versions[-1:]
            question.versions[0].since, question.versions[0].until = date.min, date.max

    def would_have_said(self, answer: Answer, frame: Frame) -> str:
        """A sentence, "" where the version that was asked is the latest."""
        latest = self.pack.standards[answer.standard].versions[-1].version
        if latest.since.isoformat() == answer.version or answer.reason == "not yet finished":
            return ""
        since = f"Today's version (since {day_in_words(latest.since)})"
        again = self._asked(frame).get((answer.standard, answer.asked_for, answer.trigger, answer.n))
        if again is None:
            return f"{since} would not have asked this."
        return f"{since} would have said: {outcome(again, self.pack, frame)}."

    def _asked(self, frame: Frame) -> dict[tuple[str, str, str, int], Answer]:
        if self not in frame.memo:
            frame.memo[self] = {
                (each.standard, each.asked_for, each.trigger, each.n): each for each in ask(frame, self.questions)
            }
        found: dict[tuple[str, str, str, int], Answer] = frame.memo[self]
        return found
