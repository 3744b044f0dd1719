"""The recipes of voices take what the command line says, and leave what they make beside a card."""

from __future__ import annotations

import numpy as np
import pytest

from veridical.knowledge.cepstral import CepstralTable
from veridical.training import recipe
from veridical.training.recipes import cepstral, voice_net, waveform_net

MANIFEST = "file,label,source,system\na.wav,real,emodb,\nb.wav,fake,emodb,x\nc.wav,real,asterisk,\n"


@pytest.fixture
def voices(tmp_path):
    folder = tmp_path / "voices"
    (folder / "audio").mkdir(parents=True)
    for place in (folder, folder / "audio"):
        (place / "manifest.csv").write_text(MANIFEST)
    (folder / "decoder.pt").write_bytes(b"weights")
    return folder


def test_cepstral_leaves_table_scores_and_card(monkeypatch, voices, tmp_path):
    one = np.full((1, 1), 1.0)
    table = CepstralTable((one[0], one, one), (one[0], one, one), (0.0, 1.0), one[0], 0.5)
    lines = [("common", file, cepstral.STATISTICS[0], value) for file, value in (("a.wav", 2.0), ("b.wav", 9.0))]
    monkeypatch.setattr(cepstral, "examples", lambda rows, folder: [row["file"] for row in rows])
    monkeypatch.setattr(cepstral, "held_out", lambda rows, given, sounds: lines)
    monkeypatch.setattr(cepstral, "table_of", lambda given: table)
    card = recipe.start("cepstral", [str(voices), str(voices), str(tmp_path / "out")])
    with np.load(tmp_path / "out/cepstral.npz") as kept:
        np.testing.assert_allclose(kept["bona_fide"], 2.0)  # of the real recordings of the folds alone
    assert (tmp_path / "out/cepstral.csv").read_text().splitlines()[1] == "common,a.wav,audio.cepstral,2.0"
    said = card.read_text()
    assert "| learned from | real | emodb | 1 |" in said and "asterisk" not in said and "cepstral.npz" in said


def test_waveform_net_takes_seed_sources_and_decoder(monkeypatch, voices, tmp_path):
    pytest.importorskip("onnx")
    torch = pytest.importorskip("torch")
    seen = {}

    class Network(torch.nn.Module):
        def forward(self, spectra):
            return spectra.mean((1, 2))

    def gather(folder, cache, **how):
        seen.update(how, folder=folder, cache=cache)
        return waveform_net.Material([("emodb", (), [])], {}, {})

    monkeypatch.setattr(waveform_net, "gather", gather)
    monkeypatch.setattr(waveform_net, "train", lambda material, seed: seen.update(seed=seed) or Network())
    words = [str(voices), str(tmp_path / "cache"), str(tmp_path / "out/net.onnx"), "--without", "a", "b", "--seed", "4"]
    card = recipe.start("waveform_net", [*words, "--decoder", str(voices / "decoder.pt")])
    assert seen == {
        "folder": voices, "cache": tmp_path / "cache", "without": ["a", "b"], "decoder": voices / "decoder.pt", "seed": 4,
    }  # fmt: skip
    said = card.read_text()
    assert (tmp_path / "out/net.onnx").exists() and card.parent == tmp_path / "out"
    assert "seed: 4" in said and "sources left out: a, b" in said and "decoder.pt, SHA-256" in said


def test_voice_net_learns_from_the_folds_alone(monkeypatch, voices, tmp_path):
    seen = []

    def encoded(out, way, rows, sound_of):
        out.mkdir(exist_ok=True)
        seen.append((way, [row["file"] for row in rows]))
        return voice_net.Heard(way, rows, np.zeros((len(rows), 2)))

    monkeypatch.setattr(voice_net, "encoded", encoded)
    monkeypatch.setattr(voice_net, "pairs", lambda folder, decoder: (None, None))
    monkeypatch.setattr(voice_net, "table", lambda ways, *both: "table")
    monkeypatch.setattr(voice_net, "write", lambda path, table: path.write_text(table))
    monkeypatch.setattr(voice_net, "held_out", lambda *_: iter([["common", "a.wav", "learned.voice_net", 1.0]]))
    out = tmp_path / "out"
    card = recipe.start("voice_net", [str(voices), str(voices), str(out), "--decoder", str(voices / "decoder.pt")])
    ways = dict(seen)
    assert ways["common"] == ["a.wav", "b.wav", "c.wav"] and ways["draw_1"] == ["a.wav", "b.wav"]
    assert ways["originals"] == ways["copies"] == ["a.wav"]
    assert (out / "voice_net.csv").read_text().splitlines()[1] == "common,a.wav,learned.voice_net,1.0"
    assert "seed: none" in card.read_text() and "decoder.pt, SHA-256" in card.read_text()
