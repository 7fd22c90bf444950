"""A review asked again after new entries: only of the frames that these can touch, and equal to a whole one.

Which frames those are is derived from what a frame is made of: its own stream, the people it shares with others, what is
on record of the officers who act in it, how many cases an officer leads, and the texts elsewhere that it copies.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone import __version__
from everystone.findings import copies
from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import CASE, OFFICER, PERSON
from everystone.findings.frames import Instants
from everystone.findings.gathering import LOAD, Only, says, words_in
from everystone.findings.review import CHUNK, Doing, Engine, open_book, review
from everystone.findings.tally import COUNTS, FINDINGS, PLACED, Asked
from everystone.ledger.book.apart import apart
from everystone.ledger.book.parquet import ParquetBook, write
from everystone.ledger.coverage import Holding
from everystone.standards.pack import Pack

STATE = "asked.json"
RESULTS = (("findings.parquet", FINDINGS), ("danger.parquet", PLACED))


class Touched(NamedTuple):
    """The frames that new entries can touch: streams by whole name, and persons and officers by name."""

    streams: frozenset[str]
    persons: frozenset[str]

    @property
    def frames(self) -> frozenset[str]:
        """The same as they are written in findings; a person may have become an officer, or the reverse."""
        return self.streams.union(*({PERSON + name, OFFICER + name} for name in self.persons))


def review_again(
    ledger: Path, pack: Pack, when: Instants, out: Path, *, processes: int = 2,
    progress: Callable[[float], None] | None = None, engine: Engine = "bulk", do: Doing | None = None,
) -> Asked:  # fmt: skip
    """As `review`; where `out` holds one of the same program, packs and instants, only what came since is asked.

    For ledgers that are only added to (a mirror). Anything else that differs from the earlier review, an entry that
    changed or what the sources hold among it, makes it a whole one.
    """
    book = open_book(ledger, pack)
    upto = book.last
    before = _earlier(out, book, pack, when)
    (out / STATE).unlink(missing_ok=True)  # stopped half-way, what lies there is no earlier review of anything
    if before is None:
        asked = review(ledger, pack, when, out, processes=processes, progress=progress, engine=engine, do=do)
    elif upto == before["upto"]:
        asked = Asked(int(before["frames"]), _findings(out))
    else:
        asked = _refreshed(
            book, pack, when, out, before, upto, processes=processes, progress=progress, engine=engine, do=do
        )
    state = {**_said(book, pack, when), "upto": upto, "frames": asked.frames}
    (out / STATE).write_text(json.dumps(state), encoding="utf-8")
    return asked


def _said(book: ParquetBook, pack: Pack, when: Instants) -> dict[str, Any]:
    """All on which a review rests."""
    day = pack.words.calendar.day_of(min(when.as_at, when.known_on))
    held = {_cut(each, day) for each in when.coverage.holdings or ()}
    return {"version": __version__, "entries": book.contents(), "held": sorted(held), "pack": pack.digest,
            "shadow": pack.shadow, "as_at": when.as_at, "known_on": when.known_on}  # fmt: skip


def _cut(holding: Holding, day: date) -> str:
    """What is held up to a day, as a text: that a later delivery holds more beyond it changes no answer."""
    last = day if holding.last is None else min(holding.last, day)
    return f"{sorted(holding.kinds)} {holding.first} {last} {sorted(holding.teams)} {holding.how}"


def _earlier(out: Path, book: ParquetBook, pack: Pack, when: Instants) -> dict[str, Any] | None:
    """What is said of the review that lies in a folder, where it can be gone on from."""
    try:
        state: dict[str, Any] = json.loads((out / STATE).read_text(encoding="utf-8"))
        said = _said(open_book(book.folder, pack, int(state["upto"])), pack, when)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = all((out / name).exists() for name in ("counts.parquet", *(name for name, _ in RESULTS)))
    return state if whole and {name: state.get(name) for name in said} == said else None


def _refreshed(
    book: ParquetBook, pack: Pack, when: Instants, out: Path, before: dict[str, Any], upto: int, *, processes: int,
    progress: Callable[[float], None] | None, engine: Engine, do: Doing | None,
) -> Asked:  # fmt: skip
    """Ask the touched frames as they stood and as they stand, and put the difference in the place of what was there."""
    reached = int(before["upto"])
    work = out / "again"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700)
    texts = [_copies(open_book(book.folder, pack, stood), pack, when, work) for stood in (reached, upto)]
    frames = touched(book, pack, reached, _retold(*texts))
    streams, persons = work / "streams", sorted(frames.persons)
    apart(book, frames.streams, streams)
    if sum(size for _, size in open_book(streams, pack).sizes()) <= CHUNK:
        processes = 1  # others would take longer to begin than they save
    asked = []
    for half, stood in enumerate((reached, upto)):
        folder = work / str(stood)
        folder.mkdir(mode=0o700)
        tell = progress and (lambda share, half=half: progress((half + share) / 2))  # type: ignore[misc]
        only = Only(streams, persons, texts[half])
        asked.append(review(book.folder, pack, when, folder, processes=processes, progress=tell, only=only, upto=stood,
                            engine=engine, do=do))  # fmt: skip
    _put_in_place(out, work / str(reached), work / str(upto), frames.frames)
    shutil.rmtree(work)
    was, now = asked
    return Asked(int(before["frames"]) + now.frames - was.frames, _findings(out))


def _findings(out: Path) -> int:
    return int(pq.read_metadata(out / "findings.parquet").num_rows)


def _copies(book: ParquetBook, pack: Pack, when: Instants, work: Path) -> Path:
    """Which texts of a book are copies, as it stood."""
    path = work / f"copies-{book.upto}.parquet"
    copies.gather(book, pack.words.kinds.compared, when.as_at, when.known_on, path)
    return path


def _retold(was: Path, now: Path) -> list[str]:
    """The streams with a text that copies others than it did."""
    rows = duckdb.execute(
        "SELECT DISTINCT whose FROM ((FROM read_parquet($was) EXCEPT FROM read_parquet($now)) "
        "UNION (FROM read_parquet($now) EXCEPT FROM read_parquet($was)))",
        {"was": str(was), "now": str(now)},
    ).fetchall()
    return [whose for (whose,) in rows]


def _put_in_place(out: Path, stood: Path, stands: Path, frames: Iterable[str]) -> None:
    connection = duckdb.connect()
    connection.execute("SET enable_progress_bar=false")
    connection.register("touched", pa.table({"frame": pa.array(sorted(frames), pa.string())}))
    for name, schema in RESULTS:
        table = connection.sql(
            "SELECT * FROM read_parquet(?) ANTI JOIN touched USING (frame) UNION ALL SELECT * FROM read_parquet(?)",
            params=[str(out / name), str(stands / name)],
        ).to_arrow_table()
        write(table.select(schema.names).cast(schema), out / name)
    places = ", ".join(COUNTS.names[:-1])
    counted = connection.sql(
        f"""SELECT {places}, sum(n)::BIGINT AS n FROM (
            SELECT * FROM read_parquet($was) UNION ALL SELECT * REPLACE (-n AS n) FROM read_parquet($stood)
            UNION ALL SELECT * FROM read_parquet($stands)) GROUP BY ALL HAVING sum(n) <> 0 ORDER BY ALL""",  # noqa: S608 - columns
        params={"was": str(out / "counts.parquet"), "stood": str(stood / "counts.parquet"),
                "stands": str(stands / "counts.parquet")},
    ).to_arrow_table()  # fmt: skip
    write(counted.cast(COUNTS), out / "counts.parquet")


# ---- which frames ------------------------------------------------------------------------------------------------

# `changed` are officers of whom something new stands on record; `loads` those whose number of cases may have changed.
_TOUCHED = f"""
    WITH fresh AS (SELECT * FROM entries WHERE number > $after),
    written AS (SELECT DISTINCT stream FROM fresh UNION SELECT stream FROM entries WHERE key IN (
        SELECT corrects FROM fresh WHERE corrects <> '' UNION SELECT withdraws FROM fresh WHERE withdraws <> '')),
    officers AS (SELECT DISTINCT substr(stream, {len(OFFICER) + 1}) AS person FROM entries
                 WHERE starts_with(stream, '{OFFICER}')),
    named AS (SELECT DISTINCT unnest(names) AS person, stream FROM entries),
    acting AS (FROM named UNION SELECT DISTINCT "by", stream FROM entries WHERE "by" <> ''),
    changed AS (SELECT person FROM officers JOIN written ON stream = '{OFFICER}' || person),
    led_anew AS (SELECT DISTINCT stream FROM fresh WHERE list_contains($leading, kind) OR corrects <> '' OR withdraws <> ''),
    loads AS (SELECT DISTINCT unnest(names) AS person FROM entries JOIN led_anew USING (stream)
              WHERE list_contains($leading, kind)),
    loaded AS (SELECT DISTINCT stream FROM (
        SELECT stream, unnest(names) AS person FROM entries WHERE list_contains($weighing, kind)) JOIN loads USING (person)),
    moved AS (SELECT stream FROM written UNION SELECT unnest($retold) UNION SELECT stream FROM acting JOIN changed USING (person)
              UNION SELECT stream FROM loaded),
    joined AS (SELECT DISTINCT there.stream FROM named here JOIN written ON here.stream = written.stream
               JOIN named there ON there.person = here.person
               WHERE here.person NOT IN (SELECT person FROM officers) AND starts_with(there.stream, '{CASE}')),
    streams AS (SELECT stream FROM moved UNION SELECT stream FROM joined),
    involved AS (SELECT DISTINCT person FROM officers JOIN acting USING (person) JOIN moved USING (stream))
    SELECT 'stream' AS what, stream AS name FROM streams
    UNION SELECT 'person', person FROM named JOIN streams USING (stream) WHERE person NOT IN (SELECT person FROM officers)
    UNION SELECT 'person', person FROM involved UNION SELECT 'person', person FROM changed
"""  # noqa: S608 - names of columns and streams


def touched(book: ParquetBook, pack: Pack, after: int, retold: Sequence[str] = ()) -> Touched:
    """The frames that the entries numbered above `after` can touch: never too few, seldom many too many.

    `retold` are streams in which a text is a copy, or no longer, on account of them.
    """
    led = pack.words.states.get(LED_BY)
    given = {"after": after, "leading": sorted(led.kinds) if led else [], "weighing": _weighing(pack),
             "retold": list(retold)}  # fmt: skip
    rows = book.query(_TOUCHED, given).fetchall()
    found: dict[str, set[str]] = {"stream": set(), "person": set()}
    for what, name in rows:
        found[what].add(name)
    return Touched(frozenset(found["stream"]), frozenset(found["person"]))


def _weighing(pack: Pack) -> list[str]:
    """The kinds that a standard names which looks at how many cases somebody leads."""
    kinds: set[str] = set()
    for each in pack.finished:
        said = [getattr(each.standard, each.standard.evaluator), *(one.said_anew for one in each.standard.versions)]
        if says(said, LOAD):
            kinds |= set(words_in(said)) & set(pack.words.kinds.by_name)
    return sorted(kinds)
