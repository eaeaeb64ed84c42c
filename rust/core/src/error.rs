//! The error of this crate. Its messages contain the values that caused it.

/// The one error of this crate.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    /// An argument outside its domain.
    #[error("{name}={value}: expected {expected}")]
    Parameter {
        /// The argument's name, as the caller wrote it.
        name: &'static str,
        /// The value it had.
        value: String,
        /// What would have been accepted.
        expected: String,
    },
    /// More clusters were asked for than there are different rows.
    #[error("k={k} clusters need at least {k} distinct rows, got {distinct}")]
    TooFewDistinctRows {
        /// The number of clusters asked for.
        k: usize,
        /// The number of distinct rows there are.
        distinct: usize,
    },
    /// A row with a value that is not a finite number.
    #[error("row {row}, column {column} is {value}: expected a finite number")]
    NonFiniteRow {
        /// The row's index.
        row: usize,
        /// The column's index.
        column: usize,
        /// The value found there.
        value: f64,
    },
    /// A sample that is not a finite number.
    #[error("sample {index} is {value}: expected a finite number")]
    NonFiniteSample {
        /// The sample's index in the stream.
        index: u64,
        /// The value found there.
        value: f32,
    },
    /// Samples so large that a feature is not a finite number.
    #[error("{column} is {value}: the samples, up to {peak:e}, are too large to analyse")]
    Overflow {
        /// The column that overflowed.
        column: String,
        /// Its value.
        value: f64,
        /// The largest absolute sample.
        peak: f32,
    },
    /// A value of an array that is not allowed in it.
    #[error("{name}{index:?}={value}: expected {expected}")]
    Unusable {
        /// The array's name, as the caller wrote it.
        name: &'static str,
        /// The value's index, one number for each dimension.
        index: Vec<usize>,
        /// The value.
        value: f64,
        /// What would have been accepted.
        expected: &'static str,
    },
    /// An array with values so large that a feature is not a finite number.
    #[error("{name}: expected values small enough to compute with")]
    TooLarge {
        /// The array's name, as the caller wrote it.
        name: &'static str,
    },
    /// A channel that a recording does not have.
    #[error("there is no channel {channel}: expected a number below {channels}, which it has")]
    NoChannel {
        /// The number of the channel, from 0.
        channel: usize,
        /// The number of channels.
        channels: usize,
    },
    /// A stream that ended without a sample.
    #[error("there are no samples")]
    Empty,
    /// The caller interrupted the work.
    #[error("interrupted")]
    Interrupted,
}

/// A result with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Tells whether the caller wants the work to stop.
pub type Interrupted<'a> = &'a dyn Fn() -> bool;

impl Error {
    /// An [`Error::Parameter`]: `name` was `value`, but `expected` was expected.
    pub fn parameter(
        name: &'static str,
        value: impl std::fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        Self::Parameter {
            name,
            value: value.to_string(),
            expected: expected.into(),
        }
    }
}
