"""One opened case as a report tells it: three sentences, what was written down and when, what was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.account.circumstances import around, raised
from everystone.account.opened import Opened
from everystone.account.totals import THREATENED
from everystone.findings import explain
from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, NOT_YET_DUE, Answer
from everystone.findings.placed import Placed
from everystone.findings.today import Today
from everystone.findings.wording import three_sentences
from everystone.ledger.entry import Entry
from everystone.ledger.state import NEVER
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack
from everystone.work.timeline import LATE, in_words, lines

EACH = 3  # answers of one standard that are told one by one


class Found(NamedTuple):
    """What one standard found about one person: its title, how strongly, the sentences, what stood around it, what followed."""

    title: str
    id: str
    person: str
    said_as: str
    text: str
    around: str
    under: Sequence[Found]


class CaseFile(NamedTuple):
    """A case in words; `beside` are the others of the case who stand in its tiers, a line of the timeline an entry."""

    name: str
    team: str
    tier: int
    three: Sequence[str]
    beside: Sequence[str]
    timeline: Sequence[str]
    found: Sequence[Found]
    listed: int
    failed: int
    raised: str  # who raised a concern before this check did
    people: Sequence[str]  # everybody whom the case names, by reference

    @property
    def size(self) -> int:
        """About how many characters it takes on a page."""
        found = [*self.found, *(each for item in self.found for each in item.under)]
        return (
            sum(map(len, (*self.three, *self.beside)))
            + sum(len(line) + 7 for line in self.timeline)
            + sum(len(each.title) + len(each.text) + len(each.around) + 60 for each in found)
        )


def tell(opened: Opened, today: Today, placed: Sequence[Placed], *, texts: bool) -> CaseFile:
    """A case in words; `placed` are its people in the order in which they stand."""
    given, pack = opened.answers, today.pack
    failed = [each for each in given if each.answer == NOT_MET]
    others = [each for answer in (CANNOT_BE_TOLD, NOT_YET_DUE) for each in given if each.answer == answer]
    return CaseFile(
        opened.name, placed[0].team or opened.frame.team_at(opened.frame.instant), placed[0].tier,
        three_sentences(pack, opened.frame, given, placed),
        [f"{each.person}: {each.because}" for each in placed[1:] if each.person],
        list(timeline(opened, pack.words, texts=texts)),
        [*_folded(failed, opened, today), *_told(others, opened, today)],
        len(given), len(failed), raised(opened.entries, opened.frame, pack) if failed else "",
        sorted(name for name in opened.frame.people.by_name if name not in opened.frame.facts.entries),
    )  # fmt: skip


def of_child(opened: Opened, pack: Pack, placed: Placed) -> Sequence[str]:
    """What went wrong at the root and what can still be done, for one child of a case."""
    mine = [each for each in opened.answers if each.asked_for in ("", placed.person)]
    return three_sentences(pack, opened.frame, mine or opened.answers, [placed])[1:]


# ---- what was written down -------------------------------------------------------------------------------------


def timeline(opened: Opened, words: Vocabulary, *, texts: bool) -> Iterable[str]:
    """A line for every entry of the case, in order, sealed kinds left out: when it happened, what was recorded, when
    it was written down if that was late, what stood there before a correction, when it was withdrawn.
    """
    for line in lines(opened.entries, opened.frame):
        first, *quoted = _written(line.entry, line.before, words, texts=texts)
        gone = "" if line.withdrawn is None else f" (withdrawn {short(line.withdrawn, line.withdrawn, words)})"
        yield first + gone
        yield from quoted


def _written(entry: Entry, before: Sequence[Entry], words: Vocabulary, *, texts: bool) -> Iterable[str]:
    marks = []
    if entry.recorded - entry.hi > LATE:
        days = (words.calendar.day_of(entry.recorded) - words.calendar.day_of(entry.hi)).days
        marks.append(f"written down late, {short(entry.recorded, entry.recorded, words)}, {_days(days)} after")
    for each in before:
        earlier = in_words(each, words)
        marks.append(f"corrected; before: {short(each.lo, each.hi, words)}, {earlier}")
    said = "".join(f" ({mark})" for mark in marks)
    yield f"{short(entry.lo, entry.hi, words)}\t{in_words(entry, words)}{said}"
    if texts:
        yield from _texts(entry, words)


def short(lo: int, hi: int, words: Vocabulary) -> str:
    """An instant, a day or a span of days, short enough for the head of a line: 10 Jun 2011 17:30."""
    first, last = words.calendar.local(lo), words.calendar.local(hi)
    day = f"{first.day} {first:%b %Y}"
    if lo == hi:
        return f"{day} {first:%H:%M}"
    return day if first.date() == last.date() else f"{day} to {last.day} {last:%b %Y}"


def _days(n: int) -> str:
    return f"{n} day{'' if n == 1 else 's'}"


def _texts(entry: Entry, words: Vocabulary) -> Iterable[str]:
    """The narrative of an entry, a quoted line for each line of it; what is privileged is withheld."""
    fields = words.kinds.by_name[entry.kind].fields
    for name in words.kinds.texts.get(entry.kind, ()):
        heading = name.replace("_", " ")
        if fields[name].privileged and name in entry.data:
            yield f"\t\u2003{heading}: (withheld: privileged)"
        elif isinstance(entry.data.get(name), str):
            yield f"\t\u2003{heading}: \u201c{entry.data[name]}\u201d"


# ---- what was found --------------------------------------------------------------------------------------------


def _folded(failed: Sequence[Answer], opened: Opened, today: Today) -> list[Found]:
    """What is not met, each with what it made inevitable folded under it."""
    roots = _grouped([each for each in failed if not each.root], today.pack)
    return [
        _found(
            group,
            opened,
            today,
            _told([each for each in failed if each.root in {one.key for one in group}], opened, today),
        )
        for group in roots
    ]


def _told(answers: Sequence[Answer], opened: Opened, today: Today) -> list[Found]:
    return [_found(group, opened, today, []) for group in _grouped(answers, today.pack)]


def _grouped(answers: Sequence[Answer], pack: Pack) -> list[list[Answer]]:
    """The answers of one standard about one person together: by what they threaten, then by when they were due."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.standard, answer.asked_for), []).append(answer)
    return sorted(groups.values(), key=lambda group: _weight(group[0], pack))


def _weight(answer: Answer, pack: Pack) -> tuple[int, int, str]:
    threatened = list(THREATENED).index(pack.standards[answer.standard].standard.threatens)
    return threatened, answer.due if answer.due is not None else NEVER, answer.standard


def _found(group: Sequence[Answer], opened: Opened, today: Today, under: Sequence[Found]) -> Found:
    first, pack = group[0], today.pack
    standard = pack.standards[first.standard].standard
    said_as = explain.strength(first, pack) if first.answer == NOT_MET else first.answer
    unconfirmed = ", unconfirmed" if first.answer == NOT_MET and explain.unconfirmed(first, pack) else ""
    sentences = [explain.sentence(each, pack, opened.frame_of(each)) for each in group[:EACH]]
    if group[EACH:]:
        sentences.append(f"{len(group[EACH:])} more like it, of {len(group)}.")
    if first.answer == NOT_MET:
        sentences.append(today.would_have_said(first, opened.frame_of(first)))
    marks = dict.fromkeys(mark for each in group for mark in each.marks if mark != "folded under")
    if marks:
        sentences.append(f"Marked: {'; '.join(marks)}.")
    possible = [each for answer in group for each in opened.possible.get(answer.key, ())]
    sentences += [each.says(pack.words, quoted=opened.quoted) for each in possible[:EACH]]
    person = first.asked_for or first.frame.partition("person/")[2]
    beside = around(first, opened.frame, pack) if first.answer == NOT_MET and not first.root else ""
    said = " ".join(filter(None, sentences))
    return Found(standard.title, standard.id, person, said_as + unconfirmed, said, beside, under)
