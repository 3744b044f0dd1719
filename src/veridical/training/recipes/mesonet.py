"""Trains Meso-4, the small network of 2018, on pictures: a yardstick for every other network.

    veridical train mesonet PICTURES OUT [--fold A B C D none] [--squares FOLDER] ...

PICTURES holds ``manifest.csv`` (file, label, source, generator, group) and the pictures. For each fold that is kept back, a
network learns from the others and judges it under four conditions: OUT/scores.csv. The network and its log lie in OUT/FOLD,
the card in OUT. The architecture is that of the paper; the data, the histories and the schedule are those of this project.
"""

from __future__ import annotations

import argparse
from typing import Any

from .. import cards, picture_runs
from ..recipe import Tell, as_script

NEEDS = ("torch", "onnx")
_SIDE = 256


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Name what the recipe takes."""
    picture_runs.add_arguments(parser, steps=1500, batch=32, rate=1e-3)


def run(given: argparse.Namespace, tell: Tell | None = None) -> cards.Made:
    """Train and judge."""

    def make() -> Any:
        from ..nets.mesonet import Meso4

        return Meso4()

    settings = picture_runs.settings_of(given)
    stick = picture_runs.Yardstick("mesonet", make, _SIDE, cropped=False, settings=settings, batch=given.batch)
    return picture_runs.run(given, stick, tell)


if __name__ == "__main__":
    as_script("mesonet")
