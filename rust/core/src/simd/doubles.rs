//! Vectors of four numbers in double precision, in the registers of each instruction set.

/// Number of lanes of [`Doubles`].
pub(super) const WIDE_LANES: usize = 4;

/// The lanes of [`Doubles`] in memory.
pub(super) type Four = [f64; WIDE_LANES];

/// Four double-precision numbers.
///
/// # Safety
/// Every method may be called only where the implementation's instructions were detected.
pub(super) trait Doubles: Copy {
    unsafe fn splat(value: f64) -> Self;
    unsafe fn load(values: &Four) -> Self;
    unsafe fn store(self, values: &mut Four);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    /// The lanes in the opposite order.
    unsafe fn reversed(self) -> Self;
    /// The first lane of `next`, then the last three lanes in the opposite order.
    unsafe fn mirrored(self, next: Self) -> Self;
    /// The rows of a square whose columns are the four vectors.
    unsafe fn transposed(columns: [Self; 4]) -> [Self; 4];
    /// The values with even indices, and those with odd ones.
    unsafe fn parted(values: &[f32; 2 * WIDE_LANES]) -> [Self; 2];
    /// Does the same as [`Doubles::parted`] for values in double precision.
    unsafe fn parted_wide(values: &[f64; 2 * WIDE_LANES]) -> [Self; 2];
    /// `other` where it is larger, else `self`.
    unsafe fn max(self, other: Self) -> Self;
    /// Stores the numbers that are nearest in single precision, and the square roots of these.
    unsafe fn store_single(self, values: &mut [f32; WIDE_LANES], roots: &mut [f32; WIDE_LANES]);
}

/// A sample of either precision.
pub(super) trait Parted: Copy {
    /// The samples with even indices, and those with odd ones.
    unsafe fn parted<D: Doubles>(samples: &[Self; 2 * WIDE_LANES]) -> [D; 2];
}

impl Parted for f32 {
    #[inline(always)]
    unsafe fn parted<D: Doubles>(samples: &[Self; 2 * WIDE_LANES]) -> [D; 2] {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe { D::parted(samples) }
    }
}

impl Parted for f64 {
    #[inline(always)]
    unsafe fn parted<D: Doubles>(samples: &[Self; 2 * WIDE_LANES]) -> [D; 2] {
        // SAFETY: the caller is compiled for the vector's instructions.
        unsafe { D::parted_wide(samples) }
    }
}

#[inline(always)]
fn lanewise(f: impl Fn(usize) -> f64) -> Four {
    std::array::from_fn(f)
}

/// The lanes as an array, which every target has.
impl Doubles for Four {
    #[inline(always)]
    unsafe fn splat(value: f64) -> Self {
        [value; WIDE_LANES]
    }
    #[inline(always)]
    unsafe fn load(values: &Four) -> Self {
        *values
    }
    #[inline(always)]
    unsafe fn store(self, values: &mut Four) {
        *values = self;
    }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        lanewise(|l| self[l] + other[l])
    }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self {
        lanewise(|l| self[l] - other[l])
    }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self {
        lanewise(|l| self[l] * other[l])
    }
    #[inline(always)]
    unsafe fn reversed(self) -> Self {
        lanewise(|l| self[WIDE_LANES - 1 - l])
    }
    #[inline(always)]
    unsafe fn mirrored(self, next: Self) -> Self {
        [next[0], self[3], self[2], self[1]]
    }
    #[inline(always)]
    unsafe fn transposed(columns: [Self; 4]) -> [Self; 4] {
        std::array::from_fn(|row| lanewise(|l| columns[l][row]))
    }
    #[inline(always)]
    unsafe fn parted(values: &[f32; 2 * WIDE_LANES]) -> [Self; 2] {
        std::array::from_fn(|part| lanewise(|l| f64::from(values[2 * l + part])))
    }
    #[inline(always)]
    unsafe fn parted_wide(values: &[f64; 2 * WIDE_LANES]) -> [Self; 2] {
        std::array::from_fn(|part| lanewise(|l| values[2 * l + part]))
    }
    #[inline(always)]
    unsafe fn max(self, other: Self) -> Self {
        lanewise(|l| {
            if other[l] > self[l] {
                other[l]
            } else {
                self[l]
            }
        })
    }
    #[inline(always)]
    unsafe fn store_single(self, values: &mut [f32; WIDE_LANES], roots: &mut [f32; WIDE_LANES]) {
        *values = std::array::from_fn(|l| self[l] as f32);
        *roots = values.map(f32::sqrt);
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    #[allow(clippy::wildcard_imports)] // Every line is an intrinsic.
    use std::arch::x86_64::*;

    use super::{Doubles, Four, WIDE_LANES};

    /// One register of AVX2. AVX-512 uses it as well: many processors take as long for twice as
    /// many lanes, and passes of an FFT with fewer lanes need no shuffles.
    #[derive(Clone, Copy)]
    pub struct Avx(__m256d);

    #[rustfmt::skip]
    impl Doubles for Avx {
        #[inline(always)]
        unsafe fn splat(value: f64) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_set1_pd(value)) }
        }
        #[inline(always)]
        unsafe fn load(values: &Four) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected, and `values` has four numbers.
            unsafe { Self(_mm256_loadu_pd(values.as_ptr())) }
        }
        #[inline(always)]
        unsafe fn store(self, values: &mut Four) {
            // SAFETY: by the trait's contract AVX2 was detected, and there is room for four numbers.
            unsafe { _mm256_storeu_pd(values.as_mut_ptr(), self.0) }
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_add_pd(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_sub_pd(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn mul(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_mul_pd(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn reversed(self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_permute4x64_pd::<0b00_01_10_11>(self.0)) }
        }
        #[inline(always)]
        unsafe fn mirrored(self, next: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe {
                let turned = _mm256_permute4x64_pd::<0b01_10_11_00>(self.0);
                Self(_mm256_blend_pd::<0b0001>(turned, next.0))
            }
        }
        #[inline(always)]
        unsafe fn transposed([a, b, c, d]: [Self; 4]) -> [Self; 4] {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe {
                let (low, high) = (_mm256_unpacklo_pd(a.0, b.0), _mm256_unpackhi_pd(a.0, b.0));
                let (other_low, other_high) = (_mm256_unpacklo_pd(c.0, d.0), _mm256_unpackhi_pd(c.0, d.0));
                [
                    Self(_mm256_permute2f128_pd::<0x20>(low, other_low)),
                    Self(_mm256_permute2f128_pd::<0x20>(high, other_high)),
                    Self(_mm256_permute2f128_pd::<0x31>(low, other_low)),
                    Self(_mm256_permute2f128_pd::<0x31>(high, other_high)),
                ]
            }
        }
        #[inline(always)]
        unsafe fn parted(values: &[f32; 2 * WIDE_LANES]) -> [Self; 2] {
            let values = values.as_ptr();
            // SAFETY: by the trait's contract AVX2 was detected, and `values` has eight numbers.
            unsafe {
                let (a, b) = (_mm_loadu_ps(values), _mm_loadu_ps(values.add(4)));
                [
                    Self(_mm256_cvtps_pd(_mm_shuffle_ps::<0b10_00_10_00>(a, b))),
                    Self(_mm256_cvtps_pd(_mm_shuffle_ps::<0b11_01_11_01>(a, b))),
                ]
            }
        }
        #[inline(always)]
        unsafe fn parted_wide(values: &[f64; 2 * WIDE_LANES]) -> [Self; 2] {
            let values = values.as_ptr();
            // SAFETY: by the trait's contract AVX2 was detected, and `values` has eight numbers.
            unsafe {
                let (a, b) = (_mm256_loadu_pd(values), _mm256_loadu_pd(values.add(4)));
                let (even, odd) = (_mm256_unpacklo_pd(a, b), _mm256_unpackhi_pd(a, b));
                [
                    Self(_mm256_permute4x64_pd::<0b11_01_10_00>(even)),
                    Self(_mm256_permute4x64_pd::<0b11_01_10_00>(odd)),
                ]
            }
        }
        #[inline(always)]
        unsafe fn max(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_max_pd(o.0, self.0)) }
        }
        #[inline(always)]
        unsafe fn store_single(self, values: &mut [f32; WIDE_LANES], roots: &mut [f32; WIDE_LANES]) {
            // SAFETY: by the trait's contract AVX2 was detected, and there is room for four numbers.
            unsafe {
                let single = _mm256_cvtpd_ps(self.0);
                _mm_storeu_ps(values.as_mut_ptr(), single);
                _mm_storeu_ps(roots.as_mut_ptr(), _mm_sqrt_ps(single));
            }
        }
    }
}
