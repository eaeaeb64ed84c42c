//! Compares k-means with its definition.

use super::*;
use crate::cluster::assign;
use crate::cluster::assign::as_label;
use crate::parallel::on_threads;
use ndarray::{Array1, Axis, array};
use proptest::prelude::*;
use rand::RngExt;

const NEVER: &(dyn Fn() -> bool + Sync) = &|| false;

/// Without reports.
fn kmeans<T: Float>(
    rows: ArrayView2<'_, T>,
    weights: Option<ArrayView1<'_, f64>>,
    start: Start<'_, T>,
    settings: &KMeansSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<KMeans<T>> {
    super::kmeans(rows, weights, start, settings, interrupted, None)
}

fn settings(n_clusters: usize) -> KMeansSettings {
    KMeansSettings {
        n_clusters,
        n_init: 3,
        max_iter: 300,
        tol: 1e-4,
        seed: 0,
    }
}

fn rows(n: usize, d: usize, seed: u64) -> Array2<f64> {
    let mut rng = Pcg64::seed_from_u64(seed);
    Array2::from_shape_simple_fn((n, d), || rng.random::<f64>())
}

fn run(rows: &Array2<f64>, settings: &KMeansSettings) -> Result<KMeans<f64>> {
    kmeans(rows.view(), None, Start::Greedy, settings, NEVER)
}

fn inertia(rows: &Array2<f64>, found: &KMeans<f64>) -> f64 {
    let distances = rows.outer_iter().zip(&found.labels).map(|(row, &label)| {
        let off = &row - &found.centers.row(label as usize);
        off.mapv(|x| x * x).sum()
    });
    distances.sum()
}

/// Lloyd's iterations as they are defined, without bounds, blocks or threads.
fn slow(rows: &Array2<f64>, mut centers: Array2<f64>, max_iter: usize) -> (Vec<i32>, Array2<f64>) {
    let nearest = |centers: &Array2<f64>| -> Vec<i32> {
        let of_row = |row: ArrayView1<'_, f64>| {
            let distances = centers
                .outer_iter()
                .map(|c| (&row - &c).mapv(|x| x * x).sum());
            let least = distances.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
            as_label(least.unwrap().0)
        };
        rows.outer_iter().map(of_row).collect()
    };
    for _ in 0..max_iter {
        let labels = nearest(&centers);
        for (c, mut center) in centers.outer_iter_mut().enumerate() {
            let members: Vec<usize> = (0..rows.nrows())
                .filter(|&i| labels[i] == as_label(c))
                .collect();
            if let Some(mean) = rows.select(Axis(0), &members).mean_axis(Axis(0)) {
                center.assign(&mean);
            }
        }
    }
    (nearest(&centers), centers)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn inertia_never_rises_with_more_iterations(n in 8usize..200, seed in 0u64..100) {
        let rows = rows(n, 3, seed);
        let after = |max_iter| {
            let settings = KMeansSettings { max_iter, tol: 0.0, n_init: 1, ..settings(4) };
            run(&rows, &settings).unwrap().inertia
        };
        let curve: Vec<f64> = (1..8).map(after).collect();
        prop_assert!(curve.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12));
    }

    #[test]
    fn bounds_leave_out_only_what_stays_where_it_is(
        n in 50usize..3000, d in 1usize..20, k in 1usize..12, max_iter in 1usize..30,
        seed in 0u64..1000,
    ) {
        let rows = rows(n, d, seed);
        let start = rows.slice(ndarray::s![..k, ..]).to_owned();
        let settings = KMeansSettings { max_iter, tol: 0.0, n_init: 1, ..settings(k) };
        let given = Start::Given(start.view());
        let found = kmeans(rows.view(), None, given, &settings, NEVER).unwrap();
        let (labels, centers) = slow(&rows, start.clone(), found.n_iter);
        prop_assert_eq!(found.labels, labels);
        prop_assert!((&found.centers - &centers).iter().all(|off| off.abs() < 1e-12));
    }

    #[test]
    fn a_converged_result_is_a_fixed_point(n in 8usize..200, seed in 0u64..100) {
        let rows = rows(n, 3, seed);
        let settings = KMeansSettings { tol: 0.0, ..settings(4) };
        let found = run(&rows, &settings).unwrap();
        let nearest = assign(rows.view(), found.centers.view(), None, NEVER).unwrap();
        prop_assert_eq!(&nearest.labels, &found.labels);
        prop_assert_eq!(nearest.inertia, found.inertia);
        let (labels, centers) = slow(&rows, found.centers.clone(), 1);
        prop_assert_eq!(&labels, &found.labels);
        prop_assert!((&centers - &found.centers).iter().all(|off| off.abs() < 1e-12));
        prop_assert!((inertia(&rows, &found) - found.inertia).abs() < 1e-9);
    }

    #[test]
    fn whole_weights_count_as_repeated_rows(n in 8usize..100, seed in 0u64..1000) {
        let rows = rows(n, 3, seed);
        let mut rng = Pcg64::seed_from_u64(seed);
        let times: Vec<usize> = (0..n).map(|i| if i < 4 { 1 } else { rng.random_range(0..4) }).collect();
        let repeated: Vec<usize> = (0..n).flat_map(|i| vec![i; times[i]]).collect();
        let repeated = rows.select(Axis(0), &repeated);
        let weights: Vec<f64> = times.iter().map(|&n| n as f64).collect();
        let weights = Array1::from(weights);
        let start = rows.slice(ndarray::s![..4, ..]);
        let settings = KMeansSettings { tol: 0.0, n_init: 1, ..settings(4) };
        let given = Start::Given(start);
        let one = kmeans(rows.view(), Some(weights.view()), given, &settings, NEVER).unwrap();
        let other = kmeans(repeated.view(), None, given, &settings, NEVER).unwrap();
        prop_assert!((&one.centers - &other.centers).iter().all(|off| off.abs() < 1e-9));
        prop_assert!((one.inertia - other.inertia).abs() < 1e-9);
    }
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for start in [Start::Greedy, Start::Random] {
        let rows = rows(5000, 7, 1);
        let weights = rows.column(0).to_owned();
        let on = |threads| {
            let work = || {
                kmeans(
                    rows.view(),
                    Some(weights.view()),
                    start,
                    &settings(9),
                    NEVER,
                )
            };
            on_threads(threads, work).unwrap().unwrap()
        };
        let one = on(1);
        assert_eq!(one, on(2));
        assert_eq!(one, on(5));
    }
}

#[test]
fn every_path_finds_the_same_labels() {
    let double = rows(3000, 13, 4);
    let single = double.mapv(|x| x as f32);
    let mut found = Vec::new();
    for level in crate::simd::Level::all() {
        found.push(labels_on(level, &double));
        found.push(labels_on(level, &single));
    }
    assert!(found.iter().all(|labels| labels == &found[0]));
}

fn labels_on<T: Float>(level: crate::simd::Level, rows: &Array2<T>) -> Vec<i32> {
    let mut centred_rows = Rows::centred(rows);
    centred_rows.kernels = T::kernels(level);
    let start = rows.slice(ndarray::s![..7, ..]);
    let start = given(&centred_rows, &start).unwrap();
    let limits = Limits {
        max_iter: 10,
        tolerance: 0.0,
    };
    let largest = centred_rows.checked().unwrap();
    let grids = Grids::new(&largest, &largest, None, rows.nrows()).unwrap();
    let end = lloyd(&centred_rows, None, &grids, start, limits, NEVER, None).unwrap();
    assign_checked(&centred_rows, &end.centers, None, NEVER)
        .unwrap()
        .labels
}

#[test]
fn memory_order_changes_no_bit() {
    let rows = rows(3000, 7, 1);
    let mut turned = Array2::zeros((7, 3000)).reversed_axes();
    turned.assign(&rows);
    assert_eq!(
        run(&rows, &settings(5)).unwrap(),
        kmeans(turned.view(), None, Start::Greedy, &settings(5), NEVER).unwrap()
    );
}

#[test]
fn well_separated_groups_are_found_far_from_the_origin() {
    let rows = array![[1e6], [1e6 + 1.0], [-3.0], [-2.0], [5e6], [5e6 + 1.0]];
    let found = run(&rows, &settings(3)).unwrap();
    let l = &found.labels;
    assert!(l[0] == l[1] && l[2] == l[3] && l[4] == l[5]);
    assert!((found.inertia - 1.5).abs() < 1e-9);
}

#[test]
fn as_many_clusters_as_rows_leaves_nothing_over() {
    let rows = rows(20, 2, 3);
    assert!(run(&rows, &settings(20)).unwrap().inertia < 1e-20);
    let single = rows.mapv(|x| x as f32);
    let found = kmeans(single.view(), None, Start::Greedy, &settings(20), NEVER).unwrap();
    assert!(found.inertia < 1e-11);
}

#[test]
fn an_empty_cluster_moves_to_the_farthest_row() {
    let rows = array![[0.0], [1.0], [9.0], [10.0]];
    let start = array![[0.5], [100.0], [4.0]];
    let settings = KMeansSettings {
        max_iter: 1,
        n_init: 1,
        ..settings(3)
    };
    let found = kmeans(
        rows.view(),
        None,
        Start::Given(start.view()),
        &settings,
        NEVER,
    );
    assert_eq!(found.unwrap().centers, array![[0.5], [10.0], [9.0]]);
}

/// Lloyd's iterations of numbers as they are defined. Each empty cluster gets the row that is
/// farthest from its centre and not alone. Returns the centres, and the iterations in which a
/// cluster was empty.
fn slow_refilling(
    rows: &[f64],
    weights: &[f64],
    mut centers: Vec<f64>,
    max_iter: usize,
) -> (Vec<f64>, Vec<usize>) {
    let mut refilled = Vec::new();
    for n_iter in 1..=max_iter {
        let off = |i: usize, c: usize| (rows[i] - centers[c]).abs();
        let nearest = |i| (0..centers.len()).min_by(|&a, &b| off(i, a).total_cmp(&off(i, b)));
        let mut labels: Vec<usize> = (0..rows.len()).filter_map(nearest).collect();
        let mut farthest: Vec<usize> = (0..rows.len()).collect();
        farthest.sort_by(|&a, &b| off(b, labels[b]).total_cmp(&off(a, labels[a])));
        for c in 0..centers.len() {
            if !labels.contains(&c) {
                let size = |label| labels.iter().filter(|&&other| other == label).count();
                let row = farthest.iter().find(|&&i| size(labels[i]) > 1);
                labels[*row.unwrap()] = c;
                refilled.push(n_iter);
            }
        }
        for (c, center) in centers.iter_mut().enumerate() {
            let members = || (0..rows.len()).filter(|&i| labels[i] == c);
            let sum: f64 = members().map(|i| weights[i] * rows[i]).sum();
            *center = sum / members().map(|i| weights[i]).sum::<f64>();
        }
    }
    (centers, refilled)
}

#[test]
fn a_row_that_filled_a_cluster_can_go_back_to_the_one_it_was_taken_from() {
    // From both sides clusters creep towards 1000, row by row, until the one there is empty.
    let side = |sign: f64| (0..31).map(move |i| 1000.0 + sign * f64::from(100 - 2 * i) / 20.0);
    let mut rows: Vec<f64> = side(-1.0)
        .chain([998.575, 1001.425])
        .chain(side(1.0))
        .collect();
    let mut start = vec![995.0, 996.615, 1000.0, 1003.385, 1005.0, 0.0, 90.0];
    let mut weights = vec![1.0; rows.len()];
    // The row at 30.1 is light, and the farthest from its centre, 0. It fills the empty cluster,
    // which goes on to the rows at 60 and then 74.9. Then 0 is nearer again. The centre that was
    // the second nearest before, 90, is much farther: a bound from then would hide that.
    rows.extend([0.0, 30.1, 60.0, 74.9, 90.0]);
    weights.extend([1e4, 1e-3, 1.0, 1.0, 1e4]);
    // Enough clusters that bounds are tightened, and rows that never change.
    for c in 0..30 {
        let at = 5000.0 + 1000.0 * f64::from(c);
        rows.extend([at - 0.1, at, at + 0.1]);
        weights.extend([1.0; 3]);
        start.push(at);
    }
    assert!(start.len() >= 32);
    let (k, n) = (start.len(), rows.len());
    let (_, refilled) = slow_refilling(&rows, &weights, start.clone(), 10);
    // By then all rows have bounds.
    assert_eq!(refilled, [4]);
    let table = Array2::from_shape_vec((n, 1), rows.clone()).unwrap();
    let first = Array2::from_shape_vec((k, 1), start.clone()).unwrap();
    let each = Array1::from(weights.clone());
    for max_iter in 1..10 {
        let settings = KMeansSettings {
            max_iter,
            tol: 0.0,
            n_init: 1,
            ..settings(k)
        };
        let given = Start::Given(first.view());
        let found = kmeans(table.view(), Some(each.view()), given, &settings, NEVER).unwrap();
        let (centers, _) = slow_refilling(&rows, &weights, start.clone(), max_iter);
        for (found, center) in found.centers.iter().zip(&centers) {
            assert!(
                (found - center).abs() < 1e-8,
                "{max_iter}: {found} {center}"
            );
        }
    }
}

#[test]
fn what_is_reported_leads_to_the_result() {
    let rows = rows(3000, 4, 2);
    let told = std::sync::Mutex::new(Vec::new());
    let report: Report<'_> = &|progress| {
        told.lock().unwrap().push(progress);
        Ok(())
    };
    let settings = KMeansSettings {
        n_init: 1,
        tol: 0.0,
        ..settings(5)
    };
    let start = Start::Greedy;
    let found = super::kmeans(rows.view(), None, start, &settings, NEVER, Some(report)).unwrap();
    assert_eq!(found, run(&rows, &settings).unwrap());
    let told = told.into_inner().unwrap();
    assert_eq!(told[0], Progress::Started);
    let n_iter = found.n_iter;
    assert_eq!(told.last(), Some(&Progress::Settled { n_iter }));
    let numbers = told[1..=n_iter].iter().map(|progress| match progress {
        Progress::Iteration { n_iter, inertia } => (*n_iter, *inertia),
        _ => (0, 0.0),
    });
    let (counts, inertias): (Vec<usize>, Vec<f64>) = numbers.unzip();
    assert_eq!(counts, (1..=n_iter).collect::<Vec<usize>>());
    assert!(inertias.windows(2).all(|pair| pair[1] <= pair[0]));
    assert!((inertias[n_iter - 1] - found.inertia).abs() < 1e-9);
    let refused: Report<'_> = &|_| Err(Error::Interrupted);
    let stopped = super::kmeans(rows.view(), None, start, &settings, NEVER, Some(refused));
    assert_eq!(stopped, Err(Error::Interrupted));
}

#[test]
fn what_leaves_a_cluster_takes_no_digits_with_it() {
    let mut rng = Pcg64::seed_from_u64(0);
    let near = Array2::from_shape_simple_fn((50, 1), || rng.random::<f64>() - 0.5);
    let far = array![[4.0], [-4.0], [5.1], [-5.1]];
    let rows = ndarray::concatenate![Axis(0), near, far];
    let start = array![[0.0], [9.5], [-9.5]];
    let mean = near.mean().unwrap();
    for heavy in [1.0, 1e8, 1e12, 1e17, 1e20] {
        let mut weights = Array1::ones(54);
        weights[50] = heavy;
        weights[51] = heavy;
        let settings = KMeansSettings {
            tol: 0.0,
            n_init: 1,
            ..settings(3)
        };
        let given = Start::Given(start.view());
        let found = kmeans(rows.view(), Some(weights.view()), given, &settings, NEVER).unwrap();
        let off = found.centers[[0, 0]] - mean;
        assert!(off.abs() < 1e-12, "{heavy}: {off}");
    }
}

#[test]
fn rows_of_no_weight_move_no_centre() {
    let rows = array![[0.0], [1.0], [50.0]];
    let weights = array![1.0, 1.0, 0.0];
    let settings = settings(2);
    for start in [Start::Greedy, Start::Random] {
        let found = kmeans(rows.view(), Some(weights.view()), start, &settings, NEVER).unwrap();
        let mut centers = found.centers.column(0).to_vec();
        centers.sort_by(f64::total_cmp);
        assert_eq!(centers, [0.0, 1.0]);
    }
}

#[test]
fn fewer_different_rows_than_clusters_leave_some_empty() {
    let rows = array![[0.0], [0.0], [1.0], [1.0]];
    let found = run(&rows, &settings(3)).unwrap();
    assert_eq!(found.labels[0], found.labels[1]);
    assert_eq!(found.labels[2], found.labels[3]);
    assert_eq!((found.inertia, found.n_filled), (0.0, 2));
}

#[test]
fn bad_settings_and_rows_are_named_with_their_numbers() {
    let rows = array![[0.0, 1.0], [0.0, 1.0], [2.0, 3.0]];
    let message = |settings: KMeansSettings| run(&rows, &settings).unwrap_err().to_string();
    assert_eq!(
        message(settings(4)),
        "k=4 clusters need at least 4 distinct rows, got 3"
    );
    assert_eq!(message(settings(0)), "k=0: expected 1 to 16777216");
    let no_start = KMeansSettings {
        n_init: 0,
        ..settings(1)
    };
    assert_eq!(message(no_start), "n_init=0: expected at least 1");
    let given = Start::Given(rows.view());
    let found = kmeans(rows.view(), None, given, &settings(2), NEVER);
    assert_eq!(
        found.unwrap_err().to_string(),
        "init=an array of shape (3, 2): expected (2, 2): clusters and columns"
    );
}

#[test]
fn an_interruption_ends_it() {
    let rows = rows(100, 2, 0);
    let stopped = kmeans(rows.view(), None, Start::Random, &settings(3), &|| true);
    assert_eq!(stopped, Err(Error::Interrupted));
}

#[test]
fn outliers_and_heavy_weights_take_nothing_from_other_clusters() {
    let near = |i: usize| (i * 37 % 101) as f64 / 500.0;
    let rows = |big: f64| {
        let values = (0..100).map(|i| near(i) + 5.0 * (i / 50) as f64);
        Array2::from_shape_vec((101, 1), values.chain([big]).collect()).unwrap()
    };
    let plain = |first: usize| (first..first + 50).map(|i| rows(0.0)[[i, 0]]).sum::<f64>() / 50.0;
    let settings = KMeansSettings {
        n_clusters: 3,
        n_init: 1,
        max_iter: 30,
        tol: 0.0,
        seed: 0,
    };
    for big in [1e6, 1e30, 1e40, 1e100, -1e100] {
        let start = array![[0.0], [5.0], [big]];
        for weight in [1.0, 1e-35, 1e-42, 1e-200] {
            let rows = rows(big);
            let weights = Array1::from_shape_fn(101, |i| if i < 50 { 1.0 } else { weight });
            let start = Start::Given(start.view());
            let found = kmeans(rows.view(), Some(weights.view()), start, &settings, &|| {
                false
            });
            let centers = found.unwrap().centers;
            // A few roundings of numbers below 8.
            assert!(
                (centers[[0, 0]] - plain(0)).abs() < 1e-14,
                "{big:e} {weight:e} {centers}"
            );
            assert!(
                (centers[[1, 0]] - plain(50)).abs() < 1e-14,
                "{big:e} {weight:e} {centers}"
            );
        }
    }
}
