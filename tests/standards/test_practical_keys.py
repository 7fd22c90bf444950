"""The keys that make a finding useful: what is still possible, how it could be met on paper only, who is told first."""

from __future__ import annotations

import re

import pytest

from everystone.standards.pack import Loaded, Pack

#: Words of an end that the record can tell; a standard whose end is one of them says under `while` or `within` how.
TOLD = (
    "case is open",
    "is located",
    "is released",
    "protection lasts",
    "before the next episode",
    "device is given back",
)
#: Standards with such an end where the record cannot tell it, and why.
CANNOT = {
    "CUS-01": "an arrest need not lead to detention, and a release without it leaves no entry of its own",
    "CUS-09": "support goes on after the release",
    "LAN-02": "the texts are those of a case and the episode is that of a child",
    "MIS-05": "what the child remembers has an end of its own, before the next episode",
}


def named(pack: Pack) -> list[Loaded]:
    return [each for each in pack.finished if each.standard.still_possible is not None]


@pytest.mark.parametrize("key", ["still_possible", "gamed_by", "first_told"])
def test_every_standard_says(pack: Pack, key: str) -> None:
    silent = [each.id for each in pack.finished if key not in each.standard.model_fields_set]
    assert not silent, f"say {key} in each of these"


def test_an_end_that_the_record_can_tell_is_worked_out(pack: Pack) -> None:
    spoken = {
        each.id for each in named(pack)
        if (says := each.standard.still_possible) and any(words in says.until for words in TOLD)
        and says.while_ is None and says.within is None
    }  # fmt: skip
    assert spoken == set(CANNOT)


def test_what_answers_gaming_is_another_thing_than_how_it_is_gamed_and_names_what_is_there(pack: Pack) -> None:
    for each in pack.finished:
        says = each.standard.gamed_by
        assert says is not None
        assert says.how.strip().lower() != says.answered_by.strip().lower()
        assert set(re.findall(r"\b[A-Z]{2,4}-[0-9]{2}\b", says.answered_by)) <= set(pack.standards), each.id
