//! Steps of k-means over rows in parts.

use audioclust_core::cluster::{self, ClusterSums, Frame, Total};
use audioclust_core::parallel::on_threads;
use audioclust_core::simd::Float;
use audioclust_core::{Error, Result};
use numpy::ndarray::ArrayView2;
use numpy::{Element, IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::array::{borrow, detached, interruptible};
use crate::cluster::{Rows, for_either};

/// Offset, largest and least values, and number of all rows.
type Framing<'py> = (
    Bound<'py, PyAny>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
    usize,
);

/// Sums and counts of the clusters.
type Sums<'py> = (Bound<'py, PyArray2<f64>>, Bound<'py, PyArray1<i64>>);

fn frame<T: Float + Element>(py: Python<'_>, frame: &Framing<'_>) -> PyResult<Frame<T>> {
    let offset = borrow(frame.0.cast::<PyArray1<T>>()?)?.as_array().to_vec();
    let largest = borrow(&frame.1)?.as_array().to_vec();
    let least = borrow(&frame.2)?.as_array().to_vec();
    let n_total = frame.3;
    detached(py, || Frame::new(offset, largest, &least, n_total))
}

fn sums_of(sums: &Sums<'_>) -> PyResult<ClusterSums> {
    Ok(ClusterSums {
        sums: borrow(&sums.0)?.as_array().to_owned(),
        counts: borrow(&sums.1)?.as_array().to_vec(),
    })
}

fn to_python(py: Python<'_>, sums: ClusterSums) -> Sums<'_> {
    (sums.sums.into_pyarray(py), sums.counts.into_pyarray(py))
}

/// Runs a function over rows and centres on one thread, unless interrupted.
fn on_part<T: Float + Element, R: Send>(
    py: Python<'_>,
    rows: &Bound<'_, PyArray2<T>>,
    centers: &Bound<'_, PyAny>,
    work: impl FnOnce(ArrayView2<'_, T>, ArrayView2<'_, T>, &(dyn Fn() -> bool + Sync)) -> Result<R>
    + Send,
) -> PyResult<R> {
    let (rows, centers) = (borrow(rows)?, borrow(centers.cast::<PyArray2<T>>()?)?);
    let (rows, centers) = (rows.as_array(), centers.as_array());
    interruptible(py, |stop| on_threads(1, || work(rows, centers, stop))?)
}

/// The offset that is subtracted from all rows, from some of them; and the smallest number above 0
/// that is left in each column of these.
#[pyfunction]
pub fn lloyd_offset<'py>(py: Python<'py>, rows: Rows<'py>) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, offset_of(py))
}

fn offset_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let rows = borrow(rows)?;
    let (offset, least) = cluster::middle(rows.as_array());
    (offset.into_pyarray(py), least.into_pyarray(py)).into_pyobject(py)
}

/// The largest absolute value of each column, minus the offset.
#[pyfunction]
pub fn lloyd_largest<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    offset: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    for_either!(rows, largest_of(py, &offset))
}

fn largest_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    offset: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let offset = borrow(offset.cast::<PyArray1<T>>()?)?.as_array().to_vec();
    let largest = detached(py, || on_threads(1, || cluster::largest(rows, offset)))?;
    Ok(largest.into_pyarray(py))
}

/// Raises if the square of a distance between two rows could overflow.
///
/// `first` is the number of the first of these rows among all rows, for errors.
#[pyfunction]
#[pyo3(signature = (rows, framing, *, first=0))]
pub fn lloyd_check(
    py: Python<'_>,
    rows: Rows<'_>,
    framing: Framing<'_>,
    first: usize,
) -> PyResult<()> {
    for_either!(rows, check_of(py, &framing, first))
}

fn check_of<T: Float + Element>(
    rows: &Bound<'_, PyArray2<T>>,
    py: Python<'_>,
    framing: &Framing<'_>,
    first: usize,
) -> PyResult<()> {
    let frame = frame::<T>(py, framing)?;
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    detached(py, || {
        on_threads(1, || frame.check_rows(rows))?.map_err(|why| match why {
            Error::NonFiniteRow { row, column, value } => Error::NonFiniteRow {
                row: first + row,
                column,
                value,
            },
            other => other,
        })
    })
}

/// Exact moments of a part, to be added up.
#[pyfunction]
pub fn lloyd_moments<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    framing: Framing<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    for_either!(rows, moments_of(py, &framing))
}

fn moments_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    framing: &Framing<'py>,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let frame = frame::<T>(py, framing)?;
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    let moments = detached(py, || on_threads(1, || frame.moments(rows))?)?;
    Ok(moments.into_pyarray(py))
}

/// The mean of the columns' variances, from the moments of all rows.
#[pyfunction]
pub fn lloyd_variance(moments: Bound<'_, PyArray1<f64>>, n_total: usize) -> PyResult<f64> {
    let moments = borrow(&moments)?.as_array().to_vec();
    Ok(cluster::mean_variance(&moments, n_total))
}

/// Given centres relative to the offset or, backwards, relative ones with the offset added.
#[pyfunction]
#[pyo3(signature = (centers, framing, *, back=false))]
pub fn lloyd_shifted<'py>(
    py: Python<'py>,
    centers: Rows<'py>,
    framing: Framing<'py>,
    back: bool,
) -> PyResult<Bound<'py, PyAny>> {
    for_either!(centers, shifted_of(py, &framing, back))
}

fn shifted_of<'py, T: Float + Element>(
    centers: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    framing: &Framing<'py>,
    back: bool,
) -> PyResult<Bound<'py, PyAny>> {
    let frame = frame::<T>(py, framing)?;
    let centers = borrow(centers)?;
    let centers = centers.as_array();
    let shifted = detached(py, || {
        on_threads(1, || {
            if back {
                frame.end(centers)
            } else {
                frame.start(centers)
            }
        })?
    })?;
    Ok(shifted.into_pyarray(py).into_any())
}

/// Exact sums and counts of the rows of a part that are nearest to each centre, to be added up.
#[pyfunction]
pub fn lloyd_step<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    centers: Bound<'py, PyAny>,
    framing: Framing<'py>,
) -> PyResult<Sums<'py>> {
    for_either!(rows, step_of(py, &centers, &framing))
}

fn step_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    centers: &Bound<'py, PyAny>,
    framing: &Framing<'py>,
) -> PyResult<Sums<'py>> {
    let frame = frame::<T>(py, framing)?;
    let sums = on_part(py, rows, centers, |rows, centers, stop| {
        frame.step(rows, centers, stop)
    })?;
    Ok(to_python(py, sums))
}

/// Squared distances, indices and labels of the rows of a part that are farthest from their
/// centres.
#[pyfunction]
pub fn lloyd_farthest<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    centers: Bound<'py, PyAny>,
    framing: Framing<'py>,
    enough: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, farthest_of(py, &centers, &framing, enough))
}

#[allow(clippy::cast_possible_wrap)] // No memory holds so many rows.
fn farthest_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    centers: &Bound<'py, PyAny>,
    framing: &Framing<'py>,
    enough: usize,
) -> PyResult<Bound<'py, PyTuple>> {
    let frame = frame::<T>(py, framing)?;
    let far = on_part(py, rows, centers, |rows, centers, stop| {
        frame.farthest(rows, centers, enough, stop)
    })?;
    let squared: Vec<f64> = far.iter().map(|far| far.squared).collect();
    let indices: Vec<i64> = far.iter().map(|far| far.row as i64).collect();
    let labels: Vec<i32> = far.iter().map(|far| far.label).collect();
    (
        squared.into_pyarray(py),
        indices.into_pyarray(py),
        labels.into_pyarray(py),
    )
        .into_pyobject(py)
}

/// Which of the farthest rows, whose clusters are `labels`, go to which clusters without rows.
#[pyfunction]
pub fn lloyd_fillers(
    py: Python<'_>,
    counts: Bound<'_, PyArray1<i64>>,
    labels: Bound<'_, PyArray1<i32>>,
) -> PyResult<Vec<(usize, usize)>> {
    let counts = borrow(&counts)?.as_array().to_vec();
    let labels = borrow(&labels)?.as_array().to_vec();
    detached(py, || ClusterSums::fillers(&counts, &labels))
}

/// Sums and counts after each row was moved from one cluster to another.
#[pyfunction]
pub fn lloyd_moved<'py>(
    py: Python<'py>,
    sums: Sums<'py>,
    rows: Rows<'py>,
    moves: Vec<(usize, usize)>,
    framing: Framing<'py>,
) -> PyResult<Sums<'py>> {
    for_either!(rows, moved_of(py, &sums, &moves, &framing))
}

fn moved_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    sums: &Sums<'py>,
    moves: &[(usize, usize)],
    framing: &Framing<'py>,
) -> PyResult<Sums<'py>> {
    let (frame, sums) = (frame::<T>(py, framing)?, sums_of(sums)?);
    let rows = borrow(rows)?;
    let rows = rows.as_array();
    Ok(to_python(
        py,
        detached(py, || frame.moved(sums, rows, moves))?,
    ))
}

/// The next centres, relative to the offset, and the sum of their squared moves.
#[pyfunction]
pub fn lloyd_next<'py>(
    py: Python<'py>,
    sums: Sums<'py>,
    centers: Rows<'py>,
    framing: Framing<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(centers, next_of(py, &sums, &framing))
}

fn next_of<'py, T: Float + Element>(
    centers: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    sums: &Sums<'py>,
    framing: &Framing<'py>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (frame, sums) = (frame::<T>(py, framing)?, sums_of(sums)?);
    let centers = borrow(centers)?;
    let centers = centers.as_array();
    let (centers, shift) = detached(py, || frame.next(sums, centers))?;
    (centers.into_pyarray(py), shift).into_pyobject(py)
}

/// The label of each row of a part, and the digits of the sum of the squared distances.
#[pyfunction]
pub fn lloyd_labels<'py>(
    py: Python<'py>,
    rows: Rows<'py>,
    centers: Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    for_either!(rows, labels_of(py, &centers))
}

fn labels_of<'py, T: Float + Element>(
    rows: &Bound<'py, PyArray2<T>>,
    py: Python<'py>,
    centers: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyTuple>> {
    let (labels, total) = on_part(py, rows, centers, |rows, centers, stop| {
        cluster::nearest_in_part(rows, centers, stop)
    })?;
    let digits = PyArray1::from_slice(py, total.digits());
    (labels.into_pyarray(py), digits).into_pyobject(py)
}

/// The sum that has these digits, rounded once.
#[pyfunction]
pub fn lloyd_total(digits: Bound<'_, PyArray1<i64>>) -> PyResult<f64> {
    let digits = digits.try_readonly()?.as_array().to_vec();
    Ok(Total::of_digits(&digits).value())
}
