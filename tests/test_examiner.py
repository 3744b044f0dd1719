"""Three outcomes, percepts computed once, one decode pass shared by all watchers, cached percepts not computed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from veridical.cache import PerceptCache
from veridical.catalogue import Catalogue, Examination, Need, Percept
from veridical.errors import DamagedMedia, ModelMissing, NotApplicable, UsageError
from veridical.examiner import Examiner, Knobs
from veridical.finding import Finding, Measurement
from veridical.media.video import Frame, Video
from veridical.percept import During, Watch


@dataclass(frozen=True)
class Brightness:
    values: np.ndarray


@dataclass(frozen=True)
class Jumps:
    values: np.ndarray


@dataclass(frozen=True)
class Peak:
    value: float


class Clip:
    """A stand-in for a video stream of grey frames of known brightness, which counts its passes."""

    def __init__(self, levels: list[int], *, broken_at: int | None = None) -> None:
        self.levels, self.broken_at = levels, broken_at
        self.passes: list[str] = []

    def frames(self, *, why: str) -> Iterator[Frame]:
        self.passes.append(why)
        for index, level in enumerate(self.levels):
            if index == self.broken_at:
                raise DamagedMedia("clip.mp4", "the stream breaks off", "Fetch it again")
            pixels = np.full((4, 4, 3), level, np.uint8)
            yield Frame(index=index, time_s=index / 25, key=index == 0, kind="I", pixels=pixels, rotation=0)


class FakeExhibit:
    sha256 = "0" * 64
    path = Path("clip.mp4")

    def __init__(self, clip: Clip) -> None:
        self.clip = clip

    def check_unchanged(self) -> None:
        return

    def stream(self, kind: type) -> object:
        if kind is Video:
            return self.clip
        raise NotApplicable("the exhibit is not a still image")


CALLS: list[str] = []


def watch_brightness(video: Video, *, gain: float = 1.0) -> Watch[Brightness]:
    CALLS.append("brightness")
    seen: list[float] = []
    frame = yield None
    while frame is not None:
        seen.append(float(frame.pixels.mean()) * gain)
        frame = yield seen[-1]
    return Brightness(np.array(seen))


def watch_jumps(video: Video, light: During[Brightness]) -> Watch[Jumps]:
    CALLS.append("jumps")
    seen: list[float] = []
    frame = yield None
    while frame is not None:
        seen.append(light.now)
        frame = yield None
    return Jumps(np.diff(seen))


def see_peak(light: Brightness) -> Peak:
    CALLS.append("peak")
    return Peak(float(light.values.max()))


def need(parameter: str, kind: type, *, during: bool = False, optional: bool = False) -> Need:
    return Need(parameter=parameter, kind=kind, during=during, optional=optional)


def percept(
    kind: type, function: Any, needs: tuple[Need, ...], *, watched: bool, knobs: Mapping[str, Any] = {}
) -> Percept:  # noqa: B006
    id = f"perception.{kind.__name__.lower()}"
    return Percept(id=id, function=function, needs=needs, knobs=knobs, text="", kind=kind, models=(), watched=watched)


PERCEPTS = {
    Brightness: percept(Brightness, watch_brightness, (need("video", Video),), watched=True, knobs={"gain": 1.0}),
    Jumps: percept(Jumps, watch_jumps, (need("video", Video), need("light", Brightness, during=True)), watched=True),
    Peak: percept(Peak, see_peak, (need("light", Brightness),), watched=False),
}


def examination(id: str, function: Any, *needs: Need, knobs: Mapping[str, Any] = {}) -> Examination:  # noqa: B006
    return Examination(
        id=id, function=function, needs=needs, knobs=knobs, text="", branch="forensics", detects=("editing",), demo="",
        question="?", sections={}, formerly=(),
    )  # fmt: skip


def measured(value: float) -> Measurement:
    return Measurement(value=value, unit="1", observation=f"{value}")


EXAMINATIONS = (
    examination("temporal.peak", lambda peak: measured(peak.value), need("peak", Peak)),
    examination("temporal.jump", lambda jumps: measured(float(abs(jumps.values).max())), need("jumps", Jumps)),
)


def run(
    clip: Clip, *asked: Examination, knobs: Knobs | None = None, cache: PerceptCache | None = None, strict: bool = False,
    percepts: Mapping[type, Percept] = PERCEPTS,
) -> list[Finding]:  # fmt: skip
    CALLS.clear()
    catalogue = Catalogue({one.id: one for one in asked}, percepts)
    examiner = Examiner(catalogue, knobs=knobs, cache=cache, strict=strict)
    exhibit: Any = FakeExhibit(clip)
    return list(examiner.examine(examiner.resolver(exhibit, asked), asked))


def test_the_video_is_decoded_once_for_all_watchers() -> None:
    clip = Clip([10, 20, 90, 90])
    findings = run(clip, *EXAMINATIONS)
    assert [f.measurement and f.measurement.value for f in findings] == [90, 70]
    assert clip.passes == ["percepts"]
    assert sorted(CALLS) == ["brightness", "jumps", "peak"]


def test_a_second_run_takes_percepts_from_the_cache(tmp_path: Path) -> None:
    cache = PerceptCache(tmp_path, most_bytes=1 << 30)
    first = run(Clip([10, 20, 90]), *EXAMINATIONS, cache=cache)
    clip = Clip([10, 20, 90])
    second = run(clip, *EXAMINATIONS, cache=cache)
    assert clip.passes == [] and CALLS == []
    assert [f.measurement for f in first] == [f.measurement for f in second]


def test_another_setting_of_a_percept_is_another_percept(tmp_path: Path) -> None:
    cache = PerceptCache(tmp_path, most_bytes=1 << 30)
    run(Clip([10, 20]), *EXAMINATIONS, cache=cache)
    clip = Clip([10, 20])
    findings = run(clip, *EXAMINATIONS, cache=cache, knobs={"perception.brightness": {"gain": 2.0}})
    assert clip.passes == ["percepts"]
    assert [f.measurement and f.measurement.value for f in findings] == [40, 20]


def refuse(reason: Exception) -> Any:
    def function(**_: Any) -> Measurement:
        raise reason

    return function


@pytest.mark.parametrize(
    ("function", "outcome", "reason"),
    [
        (refuse(NotApplicable("the face has 12 px")), "not_applicable", "the face has 12 px"),
        (refuse(ModelMissing("iris.64")), "not_applicable", "veridical models fetch iris.64"),
        (refuse(ZeroDivisionError("by zero")), "failed", "ZeroDivisionError: by zero"),
        (lambda: measured(float("nan")), "failed", "returned the value nan"),
        (lambda: 0.5, "failed", "returned a float"),
    ],
)
def test_what_cannot_be_measured_has_an_outcome_and_a_reason(function: Any, outcome: str, reason: str) -> None:
    (finding,) = run(Clip([1]), examination("temporal.x", function))
    assert finding.outcome == outcome and reason in finding.reason and finding.measurement is None
    assert bool(finding.traceback) == (outcome == "failed")
    assert finding.cause == ("installation" if "fetch" in reason else "exhibit" if outcome == "not_applicable" else "")


def test_strict_raises_faults_but_not_reasons() -> None:
    with pytest.raises(ZeroDivisionError):
        run(Clip([1]), examination("temporal.x", refuse(ZeroDivisionError())), strict=True)
    assert (
        run(Clip([1]), examination("temporal.x", refuse(NotApplicable("no"))), strict=True)[0].outcome
        == "not_applicable"
    )


def test_a_fault_of_a_percept_fails_only_those_that_need_it() -> None:
    def broken(video: Video) -> Watch[Brightness]:
        yield None
        raise RuntimeError("lost the thread")

    percepts = {**PERCEPTS, Brightness: percept(Brightness, broken, (need("video", Video),), watched=True)}
    free = examination("temporal.free", lambda: measured(1))
    findings = run(Clip([1, 2]), *EXAMINATIONS, free, percepts=percepts)
    assert [f.outcome for f in findings] == ["failed", "failed", "measured"]
    assert all("lost the thread" in f.reason for f in findings[:2])


def test_an_optional_need_that_is_not_applicable_is_none() -> None:
    from veridical.media.image import Image

    asked = examination("temporal.x", lambda image: measured(float(image is None)), need("image", Image, optional=True))
    assert run(Clip([1]), asked)[0].measurement == measured(1.0)


def test_damage_ends_the_examination_of_the_exhibit() -> None:
    with pytest.raises(DamagedMedia, match="breaks off"):
        run(Clip([1, 2, 3], broken_at=2), *EXAMINATIONS)


@pytest.mark.parametrize(
    ("knobs", "match"),
    [
        ({"temporal.peek": {"a": 1}}, "no examination or percept"),
        ({"temporal.x": {"b": 1}}, "has no knob 'b'; it has: a"),
        ({"temporal.x": {"a": "deep"}}, "takes a number such as 1.5"),
        ({"temporal.x": {"a": True}}, "takes a number"),
    ],
)
def test_knobs_that_do_not_exist_or_fit_are_refused(knobs: Knobs, match: str) -> None:
    def function(a: float) -> Measurement:
        return measured(a)

    asked = examination("temporal.x", function, knobs={"a": 1.5})
    with pytest.raises(UsageError, match=match):
        run(Clip([1]), asked, knobs=knobs)
    (finding,) = run(Clip([1]), asked, knobs={"temporal.x": {"a": 2}})
    assert finding.measurement == measured(2) and finding.settings == {"a": 2}
