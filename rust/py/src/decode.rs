//! Decoders of sound files.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use audioclust_decode as decode;
use numpy::ndarray::Array2;
use numpy::{IntoPyArray, PyArray2};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::array::caught;
use crate::error::decode_error;

/// A sound while it is decoded.
#[pyclass(frozen, module = "audioclust._core")]
pub struct Decoder {
    /// None once it is closed.
    inner: Mutex<Option<decode::Decoder>>,
    #[pyo3(get)]
    sr: u32,
    #[pyo3(get)]
    channels: usize,
    #[pyo3(get)]
    name: &'static str,
    #[pyo3(get)]
    format: &'static str,
    #[pyo3(get)]
    frames: Option<u64>,
}

#[pymethods]
impl Decoder {
    #[new]
    #[pyo3(signature = (path, format_name=None, *, max_seconds=None, max_work=None))]
    fn new(
        py: Python<'_>,
        path: &Bound<'_, PyAny>,
        format_name: Option<&str>,
        max_seconds: Option<f64>,
        max_work: Option<f64>,
    ) -> PyResult<Self> {
        let format = format_name.map(format_named).transpose()?;
        let usual = decode::Limits::default();
        let limits = decode::Limits {
            seconds: max_seconds.unwrap_or(usual.seconds),
            work: max_work.unwrap_or(usual.work),
        };
        let path = file_name(path)?;
        let decoder = caught(py, || decode::open(File::open(path)?, format, &limits))?;
        let decoder = decoder.map_err(|error| decode_error(&error))?;
        Ok(Self {
            sr: decoder.sr(),
            channels: decoder.channels(),
            name: decoder.name(),
            format: decoder.format().name(),
            frames: decoder.frames(),
            inner: Mutex::new(Some(decoder)),
        })
    }

    fn read<'py>(&self, py: Python<'py>, n_frames: usize) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let read = caught(py, || {
            let mut samples = Vec::new();
            let frames = self.with(|decoder| decoder.read(n_frames, &mut samples))?;
            decode::Result::Ok((frames, samples))
        })?;
        let (frames, samples) = read.map_err(|error| decode_error(&error))?;
        let block = Array2::from_shape_vec((frames, self.channels), samples);
        Ok(block
            .map_err(|error| PyValueError::new_err(error.to_string()))?
            .into_pyarray(py))
    }

    fn skip(&self, py: Python<'_>, n_frames: u64) -> PyResult<u64> {
        caught(py, || self.with(|decoder| decoder.skip(n_frames)))?
            .map_err(|error| decode_error(&error))
    }

    fn warnings(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        caught(py, || self.with(|decoder| Ok(decoder.warnings().to_vec())))?
            .map_err(|error| decode_error(&error))
    }

    fn close(&self, py: Python<'_>) -> PyResult<()> {
        caught(py, || {
            *self.inner.lock().unwrap_or_else(PoisonError::into_inner) = None;
        })
    }
}

impl Decoder {
    /// Calls something with the decoder. Another thread's call is waited for, so this must be
    /// called without the GIL.
    ///
    /// # Errors
    /// What `call` gives, and that the decoder is closed.
    pub(crate) fn with<T>(
        &self,
        call: impl FnOnce(&mut decode::Decoder) -> decode::Result<T>,
    ) -> decode::Result<T> {
        let mut decoder = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        match decoder.as_mut() {
            Some(decoder) => call(decoder),
            None => Err(decode::Error::Unreadable(io::Error::other(
                "the decoder is closed",
            ))),
        }
    }
}

/// The name of the format of a file, by its first bytes, and where the tags before it end.
#[pyfunction]
pub fn sniff(py: Python<'_>, path: &Bound<'_, PyAny>) -> PyResult<(Option<&'static str>, u64)> {
    let path = file_name(path)?;
    let found = caught(py, || decode::sniff_path(&path))?;
    let (format, end) = found.map_err(|error| decode_error(&error))?;
    Ok((format.map(decode::Format::name), end))
}

fn format_named(name: &str) -> PyResult<decode::Format> {
    decode::Format::from_name(name).ok_or_else(|| {
        PyValueError::new_err(format!("format_name={name:?}: expected the name of one"))
    })
}

/// A path as `os.fsencode` gives it. Names of files need not be text; on Windows they need not
/// even be UTF-16, so Python decodes them.
fn file_name(path: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    let os = path.py().import("os")?;
    os.call_method1("fsdecode", (path,))?.extract()
}
