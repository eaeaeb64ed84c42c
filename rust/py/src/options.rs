//! Keyword arguments of functions with many arguments, collected in one value.

use audioclust_core::{Error, Result};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::to_python;

/// A value made of keyword arguments, all of which must be given.
pub trait Options: Sized {
    /// The names of the arguments.
    const NAMES: &'static [&'static str];

    /// Reads the value of each argument.
    fn taken(given: &Bound<'_, PyDict>) -> PyResult<Self>;

    /// Reads the arguments, and refuses them if one is unknown or missing.
    fn of(given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let known = |given: &&Bound<'_, PyDict>| {
            let each = |name: &&str| given.contains(name).unwrap_or(false);
            given.len() == Self::NAMES.len() && Self::NAMES.iter().all(each)
        };
        match given.filter(known) {
            Some(given) => Self::taken(given),
            None => Err(PyTypeError::new_err(format!(
                "expected the keyword arguments {}",
                Self::NAMES.join(", ")
            ))),
        }
    }
}

/// Defines a struct of arguments, each with its type.
macro_rules! options {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        pub struct $name {
            $(pub $field: $type,)*
        }

        impl Options for $name {
            const NAMES: &'static [&'static str] = &[$(stringify!($field)),*];

            fn taken(given: &Bound<'_, PyDict>) -> PyResult<Self> {
                Ok(Self {
                    $($field: given.as_any().get_item(stringify!($field))?.extract()?,)*
                })
            }
        }
    };
}
pub(crate) use options;

/// The value that a word stands for, or an error that lists the known words.
pub fn named<T: Copy>(name: &'static str, word: &str, words: &[(&str, T)]) -> Result<T> {
    let found = words.iter().find(|(known, _)| *known == word);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = words.iter().map(|(known, _)| *known).collect();
        let expected = format!("one of {}", known.join(", "));
        Error::parameter(name, format!("'{word}'"), expected)
    })
}

/// The value that a word stands for. Raises an exception that lists the known words.
pub fn word<T: Copy>(name: &'static str, word: &str, words: &[(&str, T)]) -> PyResult<T> {
    named(name, word, words).map_err(|error| to_python(&error))
}
