"""The folder that a review is written to: its owner's alone, marked as written here, removed only if it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from everystone.account.disclosure import Earlier, safe_counts
from everystone.ledger.book.rows import write
from everystone.ledger.fault import Fault

_MARK = {"written_by": "everystone"}
#: What a folder for those who oversee holds.
TELLS_OF_NOBODY = (
    "report.html", "report.xlsx", "report.pdf", "counts.parquet", "release.json", "earlier.parquet", "run.json"
)  # fmt: skip


def private(folder: Path) -> None:
    """Make a folder that only its owner can open (0700), and mark it. Raises Fault where something else stands there."""
    if folder.exists() and not is_ours(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise Fault(f"{folder} holds files that this program did not write. Give an empty folder, or a new one.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    if not is_ours(folder):
        say_run(folder, {})


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Make a folder private while it is written; where that ends in a Fault, what was not there before is gone again."""
    before, ours = folder.exists(), is_ours(folder)
    private(folder)
    try:
        yield
    except Fault:
        if not ours:
            shutil.rmtree(folder)
        if before:
            folder.mkdir(exist_ok=True)
        raise


def keep_figures(folder: Path, sealed: Collection[str], earlier: Sequence[Earlier] = ()) -> None:
    """Leave only what tells of nobody: the report, and counts in which small numbers are protected."""
    write(safe_counts(pq.read_table(folder / "counts.parquet"), sealed, earlier=earlier), folder / "counts.parquet")
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name not in TELLS_OF_NOBODY:
            path.unlink()


def is_ours(folder: Path) -> bool:
    """Whether the run.json of a folder says that this program wrote it; a link to a folder is nobody's."""
    try:
        said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(said, dict) and _MARK.items() <= said.items() and not folder.is_symlink()


def say_run(folder: Path, said: Mapping[str, Any]) -> None:
    """Write what is said of a run into its run.json, with the mark by which the folder is known as ours."""
    write_text(folder / "run.json", json.dumps({**_MARK, **said}, indent=1, default=str))


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it. Raises Fault, and removes nothing, where it is not ours."""
    if not is_ours(folder):
        raise Fault(f"{folder} holds no run.json that this program wrote. Nothing was removed.")
    shutil.rmtree(folder)


def write_text(path: Path, text: str) -> None:
    """A text written whole or not at all, readable by its owner only."""
    write_bytes(path, text.encode())


def write_bytes(path: Path, content: bytes) -> None:
    """The same of what is no text."""
    half = path.with_suffix(".half")
    half.touch(mode=0o600)
    half.chmod(0o600)
    half.write_bytes(content)
    half.replace(path)
