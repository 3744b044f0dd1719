"""What the page of bench/pictures.py says before and after its figures."""

from __future__ import annotations

WORDS = {"native": "native", "jpeg_75": "JPEG 75", "half": "half size", "common": "common"}
MAIN = (
    "ensemble", "image_net", "pixel_net", "face_net", "neuron_coverage", "embedding_length", "locality_autoencoder",
)  # fmt: skip
YARDSTICKS = ("clip_probe", "lite0", "mesonet")
HAS = {
    "ensemble": "the plain mean of five detectors, each standardised",
    "pixel_net": "tiles of native pixels, first blocks of a pretrained network, direction learned within pairs",
    "neuron_coverage": "layer statistics of a pretrained face network, a direction learned on them",
    "embedding_length": "length of the same network's descriptor; nothing learned from fakes",
    "locality_autoencoder": "faces alone, from scratch: autoencoder with a split code, taught with blends and generated faces",
    "face_net": "faces alone, taught with blends of real faces, no generated ones",
    "clip_probe": "yardstick: frozen CLIP embedding of the whole picture, linear head",
    "mesonet": "yardstick: MesoNet's architecture, whole picture at 256 px, from scratch",
    "lite0": "yardstick: EfficientNet-Lite0, whole picture at 224 px, all weights trained on",
}
"""What each statistic has that the others lack; the rows of the ablation."""

HEAD = """# Pictures: generated and edited ones

Written by `python bench/pictures.py` (its steps stand in its head). Every value is of a model that has seen nothing of the
fold, neither its sources nor its generators (`training/pictures.py`). Both labels come through the same: *native* as they
are, *JPEG 75*, *half size* then JPEG 60 to 95, and *common*, the middle square at 256 px, then JPEG 60 to 95, the quality
drawn from the name of the file. Only in *common* does the size of a picture say nothing; pictures under 256 px are not in
it. A higher value speaks for a fake; nothing is turned round, so that an AUC below 0.5 points the wrong way.

In brackets are 90 % intervals when groups of pictures are drawn again (a picture that names no group is one). *Sources drawn
again* is the interval of the AUC when whole sources are drawn: it says how far the figure could lie on other collections, and
there are few. *Mean of folds* is the mean AUC of folds A to C. *AP* depends on the share of fakes. *TPR at 1 %* rests on
three or fewer real pictures. *Cllr_min* is the cost, in bits, of the best calibration of these very pictures; *Cllr* that of
one by logistic regression on the other folds: above 1 it is worse than saying nothing.
""".splitlines()

TAIL = """## How to read it

*clip_probe*, *mesonet* and *lite0* are yardsticks that learned from the same pictures by the same folds, through random
histories (`training/launder.py`) and no test condition. *Nuisances* are boosted trees that see no picture: of the files as
published their size, format, coding, metadata and mean colours; under the other conditions size, bits a pixel when coded once
more, and mean colours. *Other pictures*: learned from pictures of the same sources; *other folds*: from other sources and
generators, as the detectors are.
""".splitlines()
