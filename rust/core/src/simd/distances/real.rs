//! Single and double precision.

/// Vectors of rows in a block.
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
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows in a block.
    const BLOCK: usize;
    /// The distance from 1 to the next number.
    const EPSILON: f64;
    /// The largest number.
    const MAX: f64;
    /// More than every number.
    const INFINITY: Self;
    /// The nearest number.
    fn of(value: f64) -> Self;
    /// The difference.
    #[must_use]
    fn minus(self, other: Self) -> Self;
    /// The whole number that this is.
    fn index(self) -> i32;
}

macro_rules! real {
    ($scalar:ty, $n:literal) => {
        impl Real for $scalar {
            const LANES: usize = $n;
            const BLOCK: usize = VECTORS * $n;
            const EPSILON: f64 = <$scalar>::EPSILON as f64;
            const MAX: f64 = <$scalar>::MAX as f64;
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
            fn index(self) -> i32 {
                // SAFETY: it counts centres, which are fewer than numbers of this kind tell apart.
                unsafe { self.to_int_unchecked() }
            }
        }
    };
}

real!(f32, 16);
real!(f64, 8);
