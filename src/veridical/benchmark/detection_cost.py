"""Cost of a voice-spoofing countermeasure in front of a speaker verifier: the t-DCF of ASVspoof 2019.

The 2021 challenge normalises by another constant; numbers of the two forms cannot be compared.

References
----------
Kinnunen et al., t-DCF: a detection cost function for the tandem assessment of spoofing countermeasures and automatic speaker
verification, Odyssey 2018.
ASVspoof 2019 evaluation plan.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..errors import UsageError
from . import points
from .metrics import checked


@dataclass(frozen=True, slots=True, kw_only=True)
class AsvErrors:
    """Error rates of the speaker verifier at its own threshold, as fractions.

    Parameters
    ----------
    miss
        Share of target speakers rejected.
    false_alarm
        Share of other speakers accepted.
    miss_spoof
        Share of spoofed voices rejected.
    """

    miss: float
    false_alarm: float
    miss_spoof: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TdcfCosts:
    """Priors and costs; the defaults are those of ASVspoof 2019."""

    prior_spoof: float = 0.05
    prior_target: float = 0.9405
    prior_nontarget: float = 0.0095
    miss_asv: float = 1.0
    false_alarm_asv: float = 10.0
    miss_cm: float = 1.0
    false_alarm_cm: float = 10.0


ASVSPOOF_2019 = TdcfCosts()


def min_tdcf(values: ArrayLike, labels: ArrayLike, *, asv: AsvErrors, costs: TdcfCosts = ASVSPOOF_2019) -> float:
    """Minimum normalised t-DCF, 2019 form: 0 is perfect, 1 is no better than accepting or rejecting everybody.

    Parameters
    ----------
    values, labels
        Higher is more like a spoof; 1 is spoofed, 0 bona fide. Score files of the challenge run the other way: negate them.
    asv
        Error rates of the verifier; `asv_errors_at_eer` computes them from its score file.

    Raises
    ------
    UsageError
        A rate is no fraction, or the verifier is so poor that the cost is not defined.
    """
    return float(tandem_cost(points.of(*checked(values, labels)), asv=asv, costs=costs))


def tandem_cost(at: points.Points, *, asv: AsvErrors, costs: TdcfCosts = ASVSPOOF_2019) -> np.ndarray:
    """Minimum normalised t-DCF from operating points."""
    flagged_real, missed_fake = tdcf_weights(asv, costs)
    lowest = points.lowest_cost(at, flagged_real=flagged_real, missed_fake=missed_fake)
    return np.asarray(lowest / min(flagged_real, missed_fake))


def tdcf_weights(asv: AsvErrors, costs: TdcfCosts = ASVSPOOF_2019) -> tuple[float, float]:
    """Return C1 and C2: what flagging all bona fide voices costs, and what letting all spoofs pass costs."""
    if not all(0 <= rate <= 1 for rate in (asv.miss, asv.false_alarm, asv.miss_spoof)):
        raise UsageError(f"{asv}: error rates are fractions between 0 and 1")
    c1 = costs.prior_target * (costs.miss_cm - costs.miss_asv * asv.miss)
    c1 -= costs.prior_nontarget * costs.false_alarm_asv * asv.false_alarm
    c2 = costs.false_alarm_cm * costs.prior_spoof * (1 - asv.miss_spoof)
    if min(c1, c2) <= 0:
        raise UsageError(f"t-DCF is not defined for {asv}: the verifier itself fails; check its error rates")
    return c1, c2


def asv_errors_at_eer(target: ArrayLike, nontarget: ArrayLike, spoof: ArrayLike) -> AsvErrors:
    """Error rates of a verifier at its equal-error threshold, from its scores of the three kinds of trial.

    Parameters
    ----------
    target, nontarget, spoof
        Scores of target speakers, other speakers and spoofs; higher accepts. The threshold is the score at which the miss
        rate of targets and the false-alarm rate of other speakers are nearest.
    """
    target, nontarget, spoof = (np.sort(np.asarray(s, dtype=np.float64)) for s in (target, nontarget, spoof))
    if not (target.size and nontarget.size and spoof.size):
        raise UsageError("the verifier's scores must hold target, nontarget and spoof trials")
    thresholds = np.unique(np.r_[target, nontarget])
    miss = np.searchsorted(target, thresholds) / target.size
    false_alarm = 1 - np.searchsorted(nontarget, thresholds) / nontarget.size
    at = int(np.argmin(np.abs(miss - false_alarm)))
    rejected = float(np.searchsorted(spoof, thresholds[at])) / spoof.size
    return AsvErrors(miss=float(miss[at]), false_alarm=float(false_alarm[at]), miss_spoof=rejected)
