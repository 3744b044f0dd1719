"""Faces are followed along known paths, over cuts and losses."""

import os
from pathlib import Path

import numpy as np
import pytest

from veridical.perception.tracks import FaceTracks, watch_faces

# The nose tip of the head that ``scene`` paints lies here against the head's middle, at scale 1.
NOSE = (4.1, 6.2)


def test_a_moving_and_growing_face_is_one_track_on_its_path(models, scene, play, video) -> None:
    steps = np.arange(30)
    xs, ys, scales = 150 + 5.0 * steps, 160 + 20 * np.sin(steps / 5), 0.8 + 0.02 * steps
    pictures = [scene((x, y, s, False)) for x, y, s in zip(xs, ys, scales, strict=True)]
    tracks, views = play(watch_faces(video()), pictures)
    assert isinstance(tracks, FaceTracks) and len(tracks.tracks) == 1 and len(tracks.cuts) == 0
    (track,) = tracks.tracks
    assert track.frames.tolist() == steps.tolist()
    assert track.times == pytest.approx(steps / 25)
    assert tracks.fps == pytest.approx(25) and tracks.duration_s == pytest.approx(1.2) and tracks.frames == 30
    nose = track.mesh()[:, 1]
    expected = np.stack([xs + NOSE[0] * scales, ys + NOSE[1] * scales], 1)
    assert np.linalg.norm(nose - expected - (nose - expected).mean(0), axis=1).mean() < 1.5
    assert np.abs((nose - expected).mean(0)).max() < 3
    assert np.corrcoef(track.interocular, scales)[0, 1] > 0.97
    assert np.ptp(track.pose, axis=0).max() < 8
    assert all(view[0][0] == 0 for view in views)


def test_the_stored_mesh_is_the_one_that_was_seen(models, scene, play, video) -> None:
    pictures = [scene((200 + i, 170, 1.0, False)) for i in range(6)]
    tracks, views = play(watch_faces(video()), pictures)
    mesh = tracks.tracks[0].mesh()
    assert mesh.shape == (6, 478, 2)
    assert (tracks.tracks[0].mesh([470, 1, 33]) == mesh[:, [470, 1, 33]]).all()
    for stored, ((_, face),) in zip(mesh, views, strict=True):
        assert np.abs(stored[:468] - face.mesh[:, :2]).max() <= 1 / 16
        assert np.abs(stored[468:] - face.irises.reshape(-1, 2)).max() <= 1 / 16


def test_two_people_keep_their_tracks(models, scene, play, video) -> None:
    pictures = [scene((120 + 2 * i, 180, 0.9, False), (350 - 2 * i, 160, 0.8, True)) for i in range(20)]
    tracks, _ = play(watch_faces(video()), pictures)
    assert [len(track.frames) for track in tracks.tracks] == [20, 20]
    middles = sorted(tuple(track.boxes[-1, [0, 2]].mean() > 240 for track in tracks.tracks))
    assert middles == [False, True]
    for track in tracks.tracks:
        path = track.boxes[:, [0, 2]].mean(1)
        assert np.abs(np.diff(path)).max() < 8


def test_no_track_crosses_a_cut(models, scene, play, video) -> None:
    first = [scene((160, 170, 1.0, False), backdrop=60) for _ in range(8)]
    second = [scene((200, 170, 1.1, True), backdrop=200) for _ in range(8)]
    tracks, _ = play(watch_faces(video()), first + second)
    assert tracks.cuts.tolist() == pytest.approx([8 / 25])
    assert [(track.shot, track.frames.tolist()) for track in tracks.tracks] == [
        (0, list(range(8))),
        (1, list(range(8, 16))),
    ]


def test_a_face_that_leaves_ends_and_one_that_enters_begins(models, scene, play, video) -> None:
    xs = [240] * 6 + [240 + 40 * i for i in range(1, 12)] + [700] * 8
    leaving = [scene((x, 180, 1.0, False)) for x in xs]
    entering = [scene((x, 180, 1.0, True)) for x in reversed(xs)]
    tracks, views = play(watch_faces(video()), leaving + entering)
    assert len(tracks.tracks) == 2 and len(tracks.cuts) == 0
    gone, come = tracks.tracks
    assert 6 <= gone.frames[-1] < 17 and views[20] == ()
    assert come.frames[0] > 30 and come.frames[-1] == 49
    assert come.frames[0] <= 25 + 8 + 10


def test_a_face_covered_for_a_moment_keeps_its_number(models, scene, play, video) -> None:
    shown = scene((240, 180, 1.0, False))
    shown[:, :100] = 255 * (np.arange(360)[:, None, None] // 60 % 2)
    covered = shown.copy()
    covered[60:300, 140:340] = 120
    pictures = [shown] * 8 + [covered] * 6 + [shown] * 10
    tracks, _ = play(watch_faces(video()), pictures)
    (track,) = tracks.tracks
    assert set(range(8)) <= set(track.frames.tolist()) and not set(range(8, 14)) & set(track.frames.tolist())
    assert track.frames[-1] == 23 and len(track.frames) >= 15


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_video_stored_turned_gives_native_points(models, scene, play, video, rotation: int) -> None:
    shown = [scene((240 + i, 180, 1.0, False)) for i in range(4)]
    stored = [np.ascontiguousarray(np.rot90(picture, -rotation // 90)) for picture in shown]
    upright, _ = play(watch_faces(video()), shown)
    turned, _ = play(watch_faces(video()), stored, rotation=rotation)
    (a,), (b,) = upright.tracks, turned.tracks
    assert b.pose == pytest.approx(a.pose, abs=1e-3)
    x, y = a.mesh()[0, 1].round().astype(int)
    u, v = b.mesh()[0, 1].round().astype(int)
    assert (stored[0][v, u] == shown[0][y, x]).all()


def test_a_video_without_faces(models, scene, play, video) -> None:
    tracks, views = play(watch_faces(video()), [scene() for _ in range(10)])
    assert tracks.tracks == () and views == [()] * 10
    empty, _ = play(watch_faces(video()), [])
    assert empty.frames == 0 and empty.duration_s == 0


def test_real_clips_are_covered(models, play, video) -> None:
    import av

    folder = os.environ.get("VERIDICAL_DATA", "")
    clips = sorted(Path(folder, "video").glob("lipnet_grid-*.mpg"))[:3] if folder else []
    if not clips:
        pytest.skip("VERIDICAL_DATA does not name the folder of labelled media")
    for clip in clips:
        with av.open(str(clip)) as container:
            pictures = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
        tracks, _ = play(watch_faces(video(360, 288)), pictures)
        (track,) = tracks.tracks
        assert len(track.frames) == len(pictures)
        assert sum(len(one.packed) for one in tracks.tracks) / tracks.duration_s < 30_000
