"""The training loop: same seed same bits, a killed run goes on to the same bits, the tune part ends it, and the log says so."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from dataclasses import replace

import numpy as np
import pytest

from veridical.errors import NotInstalled, UsageError
from veridical.training import loop
from veridical.training.loop import Settings, fit

torch = pytest.importorskip("torch")

SHORT = Settings(steps=24, tune_every=6, keep_every=5, tell_every=4, rate=1e-2, seed=3)


def network():
    loop.seeded(3)
    return torch.nn.Sequential(
        torch.nn.Linear(4, 8), torch.nn.BatchNorm1d(8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1)
    )


def batch(random: np.random.Generator):
    x = random.normal(size=(16, 4)).astype(np.float32)
    return torch.from_numpy(x), torch.from_numpy((x[:, :1] > 0).astype(np.float32))


def loss(net, drawn):
    return torch.nn.functional.binary_cross_entropy_with_logits(net(drawn[0]), drawn[1])


def accuracy(net) -> float:
    x, y = batch(np.random.default_rng(99))
    return float(((net(x) > 0) == (y > 0.5)).float().mean())


def weights(net) -> dict[str, np.ndarray]:
    return {name: value.numpy().copy() for name, value in net.state_dict().items()}


def same(one, other) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


class Killed(BaseException):
    """As a signal: nothing catches it."""


def dying(at: int):
    count = iter(range(10_000))

    def drawn(random):
        if next(count) == at:
            raise Killed
        return batch(random)

    return drawn


def lines(folder):
    return [json.loads(line) for line in (folder / loop.LOG).read_text().splitlines()]


def test_the_same_seed_gives_the_same_weights_and_another_gives_others(tmp_path):
    found = [weights(fit(network(), batch, loss, tmp_path / name, SHORT).net) for name in "ab"]
    assert same(*found)
    other = weights(fit(network(), batch, loss, tmp_path / "c", replace(SHORT, seed=4)).net)
    assert not same(found[0], other)


@pytest.mark.parametrize("at", [3, 13, 23])
def test_a_killed_run_goes_on_to_the_same_bits(tmp_path, at):
    whole = fit(network(), batch, loss, tmp_path / "whole", SHORT, tune=accuracy)
    with pytest.raises(Killed):
        fit(network(), dying(at), loss, tmp_path / "killed", SHORT, tune=accuracy)
    torch.manual_seed(12345)
    resumed = fit(network(), batch, loss, tmp_path / "killed", SHORT, tune=accuracy)
    assert same(weights(whole.net), weights(resumed.net))
    assert (whole.step, whole.figure, whole.ended) == (resumed.step, resumed.figure, resumed.ended)
    logs = [
        [{k: v for k, v in line.items() if k != "seconds"} for line in lines(tmp_path / n)] for n in ("whole", "killed")
    ]
    assert logs[0] == logs[1]


def test_a_process_that_is_killed_leaves_a_run_that_goes_on(tmp_path):
    """The process ends itself with SIGKILL in the middle of a step; nothing is cleaned up."""
    script = textwrap.dedent("""
        import os, signal, sys
        sys.path.insert(0, sys.argv[1])
        import test_loop as given
        from pathlib import Path
        count = iter(range(99))
        def batch(random):
            if next(count) == 12:
                os.kill(os.getpid(), signal.SIGKILL)
            return given.batch(random)
        given.fit(given.network(), batch, given.loss, Path(sys.argv[2]), given.SHORT)
    """)
    folder = __file__.rsplit("/", 1)[0]
    done = subprocess.run(
        [sys.executable, "-c", script, folder, str(tmp_path / "killed")], check=False, capture_output=True, timeout=120
    )
    assert done.returncode == -9, done.stderr.decode()
    resumed = fit(network(), batch, loss, tmp_path / "killed", SHORT)
    assert same(weights(fit(network(), batch, loss, tmp_path / "whole", SHORT).net), weights(resumed.net))


def test_the_best_look_at_the_tune_part_is_kept_and_patience_ends(tmp_path):
    figures = iter([0.5, 0.9, 0.7, 0.8, 0.85, 0.1])
    seen = {}

    def tune(net):
        assert not net.training
        seen[len(seen) + 1] = weights(net)
        return next(figures)

    found = fit(network(), batch, loss, tmp_path, replace(SHORT, steps=100, patience=3), tune=tune)
    assert (found.step, found.figure, found.ended) == (12, 0.9, "tune") and len(seen) == 5
    assert same(weights(found.net), seen[2]) and not found.net.training
    looks = [line for line in lines(tmp_path) if "tune" in line]
    assert [(line["step"], line["tune"], line["best"]) for line in looks][:3] == [
        (6, 0.5, True), (12, 0.9, True), (18, 0.7, False),
    ]  # fmt: skip


def test_without_a_tune_part_the_last_weights_are_kept(tmp_path):
    found = fit(network(), batch, loss, tmp_path, SHORT)
    assert (found.step, found.figure, found.ended) == (24, None, "steps")
    assert [line["step"] for line in lines(tmp_path)] == [4, 8, 12, 16, 20, 24]


def test_a_budget_ends_a_run_and_a_larger_one_goes_on(tmp_path):
    short = fit(network(), batch, loss, tmp_path / "a", replace(SHORT, budget_s=0.0))
    assert (short.step, short.ended) == (0, "budget")
    longer = fit(network(), batch, loss, tmp_path / "a", SHORT)
    assert same(weights(longer.net), weights(fit(network(), batch, loss, tmp_path / "b", SHORT).net))


def test_another_run_is_not_gone_on_with_unless_told_to_forget(tmp_path):
    fit(network(), batch, loss, tmp_path, SHORT)
    with pytest.raises(UsageError, match="another rate, seed|another seed, rate"):
        fit(network(), batch, loss, tmp_path, replace(SHORT, seed=9, rate=1e-3))
    assert fit(network(), batch, loss, tmp_path, replace(SHORT, seed=9), restart=True).step == 24


def test_it_learns_and_tells_and_half_precision_learns_too(tmp_path):
    ticks = []
    settings = replace(SHORT, steps=200, tune_every=1000)
    fitted = fit(network(), batch, loss, tmp_path / "a", settings, tell=ticks.append)
    assert accuracy(fitted.net) > 0.85
    assert [tick.step for tick in ticks] == list(range(1, 201)) and ticks[-1].loss < ticks[0].loss
    assert accuracy(fit(network(), batch, loss, tmp_path / "b", replace(settings, bf16=True)).net) > 0.85


def test_a_loss_that_is_no_number_ends_it(tmp_path):
    with pytest.raises(UsageError, match="the loss is nan at step 1"):
        fit(network(), batch, lambda net, drawn: loss(net, drawn) * float("nan"), tmp_path, SHORT)


def test_parameters_may_learn_more_slowly(tmp_path):
    net = network()
    before = weights(net)
    groups = [{"params": net[0].parameters(), "scale": 0.0}, {"params": net[3].parameters(), "scale": 1.0}]
    after = weights(fit(net, batch, loss, tmp_path, SHORT, groups=groups).net)
    assert np.array_equal(before["0.weight"], after["0.weight"]) and not np.array_equal(
        before["3.weight"], after["3.weight"]
    )


def test_the_rate_climbs_and_falls():
    shares = [loop.share_of_rate(step, 100) for step in range(100)]
    assert np.argmax(shares) in (9, 10) and max(shares) == 1.0 and shares[0] == 0.1 and 0 < shares[-1] < 0.01


def test_threads_are_given_back(tmp_path):
    before = torch.get_num_threads()
    fit(network(), batch, loss, tmp_path, replace(SHORT, threads=before + 1))
    assert torch.get_num_threads() == before


def test_without_torch_it_says_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(NotInstalled, match=r"veridical\[train\]"):
        fit(None, batch, loss, tmp_path, SHORT)
