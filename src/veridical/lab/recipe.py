"""What a recipe is, what it gets, what it returns; and the recipes there are, found by looking.

A recipe is a public function in a module of this package. Its first parameter is a `Picture`, a `Portrait` (a picture that
a face fills) or a `Sound`, its second the random generator, its keyword-only parameters are knobs, and it is annotated to
return one of the three pairs below. The module is the family: ``edit.py`` with a function ``paste`` is the recipe
``lab.edit.paste``.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_type_hints

import numpy as np

from ..errors import DeclarationError, UsageError
from ..finding import Scalar

Category = Literal["reenactment", "replacement", "editing", "synthesis"]
Wants = Literal["picture", "portrait", "sound"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of whole pixels (x to the right, y down); ``x + width`` and ``y + height`` are outside."""

    x: int
    y: int
    width: int
    height: int

    @property
    def cut(self) -> tuple[slice, slice]:
        """Rows and columns, to index an array with."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)

    def meets(self, other: Box) -> bool:
        """Return whether two boxes share a pixel."""
        across = self.x < other.x + other.width and other.x < self.x + self.width
        return across and self.y < other.y + other.height and other.y < self.y + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """An opening in a face, in pixels: its two corners (left in the picture first) and its edges at the middle, as rows."""

    x0: float
    y0: float
    x1: float
    y1: float
    top: float
    bottom: float


class Eye(Opening):
    """One open eye; ``top`` and ``bottom`` are the lids."""

    __slots__ = ()


class Mouth(Opening):
    """An open mouth; ``top`` and ``bottom`` are the inner edges of the lips."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where material comes from: the name and SHA-256 of its file or data, and the consent it is used with."""

    name: str
    sha256: str
    consent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A still picture to work on, already marked when a recipe gets it.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB.
    label
        Where the visible label stands; a recipe leaves it alone.
    face
        Box around the face, if known; from the hairline to the chin, from ear to ear.
    eyes
        Both eyes, left in the picture first; empty if not known.
    mouth
        The mouth, if known.
    """

    pixels: np.ndarray
    label: Box
    face: Box | None = None
    eyes: tuple[Eye, ...] = ()
    mouth: Mouth | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait(Picture):
    """A picture of at least 1000 pixels a side that one face fills, for recipes that work on eyes or teeth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A recording to work on, already marked when a recipe gets it: ``samples`` of shape (n,), float32, −1 to 1."""

    samples: np.ndarray
    rate: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A finished picture and how it is to be saved.

    Parameters
    ----------
    pixels
        shape (height, width, 3), uint8, RGB.
    format
        "jpeg" or "png".
    quality
        JPEG quality.
    exif
        EXIF block (TIFF structure) of a JPEG; empty for none.
    text
        PNG text chunks.
    """

    pixels: np.ndarray
    format: Literal["jpeg", "png"] = "jpeg"
    quality: int = 95
    exif: bytes = b""
    text: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What all recipes return: what was done, and how the two manifests name it.

    Parameters
    ----------
    category
        The attack category of the altered one.
    facts
        Further ground truth (times of blinks, strength of an effect, …).
    altered_term, control_term
        IPTC digital source types that the manifests declare.
    """

    category: Category
    facts: Mapping[str, object] = field(default_factory=dict)
    altered_term: str = "compositeWithTrainedAlgorithmicMedia"
    control_term: str = "humanEdits"


@dataclass(frozen=True, slots=True, kw_only=True)
class StillPair(Pair):
    """Two pictures through one chain; ``mask`` (height, width), bool, is True where the altered one was manipulated."""

    control: Still
    altered: Still
    mask: np.ndarray | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundPair(Pair):
    """Two recordings through one chain, both at ``rate``.

    ``marked`` is False if they were put together anew, which loses the marks: they are then put in at the end, in both. Such
    recordings come without the audible signal at the start.
    """

    control: np.ndarray
    altered: np.ndarray
    rate: int
    marked: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPair(Pair):
    """Two videos, made together frame by frame.

    Parameters
    ----------
    frames
        Pairs of a control frame and an altered frame, each of shape (height, width, 3), uint8, RGB.
    area
        shape (height, width), bool: the two differ only where it is True. The marks keep out of it, so that they
        cannot tell the two apart.
    sounds
        What is heard in the control and in the altered one, each of shape (n,), float32, at ``sound_rate``; None for
        silent films. The file begins with the first frame, held while the audible mark is played.
    """

    frames: Iterable[tuple[np.ndarray, np.ndarray]]
    fps: int
    width: int
    height: int
    area: np.ndarray
    sounds: tuple[np.ndarray, np.ndarray] | None = None
    sound_rate: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One way to make labelled test media: its id, what it asks for, its knobs with their defaults, its description."""

    id: str
    wants: Wants
    knobs: Mapping[str, Scalar]
    description: str
    function: Callable[..., Pair]

    @property
    def summary(self) -> str:
        """First line of the description."""
        return self.description.partition("\n")[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What was made: the untouched control, the altered file, and the ground truth of the altered one."""

    control: Path
    altered: Path
    truth: Path


@cache
def recipes() -> Mapping[str, Recipe]:
    """Return all recipes by id, found by looking through this package."""
    found = {}
    package = importlib.import_module(__package__)
    for module_info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{__package__}.{module_info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_") and _returns_pair(function):
                recipe = _declared(f"lab.{module_info.name}.{name}", function)
                found[recipe.id] = recipe
    return dict(sorted(found.items()))


def recipe(id: str) -> Recipe:
    """Return one recipe; raises UsageError if there is none of that id."""
    known = recipes()
    if id not in known:
        raise UsageError(f"there is no recipe {id!r}; `veridical lab list` shows them: {', '.join(known)}")
    return known[id]


def _returns_pair(function: Callable[..., object]) -> bool:
    returned = get_type_hints(function).get("return")
    return inspect.isclass(returned) and issubclass(returned, Pair) and returned is not Pair


def _declared(id: str, function: Callable[..., Pair]) -> Recipe:
    parameters = list(inspect.signature(function).parameters.values())
    wanted = get_type_hints(function).get(parameters[0].name) if parameters else None
    kinds: dict[object, Wants] = {Picture: "picture", Portrait: "portrait", Sound: "sound"}
    if wanted not in kinds or len([p for p in parameters if p.kind is not p.KEYWORD_ONLY]) != 2:
        raise DeclarationError(f"{id}: a recipe is called with a Picture, Portrait or Sound and the random generator")
    description = inspect.getdoc(function)
    if not description:
        raise DeclarationError(f"{id}: a recipe needs a docstring")
    knobs = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    if not all(isinstance(value, float | int | str) for value in knobs.values()):
        raise DeclarationError(f"{id}: every knob needs a number or a text as its default")
    return Recipe(id=id, wants=kinds[wanted], knobs=knobs, description=description, function=function)
