"""The report for an audience: what needs attention first, what went wrong, how teams compare, what cannot be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from everystone.account.cards import MOST_CARDS, Attention, Row, attention
from everystone.account.carried import askable
from everystone.account.casefile import CaseFile, of_child, tell
from everystone.account.circumstances import found_first
from everystone.account.delivered import Delivered
from everystone.account.figures import figures
from everystone.account.folder import write_bytes, write_text
from everystone.account.names import names_of
from everystone.account.opened import open_cases
from everystone.account.page import render
from everystone.account.paper import printed
from everystone.account.precision import precision
from everystone.account.proposals import beside, write_proposals
from everystone.account.release import Release, say_release
from everystone.account.totals import THREATENED, totals
from everystone.account.untold import untold
from everystone.account.unused import unused
from everystone.account.whole import looked_at, moments
from everystone.account.workbook import write_workbook
from everystone.findings.explain import LIMITS
from everystone.findings.frames import Instants
from everystone.findings.placed import FIND_OUT, LANES
from everystone.findings.sealed import sealed_in
from everystone.findings.today import Today
from everystone.ledger.book.parquet import ParquetBook
from everystone.standards.pack import Pack

#: How each audience's copy is to be handled; it stands on every page of a print.
MARKS = {
    "force": "Sensitive: about children and investigations. For this force only. Keep it as you keep the record itself.",
    "reviewer": "Sensitive: holds other people's words about children. For the named reviewer only. Not to be copied.",
    "oversight": "For the body that oversees. Figures only: nothing about a case or a person. Small numbers are not shown.",
    "public": "Figures only: nothing about a case or a person. To be published only once a named person has released it.",
}
#: Characters of opened cases on one page; beyond it a browser at a quarter of its speed would be stuck while reading.
MOST_TEXT = 1_200_000
DETAILED = ("force", "reviewer")  # the audiences whose copy holds cases


class Card(NamedTuple):
    """One child's card: where the child stands, what went wrong and what can be put right, the place of the case."""

    row: Row
    said: Sequence[str]
    place: int


def write_report(
    out: Path, audience: str, pack: Pack, book: ParquetBook, when: Instants, run: Mapping[str, Any],
    documents: Path | None = None, *, releases: Sequence[Release] = (), names: bool = False,
    delivered: Delivered | None = None,
) -> Path:  # fmt: skip
    """Write `out/report.html`, `.xlsx` and `.pdf` for an audience (force, reviewer, oversight or public); the page's path.

    Rests on findings.parquet, counts.parquet and danger.parquet in `out`. For oversight and public no case is read,
    no number under the threshold is told, and none differs by less from what earlier `releases` told. `documents` is a
    folder of texts that stand beside the cases. `names` shows people's names beside their references. `delivered` is what
    a further delivery changed.

    Raises ValueError for an audience that is none of the four.
    """
    if audience not in MARKS:
        raise ValueError(f"{audience!r} is no audience; there are: {', '.join(MARKS)}")
    detailed, sealed = audience in DETAILED, sealed_in(pack)
    danger = out / "danger.parquet"
    first, looked = attention(danger), looked_at(book, pack, when, danger)
    said, counts = moments(pack, when, run), pq.read_table(out / "counts.parquet")
    found = found_first(book, pack, when, out / "findings.parquet", sealed)
    given: dict[str, Any] = {
        "audience": audience, "mark": MARKS[audience], "limits": LIMITS, "run": run, "threatened": THREATENED,
        "tiers": LANES, "find_out": FIND_OUT, "moments": said, "looked": looked, "first": first,
        "unused": unused(run, detailed=detailed),
        "beside": first.beside(looked.by_tier),
        "totals": totals(counts, pack, sealed, safe=not detailed, releases=releases),
        "untold": untold(out / "findings.parquet", pack, sealed, safe=not detailed),
        "titles": {each.id: each.standard.title for each in pack.standards.values()},
        "kinds": {name: kind.title for name, kind in pack.words.kinds.by_name.items()},
        "standards": len(pack.standards), "sealed": len(sealed),
        "askable": len(askable(pack, when.coverage)), "releases": [each.said["as_at"] for each in releases],
    }  # fmt: skip
    if detailed:
        given.update(_cases(out, audience, pack, book, when, first, documents))
        mine = {name for file in given["files"] for name in file.people} | {each.row.child for each in given["cards"]}
        given["delivered"] = delivered.without(sealed) if delivered is not None else None
        given["used"] = [
            each for each in precision(out / "findings.parquet", book, pack.words.kinds)
            if each.spoken_of and each.standard in pack.standards and each.standard not in sealed
        ]  # fmt: skip
        given["finders"] = [(n, name) for name, n in found.items()]
        given["names"] = names_of(book, pack, mine, when.known_on) if names else {}
    else:
        given["figures"] = figures(looked, found, releases)
        say_release(out, releases, said.as_at, str(run.get("written_at", "")), given["figures"].numbers)
    template = "cases.html" if detailed else "figures.html"
    write_text(out / "report.html", render(template, **given))
    on_paper = {**given, "files": given["files"][:MOST_CARDS]} if detailed else given
    write_bytes(
        out / "report.pdf", printed(render(template, **on_paper), MARKS[audience], str(run.get("written_at", ""))[:10])
    )
    write_workbook(out / "report.xlsx", given, out / "findings.parquet" if detailed else None, pack, sealed)
    return out / "report.html"


def _cases(
    out: Path, audience: str, pack: Pack, book: ParquetBook, when: Instants, first: Attention, documents: Path | None
) -> dict[str, Any]:
    """The opened cases in words, and the cards that point to them."""
    reviewer = audience == "reviewer"
    opened = open_cases(
        book, pack, when, list(first.cases), out / "findings.parquet", sealed=sealed_in(pack), texts=reviewer
    )
    opened = [each._replace(quoted=reviewer) for each in beside(book, pack, opened, documents)]
    write_proposals(
        (proposal for each in opened for found in each.possible.values() for proposal in found), out / "proposals.csv"
    )
    by_name, today = {each.name: each for each in opened}, Today(pack)
    files = list(_fitting(tell(each, today, first.cases[each.name], texts=reviewer) for each in opened))
    places = {file.name: place for place, file in enumerate(files, 1)}
    return {
        "files": files,
        "cards": [
            Card(row, of_child(by_name[row.case], pack, row.placed), places.get(row.case, 0))
            for row in first.first if row.case in by_name
        ],
    }  # fmt: skip


def _fitting(files: Iterable[CaseFile]) -> Iterable[CaseFile]:
    """The files that fit on one page, in order; always the first ten, to which the cards point."""
    size = 0
    for number, file in enumerate(files):
        size += file.size
        if size > MOST_TEXT and number >= MOST_CARDS:
            return
        yield file
