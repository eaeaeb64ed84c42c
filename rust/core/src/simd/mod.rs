//! The hot loops, each compiled for several instruction sets and chosen at run time.
//!
//! A kernel is written once, over a `Vector` of sixteen lanes, and compiled for AVX-512, for AVX2
//! and for the target's baseline. Compilers do not turn such loops into vector instructions by
//! themselves, because they must keep the order in which floats are added. The kernels of features
//! never fuse multiplications with additions, and add up lanes in one fixed order. So every
//! instruction set gives the same bits, and tests check that. The kernels of distances
//! ([`Kernels`]) do fuse, and exist in both precisions.

#![allow(unsafe_code)] // Intrinsics, in functions that run only where they were detected.
#![allow(clippy::inline_always)] // What is not inlined is not compiled for the instruction set.

mod distances;
mod doubles;
mod fourier;
mod kernels;
mod level;
mod lines;
mod plane;
mod prefetch;
mod select;
#[cfg(test)]
mod tests;
mod vector;

pub(crate) use distances::up;
pub use distances::{After, Before, Bounds, Float, Found, Kernels, Moves, Panels, Real};
pub(crate) use fourier::unpacked_bin;
pub use fourier::{Fourier, Numbers};
pub use kernels::{Energies, Run};
pub(crate) use kernels::{larger, smaller};
pub use level::Level;
pub use lines::{Line, Lines};
pub use plane::Body;
pub(crate) use prefetch::prefetch;
pub use vector::LANES;
