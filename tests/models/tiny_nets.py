"""Networks of a few numbers, in the formats that published ones come in, made here."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping

import numpy as np

from veridical.models.onnx_graph import Graph


def brightness(side: int, *, classes: int = 1, sign: float = 1.0) -> bytes:
    """An ONNX network that gives 8 · (mean of the input - 0.5), or that beside its negative as (real, fake)."""
    graph = Graph("brightness")
    mean = graph.node("ReduceMean", "input", axes=(1, 2, 3))
    apart = graph.node("Sub", mean, graph.constant(np.array([0.5], np.float32)))
    apart = graph.node("Reshape", apart, graph.constant(np.array([1, 1], np.int64)))
    weight = graph.constant(np.array([[8 * sign] if classes == 1 else [-4 * sign, 4 * sign]], np.float32))
    graph.node("MatMul", apart, weight, out="score")
    return graph.model(("input", (1, 3, side, side)), ("score", (1, classes)))


def loudness(window: int) -> bytes:
    """An ONNX network that gives 100 · mean of the squares, beside its negative, as (fake, real)."""
    graph = Graph("loudness")
    power = graph.node("ReduceMean", graph.node("Mul", "input", "input"), axes=(1,))
    graph.node("MatMul", power, graph.constant(np.array([[100.0, -100.0]], np.float32)), out="score")
    return graph.model(("input", (1, window)), ("score", (1, 2)))


def safetensors(values: Mapping[str, np.ndarray]) -> bytes:
    """Write a file of the format safetensors by hand."""
    kinds = {"float32": "F32", "float16": "F16", "int64": "I64"}
    header, body = {"__metadata__": {"format": "pt"}}, b""
    for name, array in values.items():
        data = array.tobytes()
        header[name] = {
            "dtype": kinds[array.dtype.name],
            "shape": list(array.shape),
            "data_offsets": [len(body), len(body) + len(data)],
        }
        body += data
    head = json.dumps(header).encode()
    return struct.pack("<Q", len(head)) + head + body


def transformer(
    *, width: int = 128, depth: int = 2, patch: int = 4, grid: int = 3, numbers: int = 10
) -> dict[str, np.ndarray]:
    """Random weights of a small image part of CLIP, with OpenAI's names."""
    random = np.random.default_rng(7)

    def one(*shape: int) -> np.ndarray:
        return (0.1 * random.standard_normal(shape)).astype(np.float32)

    held = {"class_embedding": one(width), "positional_embedding": one(grid * grid + 1, width), "proj": one(width, numbers),
            "conv1.weight": one(width, 3, patch, patch)}  # fmt: skip
    for name in ("ln_pre", "ln_post"):
        held |= {f"{name}.weight": 1 + one(width), f"{name}.bias": one(width)}
    for number in range(depth):
        base = f"transformer.resblocks.{number}."
        for name in ("ln_1", "ln_2"):
            held |= {f"{base}{name}.weight": 1 + one(width), f"{base}{name}.bias": one(width)}
        held |= {f"{base}attn.in_proj_weight": one(3 * width, width), f"{base}attn.in_proj_bias": one(3 * width)}
        held |= {f"{base}attn.out_proj.weight": one(width, width), f"{base}attn.out_proj.bias": one(width)}
        held |= {f"{base}mlp.c_fc.weight": one(4 * width, width), f"{base}mlp.c_fc.bias": one(4 * width)}
        held |= {f"{base}mlp.c_proj.weight": one(width, 4 * width), f"{base}mlp.c_proj.bias": one(width)}
    return {f"visual.{name}": values for name, values in held.items()}


def hugging(weights: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The same weights with the names of Hugging Face, as GenD has them."""
    names = {
        "class_embedding": "embeddings.class_embedding", "positional_embedding": "embeddings.position_embedding.weight",
        "conv1": "embeddings.patch_embedding", "ln_pre": "pre_layrnorm", "ln_post": "post_layernorm",
        "transformer.resblocks": "encoder.layers", "ln_1": "layer_norm1", "ln_2": "layer_norm2",
        "attn.out_proj": "self_attn.out_proj", "mlp.c_fc": "mlp.fc1", "mlp.c_proj": "mlp.fc2",
    }  # fmt: skip
    found = {}
    for full, values in weights.items():
        name = full.removeprefix("visual.")
        if name == "proj":
            found["feature_extractor.visual_projection.weight"] = np.ascontiguousarray(values.T)
            continue
        for mine, theirs in names.items():
            name = name.replace(mine, theirs)  # noqa: PLW2901 - one after the other
        if "in_proj" in name:
            kind = name.rpartition("_")[2]
            for part, which in zip(np.split(values, 3), "qkv", strict=True):
                found[
                    f"feature_extractor.vision_model.{name.partition('attn.in_proj')[0]}self_attn.{which}_proj.{kind}"
                ] = part
        else:
            found[f"feature_extractor.vision_model.{name}"] = values
    return found


def encoded(weights: Mapping[str, np.ndarray], image: np.ndarray, *, projected: bool = True) -> np.ndarray:
    """The embedding of one image (3, side, side), told by numpy in double precision."""
    held = {name.removeprefix("visual."): values.astype(np.float64) for name, values in weights.items()}
    kernel = held["conv1.weight"]
    width, _, patch, _ = kernel.shape
    grid = image.shape[1] // patch
    cells = (
        image.astype(np.float64).reshape(3, grid, patch, grid, patch).transpose(1, 3, 0, 2, 4).reshape(grid * grid, -1)
    )
    x = np.vstack([held["class_embedding"], cells @ kernel.reshape(width, -1).T]) + held["positional_embedding"]

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        apart = x - x.mean(-1, keepdims=True)
        return (
            apart / np.sqrt((apart**2).mean(-1, keepdims=True) + 1e-5) * held[f"{name}.weight"] + held[f"{name}.bias"]
        )

    x = norm(x, "ln_pre")
    number = 0
    while f"transformer.resblocks.{number}.ln_1.weight" in held:
        base = f"transformer.resblocks.{number}."
        given = norm(x, f"{base}ln_1") @ held[f"{base}attn.in_proj_weight"].T + held[f"{base}attn.in_proj_bias"]
        query, key, value = (part.reshape(len(x), -1, 64).transpose(1, 0, 2) for part in np.split(given, 3, axis=1))
        scores = np.exp(query @ key.transpose(0, 2, 1) / 8)
        mixed = (scores / scores.sum(-1, keepdims=True) @ value).transpose(1, 0, 2).reshape(len(x), width)
        x = x + mixed @ held[f"{base}attn.out_proj.weight"].T + held[f"{base}attn.out_proj.bias"]
        inner = norm(x, f"{base}ln_2") @ held[f"{base}mlp.c_fc.weight"].T + held[f"{base}mlp.c_fc.bias"]
        inner = inner / (1 + np.exp(-1.702 * inner))
        x = x + inner @ held[f"{base}mlp.c_proj.weight"].T + held[f"{base}mlp.c_proj.bias"]
        number += 1
    first = norm(x[:1], "ln_post")
    return (first @ held["proj"] if projected else first)[0]
