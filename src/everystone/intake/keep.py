"""A delivery into the live ledger: laid beside what its source delivered before, and what is new of it kept, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from everystone.intake.fitting import read_mapping
from everystone.intake.take import Progress, Taken, take
from everystone.ledger.book import Receipt
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.book.sql import SqlBook
from everystone.ledger.entry import Entry
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack

AT_ONCE = 50_000  # entries that are laid out together


Beside = Callable[[Taken, Receipt], None]


def keep(
    ledger: SqlBook, extracts: Sequence[Path], mapping: Path, pack: Pack, folder: Path, progress: Progress | None = None, *,
    as_of: str = "", goes_on: bool = False, beside: Beside = lambda _taken, _receipt: None,
) -> tuple[Taken, Receipt]:  # fmt: skip
    """Take a delivery into a ledger, all or nothing, by way of a private folder that is thrown away afterwards.

    What its source delivered before is laid out there, so that one comparison serves every ledger. Stopped at any
    instant and begun again it ends the same. `as_of` dates it where that is known from elsewhere, a source that `goes_on`
    holds its kinds until further notice, and `beside` writes what belongs to it in the same transaction. Raises Fault,
    and keeps nothing, where the extract cannot be used, or another delivery of the source was kept meanwhile.
    """
    kinds = pack.words.kinds
    people = {name: [field for field, _ in fields] for name, fields in kinds.people.items()}
    held = ParquetBook(folder / "beside", kinds.texts, people)
    new = ParquetBook(folder / "new", kinds.texts, people)
    source = read_mapping(mapping, kinds).name
    known = ledger.deliveries(source)
    _lay_out(ledger, source, held)
    before = held.parts
    taken = take(extracts, mapping, pack, held.folder, progress, as_of=as_of)
    for part in (each for each in held.parts if each not in before):
        for path in held.folder.glob(f"{part.name.split('.')[0]}.*"):
            path.rename(new.folder / path.name)
    with ledger.transaction():
        if len(ledger.deliveries(source)) != len(known):
            raise Fault(f"Another delivery of {source} was taken meanwhile. Nothing was taken. Take this one again.")
        receipt = ledger.append(entries_of(new))
        stated = set(ledger.coverage().holdings or ())
        holds = [each._replace(last=None) if goes_on else each for each in taken.delivery.holdings]
        ledger.hold([each for each in holds if each not in stated])
        for delivery, changes in new.deliveries():
            ledger.deliver(delivery, changes)
        beside(taken, receipt)
    return taken, receipt


def _lay_out(ledger: SqlBook, source: str, beside: ParquetBook) -> None:
    """What a source delivered before, as a book in Parquet."""
    for part in _parts(ledger.of_source(source)):
        beside.carry(part)
    for delivery, changes in ledger.deliveries(source):
        beside.deliver(delivery, changes)


def _parts(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    source = iter(entries)
    while part := list(islice(source, AT_ONCE)):
        yield part


def entries_of(book: ParquetBook, at_once: int = 20_000) -> Iterator[Entry]:
    """Every entry of a book with its narrative, stream by stream: to append to another."""
    names: list[str] = []
    held = 0
    for name, size in [*book.sizes(), ("", 0)]:
        if names and (held >= at_once or not name):
            texts = book.narrative(names[0], names[-1])
            for entry in book.between(names[0], names[-1]):
                yield entry._replace(data={**entry.data, **texts.get(entry.key, {})})
            names, held = [], 0
        names.append(name)
        held += size
