"""Erasure by authority: it is on record before a key goes, it reaches every copy, and whatever is done otherwise is named."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book.backup import back_up
from everystone.ledger.book.copies import follow, rebuild
from everystone.ledger.book.erasure import Authority, Reading, erase, finish, readings_of
from everystone.ledger.book.keys import Keys
from everystone.ledger.book.mirror import Mirror
from everystone.ledger.book.sql import Reader, SqlBook
from everystone.ledger.book.verify import verify
from everystone.ledger.fault import Fault
from tests.ledger.stores import NOW, Place, founded, opened
from tests.ledger.test_attacks import filled
from tests.ledger.test_backup import restored
from tests.ledger.test_books import entry

PANEL = Authority("retention panel 2026/14", "review of retention", ("I2", "I3"))
LATER = NOW + 3_600


@pytest.fixture
def ledger(place: Place) -> Place:
    """Sixty entries in six streams; an hour has passed since."""
    filled(place)
    return place._replace(clock=lambda: LATER)


NOTE = (
    "Entries: payload not readable: entries {} were erased on 2023-11-14 under entry 61, on the authority of retention panel "
    "2026/14."
)
FIELDS: tuple[dict[str, list[str]], dict[str, list[str]]] = ({"note.added": ["text"]}, {})


def test_what_is_erased_is_gone_and_the_ledger_says_by_whose_authority(ledger: Place) -> None:
    with opened(ledger) as book:
        before = book.checkpoint()
        assert erase(book, [9, 4, 5], PANEL) == 61
        verdict = verify(book, kept=[before])
        assert (verdict.fault, verdict.notes) == ("", [NOTE.format("4 to 5, 9")])
        assert [each.key for each in book.read("case/4")][:2] == ["k10", "k16"]
        (said,) = book.read("erasure")
        assert (said.by, said.accepted, said.data["entries"]) == ("T1", LATER, [4, 5, 9])
        assert (said.data["reason"], said.data["approved"]) == ("review of retention", ["I2", "I3"])
        assert said.data["leaves"] == [book.entries.leaf(each).hex() for each in (4, 5, 9)]
        assert "Visited" not in str(said.data) and "in order" not in str(said.data)
        assert book.append([entry("k3", stream="case/3", accepted=NOW + 3, by="O3")]).repeated == 1
        assert erase(book, [4, 5], PANEL) == 0  # on record already


def test_erasure_reaches_the_mirror_and_says_which_copy_is_not_here(ledger: Place, folder: Path) -> None:
    with opened(ledger) as book:
        for name in ("one", "moved"):
            follow(book, "mirror", folder / name, *FIELDS)
        shutil.rmtree(folder / "moved")
        erase(book, [9], PANEL)
        assert rebuild(book, "", *FIELDS) == {str(folder / "one"): False, str(folder / "moved"): None}
        assert "erasure" not in Mirror(folder / "one", *FIELDS).book.streams()
        assert "k8" not in {each.key for each in Mirror(folder / "one", *FIELDS).book.between("", "zz")}
        assert not [path for path in (folder / "one").glob("*.parquet") if b"k8" in path.read_bytes()]


def test_whoever_read_it_before_is_listed(ledger: Place, folder: Path) -> None:
    with opened(ledger) as book:
        stream = "case/3"  # entry 4
        book.read_by(Reader("I7", why="dip sample")).read(stream)
        book.read_by(Reader("I7", why="dip sample")).read(stream)
        book.read_by(Reader("I8", why="another case")).read("case/2")
        follow(book.read_by(Reader("S1", why="mirror")), "mirror", folder / "mirror", *FIELDS)
        book.read_by(Reader("I9", why="the list")).streams()
        assert readings_of(book, [4]) == [Reading("I7", "dip sample", 2, LATER), Reading("S1", "mirror", 1, LATER)]


@pytest.mark.parametrize(
    ("numbers", "authority", "said"),
    [
        ([99], PANEL, "no such entry"),
        ([0], PANEL, "no such entry"),
        ([61], PANEL, "itself never erased"),
        ([1], PANEL._replace(decided=" "), "who decided"),
        ([1], PANEL._replace(reason=""), "who decided"),
        ([1], PANEL._replace(approved=("I2", "I2")), "two people"),
        ([1], PANEL._replace(approved=("I2", "T1")), "neither of them who runs it"),
    ],
)
def test_an_erasure_that_is_not_whole_is_refused_and_erases_nothing(
    ledger: Place, numbers: list[int], authority: Authority, said: str
) -> None:
    with opened(ledger) as book:
        erase(book, [2], PANEL)
        with pytest.raises(Fault, match=said):
            erase(book, [3, *numbers], authority)
        assert (book.checkpoint().size, len(book.keys.destroyed())) == (61, 1)


def test_an_altered_entry_is_not_erased_for_what_was_done_to_it_is_evidence(folder: Path) -> None:
    place = founded(str(folder / "ledger"), str(folder / "keys"))
    filled(place)
    with place.raw() as raw:
        raw.execute("DROP TRIGGER ledger_entry_kept")
        raw.execute("UPDATE ledger_entry SET key = 18 WHERE number = 17")
    with opened(place) as book:
        with pytest.raises(Fault, match="not what was written"):
            erase(book, [17], PANEL)
        assert book.keys.destroyed() == {}


def test_nobody_else_writes_that_something_was_erased(ledger: Place) -> None:
    with opened(ledger) as book, pytest.raises(Fault, match="nobody else writes"):
        book.append([entry("k1", stream="erasure", data={"entries": [1]})])


@pytest.mark.parametrize("stopped_at", ["destroy", "record_erasure"])
def test_an_erasure_stopped_midway_is_named_and_finished_by_asking_again(
    ledger: Place, monkeypatch: pytest.MonkeyPatch, stopped_at: str
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    with opened(ledger) as book:
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Keys if stopped_at == "destroy" else SqlBook, stopped_at, stop)
            erase(book, [4, 5, 9], PANEL)
        assert book.keys.destroyed() == {}
        said = verify(book)
        midway = "entries 4 to 5, 9 were to be erased, and their keys are still there"
        assert (midway in said.fault, said.altered) == (stopped_at == "destroy", False)
        erase(book, [4, 5, 9], PANEL)
        assert verify(book).notes == [NOTE.format("4 to 5, 9")]
        assert len(book.read("erasure")) == 1


def test_keys_of_last_week_do_not_bring_back_what_was_erased(ledger: Place, folder: Path) -> None:
    with opened(ledger) as book:
        _, old_keys = back_up(book, folder / "a", folder / "b", NOW - 86_400)
        erase(book, [10], PANEL)
        files = back_up(book, folder / "a", folder / "b", LATER)
    to = Place(str(folder / "restored"), str(folder / "restored-keys"))
    verdict = restored((files[0], old_keys), to)
    with opened(to) as book:
        assert (verdict.altered, book.keys.secrets([10])) == (False, {})
        assert "lacks the keys of entries 61" in verdict.fault  # what says so was sealed after these keys were kept


def test_a_key_put_back_after_an_erasure_is_named_and_destroyed_again(ledger: Place) -> None:
    with opened(ledger) as book:
        row = book.entries.rows(9, 10)[0]
        secret = book.keys.secrets([row.key])[row.key]
        erase(book, [10], PANEL)
        book.keys.database.run("UPDATE key_secret SET secret = ?, destroyed = NULL WHERE id = ?", (secret, row.key))
        assert "entries 10 were to be erased, and their keys are still there" in verify(book).fault
        finish(book)
        assert verify(book).notes == [NOTE.format("10")]
