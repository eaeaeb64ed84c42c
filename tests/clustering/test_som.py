"""Self-organizing maps: the steps of their definition, and MiniSom's errors."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minisom import MiniSom
from sklearn.datasets import load_iris

from audioclust import SOM, _core
from audioclust.clustering.maps.som import (
    Boundary,
    Decay,
    Init,
    MapSettings,
    Neighborhood,
    Training,
    fit_som,
    initial_codebook,
)
from audioclust.clustering.maps.trained_map import Topology

GRIDS = list(product(["rectangular", "hexagonal"], ["planar", "toroidal"]))
KINDS = [(*grid, shape) for grid in GRIDS for shape in ("gaussian", "bubble")]


def rows(n: int, d: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(n, d))


# A slow implementation to compare with: every formula is written down directly.


def squared_distances(shape: tuple[int, int], topology: str, boundary: str) -> np.ndarray:
    """Between all units of a grid; on a torus, between their nearest images."""
    height = np.sqrt(3) / 2 if topology == "hexagonal" else 1.0
    places = np.array(
        [
            (row * height, col + (0.5 if topology == "hexagonal" and row % 2 else 0.0))
            for row in range(shape[0])
            for col in range(shape[1])
        ]
    )
    apart = places[:, None] - places
    size = np.array([shape[0] * height, shape[1]])
    images = product([-1, 0, 1], repeat=2) if boundary == "toroidal" else [(0, 0)]
    squares = [((apart + np.array(image) * size) ** 2).sum(axis=2) for image in images]
    # They are multiples of 1/4. Rounding errors must not decide who is at a bubble's edge.
    return np.asarray(np.round(np.min(squares, axis=0) * 4) / 4)


def shares(squares: np.ndarray, neighborhood: str, radius: float) -> np.ndarray:
    if neighborhood == "gaussian":
        return np.exp(-squares / (2 * radius**2))
    return np.where(squares <= radius**2, 1.0, 0.0)


def schedule(s: MapSettings, step: int, total: int) -> tuple[float, float]:
    sigma = max(s.shape) / 2 if s.sigma is None else s.sigma
    if s.decay == "to_zero":
        left = 1 - step / total
        return sigma * left, s.learning_rate * left
    progress = step / max(total - 1, 1)
    last = min(0.5, sigma)
    return (
        sigma * (1 - progress) + last * progress,
        s.learning_rate * (1 - progress) + 0.01 * s.learning_rate * progress,
    )


def batch_twin(x: np.ndarray, s: MapSettings, weights: np.ndarray | None = None) -> np.ndarray:
    units = initial_codebook(x, s, weights).astype(float)
    squares = squared_distances(s.shape, s.topology, s.boundary)
    weights = np.ones(len(x)) if weights is None else weights
    for epoch in range(s.n_epochs):
        best = ((x[:, None] - units) ** 2).sum(axis=2).argmin(axis=1)
        h = shares(squares, s.neighborhood, schedule(s, epoch, s.n_epochs)[0])
        factors = h[:, best] * weights
        total = factors.sum(axis=1)
        moved = total > 0
        # A matrix product may round differently for each unit; equal sums must be equal.
        sums = (factors[:, :, None] * x).sum(axis=1)
        units[moved] = sums[moved] / total[moved, None]
    return units


def online_twin(x: np.ndarray, s: MapSettings) -> np.ndarray:
    units = initial_codebook(x, s).astype(float)
    squares = squared_distances(s.shape, s.topology, s.boundary)
    step = 0
    for epoch in range(s.n_epochs):
        for row in _core.epoch_order(len(x), s.seed, epoch):
            radius, rate = schedule(s, step, s.n_epochs * len(x))
            best = ((x[row] - units) ** 2).sum(axis=1).argmin()
            h = rate * shares(squares[best], s.neighborhood, radius)
            units += h[:, None] * (x[row] - units)
            step += 1
    return units


@pytest.mark.parametrize(("topology", "boundary", "neighborhood"), KINDS)
@pytest.mark.parametrize("training", ["batch", "online"])
@pytest.mark.parametrize("shape", [(4, 5), (6, 3), (8, 9), (2, 1)])
def test_training_is_that_of_its_definition(
    training: Training,
    topology: Topology,
    boundary: Boundary,
    neighborhood: Neighborhood,
    shape: tuple[int, int],
) -> None:
    twin = batch_twin if training == "batch" else online_twin
    starts: list[tuple[Decay, Init]] = [("to_floor", "sample"), ("to_zero", "random")]
    for decay, init in starts:
        s = MapSettings(
            shape,
            topology=topology,
            boundary=boundary,
            neighborhood=neighborhood,
            training=training,
            n_epochs=6,
            # In a bubble as large as the map all units would be equal but for rounding errors.
            sigma=1.5 if neighborhood == "bubble" else None,
            decay=decay,
            init=init,
            seed=3,
        )
        x = rows(40, 3)
        np.testing.assert_allclose(
            fit_som(x, s).codebook.reshape(-1, 3), twin(x, s), rtol=0, atol=1e-10
        )
        single = x.astype(np.float32)
        found = fit_som(single, s).codebook
        assert found.dtype == np.float32
        expected = twin(single.astype(np.float64), s)
        np.testing.assert_allclose(found.reshape(-1, 3), expected, rtol=0, atol=1e-4)


def test_a_unit_with_nothing_in_its_neighbourhood_stays() -> None:
    x = rows(30, 2)
    s = MapSettings((5, 6), neighborhood="bubble", sigma=0.5, n_epochs=1, init="sample")
    start = initial_codebook(x, s)
    far = start.copy()
    far[7] = 1000
    core = s.checked()
    trained = core.train_batch(x, None, far, n_threads=1)
    assert np.array_equal(trained[7], [1000, 1000])
    assert not np.array_equal(trained, far)


def test_the_plane_of_the_start_is_that_of_the_principal_components() -> None:
    x = rows(300, 4) * [5, 3, 1, 1] + [1, 2, 3, 4]
    for shape in [(4, 7), (7, 4)]:
        plane = initial_codebook(x, MapSettings(shape)).reshape(*shape, 4)
        np.testing.assert_allclose(plane.mean(axis=(0, 1)), x.mean(axis=0), atol=1e-12)
        _, deviations, vectors = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)
        long = plane[0, -1] - plane[0, 0] if shape[1] > shape[0] else plane[-1, 0] - plane[0, 0]
        expected = 2 * deviations[0] / np.sqrt(len(x)) * vectors[0]
        np.testing.assert_allclose(long, expected * np.sign(expected @ long), atol=1e-9)
        assert long[np.abs(long).argmax()] > 0


@pytest.mark.parametrize("topology", ["rectangular", "hexagonal"])
def test_the_errors_are_minisoms(topology: Topology) -> None:
    x = load_iris().data
    # MiniSom's first axis lies along rows. With an odd number of rows it shifts the same ones.
    theirs = MiniSom(6, 7, 4, sigma=1.0, topology=topology, random_seed=0)
    theirs.random_weights_init(x)
    theirs.train(x, 300)
    units = theirs.get_weights().transpose(1, 0, 2)
    core = MapSettings((7, 6), topology=topology).checked()
    labels, _, quantization, topographic = core.fit(x, None, units.reshape(-1, 4), n_threads=2)
    assert quantization == pytest.approx(theirs.quantization_error(x), rel=1e-12)
    assert topographic == pytest.approx(theirs.topographic_error(x), rel=1e-12)
    assert 0 < topographic < 1
    winners = [theirs.winner(row)[::-1] for row in x]
    assert np.array_equal(np.stack(np.divmod(labels, 6), axis=1), winners)
    umatrix = core.umatrix(units.reshape(-1, 4)).reshape(7, 6)
    if topology == "rectangular":
        expected = theirs.distance_map(scaling="mean").T
        np.testing.assert_allclose(umatrix / umatrix.max(), expected, rtol=1e-12)


@settings(max_examples=15, deadline=None)
@given(n=st.integers(1, 2000), threads=st.integers(2, 5), single=st.booleans())
def test_the_number_of_threads_changes_no_bit(n: int, threads: int, single: bool) -> None:
    x = rows(n, 4, n).astype(np.float32 if single else np.float64)
    one, more = (fit_som(x, MapSettings((4, 5), n_epochs=4, n_threads=t)) for t in (1, threads))
    assert np.array_equal(one.codebook, more.codebook)
    assert np.array_equal(one.labels, more.labels)
    assert one.quantization_error == more.quantization_error
    assert one.topographic_error == more.topographic_error


@pytest.mark.parametrize(
    ("training", "n_epochs", "decay"),
    # A hundred steps and the decay as published, the same with our decay, and our defaults.
    [("online", 10, "to_zero"), ("online", 10, "to_floor"), ("batch", 20, "to_floor")],
)
def test_published_colours_lie_in_neighbourhoods_of_their_own(
    training: Training, n_epochs: int, decay: Decay, data: Path
) -> None:
    published = json.loads((data / "published_results.json").read_text(encoding="utf-8"))
    colours = np.array(published["som_colours"]["rows"], np.float64)
    for init, seed in product(get_args(Init), range(5)):
        som = SOM((4, 4), training=training, n_epochs=n_epochs, decay=decay, init=init)
        som.set_params(random_state=seed).fit(colours)
        assert som.topographic_error_ <= 0.1
        # Three blues, three greens, three reds, and a yellow that may be anywhere.
        places = [som.bmus_[first : first + 3] for first in (0, 3, 6)]
        within = max(np.abs(p[:, None] - p).max() for p in places)
        between = min(
            np.abs(a[:, None] - b).max(axis=2).min()
            for i, a in enumerate(places)
            for b in places[:i]
        )
        assert within <= 1 < between


def test_duplicates_land_together() -> None:
    x = np.repeat(rows(20, 3), 3, axis=0)
    for training in ("batch", "online"):
        labels = SOM((5, 5), training=training, random_state=0).fit_predict(x)
        assert np.array_equal(labels.reshape(20, 3).min(axis=1), labels[::3])
        assert np.array_equal(labels.reshape(20, 3).max(axis=1), labels[::3])


@pytest.mark.parametrize("training", ["batch", "online"])
@pytest.mark.parametrize(("topology", "boundary"), GRIDS)
def test_few_rows_and_constant_columns_give_maps(
    training: Training, topology: Topology, boundary: Boundary
) -> None:
    constant = rows(10, 3)
    constant[:, 1] = 7
    for x in (rows(1, 3), rows(9, 1), constant, np.zeros((5, 2))):
        som = SOM((2, 3), topology=topology, boundary=boundary, training=training)
        som.set_params(random_state=0).fit(x)
        assert np.isfinite(som.codebook_).all()
        assert som.hit_map().sum() == len(x)
    assert np.allclose(som.codebook_, 0)
    som = SOM((1, 1), training=training, sigma=1).fit(constant)
    assert som.topographic_error_ == 0
    assert som.umatrix_.item() == 0
    if training == "batch":
        np.testing.assert_allclose(som.codebook_[0, 0], constant.mean(axis=0), rtol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_strides_do_not_matter(dtype: type) -> None:
    x = rows(50, 6).astype(dtype)
    wide: Any = np.zeros((100, 12), dtype)
    wide[::2, ::2] = x
    for training in ("batch", "online"):
        s = MapSettings((3, 4), training=training, n_epochs=2, seed=1, init="sample")
        expected = fit_som(x, s).codebook
        for same in (np.asfortranarray(x), wide[::2, ::2], x[::-1].copy()[::-1]):
            assert np.array_equal(fit_som(same, s).codebook, expected)


def test_a_weight_is_a_number_of_rows() -> None:
    x = rows(60, 3)
    weights = np.random.default_rng(1).integers(0, 4, 60).astype(float)
    repeated = np.repeat(x, weights.astype(int), axis=0)
    weighted = SOM((4, 4), random_state=0).fit(x, sample_weight=weights)
    plain = SOM((4, 4), random_state=0).fit(repeated)
    np.testing.assert_allclose(weighted.codebook_, plain.codebook_, atol=1e-9)
    np.testing.assert_allclose(
        weighted.codebook_.reshape(-1, 3),
        batch_twin(x, MapSettings((4, 4)), weights),
        atol=1e-9,
    )
    assert weighted.quantization_error_ == pytest.approx(plain.quantization_error_)
    assert weighted.topographic_error_ == pytest.approx(plain.topographic_error_)
    assert np.array_equal(weighted.hit_map(), plain.hit_map())


def test_online_a_weight_is_a_number_of_steps() -> None:
    row = rows(1, 3)
    start = rows(20, 3, 1)
    # In three steps of a hundred million the rate hardly falls.
    s = MapSettings((4, 5), training="online", n_epochs=100_000_000, sigma=2)
    once = s.checked().train_online(row, np.array([3.0]), start, first=0, end=1)
    thrice = s.checked().train_online(row, None, start, first=0, end=3)
    np.testing.assert_allclose(once, thrice, atol=1e-6)
    assert np.array_equal(
        s.checked().train_online(row, np.array([0.0]), start, first=0, end=1), start
    )
