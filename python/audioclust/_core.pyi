"""The Rust core. Arrays are borrowed, whatever their strides, and results handed over."""

from collections.abc import Callable
from typing import Any, TypeAlias, TypedDict, TypeVar, Unpack, final, type_check_only

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FINGERPRINT_HOP",
    "FINGERPRINT_RATE",
    "Analysis",
    "Bands",
    "Decoder",
    "Describer",
    "Extractor",
    "Fingerprinter",
    "Framing",
    "Front",
    "Gain",
    "Gaussians",
    "Inspection",
    "Inspector",
    "Measure",
    "Plan",
    "Projection",
    "Som",
    "Trim",
    "Viterbi",
    "WindowMeans",
    "__version__",
    "assign",
    "check_distinct",
    "check_rows",
    "column_names",
    "epoch_order",
    "estimate_tuning",
    "exact_sums",
    "fingerprint_matches",
    "kmeans",
    "lloyd_check",
    "lloyd_farthest",
    "lloyd_fillers",
    "lloyd_labels",
    "lloyd_largest",
    "lloyd_moments",
    "lloyd_moved",
    "lloyd_next",
    "lloyd_offset",
    "lloyd_shifted",
    "lloyd_step",
    "lloyd_total",
    "lloyd_variance",
    "mark_crossings",
    "moments",
    "multiplied",
    "neighbor_scatter",
    "neighbors",
    "onset_growth",
    "onset_peaks",
    "partial",
    "power_to_db",
    "registry",
    "silhouettes",
    "sniff",
    "stft",
    "tsne",
    "tsne_place",
    "ward",
]

__version__: str
FINGERPRINT_HOP: int
FINGERPRINT_RATE: int

_Float = TypeVar("_Float", np.float32, np.float64)
_Framing: TypeAlias = tuple[NDArray[Any], NDArray[np.float64], NDArray[np.float64], int]
_ClusterSums: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int64]]
_Floats: TypeAlias = NDArray[np.float32] | NDArray[np.float64]

@type_check_only
class OwnAnalysis(TypedDict):
    sr: int
    n_fft: int
    win_length: int
    hop_length: int

@type_check_only
class FeatureEntry(TypedDict):
    name: str
    columns: list[str]
    unit: str
    source: str
    settings: tuple[str, ...]
    sets: list[str]
    analysis: OwnAnalysis | None

@type_check_only
class ContrastOptions(TypedDict):
    sr: float
    n_fft: int
    freq: NDArray[np.float64] | None
    fmin: float
    n_bands: int
    quantile: float
    linear: bool

@type_check_only
class ChromaOptions(TypedDict):
    sr: float
    n_fft: int
    n_chroma: int
    tuning: float
    ctroct: float
    octwidth: float | None
    base_c: bool
    norm: float | None

@type_check_only
class MelOptions(TypedDict):
    sr: float
    n_fft: int
    n_mels: int
    fmin: float
    fmax: float | None
    htk: bool
    norm: str | float | None
    power: float

@type_check_only
class MfccOptions(MelOptions):
    n_mfcc: int
    dct_type: int
    orthonormal: bool
    lifter: float

@type_check_only
class CosineOptions(TypedDict):
    n_bands: int
    n_mfcc: int
    dct_type: int
    orthonormal: bool
    lifter: float

@type_check_only
class PeakOptions(TypedDict):
    pre_max: int
    post_max: int
    pre_avg: int
    post_avg: int
    delta: float
    wait: int

@type_check_only
class KMeansOptions(TypedDict):
    n_clusters: int
    n_init: int
    max_iter: int
    tol: float
    seed: int
    n_threads: int

@type_check_only
class SomOptions(TypedDict):
    shape: tuple[int, int]
    topology: str
    boundary: str
    neighborhood: str
    n_epochs: int
    learning_rate: float
    sigma: float
    decay: str
    seed: int

@final
class Analysis:
    def __new__(
        cls,
        sr: float,
        window: NDArray[np.float64],
        hop_length: int,
        fmin: float,
        fmax: float | None,
    ) -> Analysis: ...

@final
class Plan:
    def __new__(cls, requests: list[tuple[str, Analysis]], stats: list[str]) -> Plan: ...

@final
class Describer:
    RATE: int
    def __new__(cls) -> Describer: ...
    def push(self, block: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.float32]: ...

@final
class Extractor:
    def __new__(cls, plan: Plan) -> Extractor: ...
    def push(self, block: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.float32]: ...

@final
class Fingerprinter:
    def __new__(cls) -> Fingerprinter: ...
    def push(self, block: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.uint32]: ...

@final
class Inspection:
    n_samples: int
    channels: int
    clipped_runs: int
    clipped_samples: int
    zeros: tuple[int, int, int]
    mix_share: float
    level_frames: int
    quiet_before: int
    quiet_after: int
    cut: tuple[float, float] | None

@final
class Inspector:
    def __new__(cls, channels: int) -> Inspector: ...
    def push(self, block: NDArray[np.float32]) -> None: ...
    def finish(self) -> Inspection: ...

@final
class Decoder:
    def __new__(
        cls,
        path: bytes,
        format_name: str | None = None,
        *,
        max_seconds: float | None = None,
        max_work: float | None = None,
    ) -> Decoder: ...
    @property
    def sr(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def format(self) -> str: ...
    @property
    def frames(self) -> int | None: ...
    def read(self, n_frames: int) -> NDArray[np.float32]: ...
    def skip(self, n_frames: int) -> int: ...
    def warnings(self) -> list[str]: ...
    def close(self) -> None: ...

@final
class Framing:
    def __new__(
        cls,
        window: NDArray[np.float64],
        hop_length: int,
        *,
        centred: bool,
        zero: float = 0.0,
        zero_is_positive: bool = True,
    ) -> Framing: ...

@final
class Measure:
    @staticmethod
    def bins(n_fft: int, power: bool) -> Measure: ...
    @staticmethod
    def rms() -> Measure: ...
    @staticmethod
    def rms_of_spectrum(frame_length: int) -> Measure: ...
    @staticmethod
    def zero_crossing_rate(first_counts: bool) -> Measure: ...
    @staticmethod
    def centroid(sr: float, n_fft: int, freq: NDArray[np.float64] | None) -> Measure: ...
    @staticmethod
    def bandwidth(
        sr: float,
        n_fft: int,
        freq: NDArray[np.float64] | None,
        norm: bool,
        p: float,
        centroid: NDArray[np.float64] | None,
    ) -> Measure: ...
    @staticmethod
    def rolloff(
        sr: float, n_fft: int, freq: NDArray[np.float64] | None, roll_percent: float
    ) -> Measure: ...
    @staticmethod
    def flatness(amin: float, power: float) -> Measure: ...
    @staticmethod
    def contrast(**options: Unpack[ContrastOptions]) -> Measure: ...
    @staticmethod
    def chroma(**options: Unpack[ChromaOptions]) -> Measure: ...
    @staticmethod
    def mel(**options: Unpack[MelOptions]) -> Measure: ...
    @staticmethod
    def mfcc(**options: Unpack[MfccOptions]) -> Measure: ...
    @staticmethod
    def mfcc_of_levels(**options: Unpack[CosineOptions]) -> Measure: ...
    def of_signal(self, y: _Floats, framing: Framing) -> NDArray[Any]: ...
    def of_spectra(self, spectra: _Floats, given: str) -> NDArray[Any]: ...

@final
class Som:
    def __new__(cls, **options: Unpack[SomOptions]) -> Som: ...
    def train_batch(
        self,
        rows: _Floats,
        weights: NDArray[np.float64] | None,
        codebook: _Floats,
        *,
        n_threads: int,
    ) -> NDArray[Any]: ...
    def train_online(
        self,
        rows: _Floats,
        weights: NDArray[np.float64] | None,
        codebook: _Floats,
        *,
        first: int,
        end: int,
    ) -> NDArray[Any]: ...
    def fit(
        self,
        rows: _Floats,
        weights: NDArray[np.float64] | None,
        codebook: _Floats,
        *,
        n_threads: int,
    ) -> tuple[NDArray[np.int32], NDArray[np.float64], float, float]: ...
    def umatrix(self, codebook: _Floats, *, reduce: str = "mean") -> NDArray[np.float64]: ...

def sniff(path: bytes) -> tuple[str | None, int]: ...
def epoch_order(n_rows: int, seed: int, epoch: int) -> NDArray[np.uint64]: ...
def power_to_db(
    s: _Floats, *, reference: float, amin: float, top_db: float | None
) -> NDArray[Any]: ...
def stft(y: _Floats, framing: Framing, wide: bool) -> NDArray[Any]: ...
def mark_crossings(
    y: NDArray[np.float64], zero: float, zero_is_positive: bool
) -> NDArray[np.bool_]: ...
def onset_growth(
    levels: _Floats, reference: _Floats | None, *, lag: int, max_size: int
) -> NDArray[Any]: ...
def onset_peaks(
    values: NDArray[np.float64], **options: Unpack[PeakOptions]
) -> NDArray[np.int64]: ...
def estimate_tuning(
    power: NDArray[np.float32], sr: float, n_fft: int, n_chroma: int
) -> float: ...
def registry() -> list[FeatureEntry]: ...
def column_names(features: list[str], stats: list[str]) -> list[str]: ...
def kmeans(
    rows: NDArray[_Float],
    *,
    init: str | NDArray[_Float] = ...,
    sample_weight: NDArray[np.float64] | None = None,
    report: Callable[[str, int, float, float], object] | None = None,
    **options: Unpack[KMeansOptions],
) -> tuple[NDArray[np.int32], NDArray[_Float], float, int, int]: ...
def assign(
    rows: NDArray[_Float],
    centers: NDArray[_Float],
    *,
    n_threads: int,
    sample_weight: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.int32], float]: ...
def partial(
    rows: NDArray[_Float],
    centers: NDArray[_Float],
    *,
    n_threads: int,
    sample_weight: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]: ...
def exact_sums(
    rows: NDArray[_Float],
    about: NDArray[np.float64],
    largest: NDArray[np.float64],
    n_total: int,
    *,
    squares: bool = False,
    n_threads: int = 1,
) -> NDArray[np.float64]: ...
def lloyd_offset(rows: NDArray[_Float]) -> tuple[NDArray[_Float], NDArray[np.float64]]: ...
def lloyd_largest(rows: NDArray[_Float], offset: NDArray[_Float]) -> NDArray[np.float64]: ...
def lloyd_check(rows: NDArray[_Float], framing: _Framing, *, first: int = 0) -> None: ...
def lloyd_moments(rows: NDArray[_Float], framing: _Framing) -> NDArray[np.float64]: ...
def lloyd_variance(moments: NDArray[np.float64], n_total: int) -> float: ...
def lloyd_shifted(
    centers: NDArray[_Float], framing: _Framing, *, back: bool = False
) -> NDArray[_Float]: ...
def lloyd_step(
    rows: NDArray[_Float], centers: NDArray[_Float], framing: _Framing
) -> _ClusterSums: ...
def lloyd_farthest(
    rows: NDArray[_Float], centers: NDArray[_Float], framing: _Framing, enough: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int32]]: ...
def lloyd_fillers(
    counts: NDArray[np.int64], labels: NDArray[np.int32]
) -> list[tuple[int, int]]: ...
def lloyd_moved(
    sums: _ClusterSums,
    rows: NDArray[_Float],
    moves: list[tuple[int, int]],
    framing: _Framing,
) -> _ClusterSums: ...
def lloyd_next(
    sums: _ClusterSums, centers: NDArray[_Float], framing: _Framing
) -> tuple[NDArray[_Float], float]: ...
def lloyd_labels(
    rows: NDArray[_Float], centers: NDArray[_Float]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]: ...
def lloyd_total(digits: NDArray[np.int64]) -> float: ...
def check_rows(
    rows: NDArray[_Float], sample_weight: NDArray[np.float64] | None = None
) -> None: ...
def neighbors(
    rows: NDArray[_Float], k: int, *, n_threads: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]: ...
def fingerprint_matches(
    prints: list[NDArray[np.uint32]],
    *,
    errors: float,
    errors_of_few: float,
    enough: int,
    least: int,
    overlap: float,
    n_threads: int,
) -> list[tuple[int, int, int, int, int]]: ...
def neighbor_scatter(
    rows: NDArray[np.float64], k: int, *, n_threads: int
) -> NDArray[np.float64]: ...
def tsne(
    rows: NDArray[_Float],
    start: NDArray[np.float64],
    *,
    perplexity: float,
    early_exaggeration: float,
    learning_rate: float | None,
    theta: float,
    max_iter: int,
    n_threads: int,
) -> tuple[NDArray[np.float64], float, int]: ...
def tsne_place(
    rows: NDArray[_Float],
    points: NDArray[np.float64],
    new_rows: NDArray[_Float],
    *,
    perplexity: float,
    n_threads: int,
) -> NDArray[np.float64]: ...
def multiplied(
    rows: NDArray[np.float64], matrix: NDArray[np.float64], *, n_threads: int
) -> NDArray[np.float64]: ...
def ward(
    rows: NDArray[np.float64], *, n_threads: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]: ...
def check_distinct(rows: NDArray[_Float], k: int) -> None: ...
def silhouettes(
    rows: NDArray[np.float64], labelings: NDArray[np.uint32], *, n_threads: int
) -> NDArray[np.float64]: ...

@final
class Front:
    def __new__(
        cls, n_channels: int, channel: int | None, highpass: float | None, sr: int
    ) -> Front: ...
    def push(
        self, block: NDArray[np.float32], inspector: Inspector | None = None
    ) -> NDArray[np.float32]: ...

@final
class Trim:
    def __new__(cls, top_db: float) -> Trim: ...
    def push(self, y: NDArray[np.float32]) -> None: ...
    def finish(self) -> tuple[int, int]: ...

@final
class Gain:
    def __new__(cls, target: str, sr: int) -> Gain: ...
    def push(self, y: NDArray[np.float32]) -> None: ...
    def finish(self) -> float: ...

@final
class Bands:
    def __new__(cls, plan: Plan) -> Bands: ...
    @property
    def n_bands(self) -> int: ...
    def push(self, block: NDArray[np.float32]) -> NDArray[np.float32]: ...
    def finish(self) -> tuple[NDArray[np.float32], Projection]: ...

@final
class Projection:
    def columns(self, bands: NDArray[np.float32]) -> NDArray[np.float32]: ...

@final
class WindowMeans:
    def __new__(cls, starts: list[int], ends: list[int], n_columns: int) -> WindowMeans: ...
    def push(self, rows: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.float32]: ...

def moments(
    rows: NDArray[np.float32], labels: NDArray[np.int32], n_labels: int
) -> tuple[NDArray[np.uint64], NDArray[np.float64], NDArray[np.float64]]: ...

@final
class Gaussians:
    def __new__(
        cls, means: NDArray[np.float64], whitening: NDArray[np.float64]
    ) -> Gaussians: ...
    def scores(
        self, rows: NDArray[np.float32], votes: NDArray[np.bool_], clip: float
    ) -> NDArray[np.float32]: ...

@final
class Viterbi:
    def __new__(cls, n_labels: int, least: int, change: float = 0.0) -> Viterbi: ...
    def push(self, scores: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.int32]: ...
