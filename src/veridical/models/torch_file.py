"""Numbers out of a file written by ``torch.save``, without torch and without running what the file says.

Such a file holds a pickle, which is a program that may call anything. Here it is read by an interpreter that knows the
instructions that dictionaries of tensors need and three functions (an ordered dictionary, a tensor, a parameter), calls none
that the file names, and refuses everything else. Both layouts
are read: the zip archive of torch 1.6 and later, and the chain of pickles before it.
"""

from __future__ import annotations

import io
import math
import pickletools
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

_DTYPES = {
    "DoubleStorage": "<f8", "FloatStorage": "<f4", "HalfStorage": "<f2", "LongStorage": "<i8", "IntStorage": "<i4",
    "ShortStorage": "<i2", "CharStorage": "<i1", "ByteStorage": "<u1", "BoolStorage": "?",
}  # fmt: skip
# What the chain of pickles begins with, and the version of its layout.
_MAGIC, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_MOST_TENSORS = 100_000


def tensors(content: bytes) -> dict[str, np.ndarray]:
    """Return all tensors of a file by name; dictionaries in one another are joined by dots, "model_state.linear.bias".

    The arrays are read-only views of the file's storages, in the shape and type they were saved in. What is neither a
    dictionary nor a tensor, such as the number of a training step, is left out.

    Raises
    ------
    ValueError
        If the file is not one of torch's, is damaged, or holds what is not read here; the text says which.
    """
    found: dict[str, np.ndarray] = {}
    open_: list[tuple[str, object]] = [("", read(content))]
    seen: set[int] = set()
    while open_:
        name, value = open_.pop()
        if isinstance(value, np.ndarray):
            if len(found) >= _MOST_TENSORS:
                raise ValueError(f"it names more than {_MOST_TENSORS} tensors")
            found[name] = value
        elif isinstance(value, Mapping):
            if id(value) in seen:
                raise ValueError("a dictionary occurs twice")
            seen.add(id(value))
            open_ += [(f"{name}.{key}" if name else str(key), one) for key, one in reversed(list(value.items()))]
    return found


def read(content: bytes) -> object:
    """Return what was saved: dictionaries, lists, tuples, strings, numbers, and tensors as read-only arrays.

    A list may hold itself, so a caller walks through it with care; see ``tensors`` for the errors.
    """
    try:
        return _archive(content) if zipfile.is_zipfile(io.BytesIO(content)) else _chain(content)
    except (
        EOFError, IndexError, KeyError, NotImplementedError, OverflowError, RuntimeError, TypeError, struct.error,
        zipfile.BadZipFile,
    ) as error:  # fmt: skip
        raise ValueError(f"it cannot be read as a file of torch ({type(error).__name__}: {error})") from None


def _archive(content: bytes) -> object:
    archive = zipfile.ZipFile(io.BytesIO(content))
    names = [one for one in archive.namelist() if one.endswith("/data.pkl")]
    if len(names) != 1:
        raise ValueError(f"a zip archive with {len(names)} files data.pkl is not one of torch")
    folder = names[0].removesuffix("data.pkl")
    left = len(content)

    def member(name: str) -> bytes:
        nonlocal left
        info = archive.getinfo(folder + name)
        # torch does not compress; what does may be small here and fill the memory. Nor may one part be given out for many.
        left -= info.file_size
        if info.compress_type != zipfile.ZIP_STORED or left < 0:
            raise ValueError(f"{name} is compressed, or longer than the file")
        return archive.read(info)

    if f"{folder}byteorder" in archive.namelist() and member("byteorder") != b"little":
        raise ValueError("its numbers are not stored with the least byte first")
    storages: dict[str, np.ndarray] = {}

    def storage(dtype: str, key: str, length: int) -> np.ndarray:
        if key not in storages:
            storages[key] = np.frombuffer(member(f"data/{_plain(key)}"), dtype)
        return _checked(storages[key], dtype, length)

    return _run(io.BytesIO(member("data.pkl")), storage)


def _plain(key: str) -> str:
    if not key.isalnum():
        raise ValueError(f"a storage is called {key!r}")
    return key


def _chain(content: bytes) -> object:
    """Read the older layout: a mark, a version, what machine it was, the object, the keys of its storages, their bytes."""
    stream = io.BytesIO(content)
    if _run(stream) != _MAGIC:
        raise ValueError("it does not begin as a file of torch does")
    if _run(stream) != _VERSION:
        raise ValueError("its layout is of another version")
    machine = _run(stream)
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise ValueError("its numbers are not stored with the least byte first")
    start = stream.tell()
    sizes = _sizes(stream)  # the object comes before the storages that it names, so it is read twice
    keys = _run(stream)
    offset = stream.tell()
    places: dict[str, tuple[str, int, int]] = {}
    for key in _of(keys, list):
        dtype, length = sizes[_of(key, str)]
        (said,) = struct.unpack_from("<q", content, offset)
        if said != length or key in places:
            raise ValueError(f"storage {key} has {said} numbers where {length} are due, or occurs twice")
        places[key] = dtype, offset + 8, length
        offset += 8 + length * np.dtype(dtype).itemsize

    def storage(dtype: str, key: str, length: int) -> np.ndarray:
        kept, at, count = places[key]
        return _checked(np.frombuffer(content, kept, count, at), dtype, length)

    stream.seek(start)
    return _run(stream, storage)


def _sizes(stream: io.BytesIO) -> dict[str, tuple[str, int]]:
    """Return type and length of each storage that the object names."""
    sizes: dict[str, tuple[str, int]] = {}

    def note(dtype: str, key: str, length: int) -> np.ndarray:
        if sizes.setdefault(key, (dtype, length)) != (dtype, length):
            raise ValueError(f"storage {key} is named with two types or lengths")
        return np.empty(0, dtype)

    _run(stream, note, build=False)
    return sizes


def _checked(storage: np.ndarray, dtype: str, length: int) -> np.ndarray:
    if storage.dtype != np.dtype(dtype) or len(storage) != length:
        raise ValueError(f"a storage has {len(storage)} {storage.dtype} where {length} {np.dtype(dtype)} are due")
    return storage


Storages = Callable[[str, str, int], np.ndarray]


def _run(stream: io.BytesIO, storages: Storages | None = None, *, build: bool = True) -> Any:
    return _Machine(storages, build).run(stream)


class _Name(str):
    """The name of a function or class, as the pickle gives it; a pickled text never is one."""

    __slots__ = ()


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
        _of(self._stack[-1], list).extend(values)

    def _fill(self, count: int | None) -> None:
        values = self._pop(count)
        _fill(_of(self._stack[-1], dict), values)

    def _load(self, _: None) -> None:
        self._stack.append(self._storage(*self._stack.pop()))

    def _reduce(self, _: None) -> None:
        name, values = self._pop(2)
        self._stack.append(self._call(name, _of(values, tuple)))

    def _drop_attributes(self, _: None) -> None:
        self._stack.pop()  # of a dictionary, such as versions of layers: nothing that is wanted
        _of(self._stack[-1], dict)

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
            return _of(values[0], np.ndarray)
        raise ValueError(f"its pickle calls {_said(name)}, which no dictionary of tensors needs")

    def _tensor(self, storage: Any, offset: Any, sizes: Any, strides: Any) -> np.ndarray:
        """Lay a tensor over a storage; one that is larger than the storage, or reaches out of it, is refused."""
        storage = _of(storage, np.ndarray)
        if not self._build:
            return np.empty(0, storage.dtype)
        numbers = [offset, *_of(sizes, tuple), *_of(strides, tuple)]
        if len(sizes) != len(strides) or not all(type(one) is int and one >= 0 for one in numbers):
            raise ValueError(
                "a tensor has sizes or strides that are no numbers from 0 on, or not as many of the one as the other"
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


def _of(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"its pickle is damaged: {type(value).__name__} where {kind.__name__} is due")
    return value
