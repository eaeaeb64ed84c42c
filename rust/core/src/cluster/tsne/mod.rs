//! t-SNE: points in the plane that have the same neighbours as rows of many columns.
//!
//! L. van der Maaten, G. Hinton, "Visualizing Data using t-SNE", JMLR 9 (2008), and L. van der
//! Maaten, "Accelerating t-SNE using Tree-Based Algorithms", JMLR 15 (2014).

mod affinities;
mod descent;
mod forces;
mod nearest;
mod place;
#[cfg(test)]
mod tests;
mod tree;
mod turn;

use ndarray::{ArrayView2, s};

use self::affinities::Affinities;
use self::nearest::{Scaled, nearest};
use super::rows::check_finite;
use crate::simd::Float;
use crate::{Error, Result};

/// How a layout is computed.
#[derive(Debug, Clone, PartialEq)]
pub struct TsneSettings {
    /// How many neighbours count for each row, softly, at least 1. It is lowered to a third of the
    /// other rows, or to 2 if a third is less.
    pub perplexity: f64,
    /// How many times as much neighbours attract each other at the beginning.
    pub early_exaggeration: f64,
    /// Length of a step for a gradient of length 1; `None` chooses it by the number of rows.
    pub learning_rate: Option<f64>,
    /// How large a cell may be, seen from a point, to stand for its points; 0 computes all pairs.
    pub theta: f64,
    /// Largest number of steps.
    pub max_iter: usize,
}

/// A layout of rows in the plane.
#[derive(Debug, Clone, PartialEq)]
pub struct Tsne {
    /// The point of each row.
    pub points: Vec<[f64; 2]>,
    /// How much the points' neighbours differ from the rows'.
    pub kl_divergence: f64,
    /// Number of steps taken.
    pub n_iter: usize,
}

impl TsneSettings {
    /// The perplexity that `n` rows allow.
    ///
    /// With less than 2, each row would see only its nearest one, and few rows would lie on a line.
    fn perplexity(&self, n: usize) -> f64 {
        let others = n.saturating_sub(1) as f64;
        self.perplexity
            .min((others / 3.0).max(others.min(2.0)))
            .max(1.0)
    }

    /// The learning rate, by D. Kobak and P. Berens, "The art of using t-SNE for single-cell
    /// transcriptomics", Nature Communications 10 (2019), and at least the usual one for few rows.
    fn rate(&self, n: usize, exaggeration: f64) -> f64 {
        let by_rows = (n as f64 / exaggeration / 4.0).max(50.0);
        self.learning_rate.unwrap_or(by_rows)
    }

    fn check(&self) -> Result<()> {
        let positive = [
            ("early_exaggeration", self.early_exaggeration),
            ("learning_rate", self.learning_rate.unwrap_or(1.0)),
        ];
        for (name, value) in positive {
            if !(value > 0.0 && value.is_finite()) {
                return Err(Error::parameter(name, value, "a finite number above 0"));
            }
        }
        let from = [
            ("perplexity", self.perplexity, 1.0),
            ("theta", self.theta, 0.0),
        ];
        for (name, value, low) in from {
            if !(value >= low && value.is_finite()) {
                let expected = format!("a finite number of at least {low}");
                return Err(Error::parameter(name, value, expected));
            }
        }
        Ok(())
    }
}

/// Number of neighbours of a row that count at a perplexity.
fn n_neighbors(perplexity: f64) -> usize {
    (3.0 * perplexity) as usize
}

/// Lays rows out in the plane, beginning at `start`, an array of one point for each row.
///
/// The points have the same bits for any number of threads in the current pool. Their mean is 0,
/// and their long axis lies along x. `interrupted` is called repeatedly and returns whether to stop.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Parameter`] and [`Error::Interrupted`].
pub fn fit<T: Float>(
    rows: ArrayView2<'_, T>,
    start: ArrayView2<'_, f64>,
    settings: &TsneSettings,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Tsne> {
    settings.check()?;
    check_rows(rows)?;
    check_points("init", start, rows.nrows())?;
    let n = rows.nrows();
    let start = singles(start);
    if n < 2 {
        return Ok(Tsne {
            points: vec![[0.0; 2]; n],
            kl_divergence: 0.0,
            n_iter: 0,
        });
    }
    if start.iter().all(|point| *point == start[0]) {
        let expected = "points at more than one place: from one place none would move";
        return Err(Error::parameter("init", "equal points", expected));
    }
    let perplexity = settings.perplexity(n);
    let [scaled, _] = Scaled::of(rows, rows.slice(s![..0, ..]));
    let near = nearest(
        &scaled,
        &scaled,
        true,
        n_neighbors(perplexity).min(n - 1),
        interrupted,
    )?;
    drop(scaled);
    let affinities = Affinities::of(near, perplexity);
    let mut found = descent::descend(start, &affinities, settings, interrupted)?;
    turn::turn(&mut found.points);
    Ok(found)
}

/// Places new rows beside old ones, which keep their points.
///
/// # Errors
/// [`Error::NonFiniteRow`], [`Error::Parameter`] and [`Error::Interrupted`].
pub fn place<T: Float>(
    rows: ArrayView2<'_, T>,
    points: ArrayView2<'_, f64>,
    new_rows: ArrayView2<'_, T>,
    perplexity: f64,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<Vec<[f64; 2]>> {
    check_rows(rows)?;
    check_rows(new_rows)?;
    check_points("points", points, rows.nrows())?;
    let n = rows.nrows();
    if n == 0 {
        return Err(Error::parameter("rows", "0 rows", "at least 1"));
    }
    if rows.ncols() != new_rows.ncols() {
        let got = format!("{} columns", new_rows.ncols());
        return Err(Error::parameter(
            "new_rows",
            got,
            format!("{}, as rows have", rows.ncols()),
        ));
    }
    let perplexity = perplexity.min(n as f64 / 3.0).max(1.0);
    let [rows, new_rows] = Scaled::of(rows, new_rows);
    let near = nearest(
        &rows,
        &new_rows,
        false,
        n_neighbors(perplexity).min(n),
        interrupted,
    )?;
    let points = singles(points);
    place::place(near, &points, perplexity, interrupted)
}

fn check_rows<T: Float>(rows: ArrayView2<'_, T>) -> Result<()> {
    if rows.ncols() == 0 {
        return Err(Error::parameter("X", "0 columns", "at least 1"));
    }
    if u32::try_from(rows.nrows()).is_err() {
        let got = format!("{} rows", rows.nrows());
        return Err(Error::parameter("X", got, format!("at most {}", u32::MAX)));
    }
    check_finite(rows)
}

/// Points in single precision.
fn singles(points: ArrayView2<'_, f64>) -> Vec<[f32; 2]> {
    let rows = points.rows().into_iter();
    rows.map(|row| [row[0] as f32, row[1] as f32]).collect()
}

/// Checks that there is a finite point in the plane for each row.
fn check_points(name: &'static str, points: ArrayView2<'_, f64>, n: usize) -> Result<()> {
    if points.dim() != (n, 2) {
        let got = format!("an array of shape {:?}", points.dim());
        return Err(Error::parameter(name, got, format!("shape ({n}, 2)")));
    }
    if let Some(x) = points.iter().find(|x| !(**x as f32).is_finite()) {
        let expected = "finite numbers that single precision can hold, up to 3.4e38";
        return Err(Error::parameter(name, format!("{x:e}"), expected));
    }
    Ok(())
}
