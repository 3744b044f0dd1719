"""Ask the detectors of voices about systems on which nothing was learned, tuned or chosen.

    python bench/fresh_voices.py FOLDER     # SYSTEM-number.wav, made by engines that anybody can install; writes the page

The values are set beside those of bona fide recordings that come with the program (``evidence/populations.json``), which were
not made alike: read large differences only.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import soundfile

import veridical
from veridical import catalogue
from veridical.evidence import population
from veridical.media.audio import Audio
from veridical.media.exhibit import open_exhibit
from veridical.report.model import ReportedFinding
from veridical.signals.sound import mono
from veridical.signals.speech_level import COMMON_RATE, common

PAGE = Path(__file__).parents[1] / "docs/validation/fresh_voices.md"
DETECTORS = ("audio.cepstral", "audio.vocoder_trace", "audio.waveform_net", "learned.voice_net")
HIGH = 95
HEAD = """# Voices of systems that nothing was chosen on

Written by `python bench/fresh_voices.py FOLDER`. The detectors of [voices](voices.md) took their form by looking at the
recordings they are measured on there. Here are systems that none of this saw before it was finished: the same 20 English
sentences of our own, spoken by engines that were installed from packages: eSpeak NG (formants), flite with the voice slt
(units in an LPC vocoder), Festival with an HTS voice (statistical, with a vocoder), hibari-tts 0.2.1 (neural) and piper-tts
1.8.0 with the voice joe (VITS). Both sides went through the processing called *common* there.

The first number is the chance that a sentence has a higher value than a bona fide recording (0.5 is chance, below it points
the wrong way); behind it stands how many exceed 95 in 100 of them. The bona fide recordings are those of the table that
comes with the program, judged by models without their sources; they have other words, speakers and microphones. One voice a
system: nothing is known of others.

"""
TAIL = """
Ranks and alarms differ: the small neural engine ranks above most recordings by one detector, and two of its sentences at
most are beyond what one in twenty bona fide recordings reaches; formants are found by the network of quality alone. VITS,
whose kind was among the systems learned from, is found best. A low value never speaks for a person.
"""


def main() -> None:
    """Examine every file and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    values: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for path in sorted(folder.glob("*-*.wav")):
        for finding in asked(path):
            if finding.value is not None:
                values[path.stem.rsplit("-", 1)[0]][finding.id].append(finding.value)
    known = catalogue.load().examinations
    real = {id: population.of(id, known[id].knobs, population.ALL) for id in DETECTORS}
    lines = ["| system | " + " | ".join(DETECTORS) + " |", "|" + "---|" * (1 + len(DETECTORS))]
    for system, found in values.items():
        cells = []
        for id in DETECTORS:
            quantiles, own = np.array(real[id].quantiles if real[id] else []), np.array(found[id])
            rank = np.interp(own, quantiles, np.linspace(0, 1, len(quantiles)))
            cells.append(f"{rank.mean():.2f}, {int((own > quantiles[HIGH]).sum())}/{len(own)}")
        lines.append(f"| {system} | " + " | ".join(cells) + " |")
    PAGE.write_text(HEAD + "\n".join(lines) + "\n" + TAIL, "utf-8")
    print("\n".join(lines))


def asked(path: Path) -> Sequence[ReportedFinding]:
    """Examine a recording after the processing that the bona fide ones had."""
    with open_exhibit(path) as exhibit, tempfile.TemporaryDirectory() as folder:
        sound = exhibit.stream(Audio)
        even = common(np.concatenate(list(mono(sound.samples, sound.rate, COMMON_RATE))))
        wav = Path(folder) / "common.wav"
        soundfile.write(wav, np.clip(even, -1, 1), COMMON_RATE, "PCM_16")
        return veridical.examine(wav, only=DETECTORS).findings


if __name__ == "__main__":
    main()
