//! Bounds of distances, which show that a row's nearest centre is the nearest still.

use super::lanes::Lanes;
use super::panels::Found;
use super::real::Real;

/// What has become of a centre.
#[derive(Debug, Clone, Copy, Default)]
pub struct Moves {
    /// How far it moved, at least.
    pub own: f32,
    /// How far any other moved, at least.
    pub others: f32,
    /// Half its distance to the next centre, at most.
    pub half: f32,
}

/// Bounds of the distances of rows to their own centre, from above, and to all others, from below.
#[derive(Debug)]
pub struct Bounds<'a> {
    /// At least the distance to the row's own centre.
    pub upper: &'a mut [f32],
    /// At most the distance to any other.
    pub lower: &'a mut [f32],
    /// How much the first is above the second; what is not above 0 needs no look.
    pub gaps: &'a mut [f32],
}

/// A bound that is at least `x`, which is not negative.
#[inline(always)]
pub(crate) fn up(x: f64) -> f32 {
    (x as f32) * (1.0 + 2.0 * f32::EPSILON) + f32::MIN_POSITIVE
}

/// A bound that is at most `x`, which is not negative.
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
        let error = error * (norm + largest_norm);
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
        // SAFETY: all labels were looked at above.
        let moves = unsafe { moves.get_unchecked(labels[i] as usize) };
        upper[i] = (upper[i] + moves.own) * ROUNDED_UP;
        // What falls below 0 is below every distance, whatever its last digit.
        lower[i] = (lower[i] - moves.others) * ROUNDED_DOWN - f32::MIN_POSITIVE;
        let least = if lower[i] > moves.half {
            lower[i]
        } else {
            moves.half
        };
        gaps[i] = upper[i] - least;
    }
}
