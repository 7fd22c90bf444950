"""Variations of a story: the same timeline with one thing changed, said in plain words.

A story is the mapping of its file; its timeline is read into lines, changed, and written down again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from everystone.ledger.kind import LISTS, Kinds
from everystone.standards import document
from everystone.standards.timeline import _LINE, _lines

Said = dict[str, Any]
ANOTHER = "X9"  # somebody whom no story names yet
STEPS = (-1440, -60, -1, 1, 60, 1440)  # minutes


class Line(NamedTuple):
    """One line of a timeline."""

    label: str
    happened: str
    recorded: str
    case: str
    kind: str
    subjects: tuple[str, ...]
    by: str
    verb: str
    target: str
    fields: Mapping[str, Any]

    def written(self) -> str:
        """The line as it stands in a story."""
        parts = [f"#{self.label}" if self.label else "", self.happened]
        parts += [f"recorded {self.recorded}" if self.recorded else "", f"in {self.case}" if self.case else ""]
        parts += [self.kind, ",".join(self.subjects) or "-", f"by {self.by}"]
        parts += [f"{self.verb} #{self.target}" if self.verb else "", flow(self.fields) if self.fields else ""]
        return "  ".join(part for part in parts if part)


class Variation(NamedTuple):
    """A change of a story: in a few words, the kinds, fields and values it touches, and how to make it."""

    words: str
    touches: frozenset[str]
    make: Callable[[], Said]


def lines_of(said: Said) -> list[Line]:
    """The lines of a story's timeline."""
    found = []
    for _, text in _lines(str(said.get("timeline", ""))):
        match = _LINE.fullmatch(text)
        assert match is not None, text
        fields = document.plain(document.parse(match["fields"], text)) if match["fields"] else {}
        subjects = () if match["subjects"] == "-" else tuple(re.split(r"\s*,\s*", match["subjects"]))
        found.append(Line(match["label"] or "", match["happened"], match["recorded"] or "", match["case"] or "",
                          match["kind"], subjects, match["by"], match["verb"] or "", match["target"] or "", fields))  # fmt: skip
    return found


def with_lines(said: Said, lines: list[Line]) -> Said:
    """A story with another timeline, in the order in which things happened."""
    ordered = sorted(lines, key=lambda line: (line.case, line.happened[:16]))
    return {**said, "timeline": "\n".join(line.written() for line in ordered)}


def flow(value: Any) -> str:
    """A value on one line of YAML."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(flow, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    plain = re.fullmatch(r"[\w.+][\w .+/'()-]*", text) and text == text.strip()
    return text if plain and text.lower() not in ("yes", "no", "true", "false", "null", "on", "off") else f'"{text}"'


def moved(instant: str, minutes: int) -> str:
    """An instant of a story so many minutes on; a bare day moves by whole days and a month not at all."""
    for form in ("%Y-%m-%d %H:%M", "%Y-%m-%d"):
        try:
            return (datetime.strptime(instant, form) + timedelta(minutes=minutes)).strftime(form)
        except ValueError:
            continue
    return instant


class Variations:
    """Every single change of a story that has to do with what a standard's file names."""

    def __init__(
        self, kinds: Kinds, named: frozenset[str], values: frozenset[str], pool: Mapping[str, list[Line]]
    ) -> None:
        self.kinds, self.named, self.values, self.pool = kinds, named, values, pool

    def of(self, said: Said) -> Iterator[Variation]:
        """The changes of one story, each made only when asked for."""
        lines = lines_of(said)
        people = [str(each) for each in said.get("people") or {}]
        for number, line in enumerate(lines):
            yield from self._of_line(said, lines, number, line, people)
        yield from self._added(said, lines, people)
        yield from self._of_people(said)

    def _of_line(self, said: Said, lines: list[Line], n: int, line: Line, people: list[str]) -> Iterator[Variation]:
        def put(words: str, touches: set[str], *changed: Line, who: bool = False) -> Variation:
            story = with_stranger(said, line.subjects) if who else said
            return Variation(words, frozenset({line.kind, *touches}),
                             lambda: with_lines(story, [*lines[:n], *changed, *lines[n + 1 :]]))  # fmt: skip

        title = self.kinds.by_name[line.kind].title if line.kind in self.kinds else line.kind
        yield put(f"no {title.lower()}", {"drop"})
        for name, value in self._values(line):
            if value is None:
                rest = {key: each for key, each in line.fields.items() if key != name}
                yield put(f"{_words(name)} not recorded", {name}, line._replace(fields=rest))
            else:
                touched = {name, *map(str, value if isinstance(value, list) else [value])}
                yield put(
                    f"{_words(name)} {_shown(value)}", touched, line._replace(fields={**line.fields, name: value})
                )
        for kind in sorted(self.named & set(self.kinds.by_name) - {line.kind}):
            yield put(f"{self.kinds.by_name[kind].title.lower()} instead", {kind}, line._replace(kind=kind))
        staff = {letter for letter, of in (said.get("people") or {}).items() if (of or {}).get("role") == "officer"}
        for who in [*people, ANOTHER]:
            if who not in line.subjects and (who not in staff or staff & set(line.subjects)):
                words = f"{title.lower()} about {'somebody else' if who == ANOTHER else who}"
                yield put(words, {"subject"}, line._replace(subjects=(who,)), who=who == ANOTHER)
                renamed = _renamed(line, who)
                if renamed.fields != line.fields:
                    yield put(words, {"subject"}, renamed, who=who == ANOTHER)
            if who != line.by and who != ANOTHER:
                yield put(f"{title.lower()} by {who}", {"by"}, line._replace(by=who))
            yield from (put(f"{_words(name)} {who}", {name, "person"}, line._replace(fields={**line.fields, name: [who] if kind == "people" else who}), who=who == ANOTHER)
                        for name, kind in self._of_persons(line.kind) if line.fields.get(name) not in (who, [who]))  # fmt: skip
        if line.subjects and not line.label and not line.verb:
            # where the person's own file is asked, what was taken back there is seen and is not theirs
            named = line._replace(label=f"w{n}")
            taken_back = _renamed(line, ANOTHER)._replace(
                happened=line.happened, recorded=moved(line.happened, 1), verb="corrects", target=f"w{n}"
            )
            yield put(
                f"{title.lower()} corrected to be about somebody else",
                {"subject", "corrects"},
                named,
                taken_back,
                who=True,
            )
        if line.subjects:
            yield put(f"{title.lower()} names nobody", {"subject"}, line._replace(subjects=()))
        for step in STEPS:
            at = moved(line.happened, step)
            if at != line.happened:
                far = f"{abs(step)} minute{'s' * (abs(step) > 1)}" if abs(step) < 60 else "an hour" if abs(step) == 60 else "a day"  # fmt: skip
                yield put(f"{title.lower()} {far} {'earlier' if step < 0 else 'later'}", {"time"},
                          line._replace(happened=at, recorded=moved(line.recorded, step)))  # fmt: skip

    def _values(self, line: Line) -> Iterator[tuple[str, Any]]:
        """Other values of the fields of a line that the standard speaks of; None: not recorded."""
        if line.kind not in self.kinds:
            return
        for name, of in self.kinds.by_name[line.kind].fields.items():
            if name not in self.named:
                continue
            now = line.fields.get(name)
            if now is not None:
                yield name, None
            if of.type == "yes or no":
                yield from ((name, value) for value in (True, False) if value is not now)
            elif of.type in ("number", "age"):
                yield from ((name, value) for value in self._numbers(now) if value != now)
            elif of.type in ("word", "words", "people", "person", "offence", "offences", "rank"):
                for word in sorted({*of.values, *self._literals(of.values)}):
                    value = [word] if of.type in LISTS else word
                    if value != now:
                        yield name, value
                    if isinstance(now, list):
                        yield name, ([each for each in now if each != word] if word in now else [*now, word])
            elif of.type in ("reference", "entry", "text", "date", "references") and now is None:
                yield name, {"date": "2016-06-06", "text": "noted in full"}.get(of.type, "R-9")
            elif of.type == "reference":
                yield name, "R-9"

    def _numbers(self, now: Any) -> list[int]:
        named = {int(each) for each in self.named if re.fullmatch(r"[0-9]{1,4}", each)}
        near = {now - 1, now + 1} if isinstance(now, int) else set()
        return sorted({0, *near, *named, *(each - 1 for each in named if each), *(each + 1 for each in named)})

    def _literals(self, values: list[str]) -> set[str]:
        """Words of the standard that may stand in a field without a list of values of its own."""
        return set() if values else {each for each in self.values if each not in self.kinds and len(each) < 40}

    def _of_persons(self, kind: str) -> list[tuple[str, str]]:
        if kind not in self.kinds:
            return []
        return [(name, of.type) for name, of in self.kinds.by_name[kind].fields.items()
                if of.type in ("person", "people") and name in self.named]  # fmt: skip

    def _added(self, said: Said, lines: list[Line], people: list[str]) -> Iterator[Variation]:
        """An entry of a kind that the standard names put in: just before, with and after each of the others."""
        actors = [
            str(letter) for letter, of in (said.get("people") or {}).items() if (of or {}).get("role") == "officer"
        ]
        moments = sorted({line.happened for line in lines if len(line.happened) == 16})[:4]
        instants = [
            str(document.plain(each)) for each in said.get("answers") or {} if len(str(document.plain(each))) == 16
        ][:1]
        for kind in sorted(self.named & set(self.pool)):
            title = self.kinds.by_name[kind].title.lower()
            for model in self.pool[kind][:6]:
                for at in dict.fromkeys(
                    each for moment in moments for each in (moved(moment, -1), moment, moved(moment, 1), *instants)
                ):
                    for who in [*[each for each in people if each not in actors][:3], ANOTHER]:
                        by = model.by if model.by in people else (actors or ["-"])[0]
                        fields = {name: value for name, value in _renamed(model, who).fields.items()
                                  if not str(value).startswith("#")}  # fmt: skip
                        added = Line("", at, "", "", kind, (who,), by, "", "", fields)
                        touches = frozenset(
                            {
                                kind,
                                "added",
                                *fields,
                                *map(str, fields.values()),
                                *(["subject"] if who == ANOTHER else []),
                            }
                        )
                        yield Variation(f"also {title} of {'somebody else' if who == ANOTHER else who}", touches,
                                        lambda added=added, who=who: with_lines(  # type: ignore[misc]
                                            with_stranger(said, tuple(people)) if who == ANOTHER else said, [*lines, added]))  # fmt: skip

    def _of_people(self, said: Said) -> Iterator[Variation]:
        people = said.get("people") or {}
        roles = sorted(self.named & _ROLES)
        for letter, details in people.items():
            of = {str(key): document.plain(value) for key, value in (details or {}).items()}

            def put(words: str, touches: set[str], letter: Any = letter, **anew: Any) -> Variation:
                new = {key: each for key, each in {**of, **anew}.items() if each is not None}  # noqa: B023 - of this turn
                return Variation(f"{letter} {words}", frozenset({"people", *touches}),
                                 lambda: {**said, "people": {**people, letter: new}})  # fmt: skip

            yield from (put(f"is {role}", {"role", role}, role=role) for role in roles if of.get("role") != role)
            if of.get("born"):
                year, rest = int(str(of["born"])[:4]), str(of["born"])[4:]
                yield from (
                    put(f"born {year + by}", {"age"}, born=f"{year + by}{rest}") for by in (-20, -10, -2, -1, 1, 2, 10)
                )
                yield put("of unknown age", {"age"}, born=None)
                yield from (put(f"is {age} that day", {"age", str(age)}, born=_born(said, age)) for age in self._ages())
            yield from (put(f"is {rank}", {"rank"}, rank=rank)
                        for rank in ("constable", "sergeant", "inspector", "chief inspector", "superintendent", "chief superintendent")
                        if of.get("rank") and of["rank"] != rank)  # fmt: skip
            yield from (
                put(f"is {sex}", {"sex"}, sex=sex)
                for sex in ("female", "male")
                if "sex" in self.named and of.get("sex") != sex
            )
            yield from (
                put(f"agency {each}", {"agency", each}, agency=each)
                for each in sorted(self.named & _BODIES)
                if of.get("agency") and of["agency"] != each
            )

    def _ages(self) -> list[int]:
        named = {int(each) for each in self.named if re.fullmatch(r"[0-9]{2}", each) and int(each) < 30}
        return sorted({each for age in named for each in (age - 1, age, age + 1)})


_ROLES = frozenset({
    "suspect", "victim", "child", "officer", "appropriate adult", "parent", "carer", "relative", "foster carer", "adult",
    "advocate", "partner", "aunt", "uncle", "father", "mother", "grandparent", "guardian", "sibling", "staff", "step-parent",
    "prosecutor", "witness", "social worker", "teacher", "solicitor", "interpreter", "step parent",
})  # fmt: skip
_BODIES = frozenset(
    {"social care", "health", "school", "laboratory", "support service", "youth offending team", "register"}
)


def _renamed(line: Line, who: str) -> Line:
    """A line about somebody else, who is named in its fields as well where the one it was about is."""
    was = line.subjects[0] if line.subjects else ""

    def anew(value: Any) -> Any:
        return [anew(each) for each in value] if isinstance(value, list) else who if value == was else value

    return line._replace(subjects=(who,), fields={name: anew(value) for name, value in line.fields.items()})


def with_stranger(said: Said, beside: tuple[str, ...]) -> Said:
    """A story with one person more, of the same role and age as somebody in it."""
    people = said.get("people") or {}
    if ANOTHER in people:
        return said
    known = [people.get(each) or {} for each in beside]
    like = next(
        (of for of in known if of.get("role") not in (None, "officer", "partner")), {"role": "victim", "born": 2008}
    )
    return {**said, "people": {**people, ANOTHER: {key: like[key] for key in ("role", "born") if key in like}}}


def _born(said: Said, age: int) -> str:
    """The day on which somebody was born who is of an age on the day the story begins."""
    first = min((line.happened for line in lines_of(said)), default="2016-01-01")[:10]
    return f"{int(first[:4]) - age}{first[4:]}"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else {True: "yes", False: "no"}.get(value, str(value))
