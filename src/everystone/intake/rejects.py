"""Rows that cannot be used: where each stands, what is wrong, what to do; and what is written of it for people."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from everystone.intake.take import Taken
    from everystone.standards.pack import Pack

KEPT = 100_000  # rejects listed; all are counted
SHOWN = 40  # characters of a value

#: What each code says and what to do. `{0}`, `{1}` are filled where the reject is made.
CODES: dict[str, tuple[str, str]] = {
    "C04": ("The row has {0} cells, and the header {1}.", "Export the file again, or quote cells that hold the delimiter."),
    "C05": ("A quotation mark in this row is not closed where its cell ends.", "Double the quotation marks inside a cell."),
    "C07": ("The text is longer than {0} characters.", "Look whether a quotation mark is missing further up."),
    "C08": ("The cell has {0} characters, and the most is {1}.",
            "Look whether a delimiter or a line break is missing, or shorten the text at the source."),
    "D01": ("This is no date or time in the form the mapping states.", "Correct it, or state its `format` in the mapping."),
    "D03": ("This looks like a stand-in for a date not known, or lies outside 1850 to 2100.",
            "Leave the cell empty, or list the stand-in under `empty` in the mapping."),
    "D06": ("{0}", "State the zone the source writes in, or under `twice` which of the two is meant."),
    "E01": ("This is not UTF-8 text.", "Save the file as UTF-8, or state its `encoding` in the mapping."),
    "E04": ("A hidden control character stands here.", "Take it out at the source."),
    "E06": ("A hidden character stands in a reference or a name, or it is longer than {0} characters.",
            "Take it out at the source."),
    "E07": ("Letters of two alphabets stand in one word of a reference or a name, so that it may be taken for another.",
            "Write it with the letters of one alphabet at the source."),
    "J01": ("This is not a JSON object in which each key stands once.", "Export the file again."),
    "J02": ("The log does not declare what this entry names.", "Export the log again, with all its types and objects."),
    "K02": ("The key stands in {0} rows with different content. None of them was taken.",
            "Name more columns under `row_key`, or send a change as a correction under a key of its own."),
    "K06": ("What is looked up for this row stands more than once, and differs.", "Say under `where` of the join which is meant."),
    "N01": ("{0} should be a plain number.", "Write it as 12 or 12.5, without separators, units or currency."),
    "N02": ("A spreadsheet has rounded this number.", "Save the column as text, and export it again."),
    "V01": ("The row does not say {0}.", "Fill the cell, or leave such rows out with `when`."),
    "V02": ("The mapping's `map` does not name this value.", "Add it to `map`, or say `otherwise`."),
    "V03": ("This kind is not known to the packs in use.", "Add it to `map`, or leave such rows out with `when`."),
    "V04": ("Entries of this kind have no field {0}.", "Leave the field out of the mapping for this kind, or add it to the kind."),
    "X02": ("An entry of the log stands outside a trace, so that it belongs to no case.", "Export the log again."),
    "X03": ("The entry of the log says {0} twice, and differently.", "Export the log again."),
    "Y01": ("{0} should be yes or no.", "Write yes, no, true, false, 1 or 0, or state a `map`."),
}  # fmt: skip


class Reject(NamedTuple):
    """One row that was not taken. `row` counts from 1, the header of a CSV being row 1; `value` is cut and made visible."""

    file: str
    row: int
    column: str
    code: str
    says: str
    do: str
    value: str


@dataclass
class Rejects:
    """All rejects: the first 100,000, and how many there are of each file. Each row is rejected once."""

    listed: list[Reject] = field(default_factory=list)
    by_file: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many rows were rejected."""
        return sum(self.by_file.values())

    def add(self, reject: Reject) -> None:
        """Count one, and list it while there is room."""
        self.count(reject.file, 1)
        if len(self.listed) < KEPT:
            self.listed.append(reject)

    def count(self, file: str, n: int) -> None:
        """Count some that are not listed."""
        self.by_file[file] = self.by_file.get(file, 0) + n


def reject(
    file: str, row: int, column: str, code: str, value: str | None = None, fills: Sequence[object] = ()
) -> Reject:
    """A reject with the sentences of its code."""
    says, do = CODES[code]
    return Reject(file, row, column, code, says.format(*fills), do, shown(value or ""))


def shown(value: str) -> str:
    """A value as it may be shown: at most 40 characters, hidden ones made visible."""
    return visible(value if len(value) <= SHOWN else value[: SHOWN - 1] + "…")


def visible(value: str) -> str:
    """A value with every hidden character made visible."""
    return value if value.isprintable() else "".join(_visible(char) for char in value)


def _visible(char: str) -> str:
    if "\udc80" <= char <= "\udcff":  # a byte that is no text as it was stated, as Python carries it along
        return f"<byte {ord(char) - 0xDC00:02X}>"
    hidden = unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return f"<U+{ord(char):04X}>" if hidden else char


# ---- what is written ---------------------------------------------------------------------------------------------


def write_rejects(taken: Taken, path: Path) -> None:
    """rejects.csv: the rejects that are listed, and one line that counts the rest."""
    rows: list[Sequence[object]] = list(taken.rejects)
    left_out = taken.rejected - len(rows)
    if left_out:
        rows.append(("", "", "", "", f"{left_out:,} more rows were rejected and are not listed.", "", ""))
    write_cells(path, Reject._fields, rows)


def write_coverage(taken: Taken, pack: Pack, path: Path) -> None:
    """coverage.csv: what is held of each kind of the packs, how, from when to when, for which teams."""
    stated = taken.book.coverage().holdings or ()
    rows: list[Sequence[object]] = []
    for kind in sorted(pack.words.kinds.by_name):
        holdings = [each for each in stated if kind in each.kinds]
        rows.extend(
            (
                kind,
                each.how,
                each.first or "",
                each.last or "",
                "; ".join(sorted(each.teams)),
                taken.kinds.get(kind, 0),
            )
            for each in holdings
        )
        if not holdings:
            rows.append((kind, "not carried", "", "", "", taken.kinds.get(kind, 0)))
    write_cells(path, ("kind", "held", "from", "to", "teams", "entries"), rows)


def write_cells(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A CSV that no spreadsheet reads as formulas, readable by its owner only."""
    half = path.with_suffix(".half")
    half.touch(mode=0o600)
    with half.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([neutral(str(cell)) for cell in row] for row in rows)
    half.chmod(0o600)
    half.replace(path)


def neutral(cell: str) -> str:
    """A cell that a spreadsheet would read as a formula, with an apostrophe before it."""
    return "'" + cell if cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell
