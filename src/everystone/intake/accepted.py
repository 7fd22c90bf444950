"""A file of acceptances: what a named person found in a text and answers for, as entries of the ledger."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from everystone.intake.rejects import shown
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.entry import FOUND, Capacity, Entry, Source
from everystone.ledger.fault import Fault
from everystone.ledger.vocabulary import Vocabulary

NEEDED = ("case", "kind", "happened", "document", "quotation", "accepted_by", "accepted_on")
OTHERS = ("subjects", "page", "by", "rank", "fields")
MOST = 100_000  # rows


def take_accepted(path: Path, book: ParquetBook, words: Vocabulary) -> int:
    """Take a file of acceptances into a ledger; how many entries it gave. The same file again adds nothing.

    A row without `accepted_by` is a proposal that nobody accepted and is passed over. Raises Fault, and takes nothing, for a
    row that cannot be used: an unknown case or kind, another body's act, no document or quotation.
    """
    cases = set(book.streams())
    rows = list(_accepted(path))
    known = _capacities(book, sorted({row["by"] for _, row in rows if row["by"]}))
    entries = [_entry(row, f"{path}, row {number}", cases, words, known) for number, row in rows]
    book.append({entry.key: entry for entry in entries}.values())
    return len(entries)


def _accepted(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    for number, row in _rows(path):
        if row["accepted_by"]:
            yield number, row


def _capacities(book: ParquetBook, actors: Sequence[str]) -> Mapping[str, Capacity]:
    """Role, rank and team of actors as the record last says them."""
    found = book.query(
        'SELECT "by", arg_max(role, lo), arg_max(rank, lo), arg_max(team, lo) FROM entries '
        """WHERE list_contains(?, "by") AND rank <> '' GROUP BY "by" """,
        [list(actors) or [""]],
    ).fetchall()
    return {by: Capacity(role or "", rank or "", team or "") for by, role, rank, team in found}


def _rows(path: Path) -> Iterator[tuple[int, Mapping[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise Fault(
                    f"A file of acceptances has a column {missing[0]!r}, and this has none. Add it.", where=str(path)
                )
            for number, row in enumerate(reader, 2):
                if number > MOST:
                    raise Fault(f"A file of acceptances has at most {MOST:,} rows. Split it.", where=str(path))
                yield number, {name: _plain(row.get(name)) for name in (*NEEDED, *OTHERS)}
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise Fault("This file cannot be read as a CSV in UTF-8. Export it again.", where=str(path)) from fault


def _plain(cell: str | None) -> str:
    """A cell without the spaces around it, and without the apostrophe that kept a spreadsheet from reading a formula."""
    text = (cell or "").strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _entry(
    row: Mapping[str, str], where: str, cases: set[str], words: Vocabulary, known: Mapping[str, Capacity]
) -> Entry:
    missing = next((name for name in NEEDED if not row[name]), "")
    if missing:
        raise Fault(
            f"An acceptance says its {missing.replace('_', ' ')}, and this does not. Fill the cell.", where=where
        )
    stream = f"case/{row['case']}"
    if stream not in cases:
        raise Fault(f"No case {shown(row['case'])!r} stands in this extract. Check its reference.", where=where)
    if row["kind"] in words.kinds.of_another_body:
        raise Fault(f"{row['kind']} is the act of another body: no text of ours proves it. Ask that body, and take out the row.",
                    where=where)  # fmt: skip
    try:
        data = words.kinds.admit(row["kind"], _fields(row["fields"]))
        lo, hi = words.calendar.span(row["happened"])
        accepted = words.calendar.span(row["accepted_on"])[1]
    except Fault as fault:
        raise Fault(fault.public, where=where) from fault
    subjects = tuple(name.strip() for name in row["subjects"].split(";") if name.strip())
    capacity = known.get(row["by"], Capacity())
    capacity = capacity._replace(rank=row["rank"] or capacity.rank)
    place = (row["document"], row["page"], row["quotation"], row["accepted_by"])
    return Entry(
        number=0, stream=stream, kind=row["kind"], subjects=subjects, lo=lo, hi=hi, recorded=hi, accepted=accepted,
        by=row["by"], capacity=capacity, data=data,
        source=Source("found", FOUND, _key(stream, row["kind"], subjects, lo, place)), attachments=place,
    )  # fmt: skip


def _fields(text: str) -> Mapping[str, object]:
    try:
        said = json.loads(text) if text else {}
    except ValueError as fault:
        raise Fault(
            'The column fields holds a JSON object, as {"alone": true}. Correct it or leave it empty.'
        ) from fault
    if not isinstance(said, dict):
        raise Fault('The column fields holds a JSON object, as {"alone": true}. Correct it or leave it empty.')
    return said


def _key(stream: str, kind: str, subjects: Sequence[str], lo: int, place: Sequence[str]) -> str:
    spoken = "\x1f".join((stream, kind, *subjects, str(lo), *place[:3]))
    return f"found/{hashlib.sha256(spoken.encode()).hexdigest()[:16]}"
