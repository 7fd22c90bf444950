"""What is kept at hand of the ledger: equal to what is asked of it anew, at every instant, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from everystone.findings.orders import standing_in
from everystone.ledger.book.keys import Keys
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.story import Order, read_stories
from everystone.work import worklists
from everystone.work.cards import cards
from everystone.work.duty import on_duty
from everystone.work.gathered import Asking
from everystone.work.tables import make_tables
from everystone.work.worklists import A_MOMENT, AtHand, Worklists
from tests.conftest import PROOF, ROOT
from tests.ledger.stores import Place, opened
from tests.web.site import world

#: Without those asked as known later: a live list knows no more than its own moment does.
STORIES = [path for path in sorted((ROOT / "packs" / "england_wales" / "stories" / "danger").glob("*.yaml"))
           if "\nknown_on:" not in path.read_text(encoding="utf-8")]  # fmt: skip
DAY = 86_400
ANY = [None]


@pytest.fixture(scope="module")
def asking(pack: Pack) -> Asking:
    return Asking.of(pack)


@pytest.fixture
def lists(place: Place, asking: Asking) -> Iterator[Worklists]:
    """The small force of the site's tests, asked as at its morning."""
    entries, now = world(asking.pack)
    with opened(place._replace(clock=lambda: now)) as book:
        yield filled(book, asking, entries)


def filled(book: SqlBook, asking: Asking, entries: list[Entry]) -> Worklists:
    make_tables(book.database)
    lists = Worklists(book, asking)
    with book.transaction():
        book.append(entries)
        lists.tick()
    return lists


def at(lists: Worklists, now: int) -> Worklists:
    book = lists.book
    return Worklists(SqlBook(book.database, book.keys, book.reader, lambda: now), lists.asking)


def seen(key: str, now: int, child: str = "C1", case: str = "Alder", by: str = "O1", **more: Any) -> Entry:
    """An entry of now, as a form makes it."""
    source = Source("form", "force", key, live=True)
    given = {"kind": "child.seen", "data": {"alone": True, "place": "school", "by_role": "police"}, **more}
    return Entry(0, f"case/{case}", given["kind"], (child,), now, now, now, now, by, Capacity("officer", "constable", "North"),
                 given["data"], source)  # fmt: skip


def rows(lists: Worklists, table: str) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in lists.database.run(f"SELECT * FROM {table}").fetchall()), key=repr)


# ---- equal to asking anew -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", STORIES if PROOF else STORIES[2::12], ids=lambda path: path.stem[:30])
def test_cards_stand_in_the_order_of_danger(path: Path, folder: Path, asking: Asking) -> None:
    """Every set of cases that practitioners put in order: the same children, tiers, places and sentences."""
    from tests.ledger.stores import founded

    (told,) = read_stories(path, asking.pack)
    assert isinstance(told, Order)
    (as_at,) = {case.as_at for case in told.cases if case.as_at}
    entries = list({entry.key: entry for case in told.cases for entry in case.entries}.values())
    place = founded(str(folder / "ledger"), str(folder / "keys"))._replace(clock=lambda: as_at)
    with opened(place) as book:
        lists = filled(book, asking, entries)
        found = cards(lists.database, ANY, lists.book.clock(), most=100).shown
    urgent = [each for each in standing_in(told, asking.pack) if each.tier <= 2]
    expected = [(each.person or each.frame.removeprefix("case/"), each.tier, each.because) for each in urgent]
    assert [(card.child, card.tier, card.because) for card in found if card.tier <= 2] == expected


def test_made_anew_it_is_the_same(lists: Worklists) -> None:
    assert lists.rebuild()


def test_matters_that_stand_beside_nothing_are_no_hindrance(lists: Worklists) -> None:
    """A force's extract has matters of conduct with streams of their own."""
    matter = seen("m1", lists.book.clock(), kind="conduct.became_known", data={}, child="O2")
    lists.book.append([matter._replace(stream="conduct/M1")])
    lists.tick()
    assert lists.rebuild()


def test_a_row_that_was_changed_shows_when_it_is_made_anew(lists: Worklists) -> None:
    lists.database.run("UPDATE work_placed SET tier = 5 WHERE tier = 0")
    assert not lists.rebuild()
    assert cards(lists.database, ANY, lists.book.clock()).by_tier[0] == 1


def test_what_was_erased_is_gone_when_it_is_made_anew(lists: Worklists, place: Place) -> None:
    assert any("C1" in row for row in rows(lists, "work_placed"))
    for (key,) in lists.database.run("SELECT key FROM ledger_entry").fetchall():
        lists.book.keys.database.run("UPDATE key_secret SET secret = NULL, destroyed = 1 WHERE id = ?", (key,))
    again = Worklists(
        SqlBook(lists.database, Keys(lists.book.keys.database), lists.book.reader, lists.book.clock), lists.asking
    )
    again.rebuild()
    assert rows(again, "work_placed") == rows(again, "work_finding") == rows(again, "work_named") == []


def test_it_is_registered_as_a_copy(lists: Worklists, pack: Pack) -> None:
    copy = AtHand(Path(AtHand.place_of(pack)), {}, {})
    assert copy.follow(lists.book) == lists.book.entries.head().size
    assert copy.rebuild(lists.book)


def test_a_sealed_stream_under_a_reference_of_its_own_stands_in_nobodys_way(lists: Worklists) -> None:
    """As an extract of a department brings it: beside no case and no officer."""
    from everystone.work.conduct import matters

    now = lists.book.clock()
    entry = seen("m1", now, kind="severity.assessed", data={"severity": "misconduct"})
    lists.book.append([entry._replace(stream="conduct/M0001", subjects=("O1",))])
    lists.tick()
    assert matters(lists.book) == []
    assert lists.rebuild()


# ---- writing ------------------------------------------------------------------------------------------------------------


def test_the_frame_of_an_entry_is_asked_again_in_the_same_transaction(lists: Worklists) -> None:
    """A safety plan in force: the child is no longer in the first tier, and it is told without any tick."""
    now = lists.book.clock()
    assert cards(lists.database, ANY, lists.book.clock()).by_tier[0] == 1
    plan = {"review_by": "2026-06-01", "about": "X1"}
    kinds = lists.asking.pack.words.kinds
    lists.take([seen("f1", now, kind="safety_plan.made", data=kinds.admit("safety_plan.made", plan))])
    assert 0 not in cards(lists.database, ANY, lists.book.clock()).by_tier


def test_what_fails_leaves_neither_entry_nor_finding(lists: Worklists, monkeypatch: pytest.MonkeyPatch) -> None:
    before, size = (
        [rows(lists, table) for table in ("work_finding", "work_frame", "work_due")],
        lists.book.entries.head().size,
    )
    monkeypatch.setattr(lists, "ask", lambda *_: (_ for _ in ()).throw(Fault("stopped")))
    with pytest.raises(Fault, match="stopped"):
        lists.take([seen("f1", lists.book.clock())])
    assert [rows(lists, table) for table in ("work_finding", "work_frame", "work_due")] == before
    assert lists.book.entries.head().size == size


def test_the_same_request_twice_is_one_entry(lists: Worklists) -> None:
    first = lists.take([seen("f1", lists.book.clock())], request="form-1")
    assert lists.take([seen("f1", lists.book.clock())], request="form-1") == first


def test_another_case_that_shares_a_person_is_due_and_asked_by_the_next_tick(lists: Worklists) -> None:
    now = lists.book.clock()
    lists.take([seen("f1", now, child="X1", case="Cedar", kind="person.died", data={})])
    assert ("case/Alder", now) in rows(lists, "work_due")
    lists.tick()
    assert rows(lists, "work_due") == []
    assert 0 not in cards(lists.database, ANY, lists.book.clock()).by_tier, "who has died harms nobody any more"


def test_of_a_first_delivery_all_is_due_and_nothing_is_looked_up(
    place: Place, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries, now = world(asking.pack)
    with opened(place._replace(clock=lambda: now)) as book:
        make_tables(book.database)
        lists, looked_up = Worklists(book, asking), list[str]()

        def look_up(stream: str, _: object) -> Iterator[str]:
            looked_up.append(stream)
            return iter(())

        monkeypatch.setattr(lists, "_touched_by", look_up)
        with book.transaction():
            book.append(entries)
            lists.follow()
        due = {frame for (frame,) in book.database.run("SELECT frame FROM work_due").fetchall()}
        assert due == {each.stream for each in entries if not each.stream.startswith("officer/")} and not looked_up
        lists.tick()
        lists.take([seen("f1", now)])
        assert looked_up == ["case/Alder"]


def test_what_an_officer_is_touches_the_cases_where_the_officer_acts(lists: Worklists) -> None:
    now = lists.book.clock()
    leave = seen("f1", now, child="O1", kind="leave.recorded", data={"from": "2026-03-04", "to": "2026-04-01"})
    lists.take([leave._replace(stream="officer/O1")])
    due = {frame for frame, _ in rows(lists, "work_due")}
    assert due == {"case/Alder", "case/Cedar"}


# ---- time ---------------------------------------------------------------------------------------------------------------


def test_three_days_without_the_tick_change_nothing_on_screen(lists: Worklists) -> None:
    """A page that comes three days later asks what has turned before it shows anything; the tick finds nothing left to do."""
    later = at(lists, lists.book.clock() + 3 * DAY)
    later.current(ANY)
    shown = cards(later.database, ANY, later.book.clock())
    findings = rows(later, "work_finding")
    later.tick()
    assert cards(later.database, ANY, later.book.clock()) == shown
    assert rows(later, "work_finding") == findings
    assert later.rebuild()


def test_of_what_stood_still_for_days_a_page_asks_a_few_and_says_how_many_are_left(lists: Worklists) -> None:
    """The child who stands worst first, so that a page of a whole force is never long in coming."""
    later = at(lists, lists.book.clock() + 3 * DAY)
    lists.database.run("UPDATE work_frame SET turns_at = 1")
    (cases,) = lists.database.one("SELECT COUNT(*) FROM work_frame WHERE frame = home")
    assert later.current(ANY, most=1) == cases - 1
    assert [frame for (frame,) in later.database.run(
        "SELECT frame FROM work_frame WHERE asked = ? AND frame = home", (later.book.clock(),)
    ).fetchall()] == ["case/Alder"]  # fmt: skip
    assert later.current([("frame", "case/Cedar")]) == 0


def test_of_what_changed_a_moment_ago_a_page_leaves_most_to_the_tick(
    lists: Worklists, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One entry may touch many cases and no page is held up by all of them; where no tick came, a page asks them itself."""
    monkeypatch.setattr(worklists, "A_FEW", 1)
    now = lists.book.clock()

    def touch_all() -> int:
        return int(lists.database.run(
            f"INSERT INTO work_due (frame, since) SELECT frame, {now} FROM work_frame WHERE frame = home AND "
            "frame NOT IN (SELECT frame FROM work_due)"
        ).rowcount)  # fmt: skip

    touched = touch_all()
    assert touched > 1
    assert lists.current(ANY) == touched - 1
    touch_all()
    assert at(lists, now + A_MOMENT).current(ANY) == 0


def test_what_was_touched_is_asked_before_what_turned(lists: Worklists) -> None:
    lists.database.run("UPDATE work_frame SET turns_at = 1")
    lists.database.run("INSERT INTO work_due (frame, since) VALUES ('case/Cedar', ?)", (lists.book.clock(),))
    assert lists.due(1) == ["case/Cedar"]


def test_a_page_asks_only_what_has_turned(lists: Worklists) -> None:
    assert lists.current(ANY) == 0


# ---- who is on duty -----------------------------------------------------------------------------------------------------


def test_who_is_on_duty_is_told_from_the_roster(lists: Worklists) -> None:
    now = lists.book.clock()
    assert [(each.officer, each.post, each.team) for each in on_duty(lists.database, now)] == [
        ("D1", "duty inspector", "Duty"), ("S1", "duty sergeant", "North")]  # fmt: skip
    assert on_duty(lists.database, now + 30 * DAY) == []


# ---- readings -----------------------------------------------------------------------------------------------------------


def test_asking_is_a_reading_too(lists: Worklists) -> None:
    before = len(lists.book.readings_of("T1"))
    lists.ask("case/Alder")
    (reading,) = lists.book.readings_of("T1")[before:]
    assert "case/Alder" in reading.data["streams"]
    assert reading.data["why"] == "a test"


# ---- texts that nearly copy others -----------------------------------------------------------------------------------------

REVIEW = "The file was gone through with the lead. The statements are in and the phone is with the unit. The family has been told."
OWN = "She has named a second man since the last look. The lead is to ask the hostel for its book of visitors by Monday at six."


def review(key: str, case: str, now: int, text: str, **more: Any) -> Entry:
    return seen(key, now, case=case, by="S1", kind="review.done", data={"level": "periodic", "text": text})._replace(
        subjects=(), **more
    )


def test_a_review_that_nearly_copies_another_is_found_as_it_is_over_a_whole_book(lists: Worklists) -> None:
    from everystone.findings.copies import copies_among
    from everystone.work.copied import copies_in

    now = lists.book.clock()
    words, kinds = lists.asking.pack.lists, lists.asking.pack.words.kinds
    given = [review("r1", "Birch", now - 300, REVIEW), review("r2", "Alder", now - 200, REVIEW.replace("phone", "tablet")),
             review("r3", "Alder", now - 100, OWN), review("r4", "Cedar", now - 50, REVIEW + " No change.")]  # fmt: skip
    for each in given:
        lists.take([words.seen(each, kinds)])
    entries = [entry for case in ("Alder", "Birch", "Cedar") for entry in lists.book.read(f"case/{case}")]
    whole = copies_among(entries, now, now)
    assert set(whole) == {("r2", "text"), ("r4", "text")}
    for case in ("Alder", "Birch", "Cedar"):
        mine = [entry for entry in entries if entry.stream == f"case/{case}"]
        said = {key: found for key, found in whole.items() if key[0] in {entry.key for entry in mine}}
        assert copies_in(lists.database, mine, now) == said
    found = {frame for frame, *_ in rows(lists, "work_finding") if _[1] == "SUP-10"}
    assert found == {"case/Alder", "case/Cedar"}
    assert lists.rebuild()


def test_a_review_that_was_corrected_copies_nothing_and_is_copied_by_nothing(lists: Worklists) -> None:
    now = lists.book.clock()
    words, kinds = lists.asking.pack.lists, lists.asking.pack.words.kinds
    for each in (review("r1", "Birch", now - 300, REVIEW), review("r2", "Birch", now - 100, OWN, corrects="r1"),
                 review("r3", "Alder", now - 50, REVIEW)):  # fmt: skip
        lists.take([words.seen(each, kinds)])
    assert [row for row in rows(lists, "work_finding") if row[2] == "SUP-10"] == []
    assert lists.rebuild()


def test_an_earlier_text_that_comes_late_has_the_case_that_copies_it_asked_again(lists: Worklists) -> None:
    """By the due table, within a minute; and once more when the earlier one is corrected away."""
    now = lists.book.clock()
    words, kinds = lists.asking.pack.lists, lists.asking.pack.words.kinds

    def taken(entry: Entry) -> tuple[list[str], set[str]]:
        """What waits to be asked again, and after the next round which cases copy."""
        lists.take([words.seen(entry, kinds)])
        waiting = [row[0] for row in rows(lists, "work_due")]
        while lists.tick():
            pass
        return waiting, {row[0] for row in rows(lists, "work_finding") if row[2] == "SUP-10"}

    assert taken(review("r2", "Alder", now - 200, REVIEW)) == ([], set())
    assert taken(review("r3", "Cedar", now - 100, OWN)) == ([], set())
    assert taken(review("r1", "Birch", now - 300, REVIEW)) == (["case/Alder"], {"case/Alder"})
    assert taken(review("r4", "Birch", now - 10, OWN.upper(), corrects="r1")) == (["case/Alder"], {"case/Birch"})
    assert lists.rebuild()
