"""The stimuli and the scoring of the localisation benchmark, on pictures with a known answer."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from skimage import data

BENCH = Path(__file__).parents[2] / "bench"


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any, Any]:
    monkeypatch.syspath_prepend(str(BENCH))
    names = ("manipulations", "localisation", "localisation_page")
    return tuple(import_module(name) for name in names)  # type: ignore[return-value]


def photos(manipulations: Any) -> tuple[Any, Any]:
    one, other = (getattr(data, name)() for name in ("coffee", "astronaut"))
    return tuple(manipulations.Photo(name, "skimage", p, None) for name, p in (("a", one), ("b", other)))  # type: ignore[return-value]


@pytest.mark.parametrize("kind", ["splice", "copy-move", "inpainting"])
def test_a_manipulation_changes_the_picture_where_the_mask_says(modules: Any, kind: str) -> None:
    manipulations = modules[0]
    for seed in range(20):
        photo, donor = photos(manipulations)
        made = manipulations.make(kind, photo, donor, np.random.default_rng(seed))
        assert 75 <= made.quality <= 98
        if made.resized:
            continue
        shown = cv2.imdecode(np.frombuffer(made.jpeg, np.uint8), cv2.IMREAD_COLOR)[..., ::-1]
        change = np.abs(shown.astype(int) - photo.pixels).max(2)
        far = cv2.erode((~made.mask & made.scored).astype(np.uint8), np.ones((15, 15))) > 0
        assert np.median(change[made.mask]) > np.median(change[far])
        assert np.percentile(change[far], 99) < 60  # nothing but JPEG
        assert change[~made.scored].max() > 60  # the label
        assert 0.005 < made.mask.mean() < 0.4


def test_a_face_swap_needs_two_faces(modules: Any) -> None:
    photo, donor = photos(modules[0])
    assert modules[0].make("face swap", photo, donor, np.random.default_rng(0)) is None


def test_a_map_that_is_the_mask_scores_one_and_its_opposite_nothing(modules: Any) -> None:
    manipulations, localisation, _ = modules
    photo, donor = photos(manipulations)
    made = manipulations.make("splice", photo, donor, np.random.default_rng(1))
    perfect = localisation.score(made.mask.astype(np.float32), made)
    opposite = localisation.score(1 - made.mask.astype(np.float32), made)
    assert perfect["auc"] > 0.98
    assert perfect["f1"] > 0.97
    assert opposite["auc"] < 0.02
    assert opposite["f1"] == pytest.approx(opposite["chance_f1"], abs=0.01)


def test_what_stands_in_the_label_does_not_count(modules: Any) -> None:
    manipulations, localisation, _ = modules
    photo, donor = photos(manipulations)
    made = manipulations.make("splice", photo, donor, np.random.default_rng(1))
    heat = made.mask.astype(np.float32)
    heat[~made.scored] = 9
    assert localisation.score(heat, made) == localisation.score(made.mask.astype(np.float32), made)


def test_the_page_counts_photographs_and_not_pictures(modules: Any) -> None:
    scores = {"auc": 0.8, "f1": 0.5, "chance_f1": 0.2, "share": 0.1}
    entries = [
        {"number": i, "kind": "splice", "quality": 80, "resized": bool(i % 2), "photo": f"p{i // 4}", "source": "s",
         "maps": {"spatial.sky": scores, "base": scores | {"auc": 0.6}}, "outcomes": {}}
        for i in range(20)
    ]  # fmt: skip
    text = modules[2].written(entries, baseline="base")
    assert "20 manipulations of 5 pristine photographs" in text
    assert "| spatial.sky | 0.80 [0.80, 0.80] (n 20) |" in text
    assert "| chance | 0.20 |" in text
