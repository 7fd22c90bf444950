"""The same questions from Python: read an extract, ask one case, review them all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings import explain
from everystone.findings import review as whole
from everystone.findings.answer import Answer
from everystone.findings.danger import Danger, Placed
from everystone.findings.frames import Instants, case_frame, person_frames
from everystone.findings.reference import Questions, unfinished
from everystone.findings.reference import ask as asked
from everystone.intake.take import Taken, take
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED, Pack, load


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

    def sentence(self, answer: Answer) -> str:
        """One answer in words."""
        return explain.sentence(answer, self.pack, self.frames[answer.frame])

    def rows(self) -> list[dict[str, Any]]:
        """One mapping an answer: the columns of findings.parquet, and `sentence`."""
        local = self.pack.words.calendar.local
        return [
            {**answer._asdict(), "due": local(answer.due).isoformat() if answer.due is not None else None,
             "sentence": self.sentence(answer)}
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
    progress: Callable[[str, float], None] | None = None,
) -> Extract:  # fmt: skip
    """Take an extract into a ledger in `folder` by way of a mapping file. Raises Fault for unusable input."""
    pack = load(packs)
    ledger = Path(folder)
    taken = take([Path(each) for each in extracts], Path(mapping), pack, ledger, progress)
    return Extract(whole.open_book(ledger, pack), pack, taken)


def entries_of(extract: Extract, at_once: int = 20_000) -> Iterator[Entry]:
    """Every entry of an extract with its narrative, stream by stream: to append to another book."""
    names: list[str] = []
    held = 0
    for name, size in [*extract.ledger.sizes(), ("", 0)]:
        if names and (held >= at_once or not name):
            texts = extract.ledger.narrative(names[0], names[-1])
            for entry in extract.ledger.between(names[0], names[-1]):
                yield entry._replace(data={**entry.data, **texts.get(entry.key, {})})
            names, held = [], 0
        names.append(name)
        held += size


def fields_of(packs: Sequence[str] = (SHIPPED,)) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The narrative fields and the person fields of every kind of these packs, as a Parquet book takes them."""
    kinds = load(packs).words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    return {name: list(fields) for name, fields in kinds.texts.items()}, people


def ask(extract: Extract, case: str, as_at: str, known_on: str | None = None) -> CaseAnswers:
    """Every answer about one case and about the people in it, *met* included. Raises Fault for an unknown case."""
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
    return CaseAnswers(pack, questions, {f"{each.sort}/{each.name}": each for each in frames}, answers, placed)


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
