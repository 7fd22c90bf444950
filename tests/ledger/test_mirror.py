"""The mirror and the register of copies: equal to a full export, restartable, private, without sealed streams."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from everystone.ledger.book import mirror as mirrors
from everystone.ledger.book.copies import follow, rebuild, registered
from everystone.ledger.book.mirror import Mirror
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.coverage import Holding
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from tests.ledger.stores import NOW, Place, founded, opened
from tests.ledger.test_books import entry

FIELDS = ({"note.added": ["text"]}, {"case.allocated": ["lead"]})


def entries(first: int, last: int) -> list[Entry]:
    return [
        entry(f"k{each}", stream=f"case/{each % 7}" if each % 10 else f"conduct/{each}") for each in range(first, last)
    ]


def all_rows(book: ParquetBook) -> list[object]:
    return [
        each._replace(data={**each.data, **book.narrative("", "zz").get(each.key, {})})
        for each in book.between("", "zz")
    ]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirrors, "AT_ONCE", 16)


@pytest.mark.usefixtures("small")
def test_a_mirror_equals_a_full_export(place: Place, folder: Path) -> None:
    with opened(place) as book:
        for first in range(0, 100, 20):
            book.append(entries(first, first + 20))
            assert follow(book, "mirror", folder / "mirror", *FIELDS) == first + 20
        book.hold([Holding(frozenset({"note.added"}))])
        follow(book, "mirror", folder / "mirror", *FIELDS)
        plain = [name for name in book.streams() if not name.startswith("conduct/")]
        whole = sorted(
            (each for name in plain for each in book.read(name)), key=lambda each: (each.stream, each.number)
        )
        mirrored = Mirror(folder / "mirror", *FIELDS)
        assert all_rows(mirrored.book) == whole
        assert mirrored.book.coverage().holdings == book.coverage().holdings
        assert registered(book) == [("mirror", str((folder / "mirror").resolve()), 100)]
    assert [path.name for path in (folder / "mirror").iterdir() if path.stat().st_mode & 0o077] == []
    assert b"conduct" not in b"".join(path.read_bytes() for path in (folder / "mirror").iterdir())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("stopped_at", ["carry", "_write_state"])
def test_a_mirror_stopped_at_any_step_goes_on_and_is_equal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        book.append(entries(0, 70))
        follow(book, "mirror", folder / "whole", *FIELDS)
        for step in range(1, 4):
            owner = ParquetBook if stopped_at == "carry" else Mirror
            honest: Callable[..., None] = getattr(owner, stopped_at)
            calls: list[int] = []

            def stop(
                *given: object, honest: Callable[..., None] = honest, calls: list[int] = calls, step: int = step
            ) -> None:
                calls.append(1)
                if len(calls) == step:
                    raise KeyboardInterrupt
                honest(*given)

            with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
                patched.setattr(owner, stopped_at, stop)
                follow(book, "mirror", folder / f"stopped{step}", *FIELDS)
            follow(book, "mirror", folder / f"stopped{step}", *FIELDS)
            one, other = Mirror(folder / f"stopped{step}", *FIELDS), Mirror(folder / "whole", *FIELDS)
            assert one.digest(70) == other.digest(70)


def test_a_rebuilt_mirror_is_equal_to_the_live_one(place: Place, folder: Path) -> None:
    with opened(place) as book:
        book.append(entries(0, 40))
        follow(book, "mirror", folder / "mirror", *FIELDS)
        book.append(entries(40, 50))
        assert rebuild(book, "", *FIELDS) == {str((folder / "mirror").resolve()): True}
        assert registered(book)[0].position == 50
        with pytest.raises(Fault, match="No copy"):
            rebuild(book, "search", *FIELDS)


def test_a_destroyed_key_reaches_the_mirror_by_rebuilding(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        book.append(entries(0, 10))
        follow(book, "mirror", folder / "mirror", *FIELDS)
        book.keys.destroy([book.entries.rows(3, 4)[0].key], NOW)
        assert rebuild(book, "mirror", *FIELDS) == {str((folder / "mirror").resolve()): False}
        assert "k3" not in {each.key for each in Mirror(folder / "mirror", *FIELDS).book.between("", "zz")}


def test_a_mirror_never_goes_on_from_another_ledger_or_one_set_back(folder: Path) -> None:
    one, other = (founded(str(folder / f"ledger{each}"), str(folder / f"keys{each}")) for each in "ab")
    before = folder / "before"
    with opened(one) as book:
        book.append(entries(1, 5))
        before.write_bytes(Path(one.ledger).read_bytes())
        book.append(entries(5, 9))
        follow(book, "mirror", folder / "mirror", *FIELDS)
    with opened(other) as book, pytest.raises(Fault, match="another ledger"):
        follow(book, "mirror", folder / "mirror", *FIELDS)
    Path(one.ledger).write_bytes(before.read_bytes())
    with opened(one) as book, pytest.raises(Fault, match="set back or rewritten"):
        follow(book, "mirror", folder / "mirror", *FIELDS)
    (folder / "full").mkdir()
    (folder / "full" / "letter.txt").write_text("keep me")
    with opened(one) as book, pytest.raises(Fault, match="no mirror"):
        follow(book, "mirror", folder / "full", *FIELDS)


def test_mirroring_is_a_reading_and_is_recorded(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    with opened(place) as book:
        assert isinstance(book, SqlBook)
        book.append(entries(0, 5))
        follow(book, "mirror", folder / "mirror", *FIELDS)
        assert [(each.data["after"], each.data["upto"]) for each in book.readings_of("T1")] == [(0, 5)]
