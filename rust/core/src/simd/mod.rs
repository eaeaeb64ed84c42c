//! The hot loops, each compiled for several instruction sets and chosen at run time.
//!
//! A kernel is written once, over a [`Vector`] of sixteen lanes, and compiled for AVX-512, for
//! AVX2 and for the target's baseline. Compilers do not find the vectors in such loops by
//! themselves: sums of floats have an order. No kernel of features fuses multiplications with
//! additions, and lanes are added up in one fixed order, so that every path gives the same bits;
//! the tests demand it. Those of distances ([`Kernels`]) do fuse, and come in both precisions.

#![allow(unsafe_code)] // Intrinsics, in functions that run only where they were detected.
#![allow(clippy::inline_always)] // What is not inlined is not compiled for the instruction set.

mod kernels;
mod lanes;
mod select;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tile_tests;
mod tiles;
mod units;
mod vector;

pub use kernels::Run;
pub(crate) use kernels::unpacked_bin;
pub use tiles::{After, Before, Bounds, Float, Found, Kernels, Moves, Panels};
pub(crate) use tiles::{prefetch, up};
pub use vector::LANES;

/// An instruction set that kernels were compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// What every machine of the target has.
    Baseline,
    /// AVX2 and FMA, on x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx2(Proof),
    /// AVX-512 (F, BW, DQ, VL), on x86-64.
    #[cfg(target_arch = "x86_64")]
    Avx512(Proof),
}

/// Only [`Level::all`] makes one, for what the machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof(());

impl Level {
    /// The levels that this machine has, the best one last.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut levels = vec![Self::Baseline];
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("fma")
                && is_x86_feature_detected!("popcnt");
            if avx2 {
                levels.push(Self::Avx2(Proof(())));
            }
            if avx2
                && is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512dq")
                && is_x86_feature_detected!("avx512vl")
            {
                levels.push(Self::Avx512(Proof(())));
            }
        }
        levels
    }

    /// The best level that this machine has.
    #[must_use]
    pub fn best() -> Self {
        Self::all().pop().unwrap_or(Self::Baseline)
    }
}
