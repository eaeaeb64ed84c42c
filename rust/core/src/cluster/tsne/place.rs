//! New rows placed beside old ones, which stay where they are.

use rayon::prelude::*;

use super::affinities::calibrate;
use super::nearest::Near;

/// The mean of the points of each new row's nearest neighbours, weighted by their probabilities.
pub(super) fn place(
    nearest: Vec<Vec<Near>>,
    points: &[[f64; 2]],
    perplexity: f64,
) -> Vec<[f64; 2]> {
    let each = nearest.into_par_iter().map(|mut row| {
        calibrate(&mut row, perplexity);
        row.iter().fold([0.0; 2], |[x, y], &(j, share)| {
            let (point, share) = (points[j as usize], f64::from(share));
            [x + share * point[0], y + share * point[1]]
        })
    });
    each.collect()
}
