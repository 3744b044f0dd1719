"""A person is told from others by how movements go together: simulated habits with known correlations."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from veridical import persons
from veridical.catalogue import load
from veridical.errors import NotApplicable, NotInstalled, UsageError
from veridical.examinations.temporal.mannerisms import WORDS, describe, examine
from veridical.finding import Chart, Map, Measurement, Span, Table
from veridical.media.exhibit import FileHash, open_exhibit
from veridical.perception.expression import NAMES, Expressions, ExpressionTrack
from veridical.signals.behaviour import correlations

from ...simulated import expression_track, footage

PITCH, BROW, TILT, GAP = (NAMES.index(name) for name in ("pitch", "AU01", "roll", "lip gap"))


def moving(seed: int, links: dict[tuple[int, int], float], *, seconds: float = 14.0) -> np.ndarray:
    """Twenty slow, unrelated movements; ``links`` say which follows which, and how closely (a correlation)."""
    random = np.random.default_rng(seed)
    count = round(30 * seconds)
    noise = np.fft.rfft(random.standard_normal((count, 20)), axis=0)
    hertz = np.fft.rfftfreq(count, 1 / 30)[:, None]
    slow = np.fft.irfft(noise * ((hertz > 0.3) & (hertz < 6)), count, axis=0)
    slow /= slow.std(0)
    for (one, other), r in links.items():
        slow[:, one] = r * slow[:, other] + np.sqrt(1 - r * r) * slow[:, one]
    return slow


HABITS = {(BROW, PITCH): 0.9, (GAP, TILT): -0.8}
OTHERS = {(BROW, TILT): 0.7, (GAP, PITCH): 0.8}


def clip(*tracks: ExpressionTrack, fps: float = 30.0) -> Expressions:
    longest = max((len(track.frames) for track in tracks), default=0)
    return Expressions(tracks=tracks, fps=fps, duration_s=longest / fps)


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_PERSONS", str(tmp_path))
    return tmp_path


@pytest.fixture
def anna() -> persons.Person:
    return persons.enrol("anna", footage([moving(seed, HABITS) for seed in range(5)]))


def ask(links: dict[tuple[int, int], float], seed: int = 50, **knobs: str | int) -> Measurement:
    return examine(clip(expression_track(moving(seed, links))), **knobs)  # type: ignore[arg-type]


def test_own_clips_fit_better_than_those_of_somebody_else(anna: persons.Person) -> None:
    own = [ask(HABITS, seed).value for seed in range(50, 56)]
    other = [ask(OTHERS, seed).value for seed in range(50, 56)]
    assert max(own) < min(other)
    assert np.median(own) <= anna.own[2] < min(other)


def test_the_pair_that_was_taken_apart_is_named_and_drawn(anna: persons.Person) -> None:
    found = ask({(GAP, TILT): -0.8})  # the brow no longer follows the nod; everything else is as usual
    tables = [one for one in found.exhibits if isinstance(one, Table)]
    assert tables[0].rows[0][:2] == ("inner brow raise no longer follows head nod", "AU01, pitch")
    assert len(tables[0].rows) == 5
    clip_map, mean_map, difference = (one for one in found.exhibits if isinstance(one, Map))
    assert mean_map.values[BROW, PITCH] == pytest.approx(0.9, abs=0.1)
    assert abs(clip_map.values[BROW, PITCH]) < 0.3
    np.testing.assert_allclose(difference.values, clip_map.values - mean_map.values, atol=1e-6)
    assert np.nanargmin(difference.values) == PITCH  # row 0 is the inner brow
    expected = correlations(moving(50, {(GAP, TILT): -0.8}))[0]
    assert np.corrcoef(clip_map.values[np.triu_indices(20, 1)], expected)[0, 1] > 0.9


def test_a_stretch_that_is_unlike_the_person_is_placed_in_time(anna: persons.Person) -> None:
    series = np.concatenate([moving(60, HABITS, seconds=40), moving(61, OTHERS, seconds=40)])
    found = examine(clip(expression_track(series)))
    strongest = found.where[0]
    assert isinstance(strongest, Span) and strongest.track == 0 and strongest.value is not None
    assert strongest.start_s > 30 and strongest.end_s == pytest.approx(80, abs=0.5)
    (chart,) = (one for one in found.exhibits if isinstance(one, Chart))
    (line,) = chart.lines
    assert chart.timeline and line.track == 0
    assert line.y[line.x < 34].max() < line.y[line.x > 46].min()


def test_the_best_fitting_face_and_person_give_the_value(anna: persons.Person) -> None:
    persons.enrol("ben", footage([moving(100 + seed, OTHERS) for seed in range(5)]))
    own, other = expression_track(moving(70, HABITS)), expression_track(moving(71, OTHERS), person=1)
    both = examine(clip(own, other))
    table = both.exhibits[-1]
    assert isinstance(table, Table) and len(table.rows) == 4
    fits = {(row[0], row[1]): float(row[2]) for row in table.rows}
    assert min(fits[("1", "anna")], fits[("2", "ben")]) == pytest.approx(both.value, abs=1e-3)
    assert max(fits[("1", "anna")], fits[("2", "ben")]) < min(fits[("2", "anna")], fits[("1", "ben")])
    assert examine(clip(own, other), person="anna", face=2).value == pytest.approx(fits[("2", "anna")], abs=1e-3)
    assert any("best fit of 4 pairs" in limit for limit in both.limits)


def test_a_clip_that_was_enrolled_itself_says_so(anna: persons.Person) -> None:
    again = clip(expression_track(moving(0, HABITS)))
    found = examine(again, FileHash(anna.clips[0]))
    assert "This very file is one of the 5 clips that anna was enrolled from" in found.limits[0]
    for file in (FileHash("f" * 64), None):
        assert not any("this very file" in one.lower() for one in examine(again, file).limits)


def test_an_examination_learns_which_file_it_is_about(
    tmp_path: Path,
) -> None:
    """Through the resolver: the hash that an exhibit gives is that of its bytes."""
    from PIL import Image

    path = tmp_path / "a.png"
    Image.new("RGB", (64, 64)).save(path)
    with open_exhibit(path) as exhibit:
        assert exhibit.stream(FileHash).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert exhibit.known(FileHash) is None  # the report names the hash already
    (need,) = (one for one in load().find("temporal.mannerisms").needs if one.kind is FileHash)
    assert need.optional


def test_what_limits_it_is_said(anna: persons.Person) -> None:
    series = moving(80, HABITS)
    series[:, 4] = 0.25
    limits = " ".join(examine(clip(expression_track(series))).limits)
    assert "is not recognised here" in limits
    assert "1.2 minutes of anna in 5 clips" in limits
    assert "other occasions" in limits
    assert "14 s of this face" in limits
    assert "cheek raise" in limits


def test_without_a_person_or_a_face_it_says_what_to_do() -> None:
    with pytest.raises(NotInstalled, match="veridical enrol person"):
        ask(HABITS)
    with pytest.raises(UsageError, match="no person 'zoe'"):
        ask(HABITS, person="zoe")


def test_gates_give_their_numbers(anna: persons.Person, store: Path) -> None:
    with pytest.raises(NotApplicable, match="no face was found"):
        examine(clip())
    with pytest.raises(NotApplicable, match=r"10 s without a gap.*8\.0 s in all"):
        examine(clip(expression_track(moving(1, HABITS, seconds=8))))
    with pytest.raises(NotApplicable, match="no face 3"):
        ask(HABITS, face=3)
    small = expression_track(moving(1, HABITS))
    small.interocular[:] = 20
    with pytest.raises(NotApplicable, match="40 px"):
        examine(clip(small))
    (store / "anna" / "supports.npy").write_bytes(b"x")
    with pytest.raises(NotInstalled, match="not the one that was made"):
        ask(HABITS)


def test_a_damaged_person_does_not_keep_others_from_being_compared(anna: persons.Person, store: Path) -> None:
    alone = ask(HABITS).value
    persons.enrol("ben", footage([moving(100 + seed, OTHERS) for seed in range(5)]))
    (store / "ben" / "person.json").write_text("{}")
    found = ask(HABITS)
    assert found.value == alone and any("left out" in limit for limit in found.limits)


@pytest.mark.parametrize(
    ("clip_r", "usual", "words"),
    [
        (0.1, 0.8, "a no longer follows b"),
        (-0.1, -0.8, "a no longer goes against b"),
        (-0.5, 0.6, "a goes against b, which it usually follows"),
        (0.5, -0.6, "a follows b, which it usually goes against"),
        (0.9, 0.5, "a follows b more closely than usual"),
        (-0.4, -0.7, "a goes against b less closely than usual"),
        (0.6, 0.05, "a follows b, which it usually does not"),
    ],
)
def test_words_say_how_two_movements_go_together(clip_r: float, usual: float, words: str) -> None:
    assert describe("a", "b", clip_r, usual) == words


def test_every_series_has_a_name_in_words() -> None:
    assert len(WORDS) == len(NAMES) == len(set(WORDS))
