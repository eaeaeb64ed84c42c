//! Features of whole signals: of a stream in one pass, or of an array in memory.

pub mod array;
mod floored_mean;
pub(crate) mod intake;
mod parts;
pub mod plan;
pub mod precision;
pub mod statistics;
mod stream;

pub use stream::Extractor;
