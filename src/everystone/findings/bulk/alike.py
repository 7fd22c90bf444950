"""Which of many pairs of fingerprints are those of near copies: as `Fingerprint.alike` says it, of thousands at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import pyarrow as pa

from everystone.findings.bulk.rows import Mask, Numbers
from everystone.standards.likeness import ALIKE, FEWEST, LEAST


def alike_among(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The pairs (`one`, `other`) that are alike; their runs and least numbers stand in `runs_*` and `least_*`."""
    for batch in batches:
        here, there = (_numbers(batch[f"runs_{which}"]) for which in ("one", "other"))
        told = alike(here, there, _least(batch["least_one"]), _least(batch["least_other"]))
        yield batch.filter(pa.array(told)).select(["one", "other"])


def alike(here: Numbers, there: Numbers, one: Numbers, other: Numbers) -> Mask:
    """Of pairs of texts with so many runs of words and these least numbers (pairs x LEAST, -1 where there are fewer)."""
    beyond = int(max(one.max(initial=0), other.max(initial=0))) + 1  # as small as may be, as small numbers sort sooner
    filled = np.concatenate(
        [np.where(each < 0, beyond, each).astype(np.min_scalar_type(beyond)) for each in (one, other)], 1
    )
    filled.sort(axis=1)
    twice = (filled[:, 1:] == filled[:, :-1]) & (filled[:, 1:] < beyond)
    in_both, shorter = twice.sum(axis=1), np.minimum(here, there)
    share = in_both / shorter
    cut = np.flatnonzero(np.maximum(here, there) > LEAST)
    known = (one[cut] >= 0).sum(axis=1) + (other[cut] >= 0).sum(axis=1) - in_both[cut]
    both = _among_the_least(twice[cut]) / np.minimum(known, LEAST)
    share[cut] = both * (here + there)[cut] / (1 + both) / shorter[cut]
    told: Mask = (shorter >= FEWEST) & (share >= ALIKE)
    return told


def _among_the_least(twice: Mask) -> Numbers:
    """How many of the least numbers of two texts together both have; `twice`: in order, whether the next one is equal."""
    different_before = np.arange(twice.shape[1]) - np.cumsum(twice, axis=1, dtype=np.int32) + twice
    found: Numbers = (twice & (different_before < LEAST)).sum(axis=1)
    return found


def _numbers(column: pa.Array) -> Numbers:
    found: Numbers = column.to_numpy().astype(np.int64)
    return found


def _least(column: pa.ListArray) -> Numbers:
    """The least numbers of each text, as a table."""
    found = np.full((len(column), LEAST), -1)
    found[np.arange(LEAST) < _numbers(column.value_lengths())[:, None]] = _numbers(column.flatten())
    return found
