//! How much of a recording is quiet at its beginning and its end.

/// A frame is four stretches long: 512 samples, with a hop of 128.
const STRETCHES: usize = 4;

/// What is below the loudest frame by 40 dB, in energy.
const QUIET: f32 = 1e-4;

/// Energies of one bin have the same exponent and the same three bits after it, so that a bin is
/// at most half a decibel wide.
const SHIFT: u32 = 20;
const N_BINS: usize = 1 << (31 - SHIFT);

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
    bins: Vec<Option<Bin>>,
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
            bins: vec![None; N_BINS],
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
            self.loudest = sum;
        }
        let bin = self.bins[bin_of(sum)].get_or_insert(Bin {
            first: frame,
            last: frame,
        });
        bin.last = frame;
    }

    /// How many frames are quiet at either end; none if all are silent.
    pub fn finish(&self) -> Quiet {
        let frames = (self.n_stretches + 1).saturating_sub(STRETCHES as u64);
        let loud = self.bins[bin_of(QUIET * self.loudest)..].iter().flatten();
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
