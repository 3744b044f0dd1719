"""What is neither a face nor a voice supports no fake; files unlike all that were calibrated get no likelihood ratio."""

import math

import numpy as np
import pytest
import soundfile
from PIL import Image

import veridical

WEAK = math.log10(2)
RATE = 16000


def sky(random):
    """Make a bright gradient with the noise of a sensor."""
    rows = np.linspace(220, 120, 240)[:, None, None] + np.array([-40.0, 0.0, 30.0])
    return rows + random.normal(0, 3, (240, 320, 3))


def wall(random):
    """Make bricks with joints, each of its own colour."""
    bricks = np.kron(random.uniform(90, 190, (12, 10, 1)), np.ones((20, 32, 3)))
    bricks[::20] = bricks[:, ::32] = 210.0
    return bricks + random.normal(0, 5, bricks.shape)


def leaves(random):
    """Make coarse and fine specks."""
    grain = sum(np.kron(random.normal(0, 22, (240 // k, 320 // k, 3)), np.ones((k, k, 1))) for k in (1, 4, 16))
    return 110 + grain


def sine(time):
    return np.sin(2 * np.pi * 440 * time)


def chord(time):
    return sum(np.sin(2 * np.pi * 220 * share * time) for share in (1, 1.25, 1.5)) / 3


def syllables(time):
    return sum(np.sin(2 * np.pi * 150 * k * time) / k for k in range(1, 30)) * (1 + np.sin(2 * np.pi * 4 * time)) / 4


def supports_a_fake(report):
    together = report.conclusion.log10_lr
    alone = [one.evidence.log10_lr for one in report.findings if one.evidence]
    return (together is not None and together > WEAK) or any(ratio > WEAK for ratio in alone)


@pytest.mark.parametrize("scene", [sky, wall, leaves])
def test_a_picture_without_a_face_supports_no_fake(scene, tmp_path):
    path = tmp_path / "scene.jpg"
    pixels = np.clip(scene(np.random.default_rng(3)), 0, 255).astype(np.uint8)
    Image.fromarray(pixels).save(path, quality=80)
    report = veridical.examine(path, only=("learned",), skip=("learned.adversarial_probe",))
    assert any(one.value is not None for one in report.findings)
    assert report.conclusion.log10_lr is None
    assert not supports_a_fake(report)


@pytest.mark.parametrize("wave", [sine, chord, syllables])
def test_a_clean_tone_supports_no_fake(wave, tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, 0.4 * wave(np.arange(4 * RATE) / RATE), RATE, "PCM_16")
    report = veridical.examine(path)
    assert report.exhibit.kind == "audio" and report.findings
    assert not supports_a_fake(report)
