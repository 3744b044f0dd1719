"""The simulated camera, person and voice of the lab, and their enrolment in folders of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np
from PIL import Image as Pillow
from skimage import data

from veridical import cameras, persons, voices
from veridical.lab.camera import OWN, photographed
from veridical.perception.expression import ExpressionTrack

NAME, SIDE = "simulated", 512


def pictures(folder: Path, *, flats: int = 6, ordinary: int = 4, sensor: int = OWN, side: int = SIDE) -> list[Path]:
    """Write pictures that a simulated sensor took: evenly lit walls, and ordinary ones, none of the scene that is examined."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(sensor)
    rows, columns = np.mgrid[:side, :side] / side
    scenes = [110 + 15 * i + 30 * columns * (i % 2) + 20 * rows for i in range(flats)]
    made = [np.repeat(scene[..., None], 3, 2) for scene in scenes]
    photographs = [
        data.coffee()[:400, :400],
        data.chelsea()[:300, :300],
        data.rocket()[:400, :400],
        data.immunohistochemistry(),
    ]
    made += [np.asarray(Pillow.fromarray(p).resize((side, side)), float) for p in photographs[:ordinary]]
    paths = []
    for i, scene in enumerate(made):
        path = folder / f"{i:02d}.jpg"
        Pillow.fromarray(photographed(scene, sensor, rng)).save(path, quality=95)
        paths.append(path)
    return paths


@contextmanager
def pointed(variable: str, folder: Path) -> Iterator[None]:
    """Let a setting name a folder for the time being."""
    before = os.environ.get(variable)
    os.environ[variable] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[variable]
        else:
            os.environ[variable] = before


@contextmanager
def simulated_camera(folder: Path) -> Iterator[cameras.Camera]:
    """Enrol the simulated camera where VERIDICAL_CAMERAS points for the time being."""
    with pointed("VERIDICAL_CAMERAS", folder / "store"):
        yield cameras.enrol(pictures(folder / "pictures"), NAME)[0]


def expression_track(series: np.ndarray, *, fps: float = 30.0, person: int = 0, shot: int = 0) -> ExpressionTrack:
    """Make the track of a large face, seen from the front, of its series (n, 20)."""
    frames = np.arange(len(series), dtype=np.int32)
    return ExpressionTrack(
        person=person, shot=shot, frames=frames, times=frames / fps, series=np.asarray(series, np.float32),
        yaw=np.zeros(len(series), np.float32), interocular=np.full(len(series), 90, np.float32),
    )  # fmt: skip


def footage(series: Sequence[np.ndarray], *, window_s: float = 10.0) -> list[persons.Footage]:
    """Return what clips with these series show."""
    tracks = [expression_track(one) for one in series]
    return [
        persons.Footage(
            sha256=f"{i:064x}", seen_s=len(one.frames) / 30, windows=one.windows(window_s=window_s, step_s=persons.STEP_S)
        )
        for i, one in enumerate(tracks)
    ]  # fmt: skip


def portrait_series() -> list[np.ndarray]:
    """Return the series that were seen in three controls of lab.manner.own_brows (seeds 11 to 13): shape (390, 20) each.

    They are kept because making and watching the clips takes a minute. Whoever changes the recipe or the series makes them
    anew: the frames of the recipe, watched without being encoded.
    """
    with np.load(Path(__file__).parent / "data" / "simulated_person.npz") as kept:
        return [kept[name].astype(np.float32) for name in sorted(kept.files)]


@contextmanager
def simulated_person(folder: Path) -> Iterator[persons.Person]:
    """Enrol the portrait of the lab as a person, where VERIDICAL_PERSONS points for the time being."""
    with pointed("VERIDICAL_PERSONS", folder):
        yield persons.enrol(NAME, footage(portrait_series()))


def sounding(whose: str, seed: int, *, seconds: float = 10.0, scatter: float = 0.015) -> voices.Recording:
    """Return what a recording of a voice holds: embeddings that scatter around that of the voice, a window each 0.4 s."""
    of_voice = np.random.default_rng(int.from_bytes(whose.encode()[:4]))
    centre = np.maximum(of_voice.standard_normal(256), 0)
    random = np.random.default_rng(seed)
    rows = centre / np.linalg.norm(centre) + scatter * random.standard_normal((round((seconds - 1.6) / 0.4) + 1, 256))
    rows = np.maximum(rows, 0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    digest = sha256(f"{whose} {seed}".encode()).hexdigest()
    return voices.Recording(sha256=digest, speech_s=seconds, embeddings=rows.astype(np.float16), hop_s=0.4)


@contextmanager
def simulated_voice(folder: Path) -> Iterator[voices.Voice]:
    """Enrol the voice of the lab, where VERIDICAL_VOICES points for the time being; the network must be at hand."""
    from veridical.lab import speech
    from veridical.media.audio import Audio
    from veridical.perception.speech import find_speech
    from veridical.perception.voice_identity import describe_voice

    heard = []
    for seed in (4, 5):  # their pitch is near that of the sound that recipes work on
        samples = speech.babble(np.random.default_rng(seed), 9.0)
        audio = Audio(
            samples=samples[:, None], rate=speech.RATE, codec="", lossless=True, bits=16, start_s=0.0, bit_rate=0
        )
        trace = describe_voice(audio, find_speech(audio))
        heard.append(
            voices.Recording(
                sha256=f"{seed:064x}", speech_s=trace.speech_s, embeddings=trace.embeddings, hop_s=trace.hop_s
            )
        )
    with pointed("VERIDICAL_VOICES", folder):
        yield voices.enrol(NAME, heard)
