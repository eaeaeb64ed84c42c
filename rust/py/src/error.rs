//! The errors of the core and of decoders as Python's exceptions.

use audioclust_core::Error;
use audioclust_decode as decode;
use pyo3::PyErr;
use pyo3::exceptions::PyKeyboardInterrupt;

mod python {
    #![allow(missing_docs)]
    pyo3::import_exception!(audioclust.errors, DecodeError);
    pyo3::import_exception!(audioclust.errors, ParameterError);
    pyo3::import_exception!(audioclust.errors, SignalError);
}

/// The exception for an error.
pub fn to_python(error: &Error) -> PyErr {
    let message = error.to_string();
    match error {
        Error::Parameter { .. }
        | Error::TooFewDistinctRows { .. }
        | Error::NonFiniteRow { .. }
        | Error::Unusable { .. }
        | Error::TooLarge { .. } => python::ParameterError::new_err(message),
        Error::Empty => python::SignalError::new_err(("empty", message)),
        Error::NoChannel { .. } => python::SignalError::new_err(("unsupported", message)),
        Error::NonFiniteSample { .. } | Error::Overflow { .. } => {
            python::SignalError::new_err(("corrupt", message))
        }
        Error::Interrupted => PyKeyboardInterrupt::new_err(()),
    }
}

/// The exception for an error of a decoder.
pub fn decode_error(error: &decode::Error) -> PyErr {
    python::DecodeError::new_err((error.kind(), error.to_string(), error.is_limit()))
}
