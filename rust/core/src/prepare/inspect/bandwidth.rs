//! Where the spectrum of a recording ends, if it ends like a cliff.
//!
//! Codecs and low sampling rates leave nothing above some frequency. What sounds make is louder at
//! some frequencies than at others, and its level falls bit by bit. So the level of a band is
//! compared to everything that is more than one band above it.

use std::f64::consts::TAU;
use std::sync::OnceLock;

use super::HOP;
use crate::signal::spectrum::{Precision, Spectrum, SpectrumPlan};
use crate::simd::Level;

/// Length of a spectrum, in samples.
const N_FFT: usize = 2048;

/// Number of stretches that a spectrum takes.
const STRETCHES: u64 = (N_FFT / HOP) as u64;

/// One spectrum in so many stretches is computed of a long recording.
const SPARSE: u64 = 65_536 / HOP as u64;

/// At the beginning there are more of them, since many recordings are short.
const DENSE: u64 = 8_192 / HOP as u64;

/// Number of bins of a band.
const WIDTH: usize = 16;
const N_BANDS: usize = N_FFT / 2 / WIDTH;

/// Below this band, the loud part of many sounds is as narrow as two bands.
const FIRST_BAND: usize = 8;

/// Above this band, the filter of the recording's own rate begins.
const LAST_BAND: usize = 57;

/// Number of bands below a cut that must all be loud, so that a few partials are no edge.
const EDGE: usize = 4;

/// How much quieter than the edge most bands below it are where there is a hill, in decibels.
const HILL: f32 = 15.0;

/// Levels are not told apart below this part of the loudest: single precision ends there.
const FLOOR: f32 = 1e-12;

/// The end of a spectrum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Cut {
    /// Where it is, as a part of the sampling rate: at most .5.
    pub frequency: f64,
    /// How much quieter everything above it is, in decibels.
    pub drop: f64,
}

/// The power of some spectra of a recording.
#[derive(Default)]
pub struct Spectra {
    n_stretches: u64,
    /// Made when the first spectrum is, since there is none of very short recordings.
    work: Option<Work>,
}

struct Work {
    spectrum: Spectrum,
    frame: Vec<f32>,
    power: Vec<f32>,
}

impl Spectra {
    /// Takes in the next stretch, of [`HOP`] samples.
    pub fn push(&mut self, samples: &[f32]) {
        let place = place_in_spectrum(self.n_stretches);
        self.n_stretches += 1;
        let Some(place) = place else { return };
        let work = self.work.get_or_insert_with(Work::new);
        work.frame[place * HOP..(place + 1) * HOP].copy_from_slice(samples);
        if (place + 1) * HOP == N_FFT {
            work.spectrum.transform(&work.frame);
            let power = work.spectrum.padded_power();
            for (sum, &power) in work.power.iter_mut().zip(power) {
                *sum += power;
            }
        }
    }

    /// Where the spectrum ends; of several places the one with the largest drop.
    pub fn cut(&self) -> Option<Cut> {
        let power = &self.work.as_ref()?.power;
        let bands = levels(power);
        let mut above = [f32::NEG_INFINITY; N_BANDS + 2];
        for band in (0..N_BANDS).rev() {
            above[band] = above[band + 1].max(bands[band]);
        }
        let mut best: Option<(usize, f32)> = None;
        for band in FIRST_BAND..=LAST_BAND {
            let edge = bands[band - EDGE + 1..=band].iter().copied();
            let edge = edge.fold(f32::INFINITY, f32::min);
            let drop = edge - above[band + 2];
            if best.is_none_or(|(_, most)| drop > most) && !is_hill(&bands[..band], edge) {
                best = Some((band, drop));
            }
        }
        let (band, drop) = best.filter(|&(_, drop)| drop > 0.0)?;
        let middle = 10_f32.powf((above[band + 2] + 0.5 * drop) / 10.0);
        let end = (band + 2) * WIDTH + 1;
        let bin = (1..end).rev().find(|&bin| power[bin] > middle)?;
        Some(Cut {
            frequency: bin as f64 / N_FFT as f64,
            drop: f64::from(drop),
        })
    }
}

impl Work {
    fn new() -> Self {
        static PLAN: OnceLock<SpectrumPlan> = OnceLock::new();
        let plan = PLAN.get_or_init(|| {
            let hann = (0..N_FFT).map(|i| 0.5 - 0.5 * (TAU * i as f64 / N_FFT as f64).cos());
            SpectrumPlan::new(
                Level::best(),
                Precision::Single,
                &hann.collect::<Vec<f64>>(),
            )
        });
        Self {
            spectrum: plan.spectrum(),
            frame: vec![0.0; N_FFT],
            power: vec![0.0; N_FFT / 2 + 1],
        }
    }
}

/// Whether most bands below an edge are much quieter than it, as they are below a chirp.
fn is_hill(below: &[f32], edge: f32) -> bool {
    let quieter = below.iter().filter(|&&level| level < edge - HILL).count();
    2 * quieter > below.len()
}

/// Where in a spectrum a stretch belongs, if it belongs to any.
fn place_in_spectrum(stretch: u64) -> Option<usize> {
    let place = if stretch < SPARSE {
        stretch % DENSE
    } else {
        stretch % SPARSE
    };
    (place < STRETCHES).then_some(place as usize)
}

/// The level of each band in decibels: the median of its bins, so that a tone is not heard in it.
fn levels(power: &[f32]) -> [f32; N_BANDS] {
    // The bin of 0 Hz is in no band.
    let bands = medians(&power[1..]);
    let loudest = bands.iter().copied().fold(0.0, f32::max);
    if loudest > 0.0 {
        bands.map(|band| 10.0 * band.max(FLOOR * loudest).log10())
    } else {
        bands
    }
}

/// The median of each [`WIDTH`] powers. All bands are sorted at once, by steps that do not depend
/// on the values: Batcher's odd-even merge sort.
fn medians(power: &[f32]) -> [f32; N_BANDS] {
    // The bits of numbers that are not negative, read as integers, have the same order.
    let mut bins = [[0_i32; N_BANDS]; WIDTH];
    for (band, powers) in power.chunks_exact(WIDTH).take(N_BANDS).enumerate() {
        for (bin, power) in bins.iter_mut().zip(powers) {
            bin[band] = power.to_bits().cast_signed();
        }
    }
    let mut merged = 1;
    while merged < WIDTH {
        let mut distance = merged;
        while distance > 0 {
            for start in (distance % merged..WIDTH - distance).step_by(2 * distance) {
                for low in start..(start + distance).min(WIDTH - distance) {
                    if low / (2 * merged) == (low + distance) / (2 * merged) {
                        sort_pairs(&mut bins, low, low + distance);
                    }
                }
            }
            distance /= 2;
        }
        merged *= 2;
    }
    let power = |bin: usize, band: usize| f32::from_bits(bins[bin][band].cast_unsigned());
    std::array::from_fn(|band| 0.5 * (power(WIDTH / 2 - 1, band) + power(WIDTH / 2, band)))
}

/// Swaps the values of two bins in each band where the first is larger.
fn sort_pairs(bins: &mut [[i32; N_BANDS]; WIDTH], low: usize, high: usize) {
    let (lows, highs) = bins.split_at_mut(high);
    for (low, high) in lows[low].iter_mut().zip(&mut highs[0]) {
        (*low, *high) = ((*low).min(*high), (*low).max(*high));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn medians_are_those_of_sorting(
            seeds in prop::collection::vec(0_u32..40, N_BANDS * WIDTH),
        ) {
            let power: Vec<f32> = seeds.iter().map(|&x| (x as f32 - 9.0).max(0.0).powi(5)).collect();
            let found = medians(&power);
            for (median, bins) in found.iter().zip(power.chunks(WIDTH)) {
                let mut sorted = bins.to_vec();
                sorted.sort_by(f32::total_cmp);
                prop_assert_eq!(*median, 0.5 * (sorted[7] + sorted[8]));
            }
        }
    }
}
