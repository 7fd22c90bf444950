"""What is said of the order of danger: why somebody stands there, and three sentences before any list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.explain import day_in_words, sentence, title
from everystone.findings.placed import FIND_OUT, Left, Placed, Reason
from everystone.ledger.case import Frame
from everystone.ledger.state import NEVER
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.grammar import StillPossible
from everystone.standards.pack import Pack


def because(reason: Reason, words: Vocabulary) -> str:
    """The sentence of a reason, with what is in doubt, what ends and when, and which kinds are not held."""
    text = reason.says.because
    if isinstance(reason.says, Left) or "{" not in text:
        return text
    kinds = [f"“{title(kind, words)}”" for kind in reason.kinds[:3]]
    end = until_in_words(reason.until, words) if 0 < reason.until < NEVER else ""
    said = text.format(called=reason.called, end=end, kinds=", ".join(kinds))
    return said[:1].upper() + said[1:]


def until_in_words(instant: int, words: Vocabulary) -> str:
    """The day on which something ends, with the time where it does not end with the day."""
    local = words.calendar.local(instant)
    day = day_in_words(local.date())
    return day if (local.hour, local.minute) in ((23, 59), (0, 0)) else f"{day} at {local:%H:%M}"


def left_undone(failed: Sequence[Answer], pack: Pack, words: Vocabulary) -> str:
    """What answers leave where nobody's safety is in question: the oldest, and how many more."""
    first = failed[0]
    loaded = pack.standards[first.standard].standard
    due = f", due by {until_in_words(first.due, words)}" if first.due is not None and 0 < first.due < NEVER else ""
    more = len({each.standard for each in failed} - {first.standard})
    rest = f"; {more} more {'question' if more == 1 else 'questions'}" if more else ""
    return f"Not on the record as it should be: “{loaded.title}”{due}{rest}."


def three_sentences(
    pack: Pack, frame: Frame, answers: Sequence[Answer], placed: Sequence[Placed]
) -> tuple[str, str, str]:
    """What may be unsafe, what went wrong at the root, what can still be done: one sentence or two of each."""
    roots = roots_of(answers, pack)
    return _unsafe(pack, placed), _root(pack, frame, answers, roots), _possible(pack, roots)


def roots_of(answers: Sequence[Answer], pack: Pack) -> list[Answer]:
    """The findings that nothing else made inevitable, those from which most followed first, then what they threaten."""
    weight = ("child-safety", "justice", "rights", "record")
    followed = Counter(each.root for each in answers if each.answer == NOT_MET and each.root)

    def urgency(each: Answer) -> tuple[int, int, int, str, str]:
        threatens = weight.index(pack.standards[each.standard].standard.threatens)
        return -followed[each.key], threatens, NEVER if each.due is None else each.due, each.standard, each.asked_for

    return sorted((each for each in answers if each.answer == NOT_MET and not each.root), key=urgency)


def _unsafe(pack: Pack, placed: Sequence[Placed]) -> str:
    if pack.danger is None:
        return "These packs do not say who may be unsafe."
    urgent = sorted((each for each in placed if each.tier <= FIND_OUT), key=lambda each: each.order)
    if not urgent:
        return "No record here shows anybody in reach, and no question of safety is left open."
    others = len({each.person for each in urgent}) - 1
    more = f" {others} more {'person' if others == 1 else 'people'} of this case: see below." if others else ""
    about = f"{urgent[0].person}: " if urgent[0].person else ""
    return f"{about}{urgent[0].because}{more}"


def _root(pack: Pack, frame: Frame, answers: Sequence[Answer], roots: Sequence[Answer]) -> str:
    if not roots:
        return "Nothing that was asked of this case is missing from the record."
    first = roots[0]
    here = first.frame == f"{frame.sort}/{frame.name}"
    said = sentence(first, pack, frame) if here else ""
    under = sum(1 for each in answers if each.answer == NOT_MET and each.root)
    folded = f" {under} more followed from what went wrong before." if under else ""
    return f"At the root: {pack.standards[first.standard].standard.title}. {said}{folded}".replace("  ", " ").strip()


def _possible(pack: Pack, roots: Sequence[Answer]) -> str:
    possible: dict[str, StillPossible] = {}
    for each in roots:
        still = pack.standards[each.standard].standard.still_possible
        if still is not None:
            possible.setdefault(still.what, still)
    if not possible:
        return "Still possible: no standard that was not met names a step; ask what the person harmed would want put right."
    said = [f"{still.what} ({still.by}{_while(still.until)})" for still in list(possible.values())[:3]]
    return f"Still possible: {'; '.join(said)}."


def _while(until: str) -> str:
    """Until when something can be done: a standard's file names what ends it, or says while what lasts."""
    if not until:
        return ""
    return f", {until}" if until.split()[0] in ("while", "at", "as", "until", "before") else f", until {until}"
