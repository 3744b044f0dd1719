"""The page of bench/evidence.py: docs/validation/evidence.md and its figures."""

from __future__ import annotations

import json
import pickle
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import evidence_baseline
import evidence_charts
import numpy as np
from evidence_alarms import WEAK
from evidence_files import CONDITIONS
from evidence_fit import cost
from evidence_fused import PARTS, Weighed, arrays, members_of
from evidence_text import ALARMS, CONDITION_WORDS, FUSED, HEAD, HOLDS, MADE_FROM, OTHERS, TABLES_TEXT, VIDEO

from veridical.benchmark.calibration_metrics import cllr_min
from veridical.benchmark.intervals import cluster_bootstrap

PAGE = Path(__file__).parents[1] / "docs/validation/evidence.md"
MODERATE = 2.0
KINDS = {"image": "Pictures", "audio": "Voices"}


def write(data: Path, work: Path, tables: Path) -> None:
    """Write the page and its figures from what the other steps left."""
    plain = {path.stem: json.loads(path.read_text()) for path in sorted(tables.glob("*.json"))}
    models = {name.split(".")[1]: plain.pop(name) for name in list(plain) if name.startswith("fusion.")}
    unfit = plain.pop("unfit")["examinations"]
    lines = [HEAD.format(date=next(iter(models.values()))["date"]), ""]
    judged = {kind: pickle.loads((work / f"judged/{kind}.pickle").read_bytes()) for kind in models}
    alarms = [one for path in sorted((work / "alarms").glob("*.json")) for one in json.loads(path.read_text())]
    lines += ["## What must hold", "", HOLDS, "", *must_hold(models, judged, alarms), ""]
    for kind, model in models.items():
        lines += [f"## {KINDS[kind]}", "", *of_kind(kind, model, judged[kind], data, work), ""]
    lines += ["## Tables of single findings", "", TABLES_TEXT, "", *single(plain), ""]
    clips = {id: one for id, one in unfit.items() if one["kind"] == "video"}
    rest = {id: one for id, one in unfit.items() if one["kind"] != "video"}
    lines += ["## Video", "", VIDEO, "", *others(clips), ""]
    lines += ["## What is measured and not weighed", "", OTHERS, "", *others(rest), ""]
    lines += ["## What the tables are made from", "", MADE_FROM, "", *made_from(plain), ""]
    lines += ["## False alarms, and files unlike all that were calibrated", "", ALARMS, "", *alarmed(alarms)]
    PAGE.write_text("\n".join(lines).rstrip() + "\n", "utf-8")


def must_hold(
    models: Mapping[str, Any], judged: Mapping[str, Sequence[Weighed]], alarms: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    yield "| what | measured | holds |"
    yield "|---|---|---|"
    for kind, model in models.items():
        figures = model["figures"]
        best = {
            name: min(one["conditions"][name]["cllr"] for one in figures["alone"].values())
            for name in figures["conditions"]
        }
        below = all(one["cllr"] < best[name] for name, one in figures["conditions"].items())
        said = "; ".join(
            f"{CONDITION_WORDS[kind][name]} {one['cllr']:.2f} against {best[name]:.2f}"
            for name, one in figures["conditions"].items()
        )
        yield f"| {KINDS[kind]}: fused Cllr below that of the best single finding | {said} | {yes(below)} |"
        ratios, labels, _, named = arrays(judged[kind])
        apart = {name: cost(ratios[named == name], labels[named == name]) for name in figures["conditions"]}
        single = {name: best_alone(judged[kind], kind, name) for name in figures["conditions"]}
        said = "; ".join(f"{CONDITION_WORDS[kind][n]} {one:.2f} against {single[n]:.2f}" for n, one in apart.items())
        yield (
            f"| {KINDS[kind]}: the same end to end, each finding by its own table | {said} "
            f"| {yes(all(one < single[name] for name, one in apart.items()))} |"
        )
        gaps = [one["cllr"] - one["cllr_min"] for one in figures["conditions"].values()]
        gaps += [one - cllr_min(ratios[named == name], labels[named == name]) for name, one in apart.items()]
        small = max(gaps) <= 0.08
        yield f"| {KINDS[kind]}: Cllr − Cllr_min at most 0.08 under every condition | at most {max(gaps):.3f} | {yes(small)} |"
        yield (
            f"| {KINDS[kind]}: no log10 LR beyond its bounds | {sum(not one.within for one in judged[kind])} of "
            f"{len(judged[kind])}; largest {np.abs(ratios).max():.2f} | {yes(all(one.within for one in judged[kind]))} |"
        )
        wrong = np.where(labels == 1, -ratios, ratios) > MODERATE
        yield (
            f"| {KINDS[kind]}: misleading evidence of more than moderate strength under 1 % "
            f"| {wrong.sum()} of {len(wrong)} | {yes(wrong.mean() < 0.01)} |"
        )
    for what, words in (("photograph", "photographs without a face"), ("tone", "clean tones")):
        own = [one for one in alarms if one["what"] == what]
        if own:
            flagged = sum(supports(one) for one in own)
            yield f"| {len(own)} {words} give no support for a fake | {flagged} do | {yes(flagged == 0)} |"
    own = [one for one in alarms if one["what"] == "odd"]
    if own:
        weighed = sum(one["log10_lr"] is not None for one in own)
        yield f"| files outside the calibrated range get no LR | {weighed} of {len(own)} get one | {yes(weighed == 0)} |"


def yes(holds: bool) -> str:
    return "yes" if holds else "**no**"


def supports(one: Mapping[str, Any]) -> bool:
    """Return whether anything in a report supports the first proposition."""
    together = one["log10_lr"] is not None and one["log10_lr"] > WEAK
    return together or any(ratio > WEAK for ratio in one["findings"].values())


def best_alone(weighed: Sequence[Weighed], kind: str, condition: str) -> float:
    """Return the Cllr of the best single finding on the same files, its own table fitted without the source too."""
    found = []
    for id in members_of(kind):
        ratios, labels, _, named = arrays(weighed, id)
        found.append(cost(ratios[named == condition], labels[named == condition]))
    return min(found)


def of_kind(kind: str, model: Mapping[str, Any], weighed: Sequence[Weighed], data: Path, work: Path) -> Iterator[str]:
    figures = model["figures"]
    parts = "; ".join(
        f"{', '.join(f'`{id}`' for id in part.members)} (cap {group['lowest']:.2f} to {group['upper']:+.2f})"
        for part, group in zip(PARTS[kind], model["groups"], strict=True)
    )
    yield FUSED[kind].format(
        parts=parts, lowest=model["lowest"], upper=model["upper"], cases=figures["cases"], sources=figures["sources"]
    )
    yield ""
    yield from by_condition(kind, figures, weighed)
    yield ""
    ratios, labels, sources, named = arrays(weighed)
    held = {name: (ratios[named == name], labels[named == name]) for name in CONDITIONS[kind]}
    for draw, name, alt in (
        (evidence_charts.tippett, "tippett", "Tippett plots"), (evidence_charts.entropy, "ece", "Empirical cross-entropy"),
    ):  # fmt: skip
        draw(held, PAGE.parent / f"evidence_{kind}_{name}.svg", CONDITION_WORDS[kind])
        yield f"![{alt} of {KINDS[kind].lower()}, sources left out](evidence_{kind}_{name}.svg)"
        yield ""
    yield "Source by source, end to end (mean log10 LR, and how many files mislead by more than a factor of two):"
    yield ""
    yield "| source | label | files and conditions | with an LR | mean log10 LR | misled |"
    yield "|---|---|---|---|---|---|"
    for source, label in sorted({(one.source, one.fake) for one in weighed}):
        own = [one for one in weighed if (one.source, one.fake) == (source, label)]
        told = np.array([one.log10_lr for one in own if one.log10_lr is not None])
        wrong = (-told if label else told) > WEAK
        mean = f"{told.mean():+.2f} | {wrong.mean():.0%}" if len(told) else "– | –"
        yield f"| {source} | {'fake' if label else 'real'} | {len(own)} | {len(told)} | {mean} |"
    yield ""
    yield from nuisance(kind, data, work)
    yield ""
    yield from categories(model)


def by_condition(kind: str, figures: Mapping[str, Any], weighed: Sequence[Weighed]) -> Iterator[str]:
    """Yield two tables: on all values, and end to end."""
    yield "All files (a file without an LR counts as an LR of 1, for the model and for each finding alike):"
    yield ""
    yield "| condition | fused: Cllr | Cllr_min | " + " | ".join(f"`{id}` alone" for id in figures["alone"]) + " |"
    yield "|---|---|---|" + "---|" * len(figures["alone"])
    for name, one in figures["conditions"].items():
        alone = " | ".join(f"{each['conditions'][name]['cllr']:.3f}" for each in figures["alone"].values())
        yield f"| {CONDITION_WORDS[kind][name]} | {one['cllr']:.3f} | {one['cllr_min']:.3f} | {alone} |"
    yield ""
    yield "End to end (intervals: whole sources drawn again; *sources alike*: the mean over sources, each counting once):"
    yield ""
    ids = members_of(kind)
    yield (
        "| condition | fakes | real | with an LR | fused: Cllr | Cllr_min | sources alike | LR above 2 for a real file "
        "| LR below 1/2 for a fake | " + " | ".join(f"`{id}` alone (sources alike)" for id in ids) + " |"
    )
    yield "|---|---|---|---|---|---|---|---|---|" + "---|" * len(ids)
    ratios, labels, sources, named = arrays(weighed)
    there = np.array([one.log10_lr is not None for one in weighed])
    for name in CONDITIONS[kind]:
        here = named == name
        interval = cluster_bootstrap(cost, ratios[here], labels[here], sources[here], repeats=500)
        alone = []
        for id in ids:
            own = arrays(weighed, id)[0]
            alone.append(f"{cost(own[here], labels[here]):.3f} ({alike(own[here], labels[here], sources[here]):.2f})")
        yield (
            f"| {CONDITION_WORDS[kind][name]} | {(labels[here] == 1).sum()} | {(labels[here] == 0).sum()} "
            f"| {there[here].mean():.0%} | {interval.point:.3f} ({interval.low:.2f}–{interval.high:.2f}) "
            f"| {cllr_min(ratios[here], labels[here]):.3f} | {alike(ratios[here], labels[here], sources[here]):.3f} "
            f"| {(ratios[here & (labels == 0)] > WEAK).mean():.1%} | {(ratios[here & (labels == 1)] < -WEAK).mean():.1%} | "
            + " | ".join(alone) + " |"
        )  # fmt: skip
    refused = Counter(reason(one.why) for one in weighed if one.log10_lr is None)
    yield ""
    yield "Without an LR: " + "; ".join(f"{count} {why}" for why, count in refused.most_common()) + "."


def alike(ratios: np.ndarray, labels: np.ndarray, sources: np.ndarray) -> float:
    """Return Cllr with each source of a label counting once."""
    bits = np.log2(1 + 10.0 ** np.where(labels == 1, -ratios, ratios))
    sides = [
        np.mean([bits[(labels == label) & (sources == one)].mean() for one in {*sources[labels == label].tolist()}])
        for label in (0, 1)
    ]
    return float(np.mean(sides))


def reason(why: str) -> str:
    """Shorten a reason to what files have in common."""
    for part, words in (
        ("no face is found", "as no face is found"),
        ("state of this file was not calibrated", "as the state of the file (size, quality, face, length) was not calibrated"),
        ("is unlike all files", "as the file is unlike all of the calibration"),
        ("outside the calibrated range", "as a value lies outside the calibrated range"),
        ("not measured", "as nothing was measured"),
    ):  # fmt: skip
        if part in why:
            return words
    return "for other reasons"


def nuisance(kind: str, data: Path, work: Path) -> Iterator[str]:
    found = evidence_baseline.judge(kind, data, work)
    said = "; ".join(f"{CONDITION_WORDS[kind][name]} {one:.2f}" for name, one in found.items())
    yield (
        f"Beside it, a logistic regression on the quality vector alone ({', '.join(evidence_baseline.NAMES[kind])}), fitted "
        f"without each source in turn, has a Cllr of: {said}. Above 1 it misleads: what size and coding say of the label in "
        "these collections does not carry over to another."
    )


def categories(model: Mapping[str, Any]) -> Iterator[str]:
    found = model["category"]
    named = sorted({name for row in found["confusion"].values() for name in row})
    yield "What category is named, on sources left out (only where the LR supports the first proposition):"
    yield ""
    yield "| true | " + " | ".join(named) + " |"
    yield "|---|" + "---|" * len(named)
    for true, row in found["confusion"].items():
        yield f"| {true} | " + " | ".join(str(row.get(name, 0)) for name in named) + " |"
    yield ""
    never = "; ".join(f"{name}: {why}" for name, why in found["never"].items())
    yield f"Learned: {', '.join(found['learned'])}. Never named: {never}."


def single(tables: Mapping[str, Any]) -> Iterator[str]:
    yield (
        "| finding | ridge | fakes + real files | sources | Cllr (all conditions) | Cllr_min | AUC | worst condition "
        "| log10 LR from … to |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for id, table in tables.items():
        said = table["made_from"]["left_out"]
        name, worst = max(said["conditions"].items(), key=lambda pair: pair[1]["interval"][1])
        last = table["conditions"][-1]
        yield (
            f"| `{id}` | {said['ridge']} | {said['fakes']} + {said['reals']} | {said['sources']} | {said['cllr']:.3f} "
            f"({between(said['interval'])}) | {said['cllr_min']:.3f} | {said['auc']:.2f} | {name}: {worst['cllr']:.3f} "
            f"({between(worst['interval'])}) | {last['lowest']:.2f} … {last['upper']:+.2f} |"
        )


def others(unfit: Mapping[str, Any]) -> Iterator[str]:
    yield "| examination | files | AUC | Cllr, sources left out | why it is not weighed |"
    yield "|---|---|---|---|---|"
    for id, one in unfit.items():
        figures = "– | –"
        if "cllr" in one:
            interval = f" ({between(one['interval'])})" if one["interval"] else ""
            figures = f"{one['auc']:.2f} | {one['cllr']:.3f}{interval}"
        why = one.get("few", "does not separate under every condition")
        yield f"| `{id}` | {one['files']} | {figures} | {why} |"


def between(ends: Sequence[float] | None) -> str:
    return "–" if ends is None else f"{ends[0]:.2f}–{ends[1]:.2f}"


def made_from(tables: Mapping[str, Any]) -> Iterator[str]:
    for id, table in tables.items():
        made = table["made_from"]
        said = "; ".join(
            f"{name} {one['real']} real, {one['fake']} fake"
            + (f" ({len(one['generators'])} generators)" if one["generators"] else "")
            for name, one in made["sources"].items()
        )
        yield (
            f"- `{id}` {table['version']} of {table['date']}, values {made['values']}; under "
            f"{', '.join(made['conditions'])}: {said}."
        )


def alarmed(alarms: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "| what | files | conclusions | largest log10 LR, fused | largest of a single finding |"
    yield "|---|---|---|---|---|"
    for what in dict.fromkeys(one["what"] for one in alarms):
        own = [one for one in alarms if one["what"] == what]
        bands = "; ".join(f"{count} {band}" for band, count in Counter(one["band"] for one in own).most_common())
        fused = max((one["log10_lr"] for one in own if one["log10_lr"] is not None), default=None)
        alone = max((ratio for one in own for ratio in one["findings"].values()), default=None)
        yield f"| {what} | {len(own)} | {bands} | {worded(fused)} | {worded(alone)} |"


def worded(ratio: float | None) -> str:
    return "none" if ratio is None else f"{ratio:+.2f}"
