"""Seals: tree, header, commitments."""
