//! How fast the loudest event of a signal rises.

use std::collections::VecDeque;

use crate::describe::RATE;

/// Number of samples from one value of the envelope to the next: 2.5 ms.
const STEP: usize = 55;

/// The attack starts where the envelope was last below this share of its maximum.
const START: f64 = 0.2;

/// The attack ends where the envelope first reaches this share of its maximum after that.
const END: f64 = 0.9;

/// How far an attack is looked for before the maximum, as a number of values of the envelope: ten
/// seconds.
const LONGEST: usize = 10 * RATE as usize / STEP;

/// Measures the attack time: how long the amplitude takes to rise from 20 % to 90 % of its
/// maximum.
///
/// G. Peeters, "A large set of audio features for sound description", CUIDADO report, 2004, whose
/// log-attack-time is the decimal logarithm of this. The envelope is the root of the mean square
/// over two steps, 5 ms. A sound that was not below 20 % in the ten seconds before its maximum has no
/// attack: it swells or stays, and where it began is not kept.
#[derive(Default)]
pub struct Attack {
    /// The samples of the step that is not complete yet.
    pending: Vec<f32>,
    /// Sum of squares of the step before.
    before: f64,
    /// The envelope up to its maximum.
    rise: VecDeque<f64>,
    /// The envelope after that.
    since: VecDeque<f64>,
    /// Whether values before `rise` were forgotten.
    cut: bool,
}

impl Attack {
    /// Adds the next samples.
    pub fn push(&mut self, mut y: &[f32]) {
        while !y.is_empty() {
            let (now, later) = y.split_at(y.len().min(STEP - self.pending.len()));
            self.pending.extend_from_slice(now);
            y = later;
            if self.pending.len() == STEP {
                self.step();
            }
        }
    }

    /// The attack time in seconds; NaN for silence, and for a sound without an attack.
    #[must_use]
    pub fn finish(mut self) -> f64 {
        // The rest of the signal, and the step in which it is the first half.
        self.step();
        self.step();
        let Some(&top) = self
            .rise
            .back()
            .filter(|top| **top > 0.0 && top.is_finite())
        else {
            return f64::NAN;
        };
        let values = self.rise.make_contiguous();
        let (low, high) = (START * top, END * top);
        let crossing = |after: usize, level: f64| {
            // Before the signal there is silence.
            let earlier = if after == 0 { 0.0 } else { values[after - 1] };
            after as f64 - (values[after] - level) / (values[after] - earlier)
        };
        let start = values.iter().rposition(|&value| value < low);
        if start.is_none() && self.cut {
            return f64::NAN;
        }
        let first = start.map_or(0, |below| below + 1);
        let reached = values[first..].iter().position(|&value| value >= high);
        let last = first + reached.unwrap_or(values.len() - 1 - first);
        let steps = crossing(last, high) - crossing(first, low);
        steps * STEP as f64 / f64::from(RATE)
    }

    /// Ends a step: adds a value to the envelope.
    fn step(&mut self) {
        // A few sums at once, since one alone would wait for itself at each sample.
        let mut sums = [0.0; 5];
        for values in self.pending.chunks(sums.len()) {
            for (sum, &value) in sums.iter_mut().zip(values) {
                *sum += f64::from(value) * f64::from(value);
            }
        }
        self.pending.clear();
        let sum: f64 = sums.iter().sum();
        let value = ((self.before + sum) / (2 * STEP) as f64).sqrt();
        self.before = sum;
        let top = self.rise.back().copied().unwrap_or(-1.0);
        self.since.push_back(value);
        if value > top {
            self.rise.append(&mut self.since);
        } else if self.since.len() > LONGEST {
            // A later maximum keeps no more than these, so that what lies between is not missed.
            self.since.pop_front();
        }
        while self.rise.len() > LONGEST {
            self.rise.pop_front();
            self.cut = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::describe::tests_sounds::sine;

    fn attack(y: &[f32]) -> f64 {
        let mut attack = Attack::default();
        attack.push(y);
        attack.finish()
    }

    /// A tone that rises for some seconds, by a power of the time, and then stays.
    fn rising(seconds: f64, power: f64) -> Vec<f32> {
        let tone = sine(2000.0, 0.5, seconds + 1.0);
        let shaped = tone.iter().enumerate().map(|(i, y)| {
            let share = (i as f64 / (seconds * f64::from(RATE))).min(1.0);
            (f64::from(*y) * share.powf(power)) as f32
        });
        shaped.collect()
    }

    #[test]
    fn a_straight_rise_takes_seven_tenths_of_its_length() {
        for seconds in [0.05, 0.2, 1.0, 5.0] {
            // Within the length of the envelope's window, 5 ms.
            let found = attack(&rising(seconds, 1.0));
            assert!((found - 0.7 * seconds).abs() < 0.005, "{seconds}: {found}");
        }
        let squared = attack(&rising(1.0, 2.0));
        assert!((squared - (0.9_f64.sqrt() - 0.2_f64.sqrt())).abs() < 0.005);
    }

    #[test]
    fn a_tone_that_starts_at_once_has_hardly_any() {
        // The window of the envelope is 5 ms long.
        assert!(attack(&sine(2000.0, 0.5, 1.0)) < 0.005);
    }

    #[test]
    fn it_is_that_of_the_loudest_event_and_of_no_level() {
        let slow = rising(0.5, 1.0);
        let quick: Vec<f32> = sine(2000.0, 0.2, 0.5);
        let gap = vec![0.0; 5000];
        let both = [&quick[..], &gap, &slow, &gap, &quick].concat();
        assert!((attack(&both) - 0.35).abs() < 0.005);
        let quiet: Vec<f32> = both.iter().map(|y| y / 1024.0).collect();
        // Both are divided by a power of two, which is exact.
        assert_eq!(attack(&quiet), attack(&both));
    }

    #[test]
    fn what_swells_or_stays_for_longer_than_ten_seconds_has_none() {
        assert!(attack(&rising(40.0, 1.0)).is_nan());
        let mut steady = sine(2000.0, 0.5, 30.0);
        steady.extend(sine(2000.0, 0.52, 1.0));
        assert!(attack(&steady).is_nan());
        // This one begins within the ten seconds before its maximum.
        assert!(attack(&steady[21 * 22_050..]) < 0.006);
    }

    #[test]
    fn memory_does_not_grow() {
        let mut attack = Attack::default();
        for _ in 0..100 {
            attack.push(&rising(1.0, 1.0));
            attack.push(&[0.0; 10_000]);
        }
        assert!(attack.rise.len() <= LONGEST && attack.since.len() <= LONGEST);
    }

    #[test]
    fn silence_has_none() {
        assert!(attack(&[0.0; 3000]).is_nan());
        assert!(attack(&[]).is_nan());
        assert!(attack(&[1.0]).is_finite());
    }
}
