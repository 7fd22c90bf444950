"""Which frames new entries can touch, derived from what a frame is made of; and what else a review of these looks at.

A frame is made of its own stream, the people it shares with others, what is on record of the officers who act in it, how
many cases an officer leads, and the texts elsewhere that it copies.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from everystone.findings.asking import LED_BY
from everystone.findings.elsewhere import CASE, OFFICER, PERSON, heard_of
from everystone.findings.gathering import LOAD, kinds_about_officers, says, words_in
from everystone.ledger.book.parquet import ENTRIES, ParquetBook
from everystone.ledger.book.rows import write_all
from everystone.standards.pack import Pack

PART = "part-00001.entries.parquet"


class Lead(NamedTuple):
    """Somebody who led a case, from when to when (seconds UTC)."""

    lead: str
    lo: int
    hi: int


class Touched(NamedTuple):
    """The frames that new entries can touch: streams by whole name, and persons and officers by name."""

    streams: frozenset[str]
    persons: frozenset[str]

    @property
    def frames(self) -> frozenset[str]:
        """The same as they are written in findings; a person may have become an officer, or the reverse."""
        streams = (stream for stream in self.streams if not stream.startswith((PERSON, OFFICER)))
        return frozenset(streams).union(*({PERSON + name, OFFICER + name} for name in self.persons))


# `changed` are those of whom something new stands on record in a stream of an officer; `loads` who leads otherwise than before,
# and when. Other cases hear of a stream by what it says of where people stand, by what it corrects, and by whom it names for the
# first time; of those, who stood in one stream of any sort stands in two.
_ACTING = 'SELECT unnest(list_append(names, "by")) AS person, stream FROM entries'
_TOUCHED = f"""
    WITH fresh AS (SELECT * FROM entries WHERE number > $after),
    written AS (SELECT DISTINCT stream FROM fresh UNION SELECT stream FROM entries WHERE key IN (
        SELECT corrects FROM fresh WHERE corrects <> '' UNION SELECT withdraws FROM fresh WHERE withdraws <> '')),
    officers AS (SELECT DISTINCT substr(stream, {len(OFFICER) + 1}) AS person FROM entries
                 WHERE starts_with(stream, '{OFFICER}')),
    here AS (SELECT person, stream, min(number) > $after AS anew FROM (
        SELECT unnest(names) AS person, stream, number FROM entries WHERE stream IN (FROM written)) GROUP BY person, stream),
    speaking AS (SELECT DISTINCT stream FROM fresh WHERE list_contains($heard, kind) OR corrects <> '' OR withdraws <> ''),
    linking AS (SELECT person, bool_or(anew) AS anew FROM here ANTI JOIN officers USING (person)
                WHERE anew OR stream IN (FROM speaking) GROUP BY person),
    joined AS (SELECT DISTINCT stream FROM (SELECT unnest(names) AS person, stream FROM entries
               WHERE NOT starts_with(stream, '{OFFICER}')) JOIN linking USING (person) WHERE anew OR starts_with(stream, '{CASE}')),
    changed AS (SELECT person FROM officers JOIN written ON stream = '{OFFICER}' || person
                UNION SELECT person FROM here WHERE starts_with(stream, '{OFFICER}')),
    loads AS (SELECT unnest($leads) AS person, unnest($los) AS since, unnest($his) AS until),
    weighed AS (SELECT DISTINCT stream, since, until FROM (
        SELECT stream, unnest(list_append(names, "by")) AS person FROM entries
        WHERE list_contains($weighing, kind) OR list_contains($leading, kind)) JOIN loads USING (person)),
    told AS (SELECT unnest($retold) AS stream
             UNION SELECT DISTINCT stream FROM ({_ACTING}) SEMI JOIN changed USING (person)
             UNION SELECT DISTINCT stream FROM entries JOIN weighed USING (stream)
                   WHERE list_contains($weighing, kind) AND lo >= since AND lo < until),
    streams AS (SELECT stream FROM written UNION SELECT stream FROM told UNION SELECT stream FROM joined),
    involved AS (SELECT person FROM ({_ACTING} WHERE stream IN (FROM told))
                 UNION SELECT unnest(names) FROM fresh WHERE list_contains($about, kind)
                 UNION SELECT unnest(names) FROM entries WHERE list_contains($about, kind) AND stream IN (
                       SELECT stream FROM fresh WHERE corrects <> '' OR withdraws <> ''))
    SELECT 'stream' AS what, stream AS name FROM streams
    UNION SELECT 'person', person FROM (SELECT unnest(names) AS person FROM entries WHERE stream IN (FROM streams))
          ANTI JOIN officers USING (person)
    UNION SELECT 'person', person FROM involved SEMI JOIN officers USING (person) UNION SELECT 'person', person FROM changed
"""  # noqa: S608 - names of columns and streams


def touched(
    book: ParquetBook, pack: Pack, after: int, retold: Sequence[str] = (), leads: Sequence[Lead] = ()
) -> Touched:
    """The frames that the entries numbered above `after` can touch: never too few, seldom many too many.

    `retold` are streams in which a text is a copy, or no longer, on account of them; `leads` who led a case on account of
    them, or no longer, and from when to when.
    """
    led = pack.words.states.get(LED_BY)
    given = {"after": after, "leading": sorted(led.kinds) if led else [], "weighing": _weighing(pack), "retold": list(retold),
             "heard": sorted(heard_of(pack)), "about": kinds_about_officers(pack),
             **{f"{name}s": [getattr(each, name) for each in leads] for name in Lead._fields}}  # fmt: skip
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


# ---- what is looked at beside them ---------------------------------------------------------------------------------

# Whole streams that name one of the persons who is no officer; of those about officers that name one who is asked, and what
# is corrected or withdrawn in the same streams.
_AROUND = f"""
    WITH people AS (SELECT unnest($persons) AS person),
    officers AS (SELECT DISTINCT substr(stream, {len(OFFICER) + 1}) AS person FROM entries
                 WHERE starts_with(stream, '{OFFICER}') AND number <= $after),
    streams AS (SELECT unnest($streams) AS stream UNION
        SELECT stream FROM (SELECT unnest(names) AS person, stream FROM entries)
        SEMI JOIN people USING (person) ANTI JOIN officers USING (person)),
    about AS (SELECT number, stream FROM (SELECT unnest(names) AS person, number, stream FROM entries
              WHERE list_contains($about, kind)) SEMI JOIN people USING (person))
    SELECT {{columns}} FROM entries
    WHERE starts_with(stream, '{OFFICER}') OR stream IN (FROM streams)
        OR number IN (SELECT number FROM about)
        OR ((corrects <> '' OR withdraws <> '') AND stream IN (SELECT stream FROM about))
    ORDER BY stream, number
"""  # noqa: S608 - names of columns and streams


def around(book: ParquetBook, pack: Pack, after: int, found: Touched, folder: Path) -> Path:
    """A book of all that a review of some touched frames reads of the ledger, as it stood at the entry `after` and stands.

    That is their own streams, those of every officer and those that share a person with them, and what is about officers
    who are asked. Which texts are copies and who led which case is gathered of the whole ledger, and not told by it.
    """
    given = {"streams": sorted(found.streams), "persons": sorted(found.persons), "after": after,
             "about": kinds_about_officers(pack)}  # fmt: skip
    if (book.folder / "coverage.json").exists():
        shutil.copy(book.folder / "coverage.json", _made(folder))
    write_all(book.query(_AROUND.format(columns=_COLUMNS), given), _made(folder) / PART)
    return folder


_COLUMNS = ", ".join(f'"{name}"' for name in ENTRIES.names)


def _made(folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
