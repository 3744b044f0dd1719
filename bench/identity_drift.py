"""How well temporal.identity_drift finds the drop-outs of face swaps.

    python bench/identity_drift.py MADE

MADE is the folder that bench/identity_swaps.py writes. Watches its clips and writes docs/validation/identity_drift.md.
"""

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from identity_swaps import DONORS, MOST_FRAMES, MOST_PX, Made, ended

from veridical.errors import NotApplicable
from veridical.examinations.temporal.identity_drift import examine
from veridical.finding import Span
from veridical.media.exhibit import open_exhibit
from veridical.media.video import Video
from veridical.percept import During
from veridical.perception.face_identity import IdentityTraces, watch_identities
from veridical.perception.tracks import FaceTracks, watch_faces

PAGE = Path(__file__).parents[1] / "docs" / "validation" / "identity_drift.md"
FALSE_ALARMS = 0.1
# On swaps of the first so many clips, sixteen ways to weigh a gap were compared by recall before one was chosen.
CHOSEN_ON, WAYS = 18, 16


Found = list[tuple[Made, tuple[int, int], bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """What the examination says of a made clip: (first frame, behind the last, strength) of each stretch."""

    made: Made
    stretches: tuple[tuple[int, int, float], ...]

    def strength_of(self, drop: tuple[int, int]) -> float:
        """Return the strength of the stretch that covers a drop-out, half of both together at least; 0 if none does."""
        return max((strength for *place, strength in self.stretches if _overlap(place, drop) >= 0.5), default=0.0)

    def others(self) -> list[float]:
        """Return the strengths of the stretches that are neither a drop-out nor the swap between two."""
        ends = [0, *(end for drop in self.made.drops for end in drop), 10**6]
        truth = list(zip(ends[:-1], ends[1:], strict=True)) if self.made.drops else []
        return [s for *place, s in self.stretches if all(_overlap(place, one) < 0.5 for one in truth)]


def measure(made: Path, page: Path) -> None:
    """Watch all made clips and write the page."""
    clips = [
        Made(**{**one, "drops": tuple(tuple(drop) for drop in one["drops"])})
        for one in json.loads((made / "made.json").read_text())
    ]
    watched = [one for one in (_judged(made, clip) for clip in clips) if one is not None]
    page.write_text("\n".join(_page(watched, len(clips) - len(watched))) + "\n")


def _judged(folder: Path, clip: Made) -> Watched | None:
    kept = folder / f"{clip.file}.pkl"  # the percepts, so that the examination alone can be measured again
    if not kept.exists():
        kept.write_bytes(pickle.dumps(_watch(folder / clip.file)))
    tracks, identities = pickle.loads(kept.read_bytes())
    try:
        found = examine(identities, tracks)
    except NotApplicable:
        return None
    stretches = []
    for span in found.where:
        assert isinstance(span, Span)
        first, end = (int(np.argmin(np.abs(tracks.times - at))) for at in (span.start_s, span.end_s))
        stretches.append((first, end, float(span.value or 0)))
    return Watched(made=clip, stretches=tuple(stretches))


def _watch(path: Path) -> tuple[FaceTracks, IdentityTraces]:
    with open_exhibit(path) as exhibit:
        video = exhibit.stream(Video)
        during: During[FaceTracks] = During()
        faces, identities = watch_faces(video), watch_identities(video, during)
        next(faces)
        next(identities)
        for frame in video.frames():
            during.now = faces.send(frame)
            identities.send(frame)
        return ended(faces), ended(identities)


def _overlap(one: Sequence[int], other: tuple[int, int]) -> float:
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(both, 0) / (max(one[1], other[1]) - min(one[0], other[0]))


def threshold(controls: list[Watched], alarms: float = FALSE_ALARMS) -> float:
    """Return the lowest strength that controls pass in ``alarms`` stretches a clip at most."""
    every = sorted((s for one in controls for s in one.others()), reverse=True)
    allowed = int(alarms * len(controls))
    return every[allowed] if len(every) > allowed else 0.0


def _curve(watched: list[Watched]) -> list[str]:
    lines = ["| false alarms a control aimed at | of other people | recall |", "|---|---|---|"]
    for aim in (0.02, 0.05, 0.1, 0.2):
        alarms, clips, found = 0, 0, []
        for person in {one.made.person for one in watched}:
            level = threshold([o for o in watched if o.made.person != person and not o.made.drops], aim)
            own = [one for one in watched if one.made.person == person]
            found += [(one.made, drop, one.strength_of(drop) > level) for one in own for drop in one.made.drops]
            controls = [one for one in own if not one.made.drops]
            alarms, clips = alarms + sum(s > level for o in controls for s in o.others()), clips + len(controls)
        lines.append(f"| {aim:g} | {alarms / clips:.3f} | {_share(found)} |")
    return [*lines, ""]


def _held_out(watched: list[Watched]) -> list[str]:
    """Return what people give who played no part in the choice, at a threshold fixed on those who did."""
    first = list(dict.fromkeys(one.made.clip for one in watched))[:CHOSEN_ON]
    known = {one.made.person for one in watched if one.made.clip in first}
    level = threshold([one for one in watched if one.made.person in known and not one.made.drops])
    others = [one for one in watched if one.made.person not in known]
    controls = [one for one in others if not one.made.drops]

    def found(above: float) -> Found:
        return [(one.made, drop, one.strength_of(drop) > above) for one in others for drop in one.made.drops]

    alarms = [sum(s > level for s in one.others()) for one in controls]
    own = threshold(controls)
    people = len({one.made.person for one in others})
    return [
        f"**People who played no part ({people}): recall {_share(found(level))} of {len(found(level))} drop-outs, "
        f"{sum(alarms)} false alarms in {len(alarms)} "
        f"controls ({sum(alarms) / len(alarms):.3f} a clip, in {sum(n > 0 for n in alarms)} of "
        f"them), at the threshold {level:.2f} fixed on the rest.** At {own:.2f}, where their own controls give one false alarm "
        f"in ten clips, recall is {_share(found(own))}.", "",
        f"The rest are the {len(known)} people of the first {CHOSEN_ON} clips: {WAYS} ways to weigh a gap were compared by "
        "their recall on these swaps, and the numbers for movement fitted on the same clips unswapped, before one "
        "was chosen.", "",
    ]  # fmt: skip


def _page(watched: list[Watched], unusable: int) -> list[str]:
    found: list[tuple[Made, tuple[int, int], bool]] = []
    alarms: dict[str, list[int]] = {}
    levels = []
    for person in sorted({one.made.person for one in watched}):
        level = threshold([one for one in watched if one.made.person != person and not one.made.drops])
        levels.append(level)
        for one in (one for one in watched if one.made.person == person):
            found += [(one.made, drop, one.strength_of(drop) > level) for drop in one.made.drops]
            kind = one.made.kind.split("-")[-1]
            alarms.setdefault(kind, []).append(sum(strength > level for strength in one.others()))
    return _text(watched, unusable, found, alarms, levels)


def _text(
    watched: list[Watched], unusable: int, found: Found, alarms: dict[str, list[int]], levels: list[float]
) -> list[str]:
    people, clips = ({getattr(one.made, name) for one in watched} for name in ("person", "clip"))
    fakes = {made.file for made, _, _ in found}
    alarmed = [count for kind, counts in alarms.items() if kind != "dropped" for count in counts]
    return [
        "# Validation: drop-outs of face swaps", "",
        "Made by `python bench/identity_swaps.py CLIPS PICTURES MADE` and `python bench/identity_drift.py MADE`.", "",
        f"{len(clips)} real clips of {len(people)} people (two clips a person at most, the first {MOST_FRAMES} frames, the "
        f"eyes at most {MOST_PX:g} px apart) get the face of a photograph: one as alike as {DONORS} photographs offer "
        "(*alike*), and any other with a like head pose (*any*). The face is warped by the mesh frame by frame, brought to the "
        "colours of the target, laid over it with a soft edge, and left out for 5 to 20 frames at one to three places, at once "
        "or, in half of the clips, over two frames. All clips are compressed once more (H.264, CRF 23). Controls: the same "
        "clips unswapped, with their own face pasted back, and with a swap that never drops out. Faces are followed anew in "
        "every clip.", "",
        f"A drop-out counts as found if a stretch that `temporal.identity_drift` lists covers it (overlap over union 0.5 or "
        f"more) and is stronger than a threshold. The threshold is that at which the controls of *all other people* give one "
        f"false alarm in ten clips; it lies between {min(levels):.2f} and {max(levels):.2f}.", "",
        *_held_out(watched),
        f"All people, each at the threshold of all others: recall {_share(found)} of {len(found)} drop-outs in "
        f"{len(fakes)} clips; {sum(alarmed)} false alarms in "
        f"{len(alarmed)} controls ({sum(alarmed) / len(alarmed):.3f} a clip). "
        f"{unusable} of the clips gave no value.", "",
        "In brackets: 90 % interval when people are drawn again.", "",
        *_curve(watched),
        *_table("length, frames", found, lambda made, drop: f"{drop[1] - drop[0]}", key=int),
        *_table("distance of donor and target", found, lambda made, drop: _bin(made.distance)),
        *_table("donor", found, lambda made, drop: made.kind.split("-")[0]),
        *_table("way in and out", found, lambda made, drop: f"over {made.fade} frames" if made.fade else "at once"),
        *_table("source of the clip", found, lambda made, drop: made.source),
        "| controls and fakes | clips | false alarms | clips with one or more |", "|---|---|---|---|",
        *(f"| {kind} | {len(n)} | {sum(n)} | {sum(c > 0 for c in n)} |" for kind, n in sorted(alarms.items())), "",
        "False alarms in *dropped* are stretches that are neither a drop-out nor the swap between two of them.", "",
        "What limits these figures: the swaps are warped photographs, not made by a network, and have an expression of their "
        "own; the clips are short, of few people, most of them before a camera on purpose. The tables below the first figure "
        "count all people, also those on whom the measure was chosen.",
    ]  # fmt: skip


def _table(
    name: str, found: Found, of: Callable[[Made, tuple[int, int]], str], key: Callable[[str], object] = str
) -> list[str]:
    groups = sorted({of(made, drop) for made, drop, _ in found}, key=key)  # type: ignore[arg-type]
    lines = [f"| {name} | drop-outs | people | recall |", "|---|---|---|---|"]
    for group in groups:
        part = [one for one in found if of(one[0], one[1]) == group]
        lines.append(f"| {group} | {len(part)} | {len({made.person for made, _, _ in part})} | {_share(part)} |")
    return [*lines, ""]


def _bin(distance: float) -> str:
    low = np.digitize(distance, (0.5, 0.6, 0.7, 0.8))
    return ("0 to 0.5", "0.5 to 0.6", "0.6 to 0.7", "0.7 to 0.8", "above 0.8")[low]


def _share(found: Found) -> str:
    """Return the share that was found, with an interval from a bootstrap over people."""
    people = sorted({made.person for made, _, _ in found})
    by = [[hit for made, _, hit in found if made.person == person] for person in people]
    hits, counts = np.array([sum(one) for one in by]), np.array([len(one) for one in by])
    drawn = np.random.default_rng(0).integers(0, len(people), (2000, len(people)))
    low, high = np.percentile(hits[drawn].sum(1) / counts[drawn].sum(1), (5, 95))
    return f"{hits.sum() / counts.sum():.3f} ({low:.3f}–{high:.3f})"


if __name__ == "__main__":
    measure(Path(sys.argv[1]), PAGE)
