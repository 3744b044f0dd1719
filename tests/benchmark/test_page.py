"""The page of a run: what it says, in which order, what it must not hold; and in a browser at two widths."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from veridical.benchmark import results
from veridical.benchmark.page import write_report
from veridical.benchmark.rows import Row
from veridical.benchmark.thumbnails import SIDE, thumbnails
from veridical.errors import UsageError

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, planted: list[Row]) -> Path:
    """Write the folder of a run with two chains, one of which lost a file, over media that holds one picture."""
    tmp_path = tmp_path_factory.mktemp("page")
    rows = [row for row in planted if row.path < "060.jpg"]
    nasty = [replace(row, generator="<script>alert(1)</script>") if row.generator == "g2" else row for row in rows]
    common = [replace(row, chain="common") for row in nasty if row.path < "040.jpg"]
    media = tmp_path / "media"
    media.mkdir()
    pixels = np.zeros((300, 400, 3), np.uint8)
    for row in nasty[:160:8]:
        PIL.Image.fromarray(pixels).save(media / row.path)
    out = tmp_path / "run"
    out.mkdir()
    results.write_rows(out, [*nasty, *common])
    lost = {"path": "050.jpg", "chain": "common", "type": "NotApplicable", "problem": "the short side has 90 px"}
    results.write_lines(out / results.ERRORS, [lost | {"remedy": ""}])
    results.write_json(out / results.REQUEST, {"request": {"version": "9.8.7"}, "about": {"root": str(media)}})
    return out


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    return write_report(folder)


def test_weakest_first_with_intervals_nuisances_reasons_and_misleading_files(folder: Path, file: Path) -> None:
    page = file.read_text()
    cards = re.findall(r'<section class="card" id="([^"]+)"', page)
    assert cards[-1] == "spatial.planted" and set(cards[:2]) == {"spatial.useless", "temporal.picky"}
    assert "Applicability differs by label" in page
    assert "the face is … px wide; at least … px are needed" in page
    assert "the short side has … px" in page
    assert page.count('class="nuisance"') > 6 and page.count('class="whisker"') > 6
    assert "Real files with the highest values" in page and "veridical 9.8.7" in page
    assert str(folder.parent) not in page


def test_nothing_of_the_rows_becomes_markup_and_nothing_is_loaded(file: Path) -> None:
    page = file.read_text()
    assert "<script" not in page and "&lt;script&gt;" in page
    assert "default-src 'none'" in page and not re.search(r"(src|href)=\"https?:", page)
    assert " style=" not in page  # the policy would refuse it


def test_thumbnails_stay_out_where_the_page_leaves_the_machine(folder: Path, file: Path, tmp_path: Path) -> None:
    assert "data:image/jpeg" in file.read_text()
    other = shutil.copytree(folder, tmp_path / "other")
    assert "data:image" not in write_report(other, thumbnails=False).read_text()


def test_json_and_csv_lie_beside_the_page(file: Path) -> None:
    assert file.with_name("table.json").stat().st_size > 1000
    assert file.with_name("table.csv").read_text().startswith("id,chain,level,name,n_real,n_fake,")


def test_a_folder_without_a_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="veridical benchmark"):
        write_report(tmp_path)


def test_a_thumbnail_is_small_and_a_missing_file_has_none(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (600, 300), (250, 10, 10)).save(tmp_path / "a.png")
    found = thumbnails(tmp_path, ["a.png", "gone.png"])
    assert list(found) == ["a.png"]
    (tmp_path / "small.jpg").write_bytes(found["a.png"])
    with PIL.Image.open(tmp_path / "small.jpg") as picture:
        assert picture.size == (SIDE, SIDE // 2)
        assert picture.getpixel((5, 5))[0] > 200 > 60 > picture.getpixel((5, 5))[2]


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_fits_and_the_marks_lie_where_the_figures_say(file: Path, width: int) -> None:
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": 900})
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(file.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert page.evaluate("document.documentElement.scrollWidth") == width
        drawing = page.locator("#overview td svg.auc").last
        said = float(re.search(r"AUC ([\d.]+)", drawing.get_attribute("aria-label")).group(1))
        rail, dot = (drawing.locator(f".{name}").bounding_box() for name in ("rail", "dot"))
        shown = (dot["x"] + dot["width"] / 2 - rail["x"]) / rail["width"]
        browser.close()
    assert shown == pytest.approx(said, abs=0.01)
    assert complaints == []
