"""The daily figure to the chief officer: how much of what cannot be missed stands, and since when. No case and no name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.conf import settings

from everystone.web.channels import Channels
from everystone.web.store import MACHINE, pack, worklists
from everystone.web.words import plural
from everystone.work.posts import DutyFile
from everystone.work.tables import insert
from everystone.work.telling import SEEN, TOLD, Step, Up, steps, up

FROM = 6  # the local hour from which it goes
TO, DAY = "the chief officer", 86_400


def daily(moment: int) -> int:
    """Send it, once a civil day from six o'clock on; how many were sent. Nothing is in it that is told in sealed posts alone."""
    telling, local = settings.SITE.telling, pack().words.calendar.local(moment)
    if telling is None or not telling.chief or local.hour < FROM:
        return 0
    day = local.date().isoformat()
    with worklists(MACHINE, moment) as lists:
        said = lists.asking.duty
        if said is None or lists.database.one("SELECT 1 FROM told_sheet WHERE name = ? AND day = ?", (TO, day)):
            return 0
        matters = said.by_key()
        found = [each for each in up(lists.database, said, moment) if not said.sealed(matters[each.item])]
        done = steps(lists.database)
    if not Channels(telling).mail(telling.chief, "The daily figure", words(found, done, said, moment)):
        return 0
    with worklists(MACHINE, moment) as lists:
        insert(lists.database, "told_sheet", ("name", "day", "outcome"), [(TO, day, TOLD)])
        lists.book.shown({"daily figure": len(found)})
    return 1


def words(found: Sequence[Up], done: Mapping[tuple[str, str, str], Sequence[Step]], said: DutyFile, moment: int) -> str:
    """The figure as it is sent: how many stand, of how many cases, the oldest, how many nobody answered; then each of the ten."""
    if not found:
        return "Nothing of what cannot be missed stands now.\n"
    matters = said.by_key()
    oldest = max((moment - done[each.key][0].at for each in found if each.key in done), default=0) // DAY
    silent = sum(not any(step.outcome == SEEN for step in done.get(each.key, ())) for each in found)
    by_item = {item: sum(each.item == item for each in found) for item in matters}
    return "\n".join([
        f"Of what cannot be missed {len(found)} stand now, in {plural(len({each.frame for each in found}), 'case')}.",
        f"The oldest was first told {plural(oldest, 'day')} ago. Of {silent} nobody said that they have read it.", "",
        *(f"{n}: {matters[item].called}" for item, n in by_item.items() if n), "",
    ])  # fmt: skip
