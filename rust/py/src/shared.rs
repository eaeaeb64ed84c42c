//! What is changed by each call and may be shared by threads.

use std::mem;
use std::sync::{Mutex, MutexGuard, PoisonError};

use audioclust_core::Result;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::array::detached;

/// Something that takes a stream in, piece by piece, until it is finished or refuses a piece.
///
/// A call waits until those of other threads have ended. Without that, `PyO3` would refuse a call
/// while another thread's is at work.
pub struct Shared<T>(Mutex<Stage<T>>);

/// How far a stream has come.
enum Stage<T> {
    /// More may follow.
    Open(T),
    /// A piece was refused, and may have been taken in by half.
    Failed,
    /// The end was asked for.
    Finished,
}

impl<T: Send> Shared<T> {
    /// Something at its beginning.
    pub fn new(value: T) -> Self {
        Self(Mutex::new(Stage::Open(value)))
    }

    /// Computes with it. After an error it cannot be used any more.
    ///
    /// # Errors
    /// What `compute` gives, and a `RuntimeError` after the end or an error.
    pub fn push<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(&mut T) -> Result<R> + Send,
    ) -> PyResult<R> {
        self.locked(py, |stage| {
            let Stage::Open(value) = stage else {
                return Ok(Err(ended(stage)));
            };
            let computed = compute(value);
            if computed.is_err() {
                *stage = Stage::Failed;
            }
            computed.map(Ok)
        })
    }

    /// Ends it.
    ///
    /// # Errors
    /// What `compute` gives, and a `RuntimeError` after the end or an error.
    pub fn finish<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(T) -> Result<R> + Send,
    ) -> PyResult<R> {
        self.locked(py, |stage| match mem::replace(stage, Stage::Finished) {
            Stage::Open(value) => compute(value).map(Ok),
            closed => {
                *stage = closed;
                Ok(Err(ended(stage)))
            }
        })
    }

    /// Computes with it, or with nothing after the end. For what is called without the GIL, since
    /// this waits for other threads.
    pub fn with<R>(&self, compute: impl FnOnce(Option<&mut T>) -> R) -> R {
        compute(match &mut *self.stage() {
            Stage::Open(value) => Some(value),
            Stage::Failed | Stage::Finished => None,
        })
    }

    fn stage(&self) -> MutexGuard<'_, Stage<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits without the GIL, since the other thread may need it to end.
    fn locked<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(&mut Stage<T>) -> Result<std::result::Result<R, &'static str>> + Send,
    ) -> PyResult<R> {
        detached(py, || compute(&mut self.stage()))?.map_err(PyRuntimeError::new_err)
    }
}

/// Says why a stream takes nothing more in.
fn ended<T>(stage: &Stage<T>) -> &'static str {
    match stage {
        Stage::Failed => "this stream has failed: make another for another signal",
        _ => "this stream is finished: make another for another signal",
    }
}
