"""What the recipe learns: the difference within sources, and nothing of how sources differ."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.training.folds import FOLD_OF, alike
from veridical.training.recipes.voice_net import Heard, directions, held_out, middle, shift, table

WIDE = 12


def rows_of(source, real, made, system="s"):
    names = [("real", "", i) for i in range(real)] + [("fake", system, i) for i in range(made)]
    return [
        {"file": f"{source}-{label}-{i}", "label": label, "system": sys, "source": source} for label, sys, i in names
    ]


def heard(way, seed, *, effect=3.0, apart=8.0, sources=("vits_demo", "vqmivc_demo", "tortoise_tts", "nii_nsf")):
    """Sources lie far apart along number 1; what is made lies further along number 0 of the same source."""
    rng = np.random.default_rng(seed)
    rows, found = [], []
    for n, source in enumerate(sources):
        own = rows_of(source, 30, 30)
        x = rng.standard_normal((60, WIDE))
        x[:, 1] += apart * n
        x[30:, 0] += effect
        # What is made is commoner in the last source: a shortcut that must not be taken.
        rows += own
        found.append(x)
    return Heard(way, rows, np.concatenate(found))


def no_copies(way):
    real = way.where(lambda row: row["label"] == "real")
    return real, real


def test_directions_are_those_within_a_source():
    ways = [heard("common", 1)]
    found = np.stack(list(directions(ways)))
    assert len(found) == 4
    np.testing.assert_allclose(found[:, 0], 3, atol=0.8)
    assert np.abs(found[:, 1:]).max() < 1


def test_the_first_axis_is_what_is_made_and_not_the_source():
    ways = [heard("common", 1), heard("telephone", 2)]
    found = table(ways, *no_copies(ways[0]))
    first = found.axes[:, 0] / np.linalg.norm(found.axes[:, 0])
    assert first[0] > 0.95 and abs(first[1]) < 0.1
    points = found.points(ways[0].encodings)
    made = np.array([row["label"] == "fake" for row in ways[0].rows])
    ratios = found.log_ratio(points)
    assert np.median(ratios[made]) > 0 > np.median(ratios[~made])
    assert found.recordings == (120, 120) and found.sources == 4 and found.systems == 1


def test_copies_add_their_own_direction():
    ways = [heard("common", 1, effect=0.0)]
    real = ways[0].where(lambda row: row["label"] == "real")
    moved = Heard("copies", real.rows[::-1], real.encodings[::-1] + 4.0 * np.eye(WIDE)[5])
    np.testing.assert_allclose(shift(real, moved), 4.0 * np.eye(WIDE)[5], atol=1e-9)
    found = table(ways, real, moved)
    first = found.axes[:, 0] / np.linalg.norm(found.axes[:, 0])
    assert first[5] > 0.95


def test_a_score_never_comes_from_its_own_fold():
    ways = [heard("common", 1)]
    plain = {(c, f): v for c, f, _, v in held_out(ways, *no_copies(ways[0]), ways)}
    own = np.array([FOLD_OF[row["source"]] == "C" for row in ways[0].rows])
    made = np.array([row["label"] == "fake" for row in ways[0].rows])
    spoilt = ways[0].encodings.copy()
    spoilt[own & made] += 100 * np.eye(WIDE)[7]  # a training value of fold C that would turn every table that saw it
    other = Heard("common", ways[0].rows, spoilt)
    found = {(c, f): v for c, f, _, v in held_out([other], *no_copies(ways[0]), ways)}
    for row, held in zip(ways[0].rows, own, strict=True):
        key = ("common", row["file"])
        assert (found[key] == plain[key]) == bool(held)


def test_sources_without_a_fold_are_scored_by_all_tables():
    ways = [heard("common", 1)]
    prompts = Heard("common", rows_of("asterisk_en", 5, 0), np.zeros((5, WIDE)))
    found = list(held_out(ways, *no_copies(ways[0]), [*ways, prompts]))
    assert sum(str(file).startswith("asterisk") for _, file, _, _ in found) == 5


def test_labels_count_alike_and_large_sources_less_than_their_size():
    weight = alike([("a", 0)] * 100 + [("b", 0)] * 4 + [("a", 1)] * 9)
    assert weight[:104].sum() == pytest.approx(weight[104:].sum())
    assert weight[:100].sum() / weight[100:104].sum() == pytest.approx(5)


def test_the_middle_is_cut_and_short_sound_repeated():
    long = np.arange(70000.0)
    assert middle(long)[0] == (70000 - 61440) // 2 and len(middle(long)) == 61440
    assert len(middle(np.arange(100.0))) == 61440
