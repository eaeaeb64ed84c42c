//! What is done to a recording before it is cut into frames.

use audioclust_core::prepare::{self, Selection, Target, inspect};
use numpy::ndarray::ArrayView2;
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;

use crate::array::borrow;
use crate::error::to_python;
use crate::inspect::Inspector;
use crate::shared::Shared;

/// Blocks as a decoder gives them to one channel at the recording's own rate.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Front(Shared<prepare::Front>);

#[pymethods]
impl Front {
    #[new]
    #[pyo3(signature = (n_channels, channel, highpass, sr))]
    fn new(
        n_channels: usize,
        channel: Option<usize>,
        highpass: Option<f64>,
        sr: u32,
    ) -> PyResult<Self> {
        let selection = channel.map_or(Selection::Mix, Selection::Only);
        prepare::Front::new(n_channels, selection, highpass, f64::from(sr))
            .map(|front| Self(Shared::new(front)))
            .map_err(|error| to_python(&error))
    }

    #[pyo3(signature = (block, inspector=None))]
    fn push<'py>(
        &self,
        py: Python<'py>,
        block: &Bound<'py, PyArray2<f32>>,
        inspector: Option<&Inspector>,
    ) -> PyResult<Bound<'py, PyArray1<f32>>> {
        if let Some(inspector) = inspector {
            inspector.check(block)?;
        }
        let block = borrow(block)?;
        let block = block.as_array();
        let y = self.0.push(py, |front| {
            let mut y = Vec::new();
            let mut push = |inspector: Option<&mut inspect::Inspector>| match (
                block.as_slice(),
                block.t().as_slice(),
            ) {
                (Some(interleaved), _) => front.push(interleaved, inspector, &mut y),
                (None, Some(planar)) => {
                    if let Some(inspector) = inspector {
                        inspector.push(&interleaved_copy(&block));
                    }
                    front.push_planar(planar, &mut y)
                }
                (None, None) => front.push(&interleaved_copy(&block), inspector, &mut y),
            };
            match inspector {
                Some(inspector) => inspector.with(push)?,
                None => push(None)?,
            }
            Ok(y)
        })?;
        Ok(y.into_pyarray(py))
    }
}

fn interleaved_copy(block: &ArrayView2<'_, f32>) -> Vec<f32> {
    block.iter().copied().collect()
}

/// Where a signal becomes loud and where it ends to be.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Trim(Shared<prepare::Trim>);

#[pymethods]
impl Trim {
    #[new]
    fn new(top_db: f64) -> Self {
        Self(Shared::new(prepare::Trim::new(top_db)))
    }

    fn push(&self, py: Python<'_>, y: &Bound<'_, PyArray1<f32>>) -> PyResult<()> {
        let y = borrow(y)?;
        let y = y.as_array();
        self.0.push(py, |trim| match y.as_slice() {
            Some(samples) => trim.push(samples),
            None => trim.push(&y.to_vec()),
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<(u64, u64)> {
        let kept = self.0.finish(py, prepare::Trim::finish)?;
        Ok((kept.start, kept.end))
    }
}

/// By how much a signal is scaled so that something about it has one value.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Gain(Shared<prepare::Gain>);

#[pymethods]
impl Gain {
    #[new]
    fn new(target: &str, sr: u32) -> PyResult<Self> {
        Target::from_name(target)
            .and_then(|target| prepare::Gain::new(target, sr))
            .map(|gain| Self(Shared::new(gain)))
            .map_err(|error| to_python(&error))
    }

    fn push(&self, py: Python<'_>, y: &Bound<'_, PyArray1<f32>>) -> PyResult<()> {
        let y = borrow(y)?;
        let y = y.as_array();
        self.0.push(py, |gain| match y.as_slice() {
            Some(samples) => gain.push(samples),
            None => gain.push(&y.to_vec()),
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<f64> {
        self.0.finish(py, prepare::Gain::finish)
    }
}
