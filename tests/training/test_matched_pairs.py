"""Pairs share fold, size and history; and both labels are drawn from all sources alike."""

from __future__ import annotations

import numpy as np

from veridical.training import launder, matched_pairs
from veridical.training.matched_pairs import SIDE, draw


def plain(colour: int, height: int = 300, width: int = 260) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def test_pictures_that_are_alike_make_pairs_that_are_alike():
    """With one smooth picture under both labels, nothing but its place differs: no size, quality, noise or blur of its own."""
    ramp = np.repeat(np.linspace(0, 255, 300).astype(np.uint8)[:, None], 300, 1)[..., None].repeat(3, 2)
    pairs = draw({"real": {"a": [ramp.transpose(1, 0, 2)]}, "fake": {"a": [ramp.transpose(1, 0, 2)]}}, 30, [0])
    assert pairs.shape == (30, 2, SIDE, SIDE, 3) and pairs.dtype == np.uint8
    steps = np.diff(pairs.astype(np.float64), axis=3)
    slope, rough = steps.mean((2, 3, 4)), steps.std((2, 3, 4))
    np.testing.assert_allclose(slope[:, 0], slope[:, 1], atol=0.1)
    assert np.corrcoef(rough.T)[0, 1] > 0.95


def test_the_real_one_comes_first_and_the_larger_picture_is_reduced_to_the_smaller(monkeypatch):
    shares = []
    own = matched_pairs._piece

    def noted(picture, share, resampling, at):
        shares.append(share * min(picture.shape[:2]))
        return own(picture, share, resampling, at)

    monkeypatch.setattr(matched_pairs, "_piece", noted)
    pairs = draw({"real": {"a": [plain(40, 600, 700)]}, "fake": {"b": [plain(200)]}}, 20, [1])
    assert (pairs[:, 0].mean((1, 2, 3)) < pairs[:, 1].mean((1, 2, 3))).all()
    sizes = np.array(shares).reshape(-1, 2)
    np.testing.assert_allclose(sizes[:, 0], sizes[:, 1])
    assert sizes.max() <= 260 * 1.2 + 1e-6 and sizes.min() >= 150 - 1e-6


def test_sources_with_both_labels_make_pairs_of_their_own():
    given = {"real": {"a": [plain(10)], "b": [plain(60)]}, "fake": {"b": [plain(110)], "c": [plain(230)]}}
    pairs = draw(given, 60, [2])
    middle = pairs.mean((2, 3, 4))
    one = (abs(middle[:, 0] - 60) < 25) & (abs(middle[:, 1] - 110) < 25)
    assert 0.45 < one.mean() < 0.9  # 0.45, and a quarter of the rest
    assert (middle[:, 0] < 40).any() and (middle[:, 1] > 190).any()


def test_the_same_seed_draws_the_same_pairs_and_smaller_pictures_are_mirrored():
    given = {"real": {"a": [plain(50, 128, 128)]}, "fake": {"a": [plain(90, 128, 140)]}}
    one, other = draw(given, 5, [3, 4]), draw(given, 5, [3, 4])
    np.testing.assert_array_equal(one, other)
    assert one.min() > 0


def test_a_history_without_resizing_keeps_the_size_but_for_crops():
    for seed in range(40):
        names = launder.history((160, 160), np.random.default_rng(seed), resized=False, profiled=0).names
        assert "scaled" not in names
