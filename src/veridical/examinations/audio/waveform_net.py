"""Does the fine structure of the speech look like what vocoders make, to a network trained on copies of real voices?

Method
------
The sound is brought to 16 kHz. Windows of 3.2 s follow every 0.8 s from the begin to the end; those in which somebody speaks
for less than 60 % of the time are left out. Of each window a light convolutional network sees the log-magnitude
spectrum up to 4 kHz (32 ms, 31 Hz a bin, every 10 ms), relative to its loud places, with the mean over time taken off every
frequency: the fixed colour of a microphone or channel is not seen. The network was trained by this project on pairs: a real
recording and its copy through a vocoder (linear prediction, pitch and envelope, iterated phases, a neural decoder), both
through the same codec, telephone, room or noise; and a real and a synthetic recording of one source. Its weights come with
the program. The value is the mean of its log-odds over the windows.

What a high value means
-----------------------
The harmonics, their edges and the noise between them change over time as in the copies. The number is the network's
log-odds that a window is a copy or synthetic; it is not calibrated, and 0 is no border.

What it cannot see
------------------
What lies above 4 kHz, the choice of words, pitch and pauses. Generators that write waveforms in another way than the
vocoders it was trained on: on sources and systems left out it ordered synthetic and real recordings of one source with an
AUC of 0.65 (HiFi-GAN and its kin 0.8 to 0.9, Tortoise and Glow-TTS at chance), and those of different sources hardly better
than chance (0.54), because noisy real recordings lie as high as clean synthetic ones. Synthesis covered by noise or music.

Also caused by
--------------
- noise, an old recorder, or compression before this file was made, by themselves
- codecs for telephony and meetings, which are vocoders themselves (AMR, EVS, low Opus rates)
- noise suppression, echo cancelling, dereverberation and enhancement by networks
- hoarse, very even, sung or shouted voices; languages and ages that training did not hold
- time stretching and pitch correction

Needs
-----
At least 1 s of speech; a sampling rate of at least 8 kHz; the speech network.

References
----------
- Wu et al., A light CNN for deep face representation with noisy labels, IEEE TIFS 13, 2018
- Wang and Yamagishi, Spoofed training data for speech spoofing countermeasure can be efficiently created using neural
  vocoders, ICASSP 2023
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Measurement, Scalar, Span
from ...media.audio import Audio
from ...perception.speech import SpeechSegments, demand_speech
from ...perception.voice_windows import VoiceWindows
from ...signals.series import above_middle, peaks_kept

BRANCH = "voice"
DETECTS = ("synthesis",)
DEMO = "lab.vocoder.griffin_lim"

_MOST_POINTS = 4000


def examine(
    audio: Audio,
    speech: SpeechSegments,
    windows: VoiceWindows,
    *,
    least_speech_s: float = 1.0,
    stands_out: float = 2.0,
) -> Measurement:
    """Take the mean of what the network says of the windows, and name those that stand out."""
    demand_speech(audio, speech, least_speech_s)
    count = len(windows.log_odds)
    if not count:
        raise NotApplicable(f"no {windows.window_s:.1f} s are filled with speech")
    odds = windows.log_odds.astype(np.float64)
    value = float(odds.mean())
    spans = _spans(windows, stands_out)
    facts: dict[str, Scalar] = {
        "windows": count,
        "windows_with_too_little_speech": windows.left_out,
        "window_s": round(windows.window_s, 2),
        "median": round(float(np.median(odds)), 3),
        "upper_tenth": round(float(np.quantile(odds, 0.9)), 3),
        "highest": round(float(odds.max()), 3),
        "share_of_windows_above_0": round(float((odds > 0).mean()), 3),
    }
    return Measurement(
        value=value,
        unit="log-odds, not calibrated",
        observation=_observation(value, odds, spans),
        where=spans,
        exhibits=(_chart(windows, value),),
        facts=facts,
        limits=_limits(speech, count),
    )


def _spans(windows: VoiceWindows, stands_out: float) -> tuple[Span, ...]:
    """Return stretches whose windows lie well above the middle of the recording, highest first."""
    odds = windows.log_odds.astype(np.float64)
    middle = float(np.median(odds))
    return tuple(
        Span(
            start_s=float(windows.start_s + windows.starts_s[first]),
            end_s=float(windows.start_s + windows.starts_s[end - 1] + windows.window_s),
            label=f"log-odds {mean:+.1f}, {mean - middle:.1f} above the middle of the recording", value=mean,
        )
        for first, end, mean in above_middle(odds, stands_out)
    )  # fmt: skip


def _observation(value: float, odds: np.ndarray, spans: tuple[Span, ...]) -> str:
    if len(odds) == 1:
        text = f"Over the one window of speech the network's log-odds of a vocoder's copy are {value:+.2f}"
    else:
        text = (
            f"Over {len(odds)} windows of speech the network's log-odds of a vocoder's copy are {value:+.2f} on average, "
            f"from {odds.min():+.1f} to {odds.max():+.1f}"
        )
    if spans:
        text += f"; stretches that stand out from the rest: {len(spans)}"
    return text + "."


def _limits(speech: SpeechSegments, count: int) -> tuple[str, ...]:
    limits = [
        "The network is our own, trained on few voices. On systems and sources left out it was a weak sign, best when compared "
        "with other recordings of the same speaker and place (docs/models/waveform_net.md)."
    ]
    if count < 3:
        limits.append(
            f"The value rests on {count} window{'s' if count > 1 else ''} of speech: another sentence may differ."
        )
    if speech.snr_db is not None and speech.snr_db < 15:
        limits.append(
            f"The speech stands only {speech.snr_db:.0f} dB above the pauses: noise hides its fine structure."
        )
    return tuple(limits)


def _chart(windows: VoiceWindows, value: float) -> Chart:
    odds = windows.log_odds.astype(np.float64)
    centres = windows.starts_s + windows.window_s / 2 + windows.start_s
    # Of a long recording the highest of each few windows, so that the page stays small and no peak is lost.
    firsts, highest = peaks_kept(odds, _MOST_POINTS)
    line = Line(name="log-odds of a copy", x=centres[firsts].astype(np.float32), y=highest.astype(np.float32))
    return Chart(
        name="Network score over time", lines=(line,), x_name="time", x_unit="s", y_name="log-odds", y_unit="1",
        timeline=True,
        caption=(
            f"One point for each {windows.window_s:.1f} s that hold speech, at its middle; the mean is {value:+.2f}. "
            "Higher is more like a vocoder's copy."
        ),
    )  # fmt: skip
