"""Standards whose duties can be proved met, made ready to be asked of many frames at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from everystone.findings.answer import Answer
from everystone.findings.bulk.columns import NO, YES
from everystone.findings.bulk.duties import Duties, begun_by
from everystone.findings.bulk.once import Once
from everystone.findings.bulk.proof import ProvenCheck, ProvenResponse, proof_of, told_of_triggers
from everystone.findings.bulk.resting import Meant, Part, parts_of
from everystone.findings.bulk.rows import FAR, Mask, Numbers
from everystone.findings.reference import Question, VersionPlan, by_version, of_one
from everystone.findings.trigger import Begun
from everystone.ledger.civil import FIRST, LAST
from everystone.ledger.state import NEVER, State

NONE, UNSURE = -1, -2  # in place of the number of a version


class Line(NamedTuple):
    """One line of a table: on what condition, and what proves it met (None: only the reference tells)."""

    when: list[Part]
    proof: ProvenCheck | ProvenResponse | None


class Begins:
    """What begins duties, in all versions or in one, made ready. `special` are kinds that only the reference judges."""

    def __init__(self, version: VersionPlan, states: Mapping[str, State], number: int | None) -> None:
        self.triggers, self.number = version.triggers, number
        self.items = [Meant(matcher.item, as_trigger=True) for matcher in self.triggers.plain]
        judged = (
            *(each for each, _ in self.triggers.counted),
            *(each for part in self.triggers.together for each in part),
        )
        lasting = (states[str(item.state)].starting_kinds for item in self.triggers.lasting)
        self.special = frozenset[str]().union(*(matcher.kinds for matcher in judged), *lasting)
        self.which = self.triggers.which

    def begun(self, duties: Duties, n: int) -> Begun:
        """One duty as the reference has it, a first or last one in doubt where the sources could lack another."""
        if self.which == "each":
            return duties.begun(n)
        return self.triggers.surely_chosen(duties.whose.begun(int(duties.row[n]), int(duties.person[n])))

    def surely_chosen(self, duties: Duties) -> Mask:
        """Which of them are surely the ones that the standard asks of."""
        if self.which == "each":
            return np.ones(len(duties), np.bool_)
        return np.fromiter((self.begun(duties, n).certain for n in range(len(duties))), np.bool_, len(duties))


class Proof(NamedTuple):
    """Duties of one standard with what was proved of them: by number the version in force, met or not, when due."""

    begins: Begins
    duties: Duties
    version: Numbers
    met: Mask
    due: Numbers

    def only(self, which: Mask) -> Proof:
        """Some of them."""
        return Proof(self.begins, self.duties.only(which), self.version[which], self.met[which], self.due[which])


class Provable:
    """One standard, made ready."""

    def __init__(self, question: Question, states: Mapping[str, State]) -> None:
        self.question = question
        versions = question.versions
        if question.same_triggers:
            self.begins = [Begins(versions[0], states, None)]
        else:
            self.begins = [Begins(version, states, n) for n, version in enumerate(versions)]
        self.lines = [
            [Line(list(parts_of(when, as_trigger=True)) if when is not None else [], proof_of(plan))
             for (when, _), (_, plan) in zip(dated.bodies, version.lines, strict=True)]
            for dated, version in zip(question.loaded.versions, versions, strict=True)
        ]  # fmt: skip

    def special(self, once: Once, given: Sequence[Mapping[str, Sequence[Answer]]]) -> Mask:
        """The frames in which something may begin a duty that only the reference judges."""
        found = np.zeros(len(once.rows.frames), np.bool_)
        for begins in self.begins:
            found[once.rows.frame[once.rows.of(begins.special)]] = True
            for name in begins.triggers.after_not_met:
                found |= np.fromiter((bool(each.get(name)) for each in given), np.bool_, len(given))
        return found

    def proofs(self, once: Once, apart: Mask) -> Iterator[Proof]:
        """What can be proved of every duty; in frames that only the reference can judge `apart` is set."""
        for begins in self.begins:
            duties = begun_by(once, once.whose(begins.triggers), begins.items)
            duties = duties.only(~apart[duties.frame])
            self._set_apart(begins, duties, apart)
            duties = duties.only(~apart[duties.frame])
            if begins.which != "each":
                duties = _chosen(begins, duties)
            version = self._in_force(duties)
            if begins.number is not None:
                apart[duties.frame[version == UNSURE]] = True
                version = np.where(version == begins.number, version, NONE)
            held = version != NONE
            yield self._proof(begins, duties.only(held), version[held])

    def _set_apart(self, begins: Begins, duties: Duties, apart: Mask) -> None:
        """Leave to the reference where one duty looks at another, or the first cannot be told from the second."""
        if begins.triggers.previous:
            apart |= np.bincount(duties.frame, minlength=len(apart)) > 1
        if begins.which != "each":
            apart[duties.frame[~duties.certain]] = True
            place = duties.once.rows.place[duties.row]
            apart[duties.frame[1:][place[1:] == place[:-1]]] = True

    # ---- versions ------------------------------------------------------------------------------------------------

    def _in_force(self, duties: Duties) -> Numbers:
        """By number the one version surely in force at each duty; NONE, or UNSURE where only the reference tells."""
        if not self.question.by_trigger:
            return np.array([self._held(duties, n) for n in range(len(duties))], np.int64)
        calendar = duties.once.rows.frames[0].words.calendar
        found, touched = np.full(len(duties), NONE), np.zeros(len(duties), np.int64)
        for n, version in enumerate(self.question.versions):
            since = -FAR if version.since < FIRST else calendar.start_of(version.since)
            until = FAR if version.until > LAST else calendar.end_of(version.until)
            touched += (duties.lo <= until) & (duties.hi >= since)
            found[(duties.lo >= since) & (duties.hi <= until)] = n
        return np.where((touched > 1) | ((touched == 1) & (found == NONE)), UNSURE, found)

    def _held(self, duties: Duties, n: int) -> int:
        held = self.question.in_force(duties.asking(n))
        if len(held) == 1 and held[0][1]:
            return self.question.versions.index(held[0][0])
        return UNSURE if held else NONE

    # ---- proof ---------------------------------------------------------------------------------------------------

    def _proof(self, begins: Begins, duties: Duties, version: Numbers) -> Proof:
        """What is met and when it was due; a duty of which no line of its table speaks is left out."""
        proof = Proof(begins, duties, version, np.zeros(len(duties), np.bool_), np.full(len(duties), NEVER))
        spoken = np.ones(len(duties), np.bool_)
        for n, lines in enumerate(self.lines):
            left = np.flatnonzero((version == n) & duties.certain & begins.surely_chosen(duties))
            for line in lines:
                those = duties.only(left)
                told = told_of_triggers(line.when, those)
                self._prove(line, proof, left[told == YES])
                left = left[told == NO]
            spoken[left] = False
        return proof.only(spoken)

    def _prove(self, line: Line, proof: Proof, which: Numbers) -> None:
        if line.proof is not None and len(which):
            proven = line.proof.of(proof.duties.only(which))
            proof.met[which], proof.due[which] = proven

    def by_reference(self, proof: Proof, n: int) -> list[Answer]:
        """The answers of one duty that was not proved met."""
        begun, version = proof.begins.begun(proof.duties, n), int(proof.version[n])
        if version == UNSURE:
            return of_one(self.question, begun)
        return by_version(self.question, self.question.versions[version], begun)


def _chosen(begins: Begins, duties: Duties) -> Duties:
    """The first (or last) duty of each person; all of them surely began."""
    place = duties.frame << 32 | duties.person
    last = begins.which == "last"
    _, first = np.unique(place[::-1] if last else place, return_index=True)
    return duties.only(np.sort(len(duties) - 1 - first if last else first))
