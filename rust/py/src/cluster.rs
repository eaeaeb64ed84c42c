//! Clustering.

use audioclust_core::cluster::{self, KMeansSettings};
use audioclust_core::parallel::on_threads;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::array::{borrow, interruptible};

/// Labels, centres, inertia and number of iterations of the best of several starts.
#[pyfunction]
#[pyo3(signature = (rows, *, n_clusters, n_init, max_iter, tol, seed, n_threads))]
#[allow(clippy::too_many_arguments)] // They are keywords, and become one value here.
#[allow(clippy::type_complexity)]
pub fn kmeans<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    n_clusters: usize,
    n_init: usize,
    max_iter: usize,
    tol: f64,
    seed: u64,
    n_threads: usize,
) -> PyResult<(
    Bound<'py, PyArray1<i32>>,
    Bound<'py, PyArray2<f64>>,
    f64,
    usize,
)> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let settings = KMeansSettings {
        n_clusters,
        n_init,
        max_iter,
        tol,
        seed,
    };
    let n_threads = cluster::useful_threads(rows.nrows(), n_threads);
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || cluster::kmeans(rows, &settings, interrupted))?
    })?;
    Ok((
        labels(found.labels).into_pyarray(py),
        found.centers.into_pyarray(py),
        found.inertia,
        found.n_iter,
    ))
}

/// The nearest centre of each row and its squared distance.
#[pyfunction]
#[pyo3(signature = (rows, centers, *, n_threads))]
#[allow(clippy::type_complexity)]
pub fn assign<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f64>>,
    centers: &Bound<'py, PyArray2<f64>>,
    n_threads: usize,
) -> PyResult<(Bound<'py, PyArray1<i32>>, Bound<'py, PyArray1<f64>>)> {
    let (rows, centers) = (borrow(rows)?, borrow(centers)?);
    let (rows, centers) = (rows.as_array(), centers.as_array());
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || cluster::assign(rows, centers, interrupted))?
    })?;
    Ok((
        labels(found.labels).into_pyarray(py),
        found.distances.into_pyarray(py),
    ))
}

/// The silhouette of each row under each of several labelings of the same rows.
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

/// Labels are less than the number of clusters, which an `i32` always holds.
#[allow(clippy::cast_possible_wrap)]
fn labels(labels: Vec<usize>) -> Vec<i32> {
    labels.into_iter().map(|label| label as i32).collect()
}
