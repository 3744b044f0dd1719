from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from veridical import cameras
from veridical.errors import MediaError, UsageError

from .simulated import pictures


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_CAMERAS", str(tmp_path / "store"))
    return tmp_path / "store"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return pictures(tmp_path_factory.mktemp("taken"), flats=6, ordinary=1, side=256)


def test_a_camera_is_kept_and_comes_back_as_it_was(taken: list[Path], store: Path) -> None:
    made, checks = cameras.enrol(taken, "Nikon D70 (mine)".replace("(", "").replace(")", ""))
    assert cameras.listed() == (made,)
    assert cameras.load(made.name) == made
    assert cameras.fingerprint(made).shape == (made.height, made.width) == (256, 256)
    assert len(made.inputs) == len(checks) == 7
    assert all(one.matches for one in checks)
    assert [path.name for path in store.iterdir()] == [made.name]  # nothing half-written is left


def test_a_picture_of_another_sensor_is_left_out_and_named(taken: list[Path], tmp_path: Path) -> None:
    (stranger,) = pictures(tmp_path / "other", flats=1, ordinary=0, sensor=99, side=256)
    made, checks = cameras.enrol([*taken, stranger], "mine")
    assert [one.path for one in checks if not one.matches] == [stranger]
    alone, _ = cameras.enrol(taken, "alone")
    np.testing.assert_array_equal(cameras.fingerprint(made), cameras.fingerprint(alone))


def test_a_name_that_is_taken_is_kept_unless_replaced(taken: list[Path]) -> None:
    first, _ = cameras.enrol(taken, "mine")
    with pytest.raises(UsageError, match="enrolled already"):
        cameras.enrol(taken[:-1], "mine")
    assert cameras.load("mine") == first
    second, _ = cameras.enrol(taken[:-1], "mine", replace_=True)
    assert cameras.load("mine") == second != first


def test_a_failed_enrolment_leaves_what_was_there(taken: list[Path], tmp_path: Path) -> None:
    first, _ = cameras.enrol(taken, "mine")
    strangers = [
        path for i in range(5) for path in pictures(tmp_path / str(i), flats=1, ordinary=0, sensor=200 + i, side=256)
    ]
    with pytest.raises(UsageError, match="share one sensor"):
        cameras.enrol(strangers, "mine", replace_=True)
    assert cameras.load("mine") == first


def test_a_replacement_that_cannot_be_moved_in_leaves_what_was_there(
    taken: list[Path], store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, _ = cameras.enrol(taken, "mine")
    move = os.replace

    def fail(source: Path, target: Path) -> None:
        if Path(source).name.startswith(".new-"):
            raise OSError(28, "No space left on device")
        move(source, target)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(UsageError, match=r"No space left on device.*still there"):
        cameras.enrol(taken[:-1], "mine", replace_=True)
    assert cameras.load("mine") == first
    assert cameras.fingerprint(first).shape == (256, 256)
    assert [path.name for path in store.iterdir()] == ["mine"]


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden", "x" * 99])
def test_names_that_are_no_names_are_refused(name: str, taken: list[Path]) -> None:
    with pytest.raises(UsageError, match="name holds letters"):
        cameras.enrol(taken, name)
    with pytest.raises(UsageError, match="name holds letters"):
        cameras.remove(name)


def test_what_cannot_be_enrolled_says_why(taken: list[Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="4 pictures were given"):
        cameras.enrol(taken[:4], "mine")
    with pytest.raises(UsageError, match="given twice"):
        cameras.enrol([*taken[:5], taken[0]], "mine")
    turned = tmp_path / "turned.jpg"
    Pillow.new("RGB", (256, 300), "grey").save(turned)
    with pytest.raises(UsageError, match="one size and one orientation"):
        cameras.enrol([*taken[:5], turned], "mine")
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(taken[0].read_bytes()[:300])
    with pytest.raises(MediaError):
        cameras.enrol([*taken[:5], broken], "mine")
    assert cameras.listed() == ()


def test_a_damaged_store_is_said(taken: list[Path], store: Path) -> None:
    made, _ = cameras.enrol(taken, "mine")
    plane = store / "mine" / "fingerprint.npy"
    plane.write_bytes(plane.read_bytes()[:-2] + b"xx")
    with pytest.raises(UsageError, match="not the one that was made"):
        cameras.fingerprint(made)
    (store / "mine" / "camera.json").write_text("{}")
    with pytest.raises(UsageError, match="damaged"):
        cameras.load("mine")
    cameras.remove("mine")
    with pytest.raises(UsageError, match="no camera 'mine'"):
        cameras.remove("mine")
