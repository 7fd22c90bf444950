"""Every word of the bulk evaluator is proved: change one, and it says otherwise, or proves more or less than it should."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import everystone.findings.bulk
from everystone.findings.bulk.evaluator import Bulk
from everystone.findings.reference import Questions
from everystone.ledger.case import Frame
from everystone.standards.pack import Pack
from tests.conftest import PROOF
from tests.findings.bulk.drawn import Drawn
from tests.findings.bulk.equal import met_in
from tests.findings.bulk.test_equal import frames_told

HOME = Path(everystone.findings.bulk.__file__).parent
DRAWN = 60 if PROOF else 8  # cases for each standard


class Mutant(NamedTuple):
    """One change: in which file, what, into what."""

    file: str
    old: str
    new: str


MUTANTS = [
    Mutant("search", "lo // MINUTE >= first_lo // MINUTE", "lo // MINUTE > first_lo // MINUTE"),
    Mutant("search", "<= DAY + 3600", "<= DAY // 2"),
    Mutant("search", "& (hi <= here.due_lo)", "& (hi < here.due_lo)"),
    Mutant("search", "_ordered(lo, hi, here.lo, here.hi, same_day=at.same_day)", "_ordered(here.lo, here.hi, lo, hi, same_day=at.same_day)"),
    Mutant("search", " & (all_rows.known[row] <= here.recorded_by)", ""),
    Mutant("search", "self.every = bool(whole.all)", "self.every = False"),
    Mutant("search", "self.every = bool(whole.all)", "self.every = True"),
    Mutant("search", "np.minimum.at(first", "np.maximum.at(first"),
    Mutant("search", "found = np.full(len(duties), self.every)", "found = np.full(len(duties), True)"),
    Mutant("columns", "starts + duration.n * SECONDS_IN[duration.unit]", "starts + duration.n * SECONDS_IN[duration.unit] - 60"),
    Mutant("dues", "(first < lo) | ((first == lo) & (first < hi))", "first > lo"),
    Mutant("columns", "days * len(days_known)", "(days + 1) * len(days_known)"),
    Mutant("dues", "counted and limit.until is None", "counted"),
    Mutant("dues", " and not limit.stops", ""),
    Mutant("dues", "limit.from_trigger and ", ""),
    Mutant("columns", "np.array(found, np.int64)[at]", "np.array(found, np.int64)[at] + 86_400"),
    Mutant("rows", 'self.placed(frame, last), "right")', 'self.placed(frame, last), "left")'),
    Mutant("rows", 'np.searchsorted(self._starts, instants, "right") - 1', 'np.searchsorted(self._starts, instants, "right")'),
    Mutant("evaluator", "np.flatnonzero(here & ~proof.met)", "np.flatnonzero(here & proof.met)"),
    Mutant("proof", "told = np.full(len(duties), YES, np.int8)\n    for", "told = np.full(len(duties), NO, np.int8)\n    for"),
    Mutant("duties", "np.where(sure, YES, UNTOLD)", "np.where(sure, YES, YES)"),
    Mutant("duties", "begun.told == YES)", "begun.told >= UNTOLD)"),
    Mutant("duties", "np.minimum(begun.told, told)", "begun.told"),
    Mutant("duties", "(place[1:] == place[:-1]) & (row[1:] != row[:-1])", "place[1:] < place[:-1]"),
    Mutant("once", "return UNTOLD if told is None else", "return NO if told is None else"),
    Mutant("once", "return UNTOLD if told is None else", "return YES if told is None else"),
    Mutant("once", "places = np.empty(len(rows), np.int8), (people * len(entries) + rows).tolist()", "places = np.empty(len(rows), np.int8), rows.tolist()"),
    Mutant("provable", "& (duties.hi >= since)\n", "& (duties.hi > since + 10**9)\n"),
    Mutant("provable", "found[(duties.lo >= since) & (duties.hi <= until)] = n", "found[(duties.hi >= since) & (duties.lo <= until)] = n"),
    Mutant("provable", "left = left[told == NO]", "left = left[told != YES]"),
    Mutant("provable", "left[told == YES]", "left[told != NO]"),
    Mutant("provable", "(version == n) & duties.certain &", "(version == n) &"),
    Mutant("provable", " > 1\n        if begins.which", " > 10**6\n        if begins.which"),
    Mutant("provable", "found[once.rows.frame[once.rows.of(begins.special)]] = True", "pass"),
    Mutant("provable", "version = np.where(version == begins.number, version, NONE)", "pass"),
    Mutant("proof", "told_of_triggers(self.require, duties) == YES", "told_of_triggers(self.require, duties) != NO"),
    Mutant("proof", "met[first] = self.then.of(duties.only(first))", "pass"),
    Mutant("proof", "met: Mask = told == NO", "met: Mask = told != YES"),
    Mutant("proof", "not self.already, self.same_day, since", "True, self.same_day, since"),
    Mutant("proof", "not self.already, self.same_day, since", "not self.already, True, since"),
    Mutant("resting", "return max(where, by, *", "return max(by, *"),
    Mutant("resting", '_WORDS.get(word, Rests.TRIGGER)', "_WORDS.get(word, Rests.ASKED)"),
    Mutant("resting", "Rests.TRIGGER if as_trigger and _of_others(value) else", "Rests.ASKED if as_trigger and _of_others(value) else"),
    Mutant("resting", 'return Rests.TRIGGER if "trigger" in', 'return Rests.ENTRY if "trigger" in'),
    Mutant("columns", "np.where(last <= least, YES", "np.where(last < least, YES"),
    Mutant("columns", "first > most, NO, UNTOLD", "first > most, YES, YES"),
    Mutant("columns", "rows.is_of(kinds, these), YES, NO", "rows.is_of(kinds, these), NO, YES"),
    Mutant("once", "return YES - ask(", "return ask("),
    Mutant("once", 'if part.how == "any" else (NO', 'if part.how == "all" else (NO'),
    Mutant("once", "todo = np.flatnonzero(told != settled)", "todo = np.flatnonzero(told == settled)"),
    Mutant("once", "kinds.case_level, rows)", "kinds.case_level | {*self.rows._codes}, rows)"),
    Mutant("evaluator", "any(each.teams for each in frame.coverage.holdings or ())", "False"),
]  # fmt: skip
#: Noticed soon, and each by another file.
IN_TEST = [each for each in MUTANTS if each.new in {
    "lo // MINUTE > first_lo // MINUTE", "self.every = False", "starts + duration.n * SECONDS_IN[duration.unit] - 60", "begun.told",
    "told_of_triggers(self.require, duties) != NO",
}]  # fmt: skip


class Batch(NamedTuple):
    """Frames asked together, and what the evaluator itself says of them."""

    questions: Questions
    frames: list[Frame]
    said: object

    @classmethod
    def of(cls, questions: Questions, frames: list[Frame]) -> Batch:
        return cls(questions, frames, said_by(Bulk(questions), frames))


def said_by(bulk: Any, frames: list[Frame]) -> object:
    """What an evaluator says of frames: every answer, and how it came by them."""
    found = []
    for sort in sorted({frame.sort for frame in frames}):
        ours = [frame for frame in frames if frame.sort == sort]
        answered = bulk.ask(ours)
        found.append((answered.answers, [sorted(each) for each in met_in(answered, len(ours))], answered.told))
    return found


@pytest.fixture(scope="module")
def batches(pack: Pack) -> list[Batch]:
    """Cases drawn around every standard, and all stories."""
    drawn = [Batch.of(Questions(pack, [each.id]), Drawn(each, pack, 7).frames(DRAWN)) for each in pack.finished]
    return [*drawn, Batch.of(Questions(pack), frames_told(pack))] if PROOF else drawn


def mutated(mutant: Mutant, folder: Path, number: int) -> Any:
    """The bulk evaluator with one thing changed, as a package of its own."""
    name = f"bulk_mutant_{number}"
    shutil.copytree(HOME, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in (folder / name).glob("*.py"):
        text = path.read_text(encoding="utf-8").replace("everystone.findings.bulk", name)
        if path.stem == mutant.file:
            assert mutant.old in text, f"{mutant} changes nothing"
            text = text.replace(mutant.old, mutant.new)
        path.write_text(text, encoding="utf-8")
    return importlib.import_module(f"{name}.evaluator")


def noticed(evaluator: Any, batches: list[Batch]) -> bool:
    """Whether it says anything else, proves more or less, or stops."""
    for batch in batches:
        try:
            if said_by(evaluator.Bulk(batch.questions), batch.frames) != batch.said:
                return True
        except Exception:
            return True
    return False


@pytest.mark.parametrize("mutant", IN_TEST, ids=lambda each: f"{each.file}: {each.old[:40]}")
def test_a_changed_evaluator_is_noticed(
    mutant: Mutant, batches: list[Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    assert noticed(mutated(mutant, tmp_path, MUTANTS.index(mutant)), batches)


@pytest.mark.proof
def test_every_changed_evaluator_is_noticed(
    batches: list[Batch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    unnoticed = [each for n, each in enumerate(MUTANTS, 1_000) if not noticed(mutated(each, tmp_path, n), batches)]
    assert len(MUTANTS) >= 40
    assert unnoticed == []
