"""What held when: the version in force on a day, every change with its day, the difference between two days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from everystone.account.manual.rule import begins_with, parts
from everystone.findings.explain import STRENGTH, title
from everystone.ledger.vocabulary import Vocabulary
from everystone.standards.grammar import Version, Where
from everystone.standards.pack import Dated, Loaded

STATUS = {"verified": "verified", "in part": "verified in part", "recalled": "unconfirmed"}
DAY = timedelta(days=1)


class Change(NamedTuple):
    """What became of a standard on a day: begins, changes or ends, and in which words its sides differ."""

    day: date
    loaded: Loaded
    what: str
    dated: Dated
    differs: list[tuple[str, str, str]]
    touches: str


def on(loaded: Loaded, day: date) -> Dated | None:
    """The version of a standard in force on a day, none where it had not begun or had ended."""
    return next((each for each in loaded.versions if each.version.since <= day and (each.until or day) >= day), None)


def days_of_change(standards: Iterable[Loaded]) -> list[date]:
    """Every day on which some standard begins, changes or has ended, in order."""
    return sorted({each.day for loaded in standards for each in _turns(loaded)})


class _Turn(NamedTuple):
    """A day on which a standard turns: the version before it and the one from it, whichever there is."""

    day: date
    what: str
    before: Dated | None
    dated: Dated


def _turns(loaded: Loaded) -> Iterator[_Turn]:
    before: Dated | None = None
    for dated in loaded.versions:
        if before is not None and before.until is not None and before.until + DAY < dated.version.since:
            yield _Turn(before.until + DAY, "ends", None, before)
            before = None
        yield _Turn(dated.version.since, "changes" if before else "begins", before, dated)
        before = dated
    if before is not None and before.until is not None:
        yield _Turn(before.until + DAY, "ends", None, before)


def changes(standards: Sequence[Loaded], words: Vocabulary) -> list[Change]:
    """Every change of every standard, the newest first."""
    found = [_change(loaded, turn, words) for loaded in standards for turn in _turns(loaded)]
    return sorted(found, key=lambda each: (-each.day.toordinal(), each.loaded.id))


def _change(loaded: Loaded, turn: _Turn, words: Vocabulary) -> Change:
    differs = differences(turn.before, turn.dated, words) if turn.before else []
    return Change(turn.day, loaded, turn.what, turn.dated, differs, touches(loaded, turn.dated, words))


def touches(loaded: Loaded, dated: Dated, words: Vocabulary) -> str:
    """Which cases a version is for: those in which the entry that decides the version falls into its days."""
    by = loaded.standard.in_force_at
    if by == "trigger":
        return begins_with(dated, words)
    return f"“{title(by, words)}”" if by in words.kinds else f"the {by.replace('_', ' ')} date"


def differences(before: Dated, after: Dated, words: Vocabulary) -> list[tuple[str, str, str]]:
    """What differs between two versions: side, before, after; conditions that no side says are named as such."""
    old, new = dict(parts(before, words)), dict(parts(after, words))
    sides = [side for side in {**old, **new} if old.get(side) != new.get(side)]
    found = [(side, old.get(side, "nothing"), new.get(side, "nothing")) for side in sides]
    if [body for _, body in before.bodies] != [body for _, body in after.bodies] and not sides:
        found.append(("Conditions", "as in the rule of the earlier version", "as in the rule of the later version"))
    for name, say in (("Said as", strength), ("Checked", status), ("Sources", sources)):
        if say(before.version) != say(after.version):
            found.append((name, say(before.version), say(after.version)))
    return found


def strength(version: Version) -> str:
    """How strong a version is, and how a finding is therefore put."""
    return f"{version.basis}, said as “{STRENGTH[version.basis]}”"


def status(version: Version) -> str:
    """How far the sources of a version were seen."""
    return STATUS[version.checked]


def sources(version: Version) -> str:
    """The sources of a version in one line."""
    return "; ".join(source(each) for each in version.sources)


def source(where: Where) -> str:
    """One source: its name and the place in it."""
    return f"{where.name}, {where.where}" if where.where else where.name
