"""Asking every standard: of all cases, with a report, or of one."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from everystone import __version__
from everystone.cli.options import (
    Accepted,
    AsAt,
    Audience,
    Documents,
    Engine,
    Extracts,
    KnownOn,
    Mapping,
    NamesBecause,
    Packs,
    Previous,
    bar,
    bold,
    out,
)
from everystone.cli.places import OutFolder
from everystone.ledger.fault import Fault
from everystone.standards.pack import SHIPPED

if TYPE_CHECKING:
    from everystone.intake.unnamed import Unnamed

WORDS = 5  # for which no kind is named, said on the screen; all are in unnamed.csv


def review(
    extracts: Extracts, as_at: AsAt,
    out_dir: OutFolder,
    mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    audience: Annotated[Audience, typer.Option(help="For whom the report is.")] = Audience.oversight,
    processes: Annotated[int, typer.Option(help="How many processes work at once.", min=1)] = 2,
    engine: Engine = "bulk",
    accepted: Accepted = None, documents: Documents = None, previous: Previous = None, names_because: NamesBecause = None,
    since: Annotated[Path | None, typer.Option(help="The folder of the review of an earlier extract of the same source.")] = None,
) -> None:  # fmt: skip
    """Ask every standard of every case and write a report of what needs attention first.

    `everystone review extract/ --mapping mapping.yaml --as-at 2026-06-30 --audience force --out review/`

    `--out` holds the report as a page, a workbook and for paper (report.html, .xlsx, .pdf), findings.parquet, counts.parquet,
    rejects.csv, unnamed.csv (words for which the mapping names no kind), coverage.csv, proposals.csv (places in texts where
    what is missing may be written, to be answered for by a person) and run.json. Answers that are told to professional
    standards alone stand in none of them, only beside all others in a folder of their own, with -sealed after the name of
    `--out`. For the audiences oversight and public only the report, counts.parquet (small numbers protected), run.json, and
    release.json, by which a later release is compared with this one (`--previous`); nothing about a case is printed. A run
    that was stopped goes on with the same command.

    In the place of an extract it takes the mirror of a ledger (`everystone mirror`), without a mapping. Said again with the
    same `--out`, day and packs, it asks only what came to the mirror since.

    With `--since` the extract is a further delivery: changes.csv lists which rows changed (before and after), are gone,
    ought to have come before or are here again. A changed row corrects what was there; one that is gone stays.
    """
    import pyarrow.parquet as pq

    from everystone import library
    from everystone.account import apart
    from everystone.account.delivered import Noting
    from everystone.account.folder import keep_figures, look_before, say_run, written
    from everystone.account.names import asked_before, reason_for_names
    from everystone.account.release import read_releases
    from everystone.account.report import DETAILED, write_report
    from everystone.account.totals import found_in_texts
    from everystone.account.unused import unused
    from everystone.findings.sealed import sealed_in
    from everystone.intake.changes import in_words, write_changes
    from everystone.intake.rejects import write_coverage, write_rejects
    from everystone.intake.unnamed import write_unnamed

    began = time.time()
    packs = pack or [SHIPPED]
    detailed = audience.value in DETAILED
    reason, releases = reason_for_names(names_because, audience.value, DETAILED), read_releases(previous or [])
    if releases and detailed:
        raise Fault("--previous protects a release. Use it with --audience oversight or public.")
    library.look_over(packs, as_at, known_on, engine)
    names_asked = asked_before(out_dir)
    mirrored = mapping is None and library.is_mirror(extracts)
    if mirrored and since is not None:
        raise Fault(
            "A mirror needs no --since. Say the same command again with the same --out: what came since is asked."
        )
    mapping = mapping or (None if mirrored else library.mapping_beside(extracts))
    source = library.source_of(mapping, packs) if mapping else "the mirror of a ledger"
    look_before(out_dir, source, audience.value)
    whole = apart.sealed_beside(out_dir) if detailed else out_dir
    with written(out_dir), written(whole) if detailed else nullcontext(), bar("Reading the extract") as tell:
        if mapping is None:
            extract = library.opened(extracts[0], packs)
        else:
            extract = library.read_anew(extracts, mapping, out_dir / "ledger", packs, tell, accepted, since)
        read_at = time.time()
        said = [] if since is None else in_words(extract.ledger.deliveries(extract.taken.delivery.source))
        done = library.review(extract, as_at, whole, known_on, processes, lambda share: tell("Asking", share), engine)
        if detailed:
            apart.tell(whole, out_dir, sealed_in(extract.pack))
        asked_at = time.time()
        tell("Writing the report", 1.0)
        when = extract.instants(as_at, known_on)
        run: dict[str, Any] = {
            "version": __version__, "written_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "source": source, "audience": audience.value, "as_at": as_at, "known_on": known_on or as_at,
            "asked_as_at": when.as_at, "asked_known_on": when.known_on, "packs": list(extract.pack.names),
            "standards": len(extract.pack.standards), "finished": len(extract.pack.finished),
            "not_yet_finished": sorted(set(extract.pack.standards) - {each.id for each in extract.pack.finished}),
            "seconds": {"reading": round(read_at - began, 2), "asking": round(asked_at - read_at, 2)},
            "files": extract.taken.files, "not_named": extract.taken.unnamed.numbers,
            "frames": done.frames, "findings": done.findings, "engine": engine, "duties": dict(done.told),
        }  # fmt: skip
        if reason:
            names_asked.append({"because": reason, "asked_by": getuser(), "at": run["written_at"]})
        if names_asked:
            run["names_asked"] = names_asked
            say_run(out_dir, run)  # that they were asked for is written down before they are shown
        if accepted is not None and detailed:
            run["met, found in the text"] = found_in_texts(pq.read_table(out_dir / "counts.parquet"))
        if since is not None:
            run["deliveries"] = [each.as_of for each, _ in extract.ledger.deliveries(extract.taken.delivery.source)]
        delivered = None
        if since is not None and detailed:
            changed = Noting(library.changes(extract, out_dir))
            write_changes(changed, out_dir / "changes.csv")
            delivered = changed.told(said)
        report = write_report(out_dir, audience.value, extract.pack, extract.ledger, when, run, documents,
                              releases=releases, names=bool(reason), delivered=delivered)  # fmt: skip
        if detailed:
            write_rejects(extract.taken, out_dir / "rejects.csv")
            write_unnamed(extract.taken.unnamed, out_dir / "unnamed.csv")
            write_coverage(extract.taken, extract.pack, out_dir / "coverage.csv")
        else:
            keep_figures(out_dir, sealed_in(extract.pack), [each.earlier for each in releases])
        say_run(out_dir, run)
    out.print(f"\nThe report is in {report}")
    if said:
        out.print("\n".join(said))
    if detailed:
        out.print(f"{whole} is for professional standards only, whatever it holds.")
    _say_unused(unused(run, detailed=detailed), extract.taken.unnamed if detailed else None)
    if audience is Audience.force:
        if accepted is not None:
            out.print(f"{run['met, found in the text']:,} answers are met by what was found in texts.")
        _first_five(out_dir)
    out.print(
        f"{done.frames:,} frames asked, {done.findings:,} answers to look at, {time.time() - began:.0f} s.",
    )


def ask(
    extracts: Extracts,
    case: Annotated[str, typer.Option(help="The reference of the case, as the mapping makes it.")],
    as_at: AsAt, mapping: Mapping = None, known_on: KnownOn = None, pack: Packs = None,
    as_json: Annotated[bool, typer.Option("--json", help="The rows as JSON, *met* included.")] = False,
    accepted: Accepted = None, documents: Documents = None,
) -> None:  # fmt: skip
    """Ask every standard of one case and say each answer in a sentence, with what today's version would have said.

    `everystone ask extract/ --mapping mapping.yaml --case 2024/00173 --as-at 2026-06-30`
    """
    from tempfile import TemporaryDirectory

    from everystone import library

    with TemporaryDirectory(prefix="everystone-") as folder, bar("Reading") as tell:
        mapping = mapping or library.mapping_beside(extracts)
        extract = library.read(extracts, mapping, folder, pack or [SHIPPED], tell, accepted)
        answered = library.ask(extract, case, as_at, known_on, documents)
    if as_json:
        print(json.dumps(answered.rows(), ensure_ascii=False, indent=1))  # noqa: T201 - plain output for other programs
        return
    _print_case(answered)


def _say_unused(said: Sequence[str], words: Unnamed | None) -> None:
    """What could not be used, before any number; with `words` the first of those for which no kind is named."""
    if said:
        out.print()
    for each in said:
        out.print(bold(each))
    for word in words.listed[:WORDS] if words else ():
        out.print(f"  {word.file}, {word.column}: {word.word} (rows: {word.rows:,})")
    if said and words is None:
        out.print("run.json says of which files. A review for the audience force or reviewer lists each.")
    if words and words.words > WORDS:
        out.print(f"  and {words.words - WORDS:,} more")


def _first_five(folder: Path) -> None:
    import pyarrow.parquet as pq

    placed = pq.read_table(folder / "danger.parquet").sort_by("order").to_pylist()
    first = [each for each in placed if each["tier"] <= 2]
    out.print(bold("\nWhat needs attention first", f" ({min(5, len(first))} of {len(first)})"))
    for each in first[:5]:
        out.print(f"  tier {each['tier']}  {each['person']} in {each['frame']}: {each['because']}")


def _print_case(answered: Any) -> None:
    from everystone.findings import explain

    for each in answered.placed:
        out.print(f"tier {each.tier}  {each.person}: {each.because}")
    asked = [answer for answer in answered.answers if answer.reason != "not yet finished"]
    for answer in asked:
        title = answered.pack.standards[answer.standard].standard.title
        said = explain.strength(answer, answered.pack) if answer.answer == "not met" else ""
        strength = f" ({said})" if said not in ("", "not met") else ""
        whom = f" for {answer.asked_for}" if answer.asked_for else ""
        out.print(bold(f"\n{title}", f" {answer.standard}{whom}: {answer.answer}{strength}"))
        for line in (answered.sentence(answer), answered.today(answer),
                     explain.unconfirmed(answer, answered.pack), explain.marks(answer), *answered.possibly(answer)):  # fmt: skip
            if line:
                out.print(f"  {line}")
    left = len(answered.answers) - len(asked)
    if left:
        out.print(f"\nNot asked, because not yet finished: {left} of {len(answered.pack.standards)} standards.")
