"""EfficientNet-Lite0: sizes as published, features where they should lie, and published weights in their places."""

from __future__ import annotations

import pytest

from veridical.errors import UsageError

torch = pytest.importorskip("torch")

from veridical.training.nets import lite0  # noqa: E402 - it needs torch


def published(classes: int = 1000):
    """Return a state dict with the names and shapes of the published file, and values that tell their place."""
    stages = [
        (1, 3, 1, 16),
        (2, 3, 6, 24),
        (2, 5, 6, 40),
        (3, 3, 6, 80),
        (3, 5, 6, 112),
        (4, 5, 6, 192),
        (1, 3, 6, 320),
    ]
    found, taken, block = {"_conv_stem.weight": (32, 3, 3, 3)}, 32, 0

    def norm(name: str, channels: int) -> None:
        found.update({f"{name}.{part}": (channels,) for part in ("weight", "bias", "running_mean", "running_var")})
        found[f"{name}.num_batches_tracked"] = ()

    norm("_bn0", 32)
    for count, size, expansion, given in stages:
        for _ in range(count):
            name, wide = f"_blocks.{block}", taken * expansion
            if expansion > 1:
                found[f"{name}._expand_conv.weight"] = (wide, taken, 1, 1)
                norm(f"{name}._bn0", wide)
            found[f"{name}._depthwise_conv.weight"] = (wide, 1, size, size)
            norm(f"{name}._bn1", wide)
            found[f"{name}._project_conv.weight"] = (given, wide, 1, 1)
            norm(f"{name}._bn2", given)
            taken, block = given, block + 1
    found["_conv_head.weight"] = (1280, 320, 1, 1)
    norm("_bn1", 1280)
    found.update({"_fc.weight": (classes, 1280), "_fc.bias": (classes,)})
    return {name: torch.full(shape, n + 0.5) for n, (name, shape) in enumerate(found.items())}


def test_it_has_as_many_weights_as_published():
    assert sum(p.numel() for p in lite0.Lite0(1000).parameters()) == 4_652_008


def test_features_lie_at_their_strides():
    net = lite0.Lite0(0).eval()
    found = net.features(torch.zeros(2, 3, 64, 96))
    assert [tuple(one.shape) for one in found] == [
        (2, channels, 64 // stride, 96 // stride)
        for channels, stride in zip(lite0.CHANNELS, lite0.STRIDES, strict=True)
    ]
    assert len(lite0.Lite0(0, levels=3, taken=5).features(torch.zeros(1, 5, 32, 32))) == 3
    with pytest.raises(UsageError, match="without a head"):
        net.pooled(torch.zeros(1, 3, 32, 32))


def test_one_number_or_several_a_picture():
    assert lite0.Lite0(1, levels=2).eval()(torch.rand(3, 3, 32, 32)).shape == (3,)
    assert lite0.Lite0(4, levels=2).eval()(torch.rand(3, 3, 32, 32)).shape == (3, 4)


def test_a_stride_of_two_looks_to_the_right_and_below():
    """As the original: output pixel (i, j) of a 3×3 kernel sees rows 2i … 2i + 2,."""
    layer = lite0.Convolution(1, 1, 3, stride=2, linear=True).eval()
    torch.nn.init.ones_(layer.weights.weight)
    shown = torch.zeros(1, 1, 8, 8)
    shown[0, 0, 2, 2] = 1
    assert (layer(shown)[0, 0] > 0.5).nonzero().tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_published_weights_find_their_places(tmp_path):
    given = published()
    torch.save(given, tmp_path / "published.pth")
    net = lite0.Lite0(1000)
    lite0.load_imagenet(net, tmp_path / "published.pth")
    own = net.state_dict()
    assert len(own) == len(given)
    for here, there in {
        "stem.weights.weight": "_conv_stem.weight",
        "stem.norm.running_var": "_bn0.running_var",
        "levels.0.0.depthwise.weights.weight": "_blocks.0._depthwise_conv.weight",
        "levels.1.1.expand.norm.bias": "_blocks.2._bn0.bias",
        "levels.3.0.expand.weights.weight": "_blocks.5._expand_conv.weight",
        "levels.3.5.depthwise.norm.running_mean": "_blocks.10._bn1.running_mean",
        "levels.4.4.project.norm.weight": "_blocks.15._bn2.weight",
        "head.weights.weight": "_conv_head.weight",
        "last.1.bias": "_fc.bias",
    }.items():
        torch.testing.assert_close(own[here], given[there])


def test_other_heads_and_inputs_keep_their_own_weights(tmp_path):
    torch.save(published(), tmp_path / "published.pth")
    net = lite0.Lite0(1, taken=6, levels=4)
    before = {name: value.clone() for name, value in net.state_dict().items()}
    lite0.load_imagenet(net, tmp_path / "published.pth")
    same = {name for name, value in net.state_dict().items() if torch.equal(value, before[name])}
    assert "stem.weights.weight" in same and "last.1.weight" in same and "head.weights.weight" in same
    assert "levels.3.0.expand.weights.weight" not in same and "stem.norm.weight" not in same


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UsageError, match="no such file"):
        lite0.load_imagenet(lite0.Lite0(), tmp_path / "none.pth")
    (tmp_path / "text.pth").write_text("no weights")
    torch.save({"_conv_stem.weight": torch.zeros(32, 3, 3, 3)}, tmp_path / "part.pth")
    torch.save({"other": torch.zeros(1)}, tmp_path / "other.pth")
    for name in ("text", "part", "other"):
        with pytest.raises(UsageError, match="does not hold the weights"):
            lite0.load_imagenet(lite0.Lite0(), tmp_path / f"{name}.pth")
