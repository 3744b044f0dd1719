"""A voice is told from others by the direction of its embeddings: simulated voices with known directions."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from veridical import voices
from veridical.errors import NotApplicable, NotInstalled, UsageError
from veridical.examinations.audio.speaker_match import examine
from veridical.finding import Chart, Measurement, Table
from veridical.media.exhibit import FileHash
from veridical.perception.voice_identity import VoiceTrace

from ...simulated import sounding


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VERIDICAL_VOICES", str(tmp_path))
    return tmp_path


def trace(*whose: str, seed: int = 50, seconds: float = 10.0) -> VoiceTrace:
    """Voices one after the other, without a pause; windows across a change are left out."""
    parts = [sounding(one, seed + i, seconds=seconds) for i, one in enumerate(whose)]
    starts = np.concatenate([i * seconds + 0.4 * np.arange(len(one.embeddings)) for i, one in enumerate(parts)])
    return VoiceTrace(
        starts_s=starts, ends_s=starts + 1.6, embeddings=np.concatenate([one.embeddings for one in parts]), hop_s=0.4,
        speech_s=seconds * len(parts), duration_s=seconds * len(parts),
    )  # fmt: skip


def enrolled(*names: str) -> list[voices.Voice]:
    return [voices.enrol(name, [sounding(name, seed) for seed in range(4)]) for name in names]


def ask(*whose: str, **knobs: str | float) -> Measurement:
    return examine(trace(*whose), **knobs)  # type: ignore[arg-type]


def test_the_own_voice_is_near_and_another_one_far() -> None:
    (anna,) = enrolled("anna")
    own, other = ask("anna"), ask("ben")
    assert own.value < 0.05 < 0.3 < other.value
    assert own.value < anna.own[2] + 0.02
    assert own.where == () and own.facts["voice"] == "anna"
    between = voices.middle(sounding("anna", 0, scatter=0).embeddings) @ voices.middle(
        sounding("ben", 0, scatter=0).embeddings
    )
    assert other.value == pytest.approx(1 - between, abs=0.07)


def test_the_best_fitting_voice_counts_and_a_name_narrows_it() -> None:
    enrolled("anna", "ben", "carl")
    found = ask("ben")
    assert (found.facts["voice"], found.facts["comparisons"]) == ("ben", 3)
    (table,) = (one for one in found.exhibits if isinstance(one, Table))
    assert table.rows[0][0] == "ben" and len(table.rows) == 3
    assert any("best fit of 3" in one for one in found.limits)
    named = ask("ben", voice="anna")
    assert named.value > 0.3 and named.facts["comparisons"] == 1
    with pytest.raises(UsageError, match="no voice 'dora' is enrolled"):
        ask("ben", voice="dora")


def test_a_foreign_stretch_is_shown_where_it_is() -> None:
    enrolled("anna")
    found = ask("anna", "ben", "anna", voice="anna")
    (span,) = found.where
    assert 8 < span.start_s < 11 and 19 < span.end_s < 22 and span.label == "unlike anna"  # type: ignore[union-attr]
    (chart,) = (one for one in found.exhibits if isinstance(one, Chart))
    line = chart.lines[0]
    assert chart.timeline and 10 < line.x[line.y.argmax()] < 20
    assert ask("anna", "ben", "anna", from_s=10, to_s=20).value > 0.3
    assert ask("anna", "ben", "anna", to_s=10).value < 0.05


def test_moments_without_speech_are_named() -> None:
    enrolled("anna")
    with pytest.raises(NotApplicable, match="nobody speaks for 1.6 s between 30 s and 10 s"):
        ask("anna", from_s=30)


def test_nobody_enrolled_says_what_to_type() -> None:
    with pytest.raises(NotInstalled, match="veridical enrol voice NAME FILE"):
        ask("anna")


def test_a_damaged_voice_is_left_out_and_named(store: Path) -> None:
    enrolled("anna", "ben")
    (store / "ben" / "voice.json").write_text("{")
    np.save(store / "anna" / "profile.npy", np.zeros(256))
    with pytest.raises(NotInstalled, match="'ben' is damaged.*'anna' is not the one that was made"):
        ask("anna")
    enrolled_again = voices.enrol("anna", [sounding("anna", 0)], replace=True)
    found = ask("anna")
    assert found.facts["voice"] == enrolled_again.name and any("'ben' is damaged" in one for one in found.limits)


def test_a_fit_never_speaks_for_authenticity_and_own_files_are_named() -> None:
    digest = hashlib.sha256(b"anna 0").hexdigest()
    enrolled("anna")
    found = examine(trace("anna"), FileHash(digest))
    assert any("does not speak for authenticity" in one for one in found.limits)
    assert any("enrolled from this very file among others" in one for one in found.limits)
    assert not any("this very file" in one for one in ask("anna").limits)


def test_little_speech_is_said() -> None:
    enrolled("anna")
    found = examine(trace("anna", seconds=1.6))
    assert np.isfinite(found.value) and any("1.6 s of speech are little" in one for one in found.limits)


def test_gain_of_the_embeddings_has_no_part() -> None:
    enrolled("anna")
    plain = trace("anna")
    from dataclasses import replace

    louder = replace(plain, embeddings=(plain.embeddings * 0.5).astype(np.float16))
    assert examine(louder).value == pytest.approx(examine(plain).value, abs=1e-3)
