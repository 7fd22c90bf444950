"""How often what each standard asks is on the record, over everything that is kept at hand: n, interval, coverage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from everystone.findings.answer import CANNOT_BE_TOLD, MET, NOT_MET, Answer
from everystone.ledger.book.database import Database
from everystone.ledger.case import Frame
from everystone.statistics.proportion import Proportion, wilson
from everystone.work.tables import insert


class Rate(NamedTuple):
    """One standard: of how many times that it could be told, the share that is on the record as it should be (None of none).

    `told` is the share of all times that it was asked and due of which it could be told: what the sources cover.
    """

    standard: str
    met: Proportion | None
    told: Proportion


def keep_met(database: Database, frame: Frame, answers: Sequence[Answer]) -> None:
    """Keep how often each standard was met in a frame, as one row: what is met has no row of its own."""
    counted = Counter(each.standard for each in answers if each.answer == MET)
    said = " ".join(f"{name}:{n}" for name, n in sorted(counted.items()))
    insert(database, "work_met", ("frame", "met"), [(frame.whole_name, said)])


def rates(database: Database) -> list[Rate]:
    """Each standard that was asked anywhere, by reference."""
    met: Counter[str] = Counter()
    for (said,) in database.run("SELECT met FROM work_met WHERE met <> ''"):
        for each in said.split(" "):
            name, _, n = each.partition(":")
            met[name] += int(n)
    found: dict[str, dict[str, int]] = {name: {} for name in met}
    for standard, answer, n in database.run(
        "SELECT standard, answer, COUNT(*) FROM work_finding WHERE answer IN (?, ?) GROUP BY standard, answer",
        (NOT_MET, CANNOT_BE_TOLD),
    ).fetchall():
        found.setdefault(standard, {})[answer] = n
    return [_rate(name, met[name], counted) for name, counted in sorted(found.items())]


def _rate(name: str, met: int, counted: dict[str, int]) -> Rate:
    told = met + counted.get(NOT_MET, 0)
    return Rate(name, wilson(met, told) if told else None, wilson(told, told + counted.get(CANNOT_BE_TOLD, 0)))
