"""The standards themselves: told as stories, listed, shown, checked, described."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from everystone.cli.options import Packs, out
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

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
            out.print(f"otherwise  {path.name}: {fault}", markup=False)
            continue
        for number, story in enumerate(stories):
            verdict = verdicts[f"{path}#{number}"] = judge(story, read)
            out.print(
                f"{'otherwise' if verdict.otherwise else 'as told  '}  {path.name}: {story.title}",
                markup=False,
            )
            for line in verdict.otherwise:
                out.print(f"             {line}", markup=False)
    out.print(tally(verdicts), markup=False)
    raise typer.Exit(1 if any(verdict.otherwise for verdict in verdicts.values()) else 0)


@app.command("list")
def list_all(pack: Packs = None) -> None:
    """Every standard: its reference, whether it is finished, what it asks."""
    from everystone.standards.pack import load

    for _, each in sorted(load(pack or [SHIPPED]).standards.items()):
        mark = "        " if each.standard.finished else "(not yet finished) "
        out.print(f"{each.id}  {each.standard.title}  {mark}".rstrip(), markup=False)


@app.command("show")
def show(reference: str, pack: Packs = None) -> None:
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
                out.print(f"{each.path}: {story.title}: {line}", markup=False)
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
