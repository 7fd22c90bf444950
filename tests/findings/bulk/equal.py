"""Both evaluators side by side, answer by answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from everystone.findings.answer import MET, Answer
from everystone.findings.bulk.evaluator import Answered, Bulk
from everystone.findings.reference import Questions, ask
from everystone.ledger.case import Frame
from everystone.ledger.state import NEVER


def otherwise(frames: Sequence[Frame], questions: Questions, bulk: Any = None) -> list[str]:
    """In which frames the two say something else, in words; the frames are asked in one batch of each sort."""
    said = []
    for sort in sorted({frame.sort for frame in frames}):
        ours = [frame for frame in frames if frame.sort == sort]
        answered = (bulk or Bulk(questions)).ask(ours)
        met = list(met_in(answered, len(ours)))
        for frame, answers, proved in zip(ours, answered.answers, met, strict=True):
            said += differing(frame, ask(frame, questions), answers, proved)
    return said


def differing(frame: Frame, asked: Sequence[Answer], answers: Sequence[Answer], proved: Iterable[Any]) -> list[str]:
    """What the reference says of a frame and the bulk evaluator does not, or the reverse.

    What is met is compared as it is counted, the rest whole and in order.
    """
    wanted, got = sorted(map(_counted, _met(asked))), sorted([*map(_counted, _met(answers)), *proved])
    said = [f"{frame.whole_name}: met, {each}" for each in {*wanted} ^ {*got}] if wanted != got else []
    if wanted != got and not said:
        said.append(f"{frame.whole_name}: met, but not as often")
    rest, ours = ([each for each in some if each.answer != MET] for some in (asked, answers))
    return said if rest == ours else [*said, f"{frame.whole_name}: {rest} against {ours}"]


def _met(answers: Iterable[Answer]) -> list[Answer]:
    return [each for each in answers if each.answer == MET]


def _counted(each: Answer) -> tuple[Any, ...]:
    return each.standard, each.version, each.asked_for, each.trigger, each.n, each.due or -1, each.team


def met_in(answered: Answered, frames: int) -> Iterator[list[tuple[Any, ...]]]:
    """Of each frame what was proved met."""
    found: list[list[tuple[Any, ...]]] = [[] for _ in range(frames)]
    for question, proof in answered.met:
        duties = proof.duties
        rows, names = duties.once.rows, duties.whose.names
        for n, (row, frame, due) in enumerate(zip(duties.row, duties.frame, proof.due.tolist(), strict=True)):
            seen = rows.frames[frame]
            at = int(duties.lo[n]) if due >= NEVER else due
            found[answered.place[frame]].append((
                question.id, question.versions[proof.version[n]].name, names[duties.person[n]], seen.root(rows.entries[row]), 0,
                -1 if due >= NEVER else due, seen.team_at(at),
            ))  # fmt: skip
    yield from found
