//! k-means over rows in parts, in steps that keep nothing between them. Together they give the bits
//! that [`kmeans`](super::kmeans()) gives for all rows at once, because all sums are exact and every
//! other result for a row depends on that row and the centres only.

use ndarray::{Array2, ArrayRef2, ArrayView2};

use super::filling::{Far, farthest, fillers};
use super::sums::{Grids, Sums};
use super::{given, uncentred};
use crate::cluster::assign::{around_centers, labels_of, nearest_and_total};
use crate::cluster::centers::Centers;
use crate::cluster::rows::{self, Rows};
use crate::cluster::total::Total;
use crate::simd::Float;
use crate::{Error, Result};

/// The middle of rows that were taken from all parts, every `n / 1000`th, rounded up; and the
/// smallest number above 0 of each column, minus that middle.
#[must_use]
pub fn middle<T: Float>(some: ArrayView2<'_, T>) -> (Vec<T>, Vec<f64>) {
    let rows = Rows::centred(&some);
    let least = rows.least();
    (rows.offset, least)
}

/// The largest absolute value of each column of a part, minus the offset. It is not finite if a
/// value is not.
#[must_use]
pub fn largest<T: Float>(rows: ArrayView2<'_, T>, offset: Vec<T>) -> Vec<f64> {
    Rows::new(&rows, offset).largest()
}

/// The mean of the columns' variances, from the [`Frame::moments`] of all `n` rows.
#[must_use]
pub fn mean_variance(moments: &[f64], n: usize) -> f64 {
    rows::mean_variance(moments, n)
}

/// The label of each row of a part for centres that are not relative to an offset, and the exact
/// sum of the squared distances.
///
/// # Errors
/// As [`assign`](crate::cluster::assign()).
pub fn nearest_in_part<T: Float>(
    rows: ArrayView2<'_, T>,
    centers: ArrayView2<'_, T>,
    interrupted: &(dyn Fn() -> bool + Sync),
) -> Result<(Vec<i32>, Total)> {
    let (rows, centers) = around_centers(&rows, &centers)?;
    rows.checked()?;
    nearest_and_total(&rows, &centers, None, interrupted)
}

/// Sums of the rows of each cluster, in bins.
#[derive(Debug, Clone, PartialEq)]
pub struct ClusterSums {
    /// Of shape (k, bins times columns): for each cluster the sums of first bins, of second bins, and
    /// so on.
    pub sums: Array2<f64>,
    /// Number of rows in each cluster.
    pub counts: Vec<i64>,
}

impl ClusterSums {
    fn of(sums: Sums, k: usize) -> Result<Self> {
        let size = sums.rows.len() / k;
        let table = Array2::from_shape_vec((k, size), sums.rows);
        Ok(Self {
            sums: table.map_err(|why| Error::parameter("sums", size, why.to_string()))?,
            counts: sums.counts,
        })
    }

    fn sums(self, columns: usize, grids: &Grids) -> Result<Sums> {
        let k = self.counts.len();
        if self.sums.dim() != (k, grids.bins * columns) {
            let got = format!("an array of shape {:?}", self.sums.dim());
            let expected = format!("({k}, {})", grids.bins * columns);
            return Err(Error::parameter("sums", got, expected));
        }
        let mut sums = Sums::new(k, columns, grids);
        sums.rows = self.sums.iter().copied().collect();
        sums.counts = self.counts;
        Ok(sums)
    }

    /// Which of the farthest rows, whose clusters are `labels`, go to which clusters without rows:
    /// pairs of a place in that list and a cluster.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a label that is no cluster.
    pub fn fillers(counts: &[i64], labels: &[i32]) -> Result<Vec<(usize, usize)>> {
        let known = |label: i32| usize::try_from(label).is_ok_and(|label| label < counts.len());
        if let Some(label) = labels.iter().find(|&&label| !known(label)) {
            let expected = format!("clusters from 0 to below {}", counts.len());
            return Err(Error::parameter("labels", label, expected));
        }
        Ok(fillers(counts, labels.iter().map(|&label| label as usize)))
    }
}

/// What all parts must know of each other: the offset that is subtracted from rows and centres, the
/// largest value of each column, and the number of all rows. Centres are relative to the offset.
#[derive(Debug, Clone)]
pub struct Frame<T> {
    offset: Vec<T>,
    largest: Vec<f64>,
    n: usize,
    grids: Grids,
}

impl<T: Float> Frame<T> {
    /// A frame of `n` rows whose columns, minus `offset`, are not larger than `largest`. Numbers of
    /// a column that are not below `least` keep 53 bits in sums; see [`middle`].
    ///
    /// # Errors
    /// [`Error::Parameter`] if sums could overflow.
    pub fn new(offset: Vec<T>, largest: Vec<f64>, least: &[f64], n: usize) -> Result<Self> {
        for (name, len) in [("largest", largest.len()), ("least", least.len())] {
            if len != offset.len() {
                let expected = format!("one for each of {} columns", offset.len());
                return Err(Error::parameter(name, format!("{len} numbers"), expected));
            }
        }
        let grids = Grids::new(&largest, least, None, n)?;
        Ok(Self {
            offset,
            largest,
            n,
            grids,
        })
    }

    fn rows<'a>(&self, rows: &'a ArrayRef2<T>) -> Result<Rows<'a, T>> {
        self.check("X", rows)?;
        Ok(Rows::new(rows, self.offset.clone()))
    }

    fn centers(&self, centers: &ArrayRef2<T>) -> Result<Centers<T>> {
        self.check("centers", centers)?;
        if centers.nrows() == 0 {
            return Err(Error::parameter("centers", "no centres", "at least 1"));
        }
        Ok(Centers::new(
            centers.iter().copied().collect(),
            self.offset.len(),
        ))
    }

    fn check(&self, name: &'static str, table: &ArrayRef2<T>) -> Result<()> {
        let columns = self.offset.len();
        if table.ncols() != columns || columns == 0 {
            let expected = format!("as many as the offset has, {columns}, and at least 1");
            let got = format!("{} columns", table.ncols());
            return Err(Error::parameter(name, got, expected));
        }
        Ok(())
    }

    /// Checks that the square of no distance between two rows overflows.
    ///
    /// # Errors
    /// [`Error::NonFiniteRow`] and [`Error::Parameter`].
    pub fn check_rows(&self, rows: ArrayView2<'_, T>) -> Result<()> {
        self.rows(&rows)?.checked().map(|_| ())
    }

    /// Moments of a part: three bins of the sum of each column, and three of its squares.
    ///
    /// # Errors
    /// [`Error::Parameter`] if sums could overflow.
    pub fn moments(&self, rows: ArrayView2<'_, T>) -> Result<Vec<f64>> {
        self.rows(&rows)?.moments(&self.largest, self.n)
    }

    /// Given centres, (k, columns), relative to the offset.
    ///
    /// # Errors
    /// As [`kmeans`](super::kmeans()) for given centres.
    pub fn start(&self, centers: ArrayView2<'_, T>) -> Result<Array2<T>> {
        self.check("init", &centers)?;
        let relative = given(&Rows::new(&centers, self.offset.clone()), &centers)?;
        Ok(self.table(&relative))
    }

    /// Centres with the offset added back.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another number of columns.
    pub fn end(&self, centers: ArrayView2<'_, T>) -> Result<Array2<T>> {
        let relative = self.centers(&centers)?;
        Ok(uncentred(&relative, &self.rows(&centers)?))
    }

    fn table(&self, centers: &Centers<T>) -> Array2<T> {
        Array2::from_shape_fn((centers.len(), self.offset.len()), |(c, f)| {
            centers.row(c)[f]
        })
    }

    /// The sums of the rows of a part that are nearest to each centre.
    ///
    /// # Errors
    /// [`Error::Parameter`] for another number of columns, and [`Error::Interrupted`].
    pub fn step(
        &self,
        rows: ArrayView2<'_, T>,
        centers: ArrayView2<'_, T>,
        interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<ClusterSums> {
        let (rows, centers) = (self.rows(&rows)?, self.centers(&centers)?);
        let labels = labels_of(&rows, &centers, interrupted)?;
        let mut sums = Sums::new(centers.len(), rows.n_columns(), &self.grids);
        let mut room = Vec::new();
        for (i, &label) in labels.iter().enumerate() {
            let row = rows.row(i, &mut room);
            sums.put(&rows, &self.grids, row, label as usize, 1.0, 1);
        }
        ClusterSums::of(sums, centers.len())
    }

    /// Up to `enough` rows of a part that are farthest from their centres, in this order.
    ///
    /// # Errors
    /// As [`Self::step`].
    pub fn farthest(
        &self,
        rows: ArrayView2<'_, T>,
        centers: ArrayView2<'_, T>,
        enough: usize,
        interrupted: &(dyn Fn() -> bool + Sync),
    ) -> Result<Vec<Far>> {
        let (rows, centers) = (self.rows(&rows)?, self.centers(&centers)?);
        let labels = labels_of(&rows, &centers, interrupted)?;
        Ok(farthest(&rows, None, &labels, &centers, enough))
    }

    /// Moves rows from one cluster to another, `moves` of which there is one for each row.
    ///
    /// # Errors
    /// [`Error::Parameter`] for sums of another shape, or moves that do not fit the rows or clusters.
    pub fn moved(
        &self,
        sums: ClusterSums,
        rows: ArrayView2<'_, T>,
        moves: &[(usize, usize)],
    ) -> Result<ClusterSums> {
        let rows = self.rows(&rows)?;
        let k = sums.counts.len();
        let mut sums = sums.sums(rows.n_columns(), &self.grids)?;
        if moves.len() != rows.len() {
            let expected = format!("one for each of {} rows", rows.len());
            let got = format!("{} moves", moves.len());
            return Err(Error::parameter("moves", got, expected));
        }
        if let Some((from, to)) = moves.iter().find(|(from, to)| from.max(to) >= &k) {
            let expected = format!("clusters below {k}");
            return Err(Error::parameter(
                "moves",
                format!("({from}, {to})"),
                expected,
            ));
        }
        let mut room = Vec::new();
        for (i, &(from, to)) in moves.iter().enumerate() {
            let row = rows.row(i, &mut room);
            sums.put(&rows, &self.grids, row, from, 1.0, -1);
            sums.put(&rows, &self.grids, row, to, 1.0, 1);
        }
        ClusterSums::of(sums, k)
    }

    /// The means of the clusters, and the sum of the squared moves from the centres before. A
    /// cluster without rows keeps its centre.
    ///
    /// # Errors
    /// [`Error::Parameter`] for sums of another shape.
    pub fn next(&self, sums: ClusterSums, before: ArrayView2<'_, T>) -> Result<(Array2<T>, f64)> {
        let before = self.centers(&before)?;
        let sums = sums.sums(before.n_columns(), &self.grids)?;
        let means = sums.means(&self.grids, &before);
        let (_, shift) = means.moved_from(&before);
        Ok((self.table(&means), shift))
    }
}
