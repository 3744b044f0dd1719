"""From TorchScript, or the weights of a network that is known here, to ONNX; done once, with torch, on the user's machine.

What comes out is compared with what went in, on random inputs, before it is kept.
"""

from __future__ import annotations

import hashlib
import tempfile
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import NotInstalled, UsageError
from ..models import adapted, adapter_state, runtime, store
from ..models.adapters import CONVERTED, Adapter

MOST_APART = 1e-3
"""Largest difference of an output, relative to the largest output, that is taken for equal."""
_INPUTS = 3
_OPERATORS = 17
# What the published configuration files say: channels of the blocks, widths, shares kept, temperatures of attention.
_AASIST: dict[str, dict[str, Any]] = {
    "AASIST": {"channels": [(1, 32), (32, 32), (32, 64), (64, 64)], "widths": (64, 32), "shares": [0.5, 0.7, 0.5, 0.5]},
    "AASIST-L": {
        "channels": [(1, 32), (32, 32), (32, 24), (24, 24)],
        "widths": (24, 32),
        "shares": [0.4, 0.5, 0.7, 0.5],
    },
}


def convert(adapter: Adapter) -> tuple[Path, float]:
    """Convert the network of an adapter and keep it; return its file and the largest relative difference of its outputs.

    Raises
    ------
    NotInstalled
        If torch or onnx is not installed.
    ModelMissing, HashMismatch
        If the file to convert is missing or another one.
    UsageError
        If there is nothing to convert, it cannot be converted, or the outputs differ.
    """
    if adapter.engine not in CONVERTED:
        raise UsageError(f"{adapter.id} needs no conversion: its engine is {adapter.engine}")
    torch = _torch()
    source = store.path(adapter.model.name)
    network = _script(torch, source) if adapter.engine == "torchscript" else _aasist(torch, source, adapter.config)
    inputs = [torch.from_numpy(one) for one in _examples(adapter)]
    content = _exported(torch, network, inputs[0], adapter)
    apart = _difference(torch, network, inputs, content, adapter)
    if not apart <= MOST_APART:
        raise UsageError(
            f"the converted network of {adapter.id} differs from the original by {apart:.2g} of its output; nothing was kept"
        )
    target = adapted.converted_file(adapter)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as staged:
        staged.write(content)
    Path(staged.name).replace(target)
    state = adapter_state.load(adapter.name)
    said = {"sha256": hashlib.sha256(content).hexdigest(), "source": adapter.model.sha256, "difference": float(apart)}
    adapter_state.keep(adapter.name, adapter_state.State(
        pins=state.pins, converted=said, polarity=state.polarity, calibration=state.calibration,
    ))  # fmt: skip
    return target, float(apart)


def _examples(adapter: Adapter) -> list[np.ndarray]:
    crop, random = adapter.crop, np.random.default_rng(0)
    if crop.kind == "voice":
        return [0.1 * random.standard_normal((1, crop.window)).astype(np.float32) for _ in range(_INPUTS)]
    shape = (1, 3, crop.side, crop.side) if crop.layout == "nchw" else (1, crop.side, crop.side, 3)
    return [random.standard_normal(shape).astype(np.float32) for _ in range(_INPUTS)]


def _script(torch: Any, source: Path) -> Any:
    try:
        return torch.jit.load(str(source), map_location="cpu").eval().float()
    except (RuntimeError, ValueError) as error:
        raise UsageError(f"{source} cannot be read as TorchScript ({error})") from None


def _aasist(torch: Any, source: Path, config: str) -> Any:
    if config not in _AASIST:
        raise UsageError(f"config is {config!r}; it must be one of: {', '.join(_AASIST)}")
    network = import_module(".aasist_net", __package__).Network(
        filters=70, taps=128, temperatures=[2.0, 2.0, 100.0, 100.0], **_AASIST[config]
    )
    try:
        network.load_state_dict(torch.load(source, map_location="cpu", weights_only=True), strict=True)
    except (RuntimeError, EOFError, import_module("pickle").UnpicklingError) as error:
        raise UsageError(f"{source} does not hold the weights of {config} ({error})") from None
    return network.eval()


def _exported(torch: Any, network: Any, example: Any, adapter: Adapter) -> bytes:
    with (
        tempfile.TemporaryDirectory() as folder,
        warnings.catch_warnings(),
        torch.inference_mode(False),
        torch.no_grad(),
    ):
        warnings.simplefilter("ignore")
        target = Path(folder) / "network.onnx"
        try:
            # The older exporter reads TorchScript; both of its warnings say that there is a newer one.
            torch.onnx.export(
                network, (example,), str(target), opset_version=_OPERATORS, input_names=["input"], dynamo=False
            )
        except (RuntimeError, TypeError, ValueError, torch.onnx.errors.OnnxExporterError) as error:
            first = str(error).strip().splitlines()[:1]
            raise UsageError(f"the network of {adapter.id} cannot be converted: {' '.join(first)}") from None
        return target.read_bytes()


def _difference(torch: Any, network: Any, inputs: list[Any], content: bytes, adapter: Adapter) -> float:
    digest = hashlib.sha256(content).hexdigest()
    net = runtime.made(f"{adapter.name} {digest}", lambda: (content, None))
    largest, apart = 1e-6, 0.0
    for one in inputs:
        with torch.no_grad():
            given = network(one)
        given = given if isinstance(given, tuple | list) else (given,)
        for want, have in zip(given, net(one.numpy()), strict=True):
            largest = max(largest, float(want.abs().max()))
            apart = max(apart, float(np.abs(want.numpy() - have).max()))
    return apart / largest


def _torch() -> Any:
    try:
        import_module("onnx")
        return import_module("torch")
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "onnx"):
            raise
        raise NotInstalled(f"{error.name} is not installed; run: pip install 'veridical[train]'") from None
