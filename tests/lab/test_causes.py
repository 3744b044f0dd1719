"""Each recipe has the cause that it says it has, measured by a yardstick of the test's own."""

import io
import json

import exifread
import numpy as np
import pytest
import soundfile
from PIL import Image
from scipy import fft, ndimage

from veridical import lab
from veridical.lab import engine, motion, portrait, write
from veridical.lab.recipe import Eye


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def picture(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def saved(pixels, quality):
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=quality)
    return np.asarray(Image.open(buffer)).astype(float)


def masked(made):
    return picture(made.altered.with_name(f"{made.altered.name}.mask.png"))[:, :, 0] > 0


@pytest.mark.parametrize("id", ["lab.edit.paste", "lab.edit.face"])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_an_edit_that_was_never_compressed_errs_more_when_compressed(tmp_path, id, seed):
    made = lab.make(id, None, tmp_path, seed=seed)
    mask = ndimage.binary_erosion(masked(made), iterations=12)
    ratio = []
    for path in (made.control, made.altered):
        pixels = picture(path)
        error = np.abs(pixels - saved(pixels, 90)).mean(2)
        ratio.append(error[mask].mean() / error[~mask].mean())
    assert ratio[1] > 1.1 * ratio[0]


def test_the_ghost_dips_at_its_own_quality(tmp_path):
    made = lab.make("lab.edit.ghost", None, tmp_path)
    mask = masked(made)
    apart = []
    for path in (made.control, made.altered):
        pixels = picture(path)
        dips = [ndimage.uniform_filter(((pixels - saved(pixels, q)) ** 2).mean(2), 16) for q in range(40, 100, 5)]
        dips = (dips - np.min(dips, 0)) / (np.ptp(dips, 0) + 1e-9)
        inside, outside = np.sort(dips[5][mask]), np.sort(dips[5][~mask])
        at = np.linspace(0, 1, 500)
        shares = [np.searchsorted(values, at) / len(values) for values in (inside, outside)]
        apart.append(np.abs(shares[0] - shares[1]).max())
    assert apart[1] > 0.8 > 0.3 > apart[0]


def test_an_enlarged_picture_has_lines_at_half_the_sampling_rate(tmp_path):
    made = lab.make("lab.synthesis.upsample", None, tmp_path)
    lines = []
    for path in (made.control, made.altered):
        power = np.abs(fft.fft2(picture(path).mean(2))) ** 2
        half = len(power) // 2
        lines.append(power[half, half] / np.median(power[half - 20 : half + 21, half - 20 : half + 21]))
    assert lines[1] > 1000 * lines[0]


def test_a_narrow_voice_holds_nothing_above_its_edge(tmp_path):
    made = lab.make("lab.voice.upsample", None, tmp_path)
    share = []
    for path in (made.control, made.altered):
        samples, rate = soundfile.read(path)
        power = np.abs(np.fft.rfft(samples)) ** 2
        share.append(power[np.fft.rfftfreq(len(samples), 1 / rate) > 4200].sum() / power.sum())
    assert share[0] > 1e-4
    assert share[1] < 1e-6


def frames_of(id, seconds, monkeypatch, tmp_path):
    """Return the frames of control and altered before they are encoded, the mask, and the facts."""
    taken = []

    class Taking(write.Recorder):
        def add(self, pixels):
            taken.append(pixels)
            super().add(pixels)

    monkeypatch.setattr(write, "Recorder", Taking)
    made = lab.make(id, None, tmp_path, knobs={"seconds": seconds})
    facts = json.loads(made.truth.read_text())["facts"]
    return np.stack(taken[::2]), np.stack(taken[1::2]), masked(made), facts


def test_blinks_come_when_the_truth_says(monkeypatch, tmp_path):
    control, altered, mask, facts = frames_of("lab.motion.still_face", 4.0, monkeypatch, tmp_path)
    differs = (control != altered).any(-1)
    assert np.array_equal(differs.any(0), mask)
    blinking = differs.any((1, 2))
    times = np.arange(len(blinking)) / motion.FPS
    wanted = np.zeros(len(blinking), bool)
    for blink in facts["control_blinks"]:
        wanted |= (times > blink["start_s"] + 0.02) & (times < blink["start_s"] + blink["seconds"] - 0.02)
        assert 0.15 <= blink["seconds"] <= 0.4
    assert wanted.any()
    assert not (wanted & ~blinking).any()
    assert not (blinking & ~ndimage.binary_dilation(wanted)).any()
    assert facts["altered_blinks"] == []


def test_blinks_come_at_a_natural_rate():
    for seed in range(20):
        blinks = motion._blinks(np.random.default_rng(seed), 60.0, 17.0)
        assert 10 <= len(blinks) <= 28
        assert all(late[0] > early[0] + early[1] for early, late in zip(blinks, blinks[1:], strict=False))


def test_only_the_face_flickers(monkeypatch, tmp_path):
    control, altered, mask, _ = frames_of("lab.motion.flicker", 1.0, monkeypatch, tmp_path)
    assert np.array_equal((control != altered).any((0, 3)), mask)
    steps = [np.abs(np.diff(frames.astype(float).mean(3), axis=0)).mean(0) for frames in (control, altered)]
    core = ndimage.binary_erosion(mask, iterations=25)
    assert steps[1][core].mean() > 1.5 * steps[0][core].mean()
    assert np.array_equal(steps[1][~mask], steps[0][~mask])


def test_lids_hide_a_dark_pupil():
    pixels = np.full((60, 80, 3), 200, np.uint8)
    eye = Eye(x0=20, y0=30, x1=60, y1=30, top=22, bottom=38)
    pixels[24:37, 34:47] = 10
    dark = [int((portrait.close_eyes(pixels, (eye,), closed)[:, :, 0] < 50).sum()) for closed in (0, 0.5, 1)]
    assert dark[0] == 13 * 13
    assert 0.3 * dark[0] < dark[1] < 0.7 * dark[0]
    assert dark[2] == 0


def test_provenance_says_what_it_should(tmp_path):
    made = lab.make("lab.provenance.parameters", None, tmp_path)
    with Image.open(made.altered) as altered, Image.open(made.control) as control:
        assert "Negative prompt" in altered.text["parameters"]
        assert "parameters" not in control.text
    made = lab.make("lab.provenance.edit", None, tmp_path)
    said = []
    for path in (made.control, made.altered):
        with path.open("rb") as file:
            exif = {name: str(value) for name, value in exifread.process_file(file).items()}
            thumbnail = exifread.process_file(file)["JPEGThumbnail"]
        small = picture(io.BytesIO(thumbnail)).astype(float)
        large = np.asarray(Image.fromarray(picture(path)).resize(small.shape[1::-1]), float)
        said.append(
            (
                exif["Image DateTime"] < exif["EXIF DateTimeOriginal"],
                exif["EXIF ExifImageWidth"] == str(picture(path).shape[1]),
                np.abs(small - large).mean() < 10,
                "Photoshop" in exif["Image Software"],
            )
        )
    assert said == [(False, True, True, False), (True, False, False, True)]


def test_a_users_picture_is_worked_on_with_consent(tmp_path):
    path = tmp_path / "mine.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (300, 400, 3)).astype(np.uint8)).save(path)
    made = lab.make("lab.edit.ghost", path, tmp_path / "out", consent="my own picture")
    source = json.loads(made.truth.read_text())["source"]
    assert source["consent"] == "my own picture"
    assert source["name"] == "mine.png"
    knobs = {"face": "100,50,120,150", "eyes": "120,110,140,110,106,114,170,110,190,110,106,114", "seconds": 1.0}
    made = lab.make("lab.motion.still_face", path, tmp_path / "out", consent="my own picture", knobs=knobs)
    assert made.altered.exists()


def test_a_picture_of_odd_size_keeps_its_label(tmp_path):
    path = tmp_path / "mine.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (301, 203, 3)).astype(np.uint8)).save(path)
    made = lab.make("lab.synthesis.upsample", path, tmp_path, consent="my own picture")
    assert picture(made.altered).shape == (301, 203, 3)


def test_a_users_recording_is_worked_on_with_consent(tmp_path):
    path = tmp_path / "mine.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).standard_normal((44100 * 7, 2)), 44100)
    made = lab.make("lab.voice.upsample", path, tmp_path / "out", consent="my own voice")
    assert soundfile.info(made.altered).channels == 1


@pytest.mark.parametrize(
    ("id", "size", "complaint"),
    [("lab.edit.face", 300, "where is the face"), ("lab.edit.ghost", 170, "needs 176 a side"),
     ("lab.voice.upsample", 1, "needs 2 s")],
)  # fmt: skip
def test_unsuitable_material_is_refused(tmp_path, id, size, complaint):
    if id == "lab.voice.upsample":
        path = tmp_path / "mine.wav"
        soundfile.write(path, np.zeros(44100 * size), 44100)
    else:
        path = tmp_path / "mine.png"
        Image.new("RGB", (size, size)).save(path)
    with pytest.raises(engine.UsageError, match=complaint):
        lab.make(id, path, tmp_path / "out", consent="mine")


def test_eyes_must_be_known_too(tmp_path):
    path = tmp_path / "mine.png"
    Image.new("RGB", (300, 300)).save(path)
    with pytest.raises(engine.UsageError, match="where are the eyes"):
        lab.make("lab.edit.face", path, tmp_path, consent="mine", knobs={"face": "50,50,100,120"})


def test_the_demo_photograph_may_be_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "skimage", None)
    with pytest.raises(engine.UsageError, match=r"veridical\[demo\]"):
        lab.make("lab.edit.ghost", None, tmp_path)
