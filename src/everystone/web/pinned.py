"""What is pinned above every page: what cannot be missed of the cases that somebody answers for, and of a child in hand."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from everystone.findings.elsewhere import CASE
from everystone.ledger.book.database import Database
from everystone.web import policy
from everystone.web.store import asking, tables, working
from everystone.work.posts import DutyFile
from everystone.work.telling import SEEN, TOLD, Step, Steps, Up, steps, touching, up

FIRST = 3  # on a page that is about no case; a case shows all of its own
FIRST_TODAY = 1  # of those without a card
LISTS = ("today", "board", "duty", "handover")


class Pin(NamedTuple):
    """One line: about whom, why, in which case ("" where that is not open here), and how far it was told."""

    child: str
    because: str
    case: str
    told: Sequence[Step]
    seen: Step | None


class Pins(NamedTuple):
    """The lines to show, one about each child or case, the most urgent first; and how many there are.

    `on_cards` are those who stand on the page as cards of their own, by case and person: nobody is shown twice.
    """

    shown: Sequence[Pin]
    total: int
    on_cards: Mapping[tuple[str, str], Pin] = {}


NONE = Pins((), 0)


def in_scope(who: policy.Who, said: DutyFile, database: Database, now: int) -> list[Up]:
    """What cannot be missed in the cases that somebody answers for; of what is sealed only professional standards hear."""
    matters = said.by_key()
    if any(post.role == policy.STANDARDS for post in who.posts):
        return [each for each in up(database, said, now) if said.told_sealed(matters[each.item])]
    where = policy.where(who, "act on a card")
    return [each for each in up(database, said, now, where, who.kept_away) if not said.sealed(matters[each.item])]


def pinned(request: Any) -> Pins:
    """The lines for one page, looked up once. What is shown of a case is a reading, with the page that shows it."""
    if not hasattr(request, "pins"):
        request.pins = _pinned(request)
    return request.pins  # type: ignore[no-any-return]  # as it was made above


def _pinned(request: Any) -> Pins:
    who, found = getattr(request, "who", None), request.resolver_match
    name = found.url_name if found else ""
    about = getattr(request, "about", None)
    said = asking().duty
    if who is None or said is None or not policy.may(who, "see today") or (about is None and name not in LISTS):
        return NONE
    if about is not None:
        return _pins(_of_case(tables(), said, about.case, request.moment), about.case, None)
    now_up = in_scope(who, said, tables(), request.moment)
    shown = _beside_cards(now_up, who, request.on_cards) if name == "today" else _pins(now_up, "", FIRST)
    cases = {each.case for each in (*shown.shown, *shown.on_cards.values())}
    if cases:
        with working(request, "Pinned") as (_, book):
            book.shown({"page": "pinned", "cases": sorted(cases)})
    return shown


def _beside_cards(now_up: Sequence[Up], who: policy.Who, cards: Collection[tuple[str, str]]) -> Pins:
    """For Today: what must not wait stands on the card of that child; of the rest the first above, unless a child of tonight
    has a card and the rest can be looked up under Told."""
    carded = {(each.case, each.person): each for each in reversed(now_up) if (each.case, each.person) in cards}
    done = steps(tables(), sorted({each.frame for each in carded.values()})) if carded else {}
    on_cards = {card: _pin(each, done.get(each.key, ()), "") for card, each in carded.items()}
    lines = _folded(now_up)
    others = [each for each in lines if (each.case, each.person) not in carded]
    if any(each.tonight for each in carded.values()) and policy.may(who, "see what was told"):
        others = []
    return Pins(_pins(others, "", FIRST_TODAY).shown, len(lines), on_cards)


def _of_case(database: Database, said: DutyFile, case: str, now: int) -> list[Up]:
    """What is up in a case, and about its people in others; nothing that is sealed."""
    matters = said.by_key()
    return [each for each in touching(database, said, CASE + case, now) if not said.sealed(matters[each.item])]


def _pins(now_up: Sequence[Up], here: str, most: int | None) -> Pins:
    one = _folded(now_up) if most else now_up
    first = one[:most]
    done = steps(tables(), sorted({each.frame for each in first})) if first else {}
    return Pins([_pin(each, done.get(each.key, ()), here) for each in first], len(one))


def _folded(now_up: Sequence[Up]) -> list[Up]:
    """For a list: a line for each child in reach tonight, and for every other case one, about what is most urgent in it."""
    lines: dict[tuple[str, str], Up] = {}
    tonight = {each.frame for each in now_up if each.tonight}
    for each in now_up:
        if each.tonight or each.frame not in tonight:
            lines.setdefault((each.frame, each.person if each.tonight else ""), each)
    return list(lines.values())


def _pin(each: Up, done: Steps, here: str) -> Pin:
    open_here = not here or each.case == here
    seen = next((step for step in reversed(done) if step.outcome == SEEN), None)
    told = [step for step in done if step.outcome == TOLD]
    child = each.person or (each.case if open_here else "somebody of this case")
    return Pin(
        child, each.because, each.case if open_here else "", told if open_here else (), seen if open_here else None
    )
