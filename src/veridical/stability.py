"""Examines benign re-encodings of an exhibit, within a budget of time, and certifies how far its evidence holds.

The findings that carry weight are asked again, the heaviest first, then those that cost next to nothing. Every encoding
lies in a folder that only this user can read, one at a time, and is decoded under the same limits as any exhibit. Percepts of
encodings are never cached on disk. Of a clip or recording that is too long for the budget, the first seconds are tried.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from .catalogue import Catalogue, Declared
from .errors import MediaError, NotApplicable, UsageError
from .evidence import calibration, fusion
from .evidence.calibration import CalibrationTable, Weight
from .evidence.fusion import Fused, FusionTable
from .evidence.stability import FEWEST, NEUTRAL, Certificate, Trial, certify
from .evidence.weighing import weigh_all
from .examiner import Examiner, Progress
from .finding import Finding
from .media.audio import Audio
from .media.exhibit import Exhibit, open_exhibit
from .media.video import Video
from .outcome import Raised, attempt
from .perception.quality import Quality
from .reencode import Step
from .reencode.benign import BENIGN, PLAIN
from .reencode.part import Part
from .reencode.scratch import scratch
from .resolver import Resolver

BUDGET_S = 120.0
"""Seconds that a certificate may take unless told otherwise."""
NATIVE = "native"
FIRST_PART = "first_part"
SHORTEST_PART_S = 6.0
"""Below this most examinations of clips and voices have nothing to say."""
CHEAP_S = 0.25
"""What a finding without weight may cost in each encoding to be asked again."""
CACHED_S = 0.3
"""What a percept that came from the cache is taken to cost anew; a twentieth of a clip or recording, if that is more."""
_UNTOUCHED_BY = ("provenance",)
"""Findings about the wrapping of a file, which every encoding changes by design: asked again only if they carry weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the findings of one encoding weigh: log10 LR by id, and of all together before any cap.

    ``together`` are the ids of those that speak in the fused model.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    log10_lr: float | None = None
    together: frozenset[str] = frozenset()


Weigh = Callable[[Resolver, Sequence[Finding]], Weighed]


def by_tables(
    catalogue: Catalogue, table_of: Callable[[str], CalibrationTable | None] = calibration.load,
    fusion_of: Callable[[str], FusionTable | None] = fusion.load,
) -> Weigh:  # fmt: skip
    """Return what weighs findings by calibration tables and the fused model, in the state of the encoding at hand."""
    aids = {id for id, asked in catalogue.examinations.items() if asked.aid}

    def weigh(resolver: Resolver, findings: Sequence[Finding]) -> Weighed:
        if all(table_of(one.id) is None for one in findings):
            return Weighed()
        found = weigh_all(
            findings, _quality(resolver), aids=aids, table_of=table_of, model=fusion_of(resolver.exhibit.kind)
        )
        weights = {id: one.log10_lr for id, one in found.weights.items() if isinstance(one, Weight)}
        if not isinstance(found.fused, Fused):
            return Weighed(weights=weights)
        spoke = frozenset(id for part in found.fused.groups for id in part.members)
        return Weighed(weights=weights, log10_lr=found.fused.log10_lr, together=spoke)

    return weigh


class StabilityTest:
    """One exhibit's test: ``run`` it, then ask for the ``certificate``, also after an interruption.

    Parameters
    ----------
    examiner
        Asks the encodings; its cache keeps nothing.
    exhibit, resolver, findings
        The exhibit, open, with its percepts and its findings.
    weigh
        Weighs the findings of one encoding, as those of the exhibit are weighed.
    neutral
        |log10 LR| up to which there is no support either way, by the verbal scale.
    budget_s
        Seconds that the test may take. No encoding is begun for which there is no time; one that was begun is finished.
    tell
        Called with what is being done.
    """

    def __init__(
        self, examiner: Examiner, exhibit: Exhibit, resolver: Resolver, findings: Sequence[Finding], *, weigh: Weigh,
        neutral: float = NEUTRAL, budget_s: float = BUDGET_S, tell: Callable[[Progress], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._examiner, self._exhibit, self._weigh, self._tell = examiner, exhibit, weigh, tell
        self._budget_s, self._neutral = float(budget_s), neutral
        self._began = time.monotonic()
        self._took_s, self._interrupted = 0.0, False
        plan = _Plan(examiner.catalogue, exhibit, resolver, findings, weigh(resolver, findings).weights, budget_s)
        self.chosen, self._left_out, self._part_s = plan.chosen, plan.left_out, plan.part_s
        known = [one for one in findings if one.id in self.chosen]
        self._own = weigh(resolver, known)
        self._trials = [_trial(NATIVE, known, self._own)]
        self._waiting: list[tuple[str, Step]] = list(BENIGN[exhibit.kind].items()) if self.chosen else []
        if self._part_s is not None and self.chosen:
            self._waiting.insert(0, (FIRST_PART, PLAIN[exhibit.kind]))

    def run(self) -> None:
        """Try the encodings, one after the other; raises MediaChanged if the exhibit itself changes meanwhile."""
        if not self._waiting:
            return
        source = self._exhibit if self._part_s is None else Part(self._exhibit, self._part_s)
        total, longest = len(self._waiting), 0.0
        try:
            with scratch() as folder:
                while self._waiting and self._elapsed() + longest < self._budget_s:
                    name, step = self._waiting[0]
                    self._tell(
                        Progress(id=f"stability {total - len(self._waiting) + 1} of {total}: {step.description}")
                    )
                    began = self._elapsed()
                    self._trials.append(self._try(name, step, source, folder))
                    longest = max(longest, self._elapsed() - began)
                    del self._waiting[0]
        except OSError as error:  # there is no folder to write to
            self._trials += [
                Trial(name=name, note=f"it could not be written ({error.strerror})") for name, _ in self._waiting
            ]
            self._waiting.clear()
        except KeyboardInterrupt:
            self._interrupted = True
            raise
        finally:
            self._took_s = self._elapsed()
        self._exhibit.check_unchanged()

    def certificate(self) -> Certificate:
        """Return what the encodings that were tried amount to."""
        return certify(
            self._trials, unfinished=[name for name, _ in self._waiting], left_out=self._left_out, part_s=self._part_s,
            seconds=round(self._took_s, 1), budget_s=self._budget_s, interrupted=self._interrupted, neutral=self._neutral,
        )  # fmt: skip

    def _elapsed(self) -> float:
        return time.monotonic() - self._began

    def _try(self, name: str, step: Step, source: Exhibit, folder: Path) -> Trial:
        """Make one encoding, examine it and remove it; what prevents that becomes the note of the trial."""
        try:
            made = attempt(lambda: self._examined(name, step.make(source, folder / name, source.sha256)))
        except MediaError as error:
            return Trial(name=name, note=error.problem)
        finally:
            for file in folder.glob(f"{name}.*"):
                file.unlink(missing_ok=True)
        if not isinstance(made, Raised):
            return made
        expected = isinstance(made.error, (NotApplicable, UsageError))
        return Trial(name=name, note=str(made.error) if expected else f"{type(made.error).__name__}: {made.error}")

    def _examined(self, name: str, path: Path) -> Trial:
        with open_exhibit(path) as variant:
            asked = [one for one in self._examiner.catalogue.examinations.values() if one.id in self.chosen]
            resolver = self._examiner.resolver(variant, asked, also=(Quality,))
            findings = list(self._examiner.examine(resolver, asked))
            return self._compared(_trial(name, findings, weighed := self._weigh(resolver, findings)), weighed)

    def _compared(self, trial: Trial, weighed: Weighed) -> Trial:
        """Take the weight of all together away where one is missing that speaks in the exhibit: it would only be less."""
        silent = sorted(self._own.together - weighed.together)
        if trial.log10_lr is None or not silent:
            return trial
        return replace(trial, log10_lr=None, note=f"no weight in it: {', '.join(silent)}")


class _Plan:
    """Which findings are asked again, and of how much of the exhibit, so that all encodings fit the budget."""

    def __init__(
        self, catalogue: Catalogue, exhibit: Exhibit, resolver: Resolver, findings: Sequence[Finding],
        weights: Mapping[str, float], budget_s: float,
    ) -> None:  # fmt: skip
        self._catalogue, self._resolver, self._whole_s = catalogue, resolver, _length(exhibit)
        self._own = {one.id: one.seconds for one in findings if one.outcome == "measured"}
        tries = len(BENIGN[exhibit.kind])
        carriers = sorted((id for id in weights if id in self._own), key=lambda id: -abs(weights[id]))
        extras = [
            id for id in self._own
            if id not in weights and not catalogue.examinations[id].aid and not id.startswith(_UNTOUCHED_BY)
        ]  # fmt: skip
        whole_s = self._whole_s
        self.part_s = _part(whole_s, self._cost(carriers) * (tries + 1), budget_s)
        share = self.part_s / whole_s if self.part_s and whole_s else 1.0
        chosen: list[str] = []
        for id in carriers:
            if not chosen or self._cost([*chosen, id]) * share * (FEWEST + 1) <= budget_s:
                chosen.append(id)
        for id in sorted(extras, key=lambda id: self._cost([*chosen, id])):
            more = self._cost([*chosen, id]) * share
            if more * tries <= budget_s and more - self._cost(chosen) * share <= CHEAP_S:
                chosen.append(id)
        self.chosen = frozenset(chosen)
        self.left_out = tuple(id for id in carriers if id not in self.chosen)

    def _cost(self, ids: Sequence[str]) -> float:
        """Return the seconds that asking these took in the exhibit itself, each percept once."""
        asked: list[Declared] = [self._catalogue.examinations[id] for id in ids]
        percepts = {"video" if one.watched else one.id: one.id for one in self._catalogue.closure(asked)}
        return sum(self._own[id] for id in ids) + sum(self._spent(name, id) for name, id in percepts.items())

    def _spent(self, name: str, id: str) -> float:
        """Return what a percept took; one that came from the cache, which a copy will not, is estimated."""
        if name in self._resolver.seconds or id not in self._resolver.used:
            return self._resolver.seconds.get(name, 0.0)
        return self._whole_s if name == "video" else max(CACHED_S, self._whole_s / 20)


def _quality(resolver: Resolver) -> Mapping[str, float]:
    """Return the quality vector; that it cannot be measured ends nothing."""
    try:
        seen = attempt(lambda: resolver.of(Quality))
    except MediaError:
        return {}
    return {} if isinstance(seen, Raised) else seen.vector()


def _part(whole_s: float, needed_s: float, budget_s: float) -> float | None:
    """Return how much of a clip or recording is tried; None if all of it."""
    if not whole_s or needed_s <= budget_s:
        return None
    part = max(SHORTEST_PART_S, round(whole_s * budget_s / needed_s, 1))
    return part if part < whole_s else None


def _length(exhibit: Exhibit) -> float:
    """Return how long a clip or recording is, seconds; 0 for a picture, or if nothing says so."""
    video, sound = exhibit.known(Video), exhibit.known(Audio)
    return video.claimed_duration_s if video else sound.duration_s if sound else 0.0


def _trial(name: str, findings: Sequence[Finding], weighed: Weighed) -> Trial:
    values = {one.id: float(one.measurement.value) if one.measurement else None for one in findings}
    return Trial(name=name, values=values, weights=dict(weighed.weights), log10_lr=weighed.log10_lr)
