"""Runs the pickle in a file of torch on an interpreter of its own, which calls nothing that the pickle names.

It knows the instructions that dictionaries of tensors need and three functions (an ordered dictionary, a tensor, a parameter),
and refuses everything else. The modules of a TorchScript file become dictionaries of what they hold; their code is not read.
"""

from __future__ import annotations

import io
import math
import pickletools
from collections.abc import Callable
from typing import Any

import numpy as np

Storages = Callable[[str, str, int], np.ndarray]
_DTYPES = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip
_MOST_AXES = 32


def run(stream: io.BytesIO, storages: Storages | None = None, *, build: bool = True) -> Any:
    """Return what the next pickle of a stream makes; what it calls but the three known functions is refused.

    Parameters
    ----------
    storages
        Returns the numbers of a storage, of its type, key and length; None refuses storages.
    build
        False leaves tensors empty, to see which storages there are.

    Raises
    ------
    ValueError
        If the pickle holds what is not read here. A damaged one raises others, too: see ``torch_file.read``.
    """
    return _Machine(storages, build).run(stream)


def of(value: Any, kind: type) -> Any:
    """Return a value that is of the kind that is due there, or raise ValueError."""
    if not isinstance(value, kind):
        raise ValueError(f"its pickle is damaged: {type(value).__name__} where {kind.__name__} is due")
    return value


class _Name(str):
    """The name of a function or class, as the pickle gives it; a pickled text never is one."""

    __slots__ = ()


class _Module(dict[Any, Any]):
    """A module of TorchScript: a dictionary of its attributes."""


_MARK = object()
_GIVEN = ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE")
_MADE: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None, "NEWTRUE": lambda: True, "NEWFALSE": lambda: False, "MARK": lambda: _MARK,
    "EMPTY_DICT": dict, "EMPTY_LIST": list, "EMPTY_TUPLE": tuple,
}  # fmt: skip
_WITHOUT_EFFECT = ("PROTO", "STOP")


class _Machine:
    """Runs a pickle on a stack, as its documentation in ``pickletools`` describes, and calls nothing that it names."""

    def __init__(self, storages: Storages | None, build: bool) -> None:
        self._storages = storages
        self._build = build
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    def run(self, stream: io.BytesIO) -> Any:
        for code, given, _ in pickletools.genops(stream):
            self._step(code.name, given)
        (result,) = self._stack
        return result

    def _step(self, code: str, given: Any) -> None:
        if code in _GIVEN:
            self._stack.append(given)
        elif code in _MADE:
            self._stack.append(_MADE[code]())
        elif code in _DONE:
            _DONE[code](self, given)
        elif code not in _WITHOUT_EFFECT:
            raise ValueError(f"its pickle holds the instruction {code}, which no dictionary of tensors needs")

    def _note(self, place: int) -> None:
        self._memo[place] = self._stack[-1]

    def _recall(self, place: int) -> None:
        self._stack.append(self._memo[place])

    def _named(self, name: str) -> None:
        self._stack.append(_Name(name.replace(" ", ".")))

    def _tuple(self, count: int | None) -> None:
        self._stack.append(tuple(self._pop(count)))

    def _extend(self, count: int | None) -> None:
        values = self._pop(count)
        of(self._stack[-1], list).extend(values)

    def _fill(self, count: int | None) -> None:
        values = self._pop(count)
        _fill(of(self._stack[-1], dict), values)

    def _load(self, _: None) -> None:
        self._stack.append(self._storage(*of(self._stack.pop(), tuple)))

    def _reduce(self, _: None) -> None:
        name, values = self._pop(2)
        self._stack.append(self._call(name, of(values, tuple)))

    def _drop_attributes(self, _: None) -> None:
        given = self._stack.pop()
        made = of(self._stack[-1], dict)
        if isinstance(made, _Module):
            _fill(made, [one for pair in of(given, dict).items() for one in pair])
        # Of a plain dictionary, such as versions of layers: nothing that is wanted.

    def _new(self, _: None) -> None:
        name, values = self._pop(2)
        if not isinstance(name, _Name) or not name.startswith("__torch__.") or values != ():
            raise ValueError(f"its pickle makes a {_said(name)}, which no dictionary of tensors needs")
        self._stack.append(_Module())

    def _pop(self, count: int | None) -> list[Any]:
        """Take values off the stack, in the order they came; None: those since the last mark, and the mark."""
        if count is None:
            values = []
            while (one := self._stack.pop()) is not _MARK:
                values.append(one)
            return values[::-1]
        values = [self._stack.pop() for _ in range(count)]
        if any(one is _MARK for one in values):
            raise ValueError("its pickle is damaged")
        return values[::-1]

    def _storage(self, word: Any, kind: Any, key: Any, _device: Any, length: Any, *view: Any) -> np.ndarray:
        name = kind.removeprefix("torch.") if isinstance(kind, _Name) else ""
        sound = word == "storage" and isinstance(key, str) and isinstance(length, int) and length >= 0
        if not sound or name not in _DTYPES or any(one is not None for one in view) or self._storages is None:
            raise ValueError(f"a storage of the kind {_said(kind)} is not read here")
        return self._storages(_DTYPES[name], key, length)

    def _call(self, name: Any, values: tuple[Any, ...]) -> Any:
        known = name if isinstance(name, _Name) else ""
        if known == "collections.OrderedDict" and not values:
            return {}
        if known == "torch._utils._rebuild_tensor_v2":
            return self._tensor(*values[:4])
        if known == "torch._utils._rebuild_parameter":
            return of(values[0], np.ndarray)
        raise ValueError(f"its pickle calls {_said(name)}, which no dictionary of tensors needs")

    def _tensor(self, storage: Any, offset: Any, sizes: Any, strides: Any) -> np.ndarray:
        """Lay a tensor over a storage; one that is larger than the storage, or reaches out of it, is refused."""
        storage = of(storage, np.ndarray)
        if not self._build:
            return np.empty(0, storage.dtype)
        numbers = [offset, *of(sizes, tuple), *of(strides, tuple)]
        sound = all(type(one) is int and one >= 0 for one in numbers)
        # The product of many great sizes would take hours.
        if not sound or len(sizes) != len(strides) or len(sizes) > _MOST_AXES:
            raise ValueError(
                "a tensor has sizes or strides that are no numbers from 0 on, not as many of the one as the other, or more "
                f"than {_MOST_AXES}"
            )
        if 0 in sizes:
            return np.zeros(sizes, storage.dtype)
        last = offset + sum((size - 1) * stride for size, stride in zip(sizes, strides, strict=True))
        if last >= len(storage) or math.prod(sizes) > len(storage):
            raise ValueError(f"a tensor of {sizes} reaches beyond its storage of {len(storage)} numbers")
        wide = storage.dtype.itemsize
        return np.lib.stride_tricks.as_strided(
            storage[offset:], sizes, tuple(stride * wide for stride in strides), writeable=False
        )


def _counted(count: int | None, do: Callable[[_Machine, int | None], None]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _: do(machine, count)


_DONE: dict[str, Callable[[_Machine, Any], None]] = {
    "BINPUT": _Machine._note, "LONG_BINPUT": _Machine._note, "BINGET": _Machine._recall, "LONG_BINGET": _Machine._recall,
    "GLOBAL": _Machine._named, "BINPERSID": _Machine._load, "REDUCE": _Machine._reduce, "BUILD": _Machine._drop_attributes,
    "NEWOBJ": _Machine._new,
    "TUPLE": _counted(None, _Machine._tuple), "TUPLE1": _counted(1, _Machine._tuple),
    "TUPLE2": _counted(2, _Machine._tuple), "TUPLE3": _counted(3, _Machine._tuple),
    "APPEND": _counted(1, _Machine._extend), "APPENDS": _counted(None, _Machine._extend),
    "SETITEM": _counted(2, _Machine._fill), "SETITEMS": _counted(None, _Machine._fill),
}  # fmt: skip


def _fill(kept: dict[Any, Any], values: list[Any]) -> None:
    for key, value in zip(values[::2], values[1::2], strict=True):
        # A key of tuples in tuples is hashed by recursion, which a file could drive out of the stack.
        if not isinstance(key, (str, int)):
            raise ValueError(f"a dictionary has the key {type(key).__name__}, not a text or a number")
        kept[key] = value


def _said(name: Any) -> str:
    """Return a name for a message; the text of anything else could be longer than the memory."""
    return str(name)[:80] if isinstance(name, str) else type(name).__name__
