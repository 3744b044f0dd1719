"""Every layout, built from tiny files: labels, categories, groups, what is left out, and what stops the reading."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

import pytest

from veridical.benchmark.layouts import load, read
from veridical.benchmark.rows import Item
from veridical.errors import UsageError

IMAGES = "file,label,category,generator,source,group,width,height,note,sha256\n"
VIDEO = "file,label,category,method,source,layout,label_trust,sha256\n"
AUDIO = "file,label,system,speaker,source,sample_rate,seconds,sha256\n"
PRNU = "file,device,kind,original_size,crop,sha256\n"


def put(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(name.encode())


def manifest(root: Path, header: str, *lines: str) -> Path:
    put(root, *(line.split(",")[0] for line in lines))
    (root / "manifest.csv").write_text(header + "".join(line + "\n" for line in lines))
    return root / "manifest.csv"


def by_name(items: tuple[Item, ...]) -> dict[str, Item]:
    return {item.path.name: item for item in items}


def facts(item: Item) -> tuple[str, str, str, str]:
    return item.label, item.category, item.generator, item.group


@pytest.fixture
def images(tmp_path: Path) -> Path:
    lines = ("a.jpg,fake,editing,AttGAN Bangs,attgan,attgan:3,8,8,,", "b.png,real,real,Unsplash,unsplash,,8,8,,")
    return manifest(tmp_path / "images", IMAGES, *lines)


def test_images_keep_their_groups_and_real_ones_have_no_generator(images: Path) -> None:
    items = by_name(read(images))
    assert facts(items["a.jpg"]) == ("fake", "editing", "AttGAN Bangs", "attgan:3")
    assert facts(items["b.png"]) == ("real", "real", "", "b.png")
    assert items["b.png"].source == "unsplash" and read(images.parent) == read(images)


def test_voices_are_grouped_by_speaker_and_conversion_is_a_replacement(tmp_path: Path) -> None:
    lines = (
        "a.wav,fake,StarGANv2-VC,p1,demo,16000,1,",
        "b.wav,fake,Tortoise,,demo,16000,1,",
        "c.wav,real,,p1,demo,16000,1,",
    )
    items = by_name(read(manifest(tmp_path, AUDIO, *lines)))
    assert facts(items["a.wav"]) == ("fake", "replacement", "StarGANv2-VC", "p1")
    assert facts(items["b.wav"]) == ("fake", "synthesis", "Tortoise", "b.wav")
    assert facts(items["c.wav"]) == ("real", "real", "", "p1")


def test_composites_and_doubtful_labels_are_left_out_with_a_count_unless_asked_for(tmp_path: Path) -> None:
    path = manifest(
        tmp_path, VIDEO, "a.mp4,fake,reenactment,AniPortrait,ani,side-by-side composite: crop the generated half,high,",
        "b.mp4,real,replacement,DFDC crop,dfdc,one face,low,", "c.mp4,real,replacement,DFDC crop,dfdc,one face,medium,",
    )  # fmt: skip
    found = load(path)
    assert [item.path.name for item in found.items] == ["c.mp4"] and found.items[0].category == "real"
    assert found.excluded == {"label of low trust": 1, "side-by-side composite, not cropped": 1}
    everything = load(path, low_trust=True, composites=True)
    assert len(everything.items) == 3 and not everything.excluded


def test_photographs_by_camera_are_refused_alone_and_left_out_beside_others(tmp_path: Path, images: Path) -> None:
    prnu = manifest(tmp_path / "prnu", PRNU, "n.jpg,Nikon_D70_0,flat,1x1,0,")
    with pytest.raises(UsageError, match="not labelled real or fake"):
        read(prnu)
    both = load(tmp_path)
    assert len(both.items) == 2 and both.excluded == {"prnu: not labelled real or fake": 1}
    assert both.root == tmp_path


@pytest.mark.parametrize(
    ("header", "line", "message"),
    [
        (IMAGES, "a.jpg,maybe,real,,s,,8,8,,", "line 2: the label is 'maybe'"),
        (IMAGES, "a.jpg,fake,beauty,X,s,,8,8,,", "line 2: the category of a fake is 'beauty'"),
        ("file,title\n", "a.jpg,x", "lacks the column label"),
        ("file,label\n", "", "lacks"),
    ],
)
def test_odd_manifests_are_refused(tmp_path: Path, header: str, line: str, message: str) -> None:
    put(tmp_path, "a.jpg")
    (tmp_path / "manifest.csv").write_text(header + line)
    with pytest.raises(UsageError, match=message):
        read(tmp_path / "manifest.csv")


def test_missing_and_doubled_files_are_named(images: Path) -> None:
    (images.parent / "a.jpg").unlink()
    (images.parent / "b.png").unlink()
    with pytest.raises(UsageError, match=r"a\.jpg is listed but missing and 1 more"):
        read(images)
    twice = manifest(images.parent / "twice", IMAGES, *["x.jpg,real,real,,s,,8,8,,"] * 2)
    with pytest.raises(UsageError, match=r"x\.jpg is listed twice"):
        read(twice)


def test_hashes_are_verified_when_asked(tmp_path: Path) -> None:
    right = hashlib.sha256(b"a.jpg").hexdigest()
    path = manifest(tmp_path, IMAGES, f"a.jpg,real,real,,s,,8,8,,{right}")
    assert load(path, verify=True).items == read(path)
    (tmp_path / "a.jpg").write_bytes(b"another")
    assert read(path)
    with pytest.raises(UsageError, match=r"a\.jpg is not the file that was listed"):
        load(path, verify=True)


def test_people_can_be_named_in_a_table_of_their_own(tmp_path: Path, images: Path) -> None:
    before = load(images).items
    table = tmp_path / "people.csv"
    table.write_text(f"file,group\n{before[0].path.name},ann\n{before[1].path.name},ann\nelsewhere.png,bob\n")
    after = load(images, groups=table).items
    assert [item.group for item in after[:2]] == ["ann", "ann"]
    assert [item.group for item in after[2:]] == [item.group for item in before[2:]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,group\na.png,x\n", "columns file and group"),
        ("file,group\n", "columns file and group"),
        ("file,group\na.png,x\na.png,y\n", "twice"),
        ("file,group\nelsewhere.png,x\n", "names no file"),
    ],
)
def test_an_odd_table_of_people_is_refused(tmp_path: Path, images: Path, text: str, message: str) -> None:
    table = tmp_path / "people.csv"
    table.write_text(text)
    with pytest.raises(UsageError, match=message):
        load(images, groups=table)


def test_what_cannot_be_recognised_says_what_would_be(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no layout 'kodak'"):
        read(tmp_path, layout="kodak")
    with pytest.raises(UsageError, match="there is no "):
        read(tmp_path / "nowhere")
    with pytest.raises(UsageError, match=r"write a manifest\.csv"):
        read(tmp_path)
    with pytest.raises(UsageError, match="holds no labelled media"):
        read(tmp_path, layout="celeb-df")


def test_faceforensics_joins_both_clips_of_a_pair(tmp_path: Path) -> None:
    put(
        tmp_path, *(f"original_sequences/youtube/c23/videos/{name}.mp4" for name in ("000", "003", "999")),
        "original_sequences/actors/c23/videos/01__walking.mp4", "manipulated_sequences/Deepfakes/c23/videos/000_003.mp4",
        "manipulated_sequences/Face2Face/c40/videos/003_000.mp4",
        "manipulated_sequences/DeepFakeDetection/c23/videos/01_02__walking__ABCD.mp4",
    )  # fmt: skip
    items = by_name(read(tmp_path))
    assert {items[f"{name}.mp4"].group for name in ("000", "003", "000_003", "003_000")} == {"000 + 003"}
    assert items["999.mp4"].group == "999" and items["000.mp4"].source == "faceforensics++"
    assert facts(items["003_000.mp4"])[:3] == ("fake", "reenactment", "Face2Face")
    assert items["01__walking.mp4"].group == "actor 01" and items["01__walking.mp4"].label == "real"
    swapped = items["01_02__walking__ABCD.mp4"]
    assert swapped.group == "actor 01 + actor 02" and swapped.source == "deepfakedetection"
    put(tmp_path, "manipulated_sequences/Magic/c23/videos/000_003.mp4")
    with pytest.raises(UsageError, match="'Magic' is no method"):
        read(tmp_path)


def test_celeb_df_names_both_people_of_a_fake(tmp_path: Path) -> None:
    put(
        tmp_path,
        "Celeb-real/id3_0000.mp4",
        "YouTube-real/00007.mp4",
        "Celeb-synthesis/id3_id5_0001.mp4",
        "Celeb-real/x.txt",
    )
    items = by_name(read(tmp_path))
    assert facts(items["id3_id5_0001.mp4"]) == ("fake", "replacement", "Celeb-DF synthesis", "id3 + id5")
    assert items["id3_0000.mp4"].group == "id3" and items["00007.mp4"].group == "YouTube-real/00007.mp4"
    assert {item.source for item in items.values()} == {"celeb-df"} and len(items) == 3


def test_dfdc_groups_a_fake_with_its_original(tmp_path: Path) -> None:
    entries = {
        "f.mp4": {"label": "FAKE", "split": "train", "original": "r.mp4"},
        "r.mp4": {"label": "REAL", "split": "train"},
    }
    put(tmp_path / "part_0", *entries)
    metadata = tmp_path / "part_0" / "metadata.json"
    metadata.write_text(json.dumps(entries))
    items = by_name(read(tmp_path))
    assert facts(items["f.mp4"]) == ("fake", "replacement", "DFDC", "r.mp4")
    assert facts(items["r.mp4"]) == ("real", "real", "", "r.mp4")
    metadata.write_text(json.dumps({"f.mp4": {"label": "PERHAPS"}}))
    with pytest.raises(UsageError, match="is not a metadata.json of DFDC"):
        read(tmp_path)


def test_df40_takes_methods_and_real_ones_from_folders(tmp_path: Path) -> None:
    put(
        tmp_path, "simswap/ff/frames/000_003/001.png", "DiT/ff/17.png", "MidJourney/real/1.png", "MidJourney/fake/1.png",
        "starganv2/fake/2.jpg", "facevid2vid/cdf/id3_id5_0001.mp4",
    )  # fmt: skip
    items = {item.path.relative_to(tmp_path).as_posix(): item for item in read(tmp_path)}
    assert facts(items["simswap/ff/frames/000_003/001.png"]) == ("fake", "replacement", "simswap", "000 + 003")
    assert facts(items["DiT/ff/17.png"]) == ("fake", "synthesis", "dit", "DiT/ff/17.png")
    assert items["MidJourney/real/1.png"].label == "real" and items["MidJourney/fake/1.png"].label == "fake"
    assert items["starganv2/fake/2.jpg"].category == "editing"
    assert facts(items["facevid2vid/cdf/id3_id5_0001.mp4"])[1:] == ("reenactment", "facevid2vid", "id3 + id5")
    put(tmp_path, "holiday/1.png")
    with pytest.raises(UsageError, match="names a method of DF40"):
        read(tmp_path)


def test_asvspoof_2019_and_2021_protocols(tmp_path: Path) -> None:
    protocol = tmp_path / "2019/ASVspoof2019_LA_cm_protocols/ASVspoof2019.LA.cm.train.trn.txt"
    put(tmp_path / "2019", "ASVspoof2019_LA_train/flac/LA_T_1.flac", "ASVspoof2019_LA_train/flac/LA_T_2.flac")
    protocol.parent.mkdir()
    protocol.write_text("LA_0079 LA_T_1 - - bonafide\nLA_0080 LA_T_2 - A06 spoof\n")
    keys = tmp_path / "2021/keys/LA/CM/trial_metadata.txt"
    put(tmp_path / "2021", "ASVspoof2021_LA_eval/flac/LA_E_3.flac")
    keys.parent.mkdir(parents=True)
    keys.write_text("LA_0009 LA_E_3 alaw ita_tx A07 spoof notrim eval\n")
    items = by_name(read(tmp_path / "2019"))
    assert facts(items["LA_T_1.flac"]) == ("real", "real", "", "LA_0079")
    assert facts(items["LA_T_2.flac"]) == ("fake", "replacement", "A06", "LA_0080")
    assert read(protocol) == read(tmp_path / "2019") and items["LA_T_1.flac"].source == "asvspoof 2019 train"
    (late,) = read(tmp_path / "2021")
    assert facts(late) == ("fake", "synthesis", "A07", "LA_0009") and late.source == "asvspoof 2021 eval"
    (tmp_path / "2019/ASVspoof2019_LA_train/flac/LA_T_2.flac").unlink()
    with pytest.raises(UsageError, match=r"LA_T_2\.flac is listed but missing"):
        read(tmp_path / "2019")


@pytest.mark.skipif("VERIDICAL_DATA" not in os.environ, reason="VERIDICAL_DATA names no folder of labelled media")
def test_the_labelled_media_at_hand_can_be_read() -> None:
    found = load(Path(os.environ["VERIDICAL_DATA"]))
    assert {item.label for item in found.items} == {"real", "fake"}
    assert all(item.generator and item.category != "real" for item in found.items if item.label == "fake")
