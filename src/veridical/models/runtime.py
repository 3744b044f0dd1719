"""Networks ready to be called: the only home of inference engines, imported when the first network is loaded.

A network is a function of arrays: inputs in the order of ``net.inputs``, outputs in the order of ``net.outputs``, which
is the order in the model file and the order told in its card in the catalogue.
"""

from __future__ import annotations

import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import numpy as np

from .. import knowledge
from ..errors import UsageError
from . import catalogue, dlib_graph, quality_graph, store, voice_graph
from .onnx_graph import with_outputs

Made = tuple[bytes, Mapping[str, np.ndarray] | None]
"""A model in the format of ONNX, and the weights that it names but does not hold, float32."""


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a network; a None in the shape is a length that the caller chooses."""

    name: str
    shape: tuple[int | None, ...]
    dtype: np.dtype[Any]


class Net(Protocol):
    """A network: call it with arrays."""

    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def __call__(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        """Run the network; the returned arrays belong to the caller."""
        ...


def litert(name: str, threads: int = 1) -> Net:
    """Return a LiteRT network of the calling thread (an interpreter serves one thread only).

    Raises UnknownModel, ModelMissing or HashMismatch; loaded once a thread, then kept.
    """
    _demand(name, "litert")
    kept = _kept_by_thread()
    if (name, threads) not in kept:
        kept[name, threads] = _LiteRt(store.read(name), threads)
    return kept[name, threads]


def onnx(name: str, threads: int = 1) -> Net:
    """Return an ONNX network, shared by all threads of the process.

    Raises UnknownModel, ModelMissing or HashMismatch; loaded once a process, then kept.
    """
    _demand(name, "onnx")
    key = (name, threads, os.getpid())
    with _lock:
        if key not in _sessions:
            _sessions[key] = _Onnx(store.read(name), threads)
        return _sessions[key]


def shipped(file: str, threads: int = 1) -> Net:
    """Return an ONNX network of our own that comes with the program, shared by all threads of the process."""
    key = (file, threads, os.getpid())
    with _lock:
        if key not in _sessions:
            _sessions[key] = _Onnx((files(knowledge) / file).read_bytes(), threads)
        return _sessions[key]


def made(name: str, make: Callable[[], Made], threads: int = 1) -> Net:
    """Return an ONNX network that ``make`` puts together, shared by all threads; made once a process, then kept."""
    key = (name, threads, os.getpid())
    with _lock:
        if key not in _sessions:
            content, outside = make()
            _sessions[key] = _Onnx(content, threads, outside)
        return _sessions[key]


def onnx_inside(name: str, values: tuple[str, ...], threads: int = 1) -> Net:
    """Return an ONNX network that gives out inner values, by their names in its file, after its own outputs.

    Shared by all threads of the process. Raises UnknownModel, ModelMissing or HashMismatch.
    """
    _demand(name, "onnx")
    made_name = f"{name} with {' '.join(values)}"
    return made(made_name, lambda: (with_outputs(store.read(name), values), None), threads)


def dlib(name: str) -> Net:
    """Return a network of dlib, shared by all threads of the process; it runs as ONNX, dlib itself is not needed.

    Raises UnknownModel, ModelMissing or HashMismatch; loaded once a process, then kept.
    """
    _demand(name, "dlib")
    key = (name, 1, os.getpid())
    with _lock:
        if key not in _sessions:
            _sessions[key] = _Dlib(store.read(name))
        return _sessions[key]


def dlib_layers(name: str) -> Net:
    """Return a network of dlib that gives out each of its layers too (see ``dlib_graph``), shared by all threads.

    Raises UnknownModel, ModelMissing or HashMismatch; loaded once a process, then kept.
    """
    _demand(name, "dlib")
    key = (f"{name} layers", 1, os.getpid())
    with _lock:
        if key not in _sessions:
            _sessions[key] = _Onnx(dlib_graph.graph_of(store.read(name), layers=True), 1)
        return _sessions[key]


def torch(name: str, threads: int = 1) -> Net:
    """Return a network whose weights are in a file of torch, shared by all threads; it runs as ONNX, without torch.

    Raises UnknownModel, ModelMissing or HashMismatch; loaded once a process, then kept.
    """
    _demand(name, "torch")
    key = (name, threads, os.getpid())
    with _lock:
        if key not in _sessions:
            _sessions[key] = _Onnx(_TORCH_GRAPHS[name](store.read(name)), threads)
        return _sessions[key]


def hashes(names: Iterable[str]) -> dict[str, str]:
    """Return the SHA-256 of each model, for the record of a run; raises UnknownModel."""
    return {model.name: model.sha256 for model in catalogue.select(names)}


def forget() -> None:
    """Drop the networks that this process keeps for all threads, and those of the calling thread."""
    _kept_by_thread().clear()
    with _lock:
        _sessions.clear()


class _LiteRt:
    def __init__(self, content: bytes, threads: int) -> None:
        with _lock, _without_info_lines():
            from ai_edge_litert.interpreter import Interpreter

            self._interpreter = Interpreter(model_content=content, num_threads=threads)
            self._interpreter.allocate_tensors()
        inputs, outputs = self._interpreter.get_input_details(), self._interpreter.get_output_details()
        self.inputs, self.outputs = (tuple(_port(one) for one in ports) for ports in (inputs, outputs))
        self._inputs, self._outputs = ([int(one["index"]) for one in ports] for ports in (inputs, outputs))

    def __call__(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        for index, array in zip(self._inputs, _fitted(self.inputs, inputs), strict=True):
            self._interpreter.set_tensor(index, array)
        self._interpreter.invoke()
        return tuple(self._interpreter.get_tensor(index) for index in self._outputs)


class _Onnx:
    def __init__(self, content: bytes, threads: int, outside: Mapping[str, np.ndarray] | None = None) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        if outside:
            # The engine reads these arrays in place, so they must live as long as it does.
            self._outside = [onnxruntime.OrtValue.ortvalue_from_numpy(one) for one in outside.values()]
            options.add_external_initializers(list(outside), self._outside)
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self.inputs = tuple(_onnx_port(one) for one in self._session.get_inputs())
        self.outputs = tuple(_onnx_port(one) for one in self._session.get_outputs())

    def __call__(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        arrays = _fitted(self.inputs, inputs)
        feed = {port.name: array for port, array in zip(self.inputs, arrays, strict=True)}
        return tuple(self._session.run(None, feed))


class _Dlib:
    """The face descriptor of dlib, run without dlib; each face is described for itself, so that its numbers are its own."""

    inputs: tuple[Port, ...] = (Port("faces", (None, 150, 150, 3), np.dtype(np.uint8)),)
    outputs: tuple[Port, ...] = (Port("descriptors", (None, 128), np.dtype(np.float32)),)

    def __init__(self, content: bytes) -> None:
        self._net = _Onnx(dlib_graph.graph_of(content), 1)

    def __call__(self, *inputs: np.ndarray) -> tuple[np.ndarray, ...]:
        (faces,) = _fitted(self.inputs, inputs)
        found = [self._net(dlib_graph.prepared(face[None]))[0][0] for face in faces]
        return (np.array(found, np.float32).reshape(-1, 128),)


_TORCH_GRAPHS: dict[str, Callable[[bytes], bytes]] = {
    "speech.quality": quality_graph.graph_of,
    "voice.identity": voice_graph.graph_of,
}
_lock = threading.RLock()
_sessions: dict[tuple[str, int, int], Net] = {}
_local = threading.local()

_ONNX_TYPES = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int64)": np.int64,
    "tensor(int32)": np.int32,
    "tensor(uint8)": np.uint8,
    "tensor(int8)": np.int8,
    "tensor(bool)": np.bool_,
}


def _kept_by_thread() -> dict[tuple[str, int], Net]:
    # A forked child must not use interpreters of its parent.
    if getattr(_local, "pid", None) != os.getpid():
        _local.pid, _local.kept = os.getpid(), {}
    kept: dict[tuple[str, int], Net] = _local.kept
    return kept


def _demand(name: str, engine: str) -> None:
    actual = catalogue.get(name).engine
    if actual != engine:
        instead = "store.path" if actual == "data" else f"runtime.{actual}"
        raise UsageError(f"the model {name} is not for {engine}; use {instead}({name!r})")


def _port(detail: dict[str, Any]) -> Port:
    shape = tuple(None if length < 0 else int(length) for length in detail["shape_signature"])
    return Port(str(detail["name"]), shape, np.dtype(detail["dtype"]))


def _onnx_port(node: Any) -> Port:
    shape = tuple(length if isinstance(length, int) else None for length in node.shape)
    return Port(str(node.name), shape, np.dtype(_ONNX_TYPES[node.type]))


def _fitted(ports: tuple[Port, ...], arrays: tuple[np.ndarray, ...]) -> list[np.ndarray]:
    if len(arrays) != len(ports):
        raise ValueError(f"this network takes {len(ports)} inputs, not {len(arrays)}")
    return [_fit(port, array) for port, array in zip(ports, arrays, strict=True)]


def _fit(port: Port, array: np.ndarray) -> np.ndarray:
    array = np.asarray(array)
    # Only the width of a number is adapted: bytes given where floats are due have not been scaled.
    if array.dtype.kind != port.dtype.kind:
        raise ValueError(
            f"input {port.name} takes {port.dtype}, not {array.dtype}; scale as told in the card of the model"
        )
    fits = array.ndim == len(port.shape) and all(
        want in (None, have) for want, have in zip(port.shape, array.shape, strict=True)
    )
    if not fits:
        raise ValueError(f"input {port.name} takes the shape {port.shape}, not {array.shape}")
    return np.asarray(array, dtype=port.dtype, order="C")


@contextmanager
def _without_info_lines() -> Iterator[None]:
    """Keep lines that start with INFO off stderr; the engine writes them itself and has no switch for it."""
    try:
        kept = os.dup(2)
    except OSError:  # no stderr at all
        yield
        return
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            held.seek(0)
            for line in held:
                if not line.startswith(b"INFO:"):
                    os.write(2, line)
