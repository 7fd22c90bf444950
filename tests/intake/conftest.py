"""What the tests of intake share."""

from __future__ import annotations

import pytest

from everystone.standards.pack import Pack
from tests.intake.taking import small_pack


@pytest.fixture(scope="session")
def kinds(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """A pack of a few kinds."""
    return small_pack(tmp_path_factory.mktemp("pack") / "small")
