"""Ledgers drawn at random around one standard: its kinds, the words of its conditions, instants near its limits.

So that rare states come: ties, nothing recorded, corrections of corrections, late records, bare dates, the change of the
clocks, overlapping training, gaps in what is held, teams, several children, nobody named. Every other case is tame: nearly
all is recorded, at once and about the same child, and what is expected follows what begins it, so that duties are met too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import combinations
from random import Random
from typing import Any

from everystone.findings.frames import Instants, facts_of, stream_frame
from everystone.findings.gathering import words_in
from everystone.ledger.case import Facts, Frame
from everystone.ledger.coverage import Coverage, Holding
from everystone.ledger.entry import Capacity, Entry, Hit, Source
from everystone.ledger.kind import LISTS
from everystone.standards.pack import Loaded, Pack

DAY, HOUR = 86_400, 3600
PEOPLE: dict[str, dict[str, Any]] = {
    "V1": {"born": "2010-03-28"}, "V2": {"born": "2008"}, "V3": {}, "S1": {"born": "1985-02-28", "sex": "male"},
    "S2": {"born": "2009-06", "sex": "female"}, "P1": {"role": "parent", "of": ["V1"]},
}  # fmt: skip
OFFICERS = ("O1", "O2", "O3")
RANKS = ("constable", "sergeant", "inspector", "")
#: Around these the entries of a case stand: an ordinary week, both changes of the clocks, Christmas, a new version.
BEGINNINGS = (
    "2023-06-05 10:00",
    "2024-03-30 23:30",
    "2024-10-26 22:00",
    "2022-12-22 16:00",
    "2013-12-09 09:00",
    "2019-12-31 12:00",
)
#: The first seconds of the days on which the clocks change.
CHANGES = (1_711_843_200, 1_729_983_600)
OFFENCES = ("SOA2003-s9", "SOA2003-s13", "ICA1960-s1", "OAPA1861-s47", "not-in-the-table")


class Drawn:
    """Draws cases around one standard of a pack."""

    def __init__(self, loaded: Loaded, pack: Pack, seed: int) -> None:
        self.random, self.words, self.sort = Random(f"{loaded.id} {seed}"), pack.words, loaded.standard.frame
        said = [
            body.model_dump(mode="json", by_alias=True, exclude_unset=True)
            for each in loaded.versions
            for _, body in each.bodies
        ]
        named = set(words_in(said))
        states = named & set(self.words.states) | {"led by", "team", "open"} & set(self.words.states)
        kinds = named & set(self.words.kinds.by_name) | {
            kind for name in states for kind in self.words.states[name].kinds
        }
        opening = (
            self.words.kinds.opening
            | set(self.words.kinds.links)
            | {"suspect.identified"} & set(self.words.kinds.by_name)
        )
        self.kinds = sorted(kinds - self.words.kinds.describing) * 3 + sorted(opening - self.words.kinds.describing)
        begins = set(words_in([each.get("after") for each in said])) & kinds
        self.begins, self.follows = sorted(begins) or self.kinds, sorted(kinds - begins) or self.kinds
        self.tame, self.reached = False, Counter[str]()
        self.wanted: dict[str, list[Any]] = {}
        for field, value in _pairs(said):
            self.wanted.setdefault(field, []).extend(value if isinstance(value, list) else [value])
        self.spoken = sorted(named - set(self.words.kinds.by_name))
        self.numbers = sorted({each for each in _numbers(said) if 0 < each < 400}) or [1]

    def frames(self, count: int) -> list[Frame]:
        """So many frames of the standard's sort, asked at different instants, with officers' facts beside them."""
        return [self._frame(number) for number in range(count)]

    def _frame(self, number: int) -> Frame:
        draw, calendar = self.random, self.words.calendar
        name, self.tame = f"Case {number}", number % 2 == 1
        began = calendar.span(draw.choice(BEGINNINGS))[0]
        entries = [*self._people(name, began), *self._entries(name, began)]
        self.reached.update(constructs(entries))
        at = began + draw.choice((DAY, 12 * DAY, 100 * DAY, 900 * DAY)) + draw.choice((-60, 0, 60))
        known_on = at if draw.random() < 0.7 else at + draw.choice((-DAY, 40 * DAY))
        coverage = self._coverage(calendar.day_of(began))
        facts = self._facts(began)
        if self.sort in ("person", "officer"):
            name = "V1" if self.sort == "person" else "O1"
        return stream_frame(self.sort, name, entries, self.words, Instants(at, known_on, coverage), facts)

    def _people(self, name: str, began: int) -> Iterator[Entry]:
        for person, data in PEOPLE.items():
            if self.random.random() < (0.9 if person in ("V1", "S1") else 0.05 if self.tame else 0.35):
                yield self._entry(name, "person.described", began, person, dict(data), subjects=(person,))

    def _entries(self, name: str, began: int) -> Iterator[Entry]:
        draw, now = self.random, began
        made: list[Entry] = []
        for number in range(draw.randint(2, 14)):
            now = max(began - 9 * DAY, now + (draw.choice((0, 60, HOUR, DAY)) if self.tame else self._step()))
            those = self.kinds if not self.tame else self.follows if number % 2 else self.begins
            made.append(self._of_kind(name, len(made), draw.choice(those), now))
            if draw.random() < 0.12 and not self.tame:
                old = draw.choice(made)
                anew = self._of_kind(
                    name, len(made), old.kind if draw.random() < 0.7 else draw.choice(self.kinds), old.lo + self._step()
                )
                said: dict[str, Any] = {"withdraws": old.key} if draw.random() < 0.3 else {"corrects": old.key}
                made.append(anew._replace(recorded=max(anew.recorded, old.recorded + draw.choice((0, DAY))), **said))
        draw.shuffle(made)
        return iter(made)

    def _step(self) -> int:
        """To the next entry: at once, soon, or about as long as the standard's own figures say."""
        draw = self.random
        unit = draw.choice((0, 60, HOUR, DAY, DAY, 7 * DAY))
        return unit * draw.choice((1, *self.numbers)) // draw.choice((1, 1, 2)) + draw.choice((-60, -1, 0, 0, 0, 1, 60))

    def _of_kind(self, name: str, number: int, kind: str, instant: int) -> Entry:
        said = self.words.kinds.by_name[kind]
        data = {
            field: value for field, of in said.fields.items() if (value := self._value(field, of)) not in (None, "")
        }
        return self._entry(name, kind, instant, f"{number}", data)

    def _value(self, field: str, of: Any) -> Any:
        draw = self.random
        if draw.random() < (0.02 if self.tame else 0.2):
            return None
        wanted = self.wanted.get(field)
        if (
            wanted
            and draw.random() < (0.95 if self.tame else 0.7)
            and of.type in ("yes or no", "word", "words", "text", "offence")
        ):
            value = draw.choice(wanted)
            return [value] if of.type in LISTS else value
        people = [*PEOPLE, *OFFICERS]
        many = 1 if self.tame else 3
        role = {"officer": OFFICERS, "suspect": ("S1", "S2")[:many], "victim": ("V1", "V2", "V3")[:many]}.get(
            of.role, people
        )
        values = [*of.values, *(word for word in self.spoken if draw.random() < 0.5)] or ["other"]
        made: dict[str, Any] = {
            "yes or no": lambda: draw.random() < 0.6, "number": lambda: draw.choice(self.numbers),
            "age": lambda: draw.choice((9, 15, 17, 18, 40)), "person": lambda: draw.choice(role),
            "people": lambda: draw.sample(people, draw.randint(0, 2)), "rank": lambda: draw.choice(RANKS),
            "offence": lambda: draw.choice(OFFENCES), "offences": lambda: [draw.choice(OFFENCES)],
            "date": lambda: draw.choice(("2013-12", "2024-03-31", "2019", "2024-10-27 01:30", "2023-06-09")),
            "words": lambda: draw.sample(values, min(len(values), draw.randint(0, 2))),
            "reference": lambda: f"R{draw.randint(1, 2)}", "references": lambda: [f"R{draw.randint(1, 2)}"],
            "text": lambda: {"words": draw.choice((0, 3, 40))},
        }  # fmt: skip
        return made.get(of.type, lambda: draw.choice(values))()

    def _entry(
        self, name: str, kind: str, instant: int, key: str, data: dict[str, Any], subjects: tuple[str, ...] | None = None
    ) -> Entry:  # fmt: skip
        draw = self.random
        lo = hi = instant
        if subjects is None and draw.random() < (0.03 if self.tame else 0.15):  # a bare date
            day = self.words.calendar.day_of(instant)
            lo, hi = self.words.calendar.start_of(day), self.words.calendar.end_of(day)
        if subjects is None and self.tame:
            subjects = {"suspect": ("S1",), "officer": ("O1",)}.get(
                self.words.kinds.subject_role.get(kind, ""), ("V1",)
            )
        if subjects is None:
            subjects = tuple(draw.sample(sorted(PEOPLE), draw.choice((0, 1, 1, 1, 1, 2))))
        recorded = lo + draw.choice((0,) if self.tame else (0, 0, 0, 5 * 60, DAY, 45 * DAY))
        texts = [field for field, of in self.words.kinds.by_name[kind].fields.items() if of.type == "text"]
        lists = (*self.spoken[:3], "A", "C", "empty", "likeness")
        hits = tuple(
            Hit(draw.choice(lists), field, "1:2", draw.random() < 0.3) for field in texts if draw.random() < 0.4
        )
        by = draw.choice((*OFFICERS, "O1", ""))
        capacity = Capacity(
            draw.choice(("officer", "social worker", "")), draw.choice(RANKS), draw.choice(("North", "South", ""))
        )
        source = Source("drawn", draw.choice(("", "force", "local authority", "force")), f"{name}/{key}")
        number = draw.randint(1, 9999)
        return Entry(
            number,
            f"{self.sort}/{name}",
            kind,
            subjects,
            lo,
            hi,
            recorded,
            recorded,
            by,
            capacity,
            data,
            source,
            hits=hits,
        )

    def _coverage(self, day: date) -> Coverage:
        draw = self.random
        if self.tame or draw.random() < 0.5:
            return Coverage()
        self.reached["a gap in what is held"] += 1
        held = [kind for kind in self.words.kinds.by_name if draw.random() < 0.9]
        teams = frozenset(("North",)) if draw.random() < 0.15 else frozenset[str]()
        first = None if draw.random() < 0.5 else day.replace(day=1)
        return Coverage([Holding(frozenset(held), first, None, teams)])

    def _facts(self, began: int) -> Facts:
        """Officers with courses that overlap and run out."""
        draw, kinds = self.random, self.words.kinds
        streams: dict[str, list[Entry]] = {}
        about = sorted({kind for name in ("qualified", "acting", "restricted", "on leave") if name in self.words.states
                        for kind in self.words.states[name].kinds})  # fmt: skip
        for officer in OFFICERS:
            for number in range(draw.randint(0, 3) if about else 0):
                kind = draw.choice(about)
                data = {
                    field: value
                    for field, of in kinds.by_name[kind].fields.items()
                    if (value := self._value(field, of)) not in (None, "")
                }
                entry = self._entry(
                    officer, kind, began - draw.randint(0, 500) * DAY, f"{number}", data, subjects=(officer,)
                )
                streams.setdefault(f"officer/{officer}", []).append(entry._replace(stream=f"officer/{officer}"))
        self.reached["overlapping training"] += any(
            one.data == other.data for each in streams.values() for one, other in combinations(each, 2)
        )
        return facts_of(streams, self.words, Instants(began + 900 * DAY, began + 900 * DAY, Coverage()))


def constructs(entries: Sequence[Entry]) -> Iterator[str]:
    """The rare constructs that some entries hold."""
    by_key = {entry.key: entry for entry in entries}
    yield from {"at once" for one, other in combinations(entries, 2) if one.lo == other.lo and one.kind != other.kind}
    for entry in entries:
        corrected = by_key.get(entry.corrects or entry.withdraws)
        said = {
            "nobody named": not entry.subjects, "several named": len(entry.subjects) > 1, "a bare date": entry.lo != entry.hi,
            "written down late": entry.recorded > entry.lo + 30 * DAY, "nobody acted": not entry.by,
            "corrected": bool(entry.corrects), "withdrawn": bool(entry.withdraws),
            "a correction of a correction": corrected is not None and bool(corrected.corrects),
            "a correction to another kind": corrected is not None and corrected.kind != entry.kind,
            "a day of 23 or 25 hours": any(lo <= entry.lo < lo + DAY for lo in CHANGES), "a relation": entry.kind == "crime.recorded",
        }  # fmt: skip
        yield from (each for each, so in said.items() if so)


def _pairs(said: object) -> Iterator[tuple[str, Any]]:
    """What the conditions of a standard want of fields: each key with its values, and the lists under `list`."""
    if isinstance(said, list):
        for part in said:
            yield from _pairs(part)
    elif isinstance(said, dict):
        if "of" in said:
            yield from ((str(said["of"]), said[key]) for key in ("any of", "all of") if key in said)
        for key, value in said.items():
            if isinstance(value, bool | str) or (
                isinstance(value, list) and all(isinstance(each, str) for each in value)
            ):
                yield key, value
            yield from _pairs(value)


def _numbers(said: object) -> Iterator[int]:
    if isinstance(said, bool):
        return
    if isinstance(said, int):
        yield said
    elif isinstance(said, dict | list):
        for part in said.values() if isinstance(said, dict) else said:
            yield from _numbers(part)
