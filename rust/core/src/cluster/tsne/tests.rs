//! Compares each part of t-SNE with its definition.

use ndarray::{Array2, s};
use proptest::prelude::*;

use super::affinities::{Affinities, calibrate};
use super::forces::{Force, Forces};
use super::nearest::{Near, Scaled, nearest};
use super::tree::{Tree, along_curve};
use super::{Tsne, TsneSettings, fit, place};
use crate::Error;
use crate::parallel::on_threads;
use crate::simd::Body;

const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

const SETTINGS: TsneSettings = TsneSettings {
    perplexity: 5.0,
    early_exaggeration: 12.0,
    learning_rate: None,
    theta: 0.5,
    max_iter: 750,
};

/// Points in clumps of many sizes, some of them copies of each other.
fn points() -> impl Strategy<Value = Vec<[f32; 2]>> {
    let point = (-3_i8..4, -3_i8..4, -100_i8..100, 0_u8..4);
    prop::collection::vec(point, 1..300).prop_map(|all| {
        let each = all.into_iter().map(|(x, y, off, size)| {
            let off = f32::from(off) * 10_f32.powi(-i32::from(size));
            [f32::from(x) + off, f32::from(y) - 0.5 * off]
        });
        each.collect()
    })
}

/// Rows of small whole numbers, whose distances are exact and often equal.
fn rows() -> impl Strategy<Value = Array2<f64>> {
    prop::collection::vec(-3_i8..4, 6..450).prop_map(|values| {
        Array2::from_shape_fn((values.len() / 3, 3), |(i, c)| f64::from(values[3 * i + c]))
    })
}

fn no_rows() -> Array2<f64> {
    Array2::zeros((0, 3))
}

fn near(rows: &Array2<f64>, k: usize) -> Vec<Vec<Near>> {
    let [scaled, _] = Scaled::of(rows.view(), no_rows().view());
    nearest(&scaled, &scaled, true, k, NEVER).unwrap()
}

/// Σ 1 / (1 + d²) over all points, and what pushes the point `at`, in double precision.
fn pushed(at: [f32; 2], points: &[[f32; 2]]) -> [f64; 3] {
    points.iter().fold([0.0; 3], |sums, point| {
        let [dx, dy] = [0, 1].map(|axis| f64::from(at[axis]) - f64::from(point[axis]));
        let near = 1.0 / (1.0 + dx * dx + dy * dy);
        [
            sums[0] + near,
            sums[1] + near * near * dx,
            sums[2] + near * near * dy,
        ]
    })
}

fn forces(points: &[[f32; 2]], affinities: &Affinities, theta: f32) -> (f64, Vec<Force>) {
    let mut forces = Forces::default();
    let total = forces.compute(points, affinities, theta);
    let mut found = vec![Force::default(); points.len()];
    for (force, &i) in forces.along.iter().zip(&forces.tree.order) {
        found[i as usize] = *force;
    }
    (total, found)
}

/// A share for each of a few rows before and after each row.
fn in_a_ring(n: usize) -> Affinities {
    let list = |i: usize| {
        let mut list: Vec<Near> = (1..4.min(n))
            .map(|d| (((i + d) % n) as u32, d as f32))
            .collect();
        list.sort_unstable_by_key(|near| near.0);
        list
    };
    Affinities::of((0..n).map(list).collect(), 2.0)
}

#[test]
fn the_curve_goes_through_every_cell_and_from_each_to_one_beside_it() {
    let mut cells: Vec<(u32, u32, u32)> = (0..64)
        .flat_map(|x| (0..64).map(move |y| (along_curve(x, y), x, y)))
        .collect();
    cells.sort_unstable();
    for (pair, place) in cells.windows(2).zip(0..) {
        assert_eq!((pair[0].0, pair[1].0), (place, place + 1));
        assert_eq!(
            pair[1].1.abs_diff(pair[0].1) + pair[1].2.abs_diff(pair[0].2),
            1
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn at_theta_0_sums_over_the_tree_are_those_over_all_points(points in points()) {
        let (total, found) = forces(&points, &in_a_ring(points.len()), 0.0);
        let mut expected_total = 0.0;
        for (force, &at) in found.iter().zip(&points) {
            let [near, x, y] = pushed(at, &points);
            expected_total += near - 1.0;
            // Single precision, over a few hundred summands.
            prop_assert!((f64::from(force.push[0]) - x).abs() <= 1e-5 * near);
            prop_assert!((f64::from(force.push[1]) - y).abs() <= 1e-5 * near);
        }
        prop_assert!((total - expected_total).abs() <= 1e-5 * (points.len() as f64 + expected_total));
    }

    #[test]
    fn far_cells_stand_for_their_points(points in points(), theta in 0.1_f32..1.0) {
        let mut tree = Tree::default();
        tree.build(&points);
        let mut list: Vec<Body> = Vec::new();
        for &at in points.iter().step_by(7) {
            tree.bodies_for(at, at, theta, &mut list);
            let sum = |of: fn(&Body) -> f64| list.iter().map(of).sum::<f64>();
            prop_assert_eq!(sum(|body| f64::from(body[2])), points.len() as f64);
            let middle = sum(|body| f64::from(body[0]) * f64::from(body[2]));
            let expected: f64 = points.iter().map(|point| f64::from(point[0])).sum();
            let size: f64 = points.iter().map(|point| f64::from(point[0].abs())).sum();
            prop_assert!((middle - expected).abs() <= 1e-5 * (1.0 + size));
        }
    }

    #[test]
    fn forces_have_equal_bits_for_any_number_of_threads(points in points()) {
        let affinities = in_a_ring(points.len());
        let run = |threads| on_threads(threads, || forces(&points, &affinities, 0.5)).unwrap();
        let (total, found) = run(1);
        for threads in [2, 3, 8] {
            prop_assert_eq!(&(total, found.clone()), &run(threads));
        }
    }

    #[test]
    fn what_pulls_a_point_is_the_weighted_sum_over_its_neighbours(points in points()) {
        let affinities = in_a_ring(points.len());
        let (_, found) = forces(&points, &affinities, 0.5);
        for (i, force) in found.iter().enumerate() {
            let (indices, shares) = affinities.row(i);
            let (mut sums, mut size) = ([0.0; 2], 0.0);
            for (&j, &share) in indices.iter().zip(shares) {
                let at = points[j as usize];
                let off = [0, 1].map(|a| f64::from(points[i][a]) - f64::from(at[a]));
                let weight = f64::from(share) / (1.0 + off[0] * off[0] + off[1] * off[1]);
                sums = [sums[0] + weight * off[0], sums[1] + weight * off[1]];
                size += f64::from(share);
            }
            for (pull, sum) in force.pull.into_iter().zip(sums) {
                prop_assert!((f64::from(pull) - sum).abs() <= 1e-5 * size);
            }
        }
    }

    #[test]
    fn the_nearest_are_as_defined_and_lower_indices_come_first(rows in rows(), k in 1_usize..40) {
        let found = near(&rows, k);
        prop_assert_eq!(&found, &on_threads(3, || near(&rows, k)).unwrap());
        for (i, found) in found.iter().enumerate() {
            let squared = |j: usize| (&rows.row(i) - &rows.row(j)).mapv(|x| x * x).sum();
            let mut others: Vec<usize> = (0..rows.nrows()).filter(|&j| j != i).collect();
            others.sort_by(|&a, &b| squared(a).total_cmp(&squared(b)).then(a.cmp(&b)));
            others.truncate(k);
            // Scaling rounds thirds: rows at one distance may come to differ in the last bit.
            let last = others.last().map_or(0.0, |&j| squared(j));
            prop_assert_eq!(found.len(), others.len());
            prop_assert!(found.windows(2).all(|pair| pair[0].0 < pair[1].0));
            for j in 0..rows.nrows() {
                let is_in = found.iter().any(|near| near.0 as usize == j);
                prop_assert!(j == i || squared(j) == last || is_in == (squared(j) < last));
            }
        }
    }

    #[test]
    fn each_row_has_the_perplexity(rows in rows(), perplexity in 1.5_f64..6.0) {
        let k = (3.0 * perplexity) as usize;
        for mut row in near(&rows, k) {
            let least = row.iter().map(|near| near.1).fold(f32::INFINITY, f32::min);
            let nearest = row.iter().filter(|near| near.1 == least).count();
            calibrate(&mut row, perplexity);
            let sum: f64 = row.iter().map(|near| f64::from(near.1)).sum();
            prop_assert!((sum - 1.0).abs() < 1e-5);
            // Rows at the same least distance share alike: so many count at least.
            if (nearest as f64) < perplexity - 0.1 && row.len() as f64 > perplexity + 0.1 {
                let shares = row.iter().map(|near| f64::from(near.1)).filter(|&share| share > 0.0);
                let entropy: f64 = shares.map(|share| -share * share.ln()).sum();
                prop_assert!((entropy.exp() - perplexity).abs() < 1e-3 * perplexity);
            }
        }
    }

    #[test]
    fn joint_probabilities_are_symmetric_and_sum_to_1(rows in rows()) {
        let affinities = Affinities::of(near(&rows, 9), 3.0);
        let n = affinities.len();
        let mut matrix = Array2::<f32>::zeros((n, n));
        for i in 0..n {
            let (indices, shares) = affinities.row(i);
            prop_assert!(indices.windows(2).all(|pair| pair[0] < pair[1]));
            for (&j, &share) in indices.iter().zip(shares) {
                matrix[[i, j as usize]] = share;
            }
        }
        prop_assert_eq!(&matrix, &matrix.t());
        let sum: f64 = matrix.iter().map(|&share| f64::from(share)).sum();
        prop_assert!((sum - 1.0).abs() < 1e-5);
    }
}

#[test]
fn copies_share_alike_however_many_there_are() {
    let rows = Array2::<f64>::ones((30, 3));
    for mut row in near(&rows, 9) {
        calibrate(&mut row, 3.0);
        assert!(row.iter().all(|near| (near.1 - 1.0 / 9.0).abs() < 1e-6));
    }
}

/// Two groups of rows, far from each other, and a start.
fn groups(n: usize) -> (Array2<f64>, Array2<f64>) {
    let value = |(i, c): (usize, usize)| {
        let wave = ((i * (c + 2) * 37) % 101) as f64 / 101.0;
        wave + if i % 2 == 0 { 0.0 } else { 10.0 }
    };
    let rows = Array2::from_shape_fn((n, 4), value);
    let start = rows.slice(s![.., ..2]).mapv(|x| 1e-4 * x);
    (rows, start)
}

fn of_groups(n: usize) -> Tsne {
    let (rows, start) = groups(n);
    fit(rows.view(), start.view(), &SETTINGS, NEVER).unwrap()
}

#[test]
fn a_layout_has_equal_bits_for_any_number_of_threads() {
    let alone = on_threads(1, || of_groups(90)).unwrap();
    for threads in [2, 3, 8] {
        assert_eq!(on_threads(threads, || of_groups(90)).unwrap(), alone);
    }
}

#[test]
fn a_layout_is_centred_and_its_long_axis_lies_along_x() {
    let points = of_groups(90).points;
    let sum = |of: fn(&[f64; 2]) -> f64| points.iter().map(of).sum::<f64>();
    let size = sum(|p| p[0] * p[0] + p[1] * p[1]);
    assert!(sum(|p| p[0]).abs() < 1e-9 * size && sum(|p| p[1]).abs() < 1e-9 * size);
    assert!(sum(|p| p[0] * p[1]).abs() < 1e-9 * size);
    assert!(sum(|p| p[0] * p[0]) > sum(|p| p[1] * p[1]));
    for axis in 0..2 {
        let farthest = points
            .iter()
            .max_by(|a, b| a[axis].abs().total_cmp(&b[axis].abs()));
        assert!(farthest.unwrap()[axis] > 0.0);
    }
}

#[test]
fn the_nearest_point_is_of_the_same_group() {
    let points = of_groups(90).points;
    for (i, a) in points.iter().enumerate() {
        let squared = |j: usize| {
            (0..2)
                .map(|axis| (a[axis] - points[j][axis]).powi(2))
                .sum::<f64>()
        };
        let others = (0..90).filter(|&j| j != i);
        let nearest = others.min_by(|&a, &b| squared(a).total_cmp(&squared(b)));
        assert_eq!(nearest.map(|j| j % 2), Some(i % 2));
    }
}

#[test]
fn few_rows_have_finite_points() {
    for n in 0..8 {
        let found = of_groups(n);
        assert_eq!(found.points.len(), n);
        assert!(found.points.iter().flatten().all(|x| x.is_finite()));
        assert!(found.kl_divergence.is_finite());
    }
}

#[test]
fn a_copy_is_placed_near_the_row_that_it_copies() {
    let (rows, _) = groups(90);
    let points = of_groups(90).points;
    let points = Array2::from_shape_fn((90, 2), |(i, axis)| points[i][axis]);
    let placed = place(rows.view(), points.view(), rows.view(), 5.0, NEVER).unwrap();
    for (i, at) in placed.iter().enumerate() {
        let squared = |j: usize| {
            (0..2)
                .map(|a| (at[a] - points[[j, a]]).powi(2))
                .sum::<f64>()
        };
        let nearer = (0..90).filter(|&j| squared(j) < squared(i)).count();
        // So many neighbours attract it at a perplexity of 5.
        assert!(nearer < 15, "row {i}: {nearer} other points are nearer");
    }
    let alone = place(
        rows.view(),
        points.view(),
        rows.slice(s![4..5, ..]),
        5.0,
        NEVER,
    );
    assert_eq!(alone.unwrap()[0], placed[4]);
}

#[test]
fn what_cannot_be_used_is_refused_and_interruptions_end_it() {
    let (rows, start) = groups(9);
    let message = |settings: &TsneSettings| {
        fit(rows.view(), start.view(), settings, NEVER)
            .unwrap_err()
            .to_string()
    };
    let perplexity = TsneSettings {
        perplexity: 0.5,
        ..SETTINGS
    };
    assert_eq!(
        message(&perplexity),
        "perplexity=0.5: expected a finite number of at least 1"
    );
    let theta = TsneSettings {
        theta: -1.0,
        ..SETTINGS
    };
    assert_eq!(
        message(&theta),
        "theta=-1: expected a finite number of at least 0"
    );
    let short = fit(rows.view(), start.slice(s![..3, ..]), &SETTINGS, NEVER);
    let text = "init=an array of shape (3, 2): expected shape (9, 2)";
    assert_eq!(short.unwrap_err().to_string(), text);
    let still = fit(rows.view(), Array2::ones((9, 2)).view(), &SETTINGS, NEVER);
    let text = "init=equal points: expected points at more than one place";
    assert!(still.unwrap_err().to_string().starts_with(text));
    let mut far = start.clone();
    far[[3, 1]] = 1e300;
    let far = fit(rows.view(), far.view(), &SETTINGS, NEVER);
    let text = "init=1e300: expected finite numbers that single precision can hold";
    assert!(far.unwrap_err().to_string().starts_with(text));
    let wide = place(rows.view(), start.view(), no_rows().view(), 5.0, NEVER);
    let text = "new_rows=3 columns: expected 4, as rows have";
    assert_eq!(wide.unwrap_err().to_string(), text);
    let stopped = fit(rows.view(), start.view(), &SETTINGS, &|| true);
    assert_eq!(stopped, Err(Error::Interrupted));
    let stopped = place(rows.view(), start.view(), rows.view(), 5.0, &|| true);
    assert_eq!(stopped, Err(Error::Interrupted));
}
