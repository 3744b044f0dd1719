"""How well enrolled persons are told from others and from fakes: ``python bench/mannerisms.py DATA [--page PAGE]``.

DATA is a folder of clips with a manifest.csv (file, label, source). Which clips show whom was told by eye (``PEOPLE``). The
first half of each clip of a person is learned, as enrolment does; the second half is compared with every clip of other people
and with the talking-head fakes, in windows of 4, 6 and 10 s. Where a person has several clips, each is also left out in turn:
that alone tests another take.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from veridical import persons
from veridical.perception.expression import Expressions, ExpressionTrack
from veridical.signals.behaviour import Windows

WINDOWS_S = (4.0, 6.0, 10.0)
FEWEST = 5  # windows that are learned from
# The generated face of each, by its number: composites show the still picture, or the driving person, beside it.
FAKES = {
    "anitalker": 0, "aniportrait-b30d": 1, "aniportrait-c4ee": 0, "aniportrait-e777": 0, "styleheat-88d2": 0,
    "styleheat-97be": 0,
}  # fmt: skip
# By the beginnings of file names; clips of nobody named here are of one person each, shown once (DFDC crops and shots of a
# second or two are left out). liveportrait-9074 is liveportrait-ac7e once more, cut differently.
PEOPLE = {
    "A": ("styletalk-00bb", "styletalk-040b", "styletalk-3a2d", "styletalk-5d5b", "styletalk-bb05", "styletalk-f095",
          "styletalk-f97e", "styletalk-8973", "styletalk-9ac9"),
    "B": ("styletalk-6984", "styletalk-a56f"),
    "C": ("liveportrait-ac7e",),
    "D": ("styletalk-da06",),
    "E": ("liveportrait-465e",),
    "F": ("liveportrait-d03e",),
    "G": ("styleheat-5a61",),
}  # fmt: skip
OTHERS = (
    "styletalk-7637", "styletalk-5d99", "liveportrait-3047", "ip_lap", "liveportrait-2895", "liveportrait-1dc9",
    "styletalk-1239", "styletalk-4f72", "liveportrait-1e24", "tpsmm", "aniportrait-9476",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A clip: its file, whether it is generated, and what its faces do."""

    file: str
    fake: bool
    expressions: Expressions


def watched(data: Path) -> Iterator[Seen]:
    """Watch all clips of a manifest."""
    from veridical.enrolment import watch

    with (data / "manifest.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if not row["file"].startswith(("jphdotam", "lipnet")):
                yield Seen(row["file"], row["label"] == "fake", watch(data / row["file"]).expressions)


def cut(track: ExpressionTrack, window_s: float, half: int | None = None) -> Windows:
    """Return the windows of a track, or of its first (0) or second (1) half."""
    middle = (track.times[0] + track.times[-1]) / 2
    keep = np.ones(len(track.times), bool) if half is None else (track.times >= middle) == bool(half)
    part = {name: getattr(track, name)[keep] for name in ("frames", "times", "series", "yaw", "interocular")}
    return ExpressionTrack(person=track.person, shot=track.shot, **part).windows(
        window_s=window_s, step_s=persons.STEP_S
    )


def score(model: persons.Behaviour, windows: Windows) -> float:
    """Return the value that the examination would give."""
    return float(np.median(model.values(windows.features)))


def auc(own: list[float], others: list[float]) -> float:
    """Return the probability that another's clip has the higher value."""
    a, b = np.array(own)[:, None], np.array(others)
    return float((b > a).mean() + (b == a).mean() / 2)


def interval(pairs: list[tuple[list[float], list[float]]]) -> str:
    """Return the mean AUC over persons and its 90 % interval from a bootstrap over persons, and over the clips of others."""
    random = np.random.default_rng(0)
    each = [auc(*pair) for pair in pairs]
    means = []
    for _ in range(2000):
        drawn = [pairs[i] for i in random.integers(0, len(pairs), len(pairs))]
        means.append(np.mean([auc(own, list(random.choice(others, len(others)))) for own, others in drawn]))
    low, high = np.percentile(means, (5, 95))
    return f"{np.mean(each):.2f} ({low:.2f} to {high:.2f})"


def halves(clips: list[Seen], window_s: float) -> tuple[list[str], dict[str, list[tuple[list[float], list[float]]]]]:
    """Learn first halves, compare second halves, others and fakes."""
    shown, found = [], {"others": [], "fakes": []}
    for person, starts in PEOPLE.items():
        mine = [one for one in clips if one.file.startswith(starts)]
        learned = [cut(one.expressions.tracks[0], window_s, 0).features for one in mine]
        features = np.concatenate(learned)
        held = [cut(one.expressions.tracks[0], window_s, 1) for one in mine]
        held = [one for one in held if len(one)]
        if len(features) < FEWEST or not held:
            continue
        model = persons.learn(features)
        own = [score(model, one) for one in held]
        rest = _others(clips, person, window_s)
        values = {kind: [score(model, one) for one in some] for kind, some in rest.items()}
        for kind, pairs in found.items():
            pairs.append((own, values[kind]))
        told = (f"{auc(own, some):.2f} ({len(some)})" for some in values.values())
        counts = (f"{window_s:g}", sum(len(one) > 0 for one in learned), len(features), len(own))
        shown.append("| " + " | ".join(map(str, (person, *counts, *told))) + " |")
    return shown, found


def left_out(clips: list[Seen], window_s: float) -> list[str]:
    """Learn all clips of a person but one, compare that one."""
    shown = []
    for person, starts in PEOPLE.items():
        mine = [cut(one.expressions.tracks[0], window_s) for one in clips if one.file.startswith(starts)]
        mine = [one for one in mine if len(one)]
        if len(mine) < 2:
            continue
        rest = _others(clips, person, window_s)
        own, others, fakes = [], [], []
        for i, held in enumerate(mine):
            features = np.concatenate([one.features for j, one in enumerate(mine) if j != i])
            if len(features) < FEWEST:
                continue
            model = persons.learn(features)
            own.append(score(model, held))
            others.append(auc(own[-1:], [score(model, one) for one in rest["others"]]))
            fakes.append(auc(own[-1:], [score(model, one) for one in rest["fakes"]]))
        if own:
            shown.append(f"| {person} | {window_s:g} | {len(own)} | {np.mean(others):.2f} | {np.mean(fakes):.2f} |")
    return shown


def _others(clips: list[Seen], person: str, window_s: float) -> dict[str, list[Windows]]:
    known = tuple(start for one, starts in PEOPLE.items() if one != person for start in starts)
    rest = [one for one in clips if not one.fake and one.file.startswith((*known, *OTHERS))]
    tracks = [track for one in rest for track in one.expressions.tracks]
    fakes = [
        track for one in clips for start, number in FAKES.items() if one.fake and one.file.startswith(start)
        for track in one.expressions.tracks if track.person == number
    ]  # fmt: skip
    return {
        kind: [seen for track in some if len(seen := cut(track, window_s))]
        for kind, some in (("others", tracks), ("fakes", fakes))
    }


def tables(clips: list[Seen]) -> str:
    """Return all tables as Markdown."""
    summary, each, out = [], [], []
    for window_s in WINDOWS_S:
        shown, found = halves(clips, window_s)
        each += shown
        if found["others"]:
            others, fakes = (interval(found[kind]) for kind in ("others", "fakes"))
            summary.append(f"| {window_s:g} | {len(found['others'])} | {others} | {fakes} |")
        else:
            summary.append(f"| {window_s:g} | 0 | – | – |")
        out += left_out(clips, window_s)
    return "\n".join([
        "| window, s | persons | AUC against other people | AUC against fakes |", "|---|---|---|---|", *summary, "",
        "| person | window, s | clips learned | windows learned | second halves | others (tracks) | fakes (tracks) |",
        "|---|---|---|---|---|---|---|", *each, "",
        "| person | window, s | clips left out in turn | AUC against other people | AUC against fakes |",
        "|---|---|---|---|---|", *out, "",
    ])  # fmt: skip


def main() -> None:
    """Measure and print, or write the tables into a page between its marks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--page", type=Path)
    chosen = parser.parse_args()
    text = tables(list(watched(chosen.data)))
    if chosen.page is None:
        print(text)
        return
    page = chosen.page.read_text("utf-8")
    before, _, rest = page.partition("<!-- measured -->\n")
    _, _, after = rest.partition("<!-- end -->\n")
    chosen.page.write_text(f"{before}<!-- measured -->\n{text}<!-- end -->\n{after}", "utf-8")


if __name__ == "__main__":
    main()
