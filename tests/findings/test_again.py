"""A review asked again after new entries asks only what these can touch, and what it then says is what a whole one says."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from everystone.findings import again
from everystone.findings.again import review_again
from everystone.findings.frames import Instants
from everystone.findings.gathering import COPIES, LED
from everystone.findings.review import open_book, review
from everystone.findings.touched import touched
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.library import Extract, read
from everystone.standards.pack import Pack
from everystone.synthetic import synthesise
from tests.conftest import PROOF

AS_AT = "2026-06-30"
NAMES = ("findings.parquet", "counts.parquet", "danger.parquet")


@pytest.fixture(scope="module")
def extract(tmp_path_factory: pytest.TempPathFactory) -> Extract:
    """A small invented force, taken into a ledger."""
    folder = tmp_path_factory.mktemp("force")
    synthesise(100, 11, folder / "world", ["unseen-children", "silent-cases"])
    return read([folder / "world"], folder / "world" / "mapping.yaml", folder / "ledger")


def entries_of(extract: Extract) -> list[Entry]:
    """Every entry of it with its narrative, in order."""
    return _entries(extract.ledger)


@cache
def _entries(book: ParquetBook) -> list[Entry]:
    return sorted((entry for stream in book.streams() for entry in book.read(stream)), key=lambda entry: entry.number)


def split(extract: Extract, folder: Path, fresh: Iterable[str]) -> tuple[ParquetBook, list[Entry]]:
    """A ledger that lacks the entries with these keys, and what it lacks."""
    lacking = set(fresh)
    book = ParquetBook(folder, extract.ledger.texts, extract.ledger.people)
    book.state(extract.ledger.coverage().holdings or ())
    entries = entries_of(extract)
    book.append(entry for entry in entries if entry.key not in lacking)
    return book, [entry for entry in entries if entry.key in lacking]


def rows(out: Path) -> list[tuple[list[dict[str, object]], bytes]]:
    """What was written, row by row so that a difference can be read, and to the byte."""
    return [(pq.read_table(out / name).to_pylist(), (out / name).read_bytes()) for name in NAMES]


def whole(book: ParquetBook, pack: Pack, when: Instants, out: Path) -> list[tuple[list[dict[str, object]], bytes]]:
    out.mkdir()
    review(book.folder, pack, when, out, processes=1)
    return rows(out)


@pytest.mark.parametrize("seed", range(60 if PROOF else 2))
def test_asked_again_it_says_what_a_whole_review_says(extract: Extract, tmp_path: Path, seed: int) -> None:
    chance, pack, when = random.Random(seed), extract.pack, extract.instants(AS_AT)
    by_sort: dict[str, list[str]] = {}
    for entry in entries_of(extract):
        by_sort.setdefault(entry.kind if entry.kind == "case.allocated" else entry.stream[:4], []).append(entry.key)
    keys = [chance.choice(each) for each in by_sort.values()]
    if seed:  # few, so that what one touches is not touched by another as well
        kinds = sorted({entry.kind for entry in entries_of(extract)})
        wanted = chance.sample(kinds, chance.randint(1, 3))
        keys = [chance.choice([each.key for each in entries_of(extract) if each.kind == kind]) for kind in wanted]
    book, fresh = split(extract, tmp_path / "year=2026", keys)
    out = tmp_path / "year=2025"  # such a name adds no column
    out.mkdir()
    review_again(book.folder, pack, when, out, processes=1)
    for entry in chance.sample(fresh, len(fresh)):  # one delivery after another: each is asked on its own
        book.append([entry])
    review_again(book.folder, pack, when, out, processes=1)
    assert rows(out) == whole(book, pack, when, tmp_path / "whole")


def test_an_entry_of_one_case_leaves_nearly_all_others_alone(extract: Extract, tmp_path: Path) -> None:
    one = next(entry for entry in entries_of(extract) if entry.kind == "review.done")
    book, fresh = split(extract, tmp_path / "ledger", [one.key])
    before = book.last
    book.append(fresh)
    found = touched(open_book(book.folder, extract.pack), extract.pack, before)
    assert one.stream in found.streams
    assert len(found.streams) < 12


def test_what_an_officer_learned_touches_the_cases_in_which_that_officer_acts(extract: Extract, tmp_path: Path) -> None:
    one = next(entry for entry in entries_of(extract) if entry.stream.startswith("officer/"))
    officer = one.stream.removeprefix("officer/")
    book, fresh = split(extract, tmp_path / "ledger", [one.key])
    before = book.last
    book.append(fresh)
    found = touched(open_book(book.folder, extract.pack), extract.pack, before)
    theirs = {entry.stream for entry in entries_of(extract) if officer in (entry.by, *entry.subjects)}
    assert theirs <= found.streams
    assert f"officer/{officer}" in found.frames


def asked_again(
    extract: Extract, folder: Path, first: Iterable[Entry], fresh: Iterable[Entry]
) -> tuple[list[tuple[list[dict[str, object]], bytes]], list[tuple[list[dict[str, object]], bytes]]]:
    """What is written after fresh entries by a review gone on from, and by a whole one; both count as many frames."""
    book = ParquetBook(folder / "ledger", extract.ledger.texts, extract.ledger.people)
    book.append(first)
    (folder / "out").mkdir()
    (folder / "whole").mkdir()
    review_again(book.folder, extract.pack, extract.instants(AS_AT), folder / "out", processes=1)
    book.append(fresh)
    asked = review_again(book.folder, extract.pack, extract.instants(AS_AT), folder / "out", processes=1)
    of_all = review(book.folder, extract.pack, extract.instants(AS_AT), folder / "whole", processes=1)
    assert asked.frames == of_all.frames
    return rows(folder / "out"), rows(folder / "whole")


def also(entry: Entry, stream: str, subjects: tuple[str, ...], corrects: str = "") -> Entry:
    """An entry like another one, in another stream and about others."""
    source = entry.source._replace(key=f"also {stream} {subjects} {corrects}")
    return entry._replace(stream=stream, subjects=subjects, source=source, corrects=corrects)


@pytest.mark.parametrize("sort", ["referral", "case"])
def test_who_stood_in_one_stream_of_any_sort_and_now_in_two_is_counted_once(
    extract: Extract, tmp_path: Path, sort: str
) -> None:
    one = next(each for each in entries_of(extract) if each.stream.startswith(f"{sort}/") and each.subjects)
    first = [each for each in entries_of(extract) if each.stream == one.stream]
    note = next(each for each in entries_of(extract) if each.kind == "note.added")
    found, of_all = asked_again(extract, tmp_path, first, [also(note, "case/new", one.subjects[:1])])
    assert found == of_all


def test_what_the_stream_of_one_officer_says_of_another_touches_the_other(extract: Extract, tmp_path: Path) -> None:
    learned = next(each for each in entries_of(extract) if each.kind == "training.completed")
    officer = learned.subjects[0]
    theirs = {each.stream for each in entries_of(extract) if each.by == officer and each.stream.startswith("case/")}
    first = [each for each in entries_of(extract) if each.stream in theirs]
    assert first
    fresh = [also(learned, "officer/O99999", learned.subjects)]
    found, of_all = asked_again(extract, tmp_path, first, fresh)
    assert found == of_all


def test_an_officer_whom_a_correction_names_no_more_is_asked_again(extract: Extract, tmp_path: Path) -> None:
    screened = next(each for each in entries_of(extract) if each.kind == "wellbeing.screened")
    first = [each for each in entries_of(extract) if each.stream in ("officer/O00001", "officer/O00002")]
    about = also(screened, "oversight/screening", ("O00001",))
    otherwise = also(about, about.stream, ("O00002",), corrects=about.key)
    again_otherwise = also(about, about.stream, ("O00002",), corrects=otherwise.key)
    for fresh in ([otherwise], [otherwise, again_otherwise]):
        folder = tmp_path / str(len(fresh))
        folder.mkdir()
        found, of_all = asked_again(extract, folder, [*first, about, *fresh[:-1]], fresh[-1:])
        assert found == of_all


class Stopped(Exception):
    """Raised in the midst of a review."""


class AsksTheWhole(Exception):
    """Raised in the place of a whole review."""


@pytest.fixture(scope="module")
def reviewed(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger with its review beside it."""
    folder = tmp_path_factory.mktemp("reviewed")
    book, _ = split(extract, folder / "ledger", [])
    (folder / "out").mkdir()
    review_again(book.folder, extract.pack, extract.instants(AS_AT), folder / "out", processes=1)
    return folder


def test_nothing_new_asks_nothing(
    extract: Extract, reviewed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = Path(shutil.copytree(reviewed / "out", tmp_path / "out"))
    monkeypatch.setattr(again, "review", None)  # it would fail if it were called
    review_again(reviewed / "ledger", extract.pack, extract.instants(AS_AT), out, processes=1)
    assert rows(out) == rows(reviewed / "out")


@pytest.mark.parametrize("changed", ["day", "holdings", "an old entry"])
def test_what_rests_on_something_else_is_asked_whole(
    extract: Extract, reviewed: Path, tmp_path: Path, changed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, when = Path(shutil.copytree(reviewed / "out", tmp_path / "out")), extract.instants(AS_AT)
    if changed == "day":
        when = extract.instants("2026-05-31")
    elif changed == "holdings":
        when = when._replace(coverage=Coverage((when.coverage.holdings or ())[1:]))
    else:
        (out / again.STATE).write_text((out / again.STATE).read_text().replace('"entries": "', '"entries": "1'))

    def whole(*_: object, only: object = None, **__: object) -> None:
        assert only is None
        raise AsksTheWhole

    monkeypatch.setattr(again, "review", whole)
    with pytest.raises(AsksTheWhole):
        review_again(reviewed / "ledger", extract.pack, when, out, processes=1)
    assert not (out / again.STATE).exists(), "stopped half-way, it is no earlier review of anything"


@pytest.fixture(scope="module")
def lacking(extract: Extract, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger that lacked two entries when it was reviewed, its review, and what a whole one says of all of it."""
    folder = tmp_path_factory.mktemp("lacking")
    keys = [
        next(entry.key for entry in entries_of(extract) if entry.kind == kind)
        for kind in ("case.allocated", "review.done")
    ]
    book, fresh = split(extract, folder / "ledger", keys)
    (folder / "out").mkdir()
    review_again(book.folder, extract.pack, extract.instants(AS_AT), folder / "out", processes=1)
    book.append(fresh)
    whole(book, extract.pack, extract.instants(AS_AT), folder / "whole")
    return folder


@pytest.mark.parametrize(
    ("name", "damage"),
    [(COPIES, "gone"), (LED, "cut"), (COPIES, "of another ledger"), (LED, "of another ledger")],
)
def test_what_was_kept_is_used_only_as_it_was_left(
    extract: Extract, lacking: Path, tmp_path: Path, name: str, damage: str
) -> None:
    out = Path(shutil.copytree(lacking / "out", tmp_path / "out"))
    table = pq.read_table(out / name)
    assert table.num_rows > 1
    if damage == "of another ledger":
        pq.write_table(table.slice(1), out / name)
    else:
        (out / name).unlink() if damage == "gone" else (out / name).write_bytes((out / name).read_bytes()[:99])
    review_again(lacking / "ledger", extract.pack, extract.instants(AS_AT), out, processes=1)
    assert rows(out) == rows(lacking / "whole")
    assert pq.read_table(out / name).num_rows >= table.num_rows


@pytest.mark.parametrize("name", NAMES if PROOF else NAMES[2:])
def test_findings_that_are_not_as_they_were_left_are_asked_whole(
    extract: Extract, lacking: Path, tmp_path: Path, name: str
) -> None:
    out = Path(shutil.copytree(lacking / "out", tmp_path / "out"))
    pq.write_table(pq.read_table(out / name).slice(1), out / name)
    review_again(lacking / "ledger", extract.pack, extract.instants(AS_AT), out, processes=1)
    assert rows(out) == rows(lacking / "whole")


@pytest.mark.parametrize("where", ["_gather_again", "_put_in_place"])
def test_stopped_half_way_it_says_in_the_end_what_a_whole_review_says(
    extract: Extract, lacking: Path, tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, when = Path(shutil.copytree(lacking / "out", tmp_path / "out")), extract.instants(AS_AT)
    step = getattr(again, where)

    def stopped(*given: object, **named: object) -> None:
        step(*given, **named)
        raise Stopped

    with monkeypatch.context() as patched, pytest.raises(Stopped):
        patched.setattr(again, where, stopped)
        review_again(lacking / "ledger", extract.pack, when, out, processes=1)
    review_again(lacking / "ledger", extract.pack, when, out, processes=1)
    assert rows(out) == rows(lacking / "whole")
