//! Which notes sound, and how often.

use super::{Feature, Frame, N_CHROMA, Product};
use crate::Analysis;

/// The strongest pitch class of a frame. Its mean over frames is the histogram of a recording's
/// notes. A silent frame has no pitch class and does not count.
pub struct PitchHistogram {
    /// Frames whose sum of squared magnitudes is at most this are silent.
    silence: f64,
}

impl PitchHistogram {
    /// Mean square of samples that count as silence: 100 dB below full scale. This is less than 16
    /// bits resolve, and more than resampling and lossy coding leave in silent places.
    const SILENCE: f64 = 1e-10;

    /// The histogram of frames with the window of an analysis.
    #[must_use]
    pub fn of(analysis: &Analysis) -> Self {
        // By Parseval's theorem, the sum of the squares of all bins is n_fft times that of the
        // windowed samples. Only half of the bins are computed.
        let window: f64 = analysis.window().iter().map(|w| w * w).sum();
        Self {
            silence: Self::SILENCE * window * analysis.n_fft() as f64 / 2.0,
        }
    }
}

impl Feature for PitchHistogram {
    fn n_columns(&self) -> usize {
        N_CHROMA
    }

    fn needs(&self) -> &'static [Product] {
        &[Product::Spectrum, Product::Chroma]
    }

    fn counts(&self, frame: &Frame<'_>) -> bool {
        f64::from(frame.level.sum_of_squares(frame.magnitude())) > self.silence
    }

    fn bands(&self, frame: &Frame<'_>, bands: &mut [f32]) {
        let mut strongest = 0;
        for (class, &energy) in frame.chroma.iter().enumerate() {
            if energy > frame.chroma[strongest] {
                strongest = class;
            }
        }
        bands.fill(0.0);
        bands[strongest] = 1.0;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::Analysis;
    use crate::analysis::tests_analysis;
    use crate::extract::Extractor;
    use crate::extract::plan::Plan;
    use crate::extract::statistics::Statistic;

    const SR: f64 = 22050.0;

    fn tone(midi: f64, amplitude: f64, n: usize) -> Vec<f32> {
        let turn = std::f64::consts::TAU * 440.0 * ((midi - 69.0) / 12.0).exp2() / SR;
        (0..n)
            .map(|i| (amplitude * (turn * i as f64).sin()) as f32)
            .collect()
    }

    fn row(analysis: Analysis, y: &[f32], stats: &[Statistic]) -> Vec<f32> {
        let plan = Plan::new(&[("pitch_histogram", analysis)], stats).unwrap();
        let mut extractor = Extractor::new(Arc::new(plan));
        extractor.push(y).unwrap();
        extractor.finish().unwrap()
    }

    fn histogram(y: &[f32]) -> Vec<f32> {
        row(tests_analysis(SR, 4096, 1024), y, &[Statistic::Mean])
    }

    #[test]
    fn a_tone_is_counted_in_its_class_whatever_its_octave_and_level() {
        for (class, midi) in [(0, 60.0), (9, 69.0), (4, 76.0), (11, 59.0)] {
            for amplitude in [1.0, 1e-3] {
                let found = histogram(&tone(midi, amplitude, 60_000));
                let expected: Vec<f32> = (0..12).map(|c| f32::from(u8::from(c == class))).collect();
                assert_eq!(found, expected, "note {midi} at {amplitude}");
            }
        }
    }

    #[test]
    fn shares_are_of_the_frames_that_sound() {
        let silence = vec![0.0; 80_000];
        let y = [tone(60.0, 0.5, 40_000), silence, tone(67.0, 0.5, 80_000)].concat();
        let found = histogram(&y);
        assert!((found.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((found[0] - 1.0 / 3.0).abs() < 0.05, "{found:?}");
        assert!((found[7] - 2.0 / 3.0).abs() < 0.05, "{found:?}");
    }

    #[test]
    fn silence_is_zeros_in_every_statistic() {
        let analysis = || tests_analysis(SR, 4096, 1024);
        // Amplitudes whose mean square is just below the bound, and just above it.
        let faint = |amplitude| tone(69.0, amplitude, 30_000);
        for y in [vec![0.0; 30_000], faint(1.3e-5)] {
            assert!(
                row(analysis(), &y, &Statistic::ALL)
                    .iter()
                    .all(|&v| v == 0.0)
            );
        }
        assert!(histogram(&faint(1.5e-5)).contains(&1.0));
    }
}
