"""Sensor noise, this implementation beside the published one, in one run: ``python bench/prnu.py DATA [--page PAGE]``.

DATA is a folder of pictures with a manifest.csv (file, device, kind = flat or natural, original_size, crop). Fingerprints are
made from the flats of each device, the natural pictures are matched with every fingerprint: AUC of the normalised correlation
and of the peak-to-correlation energy at 512 and 1024 pixels, agreement of both implementations in the order of the
correlations, seconds a megapixel. Then 60 splices of another device's pixels are localised, with a predictor that never saw
the picture.
"""

from __future__ import annotations

import argparse
import csv
import time
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import prnu_reference as plain
from scipy.stats import spearmanr

from veridical.benchmark.localisation import pixel_auc
from veridical.benchmark.metrics import auc
from veridical.cameras import LEAST_PCE
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.signals import correlation_predictor as predictor
from veridical.signals.blocks import grey
from veridical.signals.fingerprint import Estimator, correlate, least_pce, ncc
from veridical.signals.residual import noise_residual

SIZES = (512, 1024)
SPLICES = 60
SIDES = (256, 320, 384)
SHIFT = (377, 233)
FEWEST = 16  # blocks on each side of a splice: an area of 64 × 64 pixels, the least that the method is said to find
Pictures = dict[str, dict[str, list[np.ndarray]]]


def read(data: Path) -> tuple[Pictures, dict[str, tuple[int, int]]]:
    """Return the pictures by device and kind, and by device where in them the middle of the original is."""
    found: Pictures = defaultdict(lambda: defaultdict(list))
    middles = {}
    with (data / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            with open_exhibit(data / row["file"]) as exhibit:
                found[row["device"]][row["kind"]].append(exhibit.stream(Image).pixels)
            (width, height), (left, top) = map(int, row["original_size"].split("x")), map(int, row["crop"].split(","))
            middles[row["device"]] = (height // 2 - top, width // 2 - left)
    return found, middles


def centre(pixels: np.ndarray, side: int, middle: tuple[int, int]) -> np.ndarray:
    """Cut a square from the middle of the original, as far as the picture reaches."""
    top, left = (min(max(at - side // 2, 0), n - side) for at, n in zip(middle, pixels.shape, strict=False))
    return np.ascontiguousarray(pixels[top : top + side, left : left + side])


def ours(flats: list[np.ndarray]) -> np.ndarray:
    """Make a fingerprint with this implementation."""
    estimator = Estimator(flats[0].shape[:2])
    for pixels in flats:
        estimator.add(pixels)
    return estimator.fingerprint()


def compare(pictures: Pictures, middles: dict[str, tuple[int, int]], side: int) -> dict[str, float]:
    """Match every natural picture with every fingerprint, by both implementations."""
    flats = {device: [centre(p, side, middles[device]) for p in kinds["flat"]] for device, kinds in pictures.items()}
    natural = [(d, centre(p, side, middles[d])) for d, kinds in pictures.items() for p in kinds["natural"]]
    planes = {device: (ours(some), plain.fingerprint(some, np.float32)) for device, some in flats.items()}
    noise_residual(natural[0][1])  # load what is loaded once
    spent = [0.0, 0.0]
    rows = []
    for device, pixels in natural:
        residuals = []
        for i, make in enumerate((noise_residual, lambda p: plain.residual(p, np.float32))):
            began = time.perf_counter()
            residuals.append(make(pixels))
            spent[i] += time.perf_counter() - began
        for other, (fast, slow) in planes.items():
            match = correlate(residuals[0], fast, search=False)
            lit = ncc(residuals[0], fast * grey(pixels))
            rows.append((device == other, match.ncc, lit, match.pce, plain.ncc(residuals[1], slow)))
    own, here, times, energy, there = map(np.array, zip(*rows, strict=True))
    megapixels = len(natural) * side * side / 1e6
    return {
        "pairs": len(own), "matching": int(own.sum()), "AUC NCC": auc(here, own),
        "AUC NCC with fingerprint × intensity": auc(times, own), "AUC PCE": auc(energy, own),
        "AUC NCC plain": auc(there, own), "Spearman": float(spearmanr(here, there).statistic),
        "least matching PCE": float(energy[own].min()), "most other PCE": float(energy[~own].max()),
        "s/MP": spent[0] / megapixels, "s/MP plain": spent[1] / megapixels, "times faster": spent[1] / spent[0],
    }  # fmt: skip


def splices(pictures: Pictures) -> dict[str, float]:
    """Splice pixels of another device into natural pictures, and localise them."""
    random = np.random.default_rng(0)
    devices = sorted(pictures)
    learned = {}
    natural = [(device, i) for device in devices for i in range(len(pictures[device]["natural"]))]
    scores, pooled, decided = [], ([], []), []
    for number in range(SPLICES):
        device, index = natural[number % len(natural)]
        if (device, index) not in learned:
            learned[device, index] = _learn(pictures[device], index)
        plane, trained = learned[device, index]
        pixels = pictures[device]["natural"][index].copy()
        other = devices[int(random.choice([i for i, d in enumerate(devices) if d != device]))]
        donor = pictures[other]["natural"][int(random.integers(len(pictures[other]["natural"])))]
        side = int(random.choice(SIDES))
        top, left = (int(random.integers(0, n - side)) for n in pixels.shape[:2])
        from_top, from_left = (int(random.integers(0, n - side)) for n in donor.shape[:2])
        pixels[top : top + side, left : left + side] = donor[from_top : from_top + side, from_left : from_left + side]
        mask = np.zeros(pixels.shape[:2], bool)
        mask[top : top + side, left : left + side] = True
        judged = predictor.judge(predictor.measure(pixels, noise_residual(pixels), plane), trained)
        half = predictor.SPAN // 2
        rows, columns = (np.arange(n) * predictor.CELL + half for n in judged.ratio.shape)
        truth = mask[np.ix_(rows, columns)]
        told = np.isfinite(judged.ratio)
        decided.append(told.mean())
        pooled[0].append(judged.ratio[told])
        pooled[1].append(truth[told])
        if 0 < truth[told].sum() < told.sum():
            fewest = min(truth[told].sum(), (~truth[told]).sum())
            scores.append((int(fewest), pixel_auc(judged.ratio[told], truth[told])))
    every, truths = np.concatenate(pooled[0]), np.concatenate(pooled[1])
    marked = every > 0
    each = np.array([score for _, score in scores])
    larger = np.array([score for fewest, score in scores if fewest >= FEWEST])
    return {
        "splices": SPLICES, "pooled pixel AUC": pixel_auc(every, truths),
        "splices with a decidable block on both sides": len(each), "of these, mean pixel AUC": float(each.mean()),
        "of these, pixel AUC below 0.85": int((each < 0.85).sum()),
        f"splices with {FEWEST} decidable blocks on both sides": len(larger),
        "of those, mean pixel AUC": float(larger.mean()), "of those, least pixel AUC": float(larger.min()),
        "of those, pixel AUC below 0.85": int((larger < 0.85).sum()),
        "share decidable": float(np.mean(decided)), "spliced blocks marked": float(marked[truths].mean()),
        "other blocks marked": float(marked[~truths].mean()),
    }  # fmt: skip


def _learn(kinds: dict[str, list[np.ndarray]], without: int) -> tuple[np.ndarray, predictor.Predictor]:
    """Make fingerprint and predictor from a device's flats and its natural pictures except one."""
    estimator = Estimator(kinds["flat"][0].shape[:2])
    for pixels in kinds["flat"]:
        estimator.add(pixels)
    plane = estimator.fingerprint()
    own, foreign = [], []
    teachers = [(p, plane) for i, p in enumerate(kinds["natural"]) if i != without]
    teachers += [(p, estimator.fingerprint(without=p)) for p in kinds["flat"]]
    for pixels, reference in teachers:
        residual = noise_residual(pixels)
        own.append(predictor.measure(pixels, residual, reference))
        foreign.append(predictor.measure(pixels, residual, np.roll(reference, SHIFT, (0, 1))))
    return plane, predictor.train(own, foreign)


def crops(pictures: Pictures) -> dict[str, float]:
    """Look for a crop of 512 pixels of each natural picture in every fingerprint of 1024."""
    planes = {device: ours(kinds["flat"]) for device, kinds in pictures.items()}
    rows = []
    for device, kinds in pictures.items():
        for pixels in kinds["natural"]:
            top, left = ((n - 512) // 2 for n in pixels.shape[:2])
            residual = noise_residual(np.ascontiguousarray(pixels[top : top + 512, left : left + 512]))
            for other, plane in planes.items():
                match = correlate(residual, plane, search=True)
                rows.append((device == other, match.pce, (match.top, match.left) == (top, left), match.places))
    own, energy, placed, places = map(np.array, zip(*rows, strict=True))
    needed = least_pce(LEAST_PCE, int(places[0]))
    return {
        "places searched": int(places[0]), "PCE needed": needed, "own crops": int(own.sum()),
        "own crops found": int((own & (energy >= needed)).sum()),
        "of these, at the right place": int((own & placed & (energy >= needed)).sum()),
        "foreign pairs": int((~own).sum()), "foreign pairs above what is needed": int((~own & (energy >= needed)).sum()),
        "foreign pairs above what is needed at one place": int((~own & (energy >= LEAST_PCE)).sum()),
        "most foreign PCE": float(energy[~own].max()),
    }  # fmt: skip


def page(matching: dict[int, dict[str, float]], cropped: dict[str, float], located: dict[str, float]) -> str:
    """Return the page."""
    names = list(next(iter(matching.values())))
    lines = [
        "# Validation: sensor noise (PRNU)", "",
        "Six camera bodies of three models (two of each), ten flat fields and one to five natural photographs each, "
        "1024 × 1024 pixels cut from the JPEG originals on their grid. Fingerprints from the flats; every natural picture "
        "against every fingerprint, without rotation. *plain* is the published algorithm written as its description says, in "
        "single precision as its authors have it. 512 pixels are cut around the middle of the originals; for 1024 the crops "
        "of two models lie 8 rows off it. Seconds are those of one residual on two cores that others used too.",
        "", "| figure | " + " | ".join(f"{side} px" for side in matching) + " |", "|---|" + "---|" * len(matching),
    ]  # fmt: skip
    lines += [f"| {name} | " + " | ".join(f"{one[name]:.4g}" for one in matching.values()) + " |" for name in names]
    lines += [
        "", "## Crops", "",
        "512 × 512 pixels of each natural picture, looked for everywhere in the fingerprints of 1024 × 1024. The highest of so "
        "many correlations is high by chance, so more is needed than at one place.",
        "", "| figure | value |", "|---|---|",
    ]  # fmt: skip
    lines += [f"| {name} | {value:.6g} |" for name, value in cropped.items()]
    lines += [
        "", "## Splices of another camera's pixels", "",
        "Squares of 256 to 384 pixels of another body's photograph at a random place. The predictor learned from the body's "
        "flats and from its other natural photographs, never from the one that is examined. Blocks of 128 pixels, one every "
        "16; a block counts as spliced if its middle is. *Decidable* is where the predictor expects a correlation of three "
        "standard deviations of foreign noise or more. Most splices have none on one side or the other: the crops are small, "
        "and these pictures dark or full of texture. A score from a handful of decidable blocks is mostly chance, so those "
        "with 16 on both sides (an area of 64 × 64 pixels) are given apart. *Marked* is a likelihood ratio above 1. Bodies "
        "with few natural photographs teach the predictor little about texture.",
        "", "| figure | value |", "|---|---|",
    ]  # fmt: skip
    lines += [f"| {name} | {value:.4g} |" for name, value in located.items()]
    lines += ["", "Command: `python bench/prnu.py DATA/prnu --page PAGE`", ""]
    return "\n".join(lines)


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--page", type=Path)
    chosen = parser.parse_args()
    cv2.setNumThreads(2)
    pictures, middles = read(chosen.data)
    text = page({side: compare(pictures, middles, side) for side in SIZES}, crops(pictures), splices(pictures))
    if chosen.page:
        chosen.page.write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
