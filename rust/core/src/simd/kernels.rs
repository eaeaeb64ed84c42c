//! The kernels of features.

use std::ops::Mul;

use rustfft::num_complex::Complex;

use super::fourier::{Fourier, Numbers, power, transform, unpacked_bin};
use super::level::Level;
use super::lines::Line;
use super::plane::{Body, attraction, repulsion};
use super::select::{Few, highest, lowest, means_beyond_bounds, nth_smallest};
#[cfg(target_arch = "x86_64")]
use super::vector::x86;
use super::vector::{LANES, Portable, STEP, Steps, Vector, load, split};

/// Compiles each function for every level, and makes it a method of [`Level`]. In the body, `V`
/// is the level's [`Vector`].
macro_rules! kernels {
    ($($(#[$doc:meta])* fn $name:ident<$v:ident>($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {
        $(
            mod $name {
                #[allow(unused_imports)] // Not every kernel needs them.
                use super::*;

                #[inline(always)]
                #[allow(clippy::extra_unused_type_parameters)]
                unsafe fn body<$v: Vector>($($arg: $type),*) $(-> $result)? {
                    // SAFETY: each caller below is compiled for the instructions of its vector.
                    #[allow(unused_unsafe)]
                    unsafe { $body }
                }

                pub(super) fn baseline($($arg: $type),*) $(-> $result)? {
                    // SAFETY: arrays of floats need no special instructions.
                    unsafe { body::<Portable>($($arg),*) }
                }

                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,popcnt")]
                pub(super) fn avx2($($arg: $type),*) $(-> $result)? {
                    // SAFETY: this function is compiled for the vector's instructions.
                    unsafe { body::<x86::Avx2>($($arg),*) }
                }

                #[cfg(target_arch = "x86_64")]
                #[target_feature(enable = "avx2,popcnt,avx512f,avx512bw,avx512dq,avx512vl")]
                pub(super) fn avx512($($arg: $type),*) $(-> $result)? {
                    // SAFETY: this function is compiled for the vector's instructions.
                    unsafe { body::<x86::Avx512>($($arg),*) }
                }
            }
        )*

        impl Level {
            $(
                $(#[$doc])*
                pub fn $name(self, $($arg: $type),*) $(-> $result)? {
                    match self {
                        Self::Baseline => $name::baseline($($arg),*),
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: the level contains a proof that these features were detected.
                        Self::Avx2(_) => unsafe { $name::avx2($($arg),*) },
                        #[cfg(target_arch = "x86_64")]
                        // SAFETY: the level contains a proof that these features were detected.
                        Self::Avx512(_) => unsafe { $name::avx512($($arg),*) },
                    }
                }
            )*
        }
    };
}

/// Powers in decibels: 10 log10 of each power, which is raised to `amin` first. The result is exact
/// to a few units in the last place.
///
/// ln m = 2 artanh t with t = (m - 1) / (m + 1); for m within a factor of sqrt 2 of 1, five
/// terms of the series leave an error below 1e-9.
#[inline(always)]
unsafe fn decibels<V: Vector>(power: V, amin: f32) -> V {
    const SERIES: [f32; 4] = [1.0 / 7.0, 1.0 / 5.0, 1.0 / 3.0, 1.0];
    // SAFETY: the caller is compiled for the vector's instructions.
    unsafe {
        let one = V::splat(1.0);
        let clamped = power.max(V::splat(amin));
        let (mantissa, exponent) = (clamped.mantissa(), clamped.exponent());
        let root = V::splat(std::f32::consts::SQRT_2);
        let m = mantissa.if_at_least(root, mantissa.mul(V::splat(0.5)), mantissa);
        let octaves = mantissa.if_at_least(root, exponent.add(one), exponent);
        let t = m.sub(one).div(m.add(one));
        let square = t.mul(t);
        let mut series = V::splat(1.0 / 9.0);
        for term in SERIES {
            series = series.mul(square).add(V::splat(term));
        }
        let nepers = t.mul(series);
        let high = octaves.mul(V::splat(10.0 * std::f32::consts::LOG10_2));
        high.add(nepers.mul(V::splat(20.0 * std::f32::consts::LOG10_E)))
    }
}

kernels! {
    /// Multiplies samples by the window and packs every two of them as one complex number.
    fn pack_single<V>(samples: &[f32], window: &[f32], packed: &mut [Complex<f32>]) {
        pack(samples, window, packed, |sample| sample);
    }

    /// Does the same as [`Level::pack_single`] in double precision.
    fn pack_double<V>(samples: &[f32], window: &[f64], packed: &mut [Complex<f64>]) {
        pack(samples, window, packed, f64::from);
    }

    /// Does the same as [`Level::pack_double`] for samples that are in double precision.
    fn pack_wide<V>(samples: &[f64], window: &[f64], packed: &mut [Complex<f64>]) {
        pack(samples, window, packed, |sample| sample);
    }

    /// Multiplies a frame by the window of `tables` and transforms it in double precision.
    fn fourier<V>(tables: &Fourier, samples: &[f32], numbers: &mut Numbers) {
        transform::<V::Doubles, f32>(tables, samples, numbers);
    }

    /// Does the same as [`Level::fourier`] for samples that are in double precision.
    fn fourier_wide<V>(tables: &Fourier, samples: &[f64], numbers: &mut Numbers) {
        transform::<V::Doubles, f64>(tables, samples, numbers);
    }

    /// Powers and magnitudes of the bins of a frame that [`Level::fourier`] transformed. Returns the
    /// largest power. Magnitudes whose squares are below 1e-38 are lost.
    fn fourier_power<V>(
        tables: &Fourier,
        numbers: &Numbers,
        powers: &mut [f32],
        magnitudes: &mut [f32],
    ) -> f32 {
        power::<V::Doubles>(tables, numbers, powers, magnitudes)
    }

    /// Splits complex numbers into real and imaginary parts, each followed by a copy of its first
    /// value.
    fn split_single<V>(bins: &[Complex<f32>], re: &mut [f32], im: &mut [f32]) {
        split_parts(bins, re, im);
    }

    /// Does the same as [`Level::split_single`] in double precision.
    fn split_double<V>(bins: &[Complex<f64>], re: &mut [f64], im: &mut [f64]) {
        split_parts(bins, re, im);
    }

    /// Power of the bins of a real signal that [`Level::pack_single`] packed into half as many
    /// complex numbers. `re` and `im` are the transform of these numbers; `cos` and `sin` are those
    /// of the bins' angles.
    fn power_single<V>(re: &[f32], im: &[f32], cos: &[f32], sin: &[f32], power: &mut [f32]) {
        let n = power.len();
        let (re, im, cos, sin) = (&re[..n], &im[..n], &cos[..n], &sin[..n]);
        for (k, power) in power.iter_mut().enumerate() {
            // The compiler cannot tell that this is less than n, and would check every index.
            let mirror = n.wrapping_sub(1 + k);
            // SAFETY: k counts up to n, exclusively.
            let (mirror_re, mirror_im) = (re.get_unchecked(mirror), im.get_unchecked(mirror));
            let z = [re[k], im[k], *mirror_re, *mirror_im];
            let bin = unpacked_bin(z, cos[k], sin[k]);
            *power = bin.re * bin.re + bin.im * bin.im;
        }
    }

    /// Does the same as [`Level::power_single`] in double precision.
    fn power_double<V>(re: &[f64], im: &[f64], cos: &[f64], sin: &[f64], power: &mut [f32]) {
        let n = power.len();
        let (re, im, cos, sin) = (&re[..n], &im[..n], &cos[..n], &sin[..n]);
        for (k, power) in power.iter_mut().enumerate() {
            // The compiler cannot tell that this is less than n, and would check every index.
            let mirror = n.wrapping_sub(1 + k);
            // SAFETY: k counts up to n, exclusively.
            let (mirror_re, mirror_im) = (re.get_unchecked(mirror), im.get_unchecked(mirror));
            let z = [re[k], im[k], *mirror_re, *mirror_im];
            let bin = unpacked_bin(z, cos[k], sin[k]);
            *power = (bin.re * bin.re + bin.im * bin.im) as f32;
        }
    }

    /// Writes square roots, in single precision, and returns the largest of the values. Values
    /// below 1e-38 are lost.
    fn roots<V>(values: &[f32], roots: &mut [f32]) -> f32 {
        for (root, value) in roots.iter_mut().zip(values) {
            *root = value.sqrt();
        }
        let mut largest = [V::splat(0.0); 2];
        for step in Steps::new::<V>(values, 0.0).iter() {
            let [a, b] = load::<V>(step);
            largest = [largest[0].max(a), largest[1].max(b)];
        }
        highest(largest[0].max(largest[1]))
    }

    /// The largest absolute value, and a sum that is finite if all values are finite.
    fn peak_and_sum<V>(values: &[f32]) -> (f32, f32) {
        let mut peaks = [V::splat(0.0); 2];
        let mut sums = [V::splat(0.0); 2];
        for step in Steps::new::<V>(values, 0.0).iter() {
            let values = load::<V>(step);
            for way in 0..2 {
                let size = values[way].max(V::splat(0.0).sub(values[way]));
                peaks[way] = peaks[way].max(size);
                // Scaled down, because the sum of large values might overflow.
                sums[way] = sums[way].add(size.mul(V::splat(1e-30)));
            }
        }
        (highest(peaks[0].max(peaks[1])), sums[0].add(sums[1]).total())
    }

    /// Adds up over bodies how they push sixteen points, given as their x and their y: of w = mass /
    /// (1 + d²), where d is a body's distance from a point, the sums of w, and of w / (1 + d²) times
    /// the way from the body to the point, in x and in y.
    fn repel<V>(bodies: &[Body], points: &[[f32; LANES]; 2], sums: &mut [[f32; LANES]; 3]) {
        repulsion::<V>(bodies, points, sums);
    }

    /// The sum of share / (1 + d²) times the way from each of some points to the point `at`. The
    /// points are those of the plane with the given indices.
    fn attract<V>(plane: &[[f32; 2]], at: [f32; 2], indices: &[u32], shares: &[f32]) -> [f32; 2] {
        attraction::<V>(plane, at, indices, shares)
    }

    /// Sum of the values.
    fn sum<V>(values: &[f32]) -> f32 {
        let mut sums = [V::splat(0.0); 2];
        for step in Steps::new::<V>(values, 0.0).iter() {
            let [a, b] = load::<V>(step);
            sums = [sums[0].add(a), sums[1].add(b)];
        }
        sums[0].add(sums[1]).total()
    }

    /// Sum of the squares.
    fn sum_of_squares<V>(values: &[f32]) -> f32 {
        let mut sums = [V::splat(0.0); 2];
        for step in Steps::new::<V>(values, 0.0).iter() {
            let [a, b] = load::<V>(step);
            sums = [sums[0].add(a.mul(a)), sums[1].add(b.mul(b))];
        }
        sums[0].add(sums[1]).total()
    }

    /// Writes the means of pairs of samples.
    fn means_of_pairs<V>(samples: &[f32], means: &mut [f32]) {
        let (pairs, _) = samples.as_chunks::<2>();
        for (mean, pair) in means.iter_mut().zip(pairs) {
            *mean = 0.5 * (pair[0] + pair[1]);
        }
    }

    /// Marks each sample whose sign differs from that of the one before it; `before` is the one
    /// before the first. Values of at least `-zero` count as positive.
    fn mark_crossings<V>(before: f32, samples: &[f32], zero: f32, marks: &mut [u8]) {
        let mut negative = u8::from(before < -zero);
        // Two simple loops over a small piece: the first finds signs, the second where they differ.
        let mut signs = [0_u8; 256];
        for (samples, marks) in samples.chunks(256).zip(marks.chunks_mut(256)) {
            for (sign, &sample) in signs.iter_mut().zip(samples) {
                *sign = u8::from(sample < -zero);
            }
            let signs = &signs[..samples.len()];
            marks[0] = signs[0] ^ negative;
            for (mark, pair) in marks[1..].iter_mut().zip(signs.windows(2)) {
                *mark = pair[0] ^ pair[1];
            }
            negative = signs[signs.len() - 1];
        }
    }

    /// Number of marks, each 0 or 1.
    fn count_marks<V>(marks: &[u8]) -> u32 {
        let (words, rest) = marks.as_chunks::<8>();
        let ones = words.iter().map(|&word| u64::from_ne_bytes(word).count_ones());
        let count = ones.fold(0_u32, u32::wrapping_add);
        rest.iter().fold(count, |count, &mark| count.wrapping_add(u32::from(mark)))
    }

    /// The sum of the values, and the sum of the values times their weights.
    fn weighted_sum<V>(values: &[f32], weights: &[f32]) -> (f32, f32) {
        let mut sums = [V::splat(0.0); 2];
        let mut weighted = [V::splat(0.0); 2];
        let (values, weights) = (Steps::new::<V>(values, 0.0), Steps::new::<V>(weights, 0.0));
        for (values, weights) in values.iter().zip(weights.iter()) {
            let (values, weights) = (load::<V>(values), load::<V>(weights));
            for way in 0..2 {
                sums[way] = sums[way].add(values[way]);
                weighted[way] = weighted[way].add(values[way].mul(weights[way]));
            }
        }
        (sums[0].add(sums[1]).total(), weighted[0].add(weighted[1]).total())
    }

    /// Sum of the values times the squared distances of their positions from `centre`.
    fn spread<V>(values: &[f32], places: &[f32], centre: f32) -> f32 {
        let mut sums = [V::splat(0.0); 2];
        let (values, places) = (Steps::new::<V>(values, 0.0), Steps::new::<V>(places, 0.0));
        for (values, places) in values.iter().zip(places.iter()) {
            let (values, places) = (load::<V>(values), load::<V>(places));
            for way in 0..2 {
                let distance = places[way].sub(V::splat(centre));
                sums[way] = sums[way].add(values[way].mul(distance.mul(distance)));
            }
        }
        sums[0].add(sums[1]).total()
    }

    /// The sum of the values' natural logarithms, and the sum of the values. Values below `amin`,
    /// which must be a normal number, are raised to it first.
    fn log_sum_and_sum<V>(values: &[f32], amin: f32) -> (f64, f32) {
        // A product of 127 mantissas below 2 is less than 2^128.
        const STEPS: usize = 100;
        let (mut octaves, mut nepers, mut sum) = (0.0, 0.0, 0.0);
        for block in values.chunks(STEPS * STEP) {
            let mut products = [V::splat(1.0); 2];
            let mut exponents = [V::splat(0.0); 2];
            let mut sums = [V::splat(0.0); 2];
            for step in Steps::new::<V>(block, amin).iter() {
                let values = load::<V>(step);
                for way in 0..2 {
                    let value = values[way].max(V::splat(amin));
                    products[way] = products[way].mul(value.mantissa());
                    exponents[way] = exponents[way].add(value.exponent());
                    sums[way] = sums[way].add(value);
                }
            }
            let mut lanes = [[1.0; LANES]; 2];
            products[0].store(&mut lanes[0]);
            products[1].store(&mut lanes[1]);
            let mut product = 1.0_f64;
            for &lane in lanes.as_flattened() {
                let (mantissa, exponent) = split(lane);
                product *= f64::from(mantissa);
                octaves += f64::from(exponent);
            }
            octaves += f64::from(exponents[0].add(exponents[1]).total());
            // Subtracts the values that the last step was filled up with.
            let filled = (block.len().next_multiple_of(STEP) - block.len()) as f32;
            nepers += product.ln() - f64::from(filled) * f64::from(amin).ln();
            sum += sums[0].add(sums[1]).total() - filled * amin;
        }
        (octaves * std::f64::consts::LN_2 + nepers, sum)
    }

    /// Converts powers to decibels in place. Powers below `amin`, which must be a normal number,
    /// are raised to it first.
    fn to_decibels<V>(values: &mut [f32], amin: f32) {
        let (chunks, rest) = values.as_chunks_mut::<LANES>();
        for chunk in chunks {
            decibels(V::load(chunk), amin).store(chunk);
        }
        if !rest.is_empty() {
            let mut last = [0.0; LANES];
            decibels(V::load_part(rest, 0.0), amin).store(&mut last);
            rest.copy_from_slice(&last[..rest.len()]);
        }
    }

    /// Writes for each of `frames`, one after the other, as many sums: each is the sum of the values
    /// in its runs times their weights. Runs are in the order of the sums. Sixteen values are
    /// handled at a time, and a frame must have them all.
    fn banded_sums<V>(frames: &[&[f32]], weights: &[Line], runs: &[Run], sums: &mut [f32]) {
        let n = sums.len() / frames.len().max(1);
        let (fours, others) = frames.as_chunks();
        let (four_sums, sums) = sums.split_at_mut(4 * fours.len() * n);
        for (frames, sums) in fours.iter().zip(four_sums.chunks_exact_mut((4 * n).max(1))) {
            banded_sums_together::<V, 4>(frames, weights, runs, sums);
        }
        let (twos, ones) = others.as_chunks();
        let (two_sums, sums) = sums.split_at_mut(2 * twos.len() * n);
        for (frames, sums) in twos.iter().zip(two_sums.chunks_exact_mut((2 * n).max(1))) {
            banded_sums_together::<V, 2>(frames, weights, runs, sums);
        }
        for frame in ones {
            banded_sums_together::<V, 1>(&[frame], weights, runs, sums);
        }
    }

    /// Means of the `n` smallest and of the `n` largest of at least `n` values. No value may be
    /// negative.
    fn extreme_means<V>(values: &[f32], n: usize) -> (f32, f32) {
        let (whole, rest) = values.as_chunks::<LANES>();
        // The fill values are neither among the smallest nor among the largest.
        let (up, down) = (V::load_part(rest, f32::INFINITY), V::load_part(rest, 0.0));
        let (mut least, mut most) = ([up, up], [down, down]);
        let (pairs, odd) = whole.as_chunks::<2>();
        for pair in pairs {
            for way in 0..2 {
                let values = V::load(&pair[way]);
                least[way] = least[way].min(values);
                most[way] = most[way].max(values);
            }
        }
        let (mut least, mut most) = (least[0].min(least[1]), most[0].max(most[1]));
        for values in odd {
            least = least.min(V::load(values));
            most = most.max(V::load(values));
        }
        if n == 1 {
            return (lowest(least), highest(most));
        }
        // Each of the sixteen lanes has seen a value. So at least n values lie at or beyond the
        // n-th of the lanes' extremes, and usually there are few others.
        if values.len() >= LANES && n <= LANES {
            let (zero, mut smallest, mut largest) = (V::splat(0.0), Few::new(), Few::new());
            let low = V::splat(nth_smallest(&[least], n));
            let high = V::splat(nth_smallest(&[zero.sub(most)], n));
            for values in whole {
                let values = V::load(values);
                smallest.gather(values, low);
                largest.gather(zero.sub(values), high);
            }
            smallest.gather(up, low);
            largest.gather(zero.sub(down), high);
            if let (Some(low), Some(high)) = (smallest.sum::<V>(n), largest.sum::<V>(n)) {
                return (low / n as f32, (0.0 - high) / n as f32);
            }
        }
        let range = (lowest(least), highest(most));
        means_beyond_bounds::<V>(&Steps::new::<V>(values, 0.0), values.len(), n, range)
    }

    /// Multiplies rows by a matrix of as many rows as they have columns, `width` values each.
    /// Every product is added up in the order of the columns, without fusing.
    fn multiply_rows<V>(rows: &[&[f64]], matrix: &[f64], width: usize, products: &mut [f64]) {
        for start in (0..width).step_by(LANES) {
            let end = width.min(start + LANES);
            for (rows, products) in rows.chunks(4).zip(products.chunks_mut(4 * width)) {
                if let (&[a, b, c, d], true) = (rows, end - start == LANES) {
                    let mut sums = [[0.0; LANES]; 4];
                    let factors = matrix.chunks_exact(width);
                    for ((((factors, a), b), c), d) in factors.zip(a).zip(b).zip(c).zip(d) {
                        let (factors, _) = factors[start..].as_chunks::<LANES>();
                        for (sums, x) in sums.iter_mut().zip([a, b, c, d]) {
                            for (sum, factor) in sums.iter_mut().zip(&factors[0]) {
                                *sum += x * factor;
                            }
                        }
                    }
                    for (product, sums) in products.chunks_mut(width).zip(&sums) {
                        product[start..end].copy_from_slice(sums);
                    }
                } else {
                    for (product, row) in products.chunks_mut(width).zip(rows) {
                        let product = &mut product[start..end];
                        product.fill(0.0);
                        for (x, factors) in row.iter().zip(matrix.chunks_exact(width)) {
                            for (sum, factor) in product.iter_mut().zip(&factors[start..end]) {
                                *sum += x * factor;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Looks at stretches of samples, one after the other, of so many channels; these must divide
    /// the number of lanes. Of each stretch it gives the smallest and the largest sample of each
    /// channel, and the sums of the squares of all samples and of `mix`, which has the mean of the
    /// channels. Each stretch must be whole vectors long.
    fn stretches<V>(
        samples: &[f32],
        mix: &[f32],
        channels: usize,
        low: &mut [f32],
        high: &mut [f32],
        energies: &mut [Energies],
    ) {
        let n = energies.len().max(1);
        let (length, moments) = (samples.len() / n, mix.len() / n);
        for (k, energies) in energies.iter_mut().enumerate() {
            let (vectors, _) = samples[k * length..][..length].as_chunks::<LANES>();
            // Two of each, so that one does not wait for the other.
            let mut least = [V::splat(f32::INFINITY); 2];
            let mut most = [V::splat(f32::NEG_INFINITY); 2];
            let mut sums = [V::splat(0.0); 2];
            let (pairs, odd) = vectors.as_chunks::<2>();
            for pair in pairs {
                for way in 0..2 {
                    let x = V::load(&pair[way]);
                    least[way] = least[way].min(x);
                    most[way] = most[way].max(x);
                    sums[way] = sums[way].add(x.mul(x));
                }
            }
            for vector in odd {
                let x = V::load(vector);
                least[0] = least[0].min(x);
                most[0] = most[0].max(x);
                sums[0] = sums[0].add(x.mul(x));
            }
            energies.all = sums[0].add(sums[1]).total();
            let (mut lows, mut highs) = ([0.0; LANES], [0.0; LANES]);
            least[0].min(least[1]).store(&mut lows);
            most[0].max(most[1]).store(&mut highs);
            // Halves are folded onto each other until one lane is left for each channel.
            for width in [8, 4, 2, 1] {
                if width >= channels {
                    for lane in 0..width {
                        lows[lane] = smaller(lows[lane], lows[lane + width]);
                        highs[lane] = larger(highs[lane], highs[lane + width]);
                    }
                }
            }
            low[k * channels..][..channels].copy_from_slice(&lows[..channels]);
            high[k * channels..][..channels].copy_from_slice(&highs[..channels]);
            let mut sums = [V::splat(0.0); 2];
            for step in Steps::new::<V>(&mix[k * moments..][..moments], 0.0).iter() {
                let [a, b] = load::<V>(step);
                sums = [sums[0].add(a.mul(a)), sums[1].add(b.mul(b))];
            }
            energies.mix = sums[0].add(sums[1]).total();
        }
    }
}

/// Sums of squares of a few samples.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Energies {
    /// Of the samples of all channels.
    pub all: f32,
    /// Of the mean of the channels.
    pub mix: f32,
}

/// The smaller one; the first if either is NaN.
#[inline(always)]
pub(crate) fn smaller(a: f32, b: f32) -> f32 {
    if b < a { b } else { a }
}

/// The larger one; the first if either is NaN.
#[inline(always)]
pub(crate) fn larger(a: f32, b: f32) -> f32 {
    if b > a { b } else { a }
}

/// A run of consecutive values, and where their weights and their sum are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// Index of the first value.
    pub start: usize,
    /// Start and end of the weights; the end is exclusive.
    pub weights: (usize, usize),
    /// Index of the sum that the run is part of.
    pub sum: usize,
}

/// The sums of a few frames. Weights are loaded once for all of them.
#[inline(always)]
unsafe fn banded_sums_together<V: Vector, const N: usize>(
    frames: &[&[f32]; N],
    weights: &[Line],
    runs: &[Run],
    sums: &mut [f32],
) {
    let n_sums = sums.len() / N;
    let mut runs = runs.iter();
    let mut next = runs.next();
    for first in (0..n_sums).step_by(4) {
        // SAFETY: the caller is compiled for the vector's instructions. Every `k` is below the
        // number of weights and of vectors of each frame.
        unsafe {
            let mut lanes = [[V::splat(0.0); N]; 4];
            for (row, lanes) in lanes.iter_mut().enumerate() {
                let mut found = [V::splat(0.0); N];
                let place = first.wrapping_add(row);
                while let Some(run) = next.filter(|run| run.sum == place) {
                    let weights = &weights[run.weights.0..run.weights.1];
                    let mut values: [&[[f32; LANES]]; N] = [&[]; N];
                    let mut length = weights.len();
                    for (values, frame) in values.iter_mut().zip(frames) {
                        (*values, _) = frame[run.start..].as_chunks();
                        length = length.min(values.len());
                    }
                    for (k, weights) in weights[..length].iter().enumerate() {
                        let weights = V::load(&weights.0);
                        for i in 0..N {
                            let values = V::load(values[i].get_unchecked(k));
                            found[i] = found[i].add(values.mul(weights));
                        }
                    }
                    next = runs.next();
                }
                *lanes = found;
            }
            for (i, sums) in sums.chunks_exact_mut(n_sums).enumerate() {
                let [a, b, c, d] = lanes;
                let totals = V::totals([a[i], b[i], c[i], d[i]]);
                let sums = &mut sums[first..];
                if let Some(four) = sums.first_chunk_mut() {
                    *four = totals;
                } else {
                    sums.copy_from_slice(&totals[..sums.len()]);
                }
            }
        }
    }
}

#[inline(always)]
fn pack<S: Copy, R: Copy + Mul<Output = R>>(
    samples: &[S],
    window: &[R],
    packed: &mut [Complex<R>],
    convert: impl Fn(S) -> R,
) {
    let (samples, _) = samples.as_chunks::<2>();
    let (window, _) = window.as_chunks::<2>();
    for ((packed, sample), weight) in packed.iter_mut().zip(samples).zip(window) {
        packed.re = convert(sample[0]) * weight[0];
        packed.im = convert(sample[1]) * weight[1];
    }
}

#[inline(always)]
fn split_parts<R: Copy>(bins: &[Complex<R>], re: &mut [R], im: &mut [R]) {
    for ((bin, re), im) in bins.iter().zip(re.iter_mut()).zip(im.iter_mut()) {
        (*re, *im) = (bin.re, bin.im);
    }
    (re[bins.len()], im[bins.len()]) = (re[0], im[0]);
}
