//! A stream of samples to its fingerprint: one word of 32 bits for each frame.
//!
//! A bit says whether the energy of a band, less that of the next higher band, has grown since a
//! few frames before. Only the signs of differences count, so that the level makes no difference:
//! the idea is that of J. Haitsma and T. Kalker, "A Highly Robust Audio Fingerprinting System",
//! ISMIR 2002. Frames here are shorter, and compared over a longer time.

use std::collections::VecDeque;
use std::f64::consts::PI;

use crate::extract::intake::{Intake, PIECE};
use crate::signal::spectrum::{Precision, Spectrum, SpectrumPlan};
use crate::signal::stream_frames::StreamFrames;
use crate::simd::Level;
use crate::{Error, Result};

/// The rate of the samples, in Hz. Nothing above 4 kHz is looked at, which every codec keeps.
pub const RATE: u32 = 11_025;

/// Samples from one word to the next, 11.6 ms.
pub const HOP: usize = 128;

/// The word of a frame that tells nothing: one that is quiet, or sounds like those before it.
pub const NOTHING: u32 = 0;

/// Samples of a frame, 93 ms: much more than the half of a hop by which the frames of a recording
/// with another beginning can be off.
const FRAME: usize = 1024;

/// How many frames lie between two that are compared.
const LAG: usize = 4;

const BITS: usize = 32;

/// The edges of the bands, in Hz; in between they are spaced by equal ratios.
const EDGES: (f64, f64) = (200.0, 4000.0);

/// A frame is quiet if its energy is this much below that of the loudest one: 50 dB.
const QUIET: f32 = 1e-5;

/// A frame sounds like the one before if the differences are less than this share of its energy.
/// Of a steady tone, only rounding or a codec's noise would be compared.
const CHANGE: f32 = 0.02;

/// Makes the fingerprint of a stream of samples at [`RATE`].
///
/// Memory grows by 8 bytes for each word, and is 4 for each in the end.
pub struct Fingerprinter {
    intake: Intake,
    framer: StreamFrames,
    spectrum: Spectrum,
    /// The first bin of each band, and the one after the last.
    bins: [usize; BITS + 2],
    /// The last frames: how much more energy each band has than the next, and the energy of all.
    recent: VecDeque<([f32; BITS], f32)>,
    words: Vec<u32>,
    /// The energy of the louder of the two frames of each word.
    energies: Vec<f32>,
}

impl Default for Fingerprinter {
    fn default() -> Self {
        Self::new(Level::best())
    }
}

impl Fingerprinter {
    /// A fingerprinter at the beginning of a stream.
    #[must_use]
    pub fn new(level: Level) -> Self {
        let angle = |i: usize| 2.0 * PI * i as f64 / FRAME as f64;
        let window: Vec<f64> = (0..FRAME).map(|i| 0.5 - 0.5 * angle(i).cos()).collect();
        let edge = |i: usize| EDGES.0 * (EDGES.1 / EDGES.0).powf(i as f64 / (BITS + 1) as f64);
        let bin = |i: usize| edge(i) * FRAME as f64 / f64::from(RATE);
        Self {
            intake: Intake::new(level),
            framer: StreamFrames::new(level, FRAME, HOP),
            spectrum: SpectrumPlan::new(level, Precision::Single, &window).spectrum(),
            bins: std::array::from_fn(|i| bin(i).round() as usize),
            recent: VecDeque::with_capacity(LAG),
            words: Vec::new(),
            energies: Vec::new(),
        }
    }

    /// Takes in the next samples.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`].
    pub fn push(&mut self, block: &[f32]) -> Result<()> {
        self.intake.take_in(block)?;
        for piece in block.chunks(PIECE) {
            self.framer.push(piece);
            self.advance();
        }
        Ok(())
    }

    /// Ends the stream and gives its words, [`NOTHING`] for frames that tell nothing.
    ///
    /// # Errors
    /// [`Error::Empty`] if there was not one sample.
    pub fn finish(mut self) -> Result<Vec<u32>> {
        if self.intake.samples == 0 {
            return Err(Error::Empty);
        }
        self.framer.finish();
        self.advance();
        let loudest = self.energies.iter().copied().fold(0.0, f32::max);
        for (word, energy) in self.words.iter_mut().zip(&self.energies) {
            if *energy <= loudest * QUIET {
                *word = NOTHING;
            }
        }
        self.words.shrink_to_fit();
        Ok(self.words)
    }

    fn advance(&mut self) {
        while let Some(samples) = self.framer.samples(0) {
            self.spectrum.transform(samples);
            let frame = bands(self.spectrum.padded_power(), &self.bins);
            if self.recent.len() == LAG
                && let Some(before) = self.recent.pop_front()
            {
                let energy = frame.1.max(before.1);
                self.words.push(word(&before.0, &frame.0, energy));
                self.energies.push(energy);
            }
            self.recent.push_back(frame);
            self.framer.skip(1);
        }
    }
}

/// How much more energy each band has than the next, and the energy of all bands.
fn bands(power: &[f32], bins: &[usize; BITS + 2]) -> ([f32; BITS], f32) {
    let energy = |band: usize| -> f32 { power[bins[band]..bins[band + 1]].iter().sum() };
    let mut differences = [0.0; BITS];
    let mut all = energy(0);
    let mut lower = all;
    for (band, difference) in differences.iter_mut().enumerate() {
        let higher = energy(band + 1);
        *difference = lower - higher;
        all += higher;
        lower = higher;
    }
    (differences, all)
}

fn word(before: &[f32; BITS], now: &[f32; BITS], energy: f32) -> u32 {
    let mut word = 0;
    let mut change = 0.0;
    for (bit, (before, now)) in before.iter().zip(now).enumerate() {
        let growth = now - before;
        change += growth.abs();
        word |= u32::from(growth > 0.0) << bit;
    }
    if change <= CHANGE * energy {
        return NOTHING;
    }
    // Where nothing has grown, one bit is wrong, so that the word is not taken for none.
    word.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Noise that is the same for the same seed.
    fn noise(seed: u64, n: usize) -> Vec<f32> {
        let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 40) as f32 / 16_777_216.0 - 0.5
        };
        (0..n).map(|_| next()).collect()
    }

    fn print(y: &[f32]) -> Vec<u32> {
        let mut fingerprinter = Fingerprinter::default();
        fingerprinter.push(y).unwrap();
        fingerprinter.finish().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20))]

        #[test]
        fn a_gain_changes_nothing(seed in 0u64..1000, exponent in -8i32..8) {
            // A power of two, so that nothing is rounded.
            let y = noise(seed, 20_000);
            let scaled: Vec<f32> = y.iter().map(|x| x * 2f32.powi(exponent)).collect();
            prop_assert_eq!(print(&y), print(&scaled));
        }

        #[test]
        fn a_shift_by_hops_shifts_the_words(seed in 0u64..1000, hops in 1usize..40) {
            let y = noise(seed, 30_000);
            let (all, part) = (print(&y), print(&y[hops * HOP..]));
            // The first words of the part see zeros where there were samples.
            let edge = FRAME / 2 / HOP;
            prop_assert_eq!(&all[hops + edge..], &part[edge..]);
        }

        #[test]
        fn blocks_make_no_difference(seed in 0u64..1000, length in 1usize..5000) {
            let y = noise(seed, 20_000);
            let mut fingerprinter = Fingerprinter::default();
            for block in y.chunks(length) {
                fingerprinter.push(block).unwrap();
            }
            prop_assert_eq!(fingerprinter.finish().unwrap(), print(&y));
        }
    }

    #[test]
    fn words_are_as_defined() {
        // The definition, by a discrete Fourier transform in double precision.
        let y = noise(3, FRAME + LAG * HOP);
        let frame = |t: usize| -> Vec<f64> {
            let at = |i: usize| {
                let window = 0.5 - 0.5 * (2.0 * PI * i as f64 / FRAME as f64).cos();
                let place = (t * HOP + i).checked_sub(FRAME / 2);
                window * f64::from(place.and_then(|place| y.get(place)).copied().unwrap_or(0.0))
            };
            let power = |k: usize| {
                let (re, im) = (0..FRAME).fold((0.0, 0.0), |(re, im), i| {
                    let angle = 2.0 * PI * (k * i % FRAME) as f64 / FRAME as f64;
                    (re + at(i) * angle.cos(), im + at(i) * angle.sin())
                });
                re * re + im * im
            };
            let edge =
                |b: i32| (200.0 * 20f64.powf(f64::from(b) / 33.0) * 1024.0 / 11_025.0).round();
            (0..33)
                .map(|b| (edge(b) as usize..edge(b + 1) as usize).map(power).sum())
                .collect()
        };
        let (before, now) = (frame(4), frame(8));
        let words = print(&y);
        for b in 0..32 {
            let growth = (now[b] - now[b + 1]) - (before[b] - before[b + 1]);
            // Single precision may not tell the sign of less.
            if growth.abs() > 1e-4 {
                assert_eq!(words[4] >> b & 1 == 1, growth > 0.0, "bit {b}");
            }
        }
    }

    #[test]
    fn silence_and_steady_tones_tell_nothing() {
        assert!(
            print(&vec![0.0; 20_000])
                .iter()
                .all(|&word| word == NOTHING)
        );
        let tone: Vec<f32> = (0..40_000).map(|i| (i as f32 * 0.3).sin() * 0.5).collect();
        let words = print(&tone);
        let edge = FRAME / HOP + LAG;
        assert!(
            words[edge..words.len() - edge]
                .iter()
                .all(|&word| word == NOTHING)
        );
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        assert_eq!(Fingerprinter::default().finish(), Err(Error::Empty));
        let pushed = Fingerprinter::default().push(&[0.0, f32::NAN]);
        assert!(matches!(
            pushed,
            Err(Error::NonFiniteSample { index: 1, .. })
        ));
    }
}
