"""How good each standard is: the share of its findings that was acted on, excused, challenged, and wrong."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import duckdb

from everystone.account.shadow import LATE
from everystone.findings.answer import NOT_MET
from everystone.findings.review import open_book
from everystone.ledger.book.database import Database
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.fault import Fault
from everystone.ledger.kind import Kinds
from everystone.standards.pack import Pack
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

    @property
    def shares(self) -> dict[str, Proportion]:
        """Each share by the words for it."""
        return {"acted on": self.acted_on, "accepted as excused": self.excused, "challenged": self.challenged,
                "found wrong": self.upheld}  # fmt: skip

    @property
    def spoken_of(self) -> bool:
        """Whether anybody has said anything of its findings yet."""
        return bool(self.excused.x or self.challenged.x or self.upheld.x)


#: What a live site keeps of findings, in the words that are counted.
WORDS = {"accept": "excused", "challenge": "challenged", "uphold": "upheld"}
Row = tuple[str, str, str]


def precision(findings: Path, book: ParquetBook, kinds: Kinds) -> list[Precision]:
    """Each standard that has findings, by findings.parquet of a review and by what its ledger says of findings."""
    query = "SELECT standard, key, reason FROM read_parquet(?) WHERE answer = ?"
    return _counted(duckdb.execute(query, [str(findings), NOT_MET]).fetchall(), _said(book, kinds))


def precision_of_review(folder: Path, pack: Pack) -> list[Precision]:
    """The same of the folder of a review for the force or a reviewer. Raises Fault where it is none."""
    if not (folder / "findings.parquet").is_file():
        raise Fault(
            f"{folder} holds no findings.parquet. Give the folder of a review for the audience force or reviewer."
        )
    return precision(folder / "findings.parquet", open_book(folder / "ledger", pack), pack.words.kinds)


def precision_live(database: Database) -> list[Precision]:
    """The same of a live site, by the findings that it keeps at hand and by what was said of them."""
    found = database.run("SELECT standard, key, reason FROM work_finding WHERE answer = ?", (NOT_MET,)).fetchall()
    rows = database.run("SELECT standard, finding, said FROM work_said").fetchall()
    return _counted(found, [(standard, key, WORDS[what]) for standard, key, what in rows if what in WORDS and standard])


def _counted(found: Iterable[Row], said_of: Iterable[Row]) -> list[Precision]:
    """By standard, of findings (standard, key, reason) and of what is said of them (standard, key, word).

    A finding counts once, whatever is said of it and how often; one of which something is said and that is gone since
    (the record was put right) counts still. Acted on is what was done after its day.
    """
    said: dict[tuple[str, str], set[str]] = {}
    for standard, key, reason in found:
        said.setdefault((standard, key), set()).update({"acted on"} if reason == LATE else ())
    for standard, key, word in said_of:
        said.setdefault((standard, key), set()).add(word)
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


def _said(book: ParquetBook, kinds: Kinds) -> Iterable[Row]:
    """What the ledger says of findings: standard, key of the finding, word. What was withdrawn or corrected is not said."""
    words = {name: kind.of_a_finding for name, kind in kinds.by_name.items() if kind.of_a_finding}
    rows = book.query(
        "SELECT json_extract_string(data, '$.standard'), json_extract_string(data, '$.finding'), kind FROM entries "
        "WHERE kind IN (SELECT unnest(?)) AND withdraws = '' AND key NOT IN (SELECT corrects FROM entries) "
        "AND key NOT IN (SELECT withdraws FROM entries)",
        [sorted(words)],
    ).fetchall()
    return [(standard, key, words[kind]) for standard, key, kind in rows if standard and key]
