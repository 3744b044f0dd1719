from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from veridical.benchmark import references as making
from veridical.benchmark.rows import Row
from veridical.knowledge import references
from veridical.knowledge.references import FEATURES, PHOTOGRAPHS, TRACES, condition_of, nearest, reference

WIDTHS = {"block frequencies": 63, "neighbour prediction": 96, "radial spectrum": 64, "colours": 12}


def rows(shift: float = 3.0, count: int = 30) -> list[Row]:
    """Photographs of two collections around 0, a generator apart by ``shift`` standard deviations."""
    random = np.random.default_rng(0)
    made = []
    for source, label, generator, centre in (
        ("one", "real", "camera", 0.0), ("two", "real", "camera", 0.2), ("three", "fake", "Net (a hand)", shift),
    ):  # fmt: skip
        for i in range(count):
            for name, id in FEATURES.items():
                made.append(
                    Row(
                        id=id,
                        value=0.0,
                        outcome="measured",
                        reason="",
                        seconds=0.0,
                        exhibit="",
                        chain="native",
                        quality={"jpeg_quality": 85, "width": 600, "height": 600},
                        path=f"{source}{i}.jpg",
                        label=label,
                        category=label,
                        generator=generator,
                        source=source,
                        group=f"{source}{i}",
                        features=tuple((centre + random.standard_normal(WIDTHS[name])).tolist()),
                    )  # fmt: skip
                )
    return made


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = making.make(rows(), {"made for": "a test"})
    np.savez(tmp_path / "references.npz", **arrays)  # type: ignore[arg-type]
    monkeypatch.setattr(references, "files", lambda _: tmp_path)
    references._load.cache_clear()
    yield
    references._load.cache_clear()


def vectors(centre: float) -> dict[str, np.ndarray]:
    random = np.random.default_rng(9)
    return {name: (centre + random.standard_normal(WIDTHS[name])).astype(np.float32) for name in TRACES}


def test_the_nearest_group_is_that_from_which_the_picture_comes(table: None) -> None:
    known = reference("JPEG 80 to 92", TRACES[0])
    assert known is not None
    assert [group.name for group in known.groups] == [PHOTOGRAPHS, PHOTOGRAPHS, "Net"]
    for centre, name, source in ((3.0, "Net", "three"), (0.2, PHOTOGRAPHS, "two")):
        group, distance = nearest(known, vectors(centre))[0]
        assert (group.name, group.source) == (name, source)
        assert group.radius is not None
        assert distance < 1.5 * group.radius


def test_distances_are_in_standard_units(table: None) -> None:
    known = reference("JPEG 80 to 92", TRACES[0])
    assert known is not None
    one = {name: known.groups[0].mean[name] + 2 for name in TRACES}
    assert known.distance(known.groups[0], one) == pytest.approx(2, rel=0.25)
    assert known.distance(known.groups[0], {name: known.groups[0].mean[name] for name in TRACES}) == 0


def test_a_picture_far_from_all_lies_beyond_every_radius(table: None) -> None:
    known = reference("JPEG 80 to 92", TRACES[0])
    assert known is not None
    assert all(
        group.radius is not None and distance > group.radius for group, distance in nearest(known, vectors(40.0))
    )


def test_medians_are_those_of_the_photographs_alone(table: None) -> None:
    known = reference("JPEG 80 to 92", TRACES[0])
    assert known is not None
    assert known.photographs.count == 60
    assert np.abs(known.median[TRACES[0]]).max() < 0.8  # the generator at 3 is not among them
    assert known.sources == {"one": 30, "two": 30}


def test_there_is_nothing_under_conditions_without_photographs(table: None) -> None:
    assert reference("not JPEG", TRACES[0]) is None


def test_small_sources_make_no_group_of_their_own() -> None:
    few = [row for row in rows() if row.source != "three" or int(row.path[5:-4]) < 10]
    pictures = making.pictures_of(few)
    sizes = {("one", True): 30, ("two", True): 30, ("three", False): 10}
    assert all(group.real for group in making.groups_of(pictures, sizes))


def test_the_radius_holds_nine_in_ten_of_pictures_left_out() -> None:
    groups = making.groups_of(making.pictures_of(rows()), {("one", True): 30, ("two", True): 30, ("three", False): 30})
    whitening = {name: made for name in TRACES if (made := making.whitening_of(groups, name)) is not None}
    radius, own = making.radius_of(groups[0], whitening), making.own_distances(groups[0], whitening)
    assert own is not None
    assert np.mean(own <= radius) == pytest.approx(0.9, abs=0.04)


@pytest.mark.parametrize(
    ("quality", "side", "condition"),
    [(None, 900, "not JPEG"), (75, 900, "JPEG below 80"), (80, 900, "JPEG 80 to 92"), (93, 900, "JPEG above 92"),
     (93, 256, "small JPEG")],
)  # fmt: skip
def test_conditions(quality: int | None, side: int, condition: str) -> None:
    assert condition_of(quality, side, 2 * side) == condition


def test_the_shipped_table_fits_what_the_examinations_give() -> None:
    references._load.cache_clear()
    assert references.made_from()
    for condition in references.CONDITIONS:
        known = reference(condition, TRACES[0])
        if known is not None:
            assert known.photographs.mean["block frequencies"].shape == (63,)
            assert known.photographs.mean["radial spectrum"].shape == (64,)
            assert all(group.count >= making.LEAST_VECTORS for group in known.groups)
            assert sum(known.sources.values()) == known.photographs.count
