//! A Butterworth high-pass filter of fourth order.

use std::f64::consts::{FRAC_PI_8, PI};

use crate::{Error, Result};

/// Every so many samples, states that have faded away are set to zero. It is a number of samples
/// from the start, so that it does not matter how a signal is cut into blocks.
const HOUSEKEEPING: usize = 4096;

/// States below this are far below the smallest sample that changes anything. In digital silence
/// they would become subnormal numbers, with which processors compute slowly.
const FADED: f64 = 1e-60;

/// A Butterworth high-pass filter of fourth order as two second-order sections in a row, which
/// compute in double precision.
///
/// The sections are the bilinear transform of the analogue filter, with its cut-off frequency
/// warped to be exact: R. Bristow-Johnson, Audio EQ Cookbook.
#[derive(Debug, Clone)]
pub struct Highpass {
    sections: [Section; 2],
    /// Number of samples until states are looked at.
    left: usize,
}

impl Highpass {
    /// A filter that attenuates what lies below `frequency`, by 3 dB there, for signals of `sr` Hz.
    ///
    /// # Errors
    /// [`Error::Parameter`] unless the frequency is between 0 and half the rate.
    pub fn new(frequency: f64, sr: f64) -> Result<Self> {
        if !(frequency > 0.0 && frequency < sr / 2.0) {
            let expected = format!("less than {} Hz, half the recording's rate", sr / 2.0);
            return Err(Error::parameter("highpass", frequency, expected));
        }
        let warped = (PI * frequency / sr).tan();
        // The four poles lie on a circle, at odd multiples of an eighth of pi.
        let sections = [1.0, 3.0].map(|odd| Section::new(warped, 2.0 * (odd * FRAC_PI_8).cos()));
        Ok(Self {
            sections,
            left: HOUSEKEEPING,
        })
    }

    /// Filters the next samples in place.
    pub fn apply(&mut self, mut y: &mut [f32]) {
        while !y.is_empty() {
            let (now, later) = y.split_at_mut(self.left.min(y.len()));
            let [mut first, mut second] = self.sections;
            for value in now.iter_mut() {
                *value = second.next(first.next(f64::from(*value))) as f32;
            }
            self.sections = [first, second];
            self.left -= now.len();
            if self.left == 0 {
                self.sections.iter_mut().for_each(Section::forget_faded);
                self.left = HOUSEKEEPING;
            }
            y = later;
        }
    }
}

/// A second-order section, in transposed direct form II.
#[derive(Debug, Clone, Copy)]
struct Section {
    gain: f64,
    /// The denominator, of which the first number is 1.
    a: [f64; 2],
    state: [f64; 2],
}

impl Section {
    /// A high-pass section; `damping` is the inverse of its Q.
    fn new(warped: f64, damping: f64) -> Self {
        let square = warped * warped;
        let gain = 1.0 / (1.0 + damping * warped + square);
        Self {
            gain,
            a: [
                2.0 * (square - 1.0) * gain,
                (1.0 - damping * warped + square) * gain,
            ],
            state: [0.0; 2],
        }
    }

    /// The numerator is 1, -2, 1 times the gain.
    fn next(&mut self, x: f64) -> f64 {
        let x = self.gain * x;
        let y = x + self.state[0];
        self.state[0] = self.state[1] - 2.0 * x - self.a[0] * y;
        self.state[1] = x - self.a[1] * y;
        y
    }

    fn forget_faded(&mut self) {
        for state in &mut self.state {
            if state.abs() < FADED {
                *state = 0.0;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The level of a sine of `frequency` Hz after the filter, when it has settled, and before.
    fn ratio(cutoff: f64, frequency: f64, sr: f64) -> f64 {
        let n = (2.0 * sr) as usize;
        let sine: Vec<f32> = (0..n)
            .map(|i| (2.0 * PI * frequency * i as f64 / sr).sin() as f32)
            .collect();
        let mut y = sine.clone();
        Highpass::new(cutoff, sr).unwrap().apply(&mut y);
        let energy = |y: &[f32]| {
            y[n / 2..]
                .iter()
                .map(|&v| f64::from(v).powi(2))
                .sum::<f64>()
        };
        (energy(&y) / energy(&sine)).sqrt()
    }

    #[test]
    fn the_response_is_butterworths_warped_by_the_bilinear_transform() {
        let sr = 8000.0;
        for (cutoff, frequency) in [
            (100.0, 100.0),
            (100.0, 50.0),
            (100.0, 400.0),
            (1000.0, 3000.0),
        ] {
            let warped = |f: f64| (PI * f / sr).tan();
            let expected = 1.0 / (1.0 + (warped(cutoff) / warped(frequency)).powi(8)).sqrt();
            // What is left of the transient after a second, and single precision.
            assert!((ratio(cutoff, frequency, sr) - expected).abs() < 1e-5);
        }
    }

    #[test]
    fn a_constant_fades_to_exactly_nothing() {
        let mut filter = Highpass::new(100.0, 8000.0).unwrap();
        let mut y = vec![1.0; 80_000];
        filter.apply(&mut y);
        assert!(y[20_000..].iter().all(|value| value.abs() < 1e-6));
        let mut silence = vec![0.0; 80_000];
        filter.apply(&mut silence);
        assert!(silence[70_000..].iter().all(|&value| value == 0.0));
        assert!(
            filter
                .sections
                .iter()
                .all(|section| section.state == [0.0; 2])
        );
    }

    #[test]
    fn blocks_of_any_size_give_the_same_bits() {
        let y: Vec<f32> = (0..20_000)
            .map(|i| (i * i % 1013) as f32 / 1013.0)
            .collect();
        let mut whole = y.clone();
        Highpass::new(300.0, 44100.0).unwrap().apply(&mut whole);
        for size in [1, 7, 4095, 4097] {
            let mut filter = Highpass::new(300.0, 44100.0).unwrap();
            let mut parts = y.clone();
            parts.chunks_mut(size).for_each(|part| filter.apply(part));
            assert_eq!(parts, whole);
        }
    }

    #[test]
    fn a_frequency_that_the_recording_does_not_have_is_refused() {
        let message = |frequency| Highpass::new(frequency, 8000.0).unwrap_err().to_string();
        assert_eq!(
            message(4000.0),
            "highpass=4000: expected less than 4000 Hz, half the recording's rate"
        );
        assert!(message(f64::NAN).starts_with("highpass=NaN"));
    }
}
