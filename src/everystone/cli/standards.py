"""The standards themselves: told as stories, listed, shown, checked, described."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from everystone.cli.options import Extracts, Mapping, Packs, bold, out
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

if TYPE_CHECKING:
    from everystone.account.precision import Precision

app = typer.Typer(help="The standards themselves: list, show, check, schema.", no_args_is_help=True)


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
            out.print(f"otherwise  {path.name}: {fault}")
            continue
        for number, story in enumerate(stories):
            verdict = verdicts[f"{path}#{number}"] = judge(story, read)
            out.print(
                f"{'otherwise' if verdict.otherwise else 'as told  '}  {path.name}: {story.title}",
            )
            for line in verdict.otherwise:
                out.print(f"             {line}")
    out.print(tally(verdicts))
    raise typer.Exit(1 if any(verdict.otherwise for verdict in verdicts.values()) else 0)


@app.command("list")
def list_all(pack: Packs = None) -> None:
    """Every standard: its reference, what it is called, whether it is finished and switched on."""
    from everystone.standards.pack import load

    read = load(pack or [SHIPPED], shadow=True)
    for _, each in sorted(read.standards.items()):
        mark = "(off)" if each.id in read.off else "" if each.standard.finished else "(not yet finished)"
        out.print(f"{each.id}  {each.standard.title}  {mark}".rstrip())


@app.command("shadow")
def shadow(
    extracts: Extracts,
    first: Annotated[str, typer.Option("--from", help="The first civil day of the shadow run.")],
    last: Annotated[str, typer.Option("--to", help="Its last civil day, four weeks later or more.")],
    pack: Packs = None,
    mapping: Mapping = None,
    as_at: Annotated[
        str | None, typer.Option(help="As at which day what was done late is counted; without it, the extract's own.")
    ] = None,
    standard: Annotated[list[str] | None, typer.Option(help="Only this one; without it, all that are off.")] = None,
) -> None:
    """Ask standards that are off without showing a row to anybody: rows a week, and the share that was acted on.

    `everystone standards shadow extract/ --pack england_wales --pack north/ --from 2026-01-05 --to 2026-03-01`

    What is printed goes into force.yaml, with who owns the decision and why, to switch one on.
    """
    from everystone.account.shadow import shadow_run, switch
    from everystone.library import mapping_beside

    days = (_day(first, "--from"), _day(last, "--to"))
    for row in shadow_run(
        extracts, mapping or mapping_beside(extracts), pack or [SHIPPED], days, as_at, standard or ()
    ):
        acted = "nothing to act on" if row.acted_on is None else f"{row.acted_on:.0%} acted on"
        out.print(f"{row.standard}  {row.rows_a_week:.1f} rows a week, {acted}")
        if row.acted_on is not None:
            out.print(switch(row, *days))


@app.command("precision")
def precision(
    place: Annotated[Path, typer.Argument(help="The folder of a review for the force, or the file of a live site.")],
    pack: Packs = None,
) -> None:
    """How good each standard is: the share of its findings acted on, excused, challenged and wrong, with its interval.

    `everystone standards precision review/` or, as the live site has it now, `everystone standards precision site.toml`
    """
    for row in _precision_of_site(place) if place.suffix == ".toml" else _precision_of_review(place, pack):
        said = "; ".join(f"{word} {share.words}" for word, share in row.shares.items())
        out.print(f"{row.standard}  {said}")


def _precision_of_review(folder: Path, pack: Packs) -> list[Precision]:
    from everystone.account.precision import precision_of_review
    from everystone.standards.pack import load

    return precision_of_review(folder, load(pack or [SHIPPED]))


def _precision_of_site(path: Path) -> list[Precision]:
    from everystone.account.precision import precision_live
    from everystone.ledger.book.connection import database, open_database
    from everystone.web.site import read_site

    return precision_live(database(open_database(read_site(path).database)))


def _day(text: str, option: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Fault(f"{option} is {text[:40]!r}, and should be a day such as 2026-01-05.") from fault


@app.command("show")
def show(reference: str, pack: Packs = None) -> None:
    """One standard in words, with its versions, sources and what is unconfirmed."""
    from everystone.findings.explain import STRENGTH
    from everystone.standards.pack import load

    read = load(pack or [SHIPPED], shadow=True)
    standard = read.named(reference).standard
    if standard.id in read.off:
        out.print("Off: asked of no case until force.yaml switches it on.")
    out.print(bold(standard.title, f" ({standard.id})\n{standard.asks}"))
    out.print(f"Who acts: {standard.who_acts}. If it fails it threatens: {standard.threatens}.")
    for version in standard.versions:
        until = f" to {version.until}" if version.until else ""
        out.print(
            f"From {version.since}{until}: {version.basis}, said as “{STRENGTH[version.basis]}”.",
        )
        for source in version.sources:
            out.print(f"  {source.name}{', ' + source.where if source.where else ''}")
        if version.checked != "verified":
            out.print(f"  Unconfirmed: {version.confirm}")
    if standard.still_possible:
        possible = standard.still_possible
        out.print(f"Still possible: {possible.what} ({possible.by})")


@app.command("check")
def check(folder: Path) -> None:
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
                out.print(f"{each.path}: {story.title}: {line}")
    out.print(f"{len(mine)} standards, {len(finished)} finished, {stories} stories, {otherwise} otherwise")
    raise typer.Exit(1 if otherwise else 0)


@app.command("schema")
def schema(
    what: Annotated[str, typer.Argument(help="standard, kind, state or mapping.")] = "standard",
) -> None:
    """The JSON Schema of a file of a pack, for editors that complete and check while one writes."""
    from everystone.intake.mapping import Mapping as MappingFile
    from everystone.standards.schema import schema_of

    schema = MappingFile.model_json_schema(by_alias=True) if what == "mapping" else schema_of(what)
    print(json.dumps(schema, indent=1))  # noqa: T201 - plain output for other programs
