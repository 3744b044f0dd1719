"""What do the project's own detectors of generated pictures say together?

Method
------
Each detector that could judge the picture gives its value: ``learned.image_net`` (the pixels, and the look of the whole
picture), ``learned.neuron_coverage`` and ``learned.embedding_length`` (how a network for recognition answers to a face) and
``learned.locality_autoencoder`` (how a face is encoded). Each value is brought to robust standard deviations of real pictures,
bounded so that no detector decides alone, and to the log-odds that it was worth on pictures of sources and generators that the
networks had not seen. The value is their sum. A detector that says nothing, as there is no face or a model is not installed,
adds nothing. How far weights follow what each detector was worth, or are alike, was decided by leaving out one group of
sources and generators after the other. ``learned.face_net`` is told beside them and not weighed: it looks for pasted faces, was
taught that a generated face is nothing pasted, and scores such faces lower than real ones.

What a high value means
-----------------------
The detectors' values together lie where those of generated pictures lay oftener than those of real ones. The number is a sum of
natural logarithms of ratios that were fitted with few sources; 0 is no border, and only a calibration table weighs it.

What it cannot see
------------------
What none of its members sees: see each. Faces pasted into real pictures: see ``learned.face_net``; edited faces. Pictures of
generators unlike those that were learned from. Without a face only one member speaks, and within one collection of pictures
it was near chance. Members agree in part because they look at the same face: agreement is no independent proof.

Also caused by
--------------
- good portraits: of real sources FFHQ was flagged most, one picture in five at a border that 2 % of others pass
- whatever else raises several members at once: retouching, smooth skin, beauty filters, enlargement
- kinds of pictures that were not among those learned from: drawings, renderings, scans, text

Needs
-----
A still image that at least one of the members can judge. Without a face of at least 24 pixels between the eyes only
``learned.image_net`` speaks.

References
----------
- J. Kittler, M. Hatef, R. P. W. Duin, J. Matas, "On Combining Classifiers", IEEE Transactions on Pattern Analysis and Machine
  Intelligence 20, 1998.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...errors import NotApplicable
from ...finding import Measurement, Scalar, Table
from ...knowledge.ensemble import Ensemble, ensemble
from ...knowledge.image_net import fused
from ...knowledge.neuron_coverage import neuron_norms
from ...knowledge.picture_head import picture_head
from ...media.image import Image
from ...perception.face_code import FaceCodes
from ...perception.face_layers import FaceAnswers
from ...perception.face_masks import FaceMasks
from ...perception.picture_encoding import PictureEncoding
from ...perception.picture_traces import PictureTraces

BRANCH = "classification"
DETECTS = ("synthesis",)
DEMO = "lab.ideal.face"


def examine(
    image: Image,
    traces: PictureTraces | None,
    encoding: PictureEncoding | None,
    answers: FaceAnswers | None,
    codes: FaceCodes | None,
    masks: FaceMasks | None,
) -> Measurement:
    """Put together what the detectors say of one picture; each that is not applicable adds nothing.

    Parameters
    ----------
    image
        The picture.
    traces, encoding
        What the networks for whole pictures say.
    answers, codes
        What the networks for faces say of the largest faces; of several, the highest counts.
    masks
        What the network for blends says of them; told, not weighed.

    Raises
    ------
    NotApplicable
        If no detector judged it.
    """
    values = measured(traces, encoding, answers, codes)
    weighed = ensemble()
    parts = weighed.parts(values)
    missing = [one.name for one in weighed.members if one.name not in parts]
    if not parts:
        raise NotApplicable(f"none of the detectors could judge the picture: {', '.join(missing)}")
    value = float(sum(parts.values()))
    blend = max((one.score for one in masks.masks), default=None) if masks else None
    facts: dict[str, Scalar] = {f"log-odds of {name}": round(part, 3) for name, part in parts.items()}
    half = traces is not None and encoding is None
    facts |= {
        "detectors": len(parts), "missing": ", ".join(missing) or "none",
        "face_net, not weighed": None if blend is None else round(blend, 3),
    }  # fmt: skip
    return Measurement(
        value=value, unit="ln of a ratio, before calibration", observation=_observation(value, parts, missing),
        exhibits=(_table(weighed, values, parts, blend),), facts=facts,
        limits=_limits(weighed, parts, missing, half=half),
        partial=", ".join([*missing, *(["half of image_net"] if half else [])]),
    )  # fmt: skip


def measured(
    traces: PictureTraces | None, encoding: PictureEncoding | None, answers: FaceAnswers | None, codes: FaceCodes | None
) -> dict[str, float | None]:
    """Return the value of each detector as its own examination gives it, by name; None where it gives none."""
    norms = neuron_norms()
    faces = answers.answers if answers else ()
    whole = None if encoding is None else float(picture_head().log_odds(encoding.vector))
    return {
        "image_net": None if traces is None else fused(traces.value, whole),
        "neuron_coverage": max(
            (float(norms.shares(one.coverage, one.unevenness).sum()) for one in faces), default=None
        ),
        "embedding_length": max((norms.length_value(one.embedding) for one in faces), default=None),
        "locality_autoencoder": max((one.fake - one.real for one in codes.codes), default=None) if codes else None,
    }  # fmt: skip


def _observation(value: float, parts: Mapping[str, float], missing: list[str]) -> str:
    if len(parts) == 1:
        said = f"{next(iter(parts))} alone spoke: log-odds of {value:+.2f}"
    else:
        most = max(parts, key=lambda name: abs(parts[name]))
        said = f"{len(parts)} detectors add up to log-odds of {value:+.2f}; the largest part is {parts[most]:+.2f}, of {most}"
    return f"{said}, before calibration{'; missing: ' + ', '.join(missing) if missing else ''}."


def _table(
    weighed: Ensemble, values: Mapping[str, float | None], parts: Mapping[str, float], blend: float | None
) -> Table:
    rows = []
    for one in weighed.members:
        value = values.get(one.name)
        if one.name in parts and value is not None:
            rows.append(
                (
                    one.name,
                    f"{value:+.3g}",
                    f"{one.standardised(value):+.2f}",
                    f"{one.slope:.2f}",
                    f"{parts[one.name]:+.2f}",
                )
            )
        else:
            rows.append((one.name, "not measured", "–", f"{one.slope:.2f}", "0"))
    if blend is not None:
        rows.append(("face_net", f"{blend:+.3g}", "–", "not weighed", "0"))
    return Table(
        name="What each detector adds",
        columns=("detector", "its value", "in standard deviations of real pictures", "weight", "log-odds added"),
        rows=tuple(rows),
        caption="A value at the border, half-way between real pictures and fakes, adds 0; above it speaks for a fake.",
    )  # fmt: skip


def _limits(weighed: Ensemble, parts: Mapping[str, float], missing: list[str], *, half: bool) -> tuple[str, ...]:
    real, fake = weighed.pictures
    limits = [
        f"Weighed with {real} real and {fake} generated or edited pictures, no swaps, by networks that had seen neither their "
        "sources nor their generators; how well it told them apart stands in docs/validation/pictures.md."
    ]
    if missing:
        limits.append(
            f"Missing: {', '.join(missing)}. The value rests on {len(parts)} of {len(weighed.members)} detectors."
        )
    if half:
        limits.append(
            "Of image_net only the pixels spoke (the model clip.b16 is not installed): it was weighed with both halves, "
            "and its part is less sure than its weight says."
        )
    return tuple(limits)
