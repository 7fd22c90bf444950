"""Documents beside an extract, as text by page: a folder for each case, a file for each document, a form feed between pages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from everystone.ledger.fault import Fault

LONGEST = 20_000_000  # characters of one document
FORM_FEED = "\f"


def pages_of(folder: Path, case: str) -> Iterator[tuple[str, str, str]]:
    """The pages of a case's documents: name, page (from 1), text. Nothing where the case has no folder.

    Raises Fault for a folder that is not there, and for a file that is no text in UTF-8 or too long.
    """
    if not folder.is_dir():
        raise Fault("There is no such folder of documents.", where=str(folder))
    here = (folder / case).resolve()
    if not here.is_relative_to(folder.resolve()) or not here.is_dir():
        return
    for path in sorted(here.glob("*.txt")):
        if path.stat().st_size > LONGEST:
            raise Fault(f"This document is longer than {LONGEST:,} characters. Split it.", where=str(path))
        try:
            text = path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as fault:
            raise Fault("This document is not UTF-8 text. Export its text again.", where=str(path)) from fault
        for page, said in enumerate(text.split(FORM_FEED), 1):
            if said.strip():
                yield path.stem, str(page), said
