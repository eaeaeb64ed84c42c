//! Means over overlapping windows, in one pass over the frames.

use std::collections::VecDeque;

use crate::{Error, Result};

/// Takes rows one after another and gives the mean of the rows in each window.
///
/// A window's sum is the difference of two cumulative sums. The cost of a row therefore does not
/// depend on the number of windows that it lies in.
pub struct WindowMeans {
    n_columns: usize,
    starts: Vec<u64>,
    ends: Vec<u64>,
    /// Number of rows so far.
    rows: u64,
    /// The sum of all rows so far.
    sums: Vec<f64>,
    /// The sums at the starts of the windows that have begun and not ended.
    open: VecDeque<Vec<f64>>,
    begun: usize,
    means: Vec<f32>,
    ended: usize,
}

impl WindowMeans {
    /// Means for windows from row `starts[i]` up to, but not including, row `ends[i]`. Neither
    /// starts nor ends may descend.
    ///
    /// # Errors
    /// [`Error::Parameter`] if they descend, if their numbers differ, or if a window has no row.
    pub fn new(starts: Vec<u64>, ends: Vec<u64>, n_columns: usize) -> Result<Self> {
        let sorted = starts.is_sorted() && ends.is_sorted() && starts.len() == ends.len();
        if !sorted || starts.iter().zip(&ends).any(|(start, end)| start >= end) {
            let expected = "windows of at least one frame each, in order";
            return Err(Error::parameter("windows", starts.len(), expected));
        }
        Ok(Self {
            n_columns,
            means: Vec::with_capacity(starts.len() * n_columns),
            starts,
            ends,
            rows: 0,
            sums: vec![0.0; n_columns],
            open: VecDeque::new(),
            begun: 0,
            ended: 0,
        })
    }

    /// Takes in the next rows, row after row in one slice.
    pub fn push(&mut self, rows: &[f32]) {
        for row in rows.chunks_exact(self.n_columns) {
            while self.starts.get(self.begun) == Some(&self.rows) {
                self.open.push_back(self.sums.clone());
                self.begun += 1;
            }
            for (sum, &value) in self.sums.iter_mut().zip(row) {
                *sum += f64::from(value);
            }
            self.rows += 1;
            while self.ends.get(self.ended) == Some(&self.rows) {
                self.end_window();
            }
        }
    }

    fn end_window(&mut self) {
        let length = (self.ends[self.ended] - self.starts[self.ended]) as f64;
        if let Some(before) = self.open.pop_front() {
            let sums = self.sums.iter().zip(&before);
            self.means
                .extend(sums.map(|(sum, before)| ((sum - before) / length) as f32));
        }
        self.ended += 1;
    }

    /// The means of all windows, window after window.
    ///
    /// # Errors
    /// [`Error::Parameter`] if a window ends after the last row.
    pub fn finish(self) -> Result<Vec<f32>> {
        match self.ends.get(self.ended) {
            None => Ok(self.means),
            Some(end) => Err(Error::parameter(
                "windows",
                format!("one that ends at frame {end}"),
                format!("at most the {} frames there are", self.rows),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_mean_is_that_of_the_window_s_rows(
            values in prop::collection::vec(-9.0f32..9.0, 20..200),
            length in 1usize..20,
            step in 0usize..9,
            cut in 0usize..200,
        ) {
            let rows: Vec<[f32; 2]> = values.iter().map(|&v| [v, v * v]).collect();
            let n_windows = (rows.len() - length).checked_div(step).map_or(3, |last| 1 + last);
            let starts: Vec<u64> = (0..n_windows).map(|i| (i * step) as u64).collect();
            let ends = starts.iter().map(|start| start + length as u64).collect();
            let mut windows = WindowMeans::new(starts, ends, 2).unwrap();
            let (a, b) = rows.split_at(cut.min(rows.len()));
            windows.push(a.as_flattened());
            windows.push(b.as_flattened());
            let means = windows.finish().unwrap();
            prop_assert_eq!(means.len(), 2 * n_windows);
            for (i, mean) in means.chunks_exact(2).enumerate() {
                let inside = &rows[i * step..i * step + length];
                for column in 0..2 {
                    let sum: f64 = inside.iter().map(|row| f64::from(row[column])).sum();
                    let expected = sum / length as f64;
                    prop_assert!((f64::from(mean[column]) - expected).abs() < 1e-4);
                }
            }
        }
    }

    #[test]
    fn windows_without_rows_are_refused() {
        assert!(WindowMeans::new(vec![3], vec![3], 1).is_err());
        assert!(WindowMeans::new(vec![3, 2], vec![4, 5], 1).is_err());
        let mut windows = WindowMeans::new(vec![0], vec![3], 1).unwrap();
        windows.push(&[1.0, 2.0]);
        let message = windows.finish().unwrap_err().to_string();
        assert!(
            message.ends_with("expected at most the 2 frames there are"),
            "{message}"
        );
    }
}
