//! Fingerprints of recordings, and which of them are the same.

use audioclust_core::fingerprint::{self, Limits};
use audioclust_core::parallel::on_threads;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;

use crate::array::{borrow, interruptible};
use crate::shared::Shared;

/// Takes a signal of one channel at `FINGERPRINT_RATE` block by block and gives its fingerprint.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Fingerprinter(Shared<fingerprint::Fingerprinter>);

#[pymethods]
impl Fingerprinter {
    #[new]
    fn new() -> Self {
        Self(Shared::new(fingerprint::Fingerprinter::default()))
    }

    fn push(&self, py: Python<'_>, block: &Bound<'_, PyArray1<f32>>) -> PyResult<()> {
        let block = borrow(block)?;
        let block = block.as_array();
        self.0.push(py, |fingerprinter| match block.as_slice() {
            Some(samples) => fingerprinter.push(samples),
            None => fingerprinter.push(&block.to_vec()),
        })
    }

    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u32>>> {
        let words = self.0.finish(py, fingerprint::Fingerprinter::finish)?;
        Ok(words.into_pyarray(py))
    }
}

/// A pair of fingerprints: their indices, where the second begins in the first, the number of
/// words compared, and the number of bits that differ.
type Pair = (u32, u32, i32, u32, u32);

/// Which fingerprints, C-contiguous, are of one recording.
#[pyfunction]
#[pyo3(signature = (prints, *, errors, errors_of_few, enough, least, overlap, n_threads))]
#[allow(clippy::too_many_arguments, clippy::needless_pass_by_value)] // PyO3 gives a Vec.
pub fn fingerprint_matches(
    py: Python<'_>,
    prints: Vec<Bound<'_, PyArray1<u32>>>,
    errors: f64,
    errors_of_few: f64,
    enough: usize,
    least: usize,
    overlap: f64,
    n_threads: usize,
) -> PyResult<Vec<Pair>> {
    let limits = Limits {
        errors,
        errors_of_few,
        enough,
        least,
        overlap,
    };
    let borrowed: Vec<PyReadonlyArray1<'_, u32>> =
        prints.iter().map(borrow).collect::<PyResult<_>>()?;
    let words: Vec<&[u32]> = borrowed
        .iter()
        .map(|print| print.as_slice())
        .collect::<Result<_, _>>()?;
    let found = interruptible(py, |interrupted| {
        on_threads(n_threads, || {
            fingerprint::matches(&words, &limits, interrupted)
        })?
    })?;
    Ok(found
        .iter()
        .map(|m| (m.first, m.second, m.offset, m.words, m.errors))
        .collect())
}
