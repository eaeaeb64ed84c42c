//! The core of audioclust: framing, features, their streaming extraction, and clustering.
//!
//! Slices and [`ndarray`] views go in, values come out. Nothing here depends on Python, files or
//! codecs. The flow is [`prepare`] → [`signal`] → [`feature`] → [`extract`]. The last keeps running
//! [`statistics`](extract::statistics) instead of a spectrogram, so that memory does not grow with
//! the length of a recording. [`describe`] does the same for what people have words for.
//! [`cluster`] groups the resulting rows. [`segment`] keeps a few numbers for each frame and finds
//! spans in them. [`fingerprint`] finds recordings that are the same.

pub mod analysis;
pub mod cluster;
pub mod describe;
pub mod error;
pub mod extract;
pub mod feature;
pub mod fingerprint;
pub mod onset;
pub mod parallel;
pub mod prepare;
pub mod segment;
pub mod signal;
pub mod simd;

pub use analysis::Analysis;
pub use error::{Error, Result};
