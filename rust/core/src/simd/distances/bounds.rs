//! Bounds of distances, which prove that a row's nearest centre is still the nearest.

use super::lanes::Lanes;
use super::panels::Found;
use super::real::Real;

/// How far a centre and the others moved, and where its next neighbour is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moves {
    /// Upper bound of how far it moved.
    pub own: f32,
    /// Upper bound of how far any other centre moved.
    pub others: f32,
    /// Lower bound of half its distance to the next centre.
    pub half: f32,
}

/// Bounds of the distances of rows: upper ones to their own centre, lower ones to all others.
#[derive(Debug)]
pub struct Bounds<'a> {
    /// Upper bound of the distance to the row's own centre.
    pub upper: &'a mut [f32],
    /// Lower bound of the distance to any other centre.
    pub lower: &'a mut [f32],
    /// How far the upper bound exceeds the largest value that proves the row's centre still the
    /// nearest. A row with a gap of 0 or less need not be looked at.
    pub gaps: &'a mut [f32],
}

/// A number that is at least `x`, which must not be negative.
#[inline(always)]
pub(crate) fn up(x: f64) -> f32 {
    (x as f32) * (1.0 + 2.0 * f32::EPSILON) + f32::MIN_POSITIVE
}

/// A number that is at most `x`, which must not be negative.
#[inline(always)]
pub(crate) fn down(x: f64) -> f32 {
    (x as f32).min(f32::MAX) * (1.0 - 2.0 * f32::EPSILON) - f32::MIN_POSITIVE
}

#[inline(always)]
pub(super) unsafe fn bounds<L: Lanes>(found: &mut Found<L::Scalar>, error: f64, largest_norm: f64)
where
    L::Scalar: Real,
{
    let distances = found.best.iter().zip(&found.second).zip(&found.norm);
    let bounds = found.upper.iter_mut().zip(&mut found.lower);
    for (((&best, &second), &norm), (upper, lower)) in distances.zip(bounds) {
        let (best, second, norm): (f64, f64, f64) = (best.into(), second.into(), norm.into());
        // Products below the smallest normal number are rounded as if they were that number.
        let error = error * (norm + largest_norm + L::Scalar::MIN_POSITIVE);
        *upper = up((best + error).sqrt());
        *lower = down((second - error).max(0.0).sqrt());
    }
}

#[inline(always)]
pub(super) unsafe fn loosen(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>) {
    const ROUNDED_UP: f32 = 1.0 + 2.0 * f32::EPSILON;
    const ROUNDED_DOWN: f32 = 1.0 - 2.0 * f32::EPSILON;
    let n = labels.len();
    assert!(labels.iter().all(|&label| (label as usize) < moves.len()));
    let (upper, lower) = (&mut bounds.upper[..n], &mut bounds.lower[..n]);
    let gaps = &mut bounds.gaps[..n];
    for i in 0..n {
        // SAFETY: all labels were checked above.
        let moves = unsafe { moves.get_unchecked(labels[i] as usize) };
        upper[i] = (upper[i] + moves.own) * ROUNDED_UP;
        // A bound below 0 is below every distance, so its last digit does not matter.
        lower[i] = (lower[i] - moves.others) * ROUNDED_DOWN - f32::MIN_POSITIVE;
        let least = if lower[i] > moves.half {
            lower[i]
        } else {
            moves.half
        };
        gaps[i] = upper[i] - least;
    }
}
