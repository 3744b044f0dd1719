"""Packed traces come back within half a step and are small."""

import numpy as np

from veridical.perception._pack import BLOCK, STEP, Packer, unpack


def test_round_trip_within_half_a_step() -> None:
    random = np.random.default_rng(0)
    for count in (1, BLOCK - 1, BLOCK, 3 * BLOCK + 5):
        values = random.normal(0, 4000, (count, 10))
        packer = Packer(10)
        for one in values:
            packer.add(one)
        back = unpack(*packer.packed(), 10)
        assert back.shape == values.shape and back.dtype == np.float32
        assert np.abs(back - values).max() <= 0.5 / STEP + 1e-3


def test_nothing_packs_to_nothing() -> None:
    packed, ends = Packer(6).packed()
    assert len(packed) == 0 and unpack(packed, ends, 6).shape == (0, 6)


def test_a_trembling_mesh_takes_less_than_30_kilobytes_a_second() -> None:
    random = np.random.default_rng(1)
    face, packer = random.uniform(200, 600, (956,)), Packer(956)
    for _ in range(50):
        face = face + random.normal(0, 3)
        packer.add(face + random.normal(0, 0.4, 956))
    assert len(packer.packed()[0]) / 2 < 30_000
