"""The published detector of synthetic speech: its architecture, its windows, and its weights where they are at hand."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from veridical.errors import NotInstalled, UsageError
from veridical.training import aasist

PUBLISHED = {"AASIST": 297_866, "AASIST-L": 85_306}
LIGHT = {
    "architecture": "AASIST", "first_conv": 128, "filts": [70, [1, 32], [32, 32], [32, 24], [24, 24]],
    "gat_dims": [24, 32], "pool_ratios": [0.4, 0.5, 0.7, 0.5], "temperatures": [2.0, 2.0, 100.0, 100.0],
}  # fmt: skip
HEAVY = LIGHT | {
    "filts": [70, [1, 32], [32, 32], [32, 64], [64, 64]], "gat_dims": [64, 32], "pool_ratios": [0.5, 0.7, 0.5, 0.5],
}  # fmt: skip
WEIGHTS = os.environ.get("VERIDICAL_WEIGHTS")
weights = pytest.mark.skipif(not WEIGHTS, reason="VERIDICAL_WEIGHTS names no folder of published weights")


def config(folder: Path, model: dict[str, object], name: str = "AASIST-L") -> Path:
    path = folder / f"config_{name}.conf"
    path.write_text(json.dumps({"model_config": model}))
    return path


def test_the_module_is_imported_without_torch() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\nfrom veridical.errors import NotInstalled\nfrom veridical.training import aasist\n"
        "try: aasist.network(Path('none'))\nexcept NotInstalled as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "veridical[train]" in done.stdout


def test_another_missing_module_is_not_taken_for_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'numbers_of_mine'", name="numbers_of_mine")

    monkeypatch.setattr(aasist, "import_module", missing)
    with pytest.raises(ModuleNotFoundError) as caught:
        aasist.network(Path("none"))
    assert not isinstance(caught.value, NotInstalled)


@pytest.mark.parametrize(
    ("count", "starts"),
    [
        (1, [0]),
        (64600, [0]),
        (64601, [0, 1]),
        (64600 + 32000, [0, 32000]),
        (64600 + 40000, [0, 32000, 40000]),
        (64600 + 64000, [0, 32000, 64000]),
    ],
)
def test_windows_reach_the_end_of_the_recording(count: int, starts: list[int]) -> None:
    assert aasist.window_starts(count) == starts


def test_an_empty_recording_has_no_window() -> None:
    with pytest.raises(UsageError, match="empty"):
        aasist.window_starts(0)


def test_an_unknown_name_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="AASIST, AASIST-L"):
        aasist.load(tmp_path, "RawNet2")


def test_each_window_is_judged_by_itself_and_short_ones_are_repeated() -> None:
    torch = pytest.importorskip("torch")

    def first_and_last(windows: object) -> object:
        return torch.stack([windows[:, 0], windows[:, -1]], dim=1)  # type: ignore[index]

    long = np.arange(64600 + 40000, dtype=np.float64)
    judged = aasist.judge(first_and_last, long)
    assert judged.starts_s.tolist() == [0.0, 2.0, 2.5]
    assert judged.real_logit.tolist() == [64599, 96599, 104599]
    assert judged.log_odds.tolist() == [-64599] * 3
    short = aasist.judge(first_and_last, np.arange(30000))
    assert short.real_logit.tolist() == [64599 - 2 * 30000]


@pytest.mark.parametrize(("name", "model"), [("AASIST-L", LIGHT), ("AASIST", HEAVY)])
def test_the_network_has_the_published_number_of_parameters(
    tmp_path: Path, name: str, model: dict[str, object]
) -> None:
    pytest.importorskip("torch")
    built = aasist.network(config(tmp_path, model))
    assert sum(parameter.numel() for parameter in built.parameters()) == PUBLISHED[name]
    assert {tuple(built.pos_S.shape), tuple(built.out_layer.weight.shape)} == {(1, 23, model["gat_dims"][0]), (2, 160)}  # type: ignore[index]


def test_shapes_on_the_way_through_the_network(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    built = aasist.network(config(tmp_path, LIGHT)).eval()
    with torch.inference_mode():
        assert built.features(torch.zeros(1, aasist.WINDOW)).shape == (1, 24, 23, 29)
        assert built.pool_S(torch.zeros(2, 23, 24)).shape == (2, 9, 24)
        assert built.pool_T(torch.zeros(2, 29, 24)).shape == (2, 14, 24)
        times, bands, stack = built.HtrgGAT_layer_ST11(
            torch.ones(2, 14, 24), torch.ones(2, 9, 24), torch.ones(1, 1, 24)
        )
        assert (times.shape, bands.shape, stack.shape) == ((2, 14, 32), (2, 9, 32), (2, 1, 32))
        windows = torch.from_numpy(np.random.default_rng(0).standard_normal((2, aasist.WINDOW)).astype(np.float32))
        logits = built(windows)
        assert logits.shape == (2, 2)
        assert torch.allclose(built(windows[1:]), logits[1:], atol=1e-4)


def test_attention_is_a_weighted_mean_of_the_nodes(tmp_path: Path) -> None:
    """Against the formula written out pair by pair."""
    torch = pytest.importorskip("torch")
    layer = aasist.network(config(tmp_path, LIGHT)).eval().GAT_layer_S
    nodes = np.random.default_rng(1).standard_normal((5, 24))
    numbers = {key: value.detach().double().numpy() for key, value in layer.state_dict().items()}
    scores = np.array(
        [
            [
                np.tanh(numbers["att_proj.weight"] @ (one * other) + numbers["att_proj.bias"])
                @ numbers["att_weight"][:, 0]
                for other in nodes
            ]
            for one in nodes
        ]
    )
    weights = np.exp(scores / 2.0) / np.exp(scores / 2.0).sum(1, keepdims=True)
    mixed = (
        (weights @ nodes) @ numbers["proj_with_att.weight"].T
        + numbers["proj_with_att.bias"]
        + nodes @ numbers["proj_without_att.weight"].T
        + numbers["proj_without_att.bias"]
    ) / np.sqrt(1 + layer.bn.eps)
    selu = 1.0507009873554805 * np.where(mixed > 0, mixed, 1.6732632423543772 * np.expm1(mixed))
    with torch.inference_mode():
        found = layer(torch.from_numpy(nodes[None].astype(np.float32)))[0].numpy()
    assert np.allclose(found, selu, atol=1e-5)


def test_the_band_passes_pass_their_band(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from veridical.training.aasist_net import sinc_filters

    filters = sinc_filters(70, 128)
    assert filters.shape == (70, 129)
    assert np.allclose(filters, filters[:, ::-1], atol=1e-7)
    response = np.abs(np.fft.rfft(filters, 16000))  # a bin is 1 Hz
    peaks = response.argmax(1)
    assert (np.diff(peaks[3:]) > 0).all()  # the first bands are narrower than the filters are long
    mel = 2595 * np.log10(1 + 8000 / 700) / 70
    edges = 700 * (10 ** (mel * np.arange(71) / 2595) - 1)
    assert (np.abs(peaks[20:-1] - (edges[20:-2] + edges[21:-1]) / 2) < 2).all()  # the last has no upper side
    assert np.allclose(filters.sum(0)[[64]], 1.0, atol=1e-3)  # all together, they pass everything


@pytest.mark.parametrize("content", ["", "{}", '{"model_config": {"architecture": "AASIST"}}'])
def test_an_odd_configuration_is_named(tmp_path: Path, content: str) -> None:
    pytest.importorskip("torch")
    path = tmp_path / "config_AASIST-L.conf"
    path.write_text(content)
    with pytest.raises(UsageError, match=r"config_AASIST-L\.conf"):
        aasist.network(path)


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    with pytest.raises(UsageError, match="RawNet2"):
        aasist.network(config(tmp_path, LIGHT | {"architecture": "RawNet2"}))


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    config(tmp_path, LIGHT)
    torch.save(aasist.network(config(tmp_path, HEAVY, "AASIST")).state_dict(), tmp_path / "AASIST-L.pth")
    with pytest.raises(UsageError, match=r"AASIST-L\.pth does not hold the weights"):
        aasist.load(tmp_path)
    (tmp_path / "AASIST-L.pth").unlink()
    with pytest.raises(UsageError, match=r"AASIST-L\.pth does not hold the weights"):
        aasist.load(tmp_path)


@weights
@pytest.mark.parametrize("name", aasist.NAMES)
def test_published_weights_load_exactly(name: str) -> None:
    pytest.importorskip("torch")
    assert WEIGHTS
    model = aasist.load(Path(WEIGHTS), name)  # strict: no name more or less, no other shape
    assert sum(parameter.numel() for parameter in model.parameters()) == PUBLISHED[name]
    assert not model.training


@weights
def test_the_norms_that_training_never_used_are_as_they_began() -> None:
    """What the code says of the first normalisation of a block shows in the weights themselves."""
    pytest.importorskip("torch")
    assert WEIGHTS
    norms = [block[0].bn1 for name in aasist.NAMES for block in aasist.load(Path(WEIGHTS), name).encoder[1:]]
    assert all(bool((norm.weight == 1).all() and (norm.bias == 0).all()) for norm in norms)
    used = aasist.load(Path(WEIGHTS)).encoder[1][0].bn2
    assert not bool((used.weight == 1).all())
