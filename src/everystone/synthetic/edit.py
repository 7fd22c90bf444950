"""Edits of an invented record: removing, delaying, changing and adding entries, and falling silent.

An edit first finds what it would touch, so that a failing is made whole or not at all; then it is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from everystone.ledger.fault import Fault
from everystone.synthetic.record import ABSENT, Case, Entry
from everystone.synthetic.scope import Scope, listed
from everystone.synthetic.step import Steps
from everystone.synthetic.value import written

Find = Callable[[Case], list[Entry]]
Make = Callable[[Case, list[Entry]], list[Entry]]
_DAY = 86_400


class Edit:
    """One edit of a failing, made ready: the standard it names, about whom, in words, and how it is made."""

    def __init__(self, scope: Scope, steps: Steps, said: Mapping[str, Any]) -> None:
        self.scope, self.steps = scope, steps
        self.standard, self.about = str(said["standard"]), str(said.get("for", ""))
        self.optional = bool(said.get("optional"))
        makers: dict[str, Callable[[Mapping[str, Any]], tuple[Find, Make]]] = {
            "remove": self._remove, "delay": self._delay, "write down": self._write_down, "change": self._change,
            "add": self._add, "silence": self._silence,
        }  # fmt: skip
        word = next((word for word in makers if word in said), None)
        if word is None:
            raise Fault(f"An edit is one of {', '.join(makers)}: {dict(said)}.", where=scope.recipe.where)
        self.did = str(said.get("did", word))
        find, self.make = makers[word](said)
        self.find = self._promptly(find, said["promptly"]) if "promptly" in said else find

    def person(self, case: Case) -> str:
        """The reference of whom the finding is expected to be about, "" for the case."""
        return self.steps.subject_of(case, self.about) if self.about else ""

    def _promptly(self, find: Find, said: Mapping[str, Any]) -> Find:
        """The same, and nothing where the first found came more civil days after an anchor than said.

        What was late before an edit says nothing new after it.
        """
        anchor, days, day = self.scope.anchors[said["from"]], int(said["days"]), self.scope.times.day

        def prompt(case: Case) -> list[Entry]:
            found = find(case)
            first = min((entry.happened for entry in found), default=ABSENT)
            return found if first != ABSENT and day(first) - day(case.at[anchor]) <= days else []

        return prompt

    def _of(self, said: Any, which: str = "all") -> Find:
        """The entries of some steps, or of tags (`tag: review`); of them all, the last, or the first."""
        names = frozenset(listed(said.get("tag") if isinstance(said, dict) else said))
        by_tag = isinstance(said, dict)

        def find(case: Case) -> list[Entry]:
            found = [each for each in case.entries if (each.sort.tag if by_tag else each.sort.step) in names]
            found.sort(key=lambda each: each.happened)
            return found if which == "all" else found[-1:] if which == "last" else found[:1]

        return find

    def _remove(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        return self._of(said["remove"], said.get("which", "all")), _removed

    def _delay(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        delay, as_at = self.scope.delay(said["in"]), self.scope.as_at

        def make(case: Case, found: list[Entry]) -> list[Entry]:
            for entry in found:
                moved = delay(case, entry.happened) - entry.happened
                entry.happened += moved
                entry.recorded += moved
                if entry.corrected != ABSENT or entry.withdrawn != ABSENT:
                    entry.corrected = entry.withdrawn = ABSENT  # what was put right cannot come before it
            _removed(case, [entry for entry in found if entry.recorded > as_at])
            return found

        return self._of(said["delay"], said.get("which", "all")), make

    def _write_down(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        """Entries written down so much later, without a word why; when they happened stays."""
        delay, as_at = self.scope.delay(said["in"]), self.scope.as_at

        def make(case: Case, found: list[Entry]) -> list[Entry]:
            for entry in found:
                entry.recorded, entry.late_reason = min(delay(case, entry.happened), as_at), ""
                entry.corrected = entry.withdrawn = ABSENT
            return found

        return self._of(said["write down"], said.get("which", "all")), make

    def _change(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        made = {name: self.steps.values.of(value) for name, value in said.get("fields", {}).items()}
        by = said.get("by")

        def make(case: Case, found: list[Entry]) -> list[Entry]:
            before = [(_read(entry.data), entry.actor) for entry in found]
            for entry in found:
                case.turn = entry.turn
                for name, value in made.items():
                    _put(entry, name, self.steps.written(value, case, entry.happened))
                if by is not None:
                    entry.actor = self.steps.staff.fill(case, by, entry.happened) or entry.actor
            return [
                entry
                for entry, (data, actor) in zip(found, before, strict=True)
                if actor is not entry.actor or data != _read(entry.data)
            ]

        return self._of(said["change"], said.get("which", "all")), make

    def _into(self, said: Mapping[str, Any]) -> Make:
        """Turns entries into another kind, at the same time under the same key."""
        write = self.steps.writer({"step": "turned", "by": "lead", **said})

        def make(case: Case, found: list[Entry]) -> list[Entry]:
            for entry in found:
                other = write(case, entry.happened)
                if other is not None:
                    case.entries.remove(other)
                    entry.sort, entry.values, entry.subjects, entry.whole = (
                        other.sort,
                        other.values,
                        other.subjects,
                        "",
                    )
            return found

        return make

    def _add(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        """An entry added some time after (or, with `ahead: true`, before) one of a step."""
        step = {"step": "added", **said["add"]}
        write, delay, ahead = self.steps.writer(step), self.scope.delay(step["in"]), bool(said.get("ahead"))

        def make(case: Case, found: list[Entry]) -> list[Entry]:
            added: list[Entry] = []
            for entry in found:
                moved = delay(case, entry.happened) - entry.happened
                case.turn = entry.turn
                new = write(case, entry.happened - moved if ahead else entry.happened + moved)
                if new is not None:
                    new.recorded = new.happened + 600
                    new.late_reason = ""
                    added.append(new)
            return added

        return self._of(step["after"], said.get("which", "last")), make

    def _silence(self, said: Mapping[str, Any]) -> tuple[Find, Make]:
        """Everything of some tags inside the longest stretch in which nothing else was written."""
        soft, ignored = frozenset(listed(said["silence"])), frozenset(listed(said.get("ignore")))
        least, also = int(said["days"]) * _DAY, frozenset(listed(said.get("also")))
        since, until = self.scope.moment(said["from"]), self.scope.earliest(said["until"])

        def find(case: Case) -> list[Entry]:
            start, stop = since(case, 0), min(until(case, 0), self.scope.as_at)
            others = [each.happened for each in case.entries if each.sort.tag not in soft | ignored | also]
            spine = [start, *sorted(each for each in others if start < each < stop), stop]
            low, high = max(pairwise(spine), key=lambda pair: pair[1] - pair[0])
            within = [each for each in case.entries if each.sort.tag in soft and low < each.happened < high]
            if start == ABSENT or high - low < least or not within:
                return []
            return within + [each for each in case.entries if each.sort.tag in also]

        return find, self._into(said["into"]) if "into" in said else _removed


def _removed(case: Case, found: list[Entry]) -> list[Entry]:
    gone = {id(entry) for entry in found}
    case.entries = [entry for entry in case.entries if id(entry) not in gone]
    return found


def _put(entry: Entry, name: str, value: str) -> None:
    """Puts a value into a field, whether its step gives it one always, sometimes or never."""
    data = _read(entry.data)
    data[name] = _read(value)
    entry.whole = written(data)


def _read(cell: str) -> Any:
    """What is written as JSON inside a CSV cell."""
    return json.loads(cell.replace('""', '"'))
