//! Two costs against each other, lower is better on both: which points are worth having, and what lies between them.

/// For each (x, y) whether no other point is as low on both and lower on one (the Pareto front). Of equal points all are kept. A point
/// that is not finite is never on it, and beats none.
pub fn pareto(points: &[(f64, f64)]) -> Vec<bool> {
    let finite = |(x, y): &(f64, f64)| x.is_finite() && y.is_finite();
    let beats = |(x, y): &(f64, f64), (u, v): &(f64, f64)| x <= u && y <= v && (x < u || y < v);
    points
        .iter()
        .map(|p| finite(p) && !points.iter().any(|q| finite(q) && beats(q, p)))
        .collect()
}

/// y at `x` between the neighbouring points, straight in logarithms of both; `points` ascend in x and are above zero. None outside
/// them, for no number above zero, or between points that are none: nothing is extrapolated.
pub fn interpolate_log(points: &[(f64, f64)], x: f64) -> Option<f64> {
    let ln = |v: f64| (v.is_finite() && v > 0.0).then(|| v.ln());
    let logs: Vec<(f64, f64)> = points
        .iter()
        .map(|(x, y)| Some((ln(*x)?, ln(*y)?)))
        .collect::<Option<_>>()?;
    super::interpolate(&logs, ln(x)?).map(f64::exp)
}

/// The least x at which y is no more than `limit`, on the line that [`interpolate_log`] draws; `points` ascend in x and are above zero.
/// True beside it where that is the first point: less x was not measured. None where no point is so low.
pub fn least_within(points: &[(f64, f64)], limit: f64) -> Option<(f64, bool)> {
    let first = points.iter().position(|(_, y)| *y <= limit)?;
    let (x1, y1) = points[first];
    let Some((x0, y0)) = first.checked_sub(1).map(|i| points[i]) else {
        return Some((x1, true));
    };
    // y0 lies above the limit, y1 at or below it: the share of the way down.
    let share = (y0.ln() - limit.ln()) / (y0.ln() - y1.ln());
    let x = (x0.ln() + share * (x1.ln() - x0.ln())).exp();
    x.is_finite().then_some((x, false))
}
