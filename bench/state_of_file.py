"""What the state of a file tells of its history: traces of laundering in files whose history is known, and in untouched ones.

    python bench/state_of_file.py > docs/validation/state_of_file.md

VERIDICAL_DATA names labelled media with the folder ``prnu`` (photographs of six cameras, cut without loss on their JPEG grid)
and ``audio``. Nothing is learned here; the thresholds of ``perception/quality.py`` and ``evidence/laundering.py`` are tried.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import soundfile
from PIL import Image as Pillow

from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.errors import NotApplicable
from veridical.evidence.laundering import RESAMPLING, Trace, traces
from veridical.examiner import Examiner
from veridical.media.container import Container
from veridical.media.exhibit import open_exhibit
from veridical.media.metadata import Metadata
from veridical.perception.quality import Quality
from veridical.reencode import STEPS

DATA = Path(os.environ.get("VERIDICAL_DATA", ""))
_EXAMINER = Examiner(catalogue.own(), cache=PerceptCache(None, most_bytes=0))
_RESAMPLING = catalogue.own().find(RESAMPLING)
Make = Callable[[Path, Path], Path]


def seen(path: Path) -> tuple[Trace, ...]:
    """Return the traces of one file, as an examination of it would."""
    with open_exhibit(path) as exhibit:
        resolver = _EXAMINER.resolver(exhibit, [_RESAMPLING])
        findings = list(_EXAMINER.examine(resolver, [_RESAMPLING])) if exhibit.kind == "image" else []
        quality = resolver.of(Quality).plain()
        return traces(
            quality, metadata=exhibit.stream(Metadata), container=exhibit.stream(Container), findings=findings
        )


def stepped(kind: str, *names: str) -> Make:
    """Return what brings a file through the named steps."""

    def make(path: Path, folder: Path) -> Path:
        for name in names:
            with open_exhibit(path) as exhibit:
                path = STEPS[kind][name].make(exhibit, folder / f"{path.stem}-{name}", "state of file")
        return path

    return make


def shrunk(path: Path, folder: Path, *qualities: int, cut: int = 0) -> Path:
    """Scale a photograph to 0.45, so that nothing of its first save is left; save it as JPEG so often, cut between."""
    pixels = Pillow.open(path).convert("RGB")
    pixels = pixels.resize((round(pixels.width * 0.45), round(pixels.height * 0.45)), Pillow.Resampling.LANCZOS)
    for number, quality in enumerate(qualities):
        if number and cut:
            pixels = pixels.crop((cut, cut + 1, pixels.width, pixels.height))
        file = io.BytesIO()
        pixels.save(file, "JPEG", quality=quality)
        pixels = Pillow.open(file).convert("RGB")
    (out := folder / "shrunk.jpg").write_bytes(file.getvalue())
    return out


def decoded(path: Path, folder: Path) -> Path:
    """Write the sound of a lossy file as WAV."""
    with av.open(str(path)) as container:
        rate = container.streams.audio[0].rate
        pieces = [frame.to_ndarray().mean(0) for frame in container.decode(audio=0)]
    samples = np.concatenate(pieces)
    soundfile.write(
        out := folder / "again.wav", samples / max(1.0, float(np.abs(samples).max())), rate, subtype="PCM_16"
    )
    return out


def rows(files: list[Path], ways: list[tuple[str, Make]]) -> Iterator[str]:
    """Yield a table of how many files show which trace, by what was done to them."""
    names = sorted({"recompressed", "converted", "cropped", "resized", "messenger", "sound cut"})
    yield f"| what was done | files | any trace | {' | '.join(names)} |"
    yield "|" + "---|" * (3 + len(names))
    for words, make in ways:
        counts: Counter[str] = Counter()
        for file in files:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    found = {one.name for one in seen(make(file, Path(folder)))}
                except NotApplicable:
                    continue
            counts.update([*found, "files", *(["any"] if found else [])])
        yield f"| {words} | {counts['files']} | {counts['any']} | {' | '.join(str(counts[name]) for name in names)} |"


def main() -> None:
    """Print the page."""
    natural = sorted(DATA.glob("prnu/*-natural-*"))
    flat = sorted(DATA.glob("prnu/*-flat-*"))
    print(_HEAD)
    print(*rows(natural + flat, [("nothing: as the camera saved it", lambda path, _: path)]), sep="\n")
    print(_PICTURES)
    once = [(f"saved once, quality {q}", lambda path, folder, q=q: shrunk(path, folder, q)) for q in (75, 85, 92, 97)]
    twice = [
        (f"saved at {a}, then at {b}{', cut between' if cut else ''}",
         lambda path, folder, a=a, b=b, cut=cut: shrunk(path, folder, a, b, cut=cut))
        for a, b in ((75, 90), (85, 75), (92, 75), (75, 75), (85, 95)) for cut in (0, 3)
    ]  # fmt: skip
    print(*rows(natural, [*once, *twice]), sep="\n")
    print(_STEPS)
    named = (
        "jpeg_75",
        "jpeg_90",
        "webp_80",
        "resize_50",
        "resize_75",
        "resize_150",
        "crop_80",
        "screenshot",
        "messenger",
    )
    print(*rows(natural, [(f"`{name}`", stepped("image", name)) for name in named]), sep="\n")
    print(_SOUND)
    voices = [path for path in sorted(DATA.glob("audio/*_demo-*.flac")) if soundfile.info(path).samplerate > 16000][:24]
    again = [
        (f"`{name}`, then WAV", lambda path, folder, name=name: decoded(stepped("audio", name)(path, folder), folder))
        for name in ("mp3_64", "mp3_128", "aac_64", "opus_16")
    ]
    print(*rows(voices, [("nothing", lambda path, _: path), *again]), sep="\n")


_HEAD = """# The state of a file and what it tells of its history

Made by `bench/state_of_file.py`. Every examination of a file reports its state (`perception/quality.py`) and the traces of
laundering that follow from it (`evidence/laundering.py`). A trace says nothing of a forgery; it lowers what may be claimed.
Here the traces are looked for in files whose history is known. Each figure is a number of files.

## Untouched photographs: the side of false alarms

Photographs and flat fields of six cameras, cut to 1024 × 1024 pixels without decoding, so that they are as the camera saved
them.
"""
_PICTURES = """
## Saves as JPEG, counted

The same photographs, scaled to 0.45 first so that nothing of the camera's save is left; the traces of resizing are gone with
the first save. A save before the last is seen where the last one is finer, or where their steps do not divide one another; a
first save that was finer than the last, and one on the same grid of the same quality, leave nothing that is looked for here.
Of a grid that was cut, only a save that was as coarse as the last one or coarser is seen, and none that shares its row or
column with the new one.
"""
_STEPS = """
## Steps of the chains

The photographs as the camera saved them, through one step of the chains of `veridical benchmark`. The camera's own save is the
first one, so a further one is seen in half of them. Scaling is seen while nothing is saved with loss afterwards: of what a
messenger does, which scales and then saves, nothing is left here (its picture is too small to be scaled). WebP is told only by
what the camera's JPEG left; its blocks make rhythms as resizing does.
"""
_SOUND = """
## Sound

Recordings and synthetic voices without loss at 22 kHz and more. A lossy codec is named only where it cut the band off. At
22.05 kHz MP3 and AAC keep it and leave no trace; Opus is decoded at 48 kHz, so that the upper half is empty.

Not looked for, because no sign held up: filming a screen, a second lossy codec with the same band, and messengers of video.
"""

if __name__ == "__main__":
    main()
