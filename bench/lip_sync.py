"""Fit and measure temporal.lip_sync on labelled clips: ``python bench/lip_sync.py fit|page FOLDER``.

FOLDER holds clips and a manifest.csv (file, label, source). ``fit`` writes the map from sound to lips,
src/veridical/knowledge/lip_sync.npz, from the real clips in which somebody talks. ``page`` writes the tables of
docs/validation/lip_sync.md, every number from maps fitted without the person (of exchanged sound: both persons).
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from veridical import catalogue
from veridical.cache import PerceptCache
from veridical.errors import MediaError, NoSuchStream
from veridical.examiner import Examiner
from veridical.knowledge import lip_sync as knowledge
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit
from veridical.perception.speech import SpeechSegments
from veridical.perception.tracks import FaceTracks
from veridical.signals import lip_sync as arithmetic
from veridical.signals.lip_shape import POINTS, lip_shape
from veridical.signals.speech_features import SpeechFeatures, speech_features

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "validation" / "lip_sync.md"
PEOPLE = ROOT / "docs" / "validation" / "video_people.csv"
TABLE = ROOT / "src" / "veridical" / "knowledge" / knowledge.TABLE
# Real clips in which speech is heard most of the time; the others are silent or sound like music.
TALK = ("lipnet_grid-", "aniportrait-947610a55b", "liveportrait-1e249873c2", "tpsmm-711df5fceb")
EXACT = "lipnet_grid-"  # recorded with sound and picture together
SHIFTS_S = (-0.6, -0.4, -0.2, 0.0, 0.2, 0.4, 0.6)
MOST_S = 1.0
NEAR_S = 0.08
LONG_S = 4.0


@dataclass(frozen=True)
class Talk:
    """One face of a clip with sound."""

    file: str
    face: int
    label: str
    person: str
    seen: list[tuple[float, np.ndarray]]
    features: SpeechFeatures
    segments: np.ndarray
    start_s: float
    speech_s: float

    @property
    def key(self) -> tuple[str, int]:
        return self.file, self.face


def gather(folder: Path) -> Iterator[Talk]:
    found = catalogue.load()
    asked = found.examinations["temporal.lip_sync"]
    examiner = Examiner(found, cache=PerceptCache.of_user())
    people = _people()
    with (folder / "manifest.csv").open() as manifest:
        for row in csv.DictReader(manifest):
            try:
                with open_exhibit(folder / row["file"]) as exhibit:
                    resolver = examiner.resolver(exhibit, [asked])
                    sound, speech = resolver.of(Audio), resolver.of(SpeechSegments)
                    tracks = resolver.of(FaceTracks)
                    yield from talks(row, tracks, sound.samples, sound.rate, sound.start_s, speech, people)
            except (MediaError, NoSuchStream) as error:
                print(row["file"], error, file=sys.stderr)


def talks(
    row: dict[str, str], tracks: FaceTracks, samples: np.ndarray, rate: int, start_s: float, speech: SpeechSegments,
    people: dict[str, str],
) -> Iterator[Talk]:  # fmt: skip
    features = speech_features(samples, rate)
    for track in tracks.tracks:
        if len(track.frames) < 50 or speech.speech_seconds < 1:
            continue
        shape = lip_shape(track.mesh(POINTS), track.interocular)
        yield Talk(
            file=row["file"], face=track.person, label=row["label"], person=people.get(row["file"], row["file"]),
            seen=arithmetic.lip_movement(track.times, track.frames, shape), features=features, segments=speech.segments,
            start_s=start_s, speech_s=speech.speech_seconds,
        )  # fmt: skip


def _people() -> dict[str, str]:
    with PEOPLE.open() as file:
        return {row["file"]: row["group"] for row in csv.DictReader(file)}


class Maps:
    """Maps from sound to lips, fitted without given people."""

    def __init__(self, clips: Sequence[Talk]) -> None:
        self.clips = clips
        self.offsets = {clip.key: 0.0 for clip in clips}
        # Other clips than the exact ones come with offsets of their own: found by a map from the exact ones.
        exact = [clip for clip in clips if clip.file.startswith(EXACT)]
        for clip in clips:
            if clip not in exact:
                weights = self._fit([one for one in exact if one.person != clip.person])
                self.offsets[clip.key] = curve(clip, clip, weights).offset_s
        self.without = cache(self._without)

    def _without(self, people: frozenset[str]) -> np.ndarray:
        return self._fit([clip for clip in self.clips if clip.person not in people])

    def _fit(self, clips: Iterable[Talk]) -> np.ndarray:
        return arithmetic.fit_weights([_pair(clip, self.offsets[clip.key]) for clip in clips])


def _pair(clip: Talk, offset_s: float) -> tuple[np.ndarray, np.ndarray]:
    heard, spoken = arithmetic.listened(clip.features, clip.segments)
    around = np.concatenate([arithmetic.at_step(heard, step) for step in arithmetic.STEPS_AROUND], 1)
    rows, lips = [], []
    for start, part in clip.seen:
        at = np.arange(len(part)) + round((start - clip.start_s + offset_s) * arithmetic.RATE)
        there = (at >= 0) & (at < len(spoken))
        there[there] = spoken[at[there]]
        rows.append(around[at[there]])
        lips.append(part[there])
    return np.concatenate(rows), np.concatenate(lips)


def sums(lips: Talk, sound: Talk, weights: np.ndarray, shift_s: float = 0.0) -> arithmetic.Sums:
    heard = arithmetic.expected_lips(sound.features, sound.segments, weights, start_s=sound.start_s + shift_s)
    return arithmetic.compare(heard, lips.seen, most_s=MOST_S)


def curve(lips: Talk, sound: Talk, weights: np.ndarray, shift_s: float = 0.0) -> arithmetic.Curve:
    return sums(lips, sound, weights, shift_s).curve()


def shifts(clips: Sequence[Talk], maps: Maps) -> Iterator[tuple[str, ...]]:
    """Rows of the table of shifts: each clip, its offset as found, that of its halves, and the errors of moved sound."""
    for clip in clips:
        weights = maps.without(frozenset({clip.person}))
        found = {shift: curve(clip, clip, weights, shift) for shift in SHIFTS_S}
        seconds = sums(clip, clip, weights)
        half = len(seconds.starts_s) // 2
        halves = [1000 * seconds.curve(part).offset_s for part in (slice(0, half), slice(half, None))]
        truth = 0.0 if clip.file.startswith(EXACT) else found[0.0].offset_s
        errors = [found[shift].offset_s - shift - truth for shift in SHIFTS_S if shift]
        yield (
            clip.file, clip.person, f"{clip.speech_s:.1f}", f"{1000 * found[0.0].offset_s:.0f}",
            f"{halves[0]:.0f}, {halves[1]:.0f}", f"{found[0.0].confidence:.1f}", f"{1000 * max(errors, key=abs):.0f}",
            f"{sum(abs(error) <= NEAR_S for error in errors)} of {len(errors)}",
        )  # fmt: skip


def pairs_of_sentences(clips: Sequence[Talk], maps: Maps) -> tuple[int, int]:
    """Offsets found within 80 ms, of how many, when two exact clips are moved alike and their curves are added."""
    hits = tries = 0
    exact = [clip for clip in clips if clip.file.startswith(EXACT)]
    for number, one in enumerate(exact):
        for other in exact[number + 1 :]:
            weights = maps.without(frozenset({one.person, other.person}))
            for shift in SHIFTS_S:
                both = [curve(clip, clip, weights, shift) for clip in (one, other)]
                added = replace(both[0], agreement=(both[0].agreement + both[1].agreement) / np.sqrt(2))
                hits += abs(added.offset_s - shift) <= NEAR_S
                tries += 1
    return hits, tries


@dataclass(frozen=True)
class Exchange:
    """Confidence of one face with its own sound and with that of others."""

    clip: Talk
    own: float
    others: list[float]


def exchanges(clips: Sequence[Talk], maps: Maps) -> list[Exchange]:
    found = []
    for lips in clips:
        own = curve(lips, lips, maps.without(frozenset({lips.person}))).confidence
        others = [
            curve(lips, sound, maps.without(frozenset({lips.person, sound.person}))).confidence
            for sound in clips
            if sound.person != lips.person
        ]
        found.append(Exchange(lips, own, others))
    return found


def auc(rows: Sequence[Exchange]) -> float:
    """Probability that a clip's own sound has the higher confidence than an exchanged one of any clip."""
    own = np.array([row.own for row in rows])[:, None]
    other = np.concatenate([row.others for row in rows])[None]
    return float((own > other).mean() + 0.5 * (own == other).mean())


def auc_with_interval(rows: Sequence[Exchange], times: int = 2000) -> str:
    people = sorted({row.clip.person for row in rows})
    if len(people) < 5:
        return f"{auc(rows):.3f}, {len(people)} people: too few for an interval"
    of = {person: [row for row in rows if row.clip.person == person] for person in people}
    random = np.random.default_rng(0)
    drawn = [auc([row for p in random.choice(people, len(people)) for row in of[p]]) for _ in range(times)]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return f"{auc(rows):.3f} ({low:.3f}–{high:.3f}), {len(people)} people"


def _spread(rows: Sequence[Exchange]) -> tuple[str, ...]:
    own = [row.own for row in rows]
    others = np.concatenate([row.others for row in rows])
    return (f"{min(own):.1f} to {max(own):.1f}", *(f"{np.percentile(others, share):.1f}" for share in (50, 90, 100)))


def table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def page(clips: Sequence[Talk]) -> str:
    talking = [clip for clip in clips if clip.file.startswith(TALK)]
    maps = Maps(talking)
    moved = list(shifts(talking, maps))
    long = [row for row in moved if float(row[2]) >= LONG_S]
    short = [row for row in moved if float(row[2]) < LONG_S]

    def rate(rows: list[tuple[str, ...]]) -> str:
        hits = sum(int(row[-1].split()[0]) for row in rows)
        return f"{hits} of {6 * len(rows)} ({len(rows)} clips)"

    hits, tries = pairs_of_sentences(talking, maps)
    swapped = exchanges(talking, maps)
    long_rows = [row for row in swapped if row.clip.speech_s >= LONG_S]
    longer = replace_others(long_rows, talking, maps)
    others = [
        (
            clip.file, str(clip.face + 1), clip.label, f"{clip.speech_s:.1f}", f"{1000 * made.offset_s:.0f}",
            f"{made.confidence:.1f}",
        )
        for clip in clips
        if clip not in talking
        for made in [curve(clip, clip, maps.without(frozenset({clip.person})))]
    ]  # fmt: skip
    return "\n\n".join(
        [
            "Offsets within 80 ms, sound moved by −600 to 600 ms:",
            table(
                ("clips", "found"),
                [
                    ("at least 4 s of speech", rate(long)), ("GRID sentences, 1.2 to 2 s of speech", rate(short)),
                    ("two GRID sentences together, 2.4 to 4 s", f"{hits} of {tries} ({tries // len(SHIFTS_S)} pairs)"),
                ],
            ),
            table(
                (
                    "clip", "person", "speech, s", "offset as found, ms", "of its halves, ms", "confidence",
                    "worst error, ms", "within 80 ms",
                ),
                moved,
            ),  # fmt: skip
            "Own sound against exchanged sound, area under the curve of the confidence (95 % interval over people):",
            table(
                ("lips", "area"),
                [
                    ("all talking clips", auc_with_interval(swapped)),
                    ("at least 4 s of speech, sound of any talking clip", auc_with_interval(long_rows)),
                    ("at least 4 s of speech, sound of at least 4 s", auc_with_interval(longer)),
                ],
            ),
            table(
                ("confidence", "own sound", "exchanged sound: median", "90th percentile", "highest"),
                [("all talking clips", *_spread(swapped)), ("at least 4 s of speech", *_spread(long_rows))],
            ),
            "All other faces with sound in which speech is heard:",
            table(("clip", "face", "label", "speech, s", "offset, ms", "confidence"), others),
        ]
    )  # fmt: skip


def replace_others(rows: list[Exchange], clips: Sequence[Talk], maps: Maps) -> list[Exchange]:
    sounds = [clip for clip in clips if clip.speech_s >= LONG_S]
    found = []
    for row in rows:
        lips = row.clip
        others = [
            curve(lips, sound, maps.without(frozenset({lips.person, sound.person}))).confidence
            for sound in sounds
            if sound.person != lips.person
        ]
        found.append(Exchange(lips, row.own, others))
    return found


def fit(clips: Sequence[Talk]) -> np.ndarray:
    return Maps([clip for clip in clips if clip.file.startswith(TALK)]).without(frozenset())


def main(what: str, clips: Sequence[Talk]) -> None:
    if what == "fit":
        np.savez_compressed(TABLE, weights=fit(clips).astype(np.float32))
        return
    text = PAGE.read_text()
    start, end = "<!-- tables: bench/lip_sync.py -->", "<!-- end of tables -->"
    made = f"{start}\n{page(clips)}\n{end}"
    PAGE.write_text(re.sub(re.escape(start) + ".*" + re.escape(end), lambda _: made, text, flags=re.DOTALL))


if __name__ == "__main__":
    main(sys.argv[1], list(gather(Path(sys.argv[2]))))
