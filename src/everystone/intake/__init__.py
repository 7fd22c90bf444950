"""Extracts in: readers, the mapping from columns to kinds, coverage, rejects. Nothing is guessed, nothing is dropped unsaid."""
