"""The split of the pictures: whole sources apart, bounded counts, an order that never changes, and a check that is heard."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PIL import Image

from veridical.errors import UsageError
from veridical.training import pictures


def row(file: str, source: str, label: str, generator: str = "", group: str = "") -> dict[str, str]:
    return {"file": file, "source": source, "label": label, "generator": generator, "group": group}


def written(folder, listed):
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(listed[0]))
        writer.writeheader()
        writer.writerows(listed)
    return folder


def all_sources() -> list[dict[str, str]]:
    """Three rows of each source and label of the folds; each source has a generator of its own."""
    return [
        row(f"{source}-{label}-{n}.png", source, label, f"{source} {label}", f"{source}-{n}")
        for fold in pictures.FOLDS.values() for label, sources in fold.items() for source in sources for n in range(3)
    ]  # fmt: skip


def test_folds_hold_each_source_and_label_once():
    kinds = [(s, label) for fold in pictures.FOLDS.values() for label, own in fold.items() for s in own]
    assert len(kinds) == len(set(kinds))
    homes = {s: {f for f, fold in pictures.FOLDS.items() for own in fold.values() if s in own} for s, _ in kinds}
    assert all(len(found) == 1 for found in homes.values())
    assert all(label in fold and fold[label] for fold in pictures.FOLDS.values() for label in ("real", "fake"))


def test_rows_are_bounded_and_in_the_same_order_however_they_are_listed(tmp_path):
    listed = [row(f"utk{n}.jpg", "utkface", "real") for n in range(140)]
    listed += [row(f"att{n}.jpg", "attgan", "fake") for n in range(50)] + [
        row(f"r{n}.jpg", "ffhq", "real") for n in range(60)
    ]
    first = pictures.rows(written(tmp_path, listed))
    kinds = [(one["source"], one["fold"]) for one in first]
    assert (
        kinds.count(("utkface", "B")) == 130 and kinds.count(("attgan", "D")) == 42 and kinds.count(("ffhq", "A")) == 60
    )
    assert pictures.rows(written(tmp_path, listed[::-1])) == first


def test_parts_of_a_split_share_nothing_and_leave_nothing_out(tmp_path):
    given = pictures.rows(written(tmp_path, all_sources()))
    for fold in pictures.FOLDS:
        parts = pictures.split(given, fold)
        assert {one["fold"] for one in parts.test} == {fold}
        sources = [{one["source"] for one in part} for part in (parts.train, parts.tune, parts.test)]
        assert not sources[0] & sources[1] and not sources[0] & sources[2] and not sources[1] & sources[2]
        assert len(parts.train) + len(parts.tune) + len(parts.test) == len(given)
        assert {one["label"] for one in parts.tune} == {"real", "fake"}
    assert not pictures.split(given, None).test
    assert len(pictures.split(given, None, tune=()).train) == len(given)


@pytest.mark.parametrize("field", ["source", "generator", "group"])
def test_what_two_parts_share_is_named(field):
    one, other = row("a", "s1", "fake", "g1", "p1"), row("b", "s2", "fake", "g2", "p2")
    pictures.check_apart(train=[one], test=[other])
    with pytest.raises(UsageError, match=f"tune and test share 1 of field {field}: {one[field]}"):
        pictures.check_apart(train=[], tune=[one], test=[{**other, field: one[field]}])


def test_empty_fields_are_not_shared():
    pictures.check_apart(train=[row("a", "s1", "real")], test=[row("b", "s2", "real")])


def test_a_shared_generator_is_found_in_a_split(tmp_path):
    """The tune sources may not show the generator of another source that is learned from."""
    listed = [{**one, "generator": "same"} if one["source"] in ("dexer1", "sd14") else one for one in all_sources()]
    with pytest.raises(UsageError, match="generator: same"):
        pictures.split(pictures.rows(written(tmp_path, listed)), "A")


def test_what_is_wrong_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"holds no manifest\.csv"):
        pictures.rows(tmp_path)
    with pytest.raises(UsageError, match="no fold holds the real pictures of sd14"):
        pictures.fold_of(row("a", "sd14", "real"))
    with pytest.raises(UsageError, match="no fold E; there are A, B, C, D"):
        pictures.split([], "E")
    with pytest.raises(UsageError, match="no fold E; there are A, B, C, D"):
        pictures.fold_of({**row("a", "mine", "real"), "fold": "E"})


def test_media_of_ones_own_say_their_fold(tmp_path):
    """A source that the program does not know is refused with the way out, and taken with a column ``fold``."""
    with pytest.raises(UsageError, match="say in a column fold"):
        pictures.rows(written(tmp_path, [row("a", "mine", "real")]))
    found = pictures.rows(written(tmp_path, [{**row("a", "mine", "real"), "fold": "B"}]))
    assert [one["fold"] for one in found] == ["B"] and len(pictures.split(found, "B").test) == 1


def test_a_picture_is_loaded_as_rgb(tmp_path):
    Image.fromarray(np.full((4, 6), 7, np.uint8)).save(tmp_path / "grey.png")
    found = pictures.load(tmp_path, row("grey.png", "lfwgray", "real"))
    assert found.shape == (4, 6, 3) and found.dtype == np.uint8 and (found == 7).all()
