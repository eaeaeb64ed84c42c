//! The descriptors of a signal.

use audioclust_core::describe;
use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::array::{borrow, detached};
use crate::shared::Shared;

/// Takes a signal block by block and gives its descriptors at the end.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Describer(Shared<describe::Describer>);

#[pymethods]
impl Describer {
    /// The sampling rate of the signals in Hz.
    #[classattr]
    const RATE: u32 = describe::RATE;

    #[new]
    fn new(py: Python<'_>) -> PyResult<Self> {
        let plan = detached(py, describe::Plan::shared)?;
        Ok(Self(Shared::new(describe::Describer::new(plan))))
    }

    fn push(&self, py: Python<'_>, block: &Bound<'_, PyArray1<f32>>) -> PyResult<()> {
        let block = borrow(block)?;
        let block = block.as_array();
        self.0.push(py, |describer| match block.as_slice() {
            Some(samples) => describer.push(samples),
            None => describer.push(&block.to_vec()),
        })
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<f32>>> {
        let found = self.0.finish(py, describe::Describer::finish)?;
        Ok(found.to_vec().into_pyarray(py))
    }
}
