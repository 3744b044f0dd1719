"""Blends of real faces: a pair differs in the blend alone, masks are soft and bounded, and the same seed makes the same."""

from __future__ import annotations

from itertools import islice

import cv2
import numpy as np
import pytest

from veridical.signals.face_areas import EYES, LIPS, OVAL
from veridical.training import blend_masks, pseudo_fakes
from veridical.training.launder import History
from veridical.training.pseudo_fakes import FaceChip, make_pair, pairs


def mesh(side: int = 220) -> np.ndarray:
    """Return a face of simple shapes in the middle of a square."""
    points = np.full((468, 2), side / 2, np.float64)
    turn = np.arange(36) / 36 * 2 * np.pi
    points[list(OVAL)] += np.column_stack([np.sin(turn) * 0.24, -np.cos(turn) * 0.3]) * side
    for x, eye in zip((-0.1, 0.1), EYES, strict=True):
        angle = np.linspace(0, 2 * np.pi, len(eye), endpoint=False)
        points[list(eye)] += np.column_stack([x + 0.04 * np.cos(angle), -0.06 + 0.015 * np.sin(angle)]) * side
    angle = np.linspace(0, 2 * np.pi, len(LIPS), endpoint=False)
    points[list(LIPS)] += np.column_stack([0.08 * np.cos(angle), 0.15 + 0.03 * np.sin(angle)]) * side
    for number, index in enumerate((70, 63, 105, 66, 107, 336, 296, 334, 293, 300)):
        points[index] += np.array([-0.18 + 0.04 * number, -0.12]) * side
    for index, x, y in (
        (168, 0, -0.08),
        (129, -0.04, 0.05),
        (98, -0.03, 0.07),
        (2, 0, 0.08),
        (327, 0.03, 0.07),
        (358, 0.04, 0.05),
    ):
        points[index] += np.array([x, y]) * side
    return points


def face(number: int, person: str = "", side: int = 220) -> FaceChip:
    random = np.random.default_rng(number)
    coarse = random.integers(40, 215, (12, 12, 3)).astype(np.uint8)
    pixels = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    noisy = np.clip(pixels + random.normal(0, 4, pixels.shape), 0, 255).astype(np.uint8)
    return FaceChip(noisy, mesh(side) + random.normal(0, 0.5, (468, 2)), person or f"person {number}")


def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the common history out."""
    monkeypatch.setattr(pseudo_fakes, "history", lambda shape, random: History((shape[0], shape[1]), (), ()))


def test_the_boundary_is_one_where_both_weigh_the_same_and_nothing_where_one_is_seen():
    np.testing.assert_allclose(blend_masks.boundary(np.array([0.0, 0.5, 1.0, 0.25])), [0, 1, 0, 0.75])


def test_masks_of_every_kind_lie_on_the_face_and_are_soft():
    random, seen = np.random.default_rng(0), set()
    for _ in range(80):
        mask = blend_masks.drawn(mesh(), (220, 220), random)
        seen.add(mask.kind)
        assert mask.values.min() >= 0 and mask.values.max() <= 1
        assert mask.values[:8].max() < 0.05 and mask.values[-8:].max() < 0.05
        if mask.values.max() == 1:
            assert ((mask.values > 0.05) & (mask.values < 0.95)).any()
    assert seen == set(blend_masks.KINDS)


@pytest.mark.parametrize("other", [False, True])
def test_a_pair_differs_under_the_mask_and_nowhere_else(other, monkeypatch):
    untouched(monkeypatch)
    random = np.random.default_rng(4)
    inside, outside = [], []
    for number in range(12):
        made = make_pair(face(number), face(99) if other else None, random)
        if made is None:
            continue
        assert made.kind.startswith("other" if other else "self")
        far = (
            cv2.resize(cv2.dilate((made.mask > 0.004).astype(np.uint8), np.ones((5, 5))), (256, 256), interpolation=0)
            == 0
        )
        apart = np.abs(made.real.astype(int) - made.fake).max(2)
        outside.append(apart[far].max())
        inside.append(apart[cv2.resize(made.mask, (256, 256)) > 0.8].mean() if (made.mask > 0.8).any() else 0)
    assert max(outside) <= 1
    assert np.median(inside) > (5 if other else 1)


def test_both_of_a_pair_get_the_same_history(monkeypatch):
    """Without a blend (a mask of nothing but a far corner's worth) nothing would differ: history must not tell the label."""
    monkeypatch.setattr(pseudo_fakes, "_blended", lambda target, source, mask, random: target.copy())
    random = np.random.default_rng(1)
    for number in range(8):
        made = make_pair(face(number), face(50 + number), random)
        assert made is not None
        np.testing.assert_array_equal(made.real, made.fake)


def test_nobody_is_laid_over_the_same_person(monkeypatch):
    faces = [face(n, person="one" if n < 3 else f"other {n}") for n in range(6)]
    seen = []
    monkeypatch.setattr(pseudo_fakes, "make_pair", lambda one, donor, random: seen.append((one, donor)) or "made")
    list(islice(pairs(faces, np.random.default_rng(0), own=0.2), 60))
    assert any(donor is None for _, donor in seen) and any(donor is not None for _, donor in seen)
    assert all(donor is None or donor.person != one.person for one, donor in seen)


def test_the_same_seed_makes_the_same_pairs():
    faces = [face(n) for n in range(4)]
    first, again, another = (list(islice(pairs(faces, np.random.default_rng(seed)), 3)) for seed in (0, 0, 1))
    for one, two in zip(first, again, strict=True):
        np.testing.assert_array_equal(one.fake, two.fake)
        np.testing.assert_array_equal(one.mask, two.mask)
    assert not np.array_equal(first[0].real, another[0].real)


def test_a_change_keeps_shape_and_the_picture_it_was_given():
    pixels = face(1).pixels
    before = pixels.copy()
    random = np.random.default_rng(2)
    changes = [pseudo_fakes.changed(pixels, random) for _ in range(20)]
    assert all(one.shape == pixels.shape and one.dtype == np.uint8 for one in changes)
    assert all((one != pixels).any() for one in changes)
    np.testing.assert_array_equal(pixels, before)
