"""The store from a terminal: begin a ledger, take an extract into it, verify, back up, restore, drill, mirror,
rebuild, erase."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from everystone.cli.options import Packs, out
from everystone.cli.places import database_to_write, file_to_write, folder_to_write
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

if TYPE_CHECKING:
    from everystone.ledger.book.sql import SqlBook
    from everystone.ledger.book.verify import Verdict

app = typer.Typer(no_args_is_help=True)

Ledger = Annotated[str, typer.Argument(help="The ledger: a file, or a postgresql:// address.", show_default=False)]
KeyStore = Annotated[
    str, typer.Option("--keys", help="Its key store: a file elsewhere, or another postgresql:// address.")
]
By = Annotated[str, typer.Option(help="Who runs this; it is recorded with what is read.")]


@contextmanager
def _store() -> Iterator[None]:
    """Say what to install where the extra for the store is not there."""
    try:
        yield
    except ModuleNotFoundError as fault:
        raise Fault(f"The store needs {fault.name}. Install it with: pip install 'everystone[store]'.") from fault


@app.command()
@_store()
def begin(ledger: Ledger, keys: KeyStore) -> None:
    """Begin a new, empty ledger and its key store. Keep the two apart, with different rights, backed up apart."""
    from everystone.ledger.book.connection import open_database
    from everystone.ledger.book.keys import open_keys
    from everystone.ledger.book.sql import begin as make

    for place in (ledger, keys):
        database_to_write(place)
    make(open_database(ledger), open_keys(keys))
    out.print("The ledger is begun. Without its key store nobody can read it: back that up apart.")


@app.command()
@_store()
def take(
    ledger: Ledger,
    extracts: Annotated[list[Path], typer.Argument(help="Files or folders that the force exported.")],
    mapping: Annotated[Path, typer.Option(help="The mapping file.")],
    keys: KeyStore, by: By, pack: Packs = None,
    changes: Annotated[Path | None, typer.Option(help="Write what changed since the earlier deliveries to this CSV.",
                                                callback=file_to_write)] = None,
) -> None:  # fmt: skip
    """Take an extract into the ledger, all or nothing. The same extract again adds nothing; next month's, what is new in it.

    A row that says something else than before becomes a correction, one that is missing is listed as gone and stays.
    """
    from tempfile import TemporaryDirectory

    from everystone.intake.changes import changed_rows, in_words, write_changes
    from everystone.intake.keep import keep
    from everystone.standards.pack import load

    packs = load(pack or [SHIPPED])
    with TemporaryDirectory(prefix="everystone-") as folder, _open(ledger, keys, by, "taking an extract") as book:
        taken, receipt = keep(book, list(extracts), mapping, packs, Path(folder))
        deliveries = book.deliveries(taken.delivery.source)
        if changes is not None:
            write_changes(changed_rows(deliveries, book.named, packs.words.calendar.zone), changes)
    out.print(f"{len(receipt.numbers):,} entries were taken, {taken.repeated:,} were there already.")
    if len(receipt.numbers):
        out.print("\n".join(in_words(deliveries)))


@app.command()
@_store()
def verify(
    ledger: Ledger, keys: KeyStore, by: By,
    whole: Annotated[bool, typer.Option("--all", help="Payloads too: every commitment, under its own key.")] = False,
    checkpoint: Annotated[list[str] | None, typer.Option(help="A checkpoint kept elsewhere, as SIZE:ROOT.")] = None,
) -> None:  # fmt: skip
    """Say whether the ledger is what was written, and name the first thing that is not. Exit status 1 if it is altered."""
    from everystone.ledger.book.verify import verify as verified

    with _open(ledger, keys, by, "verification") as book:
        verdict = verified(book, payloads=whole, kept=[_checkpoint(each) for each in checkpoint or ()])
        if verdict.sound:
            book.checkpoint()
    _say(verdict)


@app.command()
@_store()
def backup(
    ledger: Ledger, keys: KeyStore, by: By,
    to: Annotated[Path, typer.Option(help="The folder for the ledger's backup.", callback=folder_to_write)],
    keys_to: Annotated[Path, typer.Option(help="The folder for the keys' backup, apart; older than 35 days is removed.",
                                            callback=folder_to_write)],
) -> None:  # fmt: skip
    """Back up a ledger and, apart from it, its keys, while it is in use."""
    from everystone.ledger.book.backup import back_up
    from everystone.work import tables  # noqa: F401 - what was told is backed up too

    with _open(ledger, keys, by, "backup") as book:
        written = back_up(book, to, keys_to, _now())
    out.print(f"{written[0]}\n{written[1]}")


@app.command()
@_store()
def restore(
    backed_up: Annotated[Path, typer.Argument(help="The ledger's backup.")],
    keys_from: Annotated[Path, typer.Option(help="The keys' backup; of another day where need be.")],
    to: Annotated[str, typer.Option(help="An empty place for the ledger: a file or a postgresql:// address.",
                                       callback=database_to_write)],
    keys: KeyStore, by: By,
) -> None:  # fmt: skip
    """Restore a ledger and its keys into empty places, verify them, and say which keys are missing."""
    from everystone.ledger.book.backup import restore as restored
    from everystone.ledger.book.connection import database, open_database
    from everystone.ledger.book.keys import open_keys
    from everystone.ledger.book.sql import Reader
    from everystone.work import tables  # noqa: F401 - what was told is restored too

    database_to_write(keys)
    verdict = restored(
        backed_up, keys_from, database(open_database(to)), open_keys(keys), Reader(by, why="restoring"), _now
    )
    _say(verdict)


@app.command()
@_store()
def drill(ledger: Ledger, keys: KeyStore, by: By) -> None:
    """Prove that a backup restores: make one, restore it apart, verify it, hold every row against the live ledger."""
    from everystone.ledger.book.backup import drill as drilled
    from everystone.work import tables  # noqa: F401 - what was told is restored too

    with _open(ledger, keys, by, "restore drill") as book:
        verdict = drilled(book, _now())
    _say(verdict)
    out.print("The restored ledger was equal to the live one, row for row.")


@app.command()
@_store()
def mirror(
    ledger: Ledger, keys: KeyStore, by: By,
    to: Annotated[Path, typer.Option(help="The folder of the mirror; private to you (0700).", callback=folder_to_write)],
    pack: Packs = None,
) -> None:  # fmt: skip
    """Bring a mirror in Parquet up to the ledger, for review and analysis. Holds no sealed stream. May be stopped."""
    from everystone.ledger.book.copies import follow

    with _open(ledger, keys, by, "mirror") as book:
        reached = follow(book, "mirror", to, *_fields(pack))
    out.print(f"{to} has every entry up to {reached:,}.")


@app.command()
@_store()
def rebuild(
    ledger: Ledger, keys: KeyStore, by: By,
    name: Annotated[str, typer.Option(help="Which copy; without it, every one.")] = "", pack: Packs = None,
) -> None:  # fmt: skip
    """Make the derived copies of a ledger anew, and say of each whether the old one was equal."""
    from everystone.ledger.book.copies import rebuild as rebuilt
    from everystone.work import worklists  # noqa: F401 - what a site keeps at hand is a copy too

    with _open(ledger, keys, by, "rebuilding a copy") as book:
        equal = rebuilt(book, name, *_fields(pack))
    _say_copies(equal)


@app.command()
@_store()
def erase(
    ledger: Ledger,
    entries: Annotated[list[int], typer.Argument(help="The numbers of the entries.")],
    keys: KeyStore, by: By,
    authority: Annotated[str, typer.Option(help="Who decided it, and under which reference.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    approved: Annotated[list[str], typer.Option(help="Who approved it: give it twice, two people other than who runs this.")],
    pack: Packs = None,
) -> None:  # fmt: skip
    """Erase entries for good, here and in every registered copy, and put on record by whose authority. Run again to finish."""
    from everystone.ledger.book.copies import rebuild as rebuilt
    from everystone.ledger.book.erasure import Authority, readings_of
    from everystone.ledger.book.erasure import erase as erased
    from everystone.work import worklists  # noqa: F401 - what a site keeps at hand is a copy too

    with _open(ledger, keys, by, "erasure") as book:
        readings = readings_of(book, entries)
        number = erased(book, entries, Authority(authority, reason, tuple(approved)))
        out.print(f"Erased; entry {number:,} says so." if number else "Erased; it was on record already.")
        _say_copies(rebuilt(book, "", *_fields(pack)))
    for each in readings:
        out.print(
            f"Read before by {each.by} ({each.why}), {each.times:,} times: what they kept of it is not reached from here.",
        )
    out.print(
        "Backups of the keys made before now still open it: they go within 35 days, by the next `everystone backup`.",
    )


# ---- the work behind ---------------------------------------------------------------------------------------------


@contextmanager
def _open(ledger: str, keys: str, by: str, why: str) -> Iterator[SqlBook]:
    from everystone.ledger.book.connection import SERVER, open_database
    from everystone.ledger.book.keys import Keys, open_keys
    from everystone.ledger.book.sql import Reader, SqlBook

    for place in (ledger, keys):
        if not place.startswith(SERVER) and not Path(place).exists():
            raise Fault(f"There is no file {place}. `everystone begin` makes a ledger together with its key store.")
    connection, store = open_database(ledger), open_keys(keys)
    try:
        yield SqlBook(connection, Keys(store), Reader(by, why=why), _now)
    finally:
        connection.close()
        store.connection.close()


def _fields(packs: list[str] | None) -> tuple[Any, Any]:
    from everystone.library import fields_of

    return fields_of(packs or [SHIPPED])


def _say_copies(equal: Mapping[str, bool | None]) -> None:
    for place, same in equal.items():
        said = (
            "is not here any more; whoever has it keeps what was erased"
            if same is None
            else (f"made anew; the old one was {'equal' if same else 'not equal'}")
        )
        out.print(f"{place}: {said}.")


def _checkpoint(said: str) -> Any:
    from everystone.ledger.seal.tree import Checkpoint

    size, _, root = said.partition(":")
    try:
        return Checkpoint(int(size), bytes.fromhex(root))
    except ValueError as fault:
        raise Fault(f"{said!r} is no checkpoint. Give it as `verify` prints it: SIZE:ROOT.") from fault


def _say(verdict: Verdict) -> None:
    for note in verdict.notes:
        out.print(note)
    if not verdict.sound:
        out.print(f"{'ALTERED' if verdict.altered else 'NOT WHOLE'}. {verdict.fault}")
        raise typer.Exit(1)
    for name, (size, root) in verdict.checkpoints.items():
        out.print(f"{name.removeprefix('ledger_')}: unaltered, {size:,} entries, checkpoint {size}:{root.hex()}")


def _now() -> int:
    return int(time.time())
