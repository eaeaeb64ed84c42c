//! Vectors of either precision, for distances between rows and centres.

use super::real::Real;

/// A vector of sixteen single-precision or eight double-precision numbers.
///
/// # Safety
/// Every method may be called only where the implementation's instructions were detected, and
/// with pointers to as many numbers as it reads or writes.
pub(super) trait Lanes: Copy {
    type Scalar: Copy;
    const N: usize;

    unsafe fn splat(value: Self::Scalar) -> Self;
    unsafe fn load(from: *const Self::Scalar) -> Self;
    unsafe fn store(self, to: *mut Self::Scalar);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn sub(self, other: Self) -> Self;
    /// `self * factor + addend`, fused if the instruction set can do that.
    unsafe fn mul_add(self, factor: Self, addend: Self) -> Self;
    unsafe fn min(self, other: Self) -> Self;
    unsafe fn max(self, other: Self) -> Self;
    /// `yes` where `self` is less than `bound`, else `no`.
    unsafe fn if_less(self, bound: Self, yes: Self, no: Self) -> Self;
    /// Writes four numbers of each of four rows, minus those of `offset`, as four columns that are
    /// `stride` numbers apart.
    unsafe fn transpose(
        rows: [*const Self::Scalar; 4],
        offset: *const Self::Scalar,
        to: *mut Self::Scalar,
        stride: usize,
    );
}

/// The sum of all lanes, added in a fixed order.
#[inline(always)]
pub(super) unsafe fn total<L: Lanes>(lanes: L) -> f64
where
    L::Scalar: Real,
{
    let mut values = [L::Scalar::default(); 16];
    // SAFETY: no vector has more than sixteen lanes.
    unsafe { lanes.store(values.as_mut_ptr()) };
    let mut sums = values.map(Into::into);
    let mut n = L::N;
    while n > 1 {
        n /= 2;
        for l in 0..n {
            sums[l] += sums[l + n];
        }
    }
    sums[0]
}

macro_rules! portable {
    ($scalar:ty, $n:literal) => {
        impl Lanes for [$scalar; $n] {
            type Scalar = $scalar;
            const N: usize = $n;

            #[inline(always)]
            unsafe fn splat(value: $scalar) -> Self {
                [value; $n]
            }
            #[inline(always)]
            unsafe fn load(from: *const $scalar) -> Self {
                // SAFETY: by the trait's contract, `from` has as many numbers.
                unsafe { from.cast::<Self>().read() }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $scalar) {
                // SAFETY: by the trait's contract, `to` has room for as many numbers.
                unsafe { to.cast::<Self>().write(self) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                std::array::from_fn(|l| self[l] + other[l])
            }
            #[inline(always)]
            unsafe fn sub(self, other: Self) -> Self {
                std::array::from_fn(|l| self[l] - other[l])
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, addend: Self) -> Self {
                // Not fused: without the instruction, the fused function is slow.
                std::array::from_fn(|l| self[l] * factor[l] + addend[l])
            }
            #[inline(always)]
            unsafe fn min(self, other: Self) -> Self {
                std::array::from_fn(|l| {
                    if other[l] < self[l] {
                        other[l]
                    } else {
                        self[l]
                    }
                })
            }
            #[inline(always)]
            unsafe fn max(self, other: Self) -> Self {
                std::array::from_fn(|l| {
                    if other[l] > self[l] {
                        other[l]
                    } else {
                        self[l]
                    }
                })
            }
            #[inline(always)]
            unsafe fn if_less(self, bound: Self, yes: Self, no: Self) -> Self {
                std::array::from_fn(|l| if self[l] < bound[l] { yes[l] } else { no[l] })
            }
            #[inline(always)]
            unsafe fn transpose(
                rows: [*const $scalar; 4],
                offset: *const $scalar,
                to: *mut $scalar,
                stride: usize,
            ) {
                for j in 0..4 {
                    for (r, row) in rows.iter().enumerate() {
                        // SAFETY: by the trait's contract, each pointer has as many numbers.
                        unsafe { *to.add(j * stride + r) = *row.add(j) - *offset.add(j) };
                    }
                }
            }
        }
    };
}

portable!(f32, 16);
portable!(f64, 8);

#[cfg(target_arch = "x86_64")]
pub(super) mod x86 {
    #[allow(clippy::wildcard_imports)] // Every line is an intrinsic.
    use std::arch::x86_64::*;

    use super::Lanes;

    #[inline(always)]
    unsafe fn transpose_single(
        rows: [*const f32; 4],
        offset: *const f32,
        to: *mut f32,
        stride: usize,
    ) {
        // SAFETY: callers have AVX, and their pointers have as many numbers.
        unsafe {
            let offset = _mm_loadu_ps(offset);
            let [a, b, c, d] = rows.map(|row| _mm_sub_ps(_mm_loadu_ps(row), offset));
            let (ab, cd) = (_mm_unpacklo_ps(a, b), _mm_unpacklo_ps(c, d));
            _mm_storeu_ps(to, _mm_movelh_ps(ab, cd));
            _mm_storeu_ps(to.add(stride), _mm_movehl_ps(cd, ab));
            let (ab, cd) = (_mm_unpackhi_ps(a, b), _mm_unpackhi_ps(c, d));
            _mm_storeu_ps(to.add(2 * stride), _mm_movelh_ps(ab, cd));
            _mm_storeu_ps(to.add(3 * stride), _mm_movehl_ps(cd, ab));
        }
    }

    #[inline(always)]
    unsafe fn transpose_double(
        rows: [*const f64; 4],
        offset: *const f64,
        to: *mut f64,
        stride: usize,
    ) {
        // SAFETY: callers have AVX, and their pointers have as many numbers.
        unsafe {
            let offset = _mm256_loadu_pd(offset);
            let [a, b, c, d] = rows.map(|row| _mm256_sub_pd(_mm256_loadu_pd(row), offset));
            let (ab, cd) = (_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d));
            _mm256_storeu_pd(to, _mm256_permute2f128_pd::<0x20>(ab, cd));
            _mm256_storeu_pd(to.add(2 * stride), _mm256_permute2f128_pd::<0x31>(ab, cd));
            let (ab, cd) = (_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d));
            _mm256_storeu_pd(to.add(stride), _mm256_permute2f128_pd::<0x20>(ab, cd));
            _mm256_storeu_pd(to.add(3 * stride), _mm256_permute2f128_pd::<0x31>(ab, cd));
        }
    }

    macro_rules! avx2 {
        ($name:ident, $scalar:ty, $register:ty, $n:literal, $half:literal, $transpose:ident,
         $set1:ident $load:ident $store:ident $add:ident $sub:ident $fma:ident
         $min:ident $max:ident $cmp:ident $blend:ident) => {
            #[derive(Clone, Copy)]
            pub struct $name($register, $register);

            #[rustfmt::skip]
            impl Lanes for $name {
                type Scalar = $scalar;
                const N: usize = $n;

                #[inline(always)]
                unsafe fn splat(value: $scalar) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($set1(value), $set1(value)) }
                }
                #[inline(always)]
                unsafe fn load(from: *const $scalar) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected, and `from` has as many numbers.
                    unsafe { Self($load(from), $load(from.add($half))) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut $scalar) {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected, and `to` has room for as many numbers.
                    unsafe { $store(to, self.0); $store(to.add($half), self.1); }
                }
                #[inline(always)]
                unsafe fn add(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($add(self.0, o.0), $add(self.1, o.1)) }
                }
                #[inline(always)]
                unsafe fn sub(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($sub(self.0, o.0), $sub(self.1, o.1)) }
                }
                #[inline(always)]
                unsafe fn mul_add(self, f: Self, a: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($fma(self.0, f.0, a.0), $fma(self.1, f.1, a.1)) }
                }
                #[inline(always)]
                unsafe fn min(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($min(self.0, o.0), $min(self.1, o.1)) }
                }
                #[inline(always)]
                unsafe fn max(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe { Self($max(self.0, o.0), $max(self.1, o.1)) }
                }
                #[inline(always)]
                unsafe fn if_less(self, bound: Self, yes: Self, no: Self) -> Self {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    unsafe {
                        Self(
                            $blend(no.0, yes.0, $cmp::<_CMP_LT_OQ>(self.0, bound.0)),
                            $blend(no.1, yes.1, $cmp::<_CMP_LT_OQ>(self.1, bound.1)),
                        )
                    }
                }
                #[inline(always)]
                unsafe fn transpose(rows: [*const $scalar; 4], offset: *const $scalar, to: *mut $scalar, stride: usize) {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected, and each pointer has as many numbers.
                    unsafe { $transpose(rows, offset, to, stride) }
                }
            }
        };
    }

    avx2!(Avx2Single, f32, __m256, 16, 8, transpose_single,
        _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_sub_ps
        _mm256_fmadd_ps _mm256_min_ps _mm256_max_ps _mm256_cmp_ps _mm256_blendv_ps);
    avx2!(Avx2Double, f64, __m256d, 8, 4, transpose_double,
        _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_sub_pd
        _mm256_fmadd_pd _mm256_min_pd _mm256_max_pd _mm256_cmp_pd _mm256_blendv_pd);

    macro_rules! avx512 {
        ($name:ident, $scalar:ty, $register:ty, $n:literal, $transpose:ident,
         $set1:ident $load:ident $store:ident $add:ident $sub:ident $fma:ident
         $min:ident $max:ident $cmp:ident $blend:ident) => {
            #[derive(Clone, Copy)]
            pub struct $name($register);

            #[rustfmt::skip]
            impl Lanes for $name {
                type Scalar = $scalar;
                const N: usize = $n;

                #[inline(always)]
                unsafe fn splat(value: $scalar) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($set1(value)) }
                }
                #[inline(always)]
                unsafe fn load(from: *const $scalar) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected, and `from` has as many numbers.
                    unsafe { Self($load(from)) }
                }
                #[inline(always)]
                unsafe fn store(self, to: *mut $scalar) {
                    // SAFETY: by the trait's contract AVX-512 was detected, and `to` has room for as many numbers.
                    unsafe { $store(to, self.0) }
                }
                #[inline(always)]
                unsafe fn add(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($add(self.0, o.0)) }
                }
                #[inline(always)]
                unsafe fn sub(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($sub(self.0, o.0)) }
                }
                #[inline(always)]
                unsafe fn mul_add(self, f: Self, a: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($fma(self.0, f.0, a.0)) }
                }
                #[inline(always)]
                unsafe fn min(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($min(self.0, o.0)) }
                }
                #[inline(always)]
                unsafe fn max(self, o: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($max(self.0, o.0)) }
                }
                #[inline(always)]
                unsafe fn if_less(self, bound: Self, yes: Self, no: Self) -> Self {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    unsafe { Self($blend($cmp::<_CMP_LT_OQ>(self.0, bound.0), no.0, yes.0)) }
                }
                #[inline(always)]
                unsafe fn transpose(rows: [*const $scalar; 4], offset: *const $scalar, to: *mut $scalar, stride: usize) {
                    // SAFETY: by the trait's contract AVX-512 was detected, and each pointer has as many numbers.
                    unsafe { $transpose(rows, offset, to, stride) }
                }
            }
        };
    }

    avx512!(Avx512Single, f32, __m512, 16, transpose_single,
        _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_sub_ps
        _mm512_fmadd_ps _mm512_min_ps _mm512_max_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps);
    avx512!(Avx512Double, f64, __m512d, 8, transpose_double,
        _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_sub_pd
        _mm512_fmadd_pd _mm512_min_pd _mm512_max_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd);
}
