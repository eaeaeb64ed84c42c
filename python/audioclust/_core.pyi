"""The Rust core. Arrays are borrowed, whatever their strides, and results handed over."""

from typing import TypedDict, final, type_check_only

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Analysis",
    "Extractor",
    "Plan",
    "__version__",
    "assign",
    "column_names",
    "kmeans",
    "registry",
]

__version__: str

@type_check_only
class FeatureEntry(TypedDict):
    name: str
    columns: list[str]
    unit: str
    source: str
    default: bool

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
class Extractor:
    def __new__(cls, plan: Plan) -> Extractor: ...
    def push(self, block: NDArray[np.float32]) -> None: ...
    def finish(self) -> NDArray[np.float32]: ...

def registry() -> list[FeatureEntry]: ...
def column_names(features: list[str], stats: list[str]) -> list[str]: ...
def kmeans(
    rows: NDArray[np.float64],
    *,
    n_clusters: int,
    n_init: int,
    max_iter: int,
    tol: float,
    seed: int,
    n_threads: int,
) -> tuple[NDArray[np.int32], NDArray[np.float64], float, int]: ...
def assign(
    rows: NDArray[np.float64], centers: NDArray[np.float64], *, n_threads: int
) -> tuple[NDArray[np.int32], NDArray[np.float64]]: ...
