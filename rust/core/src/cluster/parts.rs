//! How rows are shared out among threads.

/// A part is a run of rows that one thread works on at a time; its length is a multiple of this.
/// Parts are the same for any number of threads.
const PART: usize = 1024;

/// Largest number of parts in a sum over all rows. Each part has its own sums.
const MAX_PARTS: usize = 64;

/// The number of rows in a part.
pub(super) fn part(n_rows: usize) -> usize {
    n_rows.div_ceil(MAX_PARTS).next_multiple_of(PART)
}

/// How many of the `allowed` threads can share work on `n_rows` rows.
#[must_use]
pub fn useful_threads(n_rows: usize, allowed: usize) -> usize {
    allowed.min(n_rows.div_ceil(part(n_rows.max(1))).max(1))
}
