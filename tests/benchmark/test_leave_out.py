"""Held-out pairs of sources: what a leak would look like is planted, and must not be found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pytest

from veridical.benchmark.leave_out import MODELS, LeftOut, leave_out, leave_out_each, over_sources
from veridical.benchmark.rows import Row

SOURCES = (("r1", "real"), ("r2", "real"), ("r3", "real"), ("f1", "fake"), ("f2", "fake"), ("f3", "fake"))
EACH = 20


@pytest.fixture
def rows(make_row: Callable[..., Row]) -> list[Row]:
    return [
        make_row(f"{source}-{i:02}.jpg", label, 0.0, source=source, quality={"kind": "image", "width": 512})
        for source, label in SOURCES for i in range(EACH)
    ]  # fmt: skip


def given(rows: Sequence[Row], vector: Callable[[int, Row], Sequence[float]]) -> list[Row]:
    return [replace(row, features=tuple(float(x) for x in vector(i, row))) for i, row in enumerate(rows)]


def noise(count: int = 4) -> np.ndarray:
    return np.random.default_rng(5).normal(size=(len(SOURCES) * EACH, count))


def of(found: Sequence[LeftOut], model: str) -> LeftOut:
    return next(one for one in found if one.model == model)


def test_a_vector_that_names_the_source_is_worth_nothing(rows: list[Row]) -> None:
    """In folds of files it would be worth 1.0; a source that was never seen has a name that was never seen."""
    names = [source for source, _ in SOURCES]
    found = leave_out(given(rows, lambda _, row: [row.source == name for name in names]))
    assert [one.auc.point for one in found] == [0.5, 0.5]
    assert len(found[0].pairs) == 9 and found[0].n_real == found[0].n_fake == 3 * EACH


def test_a_vector_that_names_the_person_is_worth_nothing(rows: list[Row]) -> None:
    """The persons of r1 stand in r2 too, those of f1 in f2: they are not trained on when the other is held out."""
    name = {"r1": "a", "r2": "a", "f1": "b", "f2": "b"}
    people = [replace(row, group=f"{name.get(row.source, row.source)} {i % EACH}") for i, row in enumerate(rows)]
    names = sorted({row.group for row in people})
    found = leave_out(given(people, lambda _, row: [row.group == one for one in names]))
    trained = {(one.real, one.fake): one.trained_on for one in found[0].pairs}
    assert trained["r1", "f1"] == 2 * EACH and trained["r3", "f3"] == 4 * EACH
    assert [one.auc.point for one in found] == [0.5, 0.5]


def test_what_the_label_itself_changes_is_found_on_sources_never_seen(rows: list[Row]) -> None:
    random = noise()
    found = leave_out(given(rows, lambda i, row: random[i] + 2 * (row.label == "fake")))
    for one in found:
        assert one.auc.point > 0.9 and one.nuisance.point == 0.5
        assert one.gain.point == pytest.approx(one.auc.point - 0.5)
        assert one.auc.low is not None and one.auc.low <= one.auc.point <= one.auc.high


def test_noise_is_worth_nothing(rows: list[Row]) -> None:
    random = noise()
    for one in leave_out(given(rows, lambda i, _: random[i])):
        assert 0.35 < one.auc.point < 0.65


def test_nuisances_go_through_the_same_folds(rows: list[Row]) -> None:
    random = noise()
    sizes = [replace(row, quality={"kind": "image", "bytes": 900 + i % 7 + 200 * (row.label == "fake")})
             for i, row in enumerate(rows)]  # fmt: skip
    found = of(leave_out(given(sizes, lambda i, _: random[i])), MODELS[0])
    assert found.nuisance.point > 0.95
    assert found.gain.high is not None and found.gain.high < 0


def test_the_scale_is_taken_from_the_training_files(rows: list[Row]) -> None:
    """One file of a held-out source with a wild number changes the order of no other file there."""
    random = noise()
    plain = given(rows, lambda i, row: random[i] + (row.label == "fake"))
    wild = [replace(row, features=(1e6, *row.features[1:])) if row.path == "f1-00.jpg" else row for row in plain]
    before, after = (of(leave_out(some), MODELS[0]) for some in (plain, wild))
    pair = {(one.real, one.fake): one.auc[MODELS[0]] for one in before.pairs}
    for one in after.pairs:
        if one.fake == "f1":
            assert abs(one.auc[MODELS[0]] - pair[one.real, "f1"]) <= 1 / EACH


def test_a_source_with_both_labels_is_left_out_whole(rows: list[Row]) -> None:
    random = noise()
    mixed = [replace(row, source="both" if row.source in {"r1", "f1"} else row.source) for row in rows]
    found = leave_out(given(mixed, lambda i, _: random[i]))[0]
    trained = {(one.real, one.fake): one.trained_on for one in found.pairs}
    assert trained["both", "both"] == 4 * EACH
    assert trained["both", "f2"] == trained["r2", "both"] == 3 * EACH


def test_rows_without_vectors_or_with_too_few_sources_give_nothing(rows: list[Row]) -> None:
    assert leave_out_each(rows) == ()
    random = noise()
    two = [row for row in given(rows, lambda i, _: random[i]) if row.source in {"r1", "f1"}]
    assert leave_out_each(two) == ()


def test_the_interval_comes_from_drawing_sources_again() -> None:
    table = np.array([[0.5, 0.7], [0.7, 0.9]])
    found = over_sources(table)
    assert found.point == pytest.approx(0.7)
    assert (found.low, found.high) == (0.5, 0.9)
    assert over_sources(table[:1]).low is None
    part = table.copy()
    part[0, 1] = np.nan
    assert over_sources(part).point == pytest.approx((0.5 + 0.7 + 0.9) / 3)


def test_the_same_twice_whatever_the_order(rows: list[Row]) -> None:
    random = noise()
    some = given(rows, lambda i, _: random[i])
    assert leave_out(some) == leave_out(some[::-1])
