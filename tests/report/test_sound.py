"""The sound of an exhibit in its report: what is kept of it, where it lies in time, and what the page says of it."""

from __future__ import annotations

import base64
import io
import re
import struct
import zlib
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import av
import numpy as np
import pytest
import soundfile

import veridical
from veridical.cache import PerceptCache
from veridical.finding import Chart, Span
from veridical.media.audio import Audio
from veridical.media.listening import to_webm
from veridical.perception.sound_picture import picture_sound
from veridical.report.hearing import AROUND_S, make, pieces_of
from veridical.report.lanes import groups_of
from veridical.report.model import Report, SoundShown
from veridical.report.sound import HIGH_DB, LOW_DB, ROWS
from veridical.report.to_html import to_html
from veridical.resolver import Resolver

from .parts import finding, recorded, sound

NOTHING = PerceptCache(None, most_bytes=0)


def heard(webm: bytes) -> tuple[np.ndarray, int]:
    """Decode a copy: shape (n, channels), and its rate."""
    with av.open(io.BytesIO(webm)) as file:
        frames = [frame.to_ndarray() for frame in file.decode(audio=0)]
        stream = file.streams.audio[0]
        assert stream.codec_context.name == "opus"
        samples = np.concatenate(frames, 1).reshape(-1, stream.channels) if frames[0].shape[0] == 1 else None
        samples = np.concatenate(frames, 1).T if samples is None else samples
        return samples, stream.rate


def starts(samples: np.ndarray, rate: int) -> np.ndarray:
    """Times at which a beep starts after at least half a second without one."""
    loud = np.flatnonzero(np.abs(samples).max(1) > 0.1)
    return loud[np.diff(loud, prepend=-rate) > rate / 2] / rate


@pytest.mark.parametrize("rate", [8000, 16000, 44100])
@pytest.mark.parametrize("channels", [1, 2, 3])
def test_a_copy_keeps_every_time_and_is_small(rate: int, channels: int) -> None:
    webm = to_webm(recorded(6, rate, channels=channels), [(0, 6)])
    samples, decoded = heard(webm)
    assert samples.shape[1] == (channels if channels <= 2 else 1)
    assert starts(samples, decoded) == pytest.approx(np.arange(6), abs=0.003)
    assert len(samples) / decoded == pytest.approx(6, abs=0.03)
    assert len(webm) < 6 * 24000 / 8 * 1.6 + 2000
    assert webm == to_webm(recorded(6, rate, channels=channels), [(0, 6)])


def test_pieces_of_a_copy_follow_each_other() -> None:
    samples, rate = heard(to_webm(recorded(9, 16000), [(1.9, 3.5), (7.75, 20)]))
    assert starts(samples, rate) == pytest.approx([0.1, 1.1, 1.6 + 0.25], abs=0.003)
    with pytest.raises(ValueError, match="no sound"):
        to_webm(recorded(1, 16000), [(4, 5)])


def test_samples_that_are_no_numbers_or_too_loud_make_no_noise() -> None:
    audio = recorded(1, 16000)
    audio.samples[5000:5100] = np.nan
    audio.samples[6000:6100] = np.inf
    audio.samples[7000:7100] = -1e30
    samples, _ = heard(to_webm(audio, [(0, 1)]))
    assert np.isfinite(samples).all() and np.abs(samples).max() < 2


def test_a_short_sound_is_kept_whole_and_of_a_long_one_what_findings_name() -> None:
    assert pieces_of([[(5, 6)]], (0.0, 60.0), longest_s=60) == ((0.0, 60.0),)
    kept = pieces_of([[(50, 52), (80, 81)], [(53, 54)], []], (0.0, 100.0), longest_s=40)
    around = AROUND_S
    assert kept[1:] == ((50 - around, 54 + around), (80 - around, 81 + around))
    assert kept[0][0] == 0 and sum(end - start for start, end in kept) == pytest.approx(40)


def test_the_strongest_stretches_of_every_finding_come_first_and_the_length_is_kept() -> None:
    kept = pieces_of([[(10, 90)], [(95, 96)]], (0.0, 100.0), longest_s=30)
    assert kept == ((7.0, 37.0),)  # the room ends within the first
    rank = pieces_of([[(10, 14), (40, 44)], [(70, 74)]], (0.0, 100.0), longest_s=20)
    assert rank == ((7.0, 17.0), (67.0, 77.0))  # the strongest of each before the second of the first
    filled = pieces_of([[(2, 4)]], (0.0, 100.0), longest_s=20)
    assert filled == ((0.0, 20.0),)
    beyond = pieces_of([[(-50, -40), (200, 210)]], (0.5, 100.5), longest_s=20)
    assert beyond == ((0.5, 20.5),)


def steps_of(page: str) -> tuple[np.ndarray, tuple[float, float]]:
    """Read the spectrogram back from the page: its steps, and its left edge and width on the plane of 1000."""
    row = page.split('class="lane sonogram"')[1]
    uri, x, width = re.search(r'href="data:image/png;base64,([^"]+)" x="([\d.]+)" y="0" width="([\d.]+)"', row).groups()  # type: ignore[union-attr]
    png = base64.b64decode(uri)
    columns, rows = struct.unpack(">II", png[16:24])
    at = png.index(b"IDAT")
    lines = np.frombuffer(zlib.decompress(png[at + 4 : at + 4 + struct.unpack(">I", png[at - 4 : at])[0]]), np.uint8)
    return lines.reshape(rows, columns + 1)[:, 1:], (float(x), float(width))


def test_the_spectrogram_lies_on_the_time_of_the_exhibit_and_low_is_down(clip: Report) -> None:
    shown = clip.exhibit.sound
    assert shown is not None
    steps, (x, width) = steps_of(to_html(clip))
    left, right = x / 1000 * 12, (x + width) / 1000 * 12
    assert (left, right) == (pytest.approx(0.5, abs=0.05), pytest.approx(11.5, abs=0.05))
    times = left + (np.arange(steps.shape[1]) + 0.5) / steps.shape[1] * (right - left)
    loud = steps.max(0) > 128
    beep = ((times - 0.5) % 1 > 0.03) & ((times - 0.5) % 1 < 0.07)
    gap = ((times - 0.5) % 1 > 0.15) & ((times - 0.5) % 1 < 0.95)
    assert loud[beep].all() and not loud[gap].any()
    row = steps[:, beep][:, -1].argmax()  # the last beep: 700 Hz of 4 kHz
    assert 1 - (row + 0.5) / len(steps) == pytest.approx(700 / 4000, abs=0.02)


def test_every_stretch_about_the_voice_is_listed_in_order_of_time_with_what_it_is_and_where_from(
    recording: Report,
) -> None:
    later = Span(start_s=30.0, end_s=30.2, label="a change", value=1.25)
    lost = Span(start_s=float("nan"), end_s=2.0, label="nowhere")
    more = finding("audio.splice", "voice", where=(later, Span(start_s=2.0, end_s=5.0, label="early"), lost))
    other = finding("temporal.flicker", "continuity", where=(Span(start_s=1.0, end_s=2.0, label="seen"),))
    page = to_html(replace(recording, findings=(*recording.findings, more, other)))
    table = page.split('class="scroll stretches played"')[1].split("</table>")[0]
    rows = [re.sub(r"<[^>]+>", "|", row) for row in table.split("<tr>")[2:]]
    said = [[part for part in row.replace("||", "|").split("|") if part] for row in rows]
    assert [one[1:5] for one in said] == [
        ["2", "5", "early", "–"], ["10", "14", "edge at 4 kHz", "–"], ["30", "30.2", "a change", "1.25"]
    ]  # fmt: skip
    assert ["".join(one[5:]) for one in said] == ["audio.splice", "audio.bandwidth", "audio.splice"]
    # what is too short to be heard has half a second around it
    assert re.findall(r'data-play-from="([\d.]+)" data-play-to="([\d.]+)"', table) == [
        ("2.0", "5.0"), ("10.0", "14.0"), ("29.5", "30.7")
    ]  # fmt: skip
    assert 'href="#finding-audio.splice"' in table


def test_a_classifier_of_voices_stands_under_the_spectrogram_and_is_played_too(recording: Report) -> None:
    voiced = replace(recording.findings[0], id="learned.voice_net", branch="classification")
    (group,) = groups_of(replace(recording, findings=(voiced,)))
    assert group.sound
    page = to_html(replace(recording, findings=(voiced,)))
    assert "edge at 4 kHz" in page.split('class="scroll stretches played"')[1].split("</table>")[0]
    other = replace(voiced, id="learned.image_net")
    assert not any(group.sound for group in groups_of(replace(recording, findings=(other,))))


def test_every_chart_over_time_of_a_finding_about_the_voice_has_a_lane_under_the_spectrogram(recording: Report) -> None:
    chart = recording.findings[0].exhibits[1]
    assert isinstance(chart, Chart)
    second = replace(chart, name="Another", lines=(*chart.lines, replace(chart.lines[0], name="more")))
    voiced = replace(recording.findings[0], exhibits=(chart, second))
    (group,) = groups_of(replace(recording, findings=(voiced,)))
    assert [(lane.name, lane.line.name if lane.line else "", len(lane.spans)) for lane in group.lanes] == [
        ("Upper edge of the band", "edge", 1), ("Another", "edge", 0)
    ]  # fmt: skip
    page = to_html(replace(recording, findings=(voiced,)))
    rows = re.findall(r'class="lane (sonogram|finding-lane)"', page)
    assert rows == ["sonogram", "finding-lane", "finding-lane"]


def test_many_stretches_are_folded(recording: Report) -> None:
    many = tuple(Span(start_s=float(i), end_s=i + 0.5, label=f"no {i}") for i in range(ROWS + 7))
    page = to_html(replace(recording, findings=(finding("audio.splice", "voice", where=many),)))
    first, _, rest = page.partition("<summary>7 further places</summary>")
    assert first.count('class="play"') == ROWS and rest.count('class="play"') == 7


def test_the_page_says_that_the_copy_is_no_evidence_and_what_is(recording: Report) -> None:
    page = unescape(to_html(recording))
    assert "Listening copy, not the evidence." in page
    assert f"Only the file with SHA-256 {recording.exhibit.sha256[:16]}… is the exhibit" in page
    assert "can be heard here" not in page  # all of it can
    assert recording.exhibit.sound is not None and recording.exhibit.sound.copy is not None
    assert page.count(base64.b64encode(recording.exhibit.sound.copy.webm).decode()) == 1


def test_a_copy_of_pieces_says_how_much_it_holds_and_marks_where(recording: Report) -> None:
    shown = sound(60.0, 16000, pieces=((0.0, 6.0), (30.0, 36.0)))
    page = to_html(replace(recording, exhibit=replace(recording.exhibit, sound=shown)))
    assert "Only 0:12 min of 1:00 min can be heard here" in page
    held = re.findall(r'<rect x="([\d.]+)" y="960" width="([\d.]+)" height="40" class="held"', page)
    assert [(float(x), float(w)) for x, w in held] == [(0, 100), (500, 100)]
    assert 'data-pieces="[[0.0, 6.0], [30.0, 36.0]]"' in unescape(page).replace("&quot;", '"')


def test_without_a_copy_nothing_can_be_played_and_all_else_is_there(recording: Report) -> None:
    shown = replace(recording.exhibit.sound, copy=None)  # type: ignore[type-var]
    page = to_html(replace(recording, exhibit=replace(recording.exhibit, sound=shown)))
    assert "made without a copy of the sound" in page
    assert "<audio" not in page and 'class="play"' not in page and "data-seek" not in page.split("<script")[0]
    assert 'class="lane sonogram"' in page and 'class="scroll stretches"' in page


def test_silence_and_a_sound_too_short_for_a_spectrogram_are_said(recording: Report) -> None:
    silent = SoundShown(
        levels=np.full((8, 9), -127, np.int8), starts_s=0.0, ends_s=60.0, highest_hz=8000.0, window_s=0.032, channels=1,
        copy=None,
    )  # fmt: skip
    page = to_html(replace(recording, exhibit=replace(recording.exhibit, sound=silent)))
    assert "nothing above −110 dBFS" in page
    short = replace(silent, levels=np.zeros((0, 0), np.int8))
    page = to_html(replace(recording, exhibit=replace(recording.exhibit, sound=short)))
    assert 'class="lane sonogram"' not in page and 'id="timeline"' in page


@pytest.mark.parametrize("copy", [True, False])
def test_an_examined_recording_has_its_sound_in_the_report_unless_it_is_left_out(tmp_path: Path, copy: bool) -> None:
    path = tmp_path / "beeps.wav"
    soundfile.write(path, recorded(3, 16000).samples, 16000)
    report = veridical.examine(path, only=["audio.bandwidth"], sound=copy, cache=NOTHING)
    shown = report.exhibit.sound
    assert shown is not None and shown.highest_hz == 8000
    assert "sound_picture" in " ".join(report.record.percepts)
    assert (shown.copy is not None) == copy
    if shown.copy is not None:
        samples, rate = heard(shown.copy.webm)
        assert shown.copy.pieces == ((0.0, 3.0),)
        assert starts(samples, rate) == pytest.approx([0, 1, 2], abs=0.003)
    levels = np.clip(shown.levels, LOW_DB, HIGH_DB)
    assert levels.max() > -30 and (levels == LOW_DB).mean() > 0.5


def test_a_copy_that_cannot_be_made_costs_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("veridical.report.hearing.to_webm", full)
    path = tmp_path / "beeps.wav"
    soundfile.write(path, recorded(3, 16000).samples, 16000)
    report = veridical.examine(path, only=["audio.bandwidth"], cache=NOTHING)
    assert report.error is None and report.exhibit.sound is not None and report.exhibit.sound.copy is None
    assert report.exhibit.sound.levels.size


def test_what_needs_no_sound_keeps_none(tmp_path: Path) -> None:
    path = tmp_path / "beeps.wav"
    soundfile.write(path, recorded(1, 16000).samples, 16000)
    assert veridical.examine(path, only=["provenance"], cache=NOTHING).exhibit.sound is None


def test_without_the_encoder_there_is_no_copy_and_all_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("veridical.media.listening._ENCODER", "libabsent")
    with pytest.raises(OSError, match="Opus"):
        to_webm(recorded(1, 16000), [(0, 1)])
    path = tmp_path / "beeps.wav"
    soundfile.write(path, recorded(3, 16000).samples, 16000)
    report = veridical.examine(path, only=["audio.bandwidth"], cache=NOTHING)
    assert report.error is None and report.exhibit.sound is not None and report.exhibit.sound.copy is None


@pytest.mark.parametrize("start_s", [0.0, 1.25, -0.5])
def test_sound_that_starts_later_than_the_pictures_is_kept_from_its_first_sample(start_s: float) -> None:
    late = recorded(3, 16000, start_s=start_s)
    resolver = SimpleNamespace(
        exhibit=SimpleNamespace(kind="video"), of=lambda kind: late if kind is Audio else picture
    )
    picture = picture_sound(late)
    shown = make(cast(Resolver, resolver), [], copy=True)
    assert shown is not None and shown.copy is not None
    assert shown.copy.pieces == ((start_s, start_s + 3),)
    assert starts(*heard(shown.copy.webm)) == pytest.approx([0, 1, 2], abs=0.003)
    assert (shown.starts_s, shown.ends_s) == pytest.approx((start_s, start_s + 3), abs=0.03)
