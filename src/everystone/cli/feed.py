"""The command that takes what the force's systems delivered into a live site."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from everystone.cli.options import out
from everystone.cli.site import room

EVERY = 60  # seconds between two looks


def feed(
    site: Annotated[Path, typer.Argument(help="The site's file, in which its feeds stand.", show_default=False)],
    stay: Annotated[bool, typer.Option("--stay", help="Look again each minute until it is stopped.")] = False,
) -> None:
    """Take what waits in each feed of a site, once, and ask again what it touches. For a timer, or with --stay.

    May be stopped at any instant; the same command goes on. The same delivery again adds nothing. Exit status 1 where one
    could not be used: the page of the other systems says which, and why.
    """
    beginning = room()
    beginning.start(site)
    beginning.must_be_ready()
    fine = _round()
    while stay:
        time.sleep(EVERY)
        fine = _round()
    if not fine:
        raise typer.Exit(1)


def _round() -> bool:
    """One look at every feed, said line by line; whether all of it could be used."""
    from everystone.web.feeding import take_feeds

    fine = True
    for done in take_feeds():
        for item in done.items:
            said = item.fault or (
                f"{item.new:,} new, {item.changed:,} changed, {item.gone:,} gone, {item.same:,} as before, "
                f"{item.rejected:,} rows not usable"
            )
            out.print(f"{done.feed}: {item.item}: {said}")
            fine = fine and not item.fault
        if done.fault or not done.items:
            out.print(f"{done.feed}: {done.fault or 'nothing new'}")
            fine = fine and not done.fault
    return fine
