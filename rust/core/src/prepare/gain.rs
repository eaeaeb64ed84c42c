//! By how much a signal is scaled so that something about it has one value in all recordings.

use ebur128::{EbuR128, Mode};

use crate::extract::intake::Intake;
use crate::simd::Level;
use crate::{Error, Result};

/// The root of the mean square that signals are brought to: 20 dB below full scale.
const RMS: f64 = 0.1;

/// The loudness that signals are brought to, in LUFS: the target of EBU R 128.
const LUFS: f64 = -23.0;

/// The lowest rate in Hz at which the frequency weighting of loudness is defined: its shelf is
/// centred on 1,682 Hz.
const LOWEST_RATE: u32 = 4000;

/// What is brought to one value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The largest absolute sample.
    Peak,
    /// The root of the mean square.
    Rms,
    /// The integrated loudness of EBU R 128.
    Loudness,
}

impl Target {
    /// The target of a name.
    ///
    /// # Errors
    /// [`Error::Parameter`] for any other.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "peak" => Ok(Self::Peak),
            "rms" => Ok(Self::Rms),
            "loudness" => Ok(Self::Loudness),
            _ => Err(Error::parameter("normalize", name, "peak, rms or loudness")),
        }
    }
}

/// Measures a signal block by block, and tells the gain that brings it to the target's value.
pub struct Gain {
    intake: Intake,
    measure: Measure,
}

enum Measure {
    Peak,
    SumOfSquares(f64),
    Loudness(Box<EbuR128>, u32),
}

impl Gain {
    /// A measurement of a signal of one channel at `sr` Hz.
    ///
    /// # Errors
    /// [`Error::Parameter`] if the rate is too low to measure loudness.
    pub fn new(target: Target, sr: u32) -> Result<Self> {
        let measure = match target {
            Target::Peak => Measure::Peak,
            Target::Rms => Measure::SumOfSquares(0.0),
            Target::Loudness => {
                let meter = EbuR128::new(1, sr, Mode::I)
                    .ok()
                    .filter(|_| sr >= LOWEST_RATE);
                let expected =
                    format!("peak, rms or None at {sr} Hz, which is below {LOWEST_RATE} Hz");
                let refused = || Error::parameter("normalize", "loudness", expected);
                Measure::Loudness(Box::new(meter.ok_or_else(refused)?), sr)
            }
        };
        Ok(Self {
            intake: Intake::new(Level::best()),
            measure,
        })
    }

    /// Adds the next samples.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`].
    pub fn push(&mut self, y: &[f32]) -> Result<()> {
        self.intake.take_in(y)?;
        match &mut self.measure {
            Measure::Peak => {}
            Measure::SumOfSquares(sum) => {
                for &value in y {
                    *sum += f64::from(value) * f64::from(value);
                }
            }
            Measure::Loudness(meter, _) => {
                // It fails only if it was set up without a mode.
                let _ = meter.add_frames_f32(y);
            }
        }
        Ok(())
    }

    /// The gain that the signal is to be multiplied by, 1 for silence.
    ///
    /// # Errors
    /// [`Error::Empty`] without a sample.
    pub fn finish(self) -> Result<f64> {
        let samples = self.intake.samples;
        if samples == 0 {
            return Err(Error::Empty);
        }
        let gain = match self.measure {
            Measure::Peak => 1.0 / f64::from(self.intake.peak),
            Measure::SumOfSquares(sum) => RMS / (sum / samples as f64).sqrt(),
            Measure::Loudness(meter, sr) => {
                10_f64.powf((LUFS - loudness(meter, sr, samples)) / 20.0)
            }
        };
        // Nothing brings silence, or what is below the gate of the loudness, to a value.
        Ok(if gain.is_finite() { gain } else { 1.0 })
    }
}

/// The integrated loudness in LUFS. A signal shorter than one block of 400 ms is followed by
/// silence up to that length, as a meter would find it in silence.
fn loudness(mut meter: Box<EbuR128>, sr: u32, samples: u64) -> f64 {
    // A block has as many whole tenths of a second as the meter takes for them.
    let block = 4 * ((u64::from(sr) + 5) / 10);
    let missing = block.saturating_sub(samples) as usize;
    let _ = meter.add_frames_f32(&vec![0.0; missing]);
    meter.loudness_global().unwrap_or(f64::NEG_INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    fn gain(target: Target, sr: u32, blocks: &[&[f32]]) -> f64 {
        let mut gain = Gain::new(target, sr).unwrap();
        for block in blocks {
            gain.push(block).unwrap();
        }
        gain.finish().unwrap()
    }

    fn sine(amplitude: f64, seconds: f64, sr: u32) -> Vec<f32> {
        let sr = f64::from(sr);
        (0..(seconds * sr) as usize)
            .map(|i| (amplitude * (2.0 * PI * 997.0 * i as f64 / sr).sin()) as f32)
            .collect()
    }

    #[test]
    fn peak_and_rms_are_what_their_names_say() {
        let y = [0.1, -0.5, 0.2, 0.0];
        assert_eq!(gain(Target::Peak, 8000, &[&y[..1], &y[1..]]), 2.0);
        let rms = (0.30_f64 / 4.0).sqrt();
        // Samples in single precision are not quite these numbers.
        assert!((gain(Target::Rms, 8000, &[&y]) - 0.1 / rms).abs() < 1e-7);
    }

    #[test]
    fn a_sine_of_full_scale_has_the_loudness_of_the_recommendation() {
        // ITU-R BS.1770: a sine of 997 Hz at 0 dB full scale in one channel has -3.01 LKFS.
        for (sr, slack) in [(48_000, 0.01), (44_100, 0.01), (22_050, 0.03)] {
            let found = gain(Target::Loudness, sr, &[&sine(1.0, 5.0, sr)]);
            let lufs = LUFS - 20.0 * found.log10();
            assert!((lufs + 3.01).abs() < slack, "{lufs} at {sr} Hz");
        }
    }

    #[test]
    fn a_short_sound_is_measured_with_the_silence_around_it() {
        // A tenth of a block has a tenth of its energy, which is 10 dB.
        let whole = gain(Target::Loudness, 48_000, &[&sine(0.5, 0.4, 48_000)]);
        let tenth = gain(Target::Loudness, 48_000, &[&sine(0.5, 0.04, 48_000)]);
        assert!((20.0 * (tenth / whole).log10() - 10.0).abs() < 0.1);
    }

    #[test]
    fn silence_and_what_is_below_the_gate_stay_as_they_are() {
        for target in [Target::Peak, Target::Rms, Target::Loudness] {
            assert_eq!(gain(target, 22_050, &[&vec![0.0; 30_000]]), 1.0);
        }
        // The gate is at -70 LUFS.
        assert_eq!(
            gain(Target::Loudness, 22_050, &[&sine(1e-4, 2.0, 22_050)]),
            1.0
        );
        assert!(gain(Target::Rms, 22_050, &[&sine(1e-4, 2.0, 22_050)]) > 1000.0);
    }

    #[test]
    fn what_cannot_be_measured_is_said() {
        assert_eq!(
            Gain::new(Target::Peak, 8000).unwrap().finish(),
            Err(Error::Empty)
        );
        let error = Gain::new(Target::Loudness, 3999).map(|_| ()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "normalize=loudness: expected peak, rms or None at 3999 Hz, which is below 4000 Hz"
        );
        let mut gain = Gain::new(Target::Rms, 8000).unwrap();
        assert!(matches!(
            gain.push(&[f32::INFINITY]),
            Err(Error::NonFiniteSample { index: 0, .. })
        ));
        assert!(Target::from_name("loud").is_err());
    }
}
