"""Seek the story that is missing: the smallest change of a story on which a standard and an unnoticed mutant differ.

What is found is a proposal: somebody reads it beside the standard's wording and the catalogue before it is kept.
python -m tests.standards.seek STANDARD ...        prints what is proposed; with --add it is written into the standards' files
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from everystone.findings.answer import WORST, Answer
from everystone.findings.reference import Questions
from everystone.findings.stories import answers_at, judge
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Pack, load, standard_from
from everystone.standards.story import Story, end_of, tell
from tests.standards.gathering import Proposal, gathered, written
from tests.standards.mutants import GONE, Mutant
from tests.standards.test_mutants import UNNOTICED, listed, proved
from tests.standards.variations import Line, Said, Variation, Variations, lines_of, moved

SINGLE = 400  # how many variations of one change are looked at for one mutant
WALKS, STEPS, NEAR = 120, 3, 60  # and how many walks of so many changes, each drawn from those that come nearest to it
LONDON = ZoneInfo("Europe/London")


class Told(NamedTuple):
    """A story with the answers that the standard gives, as its file would say it, and read."""

    said: Said
    story: Story


class Seeker:
    """One standard, its stories and their variations."""

    def __init__(self, standard: str, pack: Pack) -> None:
        self.standard, self.pack = standard, pack
        self.proved = proved(standard)
        self.ready = Questions(pack, [standard])
        rule = {key: value for key, value in self.proved.said.items() if key not in ("stories", "note")}
        self.named = frozenset(_named(rule))
        self.makes = Variations(pack.words.kinds, self.named, frozenset(_named(rule, keys=False)), _pool(self.named))
        stories = [dict(each) for each in document.read(self.proved.loaded.path)["stories"]]
        bases = sorted(stories, key=lambda each: (len(lines_of(each)), len(str(each))))
        self.variations = [(base, each) for base in bases for each in self.makes.of(base)]
        self.made: dict[object, Told | None] = {}

    def proposals(self, mutants: Iterable[Mutant]) -> tuple[list[Proposal], list[Mutant]]:
        """Stories that notice mutants, few that notice many; and the mutants that none was found for."""
        left = {each.says: (each, self._mutated(each)) for each in mutants}
        found = []
        for says in list(left):
            proposal = self._for(*left[says]) if says in left else None
            if proposal is not None:
                kills = {each.says: ready for each, ready in left.values() if self._notices(proposal.said, ready)}
                if not kills:
                    continue
                said = self._shorter(proposal.said, list(kills.values()))
                found.append(proposal._replace(said=said, kills=[left.pop(each)[0] for each in kills]))
        return found, [each for each, _ in left.values()]

    def _mutated(self, mutant: Mutant) -> tuple[Pack, Questions]:
        changed = standard_from(mutant.of(self.proved.said), self.proved.loaded.path)
        pack = replace(self.pack, standards={**self.pack.standards, changed.id: changed})
        return pack, Questions(pack, [changed.id])

    def _for(self, mutant: Mutant, ready: tuple[Pack, Questions]) -> Proposal | None:
        focus = _focus(mutant, self.proved.said)
        scored = sorted(range(len(self.variations)), key=lambda n: -len(self.variations[n][1].touches & focus))
        for number in scored[:SINGLE]:
            base, variation = self.variations[number]
            told = self._told(number, base, variation)
            if told is not None and self._differs(told.story, ready):
                return Proposal(told.said, variation.words, str(base.get("story")), [])
        return self._of_several(mutant, focus, scored[: 2 * NEAR], ready)

    def _of_several(
        self, mutant: Mutant, focus: frozenset[str], firsts: list[int], ready: tuple[Pack, Questions]
    ) -> Proposal | None:
        """Several changes together: walks by chance, the same from run to run, that stay near what the mutant changes."""
        chance = random.Random(mutant.says)
        for _ in range(WALKS if firsts else 0):
            number = chance.choice(firsts)
            base, step = self.variations[number]
            said, words = base, [step.words]
            for further in range(STEPS):
                try:
                    said = step.make()
                    told = self.answered(said) if further else None
                    near = sorted(self.makes.of(said), key=lambda each: -len(each.touches & focus))[:NEAR]
                except (Fault, KeyError, ValueError, AssertionError):
                    break
                if told and not judge(told.story, self.pack, self.ready).otherwise and self._differs(told.story, ready):
                    return Proposal(told.said, "; ".join(words), str(base.get("story")), [])
                if not near:
                    break
                step = chance.choice(near)
                words.append(step.words)
        return None

    def _told(self, place: object, base: Said, variation: Variation) -> Told | None:
        if place not in self.made:
            told = self._made(variation)
            sound = told is not None and not judge(told.story, self.pack, self.ready).otherwise
            self.made[place] = told if sound else None
        return self.made[place]

    def _made(self, variation: Variation) -> Told | None:
        try:
            return self.answered(variation.make())
        except (Fault, KeyError, ValueError, AssertionError, TypeError):
            return None

    def answered(self, said: Said) -> Told | None:
        """A changed story with the answers of the standard as it stands; None where it cannot be read.

        It is asked at the instants of the story it was made of, and on both sides of what is due.
        """
        try:
            instants = [str(document.plain(each)) for each in said.get("answers") or {}]
            last = max((line.happened for line in lines_of(said)), default="")[:10]
            instants += [after] if (after := moved(last, 1440)) not in instants else []
            bare = {**said, "answers": dict.fromkeys(instants, "met")}
            bare.pop("putting right", None)
            story = tell(bare, self.pack, "here", self.standard)
            given = {at: self._given(story, at) for at in instants}
            dues = {each.due for answers in given.values() for each in answers if each.due and abs(each.due) < 1 << 39}
            given |= {
                at: self._given(story, at) for due in sorted(dues)[:1] for at in (_minute(due), _minute(due + 60))
            }
            ordered = sorted(given, key=lambda each: end_of(each, self.pack.words))
            full = {**bare, "answers": {at: _expected(given[at]) for at in ordered}}
            return Told(full, tell(full, self.pack, "here", self.standard))
        except (Fault, KeyError, ValueError, AssertionError, TypeError):
            return None

    def _given(self, story: Story, at: str) -> list[Answer]:
        return answers_at(story, self.ready, end_of(at, self.pack.words), story.known_on)

    def _differs(self, story: Story, ready: tuple[Pack, Questions]) -> bool:
        try:
            return bool(judge(story, *ready).otherwise)
        except (ValueError, KeyError, TypeError):
            return True

    def _notices(self, said: Said, ready: tuple[Pack, Questions]) -> bool:
        return self._differs(tell(said, self.pack, "here", self.standard), ready)

    def fits(self, proposal: Proposal) -> bool:
        """Whether a story comes out as told, and notices what it is said to notice."""
        story = tell(proposal.said, self.pack, "here", self.standard)
        return not judge(story, self.pack, self.ready).otherwise and all(
            self._differs(story, self._mutated(each)) for each in proposal.kills
        )

    def _shorter(self, said: Said, kills: list[tuple[Pack, Questions]]) -> Said:
        """The story with no more instants than it needs, the last of them first."""
        for at in list(said["answers"]):
            fewer = {**said, "answers": {each: words for each, words in said["answers"].items() if each != at}}
            if fewer["answers"] and all(self._notices(fewer, ready) for ready in kills):
                said = fewer
        return said


def _minute(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def _expected(answers: list[Answer]) -> Any:
    """What a story writes of some answers: one word for all, or one for each it is asked for."""
    if not answers:
        return "does not apply"
    by: dict[str, Answer] = {}
    for each in sorted(answers, key=lambda each: WORST.index(each.answer)):
        by.setdefault(each.asked_for, each)
    words = {who: _answer(each) for who, each in by.items()}
    return next(iter(words.values())) if len(words) == 1 or "" in words else words


def _answer(answer: Answer) -> str:
    return f"not met, {answer.reason}" if answer.answer == "not met" else str(answer.answer)


def _named(said: Any, *, keys: bool = True) -> Iterator[str]:
    """Every word that a file names, or every one that stands as a value."""
    if isinstance(said, dict):
        for key, value in said.items():
            yield from [str(key)] if keys else []
            yield from _named(value, keys=keys)
    elif isinstance(said, list):
        for each in said:
            yield from _named(each, keys=keys)
    else:
        yield str(said)


def _focus(mutant: Mutant, said: Said) -> frozenset[str]:
    """The words around a change: the kinds it is about, and what is no longer there."""
    found = set[str]()
    for path, value in mutant.changes:
        node: Any = said
        for step in path:
            if isinstance(node, dict) and "kind" in node:
                found |= set(_named(node["kind"]))
            if isinstance(step, str):
                found.add(step)
            try:
                node = node[step]
            except (KeyError, IndexError):
                node = None
                break
        before, after = list(_named(node)), [] if value is GONE else list(_named(value))
        found |= set(before) ^ set(after)
    extra = {
        "limit": {"time"},
        "comparison": {"age", "time"},
        "pairing": {"subject", "person"},
        "version date": {"time"},
    }
    found |= extra.get(mutant.sort, set())
    return frozenset(found - {"all", "any", "where", "response", "versions", "kind", "check", "not", "None"})


_LINES: dict[str, list[Line]] = {}


def _pool(named: frozenset[str]) -> dict[str, list[Line]]:
    """Lines of each kind out of the stories of all standards, different ones first."""
    if not _LINES:
        for loaded in load().finished:
            for story in document.read(loaded.path)["stories"]:
                for line in lines_of(story):
                    known = _LINES.setdefault(line.kind, [])
                    if all(dict(line.fields) != dict(each.fields) for each in known):
                        known.append(line)
    return {kind: sorted(lines, key=lambda line: -len(named & set(_named(dict(line.fields)))))
            for kind, lines in _LINES.items()}  # fmt: skip


def main(wanted: list[str], *, add: bool) -> None:
    """Print what is proposed for each standard, and what nothing was found for; or write it into its file."""
    pack = load()
    unnoticed = listed(UNNOTICED)
    for name in wanted or sorted({standard for standard, _ in unnoticed}):
        mutants = [each for each in proved(name).mutants if (name, each.says) in unnoticed]
        seeker = Seeker(name, pack)
        found, left = seeker.proposals(mutants)
        by_person = pack.standards[name].standard.frame in ("person", "officer")
        stories = list(gathered(found, seeker.fits, by_person=by_person))
        print(f"==== {name}: {len(mutants)} unnoticed, {len(stories)} stories, {len(left)} left", flush=True)
        if add:
            path = proved(name).loaded.path
            text = path.read_text(encoding="utf-8").rstrip("\n")
            path.write_text("\n".join([text, *(written(each.said) for each in stories)]) + "\n", encoding="utf-8")
        for proposal in stories if not add else ():
            print(f"   notices {len(proposal.kills)}: " + " | ".join(each.says for each in proposal.kills))
            print(written(proposal.said), flush=True)
        for mutant in left:
            print(f"?? {mutant.sort} {mutant.says}", flush=True)


if __name__ == "__main__":
    main([each for each in sys.argv[1:] if each != "--add"], add="--add" in sys.argv)
