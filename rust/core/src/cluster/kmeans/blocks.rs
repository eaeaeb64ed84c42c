//! Rows in the blocks that kernels take.

use std::ops::Range;

use rayon::prelude::*;

use crate::cluster::parts::part;
use crate::cluster::rows::Rows;
use crate::simd::Float;

/// Rows of up to this many bytes are packed once for all centres, and more rows anew for each
/// centre. So many stay in the memory of a processor from one centre to the next, and the room does
/// not grow with the number of rows.
pub(super) const PACKED_ONCE: usize = 1 << 25;

/// All rows in the blocks that kernels take.
pub(super) struct Blocks<'a, T> {
    pub(super) rows: &'a Rows<'a, T>,
    /// Empty if the rows are packed each time.
    packed: Vec<T>,
}

impl<'a, T: Float> Blocks<'a, T> {
    /// Blocks that are packed once if that takes at most `room` bytes.
    pub(super) fn new(rows: &'a Rows<'a, T>, room: usize) -> Self {
        let size = rows.len().next_multiple_of(T::BLOCK) * rows.n_columns();
        let mut blocks = Self {
            rows,
            packed: Vec::new(),
        };
        if size <= room / size_of::<T>() {
            let mut packed = vec![T::default(); size];
            let part = part(rows.len());
            packed
                .par_chunks_mut(part * rows.n_columns())
                .enumerate()
                .for_each(|(p, packed)| {
                    let mut places = packed.chunks_exact_mut(rows.n_columns() * T::BLOCK);
                    blocks.each(p * part..rows.len().min((p + 1) * part), |_, packed| {
                        if let Some(place) = places.next() {
                            place.copy_from_slice(packed);
                        }
                    });
                });
            blocks.packed = packed;
        }
        blocks
    }

    /// Calls `each` with every block of a part, after the index of its first row.
    pub(super) fn each(&self, part: Range<usize>, mut each: impl FnMut(usize, &[T])) {
        let size = self.rows.n_columns() * T::BLOCK;
        if self.packed.is_empty() {
            let mut room = vec![T::default(); size];
            let indices: Vec<usize> = part.collect();
            // The closure never returns an error.
            let _ = self.rows.by_blocks(&indices, &mut room, |block, packed| {
                each(block[0], packed);
                Ok(())
            });
            return;
        }
        for first in part.step_by(T::BLOCK) {
            each(first, &self.packed[first / T::BLOCK * size..][..size]);
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::simd::Real;

    #[test]
    fn rows_are_packed_once_only_if_there_is_room() {
        let rows = Array2::from_shape_fn((100, 3), |(i, f)| (i * 3 + f) as f64);
        let from_middle = Rows::centred(&rows);
        let size = 100_usize.next_multiple_of(f64::BLOCK) * 3 * size_of::<f64>();
        assert_eq!(size_of_val(&*Blocks::new(&from_middle, size).packed), size);
        assert!(Blocks::new(&from_middle, size - 1).packed.is_empty());
    }
}
