import json
from pathlib import Path

import numpy as np
import pytest

from veridical import catalogue
from veridical.errors import DeclarationError
from veridical.evidence import population
from veridical.evidence.population import ALL, BINS, FEWEST, bin_of, summarise


@pytest.fixture
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "populations.json"
    monkeypatch.setattr(population, "FILE", path)
    population._table.cache_clear()
    yield path
    population._table.cache_clear()


def write(path: Path, rows: list[tuple[float, str, str]]) -> None:
    entry = summarise(rows, {"step": 2})
    path.write_text(json.dumps({"format": population.FORMAT, "populations": {"spatial.sky": entry}}))


def test_the_condition_of_a_file_is_its_format_and_quality() -> None:
    assert [bin_of("jpeg", q) for q in (10, 79, 80, 92, 93, 100)] == [
        BINS[0], BINS[0], BINS[1], BINS[1], BINS[2], BINS[2],
    ]  # fmt: skip
    assert bin_of("png", None) == bin_of("webp", 80) == BINS[3]


def test_quantiles_are_those_of_the_values(table: Path) -> None:
    values = np.random.default_rng(0).normal(size=500)
    write(table, [(float(v), BINS[1], f"s{i % 3}") for i, v in enumerate(values)])
    found = population.of("spatial.sky", {"step": 2}, BINS[1])
    assert found is not None
    assert (found.files, found.sources, len(found.quantiles)) == (500, 3, 101)
    np.testing.assert_allclose(found.quantiles[50], np.median(values), rtol=1e-4)
    assert (found.quantiles[0], found.quantiles[100]) == pytest.approx((values.min(), values.max()), rel=1e-4)


def test_a_condition_with_few_files_falls_back_on_all_and_says_so(table: Path) -> None:
    rows = [(1.0, BINS[0], "a")] * (FEWEST - 1) + [(2.0, BINS[1], "b")] * FEWEST
    write(table, rows)
    few = population.of("spatial.sky", {"step": 2}, BINS[0])
    assert few is not None
    assert few.files == 2 * FEWEST - 1
    assert few.condition == population._WORDS[ALL]


def test_a_condition_that_one_collection_makes_up_falls_back_on_all(table: Path) -> None:
    rows = [(1.0, BINS[0], "a")] * (2 * FEWEST) + [(2.0, BINS[1], "b")] * FEWEST + [(2.0, BINS[1], "c")] * FEWEST
    write(table, rows)
    alone, shared = (population.of("spatial.sky", {"step": 2}, name) for name in BINS[:2])
    assert alone is not None and shared is not None
    assert (alone.condition, shared.condition) == (population._WORDS[ALL], population._WORDS[BINS[1]])
    # a table that was made before holds such a condition
    plain = json.loads(table.read_text())
    held = plain["populations"]["spatial.sky"]["conditions"]
    held[BINS[0]] = {"quantiles": [1.0] * 101, "files": 80, "sources": 1}
    table.write_text(json.dumps(plain))
    population._table.cache_clear()
    assert population.of("spatial.sky", {"step": 2}, BINS[0]) == alone


def test_there_is_none_under_other_settings_or_without_a_table(table: Path) -> None:
    assert population.of("spatial.sky", {"step": 2}, ALL) is None
    population._table.cache_clear()
    write(table, [(1.0, BINS[0], "a")] * FEWEST)
    assert population.of("spatial.sky", {"step": 3}, ALL) is None
    assert population.of("spatial.sea", {"step": 2}, ALL) is None
    assert population.of("spatial.sky", {"step": 2}, ALL) is not None


@pytest.mark.parametrize("text", ["", "{}", '{"format": 99, "populations": {}}'])
def test_a_damaged_table_is_a_declaration_error(table: Path, text: str) -> None:
    table.write_text(text)
    with pytest.raises(DeclarationError, match="not a table of populations"):
        population.of("spatial.sky", {}, ALL)


def test_the_shipped_table_fits_the_catalogue() -> None:
    """A table whose settings are no longer the defaults would silently show nothing."""
    known = catalogue.load().examinations
    for id, entry in population._table().items():
        assert entry["settings"] == dict(known[id].knobs), f"{id}: run make populations again"
        for one in entry["conditions"].values():
            assert len(one["quantiles"]) == 101
            assert one["quantiles"] == sorted(one["quantiles"])
            assert one["files"] >= FEWEST
