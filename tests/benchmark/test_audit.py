"""Planted leaks are named, equal processing clears the same files, and chance is not called a leak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from veridical.benchmark import baseline
from veridical.benchmark.audit import Sample, audit, audit_each, lower, samples_of, within_sources
from veridical.benchmark.metrics import auc
from veridical.benchmark.quality import quality_of
from veridical.benchmark.rows import Label, Row
from veridical.finding import Scalar
from veridical.media.exhibit import open_exhibit

PICTURES = 12


def samples(columns: dict[str, list[Scalar]], labels: list[int], sources: list[str] | None = None) -> list[Sample]:
    return [
        Sample(
            path=f"{i:05}", quality={"kind": "image"} | {name: values[i] for name, values in columns.items()},
            label="fake" if label else "real", source=sources[i] if sources else "s", group=str(i),
        )
        for i, label in enumerate(labels)
    ]  # fmt: skip


def saved(folder: Path, label: Label, jpeg_quality: int) -> list[Sample]:
    """Save pictures of one population at a chosen JPEG quality, and read their nuisances."""
    random = np.random.default_rng(5 if label == "fake" else 6)
    done = []
    for i in range(PICTURES):
        rough = random.integers(0, 255, (8, 8, 3), np.uint8)
        path = folder / f"{label}-{jpeg_quality}-{i:02}.jpg"
        picture = PIL.Image.fromarray(rough).resize((96, 96), PIL.Image.Resampling.BICUBIC)
        picture.save(path, quality=jpeg_quality)
        with open_exhibit(path) as exhibit:
            found = quality_of(exhibit)
        done.append(Sample(path=path.name, quality=found, label=label, source="s", group=path.name))
    return done


def test_another_jpeg_quality_is_named_and_equal_processing_clears(tmp_path: Path) -> None:
    reals = saved(tmp_path, "real", 85)
    leaking = audit(reals + saved(tmp_path, "fake", 60))
    assert {"jpeg_quality", "bytes"} <= set(leaking.leaks)
    assert next(one for one in leaking.culprits if one.name == "jpeg_quality").how == "lower in fakes"
    assert leaking.leaks_together and leaking.verdict.startswith("leaks: ")
    clean = audit(reals + saved(tmp_path, "fake", 85))
    assert clean.leaks == () and not clean.leaks_together
    assert clean.verdict.startswith("no leak found")


def test_a_value_in_the_middle_is_found_though_it_neither_rises_nor_falls() -> None:
    random = np.random.default_rng(1)
    labels = [i % 2 for i in range(200)]
    width = [512 if label else int(random.choice([200, 1000])) for label in labels]
    found = audit(samples({"width": width}, labels))
    assert found.leaks == ("width",) and found.culprits[0].how == "by value"
    assert found.culprits[0].auc.point > 0.95


@pytest.mark.parametrize("missing", ["fake", "real"])
def test_what_only_one_label_lacks_leaks(missing: str) -> None:
    random = np.random.default_rng(2)
    labels = [i % 2 for i in range(120)]
    lacking = [(label == 1) == (missing == "fake") for label in labels]
    quality: list[Scalar] = [None if none else float(random.random()) for none in lacking]
    assert audit(samples({"jpeg_quality": quality}, labels)).leaks == ("jpeg_quality",)


def test_chance_is_not_a_leak() -> None:
    flagged = 0
    for seed in range(5):
        random = np.random.default_rng(seed)
        labels = [i % 2 for i in range(120)]
        columns: dict[str, list[Scalar]] = {f"n{k}": random.normal(size=120).tolist() for k in range(6)}
        columns["word"] = random.choice(list("abcdefgh"), 120).tolist()
        found = audit(samples(columns, labels))
        flagged += bool(found.leaks or found.leaks_together)
    assert flagged <= 1


def test_a_difference_between_sources_is_no_difference_within_them() -> None:
    random = np.random.default_rng(3)
    sources, labels, size = [], [], []
    for source, share, centre in (("a", 0.8, 100.0), ("b", 0.2, 0.0)):
        for _ in range(150):
            sources.append(source)
            labels.append(int(random.random() < share))
            size.append(float(random.normal(centre, 10)))
    found = audit(samples({"bytes": size}, labels, sources))
    culprit = found.culprits[0]
    assert found.sources_with_both == ("a", "b")
    assert lower(culprit.auc) > 0.7 and culprit.within is not None
    assert culprit.within.low < 0.5 < culprit.within.high
    by = {one.folds: one for one in found.together}
    assert set(by) == {"source", "group", "file"}
    assert by["group"].auc.point > 0.7 and abs(by["group"].within.point - 0.5) < 0.12


def test_within_sources_weights_sources_by_their_pairs() -> None:
    values = np.array([0, 1, 2, 3, 9, 8, 7, 6, 5, 4.0])
    labels = np.array([0, 0, 1, 1, 0, 0, 0, 1, 1, 1])
    sources = np.array(["a"] * 4 + ["b"] * 6)
    found = within_sources(values, labels, [str(i) for i in range(10)], sources, ("a", "b"))
    assert found is not None and found.point == pytest.approx((1 * 1.0 + 1.5 * 0.0) / 2.5)
    assert within_sources(values, labels, ["g"] * 10, sources, ()) is None


def test_folds_keep_groups_whole_and_labels_spread() -> None:
    random = np.random.default_rng(4)
    groups = random.integers(0, 40, 300).astype(str).tolist()
    labels = np.array([int(g) % 4 == 0 for g in groups], int)
    folds = baseline.fold_of(groups, labels)
    assert folds is not None and set(folds) == set(range(5))
    assert all(len({f for f, g in zip(folds, groups, strict=True) if g == name}) == 1 for name in set(groups))
    assert all(0.1 < labels[folds == f].mean() < 0.45 for f in range(5))
    assert baseline.fold_of(["a", "a", "b"], np.array([1, 1, 0])) is None


def test_a_model_never_sees_the_file_that_it_judges() -> None:
    # each file has a word of its own: only a model that has seen the file could know its label
    labels = np.array([i % 2 for i in range(100)])
    folds = baseline.fold_of([str(i) for i in range(100)], labels)
    assert folds is not None
    words: list[Scalar] = [f"w{i}" for i in range(100)]
    scores = baseline.alone(words, labels, folds)
    assert len(np.unique(scores)) <= 5
    joint = baseline.together([{"word": word, "same": 1} for word in words], labels, folds)
    assert abs(auc(joint, labels) - 0.5) < 0.2


def test_too_little_to_audit_is_said() -> None:
    assert audit(samples({"bytes": [1, 2, 3]}, [1, 0, 0])).verdict.startswith("not audited")
    assert audit([]).verdict.startswith("not audited")


def test_rows_become_one_sample_a_file_and_kinds_are_apart() -> None:
    def row(id: str, path: str, kind: str, chain: str) -> Row:
        return Row(
            id=id, value=None, outcome="failed", reason="", seconds=0.0, quality={"kind": kind} if kind else {},
            exhibit="", path=path, label="real", category="real", generator="", source="s", group=path, chain=chain,
        )  # fmt: skip

    rows = [row("x", "a", "image", "native"), row("y", "a", "image", "native"), row("x", "b", "audio", "native"),
            row("x", "a", "image", "common"), row("x", "c", "", "native")]  # fmt: skip
    found = samples_of(rows)
    assert [(one.path, one.chain) for one in found] == [("a", "native"), ("b", "native"), ("a", "common")]
    assert [(a.chain, a.kind) for a in audit_each(found)] == [
        ("native", "image"), ("native", "audio"), ("common", "image"),
    ]  # fmt: skip
