"""The network of an adapter, ready to be called, without torch: as it came, converted once, or put together from weights."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..errors import HashMismatch, NotInstalled, UsageError
from . import adapter_state, runtime, safetensors, store, torch_file
from .adapters import CONVERTED, Adapter
from .catalogue import Model
from .clip_graph import Transformer

Scores = Callable[[np.ndarray], np.ndarray]
"""From a prepared batch to the numbers of the network: shape (n,) becomes (n, classes), float64."""


def is_here(adapter: Adapter) -> bool:
    """Say whether every file of an adapter is on this machine; converted or not."""
    return all(model.sha256 and store.is_present(model.name) for model in adapter.models)


def network(adapter: Adapter) -> Scores:
    """Return the network of an adapter.

    Raises
    ------
    ModelMissing
        A file has not been fetched.
    NotInstalled
        It must be converted first; the text says how.
    HashMismatch
        A file is not the pinned one.
    UsageError
        A file does not hold what the adapter says.
    """
    if adapter.engine in CONVERTED:
        return _scores(adapter, _converted(adapter))
    if adapter.engine == "onnx":
        name = f"{adapter.model.name} {adapter.model.sha256}"
        return _scores(adapter, runtime.made(name, lambda: (store.read(adapter.model.name), None)))
    return _with_head(adapter, os.getpid())


def converted_file(adapter: Adapter) -> Path:
    """Return where the converted network is kept, whether it is there or not."""
    return store.cache() / f"{adapter.name}.converted.onnx"


def weights(model: Model) -> Mapping[str, np.ndarray]:
    """Return the tensors in a file of weights (safetensors, torch, TorchScript) by name; raises UsageError, ModelMissing."""
    path = store.path(model.name)
    try:
        return safetensors.tensors(path) if path.suffix == ".safetensors" else torch_file.tensors(path.read_bytes())
    except ValueError as error:
        raise UsageError(f"{path} does not hold weights that can be read here: {error}") from None


def _scores(adapter: Adapter, net: runtime.Net) -> Scores:
    if adapter.output.port >= len(net.outputs):
        raise UsageError(
            f"{adapter.id}: the network has {len(net.outputs)} outputs, and none with the number {adapter.output.port}"
        )
    most = net.inputs[0].shape[0] if net.inputs and net.inputs[0].shape else None

    def run(batch: np.ndarray) -> np.ndarray:
        step = most or 1  # one at a time unless the network fixes another number: memory stays small
        if len(batch) % step:
            raise UsageError(f"{adapter.id}: the network takes {step} at a time, which adapters do not do")
        try:
            parts = [net(batch[first : first + step])[adapter.output.port] for first in range(0, len(batch), step)]
        except ValueError as error:
            raise UsageError(f"{adapter.id}: {error}; correct [input] of the adapter") from None
        return np.concatenate([np.asarray(one, np.float64).reshape(step, -1) for one in parts])

    return run


def _converted(adapter: Adapter) -> runtime.Net:
    said = adapter_state.load(adapter.name).converted
    path = converted_file(adapter)
    for model in adapter.models:
        store.path(model.name)
    if not said or not path.exists() or said.get("source") != adapter.model.sha256:
        raise NotInstalled(
            f"{adapter.id} must be converted once, with torch; run: pip install 'veridical[train]' and veridical models "
            f"convert {adapter.name}"
        )
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != said["sha256"]:
        raise HashMismatch(
            f"{path} is not the file that was made by converting {adapter.model.name}; run: veridical models convert "
            f"{adapter.name}"
        )
    return runtime.made(f"{adapter.name} {said['sha256']}", lambda: (content, None))


@lru_cache(maxsize=4)
def _with_head(adapter: Adapter, _process: int) -> Scores:
    """Return a frozen encoder of pictures with a linear map behind it; a gigabyte is hashed and read once a process."""
    own = weights(adapter.model)
    matrix, bias = _head(own, adapter)
    net = _encoder(adapter, own)
    width = net.outputs[0].shape[-1]
    if width not in (None, matrix.shape[1]):
        raise UsageError(f"{adapter.id}: the head takes {matrix.shape[1]} numbers, and the encoder gives {width}")

    def run(batch: np.ndarray) -> np.ndarray:
        try:
            features = np.concatenate([net(one[None])[0] for one in batch]).astype(np.float64)
        except ValueError as error:
            raise UsageError(f"{adapter.id}: {error}; correct [input] of the adapter") from None
        if adapter.normalise:
            features /= np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
        return np.asarray(features @ matrix.T + bias)

    return run


def _head(own: Mapping[str, np.ndarray], adapter: Adapter) -> tuple[np.ndarray, np.ndarray]:
    prefix = f"{adapter.head}." if adapter.head else ""
    matrix, bias = own.get(f"{prefix}weight"), own.get(f"{prefix}bias")
    if matrix is None or bias is None or matrix.ndim != 2 or bias.shape != matrix.shape[:1]:
        raise UsageError(
            f"{adapter.model.file} holds no linear map {prefix}weight, {prefix}bias; correct head of the adapter"
        )
    return matrix.astype(np.float64), bias.astype(np.float64)


def _encoder(adapter: Adapter, own: Mapping[str, np.ndarray]) -> runtime.Net:
    if adapter.features:
        return runtime.onnx(adapter.features)
    source = adapter.backbone or adapter.model
    # GenD reads what comes before the projection of its own encoder; a frozen CLIP gives its embedding.
    projected = source is not adapter.model
    return runtime.made(f"{source.name} {source.sha256}", lambda: _transformer(source, own, projected=projected))


def _transformer(source: Model, own: Mapping[str, np.ndarray], *, projected: bool) -> runtime.Made:
    try:
        return Transformer(own if not projected else weights(source), projected=projected).model()
    except ValueError as error:
        raise UsageError(f"{source.file} does not hold the image part of CLIP: {error}") from None
