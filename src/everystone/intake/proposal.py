"""What is proposed for one part of a file: what each of its columns is for, how sure that is, what could not be placed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from everystone.intake import profile, quoting, roles
from everystone.intake.extracts import File
from everystone.intake.joins import Found, Looked
from everystone.intake.likeness import LEAST, Likeness
from everystone.intake.lines import CASE_OF_A_LOG
from everystone.intake.mapping import How
from everystone.intake.profile import Column, stem
from everystone.ledger.civil import CivilDays
from everystone.ledger.fault import Fault

#: Stems of words by which extracts name times and activities.
_WRITTEN_DOWN = {stem(each) for each in ("recorded", "entered", "keyed", "input", "modified", "updated", "logged")}
_HAPPENED = {stem(each) for each in ("timestamp", "happened")}
_ACTIVITIES = {stem(each) for each in ("activity", "kind", "event", "action", "concept", "step")}
_AS_THE_LEDGER = ("channel", "corrects", "withdraws", "late_reason", "quote_of")
_SHOWN = 60  # words like no kind that are written into the map as remarks, to be placed by hand


@dataclass
class Proposal:
    """What is proposed for one part of a file: lines of a table, the kinds it makes, and what could not be placed."""

    name: str
    lines: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    unplaced: list[str] = field(default_factory=list)
    first: str = ""
    last: str = ""


def proposal(
    file: File, how: How, mine: Looked, likeness: Likeness, joined: Sequence[Found] = (), sought: Sequence[str] = ()
) -> Proposal:  # fmt: skip
    """What is proposed for a part of a file: `joined` can be looked up for it, `sought` are tables that look it up."""
    part, columns = _Part(file, how, mine, likeness, joined, sought), mine.columns
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

    def __init__(
        self, file: File, how: How, mine: Looked, likeness: Likeness, joined: Sequence[Found], sought: Sequence[str]
    ) -> None:
        self.file, self.how, self.likeness, self.joined, self.sought = file, how, likeness, joined, sought
        self.looked_up = {found: dict(found.columns(mine)) for found in joined}
        self.own = mine.columns
        self.columns = [*self.own, *(each for there in self.looked_up.values() for each in there.values())]
        self.by_name = {each.name: each for each in self.columns}
        self.times = [each for each in self.columns if each.is_time and each.filled]
        self.used: set[str] = set()
        self.kinds: set[str] = set()
        self.unplaced: list[str] = []
        self.as_the_packs_name = False  # whether its kinds are
        self.recorded = self._named(_WRITTEN_DOWN, self.times) if len(self.times) > 1 else None
        self.happening = [each for each in self.times if each is not self.recorded and each.first and not each.is_birth]
        self.name = mine.name
        self._around = profile.tokens_of(Path(self.name).name.partition(".")[0]) | (
            profile.tokens_of(how.records or "") if how.records else frozenset()
        )

    def _named(self, words: set[str], columns: Sequence[Column]) -> Column | None:
        return roles.most_like(words, [each for each in columns if each.name not in self.used])

    def _use(self, column: Column | None) -> Column | None:
        if column is not None:
            self.used.add(column.name)
        return column

    # ---- what the whole table says -------------------------------------------------------------------------------

    def head(self) -> Iterator[str]:
        """The lines of the table above its entries."""
        yield f"  - file: {quoting.yaml((self.file.member or self.file.path.name).rpartition('/')[2])}"
        for name, said in (
            ("delimiter", self.how.delimiter),
            ("encoding", self.how.encoding),
            ("sheet", self.how.sheet),
            ("records", self.how.records),
        ):
            if said:
                yield f"    {name}: {quoting.yaml(said)}"
        key = next((each for each in roles.references(self.own) if each.unique), None)
        yield from self._stream()
        if key is not None:
            self._use(key)
            yield f"    row_key: [{quoting.yaml(key.name)}]  # each row has another"
        person = self._use(roles.person(self.own))
        if person is not None:
            yield f"    subjects: {_several(person)}  # 0.5"
        if self._use(self.recorded) is not None and self.recorded is not None:
            yield f"    recorded: {self._time(self.recorded)}"
        yield from self._who()
        for column in self.own:
            if column.filled and column.name in _AS_THE_LEDGER and self.as_the_packs_name:
                self._use(column)
                yield f"    {column.name}: {{column: {column.name}}}  # 1.00"
        yield from self._joins()

    def _joins(self) -> Iterator[str]:
        """The tables from which something that is used is looked up."""
        found = {each: {theirs: column.name for theirs, column in there.items() if column.name in self.used}
                 for each, there in self.looked_up.items()}  # fmt: skip
        if any(found.values()):
            yield "    join:"
        for each, used in found.items():
            if used:
                self._use(self.by_name[each.ours])
                yield f"      - file: {quoting.yaml(each.other.file)}"
                on = f"{{{quoting.yaml(each.ours)}: {quoting.yaml(each.theirs)}}}"
                yield f"        on: {on}  # {each.share:.2f} of the values stand there"
                named = [quoting.yaml(theirs) if theirs == name else "" for theirs, name in used.items()]
                renamed = ", ".join(f"{quoting.yaml(theirs)}: {quoting.yaml(name)}" for theirs, name in used.items())
                yield f"        columns: [{', '.join(named)}]" if all(named) else f"        columns: {{{renamed}}}"

    def _stream(self) -> Iterator[str]:
        if CASE_OF_A_LOG in self.by_name:
            self.used.add(CASE_OF_A_LOG)
            return
        stream, sure = roles.stream(self.own, {found.ours for found in self.joined})
        self._use(stream)
        if stream is None or stream.filled < 1:
            yield "    stream: {key: true}  # no column names the case of every row: each row is one"
        else:
            prefix = ", prefix: ''" if stream.is_stream else ""
            yield f"    stream: {{column: {quoting.yaml(stream.name)}{prefix}}}  # {sure}"

    def _who(self) -> Iterator[str]:
        """Who did it, and in what capacity: by columns of this table, or of the one in which that person is looked up."""
        free = [each for each in self.own if each.name not in self.used]
        officer = self._use(roles.officer(free))
        there: list[Column] = []
        if officer is not None:
            there = [each for found, columns in self.looked_up.items() if found.ours == officer.name
                     for each in columns.values()]  # fmt: skip
            yield f"    by: {{column: {quoting.yaml(officer.name)}}}  # 0.5"
        capacity = []
        for part in roles.CAPACITY:
            column = self._use(roles.capacity(part, free) or roles.capacity(part, there))
            if column is not None:
                capacity.append(f"{part}: {{column: {quoting.yaml(column.name)}}}")
        if capacity:
            yield f"    capacity: {{{', '.join(capacity)}}}  # 0.5"

    def _time(self, column: Column) -> str:
        said = [f"column: {quoting.yaml(column.name)}"]
        if column.form:
            said.append(f"format: {quoting.yaml(column.form)}")
        if column.stand_ins:
            said.append(f"empty: [{', '.join(quoting.yaml(each) for each in column.stand_ins)}]")
        return f"{{{', '.join(said)}}}" + ("  # day and month may be the other way round" if column.doubtful else "")

    # ---- entries -------------------------------------------------------------------------------------------------

    def entries(self) -> Iterator[str]:
        """The lines of the entries: by the words of an activity, or one for each time; and who the person is."""
        if self.happening:
            yield from self._of_times()
        elif self.sought:
            self.unplaced.append(f"it is only looked up, from {', '.join(self.sought)}")
            return
        else:
            self.unplaced.append("it has no time; look it up from another file with `join`, or give it a fixed day")
        yield from self._described()

    def _described(self) -> Iterator[str]:
        """Who the person of each row is: of a kind that has a day of birth, by the columns beside it."""
        born = next((each for each in self.columns if each.is_birth), None)
        person = roles.person(self.own)
        if born is None or person is None:
            return
        beside = next((list(there.values()) for found, there in self.looked_up.items()
                       if born in there.values() and found.ours == person.name), self.own)  # fmt: skip
        fits = {kind: self.likeness.fields(kind, [each for each in beside if each is not born])
                for kind in self.likeness.with_birth if born in beside}  # fmt: skip
        best = max(sorted(fits), key=lambda kind: len(fits[kind]), default="")
        if best:
            yield from self._entry(born, best, 0.5, {self.likeness.with_birth[best]: (born, 1.0), **fits[best]})

    def _of_times(self) -> Iterator[str]:
        activity = self._named(_ACTIVITIES, [each for each in self.columns if len(each.values) > 1])
        if activity is not None:
            lines = list(self._by_activity(activity))
            if lines:
                yield from lines
                return
        if not any(each.is_time for each in self.own):  # what happened is told there; this table says something of it
            yield from self._at_the_time_of_another()
            return
        bare = _WRITTEN_DOWN | _HAPPENED  # these say nothing of what it was
        found = [(column, *self.likeness.kind(column.tokens - bare or {""}, self._around)) for column in self.happening]
        if all(sure < LEAST for _, _, sure in found):
            found = [self._by_what_stands_around()]
        for column, kind, sure in found:
            if sure >= LEAST:
                yield from self._entry(column, kind, sure)
            else:
                self.unplaced.append(f"time {column.name} ({_nearest(kind, sure)})")

    def _at_the_time_of_another(self) -> Iterator[str]:
        """One entry, of a kind that the name of the file is like, at a time that is looked up in another table."""
        kind, sure = self.likeness.kind(self._around)
        if sure >= LEAST:
            column = max(self.happening, key=lambda each: (each.filled, each.length))
            yield "      # The time is that of another table: check that this happened then."
            yield from self._entry(column, kind, LEAST)
        else:
            where = "; ".join(f"{each.other.file} by {each.ours}" for each in self.joined)
            self.unplaced.append(
                f"it has no time of its own, and its name is like no kind; times could be looked up in {where}"
            )

    def _by_what_stands_around(self) -> tuple[Column, str, float]:
        """The most precise time, with the kind that the name of the file is like, or else the names of its columns."""
        column = max(self.happening, key=lambda each: (each.length, each.filled, -len(each.tokens)))
        kind, sure = self.likeness.kind(self._around)
        if sure < LEAST / 2:
            kind, sure = self.likeness.kind((), [word for each in self.columns for word in each.tokens])
        return column, kind, LEAST if sure >= LEAST / 2 else sure

    def _entry(
        self, column: Column, kind: str, sure: float, fields: Mapping[str, tuple[Column, float]] | None = None
    ) -> Iterator[str]:  # fmt: skip
        self._use(column)
        self.kinds.add(kind)
        yield f"      - kind: {kind}  # {sure:.2f}"
        yield f"        happened: {self._time(column)}"
        none = f"not: [{', '.join(quoting.yaml(each) for each in column.stand_ins)}]" if column.stand_ins else ""
        present = "present: true" if column.filled < 1 else ""
        if none or present:
            yield f"        when: {{{quoting.yaml(column.name)}: {{{', '.join(each for each in (present, none) if each)}}}}}"
        others = [each for each in self.own if each is not column]
        yield from self._fields(self.likeness.fields(kind, others) if fields is None else fields)

    def _fields(self, found: Mapping[str, tuple[Column, float]]) -> Iterator[str]:
        if found:
            yield "        fields:"
        for name, (column, sure) in found.items():
            self._use(column)
            said = self._time(column) if column.is_time else _several(column)
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
        yield f"          column: {quoting.yaml(activity.name)}"
        yield "          map:"
        yield from (f"            {quoting.yaml(word)}: {kind}  # {sure:.2f}" for word, (kind, sure) in known.items())
        yield from (f"            # {quoting.yaml(word)}:  # {_nearest(*words[word])}" for word in unknown[:_SHOWN])
        yield self._happened()

    def _as_named(self, activity: Column) -> Iterator[str]:
        """Entries whose kinds a column names as the packs do; their fields in a column of JSON, where there is one."""
        self.as_the_packs_name = True
        self._use(activity)
        self.kinds.update(activity.values)
        yield f"      - kind: {{column: {quoting.yaml(activity.name)}}}  # 1.00"
        packed = next((each for each in self.columns if each.name not in self.used and each.packed), None)
        if packed is not None:
            self._use(packed)
            yield f"        data: {quoting.yaml(packed.name)}  # 1.00"
        yield self._happened()

    def _happened(self) -> str:
        time = max(self.happening, key=lambda each: (bool(each.tokens & _HAPPENED), each.filled, each.length))
        self._use(time)
        return f"        happened: {self._time(time)}"


def _nearest(kind: str, sure: float) -> str:
    return f"most like {kind}, {sure:.2f}" if sure else "like no kind"


def _several(column: Column) -> str:
    """A value of a column, or several where its cells hold several."""
    split = f", split: {quoting.yaml(column.split)}" if column.split else ""
    return f"{{column: {quoting.yaml(column.name)}{split}}}"


def _days(times: Iterable[str], which: int) -> Iterator[str]:
    """The first (0) or last (-1) day of each time (a day, a month or a year) that lies in the years of the calendar."""
    days = CivilDays("UTC")
    for time in times:
        with suppress(Fault):  # a year mistyped, 1066 say: nothing is proposed on it
            yield days.day_of(days.span(time[:10])[which]).isoformat()
