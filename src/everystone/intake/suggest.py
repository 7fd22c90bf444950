"""A first mapping for files that nobody has mapped yet: what is likely, how sure it is, and what could not be placed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import python_calamine

from everystone.intake import profile, quoting, xml
from everystone.intake.desk import Desk, laid_out
from everystone.intake.extracts import File, files_of, local
from everystone.intake.joins import Looked, joins, references
from everystone.intake.likeness import Likeness
from everystone.intake.mapping import How
from everystone.intake.plain import unpacked
from everystone.intake.proposal import Proposal, proposal
from everystone.intake.reading import READABLE, read
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack

DELIMITERS = ",;\t|"


def suggest(given: Sequence[Path], pack: Pack) -> str:
    """A mapping file for extracts, as text. Raises Fault where a file cannot be read at all, or nothing can be placed.

    Nothing in it is certain: beside each entry and field stands how sure it is (0 to 1), at the end what was left out.
    `holds` is proposed as partial, since no file can say that it has everything.
    """
    likeness = Likeness(pack.words.kinds)
    looked_at: list[Part | Proposal] = []
    for file in files_of(given):  # each on a desk of its own, as a damaged file may break the database under it
        with tempfile.TemporaryDirectory(prefix="everystone-") as folder, laid_out(Path(folder)) as desk:
            looked_at.extend(_of_file(desk, file))
    parts = [each for each in looked_at if isinstance(each, Part)]
    others = [each.looked for each in parts]
    joined = {each.looked: joins(each.looked, others) for each in parts}
    sought: dict[Looked, list[str]] = {each: [] for each in others}
    for looked, founds in joined.items():
        for each in founds:
            sought[each.other].append(looked.name)
    found = [proposal(each.file, each.how, each.looked, likeness, joined[each.looked], sought[each.looked])
             if isinstance(each, Part) else each for each in looked_at]  # fmt: skip
    placed = [each for each in found if each.lines]
    if not placed:
        raise Fault(
            "Nothing in these files is like a kind of the packs in use. Name the pack that has their kinds by --pack. "
            + " ".join(line for each in found for line in each.unplaced[:3]),
        )
    return (
        "\n".join(
            [*_head(placed, pack.words.calendar.zone), *(line for each in placed for line in each.lines), *_tail(found)]
        )
        + "\n"
    )


def _head(placed: Sequence[Proposal], zone: str) -> Iterator[str]:
    last = max(each.last for each in placed)
    yield "# A first mapping, proposed from what the files look like. Read every line; the figures say how sure each is."
    yield "name: first-look"
    yield f"zone: {quoting.yaml(zone)}  # of times without an offset: check in which zone the source writes"
    if last:
        yield f"as_of: {last}  # the latest day in the files: put the day on which they were exported"
    yield "holds:  # say `how: complete` only of kinds and days of which the source has every one"
    starts: dict[str, str] = {}
    for each in placed:
        kinds = ", ".join(sorted(each.kinds))
        starts[kinds] = min(each.first, starts.get(kinds, each.first))
    for kinds, first in starts.items():
        yield f"  - {{kinds: [{kinds}]{f', from: {first}' if first else ''}, how: partial}}"
    yield "tables:"


def _tail(found: Sequence[Proposal]) -> Iterator[str]:
    left = [(each.name, line) for each in found for line in each.unplaced]
    if left:
        yield "# Not placed:"
        yield from (f"#   {name}: {line}" for name, line in left)


# ---- one file ----------------------------------------------------------------------------------------------------


class Part(NamedTuple):
    """A part of a file that could be read: how, and what it looks like."""

    file: File
    how: How
    looked: Looked


def _of_file(desk: Desk, file: File) -> Iterator[Part | Proposal]:
    """The parts of a file; one that cannot be read is a proposal of nothing, which says why."""
    number = desk.next_number()
    try:
        path = local(file, desk.folder, number)
        ways = list(_ways(path, file))
    except Fault as fault:
        yield Proposal(file.name, unplaced=[fault.public])
        return
    for how in ways:
        number = desk.next_number()
        try:
            laid = read(desk, number, path, file.name, how, Rejects())
        except Fault as fault:
            yield Proposal(file.name, unplaced=[fault.public])
            continue
        columns = profile.columns(desk, laid)
        name = ", ".join(each for each in (file.name, how.sheet or how.records or "") if each)
        place = (file.member or file.path.name).rpartition("/")[2]
        yield Part(file, how, Looked(name, place, columns, tuple(references(desk, laid, columns))))


def _ways(path: Path, file: File) -> Iterator[How]:
    """How a file may be read: its delimiter and encoding, its sheets, the paths of its records."""
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix
    if suffix not in READABLE or suffix == ".sql":
        raise Fault("Files of this sort are not looked at.", where=file.name)
    if suffix in (".csv", ".txt", ".tsv"):
        yield _as_text(path, suffix)
    elif suffix == ".xlsx":
        names = _sheets(path, file.name)
        yield from (How(sheet=name) if len(names) > 1 else How() for name in names)
    elif suffix == ".xml":
        yield from (How(records=each) for each in xml.records_in(path, file.name))
    else:
        yield How()


def _as_text(path: Path, suffix: str) -> How:
    with unpacked(path) as file:
        sample = file.read(1 << 16)
    try:
        sample.rpartition(b"\n")[0].decode("utf-16" if sample[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
        encoding = None
    except UnicodeDecodeError:
        encoding = "cp1252"
    line = sample.partition(b"\n")[0].decode("cp1252", "replace").replace("\0", "")
    usual = "\t" if suffix == ".tsv" else ","
    best = max(DELIMITERS, key=lambda each: (line.count(each), each == usual))
    return How(delimiter=best if best != usual and line.count(best) else None, encoding=encoding)


def _sheets(path: Path, name: str) -> list[str]:
    try:
        return list(python_calamine.CalamineWorkbook.from_path(path).sheet_names)
    except python_calamine.CalamineError as fault:
        raise Fault("The file is cut off or damaged. Export it again.", where=name) from fault
