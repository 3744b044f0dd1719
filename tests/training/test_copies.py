"""Copies of real speech: pairs that differ in nothing but the vocoder, and a decoder that has the published shape."""

import numpy as np
import pytest
from scipy import signal

from veridical.errors import NotInstalled, UsageError
from veridical.training import copies

RATE = copies.RATE


def noise(seconds=1.0, seed=0):
    return (0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def test_a_pair_has_one_length_level_and_band():
    original = signal.sosfilt(signal.butter(12, 5000, fs=RATE, output="sos"), noise())
    first, second = copies.pair(original, np.append(3 * noise(seed=1), np.ones(100)))
    assert len(first) == len(second) == len(original)
    assert np.mean(second**2) == pytest.approx(np.mean(first**2), rel=1e-4)
    for sound in (first, second):
        hertz, power = signal.welch(sound[1000:-1000], RATE, nperseg=2048)
        assert power[hertz > 6700].mean() < 1e-5 * power[(hertz > 1000) & (hertz < 4000)].mean()


def test_the_level_of_a_copy_does_not_matter_nor_does_its_mean():
    original, copy = noise(), noise(seed=1)
    plain, loud = (copies.pair(original, one)[1] for one in (copy, 7 * copy + 0.5))
    np.testing.assert_allclose(loud[2000:-2000], plain[2000:-2000], atol=2e-3)


@pytest.mark.parametrize("edge", [4000, 6000])
def test_the_band_edge_is_where_the_sound_ends(edge):
    low_pass = signal.firwin(801, edge, fs=RATE, window=("kaiser", 9.0))
    assert copies.band_edge(np.convolve(noise(2.0), low_pass)) == pytest.approx(edge, abs=250)
    assert copies.band_edge(noise()) == copies.TOP_HZ


@pytest.mark.parametrize("name", sorted(copies.COPIES))
def test_a_copy_is_the_same_whenever_it_is_made(name):
    sound = noise(0.5)
    first, second = (copies.COPIES[name](sound) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert len(first) == len(sound) and np.isfinite(first).all()


def test_without_torch_the_neural_copy_says_what_to_install(monkeypatch, tmp_path):
    def missing(name, package):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(copies, "import_module", missing)
    with pytest.raises(NotInstalled, match="train"):
        copies.neural(tmp_path / "weights")


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch")


def test_frames_become_as_many_samples_as_they_stand_for(torch):
    from veridical.training import hifigan

    for plan in (hifigan.WIDE, hifigan.Plan(rate=16000, window=512, strides=(4, 4, 2, 2))):
        assert hifigan.speak(hifigan.Generator(plan), np.zeros((80, 7))).shape == (7 * plan.hop,)


def test_the_generator_has_as_many_weights_as_its_paper_says(torch):
    from veridical.training import hifigan

    count = sum(one.numel() for one in hifigan.Generator().parameters())
    assert round(count / 1e6, 2) == 13.93  # 13.92 M in table 1 of the paper, whose last digit is cut off


def test_a_kernel_has_the_length_and_direction_that_were_published(torch):
    from veridical.training import hifigan

    direction = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(0))
    length = torch.tensor([1.0, 2.0, 3.0, 4.0]).reshape(4, 1, 1)
    joined = hifigan._joined({"a.weight_v": direction, "a.weight_g": length, "a.bias": torch.zeros(4)})
    assert set(joined) == {"a.weight", "a.bias"}
    np.testing.assert_allclose(np.sqrt((joined["a.weight"].numpy() ** 2).sum((1, 2))), [1, 2, 3, 4], rtol=1e-5)


def test_other_weights_are_refused(torch, tmp_path):
    from veridical.training import hifigan

    torch.save({"generator": {"conv_pre.bias": torch.zeros(512)}}, tmp_path / "other.pt")
    (tmp_path / "broken.pt").write_bytes(b"nothing")
    for path in (tmp_path / "other.pt", tmp_path / "broken.pt", tmp_path / "missing.pt"):
        with pytest.raises(UsageError, match="does not hold the weights"):
            hifigan.load(path)


def test_a_tone_lies_in_the_mel_band_of_its_frequency(torch):
    from veridical.signals.mel import hertz_to_mel
    from veridical.training import hifigan

    tone = 0.5 * np.sin(2 * np.pi * 2000 * np.arange(22050) / 22050)
    seen = copies.log_mel(tone, hifigan.WIDE)
    wanted = float(hertz_to_mel(np.array(2000.0)) / hertz_to_mel(np.array(8000.0)) * 81 - 1)
    assert abs(np.median(seen.argmax(0)) - wanted) < 1
    assert seen.shape == (80, 87)
