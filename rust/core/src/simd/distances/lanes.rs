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
    /// One bit for each lane, the first lane's lowest: whether `self` is less than `bound` there.
    unsafe fn less(self, bound: Self) -> u64;
    /// Writes four numbers, from `first` on, of each of as many rows as there are lanes, minus those
    /// of `offset`, as four columns that are `stride` numbers apart.
    unsafe fn transpose(
        rows: &[*const Self::Scalar; 16],
        first: usize,
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
            unsafe fn less(self, bound: Self) -> u64 {
                let bits = self.iter().zip(bound).enumerate();
                bits.fold(0, |bits, (l, (x, bound))| bits | u64::from(*x < bound) << l)
            }
            #[inline(always)]
            unsafe fn transpose(
                rows: &[*const $scalar; 16],
                first: usize,
                offset: *const $scalar,
                to: *mut $scalar,
                stride: usize,
            ) {
                for f in first..first + 4 {
                    for (r, row) in rows[..$n].iter().enumerate() {
                        // SAFETY: by the trait's contract, each pointer has as many numbers.
                        unsafe { *to.add((f - first) * stride + r) = *row.add(f) - *offset.add(f) };
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

    /// Four numbers of row `r` and of the one 4 after it, minus those of `offset`.
    #[inline(always)]
    unsafe fn two_rows(rows: &[*const f32; 16], r: usize, first: usize, offset: __m256) -> __m256 {
        // SAFETY: callers have AVX, and their pointers have as many numbers.
        unsafe {
            let low = _mm256_castps128_ps256(_mm_loadu_ps(rows[r].add(first)));
            let high = _mm_loadu_ps(rows[r + 4].add(first));
            _mm256_sub_ps(_mm256_insertf128_ps::<1>(low, high), offset)
        }
    }

    /// Transposes eight rows at once. Rows 4 apart lie side by side in a register, so that shuffles
    /// within 128 bits leave the numbers of a column in the order of the rows.
    #[inline(always)]
    unsafe fn transpose_by_8(
        rows: &[*const f32; 16],
        first: usize,
        offset: *const f32,
        to: *mut f32,
        stride: usize,
    ) {
        // SAFETY: callers have AVX, and their pointers have as many numbers.
        unsafe {
            let offset = _mm256_broadcast_ps(&_mm_loadu_ps(offset.add(first)));
            for half in [0, 8] {
                let a = two_rows(rows, half, first, offset);
                let b = two_rows(rows, half + 1, first, offset);
                let c = two_rows(rows, half + 2, first, offset);
                let d = two_rows(rows, half + 3, first, offset);
                let to = to.add(half);
                let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
                _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(ab, cd));
                _mm256_storeu_ps(to.add(stride), _mm256_shuffle_ps::<0xee>(ab, cd));
                let (ab, cd) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
                _mm256_storeu_ps(to.add(2 * stride), _mm256_shuffle_ps::<0x44>(ab, cd));
                _mm256_storeu_ps(to.add(3 * stride), _mm256_shuffle_ps::<0xee>(ab, cd));
            }
        }
    }

    /// Four numbers of row `r` and of those 4, 8 and 12 after it, minus those of `offset`.
    #[inline(always)]
    unsafe fn four_rows(rows: &[*const f32; 16], r: usize, first: usize, offset: __m512) -> __m512 {
        // SAFETY: callers have AVX-512, and their pointers have as many numbers.
        unsafe {
            let all = _mm512_castps128_ps512(_mm_loadu_ps(rows[r].add(first)));
            let all = _mm512_insertf32x4::<1>(all, _mm_loadu_ps(rows[r + 4].add(first)));
            let all = _mm512_insertf32x4::<2>(all, _mm_loadu_ps(rows[r + 8].add(first)));
            let all = _mm512_insertf32x4::<3>(all, _mm_loadu_ps(rows[r + 12].add(first)));
            _mm512_sub_ps(all, offset)
        }
    }

    /// Transposes sixteen rows at once, in the manner of `transpose_by_8`.
    #[inline(always)]
    unsafe fn transpose_by_16(
        rows: &[*const f32; 16],
        first: usize,
        offset: *const f32,
        to: *mut f32,
        stride: usize,
    ) {
        // SAFETY: callers have AVX-512, and their pointers have as many numbers.
        unsafe {
            let offset = _mm512_broadcast_f32x4(_mm_loadu_ps(offset.add(first)));
            let a = four_rows(rows, 0, first, offset);
            let b = four_rows(rows, 1, first, offset);
            let c = four_rows(rows, 2, first, offset);
            let d = four_rows(rows, 3, first, offset);
            let (ab, cd) = (_mm512_unpacklo_ps(a, b), _mm512_unpacklo_ps(c, d));
            _mm512_storeu_ps(to, _mm512_shuffle_ps::<0x44>(ab, cd));
            _mm512_storeu_ps(to.add(stride), _mm512_shuffle_ps::<0xee>(ab, cd));
            let (ab, cd) = (_mm512_unpackhi_ps(a, b), _mm512_unpackhi_ps(c, d));
            _mm512_storeu_ps(to.add(2 * stride), _mm512_shuffle_ps::<0x44>(ab, cd));
            _mm512_storeu_ps(to.add(3 * stride), _mm512_shuffle_ps::<0xee>(ab, cd));
        }
    }

    #[inline(always)]
    unsafe fn transpose_double(
        rows: &[*const f64; 16],
        first: usize,
        offset: *const f64,
        to: *mut f64,
        stride: usize,
    ) {
        // SAFETY: callers have AVX, and their pointers have as many numbers.
        unsafe {
            let offset = _mm256_loadu_pd(offset.add(first));
            for half in [0, 4] {
                let a = _mm256_sub_pd(_mm256_loadu_pd(rows[half].add(first)), offset);
                let b = _mm256_sub_pd(_mm256_loadu_pd(rows[half + 1].add(first)), offset);
                let c = _mm256_sub_pd(_mm256_loadu_pd(rows[half + 2].add(first)), offset);
                let d = _mm256_sub_pd(_mm256_loadu_pd(rows[half + 3].add(first)), offset);
                let to = to.add(half);
                let (ab, cd) = (_mm256_unpacklo_pd(a, b), _mm256_unpacklo_pd(c, d));
                _mm256_storeu_pd(to, _mm256_permute2f128_pd::<0x20>(ab, cd));
                _mm256_storeu_pd(to.add(2 * stride), _mm256_permute2f128_pd::<0x31>(ab, cd));
                let (ab, cd) = (_mm256_unpackhi_pd(a, b), _mm256_unpackhi_pd(c, d));
                _mm256_storeu_pd(to.add(stride), _mm256_permute2f128_pd::<0x20>(ab, cd));
                _mm256_storeu_pd(to.add(3 * stride), _mm256_permute2f128_pd::<0x31>(ab, cd));
            }
        }
    }

    macro_rules! avx2 {
        ($name:ident, $scalar:ty, $register:ty, $n:literal, $half:literal, $transpose:ident,
         $set1:ident $load:ident $store:ident $add:ident $sub:ident $fma:ident
         $min:ident $max:ident $cmp:ident $blend:ident $bits:ident) => {
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
                unsafe fn less(self, bound: Self) -> u64 {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected.
                    let (low, high) = unsafe {
                        (
                            $bits($cmp::<_CMP_LT_OQ>(self.0, bound.0)),
                            $bits($cmp::<_CMP_LT_OQ>(self.1, bound.1)),
                        )
                    };
                    low as u64 | (high as u64) << $half
                }
                #[inline(always)]
                unsafe fn transpose(rows: &[*const $scalar; 16], first: usize, offset: *const $scalar, to: *mut $scalar, stride: usize) {
                    // SAFETY: by the trait's contract AVX2 and FMA were detected, and each pointer has as many numbers.
                    unsafe { $transpose(rows, first, offset, to, stride) }
                }
            }
        };
    }

    avx2!(Avx2Single, f32, __m256, 16, 8, transpose_by_8,
        _mm256_set1_ps _mm256_loadu_ps _mm256_storeu_ps _mm256_add_ps _mm256_sub_ps
        _mm256_fmadd_ps _mm256_min_ps _mm256_max_ps _mm256_cmp_ps _mm256_blendv_ps _mm256_movemask_ps);
    avx2!(Avx2Double, f64, __m256d, 8, 4, transpose_double,
        _mm256_set1_pd _mm256_loadu_pd _mm256_storeu_pd _mm256_add_pd _mm256_sub_pd
        _mm256_fmadd_pd _mm256_min_pd _mm256_max_pd _mm256_cmp_pd _mm256_blendv_pd _mm256_movemask_pd);

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
                unsafe fn less(self, bound: Self) -> u64 {
                    // SAFETY: by the trait's contract AVX-512 was detected.
                    u64::from(unsafe { $cmp::<_CMP_LT_OQ>(self.0, bound.0) })
                }
                #[inline(always)]
                unsafe fn transpose(rows: &[*const $scalar; 16], first: usize, offset: *const $scalar, to: *mut $scalar, stride: usize) {
                    // SAFETY: by the trait's contract AVX-512 was detected, and each pointer has as many numbers.
                    unsafe { $transpose(rows, first, offset, to, stride) }
                }
            }
        };
    }

    avx512!(Avx512Single, f32, __m512, 16, transpose_by_16,
        _mm512_set1_ps _mm512_loadu_ps _mm512_storeu_ps _mm512_add_ps _mm512_sub_ps
        _mm512_fmadd_ps _mm512_min_ps _mm512_max_ps _mm512_cmp_ps_mask _mm512_mask_blend_ps);
    avx512!(Avx512Double, f64, __m512d, 8, transpose_double,
        _mm512_set1_pd _mm512_loadu_pd _mm512_storeu_pd _mm512_add_pd _mm512_sub_pd
        _mm512_fmadd_pd _mm512_min_pd _mm512_max_pd _mm512_cmp_pd_mask _mm512_mask_blend_pd);
}
