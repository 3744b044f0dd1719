"""The contract that every examination keeps, run over the whole catalogue; a new one is tested without a line here."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from veridical import catalogue, lab
from veridical.cache import PerceptCache
from veridical.catalogue import Examination
from veridical.codec import array_from_text, array_to_text, decode, encode
from veridical.evidence.calibration import CalibrationTable, Condition
from veridical.evidence.weighing import AID
from veridical.examiner import Examiner
from veridical.finding import Finding, Measurement
from veridical.media.exhibit import open_exhibit
from veridical.report.assemble import assemble
from veridical.report.model import ExhibitRecord, Record

from .simulated import simulated_camera, simulated_person, simulated_voice

CATALOGUE = catalogue.own()
IDS = list(CATALOGUE.examinations)
RECORD = Record(
    version="",
    commit="",
    models={},
    settings={},
    percepts={},
    environment={},
    limits=(),
    command="",
    started="",
    seconds=0.0,
)
LONGEST_S = 8.0  # for lab media of one megapixel or half a minute; the budgets of real media are measured in bench/


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Lab media by recipe, each made once."""
    folder = tmp_path_factory.mktemp("lab")
    kept: dict[str, lab.Made] = {}

    def make(recipe: str) -> lab.Made:
        if recipe not in kept:
            kept[recipe] = lab.make(recipe, None, folder / recipe)
        return kept[recipe]

    return make


@pytest.fixture(scope="session", autouse=True)
def cameras(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The simulated camera of the lab, enrolled where no camera of the user is touched."""
    with simulated_camera(tmp_path_factory.mktemp("cameras")):
        yield


@pytest.fixture(scope="session", autouse=True)
def persons(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The simulated person of the lab, enrolled where no person of the user is touched."""
    with simulated_person(tmp_path_factory.mktemp("persons")):
        yield


@pytest.fixture(scope="session", autouse=True)
def voices(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The voice of the lab, enrolled where no voice of the user is touched."""
    with simulated_voice(tmp_path_factory.mktemp("voices")):
        yield


@pytest.fixture(scope="session")
def percepts(tmp_path_factory: pytest.TempPathFactory) -> PerceptCache:
    """Percepts shared by the tests of this module, so that a clip is not watched once for each of them."""
    return PerceptCache(tmp_path_factory.mktemp("percepts"), most_bytes=1 << 30)


@pytest.fixture(params=IDS)
def one(request: pytest.FixtureRequest) -> Examination:
    return CATALOGUE.examinations[request.param]


def ask(one: Examination, path: Path, percepts: PerceptCache) -> Finding:
    examiner = Examiner(CATALOGUE, strict=True, cache=percepts)
    with open_exhibit(path) as exhibit:
        (finding,) = examiner.examine(examiner.resolver(exhibit, [one]), [one])
    return finding


def value(finding: Finding) -> float:
    assert finding.measurement is not None, finding.reason
    return finding.measurement.value


def test_its_demo_raises_it_over_the_control(one: Examination, made: Any, percepts: PerceptCache) -> None:
    pair = made(one.demo)
    assert value(ask(one, pair.altered, percepts)) > value(ask(one, pair.control, percepts))


def test_it_is_finite_the_same_twice_and_within_its_time(one: Examination, made: Any, percepts: PerceptCache) -> None:
    first, second = (ask(one, made(one.demo).altered, percepts) for _ in range(2))
    assert np.isfinite(value(first))
    assert _hash(first.measurement) == _hash(second.measurement)
    assert max(first.seconds, second.seconds) < LONGEST_S


def test_it_survives_the_trip_through_json(one: Examination, made: Any, percepts: PerceptCache) -> None:
    before = ask(one, made(one.demo).altered, percepts).measurement
    assert before is not None
    after = decode(encode(before, Measurement, array_to_text), Measurement, array_from_text)
    assert _hash(before) == _hash(after)


def test_it_leaves_its_inputs_alone(one: Examination, made: Any, percepts: PerceptCache) -> None:
    examiner = Examiner(CATALOGUE, strict=True, cache=percepts)
    with open_exhibit(made(one.demo).altered) as exhibit:
        resolver = examiner.resolver(exhibit, [one])
        given = {need.parameter: resolver.get(need) for need in one.needs}
        before = {name: _hash(given[name]) for name in given}
        one.function(**given)
        assert {name: _hash(given[name]) for name in given} == before


def test_it_says_why_it_is_not_applicable_to_an_empty_exhibit(
    one: Examination, percepts: PerceptCache, empty: dict[str, Path]
) -> None:
    outcomes = {kind: ask(one, path, percepts) for kind, path in empty.items()}
    for kind, finding in outcomes.items():
        if finding.outcome == "not_applicable":
            assert len(finding.reason) > 10, kind
        else:  # what a file says of itself can be asked of any file; it must then say little
            assert one.branch == "provenance" and value(finding) == 0, kind
    assert any(finding.outcome == "not_applicable" for finding in outcomes.values()) or one.branch == "provenance"


def test_it_has_a_test_file(one: Examination) -> None:
    folder, _, name = one.id.rpartition(".")
    assert (Path(__file__).parent / "examinations" / folder.replace(".", "/") / f"test_{name}.py").exists()


def test_its_demo_is_a_recipe_of_the_lab(one: Examination) -> None:
    assert one.demo in lab.recipes()


AIDS = [id for id, one in CATALOGUE.examinations.items() if one.aid]


@pytest.mark.parametrize("id", AIDS)
def test_an_aid_asks_a_person_and_is_never_weighed(id: str, made: Any, percepts: PerceptCache) -> None:
    finding = ask(CATALOGUE.examinations[id], made(CATALOGUE.examinations[id].demo).altered, percepts)
    assert finding.measurement is not None
    assert finding.measurement.checklist and all(one.question.endswith("?") for one in finding.measurement.checklist)
    everything = Condition(
        name="any", words="any file", when={}, valid=(-1e9, 1e9), upper=2.0, lowest=-2.0, pairs=np.array([[0.0, 1.0]])
    )
    table = CalibrationTable(name="x", settings=finding.settings, conditions=(everything,))
    report = assemble(
        ExhibitRecord(path="a", sha256="0", kind="image", format="png", bytes=1, streams={}), [finding], [], RECORD,
        catalogue=CATALOGUE, table_of=lambda _: table,
    )  # fmt: skip
    assert report.findings[0].evidence is None and report.findings[0].unweighed == AID
    assert report.conclusion.log10_lr is None


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    """A picture of 8 pixels, a clip of three black frames, a tenth of a second of silence."""
    import av
    import soundfile
    from PIL import Image

    folder = tmp_path_factory.mktemp("empty")
    paths = {"image": folder / "a.png", "video": folder / "a.mp4", "audio": folder / "a.wav"}
    Image.new("RGB", (4, 2)).save(paths["image"])
    soundfile.write(paths["audio"], np.zeros(1600), 16000)
    with av.open(str(paths["video"]), "w") as file:
        stream = file.add_stream("libx264", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            file.mux(stream.encode(frame))
        file.mux(stream.encode())
    yield paths


def _hash(value: object) -> str:
    """Hash dataclasses, arrays and containers by content."""
    digest = hashlib.sha256()

    def add(item: object) -> None:
        if isinstance(item, np.ndarray):
            digest.update(str((item.dtype, item.shape)).encode() + np.ascontiguousarray(item).tobytes())
        elif dataclasses.is_dataclass(item) and not isinstance(item, type):
            for field in dataclasses.fields(item):
                if not field.name.startswith("_") and field.name != "passes":
                    add(getattr(item, field.name))
        elif isinstance(item, dict):
            add(tuple(sorted(item.items())))
        elif isinstance(item, tuple | list):
            digest.update(b"(")
            for part in item:
                add(part)
        else:
            digest.update(repr(item).encode())

    add(value)
    return digest.hexdigest()
