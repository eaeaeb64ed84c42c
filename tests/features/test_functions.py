"""What the functions of arrays accept and refuse, and rows of features of a signal."""

from __future__ import annotations

import inspect
import threading
from typing import TYPE_CHECKING, Any

import librosa
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import audioclust as ac
from audioclust import features as ours

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

lib: Any = librosa
theirs: Any = librosa.feature
anything: Any = ours  # For arguments that the annotations forbid.
SR = 22050


SHARED = ["zero_crossing_rate", "rms", "spectral_centroid", "spectral_bandwidth",
          "spectral_rolloff", "spectral_flatness", "spectral_contrast", "chroma_stft",
          "melspectrogram", "mfcc", "delta"]  # fmt: skip

CORE = ["stft", "power_to_db", "amplitude_to_db", "db_to_power", "db_to_amplitude",
        "zero_crossings"]  # fmt: skip


def test_signatures_are_librosas() -> None:
    pairs = [(getattr(ours, name), getattr(theirs, name)) for name in SHARED]
    pairs += [(getattr(ours, name), getattr(lib, name)) for name in CORE]
    pairs += [(getattr(ours, n), getattr(lib.onset, n))
              for n in ("onset_strength", "onset_detect", "onset_backtrack")]  # fmt: skip
    for mine, other in [*pairs, (ac.load, lib.load)]:
        found = inspect.signature(mine).parameters
        for name, parameter in inspect.signature(other).parameters.items():
            if parameter.kind is not parameter.VAR_KEYWORD:
                assert found[name].kind == parameter.kind, (mine, name)
                assert found[name].default == parameter.default, (mine, name)


@pytest.mark.parametrize("name", SHARED[:-1])
def test_every_memory_layout_gives_the_same(name: str) -> None:
    y = np.random.default_rng(8).uniform(-1, 1, 6000).astype(np.float32)

    def compute(y: Any) -> Any:
        function = getattr(ours, name)
        return function(y) if name == "zero_crossing_rate" else function(y=y)

    expected = compute(y)
    packed = np.zeros(6000, np.dtype([("a", "u1"), ("y", "<f4")]))
    packed["y"] = y
    frozen = y.copy()
    frozen.flags.writeable = False
    strided = np.repeat(y, 3)[::3]
    for other in (packed["y"], frozen, strided, y[::-1].copy()[::-1], y.astype(">f4")):
        np.testing.assert_array_equal(compute(other), expected)
    np.testing.assert_allclose(compute(y.astype(np.float64)), expected, rtol=1e-3, atol=1e-3)
    assert compute(y).flags.f_contiguous


class Tensor:
    """Like a tensor of PyTorch: its memory is described by DLPack."""

    def __init__(self, values: NDArray[Any]) -> None:
        self.values = values

    def __dlpack__(self, **kwargs: Any) -> Any:
        return self.values.__dlpack__(**kwargs)

    def __dlpack_device__(self) -> Any:
        return self.values.__dlpack_device__()


def test_tensors_come_in_through_dlpack() -> None:
    y = np.random.default_rng(9).uniform(-1, 1, 6000).astype(np.float32)
    np.testing.assert_array_equal(ours.mfcc(y=Tensor(y)), ours.mfcc(y=y))


Y = np.zeros(5000, np.float32)
BAD: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: anything.rms(y=np.zeros(9, np.int16)),
        r"Audio data must be floating-point: y=an array of int16: expected an array of "
        r"float32 or float64, integers divided by their full scale",
    ),
    (
        lambda: anything.rms(y=Y + 1j),
        r"Audio data must be floating-point: y=an array of complex64",
    ),
    (lambda: anything.mfcc(y=np.full(9, np.nan)), r"y\[0\]=NaN: expected a finite number"),
    (
        lambda: anything.mfcc(y=np.array([[0, 1], [0, np.inf]])),
        r"y\[1, 1\]=inf: expected a finite",
    ),
    (lambda: anything.mfcc(y=np.zeros(0)), r"y has shape \(0,\): expected at least one value"),
    (
        lambda: anything.mfcc(y=np.zeros((2, 2, 2))),
        r"y has shape \(2, 2, 2\): expected 1 or 2 dim",
    ),
    (lambda: anything.mfcc(), r"y=None: expected a signal"),
    (lambda: anything.mfcc(y=Y, dct_type=4), r"dct_type=4: expected an int from 1 to 3"),
    (lambda: anything.mfcc(y=Y, n_mfcc=0), r"n_mfcc=0: expected an int from 1"),
    (lambda: anything.mfcc(y=Y, lifter=-1), r"lifter=-1: expected a finite number, at least 0"),
    (
        lambda: anything.melspectrogram(y=Y, fmin=9000.0, fmax=8000.0),
        r"fmin=9000: expected 0 <= fmin < fmax=8000",
    ),
    (lambda: anything.melspectrogram(y=Y, norm="area"), r"norm='area': expected 'slaney'"),
    (lambda: anything.melspectrogram(y=Y, n_fft=0), r"n_fft=0: expected an int from 2"),
    (lambda: anything.melspectrogram(y=Y, hop_length=0.5), r"hop_length=0.5: expected an int"),
    (
        lambda: anything.melspectrogram(y=Y, win_length=4096),
        r"win_length=4096: expected an int from 1 to 2048",
    ),
    (
        lambda: anything.melspectrogram(y=Y, window="hamm?"),
        r"window='hamm\?': expected a window",
    ),
    (
        lambda: anything.melspectrogram(y=Y, pad_mode="wrap"),
        r"pad_mode='wrap': expected one of constant",
    ),
    (lambda: anything.melspectrogram(y=Y, center=1), r"center=1: expected True or False"),
    (
        lambda: anything.melspectrogram(y=Y[:100], center=False),
        r"y=100 samples: expected at least one frame of 2048",
    ),
    (lambda: anything.melspectrogram(y=Y, sr=-1), r"sr=-1: expected a finite number above 0"),
    (
        lambda: anything.spectral_centroid(S=-np.ones((3, 2))),
        r"S\[0, 0\]=-1: expected a finite number, at least 0",
    ),
    (
        lambda: anything.spectral_centroid(y=Y, freq=np.zeros(3)),
        r"freq=an array of shape \(3,\): expected 1025",
    ),
    (
        lambda: anything.spectral_bandwidth(y=Y, centroid=np.zeros(3)),
        r"centroid=an array of shape \(3,\): expected shape \(1, 10\)",
    ),
    (
        lambda: anything.spectral_rolloff(y=Y, roll_percent=1.0),
        r"roll_percent=1.0: expected less than 1",
    ),
    (
        lambda: anything.spectral_flatness(y=Y, amin=0),
        r"amin=0: expected a finite number above 0",
    ),
    (lambda: anything.spectral_contrast(y=Y, sr=8000), r"sr=8000: expected above 12800"),
    (
        lambda: anything.spectral_contrast(y=Y, quantile=1.0),
        r"quantile=1: expected more than 0",
    ),
    (lambda: anything.chroma_stft(y=Y, norm=-1), r"norm=-1: expected a positive number"),
    (lambda: anything.chroma_stft(y=Y, tuning="A"), r"tuning='A': expected a number"),
    (lambda: anything.chroma_stft(y=Y, tuning=1j), r"tuning=1j: expected a number"),
    (
        lambda: anything.zero_crossing_rate(Y, zero_pos=0),
        r"zero_pos=0: expected True or False",
    ),
    (
        lambda: anything.rms(S=np.ones((5, 3))),
        r"frame_length=2048: expected 8 or 9 for the 5 bins",
    ),
    (
        lambda: anything.rms(y=Y, dtype=np.int16),
        r"dtype=.*int16.*: expected float32 or float64",
    ),
    (lambda: anything.power_to_db(Y, top_db=-3), r"top_db=-3: expected"),
    (
        lambda: anything.amplitude_to_db(np.array([1e30], np.float32)),
        r"S: expected amplitudes whose squares are finite numbers",
    ),
    (lambda: anything.amplitude_to_db(Y, ref=1e200), r"ref: expected amplitudes whose squares"),
    (lambda: anything.amplitude_to_db(Y, amin=1e200), r"amin: expected amplitudes whose sq"),
    (lambda: anything.rms(y=Y, dtype="foo"), r"dtype='foo': expected float32 or float64"),
    (lambda: anything.stft(Y, dtype=5), r"dtype=5: expected complex64 or complex128"),
    (
        lambda: anything.stft(Y, out=np.broadcast_to(np.complex64(0), (1025, 9))),
        r"out is read-only: expected an array that can be written to",
    ),
    (
        lambda: anything.stft(Y, window=lambda _: "x"),
        r"window=array\('x'.*: expected an array of",
    ),
    (lambda: anything.zero_crossings([[1.0], [2.0, 3.0]]), r"y=\[\[1.0\].*: expected an array"),
    (
        lambda: anything.spectral_centroid(y=Y, freq=[[1, 2], [3]]),
        r"freq=\[\[1, 2\], \[3\]\]: expected an array",
    ),
    (
        lambda: anything.onset_strength(y=Y, feature=lambda **_: None),
        r"feature gave=None: expected an array of integers, float32 or float64",
    ),
    (
        lambda: anything.onset_strength(y=Y, aggregate=lambda *_, **__: "much"),
        r"aggregate gave='much': expected an array of integers, float32 or float64",
    ),
    (lambda: anything.mfcc(y=np.full(9, 1e300)), r"y: expected values small enough to compute"),
    (lambda: anything.db_to_power(4000.0), r"S_db: expected finite levels whose powers are"),
    (
        lambda: anything.delta(np.array([-3e38] * 5 + [3e38] * 5, np.float32)),
        r"data: expected values small enough for their derivatives",
    ),
    (
        lambda: anything.spectral_centroid(S=np.ones((5, 3)), freq=np.ones((5, 2))),
        r"freq=an array of shape \(5, 2\): expected one number a bin, or shape \(5, 3\)",
    ),
    (lambda: anything.stft(Y, dtype=np.float32), r"dtype=.*: expected complex64 or complex128"),
    (lambda: anything.stft(Y, out=Y), r"out=float32: expected an array of complex numbers"),
    (
        lambda: anything.stft(Y, out=np.ones((1025, 9), complex)),
        r"out has shape \(1025, 9\): expected \(1025, 10\), or more",
    ),
    (lambda: anything.delta(np.zeros((3, 4))), r"width=9: expected at most 4 frames"),
    (lambda: anything.delta(np.zeros((3, 14)), width=4), r"width=4: expected an odd number"),
    (
        lambda: anything.onset_strength(y=Y, feature="mel"),
        r"feature='mel': expected a function or None",
    ),
    (
        lambda: anything.onset_strength(y=Y, aggregate=False),
        r"aggregate=False: expected a function or None",
    ),
    (
        lambda: anything.onset_strength(y=Y, aggregate=lambda a, **_: a),
        r"aggregate gave an array of shape \(1, 128, 9\): expected shape \(1, 9\)",
    ),
    (lambda: anything.onset_strength(y=Y, lag=0), r"lag=0: expected an int from 1"),
    (lambda: ac.onset_detect(y=Y, units="ms"), r"units='ms': expected one of frames"),
    (lambda: ac.onset_detect(y=Y, post_max=0), r"post_max=0: expected more than 0"),
    (
        lambda: ac.onset_detect(onset_envelope=np.array([np.nan])),
        r"onset_envelope: expected finite",
    ),
    (lambda: ac.onset_backtrack([-1], np.ones(3)), r"events=.*: expected frames"),
    (
        lambda: anything.extract(Y, sr=22050, features="timbre"),
        r'features="timbre": expected any of',
    ),
    (lambda: anything.extract(Y, sr=3), r"sr=3: expected an int from 100"),
    (lambda: anything.extract(np.array([np.inf]), sr=22050), r"y has inf: expected finite"),
    (
        lambda: anything.Extractor(sr=22050).push(np.array([np.inf])),
        r"block has inf: expected finite",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD, ids=[message for _, message in BAD])
def test_an_invalid_argument_is_named_with_its_value(
    call: Callable[[], Any], message: str
) -> None:
    with pytest.raises(ac.ParameterError, match=f"^{message}"):
        call()


def test_a_window_may_have_a_list_of_parameters() -> None:
    y = np.random.default_rng(0).uniform(-1, 1, 5000).astype(np.float32)
    cosines = ours.stft_magnitude(y, window=("general_cosine", [0.5, 0.5]))
    np.testing.assert_allclose(cosines, ours.stft_magnitude(y), rtol=1e-4, atol=1e-4)


def test_samples_too_large_to_add_are_refused_without_a_warning() -> None:
    extractor = ours.Extractor(sr=22050)
    extractor.push(np.full(5000, 3e38, np.float32))
    with pytest.raises(ac.SignalError, match="too large to analyse"):
        extractor.finish()


def test_an_unknown_argument_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="res_type"):
        anything.melspectrogram(y=Y, res_type="soxr_hq")


def test_other_threads_run_meanwhile() -> None:
    """A counting thread would not get far if the GIL were held for the whole call."""
    y = np.random.default_rng(0).uniform(-1, 1, 200 * SR).astype(np.float32)
    done, count = threading.Event(), 0

    def work() -> None:
        ours.melspectrogram(y=y)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    while not done.is_set():
        count += 1
        done.wait(0.001)
    thread.join()
    assert count > 3


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(0, 9000), max_size=6), st.sampled_from([8000, 22050, 48000]))
def test_a_stream_gives_the_row_of_the_whole_signal(cuts: list[int], sr: int) -> None:
    y = np.random.default_rng(0).uniform(-1, 1, 9000).astype(np.float32)
    stats = ("mean", "std", "change")
    extractor = ours.Extractor(sr=sr, features=["default", "chroma"], stats=stats)
    for block in np.split(y, sorted(cuts)):
        extractor.push(block)
    whole = ours.extract(y, sr=sr, features=["default", "chroma"], stats=stats)
    assert whole.shape == (len(extractor.columns),)
    np.testing.assert_allclose(extractor.finish(), whole, rtol=1e-6, atol=1e-6)


def test_a_row_is_the_tables() -> None:
    y = np.random.default_rng(0).uniform(-1, 1, (2, 30000)).astype(np.float64)
    table = ac.extract({"y": (y, 44100)}, features=["mfcc", "spectral_rolloff"])
    row = ours.extract(y, sr=44100, features=["mfcc", "spectral_rolloff"])
    np.testing.assert_array_equal(row, table.values[0])


def test_a_finished_extractor_says_so() -> None:
    extractor = ours.Extractor(sr=22050)
    with pytest.raises(ac.SignalError, match="there are no samples"):
        extractor.finish()
    with pytest.raises(ac.SignalError, match="this extractor is finished"):
        extractor.push(Y)
