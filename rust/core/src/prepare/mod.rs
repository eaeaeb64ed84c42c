//! What is done to a recording before it is cut into frames.

pub mod channels;
pub mod front;
pub mod gain;
pub mod highpass;
pub mod trim;

pub use channels::Selection;
pub use front::Front;
pub use gain::{Gain, Target};
pub use trim::Trim;
