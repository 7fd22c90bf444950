"""The review of a whole ledger: ranges of frames asked on several processes, restartable, written as Parquet."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings.answer import DOES_NOT_APPLY, MET, Answer
from everystone.findings.danger import Danger, Placed
from everystone.findings.found import MARK
from everystone.findings.frames import Instants, case_frame, facts_of, person_frames
from everystone.findings.reference import Questions, ask
from everystone.ledger.book.parquet import ENTRIES, ParquetBook, entries_of, write
from everystone.ledger.case import Facts, Frame
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack, load

FINDINGS = pa.schema([
    ("standard", pa.string()), ("version", pa.string()), ("frame", pa.string()), ("asked_for", pa.string()),
    ("trigger", pa.string()), ("n", pa.int32()), ("answer", pa.string()), ("reason", pa.string()),
    ("due", pa.timestamp("ms", tz="UTC")), ("evidence", pa.list_(pa.string())), ("marks", pa.list_(pa.string())),
    ("tier", pa.int8()), ("root", pa.string()), ("team", pa.string()), ("key", pa.string()),
    ("about", pa.list_(pa.string())),
])  # fmt: skip
COUNTS = pa.schema([
    ("standard", pa.string()), ("version", pa.string()), ("answer", pa.string()), ("reason", pa.string()),
    ("team", pa.string()), ("month", pa.string()), ("n", pa.int64()),
])  # fmt: skip
PLACED = pa.schema([
    ("person", pa.string()), ("frame", pa.string()), ("tier", pa.int8()), ("order", pa.string()), ("because", pa.string()),
    ("confidence", pa.string()), ("team", pa.string()), ("step", pa.string()), ("done_by", pa.string()),
])  # fmt: skip
CHUNK = 20_000  # entries a task: small enough to restart cheaply, large enough to read in one go


class Range(NamedTuple):
    """One task: the streams (or persons) from one name to another, of one sort."""

    number: int
    sort: str
    first: str
    last: str


class Work(NamedTuple):
    """What every process is told: where the ledger lies, which packs, as at when, where to write."""

    ledger: Path
    packs: tuple[str, ...]
    as_at: int
    known_on: int
    parts: Path


class Asked(NamedTuple):
    """How much was asked."""

    frames: int
    findings: int


def review(
    ledger: Path, pack: Pack, when: Instants, out: Path, *, processes: int = 2,
    progress: Callable[[float], None] | None = None,
) -> Asked:  # fmt: skip
    """Ask every standard of every frame; write findings.parquet, counts.parquet and danger.parquet under `out`.

    `ledger` is the folder of a ParquetBook. A run that was stopped goes on where it was: finished ranges are kept
    in `out/parts` until the end. Memory is bounded by the range, not by the ledger.
    """
    book = open_book(ledger, pack)
    parts = out / "parts"
    parts.mkdir(parents=True, exist_ok=True, mode=0o700)
    ranges = [*_case_ranges(book), *_person_ranges(book, pack, parts)]
    work = Work(ledger, tuple(str(folder) for folder in pack.folders), when.as_at, when.known_on, parts)
    _same_run(work, ranges, parts)
    todo = [each for each in ranges if not _file(parts, each, "done").exists()]
    before = len(ranges) - len(todo)
    for done in _run(work, todo, processes):
        if progress is not None:
            progress((before + done) / max(len(ranges), 1))
    return _merge(ranges, parts, out, pack)


def open_book(ledger: Path, pack: Pack) -> ParquetBook:
    """The book in a folder, read with a pack's kinds."""
    kinds = pack.words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    return ParquetBook(ledger, kinds.texts, people)


def _run(work: Work, todo: Sequence[Range], processes: int) -> Iterable[float]:
    """Do every range; yields now and then how many are done of those that were to do."""
    if processes < 2 or len(todo) < 2:
        worker = Worker(work)
        for done, each in enumerate(todo, 1):
            worker.do(each)
            yield done
        return
    job = work.parts / "job"
    job.write_bytes(pickle.dumps((work, todo)))
    command = [sys.executable, "-m", "everystone.findings.review", str(job), str(processes)]
    children = [subprocess.Popen([*command, str(number)]) for number in range(processes)]  # noqa: S603 - ourselves
    try:
        while any(child.poll() is None for child in children):
            yield sum(_file(work.parts, each, "done").exists() for each in todo)
            if any(child.poll() for child in children):
                raise RuntimeError("a process of the review stopped before its work was done")
            time.sleep(0.2)
    finally:
        for child in children:
            child.kill()
            child.wait()


def _child(job: Path, processes: int, number: int) -> None:
    """One of several processes: every so-manieth range is its own. Nobody's main program is read again for it."""
    work, todo = pickle.loads(job.read_bytes())  # noqa: S301 - written by our own parent into a private folder
    worker = Worker(work)
    gc.freeze()  # what was read at the start stays; it need not be looked through again and again
    for task in todo[number::processes]:
        worker.do(task)


# ---- ranges ----------------------------------------------------------------------------------------------------


def _case_ranges(book: ParquetBook) -> list[Range]:
    sizes = [(name, size) for name, size in book.sizes() if name.startswith("case/")]
    return _cut(sizes, "case", 0)


def _cut(sizes: Sequence[tuple[str, int]], sort: str, number: int) -> list[Range]:
    ranges, first, held = list[Range](), "", 0
    for place, (name, size) in enumerate(sizes):
        first = first or name
        held += size
        if held >= CHUNK or place == len(sizes) - 1:
            ranges.append(Range(number + len(ranges), sort, first, name))
            first, held = "", 0
    return ranges


def _person_ranges(book: ParquetBook, pack: Pack, parts: Path) -> list[Range]:
    """Those named in more than one stream, whose entries are gathered into a file of their own."""
    beside = pack.words.kinds.describing | pack.words.kinds.opening
    kinds = ", ".join("'" + name.replace("'", "''") + "'" for name in sorted(beside)) or "''"
    columns = ", ".join(f'e."{name}"' for name in ENTRIES.names)
    gathered = parts / "persons.parquet"
    if not gathered.exists():
        table = book.query(f"""
            WITH named AS (SELECT DISTINCT unnest(names) AS person, stream FROM entries),
            officers AS (SELECT DISTINCT substr(stream, 9) AS person FROM entries WHERE stream LIKE 'officer/%'),
            shared AS (SELECT person FROM named WHERE person NOT IN (SELECT person FROM officers)
                       GROUP BY person HAVING count(*) > 1),
            wanted AS (SELECT named.person, named.stream FROM named JOIN shared USING (person))
            SELECT w.person AS whose, {columns} FROM entries e JOIN wanted w ON e.stream = w.stream
            WHERE list_contains(e.names, w.person) OR e.kind IN ({kinds})
            ORDER BY w.person, e.number
        """).to_arrow_table()  # noqa: S608 - only names of columns and kinds of the pack, quoted
        write(table, gathered)
    counted = duckdb.execute(
        "SELECT whose, count(*) FROM read_parquet(?) GROUP BY whose ORDER BY whose", [str(gathered)]
    ).fetchall()
    return _cut(counted, "person", 1_000_000)


def _same_run(work: Work, ranges: Sequence[Range], parts: Path) -> None:
    """A run goes on only from one of the same ledger, packs and instants; otherwise what is there is begun anew."""
    said = json.dumps([str(work.ledger), work.packs, work.as_at, work.known_on, ranges], default=str)
    digest = hashlib.sha256(said.encode()).hexdigest()
    marker = parts / "run"
    if marker.exists() and marker.read_text(encoding="utf-8") != digest:
        for path in parts.glob("[0-9]*"):
            path.unlink()
    marker.write_text(digest, encoding="utf-8")


def _file(parts: Path, task: Range, what: str) -> Path:
    return parts / f"{task.number:07d}.{what}"


# ---- one process -----------------------------------------------------------------------------------------------


class Worker:
    """One process: it has read the packs and the facts, and asks range after range."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.pack = load(work.packs)
        self.words = self.pack.words
        self.book = open_book(work.ledger, self.pack)
        self.when = Instants(work.as_at, work.known_on, self.book.coverage())
        self.questions = Questions(self.pack)
        self.danger = Danger(self.pack)
        self.facts = facts_from(self.book, self.pack, self.when)
        shared = work.parts / "persons.parquet"
        self.shared = frozenset(pq.read_table(shared, columns=["whose"])["whose"].unique().to_pylist())
        sorts = {question.standard.frame for question in self.questions.ordered}
        self.person_kinds = frozenset(
            kind for question in self.questions.ordered if question.standard.frame == "person"
            for kind in question.trigger_kinds
        ) if "person" in sorts else frozenset[str]()  # fmt: skip

    def do(self, task: Range) -> None:
        """Ask one range and write what was found; the last file written says that it is done."""
        tally = Tally()
        frames = self._cases(task) if task.sort == "case" else self._persons(task)
        for frame in frames:
            answers = ask(frame, self.questions)
            placed = self.danger.places(frame, answers) if frame.sort == "case" else []
            tally.take(frame, self.danger.tiered(answers, placed), placed)
        tally.write(self.work.parts, task)

    def _cases(self, task: Range) -> Iterable[Frame]:
        streams: dict[str, list[Entry]] = {}
        for entry in self.book.between(task.first, task.last):
            streams.setdefault(entry.stream, []).append(entry)
        for stream, entries in streams.items():
            yield case_frame(stream.removeprefix("case/"), entries, self.words, self.when, self.facts)
            if any(entry.kind in self.person_kinds for entry in entries):
                yield from person_frames(entries, self.words, self.when, self.facts, self._only_here)

    def _only_here(self, name: str) -> bool:
        return name not in self.shared and name not in self.facts.entries

    def _persons(self, task: Range) -> Iterable[Frame]:
        table = pq.read_table(
            self.work.parts / "persons.parquet",
            filters=[("whose", ">=", task.first), ("whose", "<=", task.last)],
        )
        whose = table["whose"].to_pylist()
        entries: dict[str, list[Entry]] = {}
        for name, entry in zip(whose, entries_of(table), strict=True):
            entries.setdefault(name, []).append(entry)
        for name, mine in entries.items():
            if any(entry.kind in self.person_kinds for entry in mine):
                yield from person_frames(mine, self.words, self.when, self.facts, lambda each, name=name: each == name)  # type: ignore[misc]


def facts_from(book: ParquetBook, pack: Pack, when: Instants) -> Facts:
    """The facts about officers: their own streams, and who led which case when."""
    led = pack.words.states.get("led by")
    kinds = sorted(led.kinds) if led else []
    table = book.query(
        "SELECT * FROM entries WHERE stream LIKE 'officer/%' OR kind IN (SELECT unnest(?)) ORDER BY stream, number",
        [kinds],
    ).to_arrow_table()
    streams: dict[str, list[Entry]] = {}
    for entry in entries_of(table):
        streams.setdefault(entry.stream, []).append(entry)
    return facts_of(streams, pack.words, when)


class Tally:
    """What a range gave: rows to list, and numbers of everything."""

    def __init__(self) -> None:
        self.rows: list[Answer] = []
        self.placed: list[Placed] = []
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.frames: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()

    def take(self, frame: Frame, answers: Sequence[Answer], placed: Sequence[Placed]) -> None:
        """One frame's answers."""
        self.frames[frame.sort] += 1
        self.placed.extend(placed)
        self.answered.update({answer.standard for answer in answers})
        for answer in answers:
            month = ""
            if answer.due is not None:
                day = frame.day(answer.due)
                month = f"{day.year}-{day.month:02d}"
            reason = MARK if MARK in answer.marks else answer.reason  # what was found in a text is counted apart
            self.counts[answer.standard, answer.version, answer.answer, reason, answer.team, month] += 1
            if answer.answer not in (MET, DOES_NOT_APPLY):
                self.rows.append(answer)

    def write(self, parts: Path, task: Range) -> None:
        """Three files and the mark that they are whole."""
        rows = [dict(zip(Answer._fields, row, strict=True)) for row in self.rows]
        for row in rows:
            row["due"] = row["due"] * 1000 if row["due"] is not None else None
        write(pa.Table.from_pylist(rows, FINDINGS), _file(parts, task, "findings"))
        counts = [dict(zip(COUNTS.names, (*place, n), strict=True)) for place, n in self.counts.items()]
        write(pa.Table.from_pylist(counts, COUNTS), _file(parts, task, "counts"))
        write(
            pa.Table.from_pylist([each._asdict() for each in self.placed], PLACED),
            _file(parts, task, "danger"),
        )
        said = {"frames": self.frames, "answered": self.answered}
        _file(parts, task, "done").write_text(json.dumps(said), encoding="utf-8")


# ---- the end ---------------------------------------------------------------------------------------------------


def _merge(ranges: Sequence[Range], parts: Path, out: Path, pack: Pack) -> Asked:
    frames: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    for each in ranges:
        said = json.loads(_file(parts, each, "done").read_text(encoding="utf-8"))
        frames.update(said["frames"])
        answered.update(said["answered"])
    findings = _concat(ranges, parts, out / "findings.parquet", "findings", FINDINGS)
    _concat(ranges, parts, out / "danger.parquet", "danger", PLACED)
    _counts(ranges, parts, out, pack, frames, answered)
    for path in parts.iterdir():
        path.unlink()
    parts.rmdir()
    return Asked(sum(frames.values()), findings)


def _concat(ranges: Sequence[Range], parts: Path, path: Path, what: str, schema: pa.Schema) -> int:
    half, rows = path.with_suffix(".half"), 0
    with pq.ParquetWriter(half, schema, compression="zstd") as writer:
        for each in ranges:
            table = pq.read_table(_file(parts, each, what))
            rows += table.num_rows
            writer.write_table(table.cast(schema))
    half.chmod(0o600)
    half.replace(path)
    return rows


def _counts(
    ranges: Sequence[Range], parts: Path, out: Path, pack: Pack, frames: Counter[str], answered: Counter[str]
) -> None:
    tables = [pq.read_table(_file(parts, each, "counts")) for each in ranges]
    whole = pa.concat_tables(tables) if tables else COUNTS.empty_table()
    connection = duckdb.connect()
    connection.register("counted", whole)
    rows: pa.Table = connection.sql(
        "SELECT standard, version, answer, reason, team, month, sum(n)::BIGINT AS n FROM counted "
        "GROUP BY ALL ORDER BY ALL"
    ).to_arrow_table()
    none = [
        dict(zip(COUNTS.names, (each.id, "", DOES_NOT_APPLY, "", "", "", frames[each.standard.frame] - answered[each.id]),
                 strict=True))
        for each in pack.finished if frames[each.standard.frame] > answered[each.id]
    ]  # fmt: skip
    write(pa.concat_tables([rows.cast(COUNTS), pa.Table.from_pylist(none, COUNTS)]), out / "counts.parquet")


if __name__ == "__main__":
    _child(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    os._exit(0)  # without the tidying up during which the database's binding would print about itself
