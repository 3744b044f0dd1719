"""Parts of labelled media that share nothing: no source where sources are held apart, and never a person, clip or speaker.

A group may name several people or clips, as in "id3 + id5" (a face of one in a clip of the other); it overlaps with every
group that names one of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import UsageError
from .rows import Item

AND = " + "
PARTS = ("train", "tune", "calibrate", "test")
SHARES: Mapping[str, float] = {"train": 0.6, "tune": 0.1, "calibrate": 0.1, "test": 0.2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """Items by what they serve for.

    ``left_out`` are fakes of people or clips that stand on different sides: no side may have them.
    """

    train: tuple[Item, ...] = ()
    tune: tuple[Item, ...] = ()
    calibrate: tuple[Item, ...] = ()
    test: tuple[Item, ...] = ()
    left_out: tuple[Item, ...] = ()

    def parts(self) -> dict[str, tuple[Item, ...]]:
        """Return the four parts by name."""
        return {name: getattr(self, name) for name in PARTS}


def members(group: str) -> tuple[str, ...]:
    """Return the people, clips or speakers that a group names."""
    return tuple(group.split(AND))


def by_source(items: Sequence[Item], *, test: Sequence[str], shares: Mapping[str, float] = SHARES) -> Split:
    """Test on whole sources, and divide all others by group.

    Items of the other sources whose group also stands in a test source are left out.

    Parameters
    ----------
    test
        Sources that are only tested on.
    shares
        Shares of train, tune and calibrate; that of test is ignored, the test sources stand in its place.

    Raises
    ------
    UsageError
        If a source does not exist, or nothing is left to train on.
    """
    _demand_known(items, test, lambda item: item.source, "source")
    tested = tuple(item for item in items if item.source in test)
    barred = _names(tested)
    rest = [item for item in items if item.source not in test]
    free = [item for item in rest if not barred & set(members(item.group))]
    kept = {name: share for name, share in shares.items() if name != "test"}
    split = by_group(free, shares=kept)
    met = tuple(item for item in rest if barred & set(members(item.group)))
    return _checked(
        Split(
            train=split.train, tune=split.tune, calibrate=split.calibrate, test=tested, left_out=(*split.left_out, *met)
        ),
        held_apart=("source",),
    )  # fmt: skip


def by_group(items: Sequence[Item], *, shares: Mapping[str, float] = SHARES) -> Split:
    """Divide items by person, clip or speaker.

    A member's part follows from a hash of its name alone: it stays the same when other items come or go.
    """
    odd = [name for name, share in shares.items() if name not in PARTS or share < 0]
    if odd or not sum(shares.values()) > 0:
        raise UsageError(f"shares are numbers from zero by part ({', '.join(PARTS)}), not all zero; not {dict(shares)}")
    kept: dict[str, list[Item]] = {name: [] for name in (*PARTS, "left_out")}
    for item in items:
        sides = {_part(member, shares) for member in members(item.group)}
        kept[sides.pop() if len(sides) == 1 else "left_out"].append(item)
    return _checked(Split(**{name: tuple(some) for name, some in kept.items()}))


def leave_one_source_out(items: Sequence[Item]) -> Iterator[tuple[str, Split]]:
    """Yield each source with a split that tests on it and trains on all others, in order of name.

    Raises
    ------
    UsageError
        If there is one source only.
    """
    sources = sorted({item.source for item in items})
    if len(sources) < 2:
        raise UsageError(f"there is one source only ({', '.join(sources)}); leaving it out leaves nothing")
    for source in sources:
        yield source, _leave_out(items, [item for item in items if item.source == source], held_apart=("source",))


def leave_one_generator_out(items: Sequence[Item]) -> Iterator[tuple[str, Split]]:
    """Yield each generator with a split that trains on all others and tests on it, in order of name.

    Real items are divided in two by group, so that both sides have some: the same ones are tested for every generator.

    Raises
    ------
    UsageError
        If there are fewer than two generators.
    """
    generators = sorted({item.generator for item in items if item.generator})
    if len(generators) < 2:
        raise UsageError("leaving one generator out needs two or more of them")
    halves = by_group([item for item in items if item.label == "real"], shares={"train": 0.5, "test": 0.5})
    for generator in generators:
        fakes = [item for item in items if item.generator == generator]
        rest = [item for item in items if item.label == "fake" and item.generator != generator]
        tested = [*halves.test, *fakes]
        split = _leave_out([*halves.train, *rest, *tested], tested, held_apart=("generator",))
        yield generator, split


def check(split: Split, *, held_apart: Sequence[str] = ()) -> None:
    """Stop if anything stands on two sides of a split.

    Parameters
    ----------
    held_apart
        Fields besides the group whose values may stand on one side only: "source", "generator".

    Raises
    ------
    UsageError
        Naming what stands on both sides, and the sides.
    """
    _demand_apart(split, lambda item: members(item.group), "group")
    if "source" in held_apart:
        _demand_test_apart(split, lambda item: item.source, "source")
    if "generator" in held_apart:
        _demand_test_apart(split, lambda item: item.generator, "generator")
    _demand_apart(split, lambda item: (str(item.path),), "file")


def _demand_apart(split: Split, names: Callable[[Item], tuple[str, ...]], what: str) -> None:
    seen: dict[str, str] = {}
    for part, items in split.parts().items():
        for name in dict.fromkeys(name for item in items for name in names(item)):
            if name in seen:
                raise UsageError(
                    f"the {what} {name!r} stands in both {seen[name]} and {part}; it may stand in one only"
                )
            seen[name] = part


def _demand_test_apart(split: Split, name: Callable[[Item], str], what: str) -> None:
    """Keep what is tested on from every other part; real items have no generator to keep apart."""
    tested = {name(item) for item in split.test} - {""}
    for part in ("train", "tune", "calibrate"):
        both = sorted(tested & {name(item) for item in split.parts()[part]})
        if both:
            raise UsageError(f"the {what} {both[0]!r} stands in both {part} and test; it may stand in one only")


def _checked(split: Split, *, held_apart: Sequence[str] = ()) -> Split:
    check(split, held_apart=held_apart)
    return split


def _leave_out(items: Sequence[Item], tested: Sequence[Item], *, held_apart: Sequence[str]) -> Split:
    barred, paths = _names(tested), {item.path for item in tested}
    rest = [item for item in items if item.path not in paths]
    met = tuple(item for item in rest if barred & set(members(item.group)))
    train = tuple(item for item in rest if not barred & set(members(item.group)))
    return _checked(Split(train=train, test=tuple(tested), left_out=met), held_apart=held_apart)


def _names(items: Sequence[Item]) -> set[str]:
    return {member for item in items for member in members(item.group)}


def _part(member: str, shares: Mapping[str, float]) -> str:
    """Return the part of a member: its hash as a number from 0 to 1, looked up in the shares laid end to end."""
    place = int.from_bytes(hashlib.sha256(member.encode()).digest()[:8], "big") / 2**64 * sum(shares.values())
    named = [name for name in PARTS if shares.get(name, 0) > 0]
    for name in named:
        place -= shares[name]
        if place < 0:
            return name
    return named[-1]


def _demand_known(items: Sequence[Item], names: Sequence[str], field: Callable[[Item], str], what: str) -> None:
    known = {field(item) for item in items}
    for name in names:
        if name not in known:
            raise UsageError(f"there is no {what} {name!r}; there are: {', '.join(sorted(known))}")
    if not names or set(names) == known:
        raise UsageError(
            f"name one {what} or more to test on, and leave others to train on; there are: {', '.join(sorted(known))}"
        )
