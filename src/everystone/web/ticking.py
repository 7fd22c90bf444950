"""The tick: asks again what is due, tells what cannot be missed, sends the weekly sheet. Every page is right without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from django.conf import settings

from everystone.web.channels import Channels
from everystone.web.daily import daily
from everystone.web.store import MACHINE, pack, tables, worklists
from everystone.work.posts import DutyFile, holders, seconds
from everystone.work.silence import silent
from everystone.work.tables import insert
from everystone.work.telling import NOBODY, TOLD, UNDELIVERED, Post, Round, Up, end, failed, note, owed, steps, up

AT_ONCE = 200  # streams looked up together
TOGETHER = 2  # and asked in one transaction: who opens a page meanwhile waits for no more
TURN = 900  # seconds for which one tick keeps another from telling the same
MONDAY = 0


class Ticked(NamedTuple):
    """What a tick came to: streams asked again, posts told, posts not reached, sheets sent; `busy` where another was at it."""

    asked: int = 0
    told: int = 0
    not_reached: int = 0
    sheets: int = 0
    up: int = 0
    busy: bool = False


def tick(moment: int) -> Ticked:
    """One tick as of an instant (seconds UTC). Sending happens outside every transaction: a silent gateway holds nobody up.

    What is due is asked again even while an earlier tick still tells, so that it waits no longer than from one to the next.
    """
    asked = _ask(moment)
    if not _take_turn(moment):
        return Ticked(asked, busy=True)
    try:
        told, not_reached, standing = _tell(moment)
        sheets = _sheets(moment) + daily(moment)
        _seal(moment)
        return Ticked(asked, told, not_reached, sheets, standing)
    finally:
        tables().run("UPDATE told_turn SET until = 0")


def _seal(moment: int) -> None:
    """Keep a checkpoint of what is committed with the keys: pages write inside transactions that cannot."""
    with worklists(MACHINE, moment) as lists:
        lists.book.checkpoint()


def _take_turn(moment: int) -> bool:
    """Whether it is this tick's turn; one that was stopped holds the next up for a quarter of an hour at most."""
    with worklists(MACHINE, moment) as lists:
        taken = lists.database.run(
            "UPDATE told_turn SET until = ? WHERE until <= ? OR until > ?", (moment + TURN, moment, moment + TURN)
        )
        return bool(taken.rowcount)


def _ask(moment: int) -> int:
    """Everything that is due, a few streams in a transaction: who opens a page meanwhile waits for no more than these."""
    asked = 0
    while True:
        with worklists(MACHINE, moment) as lists:
            lists.follow()
            due = lists.due(AT_ONCE)
        for first in range(0, len(due), TOGETHER):
            with worklists(MACHINE, moment) as lists:
                for stream in due[first : first + TOGETHER]:
                    lists.ask(stream)
        asked += len(due)
        if len(due) < AT_ONCE:
            return asked


# ---- what cannot be missed -------------------------------------------------------------------------------------------


def _tell(moment: int) -> tuple[int, int, int]:
    """Round after round, until nobody else is to be told now: who could not be reached is told to the next at once."""
    reached: set[Post] = set()
    missed: set[Post] = set()
    sent: dict[tuple[Post, tuple[str, ...]], bool] = {}
    while True:
        with worklists(MACHINE, moment) as lists:
            said = lists.asking.duty
            if said is None or settings.SITE.telling is None:
                return 0, 0, len(up(lists.database, said, moment)) if said else 0
            now_up = up(lists.database, said, moment)
            end(lists.database, now_up, moment)
            done = steps(lists.database)
            todo = owed(now_up, done, said, holders(lists.database, moment)[0], moment)
            for each, post in todo.passed:
                note(lists.database, [each], (post, ""), NOBODY, moment)
        if not todo.to_tell and not todo.passed:
            return len(reached), len(missed), len(now_up)
        came_to = _send(todo, done, moment, sent)
        _write_down(came_to, todo, said, moment)
        reached |= {post for post, arrived in came_to.items() if arrived}
        missed |= {post for post, arrived in came_to.items() if not arrived}


def _send(todo: Round, done: Mapping[tuple[str, str, str], Sequence[object]], moment: int,
          sent: dict[tuple[Post, tuple[str, ...]], bool]) -> dict[Post, bool]:  # fmt: skip
    """One message to each post, however much it is about; the same message is not sent twice in a tick."""
    channels, came_to = Channels(settings.SITE.telling), dict[Post, bool]()
    for post, about in todo.to_tell.items():
        missing = tuple(failed(about, done, moment))  # type: ignore[arg-type]  # steps, by what they are about
        if (post, missing) not in sent:
            sent[post, missing] = channels.tell(*post, missing)
        came_to[post] = sent[post, missing]
    return came_to


def _write_down(came_to: Mapping[Post, bool], todo: Round, said: DutyFile, moment: int) -> None:
    """What came of it, with the tables and in the log of readings; of what is sealed the log names no case."""
    with worklists(MACHINE, moment) as lists:
        for post, arrived in came_to.items():
            about = todo.to_tell[post]
            outcome = TOLD if arrived else UNDELIVERED
            note(lists.database, about, post, outcome, moment)
            lists.book.shown({"told": " ".join(post).strip(), "outcome": outcome, "cases": _open(about, said)})


def _open(about: Sequence[Up], said: DutyFile) -> list[str]:
    matters = said.by_key()
    return sorted({each.case for each in about if not said.sealed(matters[each.item])})


# ---- the weekly sheet -------------------------------------------------------------------------------------------------


def _sheets(moment: int) -> int:
    """On Mondays, once: each team's mailbox gets the cases without recorded progress, by reference and weeks alone."""
    telling, calendar = settings.SITE.telling, pack().words.calendar
    today = calendar.day_of(moment)
    if telling is None or today.weekday() != MONDAY:
        return 0
    return sum(_sheet(team, to, today, moment) for team, to in sorted(telling.sheets.items()))


def _sheet(team: str, to: str, today: date, moment: int) -> int:
    with worklists(MACHINE, moment) as lists:
        said = lists.asking.duty
        sent = lists.database.one("SELECT 1 FROM told_sheet WHERE name = ? AND day = ?", (team, today.isoformat()))
        if said is None or sent:
            return 0
        found = silent(lists.database, moment, seconds(said.no_progress), team)
    text = sheet_words([(each.case, each.weeks) for each in found], team)
    if not Channels(settings.SITE.telling).mail(to, "The weekly sheet", text):
        return 0
    with worklists(MACHINE, moment) as lists:
        insert(lists.database, "told_sheet", ("name", "day", "outcome"), [(team, today.isoformat(), TOLD)])
        lists.book.shown({"sheet": team, "cases": sorted(each.case for each in found)})
    return 1


def sheet_words(found: Sequence[tuple[str, int]], team: str) -> str:
    """The sheet as it is sent: references and whole weeks. Nobody's name, and nothing of what a case is about."""
    if not found:
        return f"{team}: every open case has a recorded step in the last four weeks. There is nothing to look at.\n"
    lines = [f"{case}: no recorded progress for {weeks} weeks" for case, weeks in found]
    return "\n".join([f"{team}: no recorded progress in {len(found)} open cases, the longest first.",
                      "The record shows no entry of substance; work may have been done and not written down.",
                      "", *lines, ""])  # fmt: skip
