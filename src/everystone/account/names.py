"""The names of people, shown beside their references only where somebody asked for them and said why."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from everystone.account.folder import is_ours
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack

LEAST = 8  # letters of a reason, so that it says something


def reason_for_names(because: str | None, audience: str, detailed: Collection[str]) -> str:
    """The reason for which names are asked, "" where they are not.

    Raises Fault where no reason is given, or where the copy is one that never holds names.
    """
    if because is None:
        return ""
    reason = " ".join(because.split())
    if audience not in detailed:
        raise Fault(f"The copy for the audience {audience} never holds names. Leave out --names-because.")
    if sum(letter.isalpha() for letter in reason) < LEAST:
        raise Fault(
            'Names are shown only for a reason. Say it in a few words: --names-because "strategy meeting on Monday".'
        )
    return reason


def asked_before(folder: Path) -> list[dict[str, Any]]:
    """Who asked for names in this folder so far, when and why: a log that a new run goes on with."""
    if not is_ours(folder):
        return []
    said: dict[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    asked: list[dict[str, Any]] = said.get("names_asked", [])
    return asked


def names_of(book: ParquetBook, pack: Pack, people: Collection[str], known_on: int) -> Mapping[str, str]:
    """The name of each person of whom the record has one, as known on an instant; the last that was written down.

    Officers are left out: a report is about cases, and the names of those who worked on them are never asked for.
    """
    naming = pack.bodies.names if pack.bodies is not None else None
    if naming is None:
        return {}
    rows = book.query(
        "SELECT person, text FROM (SELECT unnest(subjects) AS person, key, recorded, number AS place FROM entries "
        "WHERE kind = ? AND recorded <= ? AND NOT starts_with(stream, 'officer/') "
        "AND coalesce(data->>'$.role', '') NOT IN ('officer', 'staff') "
        "AND key NOT IN (SELECT withdraws FROM entries WHERE withdraws <> '')) JOIN narrative USING (key) "
        "WHERE field = ? AND list_contains(?, person) ORDER BY recorded, place",
        [naming.kind, known_on, naming.field, sorted(people) or [""]],
    ).fetchall()
    return dict(rows)
