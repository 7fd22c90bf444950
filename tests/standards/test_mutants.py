"""Every word of a standard is proved: change one thing in its file, and one of its stories comes out otherwise.

A mutant that no story notices is a missing story, and stands in `mutants_unnoticed.csv`, which may only grow shorter; one
that means the same as the file stands in `mutants_equivalent.csv` with the reason, by class. Of each that is unnoticed
`why` says what a story would have to tell.
To write down what is unnoticed now: python -m tests.standards.test_mutants [AREA or STANDARD ...]
"""

from __future__ import annotations

import csv
import os
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from ruamel.yaml import YAML

from everystone.findings.reference import Questions
from everystone.findings.stories import judge
from everystone.ledger.fault import Fault
from everystone.standards import document
from everystone.standards.pack import Loaded, Pack, load, shelf, standard_from
from everystone.standards.story import Story, read_stories
from tests.standards.mutants import SORTS, Mutant, mutants_of

EQUIVALENT = Path(__file__).with_name("mutants_equivalent.csv")
UNNOTICED = Path(__file__).with_name("mutants_unnoticed.csv")
DRAWN = 60
FROM_EACH = 5  # of one standard, whose stories are read for it
AREAS = sorted(path.name for path in (shelf() / "england_wales" / "standards").iterdir() if path.is_dir())


class Proved(NamedTuple):
    """One standard as its file says it, with its stories."""

    loaded: Loaded
    said: dict[str, Any]
    stories: list[Story]
    mutants: list[Mutant]

    def notices(self, mutant: Mutant, pack: Pack) -> bool | None:
        """Whether a story comes out otherwise of it; None where it is refused at the door, or what it changes is never read."""
        try:
            changed = standard_from(mutant.of(self.said), self.loaded.path)
        except (Fault, ValueError, KeyError, TypeError):
            return None
        if _meaning(changed) == _meaning(self.loaded):
            return None
        mutated = replace(pack, standards={**pack.standards, changed.id: changed})
        return _otherwise(self.stories, mutated, changed.id)


def _meaning(loaded: Loaded) -> object:
    """What of a standard decides an answer: a key that every version or line of a table says anew is never read."""
    dated = [(each.version.since, each.until, each.bodies) for each in loaded.versions]
    return loaded.standard.in_force_at, dated


def _otherwise(stories: Iterable[Story], pack: Pack, standard: str) -> bool:
    try:
        ready = Questions(pack, [standard])
        return any(judge(story, pack, ready).otherwise for story in stories)
    except Exception:  # a standard that cannot be asked any more is noticed, however it fails
        return True


@cache
def proved(standard: str) -> Proved:
    """A standard of the shipped pack by its reference."""
    pack = load()
    loaded = pack.standards[standard]
    rule = re.split(r"(?m)^stories:", loaded.path.read_text(encoding="utf-8-sig"))[0]
    # a part that is said once and used twice is one object here, and changes in both places
    said = YAML(typ="safe", pure=True).load(rule)
    ranks = document.read(shelf() / "england_wales" / "tables" / "ranks.yaml")["order"]
    stories = [each for each in read_stories(loaded.path, pack) if isinstance(each, Story)]
    return Proved(loaded, said, stories, mutants_of(said, ranks, pack.words.kinds.case_level))


def unnoticed(mutants: Iterable[Mutant]) -> tuple[list[Mutant], int]:
    """Those among some mutants that no story notices, and how many of them are files that can be read at all."""
    pack, found, asked = load(), list[Mutant](), 0
    for mutant in mutants:
        noticed = proved(mutant.standard).notices(mutant, pack)
        asked += noticed is not None
        if noticed is False:
            found.append(mutant)
    return found, asked


def listed(path: Path) -> set[tuple[str, str]]:
    """What a list names: standard and change."""
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["standard"], row["change"]) for row in csv.DictReader(file)}


def _not_listed(found: Iterable[Mutant]) -> list[tuple[str, str]]:
    known = listed(EQUIVALENT) | listed(UNNOTICED)
    return sorted({(each.standard, each.says) for each in found} - known)


def _in(area: str) -> list[str]:
    return [each.id for each in load().finished if each.area == area]


def test_sixty_mutants_of_today(record_property: Callable[[str, object], None]) -> None:
    seed = os.environ.get("EVERYSTONE_SEED") or date.today().isoformat()
    chance = random.Random(seed)
    drawn = list[Mutant]()
    for loaded in chance.sample(load().finished, len(load().finished)):
        mutants = proved(loaded.id).mutants
        drawn += chance.sample(mutants, min(FROM_EACH, len(mutants), DRAWN - len(drawn)))
        if len(drawn) == DRAWN:
            break
    found, asked = unnoticed(drawn)
    said = f"{len(drawn)} drawn with EVERYSTONE_SEED={seed}, {asked} can be read, {len(found)} unnoticed"
    record_property("mutants of the pack", said)
    assert not _not_listed(found), f"no story notices these ({said}): write one for each"


@pytest.mark.proof
@pytest.mark.parametrize("area", AREAS)
def test_every_mutant_of_an_area(area: str, figures: dict[str, Any]) -> None:
    names = _in(area)
    mutants = [each for name in names for each in proved(name).mutants]
    found, asked = unnoticed(mutants)
    known = listed(EQUIVALENT)
    missing = [each for each in found if (each.standard, each.says) not in known]
    figures[f"mutants of the pack: {area}"] = {
        "asked": asked, "equivalent": len(found) - len(missing), "unnoticed": len(missing),
        "unnoticed by sort": dict(Counter(each.sort for each in missing)),
    }  # fmt: skip
    assert not _not_listed(found), "no story notices these: write one for each"
    mine = {row for row in listed(UNNOTICED) | known if row[0] in names}
    there = sorted(mine - {(each.standard, each.says) for each in found})
    assert not there, "these are noticed now, or are no longer: run python -m tests.standards.test_mutants"


def test_an_equivalent_mutant_has_its_reason_and_stands_in_one_list() -> None:
    with EQUIVALENT.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert all(len(row["reason"].split()) >= 4 and ": " in row["reason"] for row in rows)
    assert not listed(EQUIVALENT) & listed(UNNOTICED)


def test_an_unnoticed_mutant_says_why_no_story_notices_it() -> None:
    with UNNOTICED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert not [row for row in rows if len(row["why"].split()) < 4]
    assert len(rows) < 100


def write_down(wanted: list[str]) -> None:
    """Write what is unnoticed now, of all standards or of some areas or standards, and count it by sort and area."""
    asked_for = [each for each in load().finished if not wanted or each.area in wanted or each.id in wanted]
    names = {each.id for each in asked_for}
    found, by_area = list[Mutant](), {}
    for area in sorted({each.area for each in asked_for}):
        of_area, asked = unnoticed(each for name in _in(area) if name in names for each in proved(name).mutants)
        found += of_area
        by_area[area] = (asked, len(of_area))
        print(f"{area:20} {asked:6} asked {len(of_area):5} unnoticed", flush=True)
    keep_unnoticed(found, names)
    print(Counter(each.sort for each in found), sum(n for n, _ in by_area.values()), "asked;", len(found), "unnoticed")


def keep_unnoticed(found: Iterable[Mutant], names: set[str]) -> None:
    """Put into the list what is unnoticed of some standards, in place of what it says of them."""
    equivalent = listed(EQUIVALENT)
    with UNNOTICED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    why = {(row["standard"], row["change"]): row["why"] for row in rows}
    kept = [row for row in rows if row["standard"] not in names]
    kept += [{"standard": each.standard, "sort": each.sort, "change": each.says,
              "why": why.get((each.standard, each.says), "")}
             for each in found if (each.standard, each.says) not in equivalent]  # fmt: skip
    with UNNOTICED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["standard", "sort", "change", "why"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted(kept, key=lambda row: (row["standard"], SORTS.index(row["sort"]), row["change"])))


if __name__ == "__main__":
    write_down(sys.argv[1:])
