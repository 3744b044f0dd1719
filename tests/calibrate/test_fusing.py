"""Fitting a fusion, on simulated findings whose LRs are known: correlated ones, missing ones, worthless ones."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.benchmark.calibration_metrics import cllr, cllr_min
from veridical.calibrate import categories, fusing, judging
from veridical.calibrate.cases import Case, by_source, matrix
from veridical.calibrate.fusing import Part
from veridical.errors import UsageError
from veridical.evidence.category import NONE
from veridical.evidence.fusion import Fused, from_plain, fused

FIVE = ("learned.ensemble", "learned.image_net", "learned.embedding_length", "learned.neuron_coverage",
        "learned.locality_autoencoder")  # fmt: skip
GHOSTS = "spatial.jpeg_ghosts"
GROUP = Part(group="picture_networks", members=FIVE)
OTHER = Part(group="compression", members=(GHOSTS,))
_BITS = float(np.log2(10))


def simulated(seed: int, files: int = 60, *, shared: float = 0.9, apart: float = 1.0) -> list[Case]:
    """Make findings of which five share one cause: each is the same number but for a little noise of its own.

    Five sources of each label. Under the label the shared cause is normal about ±apart/2 with standard deviation 1.
    """
    random = np.random.default_rng(seed)
    found = []
    for label, sign in (("fake", 1), ("real", -1)):
        for source in range(5):
            for number in range(files):
                cause = random.normal(sign * apart / 2)
                values = {id: shared * cause + np.sqrt(1 - shared**2) * random.normal() * 0.3 for id in FIVE}
                values[GHOSTS] = random.normal(sign * apart / 2)
                found.append(Case(
                    file=f"{label}{source}-{number}", label=label, category="synthesis" if sign > 0 else "real",  # type: ignore[arg-type]
                    source=f"{label}{source}", group=f"{label}{source}-{number}", condition="one", values=values,
                ))  # fmt: skip
    return found


def ratios(cases: list[Case], plain: dict[str, object]) -> tuple[np.ndarray, np.ndarray]:
    table = from_plain(plain)
    said = [fused(one.values, table) for one in cases]
    both = np.array([one.log10_lr if isinstance(one, Fused) else 0.0 for one in said])
    return both, np.array([one.label == "fake" for one in cases])


def cost(log10_lr: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    return cllr(log10_lr[fake], log10_lr[~fake]), cllr_min(log10_lr, fake.astype(int))


@pytest.fixture(scope="module")
def fitted() -> dict[str, object]:
    return fusing.fit(simulated(1), [GROUP, OTHER], kind="image", version="1", date="2026-11-23", repeats=30)[0]


def test_multiplied_lrs_of_one_cause_overstate_and_the_fused_ones_are_calibrated_on_fresh_data(
    fitted: dict[str, object],
) -> None:
    fresh = simulated(2, files=400)  # many: Cllr_min is optimistic on few
    together, fake = ratios(fresh, fitted)
    apart = {}
    for id in (*FIVE, GHOSTS):
        part = Part(group="compression" if id == GHOSTS else "picture_networks", members=(id,))
        apart[id] = ratios(fresh, fusing.fit(simulated(1), [part], kind="image", version="1", date="d", repeats=1)[0])[
            0
        ]
    multiplied = np.sum(list(apart.values()), axis=0)
    alike, at_best = cost(together, fake)
    wrong, wrong_at_best = cost(multiplied, fake)
    assert wrong - wrong_at_best > 0.15  # five times the same evidence
    assert alike - at_best < 0.02
    assert alike < min(cost(one, fake)[0] for one in apart.values()) < wrong


def test_fused_lrs_agree_with_the_true_ones_of_two_independent_causes() -> None:
    pairs = [Part(group="picture_networks", members=(FIVE[0],)), OTHER]
    cases = simulated(3, files=200, shared=1.0, apart=1.5)
    plain = fusing.fit(cases, pairs, kind="image", version="1", date="d", repeats=5)[0]
    found, _ = ratios(simulated(4, shared=1.0, apart=1.5), plain)
    # N(±a/2, 1): natural log LR = a · (x + y); compared where neither bounds nor the smooth border of values act
    true = np.array([1.5 * (one.values[FIVE[0]] + one.values[GHOSTS]) for one in simulated(4, shared=1.0, apart=1.5)])
    inside = np.abs(true) < 1.5
    assert np.corrcoef(found[inside], true[inside])[0, 1] > 0.98
    slope = np.polyfit(true[inside] / np.log(10), found[inside], 1)[0]
    assert slope == pytest.approx(1.0, abs=0.2)


def test_nothing_exceeds_its_bound_and_bounds_grow_with_the_number_of_files() -> None:
    tops = []
    for files in (6, 60):
        plain, said = fusing.fit(
            simulated(5, files, apart=6.0), [GROUP], kind="image", version="1", date="d", repeats=3
        )
        assert plain["lowest"] <= said.log10_lr.min() <= said.log10_lr.max() <= plain["upper"]
        assert plain["upper"] <= np.log10(5 * files + 1) and plain["lowest"] >= -np.log10(5 * files + 1)
        found, _ = ratios(simulated(6, apart=9.0), plain)
        assert plain["lowest"] <= found.min() <= found.max() <= plain["upper"]
        tops.append(plain["upper"])
    assert tops[0] < tops[1]


def test_a_finding_that_says_nothing_is_worth_nothing_and_hardly_bears_a_weight() -> None:
    plain, said = fusing.fit(simulated(7, apart=0.0), [GROUP, OTHER], kind="image", version="1", date="d", repeats=3)
    assert max(abs(plain["lowest"]), plain["upper"]) < 0.35
    assert np.abs(said.log10_lr).max() < 0.35


def test_a_member_missing_in_half_of_the_files_keeps_it_calibrated() -> None:
    random = np.random.default_rng(8)

    def thinned(seed: int) -> list[Case]:
        return [
            Case(**{name: getattr(one, name) for name in Case.__slots__}
                 | {"values": {id: value for id, value in one.values.items() if random.random() < 0.5}})
            for one in simulated(seed, files=200)
        ]  # fmt: skip

    plain, _ = fusing.fit(thinned(9), [GROUP, OTHER], kind="image", version="1", date="d", repeats=3)
    found, fake = ratios(thinned(10), plain)
    alike, at_best = cost(found, fake)
    assert alike < 0.9 and alike - at_best < 0.03


def test_what_is_said_of_a_source_comes_from_a_model_without_it() -> None:
    cases = simulated(11, files=10)
    _, said = fusing.fit(cases, [GROUP], kind="image", version="1", date="d", repeats=1)
    # the values of one source are turned round: what others say of theirs must change, what is said of it was not fitted to it
    parts = [GROUP]
    given = matrix(cases, FIVE)
    loose = fusing.left_out(given, parts, kind="image")
    one = given.sources == "fake0"
    alone = fusing.left_out(
        matrix([case for case in cases if case.source != "fake0"], FIVE), parts, kind="image"
    )  # a further source left out: other models, so other numbers
    assert not np.allclose(loose.log10_lr[~one], alone.log10_lr)
    changed = [
        case if case.source != "fake0" else Case(
            file=case.file, label=case.label, category=case.category, source=case.source, group=case.group,
            condition=case.condition, values={id: value + 1e-9 for id, value in case.values.items()},
        ) for case in cases
    ]  # fmt: skip
    again = fusing.left_out(matrix(changed, FIVE), parts, kind="image")
    assert np.allclose(loose.log10_lr[one], again.log10_lr[one], atol=1e-6)
    assert said.spoke.all()


def test_a_source_that_shares_a_person_teaches_nothing_about_it() -> None:
    cases = simulated(12, files=5)
    first = cases[0]
    shared = [
        Case(file=one.file, label=one.label, category=one.category, source=one.source, condition=one.condition,
             group=first.group if one.source == "real0" else one.group, values=one.values)
        for one in cases
    ]  # fmt: skip
    rest = matrix(shared, FIVE).without("fake0")
    assert "real0" not in set(rest.sources) and "real1" in set(rest.sources)


def test_sources_count_by_the_root_of_their_size_and_labels_alike() -> None:
    cases = [one for one in simulated(13, files=16) if one.source != "fake0" or one.file.endswith("-0")]
    given = matrix(cases, FIVE)
    weights = by_source(given)
    assert weights[given.labels == 1].sum() == pytest.approx(0.5) == weights[given.labels == 0].sum()
    sums = {name: weights[given.sources == name].sum() for name in ("fake0", "fake1")}
    assert sums["fake1"] / sums["fake0"] == pytest.approx(4.0)  # sixteen files against one


def test_what_cannot_be_fitted_is_refused() -> None:
    one = [case for case in simulated(14, 5) if case.source in ("fake0", "real0", "real1")]
    with pytest.raises(UsageError, match="two sources"):
        fusing.fit(one, [GROUP], kind="image", version="1", date="d")
    with pytest.raises(UsageError, match="both labels"):
        fusing.fit([case for case in one if case.label == "real"], [GROUP], kind="image", version="1", date="d")
    with pytest.raises(UsageError, match="no member"):
        fusing.fit(one, [Part(group="joints", members=(GHOSTS,))], kind="image", version="1", date="d")


def test_the_figures_compare_all_on_the_same_cases() -> None:
    cases = simulated(15, files=20)
    blank = [Case(file=f"x{i}", label=label, category="real", source="x", group=f"x{i}", condition="one", values={})  # type: ignore[arg-type]
             for i, label in enumerate(["fake", "real"] * 50)]  # fmt: skip
    _, said = fusing.fit(cases, [GROUP, OTHER], kind="image", version="1", date="d", repeats=1)
    whole = judging.judged(cases, said, [GROUP, OTHER], kind="image")
    more = judging.judged([*cases, *blank], said, [GROUP, OTHER], kind="image")
    # blank cases have an LR of 1, which costs one bit
    assert more["cllr"] == pytest.approx((whole["cllr"] * 100 + 50) / 150, abs=2e-3)
    assert whole["cllr"] < min(one["cllr"] for one in whole["alone"].values())
    assert whole["fakes"] == whole["reals"] == 100 and whole["sources"] == 10


def test_categories_need_two_sources_and_are_counted_on_sources_left_out() -> None:
    random = np.random.default_rng(16)
    cases = []
    for source, category, middle in (
        ("a", "synthesis", 3), ("b", "synthesis", 3), ("c", "replacement", -3), ("d", "replacement", -3), ("e", "editing", 0),
        ("f", "real", 0), ("g", "real", 0),
    ):  # fmt: skip
        fake = category != "real"
        for number in range(30):
            values = {FIVE[0]: random.normal(4 if fake else -4), "learned.face_net": random.normal(-middle)}
            cases.append(Case(file=f"{source}{number}", label="fake" if fake else "real", category=category, source=source,
                              group=f"{source}{number}", condition="one", values=values))  # fmt: skip
    _, said = fusing.fit(
        cases, [Part(group="picture_networks", members=(FIVE[0],))], kind="image", version="1", date="d", repeats=1
    )
    found = categories.fit(cases, said, [FIVE[0], "learned.face_net"])
    assert found["learned"] == ["replacement", "synthesis"]
    assert "one source" in found["never"]["editing"] and "no media" in found["never"]["reenactment"]
    counts = found["confusion"]
    assert counts["synthesis"].get("synthesis", 0) >= 27 and counts["replacement"].get("replacement", 0) >= 27
    assert counts["real"].get(NONE, 0) >= 28 and sum(counts["editing"].values()) == 30
