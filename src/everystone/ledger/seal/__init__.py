"""Seals: what makes a change to an entry show. Header, commitments, payload, tree; no database is named here."""
