//! Vectors of sixteen numbers, in the registers of each instruction set.

use super::doubles::{Doubles, Four};

/// Number of lanes of a `Vector`.
pub const LANES: usize = 16;

/// Sixteen single-precision numbers.
///
/// # Safety
/// Every method may be called only where the implementation's instructions were detected.
pub(super) trait Vector: Copy {
    /// Numbers in double precision, for the same instructions.
    type Doubles: Doubles;
    unsafe fn splat(value: f32) -> Self;
    unsafe fn load(values: &[f32; LANES]) -> Self;
    /// Loads at most [`LANES`] values; the lanes that are left get `fill`.
    unsafe fn load_part(values: &[f32], fill: f32) -> Self;
    unsafe fn store(self, values: &mut [f32; LANES]);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    unsafe fn div(self, other: Self) -> Self;
    /// `other` where it is larger, else `self`.
    unsafe fn max(self, other: Self) -> Self;
    /// `other` where it is smaller, else `self`.
    unsafe fn min(self, other: Self) -> Self;
    /// `yes` where `self` is at least `bound`, else `no`.
    unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self;
    /// Writes the lanes that are at most `bound` to the front of `kept`, in their order, and
    /// returns how many there are. The rest of `kept` has no meaning.
    unsafe fn keep_up_to(self, bound: Self, kept: &mut [f32; LANES]) -> usize;
    /// The binary exponent of positive normal numbers.
    unsafe fn exponent(self) -> Self;
    /// The mantissa, from 1 up to 2, of positive normal numbers.
    unsafe fn mantissa(self) -> Self;
    /// The sum of all lanes: halves are added to each other, then the halves of that, and so on.
    unsafe fn total(self) -> f32;
    /// The totals of four vectors, added up in the same order.
    unsafe fn totals(four: [Self; 4]) -> [f32; 4];
}

/// Number of values handled in one step: two vectors, so that the second does not wait for the
/// running sums of the first.
pub(super) const STEP: usize = 2 * LANES;

/// Values in steps. The last step is filled up.
pub(super) struct Steps<'a> {
    whole: &'a [[f32; STEP]],
    last: Option<[f32; STEP]>,
}

impl<'a> Steps<'a> {
    /// The caller is compiled for the vector's instructions.
    #[inline(always)]
    pub(super) unsafe fn new<V: Vector>(values: &'a [f32], fill: f32) -> Self {
        let (whole, rest) = values.as_chunks::<STEP>();
        let mut last = None;
        if !rest.is_empty() {
            let (first, second) = rest.split_at(rest.len().min(LANES));
            let mut halves = [[0.0; LANES]; 2];
            // SAFETY: the caller is compiled for the vector's instructions.
            unsafe {
                V::load_part(first, fill).store(&mut halves[0]);
                V::load_part(second, fill).store(&mut halves[1]);
            }
            last = halves.as_flattened().first_chunk().copied();
        }
        Self { whole, last }
    }

    #[inline(always)]
    pub(super) fn iter(&self) -> impl Iterator<Item = &[f32; STEP]> {
        self.whole.iter().chain(&self.last)
    }
}

/// The two vectors of a step.
#[inline(always)]
pub(super) unsafe fn load<V: Vector>(step: &[f32; STEP]) -> [V; 2] {
    let (halves, _) = step.as_chunks::<LANES>();
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe { [V::load(&halves[0]), V::load(&halves[1])] }
}

/// Mantissa in [1, 2) and exponent of a positive normal number.
#[inline(always)]
pub(super) fn split(x: f32) -> (f32, i32) {
    let bits = x.to_bits();
    let exponent = (bits >> 23).cast_signed() - 127;
    (f32::from_bits(bits & 0x007f_ffff | 0x3f80_0000), exponent)
}

/// The lanes as an array, which every target has.
pub(super) type Portable = [f32; LANES];

#[inline(always)]
fn lanewise(f: impl Fn(usize) -> f32) -> Portable {
    std::array::from_fn(f)
}

impl Vector for Portable {
    type Doubles = Four;
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self {
        [value; LANES]
    }
    #[inline(always)]
    unsafe fn load(values: &[f32; LANES]) -> Self {
        *values
    }
    #[inline(always)]
    unsafe fn load_part(values: &[f32], fill: f32) -> Self {
        let mut lanes = [fill; LANES];
        for (lane, value) in lanes.iter_mut().zip(values) {
            *lane = *value;
        }
        lanes
    }
    #[inline(always)]
    unsafe fn store(self, values: &mut [f32; LANES]) {
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
    unsafe fn div(self, other: Self) -> Self {
        lanewise(|l| self[l] / other[l])
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
    unsafe fn min(self, other: Self) -> Self {
        lanewise(|l| {
            if other[l] < self[l] {
                other[l]
            } else {
                self[l]
            }
        })
    }
    #[inline(always)]
    unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
        lanewise(|l| if self[l] >= bound[l] { yes[l] } else { no[l] })
    }
    #[inline(always)]
    unsafe fn keep_up_to(self, bound: Self, kept: &mut [f32; LANES]) -> usize {
        let mut n = 0;
        for l in 0..LANES {
            kept[n] = self[l];
            n += usize::from(self[l] <= bound[l]);
        }
        n
    }
    #[inline(always)]
    unsafe fn exponent(self) -> Self {
        lanewise(|l| split(self[l]).1 as f32)
    }
    #[inline(always)]
    unsafe fn mantissa(self) -> Self {
        lanewise(|l| split(self[l]).0)
    }
    #[inline(always)]
    unsafe fn total(self) -> f32 {
        let mut sums = self;
        let mut n = LANES;
        while n > 1 {
            n /= 2;
            for l in 0..n {
                sums[l] += sums[l + n];
            }
        }
        sums[0]
    }
    #[inline(always)]
    unsafe fn totals([a, b, c, d]: [Self; 4]) -> [f32; 4] {
        // SAFETY: arrays of floats need no special instructions.
        unsafe { [a.total(), b.total(), c.total(), d.total()] }
    }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    #[allow(clippy::wildcard_imports)] // Every line is an intrinsic.
    use std::arch::x86_64::*;

    use super::{LANES, Vector};
    use crate::simd::doubles::x86::Avx;

    /// The sum of four lanes; halves are added to each other first.
    #[inline(always)]
    unsafe fn total4(v: __m128) -> f32 {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let halves = _mm_add_ps(v, _mm_movehl_ps(v, v));
            _mm_cvtss_f32(_mm_add_ss(halves, _mm_shuffle_ps::<1>(halves, halves)))
        }
    }

    #[inline(always)]
    unsafe fn total8(v: __m256) -> f32 {
        // SAFETY: callers have AVX2.
        unsafe {
            total4(_mm_add_ps(
                _mm256_castps256_ps128(v),
                _mm256_extractf128_ps::<1>(v),
            ))
        }
    }

    #[inline(always)]
    unsafe fn exponent8(v: __m256) -> __m256 {
        // SAFETY: callers have AVX2.
        unsafe {
            let shifted = _mm256_srli_epi32::<23>(_mm256_castps_si256(v));
            _mm256_cvtepi32_ps(_mm256_sub_epi32(shifted, _mm256_set1_epi32(127)))
        }
    }

    #[inline(always)]
    unsafe fn mantissa8(v: __m256) -> __m256 {
        // SAFETY: callers have AVX2.
        unsafe {
            let kept = _mm256_and_si256(_mm256_castps_si256(v), _mm256_set1_epi32(0x007f_ffff));
            _mm256_castsi256_ps(_mm256_or_si256(kept, _mm256_set1_epi32(0x3f80_0000)))
        }
    }

    /// At most eight values; the lanes that are left get `fill`.
    #[inline(always)]
    unsafe fn load_part8(values: &[f32], fill: f32) -> __m256 {
        // SAFETY: callers have AVX2. Only lanes with a place below the number of values are loaded.
        unsafe {
            let places = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
            let kept = _mm256_cmpgt_epi32(
                _mm256_set1_epi32((values.len() as u32).cast_signed()),
                places,
            );
            let loaded = _mm256_maskload_ps(values.as_ptr(), kept);
            _mm256_blendv_ps(_mm256_set1_ps(fill), loaded, _mm256_castsi256_ps(kept))
        }
    }

    #[derive(Clone, Copy)]
    pub struct Avx2(__m256, __m256);

    #[rustfmt::skip]
    impl Vector for Avx2 {
        type Doubles = Avx;
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_set1_ps(value), _mm256_set1_ps(value)) }
        }
        #[inline(always)]
        unsafe fn load(values: &[f32; LANES]) -> Self {
            let values = values.as_ptr();
            // SAFETY: by the trait's contract AVX2 was detected, and `values` has sixteen numbers.
            unsafe { Self(_mm256_loadu_ps(values), _mm256_loadu_ps(values.add(8))) }
        }
        #[inline(always)]
        unsafe fn load_part(values: &[f32], fill: f32) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe {
                let (low, high) = values.split_at(values.len().min(8));
                Self(load_part8(low, fill), load_part8(high, fill))
            }
        }
        #[inline(always)]
        unsafe fn store(self, values: &mut [f32; LANES]) {
            let values = values.as_mut_ptr();
            // SAFETY: by the trait's contract AVX2 was detected, and there is room for sixteen numbers.
            unsafe { _mm256_storeu_ps(values, self.0); _mm256_storeu_ps(values.add(8), self.1); }
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_add_ps(self.0, o.0), _mm256_add_ps(self.1, o.1)) }
        }
        #[inline(always)]
        unsafe fn sub(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_sub_ps(self.0, o.0), _mm256_sub_ps(self.1, o.1)) }
        }
        #[inline(always)]
        unsafe fn mul(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_mul_ps(self.0, o.0), _mm256_mul_ps(self.1, o.1)) }
        }
        #[inline(always)]
        unsafe fn div(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_div_ps(self.0, o.0), _mm256_div_ps(self.1, o.1)) }
        }
        // If neither operand is larger, or one is NaN, these instructions give the second operand.
        #[inline(always)]
        unsafe fn max(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_max_ps(o.0, self.0), _mm256_max_ps(o.1, self.1)) }
        }
        #[inline(always)]
        unsafe fn min(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(_mm256_min_ps(o.0, self.0), _mm256_min_ps(o.1, self.1)) }
        }
        #[inline(always)]
        unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe {
                Self(
                    _mm256_blendv_ps(no.0, yes.0, _mm256_cmp_ps::<_CMP_GE_OQ>(self.0, bound.0)),
                    _mm256_blendv_ps(no.1, yes.1, _mm256_cmp_ps::<_CMP_GE_OQ>(self.1, bound.1)),
                )
            }
        }
        #[inline(always)]
        unsafe fn keep_up_to(self, bound: Self, kept: &mut [f32; LANES]) -> usize {
            let mut lanes = [0.0; LANES];
            // SAFETY: by the trait's contract AVX2 was detected, and there is room for sixteen numbers.
            let mut mask = unsafe {
                self.store(&mut lanes);
                let low = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(self.0, bound.0));
                low | _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_LE_OQ>(self.1, bound.1)) << 8
            };
            let mut n = 0;
            while mask != 0 {
                kept[n] = lanes[mask.trailing_zeros() as usize];
                mask &= mask - 1;
                n += 1;
            }
            n
        }
        #[inline(always)]
        unsafe fn exponent(self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(exponent8(self.0), exponent8(self.1)) }
        }
        #[inline(always)]
        unsafe fn mantissa(self) -> Self {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { Self(mantissa8(self.0), mantissa8(self.1)) }
        }
        #[inline(always)]
        unsafe fn total(self) -> f32 {
            // SAFETY: by the trait's contract AVX2 was detected.
            unsafe { total8(_mm256_add_ps(self.0, self.1)) }
        }
        #[inline(always)]
        unsafe fn totals([a, b, c, d]: [Self; 4]) -> [f32; 4] {
            let mut lanes = [0.0; 8];
            // SAFETY: by the trait's contract AVX2 was detected, and there is room for eight numbers.
            unsafe {
                let (a, b) = (_mm256_add_ps(a.0, a.1), _mm256_add_ps(b.0, b.1));
                let (c, d) = (_mm256_add_ps(c.0, c.1), _mm256_add_ps(d.0, d.1));
                let ab = _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(a, b), _mm256_permute2f128_ps::<0x31>(a, b));
                let cd = _mm256_add_ps(_mm256_permute2f128_ps::<0x20>(c, d), _mm256_permute2f128_ps::<0x31>(c, d));
                let pairs = _mm256_add_ps(_mm256_shuffle_ps::<0x44>(ab, cd), _mm256_shuffle_ps::<0xee>(ab, cd));
                let sums = _mm256_add_ps(_mm256_permute_ps::<0x88>(pairs), _mm256_permute_ps::<0xdd>(pairs));
                _mm256_storeu_ps(lanes.as_mut_ptr(), sums);
            }
            [lanes[0], lanes[4], lanes[1], lanes[5]]
        }
    }

    #[derive(Clone, Copy)]
    pub struct Avx512(__m512);

    #[rustfmt::skip]
    impl Vector for Avx512 {
        type Doubles = Avx;
        #[inline(always)]
        unsafe fn splat(value: f32) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_set1_ps(value)) }
        }
        #[inline(always)]
        unsafe fn load(values: &[f32; LANES]) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected, and `values` has sixteen numbers.
            unsafe { Self(_mm512_loadu_ps(values.as_ptr())) }
        }
        #[inline(always)]
        unsafe fn load_part(values: &[f32], fill: f32) -> Self {
            let kept = ((1_u32 << values.len().min(LANES)) - 1) as u16;
            // SAFETY: by the trait's contract AVX-512 was detected. Only lanes with a place below the number of
            // values are loaded.
            unsafe { Self(_mm512_mask_loadu_ps(_mm512_set1_ps(fill), kept, values.as_ptr())) }
        }
        #[inline(always)]
        unsafe fn store(self, values: &mut [f32; LANES]) {
            // SAFETY: by the trait's contract AVX-512 was detected, and there is room for sixteen numbers.
            unsafe { _mm512_storeu_ps(values.as_mut_ptr(), self.0) }
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_add_ps(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn sub(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_sub_ps(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn mul(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_mul_ps(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn div(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_div_ps(self.0, o.0)) }
        }
        #[inline(always)]
        unsafe fn max(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_max_ps(o.0, self.0)) }
        }
        #[inline(always)]
        unsafe fn min(self, o: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_min_ps(o.0, self.0)) }
        }
        #[inline(always)]
        unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_mask_blend_ps(_mm512_cmp_ps_mask::<_CMP_GE_OQ>(self.0, bound.0), no.0, yes.0)) }
        }
        #[inline(always)]
        unsafe fn keep_up_to(self, bound: Self, kept: &mut [f32; LANES]) -> usize {
            // SAFETY: by the trait's contract AVX-512 was detected, and there is room for sixteen numbers.
            unsafe {
                let mask = _mm512_cmp_ps_mask::<_CMP_LE_OQ>(self.0, bound.0);
                _mm512_storeu_ps(kept.as_mut_ptr(), _mm512_maskz_compress_ps(mask, self.0));
                mask.count_ones() as usize
            }
        }
        #[inline(always)]
        unsafe fn exponent(self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_getexp_ps(self.0)) }
        }
        #[inline(always)]
        unsafe fn mantissa(self) -> Self {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { Self(_mm512_getmant_ps::<_MM_MANT_NORM_1_2, _MM_MANT_SIGN_SRC>(self.0)) }
        }
        #[inline(always)]
        unsafe fn total(self) -> f32 {
            // SAFETY: by the trait's contract AVX-512 was detected.
            unsafe { total8(_mm256_add_ps(_mm512_castps512_ps256(self.0), _mm512_extractf32x8_ps::<1>(self.0))) }
        }
        #[inline(always)]
        unsafe fn totals([a, b, c, d]: [Self; 4]) -> [f32; 4] {
            let mut sums = [0.0; 4];
            // SAFETY: by the trait's contract AVX-512 was detected, and there is room for four numbers.
            unsafe {
                let (a, b, c, d) = (a.0, b.0, c.0, d.0);
                let ab = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(a, b), _mm512_shuffle_f32x4::<0xee>(a, b));
                let cd = _mm512_add_ps(_mm512_shuffle_f32x4::<0x44>(c, d), _mm512_shuffle_f32x4::<0xee>(c, d));
                let all = _mm512_add_ps(_mm512_shuffle_f32x4::<0x88>(ab, cd), _mm512_shuffle_f32x4::<0xdd>(ab, cd));
                let pairs = _mm512_add_ps(all, _mm512_permute_ps::<0xee>(all));
                let totals = _mm512_add_ps(pairs, _mm512_permute_ps::<0x55>(pairs));
                let first = _mm512_maskz_compress_ps(0x1111, totals);
                _mm_storeu_ps(sums.as_mut_ptr(), _mm512_castps512_ps128(first));
            }
            sums
        }
    }
}
