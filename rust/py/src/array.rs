//! Conversions between Python and the core: arrays, threads, signals and panics.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use audioclust_core::{Error, Result};
use numpy::ndarray::Dimension;
use numpy::{Element, PyArray, PyArrayDyn, PyArrayMethods, PyReadonlyArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::error::to_python;

/// Borrows an array for reading, whatever its strides.
///
/// A field of a packed structured array may start at, or advance by, a number of bytes that is not
/// a multiple of its size. ndarray counts in elements and would read the wrong bytes. Such an array
/// is copied.
pub fn borrow<'py, T, D>(array: &Bound<'py, PyArray<T, D>>) -> PyResult<PyReadonlyArray<'py, T, D>>
where
    T: Element,
    D: Dimension,
{
    let size = size_of::<T>().cast_signed();
    let addressable = array.strides().iter().all(|stride| stride % size == 0)
        && (array.data() as usize).is_multiple_of(align_of::<T>());
    if addressable {
        return Ok(array.try_readonly()?);
    }
    let numpy = array.py().import("numpy")?;
    let copy = numpy.call_method1("require", (array, None::<u8>, ["A"]))?;
    Ok(copy.cast_into::<PyArray<T, D>>()?.try_readonly()?)
}

/// An array of either precision. The type is checked before anything else.
#[derive(FromPyObject)]
pub enum Floats<'py> {
    /// Of 32-bit floats.
    Single(Bound<'py, PyArrayDyn<f32>>),
    /// Of 64-bit floats.
    Double(Bound<'py, PyArrayDyn<f64>>),
}

/// Computes without the GIL. A panic becomes a `RuntimeError`. Otherwise Python would see it as a
/// `BaseException`, which ends a whole batch.
pub fn detached<T: Send>(
    py: Python<'_>,
    compute: impl FnOnce() -> Result<T> + Send,
) -> PyResult<T> {
    caught(py, compute)?.map_err(|error| to_python(&error))
}

/// Calls without the GIL something that has no error of the core. A panic becomes a `RuntimeError`.
pub fn caught<T: Send>(py: Python<'_>, compute: impl FnOnce() -> T + Send) -> PyResult<T> {
    let done = py.detach(|| catch_unwind(AssertUnwindSafe(compute)));
    done.map_err(|panic| PyRuntimeError::new_err(panic_message(panic.as_ref())))
}

/// Computes something that may be interrupted, without the GIL and on a thread of its own.
/// `compute` gets a function that returns whether to stop.
///
/// Python runs signal handlers, such as that of Ctrl-C, only on its main thread. The calling thread
/// therefore checks for signals while it waits. An exception that a handler raises is passed on.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    compute: impl FnOnce(&(dyn Fn() -> bool + Sync)) -> Result<T> + Send,
) -> PyResult<T> {
    const PATIENCE: Duration = Duration::from_millis(50);
    let stop = AtomicBool::new(false);
    let mut raised = None;
    let result = py.detach(|| {
        thread::scope(|scope| {
            let (sender, receiver) = mpsc::channel();
            let stop = &stop;
            scope.spawn(move || {
                let interrupted = || stop.load(Ordering::Relaxed);
                let done = catch_unwind(AssertUnwindSafe(|| compute(&interrupted)));
                // Sending fails only if nobody waits any more.
                let _ = sender.send(done);
            });
            loop {
                match receiver.recv_timeout(PATIENCE) {
                    Ok(done) => return Some(done),
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Err(RecvTimeoutError::Timeout) => {}
                }
                // A closure, because the lifetime of the method itself is not general enough.
                #[allow(clippy::redundant_closure_for_method_calls)]
                if let Err(error) = Python::attach(|py| py.check_signals()) {
                    raised = Some(error);
                    stop.store(true, Ordering::Relaxed);
                }
            }
        })
    });
    match (raised, result) {
        (Some(error), _) => Err(error),
        (None, Some(done)) => finished(done),
        (None, None) => Err(to_python(&Error::Interrupted)),
    }
}

fn finished<T>(done: thread::Result<Result<T>>) -> PyResult<T> {
    done.map_err(|panic| PyRuntimeError::new_err(panic_message(panic.as_ref())))?
        .map_err(|error| to_python(&error))
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned());
    format!(
        "internal error, please report it: {}",
        text.unwrap_or_default()
    )
}
