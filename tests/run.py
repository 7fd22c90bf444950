"""The test command: lint, then every test on two processes. `--proof` runs the same checks at full size."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
LINT = (
    ("format", [str(BIN / "ruff"), "format", "--check", "-q", "."]),
    ("style", [str(BIN / "ruff"), "check", "-q", "."]),
    ("types", [str(BIN / "mypy"), "--no-error-summary"]),
    ("stairs", [str(BIN / "lint-imports"), "--no-cache"]),
)


def main() -> int:
    """Run everything; the exit status is that of the first thing that failed."""
    proof = "--proof" in sys.argv
    began = time.time()
    for name, command in LINT:
        done = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
        print(f"{name:8} {'ok' if done.returncode == 0 else 'FAILED'}  {time.time() - began:5.1f} s", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr)
            return done.returncode
    chosen = [] if proof else ["-m", "not proof"]
    command = [sys.executable, "-m", "pytest", "-n", "2", "--dist", "worksteal", *chosen]
    environment = {**os.environ, "EVERYSTONE_PROOF": "1" if proof else ""}
    return subprocess.run(command, cwd=HERE, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
