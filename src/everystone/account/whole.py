"""How much was looked at: as at when, known on when, how many cases, how many children and victims."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from everystone.findings.explain import day_in_words, instant_in_words
from everystone.findings.frames import Instants
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.people import CARED_FOR
from everystone.standards.pack import Pack

SEEN = "stream LIKE 'case/%' AND lo <= ? AND CASE WHEN live THEN accepted ELSE recorded END <= ?"


class Looked(NamedTuple):
    """How many were looked at: cases, and the children and victims whom they name; `by_tier` of these, by their worst tier."""

    cases: int
    children: int
    by_tier: Mapping[int, int]


class Moments(NamedTuple):
    """As at when and known on when, in words; `wanted` is the later instant that was asked for, "" where it was kept;
    `written` is the day on which the report was written, "" where run.json does not say.
    """

    as_at: str
    known_on: str
    wanted: str
    written: str


def moments(pack: Pack, when: Instants, asked: Mapping[str, Any]) -> Moments:
    """The instants of a report; `asked` is run.json, whose `as_at` may lie past the end of what the sources hold."""
    words = pack.words
    wanted = words.calendar.span(str(asked["as_at"]))[1] if asked.get("as_at") else when.as_at
    written = str(asked.get("written_at", ""))[:10]
    return Moments(
        instant_in_words(when.as_at, when.as_at, words),
        instant_in_words(when.known_on, when.known_on, words),
        instant_in_words(wanted, wanted, words) if wanted > when.as_at else "",
        day_in_words(date.fromisoformat(written)) if written else "",
    )


def looked_at(book: ParquetBook, pack: Pack, when: Instants, danger: Path) -> Looked:
    """How many cases have an entry that is seen, how many children and victims those cases name, and where these stand.

    Others have a place in danger.parquet, too: who may harm, and cases that name no child. They are not counted here.
    """
    describing = sorted(pack.words.kinds.describing) or [""]
    seen = [when.as_at, when.known_on]
    cases = book.query(
        f"SELECT count(DISTINCT stream) FROM entries WHERE {SEEN} AND NOT list_contains(?, kind)",  # noqa: S608 - no input
        [*seen, describing],
    ).fetchall()
    pairs = [
        (kind, field) for kind, makes in pack.words.kinds.makes.items() for field, role in makes if role == "victim"
    ]
    people = book.query(
        f"""
        WITH seen AS (SELECT kind, subjects, data FROM entries WHERE {SEEN} AND list_contains(?, kind)),
        made AS (SELECT unnest(?) AS kind, unnest(?) AS field),
        named AS (
            SELECT unnest(subjects) AS person FROM seen
            WHERE list_contains(?, kind) AND list_contains(?, data->>'$.role')
            UNION ALL SELECT unnest(subjects) FROM seen JOIN made USING (kind) WHERE field = ''
            UNION ALL SELECT data->>('$."' || field || '"') FROM seen JOIN made USING (kind) WHERE field <> ''
        ),
        worst AS (SELECT person, min(tier) AS tier FROM read_parquet(?, hive_partitioning=false) GROUP BY person)
        SELECT tier, count(*) FROM (SELECT DISTINCT person FROM named WHERE person <> '') LEFT JOIN worst USING (person)
        GROUP BY tier
        """,  # noqa: S608 - no input
        [*seen, sorted({*describing, *(kind for kind, _ in pairs)}), [kind for kind, _ in pairs] or [""],
         [field for _, field in pairs] or [""], describing, sorted(CARED_FOR), str(danger)],
    ).fetchall()  # fmt: skip
    return Looked(cases[0][0], sum(n for _, n in people), {tier: n for tier, n in people if tier is not None})
