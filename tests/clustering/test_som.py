"""The self-organizing map: the steps of its definition, and scikit-learn's manners."""

from __future__ import annotations

import json
import pickle
import warnings
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from minisom import MiniSom
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from audioclust import SOM, _core
from audioclust.clustering.som import MapSettings, fit_som, initial_codebook
from audioclust.errors import ParameterError, VersionWarning

GRIDS = list(product(["rectangular", "hexagonal"], ["planar", "toroidal"]))
KINDS = [(*grid, shape) for grid in GRIDS for shape in ("gaussian", "bubble")]


def rows(n: int, d: int, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(size=(n, d))


# The slow twin: every formula written down directly.


def squared_distances(shape: tuple[int, int], topology: str, boundary: str) -> np.ndarray:
    """Between all units of a grid: to the nearest image where sides are joined."""
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
    # Multiples of a quarter but for rounding, which the edge of a bubble must not feel.
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
        # Not a product of matrices: equal neighbourhoods must give equal units.
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
    training: str, topology: str, boundary: str, neighborhood: str, shape: tuple[int, int]
) -> None:
    twin = batch_twin if training == "batch" else online_twin
    for decay, init in [("to_floor", "sample"), ("to_zero", "random")]:
        s = MapSettings(
            shape,
            topology,
            boundary,
            neighborhood,
            training,
            n_epochs=6,
            # A bubble as large as the map would leave only rounding between units.
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
def test_the_errors_are_minisoms(topology: str) -> None:
    x = load_iris().data
    # MiniSom's first axis lies along rows; an odd number of rows shifts the same of them.
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
    # A hundred steps, as published, and falling as there; and the defaults.
    [("online", 10, "to_zero"), ("online", 10, "to_floor"), ("batch", 20, "to_floor")],
)
def test_published_colours_lie_in_neighbourhoods_of_their_own(
    training: str, n_epochs: int, decay: str, data: Path
) -> None:
    published = json.loads((data / "published_results.json").read_text(encoding="utf-8"))
    colours = np.array(published["som_colours"]["rows"], np.float64)
    for init, seed in product(["pca", "sample", "random"], range(5)):
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
def test_edge_cases_are_maps_too(training: str, topology: str, boundary: str) -> None:
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
    # A rate that does not fall over three steps of a hundred million.
    s = MapSettings((4, 5), training="online", n_epochs=100_000_000, sigma=2)
    once = s.checked().train_online(row, np.array([3.0]), start, first=0, end=1)
    thrice = s.checked().train_online(row, None, start, first=0, end=3)
    np.testing.assert_allclose(once, thrice, atol=1e-6)
    assert np.array_equal(
        s.checked().train_online(row, np.array([0.0]), start, first=0, end=1), start
    )


def test_a_fit_can_be_made_of_parts() -> None:
    x = rows(40, 3)
    whole = SOM((4, 4), training="online", n_epochs=5, random_state=2).fit(x)
    parts = SOM((4, 4), training="online", n_epochs=5, random_state=2)
    for epoch in range(5):
        parts.partial_fit(x)
        assert parts.n_iter_ == epoch + 1
    assert np.array_equal(whole.codebook_, parts.codebook_)
    assert np.array_equal(whole.labels_, parts.labels_)
    parts.partial_fit(x[:7])
    assert parts.labels_.shape == (7,)
    assert not hasattr(SOM(), "partial_fit")
    with pytest.raises(AttributeError) as raised:
        SOM().partial_fit(x)
    assert "training='batch': expected 'online'" in str(raised.value.__cause__)


def test_what_is_asked_later_agrees_with_the_fit() -> None:
    x = rows(200, 3)
    som = SOM((4, 6), random_state=0).fit(x)
    units = som.codebook_.reshape(-1, 3)
    distances = np.sqrt(((x[:, None] - units) ** 2).sum(axis=2))
    np.testing.assert_allclose(som.transform(x), distances, rtol=1e-12)
    assert np.array_equal(som.predict(x), distances.argmin(axis=1))
    assert np.array_equal(som.labels_, som.predict(x))
    assert np.array_equal(som.bmus_[:, 0] * 6 + som.bmus_[:, 1], som.labels_)
    assert som.quantization_error_ == pytest.approx(distances.min(axis=1).mean())
    assert np.array_equal(som.hit_map().ravel(), np.bincount(som.labels_, minlength=24))
    assert som.get_feature_names_out()[23] == "som23"
    assert som.codebook_.shape == (4, 6, 3)


def test_regions_are_groups_of_units() -> None:
    centers = np.array([[0, 0], [10, 0], [0, 10]])
    truth = np.repeat([0, 1, 2], 50)
    x = centers[truth] + rows(150, 2) * 0.3
    som = SOM((6, 6), random_state=0).fit(x)
    regions = som.regions(3)
    assert regions.shape == (6, 6)
    found = regions.ravel()[som.labels_]
    assert {tuple(np.bincount(found[truth == t], minlength=3)) for t in range(3)} == {
        (50, 0, 0),
        (0, 50, 0),
        (0, 0, 50),
    }
    with pytest.raises(ParameterError, match="k=37 regions need at least 37 different units"):
        som.regions(37)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"shape": (0, 3)}, r"shape=\(0, 3\): expected two ints of at least 1"),
        ({"shape": 5}, "shape=5: expected a pair of ints"),
        ({"shape": (2, 3, 4)}, "expected a pair of ints"),
        ({"shape": (2.5, 3)}, "expected two ints"),
        ({"shape": (10**5, 10**5)}, "expected at most 16777216 units"),
        (
            {"shape": (3, 4), "topology": "hexagonal", "boundary": "toroidal"},
            r"shape=\(3, 4\): expected an even number of rows",
        ),
        ({"topology": "round"}, "topology='round': expected one of rectangular, hexagonal"),
        ({"boundary": None}, "boundary=None: expected a word"),
        ({"neighborhood": "x"}, "neighborhood='x': expected one of gaussian, bubble"),
        ({"training": "x"}, "training='x': expected one of batch, online"),
        ({"decay": "x"}, "decay='x': expected one of to_floor, to_zero"),
        ({"init": "x"}, "init='x': expected one of pca, sample, random"),
        ({"n_epochs": 0}, "n_epochs=0: expected an int from 1"),
        ({"learning_rate": 0}, "learning_rate=0: expected a positive number up to 1"),
        ({"learning_rate": 1.5}, "learning_rate=1.5: expected a positive number up to 1"),
        ({"sigma": 0}, "sigma=0: expected a positive number"),
        ({"sigma": float("nan")}, "sigma=nan: expected a finite number"),
        ({"n_jobs": 0}, "n_jobs=0"),
    ],
)
def test_what_cannot_be_is_named(parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        SOM(**parameters).fit(rows(20, 2))


def test_rows_that_cannot_be_are_named() -> None:
    x = rows(20, 2)
    for value in (np.nan, np.inf):
        bad = x.copy()
        bad[3, 1] = value
        with pytest.raises(ValueError, match="NaN|infinity"):
            SOM().fit(bad)
        with pytest.raises(ParameterError, match="row 3, column 1 is (NaN|inf)"):
            fit_som(bad, MapSettings(init="sample"))
    far = np.array([[0.0], [1e30]], np.float32)
    with pytest.raises(ParameterError, match="X=values up to 1.*e30: expected distances whose"):
        fit_som(far, MapSettings(init="sample"))
    with pytest.raises(ValueError, match="features"):
        SOM().fit(x).predict(rows(3, 5))
    with pytest.raises(ValueError, match="[Ww]eight"):
        SOM().fit(x, sample_weight=np.zeros(20))
    with pytest.raises(ValueError, match="[Nn]egative"):
        SOM().fit(x, sample_weight=np.full(20, -1.0))


def test_it_lives_among_scikit_learns_tools() -> None:
    x = load_iris().data
    pipeline = make_pipeline(StandardScaler(), SOM((3, 3), random_state=0))
    pipeline.set_output(transform="default")
    assert pipeline.fit_transform(x).shape == (150, 9)
    search = GridSearchCV(
        SOM((3, 3), random_state=0),
        {"n_epochs": [1, 10]},
        scoring=lambda som, x, _=None: -som.transform(x).min(axis=1).mean(),
        cv=3,
    ).fit(x)
    assert search.best_params_["n_epochs"] in (1, 10)
    state = np.random.RandomState(5)
    first, second = (SOM((3, 3), init="sample", random_state=state).fit(x) for _ in range(2))
    assert not np.array_equal(first.codebook_, second.codebook_)
    again = clone(first).set_params(random_state=np.random.RandomState(5)).fit(x)
    assert np.array_equal(first.codebook_, again.codebook_)


def test_a_pickle_of_another_version_is_told() -> None:
    som = SOM((2, 2), random_state=0).fit(rows(20, 2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        back = pickle.loads(pickle.dumps(som))
    assert np.array_equal(back.codebook_, som.codebook_)
    assert vars(back).keys() == vars(som).keys()
    state = som.__getstate__()
    assert state["_audioclust_version"] == _core.__version__
    state["_audioclust_version"] = "0.0.7"
    with pytest.warns(VersionWarning, match=rf"by audioclust 0.0.7.*by {_core.__version__}"):
        SOM().__setstate__(state)


def expected_failures(estimator: SOM) -> dict[str, str]:
    if estimator.training == "batch":
        return {}
    reason = "a sample that is there twice is shown at two random moments, a weight at one"
    return {
        "check_sample_weight_equivalence_on_dense_data": reason,
        "check_sample_weight_equivalence_on_sparse_data": reason,
    }


@parametrize_with_checks(  # type: ignore[untyped-decorator]
    [
        SOM((3, 3), n_epochs=3),
        SOM((2, 3), topology="hexagonal", training="online", n_epochs=3, init="sample"),
    ],
    expected_failed_checks=expected_failures,
)
def test_scikit_learns_checks(estimator: SOM, check: Any) -> None:
    check(estimator)
