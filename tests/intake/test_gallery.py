"""Each bad file of the gallery: the right thing is said of it, with file, row and column, and nothing bad is taken."""

from __future__ import annotations

from pathlib import Path

import pytest

from everystone.intake.rejects import CODES
from everystone.ledger.fault import Fault
from everystone.standards.pack import Pack
from tests.intake.gallery_forms import forms
from tests.intake.gallery_texts import Picture, texts
from tests.intake.taking import stored, took

PICTURES = [*texts(), *forms()]


def test_there_are_enough_and_each_has_a_title_of_its_own() -> None:
    assert len(PICTURES) >= 150
    assert len({each.title for each in PICTURES}) == len(PICTURES)


REFUSED = [each for each in PICTURES if each.says]
BY_READING: dict[tuple[str, str, str], list[Picture]] = {}
for each in PICTURES:
    if each.code:  # what contradicts other rows is looked at alone
        alone = each.title if each.code == "K02" else ""
        BY_READING.setdefault((each.mapping, Path(each.name).suffix, alone), []).append(each)


@pytest.mark.parametrize("picture", REFUSED, ids=lambda picture: picture.title[:60])
def test_a_file_refused_whole(kinds: Pack, tmp_path: Path, picture: Picture) -> None:
    with pytest.raises(Fault) as refused:
        took(kinds, tmp_path, {picture.name: picture.content}, picture.mapping)
    assert picture.says in refused.value.public
    assert refused.value.where or "mapping speaks of" in refused.value.public
    assert stored(tmp_path / "ledger") == []


@pytest.mark.parametrize("pictures", BY_READING.values(), ids=lambda pictures: pictures[0].title[:60])
def test_files_with_a_bad_row(kinds: Pack, tmp_path: Path, pictures: list[Picture]) -> None:
    """Files that are read alike are taken together; each has its own rejects, and its good rows are taken."""
    files = {f"a.{n}{Path(each.name).suffix}": each for n, each in enumerate(pictures)}
    found = took(kinds, tmp_path, {name: each.content for name, each in files.items()}, pictures[0].mapping)
    rejects = found.taken.rejects
    for name, picture in files.items():
        ours = [each for each in rejects if each.file.partition(",")[0] == name]
        assert [(picture.title, each.code, each.column) for each in ours] in _as_expected(picture)
        assert all(each.row >= 1 and each.do == CODES[each.code][1] for each in ours)
        assert all(len(each.value) <= 400 and each.value.isprintable() for each in ours)
    for rows in found.taken.rows.values():
        assert rows.read == rows.used + rows.rejected
    assert len(found.entries) + found.taken.repeated == sum(rows.used for rows in found.taken.rows.values())


def _as_expected(picture: Picture) -> list[list[tuple[str, str, str]]]:
    one = (picture.title, picture.code, picture.column)
    return [[one, one]] if picture.code == "K02" else [[one]]
