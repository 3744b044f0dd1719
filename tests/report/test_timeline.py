"""The timeline: who has which lanes, where stretches and cuts lie on it, outlines of faces against the turn of pixels."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from veridical.finding import Chart, Line, Span
from veridical.media.image import upright
from veridical.perception._pack import Packer
from veridical.perception.tracks import POINTS, FaceTracks, Track
from veridical.report.lanes import groups_of
from veridical.report.model import Report
from veridical.report.outlines import faces_at, people_of
from veridical.report.pictures import on_picture
from veridical.report.to_html import to_html
from veridical.report.to_json import from_json, to_json


def track(person: int, frames: list[int], fps: float = 25.0, shot: int = 0) -> Track:
    """A face that moves 4 px a frame to the right; each point of the mesh stands apart from all others."""
    packer = Packer(2 * POINTS)
    for index in frames:
        packer.add(np.stack([np.arange(POINTS) + 4.0 * index, np.full(POINTS, 50.0 + person)], 1))
    packed, ends = packer.packed()
    n = len(frames)
    return Track(
        person=person, shot=shot, frames=np.array(frames, np.int32), times=np.array(frames) / fps,
        boxes=np.zeros((n, 4), np.float32), pose=np.zeros((n, 3), np.float32), packed=packed, packed_ends=ends,
        eye_openness=np.zeros((n, 2), np.float32), eye_openness_mesh=np.zeros((n, 2), np.float32),
        mouth_opening=np.zeros(n, np.float32), interocular=np.ones(n, np.float32), mesh_scores=np.ones(n, np.float32),
    )  # fmt: skip


def tracks(*all_tracks: Track, fps: float = 25.0, size: tuple[int, int] = (640, 480)) -> FaceTracks:
    return FaceTracks(
        tracks=all_tracks, cuts=np.array([0.8]), frames=50, times=np.arange(50) / fps, fps=fps, duration_s=2.0,
        width=size[0], height=size[1],
    )  # fmt: skip


def test_each_person_has_the_lanes_that_concern_them(clip: Report) -> None:
    first, second, whole = groups_of(clip)
    assert (first.track, second.track, whole.track) == (0, 1, None)
    assert first.lanes == () and first.person is not None
    (blink,) = second.lanes
    assert blink.line is not None and blink.line.name == "left eye" and len(blink.spans) == 2
    assert [lane.name for lane in whole.lanes] == ["Flicker"]


def test_a_lane_without_values_or_with_times_that_are_none_is_left_out(clip: Report) -> None:
    nothing = Line(name="nothing", x=np.arange(3.0), y=np.full(3, np.nan), track=4)
    chart = Chart(name="c", lines=(nothing,), x_name="t", x_unit="s", y_name="y", y_unit="1", timeline=True)
    wrong = Span(start_s=float("nan"), end_s=2.0, label="nowhere", track=5)
    asked = replace(clip.findings[0], exhibits=(chart,), where=(wrong,))
    groups = groups_of(replace(clip, findings=(asked,)))
    assert [group.track for group in groups] == [0, 1] and not any(group.lanes for group in groups)


def test_stretches_and_cuts_lie_at_their_times(clip: Report) -> None:
    page = to_html(clip)
    lanes = page.split('class="lanes"')[1].split('class="strip"')[0]
    block = re.search(r'data-from="5.38" data-to="5.62"', lanes)
    assert block is not None
    rect = re.search(r'<rect x="([\d.]+)" y="(\d+)" width="([\d.]+)"', lanes[: block.start() + 400][block.start() :])
    assert rect is not None
    assert float(rect[1]) == pytest.approx(5.38 / 12 * 1000, abs=0.1)
    assert (int(rect[2]), float(rect[3])) == (0, pytest.approx(0.24 / 12 * 1000, abs=0.1))
    (cut,) = set(re.findall(r'x1="([\d.]+)"[^>]*class="cut"', lanes))
    assert float(cut) == pytest.approx(3.2 / 12 * 1000, abs=0.1)
    seen = re.findall(r'<rect x="([\d.]+)" y="300" width="([\d.]+)" height="400" class="seen w1"', lanes)
    assert [(float(x), float(w)) for x, w in seen] == [
        (pytest.approx(266.67, abs=0.1), pytest.approx(66.67, abs=0.1)), (400.0, 600.0)
    ]  # fmt: skip


def test_a_stretch_of_most_of_the_clip_is_a_bar(clip: Report) -> None:
    long = replace(clip.findings[0], where=(Span(start_s=0.0, end_s=9.0, label="looked at", track=1),))
    page = to_html(replace(clip, findings=(long,)))
    assert 'y="900"' in page.split('data-from="')[1].split("</a>")[0]


def test_a_photo_has_no_timeline_and_a_recording_has_one_without_frames(photo: Report, recording: Report) -> None:
    assert 'id="timeline"' not in to_html(photo)
    page = to_html(recording)
    assert 'id="timeline"' in page and 'class="viewer"' not in page and "Whole exhibit" not in page
    assert [(group.track, group.sound) for group in groups_of(recording)] == [(None, True)]


def test_names_in_lanes_make_no_markup(clip: Report, hostile: Report) -> None:
    text = hostile.exhibit.path
    chart = replace(clip.findings[0].exhibits[0], name=text, y_unit=text)
    asked = replace(clip.findings[0], exhibits=(chart,), where=(Span(start_s=1.0, end_s=2.0, label=text, track=1),))
    page = to_html(replace(clip, findings=(asked,)))
    lanes = page.split('class="lanes"')[1].split('class="strip"')[0]
    assert "&lt;script&gt;alert(1)" in lanes and "<script" not in lanes and "<img" not in lanes and "\x1b" not in lanes


@pytest.mark.parametrize("orientation", range(1, 9))
def test_points_land_where_their_pixels_are_shown(orientation: int) -> None:
    stored = np.zeros((30, 50), np.uint8)
    stored[7, 41] = 1
    shown = upright(stored, orientation)
    row, column = np.argwhere(shown)[0]
    size = (shown.shape[1] * 2, shown.shape[0] * 2)
    at = on_picture(np.array([41, 7]), orientation, (50, 30), size)
    assert at.tolist() == pytest.approx([2 * (column + 0.5), 2 * (row + 0.5)])


def test_faces_are_those_of_the_frame_within_half_a_step() -> None:
    held = tracks(track(0, [0, 1, 2]), track(3, [1, 2, 6]))
    before, both, neither = faces_at(held, [0.0, 0.055, 0.16])
    assert [face.person for face in before] == [0]
    assert [face.person for face in both] == [0, 3]
    assert neither == ()
    assert both[0].points[0].tolist() == [10 + 4, 50]  # point 10 of the mesh, the top of the oval, in frame 1
    assert len(both[0].points) == both[0].ends[-1]


def test_a_gap_ends_a_stretch_in_which_a_face_is_seen() -> None:
    (one,) = people_of(tracks(track(2, [5, 6, 7, 20, 21], shot=1)))
    assert (one.person, one.shot) == (2, 1)
    assert one.seen == ((pytest.approx(0.2), pytest.approx(0.32)), (pytest.approx(0.8), pytest.approx(0.88)))


def test_a_report_of_version_1_1_has_no_faces_and_its_page_still_a_timeline(clip: Report) -> None:
    plain = json.loads(to_json(clip))
    plain["schema_version"] = "1.1"
    plain["conclusion"]["stability"] = "A sentence, as it was before 1.4."
    for name in ("people", "cuts", "sound"):
        del plain["exhibit"][name]
    for preview in plain["exhibit"]["previews"]:
        del preview["faces"]
    read = from_json(json.dumps(plain))
    assert read.exhibit.people == () and read.exhibit.previews[0].faces == ()
    page = to_html(read)
    assert 'id="timeline"' in page and 'id="outlines"' not in page and "Face 2" in page


def test_a_stretch_is_long_against_the_time_in_which_its_face_is_seen(clip: Report) -> None:
    (blink,) = groups_of(clip)[1].lanes
    assert blink.seen_s is not None and 0 < blink.seen_s <= 12
    half, little = (Span(start_s=0.0, end_s=share * blink.seen_s, label="x", track=1) for share in (0.6, 0.3))
    assert blink.is_long(half, 600.0) and not blink.is_long(little, 600.0)
    unknown = replace(blink, seen_s=None)
    assert not unknown.is_long(half, 600.0) and unknown.is_long(half, blink.seen_s)


def test_only_the_first_of_many_places_stand_open(clip: Report) -> None:
    blinks = tuple(Span(start_s=k / 5, end_s=k / 5 + 0.1, label="blink", track=1) for k in range(50))
    asked = replace(clip.findings[0], where=blinks)
    page = to_html(replace(clip, findings=(asked,)))
    first, _, rest = page.partition("<summary>38 further places</summary>")
    shown = re.compile(r'<li><button[^>]*class="time"')
    assert len(shown.findall(first)) == 12 and len(shown.findall(rest)) == 38
    assert '<ol class="places" start="13">' in rest
