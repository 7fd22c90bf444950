"""What every test may use, and what is said at the end of a run."""

from __future__ import annotations

import json
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from everystone.standards.pack import Pack, load

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"
PROOF = bool(os.environ.get("EVERYSTONE_PROOF"))

# Programs that a test starts keep their bytecode, beside the environment, or each would compile everything again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("PYTHONPYCACHEPREFIX", str(ROOT / ".venv" / "bytecode"))

settings.register_profile("test", deadline=None, max_examples=60, derandomize=True)
settings.register_profile("proof", deadline=None, max_examples=2000)
settings.load_profile("proof" if PROOF else "test")

_spent: dict[str, float] = defaultdict(float)
_skipped: list[tuple[str, str]] = []
_drawn: list[tuple[str, object]] = []
FIGURES: dict[str, Any] = {}


@pytest.fixture(scope="session")
def pack() -> Pack:
    """The shipped pack, read once."""
    return load()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Data that nobody here wrote; a test that needs it is not run where the folder is absent."""
    if not (SHARED / "data").is_dir():
        pytest.skip("the folder of shared data is not beside this checkout")
    return SHARED


@pytest.fixture(scope="session")
def figures() -> Iterator[dict[str, Any]]:
    """Measured figures; a proof run writes them to proof/figures.json."""
    found: dict[str, Any] = {}
    yield found
    if PROOF and found:
        folder = ROOT / "proof"
        folder.mkdir(exist_ok=True)
        path = folder / "figures.json"
        held = json.loads(path.read_text()) if path.exists() else {}
        path.write_text(json.dumps({**held, **found}, indent=1, sort_keys=True))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count time by room, and keep the reason of every test not run."""
    parts = report.nodeid.split("::")[0].split("/")
    _spent[parts[1] if len(parts) > 2 else "house"] += report.duration
    if report.when == "call":
        _drawn.extend(report.user_properties)
    if report.skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        _skipped.append((report.nodeid, str(reason)))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Minutes per room, and every test not run, with why."""
    terminalreporter.section("minutes per room (sum over two processes)")
    for room, seconds in sorted(_spent.items()):
        terminalreporter.write_line(f"{room:12} {seconds / 60:6.2f}")
    terminalreporter.write_line(f"{'all':12} {sum(_spent.values()) / 60:6.2f}")
    for what, said in _drawn:
        terminalreporter.write_line(f"{what}: {said}")
    terminalreporter.section("tests not run")
    for name, reason in _skipped:
        terminalreporter.write_line(f"{name}: {reason}")
    if not _skipped:
        terminalreporter.write_line("none")
