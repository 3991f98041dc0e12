//! Straight lines: least squares, and interpolation between points.

/// Least-squares slope of y over x, in units of y per unit of x; None for fewer than two distinct x or a value that is not finite.
pub fn slope(points: &[(f64, f64)]) -> Option<f64> {
    if points.iter().any(|(x, y)| !x.is_finite() || !y.is_finite()) {
        return None;
    }
    let n = points.len() as f64;
    let mean_x = points.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = points.iter().map(|p| p.1).sum::<f64>() / n;
    let spread = points.iter().map(|p| (p.0 - mean_x).powi(2)).sum::<f64>();
    let joint = points
        .iter()
        .map(|p| (p.0 - mean_x) * (p.1 - mean_y))
        .sum::<f64>();
    (spread > 0.0).then(|| joint / spread)
}

/// y at `x` on the line through the neighbouring points, which ascend in x; None outside them: nothing is extrapolated.
pub fn interpolate(points: &[(f64, f64)], x: f64) -> Option<f64> {
    points.iter().find(|p| p.0 == x).map(|p| p.1).or_else(|| {
        points.windows(2).find_map(|w| {
            let ((x0, y0), (x1, y1)) = (w[0], w[1]);
            (x0 < x && x < x1).then(|| y0 + (x - x0) / (x1 - x0) * (y1 - y0))
        })
    })
}
