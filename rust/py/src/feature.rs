//! The registry of features.

use audioclust_core::feature::REGISTRY;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The features there are: dicts of name, columns, unit, source, settings and default.
#[pyfunction]
pub fn registry(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    let entries = REGISTRY.iter().map(|spec| {
        let entry = PyDict::new(py);
        entry.set_item("name", spec.name)?;
        entry.set_item("columns", spec.columns())?;
        entry.set_item("unit", spec.unit)?;
        entry.set_item("source", spec.source)?;
        entry.set_item("settings", spec.settings)?;
        entry.set_item("default", spec.default)?;
        Ok(entry)
    });
    entries.collect()
}
