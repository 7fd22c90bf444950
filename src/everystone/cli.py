"""The same questions from a terminal. Only here is the clock read."""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from everystone import __version__, cli_claims, cli_intake, keeping
from everystone.account.wording import words
from everystone.cli_claims import Audience
from everystone.cli_manual import manual
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

app = typer.Typer(
    help="Everystone: what should be on the record of an investigation that protects a child, and is not.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    epilog="Exit status: 0 done; 1 a story came out otherwise; 2 what was given cannot be used, and nothing was changed; "
    "130 stopped. The same in words and examples: docs/tutorial.md.",
)
standards_app = typer.Typer(help="The standards themselves: list, show, check, schema.", no_args_is_help=True)
app.add_typer(standards_app, name="standards")
cli_claims.add_to(app)
app.add_typer(keeping.app)  # begin, take, verify, backup, restore, drill, mirror, rebuild
app.add_typer(cli_intake.app, name="intake")
app.command()(words)
app.command()(manual)
out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


Extracts = Annotated[list[Path], typer.Argument(help="Files or folders that the force exported.", show_default=False)]
Mapping = Annotated[Path | None, typer.Option(help="The mapping file: which columns become which kinds of entry. "
                                              "Without it, the mapping.yaml that lies with the extract.")]  # fmt: skip
AsAt = Annotated[str, typer.Option(help="The day (or local instant) in the world; a bare date is its end.")]
KnownOn = Annotated[str | None, typer.Option(help="As known on this day; without it, the same as --as-at.")]
Packs = Annotated[list[str] | None, typer.Option("--pack", help=f"A pack by name or folder; default {SHIPPED}.")]


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
        err.print(f"[bold]Cannot be used.[/bold] {fault}", markup=True)
        return 2
    except typer.Exit as left:
        return left.exit_code
    except (typer.Abort, KeyboardInterrupt):
        err.print("Stopped. The same command goes on where it was.")
        return 130
    except Exception as fault:
        if fault.__class__.__module__.startswith(("click", "typer")):
            fault.show()  # type: ignore[attr-defined]
            return 2
        raise


@app.command()
def review(
    extracts: Extracts, as_at: AsAt,
    out_dir: Annotated[Path, typer.Option("--out", help="The folder to write; private to you (0700).")],
    mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    audience: Annotated[Audience, typer.Option(help="For whom the report is.")] = Audience.oversight,
    processes: Annotated[int, typer.Option(help="How many processes work at once.", min=1)] = 2,
) -> None:  # fmt: skip
    """Ask every standard of every case and write a report of what needs attention first.

    `everystone review extract/ --mapping mapping.yaml --as-at 2026-06-30 --audience force --out review/`

    `--out` holds report.html, findings.parquet, counts.parquet, rejects.csv, coverage.csv and run.json; for the audiences
    oversight and public only report.html, counts.parquet (small numbers protected) and run.json, and nothing about a
    case is printed. A run that was stopped goes on with the same command.
    """
    _review(extracts, mapping, as_at, known_on, pack or [SHIPPED], audience, out_dir, processes)


@app.command()
def ask(
    extracts: Extracts,
    case: Annotated[str, typer.Option(help="The reference of the case, as the mapping makes it.")],
    as_at: AsAt, mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    as_json: Annotated[bool, typer.Option("--json", help="The rows as JSON, *met* included.")] = False,
) -> None:  # fmt: skip
    """Ask every standard of one case and say each answer in a sentence, with what today's version would have said.

    `everystone ask extract/ --mapping mapping.yaml --case 2024/00173 --as-at 2026-06-30`
    """
    from tempfile import TemporaryDirectory

    from everystone import library

    with TemporaryDirectory(prefix="everystone-") as folder, _bar("Reading") as bar:
        extract = library.read(extracts, mapping or library.mapping_beside(extracts), folder, pack or [SHIPPED], bar)
        answered = library.ask(extract, case, as_at, known_on)
    if as_json:
        print(json.dumps(answered.rows(), ensure_ascii=False, indent=1))  # noqa: T201 - plain output for other programs
        return
    _print_case(answered)


@app.command(name="try")
def try_stories(
    files: Annotated[list[Path], typer.Argument(help="Story files: worked cases, orders of danger, standards.")],
    pack: Packs = None,
) -> None:
    """Tell stories and say whether each comes out as told. Exit status 0 only if every one does.

    `everystone try my-story.yaml`
    """
    from everystone.findings.stories import Verdict, judge, tally
    from everystone.standards.pack import load
    from everystone.standards.story import read_stories

    read = load(pack or [SHIPPED])
    verdicts = {}
    for path in files:
        try:
            stories = read_stories(path, read)
        except Fault as fault:
            verdicts[str(path)] = Verdict([str(fault)])
            out.print(f"otherwise  {path.name}: {fault}", markup=False)
            continue
        for number, story in enumerate(stories):
            try:
                verdict = judge(story, read)
            except Fault as fault:
                verdict = Verdict([str(fault)])
            verdicts[f"{path}#{number}"] = verdict
            out.print(
                f"{'otherwise' if verdict.otherwise else 'as told  '}  {path.name}: {story.title}",
                markup=False,
            )
            for line in verdict.otherwise:
                out.print(f"             {line}", markup=False)
    out.print(tally(verdicts), markup=False)
    raise typer.Exit(1 if any(verdict.otherwise for verdict in verdicts.values()) else 0)


# ---- standards -------------------------------------------------------------------------------------------------


@standards_app.command("list")
def standards_list(pack: Packs = None) -> None:
    """Every standard: its reference, whether it is finished, what it asks."""
    from everystone.standards.pack import load

    for _, each in sorted(load(pack or [SHIPPED]).standards.items()):
        mark = "        " if each.standard.finished else "(not yet finished) "
        out.print(f"{each.id}  {each.standard.title}  {mark}".rstrip(), markup=False)


@standards_app.command("show")
def standards_show(reference: str, pack: Packs = None) -> None:
    """One standard in words, with its versions, sources and what is unconfirmed."""
    from everystone.findings.explain import STRENGTH
    from everystone.standards.pack import load

    read, reference = load(pack or [SHIPPED]), reference.upper()
    if reference not in read.standards:
        raise Fault(f"No standard bears the reference {reference!r}. `everystone standards list` shows them all.")
    standard = read.standards[reference].standard
    out.print(f"[bold]{standard.title}[/bold] ({standard.id})\n{standard.asks}")
    out.print(f"Who acts: {standard.who_acts}. If it fails it threatens: {standard.threatens}.", markup=False)
    for version in standard.versions:
        until = f" to {version.until}" if version.until else ""
        out.print(
            f"From {version.since}{until}: {version.basis}, said as “{STRENGTH[version.basis]}”.",
            markup=False,
        )
        for source in version.sources:
            out.print(f"  {source.name}{', ' + source.where if source.where else ''}", markup=False)
        if version.checked != "verified":
            out.print(f"  Unconfirmed: {version.confirm}", markup=False)
    if standard.still_possible:
        possible = standard.still_possible
        out.print(f"Still possible: {possible.what} ({possible.by})", markup=False)


@standards_app.command("check")
def standards_check(folder: Path) -> None:
    """Read a pack strictly and tell every story of its standards. Exit status 1 if one comes out otherwise.

    A folder that has kinds is a pack of its own; one that has only standards is read beside the shipped pack.
    """
    from everystone.findings.stories import judge
    from everystone.standards.pack import load
    from everystone.standards.story import read_stories

    if folder.is_dir() and not any((folder / name).is_dir() for name in ("kinds", "standards")):
        raise Fault(f"{folder} holds neither `kinds` nor `standards`: it is no pack.")
    read = load([str(folder)] if (folder / "kinds").is_dir() else [SHIPPED, str(folder)])
    stories = otherwise = 0
    mine = [each for each in read.standards.values() if folder.resolve() in each.path.resolve().parents]
    finished = [each for each in mine if each.standard.finished]
    for each in finished:
        for story in read_stories(each.path, read) if each.standard.stories else ():
            verdict = judge(story, read)
            stories += 1
            otherwise += bool(verdict.otherwise)
            for line in verdict.otherwise:
                out.print(f"{each.path}: {story.title}: {line}", markup=False)
    out.print(f"{len(mine)} standards, {len(finished)} finished, {stories} stories, {otherwise} otherwise")
    raise typer.Exit(1 if otherwise else 0)


@standards_app.command("schema")
def standards_schema(
    what: Annotated[str, typer.Argument(help="standard, kind, state or mapping.")] = "standard",
) -> None:
    """The JSON Schema of a file of a pack, for editors that complete and check while one writes."""
    from everystone.intake.mapping import Mapping as MappingFile
    from everystone.standards.schema import schema_of

    schema = MappingFile.model_json_schema(by_alias=True) if what == "mapping" else schema_of(what)
    print(json.dumps(schema, indent=1))  # noqa: T201 - plain output for other programs


# ---- the invented force, and putting away ------------------------------------------------------------------------


@app.command()
def synthesise(
    cases: Annotated[int, typer.Option(help="How many cases (100 to 1,000,000).")],
    out_dir: Annotated[Path, typer.Option("--out", help="The folder to write.")],
    seed: Annotated[int, typer.Option(help="The same seed makes the same force.")] = 1,
    failing: Annotated[list[str] | None, typer.Option(help="A kind of failing to write into the record.")] = None,
) -> None:
    """Make an invented force: an extract, its mapping, and what was edited (truth.parquet)."""
    from everystone.synthetic.force import synthesise as make

    _only_invented(out_dir)
    with _bar("Making the invented force") as bar:
        make(cases, seed, out_dir, failing or [], lambda done, of: bar("Making the invented force", done / of))
    out.print(f"{cases:,} invented cases are in {out_dir}.", markup=False)


@app.command()
def forget(folder: Path) -> None:
    """Remove an output folder, and only one that this program wrote (its run.json says so)."""
    from everystone.account import folder as written

    written.remove(folder)
    out.print(f"{folder} was removed.", markup=False)


@app.command()
def demo(
    cases: Annotated[int, typer.Option(help="How many invented cases.")] = 500,
    folder: Annotated[Path, typer.Option(help="Where to put the invented force and the review.")] = Path("demo"),
) -> None:
    """Make an invented force with two teams in difficulty, review it, and say what needs attention first."""
    from everystone.synthetic.force import synthesise as make

    world, review_dir = folder / "force", folder / "review"
    _only_invented(world)
    shutil.rmtree(world, ignore_errors=True)
    with _bar("Making the invented force") as bar:
        made = make(cases, 7, world, ["unseen-children", "claims-without-proof", "silent-cases"],
                    lambda done, of: bar("Making the invented force", done / of))  # fmt: skip
    _review([world], world / "mapping.yaml", made["as_at"], None, [SHIPPED], Audience.force, review_dir, 2)


# ---- the work behind ---------------------------------------------------------------------------------------------


def _only_invented(folder: Path) -> None:
    """Refuse to write an invented force over anything else."""
    if folder.exists() and not (folder / "world.json").exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Fault(f"{folder} holds files that are no invented force. Give an empty folder, or a new one.")


def _review(
    extracts: list[Path], mapping: Path | None, as_at: str, known_on: str | None, packs: list[str], audience: Audience,
    folder: Path, processes: int,
) -> None:  # fmt: skip
    from everystone import library
    from everystone.account.folder import keep_figures, say_run, written
    from everystone.account.report import write_report
    from everystone.account.totals import sealed_in
    from everystone.intake.rejects import write_coverage, write_rejects

    began = time.time()
    library.look_over(packs, as_at, known_on)
    mapping = mapping or library.mapping_beside(extracts)
    with written(folder), _bar("Reading the extract") as bar:
        extract = library.read_anew(extracts, mapping, folder / "ledger", packs, bar)
        read_at = time.time()
        done = library.review(extract, as_at, folder, known_on, processes, lambda share: bar("Asking", share))
        asked_at = time.time()
        bar("Writing the report", 1.0)
        when = extract.instants(as_at, known_on)
        run = {
            "version": __version__, "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "audience": audience.value, "as_at": as_at, "known_on": known_on or as_at,
            "asked_as_at": when.as_at, "asked_known_on": when.known_on, "packs": list(extract.pack.names),
            "standards": len(extract.pack.standards), "finished": len(extract.pack.finished),
            "not_yet_finished": sorted(set(extract.pack.standards) - {each.id for each in extract.pack.finished}),
            "seconds": {"reading": round(read_at - began, 2), "asking": round(asked_at - read_at, 2)},
            "files": extract.taken.files, "frames": done.frames, "findings": done.findings,
        }  # fmt: skip
        report = write_report(folder, audience.value, extract.pack, extract.ledger, when, run)
        if audience in (Audience.force, Audience.reviewer):
            write_rejects(extract.taken, folder / "rejects.csv")
            write_coverage(extract.taken, extract.pack, folder / "coverage.csv")
        else:
            keep_figures(folder, sealed_in(extract.pack))
        say_run(folder, run)
    out.print(f"\nThe report is in {report}", markup=False)
    if audience is Audience.force:
        _first_five(folder)
    out.print(
        f"{done.frames:,} frames asked, {done.findings:,} answers to look at, {time.time() - began:.0f} s.",
        markup=False,
    )


def _first_five(folder: Path) -> None:
    import pyarrow.parquet as pq

    placed = pq.read_table(folder / "danger.parquet").sort_by("order").to_pylist()
    first = [each for each in placed if each["tier"] <= 2]
    out.print(f"\n[bold]What needs attention first[/bold] ({min(5, len(first))} of {len(first)})")
    for each in first[:5]:
        out.print(f"  tier {each['tier']}  {each['person']} in {each['frame']}: {each['because']}", markup=False)


def _print_case(answered: Any) -> None:
    from everystone.findings import explain

    for each in answered.placed:
        out.print(f"tier {each.tier}  {each.person}: {each.because}", markup=False)
    asked = [answer for answer in answered.answers if answer.reason != "not yet finished"]
    for answer in asked:
        title = answered.pack.standards[answer.standard].standard.title
        said = explain.strength(answer, answered.pack) if answer.answer == "not met" else ""
        strength = f" ({said})" if said not in ("", "not met") else ""
        out.print(f"\n[bold]{title}[/bold] {answer.standard}{' for ' + answer.asked_for if answer.asked_for else ''}: "
                  f"{answer.answer}{strength}")  # fmt: skip
        for line in (answered.sentence(answer), answered.today(answer),
                     explain.unconfirmed(answer, answered.pack), explain.marks(answer)):  # fmt: skip
            if line:
                out.print(f"  {line}", markup=False)
    left = len(answered.answers) - len(asked)
    if left:
        out.print(
            f"\nNot asked, because not yet finished: {left} of {len(answered.pack.standards)} standards.", markup=False
        )


class _bar:
    """A progress bar on the error stream; says nothing where nobody looks."""

    def __init__(self, label: str) -> None:
        self.progress = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
            console=err, transient=True, disable=not err.is_terminal,
        )  # fmt: skip
        self.task = self.progress.add_task(label, total=1.0)

    def __enter__(self) -> Callable[[str, float], None]:
        self.progress.start()
        return lambda label, share: self.progress.update(self.task, description=label, completed=share)

    def __exit__(self, *_: object) -> None:
        self.progress.stop()
