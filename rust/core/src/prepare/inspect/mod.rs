//! What may be wrong with a recording, from its samples as they were decoded.
//!
//! Everything is counted while the samples go by, in memory that does not depend on their number,
//! and whatever the blocks are that they come in. Samples are looked at in stretches of [`HOP`].
//! Most of what is asked needs only the extremes and the energy of a stretch.

mod bandwidth;
mod clipping;
mod quiet;
mod stretch;

pub use bandwidth::Cut;
use bandwidth::Spectra;
use clipping::Peaks;
use quiet::Levels;
use stretch::Stretches;

use crate::prepare::channels::{self, Selection};
use crate::simd::{Energies, Level};

/// Number of samples of each channel that are looked at together.
pub const HOP: usize = 128;

/// Number of stretches that are measured together.
const TOGETHER: usize = 8;

/// What was noticed of a recording.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inspection {
    /// Number of samples of each channel.
    pub n_samples: u64,
    /// Number of channels.
    pub channels: usize,
    /// How often a wave is cut off at a channel's largest or smallest value.
    pub clipped_runs: u64,
    /// Number of samples in these places, of all channels together.
    pub clipped_samples: u64,
    /// Number of samples in stretches of zeros: at the beginning, between other samples, at the
    /// end. A recording of nothing else has them all at the beginning.
    pub zeros: [u64; 3],
    /// Energy of the mean of the channels, divided by the mean of their energies; 1 for silence.
    pub mix_share: f64,
    /// Number of frames whose level was measured.
    pub level_frames: u64,
    /// How many of them are quiet at the beginning, before the first that is not.
    pub quiet_before: u64,
    /// How many of them are quiet at the end, after the last that is not.
    pub quiet_after: u64,
    /// Where the spectrum ends, if it ends like a cliff.
    pub cut: Option<Cut>,
}

/// Looks at the samples of one recording as they go by.
pub struct Inspector {
    level: Level,
    channels: usize,
    /// Samples that do not yet make a stretch, and the mean of their channels.
    rest: Vec<f32>,
    rest_mix: Vec<f32>,
    n_samples: u64,
    /// Energy of the mean of the channels, and the sum of their energies.
    energies: [f64; 2],
    zeros: Zeros,
    peaks: Vec<Peaks>,
    levels: Levels,
    spectra: Spectra,
    stretches: Stretches,
}

impl Inspector {
    /// An inspector of recordings with at least one channel.
    #[must_use]
    pub fn new(channels: usize) -> Self {
        let channels = channels.max(1);
        let level = Level::best();
        Self {
            level,
            channels,
            rest: Vec::new(),
            rest_mix: Vec::new(),
            n_samples: 0,
            energies: [0.0; 2],
            zeros: Zeros::default(),
            peaks: vec![Peaks::default(); channels],
            levels: Levels::new(),
            spectra: Spectra::default(),
            stretches: Stretches::new(level, channels),
        }
    }

    /// Takes in the next samples, those of all channels one after the other for each moment.
    pub fn push(&mut self, block: &[f32]) {
        if self.channels == 1 {
            self.push_mixed(block, block);
            return;
        }
        let mut mix = Vec::new();
        for piece in block.chunks(TOGETHER * HOP * self.channels) {
            mix.clear();
            // There is no error: every recording has a mean of its channels.
            if channels::select(self.level, piece, self.channels, Selection::Mix, &mut mix).is_ok()
            {
                self.push_mixed(piece, &mix);
            }
        }
    }

    /// As [`Inspector::push`], where the mean of the channels is known.
    pub fn push_mixed(&mut self, block: &[f32], mix: &[f32]) {
        let length = HOP * self.channels;
        let (mut block, mut mix) = (block, mix);
        if !self.rest.is_empty() {
            let missing = (HOP - self.rest_mix.len()).min(mix.len());
            let (samples, other_samples) = block.split_at(missing * self.channels);
            let (means, other_means) = mix.split_at(missing);
            self.rest.extend_from_slice(samples);
            self.rest_mix.extend_from_slice(means);
            (block, mix) = (other_samples, other_means);
            if self.rest_mix.len() < HOP {
                return;
            }
            let full = std::mem::take(&mut self.rest);
            let full_mix = std::mem::take(&mut self.rest_mix);
            self.take_in(&full, &full_mix);
        }
        let whole = mix.len() / HOP;
        let (block, rest) = block.split_at(whole * length);
        let (mix, rest_mix) = mix.split_at(whole * HOP);
        self.rest.extend_from_slice(rest);
        self.rest_mix.extend_from_slice(rest_mix);
        let parts = block.chunks(TOGETHER * length);
        for (samples, means) in parts.zip(mix.chunks(TOGETHER * HOP)) {
            self.take_in(samples, means);
        }
    }

    /// Ends the recording. Of its last samples, if they make no stretch, only clipping and energy
    /// are counted.
    #[must_use]
    pub fn finish(mut self) -> Inspection {
        let rest = std::mem::take(&mut self.rest);
        let energies = self.stretches.measure_rest(&rest, &self.rest_mix);
        self.count(0, energies, &rest);
        self.n_samples += (rest.len() / self.channels) as u64;
        let (mut runs, mut samples) = (0, 0);
        for peaks in &self.peaks {
            let (channel_runs, channel_samples) = peaks.clipped();
            runs += channel_runs;
            samples += channel_samples;
        }
        let quiet = self.levels.finish();
        let [mix, all] = self.energies;
        let mean = all / self.channels as f64;
        Inspection {
            n_samples: self.n_samples,
            channels: self.channels,
            clipped_runs: runs,
            clipped_samples: samples,
            zeros: self.zeros.places(),
            mix_share: if mean > 0.0 { mix / mean } else { 1.0 },
            level_frames: quiet.frames,
            quiet_before: quiet.before,
            quiet_after: quiet.after,
            cut: self.spectra.cut(),
        }
    }

    /// Takes in up to [`TOGETHER`] stretches.
    fn take_in(&mut self, samples: &[f32], mix: &[f32]) {
        let mut energies = [Energies::default(); TOGETHER];
        let energies = &mut energies[..mix.len() / HOP];
        self.stretches.measure(samples, mix, energies);
        self.n_samples += mix.len() as u64;
        let each = samples.chunks_exact(HOP * self.channels);
        let each = each.zip(mix.chunks_exact(HOP)).zip(energies).enumerate();
        for (place, ((samples, mix), energies)) in each {
            self.spectra.push(mix);
            self.levels.push(energies.mix);
            self.zeros.push(self.stretches.is_zero(place));
            self.count(place, *energies, samples);
        }
    }

    /// Counts what is counted of every sample.
    fn count(&mut self, place: usize, energies: Energies, samples: &[f32]) {
        self.energies[0] += f64::from(energies.mix);
        self.energies[1] += f64::from(energies.all);
        let extremes = self.stretches.extremes(place);
        for (channel, (peaks, extremes)) in self.peaks.iter_mut().zip(extremes).enumerate() {
            peaks.push(channel, self.channels, samples, extremes);
        }
    }
}

/// Counts stretches that are zero throughout.
#[derive(Debug, Default)]
struct Zeros {
    /// How many there were before the first other one.
    before: u64,
    /// How many there were between others.
    between: u64,
    /// How many there were since the last other one.
    pending: u64,
    /// Whether there was another one.
    heard: bool,
}

impl Zeros {
    fn push(&mut self, is_zero: bool) {
        if is_zero {
            self.pending += 1;
            return;
        }
        let place = if self.heard {
            &mut self.between
        } else {
            &mut self.before
        };
        *place += std::mem::take(&mut self.pending);
        self.heard = true;
    }

    /// Numbers of samples at the beginning, between others and at the end.
    fn places(&self) -> [u64; 3] {
        let stretches = if self.heard {
            [self.before, self.between, self.pending]
        } else {
            [self.pending, 0, 0]
        };
        stretches.map(|n| n * HOP as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inspected(blocks: &[&[f32]], channels: usize) -> Inspection {
        let mut inspector = Inspector::new(channels);
        for block in blocks {
            inspector.push(block);
        }
        inspector.finish()
    }

    /// A sine of 1 kHz at 44.1 kHz that is cut off at a part of its size.
    fn cut_off(n: usize, at: f64) -> Vec<f32> {
        let turn = std::f64::consts::TAU * 1000.0 / 44_100.0;
        let sine = (0..n).map(|i| (turn * i as f64).sin());
        sine.map(|x| x.clamp(-at, at) as f32).collect()
    }

    proptest! {
        #[test]
        fn what_is_noticed_does_not_depend_on_the_blocks(
            steps in prop::collection::vec(-3_i8..=3, 0..4000),
            cuts in prop::collection::vec(0_usize..1000, 0..6),
            channels in 1_usize..4,
        ) {
            // Few different values, so that many are at the top; and stretches of zeros.
            let y: Vec<f32> = steps
                .iter()
                .enumerate()
                .map(|(i, &x)| if (i / 700) % 2 == 0 { f32::from(x) / 3.0 } else { 0.0 })
                .collect();
            let whole = y.len() / channels;
            let y = &y[..whole * channels];
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(whole) * channels).collect();
            cuts.extend([0, y.len()]);
            cuts.sort_unstable();
            let blocks: Vec<&[f32]> = cuts.windows(2).map(|w| &y[w[0]..w[1]]).collect();
            prop_assert_eq!(inspected(&blocks, channels), inspected(&[y], channels));
        }
    }

    #[test]
    fn a_wave_that_is_cut_off_is_clipped_and_a_whole_one_is_not() {
        let found = inspected(&[&cut_off(44_100, 0.7)], 1);
        // Two tops in each of 1,000 periods, but for those at the very ends.
        assert!((1990..=2000).contains(&found.clipped_runs));
        assert_eq!(inspected(&[&cut_off(44_100, 1.0)], 1).clipped_runs, 0);
    }

    #[test]
    fn square_waves_and_single_peaks_are_not_clipped() {
        let square: Vec<f32> = (0..44_100).map(|i| [-0.9, 0.9][i / 50 % 2]).collect();
        assert_eq!(inspected(&[&square], 1).clipped_runs, 0);
        let mut peak = cut_off(44_100, 1.0);
        peak[1000] = 1.0;
        assert_eq!(inspected(&[&peak], 1).clipped_runs, 0);
    }

    #[test]
    fn channels_of_opposite_phase_leave_nothing_of_their_mean() {
        let pairs: Vec<f32> = cut_off(10_000, 0.5).iter().flat_map(|&x| [x, -x]).collect();
        assert_eq!(inspected(&[&pairs], 2).mix_share, 0.0);
        let same: Vec<f32> = cut_off(10_000, 0.5).iter().flat_map(|&x| [x, x]).collect();
        assert!((inspected(&[&same], 2).mix_share - 1.0).abs() < 1e-6);
    }

    #[test]
    fn samples_that_are_no_numbers_do_no_harm() {
        let found = inspected(&[&[f32::NAN; 2000], &[f32::INFINITY; 2000]], 1);
        assert_eq!(found.n_samples, 4000);
        assert_eq!(inspected(&[], 3).n_samples, 0);
    }
}
