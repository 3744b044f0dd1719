"""What the detectors say together: their own values, summed; those that are missing are named and add nothing."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.errors import NotApplicable
from veridical.examinations.learned import ensemble as examination
from veridical.examinations.learned.ensemble import examine, measured
from veridical.finding import Table
from veridical.knowledge.ensemble import Ensemble, Member
from veridical.knowledge.ensemble import ensemble as shipped
from veridical.knowledge.image_net import fused
from veridical.knowledge.neuron_coverage import LAYERS, neuron_norms
from veridical.knowledge.picture_head import picture_head
from veridical.perception.face_code import FaceCode, FaceCodes
from veridical.perception.face_layers import FaceAnswer, FaceAnswers
from veridical.perception.face_masks import FaceMask, FaceMasks
from veridical.perception.picture_encoding import PictureEncoding
from veridical.perception.picture_traces import PictureTraces

NAMES = ("image_net", "neuron_coverage", "embedding_length", "locality_autoencoder")
MOVE = np.eye(2, 3)
PICTURE = None  # the arithmetic does not look at the picture


def whole(score):
    return PictureTraces(
        boxes=np.array([[0, 0, 96, 96]], np.int32), log_odds=np.array([score], np.float32),
        features=np.zeros(304, np.float32), covering=1,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def weighed(monkeypatch):
    """Members of which each standard deviation is worth as much as its place, the border half a deviation up."""
    members = tuple(
        Member(name=name, middle=1.0, spread=2.0, border=0.5, slope=1.0 + n) for n, name in enumerate(NAMES)
    )
    found = Ensemble(members=members, pictures=(10, 20), trust=0.5)
    monkeypatch.setattr(examination, "ensemble", lambda: found)
    return found


def masks(*scores):
    pixels, map_ = np.zeros((256, 256, 3), np.uint8), np.zeros((64, 64), np.float32)
    return FaceMasks(
        tuple(
            FaceMask(index=n, pixels=pixels, move=MOVE, boundary=map_, mask=map_, score=score)
            for n, score in enumerate(scores)
        )
    )


def codes(*pairs):
    pixels, map_ = np.zeros((128, 128, 3), np.uint8), np.zeros((16, 16), np.float32)
    return FaceCodes(
        tuple(
            FaceCode(index=n, pixels=pixels, move=MOVE, real=real, fake=fake, attention=map_)
            for n, (real, fake) in enumerate(pairs)
        )
    )


def answers(*coverages):
    face = np.zeros((150, 150, 3), np.uint8)
    return FaceAnswers(
        tuple(
            FaceAnswer(
                index=n, face=face, coverage=np.full(LAYERS, share, np.float32),
                unevenness=np.ones(LAYERS, np.float32), embedding=np.full(128, 0.1, np.float32),
            )
            for n, share in enumerate(coverages)
        )
    )  # fmt: skip


def test_the_value_is_the_sum_of_what_each_adds(weighed):
    seen = examine(PICTURE, whole(3.0), None, answers(0.5), codes((0.5, 2.0)), None)
    norms = neuron_norms()
    own = float(norms.shares(np.full(LAYERS, 0.5), np.ones(LAYERS)).sum())
    values = dict(zip(NAMES, (fused(3.0, None), own, norms.length_value(np.full(128, 0.1)), 1.5), strict=True))
    assert seen.value == pytest.approx(sum(one.log_odds(values[one.name]) for one in weighed.members), abs=1e-5)
    assert seen.facts["detectors"] == 4 and seen.facts["missing"] == "none"
    assert len(seen.limits) == 2 and "only the pixels spoke" in seen.limits[1]


def test_the_look_of_the_whole_counts_as_it_does_for_whole_pictures():
    vector = np.zeros(3584, np.float32)
    seen = measured(whole(3.0), PictureEncoding(vector), None, None)
    assert seen["image_net"] == fused(3.0, picture_head().offset)
    assert measured(None, PictureEncoding(vector), None, None)["image_net"] is None
    both = examine(PICTURE, whole(3.0), PictureEncoding(vector), None, None, None)
    assert not any("only the pixels" in limit for limit in both.limits)


def test_a_value_that_lacks_a_detector_or_half_of_one_says_so():
    vector, faces = PictureEncoding(np.zeros(3584, np.float32)), (answers(0.5), codes((0.5, 2.0)), None)
    assert examine(PICTURE, whole(3.0), vector, *faces).partial == ""
    assert examine(PICTURE, whole(3.0), None, *faces).partial == "half of image_net"
    lacks = examine(PICTURE, whole(3.0), vector, faces[0], None, None)
    assert lacks.partial == "locality_autoencoder"


def test_of_several_faces_the_highest_counts():
    several = examine(PICTURE, None, None, answers(0.2, 0.5), codes((1.0, 0.0), (0.5, 2.0)), None)
    apart = [examine(PICTURE, None, None, answers(one), codes((0.5, 2.0)), None).value for one in (0.2, 0.5)]
    assert several.value == max(apart)


def test_what_raises_one_detector_raises_the_value():
    low, high = (examine(PICTURE, whole(score), None, None, codes((1.0, 1.0)), None).value for score in (0.0, 4.0))
    assert high > low


def test_the_network_for_blends_is_told_and_not_weighed():
    low, high = (examine(PICTURE, whole(1.0), None, None, None, masks(-3.0, score)) for score in (-2.0, 9.0))
    assert low.value == high.value
    assert (low.facts["face_net, not weighed"], high.facts["face_net, not weighed"]) == (-2.0, 9.0)
    assert high.exhibits[0].rows[-1][0] == "face_net"


@pytest.mark.parametrize("empty", [(None, None, None), (FaceAnswers(()), FaceCodes(()), FaceMasks(()))])
def test_without_a_face_the_picture_alone_speaks_and_the_missing_are_named(weighed, empty):
    seen = examine(PICTURE, whole(3.0), None, *empty)
    assert seen.value == pytest.approx(weighed.members[0].log_odds(fused(3.0, None)))
    assert seen.facts["missing"] == ", ".join(NAMES[1:]) and seen.facts["face_net, not weighed"] is None
    assert "1 of 4" in seen.limits[1] and "image_net alone" in seen.observation
    (table,) = (one for one in seen.exhibits if isinstance(one, Table))
    assert [row[1] == "not measured" for row in table.rows] == [False, True, True, True]


def test_a_score_that_is_no_number_is_missing():
    seen = examine(PICTURE, whole(float("nan")), None, None, codes((1.0, 2.0)), None)
    assert np.isfinite(seen.value) and "image_net" in str(seen.facts["missing"])


def test_without_any_detector_it_is_not_applicable():
    with pytest.raises(NotApplicable, match="image_net, neuron_coverage"):
        examine(PICTURE, None, None, FaceAnswers(()), None, masks(3.0))


def test_the_table_tells_what_each_adds(weighed):
    seen = examine(PICTURE, whole(5.0), None, None, codes((4.0, 0.0)), None)
    (table,) = (one for one in seen.exhibits if isinstance(one, Table))
    added = [float(row[-1]) for row in table.rows]
    assert sum(added) == pytest.approx(seen.value, abs=0.03) and added[0] > 0 > added[-1]


def test_the_shipped_table_names_the_detectors():
    assert {one.name for one in shipped().members} <= {*NAMES}
    assert all(one.slope >= 0 and one.spread > 0 for one in shipped().members)
