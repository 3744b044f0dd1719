"""Say how well speaker embeddings tell who speaks, and where a voice becomes another one.

    python bench/voices.py sounds FOLDER --share 1   # writes out/voices, the sounds under every condition
    python bench/speaker_match.py                    # writes docs/validation/speaker_match.md

The embeddings are kept in out/voices/embeddings; what was stopped goes on when the same is typed again.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import soundfile

from veridical import voices
from veridical.benchmark.metrics import auc, eer
from veridical.errors import NotApplicable
from veridical.examinations.audio import speaker_consistency
from veridical.media.audio import Audio
from veridical.perception.speech import find_speech
from veridical.perception.voice_identity import VoiceTrace, describe_voice

ROOT = Path(__file__).parents[1]
WORK, PAGE = Path("out/voices"), ROOT / "docs/validation/speaker_match.md"
CONDITIONS = ("common", "telephone", "mp3_64", "opus_16")
SECONDS = (2, 3, 6, 10)
HOP_S = 0.4
ROUNDS = 4  # joined recordings of each speaker
JOINED_UNDER = ("common", "telephone")
Row = dict[str, str]
Files = dict[str, np.ndarray]


def audio_of(samples: np.ndarray, rate: int) -> Audio:
    return Audio(samples=samples[:, None], rate=rate, codec="", lossless=True, bits=16, start_s=0.0, bit_rate=0)


def described(samples: np.ndarray, rate: int) -> VoiceTrace | None:
    audio = audio_of(samples, rate)
    try:
        return describe_voice(audio, find_speech(audio), hop_s=2 * HOP_S)
    except NotApplicable:
        return None


def sound(condition: str, file: str) -> tuple[np.ndarray, int]:
    samples, rate = soundfile.read(WORK / condition / f"{file}.wav", dtype="float32")
    return samples, rate


def embeddings(condition: str, rows: Iterable[Row]) -> Files:
    """Return the embeddings of each file with 1.6 s of speech, from the disk if they were made before."""
    kept = WORK / "embeddings" / f"{condition}.npz"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        found = {row["file"]: described(*sound(condition, row["file"])) for row in rows}
        np.savez(kept, **{file: trace.embeddings for file, trace in found.items() if trace is not None})
    with np.load(kept) as read:
        return {file: read[file].astype(np.float64) for file in read.files}


def speaker(row: Row) -> str:
    """Return who speaks, where the collection names it."""
    return "LJ" if row["speaker"] == "LJ" else f"{row['source']}/{row['speaker']}" if row["speaker"] else ""


def by_speaker(rows: list[Row], files: Files, keep: Callable[[Row], bool]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for row in sorted(rows, key=lambda row: row["file"]):
        if speaker(row) and row["file"] in files and keep(row):
            found[speaker(row)].append(row["file"])
    return dict(found)


def real(row: Row) -> bool:
    return row["label"] == "real"


def pieces(parts: list[np.ndarray], seconds: float) -> list[np.ndarray]:
    """Cut files, one after the other, into pieces of so many seconds of speech that share none of it."""
    size = voices.windows_in(seconds, HOP_S)
    found: list[np.ndarray] = []
    taken: list[np.ndarray] = []  # windows
    for part in parts:
        at = 0
        while at < len(part):
            more = part[at : at + size - len(taken)]
            taken += list(more)
            at += len(more)
            if len(taken) == size:
                found.append(voices.middle(np.stack(taken)))
                taken = []
                at += round(1.6 / HOP_S) - 1  # windows overlap
    return found


class Trials:
    """Pieces of every speaker against the profiles of those with two files or more; no file is on both sides."""

    def __init__(self, rows: list[Row], enrolled: Files, asked: Files, seconds: float) -> None:
        groups = by_speaker(rows, enrolled, real)
        halves = {name: len(files) // 2 for name, files in groups.items()}
        self.names = [name for name in groups if halves[name]]
        profiles = [
            voices.middle(np.concatenate([enrolled[file] for file in groups[name][: halves[name]]]))
            for name in self.names
        ]
        self.whose, vectors = [], []
        for name, files in groups.items():
            own = pieces([asked[file] for file in files[halves[name] :] if file in asked], seconds)
            self.whose += [name] * len(own)
            vectors += own
        self.distances = 1 - np.stack(vectors) @ np.stack(profiles).T
        self.same = np.array([[one == name for name in self.names] for one in self.whose])
        self.beside = np.array([[source(one) == source(name) for name in self.names] for one in self.whose])

    def row(self, condition: str, seconds: float, keep: str = "") -> str:
        here = np.array([[keep in name and keep in one for name in self.names] for one in self.whose])
        own, other = self.distances[self.same & here], self.distances[~self.same & here]
        if len(own) < 5:
            return ""
        beside = self.distances[~self.same & here & self.beside]
        people = len({one for one, row in zip(self.whose, self.same & here, strict=True) if row.any()})
        return (
            f"| {condition} | {seconds} | {people} | {len(own)} | {len(other)} | {rate(own, other)} | {rate(own, beside)} | "
            f"{spread(own)} | {spread(other)} |"
        )


def source(name: str) -> str:
    return "asterisk" if name.startswith("asterisk") else name.partition("/")[0]


def rate(own: np.ndarray, other: np.ndarray) -> str:
    return f"{eer(*labelled(own, other)):.3f}" if len(own) and len(other) else "–"


def labelled(low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.concatenate([low, high]), np.concatenate([np.zeros(len(low), int), np.ones(len(high), int)])


def spread(values: np.ndarray) -> str:
    return " / ".join(f"{one:.2f}" for one in np.percentile(values, (5, 50, 95)))


HEAD = (
    "| condition | seconds | speakers with own trials | own | others | EER | EER, others of the same source | "
    "own: 5, 50, 95 % | others: 5, 50, 95 % |"
)


def matches(rows: list[Row], files: dict[str, Files]) -> list[str]:
    lines = [HEAD, "|" + "---|" * 9]
    for seconds in SECONDS:
        lines += [Trials(rows, files["common"], files["common"], seconds).row("common", seconds)]
    for condition in CONDITIONS[1:]:
        lines += [Trials(rows, files[condition], files[condition], 3).row(condition, 3)]
        lines += [Trials(rows, files["common"], files[condition], 3).row(f"enrolled common, asked {condition}", 3)]
    for keep, name in (("emodb", "EmoDB alone: acted emotions"), ("tortoise", "`tortoise_tts` references alone")):
        lines += [Trials(rows, files["common"], files["common"], 2).row(f"common; {name}", 2, keep)]
    return [line for line in lines if line]


def clones(rows: list[Row], files: Files) -> list[str]:
    """Made voices against bona fide recordings of the speaker they were made after, and of the others of that source."""
    genuine = by_speaker(rows, files, real)
    profiles = {name: voices.middle(np.concatenate([files[file] for file in own])) for name, own in genuine.items()}
    made = defaultdict(list)
    for row in rows:
        if not real(row) and speaker(row) in profiles and row["file"] in files:
            made[f"{row['source']}: {row['system']}"].append(row)
    lines = [
        "| made by | files | speakers | from the speaker: 5, 50, 95 % | from others of the source | own speaker nearest |"
    ]
    lines.append("|" + "---|" * 6)
    for system, own in sorted(made.items()):
        distance, other, nearest = [], [], []
        for row in own:
            vector, name = voices.middle(files[row["file"]]), speaker(row)
            rivals = [one for one in profiles if source(one) == source(name) and one != name]
            distance.append(1 - vector @ profiles[name])
            away = [1 - vector @ profiles[one] for one in rivals]
            other += away
            nearest.append(not away or distance[-1] < min(away))
        people = len({speaker(row) for row in own})
        rest = f"{spread(np.array(other))} | {np.mean(nearest):.2f}" if other else "– | –"
        lines.append(f"| {system} | {len(own)} | {people} | {spread(np.array(distance))} | {rest} |")
    return lines


def beside_genuine(rows: list[Row], files: Files) -> str:
    """Clones beside bona fide recordings of the same people, each against one other bona fide recording."""
    genuine = {name: own for name, own in by_speaker(rows, files, real).items() if "tortoise" in name and len(own) > 1}
    made = by_speaker(rows, files, lambda row: row["system"] == "Tortoise")
    profiles = {name: voices.middle(files[own[0]]) for name, own in genuine.items()}
    own, cloned = (
        np.array([1 - voices.middle(files[file]) @ profiles[name] for name in profiles for file in found.get(name, [])])
        for found in ({name: rest[1:] for name, rest in genuine.items()}, made)
    )
    ranked = auc(*labelled(own, cloned))
    return (
        f"Against one bona fide recording of the person, {len(own)} other bona fide recordings lie at {spread(own)} and\n"
        f"{len(cloned)} Tortoise clones of the same people at {spread(cloned)} (5, 50, 95 %), AUC {ranked:.2f}:\n"
        "too good a figure, because the bona fide recordings of one person may come from one session."
    )


def changes(rows: list[Row], files: Files, condition: str) -> list[str]:
    """Recordings joined as sound: of one person, of two, of a person and a made voice; and a passage put in between."""
    rng = np.random.default_rng(0)
    genuine = {name: own for name, own in by_speaker(rows, files, real).items() if not name.startswith("asterisk")}
    several = [name for name in genuine if len(genuine[name]) > 1]
    made = by_speaker(rows, files, lambda row: not real(row))
    sets: dict[str, list[list[str]]] = defaultdict(list)
    for name in several:
        for _ in range(ROUNDS):
            sets["one person, recordings joined"].append([*rng.permutation(genuine[name])[:4]])
            rival = str(rng.choice([one for one in genuine if one != name]))
            sets["two people, joined"].append(
                [*rng.permutation(genuine[name])[:2], *rng.permutation(genuine[rival])[:2]]
            )
            near = [one for one in genuine if one != name and source(one) == source(name)]
            if near:
                rival = str(rng.choice(near))
                two = [*rng.permutation(genuine[name])[:2], *rng.permutation(genuine[rival])[:2]]
                sets["two people of one source, joined"].append(two)
            if len(genuine[name]) > 3:
                one = [*rng.permutation(genuine[name])[:4]]
                sets["a second person for one recording in the middle"].append([*one[:2], genuine[rival][0], *one[2:]])
    for name, own in made.items():
        for file in own if name in genuine else ():
            sets[f"a person and a made voice of theirs, joined ({source(name)})"].append([*genuine[name][:1], file])
    values = {
        name: np.array([v for one in found if (v := value(condition, one)) is not None]) for name, found in sets.items()
    }
    plain = values["one person, recordings joined"]
    lines = [
        "| recordings | number | value: 5, 50, 95 % | AUC against one person's recordings joined |",
        "|---|---|---|---|",
    ]
    for name, found in values.items():
        ranked = "–" if found is plain or len(found) < 5 else f"{auc(*labelled(plain, found)):.2f}"
        if len(found):
            lines.append(f"| {condition}: {name} | {len(found)} | {spread(found)} | {ranked} |")
    return lines


def value(condition: str, files: list[str]) -> float | None:
    read = [sound(condition, file) for file in files]
    trace = described(np.concatenate([one for one, _ in read]), read[0][1])
    try:
        return None if trace is None else speaker_consistency.examine(trace).value
    except NotApplicable:
        return None


def page(rows: list[Row], files: dict[str, Files]) -> str:
    lines = [line for condition in JOINED_UNDER for line in changes(rows, files[condition], condition)]
    lines = [*lines[:2], *(line for line in lines if line not in lines[:2])]
    named = [row for row in rows if speaker(row)]
    return "\n".join([
        "# Whose voice it is, and whether it stays the same",
        "",
        "`audio.speaker_match` gives the distance (1 less the cosine) of a recording's speaker embedding from that of an",
        "enrolled voice, `audio.speaker_consistency` the largest lasting change of it within a recording. Both take the",
        "embeddings of Resemblyzer 0.1.4 (GE2E, Apache-2.0), which veridical runs without torch. Written by",
        "`python bench/speaker_match.py`.",
        "",
        *TEXT_BEFORE,
        "",
        "## One speaker or two",
        "",
        f"{len(named)} of {len(rows)} files name their speaker. Of each speaker with two bona fide files or more, half of the",
        "files are enrolled; the others are cut into pieces of so many seconds of speech (files joined where one is too short)",
        "and compared with every enrolled speaker, as are the files of speakers with only one.",
        "",
        *matches(rows, files),
        "",
        *TEXT_MATCH,
        "",
        "## Made voices against the people they were made after",
        "",
        *clones(rows, files["common"]),
        "",
        beside_genuine(rows, files["common"]),
        "",
        *TEXT_CLONES,
        "",
        "## Changes within a recording",
        "",
        *lines,
        "",
        *TEXT_CHANGES,
        "",
    ])  # fmt: skip


TEXT_BEFORE = (
    "What to keep in mind: the network was trained by others, on LibriSpeech (the part of which the `resemblyzer` files may",
    "come from) and VoxCeleb, English mostly. Most files last 4 s at most; few speakers have more than two, and those of one",
    "speaker come from one session mostly. Nothing was trained here; the level to which windows are brought was chosen among",
    "three on the bona fide files of the condition `common`, and the fading of the weights in `audio.speaker_consistency`",
    "among five on joined embeddings of these files.",
)
TEXT_MATCH = (
    "From 3 s on the own trials rest on few people: 31 of 56 at 3 s, 12 of 14 at 6 s and all at 10 s are three voices of",
    "telephone prompts (`asterisk`). So 0.00 at 6 and 10 s says only that nothing failed there. Acted emotions (EmoDB) move a",
    "voice so far that one in four is taken for another speaker. A telephone asked about with a voice enrolled from wide-band",
    "recordings lies 0.28 away in the middle instead of 0.09: enrol what is like the exhibit. Years between recordings,",
    "illness and noise are not in these files.",
    "",
    "Enrolment leaves out a recording that is more than 0.35 from the others. Pieces of 2 s of other people were nearer than",
    "that to an enrolled speaker in 4 of 100 trials; recordings of one person from a telephone and a studio can lie farther.",
)
TEXT_CLONES = (
    "The vocoders of `nii_nsf` keep the voice altogether, and most Tortoise clones are nearest to the person they imitate: **a",
    "voice that fits says nothing on whether it is real.** A clone that does not fit is told as another speaker would be.",
    "In the table, distances are from all bona fide files of the speaker. The converted voices of `vqmivc_demo` and",
    "`starganv2vc_demo` name no target speaker, so that they could not be judged.",
)
TEXT_CHANGES = (
    "Sounds were joined without a pause and went through the whole chain. Two real people give the same values, so any",
    "conversation is a benign cause: the value ranks recordings with one speaker against such with two, not real against fake.",
    "A vocoder's copy of the same person (`nii_nsf`, LJ) after a real recording is not seen; a Tortoise clone after the real",
    "person is seen as far as its voice is off.",
)


def main() -> None:
    rows = list(csv.DictReader((WORK / "rows.csv").read_text().splitlines()))
    files = {condition: embeddings(condition, rows) for condition in CONDITIONS}
    PAGE.write_text(page(rows, files))


if __name__ == "__main__":
    main()
