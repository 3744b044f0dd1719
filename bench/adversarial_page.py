"""The pages of bench/adversarial.py: docs/validation/robustness.md and docs/models/robustness_NETWORK.md.

    python bench/adversarial_page.py NAME[=NETWORK] …

NAME is a folder of scores in out/adversarial, NETWORK the network it is about, if not of that name. The first of a network
gives its card; others of it stand beside: as shipped, or hardened.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from adversarial_text import CARD, CARD_END, CLOSING, METHOD, OPENING, TITLES, WORDS

from veridical.knowledge.steadiness import Population, fitted, population
from veridical.signals.mild_changes import NAMES

ROOT = Path(__file__).parents[1]
OUT, PAGE = ROOT / "out/adversarial", ROOT / "docs/validation/robustness.md"
ALARMS = 0.05
BY_HAND = "\n## The pixel half of learned.image_net"  # from here on the page is left as it stands
STRICT = ("clean_fake", "pgd_4", "fgsm_4", "aware_4", "exact_8")
_COLUMNS = (
    "| attack | fakes | AUC | AUC of the median copy | detected | flagged by the probe | either |",
    "|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of n pictures and of their copies (n, 12), or None where these were not asked."""

    score: np.ndarray
    changed: np.ndarray | None
    before: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured of one network."""

    name: str
    network: str
    usual: Population
    attacks: Mapping[str, Scores]

    @property
    def real(self) -> Scores:
        return self.attacks["clean_real"]

    def unsteady(self, held: Scores) -> np.ndarray:
        assert held.changed is not None
        pairs = zip(held.score, held.changed, strict=True)
        return np.array([self.usual.unsteadiness(float(own), others) for own, others in pairs])

    def detected(self, held: Scores, allowed: float = ALARMS) -> np.ndarray:
        return np.asarray(held.score > np.quantile(self.real.score, 1 - allowed))

    def flagged(self, held: Scores, allowed: float = ALARMS) -> np.ndarray:
        return np.asarray(self.unsteady(held) > self.usual.below(1 - allowed))


def results(name: str, network: str) -> Results:
    found = {}
    for path in sorted((OUT / name).glob("*.npz")):
        with np.load(path) as held:
            if "score" in held.files:
                parts = {part: held[part] for part in ("changed", "before") if part in held.files}
                found[path.stem] = Scores(held["score"], parts.get("changed"), parts.get("before"))
    pristine = found.pop("pristine", None)
    if pristine is None or pristine.changed is None:
        return Results(name, network, population(network), found)
    with np.load(OUT / name / "pristine.npz") as held:
        sources = held["sources"]
    return Results(name, network, fitted(NAMES, pristine.score, pristine.changed, sources, ""), found)


def auc(real: np.ndarray, fake: np.ndarray) -> float:
    apart = fake[:, None] - real
    return float((apart > 0).mean() + 0.5 * (apart == 0).mean())


def rows(found: Results) -> Iterator[str]:
    real = found.real
    assert real.changed is not None
    for name, words in WORDS.items():
        held = found.attacks.get(name)
        if held is None:
            continue
        cells = [words, str(len(held.score)), f"{auc(real.score, held.score):.2f}"]
        if held.changed is None:
            cells += ["", share(found.detected(held)), "", ""]
        else:
            either = caught(found, held)
            copies = auc(np.median(real.changed, 1), np.median(held.changed, 1))
            cells += [f"{copies:.2f}", *map(share, (found.detected(held), found.flagged(held), either))]
        yield "| " + " | ".join(cells) + " |"


def caught(found: Results, held: Scores, allowed: float = ALARMS) -> np.ndarray:
    return np.asarray(found.detected(held, allowed) | found.flagged(held, allowed))


def alarms(found: Results) -> Iterator[str]:
    real = found.real
    score, probe = found.detected(real), found.flagged(real)
    yield (
        f"False alarms on {len(real.score)} pristine faces: by the score {share(score)} (the threshold was set there), by "
        f"the probe {share(probe)} (its threshold is that of the table: {found.usual.below(1 - ALARMS):.2f}), by either "
        f"{share(score | probe)}."
    )
    strict = [f"{share(caught(found, real, ALARMS / 2))} (false alarms)"]
    strict += [
        f"{share(caught(found, found.attacks[one], ALARMS / 2))} ({WORDS[one]})"
        for one in STRICT
        if one in found.attacks
    ]
    yield f"With 2.5 % allowed to score and probe each, detected or flagged are {', '.join(strict)}."
    raised = found.attacks.get("raise_4")
    if raised is not None and raised.changed is not None:
        before = found.detected(Scores(real.score[: len(raised.score)], None))
        yield (
            f"Pristine faces attacked to look like fakes, 4/255: {share(found.detected(raised))} lie above the threshold "
            f"(before: {share(before)}); the probe flags {share(found.flagged(raised))}."
        )


def laundering(found: Results) -> Iterator[str]:
    kinds = [name[8:-5] for name in found.attacks if name.startswith("launder_") and name.endswith("_fake")]
    if not kinds:
        return
    yield "| laundering, both alike | AUC | real faces above the threshold | fakes above it |"
    yield "|---|---|---|---|"
    yield (
        f"| none | {auc(found.real.score, found.attacks['clean_fake'].score):.2f} | {share(found.detected(found.real))} "
        f"| {share(found.detected(found.attacks['clean_fake']))} |"
    )
    for kind in kinds:
        real, fake = (found.attacks[f"launder_{kind}_{label}"] for label in ("real", "fake"))
        yield (
            f"| {kind.replace('_', ' ')} | {auc(real.score, fake.score):.2f} | {share(found.detected(real))} "
            f"| {share(found.detected(fake))} |"
        )


def chain(found: Results) -> Iterator[str]:
    held = found.attacks.get("chain_4")
    if held is not None and held.before is not None:
        yield (
            f"Through the whole chain: the pixels of {len(held.score)} whole pictures with a swapped face, 4/255, rounded to "
            f"8 bits, then cropped and judged as an examination does: the median score falls from "
            f"{np.median(held.before):+.2f} to {np.median(held.score):+.2f}, the share above the threshold from "
            f"{share(found.detected(Scores(held.before, None)))} to {share(found.detected(held))}."
        )


def share(which: np.ndarray) -> str:
    return f"{100 * float(np.mean(which)):.0f} %"


def section(found: Results) -> list[str]:
    lines = [f"## {TITLES.get(found.name, found.name)}", "", *_COLUMNS, *rows(found), ""]
    for part in (alarms(found), chain(found)):
        lines += [line for text in part for line in (text, "")]
    return [*lines, *laundering(found), ""]


def card(found: Results) -> str:
    measured = [one for one in WORDS if one in found.attacks]
    figures = {one: auc(found.real.score, found.attacks[one].score) for one in measured}
    lines = [
        f"# Robustness card: {found.network}", "",
        CARD.strip(), "", "| attack | AUC | detected or flagged |", "|---|---|---|",
        *(f"| {WORDS[one]} | {value:.2f} | {share(caught(found, found.attacks[one]))} |" for one, value in figures.items()),
        "", *laundering(found), "", CARD_END.strip(),
    ]  # fmt: skip
    return "\n".join(lines).rstrip("\n") + "\n"


def main() -> None:
    lines, carded = ["# Robustness of our networks", OPENING, "## What was measured", METHOD], set()
    for argument in sys.argv[1:]:
        name, _, network = argument.partition("=")
        found = results(name, network or name)
        lines += section(found)
        if found.network not in carded:
            carded.add(found.network)
            (ROOT / f"docs/models/robustness_{found.network}.md").write_text(card(found))
    _, heading, rest = PAGE.read_text().partition(BY_HAND)
    PAGE.write_text("\n".join([*lines, "## What to make of it", CLOSING.rstrip("\n"), ""]) + heading + rest)


if __name__ == "__main__":
    main()
