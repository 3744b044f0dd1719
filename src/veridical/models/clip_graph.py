"""The image part of CLIP as an ONNX graph, made from weights in the layout of OpenAI or of Hugging Face; torch is not needed.

A vision transformer: patches through a convolution, a class token, positions, blocks of attention and two linear layers with
normalisation before each, all of it normalised once more. Its width, depth, patch and number of tokens are read off the
weights; each head of attention is 64 wide. The weights stay outside of the graph, so that a file of a gigabyte is not copied
into it.

References
----------
A. Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", ICML, 2021.
A. Dosovitskiy et al., "An Image is Worth 16x16 Words", ICLR, 2021.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .onnx_graph import Graph

_HEAD = 64
_EPSILON = 1e-5
# Names in the two layouts; in OpenAI's the three maps of attention are one matrix.
_HUGGING = {
    "class": "embeddings.class_embedding", "patch": "embeddings.patch_embedding.weight",
    "position": "embeddings.position_embedding.weight", "before": "pre_layrnorm", "after": "post_layernorm",
    "block": "encoder.layers.{}.", "first": "layer_norm1", "second": "layer_norm2", "out": "self_attn.out_proj",
    "wide": "mlp.fc1", "narrow": "mlp.fc2",
}  # fmt: skip
_OPENAI = {
    "class": "class_embedding", "patch": "conv1.weight", "position": "positional_embedding", "before": "ln_pre",
    "after": "ln_post", "block": "transformer.resblocks.{}.", "first": "ln_1", "second": "ln_2", "out": "attn.out_proj",
    "wide": "mlp.c_fc", "narrow": "mlp.c_proj",
}  # fmt: skip


class Transformer:
    """A vision transformer read off weights, and the graph of it.

    Parameters
    ----------
    weights
        Tensors by name; those of the image part may stand under any prefix.
    projected
        True gives the embedding (after the last linear map), False what comes before it.

    Raises
    ------
    ValueError
        If the weights are not those of such a network.
    """

    def __init__(self, weights: Mapping[str, np.ndarray], *, projected: bool) -> None:
        self._weights = weights
        self._names, self._prefix = _layout(weights)
        self._graph = Graph("clip")
        self._held: dict[str, np.ndarray] = {}
        patch = self._take("patch")
        self.width, _, self._step, _ = patch.shape
        self.tokens = int(self._take("position").shape[0])
        grid = round((self.tokens - 1) ** 0.5)
        if patch.ndim != 4 or grid * grid + 1 != self.tokens or self.width % _HEAD:
            raise ValueError("the sizes of patches, positions and width do not fit those of CLIP")
        self.side = grid * self._step
        self.numbers = self._put_together(projected)

    def model(self) -> tuple[bytes, dict[str, np.ndarray]]:
        """Return the graph from "image", 1×3×side×side, to "embedding", 1×numbers, and the weights it names, float32."""
        ends = ("image", (1, 3, self.side, self.side)), ("embedding", (1, self.numbers))
        return self._graph.model(*ends), self._held

    def _take(self, what: str, after: str = "") -> np.ndarray:
        name = f"{self._prefix}{self._names[what]}{after}"
        if name not in self._weights:
            raise ValueError(f"it has no {name}")
        return self._weights[name]

    def _hold(self, name: str, values: np.ndarray) -> str:
        self._held[name] = np.ascontiguousarray(values, np.float32)
        return self._graph.outside(name, values.shape)

    def _put_together(self, projected: bool) -> int:
        graph = self._graph
        patch = self._hold("patch", self._take("patch"))
        x = graph.node("Conv", "image", patch, kernel_shape=(self._step, self._step), strides=(self._step, self._step))
        x = graph.node("Reshape", x, graph.constant(np.array([self.width, -1], np.int64)))
        x = graph.node("Transpose", x, perm=(1, 0))
        first = graph.constant(np.asarray(self._take("class"), np.float32).reshape(1, self.width))
        x = graph.node("Concat", first, x, axis=0)
        x = graph.node("Add", x, self._hold("position", self._take("position")))
        x = self._norm(x, "before", "")
        depth = 0
        while f"{self._prefix}{self._names['block'].format(depth)}{self._names['first']}.weight" in self._weights:
            x = self._block(x, self._names["block"].format(depth))
            depth += 1
        if not depth:
            raise ValueError("it has no blocks")
        x = graph.node("Gather", x, graph.constant(np.array([0], np.int64)), axis=0)
        if not projected:
            self._norm(x, "after", "", out="embedding")
            return int(self.width)
        x = self._norm(x, "after", "")
        matrix = _projection(self._weights, self._prefix)
        graph.node("MatMul", x, self._hold("projection", matrix), out="embedding")
        return int(matrix.shape[1])

    def _block(self, x: str, block: str) -> str:
        x = self._graph.node("Add", x, self._attention(self._norm(x, "first", block), block))
        inner = self._linear(self._norm(x, "second", block), block, self._names["wide"])
        # The quick form of GELU, x · sigmoid(1.702 x), with which these weights were trained.
        gate = self._graph.node("Sigmoid", self._graph.node("Mul", inner, self._number(1.702)))
        inner = self._graph.node("Mul", inner, gate)
        return self._graph.node("Add", x, self._linear(inner, block, self._names["narrow"]))

    def _attention(self, x: str, block: str) -> str:
        graph, heads = self._graph, self.width // _HEAD
        split = graph.constant(np.array([self.tokens, heads, _HEAD], np.int64))
        query, key, value = (
            graph.node("Transpose", graph.node("Reshape", one, split), perm=perm)
            for one, perm in zip(self._three(x, block), ((1, 0, 2), (1, 2, 0), (1, 0, 2)), strict=True)
        )
        scores = graph.node("Mul", graph.node("MatMul", query, key), self._number(_HEAD**-0.5))
        mixed = graph.node("MatMul", graph.node("Softmax", scores, axis=2), value)
        mixed = graph.node("Transpose", mixed, perm=(1, 0, 2))
        mixed = graph.node("Reshape", mixed, graph.constant(np.array([self.tokens, self.width], np.int64)))
        return self._linear(mixed, block, self._names["out"])

    def _three(self, x: str, block: str) -> tuple[str, str, str]:
        """Return queries, keys and values."""
        base = f"{self._prefix}{block}"
        if f"{base}attn.in_proj_weight" in self._weights:
            matrix, bias = (self._weights[f"{base}attn.in_proj_{one}"] for one in ("weight", "bias"))
            parts = zip("qkv", np.split(matrix, 3), np.split(bias, 3), strict=True)
            query, key, value = (self._map(x, f"{block}{one}", w, b) for one, w, b in parts)
        else:
            query, key, value = (self._linear(x, block, f"self_attn.{one}_proj") for one in "qkv")
        return query, key, value

    def _linear(self, x: str, block: str, name: str) -> str:
        base = f"{self._prefix}{block}{name}"
        try:
            return self._map(x, f"{block}{name}", self._weights[f"{base}.weight"], self._weights[f"{base}.bias"])
        except KeyError as error:
            raise ValueError(f"it has no {error.args[0]}") from None

    def _map(self, x: str, name: str, matrix: np.ndarray, bias: np.ndarray) -> str:
        weight, offset = self._hold(f"{name}.weight", matrix), self._hold(f"{name}.bias", bias)
        return self._graph.node("Gemm", x, weight, offset, transB=1)

    def _norm(self, x: str, what: str, block: str, out: str = "") -> str:
        graph, base = self._graph, f"{self._prefix}{block}{self._names[what]}"
        if f"{base}.weight" not in self._weights or f"{base}.bias" not in self._weights:
            raise ValueError(f"it has no {base}")
        scale, offset = (
            self._hold(f"{block}{what}.{one}", self._weights[f"{base}.{one}"]) for one in ("weight", "bias")
        )
        apart = graph.node("Sub", x, graph.node("ReduceMean", x, axes=(1,)))
        spread = graph.node("ReduceMean", graph.node("Mul", apart, apart), axes=(1,))
        spread = graph.node("Sqrt", graph.node("Add", spread, self._number(_EPSILON)))
        return graph.node("Add", graph.node("Mul", graph.node("Div", apart, spread), scale), offset, out=out)

    def _number(self, value: float) -> str:
        return self._graph.constant(np.array([value], np.float32))


def _layout(weights: Mapping[str, np.ndarray]) -> tuple[Mapping[str, str], str]:
    """Return the names of the layout that fits, and what stands before them."""
    for names in (_HUGGING, _OPENAI):
        ends = [name for name in weights if name.endswith(names["patch"]) and weights[name].ndim == 4]
        if len(ends) == 1:
            return names, ends[0].removesuffix(names["patch"])
    raise ValueError("it does not hold one vision transformer of CLIP")


def _projection(weights: Mapping[str, np.ndarray], prefix: str) -> np.ndarray:
    """Return the last linear map as (width, numbers)."""
    if f"{prefix}proj" in weights:
        return weights[f"{prefix}proj"]
    beside = f"{prefix.removesuffix('vision_model.')}visual_projection.weight"
    if beside not in weights:
        raise ValueError("it has no projection")
    return weights[beside].T
