"""Numbers out of a file written by ``torch.save``, without torch and without running what the file says.

Such a file holds a pickle, which is a program that may call anything; ``torch_pickle`` reads it and calls nothing. Both layouts
are read: the zip archive of torch 1.6 and later, and the chain of pickles before it.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

import numpy as np

from .torch_pickle import of, run

# What the chain of pickles begins with, and the version of its layout.
_MAGIC, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_MOST_VALUES, _LONGEST_NAME = 100_000, 500


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
        # A long key costs the file a few bytes each time it stands again, but every name its whole length.
        if len(name) > _LONGEST_NAME:
            raise ValueError(f"it names a value by more than {_LONGEST_NAME} characters")
        if isinstance(value, np.ndarray):
            found[name] = value
        elif isinstance(value, Mapping):
            if id(value) in seen:
                raise ValueError("a dictionary occurs twice")
            seen.add(id(value))
            if len(found) + len(open_) + len(value) > _MOST_VALUES:
                raise ValueError(f"it names more than {_MOST_VALUES} values")
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

    return run(io.BytesIO(member("data.pkl")), storage)


def _plain(key: str) -> str:
    if not key.isalnum():
        raise ValueError(f"a storage is called {key!r}")
    return key


def _chain(content: bytes) -> object:
    """Read the older layout: a mark, a version, what machine it was, the object, the keys of its storages, their bytes."""
    stream = io.BytesIO(content)
    if run(stream) != _MAGIC:
        raise ValueError("it does not begin as a file of torch does")
    if run(stream) != _VERSION:
        raise ValueError("its layout is of another version")
    machine = run(stream)
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise ValueError("its numbers are not stored with the least byte first")
    start = stream.tell()
    sizes = _sizes(stream)  # the object comes before the storages that it names, so it is read twice
    keys = run(stream)
    offset = stream.tell()
    places: dict[str, tuple[str, int, int]] = {}
    for key in of(keys, list):
        dtype, length = sizes[of(key, str)]
        (said,) = struct.unpack_from("<q", content, offset)
        if said != length or key in places:
            raise ValueError(f"storage {key} has {said} numbers where {length} are due, or occurs twice")
        places[key] = dtype, offset + 8, length
        offset += 8 + length * np.dtype(dtype).itemsize

    def storage(dtype: str, key: str, length: int) -> np.ndarray:
        kept, at, count = places[key]
        return _checked(np.frombuffer(content, kept, count, at), dtype, length)

    stream.seek(start)
    return run(stream, storage)


def _sizes(stream: io.BytesIO) -> dict[str, tuple[str, int]]:
    """Return type and length of each storage that the object names."""
    sizes: dict[str, tuple[str, int]] = {}

    def note(dtype: str, key: str, length: int) -> np.ndarray:
        if sizes.setdefault(key, (dtype, length)) != (dtype, length):
            raise ValueError(f"storage {key} is named with two types or lengths")
        return np.empty(0, dtype)

    run(stream, note, build=False)
    return sizes


def _checked(storage: np.ndarray, dtype: str, length: int) -> np.ndarray:
    if storage.dtype != np.dtype(dtype) or len(storage) != length:
        raise ValueError(f"a storage has {len(storage)} {storage.dtype} where {length} {np.dtype(dtype)} are due")
    return storage
