"""A review asked again after new entries: only of the frames that these can touch, and equal to a whole one."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from everystone import __version__
from everystone.findings import copies, led
from everystone.findings.frames import Instants
from everystone.findings.gathering import COPIES, KEPT, LED, Only, compared
from everystone.findings.review import CHUNK, Doing, Engine, open_book, review
from everystone.findings.tally import COUNTS, FINDINGS, PLACED, Asked, in_order
from everystone.findings.touched import Lead, around, touched
from everystone.ledger.book.apart import apart
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.rows import write
from everystone.ledger.coverage import Holding
from everystone.standards.pack import Pack

STATE = "asked.json"
RESULTS = (("findings.parquet", FINDINGS), ("danger.parquet", PLACED))
WRITTEN = ("counts.parquet", *(name for name, _ in RESULTS))


def review_again(
    ledger: Path, pack: Pack, when: Instants, out: Path, *, processes: int = 2,
    progress: Callable[[float], None] | None = None, engine: Engine = "bulk", do: Doing | None = None,
) -> Asked:  # fmt: skip
    """As `review`; where `out` holds one of the same program, packs and instants, only what came since is asked.

    For ledgers that are only added to (a mirror). Anything else that differs from the earlier review, an entry that
    changed or what the sources hold among it, makes it a whole one.
    """
    book = open_book(ledger, pack)
    before, said = _state(out), _said(pack, when)
    reached = int(before.get("upto", 0))
    upto = book.last
    stood, stands = book.contents_since(reached)
    known = {**said, "entries": stood, "upto": reached, "files": _digests(out, WRITTEN)}
    (out / STATE).unlink(missing_ok=True)  # stopped half-way, what lies there is no earlier review of anything
    if {name: before.get(name) for name in known} != known:
        asked = review(ledger, pack, when, out, processes=processes, progress=progress, engine=engine, do=do, keep=out)
    elif upto == reached:
        asked = Asked(int(before["frames"]), _findings(out))
    else:
        asked = _refreshed(
            book, pack, when, out, before, upto, processes=processes, progress=progress, engine=engine, do=do
        )
    state = {**said, "entries": stands, "upto": upto, "frames": asked.frames, "files": _digests(out, WRITTEN),
             "kept": _digests(out, KEPT)}  # fmt: skip
    (out / STATE).write_text(json.dumps(state), encoding="utf-8")
    return asked


def _state(out: Path) -> dict[str, Any]:
    """What is said of the review that lies in a folder; nothing, where none can be read."""
    try:
        said = json.loads((out / STATE).read_text(encoding="utf-8"))
        return said if isinstance(said, dict) and isinstance(said["upto"], int) else {}
    except (OSError, ValueError, KeyError):
        return {}


def _said(pack: Pack, when: Instants) -> dict[str, Any]:
    """All on which a review rests beside the entries."""
    day = pack.words.calendar.day_of(min(when.as_at, when.known_on))
    held = {_cut(each, day) for each in when.coverage.holdings or ()}
    return {"version": __version__, "held": sorted(held), "pack": pack.digest, "shadow": pack.shadow,
            "as_at": when.as_at, "known_on": when.known_on}  # fmt: skip


def _cut(holding: Holding, day: date) -> str:
    """What is held up to a day, as a text: that a later delivery holds more beyond it changes no answer."""
    last = day if holding.last is None else min(holding.last, day)
    return f"{sorted(holding.kinds)} {holding.first} {last} {sorted(holding.teams)} {holding.how}"


def _digests(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Of each of some files what stands in it, as a short text; "" where there is none."""
    found = dict.fromkeys(names, "")
    for name in names:
        if (folder / name).exists():
            with (folder / name).open("rb") as file:
                found[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return found


def _refreshed(
    book: ParquetBook, pack: Pack, when: Instants, out: Path, before: dict[str, Any], upto: int, *, processes: int,
    progress: Callable[[float], None] | None, engine: Engine, do: Doing | None,
) -> Asked:  # fmt: skip
    """Ask the touched frames as they stood and as they stand, and put the difference in the place of what was there."""
    reached, work = int(before["upto"]), out / "again"
    shutil.rmtree(work, ignore_errors=True)
    was, now = work / "was", work / "now"
    for folder in (work, was, now):
        folder.mkdir(mode=0o700)
    if before.get("kept") == _digests(out, KEPT):
        was = out
    else:
        _gather(open_book(book.folder, pack, reached), pack, when, was)
    _gather_again(book, pack, when, was, reached, now)
    retold = {row[0] for row in _different("whose", was / COPIES, now / COPIES)}
    leads = [Lead._make(row) for row in _different("lead, lo, hi", was / LED, now / LED)]
    found = touched(book, pack, reached, sorted(retold), leads)
    beside = around(book, pack, reached, found, work / "around")
    streams = apart(open_book(beside, pack), sorted(found.streams), work / "streams")
    if sum(size for _, size in open_book(streams, pack).sizes()) <= CHUNK:
        processes = 1  # others would take longer to begin than they save
    asked = []
    for half, (stood, gathered) in enumerate(((reached, was), (upto, now))):
        folder = work / str(stood)
        folder.mkdir(mode=0o700)
        tell = progress and (lambda share, half=half: progress((half + share) / 2))  # type: ignore[misc]
        only = Only(streams, sorted(found.persons), gathered)
        asked.append(review(beside, pack, when, folder, processes=processes, progress=tell, only=only, upto=stood,
                            engine=engine, do=do))  # fmt: skip
    _put_in_place(out, work / str(reached), work / str(upto), found.frames)
    for name in KEPT:
        (now / name).replace(out / name)
    shutil.rmtree(work)
    return Asked(int(before["frames"]) + asked[1].frames - asked[0].frames, _findings(out))


def _gather(book: ParquetBook, pack: Pack, when: Instants, folder: Path) -> None:
    """What a review keeps of a whole ledger, where what an earlier one kept is not there as it was."""
    copies.gather(book, compared(pack), when.as_at, when.known_on, folder / COPIES)
    led.gather(book, pack.words, when, folder / LED)


def _gather_again(book: ParquetBook, pack: Pack, when: Instants, was: Path, reached: int, folder: Path) -> None:
    """The same after new entries."""
    copies.gather_again(
        book, compared(pack), when.as_at, when.known_on, folder / COPIES, before=was / COPIES, after=reached
    )
    led.gather_again(book, pack.words, when, folder / LED, before=was / LED, after=reached)


def _findings(out: Path) -> int:
    return int(pq.read_metadata(out / "findings.parquet").num_rows)


def _different(columns: str, was: Path, now: Path) -> list[tuple[Any, ...]]:
    """Some columns of the rows that stand in one of two files alone."""
    return duckdb.execute(
        f"""SELECT DISTINCT {columns} FROM (SELECT * EXCLUDE n, sum(n) AS n FROM (
            SELECT *, 1 AS n FROM read_parquet($now, hive_partitioning=false)
            UNION ALL SELECT *, -1 FROM read_parquet($was, hive_partitioning=false)) GROUP BY ALL) WHERE n <> 0""",  # noqa: S608
        {"was": str(was), "now": str(now)},
    ).fetchall()


def _put_in_place(out: Path, stood: Path, stands: Path, frames: Iterable[str]) -> None:
    for name, schema in RESULTS:
        rows = """SELECT * FROM read_parquet($was, file_row_number=true, hive_partitioning=false)
            WHERE frame NOT IN (SELECT unnest($touched))
            UNION ALL SELECT * FROM read_parquet($now, file_row_number=true, hive_partitioning=false)"""
        given = {"was": str(out / name), "now": str(stands / name), "touched": sorted(frames)}
        in_order(rows, given, schema, out / name)
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false")
    places = ", ".join(COUNTS.names[:-1])
    counted = connection.sql(
        f"""SELECT {places}, sum(n)::BIGINT AS n FROM (
            SELECT * FROM read_parquet($was, hive_partitioning=false)
            UNION ALL SELECT * REPLACE (-n AS n) FROM read_parquet($stood, hive_partitioning=false)
            UNION ALL SELECT * FROM read_parquet($stands, hive_partitioning=false)) GROUP BY ALL HAVING sum(n) <> 0 ORDER BY ALL""",  # noqa: S608 - columns
        params={"was": str(out / "counts.parquet"), "stood": str(stood / "counts.parquet"),
                "stands": str(stands / "counts.parquet")},
    ).to_arrow_table()  # fmt: skip
    write(counted.cast(COUNTS), out / "counts.parquet")
