"""The one door for files: by what its name says, a file goes to its reader, and comes back as rows laid out."""

from __future__ import annotations

from pathlib import Path

from everystone.intake.csv import read_csv
from everystone.intake.desk import Desk
from everystone.intake.jsonlines import read_jsonlines
from everystone.intake.laid import Laid
from everystone.intake.mapping import How
from everystone.intake.ocel import read_ocel
from everystone.intake.parquet import read_parquet
from everystone.intake.query import read_query
from everystone.intake.rejects import Rejects
from everystone.intake.workbook import read_workbook
from everystone.intake.xes import read_xes
from everystone.intake.xml import read_xml
from everystone.ledger.fault import Fault

_READERS = {
    ".csv": read_csv, ".tsv": read_csv, ".txt": read_csv, ".xes": read_xes, ".xlsx": read_workbook,
    ".parquet": read_parquet, ".jsonl": read_jsonlines, ".ndjson": read_jsonlines, ".xml": read_xml,
    ".jsonocel": read_ocel, ".xmlocel": read_ocel, ".sqlite": read_ocel, ".sql": read_query,
}  # fmt: skip
_PACKED = (".csv", ".tsv", ".txt", ".xes", ".jsonl", ".ndjson", ".xml", ".jsonocel", ".xmlocel")
READABLE = tuple(_READERS)


def read(
    desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects, *, may_be_empty: bool = False
) -> Laid:
    """The rows of a file; bad ones go to `rejects`. Raises Fault where the file as a whole cannot be used.

    No rows at all are a broken export, but where only what is new is brought.
    """
    inner = path.name.lower().removesuffix(".gz")
    suffix = Path(inner).suffix
    packed = inner != path.name.lower()
    if suffix not in _READERS or (packed and suffix not in _PACKED):
        known = f"These can: {', '.join(READABLE)}; {', '.join(_PACKED)} also with .gz."
        raise Fault(f"Files of this sort cannot be read. {known}", where=name)
    laid = _READERS[suffix](desk, number, path, name, how, rejects)
    if not laid.read and not may_be_empty:
        raise Fault("The file has no rows. Nothing was taken.", where=name)
    return laid
