"""Extracts in: readers, mapping, coverage, rejects, reconciliation to the row."""
