"""Variations of one story gathered into one story, each in a case of its own, so that they are read together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from everystone.standards import document
from tests.standards.mutants import Mutant
from tests.standards.variations import Line, Said, flow, lines_of

CASES = ("Ash", "Elder", "Hazel", "Lime", "Oak", "Rowan", "Beech", "Birch")
ALONE = frozenset({"story", "people", "timeline", "answers", "jurisdiction"})  # keys of a story that can be gathered


class Proposal(NamedTuple):
    """A story that is missing, how it differs from which other, and the mutants that it notices."""

    said: Said
    words: str
    base: str
    kills: list[Mutant]

    @property
    def titled(self) -> Proposal:
        """With its title: what is otherwise in it than in the other story."""
        words = f"{self.words[:1].upper()}{self.words[1:]}"
        return self._replace(said={**self.said, "story": f"{words}; else as in “{self.base}”"})


def gathered(
    proposals: Sequence[Proposal], fits: Callable[[Proposal], bool], *, by_person: bool = False
) -> Iterator[Proposal]:
    """Few stories in place of many; `fits` says whether one notices still what those it was made of noticed.

    `by_person`: each case has people of its own, and is known by whom its first line is about.
    """
    groups: dict[tuple[str, str], list[list[Proposal]]] = {}
    for each in proposals:
        if not _alone(each.said):
            yield each.titled
            continue
        open_ = groups.setdefault((each.base, str(each.said.get("jurisdiction"))), [])
        group = next(
            (one for one in open_ if len(one) < len(CASES) and fits(_one_of([*one, each], by_person=by_person))), None
        )
        if group is None:
            open_.append([each])
        else:
            group.append(each)
    for several in groups.values():
        yield from (_one_of(group, by_person=by_person) if len(group) > 1 else group[0].titled for group in several)


def _alone(said: Said) -> bool:
    answers = said["answers"].values()
    return (
        set(said) <= ALONE
        and all(isinstance(each, str) for each in answers)
        and not any(line.case or "," in line.by for line in lines_of(said))
    )


def _one_of(chunk: Sequence[Proposal], *, by_person: bool) -> Proposal:
    people: dict[str, Any] = {}
    lines: list[Line] = []
    answers: dict[str, dict[str, str]] = {}
    for name, each in zip(CASES, chunk, strict=False):
        renamed = {}
        for letter, details in (each.said.get("people") or {}).items():
            shared = not by_person or (details or {}).get("role") == "officer"
            free = next(one for one in (letter, *(f"{letter}{sign}" for sign in "bcdefgh"))
                        if (people.get(one, details) == details if shared else one not in people))  # fmt: skip
            people[free], renamed[str(letter)] = details, free
        lines += [_moved(line, name, renamed) for line in lines_of(each.said)]
        whose = renamed[_first(each.said)] if by_person else name
        for at, words in each.said["answers"].items():
            answers.setdefault(str(document.plain(at)), {})[whose] = words
    words = "; ".join(f"{name}, {each.words.replace('; ', ' and ')}" for name, each in zip(CASES, chunk, strict=False))
    said = {**chunk[0].said, "people": people, "answers": dict(sorted(answers.items())),
            "timeline": "\n".join(line.written() for line in lines)}  # fmt: skip
    return Proposal(said, words, chunk[0].base, [kill for each in chunk for kill in each.kills]).titled


def _first(said: Said) -> str:
    """Whom the first line with a subject is about."""
    return next(line.subjects[0] for line in lines_of(said) if line.subjects)


def _moved(line: Line, case: str, renamed: dict[str, str]) -> Line:
    """A line in a case of its own, its people and labels under other names."""

    def anew(value: Any) -> Any:
        if isinstance(value, list):
            return [anew(each) for each in value]
        text = str(value)
        return f"{text}{case}" if text.startswith("#") else renamed.get(text, value)

    return line._replace(
        case=case,
        label=line.label and f"{line.label}{case}",
        target=line.target and f"{line.target}{case}",
        subjects=tuple(renamed.get(each, each) for each in line.subjects),
        by=renamed.get(line.by, line.by),
        fields={name: anew(value) for name, value in line.fields.items()},
    )


def written(said: Said) -> str:
    """A story as it stands in a standard's file."""
    people = document.plain(said.get("people") or {})
    rows = [f"  - story: {flow(said['story'])}"]
    one_line = f"    people: {flow(people)}"
    rows += (
        [one_line]
        if len(one_line) <= 130
        else ["    people:", *(f"      {name}: {flow(of)}" for name, of in people.items())]
    )
    rows += [
        f"    {key}: {flow(document.plain(said[key]))}"
        for key in ("jurisdiction", "terms", "holds", "known_on")
        if key in said
    ]
    rows += ["    timeline: |", *(f"      {line}" for line in str(said["timeline"]).splitlines()), "    answers:"]
    rows += [f"      {at}: {flow(words)}" for at, words in said["answers"].items()]
    return "\n".join(rows)
