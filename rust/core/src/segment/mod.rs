//! Spans of a recording: bands of every frame above one floor, means over windows, a Gaussian for
//! each label, and the best sequence of spans with a least length.

mod bands;
mod gaussian;
mod viterbi;
mod windows;

pub use bands::{Bands, Projection};
pub use gaussian::{Gaussians, Moments};
pub use viterbi::Viterbi;
pub use windows::WindowMeans;
