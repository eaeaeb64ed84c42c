//! Means over consecutive parts of a recording that have equal energy, in bounded memory.

/// Number of parts.
pub(crate) const N_PARTS: usize = 4;

/// Blocks of frames that are kept. The parts of a recording of at most this many frames are exact.
const MAX_BLOCKS: usize = 64;

/// The largest weight of a block that was merged, as a share of all weight. Two consecutive blocks
/// together weigh more, so that at most 33 blocks are left after merging.
const MERGED_WEIGHT: f64 = 1.0 / 16.0;

/// Two positions in the sum of energies are the same if they differ by less than this share of it.
/// It allows for rounding, so that silence in the middle of a sound is divided as it should be.
const SAME: f64 = 1e-9;

/// Collects frames, from which the means over the parts follow.
///
/// Where the parts end is known only when all the energy is. Instead of all frames, this keeps at
/// most [`MAX_BLOCKS`] blocks of consecutive frames, with the sums of their columns. When there are
/// as many, neighbours are merged that have little energy and are short. The loud beginning of a
/// sound that fades keeps a block for each frame, and the ends of the parts are mostly there. A
/// block that lies across the end of a part belongs to both parts, by the shares of its energy.
pub(crate) struct Parts {
    n_columns: usize,
    blocks: Vec<Block>,
    /// The sums of the columns over the frames of each block, block after block.
    sums: Vec<f64>,
}

/// Consecutive frames.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    frames: f64,
    energy: f64,
}

impl Block {
    fn and(self, next: Self) -> Self {
        Self {
            frames: self.frames + next.frames,
            energy: self.energy + next.energy,
        }
    }
}

impl Parts {
    pub fn new(n_columns: usize) -> Self {
        Self {
            n_columns,
            blocks: Vec::with_capacity(MAX_BLOCKS),
            sums: Vec::with_capacity(MAX_BLOCKS * n_columns),
        }
    }

    /// Adds the next frame, with its energy.
    pub fn push(&mut self, energy: f64, columns: &[f32]) {
        if self.blocks.len() == MAX_BLOCKS {
            self.merge();
        }
        self.blocks.push(Block {
            frames: 1.0,
            energy,
        });
        self.sums
            .extend(columns.iter().map(|&value| f64::from(value)));
    }

    /// Merges neighbours as long as the merged block does not weigh too much.
    ///
    /// The weight of a block is the mean of its share of the energy and its share of the frames.
    /// The first keeps loud frames apart, the second divides silence.
    fn merge(&mut self) {
        let n = self.n_columns;
        let all = self.blocks.iter().copied().reduce(Block::and);
        let all = all.unwrap_or_default();
        let weight = |block: Block| {
            let energy = if all.energy > 0.0 {
                block.energy / all.energy
            } else {
                0.0
            };
            f64::midpoint(energy, block.frames / all.frames)
        };
        let mut last = 0;
        for place in 1..self.blocks.len() {
            let merged = self.blocks[last].and(self.blocks[place]);
            if weight(merged) <= MERGED_WEIGHT {
                self.blocks[last] = merged;
                for column in 0..n {
                    self.sums[last * n + column] += self.sums[place * n + column];
                }
            } else {
                last += 1;
                self.blocks[last] = self.blocks[place];
                self.sums.copy_within(place * n..(place + 1) * n, last * n);
            }
        }
        self.blocks.truncate(last + 1);
        self.sums.truncate((last + 1) * n);
    }

    /// The mean of each column over each part; 0 without a frame.
    pub fn means(&self) -> Vec<[f64; N_PARTS]> {
        let mut frames = [0.0; N_PARTS];
        let mut totals = vec![[0.0; N_PARTS]; self.n_columns];
        for (shares, (block, sums)) in self.shares().into_iter().zip(self.filled()) {
            for (part, share) in shares.into_iter().enumerate() {
                frames[part] += share * block.frames;
                for (total, sum) in totals.iter_mut().zip(sums) {
                    total[part] += share * sum;
                }
            }
        }
        for total in &mut totals {
            for (sum, frames) in total.iter_mut().zip(frames) {
                *sum = if frames > 0.0 { *sum / frames } else { 0.0 };
            }
        }
        totals
    }

    fn filled(&self) -> impl Iterator<Item = (&Block, &[f64])> {
        self.blocks
            .iter()
            .zip(self.sums.chunks_exact(self.n_columns))
    }

    /// The share of each block that belongs to each part.
    fn shares(&self) -> Vec<[f64; N_PARTS]> {
        // Without energy, the parts have equal time instead.
        let silent = self.blocks.iter().all(|block| block.energy <= 0.0);
        let weight = |block: &Block| {
            if silent { block.frames } else { block.energy }
        };
        let scale = N_PARTS as f64 / self.blocks.iter().map(weight).sum::<f64>();
        let mut end = 0.0;
        let each = self.blocks.iter().map(|block| {
            let start = end;
            end += weight(block) * scale;
            if weight(block) > 0.0 {
                shares_between(start, end)
            } else {
                shares_at(start)
            }
        });
        each.collect()
    }
}

/// The shares of the parts in what lies from `start` to `end`, if each part is 1 long.
fn shares_between(start: f64, end: f64) -> [f64; N_PARTS] {
    let mut shares = [0.0; N_PARTS];
    let length = end - start;
    for (part, share) in shares.iter_mut().enumerate() {
        let from = start.max(part as f64);
        // Rounding may put the end of the last block beyond that of the last part.
        let to = if part + 1 == N_PARTS {
            end
        } else {
            end.min((part + 1) as f64)
        };
        *share = (to - from).max(0.0) / length;
    }
    if length > 0.0 {
        shares
    } else {
        shares_at(start)
    }
}

/// The shares of the parts in silence at `place`. Silence between two parts is halved between
/// them, so that a sound played backwards has the same parts backwards.
fn shares_at(place: f64) -> [f64; N_PARTS] {
    let mut shares = [0.0; N_PARTS];
    let border = place.round();
    let inner = border > 0.0 && border < N_PARTS as f64;
    if inner && (place - border).abs() < SAME * N_PARTS as f64 {
        shares[border as usize - 1] = 0.5;
        shares[border as usize] = 0.5;
    } else {
        shares[(place.max(0.0) as usize).min(N_PARTS - 1)] = 1.0;
    }
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The mean of each part of frames that are all kept, straight from the definition: each frame
    /// is cut into many slices of equal energy, and a slice belongs to the part it lies in.
    fn by_slices(frames: &[(f64, f32)]) -> [f64; N_PARTS] {
        let total: f64 = frames.iter().map(|(energy, _)| energy).sum();
        let (mut sums, mut weights) = ([0.0; N_PARTS], [0.0; N_PARTS]);
        let mut before = 0.0;
        for &(energy, value) in frames {
            for part in 0..N_PARTS {
                let (low, high) = (part as f64 * total / 4.0, (part + 1) as f64 * total / 4.0);
                let share = ((before + energy).min(high) - before.max(low)).max(0.0) / energy;
                sums[part] += share * f64::from(value);
                weights[part] += share;
            }
            before += energy;
        }
        std::array::from_fn(|part| sums[part] / weights[part])
    }

    fn parts_of(frames: &[(f64, f32)]) -> [f64; N_PARTS] {
        let mut parts = Parts::new(1);
        for &(energy, value) in frames {
            parts.push(energy, &[value]);
        }
        parts.means()[0]
    }

    fn near(one: [f64; N_PARTS], other: [f64; N_PARTS], within: f64) -> bool {
        one.iter().zip(other).all(|(a, b)| (a - b).abs() <= within)
    }

    proptest! {
        #[test]
        fn few_frames_are_divided_exactly(
            frames in prop::collection::vec((1e-3f64..1.0, -100f32..100.0), 1..=MAX_BLOCKS),
        ) {
            prop_assert!(near(parts_of(&frames), by_slices(&frames), 1e-9 * 100.0));
        }

        #[test]
        fn a_sound_played_backwards_has_its_parts_backwards(
            mut frames in prop::collection::vec((0u8..3, -100i8..100), 1..=MAX_BLOCKS),
        ) {
            let as_frames = |frames: &[(u8, i8)]| -> Vec<(f64, f32)> {
                frames.iter().map(|&(e, v)| (f64::from(e), f32::from(v))).collect()
            };
            let mut forwards = parts_of(&as_frames(&frames));
            frames.reverse();
            forwards.reverse();
            prop_assert!(near(forwards, parts_of(&as_frames(&frames)), 1e-6));
        }

        #[test]
        fn the_mean_over_all_frames_lies_between_those_of_the_parts(
            frames in prop::collection::vec((0f64..1.0, -100f32..100.0), 1..1000),
        ) {
            let means = parts_of(&frames);
            let all = frames.iter().map(|(_, v)| f64::from(*v)).sum::<f64>() / frames.len() as f64;
            prop_assert!(means.iter().any(|&m| m <= all + 1e-6));
            prop_assert!(means.iter().any(|&m| m >= all - 1e-6));
        }
    }

    #[test]
    fn a_long_recording_is_divided_within_a_block_of_where_it_should_be() {
        // A value that grows with time shows where the parts are; the energy rises as well.
        let n = 10_000_u16;
        let frames: Vec<(f64, f32)> = (0..n).map(|i| (f64::from(i) + 1.0, f32::from(i))).collect();
        // A merged block has at most an eighth of the frames, and of the energy.
        assert!(near(
            parts_of(&frames),
            by_slices(&frames),
            f64::from(n) / 64.0
        ));
    }

    #[test]
    fn a_sound_that_fades_is_divided_exactly_however_long_it_is() {
        // Nearly all the energy is in the first few of ten thousand frames.
        let frames: Vec<(f64, f32)> = (0..10_000_i16)
            .map(|i| (0.5_f64.powi(i32::from(i).min(60)) + 1e-6, f32::from(i)))
            .collect();
        // Only the long quiet tail is merged, and no part ends in it.
        assert!(near(parts_of(&frames), by_slices(&frames), 1e-6));
    }

    #[test]
    fn memory_does_not_grow_with_the_recording() {
        let mut parts = Parts::new(3);
        for i in 0..100_000 {
            parts.push(f64::from(i % 7), &[1.0, 2.0, 3.0]);
            assert!(parts.blocks.len() <= MAX_BLOCKS);
        }
        assert_eq!(parts.sums.capacity(), 3 * MAX_BLOCKS);
        let frames: f64 = parts.blocks.iter().map(|block| block.frames).sum();
        assert_eq!(frames, 100_000.0);
    }

    #[test]
    fn without_energy_the_parts_have_equal_time() {
        let frames: Vec<(f64, f32)> = (0..8_u8).map(|i| (0.0, f32::from(i))).collect();
        assert_eq!(parts_of(&frames), [0.5, 2.5, 4.5, 6.5]);
        assert_eq!(parts_of(&[]), [0.0; N_PARTS]);
    }

    #[test]
    fn one_loud_frame_is_all_parts_and_silence_around_it_is_in_the_outer_ones() {
        let frames = [(0.0, 9.0), (1.0, 3.0), (0.0, 5.0)];
        // A quarter of the loud frame beside one frame of silence.
        let with_silence = |value: f64| (0.25 * 3.0 + value) / 1.25;
        let expected = [with_silence(9.0), 3.0, 3.0, with_silence(5.0)];
        assert!(near(parts_of(&frames), expected, 1e-12));
    }
}
