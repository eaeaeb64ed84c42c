//! What is done to a recording, and what is noticed of it, before it is cut into frames.

pub mod channels;
pub mod front;
pub mod gain;
pub mod highpass;
pub mod inspect;
pub mod trim;

pub use channels::Selection;
pub use front::Front;
pub use gain::{Gain, Target};
pub use trim::Trim;
