"""Where a recording lies among real and synthetic ones: the value, the windows that lie elsewhere, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal

from veridical.errors import NotApplicable
from veridical.examinations.learned import voice_net
from veridical.examinations.learned.voice_net import examine
from veridical.finding import Chart
from veridical.knowledge.voice_net import Cloud, VoiceClouds, voice_clouds
from veridical.media.audio import Audio
from veridical.perception.speech import SpeechSegments
from veridical.perception.speech_encoding import SpeechEncoding

REAL, MADE = np.array([[1.0, 0.3], [0.3, 2.0]]), np.array([[2.0, -0.5], [-0.5, 1.0]])


@pytest.fixture
def clouds(monkeypatch):
    """Two clouds in the plane of the first two numbers."""
    axes = np.zeros((1024, 2))
    axes[0, 0] = axes[1, 1] = 1
    found = VoiceClouds(
        middle=np.zeros(1024), axes=axes, real=Cloud(np.zeros(2), REAL), synthetic=Cloud(np.array([2.0, 1.0]), MADE),
        recordings=(10, 20), sources=3, systems=4,
    )  # fmt: skip
    monkeypatch.setattr(voice_net, "voice_clouds", lambda: found)
    return found


def recording(rate=16000):
    samples = np.zeros((rate, 1), np.float32)
    return Audio(samples=samples, rate=rate, codec="pcm", lossless=True, bits=16, start_s=0.0, bit_rate=0)


def speech(seconds=20.0, snr_db=40.0):
    return SpeechSegments(
        segments=np.array([[0.0, seconds]]), voiced=np.zeros(0, np.float32), hop_s=0.032,
        level_db=np.zeros(0, np.float32), speech_seconds=seconds, snr_db=snr_db, rate=16000, duration_s=seconds,
    )  # fmt: skip


def encoding(points):
    points = np.asarray(points, float)
    features = np.zeros((len(points), 1024), np.float16)
    features[:, :2] = points
    starts = 5 + 3.84 * np.arange(len(points))
    return SpeechEncoding(starts_s=starts, ends_s=starts + 3.84, features=features, left_out=1)


def test_the_value_is_the_ratio_of_the_densities_at_the_mean(clouds):
    points = np.array([[0.5, -1.0], [1.5, 2.0], [1.0, 0.5]])
    seen = examine(recording(), speech(), encoding(points))
    at = points.mean(0)
    expected = multivariate_normal([2, 1], MADE).logpdf(at) - multivariate_normal([0, 0], REAL).logpdf(at)
    assert seen.value == pytest.approx(expected, abs=1e-6)
    assert seen.facts["distance_from_real"] == pytest.approx(np.sqrt(at @ np.linalg.inv(REAL) @ at), abs=0.01)
    assert seen.facts["windows"] == 3 and seen.facts["windows_with_too_little_speech"] == 1


def test_what_lies_among_synthetic_voices_is_higher(clouds):
    low = examine(recording(), speech(), encoding([[-1, -1]]))
    high = examine(recording(), speech(), encoding([[2, 1]]))
    assert high.value > 1 > 0 > low.value


def test_windows_that_lie_elsewhere_are_named_with_their_times(clouds):
    points = np.zeros((12, 2)) - 0.5
    points[4:6] = [4, 1]
    (span,) = examine(recording(), speech(), encoding(points)).where
    assert span.start_s == pytest.approx(5 + 4 * 3.84) and span.end_s == pytest.approx(5 + 6 * 3.84)
    assert not examine(recording(), speech(), encoding(points[4:6])).where


def test_the_chart_of_a_long_recording_keeps_its_peak(clouds):
    points = np.zeros((9001, 2)) - 0.5
    points[7777] = [5, 1]
    seen = examine(recording(), speech(), encoding(points))
    charts = [one for one in seen.exhibits if isinstance(one, Chart)]
    (line,) = next(one for one in charts if one.timeline).lines
    assert len(line.x) <= 4000
    assert line.y.max() == pytest.approx(clouds.log_ratio(np.array([[5.0, 1.0]]))[0], rel=1e-3)
    assert abs(line.x[line.y.argmax()] - (5 + 3.84 * 7777.5)) < 3 * 3.84


def test_the_plane_shows_where_nine_in_ten_lie(clouds):
    seen = examine(recording(), speech(), encoding([[0, 0], [1, 1]]))
    plane = next(one for one in seen.exhibits if isinstance(one, Chart) and not one.timeline)
    outline = np.stack([plane.lines[0].x, plane.lines[0].y], 1).astype(float)
    rng = np.random.default_rng(0)
    drawn = rng.multivariate_normal([0, 0], REAL, 20000)
    inside = np.einsum("ij,jk,ik->i", drawn, np.linalg.inv(REAL), drawn)
    edge = np.einsum("ij,jk,ik->i", outline, np.linalg.inv(REAL), outline)
    np.testing.assert_allclose(edge, edge[0], rtol=1e-3)
    assert (inside <= edge[0]).mean() == pytest.approx(0.9, abs=0.01)
    windows = next(line for line in plane.lines if line.name == "windows of this recording")
    np.testing.assert_array_equal(windows.x, [0, np.nan, 1, np.nan])  # dots, not a path


def test_too_little_speech_and_too_low_a_rate_are_refused(clouds):
    with pytest.raises(NotApplicable, match=r"only 0\.4 s"):
        examine(recording(), speech(0.4), encoding([[0, 0]]))
    with pytest.raises(NotApplicable, match="6000 Hz"):
        examine(recording(6000), speech(), encoding([[0, 0]]))


def test_limits_tell_what_it_was_learned_from_and_when_it_is_weak(clouds):
    seen = examine(recording(), speech(snr_db=8.0), encoding([[0, 0]]))
    assert "10 real and 20 synthetic recordings" in seen.limits[0]
    assert not any("how far away" in one for one in seen.limits)
    assert any("how far away" in one for one in examine(recording(), speech(), encoding([[20, 0]])).limits)
    assert any("1 window" in one for one in seen.limits) and any("8 dB" in one for one in seen.limits)


def test_the_table_that_comes_with_the_program_is_sound():
    found = voice_clouds()
    assert found.axes.shape == (1024, 2) and np.isfinite(found.axes).all()
    assert min(found.recordings) > 100 and found.systems > 20
    for one in (found.real, found.synthetic):
        assert (np.linalg.eigvalsh(one.covariance) > 0).all()
    at = np.stack([found.synthetic.mean, found.real.mean])
    made, real = found.log_ratio(at)
    assert made > real
