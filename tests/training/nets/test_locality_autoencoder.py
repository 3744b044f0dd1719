"""The halves of the code: which of them the decoder may see, what the losses ask of them, and that they can be learned."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from veridical.training.nets.locality_autoencoder import PLACES, SIDE, Network  # noqa: E402


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Network(width=8, half=4).eval()


def given(count: int = 4):
    random = np.random.default_rng(0)
    faces = torch.from_numpy(random.random((count, 3, SIDE, SIDE), np.float32))
    return faces, torch.arange(count) % 2 == 1, torch.full((count, PLACES, PLACES), float("nan"))


def test_it_gives_two_magnitudes_and_a_map_whose_mean_is_the_second(net) -> None:
    faces, _, _ = given()
    with torch.no_grad():
        active, seen = net(faces)
    assert active.shape == (4, 2) and seen.shape == (4, PLACES, PLACES)
    np.testing.assert_allclose(seen.mean((1, 2)), active[:, 1], rtol=1e-5)


def test_the_decoder_sees_the_half_of_the_right_kind_alone(net) -> None:
    faces, fake, masks = given()
    seen = []
    net.decoder.register_forward_pre_hook(lambda _, code: seen.append(code[0].detach()))
    net.losses(faces, fake, masks)
    (code,) = seen
    assert (code[~fake][:, net.half :] == 0).all() and (code[fake][:, : net.half] == 0).all()
    assert (code[~fake][:, : net.half] != 0).any() and (code[fake][:, net.half :] != 0).any()


def test_activity_is_drawn_to_one_and_nought(net) -> None:
    faces, fake, masks = given(2)
    losses = net.losses(faces, fake, masks)
    (real_half, other), (wrong, fake_half) = losses.active.tolist()
    expected = (abs(real_half - 1) + other + wrong + abs(fake_half - 1)) / 2
    assert losses.activity.item() == pytest.approx(expected, rel=1e-5)
    assert losses.attention.item() == 0  # no mask was asked for
    assert losses.weighed(7.0).item() == pytest.approx((losses.picture + losses.activity).item())


def test_a_mask_counts_only_where_it_was_asked_for(net) -> None:
    faces, fake, masks = given()
    masks[1] = 0
    masks[1, :8] = 1
    with torch.no_grad():
        seen = net.attention(net.code(faces))[1]
        wanted = ((seen / seen.max() - masks[1]) ** 2).mean().item()
        assert net.losses(faces, fake, masks).attention.item() == pytest.approx(wanted, rel=1e-4)


def test_it_learns_to_tell_and_to_place_a_patch() -> None:
    torch.manual_seed(0)
    net, random = Network(width=8, half=4), np.random.default_rng(0)
    optimiser = torch.optim.Adam(net.parameters(), 5e-3)
    for _ in range(40):
        faces = torch.from_numpy(random.random((8, 3, SIDE, SIDE), np.float32)) * 0.2 + 0.4
        fake, masks = torch.arange(8) % 2 == 1, torch.full((8, PLACES, PLACES), float("nan"))
        masks[1::2] = 0
        for one in range(1, 8, 2):
            y, x = (int(n) for n in random.integers(0, 11, 2))
            faces[one, :, 8 * y : 8 * y + 48, 8 * x : 8 * x + 48] = 0.9
            masks[one, y : y + 6, x : x + 6] = 1
        losses = net.losses(faces, fake, masks)
        optimiser.zero_grad()
        losses.weighed(2.0).backward()
        optimiser.step()
    odds = losses.active[:, 1] - losses.active[:, 0]
    assert odds[fake].min() > odds[~fake].max()
    seen = net.attention(net.code(faces))[fake]
    inside = masks[fake] > 0
    assert seen[inside].mean() > 2 * seen[~inside].mean()
