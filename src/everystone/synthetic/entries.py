"""Entries as rows: late, corrected, doubled and withdrawn as records are, written as the lines of a CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from everystone.synthetic.chance import SIZE, minutes_of, skips
from everystone.synthetic.record import ABSENT, Case, Entry
from everystone.synthetic.scope import Scope

HEADER = (
    "key,{whose},kind,subjects,happened,recorded,actor,actor_role,actor_rank,team,channel,"
    "corrects,withdraws,late_reason,quote_of,data\n"
)
_NAMES_NONE = ","  # neither corrects nor withdraws another entry
_WRONG_BY = (-120, -60, -45, -30, -15, -10)  # minutes


class Amendments:
    """How often entries are corrected, or doubled and one of the two withdrawn, and how long after."""

    def __init__(self, scope: Scope) -> None:
        recording = scope.recipe.part("recording")
        self.draw, self.as_at = scope.draw, scope.as_at
        self.corrected, self.doubled = skips(recording["corrected"]), skips(recording["withdrawn"])
        self.after = minutes_of(recording["put right"], 0.0)

    def of(self, case: Case) -> None:
        """Settles which entries of a case were amended."""
        for entry in self._some(case, self.corrected):
            corrected = self._later(entry)
            if corrected <= self.as_at:
                entry.corrected, entry.wrong_by = corrected, _WRONG_BY[int(self.draw() * len(_WRONG_BY))]
        for entry in self._some(case, self.doubled):
            withdrawn = self._later(entry)
            if withdrawn <= self.as_at and entry.corrected == ABSENT:
                entry.doubled, entry.withdrawn = entry.recorded, withdrawn

    def _some(self, case: Case, table: list[int]) -> Iterator[Entry]:
        place = table[int(self.draw() * SIZE)]
        while place < len(case.entries):
            yield case.entries[place]
            place += 1 + table[int(self.draw() * SIZE)]

    def _later(self, entry: Entry) -> int:
        return entry.recorded + self.after[int(self.draw() * SIZE)] * 60


class Lines:
    """Writes the lines of a case."""

    def __init__(self, scope: Scope) -> None:
        self.times, self.why = scope.times, str(scope.recipe.part("recording")["why put right"])

    def of(self, case: Case, whose: str) -> list[str]:
        """The lines of every entry of a case in the order of time; `whose` fills the second column."""
        case.entries.sort(key=_place)
        lines: list[str] = []
        for entry in case.entries:
            if entry.corrected == ABSENT and entry.withdrawn == ABSENT:
                lines.append(self._line(case, entry, whose, entry.key, entry.happened, entry.recorded, _NAMES_NONE))
            else:
                lines.extend(self._amended(case, entry, whose))
        return lines

    def _amended(self, case: Case, entry: Entry, whose: str) -> Iterable[str]:
        key, happened, recorded, why = entry.key, entry.happened, entry.recorded, self.why
        wrong = happened + entry.wrong_by * 60
        yield self._line(case, entry, whose, key, wrong, recorded, _NAMES_NONE)
        if entry.corrected != ABSENT:
            yield self._line(case, entry, whose, f"{key}-c", happened, entry.corrected, f"{key},", why)
        if entry.withdrawn != ABSENT:
            yield self._line(case, entry, whose, f"{key}-d", happened, entry.doubled, _NAMES_NONE)
            yield self._line(case, entry, whose, f"{key}-w", happened, entry.withdrawn, f",{key}-d", why)

    def _line(
        self,
        case: Case,
        entry: Entry,
        whose: str,
        key: str,
        happened: int,
        recorded: int,
        names: str,
        why: str = "",
    ) -> str:
        """One line; `names` are the columns corrects and withdraws."""
        sort, written = entry.sort, self.times.written
        when = written(happened)[:10] if entry.day_only else written(happened)
        quoted = case.people[sort.quotes].id if sort.quotes and sort.quotes in case.people else ""
        return (
            f"{key},{whose},{sort.kind},{entry.subjects},{when},{written(recorded)},{entry.actor.cells},"
            f'{names},{why or entry.late_reason},{quoted},"{entry.data}"\n'
        )


def _place(entry: Entry) -> tuple[int, str]:
    return entry.happened, entry.key


def cells(values: Iterable[Any]) -> str:
    """Plain values (no quotation mark, comma or line break in them) as a line of a CSV."""
    return ",".join("" if value is None else str(value) for value in values) + "\n"


def counted(case: Case, kinds: dict[str, int]) -> None:
    """Adds the entries of a case to counts by kind."""
    for entry in case.entries:
        kinds[entry.sort.kind] = kinds.get(entry.sort.kind, 0) + 1


def totals(kinds: Mapping[str, int]) -> int:
    """All entries counted."""
    return sum(kinds.values())
