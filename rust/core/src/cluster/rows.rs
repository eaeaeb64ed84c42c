//! What must hold of rows before they are grouped.

use std::collections::HashSet;

use ndarray::ArrayView2;

use crate::{Error, Result};

/// Checks that every value is a finite number.
///
/// # Errors
/// [`Error::NonFiniteRow`] for the first that is not.
pub fn check_finite(rows: ArrayView2<'_, f64>) -> Result<()> {
    match rows.indexed_iter().find(|(_, value)| !value.is_finite()) {
        None => Ok(()),
        Some(((row, column), &value)) => Err(Error::NonFiniteRow { row, column, value }),
    }
}

/// Number of different rows, or `enough` as soon as there are that many.
#[must_use]
pub fn count_distinct(rows: ArrayView2<'_, f64>, enough: usize) -> usize {
    let mut seen = HashSet::new();
    for row in rows.rows() {
        if seen.len() == enough {
            break;
        }
        // Adding 0 makes a negative zero the positive one that it equals.
        let bits: Vec<u64> = row.iter().map(|value| (value + 0.0).to_bits()).collect();
        seen.insert(bits);
    }
    seen.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn rows_that_are_equal_count_once() {
        let rows = array![[0.0, 1.0], [-0.0, 1.0], [2.0, 1.0], [2.0, 3.0]];
        assert_eq!(count_distinct(rows.view(), 10), 3);
        assert_eq!(count_distinct(rows.view(), 2), 2);
    }

    #[test]
    fn the_first_value_that_is_not_finite_is_named() {
        let rows = array![[0.0, 1.0], [2.0, f64::INFINITY]];
        assert_eq!(
            check_finite(rows.view()).unwrap_err().to_string(),
            "row 1, column 1 is inf: expected a finite number"
        );
    }
}
