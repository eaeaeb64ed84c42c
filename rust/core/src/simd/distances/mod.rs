//! Kernels of distances between rows and centres, and of maps, in both precisions.
//!
//! Unlike the kernels of features, these fuse multiplications with additions where the machine can.
//! Instruction sets may therefore round differently.

mod bounds;
mod candidates;
mod compiled;
mod exact;
mod lanes;
mod panels;
mod real;
#[cfg(test)]
mod tests;
mod tiles;
mod units;

pub(crate) use bounds::up;
pub use bounds::{Bounds, Moves};
pub use candidates::{After, Before};
pub use compiled::{Float, Kernels};
pub use panels::{Found, Panels};
pub use real::Real;
