"""One opened case as a report tells it: three sentences, what was written down and when, what was found in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from everystone.account.opened import Opened
from everystone.account.totals import THREATENED
from everystone.findings import explain
from everystone.findings.answer import CANNOT_BE_TOLD, NOT_MET, NOT_YET_DUE, Answer
from everystone.findings.placed import Placed
from everystone.findings.wording import three_sentences
from everystone.ledger.entry import Entry, order
from everystone.ledger.state import NEVER
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.pack import Pack

LATE = 86_400  # seconds between what happened and its being written down from which it is marked
EACH = 3  # answers of one standard that are told one by one


class Written(NamedTuple):
    """One line of the timeline; `earlier` are the wordings that a correction put in its place, `texts` the narrative."""

    when: str
    says: str
    recorded: str
    late: bool
    withdrawn: str
    earlier: Sequence[str]
    texts: Sequence[tuple[str, str]]


class Found(NamedTuple):
    """What one standard found about one person: its title, how strongly, the sentences, what can still be done."""

    title: str
    id: str
    person: str
    answer: str
    strength: str
    unconfirmed: str
    sentences: Sequence[str]
    more: int
    marks: str
    still: str
    under: Sequence[Found]


class CaseFile(NamedTuple):
    """A case in words."""

    name: str
    team: str
    tier: int
    three: Sequence[str]
    timeline: Sequence[Written]
    found: Sequence[Found]
    pending: Sequence[Found]
    untold: Sequence[Found]
    listed: int
    failed: int


def tell(opened: Opened, pack: Pack, placed: Sequence[Placed], *, texts: bool) -> CaseFile:
    """A case in words; `placed` are its people in the order in which they stand."""
    given = opened.answers
    failed = [each for each in given if each.answer == NOT_MET]
    return CaseFile(
        opened.name, placed[0].team or opened.frame.team_at(opened.frame.instant), placed[0].tier,
        three_sentences(pack, opened.frame, given, placed),
        list(timeline(opened, pack.words, texts=texts)),
        _folded(failed, opened, pack),
        _told([each for each in given if each.answer == NOT_YET_DUE], opened, pack),
        _told([each for each in given if each.answer == CANNOT_BE_TOLD], opened, pack),
        len(given), len(failed),
    )  # fmt: skip


def of_child(opened: Opened, pack: Pack, placed: Placed) -> Sequence[str]:
    """What went wrong at the root and what can still be done, for one child of a case."""
    mine = [each for each in opened.answers if each.asked_for in ("", placed.person)]
    return three_sentences(pack, opened.frame, mine or opened.answers, [placed])[1:]


# ---- what was written down -------------------------------------------------------------------------------------


def timeline(opened: Opened, words: Vocabulary, *, texts: bool) -> Iterable[Written]:
    """Every entry of the case in order; a corrected one once, with what stood there before; sealed kinds left out."""
    frame = opened.frame
    mine = [entry for entry in opened.entries if _shows(entry, words) and entry.known <= frame.known_on]
    standing = {entry.key for entry in frame.entries}
    before: dict[str, list[Entry]] = {}
    withdrawn = {entry.withdraws: entry for entry in mine if entry.withdraws}
    for entry in mine:
        if entry.key not in standing and entry.key not in withdrawn and not entry.withdraws:
            before.setdefault(frame.root(entry), []).append(entry)
    for entry in sorted(mine, key=order):
        if entry.key in standing:
            yield _written(entry, before.get(frame.root(entry), ()), words, texts=texts)
        elif entry.key in withdrawn and entry.lo <= frame.as_at:
            taken = explain.instant_in_words(withdrawn[entry.key].known, withdrawn[entry.key].known, words)
            yield _written(entry, (), words, texts=texts)._replace(withdrawn=taken)


def _shows(entry: Entry, words: Vocabulary) -> bool:
    kind = words.kinds.by_name.get(entry.kind)
    return kind is not None and not kind.describes and not kind.sealed


def _written(entry: Entry, before: Sequence[Entry], words: Vocabulary, *, texts: bool) -> Written:
    happened = explain.instant_in_words(entry.lo, entry.hi, words)
    recorded = explain.instant_in_words(entry.recorded, entry.recorded, words)
    late = entry.recorded - entry.hi > LATE
    days = (words.calendar.day_of(entry.recorded) - words.calendar.day_of(entry.hi)).days
    said = f"{recorded}, {days} day{'' if days == 1 else 's'} later" if late else recorded
    return Written(
        happened, explain.says(_without_texts(entry, words), words), "" if recorded == happened else said, late, "",
        [f"{explain.says(_without_texts(each, words), words)} (written down "
         f"{explain.instant_in_words(each.recorded, each.recorded, words)})" for each in sorted(before, key=order)],
        list(_texts(entry, words)) if texts else [],
    )  # fmt: skip


def _without_texts(entry: Entry, words: Vocabulary) -> Entry:
    """The entry with every narrative, guarded or privileged field as "a text"; a reader's copy has it beneath."""
    fields = words.kinds.by_name[entry.kind].fields
    hidden = {name for name, of in fields.items() if of.type == "text" or of.guarded or of.privileged}
    return entry._replace(data={name: {} if name in hidden else value for name, value in entry.data.items()})


def _texts(entry: Entry, words: Vocabulary) -> Iterable[tuple[str, str]]:
    fields = words.kinds.by_name[entry.kind].fields
    for name in words.kinds.texts.get(entry.kind, ()):
        if fields[name].privileged and name in entry.data:
            yield name.replace("_", " "), "(withheld: privileged)"
        elif isinstance(entry.data.get(name), str):
            yield name.replace("_", " "), entry.data[name]


# ---- what was found --------------------------------------------------------------------------------------------


def _folded(failed: Sequence[Answer], opened: Opened, pack: Pack) -> list[Found]:
    """What is not met, each with what it made inevitable folded under it."""
    roots = _grouped([each for each in failed if not each.root], pack)
    return [
        _found(
            group,
            opened,
            pack,
            _told([each for each in failed if each.root in {one.key for one in group}], opened, pack),
        )
        for group in roots
    ]


def _told(answers: Sequence[Answer], opened: Opened, pack: Pack) -> list[Found]:
    return [_found(group, opened, pack, []) for group in _grouped(answers, pack)]


def _grouped(answers: Sequence[Answer], pack: Pack) -> list[list[Answer]]:
    """The answers of one standard about one person together: by what they threaten, then by when they were due."""
    groups: dict[tuple[str, str], list[Answer]] = {}
    for answer in answers:
        groups.setdefault((answer.standard, answer.asked_for), []).append(answer)
    return sorted(groups.values(), key=lambda group: _weight(group[0], pack))


def _weight(answer: Answer, pack: Pack) -> tuple[int, int, str]:
    threatened = list(THREATENED).index(pack.standards[answer.standard].standard.threatens)
    return threatened, answer.due if answer.due is not None else NEVER, answer.standard


def _found(group: Sequence[Answer], opened: Opened, pack: Pack, under: Sequence[Found]) -> Found:
    first = group[0]
    standard = pack.standards[first.standard].standard
    possible = standard.still_possible if first.answer == NOT_MET else None
    return Found(
        standard.title, standard.id, first.asked_for or first.frame.partition("person/")[2], first.answer,
        explain.strength(first, pack) if first.answer == NOT_MET else "",
        explain.unconfirmed(first, pack),
        [explain.sentence(each, pack, opened.frame_of(each)) for each in group[:EACH]], len(group[EACH:]),
        "; ".join(dict.fromkeys(mark for each in group for mark in each.marks if mark != "folded under")),
        f"{_upper(possible.what)} ({possible.by})." if possible else "", under,
    )  # fmt: skip


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
