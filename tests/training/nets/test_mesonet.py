"""Meso-4 has the size that its paper says."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")


def test_it_has_as_many_weights_as_published_and_says_one_number_a_picture():
    from veridical.training.nets.mesonet import SIDE, Meso4

    net = Meso4().eval()
    assert sum(p.numel() for p in net.parameters()) == 27_977
    with torch.no_grad():
        assert net(torch.rand(3, 3, SIDE, SIDE)).shape == (3,)
