from __future__ import annotations

import csv
import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from skimage import data

from veridical import cameras
from veridical.benchmark.localisation import pixel_auc
from veridical.benchmark.metrics import auc
from veridical.errors import NotApplicable, NotInstalled, UsageError
from veridical.examinations.spatial import prnu
from veridical.lab.camera import OTHER, OWN, photographed
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.signals.fingerprint import Estimator, correlate
from veridical.signals.residual import noise_residual

from ...simulated import NAME, pictures, simulated_camera
from .faces_of import image

DATA = os.environ.get("VERIDICAL_DATA", "")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[cameras.Camera]:
    with simulated_camera(tmp_path_factory.mktemp("camera")) as camera:
        yield camera


def taken(sensor: int = OWN) -> np.ndarray:
    return photographed(data.astronaut(), sensor, np.random.default_rng(9))


def spliced(top: int = 260, left: int = 40, side: int = 200) -> np.ndarray:
    pixels = taken().copy()
    area = (slice(top, top + side), slice(left, left + side))
    pixels[area] = taken(OTHER)[area]
    return pixels


def test_a_picture_of_the_camera_matches_it_and_shows_no_area(store: cameras.Camera) -> None:
    found = prnu.examine(image(taken()))
    assert found.facts["camera"] == NAME
    assert float(found.facts["PCE"]) > 100  # type: ignore[arg-type]
    assert found.value < 0.3


def test_pixels_of_another_sensor_are_found_where_they_are(store: cameras.Camera) -> None:
    found = prnu.examine(image(spliced()))
    assert found.value > 0.6
    place = found.where[0]
    assert abs(place.x + place.width / 2 - 140) < 60  # type: ignore[union-attr]
    assert abs(place.y + place.height / 2 - 360) < 60  # type: ignore[union-attr]
    heat = found.exhibits[0].values
    mask = np.zeros((512, 512), bool)
    mask[260:460, 40:240] = True
    step = 512 / heat.shape[0]
    centres = ((np.arange(heat.shape[0]) + 0.5) * step).astype(int)
    truth, told = mask[np.ix_(centres, centres)], np.isfinite(heat)
    assert pixel_auc(heat[told], truth[told]) > 0.85
    colours = found.exhibits[1].values
    assert set(np.unique(colours[np.isfinite(colours)])) <= {-1.0, 0.0, 1.0}


def test_a_crop_is_compared_at_its_offset(store: cameras.Camera) -> None:
    found = prnu.examine(image(taken()[48 : 48 + 400, 64 : 64 + 400]))
    assert (found.facts["offset down"], found.facts["offset right"]) == (48, 64)


@pytest.mark.parametrize("offset", [0, 8, 57, 112])
def test_a_crop_from_another_camera_is_not_found_by_looking_everywhere(store: cameras.Camera, offset: int) -> None:
    with pytest.raises(NotApplicable, match=r"a PCE of \d+ anywhere in 66049 places is needed"):
        prnu.examine(image(taken(OTHER)[offset : offset + 256, offset : offset + 256]))


def test_a_crop_must_reach_more_than_a_whole_picture(store: cameras.Camera) -> None:
    crop = image(taken()[100:356, 100:356])
    energy = float(prnu.examine(crop).facts["PCE"])  # type: ignore[arg-type]
    assert prnu.examine(crop, least_pce=energy - 30).facts["PCE"] == energy  # 66,049 places cost 2 ln 66,049 = 22
    with pytest.raises(NotApplicable, match="not found"):
        prnu.examine(crop, least_pce=energy - 15)


def test_a_damaged_camera_keeps_no_picture_from_being_examined(store: cameras.Camera, tmp_path: Path) -> None:
    broken = cameras.folder() / "broken"
    shutil.copytree(cameras.folder() / NAME, broken)
    try:
        (broken / "camera.json").write_text("{}")
        (limit,) = [text for text in prnu.examine(image(taken())).limits if "left out" in text]
        assert "'broken' is damaged" in limit
        shutil.copy(cameras.folder() / NAME / "camera.json", broken)
        (broken / "camera.json").write_text((broken / "camera.json").read_text().replace(f'"{NAME}"', '"broken"'))
        (broken / "fingerprint.npy").write_bytes(b"no fingerprint")
        assert any("is not the one that was made" in text for text in prnu.examine(image(taken())).limits)
        with pytest.raises(NotInstalled, match="is not the one that was made"):
            prnu.examine(image(taken()), camera="broken")
    finally:
        shutil.rmtree(broken)


def test_another_camera_is_not_found_and_nothing_is_said(store: cameras.Camera) -> None:
    with pytest.raises(NotApplicable, match=r"not found: PCE .* That proves nothing"):
        prnu.examine(image(taken(OTHER)))


def test_all_enrolled_cameras_are_the_population(store: cameras.Camera, tmp_path: Path) -> None:
    cameras.enrol(pictures(tmp_path, sensor=77), "second one")
    try:
        table = next(one for one in prnu.examine(image(taken())).exhibits if one.name == "Cameras compared")
        assert [row[0] for row in table.rows] == [NAME, "second one"]  # type: ignore[union-attr]
        only = prnu.examine(image(taken()), camera=NAME)
        assert len(only.exhibits[-1].rows) == 1  # type: ignore[union-attr]
        with pytest.raises(NotApplicable, match="noise of second one is not found"):
            prnu.examine(image(taken()), camera="second one")
    finally:
        cameras.remove("second one")


def test_what_is_not_fit_is_not_applicable(store: cameras.Camera, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotApplicable, match="more than the pictures of any camera"):
        prnu.examine(image(np.zeros((600, 600, 3), np.uint8)))
    with pytest.raises(NotApplicable, match="256 × 256"):
        prnu.examine(image(np.zeros((100, 600, 3), np.uint8)))
    with pytest.raises(UsageError, match="no camera 'nobody' is enrolled"):
        prnu.examine(image(taken()), camera="nobody")
    with pytest.raises(UsageError, match="least_pce"):
        prnu.examine(image(taken()), least_pce=0)
    monkeypatch.setenv("VERIDICAL_CAMERAS", "/nowhere/at/all")
    with pytest.raises(NotInstalled, match="veridical enrol camera"):
        prnu.examine(image(taken()))


@pytest.mark.slow
@pytest.mark.skipif(not DATA, reason="VERIDICAL_DATA does not name the folder of labelled media")
@pytest.mark.parametrize(("side", "ncc", "pce"), [(512, 0.961, 0.963), (1024, 1.0, 1.0)])
def test_six_bodies_are_told_apart(side: int, ncc: float, pce: float) -> None:
    """Published separation at both sizes; 512 pixels are cut from the middle of the originals, as there."""
    flats, natural = defaultdict(list), []
    folder = Path(DATA) / "prnu"
    with (folder / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            with open_exhibit(folder / row["file"]) as exhibit:
                pixels = exhibit.stream(Image).pixels
            (width, height), (x, y) = map(int, row["original_size"].split("x")), map(int, row["crop"].split(","))
            top, left = (0, 0) if side == 1024 else ((height - side) // 2 - y, (width - side) // 2 - x)
            pixels = np.ascontiguousarray(pixels[top : top + side, left : left + side])
            if row["kind"] == "flat":
                flats[row["device"]].append(pixels)
            else:
                natural.append((row["device"], noise_residual(pixels)))
    rows = []
    for device, pictures_ in flats.items():
        estimator = Estimator((side, side))
        for pixels in pictures_:
            estimator.add(pixels)
        plane = estimator.fingerprint()
        for other, residual in natural:
            match = correlate(residual, plane, search=False)
            rows.append((device == other, match.ncc, match.pce))
    own, by_ncc, by_pce = map(np.array, zip(*rows, strict=True))
    assert len(own) == 96
    assert auc(by_ncc, own) == pytest.approx(ncc, abs=0.0008)
    assert auc(by_pce, own) == pytest.approx(pce, abs=0.0008)
    if side == 1024:
        assert by_pce[own].min() > 25 > 12 > by_pce[~own].max()
