"""Features of recordings: order, errors, threads, settings, and analyses of features' own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from support.sounds import tone

import audioclust as ac
from audioclust import _core
from audioclust.extraction import one_recording

if TYPE_CHECKING:
    from pathlib import Path


KEEP, SLOW = ac.Analysis(sr=None), ac.Analysis(sr=8000)


def test_a_table_has_a_row_for_each_file_in_the_order_given(library: list[str]) -> None:
    table = ac.extract(library[::-1])
    assert [item.path for item in table.items] == library[::-1]
    assert table.values.shape == (60, 150)
    assert table.values.dtype == np.float32
    assert len(table) == 60
    assert table["rms_std"].shape == (60,)
    assert table.version == ac.__version__
    assert table.analysis == ac.Analysis()
    assert repr(table) == (
        "<FeatureTable: 60 items × 150 columns (spectral_bandwidth_part_1, "
        "spectral_bandwidth_part_2, spectral_bandwidth_part_3, spectral_bandwidth_part_4, …)>"
    )


def test_an_item_knows_where_it_starts_and_ends(tmp_path: Path) -> None:
    sounds = {"a": (tone(1.5, sr=8000), 8000)}
    assert ac.extract(sounds).items == (ac.Item("a", 0.0, 1.5),)
    part = ac.extract(sounds, offset=0.5, duration=0.25)
    assert part.items == (ac.Item("a", 0.5, 0.75),)


def test_the_rows_do_not_depend_on_the_number_of_threads(library: list[str]) -> None:
    one = ac.extract(library, n_jobs=1)
    assert np.array_equal(one.values, ac.extract(library, n_jobs=4).values)


def test_audio_in_memory_gives_the_same_as_its_file(library: list[str]) -> None:
    import soundfile

    path = next(p for p in library if p.endswith(".flac"))
    y, sr = soundfile.read(path)
    for memory in (y, y.astype(np.float32), y[::-1].copy()[::-1], np.stack([y, y])):
        values = ac.extract({"y": (memory, sr)}).values
        np.testing.assert_allclose(values, ac.extract(path).values, rtol=1e-5, atol=1e-5)


def test_progress_is_called_on_the_callers_thread(library: list[str]) -> None:
    calls = []
    ac.extract(
        library[:5], progress=lambda *call: calls.append((*call, threading.current_thread()))
    )
    assert calls == [(done, 5, threading.main_thread()) for done in range(1, 6)]


def test_an_exception_in_progress_ends_the_batch(library: list[str]) -> None:
    def fail(done: int, total: int) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        ac.extract(library, progress=fail)
    assert not [t for t in threading.enumerate() if t.name.startswith("audioclust")]


def test_a_feature_may_have_its_own_analysis() -> None:
    sounds = {"y": (tone(1.0, 440, 44100), 44100)}
    own = ac.Analysis(sr=44100, n_fft=4096, hop_length=1024)
    mixed = ac.extract(sounds, features=["rms", ac.Feature("chroma", own), "mel_level"])
    assert mixed.columns == ("rms", *(f"chroma_{i}" for i in range(1, 13)), "mel_level")
    alone = ac.extract(sounds, features="chroma", analysis=own)
    assert np.array_equal(mixed.values[0, 1:13], alone.values[0])
    plain = ac.extract(sounds, features=["rms", "mel_level"])
    assert np.array_equal(mixed.values[0, [0, 13]], plain.values[0])


def test_the_native_rate_is_kept_if_it_is_one_for_all() -> None:
    sounds = {"a": (tone(sr=16000), 16000), "b": (tone(sr=16000, frequency=880), 16000)}
    kept = ac.extract(sounds, analysis=KEEP)
    asked = ac.extract(sounds, analysis=ac.Analysis(sr=16000))
    assert np.array_equal(kept.values, asked.values)
    sounds["c"] = (tone(sr=22050), 22050)
    with pytest.raises(ac.ParameterError, match=r"sr=None: expected one rate .* 16000 Hz"):
        ac.extract(sounds, analysis=KEEP, n_jobs=1)
    with pytest.raises(ac.ParameterError, match="^slow: sr=8000: expected above 12800"):
        ac.extract({"slow": (tone(sr=8000), 8000)}, analysis=KEEP)


def test_what_cannot_be_used_is_listed_and_stops_nothing(tmp_path: Path) -> None:
    bad = tone()
    bad[100] = np.nan
    table = ac.extract(
        {
            "good": (tone(), 22050),
            "nan": (bad, 22050),
            "nothing": (tone()[:0], 22050),
            "too loud": (tone() * np.float32(1e38), 22050),
            "good too": (tone(), 22050),
        }
    )
    assert [item.path for item in table.items] == ["good", "good too"]
    kinds = {error.path: (error.kind, error.message) for error in table.errors}
    assert kinds["nan"] == ("corrupt", "sample 100 is NaN: expected a finite number")
    assert kinds["nothing"][0] == "empty"
    assert kinds["too loud"][0] == "corrupt"
    assert "too large to analyse" in kinds["too loud"][1]


def test_if_nothing_can_be_used_the_error_lists_the_first_few() -> None:
    nothing = {f"n{i}": (tone()[:0], 22050) for i in range(5)}
    with pytest.raises(ac.NothingExtractedError, match="none of 5 .* n2: empty: .* and 2 more"):
        ac.extract(nothing)


def test_an_unexpected_exception_is_listed_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_stop: threading.Event, n: int, _sr: int) -> None:
        if n == 1000:
            raise ZeroDivisionError("oops")

    monkeypatch.setattr(one_recording, "count_decoded", fail)
    table = ac.extract({"a": (tone()[:1000], 22050), "b": (tone(), 22050)})
    assert table.errors == (ac.ItemError("a", "internal", "ZeroDivisionError: oops"),)


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"features": "timbre"}, 'features="timbre": expected any of spectral_bandwidth'),
        ({"features": ["rms", "rms"]}, 'features="rms" twice: expected each name once'),
        ({"features": ()}, r"features=\(\): expected at least one name"),
        ({"features": [3]}, "features=3: expected a name, a Feature or an Embedding"),
        ({"features": 1}, "features=1: expected a name or an iterable of names"),
        ({"progress": 3}, "progress=3: expected a callable or None"),
        ({"stats": "median"}, 'stats="median": expected any of mean, std, min, max, change'),
        ({"stats": ()}, r"stats=\(\): expected at least one name"),
        ({"stats": (3,)}, "stats=3: expected a name"),
        ({"stats": ("mean", "mean")}, 'stats="mean" twice: expected each name once'),
        ({"offset": np.array([1, 2])}, r"offset=array\(\[1, 2\]\): expected a finite number"),
        ({"offset": -1}, "offset=-1: expected a finite number, at least 0"),
        ({"duration": float("nan")}, "duration=nan: expected a finite number, at least 0"),
        ({"n_jobs": 0}, "n_jobs=0: expected an int from 1"),
        ({"analysis": 22050}, "analysis=22050: expected an audioclust.Analysis"),
        ({"analysis": SLOW}, "sr=8000: expected above 12800 for spectral_c"),
        ({"analysis": ac.Analysis(fmax=20e3)}, "fmax=20000: expected at most half of sr=22050"),
        (
            # One feature's rate is known only with the recording, the other's is known before.
            {"features": [ac.Feature("rms", KEEP), ac.Feature("spectral_contrast", SLOW)]},
            "sr=8000: expected above 12800 for spectral_c",
        ),
    ],
)
def test_a_bad_argument_is_named_before_anything_is_read(
    argument: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.extract(tmp_path / "never looked at", **argument)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ({"sr": 0}, "sr=0: expected an int from 100 to 1000000"),
        ({"sr": 22050.5}, "sr=22050.5: expected an int"),
        ({"n_fft": 1}, "n_fft=1: expected an int from 2"),
        ({"n_fft": True}, "n_fft=True: expected an int from 2"),
        ({"win_length": 4096}, "win_length=4096: expected an int from 1 to 2048"),
        ({"hop_length": 0}, "hop_length=0: expected an int from 1"),
        ({"window": ("kaiser", float("nan"))}, "window=.*: expected a window that scipy"),
        ({"window": "square"}, "window='square': expected a window that scipy"),
        ({"fmin": -1.0}, "fmin=-1.0: expected a finite number, at least 0"),
        ({"fmin": 100.0, "fmax": 50.0}, "fmax=50.0: expected more than fmin=100.0"),
    ],
)
def test_an_invalid_analysis_is_refused(argument: dict[str, object], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.Analysis(**argument)  # type: ignore[arg-type]


def test_a_field_of_a_packed_array_is_read_correctly() -> None:
    packed = np.zeros(4000, dtype=[("flag", "u1"), ("y", "<f4")])
    packed["y"] = np.random.default_rng(0).uniform(-1, 1, 4000)
    plan = _core.Plan([("rms", ac.Analysis().for_rate(22050))], ["mean"])
    rows = []
    backwards = packed["y"][::-1].copy()[::-1]
    assert backwards.strides[0] < 0
    for y in (packed["y"], packed["y"].copy(), backwards):
        extractor = _core.Extractor(plan)
        extractor.push(y)
        rows.append(extractor.finish())
    assert rows[0] == rows[1] == rows[2]


def test_a_finished_extractor_says_so() -> None:
    plan = _core.Plan([("rms", ac.Analysis().for_rate(22050))], ["mean"])
    extractor = _core.Extractor(plan)
    extractor.push(tone())
    extractor.finish()
    with pytest.raises(RuntimeError, match="this stream is finished"):
        extractor.push(tone())


def test_an_invalid_feature_is_refused() -> None:
    with pytest.raises(ac.ParameterError, match="name=3: expected the name of a feature"):
        ac.Feature(3)  # type: ignore[arg-type]
    with pytest.raises(
        ac.ParameterError, match="analysis=None: expected an audioclust.Analysis"
    ):
        ac.Feature("rms", None)  # type: ignore[arg-type]


def test_settings_become_pythons_own_numbers() -> None:
    analysis = ac.Analysis(n_fft=np.int64(1024), fmin=np.float32(20))  # type: ignore[arg-type]
    assert type(analysis.n_fft) is int
    assert type(analysis.fmin) is float
    assert analysis == ac.Analysis(n_fft=1024, fmin=20.0)
    kaiser = ac.Analysis(window=("kaiser", np.float32(8)))
    assert kaiser == ac.Analysis(window=("kaiser", 8.0))
    assert type(kaiser.window[1]) is float
    cosines = ac.Analysis(window=("general_cosine", [0.5, 0.5]))
    hann = ac.extract({"y": (tone(), 22050)}).values
    assert np.allclose(ac.extract({"y": (tone(), 22050)}, analysis=cosines).values, hann)


def test_samples_too_large_for_single_precision_are_listed_without_a_warning() -> None:
    table = ac.extract({"a": (tone().astype(float) * 1e300, 22050), "b": (tone(), 22050)})
    assert [(e.path, e.kind) for e in table.errors] == [("a", "corrupt")]
