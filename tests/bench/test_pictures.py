"""The figures of the page of pictures, on scores with a known answer."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(BENCH))
    return import_module("pictures_files")


def row(number: int, fold: str, label: str, source: str, group: str = "", generator: str = "") -> dict[str, str]:
    return {"file": f"{number}", "fold": fold, "label": label, "source": source, "group": group, "generator": generator}


def many(files: Any, *, seed: int = 0, gap: float = 1.0, shift: float = 0.0) -> Any:
    """Real pictures around 0, in fold C around ``shift``, and fakes ``gap`` above."""
    random = np.random.default_rng(seed)
    rows, values = [], []
    for fold, source in (("A", "ffhq"), ("B", "utkface"), ("C", "unsplash"), ("D", "lfwgray")):
        for _ in range(200):
            for label in ("real", "fake"):
                rows.append(row(len(rows), fold, label, source))
                values.append(random.normal((label == "fake") * gap + (fold == "C") * shift))
    return files.Files(rows, np.array(values))


def test_the_threshold_of_a_fold_comes_from_the_others(files: Any) -> None:
    own = many(files, shift=10.0)
    above = files.flagged(own)
    real = own.labels == 0
    assert above[real & (own.folds == "C")].all()
    assert not above[real & (own.folds != "C")].any()
    evenly = files.flagged(many(files))
    assert 0.005 < evenly[real].mean() < 0.05


def test_calibration_of_a_fold_comes_from_the_others(files: Any) -> None:
    own = many(files, gap=2.0)
    ratios = files.calibrated(own) * np.log(10)
    np.testing.assert_allclose(ratios, 2 * (own.values - 1), atol=1.0)
    own.labels[own.folds == "B"] = 1 - own.labels[own.folds == "B"]
    again = files.calibrated(own) * np.log(10)
    np.testing.assert_array_equal(again[own.folds == "B"], ratios[own.folds == "B"])


def test_synthesis_leaves_edits_out(files: Any) -> None:
    assert {*many(files).synthesis().folds.tolist()} == {"A", "B", "C"}


def test_a_picture_without_a_group_stands_for_itself(files: Any) -> None:
    rows = [row(1, "A", "real", "ffhq"), row(2, "A", "real", "ffhq"), row(3, "D", "fake", "attgan", "p")]
    assert files.Files(rows, np.zeros(3)).groups == ["1", "2", "p"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("unknown modern diffusion (Midjourney v6/Flux-like) - city", "unknown modern diffusion"),
        ("StyleGAN2 (seeprettyface, Asian/model faces)", "StyleGAN2"),
        ("Stable Diffusion 1.4 ddim50 cfg10", "Stable Diffusion 1.4"),
    ],
)
def test_generators_are_named_without_what_they_show(files: Any, given: str, said: str) -> None:
    assert files.generator(row(1, "C", "fake", "x", generator=given)) == said


def test_scores_handed_in_are_read_by_statistic_and_condition(files: Any, tmp_path: Path) -> None:
    (tmp_path / "scores").mkdir()
    lines = [
        "condition,file,statistic,value",
        "native,1,a,0.5",
        "native,2,a,nan",
        "native,2,b,2",
        "half,1,a,",
        "half,7,a,1",
    ]
    (tmp_path / "scores/one.csv").write_text("\n".join(lines))
    found, main = files.statistics(
        tmp_path, [row(1, "A", "real", "ffhq"), row(2, "A", "fake", "fakefaces")], ("native", "half")
    )
    assert main == ["a"] and {*found["a"]} == {"native"}
    assert found["a"]["native"].values.tolist() == [0.5] and found["b"]["native"].labels.tolist() == [1]
