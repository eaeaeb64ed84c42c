//! New rows placed beside old ones, which stay where they are.

use rayon::prelude::*;

use super::affinities::calibrate;
use super::nearest::Near;
use super::tree::Tree;
use crate::simd::{Body, LANES, Level};
use crate::{Error, Result};

/// Largest number of steps of a new point.
const STEPS: usize = 200;

/// Length of a step for a gradient of length 1. Attraction alone has a curvature of 1 at most.
const RATE: f32 = 2.0;

/// A point has arrived when its step is shorter than this; neighbours in a layout are about 1 apart.
const ARRIVED: f32 = 1e-3;

/// How large a cell may be, seen from a point, to stand for its points.
const THETA: f32 = 0.5;

/// The points of new rows, whose nearest old rows are given with their squared distances.
///
/// Each new point begins at that of the nearest old row and goes downhill: the old neighbours
/// attract it by their probabilities, and all old points repel it. New points do not see each other,
/// so that it makes no difference which rows are placed together.
pub(super) fn place(
    nearest: Vec<Vec<Near>>,
    points: &[[f32; 2]],
    perplexity: f64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<[f64; 2]>> {
    let level = Level::best();
    let mut tree = Tree::default();
    tree.build(points);
    let settle = |list: &mut Vec<Body>, mut row: Vec<Near>| {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let first = row
            .iter()
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(0, |near| near.0);
        calibrate(&mut row, perplexity);
        let (indices, shares): (Vec<u32>, Vec<f32>) = row.into_iter().unzip();
        let mut at = points[first as usize];
        for _ in 0..STEPS {
            let pull = level.attract(points, at, &indices, &shares);
            let [total, x, y] = push(level, &tree, at, list);
            let step = [pull[0] - x / total, pull[1] - y / total].map(|g| RATE * g);
            at = [at[0] - step[0], at[1] - step[1]];
            if step[0] * step[0] + step[1] * step[1] < ARRIVED * ARRIVED {
                break;
            }
        }
        Ok(at.map(f64::from))
    };
    nearest.into_par_iter().map_init(Vec::new, settle).collect()
}

/// What pushes a point: the sums of 1 / (1 + d²) over the points of a tree, and of its square times
/// the way in x and in y. `list` is memory to work in.
fn push(level: Level, tree: &Tree, at: [f32; 2], list: &mut Vec<Body>) -> [f32; 3] {
    tree.bodies_for(at, at, THETA, list);
    let mut sums = [[0.0; LANES]; 3];
    level.repel(list, &at.map(|x| [x; LANES]), &mut sums);
    sums.map(|lanes| lanes[0])
}
