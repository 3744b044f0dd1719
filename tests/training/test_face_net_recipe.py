"""The recipe of the network for blends on a tiny subset: what a step sees, that it learns, resumes, and is written as it is."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from veridical.training.recipe import start
from veridical.training.recipes import face_net as recipe
from veridical.training.recipes.face_net import Pool, batch, shared_out

from .test_pseudo_fakes import face

torch_only = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs torch")


@pytest.fixture(scope="module")
def material() -> Pool:
    return recipe.pool([face(n) for n in range(6)], 8, seed=0)


def test_a_step_shows_the_same_part_of_a_face_and_of_its_blend(material):
    marked = Pool(material.real, material.real, material.mask)
    for seed in range(6):
        pictures, masks = batch(marked, np.random.default_rng(seed))
        np.testing.assert_array_equal(pictures[0::2], pictures[1::2])
        assert pictures.shape[1] in (192, 256) and masks.shape[1] * 4 == pictures.shape[1]
        assert len(pictures) == 2 * len(masks)
    whole = [batch(marked, np.random.default_rng(seed))[0].shape[1] == 256 for seed in range(40)]
    assert any(whole) and not all(whole)


def test_masks_lie_where_the_part_was_cut(material):
    plane = np.tile(np.arange(64, dtype=np.uint8), (64, 1))
    pictures = np.repeat(np.repeat(np.stack([plane] * 3, -1), 4, 0), 4, 1)[None]
    marked = Pool(pictures, pictures, plane[None])
    shown, masks = batch(marked, np.random.default_rng(3))
    np.testing.assert_allclose(masks[0] * 255, shown[0, ::4, ::4, 0], atol=1e-3)


def test_a_person_is_learned_from_or_held_back_never_both():
    faces = [face(n, person=f"group {n % 40}") for n in range(80)]
    learn, tune = shared_out(faces)
    assert len(learn) + len(tune) == 80 and tune
    assert not {one.person for one in learn} & {one.person for one in tune}


@torch_only
def test_it_learns_from_a_tiny_subset_and_is_written(material, tmp_path, monkeypatch):
    monkeypatch.setattr(recipe, "PAIRS", 2)
    held = Pool(material.real[:2], material.fake[:2], material.mask[:2])
    found = recipe.train(material, held, tmp_path, steps=3, bf16=False)
    assert (tmp_path / "log.jsonl").exists() and 0 <= found.figure <= 1
    assert recipe.write(found.net, tmp_path / "net.onnx", material.fake[:2]) < 2e-2
    boundary, mask, score = recipe.judged(found.net, material.fake[:3])
    assert boundary.shape == mask.shape == (3, 64, 64) and score.shape == (3,)
    assert boundary.min() >= 0 and mask.max() <= 1


@torch_only
def test_a_run_by_name_leaves_network_log_and_card(tmp_path, monkeypatch):
    (tmp_path / "manifest.csv").write_text("file,label\n")
    faces = [face(n, person=f"group {n}") for n in range(30)]
    monkeypatch.setattr(recipe, "gather", lambda folder, folds: faces)
    monkeypatch.setattr(recipe, "PAIRS", 2)
    monkeypatch.setattr(recipe, "TUNE", 4)
    card = start("face_net", [str(tmp_path), str(tmp_path / "run"), "--steps", "2", "--pairs", "6"])
    assert (tmp_path / "run" / "face_net.onnx").stat().st_size < 4_000_000
    text = card.read_text()
    assert "face_net.onnx" in text and "faces ended training" in text and "seed: 0" in text


@torch_only
def test_the_loss_falls_when_the_maps_are_right_and_the_score_within_them(material):
    import torch

    pictures, masks = material.fake[:1], material.mask[:1].astype(np.float32) / 255
    drawn = np.concatenate([material.real[:1], pictures]), masks

    class Said:
        def __init__(self, right: bool, score: float) -> None:
            self.right, self.score = right, score

        def logits(self, x):
            wanted = torch.from_numpy(np.stack([np.zeros_like(masks[0]), masks[0]]))
            edge = 4 * wanted * (1 - wanted)
            sign = 1 if self.right else -1
            return sign * (12 * edge - 6), sign * (12 * wanted - 6), torch.tensor([-self.score, self.score])

    losses = [float(recipe.loss(Said(*said), drawn)) for said in ((True, 4.0), (True, -4.0), (False, 4.0))]
    assert losses[0] < losses[1] and losses[0] < losses[2]


@torch_only
def test_a_pretrained_encoder_keeps_its_normalisation():
    import torch

    from veridical.training.nets.seam_net import SeamNet, highest

    net = SeamNet(frozen=True).train()
    before = net.encoder.stem.norm.running_mean.clone()
    net.logits(torch.rand(2, 3, 64, 64))
    torch.testing.assert_close(net.encoder.stem.norm.running_mean, before)
    assert not net.encoder.levels[1][0].depthwise.weights.weight.requires_grad
    maps = torch.zeros(1, 1, 10, 10)
    maps[0, 0, 0, :3] = torch.tensor([0.9, 0.6, 0.3])
    assert float(highest(maps)[0, 0]) == pytest.approx(0.6)
