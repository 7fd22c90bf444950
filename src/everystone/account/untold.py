"""What could not be told, and which data would tell it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from everystone.account.disclosure import THRESHOLD
from everystone.findings.answer import CANNOT_BE_TOLD
from everystone.findings.explain import called, title
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack

NOT_CARRIED, NOT_RECORDED = "not carried", "not recorded"
#: Why else an answer cannot be told, in words that need nothing filled in.
OTHERWISE = {
    "no order": "The record does not say which came first, because a time is not known to the minute.",
    "several and no link": "Several people might be meant, and no link on the record says which.",
    "versions differ": "The standard changed within the dates it might have been, and the answers differ.",
    "table": "A limit depends on something the record does not give, and the answers differ.",
}


class Wanting(NamedTuple):
    """One sort of data that is wanting: what it is called, how many answers it would tell, of which standards."""

    data: str
    answers: int | None
    standards: Sequence[str]


class Untold(NamedTuple):
    """What could not be told, for want of what: kinds not held, fields not filled in, other reasons with numbers."""

    kinds: Sequence[Wanting]
    fields: Sequence[Wanting]
    reasons: Sequence[Wanting]
    unfinished: Sequence[str]


def untold(findings: Path, pack: Pack, sealed: Collection[str], *, safe: bool) -> Untold:
    """What the answers *cannot be told* of findings.parquet lack; `safe` leaves every number out, and what is rare."""
    rows = duckdb.execute(
        "SELECT reason, coalesce(about_one, ''), standard, count(*) FROM (SELECT reason, standard, "
        "unnest(CASE WHEN len(about) = 0 THEN [NULL] ELSE about END) AS about_one FROM read_parquet(?) "
        "WHERE answer = ? AND NOT list_contains(?, standard)) GROUP BY ALL",
        [str(findings), CANNOT_BE_TOLD, sorted(sealed) or [""]],
    ).fetchall()
    by_reason: dict[str, dict[str, dict[str, int]]] = {}
    for reason, about, standard, n in rows:
        if standard in pack.standards:
            by_reason.setdefault(reason, {}).setdefault(about, {})[pack.standards[standard].standard.title] = n
    return Untold(
        _wanting(by_reason.pop(NOT_CARRIED, {}), pack.words, safe=safe),
        _wanting(by_reason.pop(NOT_RECORDED, {}), pack.words, safe=safe, inside="something in "),
        _wanting({reason: _together(each) for reason, each in by_reason.items()}, pack.words, safe=safe),
        sorted(
            each.standard.title
            for each in pack.standards.values()
            if not each.standard.finished and each.id not in sealed
        ),
    )


def _together(by_about: Mapping[str, Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for standards in by_about.values():
        for name, n in standards.items():
            found[name] = max(found.get(name, 0), n)
    return found


def _wanting(
    found: Mapping[str, Mapping[str, int]], words: Vocabulary, *, safe: bool, inside: str = ""
) -> list[Wanting]:
    wanting = [
        Wanting(_called(about, words, inside), sum(standards.values()), sorted(standards))
        for about, standards in found.items()
    ]
    if safe:
        enough = {
            about: {name for name, n in standards.items() if n >= THRESHOLD} for about, standards in found.items()
        }
        return sorted(
            Wanting(_called(about, words, inside), None, sorted(names)) for about, names in enough.items() if names
        )
    return sorted(wanting, key=lambda each: (-(each.answers or 0), each.data))


def _called(about: str, words: Vocabulary, inside: str) -> str:
    if about in OTHERWISE:
        return OTHERWISE[about]
    return f"{inside}“{title(about, words)}”" if about in words.kinds else called(about, words) or "what it depends on"
