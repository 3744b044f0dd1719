"""Do some of the 63 frequencies of 8 × 8 blocks hold more, or less, than their neighbours predict?

Method
------
The luminance is cut into blocks of 8 × 8 pixels from the upper left corner, and each block is transformed by the orthonormal
discrete cosine transform (DCT-II). For each of the 63 frequencies beyond the mean, β is the standard deviation over all
blocks divided by √2: the scale of a Laplace distribution. In photographs log β falls smoothly with frequency. It is fitted,
with Huber weights, by a quadratic in the logarithm of the radial frequency whose level and slope may vary with direction.
The value is the largest absolute departure of a β from that surface, as a natural logarithm (0.1 is about a tenth).
Frequencies that cannot be judged are left out: in a JPEG those of which the quantisation table sets nine in ten coefficients to
zero, and in any file those with β between 0.03 and 0.35, the range of rounding to whole steps. A β below 0.03 is less than
rounding leaves and counts as 0.02.

Beside that, without entering the value, β is set against photographs of the same condition (JPEG quality), and against the
known generators measured there: distances in standard units of the spread within groups, and for the nearest generator the
frequencies in which its mean β departs most from that of photographs, χ = (β generator − β photographs)² / β photographs
(GAN-specific frequencies).

What a high value means
-----------------------
Single frequencies are missing or in excess, as after up-sampling inside a generator or enlarging by a fixed factor: doubling by
repeating pixels empties the fourth row and column of the block.

What it cannot see
------------------
- which part of the picture is concerned: it is one figure for the whole
- frequencies that JPEG compression removed
- generators whose last layers leave a smooth spectrum
- anything after cropping off the 8 × 8 grid followed by another compression

Also caused by
--------------
- enlarging by a viewer, phone zoom or web site
- an earlier JPEG compression that this file's own table does not show
- strictly regular texture: fabric, screens, printed dots, lattices
- drawings, screenshots and lettering

Needs
-----
A picture of at least 256 × 256 pixels, better 512 × 512, with at least 16 frequencies that can be judged. A
heavily compressed JPEG does not qualify.

References
----------
- O. Giudice, L. Guarnera, S. Battiato, "Fighting Deepfakes by Detecting GAN DCT Anomalies", Journal of Imaging 7(8):128, 2021.
- E. Y. Lam, J. W. Goodman, "A Mathematical Analysis of the DCT Coefficient Distributions for Images", IEEE Transactions on
  Image Processing, 2000.
"""

from __future__ import annotations

import numpy as np

from ...errors import NotApplicable
from ...finding import Map, Measurement, Table
from ...knowledge.references import Reference, condition_of, nearest, reference
from ...media.image import Image
from ...signals.dct import block_scales
from ...signals.robust import huber_fit
from ...signals.traces import block_features

BRANCH = "forensics"
DETECTS = ("synthesis",)
DEMO = "lab.synthesis.upsample"

_SMALLEST = 256
_RECOMMENDED = 512
_FEWEST = 16
_ROUNDING = (0.03, 0.35)
_FLOOR = 0.02
_FEATURE = "block frequencies"
_MOST_GROUPS, _MOST_CHI = 6, 5
_ROW, _COLUMN = np.meshgrid(np.arange(8.0), np.arange(8.0), indexing="ij")


def examine(image: Image, *, zeroed: float = 0.9) -> Measurement:
    """Measure how far a block frequency departs from a smooth surface through all of them.

    Parameters
    ----------
    image
        The picture.
    zeroed
        Share of coefficients that the file's own quantisation table may set to zero before a frequency is left out.

    Raises
    ------
    NotApplicable
        If the picture is too small, or compression or flatness leaves too few frequencies to judge.
    """
    if min(image.height, image.width) < _SMALLEST:
        raise NotApplicable(
            f"the picture has {image.width} × {image.height} pixels; block frequencies need {_SMALLEST} × {_SMALLEST}"
        )
    table = None if image.jpeg is None else image.jpeg.tables[image.jpeg.component_tables[0]]
    beta, zeros = block_scales(image.pixels, table)
    judged = _judged(beta, zeros, zeroed)
    count = int(judged.sum())
    if count < _FEWEST or bool((beta[judged] < _ROUNDING[0]).mean() > 0.5):
        raise NotApplicable(_reason(image, beta, count))
    departure = _departure(beta, judged)
    u, v = np.unravel_index(int(np.nanargmax(np.abs(departure))), (8, 8))
    strongest = float(departure[u, v])
    features = block_features(beta)
    condition = condition_of(None if image.jpeg is None else image.jpeg.quality, image.width, image.height)
    known = reference(condition, _FEATURE)
    return Measurement(
        value=abs(strongest), unit="ln",
        observation=(
            f"Of {count} block frequencies that can be judged, the one at row {u}, column {v} departs most from a smooth "
            f"fall: its β is {beta[u, v]:.3g}, {np.exp(strongest):.2f} times what the others predict."
        ),
        exhibits=(
            *_maps(beta, departure), *((_against(features, known),) if known else ()), _strongest(beta, departure),
            *(_neighbours(features, known) if known else ()),
        ),
        facts={
            "frequencies judged": count, "row": int(u), "column": int(v),
            "root mean square departure": round(float(np.sqrt(np.nanmean(departure**2))), 4),
            "JPEG quality": None if image.jpeg is None else image.jpeg.quality, "condition": condition,
        },
        limits=_limits(image, count), features=features,
    )  # fmt: skip


def _judged(beta: np.ndarray, zeros: np.ndarray, zeroed: float) -> np.ndarray:
    judged = (zeros < zeroed) & ((beta > _ROUNDING[1]) | (beta < _ROUNDING[0]))
    judged[0, 0] = False
    return np.asarray(judged)


def _reason(image: Image, beta: np.ndarray, count: int) -> str:
    if image.jpeg is not None and count < _FEWEST:
        return (
            f"JPEG compression (quality about {image.jpeg.quality}) leaves {count} of 63 block frequencies to judge; "
            f"{_FEWEST} are needed"
        )
    varied = int((beta.ravel()[1:] > _ROUNDING[1]).sum())
    return (
        f"{varied} of 63 block frequencies vary more than rounding does; {_FEWEST} are needed, and half of those judged"
    )


def _departure(beta: np.ndarray, judged: np.ndarray) -> np.ndarray:
    """Natural logarithm of β less the smooth surface; NaN where not judged."""
    radius = np.log(np.hypot(_ROW, _COLUMN)[judged])
    angle = np.arctan2(_ROW, _COLUMN)[judged]
    turn, cross = np.cos(2 * angle), np.cos(4 * angle)
    design = np.stack([np.ones_like(radius), radius, radius**2, turn, turn * radius, cross, cross * radius], axis=1)
    y = np.log(np.maximum(beta[judged], _FLOOR))
    residual = y - design @ huber_fit(design, y, rounds=20)
    out = np.full((8, 8), np.nan)
    out[judged] = residual
    return out


def _limits(image: Image, count: int) -> tuple[str, ...]:
    limits = []
    if count < 63:
        limits.append(f"{63 - count} of 63 frequencies could not be judged: compression or rounding set them.")
    if min(image.height, image.width) < _RECOMMENDED:
        limits.append(f"Below {_RECOMMENDED} × {_RECOMMENDED} pixels the picture's content weighs more.")
    return tuple(limits)


def _maps(beta: np.ndarray, departure: np.ndarray) -> tuple[Map, Map]:
    shown = np.log10(np.maximum(beta, _FLOOR)).astype(np.float32)
    shown[0, 0] = np.nan
    return (
        Map(
            name="Departure of each block frequency", values=departure.astype(np.float32), unit="ln", low=-1.0, high=1.0,
            overlay=False, diverging=True,
            caption="Rows: vertical frequency 0–7, columns: horizontal; the smooth surface is the middle of the scale. "
            "Frequencies that cannot be judged are left empty.",
        ),
        Map(
            name="β of each block frequency", values=shown, unit="log10 of steps of 255", low=-2.0, high=2.0,
            overlay=False, caption="Rows: vertical frequency 0–7, columns: horizontal. The mean (upper left) is left out.",
        ),
    )  # fmt: skip


def _strongest(beta: np.ndarray, departure: np.ndarray) -> Table:
    order = np.argsort(-np.abs(np.nan_to_num(departure)).ravel())[:5]
    rows = []
    for index in order:
        u, v = divmod(int(index), 8)
        away = float(departure[u, v])
        if np.isfinite(away):
            rows.append((str(u), str(v), f"{beta[u, v]:.3f}", f"{beta[u, v] / np.exp(away):.3f}", f"{away:+.3f}"))
    return Table(
        name="Strongest departures", columns=("row", "column", "β", "β of the smooth surface", "departure (ln)"),
        rows=tuple(rows),
    )  # fmt: skip


def _against(features: np.ndarray, known: Reference) -> Map:
    """Set β against the median photograph of the same condition."""
    values = np.full(64, np.nan, np.float32)
    values[1:] = features - known.median[_FEATURE]
    ends = float(np.median(known.high[_FEATURE] - known.low[_FEATURE]) / 2)
    return Map(
        name=f"β against photographs: {known.condition}", values=values.reshape(8, 8), unit="ln", low=-2.0, high=2.0,
        overlay=False, diverging=True,
        caption=f"Above 0: more than the median of {known.photographs.count} photographs of this condition; eight in ten "
        f"of them stay within about ± {ends:.1f}. How much texture a picture shows moves all frequencies together.",
    )  # fmt: skip


def _neighbours(features: np.ndarray, known: Reference) -> tuple[Table, ...]:
    """List the nearest groups, and what sets the nearest generator apart from photographs."""
    found = nearest(known, {_FEATURE: features})
    groups = Table(
        name=f"Nearest groups by block frequencies: {known.condition}",
        columns=("group", "source", "pictures", "distance (standard units)"),
        rows=tuple((g.name, g.source, str(g.count), f"{distance:.2f}") for g, distance in found[:_MOST_GROUPS]),
        caption="Distance of ln β from the mean of each group. The nearest of the known groups need not be the right one.",
    )  # fmt: skip
    generators = [group for group, _ in found if not group.real]
    if not generators:
        return (groups,) if found else ()
    made, real = (np.exp(one.mean[_FEATURE]) for one in (generators[0], known.photographs))
    chi = (made - real) ** 2 / real
    rows = [
        (str((i + 1) // 8), str((i + 1) % 8), f"{chi[i] / chi.max():.2f}", f"{made[i]:.2f}", f"{real[i]:.2f}",
         f"{np.exp(features[i]):.2f}")
        for i in np.argsort(-chi)[:_MOST_CHI].tolist()
    ]  # fmt: skip
    return groups, Table(
        name=f"What sets {generators[0].name} apart from photographs", rows=tuple(rows),
        columns=("row", "column", "χ / largest χ", "β of the generator", "β of photographs", "β here"),
        caption="GAN-specific frequencies of the nearest generator, from the means of its pictures: they describe a set of "
        "pictures, not this one.",
    )  # fmt: skip
