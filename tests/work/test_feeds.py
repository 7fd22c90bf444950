"""Feeds into a live ledger: late, repeated and out of order, stopped at any instant; the same act typed and delivered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone.ledger.book.sql import SqlBook
from everystone.ledger.entry import Capacity, Entry, Source, in_force
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.work.closed import closed_open
from everystone.work.drop import waiting
from everystone.work.feeds import Feed, Last, lasts, late_since, sources, sources_of, take_item
from everystone.work.gathered import Asking
from everystone.work.same import alike, decide, open_pairs
from everystone.work.tables import make_tables
from everystone.work.telling import up
from everystone.work.worklists import Worklists
from tests.conftest import PROOF
from tests.ledger.stores import Place, opened

MAPPING = """
name: CRIMES
zone: Europe/London
holds:
  - {kinds: [report.received, child.seen, person.described, case.allocated, case.closed]}
tables:
  - file: log.csv
    stream: {column: case, prefix: case/}
    row_key: [key]
    happened: {column: when}
    recorded: {column: written}
    subjects: {column: who}
    entries:
      - {kind: report.received, when: {what: report.received}, fields: {allegation: {value: crime}, reporter_role: {value: school}}}
      - {kind: child.seen, when: {what: child.seen}, fields: {place: {column: note}}}
      - {kind: case.closed, when: {what: case.closed}, fields: {reason: {column: note}}}
"""
HEAD = "key,case,what,who,when,written,note"
FIRST = ["1,Alder,report.received,C1,2026-03-02 10:00,2026-03-02 10:20,"]
SEEN = "2,Alder,child.seen,C1,2026-03-03 09:00,2026-03-03 18:00,school"
CLOSED = "3,Alder,case.closed,C1,2026-03-04 05:00,2026-03-04 05:10,no further action"


@pytest.fixture(scope="module")
def asking(pack: Pack) -> Asking:
    return Asking.of(pack)


class World:
    """A live ledger with one feed, whose clock a test moves."""

    def __init__(self, place: Place, folder: Path, asking: Asking, book: SqlBook) -> None:
        self.drop = folder / "drop"
        self.drop.mkdir()
        (folder / "mapping.yaml").write_text(MAPPING)
        self.feed = Feed(name="Crimes", mapping=folder / "mapping.yaml", drop=self.drop, dated="%Y%m%dT%H%M")
        self.calendar = asking.pack.words.calendar
        make_tables(book.database)
        self.book, self.asking = book, asking

    def instant(self, said: str) -> int:
        return self.calendar.span(said)[0]

    def at(self, said: str) -> Worklists:
        now = self.instant(said)
        return Worklists(SqlBook(self.book.database, self.book.keys, self.book.reader, lambda: now), self.asking)

    def put(self, name: str, *rows: str, age: int = 3_600, real: str = "2026-03-05 12:00") -> None:
        folder = self.drop / name
        folder.mkdir()
        (folder / "log.csv").write_text("\n".join([HEAD, *rows]) + "\n")
        then = self.instant(real) - age
        for place in (folder / "log.csv", folder):
            os.utime(place, (then, then))

    def round(self, said: str, real: str = "2026-03-05 12:00") -> list[Last]:
        lists = self.at(said)
        found = waiting(self.feed, lists.database, self.instant(real), lambda at: at, self.calendar)
        done = [take_item(lists, self.feed, item) for item in found]
        while lists.tick():
            pass
        return done


@pytest.fixture
def world(place: Place, tmp_path: Path, asking: Asking) -> Iterator[World]:
    with opened(place._replace(clock=lambda: asking.pack.words.calendar.span("2026-03-02 12:00")[0])) as book:
        yield World(place, tmp_path, asking, book)


def standing(world: World, stream: str, said: str) -> list[Entry]:
    now = world.instant(said)
    return in_force(world.book.read(stream), now, now)[0]


def test_a_delivery_is_taken_once_and_says_as_of_when_its_source_is_known(world: World) -> None:
    world.put("20260302T1210", *FIRST, "2,Alder")
    (done,) = world.round("2026-03-02 12:20")
    assert (done.fault, done.new, done.rejected) == ("", 1, 1)
    assert world.round("2026-03-02 12:30") == []
    assert [(each.name, each.at) for each in sources(world.book.database)] == [
        ("CRIMES", world.instant("2026-03-02 12:10"))
    ]
    assert sources_of(world.book.database, "case/Alder") == ["CRIMES"]


def test_late_repeated_and_out_of_order(world: World) -> None:
    """What is newer stands, whatever came first; the same again adds nothing; an old one takes nothing back."""
    world.put("20260304T0610", *FIRST, SEEN)
    world.round("2026-03-04 06:20")
    world.put("20260303T0610", *FIRST)
    world.put("20260304T0710", *FIRST, SEEN.replace("school", "home"))
    older, newer = world.round("2026-03-04 07:20")
    assert (older.new, older.changed) == (0, 0)
    assert (newer.new, newer.changed, newer.gone) == (0, 1, 0)
    (source,) = sources(world.book.database)
    assert source.at == world.instant("2026-03-04 07:10"), "an older delivery makes nothing older"
    seen = standing(world, "case/Alder", "2026-03-04 07:30")[-1]
    assert seen.data["place"] == "home"


def test_one_under_way_waits_and_one_that_cannot_be_used_is_noted_and_tried_with_another_mapping(world: World) -> None:
    world.put("20260302T1210", *FIRST, age=5)
    world.put("20260302T1220.part", *FIRST)
    assert world.round("2026-03-02 12:30") == []
    world.put("20260302T1230", age=100)
    log = world.drop / "20260302T1230" / "log.csv"
    log.write_text("key;case\n1;Alder\n")
    os.utime(log, (world.instant("2026-03-05 11:00"),) * 2)
    (refused,) = world.round("2026-03-02 12:40")
    assert refused.fault
    assert world.round("2026-03-02 12:41") == [], "it is not tried again and again"
    world.feed.mapping.write_text(MAPPING + "\n# corrected\n")
    assert world.round("2026-03-02 12:50")[0].fault
    assert len(lasts(world.book.database, "Crimes")) == 2


def test_a_folder_that_is_not_there_is_no_quiet_night(world: World) -> None:
    (world.drop).rmdir()
    with pytest.raises(Fault, match="is not there"):
        world.round("2026-03-02 12:30")


def test_a_feed_is_late_after_its_interval_and_a_quarter(world: World) -> None:
    day = 86_400
    assert late_since(world.feed, 0, day) is None
    assert late_since(world.feed, 0, day + day // 4 + 1) == day
    assert late_since(world.feed, None, 5) == 5


@pytest.mark.parametrize("place_in_it", range(4) if PROOF else (0, 3))
def test_stopped_at_any_instant_it_ends_the_same(
    world: World, monkeypatch: pytest.MonkeyPatch, place_in_it: int
) -> None:
    """Stopped before the note, while acts are laid beside, before it is looked through, while frames are asked."""
    from everystone.work import feeds

    world.put("20260304T0610", *FIRST, SEEN)
    target, name = [(feeds, "_note"), (feeds, "settle"), (Worklists, "follow"), (Worklists, "ask")][place_in_it]

    def stopped(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(target, name, stopped)
        with pytest.raises(KeyboardInterrupt):
            world.round("2026-03-04 06:20")
    world.round("2026-03-04 06:21")
    assert len(world.book.read("case/Alder")) == 2
    assert len(lasts(world.book.database, "Crimes")) == 1
    assert world.book.database.one("SELECT COUNT(*) FROM work_frame WHERE frame = 'case/Alder'")[0] == 1
    assert world.at("2026-03-04 06:30").rebuild()


def test_closed_in_the_source_while_a_child_is_unseen(world: World) -> None:
    """Within the round that brings the closing; a closing of years ago, in the first delivery, is not news."""
    old = [
        "8,Birch,report.received,C8,2019-03-02 10:00,2019-03-02 10:20,",
        "9,Birch,case.closed,C8,2019-03-04 05:00,2019-03-04 05:10,nfa",
    ]
    world.put("20260304T0010", *FIRST, *old)
    world.round("2026-03-04 00:20")
    assert closed_open(world.book.database, [None], world.instant("2026-03-04 00:20")) == []
    world.put("20260304T0610", *FIRST, *old, CLOSED)
    world.round("2026-03-04 06:20")
    said = world.asking.duty
    assert said is not None
    told = [each for each in up(world.book.database, said, world.instant("2026-03-04 06:20")) if each.item == "11"]
    assert [(each.case, each.person) for each in told] == [("Alder", "C1")], "told within the hour, by the next tick"
    (found,) = closed_open(world.book.database, [None], world.instant("2026-03-04 06:20"))
    assert (found.case, found.child, found.tier <= 2) == ("Alder", "C1", True)
    assert closed_open(world.book.database, [("team", "South")], world.instant("2026-03-04 06:20")) == []
    assert closed_open(world.book.database, [None], world.instant("2026-03-04 06:20"), {"Alder"}) == []


# ---- one act, typed and delivered ---------------------------------------------------------------------------------------


def typed(world: World, when: str, key: str = "f1", **more: Any) -> Entry:
    lo = world.instant(when)
    given = {"kind": "child.seen", "subjects": ("C1",), "data": {"place": "school"}, **more}
    return Entry(0, "case/Alder", given["kind"], given["subjects"], lo, lo, lo, lo, "O1", Capacity("officer", "constable", "North"),
                 given["data"], Source("site", "force", f"site/{key}", live=True))  # fmt: skip


def test_the_same_act_from_form_and_feed_becomes_one_entry(world: World) -> None:
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    world.at("2026-03-03 09:30").take([typed(world, "2026-03-03 09:25")])
    world.put("20260304T0610", *FIRST, SEEN)
    world.round("2026-03-04 06:20")
    kinds = [
        entry.source.name for entry in standing(world, "case/Alder", "2026-03-04 07:00") if entry.kind == "child.seen"
    ]
    assert kinds == ["CRIMES"]
    before = [
        entry.source.name for entry in standing(world, "case/Alder", "2026-03-03 12:00") if entry.kind == "child.seen"
    ]
    assert before == ["site"], "the day before is shown as it stood"
    assert open_pairs(world.book.database) == []


@pytest.mark.parametrize(("one", "left"), [(True, 1), (False, 2)])
def test_where_it_is_not_sure_a_person_says_so(world: World, one: bool, left: int) -> None:
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    world.at("2026-03-03 15:30").take([typed(world, "2026-03-03 15:25")])
    world.put("20260304T0610", *FIRST, SEEN)
    world.round("2026-03-04 06:20")
    (pair,) = open_pairs(world.book.database)
    assert open_pairs(world.book.database, [("frame", "case/Birch")]) == []
    lists = world.at("2026-03-04 07:00")
    assert decide(lists, pair.typed, pair.fed, one)
    assert not decide(lists, pair.typed, pair.fed, one), "said twice it is said once"
    assert open_pairs(world.book.database) == []
    assert (
        len([each for each in standing(world, "case/Alder", "2026-03-04 07:30") if each.kind == "child.seen"]) == left
    )


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, True),
        ({"subjects": ("C2",)}, False),
        ({"subjects": ("C1", "C2")}, None),
        ({"later": 7_200}, None),
        ({"later": 200_000}, False),
        ({"kind": "report.received"}, False),
    ],
)
def test_what_is_one_act(world: World, changed: dict[str, Any], told: bool | None) -> None:
    one = typed(world, "2026-03-03 09:00")
    later = changed.get("later", 0)
    other = one._replace(
        lo=one.lo + later, hi=one.hi + later, **{name: said for name, said in changed.items() if name != "later"}
    )
    assert alike(one, other, world.asking.pack.words.kinds, world.calendar) is told
