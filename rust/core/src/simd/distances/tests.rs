//! Compares every kernel of distances with its definition, on every instruction set and in both
//! precisions.

use proptest::prelude::*;

use super::{After, Before, Float, Found, Kernels, Panels, Real};
use crate::simd::Level;

/// Multiples of 1/8, so that there are ties.
fn numbers(n: usize) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-40_i32..40).prop_map(|x| f64::from(x) / 8.0), n)
}

fn of<T: Float>(values: &[f64]) -> Vec<T> {
    values.iter().map(|&x| T::of(x)).collect()
}

fn squared(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn check<T: Float>(rows: &[f64], centers: &[f64], d: usize) {
    let offset: Vec<f64> = (0..d).map(|f| f as f64 / 4.0).collect();
    let seen: Vec<Vec<f64>> = rows
        .chunks(d)
        .map(|row| row.iter().zip(&offset).map(|(x, o)| x - o).collect())
        .collect();
    let (singles, centers_of) = (of::<T>(rows), of::<T>(centers));
    let rows_of: Vec<&[T]> = singles.chunks(d).take(T::BLOCK).collect();
    let offset = of::<T>(&offset);
    let panels = Panels::new(centers_of.chunks(d), d);
    for level in Level::all() {
        let kernels = T::kernels(level);
        let mut packed = vec![T::default(); d * T::BLOCK];
        (kernels.pack)(&rows_of, &offset, &mut packed);
        let mut found = Found::new();
        (kernels.nearest_two)(&packed, &panels, &mut found);
        (kernels.bounds)(
            &mut found,
            2.0 * (d as f64 + 4.0) * T::EPSILON,
            norm(centers, d),
        );
        let mut plain = Found::new();
        (kernels.nearest)(&packed, &panels, &mut plain);
        assert_eq!(plain.index, found.index, "{level:?}");
        let centers_seen: Vec<&[T]> = centers_of.chunks(d).collect();
        let mut squares = vec![T::default(); centers_seen.len() * T::BLOCK];
        (kernels.differences)(&packed, &centers_seen, &mut squares);
        for (r, row) in seen.iter().take(T::BLOCK).enumerate() {
            for (c, center) in centers.chunks(d).enumerate() {
                assert_eq!(squares[c * T::BLOCK + r].into(), squared(row, center));
            }
            // Numbers with few bits have exact squares and sums in either precision.
            let distances: Vec<f64> = centers.chunks(d).map(|c| squared(row, c)).collect();
            let mut order: Vec<usize> = (0..distances.len()).collect();
            order.sort_by(|&a, &b| distances[a].total_cmp(&distances[b]));
            assert_eq!(found.index[r] as usize, order[0], "{level:?}");
            assert_eq!(found.best[r].into(), distances[order[0]], "{level:?}");
            assert!(f64::from(found.upper[r]) >= distances[order[0]].sqrt());
            if let Some(&second) = order.get(1) {
                assert_eq!(found.second[r].into(), distances[second], "{level:?}");
                assert_eq!(
                    distances[found.second_label[r].index() as usize],
                    distances[second]
                );
                assert!(f64::from(found.lower[r]) <= distances[second].sqrt());
            }
            let own = &centers_of[order[0] * d..(order[0] + 1) * d];
            let exact = (kernels.squared_distance)(rows_of[r], &offset, own);
            assert_eq!(exact.into(), distances[order[0]], "{level:?}");
            let mut sums = vec![1.0; d];
            (kernels.add)(rows_of[r], &offset, 2.0, &mut sums);
            assert!(sums.iter().zip(row).all(|(&sum, x)| sum == 1.0 + 2.0 * x));
            check_exact(&kernels, rows_of[r], &offset, row);
        }
        check_nearer(level, &packed, &seen, centers, d);
    }
}

/// Numbers with few bits, of at most 40, whose first bin holds multiples of 1: the second holds the
/// rest, and the third nothing.
fn check_exact<T: Float>(kernels: &Kernels<T>, row: &[T], offset: &[T], seen: &[f64]) {
    let d = row.len();
    let (shifts, ratio) = (vec![1.5 * 2.0_f64.powi(52); d], 2.0_f64.powi(-40));
    let bins = |numbers: Vec<f64>| -> Vec<f64> {
        let whole: Vec<f64> = numbers.iter().map(|x| x.round_ties_even()).collect();
        let rest = numbers.iter().zip(&whole).map(|(x, whole)| x - whole);
        whole.iter().copied().chain(rest).collect()
    };
    let mut sums = vec![0.0; 3 * d];
    (kernels.add_exactly)(row, offset, -2.0, &shifts, ratio, &mut sums);
    let (of_numbers, none) = sums.split_at(2 * d);
    assert_eq!(of_numbers, bins(seen.iter().map(|x| -2.0 * x).collect()));
    assert!(none.iter().all(|&sum| sum == 0.0));
    sums.fill(0.0);
    (kernels.add_numbers)(row, offset, &shifts, ratio, &mut sums);
    assert_eq!(sums[..2 * d], bins(seen.to_vec()));
    assert!(sums[2 * d..].iter().all(|&sum| sum == 0.0));
    sums.fill(0.0);
    (kernels.add_squares)(row, offset, &shifts, ratio, &mut sums);
    assert_eq!(sums[..2 * d], bins(seen.iter().map(|x| x * x).collect()));
    assert!(sums[2 * d..].iter().all(|&sum| sum == 0.0));
    let mut most = vec![T::of(2.0); d];
    (kernels.raise)(row, offset, &mut most);
    let larger = most
        .iter()
        .zip(seen)
        .all(|(&most, x)| most.into() == x.abs().max(2.0));
    assert!(larger);
}

#[test]
fn what_is_no_number_stays_among_the_largest() {
    for level in Level::all() {
        let mut most = vec![0.0_f32; 20];
        for value in [1.0, f32::NAN, 3.0, f32::INFINITY] {
            (f32::kernels(level).raise)(&[value; 20], &[0.0; 20], &mut most);
        }
        assert!(most.iter().all(|most| most.is_nan()));
    }
}

fn norm(centers: &[f64], d: usize) -> f64 {
    let norms = centers.chunks(d).map(|c| c.iter().map(|x| x * x).sum());
    norms.fold(0.0, f64::max)
}

fn check_nearer<T: Float>(
    level: Level,
    packed: &[T],
    rows: &[Vec<f64>],
    candidates: &[f64],
    d: usize,
) {
    let n_candidates = (candidates.len() / d).min(16);
    let n_rows = rows.len().min(T::BLOCK);
    let nearest: Vec<f64> = (0..T::BLOCK).map(|r| (r % 7) as f64 * 8.0).collect();
    let weights: Vec<f64> = (0..T::BLOCK)
        .map(|r| if r < n_rows { (r % 3) as f64 } else { 0.0 })
        .collect();
    let (nearest_of, weights_of) = (of::<T>(&nearest), of::<T>(&weights));
    let before = Before {
        nearest: &nearest_of,
        weights: &weights_of,
    };
    let mut after = After::default();
    let candidates = &candidates[..n_candidates * d];
    (T::kernels(level).nearer)(packed, &of::<T>(candidates), &before, &mut after);
    let mut potentials = [0.0; 16];
    for (r, row) in rows.iter().take(n_rows).enumerate() {
        for (c, candidate) in candidates.chunks(d).enumerate() {
            let distance = squared(row, candidate);
            let flagged = after.nearer[c] >> r & 1 == 1;
            assert_eq!(flagged, distance < nearest[r], "{level:?}");
            potentials[c] += weights[r] * distance.min(nearest[r]);
        }
    }
    assert_eq!(after.potentials, potentials, "{level:?}");
}

fn cases() -> impl Strategy<Value = (Vec<f64>, Vec<f64>, usize)> {
    (1_usize..80, 1_usize..20, 1_usize..50)
        .prop_flat_map(|(n, k, d)| (numbers(n * d), numbers(k * d), Just(d)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn distances_are_those_of_the_definition((rows, centers, d) in cases()) {
        check::<f32>(&rows, &centers, d);
        check::<f64>(&rows, &centers, d);
    }

    #[test]
    fn bounds_hold_whatever_is_lost_to_rounding(
        rows in prop::collection::vec(-1.0_f64..1.0, 48),
        far in -1e4_f64..1e4,
        near in 1e-6_f64..1.0,
    ) {
        // Two centres close to each other and far from the offset.
        let singles: Vec<f32> = rows.iter().map(|x| (x * near + far) as f32).collect();
        let (rows, centers) = singles.split_at(36);
        let offset = [0.0_f32; 3];
        let panels = Panels::new(centers.chunks(3), 3);
        for level in Level::all() {
            let kernels = f32::kernels(level);
            let mut packed = vec![0.0; 3 * f32::BLOCK];
            let refs: Vec<&[f32]> = rows.chunks(3).collect();
            (kernels.pack)(&refs, &offset, &mut packed);
            let mut found = Found::new();
            (kernels.nearest_and_bound)(&packed, &panels, &mut found);
            let wide: Vec<f64> = centers.iter().map(|&x| f64::from(x)).collect();
            let error = 2.0 * 7.0 * f64::from(f32::EPSILON);
            (kernels.bounds)(&mut found, error, norm(&wide, 3));
            for (r, row) in rows.chunks(3).enumerate() {
                let row: Vec<f64> = row.iter().map(|&x| f64::from(x)).collect();
                let distances: Vec<f64> = wide.chunks(3).map(|c| squared(&row, c).sqrt()).collect();
                let own = found.index[r] as usize;
                prop_assert!(f64::from(found.upper[r]) >= distances[own]);
                for (c, &distance) in distances.iter().enumerate() {
                    prop_assert!(c == own || f64::from(found.lower[r]) <= distance);
                }
            }
        }
    }
}
