"""Every standard of every frame of a range: what is surely met is proved for all at once, the rest the reference is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from everystone.findings.answer import Answer
from everystone.findings.bulk.once import Once
from everystone.findings.bulk.provable import Proof, Provable
from everystone.findings.bulk.rows import Mask, Numbers, Rows
from everystone.findings.reference import Question, Questions, ask, ask_one, fold
from everystone.ledger.case import Frame
from everystone.ledger.civil import day_at
from everystone.ledger.state import NEVER

Given = list[dict[str, list[Answer]]]


class Met(NamedTuple):
    """Duties of one standard that were proved met."""

    question: Question
    proof: Proof


def counted(met: Sequence[Met]) -> Iterator[tuple[tuple[str, str, str, str], int]]:
    """How many were met of each standard and version, by team and civil month of the due instant ("" where there is none)."""
    if not met:
        return
    rows = met[0].proof.duties.once.rows
    sizes = [len(each.proof.due) for each in met]
    frame, lo, due, version = (
        np.concatenate(columns)
        for columns in zip(*((one.duties.frame, one.duties.lo, one.due, one.version) for _, one in met), strict=True)
    )
    without = due >= NEVER
    team, names = rows.teams_at(frame, np.where(without, lo, due))
    days, day = np.unique(np.where(without, -1, rows.days(due)), return_inverse=True)
    said = ["" if place < 0 else f"{day_at(place):%Y-%m}" for place in days.tolist()]
    months, month = np.unique(said, return_inverse=True)
    shape = len(met), int(version.max()) + 1, len(names), len(months)
    together = np.ravel_multi_index((np.repeat(np.arange(len(met)), sizes), version, team, month[day]), shape)
    places, n = np.unique(together, return_counts=True)
    of = (places.tolist() for places in np.unravel_index(places, shape))
    for question, held, whose, when, count in zip(*of, n.tolist(), strict=True):
        standard = met[question].question
        yield (standard.id, standard.versions[held].name, names[whose], str(months[when])), count


class Answered(NamedTuple):
    """What some frames gave: of each the answers that the reference gave, in order; and what was proved met.

    `told` numbers duties by how they were answered: "proved" at once, "asked" of the reference one by one, and "apart",
    the frames that were left to it for a standard.
    """

    answers: list[list[Answer]]
    met: list[Met]
    told: Counter[str]
    place: Numbers  # of each frame in `met` its place in `answers`

    def by_standard(self) -> Counter[str]:
        """In how many of the frames each standard has an answer."""
        here: dict[str, set[int]] = {}
        for each in self.met:
            here.setdefault(each.question.id, set()).update(self.place[np.unique(each.proof.duties.frame)].tolist())
        for n, answers in enumerate(self.answers):
            for answer in answers:
                here.setdefault(answer.standard, set()).add(n)
        return Counter({name: len(frames) for name, frames in here.items()})


class Bulk:
    """All standards of a pack, made ready to be asked of many frames at once."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        states = questions.pack.words.states
        self.provable = {each.id: Provable(each, states) for each in questions.ordered if not each.rhythmic}

    def ask(self, frames: Sequence[Frame]) -> Answered:
        """Every answer about some frames of one sort, but for those that simply do not apply."""
        plain = [n for n, frame in enumerate(frames) if self._is_plain(frame)]
        asking = _Asking(self, [frames[n] for n in plain]) if plain else None
        here = dict(zip(plain, asking.answers() if asking else (), strict=True))
        answers = [here[n] if n in here else ask(frame, self.questions) for n, frame in enumerate(frames)]
        met, told = (asking.met, asking.told) if asking else ([], Counter[str]())
        return Answered(answers, met, told, np.array(plain, np.int64))

    def _is_plain(self, frame: Frame) -> bool:
        """Whether a frame can be asked beside others.

        Nothing found in a text stands beside it, what is held is held of every team alike, and teams follow each other.
        """
        if not frame.entries or frame.found or any(each.teams for each in frame.coverage.holdings or ()):
            return False
        return all(one[0] <= other[0] for one, other in pairwise(frame.teams))


class _Asking:
    """Some frames of one sort while they are asked."""

    def __init__(self, bulk: Bulk, frames: Sequence[Frame]) -> None:
        self.bulk, self.questions = bulk, bulk.questions
        self.once = Once(Rows(frames))
        self.given: Given = [{} for _ in frames]
        self.met: list[Met] = []
        self.told: Counter[str] = Counter()

    def answers(self) -> list[list[Answer]]:
        """Of each frame the answers that the reference gave; what was proved is kept in `met`."""
        frames = self.once.rows.frames
        for question in self.questions.ordered:
            if question.frame == frames[0].sort:
                self._ask(question)
        wanted, found = self.questions.wanted, []
        for frame, given in zip(frames, self.given, strict=True):
            frame.askings.clear()
            fold(self.questions, given)
            found.append([answer for name in sorted(given) if name in wanted for answer in given[name]])
        self.met = [each for each in self.met if each.question.id in wanted]
        return found

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
