//! The median.

/// The median, or 0 if there are no values. The values are reordered.
pub(crate) fn median(values: &mut [f32]) -> f64 {
    let middle = values.len() / 2;
    let even = values.len().is_multiple_of(2);
    if values.is_empty() {
        return 0.0;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    if !even {
        return f64::from(upper);
    }
    let lower = below.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    f64::midpoint(f64::from(lower), f64::from(upper))
}
