//! Levels in decibels.

use ndarray::{ArrayD, ArrayViewD};

use crate::signal::array_frames::Sample;
use crate::signal::finite::check_finite;
use crate::simd::Level;
use crate::{Error, Result};

/// Levels in decibels of powers `s` relative to a reference power, in the same memory order.
///
/// Powers and the reference are raised to at least `amin`, levels to at least the largest level
/// minus `top_db`.
///
/// # Errors
/// [`Error::Unusable`] for a power that is not a finite number, [`Error::Parameter`] for an
/// argument outside its domain.
pub fn power_to_db<S: Sample>(
    s: ArrayViewD<'_, S>,
    reference: f64,
    amin: f64,
    top_db: Option<f64>,
) -> Result<ArrayD<f32>> {
    let normal = f64::from(f32::MIN_POSITIVE)..=f64::from(f32::MAX);
    if !normal.contains(&amin) {
        let expected = format!("from {:e} to {:e}", normal.start(), normal.end());
        return Err(Error::parameter("amin", amin, expected));
    }
    if let Some(top_db) = top_db.filter(|top_db| *top_db < 0.0 || top_db.is_nan()) {
        return Err(Error::parameter("top_db", top_db, "at least 0, or None"));
    }
    if !reference.is_finite() {
        return Err(Error::parameter("ref", reference, "a finite number"));
    }
    check_finite("S", &s, true)?;
    let mut levels = s.map(|value| value.single());
    let offset = 10.0 * reference.abs().max(amin).log10() as f32;
    let Some(values) = levels.as_slice_memory_order_mut() else {
        return Err(Error::TooLarge { name: "S" });
    };
    // On some instruction sets the logarithm of infinity is not infinite.
    if values.iter().any(|value| value.is_infinite()) {
        return Err(Error::TooLarge { name: "S" });
    }
    Level::best().to_decibels(values, amin as f32);
    let mut peak = f32::NEG_INFINITY;
    for level in values.iter_mut() {
        *level -= offset;
        peak = peak.max(*level);
    }
    if let Some(top_db) = top_db {
        let floor = peak - top_db as f32;
        for level in values {
            *level = level.max(floor);
        }
    }
    Ok(levels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::arr1;

    fn levels(values: &[f64], reference: f64, amin: f64, top_db: Option<f64>) -> Result<Vec<f32>> {
        let levels = power_to_db(arr1(values).view().into_dyn(), reference, amin, top_db)?;
        Ok(levels.into_iter().collect())
    }

    #[test]
    fn levels_have_a_reference_and_two_floors() {
        let near = |found: &[f32], expected: &[f32]| {
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-4)
        };
        let found = levels(&[1.0, 100.0, 0.0], 10.0, 1e-10, None).unwrap();
        assert!(near(&found, &[-10.0, 10.0, -110.0]));
        let found = levels(&[1.0, 100.0, 0.0], 1.0, 1e-3, Some(15.0)).unwrap();
        assert!(near(&found, &[5.0, 20.0, 5.0]));
        assert!(levels(&[], 1.0, 1e-10, Some(80.0)).unwrap().is_empty());
    }

    #[test]
    fn what_has_no_level_is_refused() {
        let message =
            |values: &[f64], amin, top| levels(values, 1.0, amin, top).unwrap_err().to_string();
        assert_eq!(
            message(&[f64::INFINITY], 1.0, None),
            "S[0]=inf: expected a finite number"
        );
        assert_eq!(
            message(&[1.0], 1.0, Some(-1.0)),
            "top_db=-1: expected at least 0, or None"
        );
        assert!(message(&[1.0], 0.0, None).starts_with("amin=0: expected from 1.175"));
        assert!(message(&[1e300], 1.0, None).starts_with("S: expected values small enough"));
    }
}
