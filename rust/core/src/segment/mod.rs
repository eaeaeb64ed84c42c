//! Spans of a recording: what it is from frame to frame, under one floor; windows of it; a
//! Gaussian for each label; and the best sequence of spans of a least length.

mod bands;
mod gaussian;
mod viterbi;
mod windows;

pub use bands::{Bands, Projection};
pub use gaussian::{Gaussians, Moments};
pub use viterbi::Viterbi;
pub use windows::WindowMeans;
