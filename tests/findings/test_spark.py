"""A review on Spark: the same bytes, the same answers of every story, and nothing written where a task was not done."""

from __future__ import annotations

import os
import pickle
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from everystone.findings import review, spark
from everystone.findings.again import review_again
from everystone.findings.bulk.evaluator import Bulk
from everystone.findings.reference import Questions
from everystone.ledger.case import Frame
from everystone.ledger.fault import Fault
from everystone.library import Extract, read
from everystone.standards.pack import Pack, load
from everystone.synthetic import synthesise
from tests.conftest import PROOF, ROOT
from tests.docs.console import follow
from tests.findings.bulk.equal import met_in
from tests.findings.bulk.test_equal import frames_told
from tests.findings.test_again import entries_of, rows, split

AS_AT = "2026-06-30"
CASES = 1_000 if PROOF else 100
SHARES = 2  # tasks among which the stories are dealt out
EACH = 1 if PROOF else 20  # every so-manieth frame of the stories


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """One session for all, on two threads of this machine."""
    try:
        spark.look_over()
    except Fault as fault:
        pytest.skip(fault.public)
    from pyspark.sql import SparkSession

    kept = dict(os.environ)
    os.environ.update(PYSPARK_PYTHON=sys.executable, PYTHONPATH=str(ROOT))
    with spark._quietly():
        found = SparkSession.builder.master("local[2]").config(map=spark.ALONE).getOrCreate()
    yield found
    found.stop()
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """A small invented force, taken into a ledger."""
    folder = tmp_path_factory.mktemp("force")
    synthesise(CASES, 5, folder / "world", ["unseen-children", "silent-cases"])
    return read([folder / "world"], folder / "world" / "mapping.yaml", folder / "ledger")


@pytest.fixture(autouse=True)
def small_ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review, "CHUNK", 700)


def on_spark(extract: Extract, out: Path) -> None:
    review.review(extract.ledger.folder, extract.pack, extract.instants(AS_AT), out, processes=1, do=spark.run)


def alike(one: Path, other: Path) -> bool:
    names = ("findings.parquet", "counts.parquet", "danger.parquet")
    return all((one / name).read_bytes() == (other / name).read_bytes() for name in names)


def test_a_review_on_spark_writes_the_same_bytes(session: Any, extract: Extract, tmp_path: Path) -> None:
    told: list[float] = []
    ledger, when = extract.ledger.folder, extract.instants(AS_AT)
    asked = [
        review.review(ledger, extract.pack, when, tmp_path / name, processes=1, do=do, progress=told.append)
        for name, do in (("spark", spark.run), ("here", None))
    ]
    assert asked[0] == asked[1]
    assert alike(tmp_path / "spark", tmp_path / "here")
    assert 0 < told[0] < 1, "how far it is is told before the end"


@pytest.mark.proof
def test_asked_again_on_spark_it_says_what_a_whole_review_says(session: Any, extract: Extract, tmp_path: Path) -> None:
    fresh = [
        next(each.key for each in entries_of(extract) if each.stream.startswith(sort)) for sort in ("case", "officer")
    ]
    book, lacking = split(extract, tmp_path / "ledger", fresh)
    out, when = tmp_path / "out", extract.instants(AS_AT)
    out.mkdir()
    review_again(book.folder, extract.pack, when, out, processes=1)
    shutil.copytree(out, tmp_path / "here")
    book.append(lacking)
    for folder, do in ((out, spark.run), (tmp_path / "here", None)):
        review_again(book.folder, extract.pack, when, folder, processes=1, do=do)
    assert rows(out) == rows(tmp_path / "here")


# ---- stories -------------------------------------------------------------------------------------------------------


def said_of_stories(pack: Pack) -> list[list[str]]:
    """What the bulk evaluator says of each share of the frames of all stories, frame by frame."""
    frames, bulk = frames_told(pack)[::EACH], Bulk(Questions(pack))
    return [said_of(frames[share::SHARES], bulk) for share in range(SHARES)]


def said_of(frames: Sequence[Frame], bulk: Bulk) -> list[str]:
    said = []
    for sort in sorted({frame.sort for frame in frames}):
        ours = [frame for frame in frames if frame.sort == sort]
        answered = bulk.ask(ours)
        met = met_in(answered, len(ours))
        said += [
            repr((frame.whole_name, answers, sorted(map(repr, proved))))
            for frame, answers, proved in zip(ours, answered.answers, met, strict=True)
        ]
    return said


def tell_stories(batches: Any, *_: Any) -> Iterator[pa.RecordBatch]:
    """A task that asks stories in the place of a range."""
    for share in (share for batch in batches for share in batch.column(0).to_pylist()):
        pack = load()
        ours = said_of(frames_told(pack)[::EACH][share::SHARES], Bulk(Questions(pack)))
        said = [pickle.dumps(ours), b"", b"", b""]
        yield pa.RecordBatch.from_arrays(
            [pa.array([share]), *(pa.array([each], pa.binary()) for each in said)], schema=spark.GIVEN
        )


def test_stories_and_worked_cases_are_answered_on_spark_as_here(
    session: Any, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spark, "asked", tell_stories)
    shares = [review.Range(share, "", "", "") for share in range(SHARES)]
    given = spark._given(session, "", shares)
    there = [pickle.loads(each["findings"]) for each in given]
    assert there == said_of_stories(pack)
    assert sum(map(len, there)) > 1_000 / EACH


# ---- what goes wrong -----------------------------------------------------------------------------------------------


def killed(batches: Any, name: str, ranges: Sequence[review.Range]) -> Iterator[pa.RecordBatch]:
    """A task whose process is killed in the middle of its work."""
    first = [batch for batch in batches]  # noqa: C416 - read, as a task would
    if ranges[first[0].column(0)[0].as_py()].number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    yield from spark.asked(iter(first), name, ranges)


def given_nothing(batches: Any, name: str, ranges: Sequence[review.Range]) -> Iterator[pa.RecordBatch]:
    """A task that ends without a word."""
    list(batches)
    yield from ()


def failed(extract: Extract, out: Path) -> str:
    """What is said of a review that cannot be done; no findings are written."""
    with pytest.raises(Fault) as caught:
        on_spark(extract, out)
    assert not (out / "findings.parquet").exists()
    assert not list(out.rglob("*.zip")), "what was sent is taken away again"
    return caught.value.public


@pytest.mark.parametrize(
    ("task", "says"),
    [
        (killed, "A task on Spark was not done"),
        pytest.param(given_nothing, "Spark gave 0 back", marks=pytest.mark.proof),
    ],
)
def test_where_a_task_is_not_done_nothing_is_written(
    session: Any, extract: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, task: Callable[..., Any], says: str
) -> None:
    monkeypatch.setattr(spark, "asked", task)
    assert says in failed(extract, tmp_path)
    monkeypatch.undo()


@pytest.mark.parametrize("lost", ["part-00001.entries.parquet", pytest.param("coverage.json", marks=pytest.mark.proof)])
def test_where_a_worker_does_not_see_the_ledger_nothing_is_written(
    session: Any, extract: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    given, file = spark._given, extract.ledger.folder / lost

    def without(*arguments: Any) -> list[Any]:
        file.rename(tmp_path / lost)
        try:
            return given(*arguments)
        finally:
            (tmp_path / lost).rename(file)

    monkeypatch.setattr(spark, "_given", without)
    said = failed(extract, tmp_path / "out")
    assert "A worker does not see the files of the ledger" in said
    monkeypatch.undo()
    if PROOF:
        on_spark(extract, tmp_path / "out")  # it goes on once the file is there again
        assert (tmp_path / "out" / "findings.parquet").exists()


def test_without_pyspark_or_java_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "pyspark", None)
        with pytest.raises(Fault, match=r"everystone\[spark\]"):
            spark.look_over()
    pytest.importorskip("pyspark")
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    with pytest.raises(Fault, match="Java 17"):
        spark.look_over()


@pytest.mark.proof
def test_the_page_comes_out_as_it_is_told(session: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(review, "CHUNK", 20_000)
    spoken = list(follow("docs/spark.md"))
    assert len(spoken) >= 4
    for each in spoken:
        assert each.agrees, f"{each.command}\n--- shown\n{each.shown}\n--- printed\n{each.printed}"
