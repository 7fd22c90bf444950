"""A review beyond one machine: its ranges are tasks of Spark, each asked by the same evaluator over the same Parquet.

A worker sees the entries files of the ledger at the same path as we do, never the texts. What was gathered over the whole
ledger, and the packs, are sent to it. It writes nothing that lasts: what a range gave comes back, in order, and is
put together here as in any review.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import re
import secrets
import shutil
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from zipfile import ZipFile

import pyarrow as pa

from everystone import __version__
from everystone.findings.gathering import COPIES, ELSEWHERE, LED, PERSONS
from everystone.findings.review import Range, Work, Worker
from everystone.findings.tally import PARTS, part
from everystone.ledger.fault import Fault

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

GATHERED = (PERSONS, ELSEWHERE, COPIES, LED)
GIVEN = pa.schema([("number", pa.int64()), *((what, pa.binary()) for what in PARTS)])
#: Where Spark is told which cluster it is to use; where none of them is set, it is this machine.
SAID = ("PYSPARK_PYTHON", "PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_HOME", "SPARK_REMOTE")
ALONE = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1",
         "spark.log.level": "FATAL"}  # fmt: skip
FIRST, MOST = 8, 512  # ranges given to Spark at once: few, so that a cluster that cannot work says so soon; then more
FOOT = 1 << 16  # bytes at the end of a file, where Parquet says all that is in it
_FAULT = re.compile(r"^everystone\.ledger\.fault\.Fault: (.*)$", re.MULTILINE)
_ERROR = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception))\b", re.MULTILINE)


class Told(NamedTuple):
    """What a worker is told beside what was gathered: its work, by which version, and the files that it must see."""

    work: Work
    version: str
    files: list[tuple[str, int, str]]


def look_over() -> None:
    """Raise Fault, before anything is read, where Spark cannot be had."""
    try:
        import pyspark  # noqa: F401
    except ImportError as error:
        raise Fault(
            "A review on Spark needs PySpark. Install the extra: pip install 'everystone[spark]'. Without it, leave "
            "--engine away."
        ) from error
    java = shutil.which("java", path=f"{os.environ['JAVA_HOME']}/bin" if os.environ.get("JAVA_HOME") else None)
    if java is None and not os.environ.get("SPARK_REMOTE"):
        raise Fault(
            "A review on Spark needs Java 17 or newer, and there is none here. Install it (Debian: apt install "
            "openjdk-17-jre-headless), or say with JAVA_HOME where it is."
        )


def run(work: Work, todo: Sequence[Range], processes: int) -> Iterable[float]:
    """Do every range on Spark; yields how many are done of those that were to do.

    Spark is asked as it is set up (PYSPARK_SUBMIT_ARGS, spark-defaults.conf, a session that is there already); where it
    is not, it has so many `processes` of this machine. Raises Fault where a task was not done.
    """
    if not todo:
        return
    look_over()
    with _session(processes) as session, _sent(session, work) as name:
        done, many = 0, FIRST
        while done < len(todo):
            ranges = todo[done : done + many]
            for each, given in zip(ranges, _given(session, name, ranges), strict=True):
                _keep(work.parts, each, given)
            done, many = done + len(ranges), min(many * 2, MOST)
            yield done


class _session:
    """The session of Spark that is there, or one of our own, which ends with the work."""

    def __init__(self, processes: int) -> None:
        self.processes = processes

    def __enter__(self) -> SparkSession:
        with _quietly():
            from pyspark.sql import SparkSession

        there = SparkSession.getActiveSession()
        self.own = there is None
        if there is None:
            builder = SparkSession.builder.appName("everystone").config("spark.ui.showConsoleProgress", "false")
            if not any(os.environ.get(each) for each in SAID):
                os.environ["PYSPARK_PYTHON"] = sys.executable
                builder = builder.master(f"local[{self.processes}]").config(map=ALONE)
            try:
                with _quietly():
                    there = builder.getOrCreate()
            except Exception as error:
                raise _stopped("Spark did not start", error) from error
        self.session = there
        return there

    def __exit__(self, *_: object) -> None:
        if self.own:
            self.session.stop()


def _quietly() -> AbstractContextManager[object]:
    """Without what PySpark says of pandas, which no task uses."""
    return warnings.catch_warnings(action="ignore", category=FutureWarning)


@contextmanager
def _sent(session: SparkSession, work: Work) -> Iterator[str]:
    """What every worker needs beside the ledger, under the name by which it finds that; it is fetched when it is needed."""
    name = f"everystone-{secrets.token_hex(8)}.zip"
    path = work.parts.resolve() / name  # Spark stands in a folder of its own
    ledger = work.ledger.resolve()
    packs = tuple(f"packs/{place}/{Path(folder).name}" for place, folder in enumerate(work.packs))
    apart = work.streams is not None and work.streams.resolve() != ledger
    known, streams = (Path("ledger"), Path("streams")) if apart else (ledger, ledger)  # of a few frames both are small
    theirs = work._replace(ledger=known, packs=packs, streams=streams, engine="bulk")
    with ZipFile(path, "w") as told:
        told.writestr("told", pickle.dumps(Told(theirs, __version__, files_of(ledger))))
        for each in GATHERED:
            told.write(work.parts / each, each)
        folders = [
            *zip(map(Path, work.packs), packs, strict=True),
            *([(ledger, "ledger"), (work.streams, "streams")] if apart else []),
        ]
        for folder, there in folders:
            for file in sorted(each for each in Path(str(folder)).rglob("*") if each.is_file()):
                told.write(file, f"{there}/{file.relative_to(str(folder))}")
    path.chmod(0o600)
    try:
        session.addArtifacts(str(path), archive=True)
        yield name
    finally:
        path.unlink()


def files_of(ledger: Path) -> list[tuple[str, int, str]]:
    """The files of a ledger on which answers rest, by name, size and what stands at their end."""
    files = [*ledger.glob("part-*.entries.parquet"), *ledger.glob("coverage.json")]
    return sorted((each.name, each.stat().st_size, _foot(each)) for each in files)


def _foot(path: Path) -> str:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - FOOT, 0))
        return hashlib.sha256(file.read()).hexdigest()


def _given(session: SparkSession, name: str, ranges: Sequence[Range]) -> list[Any]:
    """What some ranges gave, in their order. Raises Fault where one gave nothing."""
    tasks = session.range(0, len(ranges), 1, len(ranges))  # each a task of its own
    fields = ", ".join(f"{each.name} {'long' if each.name == 'number' else 'binary'}" for each in GIVEN)
    try:
        with _quietly():
            rows = tasks.mapInArrow(lambda batches: asked(batches, name, ranges), fields).collect()
    except Exception as error:
        raise _stopped("A task on Spark was not done", error) from error
    found = {row["number"]: row for row in rows}
    missing = [each.number for each in ranges if each.number not in found]
    if missing or len(rows) != len(ranges):
        raise Fault(f"Of {len(ranges)} ranges Spark gave {len(rows)} back. Nothing was written; say the command again.")
    return [found[each.number] for each in ranges]


def _stopped(what: str, error: Exception) -> Fault:
    """Why it was not done: in a worker's own words where they are ours; others may hold rows and are kept private."""
    said = str(error)
    if ours := _FAULT.search(said):
        why = ours[1]
    elif "No module named 'everystone'" in said:
        why = "The workers' Python lacks Everystone: install it there, or say with PYSPARK_PYTHON which Python has it."
    else:
        named = [*_ERROR.findall(said), type(error).__name__]
        why = f"A process stopped with {named[-2] if len(named) > 1 else named[0]}."
    return Fault(f"{what}, and no findings were written. {why} What was done before is kept: say the command again.",
                 private=said)  # fmt: skip


def _keep(parts: Path, each: Range, given: Any) -> None:
    """Write what a range gave where any process of a review would have; the mark that it is whole comes last."""
    for what in PARTS:
        path = part(parts, each.number, what)
        path.touch(mode=0o600)
        path.write_bytes(given[what])


# ---- what a worker does --------------------------------------------------------------------------------------------


def asked(batches: Iterable[pa.RecordBatch], name: str, ranges: Sequence[Range]) -> Iterator[pa.RecordBatch]:
    """One task: ask the ranges that it is given by their places, and give what each wrote."""
    from pyspark import SparkFiles

    folder = Path(SparkFiles.get(name))
    for place in (place for batch in batches for place in batch.column(0).to_pylist()):
        each, worker = ranges[place], _worker(folder)
        _same_files(worker.work.ledger, _told(folder))
        worker.do(each)
        files = [part(folder, each.number, what) for what in PARTS]
        yield pa.RecordBatch.from_arrays(
            [pa.array([each.number]), *(pa.array([file.read_bytes()], pa.binary()) for file in files)], schema=GIVEN
        )
        for file in files:
            file.unlink()


@lru_cache(maxsize=1)
def _worker(folder: Path) -> Worker:
    """The worker of this process, which has read the packs and the facts. Raises Fault where it lacks something."""
    told = _told(folder)
    if told.version != __version__:
        raise Fault(f"A worker has Everystone {__version__}, and the review was begun by {told.version}.")
    _same_files(folder / told.work.ledger, told)
    packs = tuple(str(folder / each) for each in told.work.packs)
    streams = None if told.work.streams is None else folder / told.work.streams
    ledger = folder / told.work.ledger  # as it is, where it lies on every machine
    return Worker(told.work._replace(ledger=ledger, packs=packs, streams=streams, parts=folder))


@lru_cache(maxsize=1)
def _told(folder: Path) -> Told:
    told: Told = pickle.loads((folder / "told").read_bytes())  # noqa: S301 - sent by our own review
    return told


def _same_files(ledger: Path, told: Told) -> None:
    """Raise Fault where a worker sees other files of the ledger than the review does, or none."""
    if files_of(ledger) != told.files:
        raise Fault(
            f"A worker does not see the files of the ledger at {ledger} as they were. They must lie there on every machine."
        )
