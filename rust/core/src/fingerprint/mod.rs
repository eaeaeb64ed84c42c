//! Fingerprints, by which the same recording is known again after it was encoded anew, got other
//! ends or another level.
//!
//! [`Fingerprinter`] makes [`words`] of a stream, [`matches`](fn@matches) finds which of many
//! fingerprints belong together.

mod index;
pub mod matches;
pub mod words;

pub use matches::{Limits, Match, matches};
pub use words::Fingerprinter;
