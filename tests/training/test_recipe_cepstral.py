"""The recipe learns what differs within sources, not what differs between them; what it saves is read again."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.examinations.audio.cepstral import windows_scored
from veridical.knowledge import cepstral as knowledge
from veridical.training.recipes.cepstral import Example, Heard, save, score, table_of

pytest.importorskip("sklearn")
FRAMES = 200


def heard(random: np.random.Generator, *, smooth: float = 0.0, offset: float = 0.0, noise: float = 1.0) -> Heard:
    """Courses that remember ``smooth`` of the frame before, around an offset, from a source with its own quickness."""
    steps = noise * random.standard_normal((FRAMES, 20))
    values = np.zeros((FRAMES, 20), np.float32)
    for at in range(1, FRAMES):
        values[at] = (0.5 + smooth) * values[at - 1] + steps[at]
    return Heard((values + offset).astype(np.float32), np.arange(FRAMES) % 50 > 4)


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(0)
    given = []
    # The source that is mostly synthetic is quick, the one that is mostly bona fide is smooth; within each it is the reverse.
    for source, base, counts in (("a", -0.3, (8, 30)), ("b", 0.2, (30, 8))):
        for synthetic, count in enumerate(counts):
            for _ in range(count):
                ways = [heard(random, smooth=base + 0.12 * synthetic, offset=5 * (source == "a")) for _ in range(3)]
                given.append(Example(source, bool(synthetic), ways))
    return table_of(given)


@pytest.mark.parametrize("base", [-0.3, 0.0, 0.2])
def test_what_is_smoother_than_others_of_its_source_lies_higher(table, base):
    random = np.random.default_rng(1)
    low, high = ([score(heard(random, smooth=base + more), table)[0] for _ in range(12)] for more in (0.0, 0.12))
    assert np.mean(high) > np.mean(low) + 0.1


def test_bona_fide_windows_of_the_sources_have_mean_0_and_deviation_1(table):
    random = np.random.default_rng(2)
    means, squares = [], []
    for base in (-0.3, 0.2):
        own = np.array([score(heard(random, smooth=base), table)[0] for _ in range(60)])
        means.append(own.mean())
        squares.append((own**2).mean())
    assert np.mean(means) == pytest.approx(0, abs=0.3)
    assert np.mean(squares) == pytest.approx(1, abs=0.4)


def test_what_is_saved_is_what_is_read(table, tmp_path, monkeypatch):
    save(table, tmp_path / "cepstral.npz")
    monkeypatch.setattr(knowledge, "files", lambda _: tmp_path)
    read = knowledge.cepstral_table.__wrapped__()
    one = heard(np.random.default_rng(3), smooth=0.1)
    before, after = (windows_scored(one.values, one.spoken, each) for each in (table, read))
    assert after.values == pytest.approx(before.values, abs=1e-4)
    assert after.envelope == pytest.approx(before.envelope, abs=1e-3)
    assert (read.real_recordings, read.synthetic_recordings) == (38, 38)
    assert (tmp_path / "cepstral.npz").stat().st_size < 300_000


def test_too_little_speech_has_no_score(table):
    assert score(Heard(np.zeros((30, 20), np.float32), np.zeros(30, bool)), table) is None
