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
    #[error("{}", words(.0))]
    Unreadable(io::Error),
    /// There is nothing in the file.
    #[error("the file has no bytes")]
    NoBytes,
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
    /// The kind of the error as one word: "unsupported", "corrupt", "unreadable" or "empty". It is
    /// "corrupt" also if a limit is reached, which [`Error::is_limit`] tells.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unsupported(_) => "unsupported",
            Self::Corrupt(_) | Self::Limit(_) => "corrupt",
            Self::Unreadable(_) => "unreadable",
            Self::NoBytes | Self::Empty => "empty",
        }
    }

    /// Whether a limit is reached, which no other decoder would change.
    #[must_use]
    pub fn is_limit(&self) -> bool {
        matches!(self, Self::Limit(_))
    }

    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::Unsupported(message.into())
    }

    pub(crate) fn corrupt(message: impl Into<String>) -> Self {
        Self::Corrupt(message.into())
    }
}

/// The system's words for an error, without its number.
fn words(why: &io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}

impl From<SymphoniaError> for Error {
    fn from(error: SymphoniaError) -> Self {
        match error {
            SymphoniaError::IoError(why) => why.into(),
            SymphoniaError::Unsupported(what) => {
                Self::unsupported(format!("symphonia does not support it: {what}"))
            }
            other => Self::corrupt(other.to_string()),
        }
    }
}

impl From<io::Error> for Error {
    /// The system's own errors have numbers. Others come from a decoder that found something else
    /// than it expected.
    fn from(why: io::Error) -> Self {
        if why.raw_os_error().is_some() {
            Self::Unreadable(why)
        } else if why.kind() == io::ErrorKind::UnexpectedEof {
            Self::corrupt("it ends too early")
        } else {
            Self::corrupt(why.to_string())
        }
    }
}
