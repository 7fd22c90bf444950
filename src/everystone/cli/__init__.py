"""The same questions from a terminal. Here, and where the site begins a request, the clock is read."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence

import typer

from everystone.account.wording import words
from everystone.cli import cases, claims, invented, keeping, mapping, site, standards
from everystone.cli.feed import feed
from everystone.cli.manual import manual
from everystone.cli.options import bold, err
from everystone.cli.whatif import whatif
from everystone.ledger.fault import Fault

app = typer.Typer(
    help="Everystone: what should be on the record of an investigation that protects a child, and is not.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    epilog="Exit status: 0 done; 1 a story came out otherwise; 2 what was given cannot be used, and nothing was changed; "
    "130 stopped. The same in words and examples: docs/tutorial.md.",
)
for asking in (cases.review, cases.ask, claims.reconcile, claims.putright, claims.propose, words):
    app.command()(asking)
app.command("try")(standards.try_stories)
app.command()(whatif)
app.command()(manual)
app.add_typer(standards.app, name="standards")
app.add_typer(mapping.app, name="intake")
app.add_typer(site.app, name="site")
app.add_typer(keeping.app)  # begin, take, verify, backup, restore, drill, mirror, rebuild, erase
for making in (invented.synthesise, invented.demo, invented.forget, site.serve, site.tick, feed):
    app.command()(making)


#: What no look beforehand can rule out: no right to a place, a full disk, a name that is too long.
OF_THE_MACHINE = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENAMETOOLONG}


def main() -> None:
    """Run the command line and leave with its status.

    It leaves without the interpreter's own tidying up, during which the database's binding would print about itself.
    """
    status = run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def run(arguments: Sequence[str] | None = None) -> int:
    """The status of a command, by default the one that was typed; a fault is said in full sentences with status 2."""
    try:
        left_with = app(
            arguments, prog_name="everystone", standalone_mode=False
        )  # the status of an exit is given back, not raised
        return left_with if isinstance(left_with, int) else 0
    except Fault as fault:
        err.print(bold("Cannot be used.", f" {fault}"))
        return 2
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        err.print("Stopped. The same command goes on where it was.")
        return 130
    except OSError as fault:
        if fault.errno not in OF_THE_MACHINE:
            raise
        where = f"{fault.filename}: " if fault.filename else ""
        err.print(
            bold(
                "Stopped.",
                f" {where}{os.strerror(fault.errno).lower()}. Set that right and say the same command again.",
            )
        )
        return 2
    except Exception as fault:
        if fault.__class__.__module__.startswith(("click", "typer")):
            fault.show()  # type: ignore[attr-defined]
            return 2
        raise
