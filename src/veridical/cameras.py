"""Enrolled cameras: the sensor fingerprints that this user has made from pictures of known cameras.

One folder a camera: ``camera.json`` and ``fingerprint.npy`` (float16). A folder is written beside its place and moved there in
one step. Nothing leaves this machine.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import numpy as np

from . import __version__, settings
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
_JSON, _PLANE, _FORMAT = "camera.json", "fingerprint.npy", 1
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
    where = settings.text("cameras")
    return Path(where) if where else settings.user_data() / "cameras"


def names() -> tuple[str, ...]:
    """Return the names of all enrolled cameras, damaged ones too."""
    home = folder()
    if not home.is_dir():
        return ()
    return tuple(sorted(path.name for path in home.iterdir() if path.is_dir() and not path.name.startswith(".")))


def listed() -> tuple[Camera, ...]:
    """Return all enrolled cameras by name; raises UsageError if one of them is damaged."""
    return tuple(load(name) for name in names())


def load(name: str) -> Camera:
    """Return an enrolled camera; raises UsageError if there is none of that name, or it is damaged."""
    place = folder() / _checked(name)
    try:
        plain = json.loads((place / _JSON).read_text("utf-8"))
        if plain.pop("format") != _FORMAT:
            raise ValueError("another format")
        learned = Predictor(**(plain.pop("predictor") | {"coefficients": ()}))
        coefficients = tuple(float(c) for c in plain.pop("coefficients"))
        return Camera(
            **{**plain, "inputs": tuple(plain["inputs"])}, predictor=replace(learned, coefficients=coefficients)
        )
    except FileNotFoundError:
        raise UsageError(
            f"no camera {name!r} is enrolled; there are: {', '.join(names()) or 'none'}. Enrol one with: "
            "veridical enrol camera FOLDER --name NAME"
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            f"the enrolled camera {name!r} is damaged ({error}); enrol it again with --replace, or remove it with: "
            f"veridical enrol remove {name}"
        ) from None


def fingerprint(camera: Camera) -> np.ndarray:
    """Return the fingerprint of a camera: shape (height, width), float32; raises UsageError if its file is not the one made."""
    try:
        data = (folder() / camera.name / _PLANE).read_bytes()
    except OSError as error:
        raise UsageError(
            f"the fingerprint of {camera.name!r} cannot be read ({error.strerror}); enrol it again"
        ) from None
    if sha256(data).hexdigest() != camera.sha256:
        raise UsageError(
            f"the fingerprint of {camera.name!r} is not the one that was made; enrol it again with --replace"
        )
    return np.asarray(np.load(BytesIO(data), allow_pickle=False), np.float32)


def remove(name: str) -> None:
    """Remove an enrolled camera; raises UsageError if there is none of that name."""
    place = folder() / _checked(name)
    if not place.is_dir():
        load(name)
    shutil.rmtree(place)


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
    place = folder() / _checked(name)
    if place.exists() and not replace_:
        raise UsageError(f"a camera {name!r} is enrolled already; replace it with --replace, or choose another --name")
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
    return _kept(camera, estimator.fingerprint(), place), checks


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


def _kept(camera: Camera, plane: np.ndarray, place: Path) -> Camera:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=place.parent))
    except OSError as error:
        raise UsageError(
            f"cannot write to {place.parent} ({error.strerror}); set VERIDICAL_CAMERAS to another folder"
        ) from None
    try:
        np.save(staging / _PLANE, plane.astype(np.float16), allow_pickle=False)
        done = replace(camera, sha256=sha256((staging / _PLANE).read_bytes()).hexdigest())
        plain = asdict(done)
        learned = plain.pop("predictor")
        plain |= {"format": _FORMAT, "coefficients": learned.pop("coefficients"), "predictor": learned}
        (staging / _JSON).write_text(json.dumps(plain, indent=1) + "\n", "utf-8")
        _exchange(staging, place)
    except OSError as error:
        raise UsageError(
            f"cannot write to {place.parent} ({error.strerror}); what was enrolled before is still there"
        ) from None
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return done


def _exchange(staging: Path, place: Path) -> None:
    """Move a finished folder to its place; what was there goes only when the new one is in."""
    if not place.exists():
        os.replace(staging, place)
        return
    old = Path(tempfile.mkdtemp(prefix=".old-", dir=place.parent))
    os.replace(place, old)
    try:
        os.replace(staging, place)
    except OSError:
        os.replace(old, place)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _checked(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._ -]{0,80}", name):
        raise UsageError(
            f"a camera's name holds letters, digits, spaces and . _ - and begins with a letter or digit, not {name!r}"
        )
    return name


__all__ = ["Camera", "Enrolled", "enrol", "fingerprint", "folder", "listed", "load", "names", "remove"]
