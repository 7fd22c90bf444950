"""Everystone: assurance for the investigations that protect children.

from everystone import read, ask, review
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

__version__ = "0.1.0"
__all__ = ["__version__", "ask", "putright", "read", "reconcile", "review"]


def __getattr__(name: str) -> Any:
    """The questions, fetched when first asked for, so that a part of the house does not bring in the whole."""
    if name in __all__[1:]:
        return getattr(import_module("everystone.library"), name)
    raise AttributeError(name)
