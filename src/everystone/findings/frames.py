"""Frames made from streams of entries: each case or other stream, each person, each officer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from everystone.findings.asking import LED_BY
from everystone.findings.copies import copies_among
from everystone.ledger.case import Facts, Frame
from everystone.ledger.coverage import Coverage
from everystone.ledger.entry import Entry
from everystone.ledger.people import listed
from everystone.ledger.state import Interval, Stretches
from everystone.ledger.vocabulary import Vocabulary

NAMING = frozenset({"person", "officer"})  # frames of all that names somebody; any other sort is of its own stream


class Instants(NamedTuple):
    """As at when, known on when (seconds UTC), and what the sources hold."""

    as_at: int
    known_on: int
    coverage: Coverage


def people_named(entry: Entry, words: Vocabulary) -> set[str]:
    """Everybody an entry names: its subjects and every person in its person-typed fields."""
    named = set(entry.subjects)
    for name, _ in words.kinds.people.get(entry.kind, ()):
        named.update(listed(entry.data.get(name)))
    return named


def frames_of(streams: Mapping[str, Sequence[Entry]], words: Vocabulary, when: Instants) -> Iterable[Frame]:
    """Every frame of a small ledger held in memory: cases and other streams, then persons, then officers."""
    facts = facts_of(streams, words, when)
    described = {
        name: entry for each in streams.values() for entry in each if entry.kind in words.kinds.describing
        for name in entry.subjects
    }  # fmt: skip
    for stream, each in streams.items():
        sort, _, name = stream.partition("/")
        if sort not in NAMING:
            named = {person for entry in each for person in people_named(entry, words)}
            beside = [described[person] for person in sorted(named) if person in described]
            yield stream_frame(sort, name, _once([*each, *beside]), words, when, facts)
    entries = [entry for each in streams.values() for entry in each]
    yield from person_frames(entries, words, when, facts)


def person_frames(
    entries: Sequence[Entry],
    words: Vocabulary,
    when: Instants,
    facts: Facts,
    only: Callable[[str], bool] | None = None,
) -> Iterable[Frame]:
    """A frame for everybody named in some entries (or those that `only` admits): all that name them, as corrected."""
    named = Named(entries, words)
    for name in named.people:
        if only is None or only(name):
            yield named.frame(name, when, facts)


class Named:
    """Whom some entries name, each with all that names them (as corrected), so that frames of persons can be made.

    What describes the others whom those entries name stands beside, so that their ages and parts are known.
    """

    def __init__(self, entries: Sequence[Entry], words: Vocabulary) -> None:
        self.entries, self.words = entries, words
        self.naming: dict[str, list[Entry]] = {}
        self.described: dict[str, list[Entry]] = {}
        named: dict[str, set[str]] = {}  # whom each entry names, or what it corrects or withdraws named
        for entry in entries:
            ours = named[entry.key] = people_named(entry, words) | named.get(entry.corrects or entry.withdraws, set())
            for name in ours:
                self.naming.setdefault(name, []).append(entry)
            if entry.kind in words.kinds.describing:
                for name in entry.subjects:
                    self.described.setdefault(name, []).append(entry)

    @property
    def people(self) -> list[str]:
        """Everybody named, in order of name."""
        return sorted(self.naming)

    def about(self, name: str) -> list[Entry]:
        """The entries of the frame of one person."""
        mine = self.naming[name]
        others = {other for entry in mine for other in people_named(entry, self.words)} - {name}
        beside = [entry for other in sorted(others) for entry in self.described.get(other, ())]
        beside += _reports_of(mine, self.entries, self.words)
        return _once([*mine, *beside])

    def wakes(self, name: str, kinds: frozenset[str]) -> bool:
        """Whether the frame of a person holds an entry of some kinds."""
        if any(entry.kind in kinds for entry in self.naming[name]):
            return True
        beside = not kinds.isdisjoint(self.words.kinds.opening)  # only reports stand beside it
        return beside and any(entry.kind in kinds for entry in self.about(name))

    def frame(self, name: str, when: Instants, facts: Facts) -> Frame:
        """The frame of one person, or officer."""
        sort = "officer" if name in facts.entries else "person"
        return frame(sort, name, self.about(name), self.words, when, facts)


def _reports_of(mine: Sequence[Entry], entries: Sequence[Entry], words: Vocabulary) -> list[Entry]:
    """The reports from which the crimes that name a person take their alleged dates."""
    crimes = {entry.stream for entry in mine if entry.kind in words.kinds.links}
    opening = words.kinds.opening
    return [entry for entry in entries if crimes and entry.kind in opening and entry.stream in crimes]


def _once(entries: Iterable[Entry]) -> list[Entry]:
    return list({entry.key: entry for entry in entries}.values())


def stream_frame(
    sort: str, name: str, entries: Sequence[Entry], words: Vocabulary, when: Instants, facts: Facts,
    elsewhere: Sequence[Entry] = (),
) -> Frame:  # fmt: skip
    """The frame of one stream of any sort, with what is on record of the officers it is about (a case: of its leads).

    What `elsewhere` (entries of other streams) describes the people of a case stands beside.
    """
    if sort == "case":
        described = [entry for entry in elsewhere if entry.kind in words.kinds.describing]
        return case_frame(name, [*entries, *described], words, when, facts)
    about = sorted({name for entry in entries for name in entry.subjects if name in facts.entries})
    beside = [entry for officer in about for entry in facts.entries[officer]]
    return frame(sort, name, _once([*entries, *beside]), words, when, facts)


def case_frame(name: str, entries: Sequence[Entry], words: Vocabulary, when: Instants, facts: Facts) -> Frame:
    """A case with what is on the record of those officers who ever led it."""
    leads = _leads(entries, words)
    beside = [entry for lead in sorted(leads) for entry in facts.entries.get(lead, ())]
    return frame("case", name, [*entries, *beside], words, when, facts)


def frame(sort: str, name: str, entries: Sequence[Entry], words: Vocabulary, when: Instants, facts: Facts) -> Frame:
    """One frame of any sort."""
    return Frame(
        sort,
        name,
        entries,
        words,
        as_at=when.as_at,
        known_on=when.known_on,
        coverage=when.coverage,
        facts=facts,
    )


def _leads(entries: Sequence[Entry], words: Vocabulary) -> set[str]:
    state = words.states.get(LED_BY)
    if state is None:
        return set()
    named = {(kind, edge.value) for edge in state.starts for kind in edge.kinds if edge.value}
    return {
        str(entry.data[field])
        for entry in entries
        for kind, field in named
        if entry.kind == kind and entry.data.get(field)
    }


def facts_of(streams: Mapping[str, Sequence[Entry]], words: Vocabulary, when: Instants) -> Facts:
    """What is known from outside a frame, made once: of officers, who led which case, and which texts nearly copy others."""
    mine = {name.removeprefix("officer/"): each for name, each in streams.items() if name.startswith("officer/")}
    facts, led = facts_of_officers(mine, words, when), dict[str, Stretches]()
    for stream, each in streams.items():
        for interval in led_in(stream, each, words, when) if stream.startswith("case/") else ():
            led.setdefault(str(interval.value), Stretches(str(interval.value))).add(interval)
    compared = (entry for each in streams.values() for entry in each if entry.kind in words.kinds.compared)
    facts.open_cases, facts.copies = led, copies_among(compared, when.as_at, when.known_on)
    return facts


def led_in(stream: str, entries: Sequence[Entry], words: Vocabulary, when: Instants) -> Sequence[Interval]:
    """Who led a case from when to when, by the entries that say so."""
    if LED_BY not in words.states:
        return ()
    return frame("case", stream, entries, words, when, Facts()).state(LED_BY).get("", ())


def facts_of_officers(entries: Mapping[str, Sequence[Entry]], words: Vocabulary, when: Instants) -> Facts:
    """What is known of officers, each from the stream that is about that officer alone."""
    states: dict[str, dict[str, list[Interval]]] = {}
    details: dict[str, Mapping[str, Any]] = {}
    for officer, each in entries.items():
        seen = frame("officer", officer, each, words, when, Facts())
        details[officer] = seen.people[officer].details
        for name, state in words.states.items():
            if state.of in ("officer", "anyone"):
                for person, intervals in seen.state(name).items():
                    states.setdefault(name, {}).setdefault(person, []).extend(intervals)
    return Facts(states, entries, details=details)
