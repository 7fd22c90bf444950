"""The folder that a review is written to: its owner's alone, marked as written here, removed only if it was."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from everystone.account.disclosure import Earlier, safe_counts
from everystone.ledger.book.rows import write
from everystone.ledger.fault import Fault, unwritable

_MARK = {"written_by": "everystone"}
#: What a folder for those who oversee holds.
TELLS_OF_NOBODY = (
    "report.html", "report.xlsx", "report.pdf", "counts.parquet", "release.json", "earlier.parquet", "run.json"
)  # fmt: skip


def private(folder: Path) -> None:
    """Make a folder that only its owner can open (0700), and mark it.

    Raises Fault where something else stands there, or where nothing can be written.
    """
    try:
        if folder.exists() and not is_ours(folder) and (not folder.is_dir() or any(folder.iterdir())):
            raise Fault(f"{folder} holds files that this program did not write. Give an empty folder, or a new one.")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
        if not is_ours(folder):
            say_run(folder, {})
    except OSError as fault:
        raise unwritable(folder, fault) from fault


@contextmanager
def written(folder: Path) -> Iterator[None]:
    """Make a folder private and keep other runs out of it while it is written.

    Where that ends in a Fault, what was not there before is gone again. Raises Fault where another run is writing to it.
    """
    before, ours = os.path.lexists(folder), is_ours(folder)
    private(folder)
    with _alone(folder):
        try:
            yield
        except Fault:
            if not ours:
                shutil.rmtree(folder)
            if before:
                folder.mkdir(exist_ok=True)
            raise


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold a folder for this run alone. The system lets go of it when the run ends, however it ends."""
    if sys.platform == "win32":  # where no folder can be held
        yield
        return
    import fcntl

    held = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as fault:
            raise Fault(f"Another run is writing to {folder}. Wait for it, or name another folder.") from fault
        except OSError:  # a file system that cannot hold a folder (some network shares)
            pass
        yield
    finally:
        os.close(held)


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
    return bool(_run_of(folder))


def _run_of(folder: Path) -> dict[str, Any]:
    """What the run.json of a folder that is ours says; nothing of any other."""
    try:
        said = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        ours = isinstance(said, dict) and _MARK.items() <= said.items() and not folder.is_symlink()
    except (OSError, ValueError):
        return {}
    return said if ours else {}


def look_before(folder: Path, source: str, audience: str) -> None:
    """Raise Fault where a finished review lies in a folder that is of another source, or for another audience.

    One of the same source, as at another day or with other packs, may be replaced.
    """
    lies = {name: _run_of(folder).get(name) for name in ("source", "audience")}
    if any(was not in (None, now) for was, now in zip(lies.values(), (source, audience), strict=True)):
        of = f" of {lies['source']}" if lies["source"] else ""
        raise Fault(
            f"{folder} holds a review{of} for the audience {lies['audience']}. This one, of {source} for the audience "
            f"{audience}, would take its place. Name another --out, or remove what lies there: everystone forget {folder}"
        )


def say_run(folder: Path, said: Mapping[str, Any]) -> None:
    """Write what is said of a run into its run.json, with the mark by which the folder is known as ours."""
    write_text(folder / "run.json", json.dumps({**_MARK, **said}, indent=1, default=str))


def remove(folder: Path) -> None:
    """Remove a folder with all that is in it. Raises Fault, and removes nothing, where it is not ours or is written to."""
    if not is_ours(folder):
        raise Fault(f"{folder} holds no run.json that this program wrote. Nothing was removed.")
    with _alone(folder):
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
