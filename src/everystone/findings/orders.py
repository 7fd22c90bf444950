"""Orders of danger told as stories: do people need attention in the order in which a practitioner put them?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from everystone.findings.answer import Answer
from everystone.findings.danger import Danger, foremost
from everystone.findings.elsewhere import among
from everystone.findings.frames import Instants, case_frame, facts_of, people_named, person_frames
from everystone.findings.placed import FIND_OUT, Placed
from everystone.findings.reference import Questions, ask
from everystone.ledger.case import Facts, Frame
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from everystone.standards.story import Order, Story, names


def otherwise_in(order: Order, pack: Pack) -> list[str]:
    """What came out otherwise than told, in sentences: nobody else in the first three tiers, and the order kept.

    What rests on a standard that is not finished is not judged, and said.
    """
    said = [f"not asked: {name} is not finished" for name in _not_asked(order, pack)]
    unsure = {person for case in order.cases if _unfinished(case, pack) for person in _people(case, pack)}
    rows = {each.person: each for each in standing_in(order, pack)}
    told = [each for each in order.order if each.tier <= FIND_OUT or each.person not in unsure]
    for each in order.order:
        row = rows.get(each.person)
        urgent = row is not None and row.tier <= FIND_OUT
        if (each in told or urgent) and (row is None or row.tier != each.tier):
            said.append(f"{each.person}: expected in tier {each.tier}; {_shown(row)}")
    expected = [each.person for each in told if each.person in rows]
    stands = sorted(expected, key=lambda person: rows[person].order)
    if stands != expected:
        said.append(f"expected in the order {', '.join(expected)}; stand in the order {', '.join(stands)}")
    listed = {each.person for each in order.order}
    said += [f"{row.person or row.frame}: expected in none of the first three tiers; {_shown(row)}"
             for row in rows.values() if row.person not in listed and row.tier <= FIND_OUT]  # fmt: skip
    return said


def standing_in(order: Order, pack: Pack) -> list[Placed]:
    """Where everybody stands in the cases of an order, one row each, the most urgent first."""
    streams: dict[str, list[Entry]] = {}
    for case in order.cases:
        for stream, entries in case.streams.items():
            streams.setdefault(stream, []).extend(entries)
    danger = Danger(pack)
    placed: list[Placed] = []
    for case in order.cases:
        placed += _of_case(case, streams, pack, danger)
    return foremost(placed)


def _of_case(case: Story, streams: Mapping[str, Sequence[Entry]], pack: Pack, danger: Danger) -> list[Placed]:
    """The rows of the streams that one told case brought."""
    if case.as_at is None:
        raise Fault("A worked case says as_at: the instant at which it is asked.", where=case.where)
    when = Instants(case.as_at, case.as_at if case.known_on is None else case.known_on, case.coverage)
    facts = facts_of(streams, pack.words, when)
    questions = Questions(pack, _asked(case, pack))
    placed: list[Placed] = []
    for stream in case.streams:
        sort, _, name = stream.partition("/")
        if sort == "case":
            frame = case_frame(name, streams[stream], pack.words, when, facts)
            answers = [*ask(frame, questions), *_of_people(frame, streams, pack, when, facts, questions)]
            placed += danger.places(frame, answers, among(streams, danger.kinds, stream, pack.words))
    return placed


def _of_people(
    frame: Frame,
    streams: Mapping[str, Sequence[Entry]],
    pack: Pack,
    when: Instants,
    facts: Facts,
    questions: Questions,
) -> list[Answer]:
    """The answers about the people of a case, over all that names them."""
    if all(question.standard.frame == "case" for question in questions.ordered):
        return []
    entries = [entry for each in streams.values() for entry in each]
    people = {name for entry in [*frame.entries, *frame.describing] for name in people_named(entry, pack.words)}
    wanted = people - set(facts.entries)
    return [answer for each in person_frames(entries, pack.words, when, facts, wanted.__contains__)
            for answer in ask(each, questions)]  # fmt: skip


# ---- which standards -------------------------------------------------------------------------------------------


def _asked(case: Story, pack: Pack) -> list[str]:
    """What is asked of a case: what it names, else every finished standard."""
    named = list(names(case))
    if not named:
        return [each.id for each in pack.finished]
    return [name for name in named if name in pack.standards and pack.standards[name].standard.finished]


def _unfinished(case: Story, pack: Pack) -> list[str]:
    asked = set(_asked(case, pack))
    return [name for name in names(case) if name not in asked]


def _not_asked(order: Order, pack: Pack) -> list[str]:
    return sorted({name for case in order.cases for name in _unfinished(case, pack)})


def _people(case: Story, pack: Pack) -> set[str]:
    return {name for entry in case.entries for name in people_named(entry, pack.words)}


def _shown(row: Placed | None) -> str:
    return f"stands in tier {row.tier} ({row.because})" if row else "has no row"
