"""The same extract next month: unchanged, changed, gone, late, repeated, out of order; stopped at any instant."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from everystone.intake.changes import Changed, changed_rows, in_words, write_changes
from everystone.intake.keep import keep
from everystone.intake.take import Taken, take
from everystone.ledger.book.connection import open_database
from everystone.ledger.book.keys import Keys, open_keys
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.sql import Reader, SqlBook, begin
from everystone.ledger.book.verify import verify
from everystone.ledger.delivery import still_gone
from everystone.ledger.entry import in_force
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.conftest import PROOF
from tests.intake.taking import small_pack

MAPPING = """name: test-extract
zone: Europe/London
as_of: {as_of}
holds:
  - {{kinds: [report.made, child.seen], from: {since}}}
tables:
  - file: a.csv
    stream: {{column: case}}
    row_key: [key]
    happened: {{column: at}}
    recorded: {{column: written}}
    entries: [{{kind: report.made, fields: {{channel: {{column: channel}}, account: {{column: note}}}}}}]
"""
HEADER = ("key", "case", "at", "written", "channel", "note")


class Row(NamedTuple):
    """One row of the extract, in the order of its columns."""

    key: str
    case: str = "C1"
    at: str = "2024-01-05"
    written: str = "2024-01-05"
    channel: str = "phone"
    note: str = ""


def as_csv(rows: Iterable[Row]) -> str:
    file = io.StringIO()
    csv.writer(file).writerows([HEADER, *rows])
    return file.getvalue()


class Source:
    """A source and the ledger that its deliveries go to."""

    def __init__(self, pack: Pack, folder: Path) -> None:
        self.pack, self.folder, self.book = pack, folder, ParquetBook(folder / "ledger", pack.words.kinds.texts)

    def deliver(self, rows: Iterable[Row], as_of: str, since: str = "2024-01-01", mapping: str = MAPPING) -> Taken:
        home = self.folder / "extract"
        home.mkdir(exist_ok=True)
        (home / "a.csv").write_text(as_csv(rows))
        (home / "mapping.yaml").write_text(mapping.format(as_of=as_of, since=since))
        return take([home], home / "mapping.yaml", self.pack, self.book.folder)

    @property
    def changes(self) -> list[tuple[str, str]]:
        """All that ever changed: what and which key, in order."""
        return [(each.what, each.key) for _, changes in self.book.deliveries() for each in changes]

    def told(self) -> list[Changed]:
        return list(changed_rows(self.book.deliveries(), self.book.named, "Europe/London"))

    def seen(self, known_on: str, as_at: str = "2030-01-01") -> dict[str, tuple[str, str, str]]:
        """The view as at a day, as known on a day: by row key the case, the channel and the note."""
        day = self.pack.words.calendar.span
        found = {}
        for stream in self.book.streams():
            entries, roots = in_force(self.book.read(stream), day(as_at)[1], day(known_on)[1])
            for entry in entries:
                root = roots.get(entry.key, entry.key).partition("@")[
                    0
                ]  # where it moved to another case it begins anew
                assert root not in found
                found[root] = (stream[5:], entry.data.get("channel", ""), entry.data.get("account", ""))
        return found


@pytest.fixture
def source(kinds: Pack, tmp_path: Path) -> Source:
    return Source(kinds, tmp_path)


def digest(folder: Path) -> dict[str, str]:
    """Every file of a ledger with a digest of its bytes."""
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir()) if path.is_file()
    }


ONE = [Row("k1"), Row("k2", note="as it was"), Row("k3", case="C2")]


def test_next_month_gives_what_is_new_a_correction_and_a_list_of_what_is_gone(source: Source, tmp_path: Path) -> None:
    source.deliver(ONE, "2024-01-31")
    taken = source.deliver(
        [Row("k4", at="2024-02-02", written="2024-02-02"), ONE[0], ONE[1]._replace(note="other now", channel="desk")],
        "2024-02-29",
    )
    assert (taken.delivery.new, taken.delivery.same, taken.repeated, taken.as_of) == (1, 1, 1, "2024-02-29")
    assert source.changes == [("changed", "k2@2024-02-29"), ("gone", "k3")]
    assert source.seen("2024-01-31") == {
        "k1": ("C1", "phone", ""), "k2": ("C1", "phone", "as it was"), "k3": ("C2", "phone", "")
    }  # fmt: skip
    assert source.seen("2024-02-29") == {
        "k1": ("C1", "phone", ""), "k2": ("C1", "desk", "other now"), "k3": ("C2", "phone", ""), "k4": ("C1", "phone", "")
    }  # fmt: skip
    lines = [
        (each.what, each.key, each.field, each.before, each.after, each.since, each.delivery) for each in source.told()
    ]
    when = ("2024-01-31", "2024-02-29")
    assert lines == [
        ("changed", "k2@2024-02-29", "account", "as it was", "other now", *when),
        ("changed", "k2@2024-02-29", "channel", "phone", "desk", *when),
        ("gone", "k3", "", "", "", *when),
    ]
    (said,) = in_words(source.book.deliveries())
    assert "1 new rows (0 of which" in said and "1 changed, 1 gone" in said
    write_changes(source.told(), tmp_path / "changes.csv")
    assert (tmp_path / "changes.csv").stat().st_mode & 0o077 == 0
    assert len((tmp_path / "changes.csv").read_text().splitlines()) == 4


def test_the_same_file_again_leaves_every_byte_as_it_was(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    source.deliver(ONE[:2], "2024-02-29")
    before = digest(source.book.folder)
    assert source.deliver(ONE[:2], "2024-02-29").delivery.new == 0
    assert source.deliver(ONE, "2024-01-31").delivery.new == 0
    assert digest(source.book.folder) == before


def test_rows_repeated_and_in_another_order_say_nothing_new(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    taken = source.deliver([*reversed(ONE), ONE[1], ONE[1]], "2024-02-29")
    assert (taken.delivery.new, taken.delivery.same, source.changes) == (0, 3, [])


def test_last_months_file_after_this_months_corrects_nothing(source: Source) -> None:
    source.deliver([ONE[0], ONE[1]._replace(note="corrected")], "2024-02-29")
    source.deliver(ONE, "2024-01-31")
    assert source.changes == [("gone", "k3"), ("otherwise", "k2")]
    assert source.seen("2024-02-29")["k2"] == ("C1", "phone", "corrected")
    assert "It corrects nothing; 1 rows" in in_words(source.book.deliveries())[0]
    assert source.deliver([ONE[0], ONE[1]._replace(note="corrected")], "2024-03-31").as_of == "2024-03-31"
    assert source.changes[2:] == []


def test_a_row_that_ought_to_have_come_before_is_known_from_the_delivery_that_brought_it(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    source.deliver([*ONE, Row("late"), Row("new", at="2024-02-02", written="2024-02-02")], "2024-02-29")
    assert source.changes == [("late", "late")]
    assert "late" not in source.seen("2024-02-15")
    assert {"late", "new"} <= set(source.seen("2024-02-29"))
    (entry,) = source.book.named(["late"])
    assert entry.known > entry.recorded  # as the source says, and as we know


def test_a_row_that_was_gone_and_is_here_again_and_changes_back(source: Source) -> None:
    other = ONE[1]._replace(note="for a month")
    for rows, as_of in ((ONE, "2024-01-31"), ([other], "2024-02-29"), (ONE, "2024-03-31"), ([other], "2024-04-30")):
        source.deliver(rows, as_of)
    assert source.changes == [
        ("changed", "k2@2024-02-29"), ("gone", "k1"), ("gone", "k3"), ("changed", "k2@2024-03-31"), ("returned", "k1"), ("returned", "k3"),
        ("changed", "k2@2024-04-30"), ("gone", "k1"), ("gone", "k3"),
    ]  # fmt: skip
    notes = [source.seen(f"2024-0{month}-30")["k2"][2] for month in (2, 3, 4, 5) if month != 2]
    assert notes == ["for a month", "as it was", "for a month"] or notes == [
        "for a month",
        "for a month",
        "for a month",
    ]


def test_a_delivery_of_a_shorter_period_says_nothing_of_what_lies_outside_it(source: Source) -> None:
    old = Row("old", at="2024-01-02", written="2024-01-02")
    source.deliver([old, *ONE], "2024-01-31")
    taken = source.deliver(ONE[:2], "2024-02-29", since="2024-01-04")
    assert source.changes == [("gone", "k3")]
    assert taken.delivery.outside == 1
    assert "1 earlier rows lie outside" in in_words(source.book.deliveries())[1]


def test_a_row_that_cannot_be_read_this_time_is_not_gone(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    taken = source.deliver([ONE[0], ONE[1], ONE[2]._replace(at="no day")], "2024-02-29")
    assert (taken.rejected, source.changes) == (1, [])


def test_two_deliveries_of_one_date_that_contradict_each_other_are_refused(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    before = digest(source.book.folder)
    with pytest.raises(Fault, match="something else of the row 'k2'"):
        source.deliver([ONE[1]._replace(note="x")], "2024-01-31")
    assert digest(source.book.folder) == before
    source.deliver([Row("more")], "2024-01-31")  # the other half of one day's extract
    assert source.changes == []


def test_rows_without_a_key_are_gone_and_new_where_they_change(source: Source) -> None:
    mapping = MAPPING.replace("    row_key: [key]\n", "")
    source.deliver([*ONE, *ONE[:1]], "2024-01-31", mapping=mapping)
    assert source.deliver([ONE[0], *ONE], "2024-02-29", mapping=mapping).delivery.new == 0
    source.deliver([ONE[0], *ONE[1:]], "2024-03-31", mapping=mapping)  # one of two equal rows
    assert [what for what, _ in source.changes] == ["gone"]
    source.deliver([ONE[0], ONE[1], ONE[2]._replace(note="x")], "2024-04-30", mapping=mapping)
    assert [what for what, _ in source.changes] == ["gone", "gone", "late"]


def test_a_key_that_is_ours_is_refused_and_another_mapping_is_said(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    source.deliver([ONE[0]._replace(note="x"), *ONE[1:]], "2024-02-29")
    with pytest.raises(Fault, match="ends like those of the corrections"):
        source.deliver([Row("k1@2024-02-29")], "2024-03-31")
    source.deliver(ONE, "2024-03-31", mapping=MAPPING.replace(", account: {{column: note}}", ""))
    assert "The mapping is not the one" in in_words(source.book.deliveries())[-1]


def test_the_same_rows_under_another_name_of_the_source_are_refused(source: Source) -> None:
    source.deliver(ONE, "2024-01-31")
    before = digest(source.book.folder)
    with pytest.raises(Fault, match=r"'k1' came before, from 'test-extract'; this mapping is named 'other'"):
        source.deliver(ONE[:1], "2024-02-29", mapping=MAPPING.replace("test-extract", "other"))
    assert digest(source.book.folder) == before
    source.deliver([Row("k9")], "2024-02-29", mapping=MAPPING.replace("test-extract", "other"))


# ---- any sequence ------------------------------------------------------------------------------------------------

_ROWS = st.dictionaries(
    st.sampled_from([f"k{n}" for n in range(6)]),
    st.tuples(st.sampled_from(["C1", "C2"]), st.sampled_from(["phone", "desk"]), st.sampled_from(["", "one", "two"])),
    min_size=1,
)


@settings(max_examples=300 if PROOF else 4, phases=[Phase.explicit, Phase.generate])
@example(
    deliveries=[{"k1": ("C2", "", "")}, {"k1": ("C1", "", "")}, {"k1": ("C1", "", "x")}, {"k1": ("C2", "", "x")}],
    again=0,
)
@given(deliveries=st.lists(_ROWS, min_size=2, max_size=4), again=st.integers(0, 3))
def test_what_is_known_on_the_day_of_a_delivery_is_that_delivery_and_what_is_listed_as_gone(
    kinds: Pack,
    tmp_path_factory: pytest.TempPathFactory,
    deliveries: list[Mapping[str, tuple[str, str, str]]],
    again: int,
) -> None:
    source = Source(kinds, tmp_path_factory.mktemp("source"))
    days = [(date(2024, 1, 31) + timedelta(days=30 * n)).isoformat() for n in range(len(deliveries))]
    wanted: list[dict[str, tuple[str, str, str]]] = []
    gone: dict[str, tuple[str, str, str]] = {}
    for day, rows in zip(days, deliveries, strict=True):
        source.deliver([Row(key, case, channel=channel, note=note) for key, (case, channel, note) in rows.items()], day)
        before = wanted[-1] if wanted else {}
        gone = {key: said for key, said in before.items() if key not in rows}
        wanted.append({**gone, **rows})
    repeated = min(again, len(days) - 1)
    rows = deliveries[repeated]
    source.deliver(
        [Row(key, case, channel=channel, note=note) for key, (case, channel, note) in rows.items()], days[repeated]
    )
    assert [source.seen(day) for day in days] == wanted
    changes = [change for _, changes in source.book.deliveries() for change in changes]
    assert still_gone(changes) == set(gone)


# ---- stopped at any instant --------------------------------------------------------------------------------------

_TAKE = """import sys; from pathlib import Path; from everystone.intake.take import take; from tests.intake.taking import small_pack
from everystone.standards.pack import load
print('begun', flush=True)
take([Path(sys.argv[1])], Path(sys.argv[1]) / 'mapping.yaml', load([sys.argv[2]]), Path(sys.argv[3]))"""


def test_a_delivery_killed_at_any_instant_and_taken_again_ends_with_the_same_bytes(tmp_path: Path) -> None:
    pack_folder = tmp_path / "pack"
    pack = small_pack(pack_folder)
    source = Source(pack, tmp_path)
    rows = [Row(f"k{n}", f"C{n % 50}", note=f"note {n}") for n in range(4_000)]
    source.deliver(rows, "2024-01-31")
    first = digest(source.book.folder)
    changed = [row._replace(note="other") if n % 7 == 0 else row for n, row in enumerate(rows) if n % 11]
    source.deliver(changed, "2024-02-29")
    wanted = digest(source.book.folder)
    for name in wanted.keys() - first.keys():
        (source.book.folder / name).unlink()
    command = [sys.executable, "-c", _TAKE, str(tmp_path / "extract"), str(pack_folder), str(source.book.folder)]
    for wait in [n / 100 for n in range(200)] if PROOF else (0.1, 0.3):
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert running.stdout is not None and running.stdout.readline() == "begun\n"
        time.sleep(wait)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        entries = [name for name in digest(source.book.folder) if ".entries.parquet" in name]
        assert len(entries) in (1, 2)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert digest(source.book.folder) == wanted


# ---- into the live ledger ----------------------------------------------------------------------------------------


def opened(folder: Path, reader: str = "S1") -> SqlBook:
    ledger, keys = open_database(str(folder / "ledger.db")), open_keys(str(folder / "keys.db"))
    return SqlBook(ledger, Keys(keys), Reader(reader, why="a delivery"), lambda: 1_800_000_000)


def kept(source: Source, book: SqlBook, rows: Iterable[Row], as_of: str) -> tuple[int, int]:
    """Keep a delivery; how many entries were taken and how many rows were as before."""
    (source.folder / "extract").mkdir(exist_ok=True)
    (source.folder / "extract" / "a.csv").write_text(as_csv(rows))
    mapping = source.folder / "extract" / "mapping.yaml"
    mapping.write_text(MAPPING.format(as_of=as_of, since="2024-01-01"))
    with TemporaryDirectory() as beside:
        taken, receipt = keep(book, [source.folder / "extract"], mapping, source.pack, Path(beside))
    return len(receipt.numbers), taken.delivery.same


def test_the_live_ledger_takes_the_second_delivery_as_a_review_does(source: Source, tmp_path: Path) -> None:
    begin(open_database(str(tmp_path / "ledger.db")), open_keys(str(tmp_path / "keys.db")))
    book = opened(tmp_path)
    second = [ONE[0], ONE[1]._replace(note="other", case="C9"), Row("late")]
    source.deliver(ONE, "2024-01-31")
    source.deliver(second, "2024-02-29")
    assert kept(source, book, ONE, "2024-01-31") == (3, 0)
    assert kept(source, book, second, "2024-02-29") == (3, 1)  # one of them says that a row has left its case
    assert kept(source, book, second, "2024-02-29") == (0, 3)
    assert kept(source, book, ONE, "2024-01-31") == (0, 3)
    told = list(changed_rows(book.deliveries("test-extract"), book.named, "Europe/London"))
    assert told == source.told()
    assert [each.key for each in book.read("case/C1") if each.withdraws] == ["k2@2024-02-29/left"]
    assert verify(book, payloads=True).sound
    with pytest.raises(Fault, match="something else of the row 'k1'"):
        kept(source, book, [ONE[0]._replace(note="?")], "2024-02-29")
    assert book.entries.head().size == 6


def test_two_deliveries_at_once_do_not_both_count_as_the_next(
    source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(open_database(str(tmp_path / "ledger.db")), open_keys(str(tmp_path / "keys.db")))
    book, take_it = opened(tmp_path), take

    def meanwhile(*given: Any, **more: Any) -> Taken:
        taken = take_it(*given, **more)
        book.deliver(taken.delivery._replace(as_of="2024-01-30"), [])
        return taken

    monkeypatch.setattr("everystone.intake.keep.take", meanwhile)
    with pytest.raises(Fault, match="Another delivery of test-extract was taken meanwhile"):
        kept(source, book, ONE, "2024-01-31")
    assert book.entries.head().size == 0


_KEEP = """import sys; from pathlib import Path; from tempfile import TemporaryDirectory; from everystone.intake.keep import keep
from everystone.standards.pack import load; from tests.intake.test_delivery import opened
book, pack = opened(Path(sys.argv[1])), load([sys.argv[2]])
print('begun', flush=True)
with TemporaryDirectory() as beside:
    keep(book, [Path(sys.argv[1]) / 'extract'], Path(sys.argv[1]) / 'extract' / 'mapping.yaml', pack, Path(beside))"""


@pytest.mark.proof
@pytest.mark.skipif(not PROOF, reason="a process for each kill: run by make proof")
def test_a_delivery_to_the_live_ledger_may_be_killed_at_any_instant(tmp_path: Path) -> None:
    source = Source(small_pack(tmp_path / "pack"), tmp_path)
    begin(open_database(str(tmp_path / "ledger.db")), open_keys(str(tmp_path / "keys.db")))
    book = opened(tmp_path)
    rows = [Row(f"k{n}", f"C{n % 50}", note=f"note {n}") for n in range(3_000)]
    kept(source, book, rows, "2024-01-31")
    changed = [row._replace(note="other") if n % 7 == 0 else row for n, row in enumerate(rows) if n % 11]
    (tmp_path / "extract" / "a.csv").write_text(as_csv(changed))
    (tmp_path / "extract" / "mapping.yaml").write_text(MAPPING.format(as_of="2024-02-29", since="2024-01-01"))
    command = [sys.executable, "-c", _KEEP, str(tmp_path), str(tmp_path / "pack")]
    killed_at = [n / 20 for n in range(60)]
    for wait in killed_at:
        running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True)
        assert running.stdout is not None and running.stdout.readline() == "begun\n"
        time.sleep(wait)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
        assert len(opened(tmp_path).deliveries("test-extract")) in (1, 2)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    source.deliver(rows, "2024-01-31")
    source.deliver(changed, "2024-02-29")
    book = opened(tmp_path)
    assert list(changed_rows(book.deliveries("test-extract"), book.named, "Europe/London")) == source.told()
    assert [[each._replace(number=0, accepted=0) for each in book.read(name)] for name in book.streams()] == [
        [each._replace(number=0, accepted=0) for each in source.book.read(name)] for name in source.book.streams()
    ]
    assert verify(book, payloads=True).sound
