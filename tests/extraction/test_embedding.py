"""Embeddings: vectors of functions of the user's, in tables, results, pickles and exports."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import re
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from support.sounds import tone

import audioclust as ac
from audioclust.extraction.embeddings.vectors import VectorBuilder
from audioclust.utils.threads import Cancelled

SR = 8000


def moments(y: np.ndarray, sr: int) -> list[float]:
    return [float(np.mean(y)), float(np.mean(y**2)), float(np.abs(y).max())]


def made(function: Any = moments, **changes: Any) -> ac.Embedding:
    return ac.Embedding(
        **{"name": "m", "function": function, "sr": SR, "version": "1", **changes}
    )


def giving(answer: Callable[[], Any]) -> Callable[[np.ndarray, int], Any]:
    """A function of samples that does not look at them."""

    def function(y: np.ndarray, sr: int) -> Any:
        return answer()

    return function


def sounds(n: int = 6, samples: int = 5000, sr: int = SR) -> dict[str, tuple[np.ndarray, int]]:
    """Noise of two levels in turn."""
    rng = np.random.default_rng(0)
    levels = [0.05 if i % 2 else 0.5 for i in range(n)]
    return {
        str(i): (rng.uniform(-level, level, samples).astype(np.float32), sr)
        for i, level in enumerate(levels)
    }


def test_a_row_is_what_the_function_gives_of_the_whole_recording() -> None:
    table = ac.extract(sounds(), features=made())
    assert table.columns == ("m_1", "m_2", "m_3")
    expected = [moments(y, SR) for y, _ in sounds().values()]
    np.testing.assert_array_equal(table.values, np.array(expected, np.float32))
    assert table.values.dtype == np.float32
    assert [item.path for item in table.items] == list(sounds())


def test_samples_are_those_of_librosa_at_the_rate_asked_for() -> None:
    given: list[tuple[np.ndarray, int]] = []

    def keep(y: np.ndarray, sr: int) -> list[float]:
        given.append((y, sr))
        return [0.0]

    stereo = np.stack([tone(1.3, 440, 44100), tone(1.3, 880, 44100)])
    ac.extract({"a": (stereo, 44100)}, features=made(keep, sr=16000))
    ((y, sr),) = given
    mono = librosa.to_mono(stereo)
    expected = librosa.resample(mono, orig_sr=44100, target_sr=16000, res_type="soxr_hq")
    assert sr == 16000
    np.testing.assert_array_equal(y, expected, strict=True)


def test_several_vectors_are_averaged_over_frames() -> None:
    def frames(y: np.ndarray, sr: int) -> np.ndarray:
        return np.stack([y[:4000:1000], 3 * y[:4000:1000]])

    table = ac.extract(sounds(), features=made(frames))
    expected = [2 * y[:4000:1000] for y, _ in sounds().values()]
    # The mean of x and 3x is taken in double precision, and so is exact.
    np.testing.assert_array_equal(table.values, np.array(expected))


@pytest.mark.parametrize(
    ("n", "n_windows"),
    [(1, 1), (499, 1), (1000, 1), (1499, 1), (1500, 2), (2000, 2), (5400, 5)],
)
def test_windows_are_of_one_length_and_the_last_is_padded_or_left_out(
    n: int, n_windows: int
) -> None:
    given: list[np.ndarray] = []

    def keep(y: np.ndarray, sr: int) -> list[float]:
        given.append(y.copy())
        return moments(y, sr)

    y = np.random.default_rng(0).normal(size=n).astype(np.float32)
    table = ac.extract({"a": (y, SR)}, features=made(keep, window=0.125))
    padded = np.pad(y, (0, max(0, n_windows * 1000 - n)))[: n_windows * 1000]
    np.testing.assert_array_equal(given, padded.reshape(n_windows, 1000))
    expected = np.mean([moments(window, SR) for window in given], axis=0)
    # Rows are of single precision; sums of up to five vectors may be rounded in another order.
    np.testing.assert_allclose(table.values[0], expected, rtol=2e-7, atol=1e-12)


@settings(deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=12), st.integers(50, 900))
def test_a_vector_does_not_depend_on_how_a_signal_is_cut_into_blocks(
    lengths: list[int], window: int
) -> None:
    y = np.random.default_rng(0).normal(size=sum(lengths)).astype(np.float32)
    embedding = made(window=window / SR)
    rows = []
    for blocks in ([y], np.split(y, np.cumsum(lengths)[:-1])):
        builder, stop = VectorBuilder(SR, embedding), threading.Event()
        for block in blocks:
            builder.push(block, stop)
        rows.append(builder.finish(stop))
    np.testing.assert_array_equal(rows[0], rows[1], strict=True)


def test_windows_bound_the_memory(tmp_path: Path) -> None:
    with soundfile.SoundFile(tmp_path / "long.wav", "w", 16000, 1) as file:
        for _ in range(300):
            file.write(np.full(16000, 0.25, np.float32))

    def peak(embedding: ac.Embedding) -> int:
        tracemalloc.start()
        table = ac.extract(tmp_path / "long.wav", features=embedding, n_jobs=1)
        assert table.values[0, 2] == 0.25
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    whole = 4 * 16000 * 300
    # Blocks are of 65,536 frames: a few of them are far less than a tenth of the recording.
    assert peak(made(sr=16000, window=1.0)) < whole / 10
    assert peak(made(sr=16000)) > whole  # That it would be seen.


def test_columns_of_features_come_first_and_are_what_they_are_alone() -> None:
    names = ["rms", "chroma"]
    mixed = ac.extract(sounds(), features=["rms", made(), "chroma", made(name="n")])
    alone = ac.extract(sounds(), features=names)
    own = ac.extract(sounds(), features=made())
    assert mixed.columns == (*alone.columns, *own.columns, "n_1", "n_2", "n_3")
    np.testing.assert_array_equal(mixed.values[:, :13], alone.values)
    np.testing.assert_array_equal(mixed.values[:, 13:16], own.values)
    np.testing.assert_array_equal(mixed.values[:, 16:], own.values)


def test_a_function_may_change_its_samples() -> None:
    def destructive(y: np.ndarray, sr: int) -> list[float]:
        y *= 0
        return [0.0]

    before, given = sounds(), sounds()
    for window in (None, 0.1):
        wrecking = made(destructive, name="w", window=window)
        table = ac.extract(given, features=["rms", wrecking, made()])
        expected = ac.extract(before, features=["rms", made()])
        np.testing.assert_array_equal(table.values[:, [0, 2, 3, 4]], expected.values)
        assert all(np.array_equal(before[name][0], y) for name, (y, _) in given.items())


@pytest.mark.parametrize("n_jobs", [1, 4])
@pytest.mark.parametrize("window", [None, 0.1])
def test_rows_do_not_depend_on_threads(n_jobs: int, window: float | None) -> None:
    embedding = made(window=window, parallel=True)
    table = ac.extract(sounds(20), features=embedding, n_jobs=n_jobs)
    one = [ac.extract({k: v}, features=embedding).values[0] for k, v in sounds(20).items()]
    np.testing.assert_array_equal(table.values, one)


ANSWERS: dict[str, tuple[Callable[[], Any], str]] = {
    "raises": (lambda: 1 / 0, "m: ZeroDivisionError: division by zero"),
    "raises ours": (lambda: ac.Analysis(sr=1), "m: ParameterError: sr=1: expected"),
    "runs out": (lambda: np.empty(2**60), "m: MemoryError|m: .*ArrayMemoryError|m: ValueError"),
    "nothing": (lambda: None, "m: its answer=None: expected an array of integers"),
    "text": (lambda: "abc", "m: its answer='abc': expected an array"),
    "a number": (lambda: np.float32(3), r"m: its answer has shape \(\): expected 1 or 2 dim"),
    "a cube": (
        lambda: np.ones((2, 2, 3)),
        r"m: its answer has shape \(2, 2, 3\): expected 1 or",
    ),
    "no frames": (lambda: np.ones((0, 3)), r"m: its answer has shape \(0, 3\): expected at l"),
    "ragged": (lambda: [[1.0, 2.0], [1.0]], "m: its answer=.*: expected an array"),
    "masked": (
        lambda: np.ma.ones(3),
        "m: its answer=a masked array: expected an array without",
    ),
    "complex": (lambda: np.ones(3, complex), "m: its answer=an array of complex128: expected"),
    "nan": (lambda: [1.0, np.nan, 2.0], "m: it gave nan: expected finite numbers"),
    "inf": (lambda: [[1.0, 1.0, -np.inf]] * 2, "m: it gave -inf: expected finite numbers"),
    "too large": (
        lambda: [1e300, 0.0, 0.0],
        r"m: it gave 1e\+300: expected finite numbers of f",
    ),
    "short": (lambda: [1.0], "m: it gave 1 values: expected 3, the most frequent number"),
}


@pytest.mark.parametrize("what", ANSWERS)
@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_wrong_answer_is_the_error_of_its_recording_and_others_go_on(
    what: str, at: int
) -> None:
    answer, message = ANSWERS[what]
    given = sounds()
    chosen = given[str(at)][0]

    def sometimes(y: np.ndarray, sr: int) -> Any:
        return answer() if np.array_equal(y, chosen) else moments(y, sr)

    table = ac.extract(given, features=["rms", made(sometimes)], n_jobs=2)
    (error,) = table.errors
    assert (error.path, error.kind) == (str(at), "embedding")
    assert re.match(message, error.message), error.message
    others = {name: sound for name, sound in given.items() if name != str(at)}
    expected = ac.extract(others, features=["rms", made()])
    np.testing.assert_array_equal(table.values, expected.values)
    assert table.items == expected.items


def test_an_object_that_fails_to_become_an_array_is_told() -> None:
    class Tensor:
        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            raise RuntimeError("it is on another device")

    with pytest.raises(
        ac.NothingExtractedError, match="m: .*it is on another device"
    ) as failed:
        ac.extract(sounds(1), features=made(giving(Tensor)))
    assert failed.value.errors[0].kind == "embedding"


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int16", "uint8", ">f4"])
def test_any_real_numbers_are_taken(dtype: str) -> None:
    table = ac.extract(sounds(2), features=made(giving(lambda: np.array([1, 2, 3], dtype))))
    assert table.values.tolist() == [[1, 2, 3]] * 2
    assert table.values.dtype == np.float32


def test_an_array_that_is_used_again_does_no_harm() -> None:
    buffer = np.zeros(3)

    class Lazy:
        """Is read as an array only after other threads had time to call the function."""

        def __array__(self, dtype: object = None, copy: object = None) -> np.ndarray:
            time.sleep(0.005)
            return buffer

    def reuse(y: np.ndarray, sr: int) -> Lazy:
        buffer[:] = moments(y, sr)
        return Lazy()

    for window in (None, 0.1):
        ours = ac.extract(sounds(), features=made(reuse, window=window), n_jobs=3)
        expected = ac.extract(sounds(), features=made(window=window))
        np.testing.assert_array_equal(ours.values, expected.values)


def test_the_size_that_most_have_is_kept_whichever_is_done_first() -> None:
    given = sounds(7)
    odd = [given[name][0] for name in ("0", "4")]

    def sometimes(y: np.ndarray, sr: int) -> list[float]:
        return [1.0] if any(np.array_equal(y, other) for other in odd) else moments(y, sr)

    given["2"] = (np.empty(0, np.float32), SR)
    for n_jobs in (1, 4):
        table = ac.extract(given, features=made(sometimes), n_jobs=n_jobs)
        assert [item.path for item in table.items] == ["1", "3", "5", "6"]
        kinds = [(error.path, error.kind) for error in table.errors]
        assert kinds == [("0", "embedding"), ("2", "empty"), ("4", "embedding")]


def test_of_two_sizes_that_as_many_have_the_first_recordings_is_kept() -> None:
    sizes = iter([2, 3])
    table = ac.extract(sounds(2), features=made(giving(lambda: np.ones(next(sizes)))), n_jobs=1)
    assert table.columns == ("m_1", "m_2")
    assert (
        table.errors[0].message == "m: it gave 3 values: expected 2, the most frequent number"
    )


def test_if_no_recording_has_both_sizes_nothing_was_extracted() -> None:
    given = sounds(4)
    names = {y.tobytes(): name for name, (y, _) in given.items()}

    def of_sizes(*sizes: int) -> Callable[[np.ndarray, int], np.ndarray]:
        return lambda y, _: np.ones(sizes[int(names[y.tobytes()])])

    one = [made(of_sizes(2, 2, 3, 3), name="a"), made(of_sizes(2, 3, 2, 3), name="b")]
    assert [item.path for item in ac.extract(given, features=one).items] == ["0"]
    none = [made(of_sizes(1, 2, 2, 2), name="a"), made(of_sizes(1, 2, 3, 4), name="b")]
    with pytest.raises(
        ac.NothingExtractedError, match="none of 4 .* 0: embedding: a: it gave 1"
    ):
        ac.extract(given, features=none)


def test_vectors_of_one_recording_must_have_one_size() -> None:
    sizes = iter([3, 3, 2])
    embedding = made(giving(lambda: np.ones(next(sizes))), window=0.1)
    with pytest.raises(ac.NothingExtractedError, match="m: it gave 2 values: expected 3"):
        ac.extract(sounds(1), features=embedding)


def test_a_size_that_is_given_is_held_to() -> None:
    sizes = iter([3, 2, 3])
    embedding = made(giving(lambda: np.ones(next(sizes))), size=2)
    table = ac.extract(sounds(3), features=embedding, n_jobs=1)
    assert [item.path for item in table.items] == ["1"]


def test_samples_that_are_no_numbers_are_told_as_with_features() -> None:
    bad = sounds(2)
    bad["1"][0][100] = np.nan
    called: list[int] = []

    def count(y: np.ndarray, sr: int) -> list[float]:
        called.append(len(y))
        return [0.0]

    for sr in (SR, 16000):
        table = ac.extract(bad, features=made(count, sr=sr))
        assert [(error.path, error.kind) for error in table.errors] == [("1", "corrupt")]
    assert called == [5000, 10000]


def test_calls_wait_for_each_other_unless_the_function_is_parallel() -> None:
    inside, most, lock = 0, 0, threading.Lock()
    both = threading.Barrier(2)

    def counted(y: np.ndarray, sr: int) -> list[float]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        time.sleep(0.005)
        with lock:
            inside -= 1
        return [0.0]

    ac.extract(sounds(12), features=made(counted), n_jobs=4)
    assert most == 1
    # Both threads have to be inside at once to get past the barrier.
    meeting = made(giving(lambda: [float(both.wait(60))]), parallel=True)
    assert len(ac.extract(sounds(2), features=meeting, n_jobs=2)) == 2


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_is_not_the_error_of_a_recording(kind: type[BaseException]) -> None:
    def end(y: np.ndarray, sr: int) -> list[float]:
        raise kind

    with pytest.raises(kind):
        ac.extract(sounds(), features=made(end), n_jobs=2)
    assert not [t for t in threading.enumerate() if t.name.startswith("audioclust")]


def test_a_batch_that_ends_does_not_wait_for_the_calls_of_others() -> None:
    inside, leave, stop = threading.Event(), threading.Event(), threading.Event()

    def busy(y: np.ndarray, sr: int) -> list[float]:
        inside.set()
        leave.wait(60)
        return [0.0]

    embedding, y = made(busy), np.ones(10, np.float32)
    others = VectorBuilder(SR, embedding)
    others.push(y, threading.Event())
    other = threading.Thread(target=others.finish, args=(threading.Event(),))
    other.start()
    assert inside.wait(60)
    builder = VectorBuilder(SR, embedding)
    builder.push(y, stop)
    stop.set()
    with pytest.raises(Cancelled):
        builder.finish(stop)
    assert other.is_alive()
    leave.set()
    other.join()


@pytest.mark.parametrize("parallel", [True, False])
def test_no_call_begins_in_a_batch_that_has_ended(parallel: bool) -> None:
    called: list[int] = []
    stop = threading.Event()

    def stopping(y: np.ndarray, sr: int) -> list[float]:
        called.append(len(y))
        stop.set()
        return [0.0]

    builder = VectorBuilder(SR, made(stopping, parallel=parallel, window=0.1))
    with pytest.raises(Cancelled):
        builder.push(np.ones(8000, np.float32), stop)
    assert called == [800]


def test_new_sounds_are_placed_by_the_embedding() -> None:
    result = ac.cluster(sounds(), 2, features=["rms", made()])
    assert result.labels.tolist() == [0, 1] * 3
    assert list(result.predict(sounds(4, samples=900))) == [0, 1, 0, 1]
    part = ac.cluster(result.table[["m_2", "rms"]], 2)
    assert list(part.predict(sounds(4))) == part.labels[:4].tolist()


def test_new_sounds_with_vectors_of_another_size_have_no_label() -> None:
    size = [3]
    embedding = made(lambda y, sr: (moments(y, sr) * 2)[: size[0]])
    result = ac.cluster(sounds(), 2, features=embedding)
    size[0] = 4
    assert list(result.predict(sounds(3))) == [-1, -1, -1]


def test_equality_is_by_name_version_rate_and_window() -> None:
    one = made()
    assert one == made(giving(lambda: [0.0]), parallel=True, size=3)
    assert hash(one) == hash(made(giving(lambda: [0.0])))
    for change in ({"name": "n"}, {"version": "2"}, {"sr": 16000}, {"window": 1.0}):
        assert one != made(**change)
        other = ac.ExtractionSettings.checked(features=made(**change))
        assert other != ac.ExtractionSettings.checked(features=one)


def test_settings_know_the_embedding_and_a_table_is_clustered_with_them() -> None:
    table = ac.extract(sounds(), features=made())
    assert table.settings.embeddings == (made(),)
    assert table.settings.embeddings[0].size == 3
    assert table.settings == ac.ExtractionSettings.checked(features=made())
    assert ac.cluster(table, 2, features=made()) == ac.cluster(table, 2)
    with pytest.raises(ac.ParameterError, match="belong to extract"):
        ac.cluster(table, 2, features=made(version="2"))


def test_rows_of_another_version_are_not_compared() -> None:
    result = ac.cluster(sounds(), 2, features=made())
    same, other = (ac.extract(sounds(), features=made(version=v)) for v in "12")
    assert list(result.predict(same)) == result.labels.tolist()
    with pytest.raises(
        ac.ParameterError, match="3 columns that were clustered, computed alike"
    ):
        result.predict(other)


def test_a_pickle_keeps_all_but_the_function() -> None:
    result = ac.cluster(sounds(), 2, features=["rms", made(lambda y, sr: moments(y, sr))])
    pickled = pickle.dumps(result)
    for module in (b"audioclust.extraction", b"audioclust.errors", b"lambda"):
        assert module not in pickled
    again = pickle.loads(pickled)
    assert again == result
    assert repr(again.table.settings) == repr(result.table.settings)
    with pytest.raises(ac.EmbeddingError, match="'m' has no function, since functions are not"):
        again.predict(sounds())
    with pytest.raises(ac.EmbeddingError, match="make it again"):
        ac.extract(sounds(), features=again.table.settings.embeddings)
    table = ac.extract(sounds(), features=["rms", made()])
    assert list(again.predict(table)) == result.labels.tolist()


def test_a_copy_keeps_the_function() -> None:
    table = ac.extract(sounds(), features=made())
    for copied in (copy.deepcopy(table), copy.copy(table), dataclasses.replace(table)):
        embeddings = copied.settings.embeddings
        assert ac.extract(sounds(), features=embeddings) == table


def test_json_has_name_and_version(tmp_path: Path) -> None:
    result = ac.cluster(sounds(), 2, features=["rms", made(window=0.25)])
    result.to_json(tmp_path / "out.json")
    exported = json.loads((tmp_path / "out.json").read_text())["settings"]
    assert exported["embeddings"] == [
        {"name": "m", "sr": SR, "version": "1", "window": 0.25, "parallel": False, "size": 3}
    ]
    assert [feature["name"] for feature in exported["features"]] == ["rms"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": ""}, "name='': expected a str, not empty"),
        ({"name": 3}, "name=3: expected a str"),
        ({"function": "clap"}, "function='clap': expected a function of"),
        ({"function": None}, "function=None: expected a function of"),
        ({"sr": 0}, "sr=0: expected an int from 100"),
        ({"sr": None}, "sr=None: expected an int from 100"),
        ({"version": None}, "version=None: expected a str, not empty"),
        ({"version": 2}, "version=2: expected a str, not empty"),
        ({"window": 0}, "window=0: expected a finite number above 0"),
        ({"window": "1"}, "window='1': expected a finite number above 0"),
        ({"window": 3601.0}, "window=3601.0: expected a sample to 3600 s, or None"),
        ({"window": 1e-5}, "window=1e-05: expected a sample to 3600 s, or None"),
        ({"parallel": 1}, "parallel=1: expected True or False"),
        ({"size": 0}, "size=0: expected an int from 1"),
    ],
)
def test_an_invalid_embedding_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        made(**change)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"features": [made(), made(version="2")]}, "own, each once; m has columns twice"),
        ({"features": ["mfcc", made(name="mfcc")]}, "own, each once; mfcc has columns twice"),
        ({"features": made(), "stats": "std"}, "stats and analysis are of features"),
        ({"features": made(), "analysis": ac.Analysis(sr=SR)}, "stats and analysis are of"),
        ({"features": [made(), 3]}, "features=3: expected a name, a Feature or an Embedding"),
        ({"features": [made(), "timbre"]}, 'features="timbre": expected any of'),
    ],
)
def test_what_does_not_go_together_is_refused_before_anything_is_read(
    arguments: dict[str, Any], message: str, tmp_path: Path
) -> None:
    with pytest.raises(ac.ParameterError, match=message):
        ac.extract(tmp_path / "never looked at", **arguments)


def test_an_embedding_may_be_named_as_a_feature_of_other_columns() -> None:
    table = ac.extract(sounds(2), features=["rms", made(name="rms")])
    assert table.columns == ("rms", "rms_1", "rms_2", "rms_3")


def test_functions_that_take_no_embedding_say_so() -> None:
    y, any_features = tone(), [made()]
    calls: list[Callable[[], object]] = [
        lambda: ac.features.extract(y, sr=22050, features=any_features),  # type: ignore[arg-type]
        lambda: ac.features.Extractor(sr=22050, features=any_features),  # type: ignore[arg-type]
        lambda: ac.segment({"a": (y, 22050)}, 2, features=any_features),  # type: ignore[arg-type]
        lambda: ac.onsets({"a": (y, 22050)}, 2, features=any_features),  # type: ignore[arg-type]
        lambda: ac.onsets({"a": (y, 22050)}, 2, features=made()),  # type: ignore[arg-type]
    ]
    for call in calls:
        with pytest.raises(ac.ParameterError, match="cluster.. take embeddings"):
            call()
