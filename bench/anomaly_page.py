"""Scores of the anomaly examinations, and the page about them; see anomaly.py."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from anomaly_values import Values, layer_values, nuisances

from veridical.training import pictures
from veridical.training.active_masks import expected_area
from veridical.training.figures import auc
from veridical.training.launder import CONDITIONS

SCORES = Path("out/pictures/scores")
PAGE = Path("docs/validation/anomaly.md")
MAIN = ("neuron_coverage", "embedding_length", "locality_autoencoder")
_DRAWS = 400
_FALSE_ALARMS = 0.02


def page(folder: Path, work: Path) -> None:
    """Write the scores and the page."""
    faces, swaps = ({**np.load(work / f"{name}.npz")} for name in ("faces", "swaps"))
    for held in (faces, swaps):
        held["history"] = np.char.startswith(held["view"], "history")
    found = {"faces": layer_values(faces, faces), "swaps": layer_values(faces, swaps)}
    maps = _locality(work, faces, swaps, found)
    faces_found, fake = found["faces"], faces["kind"] == "fake"
    faces_found["nuisances alone"] = nuisances(faces, fake)
    for name in MAIN:
        hand_in(name, faces, faces_found[name])
    lines = [*_head(faces), *_synthesis(faces, faces_found, fake), *_variants(faces, faces_found, fake)]
    lines += [
        *_grey(work, faces, fake),
        *_alarms(faces, faces_found, fake),
        *_edits(faces, faces_found, fake),
        *_swapped(swaps, found["swaps"], maps),
    ]
    PAGE.write_text("\n".join([*lines, *_tail()]) + "\n")


def _locality(
    work: Path, faces: Mapping[str, np.ndarray], swaps: Mapping[str, np.ndarray], found: dict[str, Values]
) -> np.ndarray:
    """Add the values of the autoencoder; return its maps of the swaps, (n, 16, 16)."""
    maps = np.full((len(swaps["fold"]), 16, 16), np.nan)
    for name, held in (("faces", faces), ("swaps", swaps)):
        values = np.full(len(held["fold"]), np.nan)
        for left in pictures.FOLDS:
            with np.load(work / f"locality_{name}_{left}.npz") as one:
                values[one["which"]] = one["odds"]
                if name == "swaps":
                    maps[one["which"]] = one["maps"]
        found[name]["locality_autoencoder"] = values
    return maps


def hand_in(name: str, faces: Mapping[str, np.ndarray], values: np.ndarray) -> None:
    """Write the scores of an examination for the comparison of all detectors."""
    SCORES.mkdir(parents=True, exist_ok=True)
    with (SCORES / f"{name}.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("condition", "file", "statistic", "value"))
        for view, own, value, history in zip(faces["view"], faces["name"], values, faces["history"], strict=True):
            if not history and np.isfinite(value):
                writer.writerow((view, own, name, round(float(value), 5)))


def _span(fake: np.ndarray, values: np.ndarray) -> str:
    """Return the AUC and its 95 % interval over draws of the pictures."""
    random = np.random.default_rng(0)
    drawn = [random.integers(0, len(fake), len(fake)) for _ in range(_DRAWS)]
    low, high = np.nanpercentile([auc(fake[one], values[one]) for one in drawn], (2.5, 97.5))
    return f"{auc(fake, values):.2f} ({low:.2f}–{high:.2f})"


def _precision(fake: np.ndarray, values: np.ndarray) -> float:
    """Return the average precision."""
    order = np.argsort(-values, kind="stable")
    hits = fake[order]
    return float((np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits].mean())


def _found_at(fake: np.ndarray, values: np.ndarray, rate: float) -> float:
    return float((values[fake] > np.quantile(values[~fake], 1 - rate)).mean())


def _head(faces: Mapping[str, np.ndarray]) -> Iterator[str]:
    native = faces["view"] == "native"
    counts = {kind: int((faces["kind"][native] == kind).sum()) for kind in ("real", "fake")}
    yield from ("# Validation: anomalies of faces", "")
    yield (
        "`learned.neuron_coverage`, `learned.embedding_length` and `learned.locality_autoencoder`, each value from a table or "
        "network of the other folds (whole sources and their generators left out: `training/pictures.py`). "
        f"{counts['real']} real and {counts['fake']} generated or edited faces, the largest of each picture "
        "that shows one; the "
        "face is looked for once and followed through the conditions. AUC: chance that a fake has a higher value than a real "
        "face; in brackets the 95 % interval when pictures are drawn again. Nothing is calibrated."
    )


def _synthesis(faces: Mapping[str, np.ndarray], found: Values, fake: np.ndarray) -> Iterator[str]:
    yield from ("", "## Generated faces", "")
    yield (
        "A: StyleGAN family beside FFHQ, both the same kind of portrait; B: Stable Diffusion 1.4 (one "
        "prompt: blonde women) beside "
        "web portraits and UTKFace; C: modern diffusion beside Unsplash (men) and others. In B and C real "
        "and generated pictures "
        "differ in who is shown and in what light: only A says what is worth something on its own. "
        "*Nuisances*: size, coding and "
        "mean colours of the picture, learned on the same folds."
    )
    yield from (
        "",
        "| examination | condition | A, B, C together | A | B | C | AP | found at 1 % |",
        "|---|---|---|---|---|---|---|---|",
    )
    for name in (*MAIN, "nuisances alone"):
        for view in CONDITIONS:
            here = (faces["view"] == view) & (faces["fold"] != "D") & np.isfinite(found[name])
            cells = [_span(fake[here], found[name][here])]
            for fold in pictures.SYNTHESIS:
                own = here & (faces["fold"] == fold)
                cells.append(f"{auc(fake[own], found[name][own]):.2f}")
            cells += [
                f"{_precision(fake[here], found[name][here]):.2f}",
                f"{_found_at(fake[here], found[name][here], 0.01):.2f}",
            ]
            yield f"| {name} | {view} | {' | '.join(cells)} |"


def _variants(faces: Mapping[str, np.ndarray], found: Values, fake: np.ndarray) -> Iterator[str]:
    yield from ("", "## What was tried on the layers and descriptors", "")
    yield (
        "Mean of the four conditions. *Coverage alone*: without unevenness. *Distance of the terms*: Mahalanobis distance from "
        "pristine faces, nothing learned from fakes. *One-class machine*: density of descriptors of pristine faces "
        "(`signals/one_class.py`). The length of the descriptor was found by looking at these folds; it has no weights to fit."
    )
    yield from ("", "| variant | A, B, C together | A | B | C |", "|---|---|---|---|---|")
    for name in (
        "coverage alone", "neuron_coverage", "distance of the terms", "one-class machine", "embedding_length",
        "sum of coverage and length",
    ):  # fmt: skip
        cells = []
        for folds in (pictures.SYNTHESIS, *pictures.SYNTHESIS):
            each = [
                auc(fake[here], found[name][here])
                for view in CONDITIONS
                if (here := (faces["view"] == view) & np.isin(faces["fold"], list(folds))).any()
            ]
            cells.append(f"{np.mean(each):.2f}")
        yield f"| {name} | {' | '.join(cells)} |"


def _grey(work: Path, faces: Mapping[str, np.ndarray], fake: np.ndarray) -> Iterator[str]:
    native = np.flatnonzero(faces["view"] == "native")
    with np.load(work / "grey.npz") as held:
        place = {str(name): number for number, name in enumerate(held["name"])}
        order = [place[str(name)] for name in faces["name"][native]]
        yield from (
            "",
            "Length of the descriptor with the colours of the crops as they are, and without colours (AUC):",
            "",
        )
        yield from ("| crops | A, B, C together | A | B | C | D |", "|---|---|---|---|---|---|")
        for name in ("colour", "grey"):
            values, cells = held[name][order], []
            for folds in (pictures.SYNTHESIS, *pictures.FOLDS):
                own = np.isin(faces["fold"][native], list(folds))
                cells.append(f"{auc(fake[native][own], values[own]):.2f}")
            yield f"| {name} | {' | '.join(cells)} |"


def _alarms(faces: Mapping[str, np.ndarray], found: Values, fake: np.ndarray) -> Iterator[str]:
    yield from ("", "## False alarms", "")
    yield (
        "Share of the real faces of each source above the value that 2 % of the real faces of the other folds exceed, native / "
        "common (256 px, JPEG); in the last row the generated faces of A, B and C above it. The aim is 2 % on each source."
    )
    yield from ("", f"| source | faces | {' | '.join(MAIN)} |", f"|---|---|{'---|' * len(MAIN)}")
    sources = sorted(set(faces["source"][~fake]))
    for source in [*sources, ""]:
        chosen = (faces["source"] == source) & ~fake if source else fake & (faces["fold"] != "D")
        cells = [_share(faces, found[name], fake, chosen) for name in MAIN]
        label = source or "*generated*"
        yield f"| {label} | {int((chosen & (faces['view'] == 'native')).sum())} | {' | '.join(cells)} |"


def _share(faces: Mapping[str, np.ndarray], values: np.ndarray, fake: np.ndarray, chosen: np.ndarray) -> str:
    shares = []
    for view in ("native", "common"):
        above, count = 0, 0
        for fold in pictures.FOLDS:
            here = faces["view"] == view
            border = np.quantile(values[here & ~fake & (faces["fold"] != fold)], 1 - _FALSE_ALARMS)
            own = values[here & chosen & (faces["fold"] == fold)]
            above, count = above + int((own > border).sum()), count + len(own)
        shares.append(f"{above / count:.0%}" if count else "–")
    return " / ".join(shares)


def _edits(faces: Mapping[str, np.ndarray], found: Values, fake: np.ndarray) -> Iterator[str]:
    yield from ("", "## Edited faces", "")
    yield (
        "AttGAN edits of CelebA faces, 128 px, native. Beside LFW faces, which are grey here, the AUC says "
        "mostly that; beside the "
        "six real CelebA faces of the same source it says what is left."
    )
    yield from ("", "| examination | beside grey LFW | beside the same source |", "|---|---|---|")
    here = (faces["view"] == "native") & (faces["fold"] == "D")
    for name in MAIN:
        grey, same = (here & (fake | (faces["source"] == source)) for source in ("lfwgray", "attgan"))
        yield f"| {name} | {_span(fake[grey], found[name][grey])} | {_span(fake[same], found[name][same])} |"


def _swapped(swaps: Mapping[str, np.ndarray], found: Values, maps: np.ndarray) -> Iterator[str]:
    swapped = swaps["kind"] == "swap"
    native = swaps["view"] == "native"
    yield from ("", "## Swaps", "")
    yield (
        f"{int((swapped & native).sum())} real faces, and the same with the inner face of another of that "
        "fold laid over them by "
        "triangles of the mesh, its colours matched; the autoencoder learned from blends made in other ways. "
        "Left: AUC over all "
        "faces; in brackets the share of faces that their own swap exceeds."
    )
    yield from ("", f"| examination | {' | '.join(CONDITIONS)} |", f"|---|{'---|' * len(CONDITIONS)}")
    for name in MAIN:
        cells = []
        for view in CONDITIONS:
            real, fake = (found[name][(swaps["view"] == view) & (swaps["kind"] == kind)] for kind in ("real", "swap"))
            values = np.concatenate([real, fake])
            labels = np.repeat([False, True], [len(real), len(fake)])
            cells.append(f"{auc(labels, values):.2f} ({float((fake > real).mean()):.2f})")
        yield f"| {name} | {' | '.join(cells)} |"
    yield ""
    seen, prior = (
        _pixels(swaps["mask"][swapped & native], plane) for plane in (maps[swapped & native], expected_area(16))
    )
    yield (
        f"Map of the autoencoder against the masks, native, AUC over the 16 by 16 places of each face, mean "
        f"of faces: {seen:.2f}; an "
        f"ellipse in the middle of every face, which looks at nothing, reaches {prior:.2f}."
    )


def _pixels(masks: np.ndarray, maps: np.ndarray) -> float:
    maps = np.broadcast_to(maps, masks.shape)
    return float(np.nanmean([auc((mask > 0.5).ravel(), one.ravel()) for mask, one in zip(masks, maps, strict=True)]))


def _tail() -> Iterator[str]:
    yield from (
        "",
        "Commands: `python bench/pictures.py nuisances FOLDER`, `python bench/anomaly.py faces FOLDER`, "
        "then `swaps`, `grey`, `locality`, "
        "`page`.",
    )  # fmt: skip
