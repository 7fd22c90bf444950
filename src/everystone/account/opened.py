"""The few cases that a report opens: read from the ledger, as at when, known on when, with what was found in them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import duckdb
import pyarrow.parquet as pq

from everystone.findings.answer import Answer
from everystone.findings.asking import LED_BY
from everystone.findings.frames import Instants, case_frame, facts_of, people_named, person_frames
from everystone.findings.possibly import Proposal
from everystone.findings.sealed import unsealed
from everystone.ledger.book.columns import entries_of
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.case import Facts, Frame
from everystone.ledger.entry import Entry
from everystone.standards.pack import Pack

OFFICER, CASE = "officer/", "case/"


class Opened(NamedTuple):
    """One case: all its entries, corrected ones included; its frame; the answers about it and about its people."""

    name: str
    entries: Sequence[Entry]
    frame: Frame
    answers: Sequence[Answer]
    frames: Mapping[str, Frame]
    possible: Mapping[str, Sequence[Proposal]] = MappingProxyType({})  # by the key of the answer
    quoted: bool = False  # whether other people's words may be told

    def frame_of(self, answer: Answer) -> Frame:
        """The frame in which an answer was given: of the case itself, or of one of its people."""
        return self.frames.get(answer.frame, self.frame)


def open_cases(
    book: ParquetBook, pack: Pack, when: Instants, cases: Sequence[str], findings: Path, *,
    sealed: Collection[str] = (), texts: bool = False,
) -> list[Opened]:  # fmt: skip
    """The cases in the order given. `texts`: with their narrative; otherwise only how many words stand there.

    Answers are those of findings.parquet; of `sealed` standards none. What is not of these cases is not read.
    """
    streams = _streams(book, [CASE + name for name in cases])
    if texts:
        streams = with_texts(book, streams)
    named = {
        name
        for entries in streams.values()
        for entry in entries
        for name in people_named(entry, pack.words) | {entry.by}
    }
    officers = _streams(book, [OFFICER + name for name in sorted(named)])
    facts = facts_of({**officers, **streams, **_led(book, pack, streams)}, pack.words, when)
    people = sorted(named - set(facts.entries) - {""})
    answers = _answers(findings, [*streams, *(f"person/{name}" for name in people)], sealed)
    elsewhere = _persons(
        book,
        pack,
        when,
        facts,
        [frame.removeprefix("person/") for frame in answers if frame.startswith("person/")],
    )
    described = _described(book, pack, people, streams)
    return [
        _opened(name, streams[CASE + name], pack, when, facts, answers, elsewhere, described)
        for name in cases
        if CASE + name in streams
    ]


def _opened(
    name: str, entries: Sequence[Entry], pack: Pack, when: Instants, facts: Facts,
    answers: Mapping[str, Sequence[Answer]], elsewhere: Mapping[str, Frame], described: Mapping[str, Sequence[Entry]],
) -> Opened:  # fmt: skip
    mine = {person for entry in entries for person in people_named(entry, pack.words)}
    beside = [entry for person in sorted(mine) for entry in described.get(person, ())]
    frame = case_frame(name, [*entries, *beside], pack.words, when, facts)
    frames = {place: each for place, each in elsewhere.items() if each.name in mine}
    given = [answer for place in (CASE + name, *sorted(frames)) for answer in answers.get(place, ())]
    return Opened(name, entries, frame, given, {CASE + name: frame, **frames})


def _described(
    book: ParquetBook, pack: Pack, people: Sequence[str], streams: Mapping[str, Sequence[Entry]]
) -> dict[str, list[Entry]]:
    """What other streams than these say to describe some people, by person."""
    found: dict[str, list[Entry]] = {}
    described: dict[str, set[str]] = {}  # whom each entry describes, or what it corrects or withdraws described
    for entry in book.naming(people) if people else ():
        whose = described.get(entry.corrects or entry.withdraws, set())
        if entry.kind in pack.words.kinds.describing:
            whose = whose.union(entry.subjects)
        if entry.stream not in streams:
            described[entry.key] = whose
            for person in whose:
                found.setdefault(person, []).append(entry)
    return found


def _led(book: ParquetBook, pack: Pack, opened: Mapping[str, Sequence[Entry]]) -> dict[str, list[Entry]]:
    """Of other cases that somebody led who led one of these, what says who led them when: so that all they had counts."""
    state = pack.words.states.get(LED_BY)
    fields = {edge.value for edge in state.starts if edge.value} if state is not None else set()
    leads = {
        str(entry.data[name])
        for entries in opened.values()
        for entry in entries
        for name in fields
        if name in entry.data
    }
    if state is None or not leads:
        return {}
    kinds = sorted(state.kinds)
    found = book.query(
        "SELECT * FROM entries WHERE list_contains(?, kind) AND stream IN (SELECT DISTINCT stream FROM entries "
        "WHERE list_contains(?, kind) AND list_has_any(names, ?)) AND NOT list_contains(?, stream) ORDER BY stream, number",
        [kinds, sorted(state.starting_kinds), sorted(leads), [*opened]],
    )
    streams: dict[str, list[Entry]] = {}
    for entry in entries_of(found.to_arrow_table()):
        if entry.stream.startswith(CASE):
            streams.setdefault(entry.stream, []).append(entry)
    return streams


def _streams(book: ParquetBook, names: Sequence[str]) -> dict[str, list[Entry]]:
    found = book.query(
        "SELECT * FROM entries WHERE stream IN (SELECT unnest(?)) ORDER BY stream, number", [list(names)]
    )
    streams: dict[str, list[Entry]] = {}
    for entry in entries_of(found.to_arrow_table()):
        streams.setdefault(entry.stream, []).append(entry)
    return streams


def with_texts(book: ParquetBook, streams: Mapping[str, Sequence[Entry]]) -> dict[str, list[Entry]]:
    """Streams with their narrative in the place of how many words stand there."""
    texts: dict[str, dict[str, str]] = {}
    for part in sorted(book.folder.glob("part-*.narrative.parquet")) if streams else ():
        table = pq.read_table(part, filters=[("stream", "in", sorted(streams))], use_threads=False)
        for row in table.select(["key", "field", "text"]).to_pylist():
            texts.setdefault(row["key"], {})[row["field"]] = row["text"]
    return {
        stream: [entry._replace(data={**entry.data, **texts.get(entry.key, {})}) for entry in entries]
        for stream, entries in streams.items()
    }


def _answers(findings: Path, frames: Sequence[str], sealed: Collection[str]) -> dict[str, list[Answer]]:
    columns = ", ".join("epoch(due)::BIGINT AS due" if name == "due" else f'"{name}"' for name in Answer._fields)
    rows = duckdb.execute(
        f"SELECT {columns} FROM read_parquet(?) WHERE frame IN (SELECT unnest(?)) "  # noqa: S608 - names of columns
        'AND NOT list_contains(?, standard) ORDER BY frame, standard, asked_for, due, "trigger", n',
        [str(findings), list(frames), sorted(sealed) or [""]],
    ).fetchall()
    answers: dict[str, list[Answer]] = {}
    for row in unsealed([Answer(*map(_tuple, row)) for row in rows]):
        answers.setdefault(row.frame, []).append(row)
    return answers


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _persons(book: ParquetBook, pack: Pack, when: Instants, facts: Facts, names: Sequence[str]) -> dict[str, Frame]:
    """The frames of some people, from all that names them anywhere and what describes those beside them."""
    if not names:
        return {}
    entries = book.naming(list(names))
    beside = sorted({name for entry in entries for name in people_named(entry, pack.words)} - set(names))
    described = [each for each in book.naming(beside) if each.kind in pack.words.kinds.describing] if beside else []
    once = list({entry.key: entry for entry in [*entries, *described]}.values())
    return {
        f"person/{each.name}": each for each in person_frames(once, pack.words, when, facts, set(names).__contains__)
    }
