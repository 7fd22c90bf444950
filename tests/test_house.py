"""The house: its rooms, its words, what may be said where."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tokenize import COMMENT, STRING, tokenize

import pytest

from everystone.standards.pack import Pack
from tests.conftest import ROOT

SOURCE = ROOT / "src" / "everystone"
FORBIDDEN_ROOMS = ("utils", "common", "helpers", "core", "services", "misc")


def python_files() -> Iterator[Path]:
    """Every Python file of the product."""
    yield from sorted(SOURCE.rglob("*.py"))


def test_every_room_has_a_name() -> None:
    found = [path for path in python_files() if path.stem in FORBIDDEN_ROOMS or path.parent.name in FORBIDDEN_ROOMS]
    assert not found, "give the noun its own room instead of a drawer"


def test_the_clock_is_read_only_at_the_edges() -> None:
    readers = re.compile(r"\b(datetime\.now|date\.today|time\.time|utcnow)\(")
    edges = {*(SOURCE / "cli").glob("*.py"), SOURCE / "web" / "clock.py"}
    found = [path.name for path in python_files() if readers.search(path.read_text()) and path not in edges]
    assert not found, "time is an argument; only the command line and the site's own clock may read it"


def test_no_file_hides_a_second_noun() -> None:
    long = {path.name: len(path.read_text().splitlines()) for path in python_files()}
    assert not {name: lines for name, lines in long.items() if lines > 400}


def test_first_sentences_of_docstrings_are_unique_between_files() -> None:
    seen: dict[str, Path] = {}
    for path in python_files():
        doc = ast.get_docstring(ast.parse(path.read_text()))
        assert doc, f"{path} does not say what it is"
        first = doc.split("\n")[0]
        assert first not in seen, f"{path} and {seen[first]} say the same of themselves"
        seen[first] = path


def test_words_that_are_not_ours() -> None:
    for path in python_files():
        for word in ("offender who is a child", "failing team", "victim withdrew"):
            assert word not in path.read_text().lower(), f"{path} says {word!r}"


def test_no_kind_offence_or_standard_is_named_in_python(pack: Pack) -> None:
    named = {*pack.words.kinds.by_name, *pack.words.offences, *pack.standards}
    for path in python_files():
        with path.open("rb") as file:
            said = [each.string for each in tokenize(file.readline) if each.type in (STRING, COMMENT)]
        found = {word for text in said for word in re.findall(r"\w+(?:[.-]\w+)+", text)} & named
        assert not found, f"{path} names {sorted(found)}: such words belong in a pack's files"


def test_nothing_says_where_or_how_it_was_written() -> None:
    told = re.compile(
        r"((?<!everystone)/work/|/root/|pypi\.org|pythonhosted|registry\.npmjs|\bClaude\b|language model)",
        re.IGNORECASE,
    )
    files = [path for folder in ("src", "packs", "docs", "examples", "bench", "tests") for path in (ROOT / folder).rglob("*")
             if path.suffix in (".py", ".yaml", ".md", ".toml", ".css", ".html", ".txt") and path.name != "test_house.py"]  # fmt: skip
    found = [
        str(path)
        for path in [*files, *ROOT.glob("*.md"), *ROOT.glob("*.toml"), *ROOT.glob("*.lock")]
        if told.search(path.read_text())
    ]
    assert not found


# ---- the store -------------------------------------------------------------------------------------------------------


def test_every_derived_copy_of_the_ledger_is_registered() -> None:
    """Entries are read by position to make a copy of them; whoever does so is registered, or keeps what was erased."""
    from everystone.ledger.book.copies import COPIES
    from everystone.work import worklists

    assert COPIES[worklists.AtHand.name] is worklists.AtHand
    registered = {sys.modules[copy.__module__].__file__ for copy in COPIES.values()}
    readers = {str(path) for path in python_files() for node in ast.walk(ast.parse(path.read_text()))
               if isinstance(node, ast.Attribute) and node.attr == "entries_after"}  # fmt: skip
    assert readers == registered


def test_every_table_of_the_ledger_is_backed_up_or_a_register() -> None:
    from everystone.ledger.book.backup import _tables
    from everystone.ledger.book.log import LOGS, Head

    head = Head(b"", 1, 1, 1, 1, b"")
    backed_up = {name for log in LOGS for name in (f"{log}_head", *(table[0] for table in _tables(log, head)))}
    registers = {"ledger_request", "ledger_format", "ledger_copy"}
    for path in (SOURCE / "ledger" / "book" / "schema").glob("[0-9]*.sql"):
        made = re.findall(r"CREATE TABLE ([\w{}]+)", path.read_text())
        named = {name.replace("{log}", log) for name in made for log in LOGS}
        assert named == backed_up | registers, path.name


# ---- the pack ----------------------------------------------------------------------------------------------------


def test_every_unverified_version_says_what_to_confirm(pack: Pack) -> None:
    for loaded in pack.standards.values():
        for version in loaded.standard.versions:
            assert version.checked == "verified" or version.confirm, loaded.id


def test_every_finished_standard_has_its_stories(pack: Pack) -> None:
    for loaded in pack.finished:
        told = " ".join(str(story.get("answers")) for story in loaded.standard.stories)
        for answer in ("met", "not met", "not yet due"):
            if answer == "not yet due" and loaded.standard.evaluator in ("check", "forbidden"):
                continue
            if (
                answer == "not yet due"
                and loaded.standard.response
                and loaded.standard.response.get("before") == "trigger"
            ):
                continue
            assert re.search(rf"(?<!not ){answer}", told), f"{loaded.id} has no story answered {answer!r}"


def test_all_120_of_the_catalogue_load(pack: Pack) -> None:
    sizes = {"REC": 8, "INV": 14, "SUP": 8, "SAF": 10, "CHG": 10, "OFF": 12, "VIC": 10, "MIS": 7, "EXP": 7, "CUS": 10,
             "CAP": 6, "LAN": 6, "NRA": 5, "KID": 7}  # fmt: skip
    expected = {f"{area}-{number:02d}" for area, size in sizes.items() for number in range(1, size + 1)}
    assert expected <= set(pack.standards)


@pytest.mark.parametrize("word", ["event", "alert", "user"])
def test_words_of_the_pack_are_those_of_the_field(pack: Pack, word: str) -> None:
    for loaded in pack.standards.values():
        assert not re.search(rf"\b{word}s?\b", f"{loaded.standard.title} {loaded.standard.asks}", re.IGNORECASE), (
            loaded.id
        )
