//! The error of this crate. Its messages say what was found and what was expected.

use std::io;

use symphonia::core::errors::Error as SymphoniaError;

/// Why a sound cannot be decoded.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// This crate does not know the format, or not this kind of it. Another decoder may.
    #[error("{0}")]
    Unsupported(String),
    /// The format is known, but what the file has is not it.
    #[error("{0}")]
    Corrupt(String),
    /// The system does not let it be read.
    #[error("{0}")]
    Unreadable(#[from] io::Error),
    /// There are no samples in it.
    #[error("it has no samples")]
    Empty,
    /// It would take longer than [`crate::Limits`] allow.
    #[error("{0}")]
    Limit(String),
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// The kind of the error as one word: "unsupported", "corrupt", "unreadable" or "empty".
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unsupported(_) => "unsupported",
            Self::Corrupt(_) | Self::Limit(_) => "corrupt",
            Self::Unreadable(_) => "unreadable",
            Self::Empty => "empty",
        }
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(message.into())
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::Corrupt(message.into())
    }
}

impl From<SymphoniaError> for Error {
    fn from(error: SymphoniaError) -> Self {
        match error {
            SymphoniaError::IoError(why) if why.kind() == io::ErrorKind::UnexpectedEof => {
                Self::corrupt("it ends too early")
            }
            SymphoniaError::IoError(why) if is_about_contents(&why) => {
                Self::corrupt(why.to_string())
            }
            SymphoniaError::IoError(why) => Self::Unreadable(why),
            SymphoniaError::Unsupported(what) => {
                Self::unsupported(format!("symphonia does not support it: {what}"))
            }
            other => Self::corrupt(other.to_string()),
        }
    }
}

/// Whether an error comes from a decoder that found something else than it expected. The system's
/// own errors have numbers.
fn is_about_contents(why: &io::Error) -> bool {
    why.raw_os_error().is_none()
}
