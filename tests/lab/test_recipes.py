"""Every recipe, whatever it does, hands out marked files with their truth."""

import hashlib
import inspect
import io
import json
import stat

import av
import c2pa
import numpy as np
import pytest
import soundfile
from PIL import Image

from veridical import lab, settings
from veridical.errors import UsageError
from veridical.lab import check, engine, label, signature, sound_marks, watermark

QUICK = {
    "lab.motion.still_face": {"seconds": 2.0}, "lab.motion.flicker": {"seconds": 1.0}, "lab.talk.dubbed": {"seconds": 3.0},
    # stronger than a pulse is: by default it is smaller than what the codec changes
    "lab.flow.disorder": {"seconds": 2.0, "percent": 4.0}, "lab.residual.carried": {"seconds": 2.0},
    "lab.pose.turned_face": {"seconds": 2.0},
    "lab.pulse.absent": {"seconds": 2.0, "percent": 6.0}, "lab.pulse.patchwork": {"seconds": 2.0, "percent": 6.0},
}  # fmt: skip
IDS = list(lab.recipes())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Make each recipe once, with a cache of certificates of its own."""
    folder, kept = tmp_path_factory.mktemp("lab"), {}
    patch = pytest.MonkeyPatch()
    patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))

    def get(id):
        if id not in kept:
            kept[id] = lab.make(id, None, folder / id, knobs=QUICK.get(id))
        return kept[id]

    yield get
    patch.undo()


def content(path):
    if path.suffix == ".wav":
        return soundfile.read(path, dtype="float32")[0]
    if path.suffix == ".mp4":
        with av.open(str(path)) as container:
            return np.stack([frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)])
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def truth(path):
    return json.loads(path.with_name(f"{path.name}.truth.json").read_text())


def test_the_named_recipes_are_found():
    assert set(IDS) >= {
        "lab.edit.paste", "lab.edit.ghost", "lab.edit.face", "lab.synthesis.upsample", "lab.provenance.declare",
        "lab.provenance.parameters", "lab.provenance.edit", "lab.voice.upsample", "lab.motion.still_face",
        "lab.motion.flicker",
    }  # fmt: skip


@pytest.mark.parametrize("id", IDS)
def test_the_label_is_seen_or_heard(made, id):
    for path in (made(id).control, made(id).altered):
        seen = content(path)
        if path.suffix == ".wav":
            assert sound_marks.heard(seen, soundfile.info(path).samplerate)
        else:
            assert all(label.seen(picture) for picture in (seen if seen.ndim == 4 else [seen]))


@pytest.mark.parametrize("id", IDS)
def test_the_watermark_survives_another_compression(made, id):
    wanted = int(truth(made(id).altered)["marks"]["watermark"], 16)
    for path in (made(id).control, made(id).altered):
        seen = content(path)
        if path.suffix == ".wav":
            buffer = io.BytesIO()
            soundfile.write(buffer, seen, 44100, format="MP3")
            assert sound_marks.read(soundfile.read(io.BytesIO(buffer.getvalue()))[0], 44100) == wanted
        elif path.suffix == ".mp4":
            assert [watermark.read(picture).payload for picture in seen] == [wanted] * len(seen)
        else:
            buffer = io.BytesIO()
            Image.fromarray(seen).save(buffer, "JPEG", quality=75)
            assert watermark.read(np.asarray(Image.open(buffer))).payload == wanted


def test_the_sound_of_a_clip_carries_both_marks_and_stays_with_the_picture(made):
    for path in (made("lab.talk.dubbed").control, made("lab.talk.dubbed").altered):
        with av.open(str(path)) as container:
            rate = container.streams.audio[0].rate
            sound = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
        assert sound_marks.heard(sound, rate)
        buffer = io.BytesIO()
        soundfile.write(buffer, sound, rate, format="MP3")
        assert sound_marks.read(*soundfile.read(io.BytesIO(buffer.getvalue()))) == int(
            truth(path)["marks"]["watermark"][-4:], 16
        )
        assert len(sound) / rate == pytest.approx(truth(path)["facts"]["leader_s"] + 3.0, abs=0.06)
        frames = content(path)
        assert len(frames) / 30 == pytest.approx(truth(path)["facts"]["leader_s"] + 3.0, abs=0.02)


@pytest.mark.parametrize("id", IDS)
def test_the_manifest_is_intact_and_its_signer_unknown(made, id):
    for path, role in ((made(id).control, "control"), (made(id).altered, "altered")):
        with c2pa.Reader(path) as reader:
            results, manifest = reader.get_validation_results(), reader.get_active_manifest()
        assert [entry["code"] for entry in results["activeManifest"]["failure"]] == ["signingCredential.untrusted"]
        assert "claimSignature.validated" in {entry["code"] for entry in results["activeManifest"]["success"]}
        assert manifest["signature_info"]["common_name"] == signature.NAME
        found = check.marks(path)
        assert found.assertion["role"] == role
        assert found.assertion["recipe"] == id
        assert ("rainedAlgorithmicMedia" in found.term) == (role == "altered")


@pytest.mark.parametrize("id", IDS)
def test_the_truth_is_complete(made, id):
    for path, role in ((made(id).control, "control"), (made(id).altered, "altered")):
        said = truth(path)
        assert said["file"] == path.name
        assert said["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
        assert said["recipe"] == id
        assert said["role"] == role
        assert (said["category"] in ("reenactment", "replacement", "editing", "synthesis")) == (role == "altered")
        assert set(said["parameters"]) == set(lab.recipes()[id].knobs)
        assert said["seed"] == 0
        assert len(said["source"]["sha256"]) == 64
        if said["mask"]:
            mask = path.with_name(said["mask"]["file"])
            assert said["mask"]["sha256"] == hashlib.sha256(mask.read_bytes()).hexdigest()
    assert made(id).truth.name == f"{made(id).altered.name}.truth.json"


@pytest.mark.parametrize("id", IDS)
def test_the_mask_is_where_the_two_differ(made, id):
    control, altered = content(made(id).control), content(made(id).altered)
    said = truth(made(id).altered)["mask"]
    if said is None:
        same = np.array_equal(control, altered)
        assert same == id.startswith("lab.provenance.")
        return
    with Image.open(made(id).altered.with_name(said["file"])) as image:
        mask = np.asarray(image) > 0
    if control.ndim == 4:  # the codec spreads small differences over the whole frame
        apart = np.abs(control.astype(int) - altered).max(-1).mean(0)
        assert apart[mask].mean() > 2 * apart[~_grown(mask, 8)].mean()
        return
    differs = (control != altered).any(-1)
    # A JPEG block is 8 pixels wide, 16 with its halved colours.
    assert not (differs & ~_grown(mask, 16)).any()
    assert differs[mask].mean() > 0.8


def _grown(mask, reach):
    grown = mask.copy()
    for axis in (0, 1):
        before = grown.copy()
        for step in range(1, reach + 1):
            ahead = [slice(None), slice(None)]
            behind = [slice(None), slice(None)]
            ahead[axis], behind[axis] = slice(step, None), slice(None, -step)
            grown[tuple(ahead)] |= before[tuple(behind)]
            grown[tuple(behind)] |= before[tuple(ahead)]
    return grown


@pytest.mark.parametrize("id", IDS)
def test_marks_cannot_tell_the_two_apart(made, id):
    control, altered = truth(made(id).control)["marks"], truth(made(id).altered)["marks"]
    assert control["watermark"] == altered["watermark"]
    assert control["label"] == altered["label"]
    assert control["manifest"]["signer"] == altered["manifest"]["signer"]


@pytest.mark.parametrize("id", IDS)
def test_the_same_seed_makes_the_same(made, id, tmp_path):
    again = lab.make(id, None, tmp_path, knobs=QUICK.get(id))
    assert np.array_equal(content(again.altered), content(made(id).altered))
    assert np.array_equal(content(again.control), content(made(id).control))


def test_another_seed_pastes_elsewhere(made, tmp_path):
    other = lab.make("lab.edit.paste", None, tmp_path, seed=1)
    assert truth(other.altered)["facts"] != truth(made("lab.edit.paste").altered)["facts"]


def test_no_parameter_switches_a_mark_off():
    assert set(inspect.signature(lab.make).parameters) == {
        "recipe_id", "source_path", "folder", "seed", "consent", "knobs",
    }  # fmt: skip
    words = ("mark", "label", "sign", "manifest", "c2pa", "visible", "truth", "tone")
    for recipe in lab.recipes().values():
        assert not [knob for knob in recipe.knobs if any(word in knob for word in words)], recipe.id
    assert not [s for s in settings.SETTINGS if any(word in s.name for word in ("watermark", "label", "lab", "c2pa"))]


@pytest.mark.parametrize("lost", ["label", "watermark"])
def test_a_file_that_lost_a_mark_is_deleted(monkeypatch, tmp_path, lost):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    if lost == "label":
        monkeypatch.setattr(label, "draw", lambda pixels, box: None)
    else:
        monkeypatch.setattr(watermark, "embed", lambda pixels, payload, spare=None: pixels)
    with pytest.raises(UsageError, match="do not read"):
        lab.make("lab.edit.ghost", None, tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_the_key_is_the_users_alone_and_is_kept(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    first = signature.credentials()
    assert stat.S_IMODE((tmp_path / "veridical" / "lab" / "signer.pem").stat().st_mode) == 0o600
    assert signature.credentials() == first
    assert b"PRIVATE KEY" in first[1]
    assert first[0].count(b"BEGIN CERTIFICATE") == 2


def test_a_certificate_about_to_expire_is_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(signature, "_YEARS", 0)
    short = signature.credentials()
    monkeypatch.setattr(signature, "_YEARS", 10)
    assert signature.credentials() != short


def test_a_broken_manifest_counts_as_none(made, tmp_path):
    altered = made("lab.edit.ghost").altered
    data = bytearray(altered.read_bytes())
    data[-1000] ^= 1
    broken = tmp_path / altered.name
    broken.write_bytes(data)
    assert check.marks(altered).term == "compositeWithTrainedAlgorithmicMedia"
    assert check.marks(broken).term == ""


def test_users_material_needs_consent(tmp_path):
    path = tmp_path / "mine.png"
    Image.new("RGB", (300, 300)).save(path)
    with pytest.raises(UsageError, match="who agreed"):
        lab.make("lab.edit.ghost", path, tmp_path / "out")
    with pytest.raises(UsageError, match="who agreed"):
        lab.make("lab.edit.ghost", path, tmp_path / "out", consent="  ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("id", "knobs", "complaint"),
    [
        ("lab.edit.nothing", {}, "no recipe"),
        ("lab.edit.paste", {"mark": False}, "no knob"),
        ("lab.edit.paste", {"quality": "high"}, "whole number"),
        ("lab.edit.paste", {"side": 0.95}, "smaller"),
        ("lab.edit.face", {"face": "1,2,3"}, "not of the form"),
        ("lab.edit.face", {"face": "500,500,100,100"}, "does not lie"),
        ("lab.edit.face", {"eyes": "a,b"}, "not of the form"),
        ("lab.motion.flicker", {"seconds": 0.1}, "1 to 600"),
        ("lab.voice.upsample", {"band_hz": 20000}, "needs at least"),
    ],
)
def test_what_does_not_fit_is_said(tmp_path, id, knobs, complaint):
    with pytest.raises(UsageError, match=complaint):
        lab.make(id, None, tmp_path, knobs=knobs)


def test_the_payload_depends_on_recipe_seed_source_and_knobs():
    source = engine.Source(name="a", sha256="0" * 64, consent="b")
    recipe = lab.recipes()["lab.edit.paste"]
    orders = [
        engine._Order(recipe=recipe, knobs={}, seed=0, source=source),
        engine._Order(recipe=recipe, knobs={}, seed=1, source=source),
        engine._Order(recipe=recipe, knobs={"side": 0.2}, seed=0, source=source),
        engine._Order(recipe=lab.recipes()["lab.edit.ghost"], knobs={}, seed=0, source=source),
    ]
    assert len({order.payload for order in orders}) == 4
