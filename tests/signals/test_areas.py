import numpy as np
import pytest

from veridical.signals.areas import coherent_areas


def plane(*patches: tuple[slice, slice, float]) -> np.ndarray:
    values = np.zeros((40, 50))
    for rows, columns, level in patches:
        values[rows, columns] = level
    return values


ALL = np.ones((40, 50), bool)


def test_an_area_is_its_departure_times_the_root_of_its_share() -> None:
    # Averaged over 3 × 3, the straight sides of the patch stay at 2 of 3 and its corners at 4 of 9.
    (area,) = coherent_areas(plane((slice(5, 15), slice(10, 30), 3.0)), ALL, beyond=1.9, clip=6)
    assert area.mask.sum() == 10 * 20 - 4
    assert area.departure == pytest.approx(3)
    assert area.strength == pytest.approx(3 * np.sqrt(196 / 2000))


def test_both_signs_count_and_the_strongest_comes_first() -> None:
    found = coherent_areas(
        plane((slice(5, 15), slice(5, 15), 2.0), (slice(20, 35), slice(20, 40), -2.0)), ALL, beyond=1.0, clip=6
    )
    assert [np.sign(area.departure) for area in found] == [-1, 1]
    assert found[0].strength > found[1].strength


def test_departures_count_up_to_the_clip() -> None:
    (area,) = coherent_areas(plane((slice(5, 15), slice(5, 15), 100.0)), ALL, beyond=3.9, clip=6)
    assert area.departure == pytest.approx(6)


def test_single_blocks_and_what_is_not_judged_are_no_area() -> None:
    lonely = plane((slice(5, 6), slice(5, 6), 5.0))
    assert coherent_areas(lonely, ALL, beyond=1.0, clip=6) == []
    values = plane((slice(5, 15), slice(5, 15), 5.0))
    judged = values == 0
    values[~judged] = np.nan
    assert coherent_areas(values, judged, beyond=1.0, clip=6) == []
