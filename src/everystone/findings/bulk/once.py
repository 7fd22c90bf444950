"""Small questions, each asked once: of an entry, of an entry and whom is asked for. The reference answers them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from everystone.findings.asking import Asking, Fired
from everystone.findings.bulk.columns import NO, NOT_ASKED, UNTOLD, YES, Tellings
from everystone.findings.bulk.resting import ABOUT, Part, Rests
from everystone.findings.bulk.rows import Mask, Numbers, Rows
from everystone.findings.told import Told
from everystone.findings.trigger import AskedFor, Begun, Triggers
from everystone.ledger.entry import Capacity, Entry, Source

#: Stands for the trigger in questions that do not rest on it.
NOTHING_FIRED = Fired(Entry(0, "", "", (), 0, 0, 0, 0, "", Capacity(), {}, Source()), 0, 0)


def code(told: Told) -> int:
    """A telling as a number."""
    return UNTOLD if told is None else YES if told else NO


class Whose:
    """Everybody asked for in one way (each child, say) in some frames, by number (0: the frame itself)."""

    def __init__(self, rows: Rows, triggers: Triggers) -> None:
        self.rows, self.triggers = rows, triggers
        self.names: list[str] = [""]
        self._numbers = {"": 0}
        self._each: dict[tuple[int, int], Begun] = {}
        self._askings: dict[tuple[int, int], Asking] = {}
        self._frame_of: list[int] = rows.frame_of
        self._begun: dict[frozenset[str], tuple[Numbers, Numbers, Numbers, Mask]] = {}

    def of(self, kinds: frozenset[str]) -> tuple[Numbers, Numbers, Numbers, Mask]:
        """Of whom entries of some kinds would ask: rows, persons, which of the row's persons, and whether that is sure."""
        found = self._begun.get(kinds)
        if found is None:
            found = self._begun[kinds] = self._work_out(self.rows.of(kinds))
        return found

    def _work_out(self, rows: Numbers) -> tuple[Numbers, Numbers, Numbers, Mask]:
        if self.triggers.asked.role == "case":
            nobody = np.zeros(len(rows), np.int64)
            return rows, nobody, nobody, np.ones(len(rows), np.bool_)
        entries, frames, persons, number = self.rows.entries, self.rows.frames, self.triggers.persons, self._number
        found = [
            (row, number(person), nth, doubt is None)
            for row, frame in zip(rows.tolist(), self.rows.frame[rows].tolist(), strict=True)
            for nth, (person, doubt) in enumerate(persons(frames[frame], entries[row]))
        ]
        row, person, nth, sure = np.array(found, np.int64).reshape(-1, 4).T
        return row, person, nth, sure.astype(np.bool_)

    def _number(self, name: str) -> int:
        number = self._numbers.get(name)
        if number is None:
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def begun(self, row: int, person: int) -> Begun:
        """The duty that an entry would begin for somebody."""
        found = self._each.get((row, person))
        if found is None:  # made when it is needed
            rows = self.rows
            for each in self.triggers.would_begin(rows.frames[rows.frame[row]], rows.entries[row]):
                self._each[row, self._number(each.asking.person)] = each
            found = self._each[row, person]
        return found

    def asking(self, row: int, person: int) -> Asking:
        """What is asked for somebody in the frame of a row, on account of nothing in it."""
        frame = self._frame_of[row]
        found = self._askings.get((frame, person))
        if found is None:
            role, name = self.triggers.asked.role, self.names[person]
            found = self._askings[frame, person] = Asking(self.rows.frames[frame], role, name, NOTHING_FIRED)
        return found


class Once:
    """The answers to small questions about the entries of some frames, kept while those frames are asked."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._of_entries: dict[str, Tellings] = {}
        self._of_pairs: dict[tuple[AskedFor, str], dict[int, int]] = {}
        self._whose: dict[AskedFor, Whose] = {}
        self._anybody = [Asking(frame, "case", "", NOTHING_FIRED) for frame in rows.frames]

    def whose(self, triggers: Triggers) -> Whose:
        """Everybody asked for as these triggers ask."""
        found = self._whose.get(triggers.asked)
        if found is None:
            found = self._whose[triggers.asked] = Whose(self.rows, triggers)
        return found

    def of_entries(self, part: Part, rows: Numbers) -> Tellings:
        """What one question that rests on the entry alone gives for some rows."""
        if part.parts:
            return _joined(part, len(rows), lambda each, which: self.of_entries(each, rows[which]))
        column = self._of_entries.get(part.said)
        if column is None:
            column = self._of_entries[part.said] = np.full(len(self.rows.entries), NOT_ASKED, np.int8)
        todo = rows[column[rows] == NOT_ASKED]
        if len(todo):
            column[todo] = part.column(self.rows, todo) if part.column else self._one_by_one(part, todo)
        return column[rows]

    def _one_by_one(self, part: Part, rows: Numbers) -> list[int]:
        entries, frame, anybody, test = self.rows.entries, self.rows.frame_of, self._anybody, part.test
        return [code(test(anybody[frame[row]], entries[row])) for row in rows.tolist()]

    def of_triggers(self, part: Part, whose: Whose, people: Numbers, rows: Numbers) -> Tellings:
        """What one question gives for entries as triggers of duties to people, side by side."""
        if part.rests is Rests.ENTRY:
            return self.of_entries(part, rows)
        if part.parts:
            return _joined(
                part, len(rows), lambda each, which: self.of_triggers(each, whose, people[which], rows[which])
            )
        if part.rests is Rests.ASKED:
            return self.of_pairs(part, whose, people, rows)
        kept, entries, test = self._kept(whose, f"trigger {part.said}"), self.rows.entries, part.test
        found, places = np.empty(len(rows), np.int8), (people * len(entries) + rows).tolist()
        for n, (person, row, place) in enumerate(zip(people.tolist(), rows.tolist(), places, strict=True)):
            told = kept.get(place)
            if told is None:
                told = kept[place] = code(test(whose.begun(row, person).asking, entries[row]))
            found[n] = told
        return found

    def of_pairs(self, part: Part, whose: Whose, people: Numbers, rows: Numbers) -> Tellings:
        """What one question that rests on whom is asked for gives for people and rows, side by side."""
        if part.rests is Rests.ENTRY:
            return self.of_entries(part, rows)
        if part.parts:
            return _joined(part, len(rows), lambda each, which: self.of_pairs(each, whose, people[which], rows[which]))
        if part.said == ABOUT:
            return self._about(part, whose, people, rows)
        return self._of_each_pair(part, whose, people, rows)

    def _about(self, part: Part, whose: Whose, people: Numbers, rows: Numbers) -> Tellings:
        """Whether rows are about people: those of a case-level kind are about all in the case."""
        found = np.full(len(rows), YES, np.int8)
        if whose.triggers.asked.role not in ("case", "reference"):
            todo = np.flatnonzero(~self.rows.is_of(self.rows.frames[0].words.kinds.case_level, rows))
            found[todo] = self._of_each_pair(part, whose, people[todo], rows[todo])
        return found

    def _of_each_pair(self, part: Part, whose: Whose, people: Numbers, rows: Numbers) -> Tellings:
        kept, entries, test, anybody = self._kept(whose, part.said), self.rows.entries, part.test, whose.asking
        found, places = np.empty(len(rows), np.int8), (people * len(entries) + rows).tolist()
        for n, (person, row, place) in enumerate(zip(people.tolist(), rows.tolist(), places, strict=True)):
            told = kept.get(place)
            if told is None:
                told = kept[place] = code(test(anybody(row, person), entries[row]))
            found[n] = told
        return found

    def _kept(self, whose: Whose, said: str) -> dict[int, int]:
        return self._of_pairs.setdefault((whose.triggers.asked, said), {})


def _joined(part: Part, size: int, ask: Callable[[Part, Numbers], Tellings]) -> Tellings:
    """What a question gives that joins others; each of those is asked only where it still matters."""
    if part.how == "not_":
        return YES - ask(part.parts[0], np.arange(size))
    settled, join = (YES, np.maximum) if part.how == "any" else (NO, np.minimum)
    told = np.full(size, YES - settled, np.int8)
    for each in part.parts:
        todo = np.flatnonzero(told != settled)
        if len(todo):
            told[todo] = join(told[todo], ask(each, todo))
    return told
