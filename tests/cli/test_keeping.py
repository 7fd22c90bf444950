"""The store from a terminal: an extract into a ledger, verified, backed up, restored, mirrored, made anew."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from everystone import cli
from everystone.ledger.book.parquet import ParquetBook
from everystone.ledger.fault import Fault
from tests.cli.test_cli import force  # noqa: F401 - the small extract


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, [str(each) for each in arguments])


def said(result: Result, words: str) -> None:
    assert result.exit_code == 0, (result.output, result.exception)
    assert words in result.output


def refused(result: Result, words: str) -> None:
    assert isinstance(result.exception, Fault) and words in str(result.exception), result.output


def test_an_extract_is_kept_proved_backed_up_restored_and_mirrored(force: Path, tmp_path: Path) -> None:  # noqa: F811
    at = ("--keys", tmp_path / "keys" / "k", "--by", "S1")
    (tmp_path / "keys").mkdir()
    ledger = tmp_path / "ledger"
    refused(run("verify", ledger, *at), "There is no file")
    said(run("begin", ledger, *at[:2]), "begun")
    refused(run("begin", ledger, *at[:2]), "here already")
    take = ("take", ledger, force, "--mapping", force / "mapping.yaml", *at)
    said(run(*take), "80 entries were taken, 0 were there already")
    said(run(*take), "0 entries were taken, 80 were there already")
    verified = run("verify", ledger, "--all", *at)
    said(verified, "entry: unaltered, 80 entries, checkpoint 80:")
    checkpoint = next(
        line.split("checkpoint ")[1] for line in verified.output.splitlines() if line.startswith("entry:")
    )
    said(run("verify", ledger, *at, "--checkpoint", checkpoint), "unaltered")
    refused(run("verify", ledger, *at, "--checkpoint", "eighty"), "no checkpoint")

    kept = run("backup", ledger, *at, "--to", tmp_path / "b", "--keys-to", tmp_path / "kb").output.split()
    to = ("--to", tmp_path / "again", "--keys", tmp_path / "keys-again", "--by", "S1")
    said(run("restore", kept[0], "--keys-from", kept[1], *to), f"checkpoint {checkpoint}")
    said(run("drill", ledger, *at), "equal to the live one, row for row")

    said(run("mirror", ledger, *at, "--to", tmp_path / "mirror"), "every entry up to 80")
    book = ParquetBook(tmp_path / "mirror", {})
    assert (len(book.streams()), sum(size for _, size in book.sizes())) == (20, 80)
    assert not book.coverage().total
    said(run("rebuild", ledger, *at), "made anew; the old one was equal")

    day = ("--as-at", "2026-06-30", "--audience", "force", "--out")
    said(run("review", tmp_path / "mirror", *day, tmp_path / "of-mirror"), "The report is in")
    said(run("review", force, *day, tmp_path / "of-extract"), "The report is in")
    of_mirror, of_extract = (pq.read_table(tmp_path / of / "findings.parquet") for of in ("of-mirror", "of-extract"))
    assert of_mirror.equals(of_extract) and of_mirror.num_rows
    said(run("review", tmp_path / "mirror", *day, tmp_path / "of-mirror"), "The report is in")
    assert pq.read_table(tmp_path / "of-mirror" / "findings.parquet").equals(of_mirror)

    why = ("--authority", "panel 2026/14", "--reason", "review of retention", "--approved", "I2", "--approved")
    refused(run("erase", ledger, 17, *at, *why, "S1"), "two people who approved it")
    erased = run("erase", ledger, 17, *at, *why, "I3")
    said(erased, "entry 81 says so")
    assert "made anew; the old one was not equal" in erased.output and "Read before by S1 (mirror)" in erased.output
    said(run("verify", ledger, "--all", *at), "entries 17 were erased on")

    with sqlite3.connect(tmp_path / "keys" / "k") as thief:
        thief.execute("DELETE FROM key_secret WHERE id = 5")
    lost = run("verify", ledger, "--all", *at)
    assert (lost.exit_code, "NOT WHOLE. Entries: payload not readable" in lost.output) == (1, True)
    with sqlite3.connect(ledger) as thief:
        thief.execute("DROP TRIGGER ledger_entry_kept")
        thief.execute("UPDATE ledger_entry SET payload = header WHERE number = 9")
    altered = run("verify", ledger, "--all", *at)
    assert (altered.exit_code, "ALTERED" in altered.output) == (1, True)


def test_without_the_extra_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "everystone.ledger.book.keys", None)
    refused(run("begin", tmp_path / "ledger", "--keys", tmp_path / "keys"), "pip install 'everystone[store]'")
