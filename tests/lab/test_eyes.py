"""Each recipe for eyes has the one cause that it says, and the rest of the face is the same."""

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from veridical import lab
from veridical.lab import source


@pytest.fixture
def make(monkeypatch, tmp_path_factory, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))

    def made(id, **knobs):
        pair = lab.make(id, None, tmp_path, knobs=knobs)
        return tuple(np.asarray(Image.open(path).convert("RGB")) for path in (pair.control, pair.altered))

    return made


def middles():
    eyes = [source._enlarged_eye(eye) for eye in source.DEMO_EYES]
    return [(round((eye.x0 + eye.x1) / 2), round((eye.top + eye.bottom) / 2)) for eye in eyes]


def cut(pixels, x, y, reach=44):
    return pixels[y - reach : y + reach, x - reach : x + reach].astype(float)


def test_lobes_change_the_border_of_the_pupil_and_hardly_its_size(make):
    control, altered = make("lab.eyes.pupils", lobes=0.2)
    for x, y in middles():
        dark = []
        for pixels in (control, altered):
            labels, _ = ndimage.label(cut(pixels, x, y).mean(2) < 40)
            dark.append(labels == labels[44, 44])
        radii = []
        for mask in dark:
            rim = np.argwhere(mask & ~ndimage.binary_erosion(mask))
            radii.append(np.hypot(*(rim - np.argwhere(mask).mean(0)).T))
        assert dark[1].sum() == pytest.approx(dark[0].sum(), rel=0.08)
        assert np.ptp(radii[1]) > 3 * np.ptp(radii[0])


def test_only_one_eye_gets_another_light_or_hue(make):
    for id in ("lab.eyes.highlights", "lab.eyes.colour"):
        control, altered = make(id)
        (x, y), (far_x, far_y) = middles()
        assert np.array_equal(cut(control, x, y), cut(altered, x, y))
        assert not np.array_equal(cut(control, far_x, far_y), cut(altered, far_x, far_y))
        columns = np.flatnonzero((control != altered).any((0, 2)))
        assert columns.min() > far_x - 60 and columns.max() < far_x + 60


def test_smooth_eyes_and_teeth_lose_detail_and_the_cheek_loses_none(make):
    control, altered = make("lab.eyes.smooth")
    detail = [np.abs(ndimage.gaussian_laplace(pixels.astype(float).mean(2), 2)) for pixels in (control, altered)]
    (x, y), _ = middles()
    places = {"eye": (y, x), "teeth": (850, 640)}
    for row, column in places.values():
        before, after = (part[row - 15 : row + 15, column - 25 : column + 25].mean() for part in detail)
        assert after < 0.5 * before
    assert np.array_equal(control[600:700, 300:420], altered[600:700, 300:420])
