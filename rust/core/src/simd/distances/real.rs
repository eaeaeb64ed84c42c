//! Single and double precision.

/// Number of vectors of rows in a block.
pub(super) const VECTORS: usize = 4;

/// Single or double precision.
pub trait Real:
    Copy
    + PartialOrd
    + Default
    + std::fmt::Debug
    + std::fmt::Display
    + Into<f64>
    + Send
    + Sync
    + 'static
{
    /// Number of values in a vector.
    const LANES: usize;
    /// Number of rows in a block.
    const BLOCK: usize;
    /// The distance from 1 to the next number.
    const EPSILON: f64;
    /// The largest number.
    const MAX: f64;
    /// The smallest normal number.
    const MIN_POSITIVE: f64;
    /// Infinity.
    const INFINITY: Self;
    /// The number of this type that is nearest to `value`.
    fn of(value: f64) -> Self;
    /// `self` minus `other`.
    #[must_use]
    fn minus(self, other: Self) -> Self;
    /// The absolute value.
    #[must_use]
    fn size(self) -> Self;
    /// This number as an integer. It must be the index of a centre.
    fn index(self) -> i32;
}

macro_rules! real {
    ($scalar:ty, $n:literal) => {
        impl Real for $scalar {
            const LANES: usize = $n;
            const BLOCK: usize = VECTORS * $n;
            const EPSILON: f64 = <$scalar>::EPSILON as f64;
            const MAX: f64 = <$scalar>::MAX as f64;
            const MIN_POSITIVE: f64 = <$scalar>::MIN_POSITIVE as f64;
            const INFINITY: Self = <$scalar>::INFINITY;

            #[inline(always)]
            fn of(value: f64) -> Self {
                value as Self
            }

            #[inline(always)]
            fn minus(self, other: Self) -> Self {
                self - other
            }

            #[inline(always)]
            fn size(self) -> Self {
                self.abs()
            }

            #[inline(always)]
            fn index(self) -> i32 {
                // SAFETY: it is the index of a centre. This type represents all such indices exactly.
                unsafe { self.to_int_unchecked() }
            }
        }
    };
}

real!(f32, 16);
real!(f64, 8);
