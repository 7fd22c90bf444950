"""Texts of a case that are nearly copies of earlier ones, in it or elsewhere: found by runs of words that are kept at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from everystone.findings.copies import TRIED, Copies, prints_of
from everystone.ledger.book.database import Database
from everystone.ledger.entry import Entry, in_force, order
from everystone.standards.likeness import COMMON, Fingerprint, read_fingerprint
from everystone.work.tables import among, insert

TOGETHER = 100  # texts that are looked up at once
Run = tuple[int, str, str]  # a run of words as a number, in a field of a kind
TEXT = ("key", "field", "kind", "stream", "lo", "recorded", "row_key", "number", "print")


class _Earlier(NamedTuple):
    stream: str
    key: str
    order: tuple[int, int, str, int]
    print: Fingerprint


class _Changed(NamedTuple):
    """A text that came, or that is gone: of which kind and field, its place in the order, its fingerprint."""

    kind: str
    field: str
    order: tuple[int, int, str, int]
    print: Fingerprint


def touched_by_texts(database: Database, entries: Sequence[Entry]) -> set[str]:
    """The streams with a text that nearly copies one which comes late, or is corrected or withdrawn now: asked again.

    To be asked before `keep_texts`.
    """
    came = [_Changed(entry.kind, field, order(entry), said) for entry in entries for field, said in prints_of(entry)]
    gone = [entry.corrects or entry.withdraws for entry in entries if entry.corrects or entry.withdraws]
    rows = database.run(
        f"SELECT kind, field, lo, recorded, row_key, number, print FROM work_text WHERE key IN {among(gone)}", gone
    ).fetchall() if gone else []  # fmt: skip
    came += [_Changed(kind, field, (int(lo), int(recorded), str(row_key), int(number)), read_fingerprint(said))
             for kind, field, lo, recorded, row_key, number, said in rows]  # fmt: skip
    return {
        stream
        for first in range(0, len(came), TOGETHER)
        for stream in _copying(database, came[first : first + TOGETHER])
    }


def _copying(database: Database, changed: Sequence[_Changed]) -> Iterator[str]:
    """The streams of later texts that nearly copy one of these; of what is common to many texts none."""
    held = _held(database, {run for each in changed for run in _tried(each.kind, each.field, each.print)})
    for each in changed:
        runs = _tried(each.kind, each.field, each.print)
        for other in {other.key: other for run in runs for other in held.get(run, ())}.values():
            if other.order > each.order and each.print.alike(other.print):
                yield other.stream


def _tried(kind: str, field: str, said: Fingerprint) -> list[Run]:
    return [(run, kind, field) for run in sorted(said.least)[:TRIED]]


def keep_texts(database: Database, entries: Sequence[Entry]) -> None:
    """Keep the fingerprints of new entries, in the place of those that they correct or withdraw."""
    texts: list[tuple[object, ...]] = []
    runs: list[tuple[object, ...]] = []
    gone = [(entry.corrects or entry.withdraws,) for entry in entries if entry.corrects or entry.withdraws]
    for entry in entries:
        for field, said in prints_of(entry):
            texts.append((entry.key, field, entry.kind, entry.stream, *order(entry), said.said))
            runs += [(*run, entry.key) for run in _tried(entry.kind, field, said)]
    insert(database, "work_text", TEXT, texts)
    insert(database, "work_run", ("run", "kind", "field", "key"), runs)
    for table in ("work_text", "work_run") if gone else ():
        database.many(f"DELETE FROM {table} WHERE key = ?", gone)


def copies_in(database: Database, entries: Sequence[Entry], now: int) -> Copies:
    """For each text (key, field) of a case the earlier ones (stream, key) that it nearly copies, as of now.

    The same as `copies_among` says over all cases; what is common to many texts belongs to a form and is not compared.
    """
    texts = [(entry, field, said) for entry in in_force(list(entries), now, now)[0] for field, said in prints_of(entry)]
    if not texts:
        return {}
    held = _held(database, {run for entry, field, said in texts for run in _tried(entry.kind, field, said)})
    found: dict[tuple[str, str], Sequence[tuple[str, str]]] = {}
    for entry, field, said in texts:
        others = {each.key: each for run in _tried(entry.kind, field, said) for each in held.get(run, ())}
        earlier = sorted((each.stream, each.key) for each in others.values()
                         if each.order < order(entry) and each.key != entry.key and said.alike(each.print))  # fmt: skip
        if earlier:
            found[entry.key, field] = earlier
    return found


def _held(database: Database, runs: Collection[Run]) -> dict[Run, list[_Earlier]]:
    """The texts that hold some runs of words; of a run that belongs to a form none.

    Whether very many hold a run is counted to that number and no further, so that it costs no more in a force of any size.
    """
    asked = sorted(runs)
    if not asked:
        return {}
    rows = database.run(
        f"WITH asked (run, kind, field) AS (VALUES {', '.join(['(?, ?, ?)'] * len(asked))}) "
        "SELECT r.run, r.kind, r.field, t.stream, t.key, t.lo, t.recorded, t.row_key, t.number, t.print "
        "FROM (SELECT a.run, a.kind, a.field FROM asked a WHERE (SELECT COUNT(*) FROM (SELECT 1 FROM work_run m "
        "WHERE m.run = a.run AND m.kind = a.kind AND m.field = a.field LIMIT ?) AS few) <= ?) AS few "
        "JOIN work_run r ON r.run = few.run AND r.kind = few.kind AND r.field = few.field "
        "JOIN work_text t ON t.key = r.key AND t.field = r.field",
        [*(part for each in asked for part in each), COMMON + 2, COMMON + 1],
    ).fetchall()
    held: dict[Run, list[_Earlier]] = defaultdict(list)
    for run, kind, field, stream, key, lo, recorded, row_key, number, said in rows:
        when = int(lo), int(recorded), str(row_key), int(number)
        held[int(run), kind, field].append(_Earlier(stream, key, when, read_fingerprint(said)))
    return held
