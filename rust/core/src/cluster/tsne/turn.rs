//! One position for a layout: its mean at 0, and its long axis along x.

/// Moves the mean of points to 0 and turns their principal axes along x and y. On each axis the
/// point that is farthest out is on the positive side.
pub(super) fn turn(points: &mut [[f64; 2]]) {
    let n = points.len().max(1) as f64;
    let sums = points
        .iter()
        .fold([0.0; 2], |[x, y], p| [x + p[0], y + p[1]]);
    let mean = sums.map(|sum| sum / n);
    let [mut xx, mut xy, mut yy] = [0.0; 3];
    for point in points.iter_mut() {
        *point = [point[0] - mean[0], point[1] - mean[1]];
        xx += point[0] * point[0];
        xy += point[0] * point[1];
        yy += point[1] * point[1];
    }
    // The angle of the axis of largest variance.
    let (sin, cos) = (0.5 * (2.0 * xy).atan2(xx - yy)).sin_cos();
    for point in points.iter_mut() {
        *point = [
            cos * point[0] + sin * point[1],
            cos * point[1] - sin * point[0],
        ];
    }
    for axis in 0..2 {
        let farthest = points.iter().fold(0.0_f64, |most, point| {
            if point[axis].abs() > most.abs() {
                point[axis]
            } else {
                most
            }
        });
        if farthest < 0.0 {
            for point in points.iter_mut() {
                point[axis] = -point[axis];
            }
        }
    }
}
