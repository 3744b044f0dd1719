"""Makes lab media: load, mark, run the recipe, save, sign, check the marks, write the ground truth.

The marks are put on here and nowhere else, and are read back from every finished file; a file whose marks do not read
is deleted. There is no parameter that leaves one out.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from ..errors import UsageError
from ..finding import Scalar
from . import check, label, signature, sound_marks, source, watermark, write
from .recipe import Box, ClipPair, Made, Pair, Picture, Recipe, Sound, SoundPair, Source, StillPair, recipe

NOTICE = (
    "Test media made by the lab of veridical. It carries a label, a watermark and a signed manifest; leave them on."
)
_ROLES = ("control", "altered")


@dataclass(frozen=True)
class _Order:
    """What was asked for, and what the truth files and manifests say of it."""

    recipe: Recipe
    knobs: Mapping[str, Scalar]
    seed: int
    source: Source

    @property
    def payload(self) -> int:
        """The watermark: the same in control and altered file, so that it cannot tell them apart; 16 bits in sound."""
        text = f"{self.recipe.id} {self.seed} {self.source.sha256} {json.dumps(dict(self.knobs), sort_keys=True)}"
        payload = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
        return payload % 2**sound_marks.BITS if self.recipe.wants == "sound" else payload


def make(
    recipe_id: str,
    source_path: Path | None,
    folder: Path,
    *,
    seed: int = 0,
    consent: str = "",
    knobs: Mapping[str, Scalar] | None = None,
) -> Made:
    """Make an altered file and its control, both marked as lab-made, and their ground truth.

    Parameters
    ----------
    recipe_id
        Such as "lab.edit.paste"; see `recipes`.
    source_path
        A file of the user's, or None for the demonstration photograph or generated sound.
    folder
        Where the files go.
    seed
        The same seed makes the same content.
    consent
        Who agreed to this use of the user's file, and how. Kept in the truth file.
    knobs
        Parameters of the recipe.

    Raises
    ------
    UsageError
        If recipe or knob do not exist, consent is missing, or the material does not suit.
    """
    chosen, random = recipe(recipe_id), np.random.default_rng(seed)
    settled = _settle(chosen, knobs or {})
    material, origin = source.load(chosen, source_path, consent, random)
    order = _Order(recipe=chosen, knobs=settled, seed=seed, source=origin)
    pair = chosen.function(mark(material, order.payload), random, **settled)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".lab-") as scratch:
        unsigned, where, box = _save(pair, Path(scratch), order.payload, material)
        return _finish(order, pair, unsigned, folder, where, box)


def mark(material: Picture | Sound, payload: int) -> Picture | Sound:
    """Return the material with the mark that is seen or heard, and the one that is not."""
    if isinstance(material, Sound):
        return replace(material, samples=sound_marks.mark(material.samples, material.rate, payload))
    pixels = material.pixels.copy()
    label.draw(pixels, material.label)
    return replace(material, pixels=watermark.embed(pixels, payload))


def _settle(chosen: Recipe, given: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """Return all knobs of a recipe, given values in the type of their defaults."""
    settled = dict(chosen.knobs)
    for name, value in given.items():
        if name not in settled:
            raise UsageError(f"{chosen.id} has no knob {name!r}; it has: {', '.join(settled) or 'none'}")
        kind: Callable[[Any], Scalar] = type(settled[name])
        try:
            settled[name] = kind(value)
        except (TypeError, ValueError):
            wanted = {int: "whole number", float: "number"}.get(type(settled[name]), "text")
            raise UsageError(f"{chosen.id}: {name} takes a {wanted}; {value!r} is none") from None
    return settled


def _save(
    pair: Pair, folder: Path, payload: int, material: Picture | Sound
) -> tuple[tuple[Path, Path], np.ndarray | None, str]:
    """Write both files unsigned; return them, the mask, and where the visible label stands."""
    if isinstance(pair, SoundPair):
        paths = folder / "control.wav", folder / "altered.wav"
        for path, samples in zip(paths, (pair.control, pair.altered), strict=True):
            kept = samples if pair.marked else sound_marks.mark(samples, pair.rate, payload)
            write.sound(path, kept, pair.rate)
        return paths, None, "tones at the start"
    if isinstance(pair, StillPair) and isinstance(material, Picture):
        stills = pair.control, pair.altered
        paths = folder / f"control{_suffix(pair)}", folder / f"altered{_suffix(pair)}"
        for path, still in zip(paths, stills, strict=True):
            write.still(path, still)
        return paths, pair.mask, str(material.label)
    if isinstance(pair, ClipPair):
        return _save_clip(pair, folder, payload)
    raise UsageError(f"the lab cannot save a {type(pair).__name__}")


def _suffix(pair: StillPair) -> str:
    return write.SUFFIX[pair.altered.format]


def _save_clip(pair: ClipPair, folder: Path, payload: int) -> tuple[tuple[Path, Path], np.ndarray, str]:
    paths = folder / "control.mp4", folder / "altered.mp4"
    size = {"fps": pair.fps, "width": pair.width, "height": pair.height}
    box = label.place(pair.width, pair.height, _around(pair.area))
    touched = np.zeros_like(pair.area)
    held, sounds = _heard(pair, payload)
    with (
        write.clip(paths[0], sound=sounds[0], **size) as control,
        write.clip(paths[1], sound=sounds[1], **size) as altered,
    ):
        for untouched, changed in _held(pair.frames, held):
            shown = untouched.copy()
            label.draw(shown, box)
            marked = watermark.embed(shown, payload, spare=pair.area)
            # Only the area comes from the altered frame: outside it, the two videos are equal by construction.
            other = np.where(pair.area[:, :, None], changed, marked)
            touched |= (other != marked).any(2)
            control.add(marked)
            altered.add(other)
    return paths, touched, str(box)


def _heard(pair: ClipPair, payload: int) -> tuple[int, Sequence[tuple[np.ndarray, int] | None]]:
    """Return for how many frames the picture is held while the audible mark is played, and both marked sounds."""
    if pair.sounds is None:
        return 0, (None, None)
    rate = pair.sound_rate
    mark_s, held = len(sound_marks.tones(rate)) / rate, _held_for(pair)
    silence = np.zeros(round((held / pair.fps - mark_s) * rate), np.float32)
    short = payload % 2**sound_marks.BITS
    return held, [(sound_marks.mark(np.concatenate([silence, one]), rate, short), rate) for one in pair.sounds]


def _held_for(pair: ClipPair) -> int:
    return math.ceil(len(sound_marks.tones(pair.sound_rate)) / pair.sound_rate * pair.fps)


def _held(frames: Iterable[tuple[np.ndarray, np.ndarray]], count: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give the first frame ``count`` times more."""
    for index, pair in enumerate(frames):
        if index == 0:
            yield from [pair] * count
        yield pair


def _around(area: np.ndarray) -> Box:
    rows, columns = np.flatnonzero(area.any(1)), np.flatnonzero(area.any(0))
    y, x = int(rows[0]), int(columns[0])
    return Box(x=x, y=y, width=int(columns[-1]) + 1 - x, height=int(rows[-1]) + 1 - y)


def _finish(
    order: _Order, pair: Pair, unsigned: tuple[Path, Path], folder: Path, where: np.ndarray | None, box: str
) -> Made:
    stem = re.sub(r"\W+", "-", order.recipe.id.removeprefix("lab.")) + f"-{order.seed}"
    made, truths = [], []
    for role, path, term in zip(_ROLES, unsigned, (pair.control_term, pair.altered_term), strict=True):
        target = folder / f"{stem}-{role}{path.suffix}"
        _sign(order, role, path, target, term)
        mask_path = None
        if role == "altered" and where is not None and where.any():
            mask_path = target.with_name(f"{target.name}.mask.png")
            write.mask(mask_path, where)
        truth = target.with_name(f"{target.name}.truth.json")
        truth.write_text(json.dumps(_truth(order, pair, role, target, mask_path, term, box), indent=2) + "\n", "utf-8")
        made.append(target)
        truths.append(truth)
    return Made(control=made[0], altered=made[1], truth=truths[1])


def _sign(order: _Order, role: str, path: Path, target: Path, term: str) -> None:
    """Sign a file, read all marks back from it, and delete it if one of them does not read."""
    facts = {"notice": NOTICE, "recipe": order.recipe.id, "role": role, "watermark": f"{order.payload:08x}"}
    what = "untouched control of" if role == "control" else "altered by"
    description = f"Lab-made test media, {what} the recipe {order.recipe.id}"
    target.unlink(missing_ok=True)
    signature.sign(path, target, term=term, description=description, facts=facts)
    found = check.marks(target)
    if not (found.label and found.payload == order.payload and found.term == term and found.assertion == facts):
        target.unlink()
        raise UsageError(
            f"{order.recipe.id}: the marks of the {role} file do not read ({found}), so it was deleted; "
            "use a larger picture or a longer recording, or milder knobs"
        )


def _truth(
    order: _Order, pair: Pair, role: str, target: Path, mask_path: Path | None, term: str, box: str
) -> dict[str, object]:
    altered = role == "altered"
    return {
        "notice": NOTICE,
        "file": target.name,
        "sha256": _hash(target),
        "role": role,
        "category": pair.category if altered else None,
        "recipe": order.recipe.id,
        "parameters": dict(order.knobs),
        "seed": order.seed,
        "source": {"name": order.source.name, "sha256": order.source.sha256, "consent": order.source.consent},
        "mask": {"file": mask_path.name, "sha256": _hash(mask_path)} if mask_path else None,
        "facts": {**pair.facts, **_leader(pair)},
        "marks": {
            "label": {"text": label.TEXT, "place": box},
            "watermark": f"{order.payload:08x}",
            "manifest": {"digitalSourceType": term, "signer": signature.NAME},
        },
        "version": __version__,
    }


def _leader(pair: Pair) -> dict[str, object]:
    """Return how long the picture is held at the start of a clip with sound; times in the facts count from then on."""
    if not isinstance(pair, ClipPair) or pair.sounds is None:
        return {}
    return {"leader_s": _held_for(pair) / pair.fps}


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
