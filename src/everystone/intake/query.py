"""A query as a source: its text in a .sql file, the database by ADBC, its address never in any file (the extra `sql`)."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from everystone.intake import quoting
from everystone.intake.desk import Desk
from everystone.intake.laid import Laid, cells, checked_header
from everystone.intake.mapping import How
from everystone.intake.parquet import as_text, refuse_hidden
from everystone.intake.rejects import Rejects
from everystone.ledger.fault import Fault

_DRIVERS = {
    "sqlite": "adbc_driver_sqlite",
    "postgresql": "adbc_driver_postgresql",
    "postgres": "adbc_driver_postgresql",
}


def read_query(desk: Desk, number: int, path: Path, name: str, how: How, rejects: Rejects) -> Laid:
    """Lay out what a query returns, rows numbered from 1 in its order.

    The mapping names under `connection` the environment variable that holds the address (`postgresql://…`,
    `sqlite:…`), so that no password stands in a file. Raises Fault where it does not, where the query is no single
    SELECT, or where the database refuses it; what it says is kept private, as it may name people.
    """
    query = _query(path, name)
    module, address = _database(how.connection, name)
    try:
        with module.connect(address) as connection, connection.cursor() as cursor:
            cursor.execute(query)
            desk.connection.register("asked", cursor.fetch_record_batch())
            desk.do(f"CREATE TABLE asked_{number} AS SELECT * FROM asked")
    except Exception as fault:
        raise Fault(
            "The database did not answer the query. Try it there first.", where=name, private=str(fault)
        ) from fault
    described = [(each[0], each[1]) for each in desk.rows(f"DESCRIBE asked_{number}")]
    header = checked_header([each for each, _ in described], name)
    columns = [
        f"{as_text(quoting.name(each), kind, each, name)} AS c{place}" for place, (each, kind) in enumerate(described)
    ]
    desk.do(f"CREATE TABLE laid_{number} AS SELECT rowid + 1 AS row, {', '.join(columns)} FROM asked_{number}")
    desk.do(f"DROP TABLE asked_{number}")
    return refuse_hidden(desk, Laid(number, name, f"laid_{number}", cells(header), 0), rejects)


def _query(path: Path, name: str) -> str:
    if path.stat().st_size > 100_000:
        raise Fault("This is longer than a query is. It was refused.", where=name)
    text = path.read_text(encoding="utf-8", errors="replace").strip().removesuffix(";")
    bare = re.sub(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", " ", text, flags=re.DOTALL).strip()
    if not re.match(r"(?i)(select|with)\b", bare) or ";" in bare:
        raise Fault("The file should hold one query that begins with SELECT or WITH.", where=name)
    return text


def _database(variable: str | None, name: str) -> tuple[Any, str]:
    address = os.environ.get(variable or "")
    if not address:
        raise Fault(
            "Name under `connection` the environment variable that holds the address of the database.", where=name
        )
    scheme, _, place = address.partition(":")
    if scheme not in _DRIVERS:
        raise Fault(f"The address should begin with one of: {', '.join(_DRIVERS)}.", where=name)
    try:
        return import_module(f"{_DRIVERS[scheme]}.dbapi"), place if scheme == "sqlite" else address
    except ImportError as fault:
        raise Fault("Queries need the extra `sql`: install everystone[sql].", where=name) from fault
