"""The review of a whole ledger: ranges of frames asked on several processes, restartable, written as Parquet."""

from __future__ import annotations

import gc
import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb
import pyarrow.parquet as pq

from everystone import __version__
from everystone.findings import copies, elsewhere, led
from everystone.findings.answer import Answer
from everystone.findings.bulk.evaluator import Bulk
from everystone.findings.danger import Danger
from everystone.findings.elsewhere import OFFICER
from everystone.findings.frames import NAMING, Instants, Named, facts_of_officers, stream_frame
from everystone.findings.gathering import COPIES, ELSEWHERE, KEPT, LED, PERSONS, Gathering, Only
from everystone.findings.reference import Questions, ask
from everystone.findings.tally import RUN, Asked, Tally, merge, part, take_away
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.rows import cut, some_at_a_time
from everystone.ledger.case import Facts, Frame
from everystone.ledger.entry import Entry
from everystone.ledger.state import Interval
from everystone.standards.pack import Pack, load

Engine = Literal["bulk", "reference"]
ENGINES: tuple[Engine, ...] = ("bulk", "reference")
NAMED = "named"  # the sort of a range of persons, where others are ranges of streams
CHUNK = 20_000  # entries a task: small enough to restart cheaply, large enough to read in one go


class Range(NamedTuple):
    """One task: the streams (or persons) from one name to another, of one sort."""

    number: int
    sort: str
    first: str
    last: str


class Work(NamedTuple):
    """What every process is told: where the ledger lies and up to which entry, which packs, as at when, where to write.

    `streams` is the folder of the streams that are asked: the ledger, or one that holds some of its streams only. The `pack`
    itself is told where it lies in no folder, or is at hand. With `waking` only streams are read that hold an entry of these kinds.
    """

    ledger: Path
    packs: tuple[str, ...]
    as_at: int
    known_on: int
    parts: Path
    shadow: bool = False
    streams: Path | None = None
    upto: int | None = None
    engine: Engine = "bulk"
    pack: Pack | None = None
    waking: frozenset[str] = frozenset()


#: Who does the ranges: processes of ours, or a cluster. It yields how many are done.
Doing = Callable[[Work, Sequence[Range], int], Iterable[float]]


def review(
    ledger: Path, pack: Pack, when: Instants, out: Path, *, processes: int = 2,
    progress: Callable[[float], None] | None = None, only: Only | None = None, upto: int | None = None,
    engine: Engine = "bulk", do: Doing | None = None, waking: frozenset[str] = frozenset(), keep: Path | None = None,
) -> Asked:  # fmt: skip
    """Ask every standard of every frame; write findings.parquet, counts.parquet and danger.parquet under `out`.

    `ledger` is the folder of a ParquetBook, read as it stood at the entry `upto`. A run that was stopped goes on where
    it was: finished ranges are kept in `out/parts` until the end. Memory is bounded by the range, not by the ledger.
    `engine` says which evaluator asks: both give the same, the bulk one sooner. `do` does the ranges in the place of
    processes of ours.
    With `only` some frames are asked, amid all that the whole ledger says of those in them. With `waking` only those of
    streams that hold an entry of these kinds are asked and counted. What can be gone on from is left in the folder `keep`.
    """
    book = open_book(ledger, pack, upto)
    asked = book if only is None else open_book(only.streams, pack, upto)
    parts = out / "parts"
    _go_on_or_begin(parts, book, pack, when)
    if only is not None and not (parts / LED).exists():
        copies.narrow(only.gathered / COPIES, book, parts / COPIES)
        shutil.copy(only.gathered / LED, parts)
    gathering = Gathering.of(book, pack, when, parts, only)
    ranges = _stream_ranges(asked)
    if only is None and processes > 1 and len(ranges) > 1:
        gathering.do_apart()
    else:
        gathering.do()
    ranges = [*ranges, *_person_ranges(parts)] or [Range(0, "case", "", "")]  # in nothing, nothing is found
    packs = tuple(str(folder) for folder in pack.folders)
    work = Work(ledger, packs, when.as_at, when.known_on, parts, pack.shadow, asked.folder, upto, engine,
                None if pack.folders and processes > 1 else pack, waking)  # fmt: skip
    todo = [each for each in ranges if not part(parts, each.number, "done").exists()]
    before = len(ranges) - len(todo)
    for done in (do or _run)(work, todo, processes):
        if progress is not None:
            progress((before + done) / max(len(ranges), 1))
    if keep is not None:
        for name in KEPT:
            shutil.copy(parts / name, keep)
    return merge([each.number for each in ranges], parts, out, pack)


def open_book(ledger: Path, pack: Pack, upto: int | None = None) -> ParquetBook:
    """The book in a folder, read with a pack's kinds (as it stood at the entry `upto`)."""
    kinds = pack.words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    return ParquetBook(ledger, kinds.texts, people, upto)


def _run(work: Work, todo: Sequence[Range], processes: int) -> Iterable[float]:
    """Do every range; yields now and then how many are done of those that were to do."""
    if processes < 2 or len(todo) < 2:
        worker = Worker(work)
        gc.freeze()  # what was read at the start stays; it need not be looked through after every range
        try:
            for done, each in enumerate(todo, 1):
                worker.do(each)
                yield done
        finally:
            gc.unfreeze()
        return
    job = work.parts / "job"
    job.write_bytes(pickle.dumps((work, todo)))
    command = [sys.executable, "-m", "everystone.findings.review", str(job), str(processes)]
    children = [subprocess.Popen([*command, str(number)]) for number in range(processes)]  # noqa: S603 - ourselves
    try:
        while any(child.poll() is None for child in children):
            yield sum(part(work.parts, each.number, "done").exists() for each in todo)
            if any(child.poll() for child in children):
                break
            time.sleep(0.2)
        if any(child.poll() for child in children):
            raise RuntimeError("a process of the review stopped before its work was done")
    finally:
        for child in children:
            child.kill()
            child.wait()


def _child(job: Path, processes: int, number: int) -> None:
    """One of several processes: every so-manieth range is its own. Nobody's main program is read again for it."""
    work, todo = pickle.loads(job.read_bytes())  # noqa: S301 - written by our own parent into a private folder
    with _no_collecting():
        worker = Worker(work)
    gc.freeze()  # as above
    for task in todo[number::processes]:
        worker.do(task)


# ---- ranges ----------------------------------------------------------------------------------------------------


def _stream_ranges(book: ParquetBook) -> list[Range]:
    """Every stream but those of officers, which are facts beside others; no range spans two sorts."""
    ranges = list[Range]()
    for sort, sizes in groupby(book.sizes(), key=lambda each: each[0].partition("/")[0]):
        if sort != "officer":
            ranges += _ranges(sizes, sort, len(ranges))
    return ranges


def _ranges(sizes: Iterable[tuple[str, int]], sort: str, number: int) -> list[Range]:
    return [Range(n, sort, first, last) for n, (first, last) in enumerate(cut(sizes, CHUNK), number)]


def _person_ranges(parts: Path) -> list[Range]:
    """Those named in more than one stream, and officers, whose entries were gathered into a file."""
    counted = duckdb.read_parquet(str(parts / PERSONS)).aggregate("whose, count(*)", "whose").order("whose")
    return _ranges(some_at_a_time(counted), NAMED, 1_000_000)


def _go_on_or_begin(parts: Path, book: ParquetBook, pack: Pack, when: Instants) -> None:
    """A run goes on only from one of the same program, entries, packs and instants; else what is there is done away."""
    said = [__version__, book.digest(), pack.digest, pack.shadow, when.as_at, when.known_on]
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    marker = parts / RUN
    if parts.exists() and (not marker.exists() or marker.read_text(encoding="utf-8") != digest):
        take_away(parts)
    parts.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text(digest, encoding="utf-8")


# ---- one process -----------------------------------------------------------------------------------------------


class Worker:
    """One process: it has read the packs and the facts, and asks range after range."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.pack = work.pack or load(work.packs, shadow=work.shadow)
        self.words = self.pack.words
        self.book = open_book(work.streams or work.ledger, self.pack, work.upto)
        ledger = open_book(work.ledger, self.pack, work.upto)
        self.when = Instants(work.as_at, work.known_on, ledger.coverage())
        self.questions = Questions(self.pack)
        self.bulk = Bulk(self.questions) if work.engine == "bulk" else None
        self.danger = Danger(self.pack)
        self.facts = facts_from(ledger, self.pack, self.when, led.gathered(work.parts / LED))
        shared = work.parts / PERSONS
        self.shared = frozenset(pq.read_table(shared, columns=["whose"])["whose"].unique().to_pylist())
        self.person_kinds = self.questions.waking(NAMING)

    def do(self, task: Range) -> None:
        """Ask one range and write what was found; the last file written says that it is done."""
        with _no_collecting():
            self._do(task)

    def _do(self, task: Range) -> None:
        tally, heard = Tally(), dict[str, list[Entry]]()
        if task.sort != NAMED:
            heard = elsewhere.gathered(self.work.parts / ELSEWHERE, task.first, task.last)
        self.facts.copies = self._copies(task)
        frames = self._persons(task, tally) if task.sort == NAMED else self._streams(task, heard, tally)
        for frame, answers in self._asked(frames, tally):
            placed = (
                self.danger.places(frame, answers, heard.get(f"case/{frame.name}", ())) if frame.sort == "case" else []
            )
            tally.take(frame, self.danger.tiered(answers, placed), placed)
        tally.write(self.work.parts, task.number)

    def _asked(self, frames: Iterable[Frame], tally: Tally) -> Iterable[tuple[Frame, list[Answer]]]:
        """Every frame with its answers; those that were proved met in bulk are in the tally already, and not among them."""
        if self.bulk is None:
            for frame in frames:
                answers = ask(frame, self.questions)
                tally.answered.update({answer.standard for answer in answers})
                yield frame, answers
            return
        together = list(frames)
        found: dict[int, list[Answer]] = {}
        for sort in sorted({frame.sort for frame in together}):
            places = [n for n, frame in enumerate(together) if frame.sort == sort]
            answered = self.bulk.ask([together[n] for n in places])
            tally.take_met(answered)
            found.update(zip(places, answered.answers, strict=True))
        for n, frame in enumerate(together):
            yield frame, found[n]

    def _copies(self, task: Range) -> copies.Copies:
        """Which texts of the range are copies: of persons those in the entries that name them, whatever their streams."""
        gathered = self.work.parts / COPIES
        if task.sort != NAMED:
            return copies.gathered(gathered, task.first, task.last)
        mine = [("whose", ">=", task.first), ("whose", "<=", task.last)]
        keys = pq.read_table(self.work.parts / PERSONS, columns=["key"], filters=mine)
        return copies.gathered_for(gathered, keys["key"].to_pylist())

    def _streams(self, task: Range, heard: Mapping[str, Sequence[Entry]], tally: Tally) -> Iterable[Frame]:
        streams: dict[str, list[Entry]] = {}
        for entry in self.book.between(task.first, task.last, self.work.waking):
            streams.setdefault(entry.stream, []).append(entry)
        for stream, entries in streams.items():
            name = stream.removeprefix(f"{task.sort}/")
            if task.sort not in NAMING:
                yield stream_frame(task.sort, name, entries, self.words, self.when, self.facts, heard.get(stream, ()))
            yield from self._woken(entries, self._only_here, tally)

    def _only_here(self, name: str) -> bool:
        return name not in self.shared and name not in self.facts.entries

    def _persons(self, task: Range, tally: Tally) -> Iterable[Frame]:
        table = pq.read_table(
            self.work.parts / PERSONS,
            filters=[("whose", ">=", task.first), ("whose", "<=", task.last)],
        )
        whose = table["whose"].to_pylist()
        entries: dict[str, list[Entry]] = {}
        for name, entry in zip(whose, entries_of(table), strict=True):
            entries.setdefault(name, []).append(entry)
        for name, mine in entries.items():
            yield from self._woken(mine, name.__eq__, tally)

    def _woken(self, entries: Sequence[Entry], only: Callable[[str], bool], tally: Tally) -> Iterable[Frame]:
        """The frames of persons of whom some standard has something to say; the others are counted and not made."""
        if not any(entry.kind in self.person_kinds for entry in entries):
            return
        named = Named(entries, self.words)
        for name in named.people:
            if only(name):
                if named.wakes(name, self.person_kinds):
                    yield named.frame(name, self.when, self.facts)
                else:
                    tally.frames["officer" if name in self.facts.entries else "person"] += 1


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Leaves the search for circles among objects until the end of a range: asking makes none that matter."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()
        gc.collect()


def facts_from(book: ParquetBook, pack: Pack, when: Instants, open_cases: Mapping[str, Sequence[Interval]]) -> Facts:
    """The facts from outside a frame: officers' own streams, and who led which case when; which texts are copies is not
    among them, as `copies.gather` says it of the whole book."""
    streams = groupby(book.between(OFFICER, f"{OFFICER}\U0010ffff"), key=attrgetter("stream"))
    mine = {stream.removeprefix(OFFICER): list(each) for stream, each in streams}
    facts = facts_of_officers(mine, pack.words, when)
    facts.open_cases = open_cases
    return facts


if __name__ == "__main__":
    _child(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    os._exit(0)  # without the tidying up during which the database's binding would print about itself
