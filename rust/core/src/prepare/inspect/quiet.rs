//! How much of a recording is quiet at its beginning and its end.

/// A frame is four stretches long: 512 samples, with a hop of 128.
const STRETCHES: usize = 4;

/// What is below the loudest frame by 40 dB, in energy.
const QUIET: f32 = 1e-4;

/// Energies of one bin have the same exponent and the same three bits after it, so that a bin is
/// at most half a decibel wide.
const SHIFT: u32 = 20;

/// Number of bins that are kept, up to that of the loudest frame. 40 dB are 13.3 octaves of eight
/// bins each: no other bin matters, now or later.
const N_BINS: usize = 128;

/// When frames of one level occurred.
#[derive(Debug, Clone, Copy)]
struct Bin {
    first: u64,
    last: u64,
}

/// Levels of frames, as energies.
pub struct Levels {
    /// Energies of the newest stretches, in the order of a ring.
    ring: [f32; STRETCHES],
    n_stretches: u64,
    loudest: f32,
    /// Those of the newest levels, in the order of a ring.
    bins: [Option<Bin>; N_BINS],
}

/// Numbers of frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quiet {
    pub frames: u64,
    pub before: u64,
    pub after: u64,
}

impl Levels {
    pub fn new() -> Self {
        Self {
            ring: [0.0; STRETCHES],
            n_stretches: 0,
            loudest: 0.0,
            bins: [None; N_BINS],
        }
    }

    /// Takes in the energy of the next stretch.
    pub fn push(&mut self, energy: f32) {
        let length = STRETCHES as u64;
        self.ring[(self.n_stretches % length) as usize] = energy;
        self.n_stretches += 1;
        if self.n_stretches < length {
            return;
        }
        let frame = self.n_stretches - length;
        let sum: f32 = self.ring.iter().sum();
        if sum > self.loudest {
            self.raise(sum);
        }
        let (bin, loudest) = (bin_of(sum), bin_of(self.loudest));
        // What is not a number has a bin above all others.
        if bin <= loudest && bin + N_BINS > loudest {
            let bin = self.bins[bin % N_BINS].get_or_insert(Bin {
                first: frame,
                last: frame,
            });
            bin.last = frame;
        }
    }

    /// Takes a louder energy as the loudest, and empties the bins above the old one.
    fn raise(&mut self, loudest: f32) {
        let above = bin_of(self.loudest) + 1..=bin_of(loudest);
        self.loudest = loudest;
        for bin in above.rev().take(N_BINS) {
            self.bins[bin % N_BINS] = None;
        }
    }

    /// How many frames are quiet at either end; none if all are silent.
    pub fn finish(&self) -> Quiet {
        let frames = (self.n_stretches + 1).saturating_sub(STRETCHES as u64);
        let loud = bin_of(QUIET * self.loudest)..=bin_of(self.loudest);
        let loud = loud.rev().take(N_BINS);
        let loud = loud.filter_map(|bin| self.bins[bin % N_BINS]);
        let first = loud.clone().map(|bin| bin.first).min();
        let last = loud.map(|bin| bin.last).max();
        match (first, last) {
            (Some(first), Some(last)) if self.loudest > 0.0 => Quiet {
                frames,
                before: first,
                after: frames - 1 - last,
            },
            _ => Quiet {
                frames,
                before: 0,
                after: 0,
            },
        }
    }
}

fn bin_of(energy: f32) -> usize {
    // The sign, which is never set, is masked out, so that this is always a bin.
    ((energy.to_bits() & 0x7fff_ffff) >> SHIFT) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bins_that_are_not_kept_do_not_matter(
            octaves in prop::collection::vec((-150_i32..120, 1.0_f32..2.0), 0..60),
        ) {
            let energies: Vec<f32> = octaves.iter().map(|&(o, m)| m * 2_f32.powi(o)).collect();
            let mut levels = Levels::new();
            for &energy in &energies {
                levels.push(energy);
            }
            let found = levels.finish();
            let frames: Vec<f32> = (0..energies.len().saturating_sub(STRETCHES - 1))
                // In the order in which the ring is added up.
                .map(|i| (0..STRETCHES).map(|k| energies[(i..i + STRETCHES).find(|j| j % STRETCHES == k).unwrap()]).sum())
                .collect();
            let loudest = frames.iter().copied().fold(0.0, f32::max);
            let is_loud = |&sum: &f32| bin_of(sum) >= bin_of(QUIET * loudest);
            let before = frames.iter().position(is_loud).unwrap_or(0);
            let after = frames.iter().rev().position(is_loud).unwrap_or(0);
            prop_assert_eq!(found, Quiet {
                frames: frames.len() as u64,
                before: before as u64,
                after: after as u64,
            });
        }
    }
}
