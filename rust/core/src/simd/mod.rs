//! The hot loops, each compiled for several instruction sets and chosen at run time.
//!
//! A kernel is written once, over a `Vector` of sixteen lanes, and compiled for AVX-512, for
//! AVX2 and for the target's baseline. Compilers do not find the vectors in such loops by
//! themselves: sums of floats have an order. No kernel of features fuses multiplications with
//! additions, and lanes are added up in one fixed order, so that every path gives the same bits;
//! the tests demand it. Those of distances ([`Kernels`]) do fuse, and come in both precisions.

#![allow(unsafe_code)] // Intrinsics, in functions that run only where they were detected.
#![allow(clippy::inline_always)] // What is not inlined is not compiled for the instruction set.

mod bounds;
mod candidates;
mod compiled;
mod kernels;
mod lanes;
mod level;
mod panels;
mod prefetch;
mod real;
mod select;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tile_tests;
mod tiles;
mod units;
mod vector;

pub(crate) use bounds::up;
pub use bounds::{Bounds, Moves};
pub use candidates::{After, Before};
pub use compiled::{Float, Kernels};
pub use kernels::Run;
pub(crate) use kernels::unpacked_bin;
pub use level::Level;
pub use panels::{Found, Panels};
pub(crate) use prefetch::prefetch;
pub use real::Real;
pub use vector::LANES;
