"""Every standard of every frame of a range: what is surely met is proved for all at once, the rest the reference is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from everystone.findings.answer import Answer
from everystone.findings.bulk.once import Once
from everystone.findings.bulk.provable import Proof, Provable
from everystone.findings.bulk.rows import Mask, Rows
from everystone.findings.reference import Question, Questions, ask, ask_one, fold
from everystone.ledger.case import Frame

Given = list[dict[str, list[Answer]]]


class Met(NamedTuple):
    """Duties of one standard that were proved met."""

    question: Question
    proof: Proof


class Answered(NamedTuple):
    """What some frames gave: of each the answers that the reference gave, in order; and what was proved met.

    `told` numbers duties by how they were answered: "proved" at once, "asked" of the reference one by one, and "apart",
    the frames that were left to it for a standard.
    """

    frames: Sequence[Frame]
    answers: list[list[Answer]]
    met: list[Met]
    told: Counter[str]


class Bulk:
    """All standards of a pack, made ready to be asked of many frames at once."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        states = questions.pack.words.states
        self.provable = {each.id: Provable(each, states) for each in questions.ordered if not each.rhythmic}

    def ask(self, frames: Sequence[Frame]) -> Answered:
        """Every answer about some frames of one sort, but for those that simply do not apply."""
        found: list[list[Answer]] = [[] for _ in frames]
        plain = [n for n, frame in enumerate(frames) if self._is_plain(frame)]
        for n, frame in enumerate(frames):
            if not self._is_plain(frame):
                found[n] = ask(frame, self.questions)
        answered = _Asking(self, [frames[n] for n in plain]).answered() if plain else None
        if answered is None:
            return Answered(frames, found, [], Counter())
        for n, answers in zip(plain, answered.answers, strict=True):
            found[n] = answers
        return answered._replace(answers=found, frames=frames)

    def _is_plain(self, frame: Frame) -> bool:
        """Whether nothing found in a text stands beside a frame, and what is held is held of every team alike."""
        return bool(frame.entries) and not frame.found and not any(each.teams for each in frame.coverage.holdings or ())


class _Asking:
    """Some frames of one sort while they are asked."""

    def __init__(self, bulk: Bulk, frames: Sequence[Frame]) -> None:
        self.bulk, self.questions = bulk, bulk.questions
        self.once = Once(Rows(frames))
        self.given: Given = [{} for _ in frames]
        self.met: list[Met] = []
        self.told: Counter[str] = Counter()

    def answered(self) -> Answered:
        frames = self.once.rows.frames
        for question in self.questions.ordered:
            if question.frame == frames[0].sort:
                self._ask(question)
        wanted, answers = self.questions.wanted, []
        for frame, given in zip(frames, self.given, strict=True):
            frame.askings.clear()
            fold(self.questions, given)
            answers.append([answer for name in sorted(given) if name in wanted for answer in given[name]])
        self.met = [each for each in self.met if each.question.id in wanted]
        return Answered(frames, answers, self.met, self.told)

    def _ask(self, question: Question) -> None:
        rows = self.once.rows
        here = np.unique(rows.frame[rows.of(self.questions.waking_of(question))])
        if not len(here):
            return
        provable = self.bulk.provable.get(question.id)
        if provable is None:
            self._apart(question, here.tolist())
            return
        apart = provable.special(self.once, self.given)
        proofs = list(provable.proofs(self.once, apart))
        self._apart(question, [n for n in here.tolist() if apart[n]])
        for proof in proofs:
            self._take(provable, proof, apart)

    def _apart(self, question: Question, frames: Sequence[int]) -> None:
        """Ask the reference of whole frames."""
        for n in frames:
            answers = ask_one(self.once.rows.frames[n], question, self.given[n])
            if answers:
                self.given[n][question.id] = answers
        self.told["apart"] += len(frames)

    def _take(self, provable: Provable, proof: Proof, apart: Mask) -> None:
        """Take what was proved, and ask the reference of the rest."""
        here = ~apart[proof.duties.frame]
        met = here & proof.met
        name = provable.question.id
        rest = np.flatnonzero(here & ~proof.met).tolist()
        for n in rest:
            answers = provable.by_reference(proof, n)
            self.given[int(proof.duties.frame[n])].setdefault(name, []).extend(answers)
        if met.any():
            self.met.append(Met(provable.question, proof.only(met)))
        self.told["proved"] += int(met.sum())
        self.told["asked"] += len(rest)
