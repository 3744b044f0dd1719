"""Examinations made of adapters: log odds of every kind of output, crops, polarity, calibration, and what is said of them."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from veridical import catalogue
from veridical.errors import NotApplicable, NotInstalled, UsageError
from veridical.examinations import _adapted, _adapted_value
from veridical.finding import Map
from veridical.media.audio import Audio
from veridical.media.image import Image
from veridical.models import adapter_state, adapters, runtime, store
from veridical.models.adapters import Output
from veridical.signals import crop_conventions as crops

from ...models import adapter_kit, tiny_nets

DATA, WEIGHTS = os.environ.get("VERIDICAL_DATA"), os.environ.get("VERIDICAL_WEIGHTS")


@pytest.fixture(autouse=True)
def own(tmp_path, monkeypatch):
    yield adapter_kit.home(tmp_path, monkeypatch)
    runtime.forget()
    catalogue.load.cache_clear()


def image(pixels, orientation=1):
    return Image(
        pixels=np.asarray(pixels, np.uint8), format="png", mode="RGB", bits=8, orientation=orientation, frames=1,
        thumbnail=None, jpeg=None,
    )  # fmt: skip


def grey(level, height=30, width=40):
    return image(np.full((height, width, 3), round(255 * level)))


def examine(adapter, *given):
    return _adapted.module_of(adapter).examine(*given)


@pytest.mark.parametrize(
    ("kind", "fake", "numbers", "want"),
    [
        ("logit", 1, [[1.5]], 1.5),
        ("logit", 0, [[1.5]], -1.5),  # a network whose high value means real, as MesoNet's
        ("probability", 1, [[0.8]], np.log(4)),
        ("probability", 0, [[0.8]], -np.log(4)),
        ("logits", 1, [[0.5, 2.0]], 1.5),
        ("logits", 0, [[0.5, 2.0]], -1.5),  # as AASIST's
        ("logits", 1, [[0.0, 2.0, 1.0]], 2 - np.log(1 + np.e)),
        ("probabilities", 1, [[0.2, 0.8]], np.log(4)),
        ("probabilities", 0, [[0.2, 0.8]], -np.log(4)),
    ],
)
def test_every_kind_of_output_becomes_log_odds_of_fake(kind, fake, numbers, want):
    adapter = replace(adapters.need("gend"), output=Output(kind=kind, fake=fake))
    assert _adapted_value.log_odds(adapter, np.array(numbers, float)) == pytest.approx([want])


@pytest.mark.parametrize(
    ("kind", "fake", "numbers", "why"),
    [
        ("logit", 1, [[1.0, 2.0]], "2 numbers, and the adapter expects one"),
        ("logits", 2, [[1.0, 2.0]], "class 2 is not among them"),
        ("probability", 1, [[7.0]], "no probability"),
        ("logit", 1, [[np.nan]], "not finite"),
    ],
)
def test_numbers_that_are_not_such_as_the_adapter_says_are_refused(kind, fake, numbers, why):
    adapter = replace(adapters.need("gend"), output=Output(kind=kind, fake=fake))
    with pytest.raises(NotInstalled, match=why):
        _adapted_value.log_odds(adapter, np.array(numbers, float))


def test_a_brighter_picture_gets_more_and_is_said_to_be_uncalibrated_and_untested():
    adapter = adapter_kit.installed()
    bright, dark = (examine(adapter, grey(level)) for level in (0.8, 0.2))
    assert bright.value == pytest.approx(2.4, abs=0.02) and dark.value == pytest.approx(-2.4, abs=0.02)
    assert "not calibrated" in bright.unit and "not calibrated" in bright.observation
    assert any("veridical models calibrate mine" in one for one in bright.limits)
    assert any("veridical models check mine" in one for one in bright.limits)
    assert bright.facts["model_sha256"] == adapter.model.sha256 and bright.facts["licence"] == "MIT"


def test_its_module_keeps_the_contract_and_it_is_found_once_it_is_added():
    before = set(catalogue.load().examinations)
    assert "learned.mine" not in before and before == set(catalogue.own().examinations)
    adapter_kit.installed()
    catalogue.load.cache_clear()
    one = catalogue.load().find("learned.mine")
    assert one.question == "Is this picture bright?" and one.branch == "classification"
    assert all(one.sections[heading] for heading in catalogue.SECTIONS)
    assert "learned.mine" not in catalogue.own().examinations


def test_a_published_one_that_is_not_here_says_what_to_do():
    with pytest.raises(UsageError, match="learned.gend is not on this machine; run: veridical models fetch gend"):
        catalogue.load().find("learned.gend")


def test_an_added_one_without_its_file_says_what_to_do():
    adapter = adapter_kit.installed()
    store.cached(adapter.model).unlink()
    runtime.forget()
    with pytest.raises(NotInstalled, match="veridical models fetch mine.model"):
        examine(adapter, grey(0.5))


def test_it_is_refused_while_its_polarity_test_fails():
    adapter = adapter_kit.installed()
    said = {"passed": False, "real": [1.0], "fake": [-1.0], "model": adapter.model.sha256}
    state = adapter_state.load("mine")
    adapter_state.keep("mine", replace(state, polarity=said))
    with pytest.raises(NotInstalled, match=r"polarity test failed.*Correct fake in \[output\]"):
        examine(adapter, grey(0.5))
    # The test of another network says nothing of this one.
    adapter_state.keep("mine", replace(state, polarity=said | {"model": "0" * 64}))
    assert np.isfinite(examine(adapter, grey(0.5)).value)
    adapter_state.keep("mine", replace(state, polarity=said | {"passed": True}))
    assert not any("has not been tested" in one for one in examine(adapter, grey(0.5)).limits)


def test_a_calibration_turns_log_odds_into_a_likelihood_ratio_and_names_its_bounds():
    adapter, seen = adapter_kit.installed(), grey(0.8)
    digest = hashlib.sha256(seen.pixels.tobytes()).hexdigest()
    fit = {"offset": -0.5, "slope": 2.0, "real": 20, "fake": 24, "cllr": 0.3, "auc": 0.9, "low": -3.0, "high": 3.0,
           "files": [digest], "model": adapter.model.sha256, "source": "x"}  # fmt: skip
    adapter_state.keep("mine", replace(adapter_state.load("mine"), calibration=fit))
    found = examine(adapter, seen)
    assert found.value == pytest.approx(2 * 2.4 - 0.5, abs=0.05) and found.unit == "ln of the likelihood ratio"
    assert found.facts["log_odds_of_the_network"] == pytest.approx(2.4, abs=0.02)
    # 20 files of the rarer label support no more than 21 to 1.
    assert found.facts["log10_lr"] == pytest.approx(np.log10(21), abs=1e-3)
    assert any("This very exhibit" in one for one in found.limits) and any(
        "So few files" in one for one in found.limits
    )
    other = examine(adapter, grey(1.0))
    assert not any("This very exhibit" in one for one in other.limits) and any(
        "lie outside" in one for one in other.limits
    )
    adapter_state.keep("mine", replace(adapter_state.load("mine"), calibration=fit | {"model": "0" * 64}))
    assert "not calibrated" in examine(adapter, seen).unit  # it was fitted for another network


def test_the_middle_alone_is_judged_and_said_to_be():
    text = adapter_kit.TEXT.replace('crop = "whole"', 'crop = "centre"')
    adapter = adapter_kit.installed(text)
    pixels = np.zeros((30, 40, 3))
    pixels[7:23, 12:28] = 255
    found = examine(adapter, image(pixels))
    assert found.value == pytest.approx(4)
    assert any("21% of the picture" in one for one in found.limits)  # 256 of 1200 pixels
    short = examine(replace(adapter, crop=replace(adapter.crop, short=15)), image(pixels))
    assert short.value < 0 and any("black" in one or "80%" in one for one in short.limits)


def test_tiles_are_native_pixels_and_the_brightest_is_shown():
    text = adapter_kit.TEXT.replace('crop = "whole"', 'crop = "tiles"\nstride = 8')
    adapter = adapter_kit.installed(text.replace("fake = 1", 'fake = 1\npool = "max"'))
    pixels = np.zeros((32, 48, 3))
    pixels[16:, 24:40] = 255
    found = examine(adapter, image(pixels))
    assert found.value == pytest.approx(4)
    assert (found.where[0].x, found.where[0].y, found.where[0].width) == (24, 16, 16)
    (map_,) = found.exhibits
    assert isinstance(map_, Map) and map_.values[25, 32] > 0 > map_.values[2, 2]
    assert examine(replace(adapter, output=replace(adapter.output, pool="mean")), image(pixels)).value < 0


def test_a_turned_photograph_is_judged_as_it_is_shown():
    text = adapter_kit.TEXT.replace('crop = "whole"', 'crop = "centre"\nshort = 16')
    adapter = adapter_kit.installed(text)
    random = np.random.default_rng(1).integers(0, 256, (40, 30, 3), np.uint8)
    turned = np.ascontiguousarray(random.swapaxes(0, 1)[::-1])  # what a camera stores with orientation 6, undone by it
    assert np.array_equal(image(turned, 6).display, random)
    assert examine(adapter, image(turned, 6)).value == examine(adapter, image(random)).value


def face(box, mesh=None):
    return SimpleNamespace(box=np.array(box, np.float32), mesh=np.zeros((468, 3)) if mesh is None else mesh)


def test_each_face_is_judged_in_its_square_and_the_highest_counts():
    text = adapter_kit.TEXT.replace('crop = "whole"', 'crop = "face"').replace("fake = 1", 'fake = 1\npool = "max"')
    adapter = adapter_kit.installed(text)
    pixels = np.zeros((200, 300, 3))
    pixels[35:165, 135:265] = 255  # 1.3 times a box of 100 about (200, 100)
    found = examine(adapter, image(pixels), SimpleNamespace(faces=(face((20, 20, 90, 90)), face((150, 50, 250, 150)))))
    assert found.value == pytest.approx(4) and found.facts["judged"] == 2
    assert (found.where[0].x, found.where[0].y) == (150, 50)
    with pytest.raises(NotApplicable, match="none of 1 faces has 32 pixels"):
        examine(adapter, image(pixels), SimpleNamespace(faces=(face((0, 0, 20, 20)),)))


@pytest.mark.parametrize("orientation", [1, 2])
def test_an_aligned_face_is_cut_upright_also_from_a_mirrored_file(orientation):
    adapter = replace(adapters.need("gend"), crop=replace(adapters.need("gend").crop, side=60))
    points = 100 * crops.FIVE_POINTS + (70, 40)
    shown = np.random.default_rng(2).integers(0, 256, (220, 260, 3), np.uint8)
    stored, mesh = shown, np.zeros((468, 3))
    stored_points = points
    if orientation == 2:
        stored, stored_points = (
            np.ascontiguousarray(shown[:, ::-1]),
            np.column_stack([259 - points[:, 0], points[:, 1]]),
        )
    for corners, point in zip(((33, 133), (263, 362), (1,), (61,), (291,)), stored_points, strict=True):
        mesh[list(corners), :2] = point
    found = _adapted.face_of(image(stored, orientation), face((0, 0, 9, 9), mesh), adapter)
    assert np.array_equal(found, crops.resized(crops.upright_face(shown, points, 1.3), 60, 60))


def sound(seconds, level, rate=16000):
    samples = (level * np.random.default_rng(0).standard_normal((round(seconds * rate), 1))).astype(np.float32)
    return Audio(samples=samples, rate=rate, codec="pcm_s16le", lossless=True, bits=16, start_s=0.0, bit_rate=0)


def test_a_voice_is_heard_in_windows_and_the_loudest_is_shown():
    text = adapter_kit.TEXT.replace("side = 16", "window = 16000\nhop = 8000").replace('"whole"', '"voice"')
    text = text.replace('kind = "logit"', 'kind = "logits"').replace("fake = 1", "fake = 0")
    adapter = adapter_kit.installed(text, tiny_nets.loudness(16000))
    audio, speech = sound(3, 0.1), SimpleNamespace(speech_seconds=3.0, snr_db=None)
    audio.samples[32000:] *= 2
    found = examine(adapter, audio, speech)
    assert found.facts["judged"] == 5 and (found.where[0].start_s, found.where[0].end_s) == (2.0, 3.0)
    powers = [np.mean(audio.samples[first : first + 16000].astype(float) ** 2) for first in range(0, 32001, 8000)]
    assert found.value == pytest.approx(200 * np.mean(powers), rel=1e-4)
    brief = examine(adapter, sound(0.5, 0.1), speech)
    assert brief.facts["judged"] == 1 and any("repeated" in one for one in brief.limits)
    with pytest.raises(NotApplicable, match="of speech"):
        examine(adapter, audio, SimpleNamespace(speech_seconds=0.2, snr_db=None))


@pytest.mark.models
@pytest.mark.skipif(
    not (DATA and WEIGHTS), reason="VERIDICAL_DATA and VERIDICAL_WEIGHTS name no data and published weights"
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_aasist_end_to_end_finds_recordings_of_its_own_collection_real():
    """The file that its authors published, converted here, on recordings of VCTK; the order of classes shows in the sign."""
    pytest.importorskip("torch")
    from veridical.training import aasist
    from veridical.training.adapter_export import convert

    weights, voices = Path(str(WEIGHTS)), Path(str(DATA)) / "audio"
    adapter = adapters.need("aasist")
    store.cache().mkdir(parents=True, exist_ok=True)
    shutil.copyfile(weights / "AASIST.pth", store.cached(adapter.model))
    assert convert(adapter)[1] < 1e-4
    with (voices / "manifest.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["source"] == "vqmivc_demo" and row["label"] == "real"][:3]
    import soundfile

    network = aasist.load(weights, "AASIST")
    for row in rows:
        samples, rate = soundfile.read(voices / row["file"], dtype="float32", always_2d=True)
        audio = Audio(samples=samples, rate=rate, codec="flac", lossless=True, bits=16, start_s=0.0, bit_rate=0)
        found = examine(adapter, audio, SimpleNamespace(speech_seconds=2.0, snr_db=None))
        assert found.value == pytest.approx(aasist.judge(network, samples[:, 0]).log_odds.mean(), abs=1e-3)
        assert found.value < -3
