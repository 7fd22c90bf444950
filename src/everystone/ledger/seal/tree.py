"""The Merkle tree of RFC 6962 (2.1) over all leaves of a log, grown leaf by leaf, with proofs from stored tiles.

A tile holds 16 neighbouring hashes of one level, and is written once, when it is full; its own top is one hash of the
next tile level, four levels up. What is not yet in a full tile is the edge, at most 15 hashes a tile level. So an append
costs about one hash whatever the size, and a proof reads one tile a level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import NamedTuple

HEIGHT = 4
WIDTH = 1 << HEIGHT
HASH = 32
EMPTY = sha256(b"").digest()

#: Where a tile stands: tile level (0 holds leaves) and index from the left.
Place = tuple[int, int]
#: Reads full tiles: gives back the 512 bytes of each place asked for.
ReadTiles = Callable[[Sequence[Place]], Mapping[Place, bytes]]


class Checkpoint(NamedTuple):
    """How many leaves a log held, and the root over them."""

    size: int
    root: bytes


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbours."""
    return sha256(b"\x01" + left + right).digest()


def _pair(hashes: Sequence[bytes]) -> list[bytes]:
    """One level up: the hash of each two neighbours of an even number."""
    hashed, each = sha256, iter(hashes)
    return [hashed(b"\x01" + left + right).digest() for left, right in zip(each, each)]  # noqa: B905 - even, and it is fast


def _rise(hashes: Sequence[bytes]) -> Sequence[bytes]:
    """One tile level up: the top over each sixteen neighbours."""
    for _ in range(HEIGHT):
        hashes = _pair(hashes)
    return hashes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = _pair(hashes)
    return hashes[0]


def complete(lo: int, hi: int) -> list[tuple[int, int]]:
    """The largest complete subtrees (level, index) that make up leaves lo..hi-1, from the left; lo fits hi as in a tree."""
    found = []
    while lo < hi:
        level = (hi - lo).bit_length() - 1
        found.append((level, lo >> level))
        lo += 1 << level
    return found


def join(tops: Sequence[bytes]) -> bytes:
    """The hash over complete subtrees that stand side by side, largest first."""
    if not tops:
        return EMPTY
    found = tops[-1]
    for top in reversed(tops[:-1]):
        found = node(top, found)
    return found


class Edge:
    """The right edge of a growing tree: per tile level the hashes that no full tile holds yet."""

    def __init__(self, size: int = 0, levels: list[list[bytes]] | None = None) -> None:
        self.size, self.levels = size, levels or [[]]

    @classmethod
    def read(cls, size: int, stored: bytes) -> Edge:
        """The edge of a tree of so many leaves, from the bytes that `write` gave. Raises ValueError where they do not fit."""
        levels, at = [], 0
        for level in range(tile_levels(size)):
            count = (size >> (HEIGHT * level)) % WIDTH
            levels.append([stored[place : place + HASH] for place in range(at, at + count * HASH, HASH)])
            at += count * HASH
        if at != len(stored):
            raise ValueError("the edge of the tree does not fit its size")
        return cls(size, levels)

    def write(self) -> bytes:
        """The edge as bytes; the size tells how they are read."""
        return b"".join(each for level in self.levels for each in level)

    def add(self, leaves: Sequence[bytes]) -> list[tuple[Place, bytes]]:
        """Take more leaves; gives back every tile that became full, with its place."""
        full: list[tuple[Place, bytes]] = []
        self.size += len(leaves)
        level, rising = 0, leaves
        while rising:
            if level == len(self.levels):
                self.levels.append([])
            hashes = [*self.levels[level], *rising]
            whole = len(hashes) - len(hashes) % WIDTH
            self.levels[level] = hashes[whole:]
            index = (self.size >> (HEIGHT * (level + 1))) - whole // WIDTH
            full += [((level, index + at // WIDTH), b"".join(hashes[at : at + WIDTH])) for at in range(0, whole, WIDTH)]
            level, rising = level + 1, _rise(hashes[:whole])
        return full

    def root(self) -> bytes:
        """The root over all leaves so far."""
        tops: list[bytes] = []
        for level in range(len(self.levels) - 1, -1, -1):
            at, hashes = 0, self.levels[level]
            for bit in range(HEIGHT - 1, -1, -1):
                if len(hashes) & (1 << bit):
                    tops.append(fold(hashes[at : at + (1 << bit)]))
                    at += 1 << bit
        return join(tops)

    def checkpoint(self) -> Checkpoint:
        """The size and the root."""
        return Checkpoint(self.size, self.root())


def tile_levels(size: int) -> int:
    """How many tile levels a tree of so many leaves has."""
    levels = 1
    while size >> (HEIGHT * levels):
        levels += 1
    return levels


class Tree:
    """A tree of one size, read from its edge and its stored tiles: roots and proofs."""

    def __init__(self, edge: Edge, tiles: ReadTiles) -> None:
        self.edge, self._tiles = edge, tiles

    def root(self, size: int) -> bytes:
        """The root that the tree had when it held `size` leaves."""
        return self._ranges([(0, size)])[0]

    def leaf(self, index: int) -> bytes:
        """The hash of leaf `index` (from 0), as the tree holds it."""
        return self._ranges([(index, index + 1)])[0]

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that leaf `index` (from 0) stands in the tree of `size` leaves (RFC 6962, 2.1.1)."""
        self._within(size)
        if not 0 <= index < size:
            raise ValueError(f"there is no leaf {index} in a tree of {size}")
        lo, hi, beside = 0, size, []
        while hi - lo > 1:
            half = lo + (1 << ((hi - lo - 1).bit_length() - 1))
            if index < half:
                beside.append((half, hi))
                hi = half
            else:
                beside.append((lo, half))
                lo = half
        return self._ranges(beside[::-1])

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of `new` leaves begins with the tree of `old` (RFC 6962, 2.1.2)."""
        self._within(new)
        if not 0 <= old <= new:
            raise ValueError(f"a tree of {new} does not begin with one of {old}")
        if old in (0, new):
            return []
        lo, hi, beside = 0, new, []
        while old < hi:
            half = lo + (1 << ((hi - lo - 1).bit_length() - 1))
            if old <= half:
                beside.append((half, hi))
                hi = half
            else:
                beside.append((lo, half))
                lo = half
        if lo > 0:
            beside.append((lo, hi))
        return self._ranges(beside[::-1])

    def _within(self, size: int) -> None:
        if size > self.edge.size:
            raise ValueError(f"the tree holds {self.edge.size} leaves, not {size}")

    def _ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hash over each range of leaves; all tiles are read at once."""
        parts = [complete(lo, hi) for lo, hi in ranges]
        wanted = {self._tile_of(*each) for part in parts for each in part}
        tiles = self._tiles(sorted(place for place in wanted if not self._on_edge(place)))
        return [join([self._hash(level, index, tiles) for level, index in part]) for part in parts]

    @staticmethod
    def _tile_of(level: int, index: int) -> Place:
        return level // HEIGHT, (index << (level % HEIGHT)) >> HEIGHT

    def _on_edge(self, place: Place) -> bool:
        level, index = place
        return index >= self.edge.size >> (HEIGHT * (level + 1))

    def _hash(self, level: int, index: int, tiles: Mapping[Place, bytes]) -> bytes:
        place, up = self._tile_of(level, index), level % HEIGHT
        first = (index << up) % WIDTH
        if self._on_edge(place):
            return fold(self.edge.levels[place[0]][first : first + (1 << up)])
        tile = tiles[place]
        return fold([tile[at : at + HASH] for at in range(first * HASH, (first + (1 << up)) * HASH, HASH)])


# ---- proofs, as anybody can check them ------------------------------------------------------------------------------


def includes(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof shows leaf `index` under a root of `size` leaves (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size or len(leaf) != HASH:
        return False
    at, last, found = index, size - 1, leaf
    for each in proof:
        if last == 0:
            return False
        if at & 1 or at == last:
            found = node(each, found)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = node(found, each)
        at, last = at >> 1, last >> 1
    return last == 0 and found == root


def extends(old: Checkpoint, new: Checkpoint, proof: Sequence[bytes]) -> bool:
    """Whether a proof shows that the newer tree begins with the older one (RFC 9162, 2.1.4.2).

    Nothing can be shown from an empty tree: every tree begins with it, so that is refused.
    """
    if old.size == new.size:
        return not proof and old.root == new.root
    if not 0 < old.size < new.size:
        return False
    path = list(proof)
    if old.size & (old.size - 1) == 0:
        path.insert(0, old.root)
    if not path:
        return False
    at, last = old.size - 1, new.size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for each in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = node(each, first), node(each, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = node(second, each)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old.root and second == new.root
