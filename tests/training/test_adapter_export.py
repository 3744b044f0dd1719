"""Conversion of TorchScript to ONNX: what comes out is what torch gives, and what differs is not kept."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from veridical import catalogue
from veridical.errors import UsageError
from veridical.models import adapted, adapter_state, adapters, runtime

from ..models import adapter_kit

TEXT = adapter_kit.TEXT.replace('file = "net.onnx"\nengine = "onnx"', 'file = "net.pt"\nengine = "torchscript"')
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    yield adapter_kit.home(tmp_path, monkeypatch)
    runtime.forget()
    catalogue.load.cache_clear()


def script(path):
    """A small network with a convolution and a normalisation, saved as TorchScript; return it and its bytes."""
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(),
        torch.nn.Linear(4, 1),
    ).eval()  # fmt: skip
    torch.jit.save(torch.jit.trace(net, torch.zeros(1, 3, 16, 16)), str(path))
    return net, path.read_bytes()


def test_torchscript_is_converted_once_and_then_runs_without_torch(tmp_path):
    net, content = script(tmp_path / "net.pt")
    from veridical.training.adapter_export import convert

    adapter = adapter_kit.installed(TEXT, content)
    path, apart = convert(adapter)
    assert apart < 1e-5 and path == adapted.converted_file(adapter)
    assert adapter_state.load("mine").converted["source"] == adapter.model.sha256
    import torch

    batch = np.random.default_rng(1).standard_normal((2, 3, 16, 16)).astype(np.float32)
    with torch.no_grad():
        want = net(torch.from_numpy(batch)).numpy()
    assert adapted.network(adapter)(batch) == pytest.approx(want, abs=1e-5)
    code = (
        "import sys; sys.modules['torch'] = None\nimport numpy as np\nfrom veridical.models import adapted, adapters\n"
        "print(adapted.network(adapters.need('mine'))(np.ones((1, 3, 16, 16), np.float32)).item())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    with torch.no_grad():
        assert float(done.stdout) == pytest.approx(net(torch.ones(1, 3, 16, 16)).item(), abs=1e-5)


def test_a_conversion_that_differs_is_not_kept(tmp_path, monkeypatch):
    _, content = script(tmp_path / "net.pt")
    from veridical.training import adapter_export

    monkeypatch.setattr(adapter_export, "MOST_APART", -1.0)
    adapter = adapter_kit.installed(TEXT, content)
    with pytest.raises(UsageError, match="differs from the original"):
        adapter_export.convert(adapter)
    assert not adapted.converted_file(adapter).exists() and not adapter_state.load("mine").converted


def test_what_is_no_torchscript_is_told(own):
    pytest.importorskip("torch")
    from veridical.training.adapter_export import convert

    with pytest.raises(UsageError, match="cannot be read as TorchScript"):
        convert(adapter_kit.installed(TEXT, b"no archive"))


def test_onnx_needs_no_conversion(own):
    from veridical.training.adapter_export import convert

    with pytest.raises(UsageError, match="needs no conversion: its engine is onnx"):
        convert(adapter_kit.installed())


def test_weights_of_another_network_are_told(own):
    torch = pytest.importorskip("torch")
    from veridical.training import adapter_export

    path = own / "a.pth"
    torch.save({"weight": torch.zeros(2)}, path)
    with pytest.raises(UsageError, match="does not hold the weights of AASIST-L"):
        adapter_export._aasist(torch, path, "AASIST-L")
    with pytest.raises(UsageError, match="one of: AASIST, AASIST-L"):
        adapter_export._aasist(torch, path, adapters.need("gend").config)
