//! How a signal is cut into frames and transformed.

use crate::{Error, Result};

/// Settings of the short-time analysis. Features with equal settings share one FFT.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    sr: f64,
    hop_length: usize,
    window: Vec<f64>,
    fmin: f64,
    fmax: f64,
}

impl Analysis {
    /// Settings for a signal of `sr` Hz, analysed every `hop_length` samples under `window`.
    ///
    /// The window is as long as the FFT (`n_fft`); a shorter one must be zero-padded on both sides.
    /// `fmin` and `fmax` bound the mel bands, in Hz; without `fmax` it is half of `sr`.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a value outside its domain.
    pub fn new(
        sr: f64,
        window: Vec<f64>,
        hop_length: usize,
        fmin: f64,
        fmax: Option<f64>,
    ) -> Result<Self> {
        if !(sr.is_finite() && sr > 0.0) {
            return Err(Error::parameter("sr", sr, "a positive number of Hz"));
        }
        if window.len() < 2 {
            return Err(Error::parameter("n_fft", window.len(), "at least 2"));
        }
        if hop_length == 0 {
            return Err(Error::parameter("hop_length", 0, "at least 1"));
        }
        let fmax = fmax.unwrap_or(sr / 2.0);
        if !(fmin >= 0.0 && fmin < fmax) {
            let expected = format!("0 <= fmin < fmax={fmax}");
            return Err(Error::parameter("fmin", fmin, expected));
        }
        if fmax > sr / 2.0 {
            let expected = format!("at most half of sr={sr}");
            return Err(Error::parameter("fmax", fmax, expected));
        }
        Ok(Self {
            sr,
            hop_length,
            window,
            fmin,
            fmax,
        })
    }

    /// Sampling rate in Hz.
    #[must_use]
    pub fn sr(&self) -> f64 {
        self.sr
    }

    /// Length of a frame and of its FFT, in samples.
    #[must_use]
    pub fn n_fft(&self) -> usize {
        self.window.len()
    }

    /// Distance between the starts of two consecutive frames, in samples.
    #[must_use]
    pub fn hop_length(&self) -> usize {
        self.hop_length
    }

    /// The window, `n_fft` values.
    #[must_use]
    pub fn window(&self) -> &[f64] {
        &self.window
    }

    /// Lowest frequency of the mel bands, in Hz.
    #[must_use]
    pub fn fmin(&self) -> f64 {
        self.fmin
    }

    /// Highest frequency of the mel bands, in Hz.
    #[must_use]
    pub fn fmax(&self) -> f64 {
        self.fmax
    }

    /// Number of FFT bins from 0 Hz to half of the sampling rate.
    #[must_use]
    pub fn n_bins(&self) -> usize {
        self.n_fft() / 2 + 1
    }

    /// Frequency of an FFT bin, in Hz.
    #[must_use]
    pub fn frequency(&self, bin: usize) -> f64 {
        bin_frequency(self.sr, self.n_fft(), bin)
    }

    /// Frequencies of all FFT bins, in Hz.
    #[must_use]
    pub fn frequencies(&self) -> Vec<f64> {
        bin_frequencies(self.sr, self.n_fft())
    }
}

/// Frequencies of the bins of an FFT of `n_fft` samples at `sr` Hz, in Hz.
#[must_use]
pub fn bin_frequencies(sr: f64, n_fft: usize) -> Vec<f64> {
    (0..=n_fft / 2)
        .map(|bin| bin_frequency(sr, n_fft, bin))
        .collect()
}

/// Frequency of one of these bins, in Hz.
pub(crate) fn bin_frequency(sr: f64, n_fft: usize, bin: usize) -> f64 {
    bin as f64 * sr / n_fft as f64
}

#[cfg(test)]
pub(crate) fn tests_analysis(sr: f64, n_fft: usize, hop_length: usize) -> Analysis {
    let turn = std::f64::consts::TAU / n_fft as f64;
    let hann = (0..n_fft).map(|i| 0.5 - 0.5 * (turn * i as f64).cos());
    Analysis::new(sr, hann.collect(), hop_length, 0.0, None).unwrap()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_are_evenly_spaced_up_to_half_the_rate() {
        let analysis = |n_fft| tests_analysis(8000.0, n_fft, 4).frequencies();
        assert_eq!(analysis(8), [0.0, 1000.0, 2000.0, 3000.0, 4000.0]);
        assert_eq!(analysis(5), [0.0, 1600.0, 3200.0]);
    }

    #[test]
    fn a_value_outside_its_domain_is_named_with_what_was_expected() {
        let message = |sr, n, hop, fmin, fmax| {
            Analysis::new(sr, vec![1.0; n], hop, fmin, fmax)
                .unwrap_err()
                .to_string()
        };
        assert_eq!(
            message(0.0, 8, 4, 0.0, None),
            "sr=0: expected a positive number of Hz"
        );
        assert_eq!(
            message(8e3, 1, 4, 0.0, None),
            "n_fft=1: expected at least 2"
        );
        assert_eq!(
            message(8e3, 8, 0, 0.0, None),
            "hop_length=0: expected at least 1"
        );
        assert_eq!(
            message(8e3, 8, 4, 9e3, None),
            "fmin=9000: expected 0 <= fmin < fmax=4000"
        );
        assert_eq!(
            message(8e3, 8, 4, 0.0, Some(5e3)),
            "fmax=5000: expected at most half of sr=8000"
        );
    }
}
