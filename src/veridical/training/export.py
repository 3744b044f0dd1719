"""Trained networks as ONNX files that say what torch said: written, run by onnxruntime, and compared."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError, NotInstalled
from .loop import installed

OPSET = 17
_LEAST_HALVED = 64
"""Weights with fewer values stay as they are, and so do those of one axis: offsets cost little and err much."""


def write(
    net: Any,
    path: Path,
    example: Sequence[Any],
    *,
    inputs: Sequence[str],
    outputs: Sequence[str],
    free: Mapping[str, Mapping[int, str]] | None = None,
    tolerance: float = 1e-4,
    half: bool = False,
    half_tolerance: float = 2e-2,
) -> float:
    """Write a network as ONNX and return the largest difference between onnxruntime and torch.

    Parameters
    ----------
    example
        Tensors to trace and to compare with; let them be like real ones, for the tolerance is about what comes out.
    inputs, outputs
        Names in the file.
    free
        Axes of any length by name of input and output; axis 0 of each is free if nothing is said.
    tolerance
        The most that outputs may differ, relative to 1 or to the largest output of torch, whichever is more.
    half
        Keep the large weights in half precision: half the size, computed in single precision as before.
    half_tolerance
        The tolerance after that.

    Raises
    ------
    NotInstalled
        Without torch or onnx.
    ModelError
        If the file says something else than torch; it is removed then.
    """
    torch = installed()
    free = free if free is not None else {name: {0: "n"} for name in (*inputs, *outputs)}
    net.eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore", DeprecationWarning)  # of the exporter: it is kept for its small files
        warnings.filterwarnings("ignore", "Constant folding")  # what is left unfolded is computed instead
        torch.onnx.export(
            net, tuple(example), str(path), input_names=list(inputs), output_names=list(outputs), opset_version=OPSET,
            dynamic_axes={name: dict(axes) for name, axes in free.items()}, dynamo=False,
        )  # fmt: skip
    shown = [example]
    if all(0 in free.get(name, {}) for name in inputs):
        shown.append([torch.cat([one, one.flip(0)]) for one in example])  # another number of them
    try:
        difference = max(_difference(net, path, inputs, one, tolerance) for one in shown)
        if half:
            halve(path)
            difference = max(_difference(net, path, inputs, one, half_tolerance) for one in shown)
    except ModelError:
        path.unlink()
        raise
    return difference


def halve(path: Path) -> None:
    """Keep the large weights of an ONNX file in half precision, each behind a node that makes it single again."""
    onnx = _onnx()
    model = onnx.load(str(path))
    made = []
    for tensor in model.graph.initializer:
        single = tensor.data_type == onnx.TensorProto.FLOAT
        if not single or len(tensor.dims) < 2 or int(np.prod(tensor.dims)) < _LEAST_HALVED:
            continue
        name, kept = tensor.name, f"{tensor.name}.half"
        values = onnx.numpy_helper.to_array(tensor)
        if np.abs(values).max() > np.finfo(np.float16).max:
            continue
        tensor.CopyFrom(onnx.numpy_helper.from_array(values.astype(np.float16), kept))
        made.append(onnx.helper.make_node("Cast", [kept], [name], name=f"{name}.single", to=onnx.TensorProto.FLOAT))
    nodes = [*made, *model.graph.node]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())


def _difference(net: Any, path: Path, inputs: Sequence[str], example: Sequence[Any], tolerance: float) -> float:
    import onnxruntime

    torch = installed()
    with torch.no_grad():
        said = net(*example)
    expected = [one.float().numpy() for one in (said if isinstance(said, (tuple, list)) else (said,))]
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {name: one.numpy() for name, one in zip(inputs, example, strict=True)})
    largest = 0.0
    for one, other in zip(expected, found, strict=True):
        if one.shape != other.shape:
            raise ModelError(f"{path.name} gives the shape {other.shape}, torch gives {one.shape}")
        scale = max(1.0, float(np.abs(one).max(initial=0)))
        largest = max(largest, float(np.abs(one - other).max(initial=0)) / scale)
    if not largest <= tolerance:
        raise ModelError(f"{path.name} differs from torch by {largest:.2g}, more than {tolerance:.2g}")
    return largest


def _onnx() -> Any:
    try:
        import onnx
        import onnx.numpy_helper
    except ModuleNotFoundError as error:
        raise NotInstalled(f"{error.name} is not installed; run: pip install 'veridical[train]'") from None
    return onnx
