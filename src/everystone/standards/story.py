"""Stories: short timelines in plain text, with what is to be answered of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.ledger.people import listed
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards import document
from everystone.standards.pack import Pack

ALWAYS = -(1 << 40)  # known before the first line
_INSTANT = r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2}(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?)?)?"
_LINE = re.compile(
    rf"(?:\#(?P<label>[\w-]+)\s+)?(?P<happened>{_INSTANT})\s+(?:recorded\s+(?P<recorded>{_INSTANT})\s+)?"
    r"(?:in\s+(?P<case>\S+)\s+)?(?P<kind>[a-z_]+\.[a-z_0-9]+)\s+(?P<subjects>\S+)\s+by\s+(?P<by>\S+)"
    r"(?:\s+(?P<verb>corrects|withdraws)\s+\#(?P<target>[\w-]+))?\s*(?P<fields>\{.*\})?\s*(?:#\s.*)?$",
)


@dataclass(frozen=True)
class Story:
    """A timeline and the instants at which it is asked.

    `expect` and `expect_none` map a person ("" for anybody) to references of standards; `answers` maps a person to
    reference and the answer it must have; `over_time` maps an instant to the answer of the one standard it tells of.
    """

    title: str
    where: str
    streams: Mapping[str, Sequence[Entry]]
    coverage: Coverage
    as_at: int | None = None
    known_on: int | None = None
    ask: Sequence[str] = ()
    expect: Mapping[str, Sequence[str]] = field(default_factory=dict)
    expect_none: Mapping[str, Sequence[str]] = field(default_factory=dict)
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    over_time: Sequence[tuple[str, int, Any]] = ()
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
    if "timeline" not in said:
        raise Fault("This holds no story: neither a `timeline`, nor `stories` of a standard, nor `cases` in an order.",
                    where=str(path))  # fmt: skip
    return [tell(said, pack, str(path))]


def tell(said: Mapping[str, Any], pack: Pack, where: str, standard: str = "") -> Story:
    """One story from its mapping; `standard` is the one its `answers` over time speak of."""
    if not isinstance(said.get("timeline", ""), str):
        raise Fault("The timeline of a story is one text with a line for each entry.", where=where)
    words = pack.words
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
            for stream, entries in timeline(said, name, words, where).items()
        },
        coverage=_coverage(said.get("holds"), words, where),
        as_at=end_of(str(document.plain(said["as_at"])), words) if "as_at" in said else None,
        known_on=end_of(str(document.plain(said["known_on"])), words) if "known_on" in said else None,
        ask=[str(each) for each in said.get("ask") or ()],
        expect=_by_person(said.get("expect")),
        expect_none=_by_person(said.get("expect_none")),
        answers=by_person,
        over_time=over_time,
        standard=standard,
    )


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


def end_of(text: str, words: Vocabulary) -> int:
    """An instant of asking: a bare date means the end of that civil day."""
    return words.calendar.span(text)[1]


def timeline(said: Mapping[str, Any], name: str, words: Vocabulary, where: str) -> dict[str, list[Entry]]:
    """The entries of a story by stream, those that describe its people first."""
    people = {str(letter): document.plain(details or {}) for letter, details in (said.get("people") or {}).items()}
    writer = _Writer(words, people, name, where)
    for letter, details in people.items():
        writer.describe(letter, details)
    lines = [line.strip() for line in str(said.get("timeline", "")).splitlines()]
    read = [(number, line) for number, line in enumerate(lines, 1) if line and not re.match(r"//|#\s|#$", line)]
    for number, line in read:
        writer.label(number, line)
    for number, line in read:
        writer.write(number, line)
    return writer.streams


class _Writer:
    def __init__(self, words: Vocabulary, people: Mapping[str, Mapping[str, Any]], name: str, where: str) -> None:
        self.words, self.people, self.name, self.where = words, people, name, where
        self.streams: dict[str, list[Entry]] = {}
        self._labels: dict[str, str] = {}
        self._count = 0

    def describe(self, letter: str, details: Mapping[str, Any]) -> None:
        kind = next(iter(sorted(self.words.kinds.describing)), None)
        if kind is None:
            raise Fault("The packs in use have no kind that describes people.", where=self.where)
        try:
            data = self.words.kinds.admit(kind, details, lenient=True)
            if data.get("born"):
                self.words.calendar.span(str(data["born"]))
        except Fault as fault:
            raise Fault(f"{letter}: {fault.public}", where=self.where) from fault
        stream = f"officer/{letter}" if details.get("role") == "officer" else f"case/{self.name}"
        self._append(stream, Entry(
            number=self._next(), stream=stream, kind=kind, subjects=(letter,), lo=ALWAYS, hi=ALWAYS,
            recorded=ALWAYS, accepted=ALWAYS, by="", capacity=Capacity(), data=data,
            source=Source("story", "force", f"{self.name}/{letter}"),
        ))  # fmt: skip

    def label(self, number: int, line: str) -> None:
        match = self._match(number, line)
        if match["label"]:
            self._labels[match["label"]] = self._key(number)

    def write(self, number: int, line: str) -> None:
        match, where = self._match(number, line), f"{self.where}, timeline line {number}"
        lo, hi = self._span(match["happened"], where)
        recorded = self._span(match["recorded"], where)[1] if match["recorded"] else hi
        fields = document.parse(match["fields"], where) if match["fields"] else {}
        cited = {name: self._cite(value, where) for name, value in document.plain(fields).items()}
        try:
            data = self.words.kinds.admit(match["kind"], cited, lenient=True)
        except Fault as fault:
            raise Fault(fault.public, where=where) from fault
        target = self._cite(f"#{match['target']}", where) if match["target"] else ""
        subjects = () if match["subjects"] == "-" else tuple(match["subjects"].split(","))
        actor = "" if match["by"] == "-" else match["by"]
        details = self.people.get(actor, {})
        stream = f"case/{match['case'] or self.name}"
        if match["kind"] in self.words.kinds.officer_level and subjects:
            stream = f"officer/{subjects[0]}"
        self._append(stream, Entry(
            number=self._next(), stream=stream, kind=match["kind"], subjects=subjects, lo=lo, hi=hi,
            recorded=recorded, accepted=recorded, by=actor,
            capacity=Capacity(str(details.get("role", "")), str(details.get("rank", "")), str(details.get("team", ""))),
            data=data, source=Source("story", self._channel(details), self._key(number)),
            corrects=target if match["verb"] == "corrects" else "",
            withdraws=target if match["verb"] == "withdraws" else "",
            late_reason=str(cited.get("late_reason", "")), quote_of=str(cited.get("quote_of", "")),
        ))  # fmt: skip

    def _match(self, number: int, line: str) -> re.Match[str]:
        match = _LINE.fullmatch(line)
        if match is None:
            raise Fault(
                f"Line {number} of the timeline is not an entry: {line[:60]!r}. Write HAPPENED [recorded INSTANT] "
                "KIND SUBJECT[,SUBJECT]|- by ACTOR [corrects #label] [{fields}].",
                where=self.where,
            )
        return match

    def _span(self, text: str, where: str) -> tuple[int, int]:
        try:
            return self.words.calendar.span(text)
        except Fault as fault:
            raise Fault(fault.public, where=where) from fault

    def _cite(self, value: Any, where: str) -> Any:
        if isinstance(value, list):
            return [self._cite(each, where) for each in value]
        if isinstance(value, str) and re.fullmatch(r"#[\w-]+", value):
            if value[1:] not in self._labels:
                raise Fault(f"No line of the timeline bears the label {value}.", where=where)
            return self._labels[value[1:]]
        return value

    def _channel(self, details: Mapping[str, Any]) -> str:
        if details.get("agency"):
            return str(details["agency"])
        return self.words.channels.get(str(details.get("role", "")), "force")

    def _key(self, number: int) -> str:
        return f"{self.name}:{number:04d}"

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _append(self, stream: str, entry: Entry) -> None:
        self.streams.setdefault(stream, []).append(entry)


def _coverage(holds: Any, words: Vocabulary, where: str) -> Coverage:
    """What a story's source holds. A story can name only catalogued kinds, so one added since is held unless named."""
    if holds is None:
        return Coverage()
    try:
        holdings = [holding(said) for said in holds]
    except (KeyError, TypeError, ValueError) as fault:
        raise Fault("A line of `holds` says kinds, and where it matters from, to, teams, how.", where=where) from fault
    named = frozenset(kind for each in holdings for kind in each.kinds)
    return Coverage([*holdings, Holding((words.kinds.extensions | words.kinds.describing) - named)])


def holding(said: Mapping[str, Any]) -> Holding:
    """One statement of what a source holds, from a mapping with kinds, from, to, teams and how."""
    first, last = (document.plain(said.get(side)) for side in ("from", "to"))
    return Holding(
        kinds=frozenset(listed(said["kinds"])),
        first=date.fromisoformat(first) if first else None,
        last=date.fromisoformat(last) if last else None,
        teams=frozenset(listed(said.get("teams"))),
        how=said.get("how", "complete"),
    )


def _by_person(said: Any) -> dict[str, list[str]]:
    if isinstance(said, dict):
        return {str(person): listed(ids) for person, ids in said.items()}
    return {"": listed(said)} if said else {}


def names(story: Story) -> Iterable[str]:
    """Every standard a story speaks of, in order of reference."""
    named = set(story.ask)
    if not named:
        for side in (story.expect, story.expect_none):
            named.update(each for ids in side.values() for each in ids)
    named.update(each for answers in story.answers.values() for each in answers)
    return sorted(named)
