//! Rows times a matrix.

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;

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
    let matrix = matrix.as_standard_layout();
    let mut products = Array2::zeros((rows.nrows(), matrix.ncols()));
    products
        .axis_chunks_iter_mut(Axis(0), ROWS)
        .into_par_iter()
        .zip(rows.axis_chunks_iter(Axis(0), ROWS))
        .for_each(|(mut products, rows)| {
            for (product, row) in products.outer_iter_mut().zip(rows.outer_iter()) {
                let Some(product) = product.into_slice() else {
                    continue; // Cannot happen: every row of the result is contiguous.
                };
                for (&x, factors) in row.iter().zip(matrix.outer_iter()) {
                    product
                        .iter_mut()
                        .zip(factors)
                        .for_each(|(sum, factor)| *sum += x * factor);
                }
            }
        });
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
