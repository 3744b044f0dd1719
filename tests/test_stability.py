"""Stability certificates from file to verdict: known causes, budgets, interruption, odd files, nothing left behind."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image as Pillow

import veridical
from veridical import pipeline, stability
from veridical.cache import PerceptCache
from veridical.catalogue import Catalogue, Examination, Need, load
from veridical.errors import DamagedMedia, NotApplicable
from veridical.evidence.calibration import CalibrationTable, Condition
from veridical.evidence.fusion import FusedGroup, FusionTable, Member
from veridical.evidence.stability import Certificate
from veridical.examiner import Examiner, Progress
from veridical.finding import Measurement
from veridical.media.audio import Audio
from veridical.media.decoder import Decoder
from veridical.media.exhibit import open_exhibit
from veridical.media.image import Image
from veridical.media.video import Video
from veridical.reencode.benign import BENIGN
from veridical.reencode.scratch import PREFIX
from veridical.report.json_schema import schema
from veridical.report.stability_words import stability_of
from veridical.report.to_html import to_html
from veridical.report.to_json import from_json, to_json
from veridical.resolver import Resolver
from veridical.stability import NATIVE, StabilityTest, Weighed, by_tables

NOTHING = PerceptCache(None, most_bytes=0)


def told(value: float) -> Measurement:
    return Measurement(value=value, unit="1", observation=f"{value}")


def saved(image: Image) -> Measurement:
    """Ask how the file was saved: its JPEG quality, 100 if it is no JPEG."""
    return told(float(image.jpeg.quality if image.jpeg else 100))


def shown(image: Image) -> Measurement:
    """Ask what the picture shows: the share of its pixels that are bright."""
    return told(float((image.display.mean(2) > 127).mean()))


def heard(sound: Audio) -> Measurement:
    return told(float(np.abs(np.fft.rfft(sound.mono)).argmax() * sound.rate / len(sound.samples)))


def seen(video: Video) -> Measurement:
    return told(float(np.mean([frame.pixels.mean() for frame in video.frames()])))


def broken(image: Image) -> Measurement:
    raise ZeroDivisionError("a fault")


def examination(id: str, function: Callable[..., Measurement], parameter: str, kind: type) -> Examination:
    needs = (Need(parameter=parameter, kind=kind, optional=False, during=False),)
    return Examination(
        id=id, function=function, needs=needs, knobs={}, text="", branch="forensics", detects=("editing",), demo="",
        question="?", sections={}, formerly=(),
    )  # fmt: skip


ASKED = (
    examination("made.saved", saved, "image", Image), examination("made.shown", shown, "image", Image),
    examination("made.broken", broken, "image", Image), examination("made.heard", heard, "sound", Audio),
    examination("made.seen", seen, "video", Video),
)  # fmt: skip
CATALOGUE = Catalogue({one.id: one for one in ASKED}, load().percepts)


def table(id: str, offset: float, slope: float) -> CalibrationTable:
    any_ = Condition(
        name="any",
        words="any file",
        when={},
        valid=(-1e6, 1e6),
        upper=2.0,
        lowest=-2.0,
        pairs=np.array([[offset, slope]]),
    )
    return CalibrationTable(name=f"{id} 1", settings={}, conditions=(any_,))


TABLES = {
    "made.saved": table("made.saved", -8.0, 0.1), "made.shown": table("made.shown", 0.2, 2.0),
    "made.heard": table("made.heard", 0.0, 0.003), "made.seen": table("made.seen", 0.0, 0.01),
}  # fmt: skip


def fused_of(id: str) -> FusionTable:
    """A fused model of one finding, whose log10 LR is what that of the finding is, within ±2."""
    one = TABLES[id].conditions[0].pairs
    member = Member(id=id, middle=0.0, spread=1e3)
    group = FusedGroup(name="one", words="one", members=(member,), needs=(), lowest=-2.0, upper=2.0)
    rows = np.array([[[one[0, 0], one[0, 1] * 1e3]]])
    return FusionTable(name="fusion 1", kind="image", groups=(group,), rows=rows, lowest=-2.0, upper=2.0)


def certified(path: Path, *ids: str, fused: str = "", **options: Any) -> Certificate:
    """Test a file with some of the examinations above; the temporary folder must be empty afterwards."""
    examiner = Examiner(CATALOGUE)
    weigh = by_tables(CATALOGUE, TABLES.get, lambda kind: fused_of(fused) if fused else None)
    with open_exhibit(path) as exhibit:
        chosen = [CATALOGUE.examinations[id] for id in ids]
        resolver = examiner.resolver(exhibit, chosen)
        findings = list(examiner.examine(resolver, chosen))
        test = StabilityTest(examiner, exhibit, resolver, findings, **{"weigh": weigh, **options})
        test.run()
    return test.certificate()


@pytest.fixture(autouse=True)
def no_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Nothing may be left in the temporary folder."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield folder
    assert not list(folder.glob(f"{PREFIX}*"))


@pytest.fixture
def photograph(tmp_path: Path) -> Path:
    from skimage.data import astronaut

    path = tmp_path / "photo.jpg"
    Pillow.fromarray(astronaut()[:256, :256]).save(path, quality=92)
    return path


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path, t = tmp_path / "voice.wav", np.arange(8 * 22050) / 22050
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 300 * t) * (0.6 + 0.4 * np.sin(2 * np.pi * 2 * t)), 22050)
    return path


def clip(path: Path, seconds: float = 1.0) -> Path:
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=25, options={"crf": "16", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
        y, x = np.mgrid[:96, :128]
        for i in range(round(seconds * 25)):
            grey = (110 + 60 * np.sin((x + 2 * i) / 11) + 40 * np.cos(y / 9)).astype(np.uint8)
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.repeat(grey[..., None], 3, 2), "rgb24")))
        out.mux(stream.encode(None))
    return path


def test_what_depends_on_the_last_save_flips(photograph: Path) -> None:
    found = certified(photograph, "made.saved", "made.shown", fused="made.saved")
    values = {one.name: one.values["made.saved"] for one in found.trials}
    assert values[NATIVE] == 92 and values["jpeg_75"] == 75 and values["jpeg_85"] == 85 and values["cut_7"] == 90
    assert found.together.flipped and found.together.cap == 0.0
    assert found.trials[0].log10_lr == pytest.approx(1.2, abs=0.02)
    assert found.findings["made.saved"].flipped and found.findings["made.saved"].spread == pytest.approx(2.0)
    said = stability_of(found)
    assert said.flipped and "They change sides" in said.statement and "made.saved" in said.statement


def test_what_depends_on_the_content_is_stable(photograph: Path) -> None:
    found = certified(photograph, "made.shown", fused="made.shown")
    own = found.trials[0].log10_lr
    assert own is not None and found.together.weighed == 8 and not found.together.flipped
    assert found.together.spread is not None and found.together.spread < 0.1
    assert found.together.cap == pytest.approx(own, abs=0.1) and found.together.cap <= own
    assert "No |log10 LR| above" in stability_of(found).statement


def test_a_copy_without_a_finding_that_speaks_in_the_file_is_not_compared(photograph: Path) -> None:
    def weigh(resolver: Resolver, findings: Sequence[Any]) -> Weighed:
        if "webp" in resolver.exhibit.path.name:
            return Weighed(weights={"made.shown": 0.1}, log10_lr=0.1, together=frozenset({"made.shown"}))
        both = {"made.saved": 0.5, "made.shown": 0.5}
        return Weighed(weights=both, log10_lr=1.0, together=frozenset(both))

    found = certified(photograph, "made.saved", "made.shown", weigh=weigh)
    notes = {one.name: one.note for one in found.trials if one.note}
    assert notes == {"webp_80": "no weight in it: made.saved"} and found.together.weighed == 7
    assert found.together.cap == 1.0 and "1 further copy has no weight" in stability_of(found).statement


def test_the_same_file_gives_the_same_certificate(photograph: Path) -> None:
    one, other = (stability_of(certified(photograph, "made.saved", "made.shown", fused="made.shown")) for _ in range(2))
    assert (one.variants, one.statement, one.cap) == (other.variants, other.statement, other.cap)


def test_the_exhibit_is_not_touched(photograph: Path) -> None:
    before = photograph.stat(), hashlib.sha256(photograph.read_bytes()).hexdigest()
    certified(photograph, "made.saved")
    after = photograph.stat(), hashlib.sha256(photograph.read_bytes()).hexdigest()
    assert (before[0].st_mtime_ns, before[0].st_mode, before[1]) == (after[0].st_mtime_ns, after[0].st_mode, after[1])
    assert sorted(one.name for one in photograph.parent.iterdir()) == ["photo.jpg", "temporary"]


def test_only_one_encoding_lies_on_disk_at_a_time(photograph: Path, no_rest: Path) -> None:
    lying: list[list[str]] = []

    def weigh(resolver: Resolver, findings: Sequence[Any]) -> Weighed:
        lying.append(sorted(one.name for one in no_rest.glob(f"{PREFIX}*/*") if not one.name.startswith(".")))
        return Weighed()

    certified(photograph, "made.saved", weigh=weigh)
    assert [len(one) for one in lying] == [0, 0, *[1] * 8] and lying[2] == ["jpeg_85.jpg"]


def test_no_time_tries_nothing_and_says_so(photograph: Path) -> None:
    found = certified(photograph, "made.shown", budget_s=0.0)
    assert len(found.trials) == 1 and found.unfinished == tuple(BENIGN["image"])
    assert found.together.cap is None and "0 s are too short" in stability_of(found).statement


def test_no_encoding_is_begun_without_time_for_it(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a made clock on which every trial takes 10 s, 35 s hold three of them."""
    now = [0.0]
    monkeypatch.setattr(stability.time, "monotonic", lambda: now[0])

    def weigh(resolver: Resolver, findings: Sequence[Any]) -> Weighed:
        now[0] += 10 if resolver.exhibit.path != photograph else 0
        return Weighed(weights={"made.shown": 1.0}, log10_lr=1.0)

    found = certified(photograph, "made.shown", budget_s=35.0, weigh=weigh)
    assert len(found.trials) == 4 and len(found.unfinished) == 5 and found.seconds == 30.0
    assert found.together.cap == 1.0 and "5 were not tried within 35 s" in stability_of(found).statement


def test_a_finding_that_is_too_slow_is_left_out_by_name(photograph: Path) -> None:
    examiner = Examiner(CATALOGUE)
    with open_exhibit(photograph) as exhibit:
        chosen = [CATALOGUE.examinations[id] for id in ("made.saved", "made.shown")]
        resolver = examiner.resolver(exhibit, chosen)
        heavy, light = examiner.examine(resolver, chosen)
        slow = replace(heavy, seconds=500.0)
        weigh = by_tables(CATALOGUE, TABLES.get, lambda kind: None)
        test = StabilityTest(examiner, exhibit, resolver, [slow, light], weigh=weigh, budget_s=60.0)
    # the light one has the larger weight here, so that the slow one finds no room beside it
    assert test.chosen == {"made.shown"} and test.certificate().left_out == ("made.saved",)


def test_what_came_from_the_cache_is_not_taken_for_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clip whose percepts are cached costs nothing to examine again, but every copy of it costs a decoding."""
    path = clip(tmp_path / "clip.mp4", 9.0)
    catalogue, cache = load(), PerceptCache(tmp_path / "cache", most_bytes=1 << 30)
    examiner = Examiner(catalogue, cache=cache)
    parts = []
    for _ in range(2):
        with open_exhibit(path) as exhibit:
            chosen = [catalogue.examinations["temporal.flicker"]]
            resolver = examiner.resolver(exhibit, chosen)
            findings = list(examiner.examine(resolver, chosen))
            findings = [replace(one, outcome="measured", seconds=0.0) for one in findings]
            seconds = dict(resolver.seconds)
            resolver.seconds.clear()  # as after a run in which everything was cached
            weigh = lambda *_: Weighed(weights={"temporal.flicker": 1.0})  # noqa: E731
            test = StabilityTest(Examiner(catalogue), exhibit, resolver, findings, weigh=weigh, budget_s=70.0)
            parts.append((test.certificate().part_s, seconds))
    assert [part for part, _ in parts] == [7.8, 7.8] and "video" in parts[0][1] and "video" not in parts[1][1]


def test_an_interruption_keeps_what_was_tried(photograph: Path) -> None:
    count = 0

    def weigh(resolver: Resolver, findings: Sequence[Any]) -> Weighed:
        nonlocal count
        count += 1
        if count == 6:
            raise KeyboardInterrupt
        return Weighed(weights={"made.shown": 1.0}, log10_lr=1.0)

    examiner = Examiner(CATALOGUE)
    with open_exhibit(photograph) as exhibit:
        chosen = [CATALOGUE.examinations["made.shown"]]
        resolver = examiner.resolver(exhibit, chosen)
        test = StabilityTest(examiner, exhibit, resolver, list(examiner.examine(resolver, chosen)), weigh=weigh)
        with pytest.raises(KeyboardInterrupt):
            test.run()
    found = test.certificate()
    assert len(found.trials) == 4 and found.together.weighed == 3 and len(found.unfinished) == 5


def test_a_decoder_that_dies_costs_one_trial(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = Decoder._running

    def dying(self: Decoder) -> Any:
        process = true(self)
        if "webp" in self.path.name:
            process.kill()
            process.wait()
        return process

    monkeypatch.setattr(Decoder, "_running", dying)
    found = certified(photograph, "made.shown", fused="made.shown")
    notes = {one.name: one.note for one in found.trials if one.note}
    assert list(notes) == ["webp_80"] and "decoder process died" in notes["webp_80"]
    assert found.together.weighed == 7 and "1 could not be made" in stability_of(found).statement


def test_a_step_that_fails_costs_one_trial(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    steps = {**BENIGN["image"], "webp_80": type(BENIGN["image"]["webp_80"])("a full disk", fail)}
    monkeypatch.setitem(BENIGN, "image", steps)
    notes = {one.name: one.note for one in certified(photograph, "made.shown").trials if one.note}
    assert list(notes) == ["webp_80"] and "No space left" in notes["webp_80"]


def test_without_a_temporary_folder_every_trial_says_why(photograph: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/proc/nothing")
    found = certified(photograph, "made.shown")
    assert len(found.trials) == 9 and "could not be written" in found.trials[3].note
    assert "not tested" in stability_of(found).statement


def test_a_recording_and_a_clip(recording: Path, tmp_path: Path) -> None:
    found = certified(recording, "made.heard", fused="made.heard")
    assert [one.name for one in found.trials] == [NATIVE, *BENIGN["audio"]]
    assert found.together.weighed == 8 and found.together.spread is not None and found.together.spread < 0.02
    found = certified(clip(tmp_path / "clip.mp4"), "made.seen", fused="made.seen")
    notes = {one.name: one.note for one in found.trials if one.note}
    assert found.together.weighed == 7 and list(notes) == ["sound_48"] and "no sound" in notes["sound_48"]


def test_of_a_long_clip_the_first_part_is_tried(tmp_path: Path) -> None:
    path = clip(tmp_path / "clip.mp4", 9.0)
    examiner = Examiner(CATALOGUE)
    with open_exhibit(path) as exhibit:
        chosen = [CATALOGUE.examinations["made.seen"]]
        resolver = examiner.resolver(exhibit, chosen)
        (finding,) = examiner.examine(resolver, chosen)
        slow = replace(finding, seconds=100.0)
        weigh = by_tables(CATALOGUE, TABLES.get, lambda kind: None)
        test = StabilityTest(examiner, exhibit, resolver, [slow], weigh=weigh, budget_s=60.0)
        test.run()
    found = test.certificate()
    assert found.part_s == 6.0 and [one.name for one in found.trials][:3] == [NATIVE, "first_part", "h264_23"]
    whole, part, again = (one.values["made.seen"] for one in found.trials[:3])
    assert whole is not None and part == pytest.approx(again, abs=0.5) and part == pytest.approx(whole, abs=2)
    assert "Only the first 6 s were encoded anew" in stability_of(found).statement


def test_nothing_to_ask_is_said(photograph: Path) -> None:
    found = certified(photograph, "made.broken")
    assert len(found.trials) == 1 and not found.unfinished
    assert "no finding carries weight" in stability_of(found).statement


def odd(name: str, folder: Path) -> Path:
    path = folder / name
    pixels = np.random.default_rng(0).integers(0, 255, (80, 100, 3), np.uint8)
    if name == "one.png":
        Pillow.new("RGB", (1, 1)).save(path)
    elif name == "cmyk.jpg":
        Pillow.fromarray(pixels).convert("CMYK").save(path)
    elif name == "deep.png":
        Pillow.fromarray(pixels[..., 0].astype(np.uint16) * 257).save(path)
    elif name == "moving.gif":
        frames = [Pillow.fromarray(np.roll(pixels, 5 * i, 1)) for i in range(4)]
        frames[0].save(path, save_all=True, append_images=frames[1:])
    elif name == "silent.mp4":
        clip(path)
    else:
        soundfile.write(path, np.sin(np.arange(24000) / 9) * 0.2, 8000)
    return path


@pytest.mark.parametrize("name", ["one.png", "cmyk.jpg", "deep.png", "moving.gif", "phone.wav", "silent.mp4"])
def test_odd_files_give_a_certificate_or_a_reason(name: str, tmp_path: Path) -> None:
    report = veridical.examine(
        odd(name, tmp_path), only=["spatial.error_level", "spatial.radial_spectrum", "audio.bandwidth", "temporal.flicker"],
        stability=20, cache=NOTHING,
    )  # fmt: skip
    held = report.conclusion.stability
    assert held is not None and held.statement
    assert len(held.variants) == 9 or "not tested" in held.statement
    assert all(one.note or one.values for one in held.variants[1:])


def test_examine_puts_the_certificate_into_the_report(photograph: Path) -> None:
    heard: list[str] = []
    report = veridical.examine(
        photograph, only=["spatial"], stability=30, cache=NOTHING, tell=lambda now: heard.append(now.id)
    )
    held = report.conclusion.stability
    assert held is not None and held.budget_s == 30 and held.variants[0].name == NATIVE
    own = {one.id: one.value for one in report.findings}
    assert held.variants[0].values and all(value == own[id] for id, value in held.variants[0].values.items())
    assert any(one.startswith("stability 8 of 8") for one in heard)
    import json

    import jsonschema

    text = to_json(report)
    jsonschema.validate(json.loads(text), schema())
    assert to_json(from_json(text)) == text
    page = to_html(report)
    assert 'id="stability"' in page and "JPEG of quality 85" in page
    assert 'id="stability"' not in to_html(veridical.examine(photograph, only=["spatial.error_level"], cache=NOTHING))


def test_ctrl_c_keeps_the_report(photograph: Path) -> None:
    def tell(now: Progress) -> None:
        if now.id.startswith("stability 3"):
            raise KeyboardInterrupt

    request = pipeline.Request(only=("spatial.error_level",), stability_s=30.0)
    report = pipeline.Run(request, cache=NOTHING, tell=tell).examine(photograph, keep_interrupted=True)
    assert report.record.interrupted and [one.outcome for one in report.findings] == ["measured"]
    held = report.conclusion.stability
    assert held is not None and len(held.variants) == 3 and len(held.unfinished) == 6 and held.interrupted
    assert "the run was interrupted" in held.statement
    assert "before every examination" not in report.conclusion.statement


def test_damage_ends_before_stability_is_tested(tmp_path: Path) -> None:
    path = tmp_path / "cut.jpg"
    Pillow.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)).save(path)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(DamagedMedia):
        veridical.examine(path, stability=True, cache=NOTHING)
    report = pipeline.Run(pipeline.Request(stability_s=5.0), cache=NOTHING).examine(path)
    assert report.conclusion.stability is None and report.error is not None


def test_a_note_says_what_an_encoding_needs(tmp_path: Path) -> None:
    found = certified(odd("one.png", tmp_path), "made.shown")
    notes = {one.name: one.note for one in found.trials if one.note}
    assert list(notes) == ["cut_7"] and "1 × 1 px" in notes["cut_7"]
    with open_exhibit(odd("one.png", tmp_path)) as exhibit, pytest.raises(NotApplicable):
        BENIGN["image"]["cut_7"].make(exhibit, tmp_path / "x", "0")
