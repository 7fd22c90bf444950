"""What is said when something handed in cannot be used."""

from __future__ import annotations

from pathlib import Path


class Fault(Exception):
    """Something handed in cannot be used: what was asked, what was found, what to do next.

    `public` may be shown to anybody; `where` names file, row and column; `private` may hold personal data and
    is never logged.
    """

    def __init__(self, public: str, *, where: str = "", private: str = "") -> None:
        self.public = public
        self.where = where
        self.private = private
        super().__init__(f"{where}: {public}" if where else public)


def unwritable(asked: Path, fault: OSError) -> Fault:
    """What is said where nothing can be written to a place that somebody named."""
    return Fault(
        f"Nothing can be written to {asked}: {(fault.strerror or str(fault)).lower()}. Name a place where you may write."
    )
