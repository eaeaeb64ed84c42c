//! What a sound is like, in numbers that people know: loudness, tempo, key and others.
//!
//! A [`Describer`] takes a signal of one channel at [`RATE`] Hz, block by block, and gives all
//! descriptors at its end. docs/descriptors.md has their definitions.

pub mod attack;
pub mod describer;
pub mod key;
pub mod loudness;
pub mod onsets;
pub mod pitch_deviation;
pub mod plan;
pub mod strength;
pub mod tempo;

pub use describer::{Describer, N_DESCRIPTORS};
pub use plan::Plan;

/// The sampling rate of all signals that are described, in Hz.
pub const RATE: u32 = 22_050;

/// Length of a frame and of its FFT, in samples.
pub(crate) const N_FFT: usize = 2048;

/// Distance from one frame to the next, in samples.
pub(crate) const HOP_LENGTH: usize = 512;

/// Number of frames in a second.
#[allow(clippy::cast_lossless)] // `f64::from` cannot be used in a constant.
pub(crate) const FRAMES_PER_SECOND: f64 = RATE as f64 / HOP_LENGTH as f64;

#[cfg(test)]
pub(crate) mod tests_sounds {
    use super::RATE;
    use std::f64::consts::TAU;

    /// A tone of some seconds.
    pub fn sine(frequency: f64, amplitude: f64, seconds: f64) -> Vec<f32> {
        let sr = f64::from(RATE);
        (0..(seconds * sr) as usize)
            .map(|i| (amplitude * (TAU * frequency * i as f64 / sr).sin()) as f32)
            .collect()
    }

    /// Numbers between -`amplitude` and `amplitude`, always the same ones.
    pub fn noise(n: usize, amplitude: f32) -> Vec<f32> {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            amplitude * ((state >> 8) as f32 / 8_388_608.0 - 1.0)
        };
        (0..n).map(|_| next()).collect()
    }

    /// Short decaying noises at a number of beats per minute, the first after half a beat.
    pub fn clicks(bpm: f64, seconds: f64) -> Vec<f32> {
        let sr = f64::from(RATE);
        let mut y = noise((seconds * sr) as usize, 0.5);
        for (i, y) in y.iter_mut().enumerate() {
            let since = (i as f64 / sr + 30.0 / bpm).rem_euclid(60.0 / bpm);
            *y *= (-since * 100.0).exp() as f32;
        }
        y
    }
}
