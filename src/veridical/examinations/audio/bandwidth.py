"""Does the sound hold more frequencies than its file admits, or fewer?

Method
------
The average spectrum of the sounding parts is searched, from 2.5 kHz upwards, for a cliff: a place where the level falls by
at least 15 dB within a twentieth of the frequency and does not come back above. The lowest cliff is the cut-off. The value
is the share of the file's band, from 0 Hz to half its sampling rate, that lies above the cut-off and is empty: 0 if there is
no cliff. The same is done for every second. At the upper end of the file's band the level is compared with that just below:
sound that has been through a converter or resampler fades there.

What a high value means
-----------------------
The file could hold higher sound than it does, and something cut that sound off sharply. 0.64 in a 44.1 kHz file means that
the sound ends at 8 kHz, as if it had been made or sent at a sampling rate of 16 kHz and raised afterwards. Many speech
synthesisers work at 16, 22.05 or 24 kHz. The filters of converters and resamplers, just below half the sampling rate,
make a cliff too: values below 0.1 are ordinary.

What it cannot see
------------------
Synthesis at the rate of the file, or resampled downwards: the cliff is gone. Sound that fades out gradually. A cut-off that
was covered with noise or with a copied upper band. Speech, music and noise are not told apart.

Also caused by
--------------
- telephone, messenger and conference calls (cut at 3.4 to 8 kHz, or at 12 kHz)
- MP3, AAC or Opus at a low bit rate, in this file or in an earlier one
- a Bluetooth headset or an old recorder
- a recording made at 16 kHz for speech recognition and stored at a higher rate
- noise reduction or a low-pass filter in an editor
- radio and television sound (cut at about 15 kHz)

Needs
-----
At least one second of sound no more than 50 dB below the loudest moment; a sampling rate of at least 6 kHz.

References
----------
- ITU-T G.711, G.722, G.722.2: bands of telephone and wideband speech
- IETF RFC 6716, Definition of the Opus Audio Codec (2012), section 2: bands of Opus
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Chart, Line, Map, Measurement, Scalar, Span
from ...media.audio import Audio
from ...perception.spectrum import SoundSpectrum
from ...signals.band_edge import Cliff, find_cliff

BRANCH = "voice"
DETECTS = ("synthesis", "editing")
DEMO = "lab.voice.upsample"

# cut-off in hertz: where such a cut-off comes from (the file's own band is left out when it is shown)
_ORIGINS = (
    (3400.0, "telephone channel"),
    (4000.0, "sampling at 8 kHz: telephone, Opus narrow band"),
    (5512.5, "sampling at 11.025 kHz"),
    (6000.0, "sampling at 12 kHz: Opus medium band"),
    (7000.0, "wideband telephone (G.722, AMR-WB)"),
    (8000.0, "sampling at 16 kHz: wideband telephone, Opus wide band, speech corpora, many speech synthesisers"),
    (11025.0, "sampling at 22.05 kHz: many speech synthesisers"),
    (12000.0, "sampling at 24 kHz: many speech synthesisers, Opus super-wide band"),
    (15000.0, "radio and television sound"),
    (16000.0, "sampling at 32 kHz; MP3 or AAC at a middle bit rate"),
    (20000.0, "Opus full band; MP3 at a high bit rate"),
)


def examine(
    audio: Audio,
    spectrum: SoundSpectrum,
    *,
    least_drop_db: float = 15.0,
    least_sound_s: float = 1.0,
    least_change_s: int = 2,
) -> Measurement:
    """Measure how much of the file's band is empty above a sharp cut-off."""
    if spectrum.sounding_s < least_sound_s:
        raise NotApplicable(f"only {spectrum.sounding_s:.2f} s of sound; needs {least_sound_s:g} s")
    if spectrum.rate < 6000:
        raise NotApplicable(f"sampled at {spectrum.rate} Hz; needs 6000 Hz")
    cliff = find_cliff(spectrum.frequencies, spectrum.average_db, least_drop_db)
    end = cliff.top_hz if cliff else spectrum.nyquist
    origins = _origins(end, spectrum.nyquist) if cliff else ()
    facts: dict[str, Scalar] = {
        "cut_off_hz": round(end, 1) if cliff else None,
        "drop_db": round(cliff.drop_db, 1) if cliff else None,
        "sharpness_db_per_octave": round(cliff.slope) if cliff else None,
        "nyquist_hz": spectrum.nyquist,
        "sampling_rate_hz": audio.rate,
        "codec": audio.codec,
        "fade_at_upper_end_db": round(_fade_at_end(spectrum), 1),
        "sounding_s": round(spectrum.sounding_s, 2),
        "cut_offs_like_this": "; ".join(origins),
    }
    spans = _changes(spectrum, end, least_change_s, audio.start_s)
    return Measurement(
        value=float(1 - end / spectrum.nyquist),
        unit="share of the band",
        observation=_observation(cliff, spectrum, spans),
        where=spans,
        exhibits=(_chart(spectrum, cliff), _picture(spectrum)),
        facts=facts,
        limits=_limits(audio, spectrum),
    )


def _origins(end: float, nyquist: float) -> tuple[str, ...]:
    """Name what cuts off near ``end``: filters begin to fall up to 8 % below the nominal frequency."""
    return tuple(text for hz, text in _ORIGINS if hz < 0.98 * nyquist and 0.92 * hz <= end <= 1.03 * hz)


def _fade_at_end(spectrum: SoundSpectrum) -> float:
    """Return by how many dB the level falls from 90–94 % to the last 1.5 % of the band."""
    share = spectrum.frequencies / spectrum.nyquist
    before, last = (share > 0.90) & (share < 0.94), share > 0.985
    return float(spectrum.average_db[before].mean() - spectrum.average_db[last].mean())


def _changes(spectrum: SoundSpectrum, end: float, least_s: int, begins_s: float) -> tuple[Span, ...]:
    """Find runs of seconds whose own cut-off is another one than that of the whole; the first begins at ``begins_s``."""
    ends = np.array([_end_of(spectrum, row) for row in spectrum.seconds_db])
    wider = _wider(spectrum, end)
    other = np.where(ends < 0.85 * end, ends, np.where(wider, spectrum.nyquist, np.nan))
    spans, start = [], 0
    for second in range(1, len(other) + 1):
        goes_on = second < len(other) and abs(other[second] - other[start]) <= 0.1 * other[start]
        if goes_on:
            continue
        if second - start >= least_s and np.isfinite(other[start]):
            here = float(np.median(other[start:second]))
            label = f"sound up to {here / 1000:.1f} kHz here, up to {end / 1000:.1f} kHz elsewhere"
            times = begins_s + start, begins_s + second
            spans.append(Span(start_s=times[0], end_s=times[1], label=label, value=abs(1 - here / end)))
        start = second
    return tuple(sorted(spans, key=lambda span: -(span.end_s - span.start_s)))


def _end_of(spectrum: SoundSpectrum, level: np.ndarray) -> float:
    """Return the cut-off of one second, or the end of the band; single seconds need a deeper cliff."""
    if not np.isfinite(level).all():
        return spectrum.nyquist
    cliff = find_cliff(spectrum.band_frequencies, level, 25.0)
    return cliff.top_hz if cliff else spectrum.nyquist


def _wider(spectrum: SoundSpectrum, end: float) -> np.ndarray:
    """Say for each second whether it holds sound above the cut-off of the whole."""
    above = spectrum.band_frequencies > 1.1 * end
    if not above.any():
        return np.zeros(len(spectrum.seconds_db), bool)
    level = spectrum.seconds_db[:, above].mean(1)
    return np.asarray(level > np.nanmedian(level) + 20)


def _observation(cliff: Cliff | None, spectrum: SoundSpectrum, spans: tuple[Span, ...]) -> str:
    top = spectrum.nyquist / 1000
    if cliff is None:
        text = f"The sound has no sharp upper end within the {top:.2f} kHz that the file can hold"
    else:
        text = (
            f"The sound ends at {cliff.top_hz / 1000:.2f} kHz, falling there by {cliff.drop_db:.0f} dB; "
            f"the file can hold {top:.2f} kHz"
        )
    if spans:
        text += f"; {len(spans)} stretches of time end at another frequency"
    return text + "."


def _limits(audio: Audio, spectrum: SoundSpectrum) -> tuple[str, ...]:
    limits = []
    if not audio.lossless:
        limits.append(f"The file is compressed with {audio.codec}, which may itself have cut the upper frequencies.")
    if 0 < audio.bits <= 8:
        limits.append("The samples have 8 bits: their rounding noise can hide a cut-off.")
    if spectrum.rate <= 8000:
        limits.append("At this sampling rate only the telephone band is left to look at.")
    return tuple(limits)


def _chart(spectrum: SoundSpectrum, cliff: Cliff | None) -> Chart:
    line = Line(name="average of the sounding parts", x=spectrum.frequencies, y=spectrum.average_db)
    return Chart(
        name="Average spectrum", lines=(line,), x_name="frequency", x_unit="Hz", y_name="level", y_unit="dBFS",
        caption="0 dBFS is a full-scale tone. The mark is the cut-off; none is drawn where the sound has no sharp end.",
        marks=(cliff.top_hz,) if cliff else (),
    )  # fmt: skip


def _picture(spectrum: SoundSpectrum) -> Map:
    seconds = spectrum.picture_step_s * spectrum.picture_db.shape[1]
    return Map(
        name="Spectrogram", values=np.ascontiguousarray(spectrum.picture_db[::-1], np.float32), unit="dBFS",
        low=-140.0, high=0.0, overlay=False,
        x_name=f"time, 0 to {seconds:.1f} s", y_name=f"frequency, {spectrum.nyquist / 1000:.2f} to 0 kHz",
    )  # fmt: skip
