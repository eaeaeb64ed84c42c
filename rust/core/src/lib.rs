//! The core of audioclust: framing, features, their streaming extraction, and clustering.
//!
//! Slices and [`ndarray`] views go in, values come out; nothing here knows of Python, files or
//! codecs. The flow is [`signal`] → [`feature`] → [`extract`], which keeps running
//! [`statistics`](extract::statistics) instead of a spectrogram, so that memory does not grow with a recording's
//! length. [`cluster`] takes the rows that come of it. [`segment`] keeps a few numbers a frame and
//! finds spans in them.

pub mod analysis;
pub mod cluster;
pub mod error;
pub mod extract;
pub mod feature;
pub mod onset;
pub mod parallel;
pub mod segment;
pub mod signal;
pub mod simd;

pub use analysis::Analysis;
pub use error::{Error, Result};
