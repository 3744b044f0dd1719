"""Weights in safetensors and TorchScript, read without torch, and the image part of CLIP made of them, told by numpy."""

import importlib.util
import io
import json
import struct

import numpy as np
import pytest

from veridical.models import runtime, safetensors, torch_file
from veridical.models.clip_graph import Transformer

from . import tiny_nets, torch_files

IMAGE = np.random.default_rng(3).standard_normal((3, 12, 12)).astype(np.float32)


@pytest.fixture(autouse=True)
def fresh():
    runtime.forget()
    yield
    runtime.forget()


def test_safetensors_gives_what_was_written(tmp_path):
    held = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3),
        "b.c": np.array([1, -2], np.int64),
        "d": np.float16([[0.5]]),
    }
    (tmp_path / "a.safetensors").write_bytes(tiny_nets.safetensors(held))
    found = safetensors.tensors(tmp_path / "a.safetensors")
    assert set(found) == set(held)
    assert all(np.array_equal(found[name], held[name]) and found[name].dtype == held[name].dtype for name in held)
    assert not found["a"].flags.writeable


def test_bfloat16_becomes_float32(tmp_path):
    head = json.dumps({"a": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}).encode()
    values = np.array([1.5, -3.0], np.float32)
    halves = (values.view(np.uint32) >> 16).astype(np.uint16)
    (tmp_path / "a").write_bytes(struct.pack("<Q", len(head)) + head + halves.tobytes())
    assert np.array_equal(safetensors.tensors(tmp_path / "a")["a"], values)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, "does not fill"),
        ({"a": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}}, "does not fill|out of the file"),
        ({"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}, "no numbers"),
        ({"a": {"dtype": "F99", "shape": [2], "data_offsets": [0, 8]}}, "cannot be read"),
        ({"a": {"shape": [2], "data_offsets": [0, 8]}}, "cannot be read"),
        (["a"], "cannot be read"),
    ],
)
def test_a_damaged_header_is_refused(tmp_path, header, why):
    head = json.dumps(header).encode()
    (tmp_path / "a").write_bytes(struct.pack("<Q", len(head)) + head + bytes(8))
    with pytest.raises(ValueError, match=why):
        safetensors.tensors(tmp_path / "a")


@pytest.mark.parametrize(
    "content", [b"", b"1234567", struct.pack("<Q", 1 << 60) + b"{}", struct.pack("<Q", 900) + b"{}"]
)
def test_a_truncated_file_is_refused(tmp_path, content):
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ValueError, match="too short|header"):
        safetensors.tensors(tmp_path / "a")


@pytest.mark.parametrize("layout", [dict, tiny_nets.hugging])
@pytest.mark.parametrize("projected", [True, False])
def test_the_image_part_of_clip_gives_what_numpy_tells(layout, projected):
    weights = tiny_nets.transformer()
    made = Transformer(layout(weights), projected=projected)
    assert (made.side, made.width, made.tokens, made.numbers) == (12, 128, 10, 10 if projected else 128)
    content, held = made.model()
    assert len(content) < 40_000 < sum(one.nbytes for one in held.values())
    (found,) = runtime.made(f"{layout} {projected}", lambda: (content, held))(IMAGE[None])
    assert np.allclose(found[0], tiny_nets.encoded(weights, IMAGE, projected=projected), atol=2e-5)


@pytest.mark.parametrize(
    "missing", ["visual.proj", "visual.ln_pre.bias", "visual.transformer.resblocks.1.mlp.c_fc.weight"]
)
def test_weights_without_a_part_are_refused_by_its_name(missing):
    weights = tiny_nets.transformer()
    del weights[missing]
    with pytest.raises(ValueError, match="it has no"):
        Transformer(weights, projected=True)


def test_other_weights_are_refused():
    with pytest.raises(ValueError, match="one vision transformer"):
        Transformer({"weight": np.zeros((1, 768), np.float32)}, projected=True)


def test_modules_of_torchscript_are_dictionaries_of_what_they_hold():
    array, storages = np.arange(4, dtype=np.float32).reshape(2, 2), {}
    storages["0"] = array
    inner = torch_files.name("__torch__.torch.nn", "Linear") + b")\x81}(" + torch_files.text("weight")
    inner += torch_files.tensor(array, "0") + torch_files.text("training") + b"\x89" + torch_files.text("bias") + b"Nub"
    outer = torch_files.name("__torch__", "Net") + b")\x81}(" + torch_files.text("fc") + inner + b"ub"
    found = torch_file.tensors(torch_files.archive(outer, storages))
    assert list(found) == ["fc.weight"] and np.array_equal(found["fc.weight"], array)


def test_no_other_class_is_made():
    body = torch_files.name("builtins", "object") + b")\x81}b"
    with pytest.raises(ValueError, match="makes a builtins.object"):
        torch_file.tensors(torch_files.archive(body, {}))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="torch is not installed")
def test_a_file_of_torchscript_gives_the_state_that_torch_gives(tmp_path):
    import torch

    net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 2), torch.nn.BatchNorm2d(4), torch.nn.Flatten())
    held = io.BytesIO()
    torch.jit.save(torch.jit.trace(net.eval(), torch.zeros(1, 3, 4, 4)), held)
    found = torch_file.tensors(held.getvalue())
    for name, values in net.state_dict().items():
        assert np.array_equal(found[name], values.numpy())
