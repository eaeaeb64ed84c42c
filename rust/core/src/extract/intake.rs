//! What every pass over a stream does: it checks the samples and computes frames from them.

use crate::extract::plan::GroupPlan;
use crate::feature::{self, AMIN, Frame, Norm, Wide};
use crate::signal::spectrum::{PADDING, Spectrum};
use crate::signal::stream_frames::StreamFrames;
use crate::simd::Level;
use crate::{Error, Result};

/// Number of samples framed at once. Longer blocks are cut into such pieces, which stay in the
/// processor's cache.
pub(crate) const PIECE: usize = 16_384;

/// What is known of the samples so far.
pub(crate) struct Intake {
    level: Level,
    /// Number of samples so far.
    pub samples: u64,
    /// The largest absolute sample so far.
    pub peak: f32,
}

impl Intake {
    pub fn new(level: Level) -> Self {
        Self {
            level,
            samples: 0,
            peak: 0.0,
        }
    }

    /// Counts the next samples and checks that they are finite.
    ///
    /// # Errors
    /// [`Error::NonFiniteSample`].
    pub fn take_in(&mut self, block: &[f32]) -> Result<()> {
        let (peak, sum) = self.level.peak_and_sum(block);
        if !sum.is_finite() {
            self.check(block)?;
        }
        self.peak = self.peak.max(peak);
        self.samples += block.len() as u64;
        Ok(())
    }

    fn check(&self, block: &[f32]) -> Result<()> {
        match block.iter().position(|value| !value.is_finite()) {
            None => Ok(()),
            Some(index) => Err(Error::NonFiniteSample {
                index: self.samples + index as u64,
                value: block[index],
            }),
        }
    }
}

/// Number of frames handled together, so that the weights of filters are loaded once for all of
/// them.
const TOGETHER: usize = 4;

/// Cuts a stream into frames and computes what the features of one [`GroupPlan`] need of them.
pub(crate) struct GroupFrames {
    framer: StreamFrames,
    spectra: Option<Spectrum>,
    /// The pitch classes of the frames handled together, frame after frame.
    chroma: Vec<f32>,
    /// Their mel bands in decibels.
    mel_db: Vec<f32>,
}

impl GroupFrames {
    pub fn new(plan: &GroupPlan) -> Self {
        let filled = |filter: bool, n| vec![0.0; if filter { TOGETHER * n } else { 0 }];
        Self {
            framer: StreamFrames::new(
                plan.level,
                plan.analysis.n_fft(),
                plan.analysis.hop_length(),
            ),
            spectra: plan.spectrum.as_ref().map(|plan| plan.spectra(TOGETHER)),
            chroma: filled(plan.chroma.is_some(), feature::N_CHROMA),
            mel_db: filled(plan.mel.is_some(), feature::N_MELS),
        }
    }

    /// Adds samples at the end of the stream.
    pub fn push(&mut self, block: &[f32]) {
        self.framer.push(block);
    }

    /// Ends the stream, so that the last frames become available.
    pub fn finish(&mut self) {
        self.framer.finish();
    }

    /// Calls `take` with each complete frame, in order.
    pub fn advance(&mut self, plan: &GroupPlan, mut take: impl FnMut(&Frame<'_>)) {
        loop {
            let n = self.compute(plan);
            for place in 0..n {
                if let Some(frame) = self.frame(plan, place) {
                    take(&frame);
                }
            }
            self.framer.skip(n);
            if n < TOGETHER {
                return;
            }
        }
    }

    /// Computes the spectra of the next frames, and what follows from them. Returns the number of
    /// frames.
    fn compute(&mut self, plan: &GroupPlan) -> usize {
        let mut n = 0;
        while n < TOGETHER
            && let Some(samples) = self.framer.samples(n)
        {
            if let Some(spectra) = &mut self.spectra {
                spectra.transform_as(n, samples);
            }
            n += 1;
        }
        if let Some(spectra) = &self.spectra {
            let powers: [&[f32]; TOGETHER] = std::array::from_fn(|i| spectra.padded_power_of(i));
            if let Some(filter) = &plan.chroma {
                let chroma = &mut self.chroma[..n * feature::N_CHROMA];
                filter.apply_each(&powers[..n], Some(Norm::Max), chroma);
            }
            if let Some(filter) = &plan.mel {
                let mel_db = &mut self.mel_db[..n * feature::N_MELS];
                filter.apply_each(&powers[..n], mel_db);
                plan.level.to_decibels(mel_db, AMIN);
            }
        }
        n
    }

    /// One of the next frames. What follows from its spectrum must have been computed.
    fn frame(&self, plan: &GroupPlan, place: usize) -> Option<Frame<'_>> {
        let samples = self.framer.frame(place)?;
        let [mut padded_magnitude, mut padded_power]: [&[f32]; 2] = [&[]; 2];
        if let Some(spectra) = &self.spectra {
            padded_magnitude = spectra.padded_magnitude_of(place);
            padded_power = spectra.padded_power_of(place);
        }
        Some(Frame {
            level: plan.level,
            length: samples.values.len(),
            samples: samples.values,
            crossings: samples.crossings,
            n_bins: padded_power.len().saturating_sub(PADDING),
            padded_magnitude,
            padded_power,
            chroma: part(&self.chroma, place),
            mel_db: part(&self.mel_db, place),
            wide: Wide::default(),
        })
    }
}

/// What belongs to one of the frames handled together.
fn part(values: &[f32], place: usize) -> &[f32] {
    let length = values.len() / TOGETHER;
    &values[place * length..][..length]
}
