"""The live site from a terminal: a demonstration of it, and serving one."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from everystone.cli.options import bar, out
from everystone.ledger.fault import Fault

if TYPE_CHECKING:
    from everystone.web.beginning import SignIn

PORT = 8765
app = typer.Typer(no_args_is_help=True, help="Keeping a live site: make it ready, its people.")
SiteFile = Annotated[Path, typer.Argument(help="The site's file (docs/site.md).", show_default=False)]
Reference = Annotated[str, typer.Argument(help="Who it is in the ledger, for example O00012.", show_default=False)]
Port = Annotated[int, typer.Option(help="The port on this machine.")]


def serve(
    site: Annotated[Path, typer.Argument(help="The site's file; a demonstration's is demo/site/site.toml.")] = Path(
        "demo/site/site.toml"
    ),
    port: Port = PORT,
) -> None:
    """Serve a site on this machine until it is stopped (Ctrl-C). For a force see docs/site.md."""
    beginning = room()
    beginning.start(site)
    beginning.must_be_ready()
    out.print(f"The site is at http://127.0.0.1:{port}/ until you press Ctrl-C.")
    beginning.serve(port)


@app.command()
def ready(site: SiteFile) -> None:
    """Bring the tables of a site up to this release; say it again after every release. What was told is kept.

    Where what is kept at hand is of another release, every standard is asked anew. Pages wait meanwhile, saying so.
    """
    beginning = room()
    beginning.start(site)
    with bar("Making the site ready") as tell:
        beginning.make_ready(progress=lambda share: tell("Asking the standards anew", share))
    out.print("The site is ready. Make the first person with: everystone site person")


@app.command()
def person(
    site: SiteFile, reference: Reference,
    name: Annotated[str, typer.Argument(help="The name on screen.", show_default=False)],
    post: Annotated[str, typer.Option(help="The post that the person holds from today.")],
    team: Annotated[str, typer.Option(help="The team; without it, the whole force.")] = "",
) -> None:  # fmt: skip
    """Make a person with one post, and print a password that is told this once."""
    beginning = room()
    beginning.start(site)
    beginning.must_be_ready()
    made = beginning.somebody(name, reference, post, team)
    out.print(f"{made.reference} may sign in as {made.role}. The password, told this once: {made.password}")


@app.command()
def end(site: SiteFile, reference: Reference) -> None:
    """Put somebody out at once: no sign-in, and no page from the next one on. What they did stays on record."""
    beginning = room()
    beginning.start(site)
    beginning.must_be_ready()
    beginning.put_out(reference)
    out.print(f"{reference} is out.")


def tick(
    site: Annotated[Path, typer.Argument(help="The site's file; a demonstration's is demo/site/site.toml.")] = Path(
        "demo/site/site.toml"
    ),
) -> None:
    """Ask again what is due, tell what cannot be missed, send the weekly sheet. Run it every minute from a timer."""
    beginning = room()
    beginning.start(site)
    beginning.must_be_ready()
    done = beginning.tick()
    if done.busy:
        out.print(f"Asked again: {done.asked}. Another tick is telling; nobody is told twice.")
        return
    out.print(f"Asked again: {done.asked}. Cannot be missed now: {done.up}. Posts told: {done.told}; not reached: "
              f"{done.not_reached}. Sheets sent: {done.sheets}.")  # fmt: skip
    if not beginning.tells():
        out.print("Nobody is told by this site: its file names no post under telling (docs/site.md).")


def demonstrate(force: Path, folder: Path, as_at: str, port: int, *, stay: bool) -> None:
    """Make a site of an invented force in beside mode, print one sign-in for each post, and serve it if somebody looks."""
    from everystone.standards.pack import load

    beginning = room()
    with bar("Making the site") as tell:
        began = load().words.calendar.span(f"{as_at} 23:00")[0]
        path = beginning.write_demonstration(folder, force / "mapping.yaml", began, int(time.time()))
        beginning.start(path)
        beginning.make_ready()
        beginning.fill([force], began, lambda share: tell("Asking the standards", share))
    people = beginning.somebody_for_each_post(began)
    _say(people, path, port, stay)
    if stay:
        beginning.serve(port)


def looked_at() -> bool:
    """Whether somebody sits at the terminal: only then does a demonstration stay up."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _say(people: Sequence[SignIn], path: Path, port: int, stay: bool) -> None:
    out.print("\nThe site, beside the force's own systems: sign in with a reference and its password.")
    for each in people:
        out.print(f"  {each.role:24} {each.reference:8} {each.password}")
    out.print(f"http://127.0.0.1:{port}/ until you press Ctrl-C." if stay else
              f"Start it with: everystone serve {path}  (then open http://127.0.0.1:{port}/)")  # fmt: skip


def room() -> ModuleType:
    """The beginning of the site, which is there only with the extra."""
    try:
        from everystone.web import beginning

        beginning.look()
    except ModuleNotFoundError as fault:
        raise Fault(f"The site needs {fault.name}. Install it with: pip install 'everystone[site]'.") from fault
    return beginning
