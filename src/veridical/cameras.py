"""Enrolled cameras: the sensor fingerprints that this user has made from pictures of known cameras.

One folder a camera: ``camera.json`` and ``fingerprint.npy`` (float16). Nothing leaves this machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from . import __version__
from .enrolled import Shelf
from .errors import UsageError
from .media.exhibit import open_exhibit
from .media.image import Image
from .media.metadata import Metadata
from .signals import correlation_predictor as predictor
from .signals.correlation_predictor import Predictor
from .signals.fingerprint import Estimator, correlate
from .signals.residual import noise_residual

FEWEST = 5
"""Pictures that an enrolment needs; ten of an evenly lit grey wall are better."""
LEAST_PCE = 25.0
"""Peak-to-correlation energy from which a picture counts as taken by a camera: the pictures of six bodies with 1024 × 1024
pixels gave 29 and more with their own camera and at most 10 with another one (docs/validation/prnu.md)."""
_SHELF = Shelf(setting="cameras", kind="camera", how="veridical enrol camera FOLDER --name NAME")
_PLANE = "fingerprint"
_FOREIGN_SHIFT = (377, 233)


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """An enrolled camera.

    Parameters
    ----------
    make
        Make and model as the pictures' metadata state them; "" if they do not, or differ.
    height, width
        Size of its pictures, stored pixels.
    inputs
        SHA-256 of each picture that the fingerprint was made from.
    sha256
        Hash of the fingerprint file.
    """

    name: str
    make: str
    height: int
    width: int
    inputs: tuple[str, ...]
    sha256: str
    made: str
    version: str
    predictor: Predictor


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """A picture of an enrolment: how it matches the fingerprint of all the others."""

    path: Path
    ncc: float
    pce: float

    @property
    def matches(self) -> bool:
        """Whether it shares its sensor with the others."""
        return self.pce >= LEAST_PCE


def folder() -> Path:
    """Return where cameras are kept."""
    return _SHELF.folder()


def names() -> tuple[str, ...]:
    """Return the names of all enrolled cameras, damaged ones too."""
    return _SHELF.names()


def listed() -> tuple[Camera, ...]:
    """Return all enrolled cameras by name; raises UsageError if one of them is damaged."""
    return tuple(load(name) for name in names())


def load(name: str) -> Camera:
    """Return an enrolled camera; raises UsageError if there is none of that name, or it is damaged."""
    return _SHELF.load(name, _parsed)


def fingerprint(camera: Camera) -> np.ndarray:
    """Return the fingerprint of a camera: shape (height, width), float32; raises UsageError if its file is not the one made."""
    return np.asarray(_SHELF.array(camera.name, _PLANE, camera.sha256), np.float32)


def remove(name: str) -> None:
    """Remove an enrolled camera; raises UsageError if there is none of that name."""
    _SHELF.remove(name)


def _parsed(plain: dict[str, Any]) -> Camera:
    learned = Predictor(**(plain.pop("predictor") | {"coefficients": ()}))
    coefficients = tuple(float(c) for c in plain.pop("coefficients"))
    return Camera(**{**plain, "inputs": tuple(plain["inputs"])}, predictor=replace(learned, coefficients=coefficients))


def enrol(
    paths: Sequence[Path], name: str, *, replace_: bool = False, tell: Callable[[str, int, int], None] = lambda *_: None
) -> tuple[Camera, tuple[Enrolled, ...]]:
    """Make the fingerprint of a camera from pictures that it took, check each against the others, and keep it.

    Pictures that do not match the others are left out of the fingerprint.

    Parameters
    ----------
    paths
        Pictures of one camera, all of one size and orientation; evenly lit surfaces are best.
    replace_
        True replaces an enrolled camera of that name.
    tell
        Called with what is done, how many pictures are done, and how many there are.

    Raises
    ------
    UsageError
        If the name is taken or unfit, there are too few pictures, they differ in size, or fewer than five share a sensor.
    MediaError
        If a picture cannot be read.
    """
    _SHELF.free(name, replace=replace_)
    if len(paths) < FEWEST:
        raise UsageError(
            f"{len(paths)} pictures were given; a fingerprint needs {FEWEST}, better 10 of an evenly lit wall"
        )
    makes, hashes, estimator = _gathered(paths, tell)
    checks = tuple(_check(path, estimator, i, len(paths), tell) for i, path in enumerate(paths))
    wrong = [one.path for one in checks if not one.matches]
    kept = [path for path in paths if path not in wrong]
    if len(kept) < FEWEST:
        best = max(one.pce for one in checks)
        raise UsageError(
            f"only {len(kept)} of {len(paths)} pictures share one sensor (the best has a PCE of {best:.1f}; {LEAST_PCE:g} is "
            "needed): give unedited pictures of one camera at full size, evenly lit ones if there are any"
        )
    if wrong:
        makes, hashes, estimator = _gathered(kept, tell)
    camera = Camera(
        name=name, make=makes.pop() if len(makes) == 1 else "", height=estimator.shape[0], width=estimator.shape[1],
        inputs=tuple(hashes), sha256="", made=datetime.now(UTC).isoformat(timespec="seconds"), version=__version__,
        predictor=_learned(kept, estimator, tell),
    )  # fmt: skip
    return _kept(camera, estimator.fingerprint()), checks


def _gathered(paths: Sequence[Path], tell: Callable[[str, int, int], None]) -> tuple[set[str], list[str], Estimator]:
    makes: set[str] = set()
    hashes: list[str] = []
    estimator: Estimator | None = None
    for i, path in enumerate(paths):
        tell("reading", i, len(paths))
        with open_exhibit(path) as exhibit:
            if exhibit.kind != "image":
                raise UsageError(f"{path} is no still image; give the folder of pictures that one camera took")
            image, metadata = exhibit.stream(Image), exhibit.stream(Metadata)
        shape = (image.height, image.width)
        estimator = estimator or Estimator(shape)
        if shape != estimator.shape:
            raise UsageError(
                f"{path} has {image.width} × {image.height} pixels, those before have {estimator.shape[1]} × "
                f"{estimator.shape[0]}: give pictures of one size and one orientation"
            )
        if min(shape) < 2 * predictor.SPAN:
            raise UsageError(
                f"{path} has {image.width} × {image.height} pixels; a fingerprint needs {2 * predictor.SPAN} a side"
            )
        makes.add(_make(metadata))
        hashes.append(exhibit.sha256)
        estimator.add(image.pixels)
    assert estimator is not None  # noqa: S101
    if len(set(hashes)) < len(hashes):
        raise UsageError("the same picture was given twice; give each once")
    return makes, hashes, estimator


def _make(metadata: Metadata) -> str:
    named = [str(metadata.exif.get(f"Image {tag}", "")).strip() for tag in ("Make", "Model")]
    return " ".join(part for part in named if part)


def _pixels(path: Path) -> np.ndarray:
    with open_exhibit(path) as exhibit:
        return exhibit.stream(Image).pixels


def _check(path: Path, estimator: Estimator, i: int, count: int, tell: Callable[[str, int, int], None]) -> Enrolled:
    tell("checking", i, count)
    pixels = _pixels(path)
    match = correlate(noise_residual(pixels), estimator.fingerprint(without=pixels), search=False)
    return Enrolled(path=path, ncc=match.ncc, pce=match.pce)


def _learned(paths: Sequence[Path], estimator: Estimator, tell: Callable[[str, int, int], None]) -> Predictor:
    """Learn, from each picture against the fingerprint of the others, how its blocks should correlate."""
    own, foreign = [], []
    for i, path in enumerate(paths):
        tell("learning", i, len(paths))
        pixels = _pixels(path)
        residual, plane = noise_residual(pixels), estimator.fingerprint(without=pixels)
        own.append(predictor.measure(pixels, residual, plane))
        foreign.append(predictor.measure(pixels, residual, np.roll(plane, _FOREIGN_SHIFT, (0, 1))))
    return predictor.train(own, foreign)


def _kept(camera: Camera, plane: np.ndarray) -> Camera:
    def plain(hashes: dict[str, str]) -> dict[str, Any]:
        said = asdict(replace(camera, sha256=hashes[_PLANE]))
        learned = said.pop("predictor")
        return said | {"coefficients": learned.pop("coefficients"), "predictor": learned}

    _SHELF.keep(camera.name, {_PLANE: plane.astype(np.float16)}, plain)
    return load(camera.name)


__all__ = ["Camera", "Enrolled", "enrol", "fingerprint", "folder", "listed", "load", "names", "remove"]
