"""The same questions from Python: read an extract, ask one case, review them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings import explain
from everystone.findings import review as whole
from everystone.findings.answer import Answer
from everystone.findings.danger import Danger, Placed
from everystone.findings.frames import Instants, case_frame, person_frames
from everystone.findings.possibly import Passage, Possibly, Proposal
from everystone.findings.reference import Questions, unfinished
from everystone.findings.reference import ask as asked
from everystone.intake.accepted import take_accepted
from everystone.intake.documents import pages_of
from everystone.intake.reconciliation.claims import claims_in, claims_listed
from everystone.intake.reconciliation.lists import asked_by, day_of, read_list
from everystone.intake.reconciliation.outcomes import Held, Reconciled
from everystone.intake.reconciliation.outcomes import reconcile as laid_beside
from everystone.intake.take import Taken, take
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED, Pack, load

if TYPE_CHECKING:
    from everystone.account.putright import Line


@dataclass(frozen=True)
class Extract:
    """An extract that has been read: the ledger it became, the packs it is read with, what was taken."""

    ledger: ParquetBook
    pack: Pack
    taken: Taken

    def instants(self, as_at: str, known_on: str | None = None) -> Instants:
        """As at when and known on when (dates or local instants; a bare date is the end of that day).

        Neither reaches past the end of what the sources hold: later instants are cut to it.
        """
        calendar = self.pack.words.calendar
        end = calendar.span(self.taken.as_of)[1] if self.taken.as_of else None
        at = calendar.span(as_at)[1]
        known = calendar.span(known_on)[1] if known_on else at
        if end is not None:
            at, known = min(at, end), min(known, end)
        return Instants(at, known, self.ledger.coverage())


@dataclass(frozen=True)
class CaseAnswers:
    """All that is answered about one case: frames by name, answers, and where each person stands."""

    pack: Pack
    questions: Questions
    frames: dict[str, Frame]
    answers: list[Answer]
    placed: list[Placed]
    possible: list[Proposal] = field(default_factory=list)

    def possibly(self, answer: Answer) -> list[str]:
        """Where in the texts what an answer misses may be written."""
        return [each.says(self.pack.words, quoted=True) for each in self.possible if each.finding == answer.key]

    def sentence(self, answer: Answer) -> str:
        """One answer in words."""
        return explain.sentence(answer, self.pack, self.frames[answer.frame])

    def rows(self) -> list[dict[str, Any]]:
        """One mapping an answer: the columns of findings.parquet, and `sentence`."""
        local = self.pack.words.calendar.local
        return [
            {**answer._asdict(), "due": local(answer.due).isoformat() if answer.due is not None else None,
             "sentence": self.sentence(answer), "possibly": self.possibly(answer)}
            for answer in self.answers
        ]  # fmt: skip

    def to_arrow(self) -> pa.Table:
        """The answers as an Arrow table."""
        return pa.Table.from_pylist(self.rows())


@dataclass(frozen=True)
class Reviewed:
    """A review that was written: its folder and how much was asked."""

    folder: Path
    frames: int
    findings: int

    def to_arrow(self) -> pa.Table:
        """findings.parquet as an Arrow table."""
        return pq.read_table(self.folder / "findings.parquet")

    def to_pandas(self) -> Any:
        """findings.parquet as a pandas frame (needs the extra `notebook`)."""
        return self.to_arrow().to_pandas()


def read(
    extracts: Sequence[str | Path], mapping: str | Path, folder: str | Path, packs: Sequence[str] = (SHIPPED,),
    progress: Callable[[str, float], None] | None = None, accepted: str | Path | None = None,
) -> Extract:  # fmt: skip
    """Take an extract into a ledger in `folder` by way of a mapping file; with it what a file of acceptances found in texts.

    Raises Fault for unusable input.
    """
    pack = load(packs)
    ledger = Path(folder)
    taken = take([Path(each) for each in extracts], Path(mapping), pack, ledger, progress)
    book = whole.open_book(ledger, pack)
    if accepted is not None:
        take_accepted(Path(accepted), book, pack.words)
    return Extract(book, pack, taken)


def ask(
    extract: Extract, case: str, as_at: str, known_on: str | None = None, documents: str | Path | None = None
) -> CaseAnswers:
    """Every answer about one case and about the people in it, *met* included. Raises Fault for an unknown case.

    Beside them stand the places in its notes, and in `documents`, where what they miss may be written.
    """
    when, pack = extract.instants(as_at, known_on), extract.pack
    entries = extract.ledger.read(f"case/{case}")
    if not entries:
        raise Fault(f"No case {case!r} stands in this extract. Check the reference as the mapping makes it.")
    facts = whole.facts_from(extract.ledger, pack, when)
    questions = Questions(pack)
    here = case_frame(case, entries, pack.words, when, facts)
    elsewhere = extract.ledger.naming(sorted({name for entry in entries for name in entry.subjects}))
    frames = [here, *person_frames(_once([*entries, *elsewhere]), pack.words, when, facts,
                                   lambda name: name in here.people.by_name and name not in facts.entries)]  # fmt: skip
    answers = [answer for frame in frames for answer in asked(frame, questions)]
    danger = Danger(pack)
    placed = danger.places(here, answers)
    answers = [*danger.tiered(answers, placed), *unfinished(here, questions)]
    possible = proposals(pack, here, entries, answers, documents)
    return CaseAnswers(
        pack, questions, {f"{each.sort}/{each.name}": each for each in frames}, answers, placed, possible
    )


def _once(entries: Sequence[Any]) -> list[Any]:
    return list({entry.key: entry for entry in entries}.values())


def review(
    extract: Extract, as_at: str, out: str | Path, known_on: str | None = None, processes: int = 2,
    progress: Callable[[float], None] | None = None,
) -> Reviewed:  # fmt: skip
    """Ask every standard of every frame; findings.parquet, counts.parquet and danger.parquet are written to `out`."""
    when = extract.instants(as_at, known_on)
    folder = Path(out)
    done = whole.review(extract.ledger.folder, extract.pack, when, folder, processes=processes, progress=progress)
    return Reviewed(folder, done.frames, done.findings)


def reconcile(
    claims: Extract | str | Path, listed: str | Path, body: str, by: str = "reference,person,date", *,
    kept_from: str = "", kept_to: str = "", packs: Sequence[str] = (SHIPPED,),
) -> Reconciled:  # fmt: skip
    """Lay another body's list beside what the record claims of it; `to_arrow()` holds what everybody may read.

    `claims` is an extract that has been read, or a plain list of claims (any table with the columns of `by`). `kept_from`
    and `kept_to` are the days between which the list was kept; without them its first and last entries say so.
    Raises Fault for a body or a fact not known, or a file that cannot be used.
    """
    pack = claims.pack if isinstance(claims, Extract) else load(packs)
    if pack.bodies is None:
        raise Fault("These packs name no other body. Add a file `bodies.yaml` to the pack.")
    of, facts = pack.bodies.named(body), asked_by(by)
    rows = read_list(Path(listed), facts, pack.bodies, body)
    if isinstance(claims, Extract):
        claimed, coverage = claims_in(claims.ledger, pack.words, pack.bodies, body), claims.ledger.coverage()
    else:
        claimed, coverage = (
            claims_listed(read_list(Path(claims), dict.fromkeys(facts, ""), pack.bodies, body), of),
            None,
        )
    held = Held(_day(kept_from), _day(kept_to)) if kept_from or kept_to else None
    return laid_beside(claimed, rows, of, by=tuple(facts), held=held, coverage=coverage)


def proposals(
    pack: Pack, frame: Frame, entries: Sequence[Entry], answers: Sequence[Answer], documents: str | Path | None = None
) -> list[Proposal]:
    """Where in a case's notes (and in its documents, by page) what its answers miss may be written. Nothing is changed."""
    pages = list[Passage]()
    if documents is not None:
        pages = [Passage(name, page, "", text) for name, page, text in pages_of(Path(documents), frame.name)]
    return Possibly(pack).proposals(frame, entries, answers, pages)


def putright(extract: Extract, as_at: str, folder: str | Path, known_on: str | None = None) -> list[Line]:
    """What can still be put right of all that failed, per person. The review that it rests on is written to `folder`."""
    from everystone.account.putright import lines_of  # what is told to others is not needed by the other questions

    review(extract, as_at, folder, known_on)
    return lines_of(extract.ledger, extract.pack, extract.instants(as_at, known_on), Path(folder) / "findings.parquet")


def _day(text: str) -> int | None:
    day = day_of(text) if text else None
    if text and day is None:
        raise Fault(f"{text!r} is no day. Write it as 2013-01-01.")
    return day
