"""The tree against a slow reference tree, against vectors that nobody here made, and against proofs bent in every way."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from everystone.ledger.seal.header import leaf
from everystone.ledger.seal.tree import EMPTY, Checkpoint, Edge, Place, Tree, extends, includes
from tests.conftest import PROOF

# ---- the slow reference tree: RFC 6962, 2.1, as it is written --------------------------------------------------------


def slow_root(leaves: Sequence[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = split(len(leaves))
    return sha256(b"\x01" + slow_root(leaves[:half]) + slow_root(leaves[half:])).digest()


def slow_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    half = split(len(leaves))
    if index < half:
        return [*slow_path(index, leaves[:half]), slow_root(leaves[half:])]
    return [*slow_path(index - half, leaves[half:]), slow_root(leaves[:half])]


def slow_proof(old: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [slow_root(leaves)]
    half = split(len(leaves))
    if old <= half:
        return [*slow_proof(old, leaves[:half], whole), slow_root(leaves[half:])]
    return [*slow_proof(old - half, leaves[half:], False), slow_root(leaves[:half])]


def split(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def leaves_of(size: int) -> list[bytes]:
    return [leaf(number.to_bytes(4, "big")) for number in range(size)]


def grown(leaves: Sequence[bytes], by: int = 7) -> tuple[Tree, dict[Place, bytes]]:
    """The fast tree, grown a few leaves at a time, its edge written and read again between."""
    stored: dict[Place, bytes] = {}
    edge = Edge()
    for at in range(0, len(leaves), by):
        edge = Edge.read(edge.size, edge.write())
        stored.update(edge.add(leaves[at : at + by]))

    def tiles(places: Sequence[Place]) -> Mapping[Place, bytes]:
        return {place: stored[place] for place in places}

    return Tree(edge, tiles), stored


# ---- equal to the slow one -------------------------------------------------------------------------------------------

LARGEST = 2_100 if PROOF else 300


@pytest.mark.parametrize("size", [0, 1, 2, 3, 15, 16, 17, 31, 255, 256, 257, 273, LARGEST])
def test_root_of_every_size_before_equals_the_slow_one(size: int) -> None:
    leaves = leaves_of(size)
    tree, _ = grown(leaves)
    assert tree.edge.root() == slow_root(leaves)
    for before in range(0, size + 1, max(1, size // 40)):
        assert tree.root(before) == slow_root(leaves[:before])


@given(st.data())
def test_proofs_equal_the_slow_ones_and_verify(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, LARGEST))
    before = data.draw(st.integers(1, size))
    index = data.draw(st.integers(0, before - 1))
    leaves = leaves_of(size)
    tree, _ = grown(leaves, data.draw(st.integers(1, 40)))
    path, proof = tree.inclusion(index, before), tree.consistency(before, size)
    assert path == slow_path(index, leaves[:before])
    assert proof == slow_proof(before, leaves)
    assert includes(index, before, leaves[index], path, slow_root(leaves[:before]))
    assert extends(Checkpoint(before, slow_root(leaves[:before])), tree.edge.checkpoint(), proof)


@given(st.integers(2, 200), st.data())
def test_a_proof_bent_in_any_way_is_refused(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    tree, _ = grown(leaves)
    index, root = data.draw(st.integers(0, size - 1)), slow_root(leaves)
    path = tree.inclusion(index, size)
    at = data.draw(st.integers(0, len(path) - 1))
    bent = [*path[:at], bytes([path[at][0] ^ 1]) + path[at][1:], *path[at + 1 :]]
    for wrong in (bent, path[:-1], [*path, root], [root, *path], path[::-1] if path != path[::-1] else bent):
        assert not includes(index, size, leaves[index], wrong, root)
    assert not includes(index, size, leaves[index - 1], path, root)
    assert not includes(size, size, leaves[index], path, root)


def test_a_tile_is_written_once_and_holds_sixteen(tmp_path: Path) -> None:
    edge, places = Edge(), []
    for each in leaves_of(1_000):
        places += [place for place, _ in edge.add([each])]
    assert len(places) == len(set(places)) == 1_000 // 16 + 1_000 // 256
    assert edge.root() == slow_root(leaves_of(1_000))


def test_an_edge_that_does_not_fit_its_size_is_refused() -> None:
    edge = Edge()
    edge.add(leaves_of(20))
    with pytest.raises(ValueError, match="does not fit"):
        Edge.read(21, edge.write())
    tree = Tree(edge, lambda _: {})
    with pytest.raises(ValueError, match="no leaf 20"):
        tree.inclusion(20, 20)
    with pytest.raises(ValueError, match="holds 20"):
        tree.inclusion(0, 21)
    with pytest.raises(ValueError, match="holds 20"):
        tree.consistency(5, 21)


# ---- vectors from outside --------------------------------------------------------------------------------------------


def vectors(shared: Path, name: str) -> list[dict[str, object]]:
    path = shared / "data" / "transparency-log" / name
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_reference_tree_of_rfc_6962(shared: Path) -> None:
    said = json.loads((shared / "data" / "transparency-log" / "rfc6962_reference_tree.json").read_text())
    leaves = [leaf(bytes.fromhex(each)) for each in said["leaf_inputs_hex"]]
    assert [each.hex() for each in leaves] == said["node_hashes_hex_by_level"][0]
    tree, _ = grown(leaves, 1)
    assert [tree.root(size).hex() for size in range(9)] == said["root_hashes_hex_by_size"]
    assert bytes.fromhex(said["root_hashes_hex_by_size"][0]) == EMPTY


def test_inclusion_vectors_come_out_as_expected(shared: Path) -> None:
    cases = vectors(shared, "merkle_inclusion.jsonl")
    for case in cases:
        proof = [b64decode(each) for each in case["proof"] or []]  # type: ignore[attr-defined]
        found = includes(case["leafIdx"], case["treeSize"], b64decode(case["leafHash"] or ""), proof,  # type: ignore[arg-type]
                         b64decode(case["root"] or ""))  # type: ignore[arg-type]  # fmt: skip
        assert found is not case["wantErr"], case["_file"]
    assert {case["wantErr"] for case in cases} == {True, False}


def test_consistency_vectors_come_out_as_expected(shared: Path) -> None:
    cases = vectors(shared, "merkle_consistency.jsonl")
    for case in cases:
        proof = [b64decode(each) for each in case["proof"] or []]  # type: ignore[attr-defined]
        old = Checkpoint(case["size1"], b64decode(case["root1"] or ""))  # type: ignore[arg-type]
        new = Checkpoint(case["size2"], b64decode(case["root2"] or ""))  # type: ignore[arg-type]
        assert extends(old, new, proof) is not case["wantErr"], case["_file"]
    assert {case["wantErr"] for case in cases} == {True, False}
