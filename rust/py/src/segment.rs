//! Spans of recordings.

use std::sync::Arc;

use audioclust_core::segment;
use numpy::ndarray::{Array2, ArrayView2};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3, PyReadonlyArray2, PyUntypedArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::array::{borrow, detached};
use crate::error::to_python;
use crate::extract::Plan;
use crate::shared::Shared;

/// The bands of each frame of a signal that comes block by block.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Bands(Shared<segment::Bands>, usize);

#[pymethods]
impl Bands {
    #[new]
    fn new(plan: &Plan) -> PyResult<Self> {
        let bands = segment::Bands::new(Arc::clone(&plan.0)).map_err(|error| to_python(&error))?;
        let n_bands = bands.n_bands();
        Ok(Self(Shared::new(bands), n_bands))
    }

    #[getter]
    fn n_bands(&self) -> usize {
        self.1
    }

    fn push<'py>(
        &self,
        py: Python<'py>,
        block: &Bound<'py, PyArray1<f32>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let block = borrow(block)?;
        let block = block.as_array();
        let rows = self.0.push(py, |bands| match block.as_slice() {
            Some(samples) => bands.push(samples),
            None => bands.push(&block.to_vec()),
        })?;
        Ok(in_rows(rows, self.1)?.into_pyarray(py))
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let (rows, projection) = self.0.finish(py, segment::Bands::finish)?;
        (
            in_rows(rows, self.1)?.into_pyarray(py),
            Projection(projection),
        )
            .into_pyobject(py)
    }
}

/// Turns bands into columns, above a recording's floor.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Projection(segment::Projection);

#[pymethods]
impl Projection {
    fn columns<'py>(
        &self,
        py: Python<'py>,
        bands: &Bound<'py, PyArray2<f32>>,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let bands = borrow(bands)?;
        let bands = bands.as_array();
        let columns = detached(py, || self.0.columns(&flat(bands)))?;
        Ok(in_rows(columns, self.0.n_columns())?.into_pyarray(py))
    }
}

/// The means of rows over windows.
#[pyclass(frozen, module = "audioclust._core")]
pub struct WindowMeans(Shared<segment::WindowMeans>, usize);

#[pymethods]
impl WindowMeans {
    #[new]
    fn new(starts: Vec<u64>, ends: Vec<u64>, n_columns: usize) -> PyResult<Self> {
        segment::WindowMeans::new(starts, ends, n_columns)
            .map(|windows| Self(Shared::new(windows), n_columns))
            .map_err(|error| to_python(&error))
    }

    fn push(&self, py: Python<'_>, rows: &Bound<'_, PyArray2<f32>>) -> PyResult<()> {
        let rows = with_columns(rows, self.1)?;
        let rows = rows.as_array();
        self.0.push(py, |windows| {
            windows.push(&flat(rows));
            Ok(())
        })
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let means = self.0.finish(py, segment::WindowMeans::finish)?;
        Ok(in_rows(means, self.1)?.into_pyarray(py))
    }
}

/// Counts, sums and sums of products of the rows of each label.
#[pyfunction]
pub fn moments<'py>(
    py: Python<'py>,
    rows: &Bound<'py, PyArray2<f32>>,
    labels: &Bound<'py, PyArray1<i32>>,
    n_labels: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let (rows, labels) = (borrow(rows)?, borrow(labels)?);
    let (rows, labels) = (rows.as_array(), labels.as_array());
    let found = detached(py, || segment::Moments::of(rows, labels, n_labels))?;
    (
        found.counts.into_pyarray(py),
        found.sums.into_pyarray(py),
        found.products.into_pyarray(py),
    )
        .into_pyobject(py)
}

/// A Gaussian with full covariance for each label.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Gaussians(segment::Gaussians);

#[pymethods]
impl Gaussians {
    #[new]
    fn new(
        means: &Bound<'_, PyArray2<f64>>,
        whitening: &Bound<'_, PyArray3<f64>>,
    ) -> PyResult<Self> {
        let (means, whitening) = (borrow(means)?, borrow(whitening)?);
        segment::Gaussians::new(means.as_array(), whitening.as_array())
            .map(Self)
            .map_err(|error| to_python(&error))
    }

    fn scores<'py>(
        &self,
        py: Python<'py>,
        rows: &Bound<'py, PyArray2<f32>>,
        votes: &Bound<'py, PyArray1<bool>>,
        clip: f64,
    ) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let (rows, votes) = (borrow(rows)?, borrow(votes)?);
        let (rows, votes) = (rows.as_array(), votes.as_array());
        let scores = detached(py, || self.0.scores(rows, votes, clip))?;
        Ok(scores.into_pyarray(py))
    }
}

/// Finds the best sequence of spans with a least length.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Viterbi(Shared<segment::Viterbi>, usize);

#[pymethods]
impl Viterbi {
    #[new]
    #[pyo3(signature = (n_labels, least, change = 0.0))]
    fn new(n_labels: usize, least: usize, change: f64) -> PyResult<Self> {
        segment::Viterbi::new(n_labels, least, change)
            .map(|viterbi| Self(Shared::new(viterbi), n_labels))
            .map_err(|error| to_python(&error))
    }

    fn push(&self, py: Python<'_>, scores: &Bound<'_, PyArray2<f32>>) -> PyResult<()> {
        let scores = with_columns(scores, self.1)?;
        let scores = scores.as_array();
        self.0.push(py, |viterbi| {
            viterbi.push(&flat(scores));
            Ok(())
        })
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i32>>> {
        let labels = self.0.finish(py, |viterbi| Ok(viterbi.finish()))?;
        Ok(labels.into_pyarray(py))
    }
}

/// Rows as one slice, copied only if they are not contiguous.
fn flat(rows: ArrayView2<'_, f32>) -> std::borrow::Cow<'_, [f32]> {
    match rows.to_slice() {
        Some(values) => values.into(),
        None => rows.iter().copied().collect(),
    }
}

fn in_rows(values: Vec<f32>, n_columns: usize) -> PyResult<Array2<f32>> {
    let n_rows = values.len() / n_columns.max(1);
    Array2::from_shape_vec((n_rows, n_columns), values)
        .map_err(|why| PyRuntimeError::new_err(why.to_string()))
}

/// Borrows rows, or raises if they do not have `n_columns` columns.
fn with_columns<'py>(
    rows: &Bound<'py, PyArray2<f32>>,
    n_columns: usize,
) -> PyResult<PyReadonlyArray2<'py, f32>> {
    if rows.shape()[1] == n_columns {
        return borrow(rows);
    }
    let got = format!("{:?}", rows.shape());
    let expected = format!("{n_columns} columns");
    Err(to_python(&audioclust_core::Error::parameter(
        "rows", got, expected,
    )))
}
