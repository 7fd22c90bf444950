"""Stories: short timelines in plain text, with what is to be answered of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.ledger.people import listed
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards import document
from everystone.standards.pack import Pack
from everystone.standards.timeline import timeline


@dataclass(frozen=True)
class Story:
    """A timeline and the instants at which it is asked.

    `expect` and `expect_none` map a person ("" for anybody) to references of standards; `answers` maps a person to
    reference and the answer it must have; `over_time` maps an instant to the answer of the one standard it tells of,
    `putting_right` to what is then still possible of it.
    """

    title: str
    where: str
    streams: Mapping[str, Sequence[Entry]]
    coverage: Coverage
    words: Vocabulary
    as_at: int | None = None
    known_on: int | None = None
    ask: Sequence[str] = ()
    expect: Mapping[str, Sequence[str]] = field(default_factory=dict)
    expect_none: Mapping[str, Sequence[str]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    over_time: Sequence[tuple[str, int, Any]] = ()
    putting_right: Sequence[tuple[str, int, Any]] = ()
    standard: str = ""

    @property
    def entries(self) -> list[Entry]:
        """All entries of all streams."""
        return [entry for entries in self.streams.values() for entry in entries]


class Placing(NamedTuple):
    """One line of an order: who stands there, in which tier, and why, in words."""

    person: str
    tier: int
    because: str


@dataclass(frozen=True)
class Order:
    """Several cases, in which a person is one person throughout, and the order in which people need attention."""

    title: str
    where: str
    cases: Sequence[Story]
    order: Sequence[Placing]


def read_stories(path: Path, pack: Pack) -> list[Story | Order]:
    """Every story of a file: a worked case, an order of danger, or the stories of a standard's own file.

    Raises Fault.
    """
    said = document.read(path)
    if "cases" in said:
        return [_order(said, pack, str(path))]
    if "stories" in said:
        return [tell(each, pack, f"{path}, story {number}", said.get("id", ""))
                for number, each in enumerate(said["stories"], 1)]  # fmt: skip
    if "versions" in said:
        raise Fault("This standard has no stories yet. Write them under `stories`.", where=str(path))
    if "timeline" not in said:
        raise Fault("This holds no story: neither a `timeline`, nor `stories` of a standard, nor `cases` in an order.",
                    where=str(path))  # fmt: skip
    return [tell(said, pack, str(path))]


def tell(said: Mapping[str, Any], pack: Pack, where: str, standard: str = "") -> Story:
    """One story from its mapping; `standard` is the one its `answers` over time speak of."""
    if not isinstance(said.get("timeline", ""), str):
        raise Fault("The timeline of a story is one text with a line for each entry.", where=where)
    _no_slip(said, where)
    words = _words(said, pack.words, where)
    title = str(said.get("story") or said.get("title") or said.get("case") or "A story")
    name = str(said.get("case") or "story")
    answers = said.get("answers") or {}
    over_time = []
    by_person: dict[str, dict[str, str]] = {}
    for key, value in answers.items():
        if re.match(r"[0-9]{4}-", str(document.plain(key))):
            text = str(document.plain(key))
            over_time.append((text, end_of(text, words), document.plain(value)))
        elif isinstance(value, dict) and str(key) in pack.standards:  # a standard, and in it each person
            for person, answer in value.items():
                by_person.setdefault(str(person), {})[str(key)] = str(answer)
        elif isinstance(value, dict):
            by_person.setdefault(str(key), {}).update({str(each): str(answer) for each, answer in value.items()})
        else:
            by_person.setdefault("", {})[str(key)] = str(value)
    if over_time and not standard:
        raise Fault("Answers over time belong to the stories inside a standard's own file.", where=where)
    return Story(
        title=title,
        where=where,
        streams={
            stream: [pack.lists.seen(entry, words.kinds) for entry in entries]
            for stream, entries in timeline(said, name, words, where, _home(standard, pack)).items()
        },
        coverage=_coverage(said.get("holds"), words, where),
        words=words,
        as_at=_instant(said, "as_at", words, where),
        known_on=_instant(said, "known_on", words, where),
        ask=[str(each) for each in said.get("ask") or ()],
        expect=_by_person(said.get("expect")),
        expect_none=_by_person(said.get("expect_none")),
        answers=by_person,
        over_time=over_time,
        putting_right=[(text, end_of(text, words), value) for text, value in _plainly(said.get("putting right"))],
        standard=standard,
    )


def _words(said: Mapping[str, Any], words: Vocabulary, where: str) -> Vocabulary:
    """The words a story is read with: those of the pack, with the school terms that it gives for an area."""
    if "terms" not in said:
        return words
    try:
        return replace(words, calendar=words.calendar.with_terms(document.plain(said["terms"])))
    except Fault as fault:
        raise Fault(f"terms: {fault.public}", where=where) from fault


def _home(standard: str, pack: Pack) -> str:
    """The sort of stream in which a story is set: that of its standard's frames where they are of their own stream."""
    frame = pack.standards[standard].standard.frame if standard in pack.standards else ""
    return frame if frame in pack.words.streams else "case"


def _plainly(said: Any) -> Iterable[tuple[str, Any]]:
    """What is said at instants, with the instants as text."""
    return [(str(document.plain(key)), document.plain(value)) for key, value in (said or {}).items()]


_KEYS = (
    "case", "title", "story", "jurisdiction", "people", "timeline", "as_at", "known_on", "ask", "expect",
    "expect_none", "answers", "holds", "terms", "putting right",
)  # fmt: skip


def _no_slip(said: Mapping[str, Any], where: str) -> None:
    """Refuse a key that is nearly one of a story's, so that nothing expected is passed over; others are notes."""
    for key in said:
        near = get_close_matches(str(key).lower(), _KEYS, 1, 0.8)
        if near and key not in _KEYS:
            raise Fault(f"A story has no key {key!r}. Was {near[0]!r} meant?", where=where)


_OF_ALL_CASES = ("as_at", "known_on", "jurisdiction", "holds")


def _order(said: Mapping[str, Any], pack: Pack, where: str) -> Order:
    """The cases of a file with what stands at its top for all of them, and the order, most urgent first."""
    above = {key: said[key] for key in _OF_ALL_CASES if key in said}
    cases = [
        tell({"case": f"case-{number}", **above, **each}, pack, f"{where}, case {each.get('case', number)}")
        for number, each in enumerate(said["cases"], 1)
    ]
    if any(case.as_at is None for case in cases):
        raise Fault("An order says as_at, at the top or in each case: the instant at which it stands.", where=where)
    try:
        order = [Placing(str(each["person"]), int(each["tier"]), str(each.get("because", "")))
                 for each in said["order"]]  # fmt: skip
    except (KeyError, TypeError, ValueError) as fault:
        raise Fault(
            "An order is a list of {person: C1, tier: 0, because: ...}, most urgent first.", where=where
        ) from fault
    return Order(str(said.get("title") or "An order of danger"), where, cases, order)


def _instant(said: Mapping[str, Any], key: str, words: Vocabulary, where: str) -> int | None:
    if said.get(key) is None:
        return None
    try:
        return end_of(str(document.plain(said[key])), words)
    except Fault as fault:
        raise Fault(f"{key}: {fault.public}", where=where) from fault


def end_of(text: str, words: Vocabulary) -> int:
    """An instant of asking: a bare date means the end of that civil day."""
    return words.calendar.span(text)[1]


def _coverage(holds: Any, words: Vocabulary, where: str) -> Coverage:
    """What a story's source holds. A story can name only catalogued kinds, so one added since is held unless named."""
    if holds is None:
        return Coverage()
    try:
        holdings = [holding(said, words) for said in holds]
    except (KeyError, TypeError, ValueError, Fault) as fault:
        raise Fault("A line of `holds` says kinds, and where it matters from, to, teams, how.", where=where) from fault
    named = frozenset(kind for each in holdings for kind in each.kinds)
    for kind in sorted(named - set(words.kinds.by_name)):
        near = get_close_matches(kind, words.kinds.by_name, 1)
        raise Fault(
            f"holds: the kind {kind!r} is not known." + (f" Was {near[0]!r} meant?" if near else ""), where=where
        )
    return Coverage([*holdings, Holding((words.kinds.extensions | words.kinds.describing) - named)])


def holding(said: Mapping[str, Any], words: Vocabulary) -> Holding:
    """One statement of what a source holds, from a mapping with kinds, from, to, teams and how.

    A month or a year means its first day under `from` and its last under `to`.
    """
    first, last = (_day(said.get(side), side, words) for side in ("from", "to"))
    return Holding(
        kinds=frozenset(listed(said["kinds"])),
        first=first,
        last=last,
        teams=frozenset(listed(said.get("teams"))),
        how=said.get("how", "complete"),
    )


def _day(said: Any, side: str, words: Vocabulary) -> date | None:
    if said in (None, ""):
        return None
    span = words.calendar.span(str(document.plain(said)))
    return words.calendar.day_of(span[0] if side == "from" else span[1])


def _by_person(said: Any) -> dict[str, list[str]]:
    if isinstance(said, dict):
        return {str(person): listed(ids) for person, ids in said.items()}
    return {"": listed(said)} if said else {}


def names(story: Story) -> Iterable[str]:
    """Every standard a story speaks of, in order of reference."""
    named = set(story.ask)
    for side in (story.expect, story.expect_none):
        named.update(each for ids in side.values() for each in ids)
    named.update(each for answers in story.answers.values() for each in answers)
    return sorted(named)
