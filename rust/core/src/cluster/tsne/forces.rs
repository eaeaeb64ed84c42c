//! The gradient of t-SNE: neighbours attract each other, and all points repel each other.

use rayon::prelude::*;

use super::affinities::Affinities;
use super::tree::{Tree, bounds};
use crate::simd::{Body, LANES, Level};

/// What pulls a point, and what pushes it before it is divided by the sum over all pairs.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Force {
    pub(super) pull: [f32; 2],
    pub(super) push: [f32; 2],
}

/// Memory for the forces of one step.
#[derive(Default)]
pub(super) struct Forces {
    /// The tree of the points, along whose curve the forces are listed.
    pub(super) tree: Tree,
    /// The force on each point along the curve.
    pub(super) along: Vec<Force>,
    sums: Vec<f64>,
}

impl Forces {
    /// Computes the forces on points, and returns Σ 1 / (1 + d²) over all ordered pairs of points.
    ///
    /// A few points that are neighbours on the curve go through the tree together, one in each lane
    /// of a vector. The groups and the order of all sums are the same for any number of threads.
    pub(super) fn compute(
        &mut self,
        points: &[[f32; 2]],
        affinities: &Affinities,
        theta: f32,
    ) -> f64 {
        self.tree.build(points);
        let n = points.len();
        self.along.resize(n, Force::default());
        self.sums.resize(n.div_ceil(LANES), 0.0);
        let (tree, level) = (&self.tree, Level::best());
        self.along
            .par_chunks_mut(LANES)
            .zip(&mut self.sums)
            .enumerate()
            .for_each_init(Vec::new, |list, (g, (along, sum))| {
                let group = g * LANES..n.min((g + 1) * LANES);
                *sum = push(level, tree, &tree.bodies[group.clone()], theta, list, along);
                for (force, &i) in along.iter_mut().zip(&tree.order[group]) {
                    let (indices, shares) = affinities.row(i as usize);
                    force.pull = level.attract(points, points[i as usize], indices, shares);
                }
            });
        self.sums.iter().sum::<f64>()
    }
}

/// Computes what pushes a group of points, and returns its part of the sum over all pairs. `list` is
/// memory to work in.
fn push(
    level: Level,
    tree: &Tree,
    group: &[Body],
    theta: f32,
    list: &mut Vec<Body>,
    along: &mut [Force],
) -> f64 {
    let (low, high) = bounds(group.iter().map(|&[x, y, ..]| [x, y]));
    tree.bodies_for(low, high, theta, list);
    let mut places = [[0.0; LANES]; 2];
    for (l, body) in group.iter().enumerate() {
        (places[0][l], places[1][l]) = (body[0], body[1]);
    }
    let mut sums = [[0.0; LANES]; 3];
    level.repel(list, &places, &mut sums);
    let mut total = 0.0;
    for (l, force) in along.iter_mut().enumerate() {
        force.push = [sums[1][l], sums[2][l]];
        // Each point met itself too, at distance 0.
        total += f64::from(sums[0][l]) - 1.0;
    }
    total
}
