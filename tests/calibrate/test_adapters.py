"""Polarity tests and calibrations of adapters, against a fit made by another program and labels that are turned round."""

from __future__ import annotations

import numpy as np
import pytest

from veridical import catalogue
from veridical.benchmark.calibration_metrics import cllr
from veridical.calibrate import adapters as bench
from veridical.errors import ModelMissing, UsageError
from veridical.models import adapter_state, runtime, store

from ..models import adapter_kit


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    yield adapter_kit.home(tmp_path, monkeypatch)
    runtime.forget()
    catalogue.load.cache_clear()


def folder(home, levels, *, wrong=False):
    """Write pictures in real/ and fake/; those of the fakes are brighter, or darker if wrong."""
    for label, level in (("real", -0.03), ("fake", 0.03)):
        for number, at in enumerate(levels):
            adapter_kit.picture(
                home / label / f"{number:02}.png", at + (-level if wrong else level), seed=number + (level > 0) * 100
            )
    return home


def test_the_fit_is_that_of_a_ridge_logistic_regression_with_balanced_labels():
    sklearn = pytest.importorskip("sklearn.linear_model")
    random = np.random.default_rng(0)
    labels = np.arange(130) < 30
    values = random.normal(np.where(labels, 2.0, -1.0), 1.5)
    offset, slope = bench.logistic(values, labels)
    scaled = (values - values.mean()) / values.std()
    other = sklearn.LogisticRegression(C=1.0, class_weight="balanced", tol=1e-10).fit(scaled[:, None], labels)
    assert slope == pytest.approx(other.coef_[0, 0] / values.std(), rel=1e-4)
    assert offset == pytest.approx(other.intercept_[0] - other.coef_[0, 0] * values.mean() / values.std(), rel=1e-3)


def test_the_cost_is_measured_on_files_left_out():
    random = np.random.default_rng(1)
    labels = np.repeat([False, True], 20)
    useless = random.normal(0, 1, 40)
    names = [str(number) for number in range(40)]
    assert bench.left_out(useless, labels, names) > 0.98
    good = random.normal(np.where(labels, 2.0, -2.0), 1.0)
    offset, slope = bench.logistic(good, labels)
    inside = (offset + slope * good) / np.log(10)
    assert 0.05 < bench.left_out(good, labels, names) < 0.6
    assert bench.left_out(good, labels, names) > cllr(inside[labels], inside[~labels]) - 0.02


def test_files_of_one_group_are_never_on_both_sides(monkeypatch):
    labels, fitted = np.arange(40) % 2 == 0, []
    groups = [f"person {number // 4}" for number in range(40)]
    values = np.arange(40.0)  # each tells which file it is

    def fit(values, labels):
        fitted.append({groups[int(value)] for value in values})
        return 0.0, 0.0

    monkeypatch.setattr(bench, "logistic", fit)
    assert bench.left_out(values, labels, groups) == 1.0  # a likelihood ratio of 1 says nothing
    assert len(fitted) == 5 and all(len(one) == 8 for one in fitted)
    # With two of ten people left out of each fit, whoever is in a fit has no file among those it is measured on.
    left = [set(groups) - one for one in fitted]
    assert sorted(name for one in left for name in one) == sorted(set(groups))
    with pytest.raises(UsageError, match="one or two groups"):
        bench.left_out(values, labels, ["a" if label else str(n) for n, label in enumerate(labels)])


def test_a_calibration_is_kept_with_its_counts_and_its_cost(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "LEAST", 8)
    adapter = adapter_kit.installed()
    levels = np.linspace(0.46, 0.54, 8)
    told = []
    done = bench.calibrate(adapter, folder(tmp_path / "media", levels), tell=lambda n, of: told.append((n, of)))
    fit = adapter_state.load("mine").calibration
    assert fit == done.fit and (fit["real"], fit["fake"], len(fit["files"])) == (8, 8, 16)
    assert fit["slope"] > 0 and 0 < fit["cllr"] < 1 and fit["auc"] > 0.75 and fit["model"] == adapter.model.sha256
    assert told[-1] == (16, 16)


def test_too_few_files_are_refused_and_the_reason_of_those_without_a_value_is_told(tmp_path, monkeypatch):
    assert bench.LEAST == 20
    monkeypatch.setattr(bench, "LEAST", 5)
    adapter = adapter_kit.installed()
    media = folder(tmp_path / "media", [0.5] * 5)
    (media / "fake" / "00.png").write_bytes(b"no picture")
    with pytest.raises(
        UsageError, match="5 real and 4 fake files gave a value; at least 5 .* 1 gave no value, the first"
    ):
        bench.calibrate(adapter, media)
    assert adapter_state.load("mine").calibration == {}


def test_a_detector_that_ranks_the_wrong_way_round_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(bench, "LEAST", 6)
    adapter = adapter_kit.installed()
    media = folder(tmp_path / "media", np.linspace(0.48, 0.52, 6), wrong=True)
    with pytest.raises(UsageError, match=r"the wrong way round .* fake in \[output\]"):
        bench.calibrate(adapter, media)
    assert adapter_state.load("mine").calibration == {}


def test_a_manifest_is_read_too(tmp_path):
    lines = ["file,label,category,generator,source,group"]
    for label, category in (("real", ""), ("fake", "synthesis")):
        adapter_kit.picture(tmp_path / f"{label}.png", 0.5)
        lines.append(f"{label}.png,{label},{category},x,y,z{label}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    found = bench.labelled(tmp_path)
    assert [(one.fake, one.group) for one in found] == [(False, "zreal"), (True, "zfake")]


def test_the_polarity_is_tested_and_kept_and_tested_again_after_a_failure(tmp_path):
    adapter = adapter_kit.installed()
    dark, bright = (adapter_kit.picture(tmp_path / f"{level}.png", level) for level in (0.2, 0.8))
    said = bench.check(adapter, [bright], [dark])
    assert not said["passed"] and adapter_state.load("mine").polarity == said
    said = bench.check(adapter, [dark], [bright])
    assert said["passed"] and said["fake"][0] == pytest.approx(2.4, abs=0.05)
    assert not bench.check(adapter, [dark, bright], [bright])["passed"]  # equal is not above


def test_an_exhibit_without_a_value_cannot_serve(tmp_path):
    adapter = adapter_kit.installed()
    small = adapter_kit.picture(tmp_path / "a.png", 0.5, size=(8, 8))
    with pytest.raises(UsageError, match="cannot serve for the polarity test of mine"):
        bench.check(adapter, [small], [small])


def test_a_missing_network_is_told_before_any_file_is_read(tmp_path):
    adapter = adapter_kit.installed()
    store.cached(adapter.model).unlink()
    with pytest.raises(ModelMissing):
        bench.calibrate(adapter, tmp_path)
