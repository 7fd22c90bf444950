"""The same questions from Python: read an extract, ask one case, review them all."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings import copies, elsewhere, explain, led, spark
from everystone.findings import review as whole
from everystone.findings.again import review_again
from everystone.findings.answer import Answer
from everystone.findings.danger import Danger, Placed
from everystone.findings.frames import Instants, people_named, person_frames, stream_frame
from everystone.findings.possibly import Passage, Possibly, Proposal
from everystone.findings.reference import Questions, unfinished
from everystone.findings.reference import ask as asked
from everystone.findings.review import Engine as Evaluator
from everystone.findings.today import Today
from everystone.intake.accepted import take_accepted
from everystone.intake.changes import Changed, changed_rows
from everystone.intake.documents import pages_of
from everystone.intake.fitting import read_mapping
from everystone.intake.reconciliation.claims import claims_in, claims_listed
from everystone.intake.reconciliation.held import Held
from everystone.intake.reconciliation.lists import asked_by, day_of, read_list
from everystone.intake.reconciliation.outcomes import Reconciled
from everystone.intake.reconciliation.outcomes import reconcile as laid_beside
from everystone.intake.take import Taken, take
from everystone.ledger.book.parquet import FOLLOWS, ParquetBook
from everystone.ledger.case import Frame
from everystone.ledger.delivery import Delivery
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED, Pack, load

if TYPE_CHECKING:
    from everystone.account.putright import Line

Engine = Evaluator | Literal["spark"]


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
        end = moment(self.pack, self.taken.as_of, "as_of") if self.taken.as_of else None
        at = moment(self.pack, as_at, "as at")
        known = moment(self.pack, known_on, "known on") if known_on else at
        if end is not None:
            at, known = min(at, end), min(known, end)
        return Instants(at, known, self.ledger.coverage())


@dataclass(frozen=True)
class CaseAnswers:
    """All that is answered about one case: frames by name, answers, and where each person stands."""

    pack: Pack
    todays: Today
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

    def today(self, answer: Answer) -> str:
        """What today's version would have said of the same duty, "" where it is the one that was asked."""
        return self.todays.would_have_said(answer, self.frames[answer.frame])

    def rows(self) -> list[dict[str, Any]]:
        """One mapping an answer: the columns of findings.parquet, `sentence`, and `today`."""
        local = self.pack.words.calendar.local
        return [
            {**answer.row, "due": local(answer.due).isoformat() if answer.due is not None else None,
             "sentence": self.sentence(answer), "today": self.today(answer), "possibly": self.possibly(answer)}
            for answer in self.answers
        ]  # fmt: skip

    def to_arrow(self) -> pa.Table:
        """The answers as an Arrow table."""
        return pa.Table.from_pylist(self.rows())


@dataclass(frozen=True)
class Reviewed:
    """A review that was written: its folder, how much was asked, and how the bulk evaluator came by its answers."""

    folder: Path
    frames: int
    findings: int
    told: Mapping[str, int]

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


def read_anew(
    extracts: Sequence[str | Path], mapping: str | Path, folder: Path, packs: Sequence[str] = (SHIPPED,),
    progress: Callable[[str, float], None] | None = None, accepted: str | Path | None = None, since: Path | None = None,
) -> Extract:  # fmt: skip
    """As `read`, in place of the ledger that lies in `folder`, which stays as it is until everything has been read.

    With `since`, the folder of an earlier review of the same source, the extract is a further delivery: the new ledger has
    what was there, and of the extract what is new or corrected.
    """
    half = folder.with_name(folder.name + ".half")
    shutil.rmtree(half, ignore_errors=True)
    try:
        if since is not None:
            shutil.copytree(_earlier(since, folder), half, ignore=shutil.ignore_patterns(".*"))
        extract = read(extracts, mapping, half, packs, progress, accepted)
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    book = whole.open_book(folder, extract.pack)
    return replace(extract, ledger=book, taken=replace(extract.taken, book=book))


def opened(mirror: str | Path, packs: Sequence[str] = (SHIPPED,)) -> Extract:
    """A mirror of the ledger (`everystone mirror`) as an extract that has been read; it ends with its newest record."""
    pack = load(packs)
    book = whole.open_book(Path(mirror), pack)
    newest, kinds = book.query("SELECT max(recorded) FROM entries").fetchall()[0][0], book.query(
        "SELECT kind, count(*) FROM entries GROUP BY kind ORDER BY kind").fetchall()  # fmt: skip
    as_of = "" if newest is None else datetime.fromtimestamp(newest, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    delivery = Delivery("", as_of, newest or 0, "", tuple(book.coverage().holdings or ()))
    return Extract(book, pack, Taken(book, {}, dict(kinds), [], 0, 0, as_of, [], delivery))


def is_mirror(extracts: Sequence[Path]) -> bool:
    """Whether what is to be reviewed is the mirror of a ledger."""
    return len(extracts) == 1 and (extracts[0] / FOLLOWS).is_file()


def _earlier(review: Path, folder: Path) -> Path:
    ledger = review / folder.name
    if not any(ledger.glob("part-*.entries.parquet")):
        raise Fault(
            "This folder keeps no ledger of an earlier review. Name one that was written for the audience force or "
            "reviewer.", where=str(review))  # fmt: skip
    if ledger.resolve() == folder.resolve():
        raise Fault("The earlier review lies in the folder that would be written. Give --out a folder of its own.")
    return ledger


def changes(extract: Extract, review: str | Path | None = None) -> Iterator[Changed]:
    """What the deliveries after the first changed, row by row, the newest first; none where there was but one.

    `review` is the folder of a review, which says whose findings rest on what changed.
    """
    standards = resting_on(Path(review)) if review is not None else None
    deliveries = extract.ledger.deliveries(extract.taken.delivery.source)
    return changed_rows(deliveries, extract.ledger.named, extract.pack.words.calendar.zone, standards)


def mapping_beside(extracts: Sequence[Path]) -> Path:
    """The mapping file that lies with an extract; raises Fault where none does, or several, or there is no extract."""
    for each in extracts:
        if not each.exists():
            raise Fault("There is no such file or folder. Give the extract's own place.", where=str(each))
    beside = {(each if each.is_dir() else each.parent) / "mapping.yaml" for each in extracts}
    found = sorted(path for path in beside if path.is_file())
    if len(found) != 1:
        there = "no mapping.yaml" if not found else "more than one mapping.yaml"
        raise Fault(f"With the extract lies {there}. Name the mapping file with --mapping.")
    return found[0]


def source_of(mapping: str | Path, packs: Sequence[str] = (SHIPPED,)) -> str:
    """The name of the source that a mapping file reads. Raises Fault for a mapping that cannot be used."""
    return read_mapping(Path(mapping), load(packs).words.kinds).name


def look_over(packs: Sequence[str], as_at: str, known_on: str | None, engine: Engine = "bulk") -> Pack:
    """The packs. Raises Fault for one, an instant or an engine that cannot be used, before anything is read."""
    if engine == "spark":
        spark.look_over()
    pack = load(packs)
    moment(pack, as_at, "as at")
    if known_on:
        moment(pack, known_on, "known on")
    return pack


def fields_of(packs: Sequence[str] = (SHIPPED,)) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """The narrative fields and the person fields of every kind of these packs, as a Parquet book takes them."""
    kinds = load(packs).words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    return {name: list(fields) for name, fields in kinds.texts.items()}, people


def ask(
    extract: Extract, case: str, as_at: str, known_on: str | None = None, documents: str | Path | None = None
) -> CaseAnswers:
    """Every answer about one case and about the people in it, *met* included. Raises Fault for an unknown case.

    `case` is a reference, or the whole name of a stream of another sort (`inspection/2016-03`). Beside the answers stand
    the places in its notes, and in `documents`, where what they miss may be written.
    """
    when, pack = extract.instants(as_at, known_on), extract.pack
    sort, name = "case", case
    entries = extract.ledger.read(f"case/{case}")
    if not entries and "/" in case:
        sort, _, name = case.partition("/")
        entries = extract.ledger.read(case)
    if not entries:
        raise Fault(f"No case {case!r} stands in this extract. Check the reference as the mapping makes it.")
    facts = whole.facts_from(extract.ledger, pack, when, led.told(extract.ledger, pack.words, when))
    with TemporaryDirectory(prefix="everystone-") as work:
        gathered = Path(work) / "copies.parquet"
        copies.gather(extract.ledger, pack.words.kinds.compared, when.as_at, when.known_on, gathered, f"{sort}/{name}")
        facts.copies = copies.gathered(gathered, f"{sort}/{name}", f"{sort}/{name}")
    questions = Questions(pack)
    people = {person for entry in entries for person in people_named(entry, pack.words)}
    kinds = elsewhere.heard_of(pack)
    heard = elsewhere.of_case(extract.ledger, kinds, f"{sort}/{name}", people) if sort == "case" else []
    here = stream_frame(sort, name, entries, pack.words, when, facts, heard)
    others = extract.ledger.naming(sorted({name for entry in entries for name in entry.subjects}))
    frames = [here, *person_frames(_once([*entries, *others]), pack.words, when, facts,
                                   lambda name: name in here.people.by_name and name not in facts.entries)]  # fmt: skip
    answers = [answer for frame in frames for answer in asked(frame, questions)]
    danger = Danger(pack)
    placed = danger.places(here, answers, heard) if sort == "case" else []
    answers = [*danger.tiered(answers, placed), *unfinished(here, questions)]
    possible = proposals(pack, here, entries, answers, documents)
    by_name = {f"{each.sort}/{each.name}": each for each in frames}
    return CaseAnswers(pack, Today(pack), by_name, answers, placed, possible)


def moment(pack: Pack, said: str, called: str) -> int:
    """The last second (UTC) of a date or local instant; raises Fault, which says what it is `called`, for none."""
    try:
        return pack.words.calendar.span(said)[1]
    except Fault as fault:
        raise Fault(f"{said!r}, for {called}: {fault.public}") from fault


def resting_on(review: Path) -> dict[str, list[str]]:
    """The standards of a review that have a finding which begins with, or rests on, an entry: by its key."""
    found: dict[str, list[str]] = {}
    table = pq.read_table(review / "findings.parquet", columns=["standard", "trigger", "evidence"])
    for standard, trigger, evidence in zip(*(column.to_pylist() for column in table.columns), strict=True):
        for key in {trigger, *(evidence or ())} - {""}:
            found.setdefault(key, []).append(standard)
    return found


def _once(entries: Sequence[Any]) -> list[Any]:
    return list({entry.key: entry for entry in entries}.values())


def review(
    extract: Extract, as_at: str, out: str | Path, known_on: str | None = None, processes: int = 2,
    progress: Callable[[float], None] | None = None, engine: Engine = "bulk",
) -> Reviewed:  # fmt: skip
    """Ask every standard of every frame; findings.parquet, counts.parquet and danger.parquet are written to `out`.

    `engine` is the evaluator: "bulk", the same on "spark" (docs/spark.md), or "reference" to compare with. All write the
    same.

    Of a mirror, where `out` holds a review with the same packs and instants, only what came since is asked.
    """
    when = extract.instants(as_at, known_on)
    folder = Path(out)
    asking = review_again if is_mirror([extract.ledger.folder]) else whole.review
    evaluator: Evaluator = "bulk" if engine == "spark" else engine
    do = spark.run if engine == "spark" else None
    done = asking(extract.ledger.folder, extract.pack, when, folder, processes=processes, progress=progress,
                  engine=evaluator, do=do)  # fmt: skip
    return Reviewed(folder, done.frames, done.findings, done.told)


def reconcile(
    claims: Extract | str | Path, listed: str | Path, body: str, by: str = "reference,person,date", *,
    kept_from: str = "", kept_to: str = "", missing: Sequence[str] = (), packs: Sequence[str] = (SHIPPED,),
) -> Reconciled:  # fmt: skip
    """Lay another body's list beside what the record claims of it; `to_arrow()` holds what everybody may read.

    `claims` is an extract that has been read, or a plain list of claims (any table with the columns of `by`). `kept_from`
    and `kept_to` are the days between which the list was kept; without them its first and last entries say so.
    `missing` are stretches that are missing from it (`2015-03-01/2015-05-31`); a long silence is taken for one.
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
    return laid_beside(claimed, rows, of, by=tuple(facts), held=held, coverage=coverage,
                       missing=[_stretch(each) for each in missing])  # fmt: skip


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


def _stretch(text: str) -> tuple[int, int]:
    first, _, last = text.partition("/")
    since, until = _day(first), _day(last)
    if since is None or until is None or since > until:
        raise Fault(f"{text!r} is no stretch of days. Write it as 2015-03-01/2015-05-31.")
    return since, until


def _day(text: str) -> int | None:
    day = day_of(text) if text else None
    if text and day is None:
        raise Fault(f"{text!r} is no day. Write it as 2013-01-01.")
    return day
