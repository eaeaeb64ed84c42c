//! The registry of features.

use audioclust_core::feature::{FeatureSpec, REGISTRY};
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// All features, as dicts of name, columns, unit, source, sets, settings and analysis.
#[pyfunction]
pub fn registry(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let entries = REGISTRY.iter().map(|spec| {
        let entry = PyDict::new(py);
        entry.set_item("name", spec.name)?;
        entry.set_item("columns", spec.columns())?;
        entry.set_item("unit", spec.unit)?;
        entry.set_item("source", spec.source)?;
        entry.set_item("settings", spec.settings)?;
        entry.set_item("sets", spec.sets)?;
        entry.set_item("analysis", own_analysis(py, spec)?)?;
        Ok(entry)
    });
    entries.collect()
}

/// A feature's own analysis as a dict, or None if it has none.
fn own_analysis<'py>(py: Python<'py>, spec: &FeatureSpec) -> PyResult<Option<Bound<'py, PyDict>>> {
    let Some(own) = spec.analysis else {
        return Ok(None);
    };
    let settings = PyDict::new(py);
    settings.set_item("sr", own.sr)?;
    settings.set_item("n_fft", own.n_fft)?;
    settings.set_item("win_length", own.win_length)?;
    settings.set_item("hop_length", own.hop_length)?;
    Ok(Some(settings))
}
