//! All descriptors of one signal.

use std::sync::Arc;

use crate::describe::attack::Attack;
use crate::describe::key::key_of;
use crate::describe::loudness::Loudness;
use crate::describe::onsets::Onsets;
use crate::describe::pitch_deviation::PitchDeviation;
use crate::describe::plan::Plan;
use crate::describe::strength::Strength;
use crate::describe::tempo::Tempogram;
use crate::describe::{N_FFT, RATE};
use crate::extract::intake::{GroupFrames, Intake, PIECE};
use crate::feature::Frame;
use crate::signal::spectrum::PADDING;
use crate::{Error, Result};

/// Number of descriptors.
pub const N_DESCRIPTORS: usize = 9;

/// Takes a signal of one channel at [`RATE`] Hz block by block, and gives its descriptors at the
/// end.
///
/// They do not depend on how the signal was cut into blocks. Memory does not depend on its length.
pub struct Describer {
    plan: Arc<Plan>,
    intake: Intake,
    frames: GroupFrames,
    loudness: Loudness,
    attack: Attack,
    spectra: Spectra,
}

impl Describer {
    /// A describer of one signal.
    #[must_use]
    pub fn new(plan: Arc<Plan>) -> Self {
        Self {
            intake: Intake::new(plan.frames.level),
            frames: GroupFrames::new(&plan.frames),
            loudness: Loudness::default(),
            attack: Attack::default(),
            spectra: Spectra::default(),
            plan,
        }
    }

    /// Adds the next samples; a block may have any length.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`]. The describer cannot be used after that.
    pub fn push(&mut self, block: &[f32]) -> Result<()> {
        for piece in block.chunks(PIECE) {
            self.intake.take_in(piece)?;
            self.loudness.push(piece);
            self.attack.push(piece);
            self.frames.push(piece);
            self.advance();
        }
        Ok(())
    }

    fn advance(&mut self) {
        let spectra = &mut self.spectra;
        (self.frames).advance(&self.plan.frames, |frame| spectra.take(frame));
    }

    /// Ends the signal and gives, in this order: duration in s, loudness in LUFS, brightness in Hz,
    /// tempo in BPM and its confidence, key as a number and its confidence, onsets per second,
    /// attack time in s. What is not defined is NaN, but confidences are 0 then.
    ///
    /// # Errors
    /// [`Error::Empty`] without a sample.
    pub fn finish(mut self) -> Result<[f32; N_DESCRIPTORS]> {
        let samples = self.intake.samples;
        if samples == 0 {
            return Err(Error::Empty);
        }
        self.frames.finish();
        self.advance();
        let duration = samples as f64 / f64::from(RATE);
        let spectra = self.spectra.finish();
        let step = spectra.deviation.finish();
        let key = key_of(&self.plan.chroma(&spectra.magnitude, step));
        let tempo = spectra.rhythm.tempogram.finish();
        let found = [
            duration,
            self.loudness.finish(),
            centroid(&spectra.magnitude),
            tempo.bpm,
            tempo.confidence,
            key.number,
            key.confidence,
            spectra.rhythm.onsets.finish() as f64 / duration,
            self.attack.finish(),
        ];
        // What overflows is not defined.
        let single = |value: f64| Some(value as f32).filter(|value| value.is_finite());
        Ok(found.map(|value| single(value).unwrap_or(f32::NAN)))
    }
}

/// What is kept of the spectra of all frames.
#[derive(Default)]
struct Spectra {
    /// Sum of the magnitudes of each bin.
    magnitude: Vec<f64>,
    deviation: PitchDeviation,
    strength: Strength,
    rhythm: Rhythm,
}

/// What follows from onset strengths.
#[derive(Default)]
struct Rhythm {
    onsets: Onsets,
    tempogram: Tempogram,
}

/// [`Spectra`] at the end of the signal.
struct Finished {
    /// The magnitudes of each bin as shares of all, followed by zeros.
    magnitude: Vec<f32>,
    deviation: PitchDeviation,
    rhythm: Rhythm,
}

impl Rhythm {
    fn push(&mut self, strength: f32) {
        self.onsets.push(strength);
        self.tempogram.push(strength);
    }
}

impl Spectra {
    fn take(&mut self, frame: &Frame<'_>) {
        self.magnitude.resize(frame.n_bins, 0.0);
        for (sum, &magnitude) in self.magnitude.iter_mut().zip(frame.magnitude()) {
            *sum += f64::from(magnitude);
        }
        self.deviation.push(frame.power());
        let rhythm = &mut self.rhythm;
        self.strength
            .push(frame.mel_db, |strength| rhythm.push(strength));
    }

    fn finish(self) -> Finished {
        let mut rhythm = self.rhythm;
        self.strength.finish(|strength| rhythm.push(strength));
        let total: f64 = self.magnitude.iter().sum();
        let shares = self.magnitude.iter().map(|sum| (sum / total) as f32);
        Finished {
            magnitude: shares.chain([0.0; PADDING]).collect(),
            deviation: self.deviation,
            rhythm,
        }
    }
}

/// The mean frequency of a spectrum whose magnitudes add up to 1, in Hz; NaN if they do not.
fn centroid(magnitude: &[f32]) -> f64 {
    let bins = magnitude.iter().enumerate();
    let moment: f64 = bins.map(|(bin, &m)| bin as f64 * f64::from(m)).sum();
    moment * f64::from(RATE) / N_FFT as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::tests_sounds::{clicks, noise, sine};
    use crate::simd::Level;
    use proptest::prelude::*;

    const DURATION: usize = 0;
    const LOUDNESS: usize = 1;
    const BRIGHTNESS: usize = 2;
    const TEMPO: usize = 3;
    const TEMPO_CONFIDENCE: usize = 4;
    const KEY: usize = 5;
    const KEY_CONFIDENCE: usize = 6;
    const ONSET_RATE: usize = 7;
    const ATTACK_TIME: usize = 8;

    type Row = [f32; N_DESCRIPTORS];

    fn described(plan: &Arc<Plan>, blocks: &[&[f32]]) -> Result<Row> {
        let mut describer = Describer::new(Arc::clone(plan));
        for block in blocks {
            describer.push(block)?;
        }
        describer.finish()
    }

    fn row(y: &[f32]) -> Row {
        described(&Plan::shared().unwrap(), &[y]).unwrap()
    }

    fn bits(row: &Row) -> [u32; N_DESCRIPTORS] {
        row.map(f32::to_bits)
    }

    /// A chord of some tones, in semitones above middle C, each with a few overtones.
    fn chord(tones: &[f64], seconds: f64) -> Vec<f32> {
        let mut sum = vec![0.0; sine(1.0, 1.0, seconds).len()];
        for tone in tones {
            for overtone in 1..=3 {
                let frequency = 261.63 * (tone / 12.0).exp2() * f64::from(overtone);
                let part = sine(frequency, 0.05 / f64::from(overtone), seconds);
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += part;
                }
            }
        }
        sum
    }

    /// Tonic, subdominant, dominant seventh and tonic of C major, moved up by some semitones.
    fn cadence(semitones: f64) -> Vec<f32> {
        let chords: [&[f64]; 4] = [
            &[0.0, 4.0, 7.0],
            &[0.0, 5.0, 9.0],
            &[-1.0, 2.0, 5.0, 7.0],
            &[0.0, 4.0, 7.0],
        ];
        let moved = chords.map(|tones| tones.iter().map(|tone| tone + semitones).collect());
        moved.map(|tones: Vec<f64>| chord(&tones, 0.7)).concat()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn descriptors_do_not_depend_on_the_blocks(
            n in 1usize..120_000,
            cuts in prop::collection::vec(0usize..120_000, 0..6),
        ) {
            let y = &clicks(150.0, 6.0)[..n];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(n)).collect();
            cuts.extend([0, n]);
            cuts.sort_unstable();
            let blocks: Vec<&[f32]> = cuts.windows(2).map(|w| &y[w[0]..w[1]]).collect();
            let plan = Plan::shared().unwrap();
            prop_assert_eq!(bits(&described(&plan, &blocks).unwrap()), bits(&row(y)));
        }
    }

    #[test]
    fn every_instruction_set_gives_the_same_bits() {
        let y = [cadence(3.0), clicks(120.0, 4.0)].concat();
        let rows = Level::all().into_iter().map(|level| {
            let plan = Arc::new(Plan::with_level(level).unwrap());
            bits(&described(&plan, &[&y]).unwrap())
        });
        assert!(
            rows.collect::<Vec<_>>()
                .windows(2)
                .all(|two| two[0] == two[1])
        );
    }

    #[test]
    fn the_brightness_of_a_tone_is_its_frequency() {
        for frequency in [440.0, 1000.0, 4000.0] {
            let found = row(&sine(frequency, 0.5, 10.0))[BRIGHTNESS];
            // The tone begins and ends at once, which is a little noise.
            assert!(
                (f64::from(found) - frequency).abs() < 30.0,
                "{frequency}: {found}"
            );
        }
    }

    #[test]
    fn only_the_loudness_follows_the_level() {
        let y = [cadence(0.0), clicks(120.0, 4.0)].concat();
        let twice: Vec<f32> = y.iter().map(|y| 2.0 * y).collect();
        let (once, twice) = (row(&y), row(&twice));
        let step = f64::from(twice[LOUDNESS] - once[LOUDNESS]);
        assert!((step - 20.0 * 2_f64.log10()).abs() < 0.02, "{step}");
        for (place, (a, b)) in once.iter().zip(twice).enumerate() {
            // Decibels are rounded, and bins of silence are not below the smallest level.
            assert!(
                place == LOUDNESS || (a - b).abs() <= 1e-3 * a,
                "{place}: {a} {b}"
            );
        }
    }

    #[test]
    fn transposing_shifts_the_key() {
        for semitones in 0..12_u8 {
            // A quarter of a semitone too high, which the tuning takes away.
            for detuned in [0.0, 0.25] {
                let found = row(&cadence(f64::from(semitones) + detuned));
                assert_eq!(found[KEY], f32::from(semitones), "{semitones} {detuned}");
                assert!(found[KEY_CONFIDENCE] > 0.1);
            }
        }
    }

    #[test]
    fn clicks_have_their_rate_and_their_tempo() {
        for bpm in [90.0, 120.0, 140.0] {
            let found = row(&clicks(bpm, 20.0));
            // One click more or less at the ends.
            let count = found[ONSET_RATE] * found[DURATION];
            assert!(
                (f64::from(count) - bpm / 3.0).abs() <= 1.0,
                "{bpm}: {count}"
            );
            assert!(
                (f64::from(found[TEMPO]) / bpm - 1.0).abs() < 0.01,
                "{bpm}: {found:?}"
            );
            assert!(found[TEMPO_CONFIDENCE] > 0.3, "{bpm}: {found:?}");
            // They start within a sample; the window of the envelope is 5 ms.
            assert!(found[ATTACK_TIME] < 0.006);
        }
    }

    #[test]
    fn what_a_sound_does_not_have_is_not_a_number() {
        let silence = row(&[0.0; 100_000]);
        for place in [LOUDNESS, BRIGHTNESS, TEMPO, KEY, ATTACK_TIME] {
            assert!(silence[place].is_nan(), "{place}");
        }
        for place in [TEMPO_CONFIDENCE, KEY_CONFIDENCE, ONSET_RATE] {
            assert_eq!(silence[place], 0.0, "{place}");
        }
        assert!(row(&noise(100_000, 0.5))[KEY].is_nan());
        let click = row(&clicks(1.0, 31.0)[29 * 22_050..]);
        assert!(click[TEMPO].is_nan() && click[LOUDNESS].is_finite());
        for y in [&[1.0; 1][..], &[1e38; 9000], &[1e-30; 9000]] {
            assert!(row(y)[DURATION] > 0.0);
        }
    }

    #[test]
    fn what_cannot_be_described_is_said() {
        let plan = Plan::shared().unwrap();
        assert_eq!(described(&plan, &[]), Err(Error::Empty));
        assert!(matches!(
            described(&plan, &[&[0.0; 10], &[f32::NAN]]),
            Err(Error::NonFiniteSample { index: 10, .. })
        ));
    }
}
