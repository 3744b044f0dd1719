"""Recipes for what files say about themselves. The pixels of the two files are the same; only what is said differs."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow

from . import exif
from .recipe import Picture, Still, StillPair

MAKE, MODEL, SOFTWARE, DATE = 0x010F, 0x0110, 0x0131, 0x0132
TAKEN, DIGITISED, WIDTH, HEIGHT = 0x9003, 0x9004, 0xA002, 0xA003
_PROMPT = (
    "lab-made test text, portrait of a person in a space suit, studio light\n"
    "Negative prompt: blurry, text\n"
    "Steps: 28, Sampler: Euler a, CFG scale: 7, Seed: {seed}, Size: {width}x{height}, Model hash: 0000000000, "
    "Model: none (veridical lab)"
)


def declare(picture: Picture, random: np.random.Generator, *, quality: int = 92) -> StillPair:
    """Write a file whose signed Content Credentials say that a trained model made it.

    The control's credentials declare a photograph (digitalCapture). The statement about the altered file is untrue, and
    is the only difference.
    """
    still = Still(pixels=picture.pixels, quality=quality)
    return StillPair(
        category="synthesis", control=still, altered=still, altered_term="trainedAlgorithmicMedia",
        control_term="digitalCapture", facts={"difference": "digitalSourceType of the manifest"},
    )  # fmt: skip


def parameters(picture: Picture, random: np.random.Generator, *, program: str = "veridical lab") -> StillPair:
    """Write a PNG file with the text that Stable Diffusion programs write: prompt, steps, sampler, seed.

    The control has only the name of the program that saved it. The text is invented; no generator was used.
    """
    height, width = picture.pixels.shape[:2]
    text = _PROMPT.format(seed=int(random.integers(2**32)), width=width, height=height)
    said = {"Software": program}
    return StillPair(
        category="synthesis", control=_png(picture, said), altered=_png(picture, {**said, "parameters": text}),
        altered_term="trainedAlgorithmicMedia", facts={"difference": "text chunk 'parameters'"},
    )  # fmt: skip


def edit(
    picture: Picture, random: np.random.Generator, *, program: str = "Adobe Photoshop 25.0 (Windows)"
) -> StillPair:
    """Write a JPEG file whose EXIF contradicts itself: dates, editor, size, thumbnail.

    The control has the same tags, in agreement with each other and with the picture. No such program was used.
    """
    day = int(random.integers(2, 28))
    true, false = picture.pixels, np.ascontiguousarray(picture.pixels[:, ::-1])
    height, width = picture.pixels.shape[:2]
    taken = f"2023:06:{day:02d} 10:15:30"
    agrees = _exif(("veridical lab 0.1", taken, taken), (width, height), true)
    clashes = _exif((program, f"2021:03:{day:02d} 08:00:00", taken), (width * 2, height + 16), false)
    facts = {"difference": "EXIF dates, Software, pixel dimensions, thumbnail"}
    return StillPair(category="editing", control=_jpeg(picture, agrees), altered=_jpeg(picture, clashes), facts=facts)


def _png(picture: Picture, text: dict[str, str]) -> Still:
    return Still(pixels=picture.pixels, format="png", text=text)


def _jpeg(picture: Picture, block: bytes) -> Still:
    return Still(pixels=picture.pixels, quality=92, exif=block)


def _exif(words: tuple[str, str, str], size: tuple[int, int], pictured: np.ndarray) -> bytes:
    """Return an EXIF block from (software, date of change, date of taking), a stated size, and a picture to thumbnail."""
    software, changed, taken = words
    small = Pillow.fromarray(pictured)
    small.thumbnail((160, 160))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=85)
    main: dict[int, exif.Value] = {MAKE: "veridical lab", MODEL: "test camera 1", SOFTWARE: software, DATE: changed}
    detail: dict[int, exif.Value] = {TAKEN: taken, DIGITISED: taken, WIDTH: size[0], HEIGHT: size[1]}
    return exif.build(main, detail, buffer.getvalue())
