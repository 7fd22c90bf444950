"""Places in texts that a person may look at and answer for: beside the findings of a report, and as a file to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from everystone.account.opened import Opened, open_cases, with_texts
from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET
from everystone.findings.frames import Instants
from everystone.findings.possibly import Passage, Possibly, Proposal
from everystone.findings.sealed import sealed_in
from everystone.intake.documents import pages_of
from everystone.intake.rejects import write_cells
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack

AT_ONCE = 300  # cases opened together
PLACE = 7  # columns that say what stands where; after them the standards that look for it
#: What a person fills in; the file is then given under --accepted.
TO_FILL = ("by", "rank", "fields", "accepted_by", "accepted_on")


def beside(book: ParquetBook, pack: Pack, opened: Sequence[Opened], documents: Path | None) -> Iterator[Opened]:
    """Opened cases with the places where what their findings miss may be written."""
    possibly = Possibly(pack)
    texts = with_texts(book, {f"case/{each.name}": each.entries for each in opened if possibly.asked(each.answers)})
    for each in opened:
        found = _proposals(each, texts.get(f"case/{each.name}", ()), possibly, documents)
        by_finding: dict[str, list[Proposal]] = {}
        for proposal in found:
            by_finding.setdefault(proposal.finding, []).append(proposal)
        yield each._replace(possible=by_finding)


def _proposals(
    opened: Opened, entries: Sequence[Entry], possibly: Possibly, documents: Path | None
) -> Iterable[Proposal]:
    if not possibly.asked(opened.answers):
        return ()
    pages = list[Passage]()
    if documents is not None:
        pages = [Passage(name, page, "", text) for name, page, text in pages_of(documents, opened.name)]
    return possibly.proposals(opened.frame, entries, opened.answers, pages)


def propose(
    book: ParquetBook, pack: Pack, when: Instants, findings: Path, documents: Path | None = None
) -> Iterator[Proposal]:
    """The places for every finding of a review."""
    rows = duckdb.execute(
        "SELECT DISTINCT frame FROM read_parquet(?) WHERE answer IN (?, ?) AND starts_with(frame, 'case/') ORDER BY frame",
        [str(findings), NOT_MET, CANNOT_BE_TOLD],
    ).fetchall()
    names = [frame.removeprefix("case/") for (frame,) in rows]
    for place in range(0, len(names), AT_ONCE):
        opened = open_cases(book, pack, when, names[place : place + AT_ONCE], findings, sealed=sealed_in(pack))
        for each in beside(book, pack, opened, documents):
            for possible in each.possible.values():
                yield from possible


def write_proposals(proposals: Iterable[Proposal], path: Path) -> int:
    """A file of proposals, each told once, for a named person to fill in; how many there are."""
    standards: dict[tuple[str, ...], list[str]] = {}
    for each in proposals:
        standards.setdefault(each[:PLACE], []).append(each.standard)
    rows = ((*place, "; ".join(dict.fromkeys(asked)), *[""] * len(TO_FILL)) for place, asked in standards.items())
    write_cells(path, (*Proposal._fields[: PLACE + 1], *TO_FILL), rows)
    return len(standards)
