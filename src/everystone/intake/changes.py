"""What changed since the earlier deliveries, for people to read: which row, which field, before and after, when."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from everystone.intake.rejects import write_cells
from everystone.ledger.civil import CivilDays
from everystone.ledger.delivery import WHATS, Change, Delivery
from everystone.ledger.entry import Entry

AT_ONCE = 5_000  # entries looked up together
SHOWN = 300  # characters of a value that are shown, from a little before the first that differs
_BEFORE = 40

Named = Callable[[Sequence[str]], list[Entry]]
_IN_WORDS = {
    "changed": "changed", "gone": "gone", "late": "ought to have come before", "returned": "is here again",
    "otherwise": "said otherwise by an older delivery",
}  # fmt: skip


class Changed(NamedTuple):
    """One line of what changed: the delivery that showed it, and what stood there since `since`.

    `happened` and `recorded` are local times, as the row said them first. `before` and `after` are the two values of a
    `field` (of a row that is gone, late or here again there are none). `standards` are those that have a finding which
    rests on the row.
    """

    what: str
    delivery: str
    since: str
    stream: str
    key: str
    kind: str
    happened: str
    recorded: str
    field: str = ""
    before: str = ""
    after: str = ""
    standards: str = ""


def changed_rows(
    deliveries: Sequence[tuple[Delivery, Sequence[Change]]], named: Named, zone: str,
    standards: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[Changed]:  # fmt: skip
    """The lines of all deliveries after the first, the newest delivery first; `named` looks entries up by key.

    `standards` are the standards that have a finding on a key. An entry that was erased, or stands in a sealed stream, is
    not told.
    """
    told, days = standards or {}, CivilDays(zone)
    for place in range(len(deliveries) - 1, -1, -1):
        delivery, changes = deliveries[place]
        since = max((each.as_of for each, _ in deliveries[:place]), default="")
        for change, entries in _with_entries(changes, named):
            first = entries[0]
            line = Changed(
                _IN_WORDS[change.what], delivery.as_of, since, change.stream, change.key, first.kind,
                _local(days, first.lo, first.hi), _local(days, first.recorded, first.recorded),
                standards="; ".join(sorted({each for key in (change.key, first.key) for each in told.get(key, ())})),
            )  # fmt: skip
            differing = list(differences(*entries)) if len(entries) == 2 else []
            yield from (
                line._replace(field=name, before=old, after=new) for name, old, new in differing or [("", "", "")]
            )


def _with_entries(changes: Sequence[Change], named: Named) -> Iterator[tuple[Change, list[Entry]]]:
    """Each change with its entry; with the one before and the one after where it changed."""
    source = iter(sorted(changes, key=lambda each: (WHATS.index(each.what), each.stream, each.key)))
    while part := list(islice(source, AT_ONCE)):
        keys = {change: [each for each in (change.before, change.key) if each] for change in part}
        found = {entry.key: entry for entry in named(sorted({key for each in keys.values() for key in each}))}
        for change, wanted in keys.items():
            entries = [found[key] for key in wanted if key in found]
            if len(entries) == len(wanted):
                yield change, entries


def differences(before: Entry, after: Entry) -> Iterator[tuple[str, str, str]]:
    """The fields in which two versions of an entry differ: name, value before, value after."""
    old, new = _flat(before), _flat(after)
    for name in sorted(old.keys() | new.keys()):
        if old.get(name, "") != new.get(name, ""):
            yield name, *_excerpts(old.get(name, ""), new.get(name, ""))


def _flat(entry: Entry) -> dict[str, str]:
    header: dict[str, Any] = {
        "case or stream": entry.stream, "kind": entry.kind, "subjects": entry.subjects, "by": entry.by,
        "happened": f"{_utc(entry.lo)} to {_utc(entry.hi)}" if entry.lo != entry.hi else _utc(entry.lo),
        "recorded": _utc(entry.recorded), **entry.capacity._asdict(), "channel": entry.source.channel,
        "withdraws": entry.withdraws, "late reason": entry.late_reason, "quote of": entry.quote_of,
    }  # fmt: skip
    return {name: _plain(value) for name, value in (*header.items(), *entry.data.items())}


def _plain(value: Any) -> str:
    return "; ".join(map(str, value)) if isinstance(value, list | tuple) else "" if value is None else str(value)


def _excerpts(before: str, after: str) -> tuple[str, str]:
    """The two values, of long ones the place where they begin to differ."""
    both = enumerate(zip(before, after, strict=False))
    alike = next((at for at, (old, new) in both if old != new), min(len(before), len(after)))
    start = max(0, alike - _BEFORE) if max(len(before), len(after)) > SHOWN else 0
    return _cut(before, start), _cut(after, start)


def _cut(text: str, start: int) -> str:
    return ("…" if start else "") + text[start : start + SHOWN] + ("…" if len(text) > start + SHOWN else "")


def _utc(instant: int) -> str:
    return f"{CivilDays('UTC').local(instant):%Y-%m-%d %H:%M:%SZ}"


def _local(days: CivilDays, lo: int, hi: int) -> str:
    if lo == hi:
        return f"{days.local(lo):%Y-%m-%d %H:%M}"
    first, last = days.day_of(lo).isoformat(), days.day_of(hi).isoformat()
    return first if first == last else f"{first} to {last}"


# ---- what is written ---------------------------------------------------------------------------------------------


def write_changes(rows: Iterable[Changed], path: Path) -> None:
    """changes.csv: what changed since the earlier deliveries, readable by its owner only."""
    write_cells(path, Changed._fields, rows)


def in_words(deliveries: Sequence[tuple[Delivery, Sequence[Change]]]) -> list[str]:
    """What the last delivery changed, in a sentence or three."""
    delivery, changes = deliveries[-1]
    earlier = [each for each, _ in deliveries[:-1]]
    if not earlier:
        return []
    newest = max(earlier, key=lambda each: each.end)
    counts = {what: sum(each.what == what for each in changes) for what in WHATS}
    said = [
        f"Since the delivery of {newest.as_of}: {delivery.new:,} new rows ({counts['late']:,} of which ought to have come "
        f"before), {counts['changed']:,} changed, {counts['gone']:,} gone, {counts['returned']:,} here again, "
        f"{delivery.same:,} as before."
    ]
    if delivery.end < newest.end:
        said = [
            f"This delivery of {delivery.as_of} is older than that of {newest.as_of}: {delivery.new:,} rows of it were new, "
            f"{counts['gone']:,} of which are gone from the newer one. It corrects nothing; {counts['otherwise']:,} rows "
            "say something that was never in the ledger."
        ]
    if delivery.outside:
        said.append(f"{delivery.outside:,} earlier rows lie outside what this delivery says it holds: not gone.")
    if delivery.mapping != newest.mapping:
        said.append("The mapping is not the one of the earlier delivery: what changed may come from it.")
    return said
