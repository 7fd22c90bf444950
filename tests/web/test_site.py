"""The file of a site, and what a terminal needs of the room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from everystone.ledger.fault import Fault
from everystone.web.site import read_site


def written(folder: Path, text: str) -> Path:
    path = folder / "site.toml"
    path.write_text(text)
    return path


GOOD = 'database = "l"\nkeys = "k"\nsecret = "s"\nhosts = ["x"]\n'


def test_places_are_meant_from_the_folder_of_the_file(tmp_path: Path) -> None:
    site = read_site(written(tmp_path, GOOD))
    assert site.database == str(tmp_path / "l")
    assert site.now(5) == 5


def test_the_clock_of_a_demonstration_goes_on(tmp_path: Path) -> None:
    assert read_site(written(tmp_path, GOOD + "demonstration = [1000, 50]\n")).now(60) == 1010


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD + "debug = true\n", "debug"),
        (GOOD.replace('hosts = ["x"]', "hosts = []"), "hosts"),
        ("database =", "Invalid value"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Fault, match=said):
        read_site(written(tmp_path, text))


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("short")
    with pytest.raises(Fault, match="50 characters"):
        read_site(written(tmp_path, GOOD)).secret_text()


def test_a_review_never_imports_django() -> None:
    code = "import sys, everystone.cli, everystone.library, everystone.account.report; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
