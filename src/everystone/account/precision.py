"""How good each standard is: the share of its findings that was acted on, excused, challenged, and wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb

from everystone.account.shadow import LATE
from everystone.findings.answer import NOT_MET
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.kind import Kinds
from everystone.statistics.proportion import Proportion, wilson


class Precision(NamedTuple):
    """One standard: of how many findings, and the share of each kind among them with its interval.

    `upheld` is the share that was wrong: a challenge of it was upheld.
    """

    standard: str
    n: int
    acted_on: Proportion
    excused: Proportion
    challenged: Proportion
    upheld: Proportion


def precision(findings: Path, book: ParquetBook, kinds: Kinds) -> list[Precision]:
    """Each standard that has findings, by findings.parquet of a review and by what its ledger says of findings.

    A finding counts once, whatever is said of it and how often; one of which something is said and that is gone since
    (the record was put right) counts still. Acted on is what was done after its day.
    """
    said = {(standard, key): set[str]() for standard, key in _not_met(findings)}
    for standard, key, word in _said(book, kinds):
        said.setdefault((standard, key), set()).add(word)
    for standard, key in _late(findings):
        said[standard, key].add("acted on")
    by_standard: dict[str, list[set[str]]] = {}
    for (standard, _), words in said.items():
        by_standard.setdefault(standard, []).append(words)
    return [_of_one(standard, words) for standard, words in sorted(by_standard.items())]


def _of_one(standard: str, said: list[set[str]]) -> Precision:
    shares = (
        wilson(sum(word in words for words in said), len(said))
        for word in ("acted on", "excused", "challenged", "upheld")
    )
    return Precision(standard, len(said), *shares)


def _not_met(findings: Path) -> list[tuple[str, str]]:
    return duckdb.execute(
        "SELECT standard, key FROM read_parquet(?) WHERE answer = ?", [str(findings), NOT_MET]
    ).fetchall()


def _late(findings: Path) -> list[tuple[str, str]]:
    query = "SELECT standard, key FROM read_parquet(?) WHERE answer = ? AND reason = ?"
    return duckdb.execute(query, [str(findings), NOT_MET, LATE]).fetchall()


def _said(book: ParquetBook, kinds: Kinds) -> Iterable[tuple[str, str, str]]:
    """What the ledger says of findings: standard, key of the finding, word. What was withdrawn or corrected is not said."""
    words = {name: kind.of_a_finding for name, kind in kinds.by_name.items() if kind.of_a_finding}
    rows = book.query(
        "SELECT json_extract_string(data, '$.standard'), json_extract_string(data, '$.finding'), kind FROM entries "
        "WHERE kind IN (SELECT unnest(?)) AND withdraws = '' AND key NOT IN (SELECT corrects FROM entries) "
        "AND key NOT IN (SELECT withdraws FROM entries)",
        [sorted(words)],
    ).fetchall()
    return [(standard, key, words[kind]) for standard, key, kind in rows if standard and key]
