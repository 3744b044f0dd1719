"""The table of generators: kinds are where their pictures are, and what is far from all is unknown."""

from __future__ import annotations

import numpy as np

from veridical.knowledge.image_net import REAL, UNKNOWN, GeneratorClouds
from veridical.training.generator_clouds import clouds


def rows(label: str, source: str, count: int) -> list[dict[str, str]]:
    return [{"file": f"{source}{n}", "label": label, "source": source} for n in range(count)]


def test_new_pictures_find_their_kind_and_others_are_unknown():
    random = np.random.default_rng(0)
    centres = {"ffhq": [0, 0, 0, 0], "sd14": [30, 0, 0, 0], "nanobanana": [0, 0, 40, 0], "dexer1": [5, 5, 5, 5]}
    scale = np.array([1, 5, 2, 0.5])
    given = [
        *rows("real", "ffhq", 80),
        *rows("fake", "sd14", 60),
        *rows("fake", "nanobanana", 50),
        *rows("fake", "dexer1", 9),
    ]
    features = np.array([centres[row["source"]] for row in given]) + random.normal(0, 1, (len(given), 4)) * scale
    made = clouds(features, given)
    assert list(made["names"]) == [REAL, "Stable Diffusion 1.4", "Gemini image"] and list(made["counts"]) == [
        80,
        60,
        50,
    ]
    table = GeneratorClouds(
        names=tuple(made["names"]), means=made["means"], middle=made["middle"], axes=made["axes"], gates=made["gates"],
        counts=tuple(made["counts"]),
    )  # fmt: skip

    def share(centre: list[float], name: str) -> float:
        new = np.array(centre) + random.normal(0, 1, (200, 4)) * scale
        return float(np.mean([table.nearest_generator(table.distances(one)) == name for one in new]))

    assert share([30, 0, 0, 0], "Stable Diffusion 1.4") > 0.85
    assert share([0, 0, 40, 0], "Gemini image") > 0.85
    assert share([0, 0, 0, 0], UNKNOWN) > 0.95  # a photograph has no generator
    assert share([0, 200, 0, 0], UNKNOWN) == 1.0


def test_distances_do_not_depend_on_the_scale_of_a_feature():
    random = np.random.default_rng(1)
    given = [*rows("real", "ffhq", 50), *rows("fake", "sd14", 50)]
    features = random.normal(0, 1, (100, 3)) + np.repeat([[0, 0, 0], [6, 0, 0]], 50, 0)
    gates = [clouds(features * scale, given)["gates"] for scale in (1.0, 100.0)]
    np.testing.assert_allclose(*gates, rtol=1e-3)
