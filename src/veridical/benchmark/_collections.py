"""Readers of the folder layouts in which public collections are handed out, as they unpack.

Groups come from the names: a fake made of two people or clips belongs to both, written "a + b".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ..errors import UsageError
from .rows import Item, Label
from .splits import AND

_VIDEO = frozenset({".mp4", ".avi", ".mov", ".mkv", ".webm"})
_MEDIA = _VIDEO | {".png", ".jpg", ".jpeg", ".webp"}
_FACEFORENSICS = {
    "Deepfakes": "replacement", "FaceSwap": "replacement", "FaceShifter": "replacement",
    "DeepFakeDetection": "replacement", "Face2Face": "reenactment", "NeuralTextures": "reenactment",
}  # fmt: skip
_DF40 = {
    "replacement": "fsgan faceswap simswap inswap inswapper blendface uniface mobileswap e4s facedancer deepfacelab",
    "reenactment": "fomm facevid2vid fsvid2vid wav2lip mraa oneshot oneshotfree pirender tpsm tpsmm lia dagan sadtalker "
    "mcnet hyperreenact heygen",
    "synthesis": "vqgan stylegan2 stylegan3 styleganxl sd21 ddim ddpm rddm pixart dit ditxl2 sit sitxl2 midjourney "
    "whichisreal",
    "editing": "collabdiff e4e stargan starganv2 styleclip",
}
_DF40_CATEGORY = {name: category for category, names in _DF40.items() for name in names.split()}
_REAL_FOLDERS = frozenset({"real", "reals", "ffreal", "celebreal", "youtubereal", "originalsequences"})
# Voice conversion of ASVspoof 2019 and 2021 LA; the other attacks start from text.
_CONVERSION = frozenset({"A05", "A06", "A17", "A18", "A19"})


def is_faceforensics(path: Path) -> bool:
    """Tell whether a folder is FaceForensics++ as downloaded."""
    return (path / "manipulated_sequences").is_dir() or (path / "original_sequences").is_dir()


def faceforensics(root: Path) -> list[Item]:
    """Read FaceForensics++ with DeepFakeDetection: ``…_sequences/<method>/<compression>/videos``.

    The actors' clips are another collection than those from YouTube: a source of their own. The two clips of a pair
    ``123_456`` were swapped both ways; all that comes from them is one group.
    """
    items = []
    for file in _files(root.glob("original_sequences/*/*/videos/*"), _VIDEO):
        items.append(_item(root, file, "real", "real", "", _faceforensics_source(file)))
    for file in _files(root.glob("manipulated_sequences/*/*/videos/*"), _VIDEO):
        method = file.parts[-4]
        if method not in _FACEFORENSICS:
            raise UsageError(f"{file}: {method!r} is no method of FaceForensics++ ({', '.join(_FACEFORENSICS)})")
        items.append(_item(root, file, "fake", _FACEFORENSICS[method], method, _faceforensics_source(file)))
    return _with_joined_pairs(items)


def _faceforensics_source(file: Path) -> str:
    return "deepfakedetection" if file.parts[-4] in ("actors", "DeepFakeDetection") else "faceforensics++"


def is_celeb_df(path: Path) -> bool:
    """Tell whether a folder is Celeb-DF as downloaded."""
    return (path / "Celeb-synthesis").is_dir() or (path / "Celeb-real").is_dir()


def celeb_df(root: Path) -> list[Item]:
    """Read Celeb-DF v1 or v2; a fake ``id3_id5_0001`` belongs to both people."""
    items = []
    for folder, label in (("Celeb-real", "real"), ("YouTube-real", "real"), ("Celeb-synthesis", "fake")):
        for file in _files((root / folder).rglob("*"), _VIDEO):
            fake = label == "fake"
            category, generator = ("replacement", "Celeb-DF synthesis") if fake else ("real", "")
            items.append(_item(root, file, "fake" if fake else "real", category, generator, "celeb-df"))
    return items


def is_dfdc(path: Path) -> bool:
    """Tell whether a folder, or the folders in it, are parts of DFDC."""
    return path.is_dir() and bool(_dfdc_parts(path))


def _dfdc_parts(path: Path) -> list[Path]:
    return sorted([*path.glob("metadata.json"), *path.glob("*/metadata.json")])


def dfdc(root: Path) -> list[Item]:
    """Read DFDC: ``metadata.json`` of each part names the label and, for a fake, the original it was made from."""
    items = []
    for metadata in _dfdc_parts(root):
        try:
            entries = json.loads(metadata.read_text(encoding="utf-8"))
            for name, entry in entries.items():
                fake = {"FAKE": True, "REAL": False}[entry["label"]]
                items.append(
                    Item(
                        path=(metadata.parent / name).absolute(),
                        label="fake" if fake else "real",
                        category="replacement" if fake else "real",
                        generator="DFDC" if fake else "",
                        source="dfdc",
                        group=Path((fake and entry.get("original")) or name).name,
                    )  # fmt: skip
                )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{metadata} is not a metadata.json of DFDC ({type(error).__name__}: {error})") from None
    return items


def is_df40(path: Path) -> bool:
    """Tell whether a folder holds folders named by methods of DF40."""
    return path.is_dir() and any(child.is_dir() and _plain(child.name) in _DF40_CATEGORY for child in path.iterdir())


def df40(root: Path) -> list[Item]:
    """Read DF40: folders named by method, real ones in folders named real; frames of one clip are one group."""
    items = []
    for file in _files(root.rglob("*"), _MEDIA):
        folders = [_plain(part) for part in file.relative_to(root).parts[:-1]]
        method = next((name for name in folders if name in _DF40_CATEGORY), "")
        if _REAL_FOLDERS & set(folders):
            items.append(_item(root, file, "real", "real", "", "df40"))
        elif method:
            items.append(_item(root, file, "fake", _DF40_CATEGORY[method], method, "df40"))
        else:
            raise UsageError(f"{file}: no folder on its path names a method of DF40 or is called 'real'")
    return items


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_asvspoof(path: Path) -> bool:
    """Tell whether a path is a protocol of ASVspoof 2019 or 2021 LA, or a folder that holds one."""
    return bool(_protocols(path))


def _protocols(path: Path) -> list[Path]:
    if path.is_file():
        return [path] if path.suffix == ".txt" and _trials(path) else []
    found = {*path.glob("**/*.cm.*.txt"), *path.glob("**/CM/trial_metadata.txt"), *path.glob("trial_metadata.txt")}
    return sorted(file for file in found if _trials(file))


def asvspoof(path: Path) -> list[Item]:
    """Read protocols of ASVspoof 2019 LA (``*.cm.*.txt``) and 2021 LA (``trial_metadata.txt``) with ``flac`` folders."""
    protocols = _protocols(path)
    places: dict[str, Path] = {}
    for folder in _near(path, protocols):
        places |= {file.stem: file for file in folder.glob("*.flac")}
    items = []
    for protocol in protocols:
        for speaker, utterance, system, key in _trials(protocol):
            fake = key == "spoof"
            category = ("replacement" if system in _CONVERSION else "synthesis") if fake else "real"
            items.append(
                Item(
                    path=places.get(utterance, protocol.parent / f"{utterance}.flac").absolute(),
                    label="fake" if fake else "real",
                    category=category,
                    generator=system if fake else "",
                    source=_edition(protocol, utterance),
                    group=speaker,
                )  # fmt: skip
            )
    return items


def _near(path: Path, protocols: Sequence[Path]) -> list[Path]:
    """Return every folder ``flac`` within the collection that a protocol belongs to."""
    if path.is_dir():
        return [path, *sorted(path.glob("**/flac"))]
    homes = [home for protocol in protocols for home in (protocol.parent, protocol.parent.parent)]
    return [folder for home in homes for folder in (home, *sorted(home.glob("**/flac")))]


def _edition(protocol: Path, utterance: str) -> str:
    year = "2021" if protocol.name == "trial_metadata.txt" or "2021" in protocol.name else "2019"
    part = {"T": "train", "D": "dev", "E": "eval"}.get(utterance.split("_")[1] if "_" in utterance else "", "")
    return " ".join(filter(None, ("asvspoof", year, part)))


def _trials(protocol: Path) -> list[tuple[str, str, str, str]]:
    """Return (speaker, utterance, system, key) of each line; empty if the file is no protocol with keys."""
    trials = []
    try:
        lines = protocol.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    for line in filter(str.strip, lines):
        words = line.split()
        place = next((n for n, word in enumerate(words) if word in ("bonafide", "spoof")), 0)
        if place < 3:
            return []
        trials.append((words[0], words[1], words[place - 1], words[place]))
    return trials


def _files(found: Iterable[Path], suffixes: frozenset[str]) -> Iterator[Path]:
    return (file for file in sorted(found) if file.suffix.lower() in suffixes and file.is_file())


def _item(root: Path, file: Path, label: Label, category: str, generator: str, source: str) -> Item:
    group = _group(file.relative_to(root))
    return Item(path=file.absolute(), label=label, category=category, generator=generator, source=source, group=group)


def _group(path: Path) -> str:
    """Return the ids in the innermost folder that is named by some (frames of a clip), else in the name, else the path."""
    for name in (*reversed(path.parts[:-1]), path.stem):
        ids = _ids(name)
        if ids:
            return AND.join(sorted(set(ids)))
    return path.as_posix()


def _ids(name: str) -> tuple[str, ...]:
    people = re.fullmatch(r"(id\d+)(?:_(id\d+))?_\d{4}", name)
    if people:
        return tuple(filter(None, people.groups()))
    actors = re.match(r"(\d\d)(?:_(\d\d))?__", name)
    if actors:
        return tuple(f"actor {one}" for one in actors.groups() if one)
    clips = re.fullmatch(r"(\d{3})(?:_(\d{3}))?", name)
    return tuple(filter(None, clips.groups())) if clips else ()


def _with_joined_pairs(items: list[Item]) -> list[Item]:
    """Give the two originals of a pair of clips the group of the pair, over chains of pairs if there are any."""
    above: dict[str, str] = {}

    def top(id: str) -> str:
        while above.setdefault(id, id) != id:
            id = above[id]
        return id

    for item in items:
        ids = item.group.split(AND)
        if item.source == "faceforensics++" and len(ids) > 1:
            first, *rest = sorted(map(top, ids))
            above |= dict.fromkeys(rest, first)
    members: dict[str, list[str]] = {}
    for id in sorted(above):
        members.setdefault(top(id), []).append(id)
    return [_regrouped(item, members.get(top(item.group.split(AND)[0]), [])) for item in items]


def _regrouped(item: Item, members: list[str]) -> Item:
    return replace(item, group=AND.join(members)) if members and item.source == "faceforensics++" else item
