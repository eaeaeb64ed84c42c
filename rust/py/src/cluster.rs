//! Clustering.

use std::sync::Mutex;

use audioclust_core::cluster::{self, KMeansSettings, Progress, Report, Start};
use audioclust_core::parallel::on_threads;
use audioclust_core::simd::Float;
use audioclust_core::{Error, Result};
use numpy::ndarray::{Array2, ArrayView1, ArrayView2};
use numpy::{Element, IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use crate::array::{borrow, detached, interruptible};
use crate::error::to_python;
use crate::options::{Options, options, word};

/// Rows of either precision. The type is checked before anything else.
#[derive(FromPyObject)]
pub enum Rows<'py> {
    /// Of 32-bit floats.
    Single(Bound<'py, PyArray2<f32>>),
    /// Of 64-bit floats.
    Double(Bound<'py, PyArray2<f64>>),
}

/// Where k-means starts from, by name or as centres.
#[derive(FromPyObject)]
pub enum Init<'py> {
    /// "k-means++" or "random".
    Named(String),
    /// Centres, in the precision of the rows.
    Given(Bound<'py, PyAny>),
}

/// Calls a generic function with the precision of the rows.
macro_rules! for_either {
    ($rows:expr, $f:ident($($arg:expr),*)) => {
        match $rows {
            Rows::Single(rows) => $f::<f32>(&rows, $($arg),*),
            Rows::Double(rows) => $f::<f64>(&rows, $($arg),*),
        }
    };
}
pub(crate) use for_either;

type Weights<'py> = Option<Bound<'py, PyArray1<f64>>>;

options! {
    /// How k-means is run.
    KMeansOptions {
        n_clusters: usize,
        n_init: usize,
        max_iter: usize,
        tol: f64,
        seed: u64,
        n_threads: usize,
    }
}

/// Labels, centres, inertia, number of iterations and number of clusters that have rows, of the
/// best of several starts. Takes the keyword arguments of [`KMeansOptions`]. `report` is called with
/// a word and numbers when a start begins, in every iteration, and when it ends; see [`told`].
#[pyfunction]
#[pyo3(signature = (
    rows, *, init=Init::Named("k-means++".to_owned()), sample_weight=None, report=None, **options
))]
pub fn kmeans<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    init: Init<'py>,
    sample_weight: Weights<'py>,
    report: Option<Py<PyAny>>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let options = KMeansOptions::of(options)?;
    for_either!(
        rows,
        kmeans_of(py, &options, &init, sample_weight, report.as_ref())
    )
}

/// A word for what happened, the number of the iteration, and up to two numbers: the inertia, or the
/// shift of the centres and the tolerance.
fn told(progress: Progress) -> (&'static str, usize, f64, f64) {
    match progress {
        Progress::Started => ("started", 0, 0.0, 0.0),
        Progress::Iteration { n_iter, inertia } => ("iteration", n_iter, inertia, 0.0),
        Progress::Settled { n_iter } => ("settled", n_iter, 0.0, 0.0),
        Progress::Within {
            n_iter,
            shift,
            tolerance,
        } => ("within", n_iter, shift, tolerance),
    }
}

fn kmeans_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    options: &KMeansOptions,
    init: &Init<'py>,
    weights: Weights<'py>,
    report: Option<&Py<PyAny>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let settings = KMeansSettings {
        n_clusters: options.n_clusters,
        n_init: options.n_init,
        max_iter: options.max_iter,
        tol: options.tol,
        seed: options.seed,
    };
    let given;
    let start = match init {
        Init::Named(name) => {
            let starts = [("k-means++", Start::Greedy), ("random", Start::Random)];
            word("init", name, &starts)?
        }
        Init::Given(centers) => {
            given = borrow(centers.cast::<PyArray2<T>>()?)?;
            Start::Given(given.as_array())
        }
    };
    let raised = Mutex::new(None);
    let call = |report: &Py<PyAny>, progress| {
        Python::attach(|py| report.call1(py, told(progress))).map_or_else(
            |error| {
                if let Ok(mut raised) = raised.lock() {
                    *raised = Some(error);
                }
                Err(Error::Interrupted)
            },
            |_| Ok(()),
        )
    };
    let tell = report.map(|report| move |progress| call(report, progress));
    let tell = tell.as_ref().map(|tell| tell as Report<'_>);
    let found = weighted(
        py,
        rows,
        weights.as_ref(),
        options.n_threads,
        |rows, weights, stop| cluster::kmeans(rows, weights, start, &settings, stop, tell),
    );
    if let Some(error) = raised.into_inner().ok().flatten() {
        return Err(error);
    }
    let found = found?;
    (
        found.labels.into_pyarray(py),
        found.centers.into_pyarray(py),
        found.inertia,
        found.n_iter,
        found.n_filled,
    )
        .into_pyobject(py)
}

/// The nearest centre of each row, and the sum of the squared distances.
#[pyfunction]
#[pyo3(signature = (rows, centers, *, n_threads, sample_weight=None))]
pub fn assign<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    centers: Bound<'py, PyAny>,
    n_threads: usize,
    sample_weight: Weights<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, assign_of(py, &centers, n_threads, sample_weight))
}

fn assign_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    centers: &Bound<'py, PyAny>,
    n_threads: usize,
    weights: Weights<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let centers = borrow(centers.cast::<PyArray2<T>>()?)?;
    let centers = centers.as_array();
    let found = weighted(
        py,
        rows,
        weights.as_ref(),
        n_threads,
        |rows, weights, stop| cluster::assign(rows, centers, weights, stop),
    )?;
    (found.labels.into_pyarray(py), found.inertia).into_pyobject(py)
}

/// One step of k-means over some of the rows: the sums of the rows of each cluster, their counts,
/// and the sum of the squared distances.
#[pyfunction]
#[pyo3(signature = (rows, centers, *, n_threads, sample_weight=None))]
pub fn partial<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    centers: Bound<'py, PyAny>,
    n_threads: usize,
    sample_weight: Weights<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, partial_of(py, &centers, n_threads, sample_weight))
}

fn partial_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    centers: &Bound<'py, PyAny>,
    n_threads: usize,
    weights: Weights<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let centers = borrow(centers.cast::<PyArray2<T>>()?)?;
    let centers = centers.as_array();
    let found = weighted(
        py,
        rows,
        weights.as_ref(),
        n_threads,
        |rows, weights, stop| cluster::partial(rows, centers, weights, stop),
    )?;
    (
        found.sums.into_pyarray(py),
        found.counts.into_pyarray(py),
        found.inertia,
    )
        .into_pyobject(py)
}

/// Raises if rows or their weights cannot be used: if values or weights are not finite, weights are
/// below 0, or there are not as many weights as rows.
#[pyfunction]
#[pyo3(signature = (rows, sample_weight=None))]
pub fn check_rows(py: Python<'_>, rows: Rows<'_>, sample_weight: Weights<'_>) -> PyResult<()> {
    for_either!(rows, check_rows_of(py, sample_weight))
}

fn check_rows_of<T: Float + Element>(
    rows: &Bound<'_, PyArray2<T>>,
    py: Python<'_>,
    weights: Weights<'_>,
) -> PyResult<()> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let weights = weights.as_ref().map(borrow).transpose()?;
    let weights = weights.as_ref().map(|weights| weights.as_array());
    detached(py, || cluster::check_rows(rows, weights))
}

/// Raises if there are fewer than `k` different rows.
#[pyfunction]
pub fn check_distinct(py: Python<'_>, rows: Rows<'_>, k: usize) -> PyResult<()> {
    for_either!(rows, check_distinct_of(py, k))
}

fn check_distinct_of<T: Float + Element>(
    rows: &Bound<'_, PyArray2<T>>,
    py: Python<'_>,
    k: usize,
) -> PyResult<()> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    cluster::check_finite(rows).map_err(|error| to_python(&error))?;
    detached(py, || cluster::check_distinct(rows, k))
}

/// Runs a function over rows and their weights, if any, on `n_threads` threads, unless interrupted.
fn weighted<T: Float + Element, R: Send>(
    py: Python<'_>,
    rows: &Bound<'_, PyArray2<T>>,
    weights: Option<&Bound<'_, PyArray1<f64>>>,
    n_threads: usize,
    work: impl FnOnce(
        ArrayView2<'_, T>,
        Option<ArrayView1<'_, f64>>,
        &(dyn Fn() -> bool + Sync),
    ) -> Result<R>
    + Send,
) -> PyResult<R> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let weights = weights.map(borrow).transpose()?;
    let weights = weights.as_ref().map(|weights| weights.as_array());
    let n_threads = cluster::useful_threads(rows.nrows(), n_threads);
    interruptible(py, |interrupted| {
        on_threads(n_threads, || work(rows, weights, interrupted))?
    })
}

/// The silhouette of each row under each of several labelings of the same rows, of shape
/// (labelings, rows).
#[pyfunction]
#[pyo3(signature = (rows, labelings, *, n_threads))]
pub fn silhouettes<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    labelings: &Bound<'py, PyArray2<u32>>,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (rows, labelings) = (borrow(rows)?, borrow(labelings)?);
    let (rows, labelings) = (rows.as_array(), labelings.as_array());
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || {
            cluster::silhouettes(rows, labelings, interrupted)
        })?
    })?;
    Ok(found.into_pyarray(py))
}

/// Where the list of each row begins, and the lists: the `k` nearest other rows of each row,
/// ascending by index, with all that are as near as the last.
#[pyfunction]
#[pyo3(signature = (rows, k, *, n_threads))]
pub fn neighbors<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    k: usize,
    n_threads: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, neighbors_of(py, k, n_threads))
}

#[allow(clippy::cast_possible_wrap)] // No memory holds so many neighbours.
fn neighbors_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    k: usize,
    n_threads: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || cluster::neighbors(rows, k, interrupted))?
    })?;
    let starts: Vec<i64> = found.starts.iter().map(|&start| start as i64).collect();
    let indices: Vec<i64> = found.indices.into_iter().map(i64::from).collect();
    (starts.into_pyarray(py), indices.into_pyarray(py)).into_pyobject(py)
}

/// The mean of half the outer product of the differences of rows that are among each other's `k`
/// nearest.
#[pyfunction]
#[pyo3(signature = (rows, k, *, n_threads))]
pub fn neighbor_scatter<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    k: usize,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || {
            cluster::neighbor_scatter(rows, k, interrupted)
        })?
    })?;
    Ok(found.into_pyarray(py))
}

/// Each row times a matrix. Equal rows stay equal to the last bit.
#[pyfunction]
#[pyo3(signature = (rows, matrix, *, n_threads))]
pub fn multiplied<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    matrix: &Bound<'py, PyArray2<f64>>,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (rows, matrix) = (borrow(rows)?, borrow(matrix)?);
    let (rows, matrix) = (rows.as_array(), matrix.as_array());
    let found = detached(py, || {
        on_threads(n_threads, || cluster::multiplied(rows, matrix))?
    })?;
    Ok(found.into_pyarray(py))
}

/// The merges of Ward's linkage: pairs of clusters, of shape (n − 1, 2), and their heights.
#[pyfunction]
#[pyo3(signature = (rows, *, n_threads))]
pub fn ward<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    n_threads: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || cluster::ward(rows, interrupted))?
    })?;
    let n = found.children.len();
    let children = Array2::from_shape_fn((n, 2), |(i, c)| i64::from(found.children[i][c]));
    (children.into_pyarray(py), found.heights.into_pyarray(py)).into_pyobject(py)
}

/// Sums in each column of x − `about`, or of its square, in three bins: shape (3, columns). Bits
/// depend neither on the order of the rows nor on how `n_total` rows are divided over calls.
#[pyfunction]
#[pyo3(signature = (rows, about, largest, n_total, *, squares=false, n_threads=1))]
pub fn exact_sums<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    about: Bound<'py, PyArray1<f64>>,
    largest: Bound<'py, PyArray1<f64>>,
    n_total: usize,
    squares: bool,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    for_either!(
        rows,
        exact_sums_of(py, &about, &largest, n_total, squares, n_threads)
    )
}

fn exact_sums_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    about: &Bound<'py, PyArray1<f64>>,
    largest: &Bound<'py, PyArray1<f64>>,
    n_total: usize,
    squares: bool,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let (rows, about, largest) = (borrow(rows)?, borrow(about)?, borrow(largest)?);
    let (rows, about, largest) = (rows.as_array(), about.as_array(), largest.as_array());
    let n_threads = cluster::useful_threads(rows.nrows(), n_threads);
    let sums = detached(py, || {
        on_threads(n_threads, || {
            cluster::exact_sums(rows, about, largest, n_total, squares)
        })?
    })?;
    Ok(sums.into_pyarray(py))
}
