//! Onset strength, frame by frame.

use std::collections::VecDeque;

use crate::feature::N_MELS;
use crate::simd::{LANES, larger};

/// Distance of the floor below the loudest level so far, in decibels.
const TOP_DB: f32 = 80.0;

/// Number of frames that are kept to know the loudest level in time: 30 seconds.
const AHEAD: usize = 1292;

/// Number of frames by which growth is delayed: half an FFT, so that peaks are where onsets are.
const DELAY: usize = 2;

/// The onset strength of each frame, as `librosa.onset.onset_strength` has it: the mean growth of
/// the levels of mel bands from the frame before, two frames later.
///
/// librosa raises levels to a floor 80 dB below the loudest level of the signal. That is known only
/// at the end, so here the floor lies below the loudest level up to 30 s after the frame. Strengths
/// of signals of up to 30 s are therefore librosa's.
#[derive(Default)]
pub struct Strength {
    levels: VecDeque<[f32; N_MELS]>,
    loudest: Option<f32>,
    /// Growth that is not given yet, because of the delay.
    delayed: VecDeque<f32>,
    begun: bool,
}

impl Strength {
    /// Adds the levels of the next frame in decibels, one for each mel band, and calls `give` with
    /// each strength that is known by that.
    pub fn push(&mut self, levels: &[f32], mut give: impl FnMut(f32)) {
        let mut row = [f32::NEG_INFINITY; N_MELS];
        for (row, &level) in row.iter_mut().zip(levels) {
            *row = level;
            self.loudest = Some(self.loudest.map_or(level, |loudest| larger(loudest, level)));
        }
        self.levels.push_back(row);
        if !self.begun {
            self.begun = true;
            give(0.0);
        }
        if self.levels.len() > AHEAD {
            self.advance(&mut give);
        }
    }

    /// Ends the signal: calls `give` with the strengths of the last frames.
    pub fn finish(mut self, mut give: impl FnMut(f32)) {
        while self.levels.len() > 1 {
            self.advance(&mut give);
        }
    }

    fn advance(&mut self, give: &mut impl FnMut(f32)) {
        let (Some(earlier), Some(later)) = (self.levels.pop_front(), self.levels.front()) else {
            return;
        };
        let floor = self.loudest.unwrap_or_default() - TOP_DB;
        self.delayed.push_back(growth(&earlier, later, floor));
        let known = self.delayed.len() > DELAY;
        give(if known {
            self.delayed.pop_front().unwrap_or_default()
        } else {
            0.0
        });
    }
}

/// The mean over bands of how much levels grow, above a floor.
fn growth(earlier: &[f32; N_MELS], later: &[f32; N_MELS], floor: f32) -> f32 {
    // Sums of their own for each lane are fast, and are added up in one order everywhere.
    let mut lanes = [0.0; LANES];
    for (earlier, later) in earlier.chunks(LANES).zip(later.chunks(LANES)) {
        for (sum, (&earlier, &later)) in lanes.iter_mut().zip(earlier.iter().zip(later)) {
            *sum += larger(larger(later, floor) - larger(earlier, floor), 0.0);
        }
    }
    lanes.iter().sum::<f32>() / N_MELS as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strengths(levels: &[[f32; N_MELS]]) -> Vec<f32> {
        let mut found = Vec::new();
        let mut strength = Strength::default();
        for levels in levels {
            strength.push(levels, |value| found.push(value));
        }
        strength.finish(|value| found.push(value));
        found
    }

    #[test]
    fn there_is_one_for_each_frame_two_frames_late() {
        let mut levels = vec![[0.0; N_MELS]; 7];
        levels[2] = [10.0; N_MELS];
        assert_eq!(strengths(&levels), [0.0, 0.0, 0.0, 0.0, 10.0, 0.0, 0.0]);
        for n in 0..4 {
            assert_eq!(strengths(&levels[..n]), vec![0.0; n]);
        }
    }

    #[test]
    fn what_lies_far_below_the_loudest_level_does_not_grow() {
        let mut levels = vec![[-300.0; N_MELS]; 6];
        levels[1] = [-200.0; N_MELS];
        levels[2] = [0.0; N_MELS];
        assert_eq!(strengths(&levels), [0.0, 0.0, 0.0, 0.0, 80.0, 0.0]);
    }

    #[test]
    fn the_floor_of_long_signals_is_that_of_the_next_half_minute() {
        let mut levels = vec![[-90.0; N_MELS]; 2 * AHEAD];
        for t in [10, 11] {
            levels[t] = [-60.0; N_MELS];
        }
        let late = AHEAD + 100;
        levels[late] = [0.0; N_MELS];
        let found = strengths(&levels);
        // 30 dB, which a floor at -80 dB would make 20.
        assert_eq!((found[12], found[late + 2]), (30.0, 80.0));
        assert_eq!(found.len(), levels.len());
    }
}
