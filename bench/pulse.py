"""How well the pulse survives compression: ``python bench/pulse.py``; what it says of real clips: with ``--data DATA``.

Without DATA: the portrait of the lab moves, its skin follows a known rate (green by --percent); the films are encoded with
H.264 at three qualities and go through the whole chain (decoder, face tracks, skin colours). Prints the error of the rate by
method and quality, and what temporal.pulse and temporal.pulse_map see, for the middle quality also without a pulse.

With DATA, a folder of clips and a manifest.csv (file, label, seconds): prints both values for each clip of 8 seconds or
more, and how well they order the two labels.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from veridical.benchmark.metrics import auc
from veridical.errors import NotApplicable
from veridical.examinations.temporal import pulse as whole
from veridical.examinations.temporal import pulse_map as parts
from veridical.finding import Measurement
from veridical.lab import pulse as lab
from veridical.lab import source
from veridical.lab.recipe import Picture, recipe
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Video
from veridical.percept import During
from veridical.perception.skin_cells import SkinCells, watch_cells
from veridical.perception.skin_traces import SkinTraces, watch_skin
from veridical.perception.tracks import FaceTracks, watch_faces
from veridical.signals import pulse
from veridical.signals.series import evenly

QUALITIES = (18, 23, 28)
BETWEEN = (57.0, 104.0)  # beats a minute
Seen = tuple[FaceTracks, SkinTraces, SkinCells]


def watch(path: Path) -> Seen:
    """Send a clip through the chain once."""
    with open_exhibit(path) as exhibit:
        video = exhibit.stream(Video)
        faces: During[FaceTracks] = During()
        first, others = watch_faces(video), (watch_skin(video, faces), watch_cells(video, faces))
        for watcher in (first, *others):
            next(watcher)
        for frame in video.frames():
            faces.now = first.send(frame)
            for other in others:
                other.send(frame)
        return tuple(_end(watcher) for watcher in (first, *others))  # type: ignore[return-value]


def _end(watcher: object) -> object:
    try:
        watcher.send(None)  # type: ignore[attr-defined]
    except StopIteration as end:
        return end.value
    raise RuntimeError("a watcher did not end")


def encode(path: Path, frames: Sequence[np.ndarray], quality: int) -> None:
    """Write an H.264 film at a constant rate factor, with the encoder's own defaults otherwise."""
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(30), options={"crf": str(quality)})
        stream.pix_fmt, stream.thread_count = "yuv420p", 1
        stream.height, stream.width = frames[0].shape[:2]
        for pixels in frames:
            planes = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_RGB2YUV_I420), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())


def rates_of(seen: Seen) -> dict[str, float]:
    """Return the strongest rate of the one face by each method, over the whole clip."""
    tracks, skin, _ = seen
    (trace,) = skin.traces
    _, colours = evenly(trace.times, trace.rgb.astype(float), tracks.fps)
    return {
        name: pulse.beat_of(method(colours, tracks.fps).mean(1), tracks.fps).per_minute
        for name, method in pulse.METHODS.items()
    }


def compression(films: int, seconds: float, percent: float) -> None:
    """Print both tables of made films."""
    errors: dict[tuple[str, int], list[float]] = {}
    values: dict[tuple[str, int], list[tuple[Measurement, Measurement]]] = {}
    material, _ = source.load(recipe("lab.pulse.absent"), None, "", np.random.default_rng(0))
    assert isinstance(material, Picture)
    for seed, rate in enumerate(np.linspace(*BETWEEN, films).tolist()):
        pair = lab.absent(material, np.random.default_rng(seed), seconds=seconds, percent=percent, per_minute=rate)
        shown = dict(zip(("pulse", "no pulse"), zip(*pair.frames, strict=True), strict=True))
        for quality in QUALITIES:
            for kind, frames in shown.items():
                if kind == "no pulse" and quality != QUALITIES[1]:
                    continue
                with tempfile.TemporaryDirectory() as folder:
                    encode(Path(folder) / "film.mp4", frames, quality)
                    seen = watch(Path(folder) / "film.mp4")
                tracks, skin, cells = seen
                print(f"{rate:.1f} a minute, CRF {quality}, {kind}: seen", file=sys.stderr, flush=True)
                values.setdefault((kind, quality), []).append(
                    (whole.examine(skin, tracks), parts.examine(cells, tracks))
                )
                if kind == "pulse":
                    for name, found in rates_of(seen).items():
                        errors.setdefault((name, quality), []).append(abs(found - rate))
    print("| method |", " | ".join(f"CRF {quality}" for quality in QUALITIES), "|")
    print("|---|" + "---|" * len(QUALITIES))
    for name in pulse.METHODS:
        cells_ = [f"{np.mean(errors[name, q]):.1f} ({np.max(errors[name, q]):.1f})" for q in QUALITIES]
        print(f"| {name} |", " | ".join(cells_), "|")
    print("\n| CRF | skin | signal-to-noise by POS, dB | heart rate named | in step |\n|---|---|---|---|---|")
    for quality in QUALITIES:
        for kind in ("pulse", "no pulse"):
            both = values.get((kind, quality), [])
            if not both:
                continue
            snr, step = [float(a.facts["snr_pos_db"]) for a, _ in both], [1 - b.value for _, b in both]
            named = sum(a.facts["heart_rate_per_minute"] is not None for a, _ in both)
            print(f"| {quality} | {kind} | {_range(snr, '+.1f')} | {named} of {len(both)} | {_range(step, '.2f')} |")


def _range(values: list[float], form: str) -> str:
    return f"{np.mean(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def real(data: Path) -> None:
    """Print both values of each clip, and the area under the curve over clips."""
    scores: dict[str, dict[str, list[float]]] = {"pulse": {}, "pulse_map": {}}
    print("| clip | label | method | signal-to-noise (value), dB | heart rate | in step |\n|---|---|---|---|---|---|")
    with (data / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if float(row["seconds"]) >= 8]
    for row in rows:
        tracks, skin, cells = watch(data / row["file"])
        shown = [_asked(whole.examine, skin, tracks), _asked(parts.examine, cells, tracks)]
        for by_label, measured in zip(scores.values(), shown, strict=True):
            if measured:
                by_label.setdefault(row["label"], []).append(measured.value)
        if any(shown):
            rate = shown[0].facts["heart_rate_per_minute"] if shown[0] else None
            first = f"{shown[0].facts['snr_pos_db']:+.1f} ({shown[0].value:+.1f})" if shown[0] else "–"
            second = f"{1 - shown[1].value:.2f}" if shown[1] else "–"
            print(
                f"| {row['file']} | {row['label']} | {row['method']} | {first} | {rate or '–'} | {second} |", flush=True
            )
    for name, by_label in scores.items():
        values = [value for label in ("fake", "real") for value in by_label.get(label, [])]
        labels = [label == "fake" for label in ("fake", "real") for _ in by_label.get(label, [])]
        print(
            f"\n{name}: AUC over {len(values)} clips, {sum(labels)} fake: {auc(np.array(values), np.array(labels)):.2f}"
        )


def _asked(ask: Callable[..., Measurement], *given: object) -> Measurement | None:
    try:
        return ask(*given)
    except NotApplicable:
        return None


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--films", type=int, default=6)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--percent", type=float, default=0.6)
    asked = parser.parse_args()
    if asked.data:
        real(asked.data)
    else:
        compression(asked.films, asked.seconds, asked.percent)


if __name__ == "__main__":
    main()
