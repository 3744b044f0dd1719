"""What room, microphone and noise leave in a recording, unit by unit: pauses, speech, how it dies away; and clicks.

A unit is a pause (cut at 0.3 s), 0.4 s of voiced or of unvoiced speech, or a moment at which speech falls silent. Silence of
exact zeros is nobody's room and is left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage, signal

from ..media.audio import Audio
from ..signals.clicks import strongest_clicks
from ..signals.speech_features import HOP_S, SpeechFeatures, speech_features

_SILENT_DB = -85.0
_NEAR_FLOOR_DB, _BELOW_SPEECH_DB = 6.0, 12.0
_FLOOR_S = 3.0
_PAUSE_STEPS, _SPEECH_STEPS = 30, 40
_FALL_STEPS, _FALL_DB = 12, 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class JointCues:
    """Units in order of time, seconds from the first sample; ``start_s`` is the time of that on the clock of the video.

    Parameters
    ----------
    pauses_s, pauses_db
        shapes (p,) and (p, 24): middle of each pause and its level in the mel bands, dB.
    voiced_s, voiced_db, unvoiced_s, unvoiced_db
        shapes (m,) and (m, 24): pieces of speech and their level in the mel bands less the mean over the bands, dB.
    ends_s, ends_db
        shapes (q,) and (q, 5): ends of speech and how far it falls in 0.12 s, dB: in the bands from 300, 900, 2500 and
        4000 Hz, and altogether.
    clicks_s, clicks_db
        shape (c,): the samples that stand out most from what the sound before them predicts, and by how many dB from
        everything within 0.08 s; strongest first.
    duration_s, start_s
        Length of the recording, and where it begins.
    """

    pauses_s: np.ndarray
    pauses_db: np.ndarray
    voiced_s: np.ndarray
    voiced_db: np.ndarray
    unvoiced_s: np.ndarray
    unvoiced_db: np.ndarray
    ends_s: np.ndarray
    ends_db: np.ndarray
    clicks_s: np.ndarray
    clicks_db: np.ndarray
    duration_s: float
    start_s: float = 0.0


def hear_joints(audio: Audio) -> JointCues:
    """Gather what a joint of two recordings would change, block by block."""
    features = speech_features(audio.samples, audio.rate)
    level = features.level_db.astype(np.float64)
    sounding = level > _SILENT_DB
    if sounding.any():
        loud = float(np.percentile(level[sounding], 90))
        floor = _floor(level, sounding)
        quiet = ndimage.uniform_filter1d(level, 5) < np.minimum(floor + _NEAR_FLOOR_DB, loud - _BELOW_SPEECH_DB)
        pause = sounding & quiet
        voiced = (features.voicing > 0.5) & (level > loud - 20)
        unvoiced = (features.voicing < 0.5) & (level > loud - 30)
    else:
        loud, pause, voiced, unvoiced = 0.0, sounding, sounding, sounding
    mel = features.mel_db
    shape = mel - mel.mean(1, keepdims=True) if len(mel) else mel
    steps = np.arange(len(level))
    starts = np.maximum.accumulate(np.where(pause & ~np.append(False, pause[:-1]), steps, 0)) if len(level) else steps
    pauses = _units(mel, np.where(pause, starts + (steps - starts) // _PAUSE_STEPS * _PAUSE_STEPS, -1), 6)
    pieces = [
        _units(shape, np.where(mask, steps // _SPEECH_STEPS, -1), least)
        for mask, least in ((voiced, 10), (unvoiced, 6))
    ]
    ends = _ends(features, level, loud)
    clicks = strongest_clicks(audio.samples, audio.rate)
    return JointCues(
        pauses_s=pauses[0], pauses_db=pauses[1], voiced_s=pieces[0][0], voiced_db=pieces[0][1],
        unvoiced_s=pieces[1][0], unvoiced_db=pieces[1][1], ends_s=ends[0], ends_db=ends[1],
        clicks_s=clicks[0], clicks_db=clicks[1], duration_s=audio.duration_s, start_s=audio.start_s,
    )  # fmt: skip


def _floor(level: np.ndarray, sounding: np.ndarray) -> np.ndarray:
    """Return the tenth percentile of the level around each step, found on every tenth step of a smoothed level."""
    heard = np.where(sounding, level, level.max())
    coarse = ndimage.uniform_filter1d(heard, 5)[::5]
    low = ndimage.percentile_filter(coarse, 10, size=round(_FLOOR_S / HOP_S / 5) | 1, mode="nearest")
    return np.repeat(low, 5)[: len(level)]


def _units(bands: np.ndarray, key: np.ndarray, least: int) -> tuple[np.ndarray, np.ndarray]:
    """Return middle and mean of the steps of each key from 0 up, of those with at least ``least`` steps."""
    inside = np.flatnonzero(key >= 0)
    names, first, count = np.unique(key[inside], return_index=True, return_counts=True)
    if not len(names):
        return np.zeros(0), np.zeros((0, bands.shape[1]), np.float32)
    means = np.add.reduceat(bands[inside].astype(np.float64), first, axis=0) / count[:, None]
    times = np.add.reduceat(inside, first) / count * HOP_S
    enough = count >= least
    return times[enough], means[enough].astype(np.float32)


def _ends(features: SpeechFeatures, level: np.ndarray, loud: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the moments at which loud sound falls steepest, and how far it falls."""
    if len(level) <= _FALL_STEPS:
        return np.zeros(0), np.zeros((0, 5), np.float32)
    smooth = ndimage.uniform_filter1d(level, 3)
    fall = smooth[:-_FALL_STEPS] - smooth[_FALL_STEPS:]
    at, _ = signal.find_peaks(fall, height=_FALL_DB, distance=20)
    # A fall to exact silence was made by an editor or a gate, not by a room.
    at = at[(smooth[at] > loud - 15) & (level[at + _FALL_STEPS] > _SILENT_DB)]
    bands = ndimage.uniform_filter1d(features.bands_db, 3, axis=0)
    falls = np.concatenate([(bands[at] - bands[at + _FALL_STEPS])[:, 1:], fall[at][:, None]], 1)
    return (at + _FALL_STEPS / 2) * HOP_S, falls.astype(np.float32)
