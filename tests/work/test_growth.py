"""What asking a case again costs: no more in a large force than in a small one."""

from __future__ import annotations

from typing import Any

import pytest

from everystone.work.copied import keep_texts
from everystone.work.tables import insert
from everystone.work.worklists import Worklists
from tests.work.test_worklists import OWN, REVIEW, asking, lists, review

__all__ = ["asking", "lists"]


def steps_of_asking(lists: Worklists, stream: str) -> int:
    """How much the database does when a case is asked again: steps of its machine, in twenties; the same everywhere."""
    counted: list[None] = []
    connection: Any = lists.database.connection
    connection.set_progress_handler(lambda: counted.append(None), 20)
    try:
        lists.ask(stream)
    finally:
        connection.set_progress_handler(None, 0)
    return len(counted)


@pytest.mark.parametrize(
    "place", ["sqlite"], indirect=True
)  # PostgreSQL plans by size; bench/site.py measures it there
def test_asking_again_costs_no_more_in_a_force_eight_times_the_size(lists: Worklists) -> None:
    """Of a lead with sixty cases, whose reviews say what very many others say too, whose name stands in a tenth of the cases."""
    now, words, kinds = lists.book.clock(), lists.asking.pack.lists, lists.asking.pack.words.kinds
    lists.take([words.seen(review("mine", "Alder", now - 10, REVIEW), kinds)])
    led = [("O1", f"case/Led{n}", now - 99, now - 99, 1 << 60, 1 << 60, f"l{n}") for n in range(60)]
    insert(lists.database, "work_led", ("officer", "frame", "lo", "lo_sure", "hi", "hi_sure", "entry"), led)
    size = 0

    def force_of(cases: int) -> int:
        nonlocal size
        far = range(size, cases)
        texts = [
            words.seen(review(f"far{n}", f"Far{n}", now - 500 - n, f"{REVIEW} {OWN if n % 2 else ''}"), kinds)
            for n in far
        ]
        keep_texts(lists.database, texts)
        named = [(person, f"case/Far{n}", 1, int(n % 10 == 0)) for n in far for person in (f"C{n}far", "O1", "X9")]
        insert(lists.database, "work_named", ("person", "stream", "named", "acted"), named)
        size = cases
        steps_of_asking(lists, "case/Alder")
        return steps_of_asking(lists, "case/Alder")

    few, many = force_of(300), force_of(2_400)
    assert many <= 1.2 * few, f"{many} against {few}"
