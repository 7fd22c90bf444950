"""Texts of a case that are nearly copies of earlier ones, in it or elsewhere: found by runs of words that are kept at hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from everystone.findings.copies import TRIED, Copies, prints_of
from everystone.ledger.book.database import Database
from everystone.ledger.entry import Entry, in_force, order
from everystone.standards.likeness import COMMON, Fingerprint, read_fingerprint
from everystone.work.tables import among, insert

TOGETHER = 100  # texts that are looked up at once
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
    held = _held(database, sorted({run for each in changed for run in _tried(each.print)}))
    for each in changed:
        rows = [held.get((each.kind, each.field, run), []) for run in _tried(each.print)]
        for other in {other.key: other for row in rows if len(row) <= COMMON + 1 for other in row}.values():
            if other.order > each.order and each.print.alike(other.print):
                yield other.stream


def _tried(said: Fingerprint) -> list[int]:
    return sorted(said.least)[:TRIED]


def keep_texts(database: Database, entries: Sequence[Entry]) -> None:
    """Keep the fingerprints of new entries, in the place of those that they correct or withdraw."""
    texts: list[tuple[object, ...]] = []
    runs: list[tuple[object, ...]] = []
    gone = [(entry.corrects or entry.withdraws,) for entry in entries if entry.corrects or entry.withdraws]
    for entry in entries:
        for field, said in prints_of(entry):
            texts.append((entry.key, field, entry.kind, entry.stream, *order(entry), said.said))
            runs += [(run, entry.kind, field, entry.key) for run in _tried(said)]
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
    held = _held(database, sorted({run for _, _, said in texts for run in _tried(said)}))
    found: dict[tuple[str, str], Sequence[tuple[str, str]]] = {}
    for entry, field, said in texts:
        rows = [held.get((entry.kind, field, run), []) for run in _tried(said)]
        others = {each.key: each for row in rows if len(row) <= COMMON + 1 for each in row}
        earlier = sorted((each.stream, each.key) for each in others.values()
                         if each.order < order(entry) and each.key != entry.key and said.alike(each.print))  # fmt: skip
        if earlier:
            found[entry.key, field] = earlier
    return found


def _held(database: Database, runs: Sequence[int]) -> dict[tuple[str, str, int], list[_Earlier]]:
    """The texts that hold some runs of words, by kind, field and run; of a run that very many hold, no more than tell so."""
    rows = database.run(
        "SELECT r.run, r.kind, r.field, t.stream, t.key, t.lo, t.recorded, t.row_key, t.number, t.print FROM (SELECT run, kind, "
        "field, key, ROW_NUMBER() OVER (PARTITION BY run, kind, field ORDER BY key) AS nth FROM work_run "
        f"WHERE run IN {among(runs)}) AS r JOIN work_text t ON t.key = r.key AND t.field = r.field WHERE r.nth <= ?",
        [*runs, COMMON + 2],
    ).fetchall()  # fmt: skip
    held: dict[tuple[str, str, int], list[_Earlier]] = defaultdict(list)
    for run, kind, field, stream, key, lo, recorded, row_key, number, said in rows:
        when = int(lo), int(recorded), str(row_key), int(number)
        held[kind, field, int(run)].append(_Earlier(stream, key, when, read_fingerprint(said)))
    return held
