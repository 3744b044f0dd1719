"""Networks of a few nodes, built here, whose outputs numpy can tell."""

import os
import subprocess
import sys
import threading

import flatbuffers
import numpy as np
import pytest
from ai_edge_litert import schema_py_generated as schema

from veridical.errors import HashMismatch, ModelMissing, UnknownModel, UsageError
from veridical.models import catalogue, dlib_graph, runtime, store
from veridical.models.catalogue import Folder

SHAPE = (1, 4, 4, 3)


def tflite():
    """Return a network with the inputs a, b and the outputs difference, sum (in this order)."""

    def tensor(name):
        one = schema.TensorT()
        one.shape, one.type, one.buffer, one.name = list(SHAPE), schema.TensorType.FLOAT32, 0, name
        return one

    def operator(code, output):
        one = schema.OperatorT()
        one.opcodeIndex, one.inputs, one.outputs = code, [0, 1], [output]
        return one

    def opcode(builtin):
        one = schema.OperatorCodeT()
        one.builtinCode = one.deprecatedBuiltinCode = builtin
        one.version = 1
        return one

    graph = schema.SubGraphT()
    graph.tensors = [tensor(name) for name in ("a", "b", "sum", "difference")]
    graph.inputs, graph.outputs = [0, 1], [3, 2]
    graph.operators = [operator(0, 2), operator(1, 3)]
    net = schema.ModelT()
    net.version, net.subgraphs, net.buffers = 3, [graph], [schema.BufferT()]
    net.operatorCodes = [opcode(schema.BuiltinOperator.ADD), opcode(schema.BuiltinOperator.SUB)]
    builder = flatbuffers.Builder(0)
    builder.Finish(net.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def field(number, value):
    """Encode one field of a protocol buffer message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    data = value.encode() if isinstance(value, str) else b"".join(value) if isinstance(value, list) else value
    assert len(data) < 1 << 14
    return bytes([number << 3 | 2, len(data) & 127 | 128, len(data) >> 7]) + data


def onnx():
    """Return a network with the inputs a, b of any number of rows of 3, and the outputs product, total."""

    def port(name):
        rows, columns = field(1, field(2, "rows")), field(1, field(1, 3))
        shape = field(2, [rows, columns])
        return [field(1, name), field(2, field(1, [field(1, 1), shape]))]

    def node(kind, output):
        return [field(1, "a"), field(1, "b"), field(2, output), field(4, kind)]

    graph = [field(1, node("Mul", "product")), field(1, node("Add", "total")), field(2, "tiny")]
    graph += [field(11, port("a")), field(11, port("b")), field(12, port("product")), field(12, port("total"))]
    return b"".join([field(1, 8), field(7, graph), field(8, [field(1, ""), field(2, 13)])])


@pytest.fixture
def tiny(shop, model):
    models = [
        model("tiny.litert", tflite(), Folder("-"), "litert"),
        model("tiny.onnx", onnx(), Folder("-"), "onnx"),
        model("tiny.data", b"numbers", Folder("-"), "data"),
    ]
    shop(*models)
    store.cache().mkdir(parents=True)
    for entry, content in zip(models, (tflite(), onnx(), b"numbers"), strict=True):
        store.cached(entry).write_bytes(content)


def pair(shape, seed=0):
    return np.random.default_rng(seed).normal(size=(2, *shape)).astype(np.float32)


def test_litert_computes_in_the_order_of_the_file(tiny):
    net = runtime.litert("tiny.litert")
    a, b = pair(SHAPE)
    difference, total = net(a, b)
    np.testing.assert_allclose(difference, a - b, rtol=1e-6)
    np.testing.assert_allclose(total, a + b, rtol=1e-6)
    assert [port.name for port in net.inputs] == ["a", "b"]
    assert [port.name for port in net.outputs] == ["difference", "sum"]
    assert net.inputs[0] == runtime.Port("a", SHAPE, np.dtype("float32"))


def test_litert_results_stay_when_the_network_runs_again(tiny):
    net = runtime.litert("tiny.litert")
    a, b = pair(SHAPE)
    first = net(a, b)[1]
    net(b * 7, b)
    np.testing.assert_allclose(first, a + b, rtol=1e-6)


def test_litert_is_kept_for_a_thread_and_never_shared(tiny):
    mine = runtime.litert("tiny.litert")
    assert runtime.litert("tiny.litert") is mine
    theirs = []
    thread = threading.Thread(target=lambda: theirs.append(runtime.litert("tiny.litert")))
    thread.start()
    thread.join()
    assert theirs[0] is not mine


def test_litert_in_many_threads_at_once(tiny):
    wrong = []

    def work(seed):
        a, b = pair(SHAPE, seed)
        for _ in range(200):
            if not np.allclose(runtime.litert("tiny.litert")(a, b)[0], a - b):
                wrong.append(seed)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_forked_child_loads_its_own(tiny, monkeypatch):
    mine = runtime.litert("tiny.litert")
    monkeypatch.setattr(runtime.os, "getpid", lambda: -1)
    assert runtime.litert("tiny.litert") is not mine


def test_onnx_computes_for_any_number_of_rows(tiny):
    net = runtime.onnx("tiny.onnx")
    assert net.inputs[0].shape == (None, 3)
    for rows in (1, 5):
        a, b = pair((rows, 3))
        product, total = net(a, b)
        np.testing.assert_allclose(product, a * b, rtol=1e-6)
        np.testing.assert_allclose(total, a + b, rtol=1e-6)
    assert runtime.onnx("tiny.onnx") is net
    assert runtime.onnx("tiny.onnx", threads=2) is not net


def test_wider_numbers_are_narrowed_but_bytes_are_refused(tiny):
    net = runtime.onnx("tiny.onnx")
    assert net(np.ones((1, 3)), np.ones((1, 3)))[0].dtype == np.float32
    with pytest.raises(ValueError, match="takes float32, not uint8"):
        net(np.ones((1, 3), np.uint8), np.ones((1, 3)))


@pytest.mark.parametrize("shape", [(1, 4), (3,), (1, 1, 3)])
def test_wrong_shape_is_refused(tiny, shape):
    with pytest.raises(ValueError, match="takes the shape"):
        runtime.onnx("tiny.onnx")(np.ones(shape), np.ones((1, 3)))


def test_wrong_number_of_inputs_is_refused(tiny):
    with pytest.raises(ValueError, match="takes 2 inputs, not 1"):
        runtime.litert("tiny.litert")(np.ones(SHAPE))


def test_the_wrong_engine_is_named(tiny):
    with pytest.raises(UsageError, match="runtime.onnx"):
        runtime.litert("tiny.onnx")
    with pytest.raises(UsageError, match=r"store\.path"):
        runtime.onnx("tiny.data")


def test_missing_changed_and_unknown_models_are_not_run(tiny):
    file = store.path("tiny.litert")
    file.write_bytes(file.read_bytes() + b"!")
    with pytest.raises(HashMismatch):
        runtime.litert("tiny.litert")
    file.unlink()
    with pytest.raises(ModelMissing):
        runtime.litert("tiny.litert")
    with pytest.raises(UnknownModel):
        runtime.litert("huge.litert")


def test_hashes_are_those_of_the_files(tiny):
    assert runtime.hashes(["tiny.onnx"]) == {"tiny.onnx": catalogue.get("tiny.onnx").sha256}
    with pytest.raises(UnknownModel):
        runtime.hashes(["nothing"])


BARE = """
import sys
from ai_edge_litert.interpreter import Interpreter
Interpreter(model_path=sys.argv[1]).allocate_tensors()
"""
OURS = """
import sys
from unittest import mock
from veridical.models import catalogue, runtime, store
content = open(sys.argv[1], "rb").read()
with mock.patch.object(store, "read", lambda name: content):
    runtime.litert("iris.64")
print("chatter of others", file=sys.stderr)
"""


def stderr_of(program, file):
    return subprocess.run([sys.executable, "-c", program, file], capture_output=True, text=True, check=True).stderr


def test_the_engine_does_not_speak(tiny):
    file = store.path("tiny.litert")
    assert "INFO" in stderr_of(BARE, file), "the engine has become silent: the filter can go"
    assert stderr_of(OURS, file) == "chatter of others\n"


def test_what_is_not_chatter_is_passed_on(capfd):
    with runtime._without_info_lines():
        os.write(2, b"INFO: nothing\nERROR: something\n")
    assert capfd.readouterr().err == "ERROR: something\n"


def test_no_stderr_is_no_problem(monkeypatch):
    def closed(descriptor):
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(runtime.os, "dup", closed)
    with runtime._without_info_lines():
        done = True
    assert done


def test_engines_are_imported_only_when_a_network_is_loaded():
    program = "import sys, veridical.models.runtime; print([m for m in sys.modules if 'litert' in m or 'onnxr' in m])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_that_is_not_dlibs_descriptor_is_refused(tiny, shop, model):
    shop(entry := model("tiny.dlib", b"weights", Folder("-"), "dlib"))
    store.cached(entry).write_bytes(b"weights")
    with pytest.raises(ValueError, match="not dlib's face descriptor"):
        runtime.dlib("tiny.dlib")


@pytest.mark.models
def test_the_descriptor_is_the_one_that_dlib_gives():
    dlib = pytest.importorskip("dlib")
    if not store.is_present("face.identity"):
        pytest.skip("not on this machine: veridical models fetch face.identity")
    y, x = np.mgrid[:150, :150]
    smooth = 128 + 90 * np.stack([np.sin(x / 17 + y / 29), np.cos(x / 11), np.sin(y / 13)], axis=-1)
    rough = np.random.default_rng(0).integers(0, 255, (150, 150, 3))
    faces = np.stack([smooth, rough]).astype(np.uint8)
    model = dlib.face_recognition_model_v1(str(store.path("face.identity")))
    theirs = np.array([model.compute_face_descriptor(face) for face in faces])
    np.testing.assert_allclose(runtime.dlib("face.identity")(faces)[0], theirs, atol=1e-5)


@pytest.mark.models
def test_dlib_describes_each_face_for_itself():
    if not store.is_present("face.identity"):
        pytest.skip("not on this machine: veridical models fetch face.identity")
    faces = np.random.default_rng(0).integers(0, 255, (2, 150, 150, 3)).astype(np.uint8)
    net = runtime.dlib("face.identity")
    (both,), (second,) = net(faces), net(faces[1:])
    assert both.shape == (2, 128)
    np.testing.assert_array_equal(both[1], second[0])
    assert np.abs(both[0] - both[1]).max() > 0.01
    with pytest.raises(ValueError, match="takes the shape"):
        net(faces[:, :100])
    assert net(faces[:0])[0].shape == (0, 128)


@pytest.mark.models
def test_the_layers_of_dlib_are_those_that_its_descriptor_is_made_from():
    if not store.is_present("face.identity"):
        pytest.skip("not on this machine: veridical models fetch face.identity")
    y, x = np.mgrid[:150, :150]
    face = (128 + 90 * np.stack([np.sin(x / 17 + y / 29), np.cos(x / 11), np.sin(y / 13)], axis=-1)).astype(np.uint8)
    net = runtime.dlib_layers("face.identity")
    descriptor, *layers = net(dlib_graph.prepared(face[None]))
    np.testing.assert_array_equal(descriptor, runtime.dlib("face.identity")(face[None])[0])
    assert len(layers) == 29
    for port, layer in zip(net.outputs[1:], layers, strict=True):
        assert layer.shape == (1, *port.shape[1:]) and layer.min() >= 0 and layer.max() > 0
    # The descriptor is a linear map of the means of the last layer's 256 maps: 280 coarse faces fix it for others.
    coarse = np.random.default_rng(0).integers(0, 255, (290, 10, 10, 3)).astype(np.uint8).repeat(15, 1).repeat(15, 2)
    found = [net(dlib_graph.prepared(one[None])) for one in coarse]
    means = np.array([one[-1][0].mean((1, 2)) for one in found], np.float64)
    descriptors = np.array([one[0][0] for one in found])
    weights = np.linalg.lstsq(means[:280], descriptors[:280], rcond=None)[0]
    np.testing.assert_allclose(means[280:] @ weights, descriptors[280:], atol=1e-3)
