//! Gradient descent with momentum and gains.

use rayon::prelude::*;

use super::affinities::Affinities;
use super::forces::Forces;
use super::{Tsne, TsneSettings};
use crate::{Error, Result};

/// Number of steps at the beginning in which neighbours attract each other more.
const EARLY: usize = 250;

/// Share of the last step that is taken again, early and later.
const MOMENTUM: [f32; 2] = [0.5, 0.8];

/// Smallest gain of a coordinate.
const LEAST_GAIN: f32 = 0.01;

/// Longest step of a point.
const LONGEST: f32 = 5.0;

/// The descent ends where the gradient is no longer than this.
const FLAT: f64 = 1e-7;

/// A point on its way.
#[derive(Clone, Copy)]
struct Moving {
    step: [f32; 2],
    gain: [f32; 2],
}

/// Moves points downhill from `start`.
pub(super) fn descend(
    start: Vec<[f32; 2]>,
    affinities: &Affinities,
    settings: &TsneSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Tsne> {
    let mut points = start;
    let mut moving = vec![
        Moving {
            step: [0.0; 2],
            gain: [1.0; 2]
        };
        points.len()
    ];
    let mut forces = Forces::default();
    let theta = settings.theta as f32;
    let mut n_iter = 0;
    while n_iter < settings.max_iter {
        if interrupted() {
            return Err(Error::Interrupted);
        }
        let early = n_iter < EARLY;
        let total = forces.compute(&points, affinities, theta);
        let exaggeration = if early {
            settings.early_exaggeration
        } else {
            1.0
        };
        let rate = settings.rate(points.len(), exaggeration);
        let momentum = MOMENTUM[usize::from(!early)];
        n_iter += 1;
        let mut norm = 0.0;
        for (force, &i) in forces.along.iter().zip(&forces.tree.order) {
            let (point, moving) = (&mut points[i as usize], &mut moving[i as usize]);
            let gradient = [0, 1].map(|axis| {
                let pull = exaggeration * f64::from(force.pull[axis]);
                4.0 * (pull - f64::from(force.push[axis]) / total)
            });
            norm += gradient[0] * gradient[0] + gradient[1] * gradient[1];
            moving.go(point, gradient.map(|g| (g * rate) as f32), momentum);
        }
        centre(&mut points);
        if norm.sqrt() <= FLAT {
            break;
        }
    }
    let total = forces.compute(&points, affinities, theta);
    Ok(Tsne {
        kl_divergence: divergence(&points, affinities, total),
        points: points
            .into_iter()
            .map(|point| point.map(f64::from))
            .collect(),
        n_iter,
    })
}

impl Moving {
    /// Moves a point against the gradient. A coordinate gains speed where its gradient keeps its
    /// sign, and loses it where it does not.
    fn go(&mut self, point: &mut [f32; 2], gradient: [f32; 2], momentum: f32) {
        for (axis, gradient) in gradient.into_iter().enumerate() {
            let gain = &mut self.gain[axis];
            let turned = self.step[axis] * gradient > 0.0;
            *gain = if turned { *gain * 0.8 } else { *gain + 0.2 }.max(LEAST_GAIN);
            self.step[axis] = momentum * self.step[axis] - *gain * gradient;
        }
        let length = (self.step[0] * self.step[0] + self.step[1] * self.step[1]).sqrt();
        if length > LONGEST {
            self.step = self.step.map(|x| x / length * LONGEST);
        }
        point[0] += self.step[0];
        point[1] += self.step[1];
    }
}

/// Moves points so that their mean is 0.
fn centre(points: &mut [[f32; 2]]) {
    let n = points.len() as f64;
    let sums = points.iter().fold([0.0; 2], |[x, y], point| {
        [x + f64::from(point[0]), y + f64::from(point[1])]
    });
    let mean = sums.map(|sum| (sum / n) as f32);
    for point in points {
        point[0] -= mean[0];
        point[1] -= mean[1];
    }
}

/// The Kullback-Leibler divergence Σ p ln (p / q) of the joint probabilities of points from those
/// of the rows; `total` is Σ 1 / (1 + d²).
fn divergence(points: &[[f32; 2]], affinities: &Affinities, total: f64) -> f64 {
    let rows: Vec<f64> = (0..affinities.len())
        .into_par_iter()
        .map(|i| {
            let (indices, shares) = affinities.row(i);
            let terms = indices
                .iter()
                .zip(shares)
                .filter(|&(_, &share)| share > 0.0);
            let each = terms.map(|(&j, &share)| {
                let off =
                    [0, 1].map(|a| f64::from(points[i][a]) - f64::from(points[j as usize][a]));
                let share = f64::from(share);
                share * (share * total * (1.0 + off[0] * off[0] + off[1] * off[1])).ln()
            });
            each.sum()
        })
        .collect();
    // Rounding may leave less than nothing.
    rows.into_iter().sum::<f64>().max(0.0)
}
