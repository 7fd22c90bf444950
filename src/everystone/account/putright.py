"""Putting right: per child what is still possible, and the overseer's figure, which names nobody."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from everystone.account.between import known
from everystone.account.disclosure import THRESHOLD, apart
from everystone.account.figures import OR
from everystone.account.folder import private, say_run, write_text
from everystone.account.opened import open_cases
from everystone.account.page import render
from everystone.findings.answer import NOT_MET
from everystone.findings.frames import Instants
from everystone.findings.sealed import sealed_in
from everystone.findings.still import DONE, LOST, STATUSES, Still, concerned
from everystone.findings.wording import until_in_words
from everystone.intake.rejects import write_cells
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack

AT_ONCE = 300  # cases opened together
SHOWN = 300  # people on the page; the table has them all
MARK = "Sensitive: names children and cases. For this force only. Keep it as you keep the record itself."
OVERSEERS = "For the body that oversees. One figure: nothing about a case or a person. Small numbers are not shown."
AS_BEFORE = "(As told before; since then fewer than 10 people were added or taken away.)"
UNTOLD = "Fewer than 10 people are concerned: too few to tell."


class Line(NamedTuple):
    """One step for one person: how it stands, what is to be done by whom until when, what was lost, on account of what."""

    person: str
    case: str
    status: str
    what: str
    by: str
    until: str
    lost: str
    standard: str
    title: str
    due: str


def lines_of(book: ParquetBook, pack: Pack, when: Instants, findings: Path) -> list[Line]:
    """Every step for everybody concerned, by person, what is closing soon first. Sealed standards are left out."""
    still, seen = Still(pack), set[tuple[str, str]]()
    names, lines = _cases(book, findings), list[Line]()
    for place in range(0, len(names), AT_ONCE):
        for opened in open_cases(book, pack, when, names[place : place + AT_ONCE], findings, sealed=sealed_in(pack)):
            for answer in opened.answers:
                frame = opened.frame_of(answer)
                step = still.step(frame, answer)
                for person in concerned(frame, answer) if step is not None else ():
                    if step is not None and (person, answer.key) not in seen:
                        seen.add((person, answer.key))
                        until = until_in_words(step.until, pack.words) if step.until is not None else step.says.until
                        due = until_in_words(answer.due, pack.words) if answer.due is not None else ""
                        lines.append(Line(person, opened.name, step.status, step.says.what, step.says.by, until,
                                          step.says.lost, answer.standard, pack.standards[answer.standard].standard.title,
                                          due))  # fmt: skip
    return sorted(_once(lines), key=lambda line: (line.person, STATUSES.index(line.status), line.standard, line.case))


def _cases(book: ParquetBook, findings: Path) -> list[str]:
    """The cases in which something failed, or that name somebody of whom something failed."""
    failed = duckdb.execute(
        "SELECT DISTINCT frame FROM read_parquet(?) WHERE answer = ?", [str(findings), NOT_MET]
    ).fetchall()
    frames = {
        sort: [name.partition("/")[2] for (name,) in failed if name.startswith(f"{sort}/")]
        for sort in ("case", "person")
    }
    naming = book.query(
        "SELECT DISTINCT stream FROM entries WHERE list_has_any(names, ?) AND stream LIKE 'case/%'",
        [frames["person"] or [""]],
    ).fetchall()
    return sorted({*frames["case"], *(stream.partition("/")[2] for (stream,) in naming)})


def _once(lines: Iterable[Line]) -> Iterator[Line]:
    """The same step for the same person in the same case told once, however often it failed: as it stands at best."""
    best: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        key = line.person, line.case, line.what
        if key not in best or STATUSES.index(line.status) < STATUSES.index(best[key].status):
            best[key] = line
    yield from best.values()


def people(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """The steps of each person who is named."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.person:
            found.setdefault(line.person, []).append(line)
    return found


class Figure(NamedTuple):
    """The overseer's figure in a sentence, and the numbers that it tells of people with nothing left open and the others."""

    says: str
    told: Mapping[str, int]


def figure(lines: Sequence[Line], earlier: Sequence[Figure] = ()) -> Figure:
    """Of how many people nothing is left open. No small number is told, nor can one be worked out, nor did one that is
    told change by little since an `earlier` figure; where too little changed, the latest of them stands.
    """
    everybody = people(lines)
    closed = sum(all(line.status in (LOST, DONE) for line in mine) for mine in everybody.values())
    whole = len(everybody)
    if whole < THRESHOLD:
        return Figure(UNTOLD if whole else "Nobody is concerned: nothing that was asked failed.", {})
    before = [known({tuple(name.split(OR)): n for name, n in each.told.items()}) for each in earlier]
    told = {OR.join(group): n for group, n in apart({"closed": closed, "open": whole - closed}, earlier=before).items()}
    if not told:
        says = earlier[-1].says.removesuffix(AS_BEFORE).rstrip()
        return Figure(f"{says} {AS_BEFORE}", earlier[-1].told)
    if len(told) > 1:
        said = f"{closed:,} have nothing left open"
    elif 0 < closed < THRESHOLD:
        said = f"fewer than {THRESHOLD} have nothing left open"
    elif 0 < whole - closed < THRESHOLD:
        said = f"all but fewer than {THRESHOLD} have nothing left open"
    else:
        said = "some have nothing left open: too little has changed since an earlier figure to tell how many"
    return Figure(f"Of {whole:,} people, {said}.", told)


def read_figures(folders: Sequence[Path]) -> list[Figure]:
    """The figures of earlier folders and of those before them. Raises Fault for a folder that holds none."""
    found = dict[str, Figure]()
    for folder in folders:
        try:
            said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
            found |= {json.dumps(each): Figure(each["says"], each["told"]) for each in said["figures"]}
        except (OSError, ValueError, KeyError, TypeError):
            raise Fault(
                f"{folder} holds no earlier figure. --previous takes a folder that putright has written."
            ) from None
    return [*found.values()]


def to_arrow(lines: Sequence[Line]) -> pa.Table:
    """The steps as an Arrow table."""
    names = Line._fields
    return pa.table({name: pa.array([getattr(line, name) for line in lines], pa.string()) for name in names})


def write_putright(
    lines: Sequence[Line], folder: Path, moments: object, *, detailed: bool, earlier: Sequence[Figure] = ()
) -> Path:
    """Write putright.html and, where `detailed`, putright.csv; for an overseer the page holds the figure alone."""
    private(folder)
    mine = figure(lines, earlier)
    counts = {status: sum(line.status == status for line in lines) for status in STATUSES}
    if detailed:
        write_cells(folder / "putright.csv", Line._fields, lines)
    page = folder / "putright.html"
    shown = list(people(lines).items())[:SHOWN] if detailed else []
    write_text(page, render("putright.html", mark=MARK if detailed else OVERSEERS, figure=mine.says, moments=moments,
                            shown=shown, counts=counts, detailed=detailed, most=SHOWN))  # fmt: skip
    say_run(folder, {"figure": mine.says, "figures": [each._asdict() for each in (*earlier, mine)]})
    return page
