"""Texts that are nearly copies of earlier ones, over all cases, from the fingerprints that were left at the door."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from everystone.findings.bulk.alike import alike_among
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.rows import write_all
from everystone.ledger.entry import Entry, order
from everystone.standards.language import LIKENESS
from everystone.standards.likeness import COMMON, FEWEST, Fingerprint, read_fingerprint

Copies = Mapping[tuple[str, str], Sequence[tuple[str, str]]]
PAIRS = pa.schema([("one", pa.int64()), ("other", pa.int64())])
TOGETHER = 10_000  # pairs that are compared at once: some 20 MB
TRIED = 6  # of the least numbers of a text: two that are nearly copies share one of them all but always


class _Text(NamedTuple):
    key: str
    stream: str
    print: Fingerprint


def copies_among(entries: Iterable[Entry], as_at: int, known_on: int) -> Copies:
    """For each text (key, field) the earlier ones (stream, key) in the same field of the same kind that it nearly copies.

    Only what stands as at the one instant and as known on the other (seconds UTC) counts: nothing that came later, was
    written down later, or was corrected away. What is common to more than `COMMON` texts belongs to a form. Work grows
    with the texts that share a number.
    """
    found: dict[tuple[str, str], Sequence[tuple[str, str]]] = {}
    held: dict[tuple[str, str, int], list[_Text]] = defaultdict(list)
    for entry in _standing(entries, as_at, known_on):
        for field, said in prints_of(entry):
            text = _Text(entry.key, entry.stream, said)
            rows = [held[entry.kind, field, number] for number in sorted(said.least)[:TRIED]]
            before = {id(other): other for row in rows if len(row) <= COMMON for other in row}.values()
            earlier = [(other.stream, other.key) for other in before if said.alike(other.print)]
            if earlier:
                found[entry.key, field] = sorted(earlier)
            for row in rows:
                row.append(text)
    return found


# ---- the same of a whole book, on disk -----------------------------------------------------------------------------

# Which texts stand, and which stood when $after was the last entry: what a later one corrects or withdraws stood before.
_TEXTS = f"""
    WITH known AS NOT MATERIALIZED (SELECT * FROM entries
                   WHERE list_contains($kinds, kind) AND CASE WHEN live THEN accepted ELSE recorded END <= $known_on),
    going AS (SELECT withdraws AS key, number FROM known WHERE withdraws <> ''
              UNION ALL SELECT corrects, number FROM known WHERE corrects <> ''),
    gone AS (SELECT key, min(number) AS since FROM going GROUP BY key),
    standing AS (SELECT known.number AS number, lo, recorded, key, stream, kind, hits, since IS NULL AS stands,
                 known.number <= $after AND coalesce(since > $after, true) AS stood
                 FROM known LEFT JOIN gone USING (key) WHERE lo <= $as_at AND hits <> ''),
    hit AS (SELECT * EXCLUDE hits, unnest(from_json(hits, '[["VARCHAR"]]')) AS hit FROM standing WHERE stood OR stands)
    SELECT * EXCLUDE hit, hit[2] AS field, hit[3] AS said
    FROM hit WHERE hit[1] = '{LIKENESS}' AND string_split(hit[3], ':')[1]::INT >= {FEWEST}
"""  # noqa: S608 - figures of this module
# Texts, each with its place in order and the number of its fingerprint: so that long words are not sorted, and seldom held.
_FOUND = (
    "CREATE TABLE prints AS SELECT said, row_number() OVER () AS print FROM (SELECT DISTINCT said FROM read)",
    """CREATE TABLE places AS SELECT number, row_number() OVER (ORDER BY lo, recorded, key, number) AS place
       FROM (SELECT DISTINCT lo, recorded, key, number FROM read)""",
    """CREATE TABLE found AS SELECT place, stream, key, kind, field, print, stood, stands
       FROM read JOIN prints USING (said) JOIN places USING (number)""",
)
# Texts with whether they are asked of; of the runs of words that are tried, who has them, and as which in order: the first
# so many are compared, for what more texts have in common is a form's.
_ALL = "CREATE TABLE texts AS SELECT *, $whose IS NULL OR stream = $whose AS asked FROM found WHERE stands"
_NUMBERS = f"SELECT print, unnest(string_split(said, ':')[2:{TRIED + 1}]) AS number FROM prints"  # noqa: S608 - figures of this module
_RANKED = f"""
    CREATE TABLE ranked AS SELECT kind, field, print, dense_rank() OVER (ORDER BY kind, field, number) AS run
    FROM (SELECT DISTINCT kind, field, print FROM texts) JOIN ({_NUMBERS}) USING (print) {{among}}
"""  # noqa: S608 - figures of this module
_TRIED = f"""
    CREATE TABLE tried AS
    SELECT place, field, print, asked, run, row_number() OVER (PARTITION BY run ORDER BY place) AS nth
    FROM texts JOIN ranked USING (kind, field, print) QUALIFY nth <= {COMMON + 1}
"""  # noqa: S608 - figures of this module
# What other texts do to one, they do by a run of words that both have, and only to those after them, up to so many.
# `moved` are the texts that come, go, or come after such a one; asked again, they need all that have a run of theirs.
_RUNS = f"""
    CREATE TABLE runs AS SELECT place, field, kind, stood, stands, number FROM found JOIN ({_NUMBERS}) USING (print)
"""  # noqa: S608 - figures of this module
_EARLY = f"""
    SELECT DISTINCT kind, field, number FROM (
        SELECT kind, field, number, here.place FROM {{these}} here JOIN runs there USING (kind, field, number)
        WHERE there.place <= here.place GROUP BY ALL
        HAVING least(sum(there.stood::INT), sum(there.stands::INT)) <= {COMMON + 1})
"""  # noqa: S608 - figures of this module
_MOVED = f"""
    CREATE TABLE moved AS SELECT DISTINCT place, field FROM (
        SELECT place, field, bool_or(stood <> stands) OVER before AS moved,
            least(sum(stood::INT) OVER before, sum(stands::INT) OVER before) AS nth
        FROM runs SEMI JOIN ({_EARLY.format(these="(FROM runs WHERE stood <> stands)")}) early USING (kind, field, number)
        WINDOW before AS (PARTITION BY kind, field, number ORDER BY place))
    WHERE moved AND nth <= {COMMON + 1}
    UNION SELECT place, field FROM runs WHERE stood <> stands
"""  # noqa: S608 - figures of this module
_THEIRS = f"CREATE TABLE theirs AS {_EARLY.format(these='(FROM runs SEMI JOIN moved USING (place, field))')}"
_SOME = """
    CREATE TABLE texts AS WITH near AS (SELECT DISTINCT place, field FROM runs SEMI JOIN theirs USING (kind, field, number))
    SELECT found.*, moved.place IS NOT NULL AS asked
    FROM found SEMI JOIN near USING (place, field) LEFT JOIN moved USING (place, field) WHERE stands
"""
_UNMOVED = """
    SELECT before.* FROM read_parquet($before, hive_partitioning=false) before
    ANTI JOIN (SELECT key, field FROM found SEMI JOIN moved USING (place, field)) gone USING (key, field)
"""
_PRINTS = """
    WITH held AS (SELECT run, print, bool_or(asked) AS asked FROM tried GROUP BY run, print),
    pairs AS (SELECT DISTINCT here.print AS one, there.print AS other FROM held here JOIN held there USING (run)
              WHERE here.print <= there.print AND (here.asked OR there.asked)),
    parts AS (SELECT print, string_split(said, ':') AS parts FROM prints),
    said AS (SELECT print, parts[1]::INT AS runs, [('0x' || each)::BIGINT FOR each IN parts[2:]] AS least FROM parts)
    SELECT one, other, here.runs AS runs_one, there.runs AS runs_other, here.least AS least_one, there.least AS least_other
    FROM pairs JOIN said here ON here.print = one JOIN said there ON there.print = other
"""
_COPIES = """
    WITH likened AS (FROM alike UNION SELECT other, one FROM alike),
    pairs AS (SELECT DISTINCT here.field AS field, here.place AS place, there.place AS earlier
              FROM tried here JOIN likened ON one = here.print
              JOIN tried there ON there.run = here.run AND there.print = other AND there.nth < here.nth
              WHERE here.asked)
    SELECT here.stream AS whose, here.key AS key, here.field AS field, there.stream AS stream, there.key AS copied
    FROM pairs JOIN texts here ON here.place = pairs.place AND here.field = pairs.field
    JOIN texts there ON there.place = pairs.earlier AND there.field = pairs.field
"""
_IN_ORDER = "ORDER BY whose, key, field, stream, copied"


def gather(
    book: ParquetBook, kinds: Collection[str], as_at: int, known_on: int, path: Path, whose: str | None = None
) -> None:
    """Write what `copies_among` says of a book (of one stream, where it is named), by the stream of the copying text.

    Texts and pairs lie on disk beside `path` while it works, so that memory does not grow with the book.
    """
    with _working(book, kinds, as_at, known_on, path, 0) as connection:
        connection.execute(_ALL, {"whose": whose})
        _compare(connection, "")
        write_all(connection.sql(f"{_COPIES} {_IN_ORDER}"), path)


def gather_again(
    book: ParquetBook, kinds: Collection[str], as_at: int, known_on: int, path: Path, *, before: Path, after: int
) -> None:
    """The same, where `before` was written of it when the entry `after` was its last: compared is only what may differ."""
    with _working(book, kinds, as_at, known_on, path, after) as connection:
        for each in (_RUNS, _MOVED, _THEIRS, _SOME):
            connection.execute(each)
        _compare(connection, "SEMI JOIN theirs USING (kind, field, number)")
        rows = f"{_UNMOVED} UNION ALL ({_COPIES}) {_IN_ORDER}"
        write_all(connection.sql(rows, params={"before": str(before)}), path)


def narrow(gathered: Path, book: ParquetBook, path: Path) -> None:
    """Write what was gathered for the streams of a book alone."""
    rows = f"SELECT * FROM read_parquet($gathered, hive_partitioning=false) WHERE whose IN (SELECT stream FROM entries) {_IN_ORDER}"  # noqa: S608
    write_all(book.query(rows, {"gathered": str(gathered)}), path)


@contextmanager
def _working(
    book: ParquetBook, kinds: Collection[str], as_at: int, known_on: int, path: Path, after: int
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A bounded database beside `path` with the texts of a book, which is taken away in the end."""
    texts, work = path.with_suffix(".texts"), path.with_suffix(".work")
    work.unlink(missing_ok=True)  # of a run that was stopped
    given = {"kinds": sorted(kinds), "as_at": as_at, "known_on": known_on, "after": after}
    book.query(_TEXTS, given).write_parquet(str(texts))
    with duckdb.connect(str(work)) as connection:
        connection.execute("SET enable_progress_bar=false; SET memory_limit='200MB'; SET threads=1")
        connection.read_parquet(str(texts)).create_view("read")
        for each in _FOUND:
            connection.execute(each)
        yield connection
    texts.unlink()
    work.unlink()


def _compare(connection: duckdb.DuckDBPyConnection, among: str) -> None:
    """Of the table `texts` make `tried` (`among` some runs of words), and `alike`: which fingerprints are nearly the same."""
    connection.execute(_RANKED.format(among=among))
    connection.execute(_TRIED)
    pairs = connection.sql(_PRINTS).to_arrow_reader(TOGETHER)
    connection.register("alike", pa.Table.from_batches(alike_among(pairs), PAIRS))


def gathered(path: Path, first: str, last: str) -> Copies:
    """What was gathered for the texts of the streams from one name to another."""
    return _read(path, [("whose", ">=", first), ("whose", "<=", last)])


def gathered_for(path: Path, keys: Collection[str]) -> Copies:
    """What was gathered for the texts of entries with these keys, in whatever streams they stand."""
    return _read(path, [("key", "in", set(keys))]) if keys else {}


def _read(path: Path, wanted: list[tuple[str, str, Any]]) -> Copies:
    table = pq.read_table(path, filters=wanted, use_threads=False)
    found: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for key, field, *copied in zip(
        *(table[name].to_pylist() for name in ("key", "field", "stream", "copied")), strict=True
    ):
        found.setdefault((key, field), []).append((copied[0], copied[1]))
    return found


# ---- what stands ---------------------------------------------------------------------------------------------------


def _standing(entries: Iterable[Entry], as_at: int, known_on: int) -> list[Entry]:
    known = [entry for entry in entries if entry.known <= known_on]
    gone = {entry.withdraws for entry in known if entry.withdraws} | {
        entry.corrects for entry in known if entry.corrects
    }
    return sorted((entry for entry in known if entry.lo <= as_at and entry.key not in gone), key=order)


def prints_of(entry: Entry) -> Iterator[tuple[str, Fingerprint]]:
    """The fields of an entry with a text long enough to be compared, each with its fingerprint."""
    for hit in entry.hits:
        if hit.list == LIKENESS:
            said = read_fingerprint(hit.words)
            if said.runs >= FEWEST:
                yield hit.field, said
