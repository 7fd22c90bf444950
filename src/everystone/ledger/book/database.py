"""A database as the ledger uses it: a connection handed in, one shape of transaction, what it refuses said in words.

`sqlite.py` and `postgresql.py` say how each of the two does it; `connection.py` opens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from everystone.ledger.fault import Fault

SCHEMA = Path(__file__).parent / "schema"


class Unsure(Fault):
    """The database went away while it was asked to commit: taken or not, nobody here knows. Send again, same keys."""


class Database:
    """One connection and how to speak to it. Use `database(connection)` to make one."""

    words: dict[str, str]
    name: str
    lock: str
    one_statement: bool  # whether one statement can write several tables
    errors: tuple[type[Exception], ...]

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.depth = 0  # 1 in a transaction of our own; more in a part of one, ours or the caller's

    def run(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """Run one statement with `?` for values; gives back the cursor."""
        raise NotImplementedError

    def many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Run one statement for each row."""
        raise NotImplementedError

    def begin(self) -> None:
        """Begin a transaction that writes."""
        raise NotImplementedError

    @property
    def inside(self) -> bool:
        """Whether the connection is in a transaction already (the caller's, or one of ours)."""
        raise NotImplementedError

    def one(self, sql: str, values: Sequence[Any] = ()) -> Any:
        """The first row, or None."""
        return self.run(sql, values).fetchone()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Inside a transaction of the caller it is a part of that one, and commits with it.

        Raises Fault where the database refuses, Unsure where it went away during the commit.
        """
        with self.in_words():
            if self.inside:
                yield from self._part()
            else:
                yield from self._whole()

    def _whole(self) -> Iterator[None]:
        self.begin()
        self.depth = 1
        try:
            yield
        except BaseException:
            with suppress(*self.errors):
                self.run("ROLLBACK")
            raise
        else:
            with self.committing():
                self.run("COMMIT")
        finally:
            self.depth = 0

    def _part(self) -> Iterator[None]:
        before, self.depth = self.depth, self.depth + 2
        self.run("SAVEPOINT ledger")
        try:
            yield
        except BaseException:
            with suppress(*self.errors):
                self.run("ROLLBACK TO SAVEPOINT ledger")
                self.run("RELEASE SAVEPOINT ledger")
            raise
        else:
            self.run("RELEASE SAVEPOINT ledger")
        finally:
            self.depth = before

    @contextmanager
    def committing(self) -> Iterator[None]:
        """Around a statement that commits. Raises Unsure where nobody here can know whether it did."""
        try:
            yield
        except self.errors as fault:
            with suppress(*self.errors):
                self.run("ROLLBACK")
            if not self.unsure(fault):
                raise
            raise Unsure(
                "The database went away while it was saving. Whether it was saved is not known here. "
                "Send the same again with the same keys: what was saved is not taken twice."
            ) from fault

    def unsure(self, fault: Exception) -> bool:
        """Whether a commit that ended so may have been kept all the same."""
        raise NotImplementedError

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """What the database refuses is raised as Fault."""
        try:
            yield
        except self.errors as fault:
            if self.full(fault):
                raise Fault(
                    "The disk of the ledger is full. Nothing was taken, and what was there is still there. "
                    "Make room, then send the same again."
                ) from fault
            raise Fault(
                f"The database did not do as it was asked ({fault.__class__.__name__}: {str(fault).splitlines()[0]}). "
                "Nothing was taken. Send the same again."
            ) from fault

    def full(self, fault: Exception) -> bool:
        """Whether an error says that there is no more room."""
        raise NotImplementedError

    def has(self, table: str) -> bool:
        """Whether there is a table of this name."""
        raise NotImplementedError

    def triggers(self) -> dict[str, str]:
        """Every trigger of the ledger that is switched on: its name and its text."""
        raise NotImplementedError

    def script(self, name: str, logs: Sequence[str] = ()) -> None:
        """Run a schema file; a statement with `{log}` is run once for each log."""
        for statement in statements(name):
            for word, meant in self.words.items():
                statement = statement.replace("{" + word + "}", meant)
            for each in [statement.replace("{log}", log) for log in logs] if "{log}" in statement else [statement]:
                self.run(each)


def statements(name: str) -> list[str]:
    """The statements of a schema file, comments left out."""
    lines = [line for line in (SCHEMA / name).read_text(encoding="utf-8").splitlines() if not line.startswith("--")]
    return [part.strip() for part in "\n".join(lines).split("\n\n") if part.strip()]
