"""Say whether face and voice of a clip agree better than its face and another's voice.

    python bench/emotion_agreement.py FOLDER     # writes docs/validation/emotion_agreement.md

No weight is fitted. Gates of ``temporal.emotion_agreement``, and once more with short clips let in.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from bilabials import Clip, clips
from sklearn.metrics import roc_auc_score

from veridical.errors import NotApplicable
from veridical.examinations.temporal.emotion_agreement import examine
from veridical.perception.prosody import Prosody, hear_prosody

PAGE = Path(__file__).parents[1] / "docs/validation/emotion_agreement.md"
GATES = {"as shipped": {}, "2.2 s and lags up to 0.5 s": {"least_s": 2.2, "least_speech_s": 1.0, "most_lag_s": 0.5}}


@dataclass
class Spoken:
    clip: Clip
    prosody: Prosody


def value(face: Spoken, voice: Spoken, gates: dict[str, float]) -> float:
    try:
        return examine(face.clip.faces, voice.prosody, voice.clip.speech, **gates).value
    except NotApplicable:
        return np.nan


def separate(made: list[Spoken], gates: dict[str, float]) -> dict[str, float]:
    """Own against others' sound for real clips; the value of a fake is higher, so others' should be higher."""
    real = [one for one in made if one.clip.label == "real"]
    grid = np.array([[value(face, voice, gates) for voice in real] for face in real])
    own = np.diag(grid)
    keep = np.isfinite(own)
    others = [row[np.isfinite(row) & (np.arange(len(row)) != place)] for place, row in enumerate(grid) if keep[place]]
    kept, swapped = own[keep], np.concatenate([np.zeros(0), *others])
    if not len(kept) or not len(swapped):
        return {"clips": int(keep.sum()), "auc": np.nan, "low": np.nan, "high": np.nan}
    share = [
        float((row > mine).mean() + 0.5 * (row == mine).mean())
        for mine, row in zip(kept, others, strict=True)
        if len(row)
    ]
    rng = np.random.default_rng(0)
    drawn = [np.mean(rng.choice(share, len(share))) for _ in range(2000)]
    auc = float(roc_auc_score([0] * len(kept) + [1] * len(swapped), [*kept, *swapped]))
    low, high = np.percentile(drawn, [5, 95])
    return {"clips": len(kept), "auc": auc, "within": float(np.mean(share)), "low": float(low), "high": float(high)}


def page(made: list[Spoken]) -> str:
    lines = [
        "| gates | real clips | AUC | mean share of other voices that agree less | 90 % interval over clips |",
        "|" + "---|" * 5,
    ]
    for name, gates in GATES.items():
        found = separate(made, gates)
        lines.append(
            f"| {name} | {found['clips']} | {found['auc']:.2f} | {found.get('within', np.nan):.2f} | "
            f"{found['low']:.2f}–{found['high']:.2f} |"
        )
    rows = ["| label | source | clips measured | median value | lowest | highest |", "|" + "---|" * 6]
    for label, source in sorted({(one.clip.label, one.clip.source) for one in made}, reverse=True):
        own = [value(one, one, {}) for one in made if (one.clip.label, one.clip.source) == (label, source)]
        own = [one for one in own if np.isfinite(one)]
        if own:
            rows.append(f"| {label} | {source} | {len(own)} | {np.median(own):.2f} | {min(own):.2f} | {max(own):.2f} |")
    return "\n".join([
        "# Whether face and voice agree",
        "",
        "`temporal.emotion_agreement` compares slow courses of movement and sound. It recognises no emotion.",
        "Written by `python bench/emotion_agreement.py FOLDER`.",
        "",
        "## A clip's own sound against that of other clips (real clips)",
        "",
        *lines,
        "",
        "0.5 is chance, and this is no better than chance. The clips that pass the gates are too few to decide anything;",
        "most of those let in below them are command sentences of three seconds, spoken without expression. No weight was",
        "fitted, but what goes into the courses was chosen with these clips at hand. Even a made face that follows",
        "another voice (`lab.mood.other_voice`) is not found reliably: as made by default (16 s, seed 0) the value rises",
        "from -2.9 to -0.1, but of two further films of 14 s (seeds 0 and 1), made by a variant of the recipe, it fell in",
        "both, and of one with irregular swells it rose from -0.8 to -0.4. It shows two courses to look at; its value",
        "should not be relied on.",
        "",
        "## Values",
        "",
        *rows,
        "",
        "The two labels come from different sources: their values must not be compared as real against fake.",
        "",
    ])  # fmt: skip


if __name__ == "__main__":
    PAGE.write_text(page([Spoken(clip, hear_prosody(clip.audio)) for clip in clips(Path(sys.argv[1]))]))
