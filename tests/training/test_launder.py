"""Histories: drawn from a seed and a shape alone, the same for original and pseudo-fake, and conditions that never change."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from veridical.errors import UsageError
from veridical.training import launder
from veridical.training.launder import condition, history


def picture(height: int = 300, width: int = 260, seed: int = 0) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(0, 256, (height // 10, width // 10, 3)).astype(np.uint8)
    return launder.scaled(coarse, width, height)


def many(count: int = 300, **how):
    return [history((300, 260), np.random.default_rng(seed), **how) for seed in range(count)]


def test_original_and_pseudo_fake_get_the_identical_history():
    """Far from where they differed before they stay the same to the bit, whatever happened; but WebP spreads a change."""
    original = picture()
    copy = original.copy()
    copy[100:140, 100:140] = 255 - copy[100:140, 100:140]
    for seed in range(12):
        one, other = (launder.launder(p, np.random.default_rng(seed)) for p in (original, copy))
        assert one.shape == other.shape and one.dtype == np.uint8
        assert (one != other).any()
        if "webp" in history(original.shape, np.random.default_rng(seed)).names:
            continue
        far = slice(0, int(one.shape[0] / 5))
        np.testing.assert_array_equal(one[far, far], other[far, far])


def test_content_does_not_tell_the_history():
    names = {tuple(history((300, 260), np.random.default_rng(5)).names) for _ in range(3)}
    assert len(names) == 1
    drawn = history((300, 260), np.random.default_rng(5))
    with pytest.raises(ValueError, match="drawn for"):
        drawn.applied(picture(260, 300))


def test_all_kinds_of_steps_occur_as_often_as_they_should():
    found = many(600)
    share = {
        name: np.mean([name in one.names for one in found]) for name in ("blurred", "noise", "gamma", "webp", "cropped")
    }
    for name, expected in {"blurred": 0.2, "noise": 0.15, "gamma": 0.2, "webp": 0.13, "cropped": 0.25}.items():
        assert share[name] == pytest.approx(expected, abs=0.06), name
    last = [one.names[-1] for one in found if one.names and one.names[-1] in launder.PROFILES]
    assert len(last) / len(found) == pytest.approx(0.15, abs=0.05) and set(last) == set(launder.PROFILES)
    assert not any(name in launder.PROFILES for one in many(profiled=0.0) for name in one.names)
    assert {one.names[-1] for one in many(60, profiled=1.0)} == set(launder.PROFILES)


def test_small_pictures_are_not_made_smaller_than_160_px_by_the_first_scaling():
    for seed in range(200):
        made = history((200, 240), np.random.default_rng(seed), profiled=0.0)
        if "scaled" in made.names:
            after = made.steps[0](picture(200, 240))
            assert min(after.shape[:2]) >= 160


def test_noise_and_tone_do_what_they_say():
    flat = np.full((64, 64, 3), 100, np.uint8)
    np.testing.assert_array_equal(launder._toned(flat, 1.0), flat)
    assert launder._toned(flat, 0.8).mean() > 100 > launder._toned(flat, 1.25).mean()
    assert launder._noisy(flat, np.full((64, 64, 3), 300.0)).max() == 255  # no wrap around
    assert launder._cropped(picture(), 3, 5).shape == (297, 255, 3)


def test_conditions_are_what_they_say_and_always_the_same():
    row = {"file": "a.jpg"}
    big = picture(512, 400)
    assert condition(big, "native", row) is big
    kept = io.BytesIO()
    Image.fromarray(big).save(kept, "JPEG", quality=75)
    np.testing.assert_array_equal(condition(big, "jpeg_75", row), np.asarray(Image.open(kept)))
    assert condition(big, "half", row).shape == (256, 200, 3)
    assert condition(big, "common", row).shape == (256, 256, 3)
    assert condition(picture(256, 256), "common", row).shape == (256, 256, 3)
    assert condition(picture(250, 400), "common", row) is None
    for name in launder.CONDITIONS:
        np.testing.assert_array_equal(condition(big, name, row), condition(big, name, row))
    qualities = {condition(big, "half", {"file": f"{n}.jpg"}).tobytes() for n in range(12)}
    assert len(qualities) > 6  # another file, another quality
    with pytest.raises(UsageError, match="no condition blurred; there are native"):
        condition(big, "blurred", row)


def test_the_square_is_cut_from_the_middle():
    wide = np.zeros((10, 20, 3), np.uint8)
    wide[:, 5:15] = 9
    assert (launder.centre(wide) == 9).all() and launder.centre(wide).shape == (10, 10, 3)
    assert launder.centre(wide, 4).shape == (4, 4, 3)
