"""Only texts are looked at in which a word of a list might stand: the database passes over no other."""

from __future__ import annotations

import duckdb

from everystone.intake.narrative import perhaps
from everystone.standards.pack import Pack
from tests.standards.test_language import NOTES


def test_no_text_in_which_something_stands_is_passed_over(pack: Pack) -> None:
    texts = [line for path in NOTES.glob("*.txt") for line in path.read_text(encoding="utf-8").splitlines()]
    texts += [text.replace("'", "’").replace("-", "‑").replace(" ", "\u00a0") for text in texts]
    table = duckdb.connect()
    table.execute("CREATE TABLE texts (text VARCHAR)")
    table.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in texts])
    sql = perhaps("text", pack.lists.terms(of_accounts=False))
    passed = dict(table.execute(f"SELECT text, {sql} FROM texts").fetchall())
    assert not [text for text in texts if pack.lists.look(text) and not passed[text]]
    assert not all(passed.values())
