"""What other cases say of the people of a case: a death, custody, bail or another child that was written down there."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow.parquet as pq

from everystone.findings.danger import Danger
from everystone.findings.frames import people_named
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import ENTRIES, WHOSE, ParquetBook
from everystone.ledger.book.rows import write_in_order
from everystone.ledger.entry import Entry
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack

CASE, PERSON, OFFICER = "case/", "person/", "officer/"
#: A name that stands in more cases than this ("unknown", a school, a ward) is no one person and joins no cases.
MOST = 200

# `named` are pairs of a person and a stream that names them; whoever has a stream of an officer is left out.
_JOINED = f"""
    WITH officers AS (SELECT DISTINCT substr(stream, {len(OFFICER) + 1}) AS person FROM entries
                      WHERE starts_with(stream, '{OFFICER}')),
    named AS (SELECT DISTINCT person, stream FROM ({{named}})
              WHERE (starts_with(stream, '{CASE}') OR starts_with(stream, '{PERSON}')) AND person <> ''
              AND person NOT IN (SELECT person FROM officers)
              QUALIFY count(*) OVER (PARTITION BY person) BETWEEN 2 AND {MOST}),
    joined AS (SELECT DISTINCT here.stream AS whose, there.stream FROM named here JOIN named there USING (person)
               WHERE here.stream <> there.stream AND {{here}})
    SELECT whose, {", ".join(f'e."{name}"' for name in ENTRIES.names)} FROM entries e JOIN joined USING (stream)
    WHERE list_contains($kinds, e.kind) OR e.corrects <> '' OR e.withdraws <> ''
"""  # noqa: S608 - names of columns and of streams


def heard_of(pack: Pack) -> frozenset[str]:
    """The kinds that are heard of: those that say where somebody stands in danger, and those that describe people."""
    return frozenset(Danger(pack).kinds) | pack.words.kinds.describing


def gather(book: ParquetBook, kinds: Collection[str], shared: Path, path: Path) -> None:
    """Write, for every case that shares a person with another stream, what that other says in these kinds.

    `shared` is a Parquet file of persons named in several streams (columns `whose` and `stream`). The file has the
    columns of a book and `whose`: the stream of the case for which a row is to be read.
    """
    pairs = "SELECT whose AS person, stream FROM read_parquet($shared)"
    query = _JOINED.format(named=pairs, here=f"starts_with(here.stream, '{CASE}')")
    found = book.query(query, {"kinds": sorted(kinds), "shared": str(shared)})
    write_in_order(found, path, "whose", "number", WHOSE)


# Who of some people is named in how many streams of cases and persons, and in which.
_SHARING = f"""
    SELECT person, list(DISTINCT stream) AS streams FROM (SELECT unnest(names) AS person, stream FROM entries)
    SEMI JOIN (SELECT unnest($people) AS person) USING (person)
    WHERE starts_with(stream, '{CASE}') OR starts_with(stream, '{PERSON}')
    GROUP BY person HAVING count(DISTINCT stream) BETWEEN 2 AND {MOST}
"""  # noqa: S608 - names of streams


def sharing(book: ParquetBook, people: Collection[str], threads: int = 1) -> dict[str, list[str]]:
    """Those of some people who join cases with other streams, each with all streams that name them; officers join none."""
    return dict(book.query(_SHARING, {"people": sorted(people)}, threads).fetchall())


def gathered(path: Path, first: str, last: str) -> dict[str, list[Entry]]:
    """What was gathered for the cases from one stream to another, by stream."""
    table = pq.read_table(path, filters=[("whose", ">=", first), ("whose", "<=", last)], use_threads=False)
    found: dict[str, list[Entry]] = {}
    for whose, entry in zip(table["whose"].to_pylist(), entries_of(table), strict=True):
        found.setdefault(whose, []).append(entry)
    return found


def of_case(book: ParquetBook, kinds: Collection[str], stream: str, people: Collection[str]) -> list[Entry]:
    """The same for one case, in which these people are named."""
    pairs = "SELECT unnest(list_intersect(names, $people)) AS person, stream FROM entries"
    query = _JOINED.format(named=pairs, here="here.stream = $stream")
    given = {"kinds": sorted(kinds), "people": sorted(people), "stream": stream}
    return list(entries_of(book.query(f"{query} ORDER BY number", given).to_arrow_table()))


def among(
    streams: Mapping[str, Sequence[Entry]], kinds: Collection[str], stream: str, words: Vocabulary
) -> list[Entry]:
    """The same from a few streams held in memory."""
    officers = {name.removeprefix(OFFICER) for name in streams if name.startswith(OFFICER)}
    people = {name for entry in streams[stream] for name in people_named(entry, words)} - officers
    others = [each for name, each in streams.items() if name != stream and name.startswith((CASE, PERSON))]
    return [entry for entries in others if any(people & people_named(entry, words) for entry in entries)
            for entry in entries if entry.kind in kinds or entry.corrects or entry.withdraws]  # fmt: skip
