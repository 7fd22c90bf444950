"""One contract for every book: a suite that takes a book factory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from everystone.ledger.book import Book
from everystone.ledger.book.memory import MemoryBook
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.coverage import Holding
from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.ledger.fault import Fault
from tests.ledger.stores import founded

MakeBook = Callable[[], Book]


@pytest.fixture(params=["memory", "parquet", "sqlite", "sqlite in WAL", "postgresql"])
def make_book(request: pytest.FixtureRequest, folder: Path) -> MakeBook:
    """Opens the same book again each time it is called (a book in memory is one object)."""
    if request.param == "memory":
        book = MemoryBook()
        return lambda: book
    if request.param.startswith("sqlite"):
        return founded(str(folder / "ledger"), str(folder / "keys"), newer="WAL" in request.param).open
    if request.param == "postgresql":
        return founded(request.getfixturevalue("cluster").new(), str(folder / "keys")).open
    return lambda: ParquetBook(folder / "book", {"note.added": ["text"]}, {"case.allocated": ["lead"]})


def entry(key: str, **changed: object) -> Entry:
    """An entry of a case, with everything that an entry can carry."""
    whole = Entry(
        number=0, stream="case/Oak", kind="note.added", subjects=("C1", "C2"), lo=1_307_727_000, hi=1_307_727_000,
        recorded=1_307_730_600, accepted=1_307_730_700, by="O1", capacity=Capacity("officer", "constable", "North"),
        data={"text": "looked at, “all in order”", "n": 2, "list": ["a", "b"], "yes": True},
        source=Source("extract", "social care", key, False), corrects="", withdraws="", late_reason="paper first",
        quote_of="C1", attachments=("sha-1", "sha-2"), hits=(Hit("E", "text", "all in order", True),),
    )  # fmt: skip
    return whole._replace(**changed)  # type: ignore[arg-type]


def test_what_is_written_is_read_back_whole(make_book: MakeBook) -> None:
    make_book().append([entry("k1")])
    (read,) = make_book().read("case/Oak")
    assert read == entry("k1", number=1)
    assert read.capacity.team == "North"
    assert read.source.channel == "social care"


def test_numbers_are_given_in_order_of_taking(make_book: MakeBook) -> None:
    first = make_book().append([entry("k1"), entry("k2", stream="case/Elm")])
    second = make_book().append([entry("k3")])
    assert (first.numbers, second.numbers) == ((1, 2), (3,))
    assert make_book().streams() == ["case/Elm", "case/Oak"]
    assert [each.number for each in make_book().read("case/Oak")] == [1, 3]


def test_the_same_row_again_is_nothing(make_book: MakeBook) -> None:
    make_book().append([entry("k1")])
    again = make_book().append([entry("k1", accepted=1_400_000_000), entry("k2")])
    assert (again.numbers, again.repeated) == ((2,), 1)


def test_the_same_key_with_other_content_is_refused_and_nothing_is_taken(make_book: MakeBook) -> None:
    make_book().append([entry("k1")])
    with pytest.raises(Fault, match=r"k1.*other content"):
        make_book().append([entry("k2"), entry("k1", by="O2")])
    assert [each.key for each in make_book().read("case/Oak")] == ["k1"]


def test_an_append_that_contradicts_itself_is_refused(make_book: MakeBook) -> None:
    with pytest.raises(Fault, match="other content"):
        make_book().append([entry("k1"), entry("k1", by="O2")])
    assert make_book().streams() == []


def test_a_correction_and_a_withdrawal_are_entries(make_book: MakeBook) -> None:
    make_book().append([entry("k1"), entry("k2", corrects="k1"), entry("k3", withdraws="k2")])
    read = {each.key: each for each in make_book().read("case/Oak")}
    assert (read["k2"].corrects, read["k3"].withdraws) == ("k1", "k2")


def test_coverage_is_kept(make_book: MakeBook) -> None:
    assert make_book().coverage().total
    holding = Holding(frozenset({"note.added"}), date(2011, 1, 1), date(2012, 12, 31), frozenset({"North"}), "partial")
    make_book().hold([holding])
    coverage = make_book().coverage()
    assert coverage.held("note.added", date(2011, 6, 1), date(2011, 7, 1), "North") == "partial"
    assert coverage.held("note.added", date(2010, 6, 1), date(2011, 7, 1), "North") == "not carried"
    assert coverage.held("child.seen", date(2011, 6, 1), date(2011, 7, 1), "North") == "not carried"


def test_an_unknown_stream_is_empty(make_book: MakeBook) -> None:
    assert make_book().read("case/Nowhere") == []


def test_narrative_stands_apart_from_the_entries(folder: Path) -> None:
    book = ParquetBook(folder / "book", {"note.added": ["text"]})
    book.append([entry("k1")])
    (without,) = book.between("case/Oak", "case/Oak")
    assert without.data["text"] == {"words": 5}
    (part,) = book.parts
    assert b"looked at" not in part.read_bytes()
    assert part.stat().st_mode & 0o077 == 0
