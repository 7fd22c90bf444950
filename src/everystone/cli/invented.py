"""The invented force, a demonstration with it, and putting away what was written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Annotated

import typer

from everystone.cli.cases import review
from everystone.cli.options import Audience, bar, out
from everystone.cli.places import folder_to_write
from everystone.cli.site import PORT, Port, demonstrate, looked_at
from everystone.ledger.fault import Fault


def synthesise(
    cases: Annotated[int, typer.Option(help="How many cases (100 to 1,000,000).")],
    out_dir: Annotated[Path, typer.Option("--out", help="The folder to write.", callback=folder_to_write)],
    seed: Annotated[int, typer.Option(help="The same seed makes the same force.")] = 1,
    failing: Annotated[list[str] | None, typer.Option(help="A kind of failing to write into the record.")] = None,
    layout: Annotated[
        str, typer.Option(help="Another export of the same force: 'file by kind', 'system changed'.")
    ] = "",
    without: Annotated[list[str] | None, typer.Option(help="A kind of entry that the extract does not hold.")] = None,
) -> None:
    """Make an invented force: an extract, its mapping, and what was edited (truth.parquet)."""
    from everystone.synthetic.force import synthesise as make

    _only_invented(out_dir)
    with bar("Making the invented force") as tell:
        make(cases, seed, out_dir, failing or [], lambda done, of: tell("Making the invented force", done / of),
             layout=layout, without=without or [])  # fmt: skip
    out.print(f"{cases:,} invented cases are in {out_dir}.")


def forget(folder: Path) -> None:
    """Remove an output folder, and only one that this program wrote (its run.json says so); its sealed one with it."""
    from everystone.account import folder as written
    from everystone.account.apart import sealed_beside

    written.remove(folder)
    out.print(f"{folder} was removed.")
    if written.is_ours(apart := sealed_beside(folder)):
        written.remove(apart)
        out.print(f"{apart} was removed.")


def demo(
    cases: Annotated[int, typer.Option(help="How many invented cases.")] = 500,
    folder: Annotated[Path, typer.Option(help="Where to put the invented force, the review and the site.",
                                         callback=folder_to_write)] = Path("demo"),
    live: Annotated[bool, typer.Option("--site/--no-site", help="Also make the live site, and serve it if you look.")] = True,
    port: Port = PORT,
) -> None:  # fmt: skip
    """Make an invented force with two teams in difficulty, review it, say what needs attention first, start the site."""
    from everystone.synthetic.force import synthesise as make

    world, review_dir = folder / "force", folder / "review"
    _only_invented(world)
    shutil.rmtree(world, ignore_errors=True)
    with bar("Making the invented force") as tell:
        made = make(cases, 7, world, ["unseen-children", "claims-without-proof", "silent-cases"],
                    lambda done, of: tell("Making the invented force", done / of))  # fmt: skip
    review([world], made["as_at"], review_dir, audience=Audience.force)
    if live:
        demonstrate(world, folder / "site", made["as_at"], port, stay=looked_at())


def _only_invented(folder: Path) -> None:
    """Refuse to write an invented force over anything else."""
    if folder.exists() and not (folder / "world.json").exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Fault(f"{folder} holds files that are no invented force. Give an empty folder, or a new one.")
