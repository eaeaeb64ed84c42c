//! Onsets, and the tuning that chroma features need.

use audioclust_core::Result;
use audioclust_core::onset::{self, Aggregate, PeakSettings};
use audioclust_core::signal::finite::check_finite;
use audioclust_core::signal::tuning;
use numpy::ndarray::{Array2, ArrayView2, Axis};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyArray3};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::array::{borrow, detached};
use crate::options::{Options, options};

/// How much levels, (channels, bands, frames), grow; returns (channels, frames - lag).
#[pyfunction]
#[pyo3(signature = (levels, reference, *, lag, max_size, median))]
pub fn onset_strength<'py>(
    py: Python<'py>,
    levels: &Bound<'py, PyArray3<f32>>,
    reference: Option<&Bound<'py, PyArray3<f32>>>,
    lag: usize,
    max_size: usize,
    median: bool,
) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let aggregate = if median {
        Aggregate::Median
    } else {
        Aggregate::Mean
    };
    let levels = borrow(levels)?;
    let reference = reference.map(borrow).transpose()?;
    let levels = levels.as_array();
    let reference = reference.as_ref().map(|reference| reference.as_array());
    let found = detached(py, || {
        check_finite("S", &levels.into_dyn(), true)?;
        let rows: Result<Vec<Vec<f32>>> = (0..levels.dim().0)
            .map(|channel| {
                let levels = levels.index_axis(Axis(0), channel);
                let reference =
                    reference.map(|reference| reference.index_axis_move(Axis(0), channel));
                onset::strength_against(
                    levels.t(),
                    reference.map(ArrayView2::reversed_axes),
                    lag,
                    max_size,
                    aggregate,
                )
            })
            .collect();
        let rows = rows?;
        let n = rows.first().map_or(0, Vec::len);
        Ok(Array2::from_shape_fn((rows.len(), n), |(channel, t)| {
            rows[channel][t]
        }))
    })?;
    Ok(found.into_pyarray(py))
}

options! {
    /// What counts as a peak: lengths in frames, and how far it exceeds its surroundings.
    PeakOptions {
        pre_max: usize,
        post_max: usize,
        pre_avg: usize,
        post_avg: usize,
        delta: f64,
        wait: usize,
    }
}

/// Indices of the peaks. Takes the keyword arguments of [`PeakOptions`].
#[pyfunction]
#[pyo3(signature = (values, **options))]
pub fn onset_peaks<'py>(
    py: Python<'py>,
    values: &Bound<'py, PyArray1<f64>>,
    options: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let options = PeakOptions::of(options)?;
    let settings = PeakSettings {
        pre_max: options.pre_max,
        post_max: options.post_max,
        pre_avg: options.pre_avg,
        post_avg: options.post_avg,
        delta: options.delta,
        wait: options.wait,
    };
    let values = borrow(values)?.as_array().to_vec();
    let found = detached(py, || Ok(onset::peaks(&values, &settings)))?;
    Ok(indices(found).into_pyarray(py))
}

/// Index of the last local minimum of `energy` at or before each event.
#[pyfunction]
pub fn onset_backtrack<'py>(
    py: Python<'py>,
    events: Vec<usize>,
    energy: &Bound<'py, PyArray1<f64>>,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    let energy = borrow(energy)?.as_array().to_vec();
    let found = detached(py, || Ok(onset::backtrack(&events, &energy)))?;
    Ok(indices(found).into_pyarray(py))
}

/// Indices as `i64`, which always holds an index into a slice.
#[allow(clippy::cast_possible_wrap)]
fn indices(found: Vec<usize>) -> Vec<i64> {
    found.into_iter().map(|index| index as i64).collect()
}

/// The tuning of power spectra, (channels, bins, frames), as a fraction of a pitch class.
#[pyfunction]
pub fn estimate_tuning(
    py: Python<'_>,
    power: &Bound<'_, PyArray3<f32>>,
    sr: f64,
    n_fft: usize,
    n_chroma: usize,
) -> PyResult<f64> {
    let power = borrow(power)?;
    let power = power.as_array().permuted_axes([0, 2, 1]);
    detached(py, || Ok(tuning::estimate(power, sr, n_fft, n_chroma)))
}
