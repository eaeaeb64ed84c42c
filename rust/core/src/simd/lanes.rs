//! Sixteen numbers of either precision at a time.

use super::vector::{LANES, Vector};

/// Sixteen numbers of either precision.
///
/// # Safety
/// As for [`Vector`].
pub(super) trait Lanes: Copy {
    type Scalar: Copy + PartialOrd + Default;
    const FARTHEST: Self::Scalar;
    unsafe fn splat(value: Self::Scalar) -> Self;
    unsafe fn load(values: &[Self::Scalar; LANES]) -> Self;
    unsafe fn store(self, values: &mut [Self::Scalar; LANES]);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    unsafe fn mul(self, other: Self) -> Self;
    /// `other` where it is smaller, else `self`.
    unsafe fn min(self, other: Self) -> Self;
    /// `yes` where `self` is at least `bound`, else `no`.
    unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self;
    /// A whole number, up to 2^24, as one of a vector's.
    fn index(group: u32) -> Self::Scalar;
    fn group(index: Self::Scalar) -> usize;
}

// SAFETY of all: callers are compiled for the vector's instructions.
#[rustfmt::skip]
impl<V: Vector> Lanes for V {
    type Scalar = f32;
    const FARTHEST: f32 = f32::INFINITY;
    #[inline(always)]
    unsafe fn splat(value: f32) -> Self { unsafe { <V as Vector>::splat(value) } }
    #[inline(always)]
    unsafe fn load(values: &[f32; LANES]) -> Self { unsafe { <V as Vector>::load(values) } }
    #[inline(always)]
    unsafe fn store(self, values: &mut [f32; LANES]) { unsafe { Vector::store(self, values) } }
    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self { unsafe { Vector::add(self, other) } }
    #[inline(always)]
    unsafe fn sub(self, other: Self) -> Self { unsafe { Vector::sub(self, other) } }
    #[inline(always)]
    unsafe fn mul(self, other: Self) -> Self { unsafe { Vector::mul(self, other) } }
    #[inline(always)]
    unsafe fn min(self, other: Self) -> Self { unsafe { Vector::min(self, other) } }
    #[inline(always)]
    unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
        unsafe { Vector::if_at_least(self, bound, yes, no) }
    }
    #[inline(always)]
    fn index(group: u32) -> f32 { group as f32 }
    #[inline(always)]
    fn group(index: f32) -> usize { index as usize }
}

/// Sixteen double-precision numbers as an array, which every target has.
#[derive(Clone, Copy)]
pub struct PortableDouble([f64; LANES]);

#[inline(always)]
fn lanewise(f: impl Fn(usize) -> f64) -> PortableDouble {
    PortableDouble(std::array::from_fn(f))
}

#[rustfmt::skip]
impl Lanes for PortableDouble {
    type Scalar = f64;
    const FARTHEST: f64 = f64::INFINITY;
    #[inline(always)]
    unsafe fn splat(value: f64) -> Self { Self([value; LANES]) }
    #[inline(always)]
    unsafe fn load(values: &[f64; LANES]) -> Self { Self(*values) }
    #[inline(always)]
    unsafe fn store(self, values: &mut [f64; LANES]) { *values = self.0; }
    #[inline(always)]
    unsafe fn add(self, o: Self) -> Self { lanewise(|l| self.0[l] + o.0[l]) }
    #[inline(always)]
    unsafe fn sub(self, o: Self) -> Self { lanewise(|l| self.0[l] - o.0[l]) }
    #[inline(always)]
    unsafe fn mul(self, o: Self) -> Self { lanewise(|l| self.0[l] * o.0[l]) }
    #[inline(always)]
    unsafe fn min(self, o: Self) -> Self {
        lanewise(|l| if o.0[l] < self.0[l] { o.0[l] } else { self.0[l] })
    }
    #[inline(always)]
    unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
        lanewise(|l| if self.0[l] >= bound.0[l] { yes.0[l] } else { no.0[l] })
    }
    #[inline(always)]
    fn index(group: u32) -> f64 { f64::from(group) }
    #[inline(always)]
    fn group(index: f64) -> usize { index as usize }
}

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    #[allow(clippy::wildcard_imports)] // Every line is an intrinsic.
    use std::arch::x86_64::*;

    use super::{LANES, Lanes};

    #[derive(Clone, Copy)]
    pub struct Avx2Double(__m256d, __m256d, __m256d, __m256d);

    #[rustfmt::skip]
    impl Lanes for Avx2Double {
        type Scalar = f64;
        const FARTHEST: f64 = f64::INFINITY;
        #[inline(always)]
        unsafe fn splat(value: f64) -> Self { unsafe { let v = _mm256_set1_pd(value); Self(v, v, v, v) } }
        #[inline(always)]
        unsafe fn load(values: &[f64; LANES]) -> Self {
            let values = values.as_ptr();
            unsafe { Self(_mm256_loadu_pd(values), _mm256_loadu_pd(values.add(4)), _mm256_loadu_pd(values.add(8)), _mm256_loadu_pd(values.add(12))) }
        }
        #[inline(always)]
        unsafe fn store(self, values: &mut [f64; LANES]) {
            let values = values.as_mut_ptr();
            unsafe {
                _mm256_storeu_pd(values, self.0);
                _mm256_storeu_pd(values.add(4), self.1);
                _mm256_storeu_pd(values.add(8), self.2);
                _mm256_storeu_pd(values.add(12), self.3);
            }
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            unsafe { Self(_mm256_add_pd(self.0, o.0), _mm256_add_pd(self.1, o.1), _mm256_add_pd(self.2, o.2), _mm256_add_pd(self.3, o.3)) }
        }
        #[inline(always)]
        unsafe fn sub(self, o: Self) -> Self {
            unsafe { Self(_mm256_sub_pd(self.0, o.0), _mm256_sub_pd(self.1, o.1), _mm256_sub_pd(self.2, o.2), _mm256_sub_pd(self.3, o.3)) }
        }
        #[inline(always)]
        unsafe fn mul(self, o: Self) -> Self {
            unsafe { Self(_mm256_mul_pd(self.0, o.0), _mm256_mul_pd(self.1, o.1), _mm256_mul_pd(self.2, o.2), _mm256_mul_pd(self.3, o.3)) }
        }
        // The instruction gives its second operand where neither is smaller.
        #[inline(always)]
        unsafe fn min(self, o: Self) -> Self {
            unsafe { Self(_mm256_min_pd(o.0, self.0), _mm256_min_pd(o.1, self.1), _mm256_min_pd(o.2, self.2), _mm256_min_pd(o.3, self.3)) }
        }
        #[inline(always)]
        unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
            unsafe {
                Self(
                    _mm256_blendv_pd(no.0, yes.0, _mm256_cmp_pd::<_CMP_GE_OQ>(self.0, bound.0)),
                    _mm256_blendv_pd(no.1, yes.1, _mm256_cmp_pd::<_CMP_GE_OQ>(self.1, bound.1)),
                    _mm256_blendv_pd(no.2, yes.2, _mm256_cmp_pd::<_CMP_GE_OQ>(self.2, bound.2)),
                    _mm256_blendv_pd(no.3, yes.3, _mm256_cmp_pd::<_CMP_GE_OQ>(self.3, bound.3)),
                )
            }
        }
        #[inline(always)]
        fn index(group: u32) -> f64 { f64::from(group) }
        #[inline(always)]
        fn group(index: f64) -> usize { index as usize }
    }

    #[derive(Clone, Copy)]
    pub struct Avx512Double(__m512d, __m512d);

    #[rustfmt::skip]
    impl Lanes for Avx512Double {
        type Scalar = f64;
        const FARTHEST: f64 = f64::INFINITY;
        #[inline(always)]
        unsafe fn splat(value: f64) -> Self { unsafe { let v = _mm512_set1_pd(value); Self(v, v) } }
        #[inline(always)]
        unsafe fn load(values: &[f64; LANES]) -> Self {
            let values = values.as_ptr();
            unsafe { Self(_mm512_loadu_pd(values), _mm512_loadu_pd(values.add(8))) }
        }
        #[inline(always)]
        unsafe fn store(self, values: &mut [f64; LANES]) {
            let values = values.as_mut_ptr();
            unsafe {
                _mm512_storeu_pd(values, self.0);
                _mm512_storeu_pd(values.add(8), self.1);
            }
        }
        #[inline(always)]
        unsafe fn add(self, o: Self) -> Self {
            unsafe { Self(_mm512_add_pd(self.0, o.0), _mm512_add_pd(self.1, o.1)) }
        }
        #[inline(always)]
        unsafe fn sub(self, o: Self) -> Self {
            unsafe { Self(_mm512_sub_pd(self.0, o.0), _mm512_sub_pd(self.1, o.1)) }
        }
        #[inline(always)]
        unsafe fn mul(self, o: Self) -> Self {
            unsafe { Self(_mm512_mul_pd(self.0, o.0), _mm512_mul_pd(self.1, o.1)) }
        }
        // The instruction gives its second operand where neither is smaller.
        #[inline(always)]
        unsafe fn min(self, o: Self) -> Self {
            unsafe { Self(_mm512_min_pd(o.0, self.0), _mm512_min_pd(o.1, self.1)) }
        }
        #[inline(always)]
        unsafe fn if_at_least(self, bound: Self, yes: Self, no: Self) -> Self {
            unsafe {
                Self(
                    _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_GE_OQ>(self.0, bound.0), no.0, yes.0),
                    _mm512_mask_blend_pd(_mm512_cmp_pd_mask::<_CMP_GE_OQ>(self.1, bound.1), no.1, yes.1),
                )
            }
        }
        #[inline(always)]
        fn index(group: u32) -> f64 { f64::from(group) }
        #[inline(always)]
        fn group(index: f64) -> usize { index as usize }
    }
}
