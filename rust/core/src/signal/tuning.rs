//! How far the tuning of a recording deviates from A4 = 440 Hz.

use ndarray::ArrayView3;

use crate::error::Interrupted;
use crate::signal::median::median;
use crate::{Error, Result};

/// A spectral peak.
pub(crate) struct Peak {
    /// The frequency in Hz.
    frequency: f32,
    /// The height, in the unit of the spectrum.
    pub height: f32,
}

impl Peak {
    /// Which of `steps` equal steps, from half a pitch class below to half of one above, its
    /// distance to the nearest of `n_chroma` classes lies in.
    pub fn step(&self, n_chroma: usize, steps: usize) -> usize {
        let octaves = (f64::from(self.frequency) / (440.0 / 16.0)).log2();
        let residual = (n_chroma as f64 * octaves).rem_euclid(1.0);
        let residual = if residual >= 0.5 {
            residual - 1.0
        } else {
            residual
        };
        // As in NumPy's histogram: first by division, then by comparison with the edges themselves.
        let edge = |i: usize| -0.5 + i as f64 / steps as f64;
        let mut bin = (((residual + 0.5) * steps as f64) as usize).min(steps - 1);
        if residual < edge(bin) {
            bin -= 1;
        } else if bin + 1 < steps && residual >= edge(bin + 1) {
            bin += 1;
        }
        bin
    }
}

/// The tuning of spectra, (channels, frames, bins), from FFTs of `n_fft` samples at `sr` Hz. It is
/// a fraction of one of `n_chroma` pitch classes, from -0.5 up to 0.5 in hundredths; 0 if there is
/// no peak.
///
/// It is the most common deviation of the louder half of all peaks between 150 and 4,000 Hz. Peaks
/// are those of parabolas through three bins (J. O. Smith, "Spectral Audio Signal Processing",
/// 2011). Method and constants are those of librosa.
///
/// # Errors
/// [`Error::Interrupted`].
pub fn estimate(
    spectra: ArrayView3<'_, f32>,
    sr: f64,
    n_fft: usize,
    n_chroma: usize,
    interrupted: Interrupted<'_>,
) -> Result<f64> {
    const STEPS: usize = 100;
    let mut peaks = Vec::new();
    for (t, frame) in spectra.rows().into_iter().enumerate() {
        if t.is_multiple_of(1024) && interrupted() {
            return Err(Error::Interrupted);
        }
        match frame.as_slice() {
            Some(frame) => find_peaks(frame, sr, n_fft, &mut peaks),
            None => find_peaks(&frame.to_vec(), sr, n_fft, &mut peaks),
        }
    }
    let mut heights: Vec<f32> = peaks.iter().map(|peak| peak.height).collect();
    let threshold = median(&mut heights);
    let mut counts = [0_usize; STEPS];
    let step = |i: usize| -0.5 + i as f64 / STEPS as f64;
    for peak in peaks.iter().filter(|p| f64::from(p.height) >= threshold) {
        counts[peak.step(n_chroma, STEPS)] += 1;
    }
    let mut commonest = 0;
    for (bin, &count) in counts.iter().enumerate() {
        if count > counts[commonest] {
            commonest = bin;
        }
    }
    Ok(if peaks.is_empty() {
        0.0
    } else {
        step(commonest)
    })
}

/// Adds the peaks of one spectrum between 150 and 4,000 Hz.
pub(crate) fn find_peaks(frame: &[f32], sr: f64, n_fft: usize, peaks: &mut Vec<Peak>) {
    /// The range of frequencies in Hz.
    const RANGE: (f64, f64) = (150.0, 4000.0);
    /// A peak exceeds this share of the frame's largest value.
    const THRESHOLD: f32 = 0.1;
    let largest = frame.iter().copied().fold(0.0, f32::max);
    let threshold = THRESHOLD * largest;
    let frequency = |bin: usize| bin as f64 * sr / n_fft as f64;
    let top = RANGE.1.min(sr / 2.0);
    // Rounded down, so that rounding leaves no bin out.
    let first = ((RANGE.0 * n_fft as f64 / sr) as usize).max(1);
    let last = ((top * n_fft as f64 / sr) as usize + 2).min(frame.len().saturating_sub(1));
    let above = |value: f32| if value > threshold { value } else { 0.0 };
    for bin in first..last.max(first) {
        let [left, middle, right] = [frame[bin - 1], frame[bin], frame[bin + 1]];
        let is_peak = middle > threshold && middle > above(left) && middle >= above(right);
        if !is_peak || !(RANGE.0..top).contains(&frequency(bin)) {
            continue;
        }
        let (curve, slope) = (right + left - 2.0 * middle, (right - left) / 2.0);
        let shift = if slope.abs() >= curve.abs() {
            0.0
        } else {
            -slope / curve
        };
        peaks.push(Peak {
            frequency: ((bin as f64 + f64::from(shift)) * sr / n_fft as f64) as f32,
            height: middle + 0.5 * slope * shift,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array3;

    /// A spectrum with one peak around a frequency, in the shape that a window gives it.
    fn spectrum(frequency: f64) -> Array3<f32> {
        let place = frequency * 2048.0 / 22050.0;
        Array3::from_shape_fn((1, 3, 1025), |(_, _, bin)| {
            (1.0 - ((bin as f64 - place) / 2.0).powi(2)).max(0.0) as f32
        })
    }

    fn tuning_of(spectra: Array3<f32>, n_fft: usize) -> f64 {
        estimate(spectra.view(), 22050.0, n_fft, 12, &|| false).unwrap()
    }

    #[test]
    fn a_tone_between_two_semitones_tells_the_tuning() {
        for cents in [-40, -20, 0, 10, 33] {
            let frequency = 440.0 * (f64::from(cents) / 1200.0).exp2();
            let tuning = tuning_of(spectrum(frequency), 2048);
            assert!(
                (100.0 * tuning - f64::from(cents)).abs() < 1.5,
                "{cents}: {tuning}"
            );
        }
    }

    #[test]
    fn without_peaks_there_is_none() {
        for (shape, n_fft) in [((2, 3, 1025), 2048), ((1, 0, 2), 2), ((1, 1, 1), 1)] {
            assert_eq!(tuning_of(Array3::zeros(shape), n_fft), 0.0);
        }
    }

    #[test]
    fn the_search_stops_when_it_is_told_to() {
        let stopped = estimate(spectrum(440.0).view(), 22050.0, 2048, 12, &|| true);
        assert_eq!(stopped, Err(Error::Interrupted));
    }
}
