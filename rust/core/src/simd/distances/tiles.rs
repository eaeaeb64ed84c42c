//! Distances between many rows and many centres, in tiles of registers.
//!
//! A block of rows is transposed so that a vector holds one column of sixteen (or eight) rows. Each
//! value of a centre is then combined with whole vectors, and the nearest centre is found in each
//! lane on its own: no sum runs across a vector. Unlike the other kernels, these fuse
//! multiplications with additions where the machine can. Instruction sets may therefore round
//! differently.

use super::lanes::{Lanes, total};
use super::panels::{Found, PANEL, Panels};
use super::real::{Real, VECTORS};

#[inline(always)]
pub(super) unsafe fn pack<L: Lanes>(
    rows: &[&[L::Scalar]],
    offset: &[L::Scalar],
    packed: &mut [L::Scalar],
) where
    L::Scalar: Real,
{
    let n = offset.len();
    let whole = n - n % 4;
    let block = VECTORS * L::N;
    assert!(packed.len() == n * block && !rows.is_empty() && rows.len() <= block);
    assert!(rows.iter().all(|row| row.len() == n));
    let last = rows.len() - 1;
    for r in (0..block).step_by(L::N) {
        // If a vector has eight lanes, only the first eight of these are used.
        let some: [&[L::Scalar]; 16] = std::array::from_fn(|i| rows[(r + i).min(last)]);
        let from = some.map(<[L::Scalar]>::as_ptr);
        for f in (0..whole).step_by(4) {
            // SAFETY: f + 4 is at most n, and r + L::N at most `block`.
            unsafe {
                let to = packed.as_mut_ptr().add(f * block + r);
                L::transpose(&from, f, offset.as_ptr(), to, block);
            }
        }
        for f in whole..n {
            for (i, row) in some[..L::N].iter().enumerate() {
                packed[f * block + r + i] = row[f].minus(offset[f]);
            }
        }
    }
}

/// What to find out about the second nearest centre: nothing, its distance, or its index as well.
pub(super) const NOTHING: u8 = 0;
pub(super) const DISTANCE: u8 = 1;
pub(super) const INDEX: u8 = 2;

/// Handles `R` vectors of rows at a time, as many as the registers can hold.
#[inline(always)]
pub(super) unsafe fn nearest<L: Lanes, const R: usize, const SECOND: u8>(
    packed: &[L::Scalar],
    panels: &Panels<L::Scalar>,
    found: &mut Found<L::Scalar>,
) where
    L::Scalar: Real,
{
    let n = panels.n_columns;
    let block = VECTORS * L::N;
    assert!(packed.len() == n * block && found.label.len() == block);
    for start in (0..VECTORS).step_by(R) {
        // SAFETY: there are VECTORS vectors of packed rows and of room, and R divides them; a
        // panel has PANEL numbers for each column.
        unsafe {
            let at = |r: usize| (start + r) * L::N;
            let rows = packed.as_ptr();
            let mut norm = [L::splat(L::Scalar::default()); R];
            for f in 0..n {
                for (r, norm) in norm.iter_mut().enumerate() {
                    let row = L::load(rows.add(f.wrapping_mul(block).wrapping_add(at(r))));
                    *norm = row.mul_add(row, *norm);
                }
            }
            let mut best = [L::splat(L::Scalar::INFINITY); R];
            let mut second = best;
            let mut label = [L::splat(L::Scalar::default()); R];
            let mut second_label = label;
            let norms = panels.norms.chunks_exact(PANEL);
            for (p, norms) in norms.enumerate() {
                let panel = panels.values.as_ptr().add(p * PANEL * n);
                let scores = scores::<L, R>(rows.add(at(0)), panel, norms, n);
                for (c, scores) in scores.into_iter().enumerate() {
                    let index = L::splat(L::Scalar::of((p * PANEL + c) as f64));
                    for (r, score) in scores.into_iter().enumerate() {
                        if SECOND == INDEX {
                            let other = score.if_less(second[r], index, second_label[r]);
                            second_label[r] = score.if_less(best[r], label[r], other);
                        }
                        if SECOND != NOTHING {
                            second[r] = second[r].min(best[r].max(score));
                        }
                        label[r] = score.if_less(best[r], index, label[r]);
                        best[r] = best[r].min(score);
                    }
                }
            }
            let zero = L::splat(L::Scalar::default());
            for r in 0..R {
                label[r].store(found.label.as_mut_ptr().add(at(r)));
                norm[r].store(found.norm.as_mut_ptr().add(at(r)));
                let squared = best[r].add(norm[r]).max(zero);
                squared.store(found.best.as_mut_ptr().add(at(r)));
                if SECOND != NOTHING {
                    let squared = second[r].add(norm[r]).max(zero);
                    squared.store(found.second.as_mut_ptr().add(at(r)));
                }
                if SECOND == INDEX {
                    second_label[r].store(found.second_label.as_mut_ptr().add(at(r)));
                }
            }
        }
    }
    for (index, label) in found.index.iter_mut().zip(&found.label) {
        *index = label.index();
    }
}

/// Squared distances of `R` vectors of rows to the centres of a panel, minus the rows' squared
/// norms.
#[inline(always)]
unsafe fn scores<L: Lanes, const R: usize>(
    rows: *const L::Scalar,
    panel: *const L::Scalar,
    norms: &[L::Scalar],
    n: usize,
) -> [[L; R]; PANEL]
where
    L::Scalar: Real,
{
    // SAFETY: the caller's rows and panel have n columns.
    unsafe {
        let mut scores: [[L; R]; PANEL] = std::array::from_fn(|c| [L::splat(norms[c]); R]);
        for f in 0..n {
            let column = rows.add(f.wrapping_mul(VECTORS * L::N));
            let row: [L; R] = std::array::from_fn(|r| L::load(column.add(r * L::N)));
            for (c, scores) in scores.iter_mut().enumerate() {
                let center = L::splat(*panel.add(f.wrapping_mul(PANEL) + c));
                for (score, row) in scores.iter_mut().zip(row) {
                    *score = row.mul_add(center, *score);
                }
            }
        }
        scores
    }
}

/// Squared distances of the packed rows to centres, `squared[c * block + r]`, as sums of squared
/// differences. The sum of a pair runs over the columns in their order wherever the pair lies, so
/// that copies are at distance 0 and a row and a centre that change places at the same distance.
#[inline(always)]
pub(super) unsafe fn differences<L: Lanes, const R: usize>(
    packed: &[L::Scalar],
    centers: &[&[L::Scalar]],
    squared: &mut [L::Scalar],
) where
    L::Scalar: Real,
{
    let block = VECTORS * L::N;
    let n = packed.len() / block;
    assert!(packed.len() == n * block && squared.len() == centers.len() * block);
    assert!(centers.iter().all(|center| center.len() == n));
    let panels = centers.chunks(PANEL).zip(squared.chunks_mut(PANEL * block));
    for (centers, squared) in panels {
        let last = centers.len() - 1;
        let four: [_; PANEL] = std::array::from_fn(|c| centers[c.min(last)].as_ptr());
        for start in (0..VECTORS).step_by(R) {
            // SAFETY: there are VECTORS vectors of packed rows and of room for each centre, and R
            // divides them; every centre has n numbers.
            unsafe {
                let mut sums = [[L::splat(L::Scalar::default()); R]; PANEL];
                for f in 0..n {
                    let column = packed.as_ptr().add(f * block + start * L::N);
                    let row: [L; R] = std::array::from_fn(|r| L::load(column.add(r * L::N)));
                    for (center, sums) in four.iter().zip(&mut sums) {
                        let center = L::splat(*center.add(f));
                        for (sum, row) in sums.iter_mut().zip(row) {
                            let off = row.sub(center);
                            *sum = off.mul_add(off, *sum);
                        }
                    }
                }
                for (squared, sums) in squared.chunks_exact_mut(block).zip(sums) {
                    for (r, sum) in sums.into_iter().enumerate() {
                        sum.store(squared.as_mut_ptr().add((start + r) * L::N));
                    }
                }
            }
        }
    }
}

#[inline(always)]
pub(super) unsafe fn squared_distance<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    center: &[L::Scalar],
) -> L::Scalar
where
    L::Scalar: Real,
{
    let n = row.len();
    assert!(offset.len() == n && center.len() == n);
    let whole = n - n % L::N;
    // SAFETY: all three have n numbers.
    unsafe {
        let mut sum = L::splat(L::Scalar::default());
        for f in (0..whole).step_by(L::N) {
            let x = L::load(row.as_ptr().add(f)).sub(L::load(offset.as_ptr().add(f)));
            let off = x.sub(L::load(center.as_ptr().add(f)));
            sum = off.mul_add(off, sum);
        }
        let mut sum = total(sum);
        for f in whole..n {
            let off: f64 = row[f].minus(offset[f]).minus(center[f]).into();
            sum += off * off;
        }
        L::Scalar::of(sum)
    }
}

#[inline(always)]
pub(super) unsafe fn add<L: Lanes>(
    row: &[L::Scalar],
    offset: &[L::Scalar],
    weight: f64,
    sums: &mut [f64],
) where
    L::Scalar: Real,
{
    for ((sum, &x), &o) in sums.iter_mut().zip(row).zip(offset) {
        let x: f64 = x.minus(o).into();
        *sum += weight * x;
    }
}
