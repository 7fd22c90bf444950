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


def terminal(site: Path, *said: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from everystone.cli import main; main()", "site", said[0], str(site), *said[1:]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site over a new ledger, made ready from a terminal."""
    from tests.web.site import write_site

    folder = tmp_path_factory.mktemp("site")
    site = write_site(folder, str(folder / "ledger"))
    assert "The site is ready" in terminal(site, "ready").stdout
    return site


def test_people_are_made_from_a_terminal_and_put_out(ready: Path) -> None:
    made = terminal(ready, "person", "K1", "Keeper", "--post", "keeper of access")
    assert "K1 may sign in as keeper of access. The password, told this once: " in made.stdout
    assert "already" in terminal(ready, "person", "k1", "Keeper", "--post", "keeper of access").stderr
    assert "is no post" in terminal(ready, "person", "K2", "Keeper", "--post", "king").stderr
    assert terminal(ready, "end", "K1").stdout == "K1 is out.\n"
    assert "nobody" in terminal(ready, "end", "K9").stderr


def test_production_settings_have_no_warning(ready: Path) -> None:
    import os
    import secrets

    (ready.parent / "secret.txt").write_text(secrets.token_urlsafe(60))
    environment = {**os.environ, "EVERYSTONE_SITE": str(ready), "DJANGO_SETTINGS_MODULE": "everystone.web.settings"}
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
