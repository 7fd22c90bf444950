"""The standards asked of the ledger: the answers, the reasons, and what needs attention first."""
