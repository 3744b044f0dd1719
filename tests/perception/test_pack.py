"""Packed traces come back within half a step and are small."""

import tracemalloc

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


def test_some_numbers_take_the_memory_of_some() -> None:
    random = np.random.default_rng(2)
    packer = Packer(956)
    for one in random.normal(0, 400, (40 * BLOCK, 956)).astype(np.float32):
        packer.add(one)
    packed, ends = packer.packed()
    keep = np.array([3, 8, 700])
    tracemalloc.start()
    some = unpack(packed, ends, 956, keep)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * BLOCK * 956 * 4 / 5
    assert some.flags.c_contiguous and (some == unpack(packed, ends, 956)[:, keep]).all()


def test_those_that_rest_hold_no_buffers_and_can_go_on() -> None:
    values = np.random.default_rng(3).normal(0, 400, (BLOCK + 6, 956))
    tracemalloc.start()
    packers = [Packer(956) for _ in range(40)]
    for packer in packers:
        packer.add(values[0])
        packer.rest()
        packer.rest()
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 40 * BLOCK * 956 * 4 / 4
    for one in values[1:]:
        packers[0].add(one)
    assert np.abs(unpack(*packers[0].packed(), 956) - values).max() <= 0.5 / STEP + 1e-3


def test_nothing_packs_to_nothing() -> None:
    packed, ends = Packer(6).packed()
    assert len(packed) == 0 and unpack(packed, ends, 6).shape == (0, 6)
    assert unpack(packed, ends, 6, np.array([1])).shape == (0, 1)


def test_a_trembling_mesh_takes_less_than_30_kilobytes_a_second() -> None:
    random = np.random.default_rng(1)
    face, packer = random.uniform(200, 600, (956,)), Packer(956)
    for _ in range(50):
        face = face + random.normal(0, 3)
        packer.add(face + random.normal(0, 0.4, 956))
    assert len(packer.packed()[0]) / 2 < 30_000
