//! What may be wrong with a recording.

use audioclust_core::prepare::inspect;
use numpy::{PyArray2, PyUntypedArrayMethods};
use pyo3::prelude::*;

use crate::array::borrow;
use crate::error::to_python;
use crate::shared::Shared;

/// Looks at the samples of one recording as they go by.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Inspector(Shared<inspect::Inspector>, usize);

/// What was noticed of a recording.
#[pyclass(frozen, get_all, module = "audioclust._core")]
pub struct Inspection {
    n_samples: u64,
    channels: usize,
    clipped_runs: u64,
    clipped_samples: u64,
    zeros: (u64, u64, u64),
    mix_share: f64,
    level_frames: u64,
    quiet_before: u64,
    quiet_after: u64,
    cut: Option<(f64, f64)>,
}

#[pymethods]
impl Inspector {
    #[new]
    fn new(channels: usize) -> Self {
        Self(Shared::new(inspect::Inspector::new(channels)), channels)
    }

    fn push(&self, py: Python<'_>, block: &Bound<'_, PyArray2<f32>>) -> PyResult<()> {
        self.check(block)?;
        let block = borrow(block)?;
        let block = block.as_array();
        self.0.push(py, |inspector| {
            match block.to_slice() {
                Some(samples) => inspector.push(samples),
                None => inspector.push(&block.iter().copied().collect::<Vec<f32>>()),
            }
            Ok(())
        })
    }

    fn finish(&self, py: Python<'_>) -> PyResult<Inspection> {
        let found = self.0.finish(py, |inspector| Ok(inspector.finish()))?;
        let [before, between, after] = found.zeros;
        Ok(Inspection {
            n_samples: found.n_samples,
            channels: found.channels,
            clipped_runs: found.clipped_runs,
            clipped_samples: found.clipped_samples,
            zeros: (before, between, after),
            mix_share: found.mix_share,
            level_frames: found.level_frames,
            quiet_before: found.quiet_before,
            quiet_after: found.quiet_after,
            cut: found.cut.map(|cut| (cut.frequency, cut.drop)),
        })
    }
}

impl Inspector {
    /// Checks that a block has as many channels as there should be.
    pub(crate) fn check(&self, block: &Bound<'_, PyArray2<f32>>) -> PyResult<()> {
        if block.shape()[1] != self.1 {
            let got = format!("{:?}", block.shape());
            let expected = format!("{} channels", self.1);
            return Err(to_python(&audioclust_core::Error::parameter(
                "block", got, expected,
            )));
        }
        Ok(())
    }

    /// Calls something with the inspector, which must be done without the GIL; without it after
    /// the end.
    pub(crate) fn with<T>(&self, call: impl FnOnce(Option<&mut inspect::Inspector>) -> T) -> T {
        self.0.with(call)
    }
}
