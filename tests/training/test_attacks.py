"""Attacks: their gradients are real, they stay in their ball, and the chain before a network is the one of inference."""

from __future__ import annotations

import importlib.util
import sys

import cv2
import numpy as np
import pytest

from veridical.errors import NotInstalled
from veridical.signals import face_crops, mild_changes
from veridical.training import attack_chains, attacks
from veridical.training.figures import auc

WITHOUT = importlib.util.find_spec("torch") is None
needs_torch = pytest.mark.skipif(WITHOUT, reason="needs torch")


def pictures(seed: int = 0, *, many: int = 12, side: int = 32, fine: float = 0.0) -> np.ndarray:
    """Smooth pictures, some with a fine checkerboard of an amplitude: what the toy network looks for."""
    random = np.random.default_rng(seed)
    out = np.stack([cv2.GaussianBlur(random.random((side, side, 3)), (0, 0), 3) for _ in range(many)])
    y, x = np.mgrid[:side, :side]
    return (out + fine * (-1.0) ** (x + y)[None, :, :, None]).clip(0, 1)


def tensor(array: np.ndarray):
    import torch

    return torch.from_numpy(np.asarray(array, np.float32)).permute(0, 3, 1, 2).contiguous()


@pytest.fixture(scope="module")
def toy():
    """A network of two convolutions that learned to tell the checkerboard, and pictures that it never saw."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 8, 3), nn.GELU(), nn.Conv2d(8, 8, 3), nn.GELU(), nn.AdaptiveAvgPool2d(1))
    net = nn.Sequential(body, nn.Flatten(), nn.Linear(8, 1))
    optimiser = torch.optim.Adam(net.parameters(), 1e-2)
    seen = torch.cat([tensor(pictures(1)), tensor(pictures(2, fine=0.05))])
    labels = torch.tensor([0.0] * 12 + [1.0] * 12)
    for _ in range(300):
        loss = nn.functional.binary_cross_entropy_with_logits(net(seen)[:, 0], labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    net.eval().requires_grad_(False)
    return lambda x: net(x)[:, 0], tensor(pictures(3)), tensor(pictures(4, fine=0.03))


def ranked(real, fake) -> float:
    values = [float(one) for part in (real, fake) for one in part]
    return auc(np.arange(len(values)) >= len(real), values)


def away(fakes):
    import torch

    return -torch.ones(len(fakes))


@needs_torch
def test_steps_lower_the_auc_as_far_as_eps_allows(toy):
    score, real, fake = toy
    before = ranked(score(real), score(fake))
    found = [
        ranked(score(real), score(attacks.many_steps(score, fake, away(fake), eps=eps / 255))) for eps in (0, 1, 4, 16)
    ]
    assert before > 0.95 and found[0] == before
    assert found == sorted(found, reverse=True) and found[-1] < 0.2


@needs_torch
def test_noise_of_the_same_size_does_not(toy):
    """So it is the gradient that does it."""
    import torch

    score, real, fake = toy
    noisy = (fake + torch.sign(torch.randn(fake.shape, generator=torch.Generator().manual_seed(0))) * 16 / 255).clamp(
        0, 1
    )
    attacked = attacks.many_steps(score, fake, away(fake), eps=16 / 255)
    assert (score(noisy) > score(attacked)).all()


@needs_torch
@pytest.mark.parametrize("eps", [0.0, 1 / 255, 8 / 255])
def test_attacks_stay_in_their_ball_and_in_the_picture(toy, eps):
    score, _, fake = toy
    for attack in (attacks.one_step, attacks.many_steps):
        for found in (attack(score, fake, away(fake), eps=eps), attack(score, fake, -away(fake), eps=eps)):
            levels = attacks.in_levels(found)
            assert float((found - fake).abs().max()) <= eps + 1e-6
            assert float((levels - attacks.in_levels(fake)).abs().max()) <= eps + 1e-6
            assert float(found.min()) >= 0 and float(found.max()) <= 1


@needs_torch
def test_more_steps_reach_at_least_as_far_as_one_and_both_ways_work(toy):
    score, _, fake = toy
    lower, once = (attack(score, fake, away(fake), eps=4 / 255) for attack in (attacks.many_steps, attacks.one_step))
    assert float(score(lower).mean()) <= float(score(once).mean()) + 1e-4
    assert (score(lower) < score(fake)).all()
    assert (score(attacks.many_steps(score, fake, -away(fake), eps=4 / 255)) > score(fake)).all()


@needs_torch
def test_a_patch_covers_its_share_and_misleads_pictures_it_was_not_learned_from(toy):
    score, _, fake = toy
    found = attacks.patch(score, fake[:6], away(fake[:6]), share=0.04)
    laid = found.over(fake)
    changed = (laid != fake).any(1).float().mean((1, 2))
    assert found.values.shape == (3, 6, 6) and (changed <= 0.04).all()
    assert (score(laid[6:]) < score(fake[6:])).all()


@needs_torch
def test_gradients_run_through_the_whole_chain(toy):
    """Attacked before the crop, judged after it: the attack on the file reaches the network."""
    score, _, fake = toy
    large = tensor(np.stack([cv2.resize(one, (96, 96)) for one in fake.permute(0, 2, 3, 1).numpy()]))
    move = np.array([[0.5, 0.0, -8.0], [0.0, 0.5, -8.0]])
    crop = attack_chains.after(score, lambda x: attack_chains.moved(x, move, 32))
    found = attacks.many_steps(crop, large, away(large), eps=4 / 255)
    assert (crop(attacks.in_levels(found)) < crop(large)).all()
    saved = attack_chains.after(crop, attack_chains.jpeg(95))
    found = attacks.many_steps(saved, large, away(large), eps=8 / 255)
    assert float(saved(attacks.in_levels(found)).mean()) < float(saved(large).mean())
    tiles = attack_chains.tiled(score, 32, 32, lambda each: each.mean(1))
    assert (tiles(attacks.many_steps(tiles, large, away(large), eps=4 / 255)) < tiles(large)).all()


@needs_torch
@pytest.mark.parametrize("scale", [0.31, 0.5, 0.9, 1.7])
def test_crops_are_those_of_the_inference(scale):
    random = np.random.default_rng(0)
    pixels = cv2.GaussianBlur(random.integers(0, 256, (150, 130, 3)).astype(np.uint8), (0, 0), 2)
    turn = np.deg2rad(12)
    linear = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    move = np.hstack([linear, (np.array([20.0, 20.0]) - linear @ (60, 70))[:, None]])
    expected = face_crops.moved(pixels, move, 64, (127, 127, 127)).astype(float)
    found = attack_chains.moved(tensor(pixels[None] / 255), move, 64)[0].permute(1, 2, 0).numpy() * 255
    apart = np.abs(found - expected)
    # The inference cuts a window first, whose reduction starts elsewhere by a part of a pixel.
    assert apart.mean() < 1.5 and np.percentile(apart, 95) < 5


@needs_torch
def test_mild_changes_are_those_of_the_inference():
    pixels = (pictures(5, many=1, side=64, fine=0.05)[0] * 255).astype(np.uint8)
    ways = attack_chains.mild(64, 64)
    expected = mild_changes.changed(pixels)
    assert list(ways) == list(expected) == list(mild_changes.NAMES)
    for name, way in ways.items():
        found = way(tensor(pixels[None] / 255))[0].permute(1, 2, 0).numpy() * 255
        assert np.abs(found - expected[name]).mean() < 0.8, name


@needs_torch
def test_expected_scores_are_means_over_all_changes(toy):
    score, _, fake = toy
    ways = list(attack_chains.mild(32, 32).values())
    mean = sum(score(way(fake)) for way in ways) / len(ways)
    np.testing.assert_allclose(attack_chains.expected(score, ways, 0)(fake), mean, rtol=1e-4, atol=1e-4)


@needs_torch
def test_what_adversarial_training_learns_from_raises_the_loss_within_the_ball(toy):
    from torch.nn.functional import softplus

    score, _, fake = toy

    def loss(pixels):
        return softplus(-score(pixels)).mean()

    found = attacks.against(loss, fake, eps=8 / 255, seed=3)
    assert float(loss(found)) > float(loss(fake))
    assert float((found - fake).abs().max()) <= 8 / 255 + 1e-6 and not found.requires_grad


@needs_torch
def test_the_face_net_can_learn_from_attacked_pictures():
    """Every second batch is attacked, the same way each time, and its loss is higher; the others are as they were."""
    import torch

    from veridical.training.nets.seam_net import SeamNet
    from veridical.training.recipes import face_net

    torch.manual_seed(0)
    net = SeamNet().eval()
    masks = np.zeros((1, 16, 16), np.float32)
    masks[:, 4:12, 4:12] = 1
    attacked = 0
    for seed in range(6):
        drawn = (pictures(seed, many=2, side=64) * 255).astype(np.uint8), masks
        plain = float(face_net.loss(net, drawn).detach())
        hard, again = (float(face_net.hardened(net, drawn, levels=8).detach()) for _ in range(2))
        assert hard == again >= plain
        attacked += hard > plain
    assert 0 < attacked < 6


def test_without_torch_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match="veridical\\[train\\]"):
        attacks.one_step(lambda x: x, np.zeros((1, 3, 8, 8)), np.ones(1), eps=0.1)
