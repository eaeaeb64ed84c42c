//! Compares every kernel with its definition, on every instruction set.

use proptest::prelude::*;
use rustfft::FftPlanner;
use rustfft::num_complex::Complex;

use super::{Energies, Fourier, LANES, Level, Line, Lines, Run, unpacked_bin};
use crate::feature::AMIN;

fn same<T: PartialEq + std::fmt::Debug>(run: impl Fn(Level) -> T) -> T {
    let baseline = run(Level::Baseline);
    for level in Level::all() {
        assert_eq!(run(level), baseline, "{level:?}");
    }
    baseline
}

fn close(a: f64, b: f64, relative: f64) -> bool {
    (a - b).abs() <= relative * b.abs().max(1e-30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_path_gives_the_bits_of_the_baseline_and_the_value_of_the_definition(
        values in prop::collection::vec(0.0_f32..10.0, 1..500),
        n in 1_usize..40,
    ) {
        let wide: Vec<f64> = values.iter().map(|&v| f64::from(v)).collect();
        let places: Vec<f32> = (0..values.len()).map(|i| i as f32).collect();

        let sum = same(|level| level.sum(&values));
        prop_assert!(close(f64::from(sum), wide.iter().sum(), 1e-5));

        let squares = same(|level| level.sum_of_squares(&values));
        prop_assert!(close(f64::from(squares), wide.iter().map(|v| v * v).sum(), 1e-5));

        let (sum, first) = same(|level| level.weighted_sum(&values, &places));
        let moment: f64 = wide.iter().enumerate().map(|(i, v)| i as f64 * v).sum();
        prop_assert!(close(f64::from(sum), wide.iter().sum(), 1e-5));
        prop_assert!(close(f64::from(first), moment, 1e-5));

        let spread = same(|level| level.spread(&values, &places, 7.5));
        let expected = wide.iter().enumerate().map(|(i, v)| v * (i as f64 - 7.5).powi(2));
        prop_assert!(close(f64::from(spread), expected.sum(), 1e-5));

        let (logs, _) = same(|level| level.log_sum_and_sum(&values, AMIN));
        let expected: f64 = wide.iter().map(|v| v.max(f64::from(AMIN)).ln()).sum();
        prop_assert!((logs - expected).abs() <= 1e-6 * (values.len() as f64 + expected.abs()));

        let (peak, _) = same(|level| level.peak_and_sum(&values));
        prop_assert_eq!(peak, values.iter().copied().fold(0.0, f32::max));

        let n = n.min(values.len());
        let mut sorted = wide.clone();
        sorted.sort_by(f64::total_cmp);
        let (low, high) = same(|level| level.extreme_means(&values, n));
        let mean = |part: &[f64]| part.iter().sum::<f64>() / n as f64;
        prop_assert!(close(f64::from(low), mean(&sorted[..n]), 1e-5));
        prop_assert!(close(f64::from(high), mean(&sorted[sorted.len() - n..]), 1e-5));
    }

    #[test]
    fn extremes_of_values_with_many_ties_are_those_of_sorting(
        values in prop::collection::vec(0_u8..4, 1..200),
        n in 1_usize..60,
    ) {
        let values: Vec<f32> = values.into_iter().map(f32::from).collect();
        let n = n.min(values.len());
        let mut sorted = values.clone();
        sorted.sort_by(f32::total_cmp);
        let (low, high) = same(|level| level.extreme_means(&values, n));
        let mean = |part: &[f32]| part.iter().sum::<f32>() / n as f32;
        prop_assert_eq!(low, mean(&sorted[..n]));
        prop_assert_eq!(high, mean(&sorted[sorted.len() - n..]));
    }

    #[test]
    fn decibels_are_those_of_the_library_function(power in 0.0_f32..1e6, exponent in -40..30) {
        let power = power * 10_f32.powi(exponent);
        let ours = same(|level| {
            let mut values = [power; 37];
            level.to_decibels(&mut values, AMIN);
            values[36]
        });
        let expected = 10.0 * f64::from(power.max(AMIN)).log10();
        prop_assert!((f64::from(ours) - expected).abs() <= 1e-5 * (1.0 + expected.abs()));
    }

    #[test]
    fn stretches_have_the_extremes_and_energies_of_their_samples(
        values in prop::collection::vec(-9_i8..9, 1..400),
        log_channels in 0_u32..5,
        n in 1_usize..4,
    ) {
        // Small integers, whose squares are added up exactly in any order.
        let channels = 2_usize.pow(log_channels);
        let moments = (values.len() / channels / n).next_multiple_of(LANES);
        let samples: Vec<f32> = (0..moments * channels * n)
            .map(|i| f32::from(values[i % values.len()]))
            .collect();
        let mix: Vec<f32> = samples.chunks(channels).map(|c| c[0] + c[c.len() - 1]).collect();
        let (low, high, energies) = same(|level| {
            let (mut low, mut high) = (vec![0.0; n * channels], vec![0.0; n * channels]);
            let mut energies = vec![Energies::default(); n];
            level.stretches(&samples, &mix, channels, &mut low, &mut high, &mut energies);
            (low, high, energies)
        });
        let energy = |values: &[f32]| values.iter().map(|x| x * x).sum::<f32>();
        for k in 0..n {
            let own = &samples[k * moments * channels..][..moments * channels];
            prop_assert_eq!(energies[k].all, energy(own));
            prop_assert_eq!(energies[k].mix, energy(&mix[k * moments..][..moments]));
            for c in 0..channels {
                let of_channel = || own.iter().skip(c).step_by(channels).copied();
                prop_assert_eq!(low[k * channels + c], of_channel().fold(f32::INFINITY, f32::min));
                let largest = of_channel().fold(f32::NEG_INFINITY, f32::max);
                prop_assert_eq!(high[k * channels + c], largest);
            }
        }
    }

    #[test]
    fn crossings_are_marked_wherever_signs_differ(
        y in prop::collection::vec(-2_i8..3, 1..300),
        before in -1_i8..2,
    ) {
        let y: Vec<f32> = y.into_iter().map(f32::from).collect();
        let before = f32::from(before);
        let marks = same(|level| {
            let mut marks = vec![0; y.len()];
            level.mark_crossings(before, &y, 0.5, &mut marks);
            marks
        });
        let all: Vec<f32> = std::iter::once(before).chain(y).collect();
        let signs = |pair: &[f32]| u8::from((pair[0] < -0.5) != (pair[1] < -0.5));
        let expected: Vec<u8> = all.windows(2).map(signs).collect();
        prop_assert_eq!(&marks, &expected);
        let count = same(|level| level.count_marks(&marks));
        prop_assert_eq!(count, expected.iter().map(|&mark| u32::from(mark)).sum::<u32>());
    }

    #[test]
    fn runs_are_sums_of_products(values in prop::collection::vec(0.0_f32..10.0, 16..200)) {
        let weights: Vec<Line> = (0..3)
            .map(|i| Line(std::array::from_fn(|l| ((i * 7 + l * 3) % 11) as f32)))
            .collect();
        let last = values.len() - LANES;
        let run = |start, weights, sum| Run { start, weights, sum };
        let runs = [run(0, (0, 1), 0), run(last, (1, 2), 1), run(0, (2, 3), 1), run(3, (2, 2), 2), run(last, (0, 3), 5)];
        let sums = same(|level| {
            let mut sums = [7.0; 6];
            level.banded_sums(&[&values], &weights, &runs, &mut sums);
            sums
        });
        // Frames have the same sums together as alone.
        let frames: Vec<Vec<f32>> = (0..8_u8)
            .map(|i| values.iter().map(|v| v * f32::from(i)).collect())
            .collect();
        for n in 0..=frames.len() {
            let together: Vec<&[f32]> = frames[..n].iter().map(Vec::as_slice).collect();
            let found = same(|level| {
                let mut found = vec![7.0; 6 * n];
                level.banded_sums(&together, &weights, &runs, &mut found);
                found
            });
            for (frame, found) in together.iter().zip(found.chunks_exact(6)) {
                let mut alone = [7.0; 6];
                Level::best().banded_sums(&[frame], &weights, &runs, &mut alone);
                prop_assert_eq!(found, &alone);
            }
        }
        let product = |start: usize, chunk: usize| -> f64 {
            (0..LANES).map(|l| f64::from(values[start + l] * weights[chunk].0[l])).sum()
        };
        prop_assert!(close(f64::from(sums[0]), product(0, 0), 1e-5));
        prop_assert!(close(f64::from(sums[1]), product(last, 1) + product(0, 2), 1e-5));
        prop_assert_eq!(&sums[2..5], &[0.0; 3]);
        // Of a run of three vectors only the first has values.
        prop_assert!(close(f64::from(sums[5]), product(last, 0), 1e-5));
    }
}

#[test]
fn samples_are_windowed_in_pairs_and_bins_squared() {
    let samples: Vec<f32> = (0..76).map(|i| (i % 9) as f32 - 4.0).collect();
    let wide: Vec<f64> = samples.iter().map(|&y| f64::from(y)).collect();
    let window: Vec<f64> = (0..76).map(|i| f64::from(i) * 0.1).collect();
    let packed = same(|level| {
        let (mut a, mut b) = (vec![Complex::default(); 38], vec![Complex::default(); 38]);
        level.pack_double(&samples, &window, &mut a);
        level.pack_wide(&wide, &window, &mut b);
        assert_eq!(a, b);
        a
    });
    for (i, pair) in packed.iter().enumerate() {
        assert_eq!(pair.re, wide[2 * i] * window[2 * i]);
        assert_eq!(pair.im, wide[2 * i + 1] * window[2 * i + 1]);
    }
    let single: Vec<f32> = window.iter().map(|&w| w as f32).collect();
    let packed_single = same(|level| {
        let mut packed = vec![Complex::default(); 38];
        level.pack_single(&samples, &single, &mut packed);
        packed
    });
    for (a, b) in packed_single.iter().zip(&packed) {
        assert!(close(f64::from(a.re), b.re, 1e-6) && close(f64::from(a.im), b.im, 1e-6));
    }
    let (re, im) = same(|level| {
        let (mut re, mut im) = (vec![0.0; 39], vec![0.0; 39]);
        level.split_double(&packed, &mut re, &mut im);
        (re, im)
    });
    assert!((0..38).all(|i| (re[i], im[i]) == (packed[i].re, packed[i].im)));
    assert_eq!((re[38], im[38]), (re[0], im[0]));
    let angle = |k: usize| -std::f64::consts::TAU * k as f64 / 76.0;
    let cos: Vec<f64> = (0..39).map(|k| angle(k).cos()).collect();
    let sin: Vec<f64> = (0..39).map(|k| angle(k).sin()).collect();
    let power = same(|level| {
        let mut power = vec![0.0; 39];
        level.power_double(&re, &im, &cos, &sin, &mut power);
        power
    });
    let roots = same(|level| {
        let mut roots = vec![0.0; 39];
        let largest = level.roots(&power, &mut roots);
        assert_eq!(largest, power.iter().copied().fold(0.0, f32::max));
        roots
    });
    for k in 0..39 {
        let bin = unpacked_bin([re[k], im[k], re[38 - k], im[38 - k]], cos[k], sin[k]);
        assert!(close(f64::from(power[k]), bin.norm_sqr(), 1e-6));
        assert!(close(f64::from(roots[k]), bin.norm(), 1e-6));
    }
}

#[test]
fn a_value_that_is_not_finite_shows_in_the_sum() {
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        for place in [0, 40, 66] {
            let mut values = [f32::MAX; 67];
            values[place] = bad;
            let finite = same(|level| level.peak_and_sum(&values).1.is_finite());
            assert!(!finite);
            values[place] = f32::MIN;
            assert!(Level::best().peak_and_sum(&values).1.is_finite());
        }
    }
}

#[test]
fn frames_of_every_length_are_transformed_as_by_another_library() {
    for exponent in 0..18 {
        let n = 1_usize << exponent;
        assert!(!Fourier::takes(3 * n));
        assert_eq!(Fourier::takes(n), (9..16).contains(&exponent));
        if !Fourier::takes(n) {
            continue;
        }
        let samples: Vec<f32> = (0..n).map(|i| ((i * i) % 101) as f32 - 50.0).collect();
        let wide: Vec<f64> = samples.iter().map(|&y| f64::from(y)).collect();
        let window: Vec<f64> = (0..n).map(|i| 1.0 + (i % 7) as f64).collect();
        let tables = Fourier::new(&window);
        let (bins, power) = same(|level| {
            let [mut numbers, mut others] = [tables.numbers(), tables.numbers()];
            level.fourier(&tables, &samples, &mut numbers);
            level.fourier_wide(&tables, &wide, &mut others);
            let bins = |numbers| (0..=n / 2).map(move |bin| (bin, numbers));
            let bins = |numbers| bins(numbers).map(|(bin, numbers)| tables.bin(numbers, bin));
            let found: Vec<Complex<f64>> = bins(&numbers).collect();
            assert!(bins(&others).eq(found.iter().copied()));
            let [mut power, mut magnitude] = [0, 1].map(|_| vec![0.0; n / 2 + 1]);
            let largest = level.fourier_power(&tables, &numbers, &mut power, &mut magnitude);
            assert_eq!(largest, power.iter().copied().fold(0.0, f32::max));
            let mut roots = vec![0.0; n / 2 + 1];
            assert_eq!(largest, level.roots(&power, &mut roots));
            assert_eq!(magnitude, roots);
            (found, power)
        });
        let product = |(y, w): (&f64, &f64)| Complex::new(y * w, 0.0);
        let mut expected: Vec<_> = wide.iter().zip(&window).map(product).collect();
        FftPlanner::new().plan_fft_forward(n).process(&mut expected);
        // Rounding errors of sums of n numbers of up to 350, which grow with the root of n.
        let error = 350.0 * (n as f64).sqrt() * 1e-14;
        for ((bin, power), expected) in bins.iter().zip(power).zip(expected) {
            assert!((bin - expected).norm() < error);
            let rounding = 1e-6 * bin.norm_sqr() + 3.0 * error * bin.norm();
            assert!((f64::from(power) - bin.norm_sqr()).abs() <= rounding);
        }
    }
}

#[test]
fn lines_have_as_many_numbers_as_were_asked_for() {
    for len in [0, 1, 16, 17, 1041] {
        let mut lines = Lines::zeros(len);
        assert_eq!(lines.values(), vec![0.0; len]);
        lines.values_mut().fill(2.0);
        assert_eq!(lines.values(), vec![2.0; len]);
        assert!(lines.values().as_ptr().addr().is_multiple_of(64));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn forces_between_points_have_the_same_bits_on_every_path(
        values in prop::collection::vec(-50.0_f32..50.0, 3..900),
    ) {
        let bodies: Vec<[f32; 4]> =
            values.chunks_exact(3).map(|v| [v[0], v[1], v[2].abs(), 0.0]).collect();
        let points: [[f32; LANES]; 2] =
            [0, 1].map(|axis| std::array::from_fn(|l| values[(2 * l + axis) % values.len()]));
        let sums = same(|level| {
            let mut sums = [[0.0; LANES]; 3];
            level.repel(&bodies, &points, &mut sums);
            sums
        });
        let plane: Vec<[f32; 2]> = bodies.iter().map(|body| [body[0], body[1]]).collect();
        let indices: Vec<u32> = (0..plane.len() as u32).rev().collect();
        let shares: Vec<f32> = indices.iter().map(|&i| bodies[i as usize][2]).collect();
        let at = [points[0][0], points[1][0]];
        let pull = same(|level| level.attract(&plane, at, &indices, &shares));
        let (mut expected, mut pulled, mut mass) = ([0.0; 3], [0.0; 2], 0.0);
        for body in &bodies {
            let [x, y, own] = [0, 1, 2].map(|i| f64::from(body[i]));
            let (dx, dy) = (f64::from(at[0]) - x, f64::from(at[1]) - y);
            let near = 1.0 / (1.0 + dx * dx + dy * dy);
            for (sum, factor) in expected.iter_mut().zip([1.0, near * dx, near * dy]) {
                *sum += own * near * factor;
            }
            pulled = [pulled[0] + own * near * dx, pulled[1] + own * near * dy];
            mass += own * near;
        }
        for (sum, expected) in sums.iter().zip(expected) {
            prop_assert!((f64::from(sum[0]) - expected).abs() <= 1e-5 * mass);
        }
        for (pull, expected) in pull.iter().zip(pulled) {
            // A neighbour's pull is at most half its share.
            let most: f64 = shares.iter().map(|&share| f64::from(share)).sum();
            prop_assert!((f64::from(*pull) - expected).abs() <= 1e-5 * most);
        }
    }
}
