"""The entries of many frames as columns, in the order of their frames and within each in its own."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from everystone.ledger.case import Frame
from everystone.ledger.entry import Entry

Numbers = NDArray[np.int64]
Mask = NDArray[np.bool_]
FAR = 1 << 41  # seconds: no instant of a ledger lies further from 1970
SPAN = FAR << 1


class Rows:
    """Every entry that is seen in some frames: one row each (an officer's, once for every case that shows it).

    `frame`, `lo`, `hi` and `known` are columns (place of the frame; seconds UTC); `place` puts frame and beginning
    into one number that grows with the rows, so that a stretch of time in a frame is found by looking up its ends.
    """

    def __init__(self, frames: Sequence[Frame]) -> None:
        self.frames = frames
        self.entries: list[Entry] = [entry for frame in frames for entry in frame.entries]
        sizes = [len(frame.entries) for frame in frames]
        self.begins = np.concatenate(([0], np.cumsum(sizes))).astype(np.int64)
        self.frame = np.repeat(np.arange(len(frames), dtype=np.int64), sizes)
        self.lo, self.hi, self.known = (self._column(name) for name in ("lo", "hi", "known"))
        self.place = self.placed(self.frame, self.lo)
        self.spans = bool((self.lo != self.hi).any())
        self._codes: dict[str, int] = {}
        codes = self._codes
        self.kind = np.array([codes.setdefault(entry.kind, len(codes)) for entry in self.entries], dtype=np.int64)
        self._of: dict[frozenset[str], Numbers] = {}

    def _column(self, name: str) -> Numbers:
        return np.fromiter(map(attrgetter(name), self.entries), np.int64, len(self.entries))

    @staticmethod
    def placed(frame: Numbers, instant: Numbers) -> Numbers:
        """Frame and instant as one number."""
        return frame * SPAN + np.clip(instant, -FAR, FAR - 1) + FAR

    def of(self, kinds: frozenset[str]) -> Numbers:
        """The rows of some kinds ("any": all), in order; worked out once."""
        found = self._of.get(kinds)
        if found is None:
            if "any" in kinds:
                found = np.arange(len(self.entries), dtype=np.int64)
            else:
                codes = [self._codes[kind] for kind in kinds if kind in self._codes]
                found = np.concatenate([np.zeros(0, np.int64), *(self._by_kind[code] for code in codes)])
                found.sort()
            self._of[kinds] = found
        return found

    def is_of(self, kinds: frozenset[str], rows: Numbers) -> Mask:
        """Which of some rows are of some kinds."""
        codes = [self._codes[kind] for kind in kinds if kind in self._codes]
        return np.isin(self.kind[rows], codes)

    @cached_property
    def recorded(self) -> Numbers:
        """When each was written down (seconds UTC)."""
        return self._column("recorded")

    def teams_at(self, frame: Numbers, instant: Numbers) -> tuple[Numbers, list[str]]:
        """By number the team that has each frame at an instant, and the names of the numbers."""
        places, teams, names = self._teams
        at = np.searchsorted(places, self.placed(frame, instant), "right") - 1
        ours = (at >= 0) & (places[at] // SPAN == frame) if len(places) else np.zeros(len(frame), np.bool_)
        return np.where(ours, teams[at] if len(places) else 0, 0), names

    @cached_property
    def _teams(self) -> tuple[Numbers, Numbers, list[str]]:
        codes = {"": 0}
        said = [
            (n, instant, codes.setdefault(team, len(codes)))
            for n, each in enumerate(self.frames)
            for instant, team in each.teams
        ]
        frame, instant, team = np.array(said, np.int64).reshape(-1, 3).T
        return self.placed(frame, instant), team, list(codes)

    @cached_property
    def frame_of(self) -> list[int]:
        """The place of the frame of each row, for looking up one after the other."""
        return list(self.frame.tolist())

    @cached_property
    def known_days(self) -> tuple[Numbers, list[date]]:
        """By number the civil day on which each frame is known, and the days of the numbers."""
        numbers: dict[date, int] = {}
        of_frames = [numbers.setdefault(frame.known_day, len(numbers)) for frame in self.frames]
        return np.array(of_frames, np.int64), list(numbers)

    def days(self, instants: Numbers) -> Numbers:
        """The places of the civil days of instants."""
        return np.searchsorted(self._starts, instants, "right") - 1

    @cached_property
    def _starts(self) -> Numbers:
        return np.array(self.frames[0].words.calendar.starts, np.int64)

    @cached_property
    def _by_kind(self) -> list[Numbers]:
        order = np.argsort(self.kind, kind="stable")
        ends = np.cumsum(np.bincount(self.kind, minlength=len(self._codes)))
        return list(np.split(order, ends[:-1])) if len(ends) else []

    def between(self, rows: Numbers, frame: Numbers, first: Numbers, last: Numbers) -> tuple[Numbers, Numbers]:
        """For each frame, those of some rows that begin from one instant to another: (which of the frames, row)."""
        places = self.place[rows]
        start = np.searchsorted(places, self.placed(frame, first), "left")
        end = np.searchsorted(places, self.placed(frame, last), "right")
        which, at = spread(start, np.maximum(end - start, 0))
        return which, rows[at]


def spread(start: Numbers, count: Numbers) -> tuple[Numbers, Numbers]:
    """Ranges written out: which of them, and every number in them."""
    which = np.repeat(np.arange(len(start), dtype=np.int64), count)
    before = np.cumsum(count) - count
    return which, np.arange(len(which), dtype=np.int64) - before[which] + start[which]
