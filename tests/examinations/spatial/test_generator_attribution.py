from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from skimage import data

from veridical.errors import NotApplicable
from veridical.examinations.spatial import generator_attribution
from veridical.finding import Measurement
from veridical.knowledge.references import TRACES, Group, Reference
from veridical.perception.neighbour_prediction import see_neighbour_prediction
from veridical.perception.picture_spectrum import see_picture_spectrum
from veridical.signals.dct import block_scales
from veridical.signals.traces import block_features, radial_features

from .faces_of import image

SHOWN = image(data.astronaut())
NEIGHBOURS, SPECTRUM = see_neighbour_prediction(SHOWN), see_picture_spectrum(SHOWN)
OWN = {
    TRACES[0]: block_features(block_scales(SHOWN.pixels)[0]), TRACES[1]: NEIGHBOURS.features,
    TRACES[2]: radial_features(SPECTRUM.radial),
}  # fmt: skip


def group(name: str, away: float, *, real: bool = False, radius: float = 1.0) -> Group:
    mean = {trace: vector + np.float32(away) for trace, vector in OWN.items()}
    return Group(name=name, real=real, source=name, count=30, mean=mean, spread=mean, radius=radius)


def known(*groups: Group) -> Reference:
    whitening = {trace: np.eye(len(vector), dtype=np.float32) for trace, vector in OWN.items()}
    return Reference(
        condition="not JPEG", photographs=groups[0], low={}, median={}, high={}, groups=groups, whitening=whitening,
        sources={},
    )  # fmt: skip


def examine(monkeypatch: pytest.MonkeyPatch, *groups: Group) -> Measurement:
    """Ask with these groups and, far away, another of each kind that is there: two of each are needed."""
    far = tuple(group("far", 9, real=real) for real in {one.real for one in groups})
    monkeypatch.setattr(generator_attribution, "reference", lambda *_: known(*groups, *far) if groups else None)
    return generator_attribution.examine(SHOWN, NEIGHBOURS, SPECTRUM)


def test_the_nearest_group_within_its_radius_is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examine(monkeypatch, group("camera", 3, real=True), group("Net A", 0.5), group("Net B", 2))
    assert found.facts["answer"] == "Net A"
    assert found.value == pytest.approx(3 - 0.5, rel=1e-4)


def test_beyond_every_radius_the_answer_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examine(monkeypatch, group("camera", 3, real=True), group("Net A", 2))
    assert found.facts["answer"] == "unknown"
    assert "the answer is unknown" in found.observation


def test_photographs_are_an_answer_and_never_called_authentic(monkeypatch: pytest.MonkeyPatch) -> None:
    found = examine(monkeypatch, group("camera", 0.5, real=True), group("Net A", 2))
    assert found.facts["answer"] == "nearest to the population of photographs"
    assert found.value == pytest.approx(0.5 - 2, rel=1e-4)
    assert "authentic" not in found.observation


def test_a_group_without_radius_is_never_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    near = replace(group("Net A", 0.1), radius=None)
    assert examine(monkeypatch, group("camera", 3, real=True), near).facts["answer"] == "unknown"


def test_without_generators_or_photographs_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for groups in ((), (group("camera", 1, real=True),), (group("Net A", 1),)):
        with pytest.raises(NotApplicable, match="2 of each are needed"):
            examine(monkeypatch, *groups)
    with pytest.raises(NotApplicable, match="200 × 200"):
        generator_attribution.examine(image(data.astronaut()[:200, :200]), NEIGHBOURS, SPECTRUM)
