"""What the page of bench/pictures.py says before and after its figures."""

from __future__ import annotations

WORDS = {"native": "native", "jpeg_75": "JPEG 75", "half": "half size", "common": "common"}
MAIN = (
    "ensemble", "image_net", "pixel_net", "face_net", "neuron_coverage", "embedding_length", "locality_autoencoder",
)  # fmt: skip
YARDSTICKS = ("clip_probe", "lite0", "mesonet")
HAS = {
    "ensemble": "the plain mean of the four members below, each standardised",
    "image_net": "member: mean of pixel_net and picture_head",
    "picture_head": "CLIP at several depths, directions relative to how sources differ",
    "blend_boundary": "the boundary of the same network as face_net",
    "pixel_net": "tiles of native pixels, first blocks of a pretrained network, direction learned within pairs",
    "neuron_coverage": "member: layer statistics of a pretrained face network, a direction learned on them",
    "embedding_length": "member: length of the same network's descriptor; nothing learned from fakes",
    "locality_autoencoder": "member: autoencoder of faces with a split code, from scratch, taught with blends and fakes",
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

**What is reached.** Of all synthesis the ensemble ranks clearly better than a linear head on CLIP, a fine-tuned
EfficientNet-Lite0 and MesoNet's architecture that learned from the same pictures, under every condition. None of the goals
is reached: not 0.92 laundered, not 0.97 on pairs of equal format, and not 2 % of each real source. On the pairs of equal
format the ensemble is at chance; the best there, *lite0*, a yardstick, reaches about 0.75 with an interval from 0.60 on.

**What limits it.** Fifteen collections, most of one label: what tells collections apart tells labels apart, and turns round
on others (see *nuisances, other folds*). Fold A brings portraits of the StyleGAN family beside FFHQ, the photographs that
they were learned from: FFHQ is what is flagged wrongly. Detectors that see faces alone say nothing of the scenes among
`kurlyto`, `laboratoriet` and `dexer1`, where only *image_net* speaks, and it knows next to nothing within a source.

**What brings it.** The strongest single detector, *embedding_length*, learned nothing from fakes: generated portraits are
more typical faces than photographed ones. It is no sign of synthesis as such: good portraits lie high too.
*neuron_coverage* carries fold B and C, *embedding_length* fold A; *locality_autoencoder* brings nothing on folds A to C.
Put together with equal weights they rank more evenly over the folds than any alone. Weights that follow what each member
was worth were tried by leaving out one fold after the other; they were not better by 0.01, so that the plain mean stays. On
faces *image_net* takes a little off; without it, pictures without a face would not be judged. **Edits** by AttGAN are not
seen: within their source all detectors are near chance, and what ranks them within fold D is that its other real pictures
are grey.

**Single ideas**, each measured for itself, most by the mean over folds and conditions ([image_net](../models/image_net.md),
[picture_head](../models/picture_head.md)): pretrained first blocks as they are 0.70; taught further on pairs of one size and
history 0.72; with what a blur takes off the pixels as input 0.75; first convolution without a stride, so that no pixel is
skipped, 0.65; pairs of photographs and their copies through autoencoders, enlargers and interpolation 0.56 alone, 0.54 joined
to pairs of real and generated pictures; one tile 0.66, four 0.70, twelve 0.72; CLIP's embedding alone 0.72, with four of its
depths 0.76; random histories before learning 0.76 in the mean of the folds, as without, but 0.68 instead of 0.65 over all
folds together; pixels and whole put together 0.77. Blends of real faces teach nothing about generated ones (0.4 to 0.5).

**face_net is no member.** It was taught with blends of real faces, and that generated faces are none: it scores these lower
than real ones. Before it was trained
longer: with equal weights it took 0.02 off the ensemble; joined as a second hypothesis (either generated or pasted,
with ratios learned from swaps of the other folds) it took off up to 0.13, as UTKFace is flagged. It stands beside the
ensemble in the report. On swaps: [blending.md](blending.md).

**How honest it is.** Each value is of models that have not seen the fold, but the form of the detectors was chosen by
looking at these folds, *embedding_length* among them: their figures are too good rather than too bad. The ensemble's
weights for a fold come from scores of the others; the networks behind these had that fold among what they learned from.
*TPR at 1 %* and shares of sources of ten pictures say little. *image_net* here reads four tiles a picture, the program up
to 64, and its values were put together from *pixel_net* and *picture_head* by the rule that is shipped.

*clip_probe*, *mesonet* and *lite0* are yardsticks that learned from the same pictures by the same folds, through random
histories (`training/launder.py`) and no test condition: *mesonet* 150 steps of 32 pictures, *lite0* 60 of 24, on few
minutes of one core; folds A to C alone. The penalty of *clip_probe* was chosen on the other folds. *Nuisances* are boosted
trees that see no picture: of the files as published their size, format, coding, metadata and mean colours; under the other
conditions size, bits a pixel when coded once more, and mean colours. *Other pictures*: learned from pictures of the same
sources; *other folds*: from other sources and generators, as the detectors are.
""".splitlines()
