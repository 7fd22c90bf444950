"""The folder in which a run is written: its owner's alone, and never over somebody else's files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from everystone.ledger.fault import Fault


def private(folder: Path) -> None:
    """Make a folder that only its owner can open. Raises Fault where something else stands there already."""
    if (
        folder.exists()
        and any(folder.iterdir())
        and not (folder / "run.json").exists()
        and not (folder / "ledger").exists()
    ):
        raise Fault(f"{folder} holds files that this program did not write. Give an empty folder, or a new one.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)


def write_json(path: Path, said: Mapping[str, Any]) -> None:
    """A mapping as JSON, readable by its owner only."""
    write_text(path, json.dumps(said, indent=1, default=str))


def write_text(path: Path, text: str) -> None:
    """A text written whole or not at all, readable by its owner only."""
    half = path.with_suffix(".half")
    half.touch(mode=0o600)
    half.write_text(text, encoding="utf-8")
    half.chmod(0o600)
    half.replace(path)
