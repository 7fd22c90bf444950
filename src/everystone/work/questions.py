"""The answers about a case as a page shows them: by the five answers, what went wrong at the root before what followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from everystone.findings import explain
from everystone.findings.answer import CANNOT_BE_TOLD, DOES_NOT_APPLY, MET, NOT_MET, NOT_YET_DUE, Answer
from everystone.findings.today import Today
from everystone.ledger.state import NEVER
from everystone.work.opened import Opened

THREATENED = ("child-safety", "justice", "rights", "record")
#: The five answers in the order in which a page shows them, and what each is called as a heading.
HEADINGS: Mapping[str, str] = {
    NOT_MET: "Not on the record as it should be",
    NOT_YET_DUE: "Not yet due",
    CANNOT_BE_TOLD: "Cannot be told from this record",
    MET: "On the record",
    DOES_NOT_APPLY: "Does not apply",
}


class Question(NamedTuple):
    """One answer in words: what was asked, of whom, how strongly it is put, on which entries it rests, what followed."""

    key: str
    title: str
    person: str
    said_as: str
    sentence: str
    due: int | None
    evidence: Sequence[str]
    today: str
    marks: str
    under: Sequence[Question]


def questions(opened: Opened, today: Today) -> dict[str, list[Question]]:
    """What was answered, by answer; consequences stand under their root."""
    answers = sorted(opened.all_answers, key=lambda each: _weight(each, today))
    roots = {each.key for each in answers if each.answer == NOT_MET and not each.root}
    return {
        said: [_question(each, opened, today, answers) for each in answers
               if each.answer == said and (each.root not in roots or said != NOT_MET)]
        for said in HEADINGS
    }  # fmt: skip


def _question(answer: Answer, opened: Opened, today: Today, answers: Sequence[Answer]) -> Question:
    pack, frame = today.pack, opened.frame_of(answer)
    under = [
        each for each in answers if answer.answer == NOT_MET and each.answer == NOT_MET and each.root == answer.key
    ]
    strength = explain.strength(answer, pack) if answer.answer == NOT_MET else ""
    unconfirmed = explain.unconfirmed(answer, pack) if answer.answer == NOT_MET else ""
    return Question(
        key=answer.key,
        title=pack.standards[answer.standard].standard.title,
        person=answer.asked_for or answer.frame.partition("person/")[2],
        said_as=f"{strength}, unconfirmed" if unconfirmed else strength,
        sentence=explain.sentence(answer, pack, frame),
        due=answer.due if answer.due is not None and 0 < answer.due < NEVER else None,
        evidence=answer.evidence,
        today=today.would_have_said(answer, frame) if answer.answer == NOT_MET else "",
        marks="; ".join(mark for mark in answer.marks if mark != "folded under"),
        under=[_question(each, opened, today, ()) for each in under],
    )


def _weight(answer: Answer, today: Today) -> tuple[int, int, str]:
    threatened = THREATENED.index(today.pack.standards[answer.standard].standard.threatens)
    return threatened, answer.due if answer.due is not None else NEVER, answer.standard


def next_due(answers: Iterable[Answer], most: int = 5) -> list[Answer]:
    """What comes next: the answers not yet due that have a day, the first of them first."""
    waiting = [each for each in answers if each.answer == NOT_YET_DUE and each.due is not None]
    return sorted(waiting, key=lambda each: (each.due or 0, each.standard))[:most]
