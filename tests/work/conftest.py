"""Worklists over a new ledger, on each database."""

from __future__ import annotations

from tests.ledger.conftest import cluster, folder, place

__all__ = ["cluster", "folder", "place"]
