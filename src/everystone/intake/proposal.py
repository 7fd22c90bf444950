"""What is proposed for one part of a file: what each of its columns is for, how sure that is, what could not be placed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from everystone.intake import profile
from everystone.intake.extracts import File
from everystone.intake.likeness import LEAST, Likeness
from everystone.intake.lines import CASE_OF_A_LOG
from everystone.intake.mapping import How
from everystone.intake.profile import Column, stem
from everystone.ledger.civil import CivilDays
from everystone.ledger.fault import Fault

#: Words by which extracts name what every entry has; stems are compared.
_REFERENCES = {"id", "ref", "reference", "number", "no", "nr", "num", "key", "identifier", "urn", "eid"}
_CASES = {"case", "incident", "investigation", "file"}
_PERSONS = {"person", "subject", "child", "victim", "client", "pupil", "complainant"}
_WRITTEN_DOWN = {"recorded", "entered", "keyed", "input", "modified", "updated", "logged"}
_BORN = {"born", "birth", "dob"}
_HAPPENED = {"timestamp", "happened"}
_ACTIVITIES = {"activity", "kind", "event", "action", "concept", "step"}
_PARTS = {
    "by": {"officer", "user", "worker", "resource", "actor", "author", "oic"},
    "role": {"role"}, "rank": {"rank", "grade"}, "team": {"team", "unit", "department", "station", "group"},
}  # fmt: skip


@dataclass
class Proposal:
    """What is proposed for one part of a file: lines of a table, the kinds it makes, and what could not be placed."""

    name: str
    lines: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    unplaced: list[str] = field(default_factory=list)
    first: str = ""
    last: str = ""


def proposal(file: File, how: How, columns: Sequence[Column], likeness: Likeness) -> Proposal:
    """What is proposed for a part of a file that has these columns."""
    part = _Part(file, how, columns, likeness)
    entries = list(part.entries())
    found = Proposal(part.name, unplaced=part.unplaced)
    if entries:
        found.lines = [*part.head(), "    entries:", *entries]
        found.kinds = part.kinds
        found.first = min(_days((each.first for each in part.happening), 0), default="")
        found.last = max(_days((each.last for each in part.times), -1), default="")
    left = [each.name for each in columns if each.name not in part.used and each.filled]
    if left and entries:
        found.unplaced.append(f"columns {', '.join(left)}")
    return found


class _Part:
    """Finds out what the columns of one part of a file are for."""

    def __init__(self, file: File, how: How, columns: Sequence[Column], likeness: Likeness) -> None:
        self.file, self.how, self.likeness = file, how, likeness
        self.columns = columns
        self.by_name = {each.name: each for each in columns}
        self.times = [each for each in columns if each.is_time and each.filled]
        self.used: set[str] = set()
        self.kinds: set[str] = set()
        self.unplaced: list[str] = []
        self.recorded = self._named(_WRITTEN_DOWN, self.times) if len(self.times) > 1 else None
        born = {stem(each) for each in _BORN}
        self.happening = [
            each for each in self.times if each is not self.recorded and each.first and not each.tokens & born
        ]
        self.name = ", ".join(each for each in (file.name, how.sheet or how.records or "") if each)
        self._around = profile.tokens_of(Path(self.name).name.partition(".")[0]) | (
            profile.tokens_of(how.records or "") if how.records else frozenset()
        )

    def _named(self, words: set[str], columns: Sequence[Column]) -> Column | None:
        stems = {stem(each) for each in words}
        fits = [each for each in columns if each.tokens & stems and each.name not in self.used]
        best = max(fits, key=lambda each: (len(each.tokens & stems) / len(each.tokens), each.filled), default=None)
        return best if best is not None and len(best.tokens & stems) * 2 >= len(best.tokens) else None

    def _use(self, column: Column | None) -> Column | None:
        if column is not None:
            self.used.add(column.name)
        return column

    # ---- what the whole table says -------------------------------------------------------------------------------

    def head(self) -> Iterator[str]:
        """The lines of the table above its entries."""
        yield f"  - file: {plain((self.file.member or self.file.path.name).rpartition('/')[2])}"
        for name, said in (
            ("delimiter", self.how.delimiter),
            ("encoding", self.how.encoding),
            ("sheet", self.how.sheet),
            ("records", self.how.records),
        ):
            if said:
                yield f"    {name}: {plain(said)}"
        references = [each for each in self.columns if not each.is_time and each.length <= 80 and each.filled > 0.5
                      and each.tokens & {stem(word) for word in _REFERENCES | _CASES}]  # fmt: skip
        key = next((each for each in references if each.unique), None)
        yield from self._stream(references, key)
        if key is not None:
            self._use(key)
            yield f"    row_key: [{plain(key.name)}]  # each row has another"
        persons = [
            each
            for each in self.columns
            if not each.is_time and each.tokens & {stem(word) for word in _PERSONS} & each.tokens and each in references
        ]
        if persons:
            self._use(persons[0])
            yield f"    subjects: {{column: {plain(persons[0].name)}}}  # 0.5"
        if self._use(self.recorded) is not None and self.recorded is not None:
            yield f"    recorded: {self._time(self.recorded)}"
        yield from self._who()

    def _stream(self, references: Sequence[Column], key: Column | None) -> Iterator[str]:
        if CASE_OF_A_LOG in self.by_name:
            self.used.add(CASE_OF_A_LOG)
            return
        cases = {stem(each) for each in _CASES}
        shared = sorted(
            references, key=lambda each: (bool(each.tokens & cases), not each.unique, each.filled), reverse=True
        )
        stream = self._use(shared[0] if shared else key)
        if stream is None or stream.filled < 1:
            yield "    stream: {key: true}  # no column names the case of every row: each row is one"
        else:
            yield f"    stream: {{column: {plain(stream.name)}}}  # {0.8 if stream.tokens & cases else 0.5}"

    def _who(self) -> Iterator[str]:
        capacity = []
        for name, words in _PARTS.items():
            column = self._named(words, [each for each in self.columns if not each.is_time and each.length <= 60])
            if column is not None:
                self._use(column)
                if name == "by":
                    yield f"    by: {{column: {plain(column.name)}}}  # 0.5"
                else:
                    capacity.append(f"{name}: {{column: {plain(column.name)}}}")
        if capacity:
            yield f"    capacity: {{{', '.join(capacity)}}}  # 0.5"

    def _time(self, column: Column) -> str:
        said = [f"column: {plain(column.name)}"]
        if column.form:
            said.append(f"format: {plain(column.form)}")
        if column.stand_ins:
            said.append(f"empty: [{', '.join(plain(each) for each in column.stand_ins)}]")
        return f"{{{', '.join(said)}}}" + ("  # day and month may be the other way round" if column.doubtful else "")

    # ---- entries -------------------------------------------------------------------------------------------------

    def entries(self) -> Iterator[str]:
        """The lines of the entries: by the words of an activity, or one for each time."""
        if not self.happening:
            self.unplaced.append("it has no time; look it up from another file with `join`, or give it a fixed day")
            return
        activity = self._named(_ACTIVITIES, [each for each in self.columns if len(each.values) > 1])
        if activity is not None:
            lines = list(self._by_activity(activity))
            if lines:
                yield from lines
                return
        bare = {stem(each) for each in _WRITTEN_DOWN | _HAPPENED}  # these say nothing of what it was
        found = [(column, *self.likeness.kind(column.tokens - bare or {""}, self._around)) for column in self.happening]
        if all(sure < LEAST for _, _, sure in found):
            found = [self._by_what_stands_around()]
        for column, kind, sure in found:
            if sure >= LEAST:
                yield from self._entry(column, kind, sure)
            else:
                self.unplaced.append(f"time {column.name} (most like {kind}, {sure:.2f})")

    def _by_what_stands_around(self) -> tuple[Column, str, float]:
        """The most precise time, with the kind that the name of the file is like, or else the names of its columns."""
        column = max(self.happening, key=lambda each: (each.length, each.filled, -len(each.tokens)))
        kind, sure = self.likeness.kind(self._around)
        if sure < LEAST / 2:
            kind, sure = self.likeness.kind((), [word for each in self.columns for word in each.tokens])
        return column, kind, LEAST if sure >= LEAST / 2 else sure

    def _entry(self, column: Column, kind: str, sure: float) -> Iterator[str]:
        self._use(column)
        self.kinds.add(kind)
        yield f"      - kind: {kind}  # {sure:.2f}"
        yield f"        happened: {self._time(column)}"
        if column.filled < 1:
            empty = f", not: [{', '.join(plain(each) for each in column.stand_ins)}]" if column.stand_ins else ""
            yield f"        when: {{{plain(column.name)}: {{present: true{empty}}}}}"
        elif column.stand_ins:
            yield f"        when: {{{plain(column.name)}: {{not: [{', '.join(plain(each) for each in column.stand_ins)}]}}}}"
        yield from self._fields(self.likeness.fields(kind, [each for each in self.columns if each is not column]))

    def _fields(self, found: Mapping[str, tuple[Column, float]]) -> Iterator[str]:
        if found:
            yield "        fields:"
        for name, (column, sure) in found.items():
            self._use(column)
            said = self._time(column) if column.is_time else f"{{column: {plain(column.name)}}}"
            yield f"          {name}: {said}{' ' if '#' in said else '  #'} {sure:.2f}"

    def _by_activity(self, activity: Column) -> Iterator[str]:
        """One entry whose kind is that of the word in a column; words like no kind are left out."""
        kinds = self.likeness.kinds
        if all(word in kinds for word in activity.values):
            yield from self._as_named(activity)
            return
        words = {word: self.likeness.kind(profile.tokens_of(word)) for word in activity.values}
        known = {word: each for word, each in words.items() if each[1] >= LEAST}
        if not known:
            return
        self._use(activity)
        self.kinds.update(kind for kind, _ in known.values())
        unknown = [word for word in words if word not in known]
        if unknown:
            self.unplaced.append(
                f"in {activity.name}: {', '.join(unknown[:20])}{' and others' if len(unknown) > 20 else ''}"
            )
        yield "      - kind:"
        yield f"          column: {plain(activity.name)}"
        yield "          map:"
        yield from (f"            {plain(word)}: {kind}  # {sure:.2f}" for word, (kind, sure) in known.items())
        yield self._happened()

    def _as_named(self, activity: Column) -> Iterator[str]:
        """Entries whose kinds a column names as the packs do; their fields in a column of JSON, where there is one."""
        self._use(activity)
        self.kinds.update(activity.values)
        yield f"      - kind: {{column: {plain(activity.name)}}}  # 1.00"
        packed = next((each for each in self.columns if each.name not in self.used and each.packed), None)
        if packed is not None:
            self._use(packed)
            yield f"        data: {plain(packed.name)}  # 1.00"
        yield self._happened()

    def _happened(self) -> str:
        happened = {stem(each) for each in _HAPPENED}
        time = max(self.happening, key=lambda each: (bool(each.tokens & happened), each.filled, each.length))
        self._use(time)
        return f"        happened: {self._time(time)}"


def _days(times: Iterable[str], which: int) -> Iterator[str]:
    """The first (0) or last (-1) day of each time (a day, a month or a year) that lies in the years of the calendar."""
    days = CivilDays("UTC")
    for time in times:
        with suppress(Fault):  # a year mistyped, 1066 say: nothing is proposed on it
            yield days.day_of(days.span(time[:10])[which]).isoformat()


def plain(said: str) -> str:
    """A text as YAML reads it back: as it is where nothing in it has a meaning, else in quotes."""
    if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./-]+)*", said) and said.lower() not in (
        "yes",
        "no",
        "true",
        "false",
        "null",
        "on",
        "off",
        "y",
        "n",
    ):
        return said
    return json.dumps(said, ensure_ascii=False)
