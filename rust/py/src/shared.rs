//! What is changed by each call and may be shared by threads.

use std::sync::{Mutex, PoisonError};

use audioclust_core::Result;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::array::detached;

/// Something that takes a stream in, piece by piece, until it is finished.
///
/// A call waits until those of other threads have ended. Without that, `PyO3` would refuse a call
/// while another thread's is at work.
pub struct Shared<T>(Mutex<Option<T>>);

impl<T: Send> Shared<T> {
    /// Something at its beginning.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Some(value)))
    }

    /// Computes with it.
    ///
    /// # Errors
    /// What `compute` gives, and a `RuntimeError` after the end.
    pub fn push<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(&mut T) -> Result<R> + Send,
    ) -> PyResult<R> {
        self.locked(py, |value| value.as_mut().map(compute))
    }

    /// Ends it.
    ///
    /// # Errors
    /// What `compute` gives, and a `RuntimeError` after the end.
    pub fn finish<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(T) -> Result<R> + Send,
    ) -> PyResult<R> {
        self.locked(py, |value| value.take().map(compute))
    }

    /// Computes with it, or with nothing after the end. For what is called without the GIL, since
    /// this waits for other threads.
    pub fn with<R>(&self, compute: impl FnOnce(Option<&mut T>) -> R) -> R {
        let mut value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compute(value.as_mut())
    }

    /// Waits without the GIL, since the other thread may need it to end.
    fn locked<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(&mut Option<T>) -> Option<Result<R>> + Send,
    ) -> PyResult<R> {
        let found = detached(py, || {
            let mut value = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            compute(&mut value).transpose()
        })?;
        found.ok_or_else(|| {
            PyRuntimeError::new_err("this extractor is finished: make another for another signal")
        })
    }
}
