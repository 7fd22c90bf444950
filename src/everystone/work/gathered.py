"""All that bears on one case, gathered from a live ledger: its entries, its people elsewhere, its officers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from everystone.findings.copies import Copies
from everystone.findings.danger import Danger
from everystone.findings.elsewhere import CASE, MOST, OFFICER, PERSON
from everystone.findings.frames import Instants, people_named, person_frames, stream_frame
from everystone.findings.reference import Questions
from everystone.findings.sealed import sealed_in
from everystone.ledger.book.database import Database
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.case import Facts, Frame
from everystone.ledger.entry import Entry
from everystone.ledger.state import Interval
from everystone.standards.pack import Pack
from everystone.work.acts import Acts, read_acts
from everystone.work.copied import copies_in
from everystone.work.officers import Officers
from everystone.work.posts import DutyFile, read_duty
from everystone.work.tables import among


class Asking(NamedTuple):
    """A pack made ready once for asking frame after frame."""

    pack: Pack
    questions: Questions
    danger: Danger
    heard: frozenset[str]
    person_kinds: frozenset[str]
    sealed: frozenset[str]
    sealed_kinds: frozenset[str]
    acts: Acts
    duty: DutyFile | None
    officers: Officers

    @classmethod
    def of(cls, pack: Pack) -> Asking:
        """Make a pack ready."""
        questions, danger = Questions(pack), Danger(pack)
        about_people = [each.trigger_kinds for each in questions.ordered if each.frame == "person"]
        heard = frozenset(danger.kinds) | pack.words.kinds.describing
        sealed_kinds = frozenset(name for name, kind in pack.words.kinds.by_name.items() if kind.sealed)
        about, duty = frozenset[str]().union(*about_people), read_duty(pack)
        return cls(pack, questions, danger, heard, about, sealed_in(pack), sealed_kinds, read_acts(pack), duty,
                   Officers(pack.words))  # fmt: skip

    def seals(self, entry: Entry) -> bool:
        """Whether an entry is for professional standards alone: by its kind, or by what it says where a pack states so."""
        said = self.acts.sealed
        return entry.kind in self.sealed_kinds or any(
            each.kind == entry.kind and each.where.items() <= entry.data.items() for each in said
        )


class Gathered(NamedTuple):
    """The entries that bear on one stream: its own, those of other streams that share a person, those of its officers."""

    ledger: bytes
    stream: str
    own: Sequence[Entry]
    others: Mapping[str, Sequence[Entry]]
    officers: Mapping[str, Sequence[Entry]]
    shared: Mapping[str, Sequence[str]]
    led: Mapping[str, Sequence[Interval]]
    copies: Copies

    def without(self, sealed: Callable[[Entry], bool]) -> Gathered:
        """The same as if nothing that is sealed, nor what corrects or withdraws it, had ever been written."""

        def left(entries: Sequence[Entry]) -> list[Entry]:
            gone: set[str] = set()
            for entry in sorted(entries, key=lambda entry: entry.number):
                if sealed(entry) or entry.corrects in gone or entry.withdraws in gone:
                    gone.add(entry.key)
            return [entry for entry in entries if entry.key not in gone]

        return self._replace(
            own=left(self.own),
            others={name: left(entries) for name, entries in self.others.items()},
            officers={name: left(entries) for name, entries in self.officers.items()},
        )

    def facts(self, asking: Asking, when: Instants) -> Facts:
        """What is known of the officers of this stream."""
        made = asking.officers.facts(self.ledger, self.officers, self.led, when)
        return Facts(made.states, made.entries, made.open_cases, made.details, self.copies) if self.copies else made

    def heard(self, asking: Asking) -> list[Entry]:
        """What other cases say of its people, in the kinds that are heard."""
        return [entry for name, entries in sorted(self.others.items()) if name.startswith((CASE, PERSON))
                for entry in entries if entry.kind in asking.heard or entry.corrects or entry.withdraws]  # fmt: skip

    def frame(self, asking: Asking, when: Instants) -> Frame:
        """The frame of the stream itself, as at and as known on."""
        sort, _, name = self.stream.partition("/")
        return stream_frame(sort, name, self.own, asking.pack.words, when, self.facts(asking, when), self.heard(asking))

    def person_frames(self, asking: Asking, when: Instants) -> list[Frame]:
        """The frames of its people: of those who stand here alone, and of those who stand elsewhere too, from all of it."""
        words, facts = asking.pack.words, self.facts(asking, when)
        apart = frozenset(self.shared) | frozenset(facts.entries)
        frames: list[Frame] = []
        if any(entry.kind in asking.person_kinds for entry in self.own):
            frames += person_frames(self.own, words, when, facts, lambda name: name not in apart)
        beside = words.kinds.describing | words.kinds.opening
        for person, streams in sorted(self.shared.items()):
            entries = [
                entry for name in streams for entry in (self.own if name == self.stream else self.others.get(name, ()))
            ]
            entries = [entry for entry in entries if entry.kind in beside or entry.corrects or entry.withdraws
                       or person in people_named(entry, words)]  # fmt: skip
            entries.sort(key=lambda entry: entry.number)
            if any(entry.kind in asking.person_kinds for entry in entries):
                frames += person_frames(entries, words, when, facts, person.__eq__)
        return frames


def gather(book: SqlBook, stream: str) -> Gathered:
    """Read what bears on one stream. One reading is recorded, of all of it."""
    database = book.database
    rows = database.run("SELECT person FROM work_named WHERE stream = ?", (stream,)).fetchall()
    officers = _officers(database, [person for (person,) in rows])
    people = shared(database, stream)
    others = {name for streams in people.values() for name in streams} - {stream}
    read = book.read_all([stream, *sorted(others), *(OFFICER + each for each in sorted(officers))])
    own = read.pop(stream, [])
    return Gathered(
        book.keys.log,
        stream,
        own,
        {name: read[name] for name in sorted(others) if name in read},
        {name: entries for name, entries in read.items() if name.startswith(OFFICER)},
        people,
        led_by(database, officers),
        copies_in(database, own, book.clock()),
    )


def _officers(database: Database, people: Sequence[str]) -> set[str]:
    """Those of some people who have a stream of an officer."""
    streams = [OFFICER + person for person in people]
    found = database.run(f"SELECT DISTINCT stream FROM work_named WHERE stream IN {among(streams)}", streams)
    return {stream.removeprefix(OFFICER) for (stream,) in found.fetchall()}


def shared(database: Database, stream: str, most: int = MOST) -> dict[str, list[str]]:
    """The people whom a stream names and others too, each with all of these streams.

    A name that stands in too many is no one person. Of such a one no more is looked up than shows it, so that what this costs
    does not grow with the force.
    """
    found = database.run(
        "SELECT n.person, n.stream FROM work_named n JOIN (SELECT o.person FROM work_named o WHERE o.stream = ? AND o.named = 1 "
        "AND o.person <> '' AND NOT EXISTS (SELECT 1 FROM work_named f WHERE f.stream = ? || o.person) "
        "AND (SELECT COUNT(*) FROM (SELECT 1 FROM work_named m WHERE m.person = o.person AND m.named = 1 LIMIT ?) AS few) "
        "BETWEEN 2 AND ?) AS p ON p.person = n.person WHERE n.named = 1 ORDER BY n.person, n.stream",
        (stream, OFFICER, most + 1, most),
    ).fetchall()
    streams: dict[str, list[str]] = {}
    for person, name in found:
        streams.setdefault(person, []).append(name)
    return streams


def led_by(database: Database, officers: set[str]) -> dict[str, list[Interval]]:
    """The cases that some officers led, as stretches of time."""
    names = sorted(officers)
    found = database.run(
        f"SELECT officer, lo, lo_sure, hi, hi_sure, entry FROM work_led WHERE officer IN {among(names)} ORDER BY frame, lo",
        names,
    ).fetchall()
    led: dict[str, list[Interval]] = {}
    for officer, lo, lo_sure, hi, hi_sure, entry in found:
        led.setdefault(officer, []).append(Interval(lo, lo_sure, hi, hi_sure, officer, entry))
    return led
