//! Single and double precision.

use crate::simd::Level;

/// A number that rows and units are made of.
pub trait Value: Copy + Default + PartialOrd + Send + Sync + Into<f64> + 'static {
    /// What stands in places without a unit: its distance to any row is infinite.
    #[doc(hidden)]
    const NOWHERE: Self;
    /// Values up to this size have distances that are finite.
    #[doc(hidden)]
    const LARGEST: f64;

    /// The nearest number.
    #[doc(hidden)]
    fn from_f64(value: f64) -> Self;

    /// The nearest number, or 0 for one so small that it would move nothing, and slow down much.
    #[doc(hidden)]
    fn share(value: f64) -> Self;

    /// See [`Level::follow_single`].
    #[doc(hidden)]
    fn follow(
        level: Level,
        units: &mut [Self],
        shares: &[Self],
        x: &[Self],
        next: &[Self],
    ) -> (usize, Self);

    /// See [`Level::nearest_single`].
    #[doc(hidden)]
    fn nearest(level: Level, units: &[Self], row: &[Self]) -> (usize, Self);

    /// See [`Level::nearest_two_single`].
    #[doc(hidden)]
    fn nearest_two(level: Level, units: &[Self], row: &[Self]) -> (usize, usize, Self);

    /// See [`Level::distances_single`].
    #[doc(hidden)]
    fn distances(level: Level, units: &[Self], row: &[Self], distances: &mut [Self]);
}

macro_rules! value {
    ($type:ty, $largest:expr, $least_share:expr, $follow:ident, $nearest:ident, $nearest_two:ident, $distances:ident) => {
        impl Value for $type {
            const NOWHERE: Self = Self::MAX;
            const LARGEST: f64 = $largest;

            #[inline]
            #[allow(clippy::unnecessary_cast)] // One of the two needs it.
            fn from_f64(value: f64) -> Self {
                value as Self
            }

            #[inline]
            fn share(value: f64) -> Self {
                Self::from_f64(if value < $least_share { 0.0 } else { value })
            }

            fn follow(
                level: Level,
                units: &mut [Self],
                shares: &[Self],
                x: &[Self],
                next: &[Self],
            ) -> (usize, Self) {
                level.$follow(units, shares, x, next)
            }

            fn nearest(level: Level, units: &[Self], row: &[Self]) -> (usize, Self) {
                level.$nearest(units, row)
            }

            fn nearest_two(level: Level, units: &[Self], row: &[Self]) -> (usize, usize, Self) {
                level.$nearest_two(units, row)
            }

            fn distances(level: Level, units: &[Self], row: &[Self], distances: &mut [Self]) {
                level.$distances(units, row, distances);
            }
        }
    };
}

// The squares of a million differences of twice the largest value add up to a finite number.
value!(
    f32,
    1e15,
    1e-30,
    follow_single,
    nearest_single,
    nearest_two_single,
    distances_single
);
value!(
    f64,
    1e150,
    1e-290,
    follow_double,
    nearest_double,
    nearest_two_double,
    distances_double
);
