//! Rows times a matrix.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

use super::neighbors::listed;
use crate::simd::Level;
use crate::{Error, Result};

/// Number of rows that one thread works on at a time.
const ROWS: usize = 64;

/// Each row of `rows`, (n, columns), times `matrix`, (columns, any number).
///
/// Every row is computed alone and in the same way, so that equal rows stay equal to the last bit,
/// wherever they lie. Libraries of linear algebra do not promise that.
///
/// # Errors
/// [`Error::Parameter`] if the matrix has not as many rows as there are columns.
pub fn multiplied(rows: ArrayView2<'_, f64>, matrix: ArrayView2<'_, f64>) -> Result<Array2<f64>> {
    if matrix.nrows() != rows.ncols() {
        let expected = format!("as many rows as there are columns, {}", rows.ncols());
        return Err(Error::parameter("matrix", matrix.nrows(), expected));
    }
    let (n, width, level) = (rows.nrows(), matrix.ncols(), Level::best());
    let (rows, matrix) = (rows.as_standard_layout(), matrix.as_standard_layout());
    let rows = listed(&rows);
    let matrix = matrix.as_slice().unwrap_or_default();
    let mut products = Array2::zeros((n, width));
    let whole = products.as_slice_mut().unwrap_or_default();
    whole
        .par_chunks_mut(ROWS * width.max(1))
        .zip(rows.par_chunks(ROWS))
        .for_each(|(products, rows)| level.multiply_rows(rows, matrix, width, products));
    Ok(products)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn it_is_the_product() {
        let found = multiplied(
            array![[1.0, 2.0], [0.0, 3.0]].view(),
            array![[1.0, 10.0, 0.0], [2.0, 20.0, 1.0]].view(),
        );
        assert_eq!(found.unwrap(), array![[5.0, 50.0, 2.0], [6.0, 60.0, 3.0]]);
    }

    #[test]
    fn every_instruction_set_gives_the_bits_of_plain_sums() {
        for (n, columns, width) in [
            (1, 1, 1),
            (9, 7, 16),
            (66, 30, 37),
            (4, 0, 3),
            (5, 150, 150),
        ] {
            let rows = Array2::from_shape_fn((n, columns), |(r, c)| ((r * 31 + c) as f64).sin());
            let matrix =
                Array2::from_shape_fn((columns, width), |(a, b)| ((a + b * 7) as f64).cos());
            let expected = Array2::from_shape_fn((n, width), |(r, j)| {
                let terms = (0..columns).map(|c| rows[[r, c]] * matrix[[c, j]]);
                terms.fold(0.0, |sum, term| sum + term)
            });
            let (views, flat) = (rows.as_standard_layout(), matrix.as_standard_layout());
            let listed = listed(&views);
            for level in Level::all() {
                let mut products = vec![f64::NAN; n * width];
                level.multiply_rows(&listed, flat.as_slice().unwrap(), width, &mut products);
                assert_eq!(products, expected.as_slice().unwrap(), "{level:?}");
            }
            assert_eq!(multiplied(rows.view(), matrix.view()).unwrap(), expected);
        }
    }

    #[test]
    fn equal_rows_stay_equal_wherever_they_lie() {
        let rows = Array2::from_shape_fn((201, 37), |(_, c)| (c as f64 * 0.7).sin());
        let matrix = Array2::from_shape_fn((37, 37), |(a, b)| ((a * 37 + b) as f64).cos());
        let found = multiplied(rows.view(), matrix.view()).unwrap();
        assert!(found.outer_iter().all(|row| row == found.row(0)));
    }

    #[test]
    fn another_number_of_columns_is_refused() {
        let message = multiplied(array![[1.0]].view(), array![[1.0], [2.0]].view()).unwrap_err();
        assert_eq!(
            message.to_string(),
            "matrix=2: expected as many rows as there are columns, 1"
        );
    }
}
