//! The kernels of distances and maps, compiled for each instruction set.

use super::bounds::{Bounds, Moves, bounds, loosen};
use super::candidates::{After, Before, nearer};
use super::exact::{add_exactly, add_numbers, add_squares, raise};
#[cfg(target_arch = "x86_64")]
use super::lanes::x86;
use super::panels::{Found, Panels};
use super::real::Real;
use super::tiles::{DISTANCE, INDEX, NOTHING, add, differences, nearest, pack, squared_distance};
use super::units::follow;
use crate::simd::level::Level;

/// Single or double precision, with kernels.
pub trait Float: Real {
    /// The kernels for an instruction set.
    fn kernels(level: Level) -> Kernels<Self>;
}

/// The kernels for one instruction set.
#[derive(Debug, Clone, Copy)]
pub struct Kernels<T> {
    /// Transposes up to a block of rows, minus the offset. Places without a row are filled with the
    /// last row.
    pub pack: fn(rows: &[&[T]], offset: &[T], packed: &mut [T]),
    /// Finds the nearest centre of each packed row; the lowest index of equally near ones.
    pub nearest: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// Like `nearest`; also finds the squared distance to the second nearest centre.
    pub nearest_and_bound: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// Like `nearest_and_bound`; also finds the index of the second nearest centre.
    pub nearest_two: fn(packed: &[T], panels: &Panels<T>, found: &mut Found<T>),
    /// Turns squared distances to the nearest and the second nearest centre into bounds of
    /// distances. `error` is the largest error of each, relative to the row's squared norm plus
    /// `largest_norm`.
    pub bounds: fn(found: &mut Found<T>, error: f64, largest_norm: f64),
    /// Updates bounds after the centres have moved. Also writes for each row how far its upper
    /// bound exceeds the largest value that proves its centre still the nearest.
    pub loosen: fn(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>),
    /// Squared distances of packed rows to centres, as sums of squared differences: those to the
    /// first centre, those to the second, and so on. Which pair of places two rows lie in makes no
    /// difference to the bits.
    pub differences: fn(packed: &[T], centers: &[&[T]], squared: &mut [T]),
    /// Squared distance of a row, minus the offset, to a centre.
    pub squared_distance: fn(row: &[T], offset: &[T], center: &[T]) -> T,
    /// Adds a row, minus the offset and times the weight, to sums.
    pub add: fn(row: &[T], offset: &[T], weight: f64, sums: &mut [f64]),
    /// Adds a row, minus the offset and times the weight, to exact sums in three bins: the sums of
    /// the first bin, those of the second, and those of the third. All instruction sets give the
    /// same bits.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub add_exactly:
        fn(row: &[T], offset: &[T], weight: f64, shifts: &[f64], ratio: f64, sums: &mut [f64]),
    /// Adds a row, minus the offset, to sums in three bins, none of which is rounded.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub add_numbers: fn(row: &[T], offset: &[T], shifts: &[f64], ratio: f64, sums: &mut [f64]),
    /// Adds the squares of a row, minus the offset, to sums in three bins, none of which is rounded.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub add_squares: fn(row: &[T], offset: &[T], shifts: &[f64], ratio: f64, sums: &mut [f64]),
    /// Raises each column's number to the absolute value of a row, minus the offset, if that is
    /// larger. NaN stays NaN.
    pub raise: fn(row: &[T], offset: &[T], most: &mut [T]),
    /// Moves a map's units towards row `x`, each by its share of the way. Returns the unit that is
    /// then nearest to row `next`; the first of equally near ones.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub follow: fn(units: &mut [T], shares: &[T], x: &[T], next: &[T]) -> usize,
    /// Computes what candidates for a new centre would change for packed rows.
    #[allow(clippy::type_complexity)] // A name for it would say less than its arguments do.
    pub nearer: fn(packed: &[T], candidates: &[T], before: &Before<'_, T>, after: &mut After),
}

/// A function compiled for certain instructions, as a pointer. [`Float::kernels`] gives it out only
/// where these instructions were detected.
macro_rules! compiled {
    ([$($features:literal)?], fn $name:ident($($arg:ident: $type:ty),*) $(-> $result:ty)? = $body:expr) => {{
        $(#[target_feature(enable = $features)])?
        fn $name($($arg: $type),*) $(-> $result)? {
            // SAFETY: this function is compiled for the vector's instructions, and the slices'
            // lengths are checked by what it calls.
            unsafe { $body($($arg),*) }
        }
        |$($arg: $type),*| {
            #[allow(unused_unsafe)] // The baseline needs none.
            // SAFETY: the level of this table proves that its instructions were detected.
            unsafe { $name($($arg),*) }
        }
    }};
}

macro_rules! table {
    ($features:tt, $scalar:ty, $lanes:ty, $r:literal) => {
        Kernels {
            pack: compiled!($features, fn pack_compiled(rows: &[&[$scalar]], offset: &[$scalar], packed: &mut [$scalar]) = pack::<$lanes>),
            nearest: compiled!($features, fn nearest_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, NOTHING>),
            nearest_and_bound: compiled!($features, fn nearest_and_bound_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, DISTANCE>),
            nearest_two: compiled!($features, fn nearest_two_compiled(packed: &[$scalar], panels: &Panels<$scalar>, found: &mut Found<$scalar>) = nearest::<$lanes, $r, INDEX>),
            bounds: compiled!($features, fn bounds_compiled(found: &mut Found<$scalar>, error: f64, largest_norm: f64) = bounds::<$lanes>),
            loosen: compiled!($features, fn loosen_compiled(labels: &[i32], moves: &[Moves], bounds: Bounds<'_>) = loosen),
            differences: compiled!($features, fn differences_compiled(packed: &[$scalar], centers: &[&[$scalar]], squared: &mut [$scalar]) = differences::<$lanes, $r>),
            squared_distance: compiled!($features, fn squared_distance_compiled(row: &[$scalar], offset: &[$scalar], center: &[$scalar]) -> $scalar = squared_distance::<$lanes>),
            add: compiled!($features, fn add_compiled(row: &[$scalar], offset: &[$scalar], weight: f64, sums: &mut [f64]) = add::<$lanes>),
            add_exactly: compiled!($features, fn add_exactly_compiled(row: &[$scalar], offset: &[$scalar], weight: f64, shifts: &[f64], ratio: f64, sums: &mut [f64]) = add_exactly::<$lanes>),
            add_numbers: compiled!($features, fn add_numbers_compiled(row: &[$scalar], offset: &[$scalar], shifts: &[f64], ratio: f64, sums: &mut [f64]) = add_numbers::<$lanes>),
            add_squares: compiled!($features, fn add_squares_compiled(row: &[$scalar], offset: &[$scalar], shifts: &[f64], ratio: f64, sums: &mut [f64]) = add_squares::<$lanes>),
            raise: compiled!($features, fn raise_compiled(row: &[$scalar], offset: &[$scalar], most: &mut [$scalar]) = raise::<$lanes>),
            follow: compiled!($features, fn follow_compiled(units: &mut [$scalar], shares: &[$scalar], x: &[$scalar], next: &[$scalar]) -> usize = follow::<$lanes>),
            nearer: compiled!($features, fn nearer_compiled(packed: &[$scalar], candidates: &[$scalar], before: &Before<'_, $scalar>, after: &mut After) = nearer::<$lanes, $r>),
        }
    };
}

macro_rules! float {
    ($scalar:ty, $n:literal, $avx2:ty, $avx512:ty) => {
        impl Float for $scalar {
            fn kernels(level: Level) -> Kernels<Self> {
                match level {
                    Level::Baseline => table!([], $scalar, [$scalar; $n], 1),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx2(_) => table!(["avx2,fma"], $scalar, $avx2, 1),
                    #[cfg(target_arch = "x86_64")]
                    Level::Avx512(_) => {
                        table!(
                            ["avx2,fma,avx512f,avx512bw,avx512dq,avx512vl"],
                            $scalar,
                            $avx512,
                            4
                        )
                    }
                }
            }
        }
    };
}

float!(f32, 16, x86::Avx2Single, x86::Avx512Single);
float!(f64, 8, x86::Avx2Double, x86::Avx512Double);
