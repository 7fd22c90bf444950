"""Each standard is proved by stories of every kind: recognised from the story itself, and counted.

What is still missing stands in `story_kinds_missing.csv`, which may only grow shorter.
To write down what is missing now: python -m tests.standards.test_story_kinds
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

from everystone.findings.answer import Answer
from everystone.ledger.entry import Entry
from everystone.standards.grammar import Body, Check, Response, Rhythm
from everystone.standards.item import Item, several
from everystone.standards.pack import Loaded, load
from tests.stories.batch import Told, told

MISSING = Path(__file__).with_name("story_kinds_missing.csv")
DAY = 86_400
#: What another body said of a claim, in the words of the records.
CONTRADICTING = {"acknowledgement.given": ("agreed", False), "confirmation.answered": ("result", "disputed")}
#: Standards on a claim that somebody outside the force can confirm or contradict.
CLAIMS = ("INV-14", "SUP-07")


class Given(NamedTuple):
    """One answer of one story, with the entries of the story and when it was asked."""

    told: Told
    at: int
    answer: Answer

    def entries(self, keys: Iterable[str]) -> list[Entry]:
        """The entries with these keys."""
        wanted = set(keys)
        return [entry for entry in self.told.story.entries if entry.key in wanted]


class Kind(NamedTuple):
    """One kind of story: whether a standard needs it, and what of it is missing (nothing: it is there)."""

    needed: Callable[[Loaded], bool]
    missing: Callable[[Loaded, Sequence[Told]], Iterable[str]]


def bodies(loaded: Loaded) -> Iterator[Body]:
    """Every body: of each version and each line of its table."""
    for dated in loaded.versions:
        yield from (body for _, body in dated.bodies)


def has_a_limit(loaded: Loaded) -> bool:
    """Whether there is a time in which it is not yet due."""
    return any(
        isinstance(body, Rhythm)
        or (isinstance(body, Check) and body.within is not None)
        or (isinstance(body, Response) and body.before != "trigger")
        for body in bodies(loaded)
    )


def always(_: Loaded) -> bool:
    """Needed of each standard."""
    return True


def given(stories: Sequence[Told]) -> Iterator[Given]:
    """Every answer of some stories."""
    for each in stories:
        for at, answers in each.verdict.given:
            yield from (Given(each, at, answer) for answer in answers)


def answered(said: str) -> Callable[[Loaded, Sequence[Told]], Iterable[str]]:
    """Some story has this answer."""
    return lambda _, stories: [] if any(each.answer.answer == said for each in given(stories)) else [""]


# ---- the last minute -----------------------------------------------------------------------------------------------


def boundary(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """Asked in the last minute and in the next; or done in the last minute, and again just after it."""
    if any(_asked_on_both_sides(each, stories) for each in given(stories) if each.answer.due is not None):
        return []
    dues = [each for each in given(stories) if each.answer.due is not None]
    in_time = any(
        each.answer.answer == "met" and any(_in_the_last_minute(entry, each) for entry in each.told.story.entries)
        for each in dues
    )
    too_late = any(
        each.answer.answer == "not met" and any(_just_after(entry, each) for entry in each.told.story.entries)
        for each in dues
    )
    return [] if in_time and too_late else [""]


def _asked_on_both_sides(each: Given, stories: Sequence[Told]) -> bool:
    due = each.answer.due or 0
    instants = [at for at, _ in each.told.verdict.given]
    return any(0 <= due - at < 60 for at in instants) and any(0 < at - due <= 120 for at in instants)


def _in_the_last_minute(entry: Entry, each: Given) -> bool:
    due = each.answer.due or 0
    return entry.key != each.answer.trigger and any(0 <= due - at < 60 for at in (entry.lo, entry.recorded))


def _just_after(entry: Entry, each: Given) -> bool:
    due = each.answer.due or 0
    return any(0 < at - due <= 180 for at in (entry.lo, entry.recorded))


def both_sides_of_a_trigger(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """For what must never follow: just before the trigger, where it is nothing, and with it or just after."""
    failed = any(each.answer.answer == "not met" and _near(each, range(121)) for each in given(stories))
    spared = any(each.answer.answer == "met" and _near(each, range(-120, 0)) for each in given(stories))
    return [] if failed and spared else [""]


def _near(each: Given, seconds: range) -> bool:
    triggers = each.entries([each.answer.trigger])
    return any(entry.lo - trigger.lo in seconds for trigger in triggers for entry in each.told.story.entries
               if entry.key != trigger.key)  # fmt: skip


def needs_both_sides_of_a_trigger(loaded: Loaded) -> bool:
    """Whether it forbids."""
    return loaded.standard.evaluator == "forbidden"


def needs_a_boundary(loaded: Loaded) -> bool:
    """Whether something has a last minute: a limit, or the trigger before which it must stand."""
    return any(
        isinstance(body, Response | Rhythm) or (isinstance(body, Check) and body.within) for body in bodies(loaded)
    )


# ---- written down late, corrected ----------------------------------------------------------------------------------


def late_record(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """Something in time was written down after it was due, and it is asked before and after that."""
    for each in stories:
        instants = [at for at, _ in each.verdict.given]
        dues = {answer.due for _, answers in each.verdict.given for answer in answers if answer.due is not None}
        for entry in each.story.entries:
            if entry.recorded - entry.hi < 60 or entry.corrects or entry.withdraws:
                continue
            asked = any(entry.lo <= at < entry.recorded for at in instants) and any(
                at >= entry.recorded for at in instants
            )
            if asked and any(entry.lo <= due < entry.recorded for due in dues):
                return []
    return [""]


def correction(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """A correction or withdrawal, asked before and after it, changes the answer."""
    for each in stories:
        for entry in each.story.entries:
            if entry.corrects or entry.withdraws:
                before = [_shape(answers) for at, answers in each.verdict.given if at < entry.recorded]
                after = [_shape(answers) for at, answers in each.verdict.given if at >= entry.recorded]
                if before and after and before[-1] != after[0]:
                    return []
    return [""]


def _shape(answers: Sequence[Answer]) -> list[tuple[str, str, int | None]]:
    return sorted((each.asked_for, f"{each.answer} {each.reason}", each.due) for each in answers)


# ---- versions, exemptions, coverage --------------------------------------------------------------------------------


def both_sides(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """For each version something on its first day and on the day before; the same for the day it ended."""
    days = _days(stories)
    for dated in loaded.versions:
        changes = [dated.version.since]
        if dated.version.until is not None:
            changes.append(dated.version.until + timedelta(days=1))
        for day in changes:
            if day not in days or day - timedelta(days=1) not in days:
                yield day.isoformat()


def _days(stories: Sequence[Told]) -> set[date]:
    """The days of what happened in some stories, and the days alleged."""
    found = set()
    for each in stories:
        calendar = each.story.words.calendar
        for entry in each.story.entries:
            if entry.lo > -(1 << 39):
                found.add(calendar.day_of(entry.lo))
            for name in ("alleged_from", "alleged_to"):
                if len(str(entry.data.get(name, ""))) == 10:
                    found.add(date.fromisoformat(str(entry.data[name])))
    return found


def exemptions(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """Each line that excuses does so in some story."""
    used = {about for each in given(stories) if "excused by" in each.answer.marks for about in each.answer.about}
    wanted = {
        _names(item) for body in bodies(loaded) for item in [*body.unless, *(each.item for each in body.unless_recent)]
    }
    return [" or ".join(names) for names in sorted(wanted) if not used.intersection(names)]


def _names(item: Item) -> tuple[str, ...]:
    return (item.state,) if item.state else tuple(item.kinds)


def not_carried(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """A source that does not hold all of it: what is not held cannot be told (or begins nothing)."""
    limited = [each for each in stories if not each.story.coverage.total]
    if any(each.answer.answer == "cannot be told" for each in given(limited)):
        return []
    begins_nothing = loaded.standard.evaluator == "check" and any(
        not any(answers for _, answers in each.verdict.given) for each in limited
    )
    return [] if begins_nothing else [""]


# ---- rhythms and claims --------------------------------------------------------------------------------------------


def reopening(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """After its end a new beginning, and asked after that."""
    for body in bodies(loaded):
        assert isinstance(body, Rhythm)
        begins, ends = _kinds(several(body.after)), _kinds(several(body.until))
        for each in stories:
            ended = [entry.lo for entry in each.story.entries if entry.kind in ends]
            begun = [
                entry.lo
                for entry in each.story.entries
                if entry.kind in begins and any(end < entry.lo for end in ended)
            ]
            if any(at >= lo for lo in begun for at, _ in each.verdict.given):
                return []
    return [""]


def _kinds(items: Sequence[Item]) -> set[str]:
    return {kind for item in items for kind in item.kinds}


def contradicted(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """The other body, or the person, says that it was not so."""
    for each in given(stories):
        for entry in each.told.story.entries:
            field, value = CONTRADICTING.get(entry.kind, ("", None))
            if field and entry.data.get(field) == value and each.answer.answer == "not met":
                return []
    return [""]


def never_confirmed(loaded: Loaded, stories: Sequence[Told]) -> Iterable[str]:
    """Nobody outside the force ever says anything."""
    for each in given(stories):
        others = [entry for entry in each.told.story.entries if entry.source.channel != "force"]
        if not others and each.answer.answer in ("not met", "cannot be told"):
            return []
    return [""]


KINDS = {
    "met": Kind(always, answered("met")),
    "not met": Kind(always, answered("not met")),
    "not yet due": Kind(has_a_limit, answered("not yet due")),
    "boundary minute": Kind(needs_a_boundary, boundary),
    "both sides of the trigger": Kind(needs_both_sides_of_a_trigger, both_sides_of_a_trigger),
    "late record": Kind(always, late_record),
    "correction": Kind(always, correction),
    "both sides of a change": Kind(always, both_sides),
    "exemption": Kind(always, exemptions),
    "not carried": Kind(always, not_carried),
    "reopening": Kind(lambda loaded: loaded.standard.evaluator == "rhythm", reopening),
    "contradicted": Kind(lambda loaded: loaded.id in CLAIMS, contradicted),
    "never confirmed": Kind(lambda loaded: loaded.id in CLAIMS, never_confirmed),
}


@cache
def missing() -> list[tuple[str, str, str]]:
    """Every kind of story that a standard of the shipped pack needs and does not have: standard, kind, what of it."""
    by_standard: dict[str, list[Told]] = {}
    for each in told():
        by_standard.setdefault(each.standard.id, []).append(each)
    return [
        (loaded.id, name, what)
        for loaded in load().finished
        for name, kind in KINDS.items()
        if kind.needed(loaded)
        for what in kind.missing(loaded, by_standard[loaded.id])
    ]


def listed() -> list[tuple[str, str, str]]:
    """What is still missing, as it was last written down."""
    with MISSING.open(encoding="utf-8", newline="") as file:
        return [(row["standard"], row["kind"], row["what"]) for row in csv.DictReader(file)]


def write_down() -> None:
    """Write what is missing now."""
    with MISSING.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("standard", "kind", "what"))
        writer.writerows(missing())
    print(f"{len(missing())} rows in {MISSING}")


def test_no_standard_lacks_a_kind_of_story_that_it_had() -> None:
    new = sorted(set(missing()) - set(listed()))
    assert not new, "write a story of this kind for each of these standards"


def test_what_is_no_longer_missing_is_no_longer_listed() -> None:
    there = sorted(set(listed()) - set(missing()))
    assert not there, "these are there now: run python -m tests.standards.test_story_kinds"


if __name__ == "__main__":
    write_down()
