"""Who reads and then writes, and who writes and then reads: neither waits for the other for ever, on either database."""

from __future__ import annotations

import threading

from tests.ledger.stores import Place, opened
from tests.ledger.test_books import entry


def test_reading_then_writing_and_writing_then_reading_both_end(place: Place) -> None:
    with opened(place) as book:
        book.append([entry("1")])
    ended: list[str] = []

    def write_then_read() -> None:
        begun.set()
        with opened(place) as book, book.transaction():
            book.append([entry("2")])
            book.read("case/Oak")
        ended.append("write, then read")

    begun = threading.Event()
    other = threading.Thread(target=write_then_read)
    with opened(place) as book, book.transaction():
        book.read("case/Oak")
        other.start()
        begun.wait(10)
        other.join(0.3)
        book.append([entry("3")])
    other.join(30)
    assert ended == ["write, then read"]
    with opened(place) as book:
        assert [each.key for each in book.read("case/Oak")] == ["1", "3", "2"]
