"""Which rows are wanted: the conditions of a mapping as SQL."""

from __future__ import annotations

from everystone.intake import quoting
from everystone.intake.laid import Laid
from everystone.intake.mapping import Test, When


def trimmed(column: str) -> str:
    """SQL for a cell without spaces around it, NULL where it is empty."""
    return f"nullif(trim({column}), '')"


def fits(when: When, laid: Laid) -> str:
    """SQL that is true of the rows that fit all conditions."""
    tests = [_test(trimmed(laid.column(name)), said) for name, said in when.items()]
    return " AND ".join(tests) or "true"


def _test(cell: str, said: list[str] | Test) -> str:
    if isinstance(said, list):
        return f"coalesce({cell} IN ({quoting.texts(said)}), false)"
    tests = []
    if said.present is not None:
        tests.append(f"{cell} IS {'NOT ' if said.present else ''}NULL")
    if said.not_ is not None:
        others = [said.not_] if isinstance(said.not_, str) else said.not_
        tests.append(f"coalesce({cell} NOT IN ({quoting.texts(others)}), true)")
    return " AND ".join(tests)
