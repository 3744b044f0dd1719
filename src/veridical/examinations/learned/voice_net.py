"""Does the voice sound, to a network that hears the quality of speech, like synthetic rather than real recordings?

Method
------
The sound is brought to 16 kHz and 7 kHz of band. Windows of 3.84 s follow from the first word to the last; those in which
somebody speaks for less than 40 % of the time are left out. Each is encoded by the convolutional front of a network that was
taught to mark the quality of speech (Distill-MOS, as published, not trained further): 1024 numbers. This project
learned which two directions among them part synthetic from real recordings of one and the same source, and copies through a
neural vocoder from their originals, relative to how far real recordings differ; and how real and synthetic recordings are
spread in this plane. The value is the logarithm of the ratio of both densities at the mean of the windows.

What a high value means
-----------------------
The recording lies where synthetic voices lay oftener than real ones: either rougher than recordings are, as many vocoders
sound, or smoother. The number is the natural logarithm of a ratio of two fitted densities; 0 is no border, and only a
calibration table weighs it.

What it cannot see
------------------
Anything above 7 kHz, and what is said and how. Systems whose sound lies where real recordings lie: on systems and sources
left out it ranked better than chance and far from surely. A part shorter than a window among real speech may be missed.

Also caused by
--------------
- very clean recordings of a studio, and loudness or noise processing of podcasts
- noise suppression and enhancement by networks, codecs at low rates, strong reverberation
- telephones and microphones unlike any it has heard
- whispered, sung or shouted voices

Needs
-----
At least 1 s of speech; a sampling rate of at least 8 kHz; the networks for speech and for its quality.

References
----------
- Stahl and Gamper, Distillation and pruning for scalable self-supervised representation-based speech quality assessment,
  ICASSP 2025, arXiv:2502.05356 (the network)
- Wang and Yamagishi, Spoofed training data for speech spoofing countermeasure can be efficiently created using neural
  vocoders, ICASSP 2023 (copies)
- Hatch et al., Within-class covariance normalization for SVM-based speaker recognition, Interspeech 2006 (directions
  relative to how real recordings differ)
"""

from __future__ import annotations

import numpy as np

from ...finding import Chart, Line, Measurement, Scalar, Span
from ...knowledge.voice_net import VoiceClouds, voice_clouds
from ...media.audio import Audio
from ...perception.speech import SpeechSegments, demand_speech
from ...perception.speech_encoding import WINDOW_S, SpeechEncoding
from ...signals.series import above_middle, peaks_kept

BRANCH = "classification"
DETECTS = ("synthesis",)
DEMO = "lab.vocoder.griffin_lim"

_MOST_POINTS = 4000
_FAR = 5.0  # standard deviations of real recordings; of a normal cloud in the plane four in a million lie farther away
_NINE_IN_TEN = 2.146  # radius of a normal cloud in the plane that holds 90 % of it


def examine(
    audio: Audio,
    speech: SpeechSegments,
    encoding: SpeechEncoding,
    *,
    least_speech_s: float = 1.0,
    stands_out: float = 2.0,
) -> Measurement:
    """Find where the recording lies between real and synthetic ones, and the windows that lie elsewhere than the rest."""
    demand_speech(audio, speech, least_speech_s)
    clouds = voice_clouds()
    points = clouds.points(encoding.features)
    ratios = clouds.log_ratio(points)
    middle = points.mean(0)
    value = float(clouds.log_ratio(middle[None])[0])
    spans = _spans(encoding, ratios, stands_out)
    facts: dict[str, Scalar] = {
        "windows": len(points),
        "windows_with_too_little_speech": encoding.left_out,
        "along": round(float(middle[0]), 3),
        "across": round(float(middle[1]), 3),
        "distance_from_real": round(_distance(clouds, middle), 2),
        "highest_window": round(float(ratios.max()), 3),
        "lowest_window": round(float(ratios.min()), 3),
    }
    return Measurement(
        value=value,
        unit="ln of a ratio of densities, before calibration",
        observation=_observation(value, len(points), facts),
        where=spans,
        exhibits=(_timeline(encoding, ratios, value), _plane(clouds, points, middle)),
        facts=facts,
        limits=_limits(clouds, speech, len(points), _distance(clouds, middle)),
    )


def _distance(clouds: VoiceClouds, point: np.ndarray) -> float:
    """Return how many standard deviations of real recordings a point lies from their middle."""
    apart = point - clouds.real.mean
    return float(np.sqrt(apart @ np.linalg.solve(clouds.real.covariance, apart)))


def _spans(encoding: SpeechEncoding, ratios: np.ndarray, stands_out: float) -> tuple[Span, ...]:
    """Return windows well above the middle of the recording, highest first."""
    middle = float(np.median(ratios))
    return tuple(
        Span(
            start_s=float(encoding.starts_s[first]), end_s=float(encoding.ends_s[end - 1]),
            label=f"{mean:+.1f}, {mean - middle:.1f} above the middle of the recording", value=mean,
        )
        for first, end, mean in above_middle(ratios, stands_out)
    )  # fmt: skip


def _observation(value: float, windows: int, facts: dict[str, Scalar]) -> str:
    over = "Over the one window of speech" if windows == 1 else f"Over {windows} windows of speech"
    return (
        f"{over} the recording lies {facts['distance_from_real']} standard deviations from the middle of real recordings; "
        f"the logarithm of the ratio of synthetic to real densities there is {value:+.2f}, before calibration."
    )


def _limits(clouds: VoiceClouds, speech: SpeechSegments, windows: int, distance: float) -> tuple[str, ...]:
    limits = [
        f"Learned from {clouds.recordings[0]} real and {clouds.recordings[1]} synthetic recordings of {clouds.sources} sources "
        f"and {clouds.systems} systems, most of them older than 2023; on sources and systems left out it told them apart only "
        "in part (docs/models/voice_net.md)."
    ]
    if distance > _FAR:
        limits.append(
            "So far from the middle of real recordings the value says how far away, not how sure: hardly any recording, real "
            "or synthetic, lay there to learn from, and real ones of a kind that was not heard can."
        )
    if windows < 3:
        limits.append(
            f"The value rests on {windows} window{'s' if windows > 1 else ''} of speech: another sentence may differ."
        )
    if speech.snr_db is not None and speech.snr_db < 15:
        limits.append(f"The speech stands only {speech.snr_db:.0f} dB above the pauses: noise moves the value.")
    return tuple(limits)


def _timeline(encoding: SpeechEncoding, ratios: np.ndarray, value: float) -> Chart:
    centres = (encoding.starts_s + encoding.ends_s) / 2
    # Of a long recording the highest of each few windows, so that the page stays small and no peak is lost.
    firsts, highest = peaks_kept(ratios, _MOST_POINTS)
    line = Line(name="log ratio", x=centres[firsts].astype(np.float32), y=highest.astype(np.float32))
    return Chart(
        name="Voice score over time", lines=(line,), x_name="time", x_unit="s", y_name="log ratio", y_unit="1",
        timeline=True,
        caption=(
            f"One point for each window of {WINDOW_S:.1f} s, at its middle; that of the whole recording is {value:+.2f}. "
            "Higher lies more among synthetic voices."
        ),
    )  # fmt: skip


def _plane(clouds: VoiceClouds, points: np.ndarray, middle: np.ndarray) -> Chart:
    """Draw the outlines of both clouds, and where the windows of the recording lie in the plane."""
    lines = [_outlined("nine in ten real recordings", clouds.real.outline(_NINE_IN_TEN))]
    lines.append(_outlined("nine in ten synthetic recordings", clouds.synthetic.outline(_NINE_IN_TEN)))
    if 1 < len(points) <= _MOST_POINTS:
        lines.append(_outlined("windows of this recording", _apart(points)))
    cross = 0.3 * np.array([[-1, 0], [1, 0], [0, 0], [0, -1], [0, 1]])
    lines.append(_outlined("this recording", middle + cross))
    return Chart(
        name="Among real and synthetic recordings", lines=tuple(lines), x_name="first direction", x_unit="1",
        y_name="second direction", y_unit="1",
        caption=(
            "Directions in which synthetic voices part from real ones of the same source. The cross is the mean of the windows."
        ),
    )  # fmt: skip


def _apart(points: np.ndarray) -> np.ndarray:
    """Put a gap after each point, so that they are drawn as dots: the order of windows means nothing in the plane."""
    return np.stack([points, np.full_like(points, np.nan)], 1).reshape(-1, 2)


def _outlined(name: str, points: np.ndarray) -> Line:
    return Line(name=name, x=points[:, 0].astype(np.float32), y=points[:, 1].astype(np.float32))
