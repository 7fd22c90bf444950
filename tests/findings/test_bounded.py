"""What a review reads of a whole ledger comes some at a time, and says what it said when it came at once."""

from __future__ import annotations

from collections import Counter
from itertools import combinations_with_replacement
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from everystone.findings.asking import LED_BY
from everystone.findings.frames import Instants, case_frame, facts_of
from everystone.findings.led import gather, gather_again, gathered, told
from everystone.ledger.book.parquet import ENTRIES, ParquetBook
from everystone.ledger.book.rows import some_at_a_time, write_all, write_in_order
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.state import Interval, Stretches
from everystone.standards.pack import Pack

STREAMS = [f"case/{letter}" for letter in "abcdefgh"]


def allocated(stream: str, number: int, lead: str) -> Entry:
    return Entry(
        number, stream, "case.allocated", (), number * 1000, number * 1000, number * 1000, number * 1000, "S1",
        Capacity("officer", "sergeant", "North"), {"lead": lead}, Source("x", "force", f"{stream}/{number}"),
    )  # fmt: skip


@pytest.fixture
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ParquetBook:
    for module in ("parquet", "rows"):
        monkeypatch.setattr(f"everystone.ledger.book.{module}.ROW_GROUP", 5)
    book = ParquetBook(tmp_path / "ledger", {})
    for part in range(2):
        book.carry(
            allocated(stream, part * 100 + number * 10 + place, f"O{(number + place) % 3}")
            for place, stream in enumerate(STREAMS)
            for number in range(4)
        )
    return book


def test_any_range_of_streams_is_read_whole_and_in_order(book: ParquetBook) -> None:
    whole = book.between("", "~")
    assert len(whole) == 64
    for first, last in combinations_with_replacement([*STREAMS, "case/cc", "case/", "d"], 2):
        assert book.between(first, last) == [entry for entry in whole if first <= entry.stream <= last]
    assert list(book.sizes()) == [(stream, 8) for stream in STREAMS]


def test_sizes_are_those_of_a_book_as_it_stood(book: ParquetBook) -> None:
    for upto in (-1, 13, 36, 121, 999):
        seen = Counter(entry.stream for entry in book.between("", "~") if entry.number <= upto)
        assert list(ParquetBook(book.folder, {}, upto=upto).sizes()) == sorted(seen.items())


@pytest.mark.parametrize("together", [1, 9, 1000])
def test_rows_are_put_in_order_some_at_a_time(
    book: ParquetBook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, together: int
) -> None:
    monkeypatch.setattr("everystone.ledger.book.rows.SORTED", together)
    schema = pa.schema([ENTRIES.field(name) for name in ("stream", "number", "subjects")])
    path = tmp_path / "written.parquet"
    write_in_order(book.query("SELECT * FROM entries ORDER BY number DESC"), path, "stream", "number", schema)
    rows = pq.read_table(path).select(["stream", "number"]).to_pylist()
    assert rows == [{"stream": each.stream, "number": each.number} for each in book.between("", "~")]
    assert [each.name for each in tmp_path.glob("written.*")] == [path.name]
    write_in_order(book.query("SELECT * FROM entries WHERE false"), path, "stream", "number", schema)
    assert pq.read_table(path).schema.names == schema.names
    assert pq.read_metadata(path).num_rows == 0


def test_a_question_is_written_and_read_as_it_comes(book: ParquetBook, tmp_path: Path) -> None:
    write_all(book.query("SELECT number, names FROM entries ORDER BY number"), tmp_path / "written.parquet")
    table = pq.read_table(tmp_path / "written.parquet")
    rows = list(some_at_a_time(book.query("SELECT number FROM entries ORDER BY number")))
    assert [(number,) for number in table["number"].to_pylist()] == rows
    assert len(rows) == 64
    assert (tmp_path / "written.parquet").stat().st_mode & 0o777 == 0o600


def test_who_led_which_case_when_is_the_same_read_stream_by_stream(book: ParquetBook, pack: Pack) -> None:
    when = Instants(10**6, 10**6, Coverage())
    streams = {name: book.between(name, name) for name in STREAMS}
    led = told(book, pack.words, when)
    assert {name: list(each) for name, each in led.items()} == {
        name: list(each) for name, each in facts_of(streams, pack.words, when).open_cases.items()
    }
    frames = [
        case_frame(name, each, pack.words, when, facts_of({}, pack.words, when)) for name, each in streams.items()
    ]
    every = sorted(each[:4] for frame in frames for each in frame.state(LED_BY)[""])
    assert sorted(each[:4] for of in led.values() for each in of) == every
    assert len(every) == sum(map(len, led.values())) > len(STREAMS)


def test_who_led_is_gone_on_from_after_new_entries(book: ParquetBook, pack: Pack, tmp_path: Path) -> None:
    when, after = Instants(10**6, 10**6, Coverage()), book.last
    gather(book, pack.words, when, tmp_path / "before.parquet")
    before = {name: sorted(each) for name, each in gathered(tmp_path / "before.parquet").items()}
    assert before == {name: sorted(each) for name, each in told(book, pack.words, when).items()}
    book.carry([allocated("case/c", after + 1, "O7"), allocated("case/h", after + 2, "O1")])
    gather_again(book, pack.words, when, tmp_path / "now.parquet", before=tmp_path / "before.parquet", after=after)
    now = {name: sorted(each) for name, each in gathered(tmp_path / "now.parquet").items()}
    assert now == {name: sorted(each) for name, each in told(book, pack.words, when).items()}
    assert set(now) == {"O0", "O1", "O2", "O7"}


def test_stretches_are_intervals() -> None:
    stretches = Stretches("O1")
    stretches.add(Interval(1, 2, 9, 10, "O1", "a"))
    stretches.add(Interval(3, 3, 1 << 40, 1 << 40, "O1", "b"))
    assert list(stretches) == [Interval(1, 2, 9, 10, "O1", ""), Interval(3, 3, 1 << 40, 1 << 40, "O1", "")]
    assert (stretches[1].lo, len(stretches)) == (3, 2)
