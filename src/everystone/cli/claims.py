"""Commands about what is claimed, what can be put right and what stands in texts: reconcile, putright, propose."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from everystone.cli.options import Accepted, Audience, Documents, Extracts, KnownOn, Packs, Previous, out
from everystone.cli.places import OutFolder, file_to_write, folder_to_write
from everystone.standards.pack import SHIPPED


def reconcile(
    claims: Annotated[list[Path], typer.Option(help="The force's extract (with --mapping), or a plain list of claims.")],
    listed: Annotated[Path, typer.Option("--list", help="The other body's own list.")],
    body: Annotated[str, typer.Option(help="Whose list: cps, lab, register, social-care, support, yot, lado, ...")],
    out_dir: OutFolder,
    by: Annotated[str, typer.Option(help="What to compare; name a column where the list heads it otherwise: "
                                         "reference=URN,person,date")] = "reference,person,date",
    mapping: Annotated[Path | None, typer.Option(help="The mapping of the extract.")] = None,
    sealed: Annotated[Path | None, typer.Option(help="The folder for professional standards only; by default beside "
                                                     "--out, with -sealed after its name.",
                                              callback=folder_to_write)] = None,
    list_from: Annotated[str, typer.Option(help="The day from which the list was kept.")] = "",
    list_to: Annotated[str, typer.Option(help="The day to which the list was kept.")] = "",
    list_missing: Annotated[list[str] | None, typer.Option(help="A stretch that is missing from the list, as "
                                                           "2015-03-01/2015-05-31; may be said several times.")] = None,
    pack: Packs = None,
) -> None:  # fmt: skip
    """Lay another body's list beside what the record says of it: questions, not accusations.

    --out holds reconciliation.html, reconciled.csv and run.json. What stands on both sides under one reference and
    differs is written to --sealed, for professional standards only; nothing in --out changes with it.
    """
    from everystone import library
    from everystone.account.folder import written
    from everystone.account.reconciliation import place_apart, summary, write_reconciliation, write_sealed

    packs, apart = pack or [SHIPPED], place_apart(sealed, out_dir)
    if mapping is None:
        _one(claims)
    with written(out_dir), written(apart), TemporaryDirectory(prefix="everystone-") as folder:
        claimed = _one(claims) if mapping is None else library.read(claims, mapping, folder, packs)
        done = library.reconcile(claimed, listed, body, by, kept_from=list_from, kept_to=list_to,
                                 missing=list_missing or [], packs=packs)  # fmt: skip
        write_sealed(done, apart, out_dir)
        page = write_reconciliation(done, out_dir)
    out.print(f"{summary(done)}\n\nThe page is in {page}")
    out.print(f"{apart} is for professional standards only, whatever it holds.")


def putright(
    extracts: Extracts,
    mapping: Annotated[Path, typer.Option(help="The mapping file.")],
    as_at: Annotated[str, typer.Option(help="The day on which it is asked what is still possible.")],
    out_dir: OutFolder,
    known_on: KnownOn = None,
    audience: Annotated[Audience, typer.Option(help="For whom: oversight is told one figure and no case.")] = Audience.oversight,
    pack: Packs = None, previous: Previous = None,
) -> None:  # fmt: skip
    """Per child, what of all that went wrong can still be put right: open, closing soon, lost, done.

    --out holds putright.html, for force and reviewer putright.csv as well, and run.json. With --previous no number differs by
    little from what an earlier figure told.
    """
    from everystone import library
    from everystone.account.folder import written
    from everystone.account.putright import figure, read_figures, write_putright
    from everystone.account.whole import moments

    earlier = read_figures(previous or [])
    with written(out_dir), TemporaryDirectory(prefix="everystone-") as folder:
        extract = library.read(extracts, mapping, Path(folder) / "ledger", pack or [SHIPPED])
        lines = library.putright(extract, as_at, Path(folder) / "asked", known_on)
        said = moments(extract.pack, extract.instants(as_at, known_on), {"as_at": as_at})
        detailed = audience in (Audience.force, Audience.reviewer)
        page = write_putright(lines, out_dir, said, detailed=detailed, earlier=earlier)
    out.print(f"{figure(lines, earlier).says}\n\nThe page is in {page}")


def propose(
    extracts: Extracts,
    mapping: Annotated[Path, typer.Option(help="The mapping file.")],
    as_at: Annotated[str, typer.Option(help="The day at which the standards are asked.")],
    out_file: Annotated[Path, typer.Option("--out", help="The CSV to write; readable by you only.",
                                           callback=file_to_write)],
    known_on: KnownOn = None,
    accepted: Accepted = None, documents: Documents = None, pack: Packs = None,
) -> None:  # fmt: skip
    """Read the notes and documents for what the record misses, and write down where a person should look.

    A person who finds it there fills in accepted_by, accepted_on and what else is known; the file is then given to review or
    ask under --accepted. A row that nobody fills in changes nothing.
    """
    from everystone import library
    from everystone.account.proposals import propose as proposed
    from everystone.account.proposals import write_proposals

    with TemporaryDirectory(prefix="everystone-") as folder:
        extract = library.read(extracts, mapping, Path(folder) / "ledger", pack or [SHIPPED], accepted=accepted)
        asked = library.review(extract, as_at, Path(folder) / "asked", known_on)
        when = extract.instants(as_at, known_on)
        found = proposed(extract.ledger, extract.pack, when, asked.folder / "findings.parquet", documents)
        n = write_proposals(found, out_file)
    out.print(f"{n:,} places to look at are in {out_file}. Nothing is settled until a named person accepts it.")


def _one(claims: list[Path]) -> Path:
    if len(claims) != 1:
        raise typer.BadParameter("give --mapping with an extract, or one plain list of claims")
    return claims[0]
