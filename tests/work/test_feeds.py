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
from everystone.work.feeds import Feed, Last, lasts, take_item
from everystone.work.fresh import forget_others, late_since, sources, sources_of
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
  - {kinds: [report.received, crime.recorded, report.not_crimed, transfer.accepted, child.seen, person.described, case.closed]}
tables:
  - file: log.csv
    stream: {column: case, prefix: case/}
    row_key: [key]
    happened: {column: when}
    recorded: {column: written}
    subjects: {column: who}
    entries:
      - {kind: report.received, when: {what: report.received}, fields: {allegation: {value: crime}, reporter_role: {value: school}}}
      - {kind: crime.recorded, when: {what: crime.recorded}}
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
    assert late_since(1_440, 0, day) is None
    assert late_since(1_440, 0, day + day // 4 + 1) == day
    assert late_since(1_440, None, 5) == 5


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


# ---- what cannot have come yet -------------------------------------------------------------------------------------------


CRIME = "4,Alder,crime.recorded,C1,2026-03-03 09:30,2026-03-03 09:40,"


def answer(world: World, said: str) -> tuple[str, str]:
    """How the duty to record the crime within a day of the report is answered, asked as of an instant."""
    lists = world.at(said)
    lists.current([("frame", "case/Alder")])
    found = lists.database.one("SELECT answer, reason FROM work_finding WHERE standard = 'REC-01'")
    return tuple(found) if found else ("met", "")


def test_what_a_late_feed_cannot_have_brought_yet_is_not_called_missing(world: World) -> None:
    """The limit ran out on the third; what is known is as of the second, until the feed comes."""
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    assert answer(world, "2026-03-03 09:59")[0] == "not yet due"
    assert answer(world, "2026-03-03 10:01") == ("cannot be told", "not carried")
    assert answer(world, "2026-03-09 06:00") == ("cannot be told", "not carried")
    world.put("20260309T0610", *FIRST)
    world.round("2026-03-09 06:20")
    assert answer(world, "2026-03-09 06:20") == ("not met", "no record shows")


def test_what_came_with_the_late_feed_was_never_called_missing(world: World) -> None:
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    assert answer(world, "2026-03-09 06:00")[0] == "cannot be told"
    world.put("20260309T0610", *FIRST, CRIME)
    world.round("2026-03-09 06:20")
    assert answer(world, "2026-03-09 06:20") == ("met", "")


def test_a_delivery_with_nothing_of_the_case_answers_it_too(world: World) -> None:
    """The case has no new row, so nothing touches it; what it waited for has come all the same."""
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    answer(world, "2026-03-09 06:00")
    world.put("20260309T0610", *FIRST, "9,Birch,report.received,C2,2026-03-08 10:00,2026-03-08 10:20,")
    world.round("2026-03-09 06:20")
    found = world.book.database.one(
        "SELECT answer FROM work_finding WHERE standard = 'REC-01' AND frame = 'case/Alder'"
    )
    assert tuple(found) == ("not met",), "asked again by the round itself, and not by a page"


def test_the_page_of_an_earlier_day_says_what_could_be_told_then(world: World) -> None:
    from everystone.work.opened import open_stream

    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    world.put("20260309T0610", *FIRST)
    world.round("2026-03-09 06:20")
    lists = world.at("2026-03-09 07:00")
    opened = open_stream(lists.book, lists.asking, "case/Alder", world.instant("2026-03-08 23:59"))
    assert [each.answer for each in opened.answers if each.standard == "REC-01"] == ["cannot be told"]


def test_a_feed_that_is_given_up_is_waited_for_no_longer(world: World) -> None:
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    answer(world, "2026-03-09 06:00")
    forget_others(world.book.database, ["Crimes"], world.instant("2026-03-09 06:00"))
    assert answer(world, "2026-03-09 06:01")[0] == "cannot be told"
    forget_others(world.book.database, [], world.instant("2026-03-09 06:02"))
    assert answer(world, "2026-03-09 06:02")[0] == "not met"


# ---- only what is new ----------------------------------------------------------------------------------------------------


def test_a_feed_may_bring_only_what_is_new_and_what_it_lacks_is_not_gone(world: World) -> None:
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    world.feed.mapping.write_text(MAPPING.replace("name: CRIMES", "name: CRIMES\nbrings: what is new"))
    world.put("20260303T1810", SEEN)
    again, done = world.round("2026-03-03 18:20")
    assert (again.fault, again.new, again.gone) == ("", 0, 0), "with another mapping everything there is read again"
    assert (done.fault, done.new, done.gone) == ("", 1, 0)
    world.put("20260304T0610", SEEN.replace("school", "home"))
    (done,) = world.round("2026-03-04 06:20")
    assert (done.fault, done.new, done.changed, done.gone) == ("", 0, 1, 0)
    assert [each.kind for each in standing(world, "case/Alder", "2026-03-04 07:00")] == [
        "report.received",
        "child.seen",
    ]


def test_nothing_new_is_a_delivery_too(world: World) -> None:
    world.feed.mapping.write_text(MAPPING.replace("name: CRIMES", "name: CRIMES\nbrings: what is new"))
    world.put("20260302T1210", *FIRST)
    world.round("2026-03-02 12:20")
    world.put("20260309T0610")
    (done,) = world.round("2026-03-09 06:20")
    assert (done.fault, done.new, done.gone) == ("", 0, 0)
    (source,) = sources(world.book.database)
    assert source.at == world.instant("2026-03-09 06:10")
    assert answer(world, "2026-03-09 06:20")[0] == "not met"


def test_a_whole_extract_after_it_says_again_what_is_gone(world: World) -> None:
    world.put("20260302T1210", *FIRST, SEEN)
    world.feed.mapping.write_text(MAPPING.replace("name: CRIMES", "name: CRIMES\nbrings: what is new"))
    world.round("2026-03-02 12:20")
    world.feed.mapping.write_text(MAPPING)
    world.put("20260304T0610", *FIRST)
    assert [each.gone for each in world.round("2026-03-04 06:20") if each.item == "20260304T0610"] == [1]


# ---- a view of a database ------------------------------------------------------------------------------------------------

VIEW = """
SELECT key, "case", "when", written, what, who, note FROM log
"""


def test_a_view_of_a_database_is_asked_when_it_is_time_and_only_then(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_sqlite", reason="the extra `sql` is not installed here")
    import sqlite3

    source = sqlite3.connect(tmp_path / "crimes.db", isolation_level=None)
    source.execute(f"CREATE TABLE log ({', '.join(quoted(HEAD))})")
    source.execute(f"INSERT INTO log VALUES ({', '.join('?' * 7)})", FIRST[0].split(","))
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "log.sql").write_text(VIEW)
    monkeypatch.setenv("CRIMES_DATABASE", f"sqlite:{tmp_path / 'crimes.db'}")
    asked = MAPPING.replace("file: log.csv", "file: log.sql\n    connection: CRIMES_DATABASE")
    world.feed.mapping.write_text(asked)
    world.feed = Feed(name="Crimes", mapping=world.feed.mapping, queries=tmp_path / "views", every=30)

    def at(said: str) -> list[Last]:
        return world.round(said, real=said)

    assert [(each.fault, each.new) for each in at("2026-03-02 12:20")] == [("", 1)]
    source.execute(f"INSERT INTO log VALUES ({', '.join('?' * 7)})", SEEN.split(","))
    assert at("2026-03-02 12:49") == []
    assert [(each.fault, each.new, each.same) for each in at("2026-03-03 18:30")] == [("", 1, 1)]
    (known,) = sources(world.book.database)
    assert known.at == world.instant("2026-03-03 18:30"), "as known at the instant at which it was asked"
    source.execute("DROP TABLE log")
    (refused,) = at("2026-03-03 19:00")
    assert "did not answer" in refused.fault
    assert at("2026-03-03 19:04") == []
    assert [bool(each.fault) for each in at("2026-03-03 19:05")] == [True], (
        "one that failed is asked again in five minutes"
    )
    (known,) = sources(world.book.database)
    assert known.at == world.instant("2026-03-03 18:30"), "and what was not answered makes nothing fresher"


def quoted(head: str) -> list[str]:
    return [f'"{each}"' for each in head.split(",")]
