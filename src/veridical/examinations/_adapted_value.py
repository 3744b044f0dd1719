"""From the numbers of a published detector to a measurement: polarity, log odds, calibration, and what limits them."""

from __future__ import annotations

import hashlib

import numpy as np

from ..errors import NotInstalled
from ..finding import Figure, Measurement, Place, Scalar
from ..models import adapter_state
from ..models.adapters import Adapter

_LEAST = 1e-7
_DECADE = float(np.log(10))


def log_odds(adapter: Adapter, numbers: np.ndarray) -> np.ndarray:
    """Return the log odds of fake against real, shape (n,), of the numbers of a network, shape (n, classes).

    Raises
    ------
    NotInstalled
        If they are not such as the adapter says.
    """
    kind, fake = adapter.output.kind, adapter.output.fake
    if not np.isfinite(numbers).all():
        raise NotInstalled(f"{adapter.id}: the network gave numbers that are not finite")
    if kind in ("logit", "probability"):
        if numbers.shape[1] != 1:
            raise NotInstalled(
                f"{adapter.id}: the network gives {numbers.shape[1]} numbers, and the adapter expects one"
            )
        one = numbers[:, 0]
        odds = one if kind == "logit" else _logit(adapter, one)
        return np.asarray(odds if fake else -odds)
    if fake >= numbers.shape[1] or numbers.shape[1] < 2:
        raise NotInstalled(
            f"{adapter.id}: the network gives {numbers.shape[1]} numbers, and class {fake} is not among them"
        )
    if kind == "probabilities":
        return _logit(adapter, numbers[:, fake] / np.maximum(numbers.sum(1), _LEAST))
    others = np.delete(numbers, fake, axis=1)
    top = others.max(1, keepdims=True)
    return np.asarray(numbers[:, fake] - top[:, 0] - np.log(np.exp(others - top).sum(1)))


def measurement(
    adapter: Adapter, raw: np.ndarray, content: np.ndarray, *, over: str, where: tuple[Place, ...] = (),
    exhibits: tuple[Figure, ...] = (), limits: tuple[str, ...] = (),
) -> Measurement:  # fmt: skip
    """Return the measurement of log odds of tiles, faces or windows, shape (n,).

    Parameters
    ----------
    content
        The decoded exhibit, by which it is known whether the detector was calibrated on it.

    Raises
    ------
    NotInstalled
        If the polarity test of the adapter failed: its values may mean the opposite.
    """
    state = adapter_state.load(adapter.name)
    checked = _demand_polarity(adapter, state.polarity)
    pooled = float(raw.max() if adapter.output.pool == "max" else raw.mean())
    digest = hashlib.sha256(np.ascontiguousarray(content).data).hexdigest()
    facts: dict[str, Scalar] = {
        "log_odds_of_the_network": round(pooled, 4), "judged": len(raw), "model_sha256": adapter.model.sha256,
        "content_sha256": digest, "licence": adapter.licence,
    }  # fmt: skip
    fit = state.calibration if state.calibration.get("model") == adapter.model.sha256 else {}
    value, unit, said = pooled, "log odds, not calibrated", "which is not calibrated"
    notes = [*limits]
    if fit:
        value = float(fit["offset"] + fit["slope"] * pooled)
        unit, said = (
            "ln of the likelihood ratio",
            f"calibrated on {fit['real']} real and {fit['fake']} fake files of this machine",
        )
        bound = float(np.log(min(fit["real"], fit["fake"]) + 1))
        facts |= {
            "log10_lr": round(float(np.clip(value, -bound, bound)) / _DECADE, 3), "calibrated_on_real": int(fit["real"]),
            "calibrated_on_fake": int(fit["fake"]), "cllr_on_files_left_out": float(fit["cllr"]),
        }  # fmt: skip
        notes += _of_calibration(fit, pooled, value, bound, digest)
    else:
        notes.append(
            f"Not calibrated: 0 is no border. Calibrate it with: veridical models calibrate {adapter.name} FOLDER"
        )
    if not checked:
        notes.append(
            f"Whether high means fake has not been tested on this machine; do so with: veridical models check {adapter.name}"
        )
    notes.append(
        f"A published detector ({adapter.licence}); what it is worth on material like this was not measured by us."
    )
    return Measurement(
        value=value, unit=unit, where=where, exhibits=exhibits, facts=facts, limits=tuple(notes),
        observation=f"Over {over} the detector gives {pooled:+.2f}; the value is {value:+.2f}, {said}.",
    )  # fmt: skip


def _logit(adapter: Adapter, probability: np.ndarray) -> np.ndarray:
    if probability.min() < -1e-3 or probability.max() > 1 + 1e-3:
        raise NotInstalled(f"{adapter.id}: the network gives {probability.max():.3g}, which is no probability")
    held = np.clip(probability, _LEAST, 1 - _LEAST)
    return np.asarray(np.log(held) - np.log1p(-held))


def _demand_polarity(adapter: Adapter, said: dict[str, object]) -> bool:
    """Say whether the polarity of this network was tested; raise NotInstalled if the test failed."""
    if said.get("model") != adapter.model.sha256:
        return False
    if not said["passed"]:
        raise NotInstalled(
            f"{adapter.id} is refused, because its polarity test failed: fake exhibits gave {said['fake']}, real ones "
            f"{said['real']}. Correct fake in [output] of the adapter, or its crop, and run: veridical models check "
            f"{adapter.name}"
        )
    return True


def _of_calibration(fit: dict[str, object], pooled: float, value: float, bound: float, digest: str) -> list[str]:
    notes = []
    if digest in fit["files"]:  # type: ignore[operator]
        notes.append(
            "This very exhibit was among those that the detector was calibrated on: its value flatters the detector."
        )
    if not float(fit["low"]) <= pooled <= float(fit["high"]):  # type: ignore[arg-type]
        notes.append("The detector's log odds lie outside of those that it was calibrated on.")
    if abs(value) > bound:
        notes.append(f"So few files support no more than a log10 likelihood ratio of {bound / _DECADE:.1f}.")
    return notes
