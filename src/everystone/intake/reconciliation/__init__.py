"""Reconciliation with other bodies' lists: what is claimed, what they hold, what is alike and why."""
