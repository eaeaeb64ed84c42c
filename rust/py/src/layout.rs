//! Layouts of rows in the plane.

use audioclust_core::cluster::{self, tsne as core};
use audioclust_core::parallel::on_threads;
use audioclust_core::simd::Float;
use numpy::ndarray::Array2;
use numpy::{Element, IntoPyArray, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::array::{borrow, interruptible};
use crate::cluster::{Rows, for_either};
use crate::options::{Options, options};

options! {
    /// How t-SNE is run.
    TsneOptions {
        perplexity: f64,
        early_exaggeration: f64,
        learning_rate: Option<f64>,
        theta: f64,
        max_iter: usize,
        n_threads: usize,
    }
}

/// Points, (n, 2), their Kullback-Leibler divergence and the number of steps.
type Layout<'py> = (Bound<'py, PyArray2<f64>>, f64, usize);

/// A layout by t-SNE that begins at `start`, (n, 2). Takes the keyword arguments of
/// [`TsneOptions`]. A `learning_rate` of None is chosen by the number of rows.
#[pyfunction]
#[pyo3(signature = (rows, start, **options))]
pub fn tsne<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    start: &Bound<'py, PyArray2<f64>>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Layout<'py>> {
    let options = TsneOptions::of(options)?;
    for_either!(rows, tsne_of(py, start, &options))
}

fn tsne_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    start: &Bound<'py, PyArray2<f64>>,
    options: &TsneOptions,
) -> PyResult<Layout<'py>> {
    let settings = core::TsneSettings {
        perplexity: options.perplexity,
        early_exaggeration: options.early_exaggeration,
        learning_rate: options.learning_rate,
        theta: options.theta,
        max_iter: options.max_iter,
    };
    let (rows, start) = (borrow(rows)?, borrow(start)?);
    let (rows, start) = (rows.as_array(), start.as_array());
    let n_threads = cluster::useful_threads(rows.nrows(), options.n_threads);
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || core::fit(rows, start, &settings, interrupted))?
    })?;
    Ok((
        array(&found.points).into_pyarray(py),
        found.kl_divergence,
        found.n_iter,
    ))
}

/// Points, (m, 2), of new rows beside the points of old ones.
#[pyfunction]
#[pyo3(signature = (rows, points, new_rows, *, perplexity, n_threads))]
pub fn tsne_place<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    points: &Bound<'py, PyArray2<f64>>,
    new_rows: &Bound<'py, PyAny>,
    perplexity: f64,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    for_either!(rows, place_of(py, points, new_rows, perplexity, n_threads))
}

fn place_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    points: &Bound<'py, PyArray2<f64>>,
    new_rows: &Bound<'py, PyAny>,
    perplexity: f64,
    n_threads: usize,
) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let new_rows = borrow(new_rows.cast::<PyArray2<T>>()?)?;
    let (rows, points) = (borrow(rows)?, borrow(points)?);
    let (rows, points, new_rows) = (rows.as_array(), points.as_array(), new_rows.as_array());
    let n_threads = cluster::useful_threads(new_rows.nrows(), n_threads);
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || {
            core::place(rows, points, new_rows, perplexity, interrupted)
        })?
    })?;
    Ok(array(&found).into_pyarray(py))
}

fn array(points: &[[f64; 2]]) -> Array2<f64> {
    Array2::from_shape_fn((points.len(), 2), |(i, axis)| points[i][axis])
}
