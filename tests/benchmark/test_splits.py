"""Nothing stands on two sides of a split, whatever the items; and a split that was made wrongly stops the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from veridical.benchmark.rows import Item
from veridical.benchmark.splits import (
    AND,
    PARTS,
    Split,
    by_group,
    by_source,
    check,
    leave_one_generator_out,
    leave_one_source_out,
    members,
)
from veridical.errors import UsageError


def item(n: int, *, generator: str = "", source: str = "s", group: str = "") -> Item:
    label = "fake" if generator else "real"
    return Item(
        path=Path(f"{n}.jpg"), label=label, category="synthesis" if generator else "real", generator=generator, source=source,
        group=group or f"{n}.jpg",
    )  # fmt: skip


people = some.sampled_from([f"id{n}" for n in range(12)])
groups = some.one_of(people, some.tuples(people, people).map(lambda both: AND.join(sorted(set(both)))))
collections = some.lists(
    some.tuples(some.sampled_from(["", "A", "B", "C"]), some.sampled_from("xyz"), groups), min_size=1, max_size=60
).map(lambda all: [item(n, generator=g, source=s, group=who) for n, (g, s, who) in enumerate(all)])


def names(items: tuple[Item, ...]) -> set[str]:
    return {member for one in items for member in members(one.group)}


def assert_apart(split: Split, items: list[Item]) -> None:
    parts = list(split.parts().values())
    for n, part in enumerate(parts):
        for other in parts[n + 1 :]:
            assert not names(part) & names(other)
    everyone = [one for part in (*parts, split.left_out) for one in part]
    assert sorted(one.path for one in everyone) == sorted(one.path for one in items)


@given(collections)
@settings(max_examples=100, deadline=None)
def test_no_person_stands_in_two_parts_and_no_file_is_lost(items: list[Item]) -> None:
    assert_apart(by_group(items), items)


@given(collections)
@settings(max_examples=50, deadline=None)
def test_leaving_a_source_out_leaves_nothing_of_it_in_training(items: list[Item]) -> None:
    if len({one.source for one in items}) < 2:
        return
    for source, split in leave_one_source_out(items):
        assert {one.source for one in split.test} == {source}
        assert source not in {one.source for one in split.train}
        assert_apart(split, items)


@given(collections)
@settings(max_examples=50, deadline=None)
def test_leaving_a_generator_out_leaves_nothing_of_it_in_training(items: list[Item]) -> None:
    if len({one.generator for one in items} - {""}) < 2:
        return
    reals = []
    for generator, split in leave_one_generator_out(items):
        assert {one.generator for one in split.test} - {""} == {generator}
        assert generator not in {one.generator for one in split.train}
        assert not names(split.train) & names(split.test)
        reals.append([one.path for one in split.test if not one.generator])
    assert all(one == reals[0] for one in reals)


@given(collections, some.sampled_from("xyz"))
@settings(max_examples=50, deadline=None)
def test_test_sources_are_only_tested_on(items: list[Item], source: str) -> None:
    sources = {one.source for one in items}
    if source not in sources or len(sources) < 2:
        return
    split = by_source(items, test=[source])
    assert {one.source for one in split.test} == {source}
    assert all(one.source != source for part in PARTS[:3] for one in split.parts()[part])
    assert_apart(split, items)


def test_a_person_stays_where_they_are_when_others_come() -> None:
    few = [item(n, group=f"id{n}") for n in range(20)]
    many = few + [item(n, group=f"id{n}") for n in range(20, 400)]
    before, after = by_group(few).parts(), by_group(many).parts()
    assert all(set(before[part]) <= set(after[part]) for part in PARTS)
    assert [len(after[part]) / 400 for part in PARTS] == pytest.approx([0.6, 0.1, 0.1, 0.2], abs=0.08)


def test_two_files_of_one_person_on_both_sides_of_a_split_stop_the_run() -> None:
    split = Split(train=(item(1, group="id7"),), test=(item(2, generator="A", group="id3 + id7"),))
    with pytest.raises(UsageError, match="the group 'id7' stands in both train and test"):
        check(split)


@pytest.mark.parametrize(("field", "shared"), [("source", {"source": "ffhq"}), ("generator", {"generator": "sd14"})])
def test_a_shared_source_or_generator_stops_the_run_where_they_are_held_apart(
    field: str, shared: dict[str, str]
) -> None:
    split = Split(calibrate=(item(1, **shared),), test=(item(2, **shared),))
    check(split)
    with pytest.raises(UsageError, match=f"the {field} '{shared[field]}' stands in both calibrate and test"):
        check(split, held_apart=(field,))


def test_one_file_in_two_parts_is_named() -> None:
    one = item(1, group="a")
    other = Item(path=one.path, label="real", category="real", generator="", source="s", group="b")
    with pytest.raises(UsageError, match=r"the file '1\.jpg' stands in both train and tune"):
        check(Split(train=(one,), tune=(other,)))


def test_what_cannot_be_split_says_why() -> None:
    alone = [item(1), item(2, generator="A")]
    with pytest.raises(UsageError, match="one source only"):
        next(leave_one_source_out(alone))
    with pytest.raises(UsageError, match="two or more"):
        next(leave_one_generator_out(alone))
    with pytest.raises(UsageError, match="there is no source 't'"):
        by_source(alone, test=["t"])
    with pytest.raises(UsageError, match="leave others to train on"):
        by_source(alone, test=["s"])
    with pytest.raises(UsageError, match="shares are numbers"):
        by_group(alone, shares={"train": 0})
