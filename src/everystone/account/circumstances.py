"""Beside a finding, what the record shows of the day on which it fell due, and who raised a concern before this check did.

They are facts of the record in neutral words. They give no reason by themselves, and none of them is about anybody's
honesty or care; what the sources could not have held is said to be so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

import duckdb

from everystone.account.whole import SEEN
from everystone.findings.answer import NOT_MET, Answer
from everystone.findings.explain import day_in_words, title
from everystone.findings.frames import Instants
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry
from everystone.standards.circumstances import CircumstancesFile
from everystone.standards.pack import Pack

NOT_HELD = "this extract does not hold"
THIS_CHECK = "this check"


def around(answer: Answer, frame: Frame, pack: Pack) -> str:
    """What stood around one finding of a case, in one sentence; "" where it has no day or the pack says nothing of it.

    `frame` is the case's own: its lead then and how many cases the lead had open, whether the lead was there, when somebody
    else had last looked at it, how much was known.
    """
    file, instant = pack.circumstances, answer.due
    if file is None or instant is None or instant > frame.instant:
        return ""
    lead = str(frame.value(file.lead, "", instant) or "")
    said = [*_load(file, frame, lead, instant), *_there(file, frame, lead, instant), *_looked(file, frame, lead, instant),
            _known(frame, instant)]  # fmt: skip
    return f"That day, by the record: {'; '.join(said)}."


def _load(file: CircumstancesFile, frame: Frame, lead: str, instant: int) -> Iterator[str]:
    if lead:
        n = sum(each.at(instant) is True for each in frame.facts.open_cases.get(lead, ()))
        yield (
            f"the lead had {n:,} case{'' if n == 1 else 's'} open, this one among them"
            if n > 1
            else "the lead had no other case open"
        )
    elif _held(frame, frame.words.states[file.lead].starting_kinds, instant):
        yield "no record shows who led the case"
    else:
        yield f"{NOT_HELD} who led the case"


def _there(file: CircumstancesFile, frame: Frame, lead: str, instant: int) -> Iterator[str]:
    if not lead or file.away is None:
        return
    away = frame.holds(file.away, lead, instant)
    if away is None:
        yield "whether the lead was available cannot be told"
    elif away:
        yield "the lead was not available"
    elif _held(frame, frame.words.states[file.away].starting_kinds, instant):
        yield "nothing says that the lead was not available"
    else:
        yield f"{NOT_HELD} who was available"


def _looked(file: CircumstancesFile, frame: Frame, lead: str, instant: int) -> Iterator[str]:
    if not file.looked:
        return
    others = [entry for entry in frame.of_kinds(frozenset(file.looked)) if entry.lo <= instant and entry.by != lead]
    if others:
        days = (frame.day(instant) - frame.day(others[-1].lo)).days
        when = "that day" if days == 0 else "the day before" if days == 1 else f"{days:,} days before"
        yield f"somebody other than the lead had last looked at the case {when} (“{title(others[-1].kind, frame.words)}”)"
    elif _held(frame, file.looked, instant):
        yield "no record shows that anybody other than the lead had looked at the case"
    else:
        yield f"{NOT_HELD} who else looked at the case"


def _known(frame: Frame, instant: int) -> str:
    happened = [entry for entry in frame.entries if entry.lo <= instant]
    later = sum(entry.known > instant for entry in happened)
    n = len(happened) - later
    said = f"{n:,} entr{'y' if n == 1 else 'ies'} had been written down"
    return f"{said}, and {later:,} more of what had happened came later" if later else said


def _held(frame: Frame, kinds: Iterable[str], instant: int) -> bool:
    """Whether an entry of one of these kinds would be on record, had there been one by that day."""
    day = frame.day(instant)
    held, _ = frame.coverage.least(kinds, day, day, frame.team_at(instant))
    return held == "complete"


# ---- who found it ------------------------------------------------------------------------------------------------


def found_first(
    book: ParquetBook, pack: Pack, when: Instants, findings: Path, sealed: Collection[str]
) -> dict[str, int]:
    """Of the cases with a gap, how many were found first by whom: by somebody who is on record, or by this check."""
    said = pack.circumstances.raised if pack.circumstances is not None else None
    if said is None:
        return {}
    gaps = duckdb.execute(
        "SELECT DISTINCT frame FROM read_parquet(?) WHERE answer = ? AND starts_with(frame, 'case/') "
        "AND NOT list_contains(?, standard)", [str(findings), NOT_MET, sorted(sealed) or [""]]
    ).fetchall()  # fmt: skip
    secret = [name for name, kind in pack.words.kinds.by_name.items() if kind.sealed]
    where = f"$.{said.field}"
    first = dict(book.query(
        f"SELECT stream, arg_min(data->>?, lo) FROM entries WHERE {SEEN} AND data->>? IS NOT NULL "  # noqa: S608 - no input
        "AND NOT list_contains(?, kind) GROUP BY stream", [where, when.as_at, when.known_on, where, secret or [""]]
    ).fetchall())  # fmt: skip
    counted = Counter(
        said.by.get(first[frame]) or str(first[frame]) if frame in first else THIS_CHECK for (frame,) in gaps
    )
    return dict(sorted(counted.items(), key=lambda each: (each[0] == THIS_CHECK, -each[1], each[0])))


def raised(entries: Sequence[Entry], frame: Frame, pack: Pack) -> str:
    """Who raised a concern in a case before this check, in a sentence."""
    said = pack.circumstances.raised if pack.circumstances is not None else None
    if said is None:
        return ""
    words = pack.words
    earlier = [
        entry for entry in entries
        if said.field in entry.data and entry.known <= frame.known_on and not words.kinds.by_name[entry.kind].sealed
    ]  # fmt: skip
    if not earlier:
        would = [name for name, kind in words.kinds.by_name.items() if said.field in kind.fields and not kind.sealed]
        if _held(frame, would, frame.instant):
            return "Who found it: this check. No record shows that anybody raised a concern in this case before."
        return f"Who found it: this check. {NOT_HELD.capitalize()} who else may have raised a concern."
    first = min(earlier, key=lambda entry: (entry.lo, entry.key))
    by = said.by.get(str(first.data[said.field]), str(first.data[said.field]))
    on = day_in_words(words.calendar.day_of(first.lo))
    return (
        f"Who found it: {by} raised a concern in this case on {on} (“{title(first.kind, words)}”), before this check."
    )
