"""What the autoencoder learns from: pairs of one face, few masks; and a run on a tiny set."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import UsageError
from veridical.training.face_views import KeptFace
from veridical.training.recipes import locality_autoencoder as recipe
from veridical.training.recipes.locality_autoencoder import ASKED, OTHERS, PAIRS, Material


def material(count: int = 40) -> Material:
    """Faces that are noise about one grey each, so that a blend can be told from others' blends; masks tell their numbers."""
    random = np.random.default_rng(0)
    grey = np.linspace(20, 200, count)[:, None, None, None]
    real = np.clip(grey + random.normal(0, 3, (count, 128, 128, 3)), 0, 255).astype(np.uint8)
    masks = np.ones((count, 16, 16), np.float32) * np.linspace(0, 1, count, dtype=np.float32)[:, None, None]
    folds = np.array(["A"] * (count - 4) + ["B"] * 4)
    return Material(real, real + 20, masks, np.full((6, 128, 128, 3), 250, np.uint8), folds, np.array(["A"] * 6))


def test_a_batch_holds_pairs_in_order_and_others() -> None:
    pictures, fake, masks = recipe.batch(material(), np.zeros(0, np.int64), np.random.default_rng(0))
    assert len(pictures) == len(fake) == 2 * (PAIRS + OTHERS)
    np.testing.assert_array_equal(pictures[:PAIRS].astype(int) + 20, pictures[PAIRS : 2 * PAIRS])
    np.testing.assert_array_equal(
        np.flatnonzero(fake), [*range(PAIRS, 2 * PAIRS), *range(2 * PAIRS + OTHERS, len(fake))]
    )
    assert np.isnan(masks).all()
    assert (pictures[-OTHERS:] == 250).all()


def test_masks_are_used_only_where_they_were_asked_for() -> None:
    given, asked = material(), np.array([7, 11])
    for seed in range(5):
        _, _, masks = recipe.batch(given, asked, np.random.default_rng(seed))
        known = np.flatnonzero(~np.isnan(masks[:, 0, 0]))
        assert len(known) >= ASKED and known.min() >= PAIRS and known.max() < 2 * PAIRS
        assert set(masks[known, 0, 0].tolist()) <= set(given.masks[asked, 0, 0].tolist())


def test_a_small_fold_counts_by_the_root_of_its_number() -> None:
    given = material()
    weights = recipe._weights(given.folds)
    assert weights.sum() == pytest.approx(1)
    assert weights[given.folds == "B"].sum() / weights[given.folds == "A"].sum() == pytest.approx((4 / 36) ** 0.5)


def test_without_generated_faces_there_is_nothing_to_learn() -> None:
    with pytest.raises(UsageError, match="real faces to blend"):
        recipe.gather([])


def test_pairs_are_made_within_a_fold() -> None:
    random = np.random.default_rng(0)
    turn = np.linspace(0, 2 * np.pi, 468, endpoint=False)
    mesh = (100 + 55 * np.stack([np.cos(7 * turn), np.sin(7 * turn)], 1)).astype(np.float32)
    faces = [
        KeptFace(
            {"file": f"{label}{fold}{n}", "fold": fold, "label": label}, mesh,
            random.integers(0, 255, (200, 200, 3)).astype(np.uint8), mesh,
        )
        for fold in "AB" for label in ("real", "fake") for n in range(2)
    ]  # fmt: skip
    found = recipe.gather(faces)
    assert found.real.shape == found.fake.shape == (2 * 2 * recipe.EACH, 128, 128, 3)
    assert found.whole.shape == (4 * recipe.HISTORIES, 128, 128, 3)
    assert found.masks.shape == (16, 16, 16) and found.masks.min() >= 0 and found.masks.max() <= 1
    assert (found.real != found.fake).any((1, 2, 3)).all()
    again = recipe.gather(faces)
    np.testing.assert_array_equal(found.fake, again.fake)


def test_a_tiny_run_asks_for_its_share_and_is_written(tmp_path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    import onnxruntime

    trained = recipe.train(material(), steps=6, share=0.1, bf16=False)
    assert len(trained.asked) == len(set(trained.asked.tolist())) and 4 <= len(trained.asked) <= 6
    faces = material(4).fake
    recipe.write(trained.net, tmp_path / "net.onnx", faces)
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx")
    planes = np.ascontiguousarray(faces.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    active, maps = session.run(None, {"faces": planes})
    odds, seen = recipe.judged(trained.net, faces)
    np.testing.assert_allclose(active[:, 1] - active[:, 0], odds, atol=2e-2)
    np.testing.assert_allclose(maps, seen, atol=5e-2)
